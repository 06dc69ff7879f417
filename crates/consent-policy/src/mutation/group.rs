//! Every single edit of a group: a slip that moves every rule that names it at once.

use std::fmt;

use records_model::{Fact, Field, Vocabulary};

use super::fate::Fate;
use super::score::Score;
use super::word::Word;
use crate::document::Written;
use crate::{DocumentError, Obligation, VerifiedPolicy};

/// A word of any vocabulary that a document may group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GroupWord {
    /// Of a dimension of requests.
    Dimension(Word),
    /// What is true.
    Fact(Fact),
    /// What is open.
    Field(Field),
    /// What is owed.
    Obligation(Obligation),
}

/// A word more in a group, or one less.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupEdit {
    /// The name of the group.
    pub group: String,
    /// The word.
    pub word: GroupWord,
}

/// A verified document as it is written, and all single edits of its groups.
///
/// A test or an invariant that names the group moves with the rules that name it, and cannot catch such a slip: one
/// that spells the words out does.
///
/// ```
/// use consent_policy::mutation::GroupTrial;
///
/// let document = r#"
///     policy = { id = "first", version = "first-1", effective-on = 2026-01-01, language = "es-MX" }
///     [groups.category]
///     results = ["laboratory", "outcomes"]
///     [[rule]]
///     id = "own-record"
///     clauses = ["P-62"]
///     effect = "permit"
///     action = ["read"]
///     role = ["person"]
///     purpose = ["rights"]
///     category = ["results"]
///     recipient = ["the-person"]
///     country = ["domestic"]
///     ground = ["own-request"]
///     detail = ["full"]
///     requires = ["identity-proof"]
///     consent = "none"
///     fields = "all-of-category"
///     reason = { es = "Lo suyo.", en = "What is yours." }
///     [[invariant]]
///     id = "nothing-else"
///     clauses = ["P-38"]
///     category = "any"
///     unless = [{ category = ["CATEGORIES"] }]
/// "#;
/// let survivors = |document: &str| -> Result<usize, Box<dyn std::error::Error>> {
///     let policy = consent_policy::PolicyDraft::parse(document)?.check()?;
///     let trial = GroupTrial::new(document, &policy)?;
///     Ok(trial.score(trial.edits()).survivors().len())
/// };
/// let (named, spelled) = (document.replace("CATEGORIES", "results"), document.replace("CATEGORIES", r#"laboratory", "outcomes"#));
/// assert_eq!(survivors(&named)?, 17, "the invariant moves with the rule");
/// assert_eq!(survivors(&spelled)?, 2, "and says nothing of what a rule no longer permits");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct GroupTrial<'a> {
    written: Written<'a>,
    policy: &'a VerifiedPolicy,
}

impl<'a> GroupTrial<'a> {
    /// A trial of this document, which is the text of that policy.
    ///
    /// # Errors
    ///
    /// [`DocumentError`] if the text is no document.
    pub fn new(text: &'a str, policy: &'a VerifiedPolicy) -> Result<Self, DocumentError> {
        Ok(Self { written: Written::read(text)?, policy })
    }

    /// Every word put in every group, or taken out.
    #[must_use]
    pub fn edits(&self) -> Vec<GroupEdit> {
        self.written.group_edits().collect()
    }

    /// What becomes of the document with each of these edits, one at a time.
    #[must_use]
    pub fn score(&self, edits: impl IntoIterator<Item = GroupEdit>) -> Score<GroupEdit> {
        let mut score = Score::default();
        for edit in edits {
            let fate = self.fate(&edit);
            score.count(edit, fate);
        }
        score
    }

    /// What becomes of the document with this edit.
    #[must_use]
    pub fn fate(&self, edit: &GroupEdit) -> Fate {
        let Ok(edited) = self.written.with(edit) else { return Fate::Unreadable };
        match edited.check() {
            Err(error) => {
                error.violations.into_iter().next().map_or(Fate::Dead, |v| Fate::Caught(Box::new(v)))
            }
            Ok(edited) => Fate::of_change(&self.policy.difference(&edited)),
        }
    }

    /// The edit as a sentence.
    #[must_use]
    pub fn sentence(&self, edit: &GroupEdit) -> String {
        let verb = if self.written.loses(edit) { "loses" } else { "gains" };
        format!("the group `{}` {verb} {}", edit.group, edit.word)
    }
}

impl fmt::Display for GroupWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (list, code) = match self {
            Self::Dimension(word) => return word.fmt(f),
            Self::Fact(word) => (Fact::NAME, word.code()),
            Self::Field(word) => (Field::NAME, word.code()),
            Self::Obligation(word) => (Obligation::NAME, word.code()),
        };
        write!(f, "the {list} `{code}`")
    }
}

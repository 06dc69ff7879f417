//! Why a question cannot be read.

use records_model::{UnknownWord, Vocabulary, nearest};
use thiserror::Error;

records_model::vocabulary! {
    /// A key of a question's JSON; those of an inner object are written with the outer one.
    QuestionKey, "key" {
        /// What is to be done.
        Action = "action",
        /// In which role.
        Role = "role",
        /// Who asks.
        Actor = "actor",
        /// The id of who asks.
        ActorId = "actor.id",
        /// The role of who asks.
        ActorRole = "actor.role",
        /// What for.
        Purpose = "purpose",
        /// The id of a purpose that no notice describes.
        Undescribed = "undescribed",
        /// Which categories.
        Categories = "categories",
        /// For whom.
        Recipient = "recipient",
        /// Which provider.
        RecipientId = "recipient-id",
        /// Where.
        Country = "country",
        /// On what ground.
        Ground = "ground",
        /// How much.
        Detail = "detail",
        /// What is true.
        Facts = "facts",
        /// The form of consent that covers it.
        FactsConsent = "facts.consent",
        /// The facts that hold.
        FactsPresent = "facts.present",
        /// When a fact may change by schedule.
        FactsValidUntil = "facts.valid-until",
        /// The consents of the person.
        Consents = "consents",
        /// The instant of deciding.
        Now = "now",
    }
}

impl QuestionKey {
    /// The key as it stands in its own object.
    pub(super) fn name(self) -> &'static str {
        let code = self.code();
        code.rsplit_once('.').map_or(code, |(_, inner)| inner)
    }

    /// The names of the keys of the question, or of the object in it that `outer` names.
    fn inside(outer: Option<Self>) -> impl Iterator<Item = &'static str> + Clone {
        Self::ALL.iter().copied().filter(move |key| key.outer() == outer.map(Self::code)).map(Self::name)
    }

    /// The object that it stands in, if not the question itself.
    fn outer(self) -> Option<&'static str> {
        self.code().rsplit_once('.').map(|(object, _)| object)
    }

    /// The key that looks most like the text, among those of the object that `outer` names.
    pub(super) fn nearest(text: &str, outer: Option<Self>) -> Option<&'static str> {
        nearest(text, Self::inside(outer))
    }
}

/// Why a question cannot be read; it never repeats what was written.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum QuestionError {
    /// Not one JSON object, or a key of it stands twice.
    #[error("column {column}: {why}")]
    Json {
        /// In bytes, from 1.
        column: usize,
        /// What is wrong there.
        why: String,
    },
    /// A key that a question does not have.
    #[error("unknown key{}{}", inside(*outer), suggestion(*outer, *nearest))]
    UnknownKey {
        /// The object that it stands in, if not the question itself.
        outer: Option<QuestionKey>,
        /// The key that it looks most like.
        nearest: Option<&'static str>,
    },
    /// A key that has to be there is not.
    #[error("`{key}` is missing")]
    Missing {
        /// Which.
        key: QuestionKey,
    },
    /// A word that its vocabulary does not have.
    #[error("`{key}`: {unknown}{}", groups(*key, *unknown))]
    Word {
        /// Where.
        key: QuestionKey,
        /// What would be valid.
        unknown: UnknownWord,
    },
    /// A value of another kind.
    #[error("`{key}`: expected {expected}")]
    Kind {
        /// Where.
        key: QuestionKey,
        /// What would be valid.
        expected: &'static str,
    },
    /// One of the consents cannot be so.
    #[error("`consents`, number {number}: {why}")]
    Consent {
        /// Which, from 1.
        number: usize,
        /// What is wrong with it.
        why: String,
    },
    /// The role is said twice.
    #[error("the role is said by `role` and by `actor`; leave one out")]
    TwoRoles,
    /// Two sources for one form of consent.
    #[error("`facts.consent` and `consents` both say which consent covers it; leave one out")]
    TwoConsents,
    /// Sharing is for one purpose that no notice describes, and no other purpose is.
    #[error("`undescribed` names the purpose of `sharing`, and stands beside no other purpose")]
    Undescribed,
    /// There is a date, and nothing to compare it with.
    #[error("`now` is missing: `{because}` has dates")]
    NowMissing {
        /// What has to be compared with it.
        because: QuestionKey,
    },
}

/// Where a document has groups and no word is near, it may be the name of one that was written.
const fn groups(key: QuestionKey, unknown: UnknownWord) -> &'static str {
    match key {
        _ if unknown.nearest.is_some() => "",
        QuestionKey::Role
        | QuestionKey::Actor
        | QuestionKey::ActorRole
        | QuestionKey::Purpose
        | QuestionKey::Categories
        | QuestionKey::Recipient
        | QuestionKey::Ground
        | QuestionKey::Facts
        | QuestionKey::FactsPresent => {
            "; names of groups are not read, `policy schema FILE` lists what they hold"
        }
        _ => "",
    }
}

fn inside(outer: Option<QuestionKey>) -> String {
    outer.map(|key| format!(" in `{key}`")).unwrap_or_default()
}

fn suggestion(outer: Option<QuestionKey>, nearest: Option<&'static str>) -> String {
    match nearest {
        Some(key) => format!("; did you mean `{key}`?"),
        None => format!("; valid are {}", QuestionKey::inside(outer).collect::<Vec<_>>().join(", ")),
    }
}

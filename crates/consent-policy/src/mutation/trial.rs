//! Making the edits, and finding out what catches each.

use records_model::Category;

use super::edit::Edit;
use super::fate::Fate;
use super::score::Score;
use crate::{Effect, Engine, PolicyDraft, Rule, Scenario, VerifiedPolicy, Violation, scenario};

/// One edit of the rule at one position of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mutant {
    /// Position of the rule in the document.
    pub rule: usize,
    /// The edit.
    pub edit: Edit,
}

/// A verified document, and all its single edits.
///
/// ```
/// use consent_policy::PolicyDraft;
/// use consent_policy::mutation::Trial;
///
/// let policy = PolicyDraft::parse(
///     r#"
///     policy = { id = "first", version = "first-1", effective-on = 2026-01-01, language = "es-MX" }
///     [[rule]]
///     id = "own-record"
///     clauses = ["P-62"]
///     effect = "permit"
///     action = ["read"]
///     role = ["person"]
///     purpose = ["rights"]
///     category = ["laboratory"]
///     recipient = ["the-person"]
///     country = ["domestic"]
///     ground = ["own-request"]
///     detail = ["full"]
///     requires = ["identity-proof"]
///     consent = "none"
///     fields = "all-of-category"
///     reason = { es = "Lo suyo.", en = "What is yours." }
///     "#,
/// )?
/// .check()?;
/// let trial = Trial::new(&policy);
/// let score = trial.score(trial.mutants());
/// // No scenario and no invariant says who may *not* read: most edits that open more pass unseen.
/// assert!(!score.is_full());
/// let survivor = score.survivors().first().ok_or("some survive")?;
/// assert_eq!(trial.sentence(survivor.mutant), "line 4: rule `own-record` is gone");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Trial<'a> {
    policy: &'a VerifiedPolicy,
}

impl<'a> Trial<'a> {
    /// A trial of this document.
    #[must_use]
    pub const fn new(policy: &'a VerifiedPolicy) -> Self {
        Self { policy }
    }

    /// Every single edit of every rule, in the order of the document.
    #[must_use]
    pub fn mutants(&self) -> Vec<Mutant> {
        let rules = self.policy.rules().iter().enumerate();
        rules.flat_map(|(rule, text)| Edit::of(text).map(move |edit| Mutant { rule, edit })).collect()
    }

    /// What becomes of the document with each of these edits, one at a time.
    #[must_use]
    pub fn score(&self, mutants: impl IntoIterator<Item = Mutant>) -> Score {
        let mut score = Score::default();
        mutants.into_iter().for_each(|mutant| score.count(mutant, self.fate(mutant)));
        score
    }

    /// What becomes of the document with this edit.
    ///
    /// The scenarios come first, because running the few that the edit touches costs a fraction of a proof; then
    /// the laws; and only what neither catches is compared with the document as it stands.
    #[must_use]
    pub fn fate(&self, mutant: Mutant) -> Fate {
        let Some(before) = self.policy.rules().get(mutant.rule) else { return Fate::Dead };
        let after = mutant.edit.of_rule(before);
        if let Some(violation) = self.failed_scenario(mutant, before, after.as_ref()) {
            return Fate::Caught(Box::new(violation));
        }
        match self.bare(mutant, after).check() {
            Err(error) => {
                error.violations.into_iter().next().map_or(Fate::Dead, |v| Fate::Caught(Box::new(v)))
            }
            Ok(edited) => Fate::of_change(&self.policy.difference(&edited)),
        }
    }

    /// The edit as a sentence: line, rule, what it does.
    #[must_use]
    pub fn sentence(&self, mutant: Mutant) -> String {
        let rule = self.policy.rules().get(mutant.rule);
        rule.map_or_else(String::new, |rule| {
            format!("line {}: rule `{}` {}", rule.line, rule.id, mutant.edit.sentence(rule))
        })
    }

    /// The document with the rule edited, without its scenarios.
    fn bare(&self, mutant: Mutant, after: Option<Rule>) -> PolicyDraft {
        let mut rules = self.policy.rules().to_vec();
        match (after, rules.get_mut(mutant.rule)) {
            (Some(after), Some(slot)) => *slot = after,
            _ => {
                rules.remove(mutant.rule);
            }
        }
        let invariants = self.policy.invariants().to_vec();
        PolicyDraft { header: self.policy.header().clone(), rules, invariants, scenarios: Vec::new() }
    }

    /// The first scenario that comes out otherwise. Only those are run that the rule is about, before or after.
    fn failed_scenario(&self, mutant: Mutant, before: &Rule, after: Option<&Rule>) -> Option<Violation> {
        let touched = |scenario: &&Scenario| {
            scenario.request.categories.iter().any(|category| {
                part_of(Some(before), scenario, category) != part_of(after, scenario, category)
            })
        };
        let mut touched = self.policy.scenarios().iter().filter(touched).peekable();
        touched.peek()?;
        let edited = self.bare(mutant, after.cloned());
        let engine = Engine::new(VerifiedPolicy::proved(edited));
        touched.find_map(|scenario| scenario::violation(&engine, scenario))
    }
}

/// What a rule has to do with a scenario.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    /// Nothing.
    None,
    /// It is about the request and lacks a fact or a consent.
    Idle,
    /// It applies.
    Applies(Effect),
}

fn part_of(rule: Option<&Rule>, scenario: &Scenario, category: Category) -> Part {
    match rule.filter(|rule| rule.is_about(&scenario.request, category)) {
        None => Part::None,
        Some(rule) if rule.applies(&scenario.facts) => Part::Applies(rule.effect),
        Some(_) => Part::Idle,
    }
}

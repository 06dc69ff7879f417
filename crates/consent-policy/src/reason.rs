//! Why something was decided, in sentences that cite a clause.

use records_model::{ClauseId, ConsentForm, Fact, RuleId, Set};
use serde::Serialize;

use crate::{Decision, Effect, Facts, Outcome, Rule, sentences};

/// One reason of a decision, in both languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Reason<'a> {
    /// The rule that gives it; none for the closed list.
    pub rule: Option<&'a RuleId>,
    /// The clauses behind it; at least one.
    pub clauses: &'a [ClauseId],
    /// The sentence in Spanish.
    pub es: &'a str,
    /// The sentence in English.
    pub en: &'a str,
    /// What the rule lacked, if it is a permit that nearly applied.
    #[serde(skip_serializing_if = "Shortfall::is_nothing")]
    pub shortfall: Shortfall,
}

/// What stood between a permit and a request that it is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Shortfall {
    /// Facts that it requires and that did not hold.
    pub missing: Set<Fact>,
    /// Facts that it excludes and that held.
    pub in_the_way: Set<Fact>,
    /// The form of consent that it needs, if the one in force is weaker.
    pub consent: Option<ConsentForm>,
}

impl Shortfall {
    fn of(rule: &Rule, facts: &Facts) -> Self {
        let consent = match rule.effect {
            Effect::Permit { consent, .. } if facts.consent < consent => Some(consent),
            _ => None,
        };
        Self { missing: rule.requires - facts.present, in_the_way: rule.excludes & facts.present, consent }
    }

    /// Whether the rule lacked nothing.
    fn is_nothing(&self) -> bool {
        self.conditions() == 0
    }

    /// How many conditions short.
    #[must_use]
    pub fn conditions(&self) -> u32 {
        self.missing.len() + self.in_the_way.len() + u32::from(self.consent.is_some())
    }
}

/// The clause behind "nobody allowed it" (4.1).
pub(crate) const CLOSED_LIST: ClauseId = ClauseId::of::<38>();
const CLOSED_LIST_CLAUSES: &[ClauseId] = &[CLOSED_LIST];

pub(crate) fn reasons<'a>(rules: &'a [Rule], decision: &'a Decision) -> impl Iterator<Item = Reason<'a>> {
    let wanted = decision.outcome;
    let matched = decision.rules.iter().filter_map(move |p| rules.get(p)).filter(move |rule| match wanted {
        Outcome::Permit => rule.effect.is_permit(),
        Outcome::Deny => matches!(rule.effect, Effect::Forbid { .. }),
        Outcome::NotApplicable => false,
    });
    let matched = matched.map(|rule| Reason {
        rule: Some(&rule.id),
        clauses: &rule.clauses,
        es: &rule.reason.es,
        en: &rule.reason.en,
        shortfall: Shortfall::default(),
    });
    matched.chain(near_misses(rules, decision)).chain(closed_list(decision))
}

/// Nearest first: those that are fewest conditions short, then the rest.
fn near_misses<'a>(rules: &'a [Rule], decision: &'a Decision) -> impl Iterator<Item = Reason<'a>> {
    let near = move || {
        let shown = decision.outcome == Outcome::NotApplicable;
        decision.near_misses.iter().filter(move |_| shown).filter_map(move |p| rules.get(p))
    };
    let short = move |rule: &Rule| Shortfall::of(rule, &decision.facts).conditions();
    let fewest = near().map(short).min().unwrap_or_default();
    let nearest = near().filter(move |rule| short(rule) == fewest);
    let farther = near().filter(move |rule| short(rule) > fewest);
    nearest.chain(farther).map(move |rule| {
        let shortfall = Shortfall::of(rule, &decision.facts);
        let (es, en) = sentences::of_shortfall(&shortfall);
        Reason { rule: Some(&rule.id), clauses: &rule.clauses, es, en, shortfall }
    })
}

fn closed_list(decision: &Decision) -> impl Iterator<Item = Reason<'_>> {
    let (es, en) = sentences::CLOSED_LIST;
    (decision.outcome == Outcome::NotApplicable)
        .then_some(Reason {
            rule: None,
            clauses: CLOSED_LIST_CLAUSES,
            es,
            en,
            shortfall: Shortfall::default(),
        })
        .into_iter()
}

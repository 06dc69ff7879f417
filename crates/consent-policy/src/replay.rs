//! Requests of the past under a document: who would have been refused, how often, and by which rule.

use std::collections::BTreeMap;

use records_model::{Category, ClauseId, ConsentForm, Fact, Role, RuleId, Set};
use serde::Serialize;

use crate::{Decision, Engine, Outcome, Reason, Request};

/// Places that a tally names at most: the first ones, to look at.
pub const PLACES_MAX: usize = 3;

/// How often something happened, and where first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tally<P> {
    /// How often.
    pub count: u64,
    /// The first places, at most [`PLACES_MAX`], in the order in which they came.
    pub first: Vec<P>,
}

impl<P> Default for Tally<P> {
    fn default() -> Self {
        Self { count: 0, first: Vec::new() }
    }
}

impl<P> Tally<P> {
    /// Counts one more.
    pub fn add(&mut self, place: P) {
        self.count += 1;
        if self.first.len() < PLACES_MAX {
            self.first.push(place);
        }
    }
}

/// What the requests of one role for one category came to; a request over several categories counts in each of
/// them, with its one outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReplayCell {
    /// The role.
    pub role: Role,
    /// The category.
    pub category: Category,
    /// Permitted.
    pub permit: Tally<u64>,
    /// Forbidden by a promise.
    pub deny: Tally<u64>,
    /// Allowed by nobody.
    pub not_applicable: Tally<u64>,
}

/// What refused requests, and how many of them.
///
/// Of what a promise forbids, every rule that forbids it counts. Of what nobody allowed, only the nearest permit
/// counts, with what it lacked; none where no permit is about such a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReplayCause {
    /// Forbidden, or allowed by nobody.
    pub outcome: Outcome,
    /// The rule, if one is responsible.
    pub rule: Option<RuleId>,
    /// The clauses behind it.
    pub clauses: Vec<ClauseId>,
    /// Facts that were missing.
    pub missing: Set<Fact>,
    /// Facts that stood in the way.
    pub in_the_way: Set<Fact>,
    /// The form of consent that was needed, if the one in force was weaker.
    pub consent: Option<ConsentForm>,
    /// The sentence in Spanish.
    pub es: String,
    /// The sentence in English.
    pub en: String,
    /// How often, and in which lines first.
    pub tally: Tally<u64>,
}

/// What a list of past requests would have come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReplayReport {
    /// How many requests.
    pub requests: u64,
    /// How many of them permitted.
    pub permitted: u64,
    /// By role and category.
    pub cells: Vec<ReplayCell>,
    /// What refused the rest, most often first.
    pub causes: Vec<ReplayCause>,
}

/// Which requests are told apart as one cause.
type CauseKey = (Option<RuleId>, Set<Fact>, Set<Fact>, Option<ConsentForm>);

/// Decides past requests one by one and keeps counts, so that memory does not grow with the list.
///
/// ```
/// use consent_policy::{Engine, Facts, PolicyDraft, Replay, Request};
///
/// # let text = std::fs::read_to_string("../../fixtures/clinics/elicells/policy.toml")?;
/// let engine = Engine::new(PolicyDraft::parse(&text)?.check()?);
/// let request: Request = serde_json::from_str(
///     r#"{"action":"read","role":"nurse","purpose":"treatment","categories":["laboratory"],
///         "recipient":"internal","country":"domestic","ground":"consent","detail":"full"}"#,
/// )?;
/// let mut replay = Replay::new(&engine);
/// replay.take(2, &request, &Facts::NONE, chrono::DateTime::UNIX_EPOCH);
/// let report = replay.report();
/// assert_eq!((report.requests, report.permitted), (1, 0));
/// assert_eq!(report.cells.first().map(|cell| cell.deny.first.as_slice()), Some(&[2][..]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Replay<'e> {
    engine: &'e Engine,
    requests: u64,
    permitted: u64,
    cells: BTreeMap<(Role, Category), ReplayCell>,
    causes: BTreeMap<CauseKey, ReplayCause>,
}

impl<'e> Replay<'e> {
    /// Begins under the document of this engine.
    #[must_use]
    pub const fn new(engine: &'e Engine) -> Self {
        Self { engine, requests: 0, permitted: 0, cells: BTreeMap::new(), causes: BTreeMap::new() }
    }

    /// Decides one request of the past; `line` is where it stands in the list.
    pub fn take(
        &mut self,
        line: u64,
        request: &Request,
        facts: &crate::Facts,
        now: chrono::DateTime<chrono::Utc>,
    ) {
        let decision = self.engine.decide(request, facts, now);
        self.requests += 1;
        self.permitted += u64::from(decision.is_permit());
        for category in request.categories.iter() {
            let cell = self.cells.entry((request.role, category)).or_insert_with(|| ReplayCell {
                role: request.role,
                category,
                permit: Tally::default(),
                deny: Tally::default(),
                not_applicable: Tally::default(),
            });
            match decision.outcome {
                Outcome::Permit => cell.permit.add(line),
                Outcome::Deny => cell.deny.add(line),
                Outcome::NotApplicable => cell.not_applicable.add(line),
            }
        }
        self.blame(line, &decision);
    }

    fn blame(&mut self, line: u64, decision: &Decision) {
        let responsible = match decision.outcome {
            Outcome::Permit => 0,
            Outcome::Deny => usize::MAX,
            Outcome::NotApplicable => 1,
        };
        for reason in self.engine.reasons(decision).take(responsible) {
            let short = reason.shortfall;
            let key = (reason.rule.cloned(), short.missing, short.in_the_way, short.consent);
            self.causes.entry(key).or_insert_with(|| cause(decision.outcome, &reason)).tally.add(line);
        }
    }

    /// What the requests came to.
    #[must_use]
    pub fn report(self) -> ReplayReport {
        let mut causes: Vec<ReplayCause> = self.causes.into_values().collect();
        // A stable sort: what is equally frequent stays in the order of the rules' names.
        causes.sort_by_key(|cause| std::cmp::Reverse(cause.tally.count));
        ReplayReport {
            requests: self.requests,
            permitted: self.permitted,
            cells: self.cells.into_values().collect(),
            causes,
        }
    }
}

fn cause(outcome: Outcome, reason: &Reason<'_>) -> ReplayCause {
    ReplayCause {
        outcome,
        rule: reason.rule.cloned(),
        clauses: reason.clauses.to_vec(),
        missing: reason.shortfall.missing,
        in_the_way: reason.shortfall.in_the_way,
        consent: reason.shortfall.consent,
        es: reason.es.to_owned(),
        en: reason.en.to_owned(),
        tally: Tally::default(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use chrono::DateTime;
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{EXAMPLE_DOCUMENT, arb_request_near};
    use crate::{Facts, PolicyDraft};

    static ENGINE: LazyLock<Engine> =
        LazyLock::new(|| Engine::new(PolicyDraft::parse(EXAMPLE_DOCUMENT).unwrap().check().unwrap()));

    fn replayed(list: &[(Request, Facts)]) -> ReplayReport {
        let mut replay = Replay::new(&ENGINE);
        for (line, (request, facts)) in (1..).zip(list) {
            replay.take(line, request, facts, DateTime::UNIX_EPOCH);
        }
        replay.report()
    }

    proptest! {
        /// The counts are those of deciding one by one, and every refused line is somebody's doing.
        #[test]
        fn counts_are_those_of_single_decisions(
            list in proptest::collection::vec(arb_request_near(ENGINE.policy().rules()), 1..20),
        ) {
            let report = replayed(&list);
            let decided: Vec<_> = list
                .iter()
                .map(|(request, facts)| (request, ENGINE.decide(request, facts, DateTime::UNIX_EPOCH)))
                .collect();
            prop_assert_eq!(report.requests, list.len() as u64);
            prop_assert_eq!(report.permitted, decided.iter().filter(|(_, d)| d.is_permit()).count() as u64);
            for cell in &report.cells {
                let count = |outcome| {
                    let about = |(request, decision): &&(&Request, Decision)| {
                        request.role == cell.role
                            && request.categories.contains(cell.category)
                            && decision.outcome == outcome
                    };
                    decided.iter().filter(about).count() as u64
                };
                prop_assert_eq!(cell.permit.count, count(Outcome::Permit));
                prop_assert_eq!(cell.deny.count, count(Outcome::Deny));
                prop_assert_eq!(cell.not_applicable.count, count(Outcome::NotApplicable));
            }
            let nobody: u64 = report
                .causes
                .iter()
                .filter(|cause| cause.outcome == Outcome::NotApplicable)
                .map(|cause| cause.tally.count)
                .sum();
            let unallowed = decided.iter().filter(|(_, d)| d.outcome == Outcome::NotApplicable).count();
            prop_assert_eq!(nobody, unallowed as u64);
            for (line, (_, decision)) in (1..).zip(&decided) {
                let forbids = |rule: &RuleId| {
                    report.causes.iter().any(|c| {
                        c.rule.as_ref() == Some(rule)
                            && (c.tally.first.contains(&line) || c.tally.count > PLACES_MAX as u64)
                    })
                };
                if decision.outcome == Outcome::Deny {
                    prop_assert!(ENGINE.reasons(decision).filter_map(|reason| reason.rule).all(forbids));
                }
            }
        }
    }
}

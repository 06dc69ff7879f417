//! Decisions of the past under a draft: which of them would come out otherwise.

use std::collections::{BTreeMap, BTreeSet};

use records_model::{Action, Category, Purpose, Role, RuleId, Set};
use serde::Serialize;

use crate::{Engine, Facts, Outcome, Request, Tally};

/// Which way a decision would turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Turn {
    /// It was refused and would be permitted.
    Opened,
    /// It was permitted and would be refused.
    Closed,
}

/// A decision as it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastDecision {
    /// What was asked.
    pub request: Request,
    /// What was true, as it counted then.
    pub facts: Facts,
    /// What came out.
    pub outcome: Outcome,
    /// The rules that decided.
    pub rules: BTreeSet<RuleId>,
}

/// Past decisions that would turn in the same way: the same words, decided by the same rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Flip<P> {
    /// Which way.
    pub turn: Turn,
    /// The role that asked.
    pub role: Role,
    /// What for.
    pub purpose: Purpose,
    /// What was to be done.
    pub action: Action,
    /// With which categories.
    pub categories: Set<Category>,
    /// The rules that decided then; none where nobody allowed it.
    pub rules_then: BTreeSet<RuleId>,
    /// The rules of the draft that decide; none where nobody would allow it.
    pub rules_draft: BTreeSet<RuleId>,
    /// How many, and which first.
    pub tally: Tally<P>,
}

/// What past decisions would come to under a draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WhatIfReport<P> {
    /// How many decisions were made again.
    pub decisions: u64,
    /// Of these, how many were refused and would be permitted.
    pub opened: u64,
    /// How many were permitted and would be refused.
    pub closed: u64,
    /// What turns, most often first.
    pub flips: Vec<Flip<P>>,
}

type FlipKey = (Turn, Role, Purpose, Action, Set<Category>, BTreeSet<RuleId>, BTreeSet<RuleId>);

/// Makes past decisions again under a draft, and keeps those that turn. `P` names a decision, such as the id of its
/// log entry.
#[derive(Debug)]
pub struct WhatIf<'e, P> {
    draft: &'e Engine,
    decisions: u64,
    flips: BTreeMap<FlipKey, Tally<P>>,
}

impl<'e, P> WhatIf<'e, P> {
    /// Begins under this draft.
    #[must_use]
    pub const fn new(draft: &'e Engine) -> Self {
        Self { draft, decisions: 0, flips: BTreeMap::new() }
    }

    /// Makes one decision again, on the facts that counted then.
    pub fn take(&mut self, place: P, past: &PastDecision) {
        self.decisions += 1;
        // The facts are those that counted: what was going to lapse had not lapsed.
        let facts = Facts { valid_until: None, ..past.facts };
        let decision = self.draft.decide(&past.request, &facts, chrono::DateTime::UNIX_EPOCH);
        let turn = match (past.outcome == Outcome::Permit, decision.is_permit()) {
            (false, true) => Turn::Opened,
            (true, false) => Turn::Closed,
            (true, true) | (false, false) => return,
        };
        let Request { role, purpose, action, categories, .. } = past.request;
        let rules = self.draft.rule_ids(&decision).cloned().collect();
        let key = (turn, role, purpose, action, categories, past.rules.clone(), rules);
        self.flips.entry(key).or_default().add(place);
    }

    /// What they came to.
    #[must_use]
    pub fn report(self) -> WhatIfReport<P> {
        let mut flips: Vec<Flip<P>> = self.flips.into_iter().map(flip).collect();
        flips.sort_by_key(|flip| std::cmp::Reverse(flip.tally.count));
        let turned = |turn| flips.iter().filter(|flip| flip.turn == turn).map(|flip| flip.tally.count).sum();
        WhatIfReport {
            decisions: self.decisions,
            opened: turned(Turn::Opened),
            closed: turned(Turn::Closed),
            flips,
        }
    }
}

fn flip<P>((key, tally): (FlipKey, Tally<P>)) -> Flip<P> {
    let (turn, role, purpose, action, categories, rules_then, rules_draft) = key;
    Flip { turn, role, purpose, action, categories, rules_then, rules_draft, tally }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use chrono::DateTime;
    use proptest::prelude::*;

    use super::*;
    use crate::PolicyDraft;
    use crate::testing::{EXAMPLE_DOCUMENT, arb_request_near};

    fn engine(text: &str) -> Engine {
        Engine::new(PolicyDraft::parse(text).unwrap().check().unwrap())
    }

    static NOW: LazyLock<Engine> = LazyLock::new(|| engine(EXAMPLE_DOCUMENT));

    /// The example document without the nurses of its treating staff.
    static WITHOUT_NURSES: LazyLock<Engine> = LazyLock::new(|| {
        let teams = "clinicians = [\"physician\", \"nurse\"]\ncare-team = [\"physician\", \"nurse\", ";
        let text =
            EXAMPLE_DOCUMENT.replace(teams, "clinicians = [\"physician\"]\ncare-team = [\"physician\", ");
        assert_ne!(text, EXAMPLE_DOCUMENT);
        let mut draft = PolicyDraft::parse(&text).unwrap();
        // What the document says of itself spells nurses out.
        draft.scenarios.clear();
        draft.invariants.clear();
        Engine::new(draft.check().unwrap())
    });

    fn past(engine: &Engine, (request, facts): &(Request, Facts)) -> PastDecision {
        let decision = engine.decide(request, facts, DateTime::UNIX_EPOCH);
        PastDecision {
            request: request.clone(),
            facts: decision.facts,
            outcome: decision.outcome,
            rules: engine.rule_ids(&decision).cloned().collect(),
        }
    }

    fn arb_list() -> impl Strategy<Value = Vec<(Request, Facts)>> {
        proptest::collection::vec(arb_request_near(NOW.policy().rules()), 1..30)
    }

    proptest! {
        /// Under the document that decided, nothing turns.
        #[test]
        fn nothing_turns_under_the_same_document(list in arb_list()) {
            let mut again = WhatIf::new(&NOW);
            (0..).zip(&list).for_each(|(n, one): (u64, _)| again.take(n, &past(&NOW, one)));
            let report = again.report();
            prop_assert_eq!(report.decisions, list.len() as u64);
            prop_assert!(report.flips.is_empty());
        }

        /// Under another document exactly those turn that it decides otherwise, each once.
        #[test]
        fn what_turns_is_what_the_draft_decides_otherwise(list in arb_list()) {
            let mut again = WhatIf::new(&WITHOUT_NURSES);
            (0..).zip(&list).for_each(|(n, one): (u64, _)| again.take(n, &past(&NOW, one)));
            let report = again.report();
            let permits = |engine: &Engine, (request, facts): &(Request, Facts)| {
                engine.decide(request, facts, DateTime::UNIX_EPOCH).is_permit()
            };
            let turned = |then, draft| {
                let turns = |one: &&(Request, Facts)| {
                    permits(&NOW, one) == then && permits(&WITHOUT_NURSES, one) == draft
                };
                list.iter().filter(turns).count() as u64
            };
            prop_assert_eq!(report.closed, turned(true, false));
            prop_assert_eq!(report.opened, turned(false, true));
            prop_assert!(report.flips.iter().all(|flip| flip.turn != Turn::Closed || flip.role == Role::Nurse));
        }
    }

    /// A nurse who read under the clinic's rules is named as closed, with the rule that let her.
    #[test]
    fn a_reader_who_is_left_out_turns_with_the_rule_that_let_them() {
        let question = crate::Question::parse(
            r#"{"role":"nurse","purpose":"treatment","categories":["laboratory"],"ground":"consent","facts":
                {"consent":"express-written","present":["training","background-check","undertaking","care-relation","in-person"]}}"#,
        )
        .unwrap();
        let read = past(&NOW, &(question.request().clone(), *question.facts()));
        let mut again = WhatIf::new(&WITHOUT_NURSES);
        (0..5).for_each(|n| again.take(n, &read));
        let report = again.report();
        assert_eq!((report.opened, report.closed), (0, 5));
        let [flip] = report.flips.as_slice() else { unreachable!() };
        assert_eq!(
            (flip.turn, flip.tally.count, flip.tally.first.as_slice()),
            (Turn::Closed, 5, &[0, 1, 2][..])
        );
        assert!(flip.rules_then.iter().any(|rule| rule.as_str() == "care-read"));
        assert!(flip.rules_draft.is_empty());
        let mut back = WhatIf::new(&NOW);
        back.take("read", &past(&WITHOUT_NURSES, &(question.request().clone(), *question.facts())));
        assert_eq!(back.report().opened, 1);
    }
}

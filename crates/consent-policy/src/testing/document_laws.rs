//! Every law of this crate, run on somebody's own document: what [`laws!`](crate::laws) expands to.

use chrono::DateTime;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestError, TestRunner};
use records_model::testing::arb_word;
use records_model::{Category, ConsentForm, Fact, Polarity, Vocabulary};
use thiserror::Error;

use super::{arb_facts, arb_life, arb_request, arb_request_near, reference_decide};
use crate::mutation::{Trial, sampled};
use crate::{Decision, Engine, Facts, PolicyDraft, Request};

/// A document, ready to be held to the laws.
#[derive(Debug, Clone)]
pub struct DocumentLaws {
    engine: Engine,
}

/// How a document, or this crate, breaks a law.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct BrokenLaw(String);

/// Whether `better` permits whatever `worse` permits, opens what it opens and owes nothing that it does not owe.
#[must_use]
pub fn is_no_narrower(better: &Decision, worse: &Decision) -> bool {
    !worse.is_permit()
        || (better.is_permit()
            && Category::ALL.iter().all(|c| better.fields_of(*c).contains_all(worse.fields_of(*c)))
            && worse.obligations.contains_all(better.obligations))
}

impl DocumentLaws {
    /// Reads and proves the document, and runs its scenarios.
    ///
    /// # Errors
    ///
    /// [`BrokenLaw`] with every violation, each with a request that shows it.
    pub fn of(document: &str) -> Result<Self, BrokenLaw> {
        let draft = PolicyDraft::parse(document).map_err(|error| BrokenLaw(error.to_string()))?;
        let policy = draft.check().map_err(|error| BrokenLaw(error.to_string()))?;
        Ok(Self { engine: Engine::new(policy) })
    }

    /// The engine that decides by the document.
    #[must_use]
    pub const fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The compiled engine decides what the plainest reading of the rules decides, also near their edges.
    ///
    /// # Errors
    ///
    /// [`BrokenLaw`] with the smallest request found.
    pub fn engine_agrees_with_the_reference(&self) -> Result<(), BrokenLaw> {
        self.holds(&self.arb_question(), |(request, facts)| {
            let decision = self.decide(request, facts);
            let rules = self.engine.policy().rules();
            reference_decide(rules, request, facts, DateTime::UNIX_EPOCH).agrees_with(&decision)
        })
    }

    /// No fact moves a decision against its polarity, and no weaker consent opens anything.
    ///
    /// # Errors
    ///
    /// [`BrokenLaw`] with the smallest request found.
    pub fn facts_keep_their_polarity(&self) -> Result<(), BrokenLaw> {
        let cases = (self.arb_question(), arb_word::<Fact>(), arb_word::<ConsentForm>());
        self.holds(&cases, |((request, facts), fact, form)| {
            let with = self.decide(request, &Facts { present: facts.present.with(*fact), ..*facts });
            let without = self.decide(request, &Facts { present: facts.present.without(*fact), ..*facts });
            let fact_holds = match fact.polarity() {
                Polarity::Favourable => is_no_narrower(&with, &without),
                Polarity::Unfavourable => is_no_narrower(&without, &with),
            };
            let weaker = self.decide(request, &Facts { consent: facts.consent.min(*form), ..*facts });
            let stronger = self.decide(request, &Facts { consent: facts.consent.max(*form), ..*facts });
            fact_holds && is_no_narrower(&stronger, &weaker)
        })
    }

    /// Whatever happened before, a withdrawal, a limit or a lapse never lets more happen.
    ///
    /// # Errors
    ///
    /// [`BrokenLaw`] with the smallest life found.
    pub fn nothing_that_ends_ever_widens(&self) -> Result<(), BrokenLaw> {
        self.holds(&arb_life(self.engine.policy().rules()), |(request, life, steps)| {
            let mut life = life.clone();
            steps.iter().all(|step| {
                let before = self.engine.decide(request, &life.facts(request), life.now);
                life = life.after(step);
                let after = self.engine.decide(request, &life.facts(request), life.now);
                step.may_widen() || is_no_narrower(&before, &after)
            })
        })
    }

    /// The document catches every one of so many of its single edits, chosen by the seed.
    ///
    /// # Errors
    ///
    /// [`BrokenLaw`] with every survivor and a request that shows it.
    pub fn edits_are_caught(&self, count: usize, seed: u64) -> Result<(), BrokenLaw> {
        let trial = Trial::new(self.engine.policy());
        let score = trial.score(sampled(trial.mutants(), count, seed));
        let survivors = score.survivors().iter();
        let said: Vec<String> = survivors
            .map(|one| format!("{}: {}: {}", trial.sentence(one.mutant), one.change.kind, one.change.witness))
            .collect();
        if said.is_empty() { Ok(()) } else { Err(BrokenLaw(said.join("\n"))) }
    }

    fn arb_question(&self) -> impl Strategy<Value = (Request, Facts)> + use<> {
        prop_oneof![(arb_request(), arb_facts()), arb_request_near(self.engine.policy().rules())]
    }

    fn decide(&self, request: &Request, facts: &Facts) -> Decision {
        self.engine.decide(request, facts, DateTime::UNIX_EPOCH)
    }

    fn holds<S: Strategy>(&self, cases: &S, law: impl Fn(&S::Value) -> bool) -> Result<(), BrokenLaw> {
        // Failures are said, not written to a file of somebody else's crate.
        let config = Config { failure_persistence: None, ..Config::default() };
        let outcome = TestRunner::new(config).run(cases, |case| {
            prop_assert!(law(&case));
            Ok(())
        });
        outcome.map_err(|error| match error {
            TestError::Fail(_, smallest) => BrokenLaw(format!("{}: {smallest:?}", self.engine.version())),
            TestError::Abort(reason) => BrokenLaw(reason.to_string()),
        })
    }
}

/// Tests that hold a document to every law of this crate; with `edits`, also so many of its single edits, chosen by
/// `seed`, must be caught by the document itself.
///
/// ```
/// // In a test module; the document may be an `include_str!`.
/// consent_policy::laws!(consent_policy::testing::EXAMPLE_DOCUMENT, edits: 50, seed: 1);
/// ```
#[macro_export]
macro_rules! laws {
    ($document:expr) => {
        $crate::laws!(@tests $document);
    };
    ($document:expr, edits: $count:expr, seed: $seed:expr) => {
        $crate::laws!(@tests $document);

        #[test]
        fn the_document_catches_its_edits() -> Result<(), $crate::testing::BrokenLaw> {
            $crate::testing::DocumentLaws::of($document)?.edits_are_caught($count, $seed)
        }
    };
    (@tests $document:expr) => {
        #[test]
        fn the_document_is_proved_and_its_tests_pass() -> Result<(), $crate::testing::BrokenLaw> {
            $crate::testing::DocumentLaws::of($document).map(|_| ())
        }

        #[test]
        fn the_engine_decides_what_the_rules_say() -> Result<(), $crate::testing::BrokenLaw> {
            $crate::testing::DocumentLaws::of($document)?.engine_agrees_with_the_reference()
        }

        #[test]
        fn facts_keep_their_polarity() -> Result<(), $crate::testing::BrokenLaw> {
            $crate::testing::DocumentLaws::of($document)?.facts_keep_their_polarity()
        }

        #[test]
        fn nothing_that_ends_ever_widens() -> Result<(), $crate::testing::BrokenLaw> {
            $crate::testing::DocumentLaws::of($document)?.nothing_that_ends_ever_widens()
        }
    };
}

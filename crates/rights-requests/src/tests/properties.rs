//! What holds whatever anybody does with a case.

use proptest::prelude::*;

use super::*;
use crate::testing::{AnyStep, arb_intake, arb_steps};
use crate::{RightState, StepError};

/// The case after each step that could be taken, with the instant of the step; the first is as opened.
fn walk(intake: Intake, steps: &[(chrono::TimeDelta, AnyStep)]) -> Vec<(DateTime<Utc>, Case)> {
    let mut at = intake.received_at;
    let zone = clinic_zone().unwrap();
    let mut cases = vec![(at, open_request(intake, law(), zone, at).unwrap().case)];
    for (wait, step) in steps {
        at += *wait;
        let last = &cases.last().unwrap().1;
        if let Ok(next) = step.take(last, at, law()) {
            cases.push((at, next));
        }
    }
    cases
}

fn date(at: DateTime<Utc>) -> NaiveDate {
    clinic_zone().unwrap().date_of(at)
}

proptest! {
    /// P-69: whatever is done, the promise of thirty days stands.
    #[test]
    fn no_step_moves_the_promise(intake in arb_intake(law()), steps in arb_steps(law())) {
        let promised = date(intake.received_at) + chrono::Days::new(30);
        for (_, case) in walk(intake, &steps) {
            for item in case.items().values() {
                prop_assert!(item.answer_by().committed_due() <= promised);
                prop_assert!(item.answer_by().safe_due() <= item.answer_by().committed_due());
            }
        }
    }

    /// P-69: once the committed date is missed, no later step makes it unmissed.
    #[test]
    fn lateness_cannot_be_hidden(intake in arb_intake(law()), steps in arb_steps(law())) {
        let cases = walk(intake, &steps);
        for pair in cases.windows(2) {
            let [(_, before), (at, after)] = pair else { continue };
            for (right, item) in before.items() {
                if item.answer_clock(date(*at)).is_missed() {
                    prop_assert!(after.item(*right).unwrap().answer_clock(date(*at)).is_missed());
                }
            }
        }
    }

    /// P-62: whatever the order of steps, nothing that needs proof is granted without it.
    #[test]
    fn nothing_is_granted_without_the_proof_it_needs(intake in arb_intake(law()), steps in arb_steps(law())) {
        for (_, case) in walk(intake, &steps) {
            for right in [Right::Access, Right::Accounting, Right::Correction, Right::Cancellation] {
                let granted = case.item(right).is_ok_and(|item| item.state().outcome().is_some_and(Outcome::grants));
                prop_assert!(!granted || case.proof().is_some());
            }
        }
    }

    /// An answer is final: its time and its outcome never change.
    #[test]
    fn an_answer_never_changes(intake in arb_intake(law()), steps in arb_steps(law())) {
        let cases = walk(intake, &steps);
        for pair in cases.windows(2) {
            let [(_, before), (_, after)] = pair else { continue };
            for (right, item) in before.items().iter().filter(|(_, item)| item.state().answered_at().is_some()) {
                let now = after.item(*right).unwrap();
                prop_assert_eq!(now.state().answered_at(), item.state().answered_at());
                prop_assert_eq!(now.state().outcome(), item.state().outcome());
                prop_assert_eq!(now.answer_by(), item.answer_by());
            }
        }
    }

    /// A step on one right leaves the clocks and states of the others alone, proof of identity apart.
    #[test]
    fn a_step_on_one_right_leaves_the_others_alone(intake in arb_intake(law()), steps in arb_steps(law())) {
        let cases = walk(intake, &steps);
        for pair in cases.windows(2) {
            let [(_, before), (_, after)] = pair else { continue };
            if before.proof() == after.proof() {
                let changed = before.items().iter().filter(|(right, item)| after.item(**right).unwrap() != *item);
                prop_assert!(changed.count() <= 1);
            }
        }
    }

    /// A case that was stored reads back as it was.
    #[test]
    fn a_stored_case_reads_back(intake in arb_intake(law()), steps in arb_steps(law())) {
        let (_, case) = walk(intake, &steps).pop().unwrap();
        let stored = serde_json::to_string(&case).unwrap();
        prop_assert_eq!(serde_json::from_str::<Case>(&stored).unwrap(), case);
    }
}

/// A stored case that says an unproved access was granted is not read.
#[test]
fn a_stored_case_that_breaks_its_rules_is_refused() {
    let case = case(&[Right::Access]).verify(proof(), on("2027-06-10")).unwrap();
    let granted = case.answer(Right::Access, Outcome::Granted, on("2027-06-11"), law()).unwrap();
    let mut stored = serde_json::to_value(&granted).unwrap();
    assert!(serde_json::from_value::<Case>(stored.clone()).is_ok());
    stored["proof"] = serde_json::Value::Null;
    let error = serde_json::from_value::<Case>(stored.clone()).unwrap_err();
    assert_eq!(error.to_string(), "access was granted without proof of identity");
    stored["items"] = serde_json::json!({});
    assert!(serde_json::from_value::<Case>(stored).unwrap_err().to_string().contains("at least one right"));
    assert!(matches!(
        granted.resume(Right::Access, on("2027-06-12"), law()),
        Err(StepError::WrongState { .. })
    ));
    assert!(matches!(granted.item(Right::Access).unwrap().state(), RightState::Answered { .. }));
}

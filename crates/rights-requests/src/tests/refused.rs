//! Steps that cannot be taken, each with its named error.

use jurisdiction::{DeadlineError, PauseCause};

use super::*;
use crate::{ExplanationError, OpenError, StepError};

#[test]
fn nothing_is_released_without_proof_of_identity() {
    let case = case(&[Right::Access]);
    let error = case.answer(Right::Access, Outcome::Granted, on("2027-06-10"), law()).unwrap_err();
    assert_eq!(error.to_string(), "access is granted only after the asker proved who they are");
    let partly = Outcome::Partly { ground: RefusalGround::ThirdPartyRights, explanation: reason() };
    assert!(case.answer(Right::Access, partly, on("2027-06-10"), law()).is_err());
    let not_shown = refused(RefusalGround::IdentityNotShown);
    assert!(case.answer(Right::Access, not_shown.clone(), on("2027-06-10"), law()).is_ok());
    let proved = case.verify(proof(), on("2027-06-10")).unwrap();
    let error = proved.answer(Right::Access, not_shown, on("2027-06-11"), law());
    assert_eq!(error, Err(StepError::IdentityWasShown));
    assert_eq!(proved.verify(proof(), on("2027-06-11")), Err(StepError::AlreadyProved));
}

#[test]
fn whoever_acts_for_another_proves_their_authority_too() {
    let intake = Intake { asker: AskerKind::Representative, ..intake(&[Right::Access], &["CLINIC-POLICY"]) };
    let case = open_request(intake, law(), clinic_zone().unwrap(), on("2027-06-09")).unwrap().case;
    assert_eq!(case.verify(proof(), on("2027-06-10")), Err(StepError::AuthorityNotProved));
    let both = IdentityProof { authority: Some(proof().identity), ..proof() };
    assert!(case.verify(both, on("2027-06-10")).is_ok());
}

/// DESIGN: a zero gain is refused.
#[test]
fn an_extension_that_gains_nothing_is_refused() {
    let case = opened(&[Right::Access], &["CLINIC-POLICY", "MX-LFPDPPP", "US-HIPAA"]).case;
    let error = case.extend(Right::Access, &family("US-HIPAA"), reason(), on("2027-06-25"), law());
    assert_eq!(error, Err(StepError::NoGain { committed_due: day("2027-07-05") }));
}

#[test]
fn an_extension_is_given_once_in_time_and_never_of_the_promise() {
    let case = case(&[Right::Access]);
    let mexican = family("MX-LFPDPPP");
    let extend = |case: &Case, family: &ProfileFamily, date: &str| {
        case.extend(Right::Access, family, reason(), on(date), law()).unwrap_err()
    };
    let late = extend(&case, &mexican, "2027-07-06");
    assert!(matches!(late, StepError::Deadline(DeadlineError::ExtendedTooLate { .. })));
    let promise = extend(&case, &family("CLINIC-POLICY"), "2027-06-25");
    assert!(matches!(promise, StepError::Deadline(DeadlineError::NotExtendable { .. })));
    let once = case.extend(Right::Access, &mexican, reason(), on("2027-06-25"), law()).unwrap();
    let twice = extend(&once, &mexican, "2027-06-26");
    assert!(matches!(twice, StepError::Deadline(DeadlineError::ExtendedAlready { .. })));
}

#[test]
fn a_pause_needs_a_cause_that_a_clock_knows_and_missing_elements_are_asked_once_in_time() {
    let case = case(&[Right::Access, Right::Complaint]);
    let pause = |case: &Case, right, cause, date: &str| case.pause(right, cause, on(date), law());
    let missing = PauseCause::MissingElements;
    let doubt = pause(&case, Right::Access, PauseCause::IdentityDoubt, "2027-06-10").unwrap_err();
    assert!(matches!(doubt, StepError::NoClockStops { .. }));
    assert!(matches!(
        pause(&case, Right::Complaint, missing, "2027-06-10"),
        Err(StepError::NoClockStops { .. })
    ));
    let late = pause(&case, Right::Access, missing, "2027-06-15");
    assert_eq!(late, Err(StepError::AskedTooLate { last_day: day("2027-06-14") }));
    let asked = pause(&case, Right::Access, missing, "2027-06-10").unwrap();
    let twice = pause(&asked, Right::Access, missing, "2027-06-10").unwrap_err();
    assert_eq!(twice.to_string(), "access is paused, so it cannot be paused");
    let answered = asked.answer(Right::Access, refused(RefusalGround::NotHeld), on("2027-06-11"), law());
    assert!(matches!(answered, Err(StepError::WrongState { state: "paused", .. })));
    let resumed = asked.resume(Right::Access, on("2027-06-11"), law()).unwrap();
    assert_eq!(pause(&resumed, Right::Access, missing, "2027-06-12"), Err(StepError::AskedAlready));
    assert!(matches!(
        resumed.resume(Right::Access, on("2027-06-12"), law()),
        Err(StepError::WrongState { .. })
    ));
    assert_eq!(
        asked.lapse(Right::Access, on("2027-06-12")),
        Err(StepError::CompletionOpen { until: day("2027-06-24") })
    );
}

#[test]
fn a_request_lapses_only_where_a_law_says_so() {
    let case = opened(&[Right::Access], &["UK-GDPR"]).case;
    let paused = case.pause(Right::Access, PauseCause::IdentityDoubt, on("2027-06-10"), law()).unwrap();
    assert_eq!(paused.lapse(Right::Access, on("2028-06-10")), Err(StepError::NeverLapses));
}

#[test]
fn an_answer_is_final_and_only_a_grant_is_carried_out() {
    let case = case(&[Right::Opposition]);
    assert!(matches!(case.execute(Right::Opposition, on("2027-06-10")), Err(StepError::WrongState { .. })));
    let no =
        case.answer(Right::Opposition, refused(RefusalGround::LegalBar), on("2027-06-10"), law()).unwrap();
    let again = no.answer(Right::Opposition, Outcome::Granted, on("2027-06-11"), law());
    assert!(matches!(again, Err(StepError::WrongState { state: "answered", .. })));
    assert!(no.execute(Right::Opposition, on("2027-06-11")).is_err());
    assert!(no.withdraw(Right::Opposition, on("2027-06-11")).is_err());
    assert_eq!(no.item(Right::Access).unwrap_err(), StepError::NotAsked { right: Right::Access });
}

/// P-64: paid by the person themselves and kept from the health plan.
#[test]
fn a_restriction_that_must_be_agreed_to_cannot_be_refused() {
    let must = Some(RestrictionKind::MustAgree);
    let intake = Intake { restriction: must, ..intake(&[Right::Restriction], &["CLINIC-POLICY"]) };
    let case = open_request(intake, law(), clinic_zone().unwrap(), on("2027-06-09")).unwrap().case;
    let no = case.answer(Right::Restriction, refused(RefusalGround::LegalBar), on("2027-06-10"), law());
    assert_eq!(no, Err(StepError::MustAgree));
    assert!(case.answer(Right::Restriction, Outcome::Granted, on("2027-06-10"), law()).is_ok());
}

/// P-67: whoever is complained of does not handle it.
#[test]
fn a_complaint_is_not_handled_by_whom_it_is_about() {
    let intake =
        Intake { complaint_about: Some(actor(5)), ..intake(&[Right::Complaint], &["CLINIC-POLICY"]) };
    let case = open_request(intake, law(), clinic_zone().unwrap(), on("2027-06-09")).unwrap().case;
    assert_eq!(case.assign(actor(5)), Err(StepError::ConflictOfInterest));
    assert_eq!(case.assign(actor(6)).unwrap().handler(), Some(actor(6)));
}

#[test]
fn time_does_not_run_backwards() {
    let case = case(&[Right::Access]);
    assert_eq!(case.verify(proof(), on("2027-06-06")), Err(StepError::Backwards));
    let proved = case.verify(proof(), on("2027-06-10")).unwrap();
    let early = proved.answer(Right::Access, Outcome::Granted, on("2027-06-09"), law());
    assert_eq!(early, Err(StepError::Backwards));
}

#[test]
fn a_request_that_makes_no_sense_is_not_opened() {
    let open = |intake| open_request(intake, law(), clinic_zone().unwrap(), on("2027-06-09")).unwrap_err();
    let plain = intake(&[Right::Access], &["CLINIC-POLICY"]);
    assert_eq!(open(Intake { rights: Set::EMPTY, ..plain.clone() }), OpenError::NoRight);
    assert_eq!(open(Intake { received_at: on("2027-06-10"), ..plain.clone() }), OpenError::Future);
    let kind = Some(RestrictionKind::Agreed);
    assert_eq!(open(Intake { restriction: kind, ..plain.clone() }), OpenError::RestrictionKind);
    let refusal = Some(RestrictionKind::Refusal);
    let restriction = intake(&[Right::Restriction], &["CLINIC-POLICY"]);
    assert_eq!(open(Intake { restriction: refusal, ..restriction }), OpenError::RestrictionKind);
    assert_eq!(open(Intake { complaint_about: Some(actor(5)), ..plain }), OpenError::ComplaintAbout);
    let untimed = intake(&[Right::Complaint], &["US-HIPAA"]);
    assert!(matches!(open(untimed), OpenError::Deadline(DeadlineError::NoTerm { .. })));
}

#[test]
fn a_reason_is_a_reason_and_debug_shows_none_of_it() {
    assert_eq!(Explanation::parse("  because  "), Err(ExplanationError::Length));
    assert_eq!(Explanation::parse("because of\tthat thing"), Err(ExplanationError::Control));
    assert!(!format!("{:?}", refused(RefusalGround::LegalBar)).contains("paper"));
    assert_eq!(ExplanationError::Length.to_string(), "a reason has between 10 and 2000 characters");
}

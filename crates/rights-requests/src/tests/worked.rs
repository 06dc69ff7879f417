//! Cases from the receipt to the end.

use jurisdiction::{Language, PauseCause};

use super::*;
use crate::{Clock, OnTimeReport, ProofNeeded, RightState};

#[test]
fn several_rights_have_their_own_clocks_from_the_receipt_not_from_the_logging() {
    let case = case(&[Right::Access, Right::Restriction]);
    assert_eq!(due(&case, Right::Access), day("2027-07-05"));
    // No law times a restriction: the promise does.
    assert_eq!(due(&case, Right::Restriction), day("2027-07-07"));
    assert_eq!(case.opened_at(), on("2027-06-09"));
    assert!(case.item(Right::Access).unwrap().answer_by().explain(Language::Es).len() == 4);
}

#[test]
fn an_access_request_goes_from_receipt_to_the_copy_handed_over() {
    let case = case(&[Right::Access]).verify(proof(), on("2027-06-10")).unwrap();
    let answered = case.answer(Right::Access, Outcome::Granted, on("2027-07-05"), law()).unwrap();
    let item = answered.item(Right::Access).unwrap();
    assert_eq!(item.answer_clock(day("2099-01-01")), Clock::InTime);
    // D-03: fifteen business days from the decision.
    assert_eq!(item.execute_by().unwrap().committed_due(), day("2027-07-26"));
    assert_eq!(item.execution_clock(day("2027-07-27")), Some(Clock::Overdue { days: 1 }));
    let done = answered.execute(Right::Access, on("2027-07-26")).unwrap();
    assert_eq!(done.item(Right::Access).unwrap().execution_clock(day("2099-01-01")), Some(Clock::InTime));
    assert_eq!(done.item(Right::Access).unwrap().answer_clock(day("2099-01-01")), Clock::InTime);
}

#[test]
fn an_answer_a_day_late_stays_late_for_ever() {
    let case = case(&[Right::Complaint]);
    let item = case.item(Right::Complaint).unwrap();
    assert_eq!(item.answer_clock(day("2027-07-07")), Clock::Running { days_left: 0 });
    assert_eq!(item.answer_clock(day("2027-07-08")), Clock::Overdue { days: 1 });
    let late = case.answer(Right::Complaint, Outcome::Granted, on("2027-07-08"), law()).unwrap();
    assert_eq!(late.item(Right::Complaint).unwrap().answer_clock(day("2027-07-08")), Clock::Late { days: 1 });
    let mut report = OnTimeReport::default();
    report.add(&late, day("2028-01-01"));
    assert!(report.is_broken() && report.late == 1);
    // Taking it back after the date hides nothing either.
    let back = case.withdraw(Right::Complaint, on("2027-07-09")).unwrap();
    assert_eq!(back.item(Right::Complaint).unwrap().answer_clock(day("2027-08-01")), Clock::Late { days: 2 });
}

/// M-2: the extension gains two days, up to the promise.
#[test]
fn an_extension_shows_what_it_gains_and_ends_at_the_promise() {
    let case = case(&[Right::Access]);
    let mexican = family("MX-LFPDPPP");
    let gain = case.extension_gain(Right::Access, &mexican, on("2027-06-25"), law()).unwrap();
    assert_eq!((gain.before, gain.after, gain.days()), (day("2027-07-05"), day("2027-07-07"), 2));
    let extended = case.extend(Right::Access, &mexican, reason(), on("2027-06-25"), law()).unwrap();
    assert_eq!(due(&extended, Right::Access), day("2027-07-07"));
    assert_eq!(extended.item(Right::Access).unwrap().extension_reasons().len(), 1);
}

/// D-04, D-05: asked within five business days; ten to complete; then twenty anew, but the promise stands.
#[test]
fn missing_elements_stop_the_law_and_not_the_promise() {
    let case = opened(&[Right::Access], &["MX-LFPDPPP"]).case;
    let asked = case.pause(Right::Access, PauseCause::MissingElements, on("2027-06-14"), law()).unwrap();
    let RightState::Paused { complete_by, .. } = asked.item(Right::Access).unwrap().state() else { panic!() };
    assert_eq!(*complete_by, Some(day("2027-06-28")));
    let resumed = asked.resume(Right::Access, on("2027-06-21"), law()).unwrap();
    assert_eq!(due(&resumed, Right::Access), day("2027-07-19"));
    assert_eq!(resumed.item(Right::Access).unwrap().state(), &RightState::Received);
    assert!(asked.lapse(Right::Access, on("2027-06-28")).is_err());
    let lapsed = asked.lapse(Right::Access, on("2027-06-29")).unwrap();
    assert!(matches!(lapsed.item(Right::Access).unwrap().state(), RightState::NotPresented { .. }));
    let promised = self::case(&[Right::Access]);
    let promised =
        promised.pause(Right::Access, PauseCause::MissingElements, on("2027-06-14"), law()).unwrap();
    let promised = promised.resume(Right::Access, on("2027-06-21"), law()).unwrap();
    assert_eq!(due(&promised, Right::Access), day("2027-07-07"));
}

#[test]
fn what_only_narrows_is_live_at_once_and_a_channel_once_identity_is_proved() {
    let rights = [Right::Access, Right::Restriction, Right::Revocation, Right::ConfidentialCommunication];
    let case = case(&rights);
    assert_eq!(case.live_now(), Set::of(&[Right::Restriction, Right::Revocation]));
    let case = case.verify(proof(), on("2027-06-10")).unwrap();
    assert_eq!(case.live_now(), Set::of(&rights[1..]));
    let case =
        case.answer(Right::Restriction, refused(RefusalGround::LegalBar), on("2027-06-11"), law()).unwrap();
    assert_eq!(case.live_now(), Set::of(&rights[2..]));
}

#[test]
fn the_acknowledgement_cites_what_a_letter_may_cite() {
    let opened =
        opened(&[Right::Access, Right::Complaint], &["CLINIC-POLICY", "MX-LFPDPPP", "US-HIPAA", "BR-LGPD"]);
    let acknowledgement = opened.acknowledgement;
    assert_eq!((acknowledgement.received_on, acknowledgement.channel), (day("2027-06-07"), Channel::Post));
    let access = &acknowledgement.rights[0];
    // The Brazilian row of confidence C and the voluntary standard shorten the date, and are not cited.
    assert_eq!(access.answer_by, day("2027-06-22"));
    let cites: Vec<_> = access.cites.iter().map(ToString::to_string).collect();
    assert_eq!(cites, ["CLINIC-POLICY/D-01", "MX-LFPDPPP-2025/D-02"]);
    assert_eq!(acknowledgement.proof_needed, ProofNeeded::Identity);
    let names: Vec<_> = acknowledgement.authorities.iter().map(|(es, _)| es.as_str()).collect();
    assert_eq!(
        names,
        ["Autoridade Nacional de Proteção de Dados (ANPD)", "Secretaría Anticorrupción y Buen Gobierno"]
    );
}

/// P-67, P-68: whoever asks, over whatever channel; a complaint needs no proof.
#[test]
fn anybody_may_file_over_any_channel_and_a_complaint_needs_no_proof() {
    use records_model::Vocabulary;
    for asker in AskerKind::ALL {
        for channel in Channel::ALL {
            let intake = Intake {
                asker: *asker,
                channel: *channel,
                ..intake(&[Right::Complaint], &["CLINIC-POLICY"])
            };
            let opened = open_request(intake, law(), clinic_zone().unwrap(), on("2027-06-09")).unwrap();
            assert_eq!(opened.acknowledgement.proof_needed, ProofNeeded::Nothing);
            assert!(opened.case.answer(Right::Complaint, Outcome::Granted, on("2027-06-09"), law()).is_ok());
        }
    }
}

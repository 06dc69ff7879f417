//! The main job, end to end: promise, rule, decision, record, proof.

use clinic_runtime::{ExampleClinic, Withheld};
use consent_policy::Outcome;
use privacy_operations::{DiscloseRecords, Receiver, WithdrawConsent};
use records_model::{Category, Detail, Field, Ground, ProviderId, Purpose, Set};

use crate::steps::{Cast, verified};
use crate::support::{Clinic, at};

/// The hotel of the register, under a contract in force.
const HOTEL: ProviderId =
    ProviderId::from_uuid(uuid::Uuid::from_u128(0x0194_1f29_7c00_7a01_8000_0000_0000_0001));

#[tokio::test]
async fn a_record_keeps_the_policys_promises_from_consent_to_proof() {
    let clinic = Clinic::found("main_job", ExampleClinic::Elicells).await;
    let runtime = clinic.runtime();
    let cast = Cast::assemble(&clinic).await;
    let (reception, patient) = (cast.reception, cast.patient);

    // Before consent: refused, and the refusal says why and cites a clause.
    let before = runtime.perform(&cast.reading(Purpose::Treatment), at(5)).await.unwrap();
    let answer = &before.cells[0].answer;
    assert_ne!(answer.outcome, Outcome::Permit);
    assert!(answer.reasons.iter().any(|reason| !reason.clauses.is_empty()), "{answer:?}");

    let consent = cast.consent_to_care(&clinic, 10).await;
    let written = runtime.perform(&cast.result("Hemoglobina canaria"), at(11)).await.unwrap();
    assert!(written.record.is_some(), "{:?}", written.answer);

    // With consent: the nurse reads it, and the read is in the log.
    let used = runtime.perform(&cast.reading(Purpose::Treatment), at(12)).await.unwrap();
    let opened = runtime.open_used(patient, used).unwrap();
    assert_eq!(opened.withheld, Withheld::Nothing);
    assert_eq!(opened.records[0].content[&Field::Display].as_str(), "Hemoglobina canaria");

    // For marketing, and for the hotel: refused.
    let marketing = runtime.perform(&cast.reading(Purpose::Marketing), at(13)).await.unwrap();
    assert_ne!(marketing.cells[0].answer.outcome, Outcome::Permit);
    let hotel = DiscloseRecords {
        actor: reception,
        subject: patient,
        receiver: Receiver::Provider(HOTEL),
        purpose: Purpose::Travel,
        undescribed: None,
        ground: Ground::Processor,
        detail: Detail::Full,
        categories: Set::one(Category::Laboratory),
    };
    let refused = runtime.perform(&hotel, at(14)).await.unwrap();
    assert!(refused.page.is_none());
    assert_eq!(refused.answer.outcome, Outcome::Deny);

    // Withdrawn: refused at once.
    let withdraw = WithdrawConsent { actor: reception, subject: patient, consents: vec![consent] };
    assert_eq!(runtime.perform(&withdraw, at(20)).await.unwrap().ended.len(), 1);
    let after = runtime.perform(&cast.reading(Purpose::Treatment), at(21)).await.unwrap();
    assert!(after.cells.iter().all(|cell| cell.permit.is_none()));

    // The log: placed, signed, and checked by a stranger.
    assert!(runtime.sequence(at(22)).await.unwrap() > 10);
    let report = verified(&clinic).await;
    assert!(report.first_bad().is_none(), "{report:?}");
}

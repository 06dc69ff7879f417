//! The main job, end to end: promise, rule, decision, record, proof.

use audit_log::{Anchors, ExportWriter, verify_export};
use clinic_runtime::{ExampleClinic, Withheld};
use consent_policy::{ConsentAtom, ConsentPurpose, ConsentRecipient, Outcome, Signer};
use privacy_operations::{
    CardNumberAnswer, ConsentEvidence, DiscloseRecords, GiveConsent, Receiver, RecordCareRelation,
    RevealedHealth, Setting, UseRecords, WithdrawConsent, WriteRecord,
};
use records_model::{
    Action, ActorId, AnchorEvent, Category, ConsentForm, ConsentId, ContentForm, ContentKind, CountryClass,
    Detail, Field, Ground, Purpose, RecipientClass, RecordContent, Role, Set, SubjectId,
};

use crate::support::{Clinic, at, start};

async fn consent_to_care(clinic: &Clinic, reception: ActorId, patient: SubjectId) -> ConsentId {
    let medical = Set::of(&[
        Category::MedicalHistory,
        Category::Medications,
        Category::TreatmentNotes,
        Category::Laboratory,
        Category::Outcomes,
    ]);
    let give = GiveConsent {
        actor: reception,
        subject: patient,
        atoms: vec![ConsentAtom {
            actions: Set::of(&[Action::Read, Action::Write, Action::Collect]),
            purpose: ConsentPurpose::Described(Purpose::Treatment),
            categories: medical,
            recipient: ConsentRecipient::Class(RecipientClass::Internal),
            countries: Set::one(CountryClass::Domestic),
        }],
        minus: Vec::new(),
        form: ConsentForm::ExpressWritten,
        evidence: ConsentEvidence::SignedScreen,
        signer: Signer::Person,
        expires_at: None,
        supersedes: Vec::new(),
    };
    let given = clinic.runtime().perform(&give, at(10)).await.unwrap();
    assert!(given.answer.is_permit(), "{:?}", given.answer);
    let receipt = given.receipt.unwrap();
    assert!(receipt.checkpoint.unwrap().starts_with("resguardo/"));
    receipt.consent
}

fn reading(actor: ActorId, subject: SubjectId, purpose: Purpose) -> UseRecords {
    UseRecords {
        actor,
        subject,
        purpose,
        ground: Ground::Consent,
        detail: Detail::Full,
        categories: Set::one(Category::Laboratory),
        setting: Setting::InPerson,
    }
}

#[tokio::test]
async fn a_record_keeps_the_policys_promises_from_consent_to_proof() {
    let clinic = Clinic::found("main_job", ExampleClinic::Elicells).await;
    let runtime = clinic.runtime();
    let reception = clinic.staff(Role::Reception).await;
    let nurse = clinic.staff(Role::Nurse).await;
    let physician = clinic.staff(Role::Physician).await;
    let patient = clinic.patient(reception, "Guadalupe", "Treviño Garza").await;
    for staff in [nurse, physician] {
        let relate = RecordCareRelation { actor: reception, subject: patient, staff, ends_at: None };
        assert!(runtime.perform(&relate, at(2)).await.unwrap().is_permit());
    }

    // Before consent: refused, and the refusal says why and cites a clause.
    let before = runtime.perform(&reading(nurse, patient, Purpose::Treatment), at(5)).await.unwrap();
    let answer = &before.cells[0].answer;
    assert_ne!(answer.outcome, Outcome::Permit);
    assert!(answer.reasons.iter().any(|reason| !reason.clauses.is_empty()), "{answer:?}");

    let consent = consent_to_care(&clinic, reception, patient).await;
    let mut fields = RecordContent::new();
    fields.insert(Field::Code, "718-7".into());
    fields.insert(Field::Display, "Hemoglobina canaria".into());
    fields.insert(Field::Value, "13.4".into());
    let write = WriteRecord {
        actor: physician,
        subject: patient,
        purpose: Purpose::Treatment,
        ground: Ground::Consent,
        category: Category::Laboratory,
        kind: ContentKind::Result,
        form: ContentForm::Coded,
        reveals: RevealedHealth::Nothing,
        anchor: (AnchorEvent::LastMedicalAct, start()),
        content: fields,
        addendum_to: None,
        card_number: CardNumberAnswer::NotAsked,
    };
    let written = runtime.perform(&write, at(11)).await.unwrap();
    assert!(written.record.is_some(), "{:?}", written.answer);

    // With consent: the nurse reads it, and the read is in the log.
    let used = runtime.perform(&reading(nurse, patient, Purpose::Treatment), at(12)).await.unwrap();
    let opened = runtime.open_used(patient, used).unwrap();
    assert_eq!(opened.withheld, Withheld::Nothing);
    assert_eq!(opened.records[0].content[&Field::Display].as_str(), "Hemoglobina canaria");

    // For marketing, and for the hotel: refused.
    let marketing = runtime.perform(&reading(nurse, patient, Purpose::Marketing), at(13)).await.unwrap();
    assert_ne!(marketing.cells[0].answer.outcome, Outcome::Permit);
    let hotel = DiscloseRecords {
        actor: reception,
        subject: patient,
        receiver: Receiver::Class(RecipientClass::Hotel),
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
    let after = runtime.perform(&reading(nurse, patient, Purpose::Treatment), at(21)).await.unwrap();
    assert!(after.cells.iter().all(|cell| cell.permit.is_none()));

    // The log: placed, signed, and checked by a stranger.
    assert!(runtime.sequence(at(22)).await.unwrap() > 10);
    let report = verified(&clinic).await;
    assert!(report.first_bad().is_none(), "{report:?}");
}

async fn verified(clinic: &Clinic) -> audit_log::Report {
    let store = clinic.runtime().store();
    let id = clinic.runtime().clinic();
    let (mut writer, header) = ExportWriter::begin(id);
    let mut lines = vec![header];
    for entry in store.log_page(id, 0, 10_000).await.unwrap() {
        lines.push(writer.entry(&entry.leaf, &audit_log::leaf_hash(&entry.leaf)));
    }
    let heads = store.heads(id).await.unwrap();
    lines.push(writer.checkpoint(&heads.last().unwrap().2));
    lines.push(writer.finish());
    let mut anchors = Anchors::new(clinic.runtime().verifier_key());
    anchors.add(&heads[0].2).unwrap();
    verify_export(lines, anchors)
}

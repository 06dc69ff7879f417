//! The steps that several tests take: who takes part, and one of each operation.

use audit_log::{Anchors, ExportWriter, Leaf, Report, verify_export};
use chrono::TimeDelta;
use consent_policy::{ConsentAtom, ConsentPurpose, ConsentRecipient, Signer};
use privacy_operations::{
    AddRestriction, CardNumberAnswer, ConsentEvidence, EvidenceKind, FileToAttach, GiveConsent, ImportBundle,
    ImportItem, OpenRequest, RecordCareRelation, RecordEvidence, RevealedHealth, Setting, UseAttachment,
    UseRecords, WriteRecord,
};
use records_model::{
    Action, ActorId, AnchorEvent, Category, ConsentForm, ConsentId, ContentForm, ContentKind, Context,
    CountryClass, Detail, ExternalAuthor, Field, FileLabel, FileName, Ground, MediaType, Purpose,
    RecipientClass, RecordContent, RecordId, RestrictionKind, RestrictionScope, RetentionClass, Role, Set,
    SourceIdentity, SubjectId,
};
use rights_requests::{AskerKind, Channel};

use crate::support::{Clinic, at, person, start};

/// Who takes part.
#[derive(Clone, Copy)]
pub(crate) struct Cast {
    pub(crate) reception: ActorId,
    pub(crate) nurse: ActorId,
    pub(crate) physician: ActorId,
    pub(crate) patient: SubjectId,
}

impl Cast {
    /// Three staff members and a patient in whose care two of them take part.
    pub(crate) async fn assemble(clinic: &Clinic) -> Self {
        let reception = clinic.staff(Role::Reception).await;
        let nurse = clinic.staff(Role::Nurse).await;
        let physician = clinic.staff(Role::Physician).await;
        let patient = clinic.patient(reception, "Guadalupe", "Treviño Garza").await;
        for staff in [nurse, physician] {
            let relate = RecordCareRelation { actor: reception, subject: patient, staff, ends_at: None };
            assert!(clinic.runtime().perform(&relate, at(2)).await.unwrap().is_permit());
        }
        Self { reception, nurse, physician, patient }
    }

    /// The patient agrees in writing to treatment here.
    pub(crate) async fn consent_to_care(&self, clinic: &Clinic, minute: i64) -> ConsentId {
        let given = clinic.runtime().perform(&self.written_consent(), at(minute)).await.unwrap();
        assert!(given.answer.is_permit(), "{:?}", given.answer);
        let receipt = given.receipt.unwrap();
        assert!(receipt.checkpoint.unwrap().starts_with("resguardo/"));
        receipt.consent
    }

    pub(crate) fn written_consent(&self) -> GiveConsent {
        let medical = Set::of(&[
            Category::MedicalHistory,
            Category::Medications,
            Category::TreatmentNotes,
            Category::Laboratory,
            Category::Outcomes,
        ]);
        GiveConsent {
            actor: self.reception,
            subject: self.patient,
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
        }
    }

    /// The nurse reads laboratory results.
    pub(crate) fn reading(&self, purpose: Purpose) -> UseRecords {
        UseRecords {
            actor: self.nurse,
            subject: self.patient,
            purpose,
            ground: Ground::Consent,
            detail: Detail::Full,
            categories: Set::one(Category::Laboratory),
            setting: Setting::InPerson,
        }
    }

    /// The physician writes a laboratory result.
    pub(crate) fn result(&self, text: &str) -> WriteRecord {
        WriteRecord {
            actor: self.physician,
            subject: self.patient,
            purpose: Purpose::Treatment,
            ground: Ground::Consent,
            category: Category::Laboratory,
            kind: ContentKind::Result,
            form: ContentForm::Coded,
            reveals: RevealedHealth::Nothing,
            anchor: (AnchorEvent::LastMedicalAct, start()),
            content: content(text),
            addendum_to: None,
            card_number: CardNumberAnswer::NotAsked,
        }
    }

    /// The physician attaches a scan to the laboratory's records.
    pub(crate) fn scan(&self, name: &str) -> FileToAttach {
        FileToAttach {
            actor: self.physician,
            subject: self.patient,
            purpose: Purpose::Treatment,
            ground: Ground::Consent,
            category: Category::Laboratory,
            reveals: RevealedHealth::Nothing,
            anchor: (AnchorEvent::LastMedicalAct, start()),
            label: FileLabel {
                media_type: MediaType::parse("image/png").unwrap(),
                name: FileName::parse(name).unwrap(),
            },
        }
    }

    /// The nurse reads a file.
    pub(crate) fn file(&self, record: RecordId) -> UseAttachment {
        UseAttachment {
            actor: self.nurse,
            subject: self.patient,
            record,
            purpose: Purpose::Treatment,
            ground: Ground::Consent,
            setting: Setting::InPerson,
        }
    }

    /// The patient asks that nobody treats travel details.
    pub(crate) fn restriction(&self) -> AddRestriction {
        AddRestriction {
            actor: self.reception,
            subject: self.patient,
            kind: RestrictionKind::Agreed,
            scope: RestrictionScope { categories: Set::one(Category::Travel), ..RestrictionScope::default() },
            unless: Vec::new(),
        }
    }

    /// The nurse breaks the glass.
    pub(crate) fn broken_glass(&self, reason: &str) -> RecordEvidence {
        RecordEvidence {
            actor: self.nurse,
            subject: self.patient,
            kind: EvidenceKind::BreakGlass,
            reason: reason.to_owned(),
            lasts: TimeDelta::hours(1),
        }
    }

    /// The patient asks for copies.
    pub(crate) fn request(&self, words: &str) -> OpenRequest {
        OpenRequest {
            actor: self.reception,
            subject: self.patient,
            asker: AskerKind::Patient,
            channel: Channel::Email,
            received_at: start(),
            rights: Set::one(jurisdiction::Right::Access),
            restriction: None,
            words: Some(words.to_owned()),
        }
    }
}

fn content(text: &str) -> RecordContent {
    let mut content = RecordContent::new();
    content.insert(Field::Code, "718-7".into());
    content.insert(Field::Display, text.into());
    content.insert(Field::Value, "13.4".into());
    content
}

/// One result about somebody who is not on file yet, from another system.
pub(crate) fn import(
    clinic: &Clinic,
    subject: SubjectId,
    (name, id, text): (&str, &str, &str),
) -> ImportBundle {
    let source = |resource: &str, id: String| SourceIdentity {
        system: "https://origen.example".to_owned(),
        resource: resource.to_owned(),
        id,
    };
    ImportBundle {
        actor: clinic.system(),
        subject,
        person: person(name, "De Otra Parte"),
        identity: source("Patient", id.to_owned()),
        items: vec![ImportItem {
            source: source("Observation", format!("{id}-1")),
            fingerprint: [7; 32],
            category: Category::Laboratory,
            kind: ContentKind::Result,
            form: ContentForm::Coded,
            class: RetentionClass::Clinical,
            context: Context::Treatment,
            reveals_health: false,
            genetic: false,
            author: ExternalAuthor::NotStated,
            anchor: AnchorEvent::LastMedicalAct,
            anchor_at: start(),
            content: content(text),
        }],
    }
}

/// The log's leaves in tree order.
pub(crate) async fn leaves(clinic: &Clinic) -> Vec<Leaf> {
    let store = clinic.runtime().store();
    let page = store.log_page(clinic.runtime().clinic(), 0, 100_000).await.unwrap();
    page.iter().map(|entry| Leaf::decode(&entry.leaf).unwrap()).collect()
}

/// What a stranger finds who checks the exported log against the first head.
pub(crate) async fn verified(clinic: &Clinic) -> Report {
    let store = clinic.runtime().store();
    let id = clinic.runtime().clinic();
    let (mut writer, header) = ExportWriter::begin(id);
    let mut lines = vec![header];
    for entry in store.log_page(id, 0, 100_000).await.unwrap() {
        lines.push(writer.entry(&entry.leaf, &audit_log::leaf_hash(&entry.leaf)));
    }
    let heads = store.heads(id).await.unwrap();
    lines.push(writer.checkpoint(&heads.last().unwrap().2));
    lines.push(writer.finish());
    let mut anchors = Anchors::new(clinic.runtime().verifier_key());
    anchors.add(&heads[0].2).unwrap();
    verify_export(lines, anchors)
}

//! A short day of a clinic: people, consent, a record and its addendum, reads, a disclosure, a request, a refusal.

use chrono::NaiveDate;
use clinic_runtime::{Home, Runtime};
use consent_policy::{ConsentAtom, ConsentPurpose, ConsentRecipient, Signer};
use privacy_notice::Residence;
use privacy_operations::{
    AddRestriction, CardNumberAnswer, ClearanceEntry, ConsentEvidence, DiscloseRecords, EnrolStaff,
    FileToAttach, GiveConsent, OpenRequest, PersonDetails, Receiver, RecordCareRelation, RecordClearance,
    RegisterPerson, RevealedHealth, Setting, UseRecords, WriteRecord, system_actor,
};
use records_model::{
    Action, ActorId, AnchorEvent, BirthDate, Category, ConsentForm, ContentForm, ContentKind, CountryClass,
    Detail, EmailAddress, Field, FileLabel, FileName, Ground, MediaType, PersonName, PhoneNumber, Purpose,
    RecipientClass, RecordContent, RestrictionKind, RestrictionScope, Role, Set, SubjectId, SubjectKind,
    TrainingRecord,
};
use rights_requests::{AskerKind, Channel, Right};
use uuid::Uuid;

use crate::clinic::{at, start};

/// Who was there.
pub(crate) struct People {
    pub(crate) reception: ActorId,
    pub(crate) nurse: ActorId,
    pub(crate) physician: ActorId,
    pub(crate) officer: ActorId,
    pub(crate) patient: SubjectId,
}

fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x0194_0000_0000_7000_8000_0000_0000_0000 + number)
}

fn person(given: &str, surnames: &str) -> PersonDetails {
    PersonDetails {
        name: PersonName::parse(given, surnames).unwrap(),
        birth_date: Some(BirthDate::parse("1961-04-23", start().date_naive()).unwrap()),
        phone: Some(PhoneNumber::parse("+52 81 1234 5678").unwrap()),
        email: Some(EmailAddress::parse("canary.correo@correo-inventado.mx").unwrap()),
        residence: Some(Residence::parse("MX").unwrap()),
        language: Some("es".to_owned()),
    }
}

impl People {
    pub(crate) fn of_the_day() -> Self {
        Self {
            reception: ActorId::from_uuid(id(1)),
            nurse: ActorId::from_uuid(id(2)),
            physician: ActorId::from_uuid(id(3)),
            officer: ActorId::from_uuid(id(4)),
            patient: SubjectId::from_uuid(id(9)),
        }
    }
}

/// Runs the day; the log is placed and signed at its end, an hour after the start.
pub(crate) async fn work(home: &Home) -> People {
    let runtime = &home.runtime;
    let people = People::of_the_day();
    for (actor, role) in [
        (people.reception, Role::Reception),
        (people.nurse, Role::Nurse),
        (people.physician, Role::Physician),
        (people.officer, Role::PrivacyOfficer),
    ] {
        enrol(runtime, actor, role).await;
    }
    let register = RegisterPerson {
        actor: people.reception,
        kind: SubjectKind::Patient,
        id: people.patient,
        person: person("Guadalupe", "Treviño Garza"),
    };
    assert!(runtime.perform(&register, at(1)).await.unwrap().answer.is_permit());
    for staff in [people.nurse, people.physician] {
        let relate =
            RecordCareRelation { actor: people.reception, subject: people.patient, staff, ends_at: None };
        assert!(runtime.perform(&relate, at(2)).await.unwrap().is_permit());
    }
    consent(runtime, &people).await;
    treat(runtime, &people).await;
    ask(runtime, &people).await;
    assert!(runtime.sequence(at(60)).await.unwrap() > 20);
    people
}

async fn enrol(runtime: &Runtime, actor: ActorId, role: Role) {
    let system = system_actor(runtime.clinic());
    let subject = SubjectId::from_uuid(Uuid::from_u128(actor.as_uuid().as_u128() + 100));
    let enrol = EnrolStaff {
        actor: system,
        id: actor,
        subject,
        role,
        person: person("Personal", role.to_string().as_str()),
    };
    assert!(runtime.perform(&enrol, at(0)).await.unwrap().is_permit());
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let (completed_on, expires_on) = (day("2026-11-02"), day("2027-11-02"));
    let training = |module: &str| {
        ClearanceEntry::Training(TrainingRecord { module: module.to_owned(), completed_on, expires_on })
    };
    for entry in [
        training("privacy-basics-2"),
        training("information-security-1"),
        ClearanceEntry::BackgroundClear { on: completed_on, expires_on: day("2028-11-02") },
        ClearanceEntry::Undertaking { on: completed_on },
    ] {
        let record = RecordClearance { actor: system, staff: actor, entry };
        assert!(runtime.perform(&record, at(0)).await.unwrap().is_permit());
    }
}

async fn consent(runtime: &Runtime, people: &People) {
    let medical = Set::of(&[Category::MedicalHistory, Category::TreatmentNotes, Category::Laboratory]);
    let atom = |actions, purpose, recipient, country| ConsentAtom {
        actions,
        purpose: ConsentPurpose::Described(purpose),
        categories: medical,
        recipient: ConsentRecipient::Class(recipient),
        countries: Set::one(country),
    };
    let inside = Set::of(&[Action::Read, Action::Write, Action::Collect]);
    let outside = Set::one(Action::Disclose);
    let give = GiveConsent {
        actor: people.reception,
        subject: people.patient,
        atoms: vec![
            atom(inside, Purpose::Treatment, RecipientClass::Internal, CountryClass::Domestic),
            atom(outside, Purpose::CareCoordination, RecipientClass::TreatingProvider, CountryClass::Abroad),
        ],
        minus: Vec::new(),
        form: ConsentForm::ExpressWritten,
        evidence: ConsentEvidence::SignedScreen,
        signer: Signer::Person,
        expires_at: None,
        supersedes: Vec::new(),
    };
    assert!(runtime.perform(&give, at(10)).await.unwrap().receipt.is_some());
}

pub(crate) fn reading(people: &People) -> UseRecords {
    UseRecords {
        actor: people.nurse,
        subject: people.patient,
        purpose: Purpose::Treatment,
        ground: Ground::Consent,
        detail: Detail::Full,
        categories: Set::one(Category::Laboratory),
        setting: Setting::InPerson,
    }
}

fn content(value: &str) -> RecordContent {
    let fields = [(Field::Code, "718-7"), (Field::Display, "Hemoglobina canaria"), (Field::Value, value)];
    fields.into_iter().map(|(field, text)| (field, text.into())).collect()
}

async fn treat(runtime: &Runtime, people: &People) {
    let mut write = WriteRecord {
        actor: people.physician,
        subject: people.patient,
        purpose: Purpose::Treatment,
        ground: Ground::Consent,
        category: Category::Laboratory,
        kind: ContentKind::Result,
        form: ContentForm::Coded,
        reveals: RevealedHealth::Nothing,
        anchor: (AnchorEvent::LastMedicalAct, start()),
        content: content("13.4"),
        addendum_to: None,
        card_number: CardNumberAnswer::NotAsked,
    };
    let (record, _) = runtime.perform(&write, at(11)).await.unwrap().record.unwrap();
    write.addendum_to = Some(record);
    write.content = content("13.9");
    assert!(runtime.perform(&write, at(12)).await.unwrap().record.is_some());
    attach(runtime, people).await;
    let used = runtime.perform(&reading(people), at(13)).await.unwrap();
    assert!(used.cells.iter().all(|cell| cell.permit.is_some()));
    let abroad = DiscloseRecords {
        actor: people.physician,
        subject: people.patient,
        receiver: Receiver::Provider("01941f29-7c00-7a01-8000-000000000004".parse().unwrap()),
        purpose: Purpose::CareCoordination,
        undescribed: None,
        ground: Ground::Consent,
        detail: Detail::Full,
        categories: Set::one(Category::Laboratory),
    };
    let sent = runtime.perform(&abroad, at(14)).await.unwrap();
    assert!(sent.page.is_some(), "{:?}", sent.answer);
    let marketing = UseRecords { purpose: Purpose::Marketing, ..reading(people) };
    assert!(runtime.perform(&marketing, at(15)).await.unwrap().cells[0].permit.is_none());
}

/// The physician attaches the sheet that the result was read from.
async fn attach(runtime: &Runtime, people: &People) {
    let label = FileLabel {
        media_type: MediaType::parse("application/pdf").unwrap(),
        name: FileName::parse("hoja canaria.pdf").unwrap(),
    };
    let file = FileToAttach {
        actor: people.physician,
        subject: people.patient,
        purpose: Purpose::Treatment,
        ground: Ground::Consent,
        category: Category::Laboratory,
        reveals: RevealedHealth::Nothing,
        anchor: (AnchorEvent::LastMedicalAct, start()),
        label,
    };
    let sheet = "Hemoglobina canaria 13.9 ".repeat(2_000);
    assert!(runtime.attach_file(file, &mut sheet.as_bytes(), at(12)).await.unwrap().stored.is_some());
}

async fn ask(runtime: &Runtime, people: &People) {
    let request = OpenRequest {
        actor: people.reception,
        subject: people.patient,
        asker: AskerKind::Patient,
        channel: Channel::Phone,
        received_at: start(),
        rights: Set::one(Right::Access),
        restriction: None,
        words: Some("Quiero una copia de mi expediente".to_owned()),
    };
    assert!(runtime.perform(&request, at(20)).await.unwrap().opened.is_some());
    let spare = AddRestriction {
        actor: people.reception,
        subject: people.patient,
        kind: RestrictionKind::Refusal,
        scope: RestrictionScope { categories: Set::one(Category::Laboratory), ..RestrictionScope::default() },
        unless: Vec::new(),
    };
    assert!(runtime.perform(&spare, at(30)).await.unwrap().restriction.is_some());
    let after = runtime.perform(&reading(people), at(31)).await.unwrap();
    assert!(after.cells.iter().all(|cell| cell.permit.is_none()));
}

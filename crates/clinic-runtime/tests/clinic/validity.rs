//! How long an answer holds: until the first thing that it rests on lapses.

use chrono::{DateTime, NaiveDate, Utc};
use clinic_runtime::ExampleClinic;
use privacy_operations::{ActivateDocument, ClearanceEntry, DiscloseRecords, Receiver, RecordClearance};
use records_model::{Category, Detail, Ground, ProviderId, Purpose, Role, Set};
use uuid::Uuid;

use crate::steps::Cast;
use crate::support::{Clinic, at};

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

#[tokio::test]
async fn an_answer_holds_until_a_clearance_or_a_contract_lapses() {
    let clinic = Clinic::found("validity", ExampleClinic::Elicells).await;
    let cast = Cast::assemble(&clinic).await;
    cast.consent_to_care(&clinic, 3).await;
    let reading = cast.reading(Purpose::Treatment);
    let until = async |minute| {
        let read = clinic.runtime().perform(&reading, at(minute)).await.unwrap();
        assert!(read.cells[0].answer.is_permit(), "{:?}", read.cells[0].answer);
        read.cells[0].answer.valid_until.unwrap()
    };
    // The training of everybody here ends on 2 November, which begins at six in the morning of UTC.
    assert_eq!(until(4).await, instant("2027-11-02T06:00:00Z"));
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let entry = ClearanceEntry::BackgroundClear { on: day("2026-11-16"), expires_on: day("2027-03-01") };
    let check = RecordClearance { actor: clinic.system(), staff: cast.nurse, entry };
    assert!(clinic.runtime().perform(&check, at(5)).await.unwrap().is_permit());
    assert_eq!(until(6).await, instant("2027-03-01T06:00:00Z"));

    let hotel = DiscloseRecords {
        actor: cast.reception,
        subject: cast.patient,
        receiver: Receiver::Provider(ProviderId::from_uuid(Uuid::from_u128(
            0x0194_1f29_7c00_7a01_8000_0000_0000_0001,
        ))),
        purpose: Purpose::Travel,
        undescribed: None,
        ground: Ground::Processor,
        detail: Detail::Full,
        categories: Set::one(Category::IdentityContact),
    };
    let sent = async |minute| {
        clinic.runtime().perform(&hotel, at(minute)).await.unwrap().answer.valid_until.unwrap()
    };
    assert_eq!(sent(7).await, instant("2027-11-02T06:00:00Z"));
    let text = include_str!("../../../../fixtures/clinics/elicells/providers.toml");
    let text = text.replacen("until = \"2031-01-01\"", "until = \"2027-01-15\"", 1);
    let officer = clinic.staff(Role::PrivacyOfficer).await;
    let renewed = ActivateDocument { actor: officer, path: "providers.toml".to_owned(), text };
    assert!(clinic.runtime().perform(&renewed, at(8)).await.unwrap().is_permit());
    assert_eq!(sent(9).await, instant("2027-01-15T06:00:00Z"));
}

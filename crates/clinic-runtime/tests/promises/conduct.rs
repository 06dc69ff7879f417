//! Promises that the clinic breaks, or keeps, by what it does and by letting time pass; nothing is tampered with.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use audit_log::{Commitment, Event, Generations, Leaf, LeafParts, Moves, Outcome, Pseudonym};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use clinic_runtime::{ExampleClinic, Home, OutsideEvidence, example_clinic};
use postgres_store::Clock;
use privacy_notice::evidence::{KeyRecovery, Transport};
use privacy_notice::{ContentHash, notice_text};
use privacy_operations::{
    ActivateDocument, ClearanceEntry, EvidenceKind, RecordClearance, RecordEvidence, ReviewEvidence,
    ReviewVerdict, system_actor,
};
use records_model::{Action, Detail, EntryId, Ground, PolicyVersionId, Purpose, RuleId};
use uuid::Uuid;

use crate::clinic::{Place, at, broken, documents, providers, report, start};
use crate::day::People;
use crate::flips::the_day;

fn set(clauses: &[u16]) -> BTreeSet<u16> {
    clauses.iter().copied().collect()
}

async fn a_copy(name: &str) -> (Place, Home) {
    let place = the_day().await.copy(name).await;
    let home = place.open(documents()).await;
    (place, home)
}

async fn found(home: &Home, clock: Clock) -> BTreeSet<u16> {
    broken(&report(home, clock, &OutsideEvidence::default()).await)
}

async fn activate(home: &Home, path: &str, text: String, minutes: i64) {
    let actor = system_actor(home.runtime.clinic());
    let activate = ActivateDocument { actor, path: path.to_owned(), text };
    let answer = home.runtime.perform(&activate, at(minutes)).await.unwrap();
    assert!(answer.is_permit(), "{answer:?}");
}

fn original(path: &str) -> String {
    example_clinic(ExampleClinic::Elicells).into_iter().find(|(name, _)| name == path).unwrap().1
}

#[tokio::test]
async fn a_broken_glass_that_nobody_reviews_in_time_breaks_p_44_until_it_is_reviewed() {
    let (_place, home) = a_copy("promises_glass").await;
    let people = People::of_the_day();
    let glass = RecordEvidence {
        actor: people.physician,
        subject: people.patient,
        kind: EvidenceKind::BreakGlass,
        reason: "Paciente inconsciente en urgencias".to_owned(),
        lasts: TimeDelta::hours(1),
    };
    let recorded = home.runtime.perform(&glass, at(62)).await.unwrap();
    let (evidence, _) = recorded.evidence.unwrap();
    let in_time = at(62 + 60 + 72 * 60);
    assert_eq!(found(&home, in_time).await, set(&[]));
    let late = 62 + 60 + 72 * 60 + 1;
    assert_eq!(found(&home, at(late)).await, set(&[44]));
    let verdict = ReviewVerdict::Justified;
    let review = ReviewEvidence { actor: people.officer, subject: people.patient, evidence, verdict };
    assert!(home.runtime.perform(&review, at(late)).await.unwrap().is_permit());
    assert_eq!(found(&home, at(late)).await, set(&[]));
}

#[tokio::test]
async fn a_request_past_its_date_breaks_p_69() {
    let (_place, home) = a_copy("promises_request").await;
    let due = home.runtime.store().cases(home.runtime.clinic()).await.unwrap();
    let case: rights_requests::Case = serde_json::from_value(due[0].document.clone()).unwrap();
    let due = case.items().values().map(|item| item.answer_by().committed_due()).min().unwrap();
    let noon = |day: NaiveDate| Clock::At(format!("{day}T18:00:00Z").parse::<DateTime<Utc>>().unwrap());
    assert_eq!(found(&home, noon(due)).await, set(&[]));
    assert_eq!(found(&home, noon(due.succ_opt().unwrap())).await, set(&[69]));
}

#[tokio::test]
async fn an_office_that_falls_vacant_breaks_p_91() {
    let (_place, home) = a_copy("promises_office").await;
    let staff = People::of_the_day().officer;
    let entry = ClearanceEntry::Left { on: start().date_naive() };
    let actor = system_actor(home.runtime.clinic());
    let leave = RecordClearance { actor, staff, entry };
    assert!(home.runtime.perform(&leave, at(62)).await.unwrap().is_permit());
    assert_eq!(found(&home, at(63)).await, set(&[]), "the last day is a day in office");
    assert_eq!(found(&home, at(24 * 60)).await, set(&[91]));
}

#[tokio::test]
async fn documents_that_break_a_promise_break_it_in_the_report_until_they_are_mended() {
    let (_place, home) = a_copy("promises_documents").await;
    activate(&home, "providers.toml", original("providers.toml"), 62).await;
    assert_eq!(found(&home, at(63)).await, set(&[40, 80]));
    activate(&home, "clinic.toml", original("clinic.toml"), 64).await;
    assert_eq!(found(&home, at(65)).await, set(&[40, 68, 80, 92]));
    let host = providers().replacen("class = \"transport\"", "class = \"cloud-host\"", 1);
    activate(&home, "providers.toml", host, 66).await;
    assert_eq!(found(&home, at(67)).await, set(&[4, 68, 92]));
}

#[tokio::test]
async fn what_only_the_binary_knows_is_kept_or_broken_as_it_says() {
    let (_place, home) = a_copy("promises_outside").await;
    let house = home.runtime.house().unwrap();
    let served = ContentHash::of(&notice_text(&house.clauses, house.settings.languages[0]));
    let good = OutsideEvidence {
        served_notice: Some(served),
        transport: Some(Transport::Encrypted),
        accounts_without_second_factor: Some(0),
        patches_checked_at: Some(start()),
        key_recovery: Some(KeyRecovery::Verified { at: start() }),
    };
    let lines = report(&home, at(61), &good).await;
    assert_eq!(broken(&lines), set(&[]));
    for number in [1, 48, 50, 52] {
        let line = lines.iter().find(|line| line.id.number() == number).unwrap();
        assert_eq!(line.state.code(), "kept", "{}", line.id);
    }
    let bad = OutsideEvidence {
        served_notice: Some(ContentHash::of("another notice")),
        transport: Some(Transport::InTheClear),
        accounts_without_second_factor: Some(1),
        patches_checked_at: Some(start() - TimeDelta::days(31)),
        key_recovery: Some(KeyRecovery::NeverVerified),
    };
    assert_eq!(broken(&report(&home, at(61), &bad).await), set(&[1, 47, 48, 50, 52]));
}

/// A permit that no operation of the product makes, put in the log by somebody who holds its queue.
fn planted(home: &Home, change: impl FnOnce(&mut LeafParts)) -> (Uuid, String) {
    let entry = Uuid::from_u128(0x0194_0000_0000_7000_8000_0000_0000_0fff);
    let mut parts = LeafParts {
        clinic: home.runtime.clinic(),
        entry: EntryId::from_uuid(entry),
        event: Event::DisclosureMade,
        at: start() + TimeDelta::minutes(61),
        subject: None,
        actor: None,
        action: Some(Action::Disclose),
        purpose: Some(Purpose::Travel),
        ground: Some(Ground::Processor),
        detail: Some(Detail::Full),
        outcome: Outcome::Permit,
        rules: [RuleId::parse("planted").unwrap()].into(),
        policy: Some(PolicyVersionId::parse("elicells-2025.1").unwrap()),
        generations: Generations { clinic: 1, actor: None, subject: None },
        moves: Moves::None,
        content: None,
        commitment: Commitment::from_bytes([7; 32]),
    };
    change(&mut parts);
    let leaf = Leaf::new(parts).unwrap().encode();
    let hex = leaf.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    (entry, hex)
}

#[tokio::test]
async fn a_permit_that_the_rules_cannot_give_is_found_in_a_log_that_verifies() {
    type Change = fn(&mut LeafParts);
    let cases: [(Change, &[u16]); 5] = [
        (|leaf| leaf.purpose = Some(Purpose::Sale), &[7, 37]),
        (|leaf| leaf.ground = None, &[7, 38]),
        (|leaf| leaf.purpose = None, &[7, 41]),
        (|leaf| leaf.policy = None, &[7]),
        (
            |leaf| {
                (leaf.event, leaf.action) = (Event::Decision, Some(Action::Read));
                (leaf.actor, leaf.generations.actor) = (Some(Pseudonym::from_bytes([9; 16])), Some(0));
            },
            &[7, 8, 58, 60],
        ),
    ];
    for (number, (change, clauses)) in cases.into_iter().enumerate() {
        let (place, home) = a_copy(&format!("promises_permit_{number}")).await;
        let (entry, leaf) = planted(&home, change);
        let clinic = home.runtime.clinic();
        let plant = format!(
            "INSERT INTO log_entries VALUES ('{clinic}', '{entry}', '\\x{leaf}'); \
             INSERT INTO log_queue VALUES ('{clinic}', '{entry}')"
        );
        place.database.tamper(&plant).await.unwrap();
        assert_eq!(found(&home, at(62)).await, set(clauses), "waiting, {number}");
        assert_eq!(home.runtime.sequence(at(62)).await.unwrap(), 1);
        assert_eq!(found(&home, at(62)).await, set(clauses), "placed, {number}");
    }
}

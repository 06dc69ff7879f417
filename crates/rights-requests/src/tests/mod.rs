//! Worked cases, refused steps and properties over the profiles of the fixtures.

mod properties;
mod refused;
mod worked;

use std::sync::OnceLock;

use chrono::{DateTime, NaiveDate, Utc};
use jurisdiction::testing::fixture_law;
use jurisdiction::{LawBook, ProfileFamily, Right};
use records_model::{ActorId, CaseId, EvidenceId, RestrictionKind, Set, SubjectId};
use uuid::Uuid;

use crate::testing::clinic_zone;
use crate::{
    AskerKind, Case, Channel, Explanation, IdentityProof, Intake, OpenedRequest, Outcome, RefusalGround,
    open_request,
};

/// Read once: properties ask it thousands of times.
fn law() -> &'static LawBook {
    static LAW: OnceLock<LawBook> = OnceLock::new();
    LAW.get_or_init(|| fixture_law().unwrap())
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Eleven in the morning at the clinic, or an hour earlier.
fn on(date: &str) -> DateTime<Utc> {
    format!("{date}T17:00:00Z").parse().unwrap()
}

fn family(name: &str) -> ProfileFamily {
    ProfileFamily::parse(name).unwrap()
}

fn actor(number: u128) -> ActorId {
    ActorId::from_uuid(Uuid::from_u128(number))
}

fn reason() -> Explanation {
    Explanation::parse("the archive of paper folders is being moved").unwrap()
}

fn proof() -> IdentityProof {
    IdentityProof { identity: EvidenceId::from_uuid(Uuid::from_u128(3)), authority: None }
}

fn refused(ground: RefusalGround) -> Outcome {
    Outcome::Refused { ground, explanation: reason() }
}

fn intake(rights: &[Right], families: &[&str]) -> Intake {
    let rights = Set::of(rights);
    Intake {
        id: CaseId::from_uuid(Uuid::from_u128(1)),
        subject: SubjectId::from_uuid(Uuid::from_u128(2)),
        asker: AskerKind::Patient,
        channel: Channel::Post,
        received_at: on("2027-06-07"),
        rights,
        restriction: rights.contains(Right::Restriction).then_some(RestrictionKind::Agreed),
        complaint_about: None,
        families: law().select(families.iter().copied()).unwrap(),
    }
}

fn opened(rights: &[Right], families: &[&str]) -> OpenedRequest {
    open_request(intake(rights, families), law(), clinic_zone().unwrap(), on("2027-06-09")).unwrap()
}

/// Under the promise and Mexican law.
fn case(rights: &[Right]) -> Case {
    opened(rights, &["CLINIC-POLICY", "MX-LFPDPPP"]).case
}

fn due(case: &Case, right: Right) -> NaiveDate {
    case.item(right).unwrap().answer_by().committed_due()
}

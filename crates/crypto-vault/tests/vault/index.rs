//! Blind indexes: who is found, who is not, and what happens under a wrong key.

use chrono::NaiveDate;
use crypto_vault::testing::proptest::prelude::*;
use crypto_vault::testing::{CountingRng, example_index_root_id};
use crypto_vault::{
    BlindToken, IndexKeyCheck, IndexKeyMismatch, IndexRoot, IndexRootId, KeyVersion, SearchKeys,
};
use records_model::{BirthDate, ClinicId, EmailAddress, PersonName, PhoneNumber, SourceIdentity};
use uuid::Uuid;

fn root(seed: u64) -> IndexRoot {
    IndexRoot::generate(example_index_root_id(), &mut CountingRng::new(seed))
}

fn keys_of(root: &IndexRoot) -> SearchKeys {
    root.search_keys(&root.check_value()).unwrap()
}

fn keys() -> SearchKeys {
    keys_of(&root(1))
}

fn name(given: &str, surnames: &str) -> PersonName {
    PersonName::parse(given, surnames).unwrap()
}

fn born(text: &str) -> BirthDate {
    BirthDate::parse(text, NaiveDate::from_ymd_opt(2026, 11, 22).unwrap()).unwrap()
}

fn source(system: &str, resource: &str, id: &str) -> SourceIdentity {
    SourceIdentity { system: system.into(), resource: resource.into(), id: id.into() }
}

#[test]
fn the_same_person_written_in_different_ways_is_found() {
    let keys = keys();
    for (written, typed) in [
        (name("José", "Treviño Garza"), name("Jose", "Trevino Garza")),
        (name("José", "Treviño Garza"), name("JOSÉ", "GARZA TREVIÑO")),
        (name("María", "de la Cruz"), name("Maria", "Cruz")),
        (name("Ana", "García-López"), name("Ana", "García López")),
        (name("Íñigo", "Muñoz"), name("I\u{301}n\u{303}igo", "Mun\u{303}oz")),
        (name("Treviño", "José"), name("José", "Treviño")),
    ] {
        assert_eq!(keys.name(&written), keys.name(&typed), "{}", written.surnames());
    }
    let written = keys.name(&name("María Guadalupe", "Treviño Garza"));
    let typed = keys.name_text("trevino, guadalupe");
    assert_eq!(typed.len(), 2);
    assert!(typed.iter().all(|token| written.contains(token)));
}

#[test]
fn different_people_have_different_tokens() {
    let keys = keys();
    let jose = keys.name(&name("José", "Treviño"));
    let juan = keys.name(&name("Juan", "Treviño"));
    assert_eq!(jose.iter().filter(|token| juan.contains(token)).count(), 1);
    assert_eq!(keys.name_text("---"), []);
    assert_eq!(keys.name_text("Ana Ana").len(), 1);
}

#[test]
fn telephones_and_addresses_are_compared_in_one_form() {
    let keys = keys();
    let phone = |text| keys.phone(&PhoneNumber::parse(text).unwrap());
    assert_eq!(phone("+52 (81) 1234-5678"), phone("+528112345678"));
    assert_ne!(phone("+528112345678"), phone("+528112345679"));
    let email = |text| keys.email(&EmailAddress::parse(text).unwrap());
    assert_eq!(email("Ana.Pena@Clinica.test"), email("ana.pena@clinica.test"));
    assert_ne!(email("josé@clinica.test"), email("jose@clinica.test"));
}

#[test]
fn parts_of_a_source_identity_cannot_slide_into_each_other() {
    let keys = keys();
    let base = keys.source_identity(&source("hospital", "Patient", "12"));
    assert_eq!(base, keys.source_identity(&source("hospital", "Patient", "12")));
    for other in [
        source("hospitalPatient", "", "12"),
        source("hospital", "Patient1", "2"),
        source("hospita", "lPatient", "12"),
        source("hospital", "patient", "12"),
    ] {
        assert_ne!(base, keys.source_identity(&other));
    }
}

#[test]
fn a_date_of_birth_counts_only_together_with_a_name() {
    let keys = keys();
    let tokens = keys.name_with_birth_date(&name("José", "Treviño"), born("1958-03-09"));
    assert_eq!(tokens, keys.name_with_birth_date(&name("Trevino", "Jose"), born("1958-03-09")));
    let shares = |other: &[BlindToken]| tokens.iter().any(|token| other.contains(token));
    assert!(shares(&keys.name_with_birth_date(&name("José", "Otro"), born("1958-03-09"))));
    assert!(!shares(&keys.name_with_birth_date(&name("José", "Treviño"), born("1958-03-10"))));
    assert!(!shares(&keys.name_with_birth_date(&name("Ana", "Peña"), born("1958-03-09"))));
    assert!(!shares(&keys.name(&name("José", "Treviño"))));
}

#[test]
fn fields_clinics_and_versions_have_keys_of_their_own() {
    let token = |id: IndexRootId| {
        // The same root bytes under another id.
        keys_of(&IndexRoot::generate(id, &mut CountingRng::new(1))).name_text("trevino")
    };
    let id = example_index_root_id();
    let elsewhere = IndexRootId { clinic: ClinicId::from_uuid(Uuid::from_u128(9)), ..id };
    let next = IndexRootId { version: KeyVersion::new(2).unwrap(), ..id };
    assert_eq!(token(id), token(id));
    assert_ne!(token(id), token(elsewhere));
    assert_ne!(token(id), token(next));
    let keys = keys();
    let phone = keys.phone(&PhoneNumber::parse("+528112345678").unwrap());
    assert!(!keys.name_text("+528112345678").contains(&phone));
}

#[test]
fn a_wrong_index_key_fails_closed() {
    let (ours, other) = (root(1), root(2));
    assert!(ours.search_keys(&ours.check_value()).is_ok());
    assert_eq!(other.search_keys(&ours.check_value()).err(), Some(IndexKeyMismatch));
    let IndexKeyCheck(mut bytes) = ours.check_value();
    for bit in 0..128 {
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(ours.search_keys(&IndexKeyCheck(bytes)).err(), Some(IndexKeyMismatch));
        bytes[bit / 8] ^= 1 << (bit % 8);
    }
}

#[test]
fn tokens_do_not_show_themselves() {
    let token = keys().name_text("trevino")[0];
    assert_eq!(format!("{token:?}"), "BlindToken(..)");
    assert_eq!(BlindToken::from_bytes(*token.as_bytes()), token);
}

proptest! {
    #[test]
    fn the_order_of_the_parts_of_a_name_does_not_count(
        parts in proptest::collection::vec("[a-zñáéíóúü]{2,12}", 2..5).prop_shuffle(),
        turn in 1..4_usize,
    ) {
        let keys = keys();
        let mut turned = parts.clone();
        turned.rotate_left(turn % parts.len());
        prop_assert_eq!(keys.name_text(&parts.join(" ")), keys.name_text(&turned.join("  ").to_uppercase()));
    }
}

//! Transit of a real `OpenBao`, over TLS.

use crypto_vault::{WrappedEpoch, WrappedEpochError};
use key_providers::testing::{OpenBao, ROOT_TOKEN};
use key_providers::{KeyEnd, KeyProvider, ProviderError, Transit, TransitAddress, TransitParts, Unproved};
use records_model::KeyLabel;
use zeroize::Zeroizing;

use crate::support::{clinic, epoch_key, fresh_folder, rng, same};

fn provider(bao: &OpenBao, token: Option<&str>) -> KeyProvider {
    KeyProvider::Transit(bao.transit("clinica", token).unwrap())
}

/// The name of the key that wraps, as the service knows it.
fn name(wrapped: &WrappedEpoch) -> String {
    let text = wrapped.format();
    text.lines().find_map(|line| line.strip_prefix("key: transit/")).unwrap().to_owned()
}

#[test]
fn a_wrapped_key_opens_again_and_its_end_is_proved_for_it_alone() {
    let bao = OpenBao::start(&fresh_folder("bao-opens")).unwrap();
    let transit = provider(&bao, Some(ROOT_TOKEN));
    let (first, second) = (epoch_key(1), epoch_key(2));
    let wrapped = transit.wrap(clinic(1), &first, &mut rng(3)).unwrap();
    let next = transit.wrap(clinic(1), &second, &mut rng(4)).unwrap();
    assert_ne!(name(&wrapped), name(&next), "an epoch has a key of its own");
    let read = WrappedEpoch::parse(&wrapped.format()).unwrap();
    assert!(same(&transit.open(clinic(1), &read).ok().unwrap(), &first));
    // As a rotation by the service's own hand would have it: what was wrapped opens still.
    bao.run(&["write", "-f", &format!("transit/keys/{}/rotate", name(&wrapped))]).unwrap();
    assert!(same(&transit.open(clinic(1), &read).ok().unwrap(), &first));

    assert_eq!(transit.destroy(&wrapped).unwrap(), KeyEnd::Proved);
    let gone = transit.open(clinic(1), &wrapped).err();
    assert!(matches!(gone, Some(ProviderError::KeyMissing { .. })), "{gone:?}");
    assert!(same(&transit.open(clinic(1), &next).ok().unwrap(), &second));
    assert_eq!(transit.destroy(&wrapped).unwrap(), KeyEnd::Unproved(Unproved::GoneBefore));
}

#[test]
fn the_end_of_a_key_that_could_leave_proves_nothing() {
    let bao = OpenBao::start(&fresh_folder("bao-leaves")).unwrap();
    let transit = provider(&bao, Some(ROOT_TOKEN));
    for (epoch, setting) in [(1, "exportable=true"), (2, "allow_plaintext_backup=true")] {
        let wrapped = transit.wrap(clinic(1), &epoch_key(epoch), &mut rng(5)).unwrap();
        bao.run(&["write", &format!("transit/keys/{}/config", name(&wrapped)), setting]).unwrap();
        assert_eq!(transit.destroy(&wrapped).unwrap(), KeyEnd::Unproved(Unproved::CouldLeave), "{setting}");
    }
}

#[test]
fn what_was_wrapped_for_another_clinic_epoch_or_key_does_not_open() {
    let bao = OpenBao::start(&fresh_folder("bao-bound")).unwrap();
    let transit = provider(&bao, Some(ROOT_TOKEN));
    let wrapped = transit.wrap(clinic(1), &epoch_key(1), &mut rng(3)).unwrap();
    let other = transit.wrap(clinic(1), &epoch_key(1), &mut rng(4)).unwrap();
    let opened = |text: &str, by| transit.open(clinic(by), &WrappedEpoch::parse(text).unwrap()).err();
    let text = wrapped.format();
    let wrong = |error: Option<ProviderError>| matches!(error, Some(ProviderError::WrongKey { .. }));
    assert!(wrong(opened(&text.replace("epoch: 1", "epoch: 2"), 1)), "another epoch");
    assert!(wrong(opened(&text.replace("0000000001\n", "0000000002\n"), 2)), "another clinic");
    assert!(wrong(opened(&text.replace(&name(&wrapped), &name(&other)), 1)), "another key");
    let at = text.find("vault:v1:").unwrap() + 20;
    let changed = if &text[at..=at] == "A" { "B" } else { "A" };
    let mut flipped = text.clone();
    flipped.replace_range(at..=at, changed);
    assert!(wrong(opened(&flipped, 1)), "changed");
    let refused = opened(&text, 2);
    assert!(matches!(refused, Some(ProviderError::File(WrappedEpochError::Clinic))), "{refused:?}");
}

#[test]
fn each_thing_that_is_missing_is_told_with_what_to_do_and_without_the_token() {
    let bao = OpenBao::start(&fresh_folder("bao-missing")).unwrap();
    let wrapped = provider(&bao, Some(ROOT_TOKEN)).wrap(clinic(1), &epoch_key(1), &mut rng(3)).unwrap();
    let refusal = |provider: &KeyProvider| provider.open(clinic(1), &wrapped).err().unwrap().to_string();
    assert!(refusal(&provider(&bao, None)).contains("RESGUARDO_TRANSIT_TOKEN"));
    let wrong = refusal(&provider(&bao, Some("s.wrong-token")));
    assert!(wrong.contains("may not `create and update` on `transit/decrypt/clinica-1-"), "{wrong}");
    assert!(!wrong.contains("wrong-token"), "{wrong}");

    // A server opens with this line alone, and can neither make nor destroy keys.
    let line = "path \"transit/decrypt/clinica-*\" { capabilities = [\"create\", \"update\"] }";
    let reader = provider(&bao, Some(&bao.token("server", line).unwrap()));
    assert!(same(&reader.open(clinic(1), &wrapped).ok().unwrap(), &epoch_key(1)));
    let made = reader.wrap(clinic(1), &epoch_key(2), &mut rng(9)).err().unwrap().to_string();
    assert!(made.contains("may not `create and update` on `transit/keys/clinica-2-"), "{made}");
    let ended = reader.destroy(&wrapped).err().unwrap().to_string();
    assert!(ended.contains("may not `read` on `transit/keys/clinica-1-"), "{ended}");

    bao.run(&["write", "-f", "sys/seal"]).unwrap();
    assert!(refusal(&reader).contains("is sealed or not ready yet; unseal it"));
    let address = bao.address().to_owned();
    drop(bao);
    let gone = refusal(&reader);
    assert!(gone.contains(&format!("`{address}` does not answer")), "{gone}");
    for shown in [format!("{reader:?}"), reader.place()] {
        assert!(shown.contains("transit/keys/clinica-..") && !shown.contains("s."), "{shown}");
    }
}

#[test]
fn another_authority_another_mount_and_a_name_that_is_too_long_are_refused() {
    let bao = OpenBao::start(&fresh_folder("bao-authority")).unwrap();
    let label = |text: &str| KeyLabel::parse(text).unwrap();
    let parts = |mount: &str, key: &str, authority: Option<Vec<u8>>| TransitParts {
        address: TransitAddress::parse(bao.address()).unwrap(),
        authority,
        mount: label(mount),
        key: label(key),
        token: Some(Zeroizing::new(ROOT_TOKEN.to_owned())),
    };
    let refusal = |parts: TransitParts| {
        let transit = KeyProvider::Transit(Transit::new(parts).unwrap());
        transit.wrap(clinic(1), &epoch_key(1), &mut rng(3)).err().unwrap()
    };
    let known = || Some(std::fs::read(bao.authority()).unwrap());
    let unknown = refusal(parts("transit", "k", None));
    assert!(matches!(unknown, ProviderError::Unreachable { .. }), "{unknown}");
    let nowhere = refusal(parts("elsewhere", "k", known()));
    assert!(matches!(nowhere, ProviderError::NoMount { .. }), "{nowhere}");
    let long = refusal(parts("transit", &"k".repeat(60), known()));
    assert!(matches!(long, ProviderError::NameTooLong), "{long}");
    let none = Transit::new(parts("transit", "k", Some(b"no certificate".to_vec()))).err();
    assert!(matches!(none, Some(ProviderError::Authority)), "{none:?}");
}

#[test]
fn the_policies_of_the_documentation_are_enough_and_the_first_is_not_too_much() {
    let bao = OpenBao::start(&fresh_folder("bao-policies")).unwrap();
    let docs = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/keys.md")).unwrap();
    let blocks: Vec<&str> = docs
        .split("```hcl\n")
        .skip(1)
        .filter_map(|rest| rest.split_once("```"))
        .map(|(block, _)| block)
        .collect();
    let [server, keeper] = blocks.as_slice() else { panic!("{blocks:?}") };
    let with = |name: &str, policy: &str| {
        let token = bao.token(name, policy).unwrap();
        KeyProvider::Transit(bao.transit("elicells", Some(&token)).unwrap())
    };
    let (server, keeper) = (with("server", server), with("keeper", &format!("{server}{keeper}")));
    let wrapped = keeper.wrap(clinic(1), &epoch_key(1), &mut rng(3)).unwrap();
    assert!(same(&server.open(clinic(1), &wrapped).ok().unwrap(), &epoch_key(1)));
    assert!(server.wrap(clinic(1), &epoch_key(2), &mut rng(4)).is_err() && server.destroy(&wrapped).is_err());
    assert_eq!(keeper.destroy(&wrapped).unwrap(), KeyEnd::Proved);
}

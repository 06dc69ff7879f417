//! Epoch keys that a service wraps: the file, what is refused, and to what the service is told to bind.

use crypto_vault::testing::{CountingRng, ReplayRng, example_dek_id};
use crypto_vault::{
    Dek, EpochId, EpochKey, KeyAtProvider, KeystoreRow, Salt, StoredKeyState, WrappedEpoch, WrappedEpochError,
};
use expect_test::expect;
use records_model::{ClinicId, KeyLabel};
use zeroize::Zeroizing;

fn clinic(last: u8) -> ClinicId {
    format!("01920000-0000-7000-8000-0000000000{last:02x}").parse().unwrap()
}

fn key() -> EpochKey {
    EpochKey::generate(EpochId::new(3).unwrap(), &mut ReplayRng::new(&[0xa5; 32]))
}

fn label(text: &str) -> KeyLabel {
    KeyLabel::parse(text).unwrap()
}

/// A service that keeps what it was given, and what it was told to bind it to.
struct Service {
    bytes: [u8; 32],
    bound_to: Vec<u8>,
}

fn wrapped_by(at: KeyAtProvider) -> (WrappedEpoch, Service) {
    let mut service = Service { bytes: [0; 32], bound_to: Vec::new() };
    let wrapped = WrappedEpoch::wrap(clinic(1), &key(), |bytes, bound_to| {
        service = Service { bytes: *bytes, bound_to: bound_to.to_vec() };
        Ok::<_, WrappedEpochError>((at, "vault:v1:c2VhbGVk".to_owned()))
    });
    (wrapped.unwrap(), service)
}

fn at_transit() -> KeyAtProvider {
    KeyAtProvider::Transit { mount: label("transit"), key: label("clinica-3-0f"), version: 1 }
}

#[test]
fn the_form_of_the_file_is_frozen_and_reads_back() {
    let (wrapped, _) = wrapped_by(at_transit());
    expect![[r"
        resguardo-wrapped-epoch-key-v1
        clinic: 01920000-0000-7000-8000-000000000001
        epoch: 3
        provider: transit
        key: transit/clinica-3-0f
        version: 1
        wrapped: vault:v1:c2VhbGVk
        check: 10ef629d8085f8a3a0397d20952893a2
    "]]
    .assert_eq(&wrapped.format());
    assert_eq!(WrappedEpoch::parse(&wrapped.format()), Ok(wrapped));
    let at = KeyAtProvider::Pkcs11 { token: label("HSM 1"), key: label("epoch"), id: [0x0f; 16] };
    let (wrapped, _) = wrapped_by(at);
    assert!(
        wrapped
            .format()
            .contains("provider: pkcs11\nkey: HSM 1/epoch\nversion: 0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f\n")
    );
    assert_eq!(WrappedEpoch::parse(&wrapped.format()), Ok(wrapped));
}

#[test]
fn it_opens_to_the_same_key_for_its_own_clinic_only() {
    let (wrapped, service) = wrapped_by(at_transit());
    let mut asked = 0;
    let mut open = |by: ClinicId, bytes: [u8; 32]| {
        wrapped.unwrap(by, |text, bound_to| {
            asked += 1;
            assert_eq!((text, bound_to), ("vault:v1:c2VhbGVk", service.bound_to.as_slice()));
            Ok::<_, WrappedEpochError>(Zeroizing::new(bytes))
        })
    };
    let opened = open(clinic(1), service.bytes).ok().unwrap();
    let dek = Dek::generate(example_dek_id(), &mut CountingRng::new(1));
    let row = key().wrap_dek(&dek, Salt::generate(&mut CountingRng::new(2)));
    let row = KeystoreRow::new(*dek.id(), StoredKeyState::Active, Some(row)).unwrap();
    assert!(opened.id() == key().id() && opened.open_dek(&row).is_ok());
    let mut other = service.bytes;
    other[31] ^= 1;
    assert_eq!(open(clinic(1), other).err(), Some(WrappedEpochError::Check));
    assert_eq!(open(clinic(2), service.bytes).err(), Some(WrappedEpochError::Clinic));
    assert_eq!(asked, 2, "nobody is asked for another clinic's key");
}

#[test]
fn what_it_is_bound_to_tells_clinics_and_epochs_apart() {
    let bound = |clinic: ClinicId, epoch: u32| {
        let key = EpochKey::generate(EpochId::new(epoch).unwrap(), &mut CountingRng::new(1));
        let mut bound = Vec::new();
        let wrapped = WrappedEpoch::wrap(clinic, &key, |_, bound_to| {
            bound = bound_to.to_vec();
            Ok::<_, WrappedEpochError>((at_transit(), "x".to_owned()))
        });
        wrapped.unwrap();
        bound
    };
    let all = [bound(clinic(1), 1), bound(clinic(1), 2), bound(clinic(2), 1)];
    assert!(all[0] != all[1] && all[0] != all[2] && all[1] != all[2]);
}

#[test]
fn every_wrong_line_is_told_and_an_answer_that_is_no_wrapped_key_is_refused() {
    let (wrapped, _) = wrapped_by(at_transit());
    let text = wrapped.format();
    let line = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        match WrappedEpoch::parse(&text.replacen(from, to, 1)) {
            Err(WrappedEpochError::Line { line, .. } | WrappedEpochError::Trailing { line }) => line,
            other => panic!("{from} -> {to}: {other:?}"),
        }
    };
    assert_eq!(line("key-v1", "key-v2"), 1);
    assert_eq!(line("clinic: 0", "clinic: x"), 2);
    assert_eq!(line("epoch: 3", "epoch: 03"), 3);
    assert_eq!(line("provider: transit", "provider: file"), 4);
    assert_eq!(line("key: transit/", "key: transit/../"), 5);
    assert_eq!(line("version: 1", "version: 01"), 6);
    assert_eq!(line("wrapped: vault", "wrapped: va ult"), 7);
    assert_eq!(line("check: ", "check: 0"), 8);
    assert_eq!(line("\ncheck", "\nmore: 1\ncheck"), 8);
    let long = WrappedEpoch::parse(&format!("{text}more\n"));
    assert_eq!(long, Err(WrappedEpochError::Trailing { line: 9 }));
    for answer in [String::new(), "a\nb".to_owned(), "x".repeat(1025)] {
        let refused = WrappedEpoch::wrap(clinic(1), &key(), |_, _| {
            Ok::<_, WrappedEpochError>((at_transit(), answer.clone()))
        });
        assert_eq!(refused, Err(WrappedEpochError::Wrapped));
    }
}

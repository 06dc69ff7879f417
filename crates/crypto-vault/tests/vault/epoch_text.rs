//! Key files and passphrases: what is refused, and what the refusal says.

use crypto_vault::testing::{CountingRng, ReplayRng, example_dek_id};
use crypto_vault::{
    Dek, EpochFile, EpochFileError, EpochId, EpochKey, KdfCost, KeystoreRow, Passphrase, PassphraseError,
    PassphraseHeader, Salt, StoredKeyState,
};
use expect_test::expect;

fn key() -> EpochKey {
    EpochKey::generate(EpochId::new(3).unwrap(), &mut ReplayRng::new(&[0xa5; 32]))
}

/// Whether two keys are the same: one opens what the other wrapped.
fn same(a: &EpochKey, b: &EpochKey) -> bool {
    let dek = Dek::generate(example_dek_id(), &mut CountingRng::new(1));
    let wrapped = a.wrap_dek(&dek, Salt::generate(&mut CountingRng::new(2)));
    let row = KeystoreRow::new(*dek.id(), StoredKeyState::Active, Some(wrapped)).unwrap();
    b.open_dek(&row).is_ok()
}

/// Reads a changed file; the error alone, because keys have no `Debug`.
fn refusal(text: &str) -> EpochFileError {
    EpochFile::parse(text).err().unwrap()
}

#[test]
fn the_form_of_the_key_file_is_frozen_and_reads_back() {
    let text = EpochFile::format(&key());
    expect![[r"
        resguardo-epoch-key-v1
        epoch: 3
        key: a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5
        check: f79a0218ceaa7fcc
    "]]
    .assert_eq(&text);
    let read = EpochFile::parse(&text).ok().unwrap();
    assert_eq!(read.id().number(), 3);
    assert!(same(&read, &key()));
    let windows = text.replace('\n', "\r\n");
    assert!(EpochFile::parse(&windows).is_ok());
}

#[test]
#[cfg_attr(miri, ignore = "many tries: minutes under Miri")]
fn every_changed_character_of_a_key_file_is_noticed() {
    let text = EpochFile::format(&key());
    for (at, old) in text.trim_end().char_indices() {
        for new in ['0', '1', 'x', ' '].into_iter().filter(|new| *new != old) {
            let mut changed = text.to_string();
            changed.replace_range(at..=at, &new.to_string());
            let read = EpochFile::parse(&changed);
            // A line end for a space at the end of a line says the same thing.
            assert!(read.is_err() || old == '\n', "{new} at {at}");
        }
    }
    for len in 0..text.trim_end().len() {
        assert!(EpochFile::parse(&text[..len]).is_err(), "{len} characters");
    }
}

#[test]
fn a_wrong_key_file_is_told_by_line_and_never_repeated() {
    let text = EpochFile::format(&key());
    assert_eq!(refusal("-----BEGIN PRIVATE KEY-----"), EpochFileError::Title);
    let line = |text: &str| match refusal(text) {
        EpochFileError::Line { line, .. } | EpochFileError::Trailing { line } => line,
        other => panic!("{other:?}"),
    };
    assert_eq!(line(&text.replace("epoch: 3", "epoch: 0")), 2);
    assert_eq!(line(&text.replace("epoch: 3", "epoch: 03")), 2);
    assert_eq!(line(&text.replace("a5", "A5")), 3);
    assert_eq!(line(&text.replace("check: ", "check:")), 4);
    assert_eq!(line(&format!("{}more\n", text.as_str())), 5);
    assert_eq!(refusal(&text.replace("epoch: 3", "epoch: 4")), EpochFileError::Checksum);
    let shown = refusal(&text.replace("a5a5", "a5zz")).to_string();
    assert_eq!(shown, "line 3 of the key file must be `key: 64 hexadecimal digits`");
}

#[test]
#[cfg_attr(miri, ignore = "Argon2id over 19 MiB: too long under Miri")]
fn a_passphrase_gives_the_same_key_again_and_a_wrong_one_is_noticed() {
    let passphrase = Passphrase::parse("camión de José 42\n").unwrap();
    let (header, key) =
        PassphraseHeader::create(EpochId::FIRST, &passphrase, KdfCost::LEAST, &mut CountingRng::new(1))
            .ok()
            .unwrap();
    let text = header.format();
    expect![[r"
        resguardo-epoch-passphrase-v1
        epoch: 1
        argon2id: m=19456 t=2 p=1
        salt: 783825822a6f9e62da2190e828e4c9d2
        check: 4515811115fdcb78e894010a936b1b41
    "]]
    .assert_eq(&text);
    let header = PassphraseHeader::parse(&text).unwrap();
    // Typed on a keyboard that composes accents.
    let again = Passphrase::parse("camio\u{301}n de Jose\u{301} 42").unwrap();
    assert!(same(&header.open(&again).ok().unwrap(), &key));
    let wrong = Passphrase::parse("camion de Jose 42").unwrap();
    assert_eq!(header.open(&wrong).err(), Some(PassphraseError::Wrong));
    // The same passphrase, another salt.
    let digit = text.find("salt: ").unwrap() + 6;
    let mut other = text.clone();
    other.replace_range(digit..=digit, if &text[digit..=digit] == "0" { "1" } else { "0" });
    let other = PassphraseHeader::parse(&other).unwrap();
    assert_eq!(other.open(&again).err(), Some(PassphraseError::Wrong));
}

#[test]
fn a_header_that_asks_for_too_little_or_too_much_work_is_refused() {
    let text = |cost: &str| {
        let digits = "00".repeat(16);
        format!(
            "resguardo-epoch-passphrase-v1\nepoch: 1\nargon2id: {cost}\nsalt: {digits}\ncheck: {digits}\n"
        )
    };
    assert!(PassphraseHeader::parse(&text("m=19456 t=2 p=1")).is_ok());
    for cost in
        ["m=8 t=1 p=1", "m=19455 t=2 p=1", "m=19456 t=1 p=1", "m=19456 t=2 p=0", "m=4294967295 t=2 p=1"]
    {
        let refused = PassphraseHeader::parse(&text(cost)).err();
        assert!(matches!(refused, Some(PassphraseError::Cost(_))), "{cost}");
    }
    let longer = text("m=19456 t=2 p=1") + "more\n";
    assert_eq!(PassphraseHeader::parse(&longer).err(), Some(PassphraseError::Trailing { line: 6 }));
    for cost in ["m=19456 t=2", "t=2 m=19456 p=1", "m=19456 t=2 p=1 x=1", "m=19456  t=2 p=1"] {
        let refused = PassphraseHeader::parse(&text(cost)).err();
        assert!(matches!(refused, Some(PassphraseError::Line { line: 3, .. })), "{cost}");
    }
}

#[test]
fn a_short_or_endless_passphrase_is_refused() {
    assert_eq!(Passphrase::parse("eleven char").err(), Some(PassphraseError::TooShort { len: 11 }));
    assert!(Passphrase::parse("twelve chars").is_ok());
    assert_eq!(Passphrase::parse(&"x".repeat(1025)).err(), Some(PassphraseError::TooLong));
}

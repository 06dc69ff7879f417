//! What is stored or carried by hand: envelopes, wrapped keys, attachments, key files, headers, shares.
#![no_main]

use crypto_vault::{
    AttachmentHeader, EnvelopeHeader, EpochFile, Passphrase, PassphraseHeader, RecoveryShare, StoredKeyState,
    WrappedEpoch, WrappedKey,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = EnvelopeHeader::parse(data);
    let _ = AttachmentHeader::parse(data);
    if let Ok(wrapped) = WrappedKey::parse(data) {
        assert_eq!(wrapped.as_bytes(), data, "a wrapped key is stored as it was read");
    }
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(state) = StoredKeyState::parse(text) {
        assert_eq!(state.code(), text, "one state, one word");
    }
    let _ = Passphrase::parse(text);
    epoch_keys(text);
    if let Ok(share) = RecoveryShare::parse(text) {
        let written = share.format();
        let again = RecoveryShare::parse(&written);
        assert!(again.is_ok_and(|again| again.format() == written), "what was written reads");
    }
});

/// The three forms in which an epoch key is kept outside the database.
fn epoch_keys(text: &str) {
    if let Ok(key) = EpochFile::parse(text) {
        assert!(same_lines(&EpochFile::format(&key), text), "one key, one file");
    }
    if let Ok(header) = PassphraseHeader::parse(text) {
        assert_eq!(PassphraseHeader::parse(&header.format()).as_ref(), Ok(&header), "what was written reads");
    }
    if let Ok(wrapped) = WrappedEpoch::parse(text) {
        assert_eq!(WrappedEpoch::parse(&wrapped.format()).as_ref(), Ok(&wrapped), "what was written reads");
    }
}

/// Whether two texts differ in white space at line ends and in empty lines at the end, and in nothing else: an editor
/// or another system may change those.
fn same_lines(a: &str, b: &str) -> bool {
    let lines =
        |text: &str| text.trim_end().lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>();
    lines(a) == lines(b)
}

//! What is stored or carried by hand: envelopes, wrapped keys, attachments, key files, headers, shares.
#![no_main]

use crypto_vault::{AttachmentHeader, EnvelopeHeader, EpochFile, PassphraseHeader, RecoveryShare, WrappedKey};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = EnvelopeHeader::parse(data);
    let _ = AttachmentHeader::parse(data);
    if let Ok(wrapped) = WrappedKey::parse(data) {
        assert_eq!(wrapped.as_bytes(), data, "a wrapped key is stored as it was read");
    }
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(key) = EpochFile::parse(text) {
        assert_eq!(EpochFile::format(&key).as_str(), text, "one key, one file");
    }
    if let Ok(header) = PassphraseHeader::parse(text) {
        assert_eq!(PassphraseHeader::parse(&header.format()).as_ref(), Ok(&header), "what was written reads");
    }
    if let Ok(share) = RecoveryShare::parse(text) {
        let again = RecoveryShare::parse(&share.format());
        assert!(again.is_ok_and(|again| again.label() == share.label()), "what was written reads");
    }
});

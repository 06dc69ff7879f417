//! What a stranger gets: leaves, preimages, signed heads, whole exports.
#![no_main]

use audit_log::{Anchors, Checkpoint, Leaf, LogSigningKey, Preimage, verify_export, verify_receipt};
use libfuzzer_sys::fuzz_target;
use records_model::ClinicId;

fuzz_target!(|data: &[u8]| {
    if let Ok(leaf) = Leaf::decode(data) {
        assert_eq!(leaf.encode(), data, "a leaf has one form");
    }
    if let Ok(preimage) = Preimage::decode(data) {
        let again = preimage.encode().map(|bytes| Preimage::decode(&bytes));
        assert_eq!(again, Ok(Ok(preimage)), "what was read is written and read again");
    }
    let Ok(text) = std::str::from_utf8(data) else { return };
    let _ = Checkpoint::read_unverified(text);
    // A key that signed none of this: nothing may count as intact.
    let clinic = ClinicId::from_uuid("00000000-0000-7000-8000-000000000001".parse().unwrap_or_default());
    let key = LogSigningKey::from_bytes(clinic, &[7; 32]).verifier_key();
    assert!(Checkpoint::open(text, &key).is_err() && verify_receipt(text, &key).is_err());
    let report = verify_export(text.lines(), Anchors::new(key));
    assert!(report.vouched == 0 && (report.entries == 0 || !report.is_intact()), "nobody signed this");
});

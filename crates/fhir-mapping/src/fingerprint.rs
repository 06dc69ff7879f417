//! The fingerprint of an item's content.

use records_model::{RecordContent, Vocabulary};
use sha2::{Digest, Sha256};

use crate::item::Fingerprint;

/// Tells these hashes from every other use of SHA-256; the version changes with the form below.
const DOMAIN: &[u8] = b"resguardo/fhir/content/v1\0";

/// SHA-256 over the fields in the order of the vocabulary, each name and text with its length before it, so
/// that no two contents are written the same.
pub(crate) fn fingerprint(content: &RecordContent) -> Fingerprint {
    let mut hash = Sha256::new();
    hash.update(DOMAIN);
    let mut add = |text: &str| {
        hash.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(text.as_bytes());
    };
    for (field, value) in content {
        add(field.code());
        add(value.as_str());
    }
    Fingerprint(hash.finalize().into())
}

#[cfg(test)]
mod tests {
    use records_model::{Field, FieldValue};

    use super::*;

    fn content(fields: &[(Field, &str)]) -> RecordContent {
        fields.iter().map(|(field, text)| (*field, FieldValue::from(*text))).collect()
    }

    #[test]
    fn moving_text_between_fields_changes_the_fingerprint() {
        let one = fingerprint(&content(&[(Field::Code, "ab"), (Field::Display, "c")]));
        let two = fingerprint(&content(&[(Field::Code, "a"), (Field::Display, "bc")]));
        let three = fingerprint(&content(&[(Field::Code, "ab"), (Field::Status, "c")]));
        assert!(one != two && one != three && two != three);
    }

    /// A stored fingerprint is compared for ever: this value, computed by another implementation, may not change.
    #[test]
    fn the_form_is_frozen() {
        let frozen: [u8; 32] = [
            0x91, 0x13, 0x5c, 0xc4, 0xf1, 0x25, 0xdd, 0x7f, 0xc0, 0xbd, 0xf1, 0x81, 0x02, 0x74, 0x5e, 0x80,
            0x2c, 0x08, 0xa6, 0xc2, 0x74, 0xdb, 0x1d, 0x59, 0x91, 0x1a, 0x4f, 0xc7, 0xe8, 0x74, 0xee, 0x4d,
        ];
        let content = content(&[(Field::Code, "8302-2"), (Field::Value, "176.3")]);
        assert_eq!(fingerprint(&content).as_bytes(), &frozen);
    }
}

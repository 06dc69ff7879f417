//! The tag of a copy of the keystore: of this text, clinic and epoch, and of nothing else.

use crypto_vault::testing::CountingRng;
use crypto_vault::{CopyForged, CopyTag, EpochId, EpochKey, WrappedKey};
use records_model::ClinicId;
use uuid::Uuid;

fn epoch(number: u32) -> EpochKey {
    let mut key = [0; 32];
    (0..32).zip(&mut key).for_each(|(byte, to)| *to = byte);
    EpochKey::from_bytes(EpochId::new(number).unwrap(), &mut key)
}

fn clinic(byte: u8) -> ClinicId {
    ClinicId::from_uuid(Uuid::from_bytes([byte; 16]))
}

const TEXT: &[u8] = b"a line\nanother\n";

/// Worked out apart, with the `hmac` of Python's library, from the page on formats.
#[test]
fn the_tag_is_the_one_of_the_page_on_formats() {
    let tag = CopyTag::of(&epoch(3), clinic(7), TEXT);
    let expected = "0dcbc2b64584cd3a6e3caaa739c306d7c18b4049c479a5789c91a719f8a75908";
    for (place, byte) in tag.as_bytes().iter().enumerate() {
        assert_eq!(format!("{byte:02x}"), expected[2 * place..2 * place + 2], "{place}");
    }
}

#[test]
fn another_text_clinic_epoch_or_key_has_another_tag() {
    let tag = CopyTag::of(&epoch(3), clinic(7), TEXT);
    assert_eq!(CopyTag::from_bytes(*tag.as_bytes()).check(&epoch(3), clinic(7), TEXT), Ok(()));
    let other = EpochKey::generate(EpochId::new(3).unwrap(), &mut CountingRng::new(9));
    let checks = [
        tag.check(&epoch(3), clinic(7), &TEXT[..TEXT.len() - 1]),
        tag.check(&epoch(3), clinic(7), b"another\na line\n"),
        tag.check(&epoch(3), clinic(8), TEXT),
        tag.check(&epoch(4), clinic(7), TEXT),
        tag.check(&other, clinic(7), TEXT),
    ];
    assert_eq!(checks, [Err(CopyForged); 5]);
    for bit in 0..256 {
        let mut bytes = *tag.as_bytes();
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(CopyTag::from_bytes(bytes).check(&epoch(3), clinic(7), TEXT), Err(CopyForged), "{bit}");
    }
    assert!(WrappedKey::parse(tag.as_bytes()).is_err());
}

//! What somebody without a key learns: lengths, and nothing from errors and debug texts.

use crypto_vault::testing::{CountingRng, example_dek_id, example_record_context};
use crypto_vault::{
    BatchSealer, CONTENT_BYTES_MAX, ContentType, EpochFile, EpochFileError, EpochId, EpochKey, FieldContext,
    OVERHEAD_BYTES, OpenError, PADDED_BYTES, Passphrase, PassphraseHeader, RecordOpener, RecoveryShare, Salt,
    SealError, seal_record,
};
use records_model::{Field, FieldValue, Record};

use crate::support::{Sealed, note, open_at, rng, same_bytes, sealed, value};

const PADDED: FieldContext = FieldContext {
    name: crypto_vault::FieldName::Record(Field::Value),
    schema_version: 1,
    content_type: ContentType::PaddedText,
};

fn sealed_as(field: FieldContext, clear: &[u8]) -> Vec<u8> {
    let (id, context) = example_record_context();
    let salt = Salt::generate(&mut rng());
    BatchSealer::new(&same_bytes(id), &context, salt).unwrap().seal(&field, clear).unwrap()
}

#[test]
#[cfg_attr(miri, ignore = "many tries: minutes under Miri")]
fn length_leakage() {
    let (_, context) = example_record_context();
    for len in 0..3 * PADDED_BYTES {
        let clear = vec![b'x'; len];
        let padded = sealed_as(PADDED, &clear);
        assert_eq!(padded.len(), OVERHEAD_BYTES + (len / PADDED_BYTES + 1) * PADDED_BYTES, "{len} bytes");
        assert_eq!(open_at(&context, PADDED, &padded).unwrap(), clear);
        // Said openly in docs/vault-format.md: without padding, the length shows.
        assert_eq!(sealed_as(value(), &clear).len(), OVERHEAD_BYTES + len);
    }
    let ends_like_padding = [0x80, 0, 0, 0x80, 0];
    assert_eq!(open_at(&context, PADDED, &sealed_as(PADDED, &ends_like_padding)).unwrap(), ends_like_padding);
}

#[test]
#[cfg_attr(miri, ignore = "long content: minutes under Miri")]
fn padded_content_and_padding_that_is_none() {
    let (id, context) = example_record_context();
    let dek = same_bytes(id);
    let mut sealer = BatchSealer::new(&dek, &context, Salt::generate(&mut rng())).unwrap();
    let huge = vec![0; CONTENT_BYTES_MAX];
    let too_long = SealError::TooLong { len: CONTENT_BYTES_MAX };
    assert_eq!(sealer.seal(&PADDED, &huge), Err(too_long));
    assert!(sealer.seal(&PADDED, &huge[1..]).is_ok());
    // The type is bound, so what was not padded does not come out as if it had been, nor the other way.
    let plain = sealed_as(value(), b"6.1");
    assert_eq!(open_at(&context, PADDED, &plain), Err(OpenError::Altered));
    assert_eq!(open_at(&context, value(), &sealed_as(PADDED, b"6.1")), Err(OpenError::Altered));
}

const CANARY: &str = "Guadalupe-Canary";

/// What each text says about itself must not hold the canary or the patient's id.
fn silent(shown: &[String]) {
    let id = example_dek_id().subject().to_string();
    for text in shown {
        assert!(
            !text.contains(CANARY)
                && !text.contains(&id)
                && !text.contains(&crate::support::hex(CANARY.as_bytes())),
            "{text}"
        );
    }
}

#[test]
fn canaries_in_errors_and_debug_texts() {
    let Sealed { context, dek, .. } = sealed();
    let mut batch = BatchSealer::new(&dek, &context, Salt::generate(&mut rng())).unwrap();
    let envelope = batch.seal(&note(), CANARY.as_bytes()).unwrap();
    let mut bent = envelope.clone();
    bent[66] ^= 1;
    let moved = crypto_vault::RecordContext { genetic: true, ..context };
    for error in [
        open_at(&context, note(), &bent).unwrap_err(),
        open_at(&context, value(), &envelope).unwrap_err(),
        open_at(&moved, note(), &envelope).unwrap_err(),
        open_at(&context, note(), &envelope[..60]).unwrap_err(),
        RecordOpener::for_envelope(&dek, &context, &[0; 90]).err().unwrap(),
    ] {
        silent(&[error.to_string(), format!("{error:?}")]);
    }

    let example = crypto_vault::testing::example_record();
    let content = [(Field::Note, FieldValue::new(CANARY.into()))].into();
    let record = Record::new(example.head().clone(), content).unwrap();
    let sealed = seal_record(&dek, &record, Salt::generate(&mut rng())).unwrap();
    assert!(!format!("{record:?} {sealed:?}").contains(CANARY));

    // Files with a canary on every line that can be wrong.
    let key = EpochKey::generate(EpochId::FIRST, &mut CountingRng::new(1));
    let file = EpochFile::format(&key);
    for (line, _) in file.lines().enumerate() {
        let broken: Vec<_> =
            file.lines().enumerate().map(|(at, text)| if at == line { CANARY } else { text }).collect();
        let error: EpochFileError = EpochFile::parse(&broken.join("\n")).err().unwrap();
        silent(&[error.to_string(), format!("{error:?}")]);
        let share = RecoveryShare::parse(&format!("{}\n{}", RecoveryShare::TITLE, CANARY)).err().unwrap();
        silent(&[share.to_string(), format!("{share:?}")]);
        let header = PassphraseHeader::parse(&broken.join("\n")).err().unwrap();
        silent(&[header.to_string(), format!("{header:?}")]);
    }
    let short = Passphrase::parse(&CANARY[..4]).err();
    silent(&[format!("{short:?}")]);
}

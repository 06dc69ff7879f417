//! Signed heads: only the key's own log, only its own spelling.

#[cfg(test)]
mod checkpoint {
    use audit_log::testing::{sample_clinic, sample_key};
    use audit_log::{Checkpoint, CheckpointError, LogSigningKey, NoteError, TreeHash, VerifierKey};
    use chrono::DateTime;
    use proptest::prelude::*;
    use records_model::ClinicId;
    use uuid::Uuid;

    fn note(text: &str) -> String {
        // A head of the sample clinic, signed whatever it says.
        let signed = head(5).sign(&sample_key()).unwrap();
        let signature = signed.split_once("\n\n").unwrap().1;
        format!("{text}\n{signature}")
    }

    fn head(size: u64) -> Checkpoint {
        Checkpoint::new(sample_clinic(), size, TreeHash::from_bytes([7; 32]), DateTime::UNIX_EPOCH)
    }

    proptest! {
        #[test]
        fn a_head_opens_to_what_was_signed(size in any::<u64>(), root in any::<[u8; 32]>(), micros in 0..1_i64 << 60) {
            let at = DateTime::from_timestamp_micros(micros).unwrap();
            let head = Checkpoint::new(sample_clinic(), size, TreeHash::from_bytes(root), at);
            let note = head.sign(&sample_key()).unwrap();
            prop_assert_eq!(Checkpoint::open(&note, &sample_key().verifier_key()), Ok(head));
            prop_assert_eq!(Checkpoint::read_unverified(&note), Ok(head));
        }

        #[test]
        fn any_changed_character_is_refused(at in 0..150_usize, to in "[0-9a-zA-Z+/]") {
            let note = head(123_456).sign(&sample_key()).unwrap();
            prop_assume!(note.is_char_boundary(at) && note.is_char_boundary(at + 1) && note[at..=at] != to);
            let changed = format!("{}{to}{}", &note[..at], &note[at + 1..]);
            prop_assert!(Checkpoint::open(&changed, &sample_key().verifier_key()).is_err());
        }

        #[test]
        fn a_key_reads_back_from_its_text(secret in any::<[u8; 32]>()) {
            let key = LogSigningKey::from_bytes(sample_clinic(), &secret).verifier_key();
            prop_assert_eq!(VerifierKey::parse(&key.to_string()), Ok(key));
        }
    }

    #[test]
    fn a_key_signs_and_opens_heads_of_its_own_clinic_only() {
        let other = LogSigningKey::from_bytes(ClinicId::from_uuid(Uuid::from_u128(2)), &[0x5a; 32]);
        assert_eq!(head(5).sign(&other), Err(CheckpointError::Origin));
        let note = head(5).sign(&sample_key()).unwrap();
        let error = Err(CheckpointError::Note(NoteError::OtherKey));
        assert_eq!(Checkpoint::open(&note, &other.verifier_key()), error);
        let other_secret = LogSigningKey::from_bytes(sample_clinic(), &[1; 32]);
        assert_eq!(Checkpoint::open(&note, &other_secret.verifier_key()), error);
    }

    #[test]
    fn a_head_has_one_spelling() {
        let good = head(5).to_string();
        assert_eq!(Checkpoint::read_unverified(&note(&good)), Ok(head(5)));
        for (line, old, new) in [
            (1, "resguardo/", "other/"),
            (2, "\n5\n", "\n05\n"),
            (2, "\n5\n", "\n+5\n"),
            (3, "=\n", "\n"),
            (4, "time 0", "time -0"),
            (4, "time 0", "0"),
            (5, "time 0\n", "time 0\nmore\n"),
        ] {
            let error = Checkpoint::read_unverified(&note(&good.replacen(old, new, 1))).unwrap_err();
            assert!(
                matches!(error, CheckpointError::Line { line: found, .. } if found == line),
                "{error} {new:?}"
            );
        }
    }
}

//! Frozen bytes. A change here breaks every log that exists: the files are written once and then only read.

#[cfg(test)]
mod golden {
    use std::fmt::Write;

    use audit_log::testing::{ExportParts, sample_clinic, sample_history, sample_key};
    use audit_log::{
        Anchors, Basis, Checkpoint, Commitment, ContentHash, Event, Generations, Leaf, LeafParts, Moves,
        Outcome, Preimage, Pseudonym, Reason, Recipient, RecipientId, Salt, VerifierKey, commit, leaf_hash,
        root_of, verify_export,
    };
    use chrono::DateTime;
    use expect_test::expect_file;
    use records_model::{
        Action, ActorId, Category, ClauseId, ConsentForm, CountryClass, Detail, EntryId, Fact, Ground,
        PolicyVersionId, ProviderId, Purpose, RecipientClass, RecordId, Role, RuleId, Set, SubjectId,
        UndescribedPurposeId, Vocabulary,
    };
    use uuid::Uuid;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").unwrap();
            text
        })
    }

    fn unhex(text: &str) -> Vec<u8> {
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
    }

    /// An entry with nothing that may be absent.
    fn smallest() -> LeafParts {
        LeafParts {
            clinic: sample_clinic(),
            entry: EntryId::from_uuid(Uuid::from_u128(1)),
            event: Event::LogExported,
            at: DateTime::from_timestamp_micros(-1).unwrap(),
            subject: None,
            actor: None,
            action: None,
            purpose: None,
            ground: None,
            detail: None,
            outcome: Outcome::None,
            rules: [].into(),
            policy: None,
            generations: Generations { clinic: 0, actor: None, subject: None },
            moves: Moves::None,
            content: None,
            commitment: Commitment::from_bytes([0; 32]),
        }
    }

    /// An entry with everything.
    fn largest() -> LeafParts {
        LeafParts {
            entry: EntryId::from_uuid(Uuid::from_u128(0x0199_aaaa_bbbb_7ccc_8ddd_eeee_ffff_0001)),
            event: Event::DisclosureMade,
            at: DateTime::from_timestamp_micros(1_790_000_000_123_456).unwrap(),
            subject: Some(Pseudonym::from_bytes([0x51; 16])),
            actor: Some(Pseudonym::from_bytes([0xa1; 16])),
            action: Some(Action::Disclose),
            purpose: Some(Purpose::CareCoordination),
            ground: Some(Ground::Consent),
            detail: Some(Detail::Full),
            outcome: Outcome::Permit,
            rules: ["outside-care", "provider-under-contract"].map(|id| RuleId::parse(id).unwrap()).into(),
            policy: Some(PolicyVersionId::parse("elicells-2026.2").unwrap()),
            generations: Generations { clinic: 3, actor: Some(7), subject: Some(u64::MAX - 1) },
            moves: Moves::Subject,
            content: Some(ContentHash::of(b"sealed")),
            commitment: Commitment::from_bytes([0xc0; 32]),
            ..smallest()
        }
    }

    #[test]
    fn leaf_v1_bytes_are_frozen() {
        let mut entries = vec![("smallest", smallest()), ("largest", largest())];
        let history = sample_history(2026, 12);
        entries.extend(history.into_iter().map(|leaf| ("history", leaf.into_parts())));
        let mut text =
            String::from("# name, canonical bytes of leaf v1, leaf hash; every line reads for ever\n");
        for (name, parts) in entries {
            let bytes = Leaf::new(parts).unwrap().encode();
            writeln!(text, "{name} {} {}", hex(&bytes), leaf_hash(&bytes)).unwrap();
        }
        expect_file!["../../../fixtures/log/leaf-v1.txt"].assert_eq(&text);
    }

    #[test]
    fn every_frozen_leaf_reads_back() {
        let lines = include_str!("../../../fixtures/log/leaf-v1.txt").lines().skip(1);
        let mut count = 0;
        for line in lines {
            let [_, bytes, hash] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("three parts") };
            let leaf = Leaf::decode(&unhex(bytes)).unwrap();
            assert_eq!(hex(&leaf.encode()), bytes);
            assert_eq!(leaf.hash().to_string(), hash);
            count += 1;
        }
        assert_eq!(count, 14);
    }

    /// One change each to the bytes of the largest entry, with the reason for which it is refused.
    #[test]
    fn refused_leaves_stay_refused_for_the_same_reason() {
        let good = Leaf::new(largest()).unwrap().encode();
        let find = |needle: &[u8]| good.windows(needle.len()).position(|window| window == needle).unwrap();
        let replaced = |old: &[u8], new: &[u8]| {
            let at = find(old);
            [&good[..at], new, &good[at + old.len()..]].concat()
        };
        let cases = [
            ("empty", vec![]),
            ("version", [&[2], &good[1..]].concat()),
            ("cut", good[..good.len() - 1].to_vec()),
            ("longer", [good.as_slice(), &[0]].concat()),
            ("event", replaced(b"\x0fdisclosure-made", b"\x0fdisclosure-xxxx")),
            ("upper case", replaced(b"\x08disclose", b"\x08Disclose")),
            ("absent outcome", replaced(b"\x06permit", b"\x00")),
            ("presence", replaced(&[1, 0x51, 0x51], &[2, 0x51, 0x51])),
            ("rule twice", replaced(b"\x17provider-under-contract", b"\x0coutside-care")),
            (
                "rules swapped",
                replaced(
                    b"\x0coutside-care\x17provider-under-contract",
                    b"\x17provider-under-contract\x0coutside-care",
                ),
            ),
            ("refusal moves", replaced(b"\x06permit", b"\x04deny")),
            ("time", replaced(&1_790_000_000_123_456_i64.to_be_bytes(), &i64::MAX.to_be_bytes())),
            ("generation", replaced(&(u64::MAX - 1).to_be_bytes(), &u64::MAX.to_be_bytes())),
        ];
        let mut text = String::from("# name: why it is refused: bytes\n");
        for (name, bytes) in cases {
            let error = Leaf::decode(&bytes).unwrap_err();
            writeln!(text, "{name}: {error}: {}", hex(&bytes)).unwrap();
        }
        expect_file!["../../../fixtures/log/leaf-v1-refused.txt"].assert_eq(&text);
    }

    #[test]
    fn preimage_v1_and_its_commitment_are_frozen() {
        let id = Uuid::from_u128;
        let full = Preimage {
            subject: Some(SubjectId::from_uuid(id(1))),
            actor: Some(ActorId::from_uuid(id(2))),
            role: Some(Role::PrivacyOfficer),
            by: Some(ActorId::from_uuid(id(3))),
            undescribed_purpose: Some(UndescribedPurposeId::parse("film-festival-2027").unwrap()),
            recipient: Some(Recipient {
                class: RecipientClass::TreatingProvider,
                id: Some(RecipientId::Provider(ProviderId::from_uuid(id(4)))),
            }),
            categories: Set::of(&[Category::Laboratory, Category::Medications]),
            records: [6, 5].map(|n| RecordId::from_uuid(id(n))).into(),
            reasons: [Reason { clause: ClauseId::of::<39>(), code: RuleId::parse("outside-care").unwrap() }]
                .into(),
            basis: None,
        };
        let salt = Salt::from_bytes([0x5a; 32]);
        let mut text =
            String::from("# name, canonical bytes of preimage v1, commitment with a salt of 32 bytes 5a\n");
        for (name, preimage) in [("empty", Preimage::default()), ("full", full)] {
            let bytes = preimage.encode().unwrap();
            assert_eq!(Preimage::decode(&bytes), Ok(preimage));
            writeln!(text, "{name} {} {}", hex(&bytes), commit(&salt, &bytes)).unwrap();
        }
        expect_file!["../../../fixtures/log/preimage-v1.txt"].assert_eq(&text);
    }

    #[test]
    fn preimage_v2_is_frozen() {
        let basis = Basis {
            role: Role::Nurse,
            categories: Set::of(&[Category::Laboratory, Category::Medications]),
            country: CountryClass::Domestic,
            consent: ConsentForm::ExpressWritten,
            present: Set::of(&[Fact::Training, Fact::CareRelation]),
        };
        let preimage = Preimage { basis: Some(basis), ..Preimage::default() };
        let bytes = preimage.encode().unwrap();
        assert_eq!(Preimage::decode(&bytes), Ok(preimage));
        let text =
            format!("# canonical bytes of preimage v2: v1 and the basis of the decision\n{}\n", hex(&bytes));
        expect_file!["../../../fixtures/log/preimage-v2.txt"].assert_eq(&text);
        // A version without its basis is nobody's spelling.
        let mut without = Preimage::default().encode().unwrap();
        without[0] = Preimage::VERSION_WITH_BASIS;
        assert!(Preimage::decode(&without).is_err());
    }

    #[test]
    fn checkpoints_and_keys_are_frozen() {
        let hashes: Vec<_> = sample_history(2026, 12).iter().map(Leaf::hash).collect();
        let at = DateTime::from_timestamp_micros(1_790_000_000_000_001).unwrap();
        let checkpoint = Checkpoint::new(sample_clinic(), 12, root_of(&hashes), at);
        expect_file!["../../../fixtures/log/checkpoint-v1.txt"]
            .assert_eq(&checkpoint.sign(&sample_key()).unwrap());
        expect_file!["../../../fixtures/log/checkpoint-v1-key.txt"]
            .assert_eq(&format!("{}\n", sample_key().verifier_key()));

        let key = VerifierKey::parse(include_str!("../../../fixtures/log/checkpoint-v1-key.txt").trim_end());
        let note = include_str!("../../../fixtures/log/checkpoint-v1.txt");
        assert_eq!(Checkpoint::open(note, &key.unwrap()), Ok(checkpoint));
    }

    /// The export also serves readers in other languages, and `audit-verify`.
    #[test]
    fn exports_and_trails_are_frozen() {
        let mut parts = ExportParts::of(&sample_history(2026, 12), 5);
        parts.unsequenced = sample_history(2026, 13).split_off(12).iter().map(Leaf::encode).collect();
        for (name, lines) in [("export", parts.lines()), ("trail", parts.trail())] {
            let text = lines.join("\n") + "\n";
            expect_file![format!("../../../fixtures/log/{name}-v1.jsonl")].assert_eq(&text);
        }
    }

    #[test]
    fn the_frozen_export_stays_intact() {
        let key = VerifierKey::parse(include_str!("../../../fixtures/log/checkpoint-v1-key.txt").trim_end());
        let mut anchors = Anchors::new(key.unwrap());
        anchors.add(include_str!("../../../fixtures/log/checkpoint-v1.txt")).unwrap();
        anchors.add(include_str!("../../../fixtures/log/trail-v1.jsonl")).unwrap();
        let report = verify_export(include_str!("../../../fixtures/log/export-v1.jsonl").lines(), anchors);
        assert_eq!((report.findings.as_slice(), report.vouched, report.unsequenced), ([].as_slice(), 12, 1));
    }

    #[test]
    fn the_words_of_the_log_are_frozen() {
        let codes = Event::ALL.iter().map(|word| word.code());
        let codes = codes.chain(Outcome::ALL.iter().map(|word| word.code()));
        let codes: Vec<_> = codes.chain(Moves::ALL.iter().map(|word| word.code())).collect();
        expect_file!["../../../fixtures/log/words-v1.txt"].assert_eq(&format!("{}\n", codes.join("\n")));
    }
}

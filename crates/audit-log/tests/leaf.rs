//! Leaf v1 and preimages: frozen bytes, one spelling each, nothing invalid.

#[cfg(test)]
mod leaf {
    use std::collections::BTreeSet;

    use audit_log::testing::{arb_leaf, arb_preimage, arb_salt, sample_history};
    use audit_log::{
        Event, Generations, Leaf, LeafDecodeError, LeafError, LeafParts, Moves, Outcome, Preimage,
        PreimageTooLarge, Pseudonym,
    };
    use proptest::prelude::*;
    use records_model::RecordId;
    use uuid::Uuid;

    fn plain() -> LeafParts {
        sample_history(1, 1).remove(0).into_parts()
    }

    proptest! {
        #[test]
        fn an_entry_reads_back_from_its_bytes(leaf in arb_leaf()) {
            prop_assert_eq!(Leaf::decode(&leaf.encode()), Ok(leaf));
        }

        /// Whatever bytes come in: refused, or the one spelling of what was read.
        #[test]
        fn what_reads_is_the_only_spelling(leaf in arb_leaf(), at in any::<prop::sample::Index>(), flip in 1..=255_u8) {
            let mut bytes = leaf.encode();
            let at = at.index(bytes.len());
            bytes[at] ^= flip;
            if let Ok(other) = Leaf::decode(&bytes) {
                prop_assert_eq!(other.encode(), bytes);
                prop_assert_ne!(other, leaf);
            }
        }

        #[test]
        fn any_bytes_at_all_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = Leaf::decode(&bytes);
            let _ = Preimage::decode(&bytes);
        }

        #[test]
        fn a_shorter_or_longer_entry_is_refused(leaf in arb_leaf(), cut in any::<prop::sample::Index>()) {
            let mut bytes = leaf.encode();
            prop_assert!(Leaf::decode(&bytes[..cut.index(bytes.len())]).is_err());
            bytes.push(0);
            prop_assert!(Leaf::decode(&bytes).is_err());
        }

        #[test]
        fn a_preimage_reads_back_from_its_bytes(preimage in arb_preimage()) {
            let bytes = preimage.encode().unwrap();
            prop_assert_eq!(Preimage::decode(&bytes), Ok(preimage));
            prop_assert!(Preimage::decode(&[bytes.as_slice(), &[0]].concat()).is_err());
        }

        #[test]
        fn a_commitment_depends_on_the_salt_and_on_every_part(
            left in arb_preimage(), right in arb_preimage(), salt in arb_salt(), other in arb_salt(),
        ) {
            let commitment = left.commitment(&salt).unwrap();
            prop_assert_eq!(left == right, right.commitment(&salt).unwrap() == commitment);
            prop_assert_eq!(salt == other, left.commitment(&other).unwrap() == commitment);
        }
    }

    #[test]
    fn a_sample_history_has_as_many_entries_as_asked_for() {
        assert_eq!(sample_history(7, 500).len(), 500);
    }

    #[test]
    fn a_person_and_the_generation_of_their_facts_go_together() {
        let parts = LeafParts { subject: None, moves: Moves::None, event: Event::Decision, ..plain() };
        assert_eq!(Leaf::new(parts), Err(LeafError::GenerationMismatch { chain: "subject" }));
        let generations = Generations { actor: None, ..plain().generations };
        assert_eq!(
            Leaf::new(LeafParts { generations, ..plain() }),
            Err(LeafError::GenerationMismatch { chain: "actor" })
        );
    }

    #[test]
    fn a_withdrawal_that_moves_no_chain_cannot_be_made() {
        let parts = LeafParts { event: Event::ConsentEnded, moves: Moves::None, ..plain() };
        let error = LeafError::WrongChain {
            event: Event::ConsentEnded,
            expected: Moves::Subject,
            found: Moves::None,
        };
        assert_eq!(Leaf::new(parts), Err(error));
    }

    #[test]
    fn a_refusal_changes_nothing_and_a_decision_has_an_outcome() {
        let refusal = LeafParts {
            event: Event::PersonRegistered,
            outcome: Outcome::Deny,
            moves: Moves::Subject,
            ..plain()
        };
        assert_eq!(Leaf::new(refusal), Err(LeafError::RefusalMoves));
        let undecided =
            LeafParts { event: Event::Decision, outcome: Outcome::None, moves: Moves::None, ..plain() };
        assert_eq!(Leaf::new(undecided), Err(LeafError::DecisionWithoutOutcome));
    }

    #[test]
    fn an_entry_cannot_move_the_chain_of_nobody_nor_a_chain_at_its_end() {
        let nobody = LeafParts {
            event: Event::EvidenceRecorded,
            outcome: Outcome::None,
            subject: None,
            generations: Generations { subject: None, ..plain().generations },
            moves: Moves::Subject,
            ..plain()
        };
        assert_eq!(Leaf::new(nobody.clone()), Err(LeafError::MovedChainAbsent { chain: "subject" }));
        let last = LeafParts {
            subject: Some(Pseudonym::from_bytes([1; 16])),
            generations: Generations { subject: Some(u64::MAX), ..plain().generations },
            ..nobody
        };
        assert_eq!(Leaf::new(last), Err(LeafError::GenerationExhausted));
    }

    #[test]
    fn invalid_parts_are_refused_from_bytes_too() {
        let leaf = Leaf::new(LeafParts {
            event: Event::Decision,
            outcome: Outcome::Permit,
            moves: Moves::None,
            ..plain()
        });
        let bytes = leaf.unwrap().encode();
        let [at] = bytes
            .windows(7)
            .enumerate()
            .filter(|(_, w)| w == b"\x06permit")
            .map(|(at, _)| at)
            .collect::<Vec<_>>()[..]
        else {
            panic!("one outcome");
        };
        let changed = [&bytes[..at], b"\x04none", &bytes[at + 7..]].concat();
        assert_eq!(Leaf::decode(&changed), Err(LeafDecodeError::Parts(LeafError::DecisionWithoutOutcome)));
    }

    #[test]
    fn more_records_than_a_count_holds_are_refused_and_not_cut() {
        let records: BTreeSet<RecordId> =
            (0..=Preimage::ITEMS_MAX as u128).map(|n| RecordId::from_uuid(Uuid::from_u128(n))).collect();
        let error = PreimageTooLarge { items: "records", count: 65_536, max: 65_535 };
        assert_eq!(Preimage { records, ..Preimage::default() }.encode(), Err(error));
    }
}

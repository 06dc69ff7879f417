//! Placing entries: every chain is respected, whatever the order in which they are found.

#[cfg(test)]
mod sequence {
    use std::collections::HashMap;

    use audit_log::testing::{arb_history, sample_history};
    use audit_log::{
        Chain, Event, Generations, Leaf, LeafParts, Moves, OrderCheck, Outcome, Pseudonym, SequenceError,
        check_order, sequence,
    };
    use proptest::prelude::*;
    use records_model::EntryId;
    use uuid::Uuid;

    fn placed(leaves: &[Leaf], order: &[EntryId]) -> Vec<Leaf> {
        let by_id: HashMap<EntryId, &Leaf> = leaves.iter().map(|leaf| (leaf.parts().entry, leaf)).collect();
        order.iter().map(|id| by_id[id].clone()).collect()
    }

    /// The order that looks right and is not: each subject's entries by generation, subject after subject.
    fn per_subject_order(leaves: &[Leaf]) -> Vec<Leaf> {
        let mut order = leaves.to_vec();
        order.sort_by_key(|leaf| {
            let parts = leaf.parts();
            (parts.subject, parts.generations.subject, parts.moves == Moves::Subject, parts.entry)
        });
        order
    }

    fn shuffled_history() -> impl Strategy<Value = (Vec<Leaf>, Vec<Leaf>)> {
        arb_history(80).prop_flat_map(|history| (Just(history.clone()), Just(history).prop_shuffle()))
    }

    proptest! {
        #[test]
        fn a_history_keeps_the_order_law(history in arb_history(80)) {
            prop_assert_eq!(check_order(&history), Ok(()));
        }

        #[test]
        fn whatever_order_entries_are_found_in_they_are_placed_lawfully(
            (_, found) in shuffled_history(),
        ) {
            let order = sequence(&found).unwrap();
            prop_assert_eq!(order.len(), found.len());
            prop_assert_eq!(check_order(&placed(&found, &order)), Ok(()));
        }

        #[test]
        fn the_same_entries_always_get_the_same_order((history, found) in shuffled_history()) {
            prop_assert_eq!(sequence(&history), sequence(&found));
        }

        /// Any split into batches that a snapshot could show: each batch is lawful after the ones before it.
        #[test]
        fn batches_are_placed_one_after_the_other(history in arb_history(80), size in 1..20_usize) {
            let mut check = OrderCheck::default();
            for batch in history.chunks(size) {
                for leaf in placed(batch, &sequence(batch).unwrap()) {
                    prop_assert_eq!(check.admit(&leaf), Ok(()));
                }
            }
        }

        /// A permit moved to after the change that ended its generation is found.
        #[test]
        fn a_permit_after_the_end_of_its_consent_is_found(history in arb_history(60), at in any::<prop::sample::Index>()) {
            let moved = |i: &usize| history[*i].parts().moves == Moves::None;
            let pairs: Vec<(usize, usize)> = (0..history.len()).filter(moved).filter_map(|from| {
                let subject = history[from].parts().subject;
                let ends = |i: &usize| {
                    history[*i].parts().subject == subject && history[*i].parts().moves == Moves::Subject
                };
                (from + 1..history.len()).find(ends).map(|end| (from, end))
            }).collect();
            prop_assume!(!pairs.is_empty());
            let (from, end) = pairs[at.index(pairs.len())];
            let mut tampered = history;
            let permit = tampered.remove(from);
            tampered.insert(end, permit);
            prop_assert!(check_order(&tampered).is_err());
        }
    }

    #[test]
    fn ordering_each_subject_alone_breaks_the_other_chains() {
        let broken =
            (0..50).filter(|seed| check_order(&per_subject_order(&sample_history(*seed, 60))).is_err());
        assert!(broken.count() > 40, "the naive order should fail nearly always");
    }

    #[test]
    fn ordering_by_time_is_no_substitute() {
        // Clocks step back: the change carries an earlier time than the permit that it must follow.
        let (permit, change) = two_of_one_subject();
        let order = sequence([&change, &permit]).unwrap();
        assert_eq!(order, [permit.parts().entry, change.parts().entry]);
        assert!(change.parts().at < permit.parts().at);
    }

    fn entry(number: u128, subject: u8, actor: u8, generations: (u64, u64), moves: Moves) -> Leaf {
        let base = sample_history(1, 1).remove(0).into_parts();
        let event = if moves == Moves::None { Event::Decision } else { Event::EvidenceRecorded };
        Leaf::new(LeafParts {
            entry: EntryId::from_uuid(Uuid::from_u128(number)),
            event,
            outcome: Outcome::Permit,
            subject: Some(Pseudonym::from_bytes([subject; 16])),
            actor: Some(Pseudonym::from_bytes([actor; 16])),
            generations: Generations { clinic: 0, actor: Some(generations.0), subject: Some(generations.1) },
            moves,
            ..base
        })
        .unwrap()
    }

    fn two_of_one_subject() -> (Leaf, Leaf) {
        let permit = entry(2, 1, 1, (0, 0), Moves::None);
        let change = entry(1, 1, 1, (0, 0), Moves::Subject).into_parts();
        let at = permit.parts().at - chrono::TimeDelta::seconds(1);
        (permit, Leaf::new(LeafParts { at, ..change }).unwrap())
    }

    #[test]
    fn chains_that_contradict_each_other_are_a_cycle_and_only_its_members_are_named() {
        // By subject: 1 before 2 (1 changes what 2 read later). By actor: 2 before 1.
        let first = entry(1, 1, 1, (1, 0), Moves::Subject);
        let second = entry(2, 1, 1, (0, 1), Moves::Actor);
        let bystander = entry(3, 2, 2, (0, 0), Moves::None);
        let later = entry(4, 1, 2, (0, 1), Moves::None);
        let ids = vec![first.parts().entry, second.parts().entry];
        assert_eq!(
            sequence([&later, &first, &second, &bystander]),
            Err(SequenceError::Cycle { entries: ids })
        );
    }

    #[test]
    fn two_changes_from_one_generation_and_one_entry_twice_are_refused() {
        let (left, right) = (entry(1, 1, 1, (0, 0), Moves::Subject), entry(2, 1, 2, (0, 0), Moves::Subject));
        let (first, second) = (left.parts().entry, right.parts().entry);
        assert_eq!(sequence([&left, &right]), Err(SequenceError::TwoChanges { first, second }));
        assert_eq!(sequence([&left, &left]), Err(SequenceError::Repeated { entry: first }));
    }

    #[test]
    fn a_check_goes_on_from_stored_counts() {
        let subject = Pseudonym::from_bytes([1; 16]);
        let leaf = entry(1, 1, 1, (0, 7), Moves::None);
        assert!(OrderCheck::default().admit(&leaf).is_err());
        assert_eq!(OrderCheck::after([(Chain::Subject(subject), 7)]).admit(&leaf), Ok(()));
    }
}

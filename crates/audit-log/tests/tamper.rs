//! Every way to change a log, by everybody who might: what the check finds, and where.

#[cfg(test)]
mod tamper {
    use audit_log::testing::{ExportParts, head, sample_history, sample_key};
    use audit_log::{
        AnchorError, Anchors, Fault, Finding, LogSigningKey, Place, Report, TrailDifference, leaf_hash,
        verify_export,
    };
    use proptest::prelude::*;

    const ENTRIES: usize = 40;
    const HEAD_EVERY: usize = 8;

    fn honest() -> ExportParts {
        ExportParts::of(&sample_history(40, ENTRIES), HEAD_EVERY)
    }

    fn key_only() -> Anchors {
        Anchors::new(sample_key().verifier_key())
    }

    fn with_trail() -> Anchors {
        let mut anchors = key_only();
        anchors.add(&honest().trail().join("\n")).unwrap();
        anchors
    }

    fn with_heads() -> Anchors {
        let mut anchors = key_only();
        honest().notes.iter().for_each(|(_, note)| anchors.add(note).unwrap());
        anchors
    }

    fn first(report: &Report) -> Finding {
        *report.first_bad().unwrap()
    }

    /// Another entry that reads: the same with its outcome bound to another side row.
    fn changed(leaf: &[u8]) -> Vec<u8> {
        let mut bytes = leaf.to_vec();
        *bytes.last_mut().unwrap() ^= 1;
        bytes
    }

    fn index(at: usize) -> u64 {
        u64::try_from(at).unwrap()
    }

    /// The entries that a change at `at` can hide among when only heads narrow it.
    fn bracket(at: usize) -> Place {
        let start = at / HEAD_EVERY * HEAD_EVERY;
        Place::Among { first: index(start), last: index((start + HEAD_EVERY).min(ENTRIES)) - 1 }
    }

    #[derive(Debug, Clone, Copy)]
    enum Attack {
        Change,
        Remove,
        SwapWithNext,
        SwapFar,
        Repeat,
    }

    const ATTACKS: [Attack; 5] =
        [Attack::Change, Attack::Remove, Attack::SwapWithNext, Attack::SwapFar, Attack::Repeat];

    /// Where a swap ends; the two ends of the log are swapped with what is nearest.
    fn partner(attack: Attack, at: usize) -> usize {
        match attack {
            Attack::SwapWithNext => at + 1,
            _ => at + 11,
        }
    }

    fn apply(attack: Attack, at: usize, parts: &mut ExportParts) {
        match attack {
            Attack::Change => parts.entries[at].0 = changed(&parts.entries[at].0),
            Attack::Remove => drop(parts.entries.remove(at)),
            Attack::SwapWithNext | Attack::SwapFar => parts.entries.swap(at, partner(attack, at)),
            Attack::Repeat => {
                let again = parts.entries[at].clone();
                parts.entries.insert(at, again);
            }
        }
    }

    fn places(attack: Attack) -> std::ops::Range<usize> {
        match attack {
            Attack::SwapWithNext | Attack::SwapFar => 0..ENTRIES - partner(attack, 0),
            _ => 0..ENTRIES,
        }
    }

    #[test]
    fn an_honest_export_is_intact_with_and_without_anchors() {
        for anchors in [key_only(), with_heads(), with_trail()] {
            let report = verify_export(honest().lines(), anchors);
            assert_eq!(report.findings, []);
            assert_eq!((report.entries, report.vouched), (40, 40));
            assert_eq!(report.head.unwrap().size(), 40);
        }
    }

    #[test]
    fn a_changed_entry_is_named_when_hashes_were_not_recomputed() {
        for at in 0..ENTRIES {
            let mut parts = honest();
            apply(Attack::Change, at, &mut parts);
            let report = verify_export(parts.lines(), key_only());
            assert_eq!(
                report.findings,
                [Finding { place: Place::Entry(index(at)), fault: Fault::LeafChanged }]
            );
        }
    }

    #[test]
    fn a_changed_stored_hash_is_told_from_a_changed_entry() {
        let mut parts = honest();
        parts.entries[9].1 = leaf_hash(b"something else");
        let report = verify_export(parts.lines(), key_only());
        assert_eq!(report.findings, [Finding { place: Place::Entry(9), fault: Fault::StoredHashChanged }]);
    }

    #[test]
    fn a_removed_line_is_named_by_the_gap_and_swapped_lines_by_their_indexes() {
        let lines = honest().lines();
        // Lines in which entries stand, by index.
        let at_line: Vec<usize> =
            (0..lines.len()).filter(|line| lines[*line].starts_with("{\"entry\"")).collect();
        for (at, line) in at_line.iter().enumerate() {
            let mut cut = lines.clone();
            cut.remove(*line);
            let expected = match at {
                39 => Finding {
                    place: Place::Among { first: 32, last: 39 },
                    fault: Fault::TailMissing { count: 1, signed: 40 },
                },
                _ => {
                    Finding { place: Place::Entry(index(at)), fault: Fault::Missing { found: index(at + 1) } }
                }
            };
            assert_eq!(first(&verify_export(&cut, key_only())), expected);
        }
        for (at, pair) in at_line.windows(2).enumerate() {
            let mut swapped = lines.clone();
            swapped.swap(pair[0], pair[1]);
            let fault = Fault::OutOfPlace { found: index(at + 1) };
            assert_eq!(
                first(&verify_export(&swapped, key_only())),
                Finding { place: Place::Entry(index(at)), fault }
            );
        }
    }

    /// Somebody recomputed every hash and index but cannot sign: heads, here those in the export, bracket the change.
    #[test]
    fn without_the_key_every_attack_is_bracketed_by_the_signed_heads() {
        for attack in ATTACKS {
            for at in places(attack) {
                let mut parts = honest();
                apply(attack, at, &mut parts);
                parts.recompute();
                let report = verify_export(parts.lines(), key_only());
                let found = first(&report).place;
                // Of an entry and its copy, the copy is the one too many.
                let at = if matches!(attack, Attack::Repeat) { at + 1 } else { at };
                let (first, last) =
                    (index(at / HEAD_EVERY * HEAD_EVERY), index(at / HEAD_EVERY * HEAD_EVERY + HEAD_EVERY));
                assert!(
                    found.first_index() == Some(first) || found == Place::Entry(index(at)),
                    "{attack:?} {at}: {found}"
                );
                assert!(found.last_index().unwrap() <= last, "{attack:?} {at}: {found}");
                assert_eq!(report.vouched, first);
            }
        }
    }

    /// The same when the forger throws all inner heads away: those kept elsewhere do it.
    #[test]
    fn heads_kept_elsewhere_bracket_what_the_export_no_longer_does() {
        for at in 0..ENTRIES {
            let mut parts = honest();
            apply(Attack::Change, at, &mut parts);
            parts.recompute();
            parts.notes.retain(|(size, _)| *size == ENTRIES);
            assert_eq!(
                first(&verify_export(parts.lines(), key_only())).place,
                Place::Among { first: 0, last: 39 }
            );
            assert_eq!(first(&verify_export(parts.lines(), with_heads())).place, bracket(at));
        }
    }

    /// A trail kept elsewhere names the entry and the kind, whatever was recomputed.
    #[test]
    fn a_trail_names_the_entry_and_what_was_done_to_it() {
        for attack in ATTACKS {
            for at in places(attack) {
                let mut parts = honest();
                apply(attack, at, &mut parts);
                parts.recompute();
                let report = verify_export(parts.lines(), with_trail());
                let found = report
                    .findings
                    .iter()
                    .find(|finding| matches!(finding.fault, Fault::Trail(_) | Fault::TailMissing { .. }));
                let expected = match attack {
                    Attack::Change => (at, Fault::Trail(TrailDifference::Changed)),
                    Attack::Remove if at == ENTRIES - 1 => (at, Fault::TailMissing { count: 1, signed: 40 }),
                    Attack::Remove => (at, Fault::Trail(TrailDifference::Removed { count: 1 })),
                    Attack::SwapWithNext | Attack::SwapFar => {
                        (at, Fault::Trail(TrailDifference::Swapped { with: index(partner(attack, at)) }))
                    }
                    // The copy after the original is the first that differs; past the end it is no entry of the trail.
                    Attack::Repeat if at == ENTRIES - 1 => continue,
                    Attack::Repeat => (at + 1, Fault::Trail(TrailDifference::Moved { from: index(at) })),
                };
                let (at, fault) = expected;
                assert_eq!(report.vouched, index(at), "{attack:?}");
                assert_eq!(found, Some(&Finding { place: Place::Entry(index(at)), fault }), "{attack:?}");
                assert_eq!(first(&report).place.first_index(), Some(index(at)), "{attack:?}: {report:?}");
            }
        }
    }

    #[test]
    fn an_entry_put_in_and_several_removed_are_told_apart_by_a_trail() {
        let mut parts = honest();
        parts.entries.insert(13, (changed(&parts.entries[13].0), leaf_hash(b"")));
        parts.recompute();
        let report = verify_export(parts.lines(), with_trail());
        assert!(
            report.findings.contains(&Finding {
                place: Place::Entry(13),
                fault: Fault::Trail(TrailDifference::Inserted),
            })
        );
        let mut parts = honest();
        parts.entries.drain(13..20);
        let report = verify_export(parts.lines(), with_trail());
        assert!(report.findings.contains(&Finding {
            place: Place::Entry(13),
            fault: Fault::Trail(TrailDifference::Removed { count: 7 }),
        }));
    }

    #[test]
    fn a_repeated_entry_is_named_with_its_original() {
        for at in 0..ENTRIES {
            let mut parts = honest();
            apply(Attack::Repeat, at, &mut parts);
            let report = verify_export(parts.lines(), key_only());
            let repeated =
                Finding { place: Place::Entry(index(at + 1)), fault: Fault::Repeated { first: index(at) } };
            assert!(report.findings.contains(&repeated), "{at}: {report:?}");
        }
    }

    #[test]
    fn a_cut_tail_is_found_by_any_larger_head() {
        for left in 0..ENTRIES {
            // Cut clean: the heads over what is gone are gone too, and the end line counts what is left.
            let mut parts = honest();
            parts.entries.truncate(left);
            parts.notes.retain(|(size, _)| *size <= left);
            let vouched = left / HEAD_EVERY * HEAD_EVERY;
            let missing = Fault::TailMissing { count: index(ENTRIES - left), signed: 40 };
            let report = verify_export(parts.lines(), with_trail());
            assert_eq!(first(&report).fault, missing, "{left}");
            let exact = if left == 0 { 0 } else { left };
            assert_eq!(first(&report).place.first_index(), Some(index(exact)), "{left}");
            let report = verify_export(parts.lines(), with_heads());
            assert_eq!(
                (first(&report).fault, first(&report).place.first_index()),
                (missing, Some(index(vouched)))
            );
            // With the key alone a cut at a head cannot be seen: this is why heads are kept elsewhere.
            let report = verify_export(parts.lines(), key_only());
            assert_eq!(report.is_intact(), left > 0 && left == vouched, "{left}");
        }
    }

    #[test]
    fn whoever_holds_the_signing_key_can_rewrite_all_but_what_others_hold() {
        let mut parts = honest();
        apply(Attack::Change, 17, &mut parts);
        parts.recompute();
        parts.sign_again(HEAD_EVERY, &sample_key());
        assert!(verify_export(parts.lines(), key_only()).is_intact());
        let report = verify_export(parts.lines(), with_heads());
        assert_eq!(first(&report).place, Place::Among { first: 16, last: 23 });
        assert!(report.findings.iter().any(|finding| finding.fault == Fault::Fork { size: 24 }));
        let report = verify_export(parts.lines(), with_trail());
        assert_eq!(
            first(&report),
            Finding { place: Place::Entry(17), fault: Fault::Trail(TrailDifference::Changed) }
        );
    }

    #[test]
    fn a_permit_placed_after_the_withdrawal_breaks_the_order_law_even_when_signed() {
        let history = sample_history(3, 60);
        let (end, permit) = (0..60)
            .flat_map(|end| (0..end).map(move |permit| (end, permit)))
            .find(|(end, permit)| {
                let (end, permit) = (history[*end].parts(), history[*permit].parts());
                end.event == audit_log::Event::ConsentEnded
                    && permit.moves == audit_log::Moves::None
                    && permit.subject == end.subject
                    && permit.generations.subject == end.generations.subject
            })
            .unwrap();
        let mut tampered = history;
        let moved = tampered.remove(permit);
        tampered.insert(end, moved);
        let report = verify_export(ExportParts::of(&tampered, HEAD_EVERY).lines(), key_only());
        let fault = first(&report);
        assert!(matches!(fault.fault, Fault::Order(_)), "{fault}");
        assert!(fault.place.first_index().unwrap() <= index(end));
    }

    #[test]
    fn entries_beyond_the_last_head_are_not_vouched_for() {
        let mut parts = honest();
        parts.notes.retain(|(size, _)| *size <= 32);
        let report = verify_export(parts.lines(), key_only());
        assert_eq!(
            report.findings,
            [Finding { place: Place::Among { first: 32, last: 39 }, fault: Fault::Unsigned }]
        );
        parts.notes.clear();
        let report = verify_export(parts.lines(), key_only());
        assert_eq!(first(&report).place, Place::Among { first: 0, last: 39 });
    }

    #[test]
    fn what_nothing_vouches_for_is_no_anchor() {
        let parts = honest();
        let mut forged = parts.clone();
        apply(Attack::Change, 3, &mut forged);
        forged.recompute();
        assert_eq!(key_only().add(&forged.trail().join("\n")), Err(AnchorError::TrailRoot { size: 8 }));
        forged.notes.clear();
        assert_eq!(key_only().add(&forged.trail().join("\n")), Err(AnchorError::Unsigned));
        let stranger = LogSigningKey::from_bytes(audit_log::testing::sample_clinic(), &[1; 32]);
        let note = head(&parts.hashes(), 8, &stranger).unwrap();
        assert!(matches!(key_only().add(&note), Err(AnchorError::Checkpoint(_))));
        assert_eq!(key_only().add("{}"), Err(AnchorError::Line { line: 1 }));
        // An earlier export serves as a trail too.
        assert_eq!(key_only().add(&parts.lines().join("\n")), Ok(()));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.max(256), ..ProptestConfig::default() })]

        /// One byte of the file, anywhere: never intact.
        #[test]
        fn one_changed_byte_anywhere_is_found(at in any::<prop::sample::Index>(), to in 0x20..0x7f_u8) {
            let text = honest().lines().join("\n");
            let at = at.index(text.len());
            let mut bytes = text.clone().into_bytes();
            prop_assume!(bytes[at] != to);
            bytes[at] = to;
            let changed = String::from_utf8_lossy(&bytes).into_owned();
            let report = verify_export(changed.lines(), with_trail());
            prop_assert!(!report.is_intact(), "{}", &changed[at.saturating_sub(20)..(at + 20).min(changed.len())]);
        }
    }
}

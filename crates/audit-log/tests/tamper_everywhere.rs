//! Every single-entry attack at every place of a long log: found, and with the right index.
//!
//! A check is a stream, so the entries before an attack are taken once and the check is cloned at each place. Each
//! attack is followed as far as its finding needs: a few entries where a trail was kept, up to the next signed head
//! where only heads were. What comes after can add findings at later places but take none away, which a sample that
//! is checked to the end of the file shows.

#[cfg(test)]
mod tamper_everywhere {
    use std::collections::VecDeque;

    use audit_log::testing::{ExportParts, sample_history, sample_key};
    use audit_log::{
        Anchors, Fault, Finding, Leaf, LeafParts, Place, TrailDifference, TreeHash, Verifier, leaf_hash,
    };
    use base64::{Engine, engine::general_purpose::STANDARD};
    use records_model::EntryId;
    use uuid::Uuid;

    const HEAD_EVERY: usize = 32;
    /// Entries that tell every kind of difference from a trail apart.
    const TRAIL_NEEDS: usize = 3;

    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    enum Attack {
        Change,
        Remove,
        SwapWithNext,
        Repeat,
        CutTail,
    }
    const ATTACKS: [Attack; 5] =
        [Attack::Change, Attack::Remove, Attack::SwapWithNext, Attack::Repeat, Attack::CutTail];

    /// What the forger can do, and what others kept.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    enum Forger {
        /// Edits lines and leaves hashes and indexes as they are.
        EditsOnly,
        /// Recomputes every hash and index; signed heads were kept elsewhere.
        RecomputesAgainstHeads,
        /// Recomputes every hash and index; a trail was kept elsewhere.
        RecomputesAgainstTrail,
    }
    const FORGERS: [Forger; 3] =
        [Forger::EditsOnly, Forger::RecomputesAgainstHeads, Forger::RecomputesAgainstTrail];

    /// One entry of the forged file: the index in its line, its bytes and the hash beside them.
    type Line = (usize, String, TreeHash);

    struct Log {
        header: String,
        end: String,
        /// Bytes in base64 and hash of each entry.
        entries: Vec<(String, TreeHash)>,
        /// The same entries, each changed in its last byte.
        changed: Vec<(String, TreeHash)>,
        heads: Anchors,
        trail: Anchors,
    }

    impl Log {
        fn of(entries: usize) -> Self {
            let history: Vec<Leaf> = (0..).zip(sample_history(7, entries)).map(with_ordered_id).collect();
            let parts = ExportParts::of(&history, HEAD_EVERY);
            let key = || Anchors::new(sample_key().verifier_key());
            let (mut heads, mut trail) = (key(), key());
            parts.notes.iter().for_each(|(_, note)| heads.add(note).unwrap());
            trail.add_trail(parts.trail()).unwrap();
            let encoded = |bytes: &[u8]| (STANDARD.encode(bytes), leaf_hash(bytes));
            let change = |bytes: &[u8]| {
                let mut bytes = bytes.to_vec();
                *bytes.last_mut().unwrap() ^= 1;
                encoded(&bytes)
            };
            let lines = ExportParts { notes: Vec::new(), ..parts.clone() }.lines();
            Self {
                header: lines[0].clone(),
                end: lines.last().unwrap().clone(),
                entries: parts.entries.iter().map(|(bytes, _)| encoded(bytes)).collect(),
                changed: parts.entries.iter().map(|(bytes, _)| change(bytes)).collect(),
                heads,
                trail,
            }
        }

        fn begin(&self, forger: Forger) -> Verifier {
            let anchors = if forger == Forger::RecomputesAgainstTrail { &self.trail } else { &self.heads };
            let mut verifier = Verifier::new(anchors.clone());
            verifier.take_line(&self.header);
            verifier
        }

        fn honest(&self, index: usize) -> Option<Line> {
            let (bytes, hash) = self.entries.get(index)?;
            Some((index, bytes.clone(), *hash))
        }

        /// The lines from `at` on after the attack, as many as `count`; fewer at the end of the log.
        fn forged(&self, attack: Attack, forger: Forger, at: usize, count: usize) -> Vec<Line> {
            let mut rest: VecDeque<Line> = (at..=at + count).map_while(|index| self.honest(index)).collect();
            match attack {
                Attack::Change => {
                    let (bytes, hash) = self.changed[at].clone();
                    let stored = if forger == Forger::EditsOnly { self.entries[at].1 } else { hash };
                    rest[0] = (at, bytes, stored);
                }
                Attack::Remove => drop(rest.pop_front()),
                Attack::SwapWithNext => rest.swap(0, 1),
                Attack::Repeat => rest.push_front(rest[0].clone()),
                Attack::CutTail => rest.clear(),
            }
            if forger != Forger::EditsOnly {
                rest.iter_mut().zip(at..).for_each(|(line, index)| line.0 = index);
            }
            rest.into_iter().take(count).collect()
        }

        /// How many entries after the attack are taken before the check is asked.
        fn follow(forger: Forger, at: usize) -> usize {
            match forger {
                Forger::EditsOnly | Forger::RecomputesAgainstTrail => TRAIL_NEEDS,
                // Up to the next head beyond the entry after this one, which a copy or a swap reaches.
                Forger::RecomputesAgainstHeads => (at + 1) / HEAD_EVERY * HEAD_EVERY + HEAD_EVERY - at,
            }
        }

        /// What must be found, by place and, where the evidence tells it, kind.
        fn expected(&self, attack: Attack, forger: Forger, at: usize) -> (u64, u64, Option<Fault>) {
            let index = |at: usize| u64::try_from(at).unwrap();
            let last = self.entries.len() - 1;
            let exact = |at: usize, fault| (index(at), index(at), fault);
            // The first entry that differs: of an entry and its copy, the copy.
            let differs = if attack == Attack::Repeat { at + 1 } else { at };
            let bracket = |from: usize| {
                let start = from / HEAD_EVERY * HEAD_EVERY;
                (index(start), index((start + HEAD_EVERY - 1).min(last)), None)
            };
            if attack == Attack::CutTail || (attack == Attack::Remove && at == last) {
                return match forger {
                    Forger::RecomputesAgainstTrail if at > 0 => (index(at), index(last), None),
                    Forger::RecomputesAgainstTrail => (0, index(last), None),
                    _ => (bracket(at).0, index(last), None),
                };
            }
            match (forger, attack) {
                (Forger::EditsOnly, Attack::Change) => exact(at, None),
                (Forger::EditsOnly, Attack::Remove) => {
                    exact(at, Some(Fault::Missing { found: index(at + 1) }))
                }
                (Forger::EditsOnly, Attack::SwapWithNext) => {
                    exact(at, Some(Fault::OutOfPlace { found: index(at + 1) }))
                }
                (Forger::EditsOnly, _) => exact(at + 1, Some(Fault::OutOfPlace { found: index(at) })),
                // A copy after the last entry stands outside of what was kept; that it is a copy tells it.
                (_, Attack::Repeat) if at == last => {
                    exact(at + 1, Some(Fault::Repeated { first: index(at) }))
                }
                (Forger::RecomputesAgainstHeads, _) => bracket(differs),
                (Forger::RecomputesAgainstTrail, attack) => {
                    let difference = match attack {
                        Attack::Change => TrailDifference::Changed,
                        Attack::Remove => TrailDifference::Removed { count: 1 },
                        Attack::SwapWithNext => TrailDifference::Swapped { with: index(at + 1) },
                        Attack::Repeat | Attack::CutTail => TrailDifference::Moved { from: index(at) },
                    };
                    exact(differs, Some(Fault::Trail(difference)))
                }
            }
        }

        /// Carries out one attack on a check that stands before the entry, and looks at what it finds.
        fn attack(&self, attack: Attack, forger: Forger, at: usize, before: &Verifier, follow: usize) {
            let mut verifier = before.clone();
            for line in self.forged(attack, forger, at, follow) {
                verifier.take_line(&text_of(&line));
            }
            let reaches_end = at + follow >= self.entries.len() || attack == Attack::CutTail;
            if reaches_end {
                verifier.take_line(&self.end);
            }
            let (first, last, fault) = self.expected(attack, forger, at);
            let findings = verifier.finish().findings;
            // Where the file was left early, that it has no end and no head yet is no finding of the attack.
            let of_attack = |finding: &&Finding| {
                reaches_end || !matches!(finding.fault, Fault::TailMissing { .. } | Fault::Unsigned)
            };
            let indexes = |place: Place| Some((place.first_index()?, place.last_index()?));
            let narrowest =
                findings.iter().filter(of_attack).filter_map(|finding| indexes(finding.place)).min();
            let what = format!("{attack:?} by one who {forger:?} at {at}: {findings:?}");
            // The order law or a repeated id may name an entry inside of what the heads bracket.
            let (found_first, found_last) = narrowest.unwrap_or_else(|| panic!("not found: {what}"));
            assert!(first <= found_first && found_last <= last, "{first} to {last}: {what}");
            let is_bracket = first != last;
            assert!(
                findings.iter().any(|finding| match (is_bracket, fault) {
                    (false, Some(fault)) => finding.fault == fault && finding.place == Place::Entry(first),
                    (false, None) => finding.place == Place::Entry(first),
                    (true, _) => finding.place.first_index() == Some(first),
                }),
                "{what}"
            );
        }

        /// Every attack by every forger at the places of one share of the log.
        fn attack_places(&self, share: usize, shares: usize) -> usize {
            let mut count = 0;
            for forger in FORGERS {
                let mut before = self.begin(forger);
                for at in 0..self.entries.len() {
                    if at % shares == share {
                        for attack in ATTACKS {
                            // The last entry has none to change places with.
                            if attack == Attack::SwapWithNext && at + 1 == self.entries.len() {
                                continue;
                            }
                            self.attack(attack, forger, at, &before, Self::follow(forger, at));
                            count += 1;
                        }
                    }
                    before.take_line(&text_of(&self.honest(at).unwrap()));
                }
            }
            count
        }

        /// Some attacks, each checked to the end of the file.
        fn attack_to_the_end(&self, every: usize) -> usize {
            let mut count = 0;
            for forger in FORGERS {
                for attack in ATTACKS {
                    let mut before = self.begin(forger);
                    for at in 0..self.entries.len() - 1 {
                        if at % every == every / 2 {
                            self.attack(attack, forger, at, &before, self.entries.len() + 1);
                            count += 1;
                        }
                        before.take_line(&text_of(&self.honest(at).unwrap()));
                    }
                }
            }
            count
        }
    }

    fn text_of((index, leaf, hash): &Line) -> String {
        let hash = STANDARD.encode(hash.as_bytes());
        format!(r#"{{"entry":{{"index":{index},"leaf":"{leaf}","hash":"{hash}"}}}}"#)
    }

    /// Ids as they are made: by time, and so nearly in order.
    fn with_ordered_id((position, leaf): (u128, Leaf)) -> Leaf {
        let entry = EntryId::from_uuid(Uuid::from_u128(position << 64 | 7));
        Leaf::new(LeafParts { entry, ..leaf.into_parts() }).unwrap()
    }

    fn everywhere(entries: usize, to_the_end_every: usize) {
        let log = Log::of(entries);
        let counts: Vec<usize> = std::thread::scope(|scope| {
            let shares = [0, 1].map(|share| {
                scope.spawn({
                    let log = &log;
                    move || log.attack_places(share, 2)
                })
            });
            shares.into_iter().map(|share| share.join().unwrap()).collect()
        });
        let followed: usize = counts.iter().sum();
        assert_eq!(followed, FORGERS.len() * (ATTACKS.len() * entries - 1));
        let to_the_end = log.attack_to_the_end(to_the_end_every);
        println!("{followed} attacks on {entries} entries found, {to_the_end} more checked to the end");
    }

    #[test]
    fn every_attack_at_every_place_of_150_entries_is_found() {
        everywhere(150, 20);
    }

    #[test]
    #[ignore = "minutes; the long job runs it on a release build"]
    fn every_attack_at_every_place_of_100_000_entries_is_found() {
        everywhere(100_000, 5_000);
    }
}

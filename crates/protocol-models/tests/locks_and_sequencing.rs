//! Locks, generations and sequencing: in log order no permit stands after the end of its consent, and no committed
//! entry is lost, doubled or misplaced, whatever the order of steps and wherever one writer crashes.
//!
//! Transactions are READ COMMITTED: a statement sees what was committed when it began. Advisory locks are held to the
//! end of the transaction, after its commit is visible. The sequencer and the order law are the real code.

#[cfg(test)]
mod locks_and_sequencing {
    use std::collections::BTreeMap;

    use audit_log::testing::sample_history;
    use audit_log::{Event, Generations, Leaf, LeafParts, Moves, Outcome, Pseudonym, check_order, sequence};
    use protocol_models::{Explored, Model, explore};
    use records_model::EntryId;
    use uuid::Uuid;

    const STATES_MAX: usize = 2_000_000;

    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    enum Key {
        Clinic,
        Actor(u8),
        Subject(u8),
    }

    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    enum Mode {
        Shared,
        Exclusive,
    }

    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    enum Op {
        Lock(Key, Mode),
        /// The statement that reads the facts, and the entry made of them.
        Read,
        /// Effect and entry become visible, then the locks go.
        Commit,
        /// The locks go first: a lock of a session, let go too early.
        Unlock,
        /// The effect alone becomes visible; the entry comes in a transaction of its own.
        CommitEffect,
        CommitEntry,
    }

    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    enum Kind {
        /// Reads a record: a permit while consent and clearance stand.
        Look,
        EndConsent,
        RevokeClearance,
        ChangePolicy,
    }

    #[derive(Debug, Clone, Copy)]
    struct Transaction {
        kind: Kind,
        actor: u8,
        subject: u8,
    }

    /// How a transaction goes about it. All but the first are mistakes.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    enum Writing {
        Right,
        LockInTheStatementThatReads,
        SharedThenUpgraded,
        ChangeUnderASharedLock,
        UnlockedBeforeCommit,
        EntryInATransactionOfItsOwn,
        SubjectBeforeActor,
    }

    /// How entries are placed. All but the first are mistakes.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    enum Placing {
        Right,
        ByTime,
        SubjectAfterSubject,
        AboveTheHighestNumber,
        SequencersWithoutALock,
    }

    struct Protocol {
        transactions: Vec<Transaction>,
        writing: Writing,
        placing: Placing,
    }

    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    struct Entry {
        generations: (u8, u8, u8),
        is_permit: bool,
        time: u8,
        number: u8,
    }

    #[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
    struct Writer {
        next: u8,
        has_crashed: bool,
        entry: Option<Entry>,
        has_effect: bool,
        is_committed: bool,
    }

    #[derive(Debug, Clone, PartialEq, Eq, Hash)]
    struct State {
        writers: Vec<Writer>,
        generations: BTreeMap<Key, u8>,
        consents: [bool; 2],
        clearances: [bool; 2],
        placed: Vec<u8>,
        /// What each sequencer has in hand.
        sequencers: [Option<Vec<u8>>; 2],
        sequencer_alarm: bool,
        next_number: u8,
        crashes_left: u8,
    }

    impl Transaction {
        fn moved(self) -> Option<Key> {
            match self.kind {
                Kind::Look => None,
                Kind::EndConsent => Some(Key::Subject(self.subject)),
                Kind::RevokeClearance => Some(Key::Actor(self.actor)),
                Kind::ChangePolicy => Some(Key::Clinic),
            }
        }

        fn program(self, writing: Writing) -> Vec<Op> {
            let keys = [Key::Clinic, Key::Actor(self.actor), Key::Subject(self.subject)];
            let mode = |key| {
                let is_moved = self.moved() == Some(key) && writing != Writing::ChangeUnderASharedLock;
                if is_moved { Mode::Exclusive } else { Mode::Shared }
            };
            let mut locks: Vec<Op> = keys.iter().map(|key| Op::Lock(*key, mode(*key))).collect();
            match writing {
                Writing::Right | Writing::ChangeUnderASharedLock => {
                    [locks, vec![Op::Read, Op::Commit]].concat()
                }
                // Its snapshot is as old as the beginning of the statement that waits for the lock.
                Writing::LockInTheStatementThatReads => {
                    let last = locks.pop().unwrap();
                    [locks, vec![Op::Read, last, Op::Commit]].concat()
                }
                Writing::SharedThenUpgraded => {
                    let shared = keys.iter().map(|key| Op::Lock(*key, Mode::Shared)).collect();
                    let upgrade =
                        self.moved().map(|key| Op::Lock(key, Mode::Exclusive)).into_iter().collect();
                    [shared, vec![Op::Read], upgrade, vec![Op::Commit]].concat()
                }
                Writing::UnlockedBeforeCommit => [locks, vec![Op::Read, Op::Unlock, Op::Commit]].concat(),
                Writing::EntryInATransactionOfItsOwn => {
                    [locks, vec![Op::Read, Op::CommitEffect, Op::CommitEntry]].concat()
                }
                // Only those who look lock in the other order, as a second author of the code might.
                Writing::SubjectBeforeActor => {
                    if self.kind == Kind::Look {
                        locks.reverse();
                    }
                    // A change that keeps the other facts still as well, as an emergency access does.
                    if self.kind == Kind::EndConsent {
                        locks[1] = Op::Lock(Key::Actor(self.actor), Mode::Exclusive);
                    }
                    [locks, vec![Op::Read, Op::Commit]].concat()
                }
            }
        }
    }

    impl Protocol {
        fn program(&self, writer: usize) -> Vec<Op> {
            self.transactions[writer].program(self.writing)
        }

        /// The locks that a writer holds.
        fn held(&self, state: &State, writer: usize) -> Vec<(Key, Mode)> {
            let Writer { next, has_crashed, .. } = state.writers[writer];
            let program = self.program(writer);
            let done = &program[..usize::from(next)];
            let is_over = done.iter().any(|op| matches!(op, Op::Commit | Op::CommitEffect | Op::Unlock));
            if has_crashed || is_over {
                return Vec::new();
            }
            done.iter()
                .filter_map(|op| if let Op::Lock(key, mode) = op { Some((*key, *mode)) } else { None })
                .collect()
        }

        fn is_free(&self, state: &State, writer: usize, key: Key, mode: Mode) -> bool {
            (0..self.transactions.len()).filter(|other| *other != writer).all(|other| {
                let held = self.held(state, other);
                held.iter()
                    .all(|(held, their)| *held != key || (mode == Mode::Shared && *their == Mode::Shared))
            })
        }

        /// What one statement sees now, and the entry that is made of it.
        fn entry(&self, state: &State, writer: usize, time: u8) -> Entry {
            let Transaction { kind, actor, subject } = self.transactions[writer];
            let generation = |key| state.generations.get(&key).copied().unwrap_or_default();
            let stands = state.consents[usize::from(subject)] && state.clearances[usize::from(actor)];
            Entry {
                generations: (
                    generation(Key::Clinic),
                    generation(Key::Actor(actor)),
                    generation(Key::Subject(subject)),
                ),
                is_permit: kind != Kind::Look || stands,
                time,
                number: if self.placing == Placing::AboveTheHighestNumber { state.next_number } else { 0 },
            }
        }

        fn take_effect(&self, state: &mut State, writer: usize) {
            let Transaction { kind, actor, subject } = self.transactions[writer];
            match kind {
                Kind::EndConsent => state.consents[usize::from(subject)] = false,
                Kind::RevokeClearance => state.clearances[usize::from(actor)] = false,
                Kind::Look | Kind::ChangePolicy => {}
            }
            if let Some(key) = self.transactions[writer].moved() {
                let read = state.writers[writer].entry.unwrap().generations;
                let read = match key {
                    Key::Clinic => read.0,
                    Key::Actor(_) => read.1,
                    Key::Subject(_) => read.2,
                };
                state.generations.insert(key, read + 1);
            }
            state.writers[writer].has_effect = true;
        }

        fn write(&self, state: &State, writer: usize) -> Vec<State> {
            let Some(op) = self.program(writer).get(usize::from(state.writers[writer].next)).copied() else {
                return Vec::new();
            };
            let mut after = state.clone();
            after.writers[writer].next += 1;
            match op {
                Op::Lock(key, mode) if !self.is_free(state, writer, key, mode) => return Vec::new(),
                Op::Lock(..) | Op::Unlock => {}
                Op::Read => {
                    // The clock may step back, so that any reading may follow any other.
                    let times = if self.placing == Placing::ByTime { 0..2 } else { 0..1 };
                    let read = |time| {
                        let mut after = after.clone();
                        after.writers[writer].entry = Some(self.entry(state, writer, time));
                        after.next_number += u8::from(self.placing == Placing::AboveTheHighestNumber);
                        after
                    };
                    return times.map(read).collect();
                }
                Op::Commit => {
                    self.take_effect(&mut after, writer);
                    after.writers[writer].is_committed = true;
                }
                Op::CommitEffect => self.take_effect(&mut after, writer),
                Op::CommitEntry => after.writers[writer].is_committed = true,
            }
            vec![after]
        }

        fn leaf(&self, state: &State, writer: u8) -> Leaf {
            let Transaction { kind, actor, subject } = self.transactions[usize::from(writer)];
            let entry = state.writers[usize::from(writer)].entry.unwrap();
            let (event, moves) = match kind {
                Kind::Look => (Event::Decision, Moves::None),
                Kind::EndConsent => (Event::ConsentEnded, Moves::Subject),
                Kind::RevokeClearance => (Event::ClearanceChanged, Moves::Actor),
                Kind::ChangePolicy => (Event::PolicyActivated, Moves::Clinic),
            };
            let (clinic, of_actor, of_subject) = entry.generations;
            Leaf::new(LeafParts {
                entry: EntryId::from_uuid(Uuid::from_u128(u128::from(writer))),
                event,
                outcome: if entry.is_permit { Outcome::Permit } else { Outcome::Deny },
                actor: Some(Pseudonym::from_bytes([actor + 1; 16])),
                subject: Some(Pseudonym::from_bytes([subject + 1; 16])),
                generations: Generations {
                    clinic: u64::from(clinic),
                    actor: Some(u64::from(of_actor)),
                    subject: Some(u64::from(of_subject)),
                },
                moves,
                ..sample_history(1, 1).remove(0).into_parts()
            })
            .unwrap()
        }

        /// Committed entries that have no place, as one statement sees them.
        fn unplaced(&self, state: &State) -> Vec<u8> {
            let highest = state.placed.iter().map(|writer| Self::number(state, *writer)).max();
            (0..u8::try_from(self.transactions.len()).unwrap())
                .filter(|writer| state.writers[usize::from(*writer)].is_committed)
                .filter(|writer| match self.placing {
                    Placing::AboveTheHighestNumber => Some(Self::number(state, *writer)) > highest,
                    _ => !state.placed.contains(writer),
                })
                .collect()
        }

        fn number(state: &State, writer: u8) -> u8 {
            state.writers[usize::from(writer)].entry.map_or(0, |entry| entry.number)
        }

        fn order(&self, state: &State, batch: &[u8]) -> Option<Vec<u8>> {
            let mut order = batch.to_vec();
            match self.placing {
                Placing::Right | Placing::SequencersWithoutALock => {
                    let leaves: Vec<Leaf> = batch.iter().map(|writer| self.leaf(state, *writer)).collect();
                    let ids = sequence(&leaves).ok()?;
                    order = ids.iter().map(|id| u8::try_from(id.as_uuid().as_u128()).unwrap()).collect();
                }
                Placing::ByTime => {
                    order.sort_by_key(|writer| state.writers[usize::from(*writer)].entry.unwrap().time);
                }
                Placing::SubjectAfterSubject => order.sort_by_key(|writer| {
                    let transaction = self.transactions[usize::from(*writer)];
                    let generation = state.writers[usize::from(*writer)].entry.unwrap().generations.2;
                    (transaction.subject, generation, transaction.kind == Kind::EndConsent)
                }),
                Placing::AboveTheHighestNumber => {
                    order.sort_by_key(|writer| Self::number(state, *writer));
                }
            }
            Some(order)
        }

        fn place(&self, state: &State, sequencer: usize) -> Option<State> {
            let mut after = state.clone();
            if let Some(batch) = after.sequencers[sequencer].take() {
                after.placed.extend(batch);
                return Some(after);
            }
            let is_held = state.sequencers.iter().any(Option::is_some);
            if is_held && self.placing != Placing::SequencersWithoutALock {
                return None;
            }
            let batch = self.unplaced(state);
            if batch.is_empty() {
                return None;
            }
            match self.order(state, &batch) {
                Some(order) => after.sequencers[sequencer] = Some(order),
                None => after.sequencer_alarm = true,
            }
            Some(after)
        }
    }

    impl Model for Protocol {
        type State = State;

        fn start(&self) -> State {
            State {
                writers: vec![Writer::default(); self.transactions.len()],
                generations: BTreeMap::new(),
                consents: [true; 2],
                clearances: [true; 2],
                placed: Vec::new(),
                sequencers: [None, None],
                sequencer_alarm: false,
                next_number: 0,
                crashes_left: 1,
            }
        }

        fn steps(&self, state: &State) -> Vec<(String, State)> {
            let mut steps = Vec::new();
            for writer in 0..self.transactions.len() {
                let Writer { next, has_crashed, is_committed, .. } = state.writers[writer];
                if has_crashed || is_committed {
                    continue;
                }
                let kind = self.transactions[writer].kind;
                let op = self.program(writer)[usize::from(next)];
                let after = self.write(state, writer);
                steps.extend(after.into_iter().map(|after| (format!("{writer} {kind:?}: {op:?}"), after)));
                if state.crashes_left > 0 && next > 0 {
                    let mut after = state.clone();
                    after.writers[writer].has_crashed = true;
                    after.crashes_left -= 1;
                    steps.push((format!("{writer} {kind:?}: crash"), after));
                }
            }
            for sequencer in 0..2 {
                let after = self.place(state, sequencer);
                steps.extend(after.map(|after| (format!("sequencer {sequencer}"), after)));
            }
            steps
        }

        fn broken(&self, state: &State) -> Option<&'static str> {
            if state.sequencer_alarm {
                return Some("the entries cannot be placed");
            }
            let is_twice = |(at, writer): (usize, &u8)| state.placed[..at].contains(writer);
            if state.placed.iter().enumerate().any(is_twice) {
                return Some("an entry is placed twice");
            }
            let ended = |at: usize, subject| {
                state.placed[..at].iter().any(|before| {
                    let before = self.transactions[usize::from(*before)];
                    before.kind == Kind::EndConsent && before.subject == subject
                })
            };
            for (at, writer) in state.placed.iter().enumerate() {
                let Transaction { kind, subject, .. } = self.transactions[usize::from(*writer)];
                let is_permit = state.writers[usize::from(*writer)].entry.unwrap().is_permit;
                if kind == Kind::Look && is_permit && ended(at, subject) {
                    return Some("a permit stands after the end of its consent");
                }
            }
            let leaves: Vec<Leaf> = state.placed.iter().map(|writer| self.leaf(state, *writer)).collect();
            check_order(&leaves).is_err().then_some("the order law is broken")
        }

        fn stuck(&self, state: &State) -> Option<&'static str> {
            if state.writers.iter().any(|writer| writer.has_effect && !writer.is_committed) {
                return Some("something was changed without an entry");
            }
            if state.writers.iter().any(|writer| !writer.is_committed && !writer.has_crashed) {
                return Some("writers wait for each other");
            }
            let committed = state.writers.iter().filter(|writer| writer.is_committed).count();
            (committed != state.placed.len()).then_some("a committed entry is never placed")
        }
    }

    fn of(kind: Kind, actor: u8, subject: u8) -> Transaction {
        Transaction { kind, actor, subject }
    }

    /// Small worlds in which everything above can happen.
    fn worlds() -> [(&'static str, Vec<Transaction>); 4] {
        use Kind::{ChangePolicy, EndConsent, Look, RevokeClearance};
        [
            ("a look, two ends", vec![of(Look, 0, 0), of(EndConsent, 1, 0), of(EndConsent, 1, 0)]),
            ("two looks and an end", vec![of(Look, 0, 0), of(Look, 1, 0), of(EndConsent, 1, 0)]),
            ("an actor and two people", vec![of(Look, 0, 0), of(RevokeClearance, 0, 1), of(Look, 0, 1)]),
            ("all three chains", vec![of(Look, 0, 0), of(EndConsent, 0, 0), of(ChangePolicy, 1, 1)]),
        ]
    }

    fn explored(writing: Writing, placing: Placing) -> Vec<Explored> {
        let explored = worlds()
            .map(|(_, transactions)| explore(&Protocol { transactions, writing, placing }, STATES_MAX));
        explored.into()
    }

    #[test]
    fn the_protocol_holds_in_every_order_of_every_world() {
        for (explored, (world, _)) in explored(Writing::Right, Placing::Right).iter().zip(worlds()) {
            println!("{world}: {explored:?}");
            assert!(matches!(explored, Explored::Holds { .. }), "{world}: {explored:?}");
        }
    }

    #[test]
    fn the_protocol_holds_in_every_order_of_a_world_of_four_writers() {
        let transactions = vec![
            of(Kind::Look, 0, 0),
            of(Kind::Look, 0, 1),
            of(Kind::EndConsent, 1, 0),
            of(Kind::RevokeClearance, 0, 1),
        ];
        let protocol = Protocol { transactions, writing: Writing::Right, placing: Placing::Right };
        let explored = explore(&protocol, STATES_MAX);
        println!("four writers: {explored:?}");
        assert!(matches!(explored, Explored::Holds { .. }), "{explored:?}");
    }

    /// What each mistake breaks, in the worlds that show it.
    fn broken(writing: Writing, placing: Placing) -> Vec<&'static str> {
        let explored = explored(writing, placing);
        assert!(!explored.contains(&Explored::TooLarge), "{writing:?} {placing:?}");
        let broken = explored.iter().filter(|explored| matches!(explored, Explored::Broken { .. }));
        broken.clone().take(1).for_each(|explored| println!("{writing:?} {placing:?}: {explored:?}"));
        broken.filter_map(Explored::what).collect()
    }

    #[test]
    fn every_wrong_way_to_write_breaks_it() {
        for writing in [
            Writing::LockInTheStatementThatReads,
            Writing::ChangeUnderASharedLock,
            Writing::UnlockedBeforeCommit,
        ] {
            assert!(!broken(writing, Placing::Right).is_empty(), "{writing:?}");
        }
        for writing in [Writing::SharedThenUpgraded, Writing::SubjectBeforeActor] {
            let broken = broken(writing, Placing::Right);
            assert!(broken.contains(&"writers wait for each other"), "{writing:?}: {broken:?}");
        }
        let broken = broken(Writing::EntryInATransactionOfItsOwn, Placing::Right);
        assert!(!broken.is_empty());
    }

    #[test]
    fn every_wrong_way_to_place_breaks_it() {
        let by_time = broken(Writing::Right, Placing::ByTime);
        assert!(by_time.contains(&"a permit stands after the end of its consent"), "{by_time:?}");
        let by_subject = broken(Writing::Right, Placing::SubjectAfterSubject);
        assert!(by_subject.contains(&"the order law is broken"), "{by_subject:?}");
        let by_number = broken(Writing::Right, Placing::AboveTheHighestNumber);
        assert!(by_number.contains(&"a committed entry is never placed"), "{by_number:?}");
        let twice = broken(Writing::Right, Placing::SequencersWithoutALock);
        assert!(twice.contains(&"an entry is placed twice"), "{twice:?}");
    }
}

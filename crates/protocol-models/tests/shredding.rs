//! Shredding a person and destroying an epoch: whatever crashes, is lost or is stolen, the living stay readable, a
//! held person is not destroyed, and a certificate says "irrecoverable" only when nothing opens any more.
//!
//! Two people, one to be shredded and one alive; a live keystore, two copies of it, an old copy in a thief's hands and
//! one more that can be stolen at any time; an old epoch and a new one. The old one was shared out among three people,
//! two of whom bring it back: their shares stay until each destroys his own. That one says so and keeps it is outside
//! the model. Every step is one write that a crash can come before or after. A crash forgets nothing that was written,
//! so it shows as another order of steps; a lost disk takes the live keystore and both epochs' keys.

#[cfg(test)]
mod shredding {
    use protocol_models::{Explored, Model, explore};

    const STATES_MAX: usize = 2_000_000;
    /// Shares of the old epoch that were handed out, and how many of them bring its key back.
    const OLD_SHARES: u8 = 3;
    const SHARES_NEEDED: u8 = 2;

    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    enum Epoch {
        Old,
        New,
    }

    /// How it is done. All but the first are mistakes.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    enum Procedure {
        Right,
        /// The old epoch goes before every living key was rewrapped and opened once.
        DestroysBeforeRewrapIsVerified,
        /// The old wrap is deleted before the new one is written.
        DeletesBeforeItRewraps,
        /// One copy at the new epoch is taken to be enough.
        OneCopyIsEnough,
        /// Nobody tried whether the recovery knows the new epoch.
        RecoveryUnverified,
        /// The hold is looked at when the intent is written, not when the key goes.
        HoldCheckedEarly,
        /// The key goes before the intent stands in the log.
        KeyBeforeIntent,
        /// The certificate is final as soon as the key is gone from the live keystore.
        CertificateAtOnce,
        /// The certificate forgets the search tokens.
        CertificateWithoutIndex,
        /// The certificate waits for the end of an epoch that the key had left.
        CertificateOfAnotherEpoch,
        /// The certificate names the epoch under which the key was found, and not the newest that was ever made: after
        /// a restore from an older copy these differ, and a newer copy may be stolen.
        CertificateOfTheEpochFound,
        /// The old epoch counts as destroyed once its key is gone, whatever shares of it are left.
        SharesForgotten,
        /// One share destroyed is taken to be enough, where two of those left still bring the key back.
        OneShareIsEnough,
        /// The holders destroy their shares as soon as there are new ones, while old wraps are still needed.
        SharesDestroyedEarly,
    }

    const MISTAKES: [(Procedure, &str); 13] = [
        (Procedure::DestroysBeforeRewrapIsVerified, LOST),
        (Procedure::DeletesBeforeItRewraps, LOST),
        (Procedure::OneCopyIsEnough, LOST),
        (Procedure::RecoveryUnverified, LOST),
        (Procedure::HoldCheckedEarly, HELD),
        (Procedure::KeyBeforeIntent, UNLOGGED),
        (Procedure::CertificateAtOnce, LIE),
        (Procedure::CertificateWithoutIndex, LIE),
        (Procedure::CertificateOfAnotherEpoch, LIE),
        (Procedure::CertificateOfTheEpochFound, LIE),
        (Procedure::SharesForgotten, LIE),
        (Procedure::OneShareIsEnough, LIE),
        (Procedure::SharesDestroyedEarly, LOST),
    ];

    const LOST: &str = "a living person is lost";
    const HELD: &str = "a held person's key is destroyed";
    const UNLOGGED: &str = "a key is gone and the log does not know";
    const LIE: &str = "the certificate says irrecoverable and something opens";

    /// The wrapped keys in one place.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    struct Keystore {
        /// The living person's wrap under the old epoch, which stays until that epoch goes.
        living_old: bool,
        /// And the one under the new epoch.
        living_new: Option<Wrap>,
        /// Under which epoch the key of the person to be shredded lies.
        shredded: Option<Epoch>,
    }

    /// A wrap can be written wrong, and whether it is shows when it is opened.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    enum Wrap {
        Bad,
        Good,
        OpenedOnce,
    }

    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    enum Certificate {
        None,
        Pending,
        Irrecoverable,
    }

    #[derive(Debug, Clone, PartialEq, Eq, Hash)]
    struct State {
        live: Option<Keystore>,
        copies: [Option<Keystore>; 2],
        /// In somebody else's hands for ever: one made before everything, and one from any time.
        stolen: (Keystore, Option<Keystore>),
        epochs: Epochs,
        /// What of the old epoch lies with people.
        old_shares: u8,
        old_end: End,
        recovery: Recovery,
        intent: bool,
        /// The epoch that the certificate waits for, written when the key is deleted: the newest that was ever made.
        deleted: Option<Epoch>,
        hold: Hold,
        index: bool,
        certificate: Certificate,
        disasters_left: u8,
        bad_wraps_left: u8,
    }

    /// How far the end of the old epoch has come.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    enum End {
        None,
        /// The key was destroyed where it lay.
        KeyGone,
        /// And that nobody can bring it back stands on file.
        Destroyed,
    }

    /// Which keys lie where they are used.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    struct Epochs {
        old: bool,
        new: bool,
        /// That there was a new one stands in the log, whatever is lost.
        new_made: bool,
    }

    /// What the people with the shares could bring back.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    enum Recovery {
        OldOnly,
        New,
        /// And somebody tried.
        NewVerified,
    }

    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    enum Hold {
        None,
        Placed,
        /// A key was destroyed under it.
        Ignored,
    }

    struct Shredding(Procedure);

    impl State {
        /// Whether the epoch's key can be had: from where it lies, or from the shares.
        fn has(&self, epoch: Epoch) -> bool {
            match epoch {
                Epoch::Old => self.epochs.old || self.old_shares >= SHARES_NEEDED,
                Epoch::New => self.epochs.new || self.recovery != Recovery::OldOnly,
            }
        }

        fn opens_living(&self, keystore: Keystore) -> bool {
            let opens_new = keystore.living_new.is_some_and(|wrap| wrap != Wrap::Bad);
            (keystore.living_old && self.has(Epoch::Old)) || (opens_new && self.has(Epoch::New))
        }

        fn opens_shredded(&self, keystore: Keystore) -> bool {
            keystore.shredded.is_some_and(|epoch| self.has(epoch))
        }

        fn keystores(&self) -> impl Iterator<Item = Keystore> {
            self.live.into_iter().chain(self.copies.into_iter().flatten())
        }
    }

    impl Shredding {
        fn is(&self, procedure: Procedure) -> bool {
            self.0 == procedure
        }

        fn epoch_to_end(&self, state: &State, live: Keystore) -> Epoch {
            match live.shredded {
                Some(found) if self.is(Procedure::CertificateOfTheEpochFound) => found,
                _ if state.epochs.new_made => Epoch::New,
                _ => Epoch::Old,
            }
        }

        fn shred(&self, state: &State, steps: &mut Vec<(String, State)>) {
            let mut step = |name: &str, after: State| steps.push((name.to_owned(), after));
            if !state.intent && state.hold == Hold::None {
                let intent = State { intent: true, ..state.clone() };
                step("the intent is logged", intent);
            }
            let Some(live) = state.live else { return };
            let may_destroy = (state.intent || self.is(Procedure::KeyBeforeIntent))
                && (state.hold == Hold::None || (self.is(Procedure::HoldCheckedEarly) && state.intent));
            if live.shredded.is_some() && may_destroy {
                let deleted = State {
                    live: Some(Keystore { shredded: None, ..live }),
                    deleted: Some(self.epoch_to_end(state, live)),
                    hold: if state.hold == Hold::None { Hold::None } else { Hold::Ignored },
                    ..state.clone()
                };
                step("the wrapped key is deleted", deleted);
            }
            if live.shredded.is_none() && state.index {
                step("the search tokens are deleted", State { index: false, ..state.clone() });
            }
            let is_gone =
                live.shredded.is_none() && (!state.index || self.is(Procedure::CertificateWithoutIndex));
            if is_gone && state.certificate == Certificate::None {
                let certificate = if self.is(Procedure::CertificateAtOnce) {
                    Certificate::Irrecoverable
                } else {
                    Certificate::Pending
                };
                step("the certificate is written", State { certificate, ..state.clone() });
            }
            // The copies are replaced by newer ones and never kept beside them, so none of them has the key.
            let copies_have_it = state.copies.iter().flatten().any(|copy| copy.shredded.is_some());
            let is_its_epoch =
                state.deleted == Some(Epoch::Old) || self.is(Procedure::CertificateOfAnotherEpoch);
            if state.certificate == Certificate::Pending
                && state.old_end == End::Destroyed
                && is_its_epoch
                && !copies_have_it
            {
                let after = State { certificate: Certificate::Irrecoverable, ..state.clone() };
                step("the certificate becomes final", after);
            }
        }

        fn rotate(&self, state: &State, steps: &mut Vec<(String, State)>) {
            let mut step = |name: &str, after: State| steps.push((name.to_owned(), after));
            let Some(live) = state.live else { return };
            if !state.epochs.new && state.epochs.old {
                step(
                    "the new epoch is made",
                    State { epochs: Epochs { new: true, new_made: true, ..state.epochs }, ..state.clone() },
                );
            }
            let with = |living_new| State { live: Some(Keystore { living_new, ..live }), ..state.clone() };
            match live.living_new {
                None if state.epochs.new && self.is(Procedure::DeletesBeforeItRewraps) && live.living_old => {
                    let live = Some(Keystore { living_old: false, ..live });
                    step("the old wrap is deleted", State { live, ..state.clone() });
                }
                None if state.epochs.new && state.epochs.old => {
                    step("the living key is rewrapped", with(Some(Wrap::Good)));
                    if state.bad_wraps_left > 0 {
                        let bad_wraps_left = state.bad_wraps_left - 1;
                        let bad = State { bad_wraps_left, ..with(Some(Wrap::Bad)) };
                        step("the living key is rewrapped, badly", bad);
                    }
                }
                Some(Wrap::Bad) if state.epochs.old => {
                    step("the bad wrap is found and written again", with(Some(Wrap::Good)));
                }
                Some(Wrap::Good) if state.epochs.new => {
                    step("the new wrap is opened once", with(Some(Wrap::OpenedOnce)));
                }
                _ => {}
            }
            if state.epochs.new && state.epochs.old && live.shredded == Some(Epoch::Old) {
                let live = Some(Keystore { shredded: Some(Epoch::New), ..live });
                step("the key to be shredded is rewrapped like any other", State { live, ..state.clone() });
            }
            for number in 0..2 {
                if state.copies[number] != Some(live) {
                    let mut copies = state.copies;
                    copies[number] = Some(live);
                    step(&format!("copy {number} is replaced"), State { copies, ..state.clone() });
                }
            }
            if state.epochs.new && state.recovery == Recovery::OldOnly {
                step(
                    "the shares are made for the new epoch",
                    State { recovery: Recovery::New, ..state.clone() },
                );
            }
            if state.recovery == Recovery::New {
                step("the recovery is verified", State { recovery: Recovery::NewVerified, ..state.clone() });
            }
        }

        fn end_old(&self, state: &State, steps: &mut Vec<(String, State)>) {
            let mut step = |name: &str, after: State| steps.push((name.to_owned(), after));
            let may_go = |live| state.epochs.new && self.may_destroy_epoch(state, live);
            if state.epochs.old && state.live.is_some_and(may_go) {
                let epochs = Epochs { old: false, ..state.epochs };
                step("the old key is destroyed", State { epochs, old_end: End::KeyGone, ..state.clone() });
            }
            // Until the key is gone its shares are what brings it back after a loss; and under a hold they stay.
            let is_time = state.old_end != End::None
                || (self.is(Procedure::SharesDestroyedEarly) && state.recovery != Recovery::OldOnly);
            if state.old_shares > 0 && is_time && state.hold == Hold::None {
                let old_shares = state.old_shares - 1;
                step("a holder destroys the old share", State { old_shares, ..state.clone() });
            }
            let left_at_most = match self.0 {
                Procedure::SharesForgotten => OLD_SHARES,
                Procedure::OneShareIsEnough => OLD_SHARES - 1,
                _ => SHARES_NEEDED - 1,
            };
            if state.old_end == End::KeyGone && state.old_shares <= left_at_most {
                step("the old epoch's end is on file", State { old_end: End::Destroyed, ..state.clone() });
            }
        }

        fn may_destroy_epoch(&self, state: &State, live: Keystore) -> bool {
            let is_new = |keystore: &Keystore| keystore.living_new == Some(Wrap::OpenedOnce);
            let is_rewrapped = is_new(&live) || self.is(Procedure::DestroysBeforeRewrapIsVerified);
            let copies = state.copies.iter().flatten().filter(|copy| is_new(copy)).count();
            let needed = match self.0 {
                Procedure::OneCopyIsEnough => 1,
                Procedure::DestroysBeforeRewrapIsVerified => 0,
                _ => 2,
            };
            let is_recoverable =
                state.recovery == Recovery::NewVerified || self.is(Procedure::RecoveryUnverified);
            is_rewrapped && copies >= needed && state.hold == Hold::None && is_recoverable
        }
    }

    impl Model for Shredding {
        type State = State;

        fn start(&self) -> State {
            let keystore = Keystore { living_old: true, living_new: None, shredded: Some(Epoch::Old) };
            State {
                live: Some(keystore),
                copies: [Some(keystore); 2],
                stolen: (keystore, None),
                epochs: Epochs { old: true, new: false, new_made: false },
                old_shares: OLD_SHARES,
                old_end: End::None,
                recovery: Recovery::OldOnly,
                intent: false,
                deleted: None,
                hold: Hold::None,
                index: true,
                certificate: Certificate::None,
                disasters_left: 2,
                bad_wraps_left: 1,
            }
        }

        fn steps(&self, state: &State) -> Vec<(String, State)> {
            let mut steps = Vec::new();
            self.shred(state, &mut steps);
            self.rotate(state, &mut steps);
            self.end_old(state, &mut steps);
            // One that is released in time is as none; so it stays, which halves the states.
            if state.hold == Hold::None {
                steps.push(("a hold is placed".to_owned(), State { hold: Hold::Placed, ..state.clone() }));
            }
            if state.disasters_left > 0 {
                let disasters_left = state.disasters_left - 1;
                // The disk: the live keystore, and the epochs' keys with it.
                let disk = State {
                    live: None,
                    epochs: Epochs { old: false, new: false, ..state.epochs },
                    disasters_left,
                    ..state.clone()
                };
                steps.push(("the disk is lost".to_owned(), disk));
                for number in 0..2 {
                    let mut copies = state.copies;
                    copies[number] = None;
                    let lost = State { copies, disasters_left, ..state.clone() };
                    steps.push((format!("copy {number} is lost"), lost));
                }
            }
            if let (Some(copy), None) = (state.copies[0], state.stolen.1) {
                let stolen = (state.stolen.0, Some(copy));
                steps.push(("copy 0 is stolen".to_owned(), State { stolen, ..state.clone() }));
            }
            if state.live.is_none() {
                let epochs = Epochs {
                    old: state.old_end == End::None && state.has(Epoch::Old),
                    new: state.recovery != Recovery::OldOnly,
                    ..state.epochs
                };
                // The newest copy comes back, and before anything answers the erasure ledger is replayed.
                let newest = state
                    .copies
                    .into_iter()
                    .flatten()
                    .max_by_key(|copy| (copy.living_new, copy.shredded.is_none()));
                if let Some(copy) = newest {
                    let shredded = copy.shredded.filter(|_| state.deleted.is_none());
                    let live = Some(Keystore { shredded, ..copy });
                    steps.push((
                        "the newest copy is restored".to_owned(),
                        State { live, epochs, ..state.clone() },
                    ));
                }
            }
            steps
        }

        fn broken(&self, state: &State) -> Option<&'static str> {
            let is_lost = !state.keystores().any(|keystore| state.opens_living(keystore));
            let unlogged = state.live.is_some_and(|live| live.shredded.is_none()) && !state.intent;
            let opens = state.index
                || state.opens_shredded(state.stolen.0)
                || state.stolen.1.is_some_and(|stolen| state.opens_shredded(stolen))
                || state.keystores().any(|keystore| state.opens_shredded(keystore));
            if is_lost {
                Some(LOST)
            } else if state.hold == Hold::Ignored {
                Some(HELD)
            } else if unlogged {
                Some(UNLOGGED)
            } else if state.certificate == Certificate::Irrecoverable && opens {
                Some(LIE)
            } else {
                None
            }
        }

        fn stuck(&self, _: &State) -> Option<&'static str> {
            None
        }
    }

    #[test]
    fn the_procedure_holds_whatever_is_lost_or_stolen_and_in_every_order() {
        let explored = explore(&Shredding(Procedure::Right), STATES_MAX);
        println!("{explored:?}");
        assert!(matches!(explored, Explored::Holds { states } if states > 1_000), "{explored:?}");
    }

    #[test]
    fn every_mistake_breaks_what_it_should() {
        for (mistake, what) in MISTAKES {
            let explored = explore(&Shredding(mistake), STATES_MAX);
            println!("{mistake:?}: {explored:?}");
            assert_eq!(explored.what(), Some(what), "{mistake:?}");
        }
    }

    /// Otherwise the first test would hold because nothing ever happens.
    #[test]
    fn a_final_certificate_can_be_reached() {
        struct Reaches(Shredding);
        impl Model for Reaches {
            type State = State;
            fn start(&self) -> State {
                self.0.start()
            }
            fn steps(&self, state: &State) -> Vec<(String, State)> {
                self.0.steps(state)
            }
            fn broken(&self, state: &State) -> Option<&'static str> {
                (state.certificate == Certificate::Irrecoverable).then_some("reached")
            }
            fn stuck(&self, _: &State) -> Option<&'static str> {
                None
            }
        }
        let explored = explore(&Reaches(Shredding(Procedure::Right)), STATES_MAX);
        assert!(matches!(explored, Explored::Broken { what: "reached", .. }), "{explored:?}");
    }
}

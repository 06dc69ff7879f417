//! The next epoch beside running servers, and the end of the one before.
//!
//! At most two epochs have a key: the one in force (`epoch.key`) and, beside it, the next while a rotation runs or the
//! earlier until it is ended (`epoch-N.key`). Stopped anywhere, a rotation is run again and goes on.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crypto_vault::{
    EpochDestruction, EpochEnd, EpochId, EpochKey, IndexRootId, KeystoreItem, KeystoreSurvey, NotYet,
    RecoveryVerified, SecretId, SecretKind, VerifiedCopy,
};
use postgres_store::{Clock, CopyLine, KeystoreState, RecoveryLine};
use privacy_operations::{
    Answer, CloseEpoch, EndEpoch, NoteKeys, OperationError, RecoveryStep, RewrapKeys, RewrapSecrets,
    SecretRowKind, Tended,
};
use records_model::{ActorId, SubjectId};

use crate::epoch_key::apart;
use crate::runtime::{new_rng, wrapped};
use crate::{EpochKeySource, Runtime, RuntimeError, Unproved};

/// People whose keys one transaction wraps: no transaction holds the locks of more.
const PEOPLE_IN_A_CHUNK: u32 = 64;

/// Which of the two keys is in force.
enum Way {
    /// The key in force wraps no longer: the next takes its place.
    ToNext,
    /// The key in force wraps also what servers with the earlier one made since.
    FromEarlier,
}

/// A rotation at work.
pub struct Rotation<'r> {
    runtime: &'r Runtime,
    source: &'r EpochKeySource,
    actor: ActorId,
    clock: Clock,
    other: EpochKey,
    way: Way,
    after: Option<SubjectId>,
    people: u32,
}

/// What came of asking for a rotation.
pub enum Begun<'r> {
    /// It may run.
    Rotation(Box<Rotation<'r>>),
    /// The policy refuses.
    Refused(Box<Answer>),
    /// The epoch before is closed: it is ended first.
    EndFirst(EpochId),
}

/// One step of a rotation.
#[derive(Debug)]
pub enum RotationStep {
    /// So many keys were wrapped, and there may be more.
    Wrapped(usize),
    /// Everything is.
    Whole,
    /// The policy refuses.
    Refused(Box<Answer>),
}

/// A rotation that is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RotationDone {
    /// The keystore, every living key of it opened once under the epoch in force.
    pub survey: KeystoreSurvey,
    /// The epoch that is in force.
    pub in_force: EpochId,
}

impl Runtime {
    /// Begins the rotation to the next epoch, or goes on with one that was stopped; after it, brings over what servers
    /// with the earlier key made.
    ///
    /// # Errors
    ///
    /// [`RuntimeError`] if a key file cannot be read or made, or the file in force is not the key held here.
    pub async fn begin_rotation<'r>(
        &'r self,
        source: &'r EpochKeySource,
        actor: ActorId,
        clock: Clock,
    ) -> Result<Begun<'r>, RuntimeError> {
        let held = self.epoch().id();
        let in_file = apart(source, EpochKeySource::load).await?.map(|key| key.id());
        if in_file != Some(held) {
            return Err(RuntimeError::AnotherEpochInForce { held, in_file });
        }
        let rotation = |other, way| {
            let rotation = Rotation {
                runtime: self,
                source,
                actor,
                clock,
                other,
                way,
                after: None,
                people: PEOPLE_IN_A_CHUNK,
            };
            Ok(Begun::Rotation(Box::new(rotation)))
        };
        if let Some(before) = held.number().checked_sub(1).and_then(EpochId::new) {
            let state = self.store().keystore_state(self.clinic()).await?;
            let line = state.epochs.iter().find(|line| line.epoch == before);
            if line.is_some_and(|line| line.ended.is_none()) {
                // Closed, its file may hold no key any more.
                if line.is_some_and(|line| line.closed_at.is_some()) {
                    return Ok(Begun::EndFirst(before));
                }
                return match apart(&source.beside(before), EpochKeySource::load).await? {
                    Some(earlier) => rotation(earlier, Way::FromEarlier),
                    None => Ok(Begun::EndFirst(before)),
                };
            }
        }
        let next = held.next().ok_or(RuntimeError::Operation(OperationError::Range))?;
        let beside = source.beside(next);
        if let Some(key) = apart(&beside, EpochKeySource::load).await? {
            return rotation(key, Way::ToNext);
        }
        // Another key of the same number would leave some keys under the one and some under the other for ever.
        if self.store().is_wrapped_under(self.clinic(), next).await? {
            return Err(RuntimeError::NextKeyMissing { epoch: next, path: beside.path().to_owned() });
        }
        let what = format!("epoch {next} begins");
        let noted = self.perform(&NoteKeys { actor, what }, clock).await?;
        if !noted.answer.is_permit() {
            return Ok(Begun::Refused(Box::new(noted.answer)));
        }
        rotation(apart(&beside, move |beside| beside.create(next, &mut new_rng()?)).await?, Way::ToNext)
    }

    /// Opens every living key of the keystore once under an epoch key.
    ///
    /// # Errors
    ///
    /// [`RuntimeError`] if one is not wrapped under it or does not open.
    pub async fn survey(&self) -> Result<KeystoreSurvey, RuntimeError> {
        self.survey_under(self.epoch()).await
    }

    async fn survey_under(&self, epoch: &EpochKey) -> Result<KeystoreSurvey, RuntimeError> {
        let clinic = self.clinic();
        let rows = self.store().data_keys(clinic, epoch.id()).await?;
        let mut secrets = Vec::new();
        for secret in self.store().secrets(clinic).await? {
            if secret.epoch == epoch.id().number() {
                let (version, wrapped) = wrapped(&secret)?;
                secrets.push((secret.kind, version, wrapped));
            }
        }
        let secrets = secrets.iter().map(|(kind, version, wrapped)| match kind {
            SecretRowKind::IndexRoot => {
                KeystoreItem::IndexRoot(IndexRootId { clinic, version: *version }, wrapped)
            }
            SecretRowKind::LogSigning => {
                let kind = SecretKind::LogSigning;
                KeystoreItem::Secret(SecretId { clinic, kind, version: *version }, wrapped)
            }
        });
        Ok(KeystoreSurvey::open_all(epoch, rows.iter().map(KeystoreItem::Dek).chain(secrets))?)
    }
}

impl Rotation<'_> {
    /// Wraps the keys of so many people in one transaction instead of 64.
    #[must_use]
    pub fn in_chunks_of(self, people: u32) -> Self {
        Self { people, ..self }
    }

    /// The epoch whose key opens what is to be wrapped.
    #[must_use]
    pub const fn from(&self) -> EpochId {
        self.keys().0.id()
    }

    /// The epoch for which it is wrapped.
    #[must_use]
    pub const fn to(&self) -> EpochId {
        self.keys().1.id()
    }

    const fn keys(&self) -> (&EpochKey, &EpochKey) {
        match self.way {
            Way::ToNext => (self.runtime.epoch(), &self.other),
            Way::FromEarlier => (&self.other, self.runtime.epoch()),
        }
    }

    /// How many living keys are left.
    ///
    /// # Errors
    ///
    /// [`RuntimeError`] if the database does not answer.
    pub async fn left(&self) -> Result<u64, RuntimeError> {
        Ok(self.runtime.store().keys_not_wrapped(self.runtime.clinic(), self.to()).await?)
    }

    /// Wraps the keys of the next people, in one transaction. Servers go on meanwhile; what they make is found in the
    /// next round.
    ///
    /// # Errors
    ///
    /// [`RuntimeError`]; nothing of this chunk was written, and everything before it stands.
    pub async fn step(&mut self) -> Result<RotationStep, RuntimeError> {
        let (store, clinic) = (self.runtime.store(), self.runtime.clinic());
        let mut people = store.people_to_rewrap(clinic, self.to(), self.after, self.people).await?;
        if people.is_empty() && self.after.take().is_some() {
            people = store.people_to_rewrap(clinic, self.to(), None, self.people).await?;
        }
        self.after = people.last().copied();
        let (from, to) = self.keys();
        if people.is_empty() {
            let secrets = RewrapSecrets { actor: self.actor, from, to };
            return Ok(stepped(self.runtime.perform(&secrets, self.clock).await?, RotationStep::Whole));
        }
        let keys = RewrapKeys { actor: self.actor, people, from, to };
        Ok(stepped(self.runtime.perform(&keys, self.clock).await?, RotationStep::Wrapped(0)))
    }

    /// Opens every living key once under the new key, enters that in the log, and puts the new key in its place.
    ///
    /// # Errors
    ///
    /// [`RuntimeError`] if a key is missing or does not open; the old key then stays in force.
    pub async fn finish(self) -> Result<Result<RotationDone, Box<Answer>>, RuntimeError> {
        let (_, to) = self.keys();
        let survey = self.runtime.survey_under(to).await?;
        let done = RotationDone { survey, in_force: to.id() };
        if matches!(self.way, Way::FromEarlier) {
            return Ok(Ok(done));
        }
        let what = format!("epoch {} in force: {} keys opened", to.id(), survey.live());
        let noted = self.runtime.perform(&NoteKeys { actor: self.actor, what }, self.clock).await?;
        if !noted.answer.is_permit() {
            return Ok(Err(Box::new(noted.answer)));
        }
        self.source.promote(self.runtime.epoch().id(), to.id())?;
        Ok(Ok(done))
    }
}

fn stepped(tended: Tended, otherwise: RotationStep) -> RotationStep {
    match tended {
        Tended { answer, .. } if !answer.is_permit() => RotationStep::Refused(Box::new(answer)),
        Tended { changed: 0, .. } => otherwise,
        Tended { changed, .. } => RotationStep::Wrapped(changed),
    }
}

/// One condition for the end of an epoch that does not hold yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unready {
    /// Living keys that only the earlier epoch wraps.
    KeysLeft(u64),
    /// Shares of its key were handed out, and nobody has said that they are destroyed: enough of them are the key.
    SharesOut,
    /// What the vault asks for.
    Vault(NotYet),
}

/// An epoch that ended.
#[derive(Debug, PartialEq, Eq)]
pub struct Ended {
    /// Its end, as it is on file.
    pub end: EpochEnd,
    /// Why that proves nothing, if it does not.
    pub unproved: Option<Unproved>,
    /// Copies of the keystore that could not be made anew with the end in them: where, and why.
    pub not_copied: Vec<(String, String)>,
}

/// What came of ending an epoch.
#[derive(Debug)]
pub enum Ending {
    /// It ended.
    Ended(Ended),
    /// The policy refuses.
    Refused(Box<Answer>),
    /// Something is missing; nothing was changed.
    NotYet(EpochId, Vec<Unready>),
    /// There is no earlier epoch that has not ended.
    Nothing,
}

impl Runtime {
    /// What is missing before the epoch ahead of the one in force may end; none if there is no such epoch.
    ///
    /// # Errors
    ///
    /// [`RuntimeError`] if the keystore cannot be read or does not open.
    pub async fn prove_end(
        &self,
        clock: Clock,
    ) -> Result<Option<(EpochId, Result<EpochDestruction, Vec<Unready>>)>, RuntimeError> {
        let Some(ending) = self.epoch().id().number().checked_sub(1).and_then(EpochId::new) else {
            return Ok(None);
        };
        let state = self.store().keystore_state(self.clinic()).await?;
        let line = state.epochs.iter().find(|line| line.epoch == ending);
        if line.is_none_or(|line| line.ended.is_some()) {
            return Ok(None);
        }
        let left = self.store().keys_not_wrapped(self.clinic(), self.epoch().id()).await?;
        if left > 0 {
            return Ok(Some((ending, Err(vec![Unready::KeysLeft(left)]))));
        }
        if has_shares_out(&state, ending) {
            return Ok(Some((ending, Err(vec![Unready::SharesOut]))));
        }
        let survey = self.survey().await?;
        let now = self.store().instant(clock).await?;
        let (copies, recovery) = (copies_of(&state, &survey), recovery_of(&state, survey.epoch()));
        let proof = EpochDestruction::prove(ending, survey, &copies, &state.holds, recovery.as_ref(), now);
        Ok(Some((ending, proof.map_err(|missing| missing.into_iter().map(Unready::Vault).collect()))))
    }

    /// Ends the epoch ahead of the one in force: proves that nothing needs its key, closes it, has the key
    /// destroyed and enters it. Stopped anywhere, it is run again and goes on.
    ///
    /// # Errors
    ///
    /// [`RuntimeError`] if the key file cannot be destroyed; the epoch is closed then and not ended.
    pub async fn end_epoch(
        &self,
        source: &EpochKeySource,
        actor: ActorId,
        clock: Clock,
    ) -> Result<Ending, RuntimeError> {
        let (ending, proof) = match self.prove_end(clock).await? {
            None => return Ok(Ending::Nothing),
            Some((ending, Err(missing))) => return Ok(Ending::NotYet(ending, missing)),
            Some((ending, Ok(proof))) => (ending, proof),
        };
        let close = CloseEpoch { actor, epoch: ending, next: self.epoch().id() };
        let done = self.perform(&close, clock).await?;
        if !done.answer.is_permit() {
            return Ok(Ending::Refused(Box::new(done.answer)));
        }
        let now = self.store().instant(clock).await?;
        let earlier = source.beside(ending);
        let destroyed = apart(&earlier, move |source| source.destroy(now)).await?;
        let end = proof.carried_out(destroyed.outcome);
        let entered = self.perform(&EndEpoch { actor, end }, clock).await?;
        if !entered.answer.is_permit() {
            return Ok(Ending::Refused(Box::new(entered.answer)));
        }
        earlier.bury()?;
        let not_copied = self.copy_again(actor, clock).await?;
        Ok(Ending::Ended(Ended { end, unproved: destroyed.unproved, not_copied }))
    }

    /// Makes every copy of the keystore anew: those from before know nothing of the end, and a clinic that came back
    /// from one would neither.
    async fn copy_again(&self, actor: ActorId, clock: Clock) -> Result<Vec<(String, String)>, RuntimeError> {
        let (state, survey) = (self.store().keystore_state(self.clinic()).await?, self.survey().await?);
        let mut not_copied = Vec::new();
        for place in places_of(&state, &survey) {
            if let Err(error) = self.copy_keystore_to(actor, Path::new(place), clock).await {
                not_copied.push((place.to_owned(), error.to_string()));
            }
        }
        Ok(not_copied)
    }
}

/// Where the copies of the keys as they are now were put.
fn places_of<'s>(state: &'s KeystoreState, survey: &KeystoreSurvey) -> Vec<&'s str> {
    let shows = |copy: &&CopyLine| (copy.epoch, &copy.digest) == (survey.epoch().number(), survey.digest());
    let places: BTreeSet<&str> = state.copies.iter().filter(shows).map(|copy| copy.place.as_str()).collect();
    places.into_iter().collect()
}

/// Whether shares of an epoch's key may still be with their holders.
fn has_shares_out(state: &KeystoreState, epoch: EpochId) -> bool {
    let last = |step| {
        let of_epoch = |line: &&RecoveryLine| line.step == step && line.epoch == epoch.number();
        state.recoveries.iter().filter(of_epoch).map(|line| line.at).max()
    };
    last(RecoveryStep::Split)
        .is_some_and(|split| last(RecoveryStep::Destroyed).is_none_or(|gone| gone < split))
}

/// The copies that show the keystore as it is now. A place holds one copy: the next one took the earlier's place.
pub(crate) fn copies_of(state: &KeystoreState, survey: &KeystoreSurvey) -> Vec<VerifiedCopy> {
    // From the oldest on, so that the newest of each place is left.
    let oldest_first = state.copies.iter().rev();
    let there: BTreeMap<&str, _> = oldest_first.map(|copy| (copy.place.as_str(), copy)).collect();
    let ended_at = state.epochs.iter().filter_map(|line| line.ended).map(|(at, _)| at).max();
    let shows = |copy: &&CopyLine| {
        (copy.epoch, copy.live, &copy.digest) == (survey.epoch().number(), survey.live(), survey.digest())
            && ended_at.is_none_or(|ended| copy.verified_at >= ended)
    };
    let verified = |copy: &CopyLine| VerifiedCopy::of(copy.id, *survey, survey, copy.verified_at).ok();
    there.into_values().filter(shows).filter_map(verified).collect()
}

/// The newest trial of the recovery of this epoch.
fn recovery_of(state: &KeystoreState, epoch: EpochId) -> Option<RecoveryVerified> {
    let trial = state
        .recoveries
        .iter()
        .find(|line| line.step == RecoveryStep::Verified && line.epoch == epoch.number());
    trial.map(|line| RecoveryVerified::on_record(epoch, line.at))
}

//! One clinic at work.

use std::path::Path;
use std::sync::{Arc, Mutex};

use audit_log::{LogSigningKey, VerifierKey};
use chacha20::ChaCha20Rng;
use chacha20::rand_core::SeedableRng as _;
use chrono::{DateTime, Utc};
use crypto_vault::{
    EpochId, EpochKey, IndexKeyCheck, IndexRoot, IndexRootId, KeyVersion, KeystoreRow, SearchKeys, SecretId,
    SecretKind, WrappedKey,
};
use postgres_store::{ChunkSource, Clock, Sequencer, Store, StoreError, StreamPlace};
use privacy_operations::{
    ClinicFacts, DisclosedPage, DocumentRow, House, LoadedFacts, Moment, Needs, Operation, OperationError,
    PagePermit, Plan, SealedStream, SecretRow, SecretRowKind, Tools, Used,
};
use records_model::{ActorId, ClinicId, SubjectId};

use crate::RuntimeError;
use crate::kept_head::KeptHead;
use crate::opened::{OpenedUse, open_page, open_used};

/// What a runtime is made of.
pub struct RuntimeParts {
    /// Which clinic.
    pub clinic: ClinicId,
    /// The store, over the application's login.
    pub store: Store,
    /// The sequencer, over its own login.
    pub sequencer: Sequencer,
    /// The key that wraps every other.
    pub epoch: EpochKey,
    /// The clinic's wrapped secrets.
    pub secrets: Vec<SecretRow>,
}

/// One clinic at work: its store, its keys, and its documents in force.
pub struct Runtime {
    clinic: ClinicId,
    store: Store,
    sequencer: Sequencer,
    epoch: EpochKey,
    search: SearchKeys,
    index_version: u32,
    signing: LogSigningKey,
    kept_head: Option<KeptHead>,
    house: Mutex<Option<(Vec<Edition>, Arc<House>)>>,
}

/// One document in force, by name and number: a number never gets another text.
type Edition = (String, u32);

impl Runtime {
    /// Opens the clinic's secrets.
    ///
    /// # Errors
    ///
    /// [`RuntimeError::WrongEpochKey`] if they were wrapped under another key.
    pub fn new(parts: RuntimeParts) -> Result<Self, RuntimeError> {
        let RuntimeParts { clinic, store, sequencer, epoch, mut secrets } = parts;
        secrets.retain(|secret| secret.epoch == epoch.id().number());
        let store = store.under_epoch(epoch.id());
        let (index_version, search) = search_keys(clinic, &epoch, &secrets)?;
        let signing = signing_key(clinic, &epoch, &secrets)?;
        let house = Mutex::new(None);
        Ok(Self { clinic, store, sequencer, epoch, search, index_version, signing, kept_head: None, house })
    }

    /// Keeps the newest head of the log in this folder too, and signs nothing that falls behind the one that is there.
    pub(crate) fn keeping_heads(self, folder: &Path) -> Result<Self, RuntimeError> {
        let kept = KeptHead::beside(folder);
        if let Some((head, _)) = kept.read(&self.verifier_key())? {
            self.sequencer.know(&head);
        }
        Ok(Self { kept_head: Some(kept), ..self })
    }

    /// The head of the log that is kept outside the database, if one is.
    pub(crate) fn head_outside(&self) -> Result<Option<String>, RuntimeError> {
        let Some(kept) = &self.kept_head else { return Ok(None) };
        Ok(kept.read(&self.verifier_key())?.map(|(_, note)| note))
    }

    /// Which clinic.
    #[must_use]
    pub const fn clinic(&self) -> ClinicId {
        self.clinic
    }

    /// The store, for counts and lists that open nothing.
    #[must_use]
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// The key that signs the log and receipts.
    pub(crate) const fn signing(&self) -> &LogSigningKey {
        &self.signing
    }

    /// The epoch whose key wraps every other here.
    #[must_use]
    pub const fn epoch_id(&self) -> EpochId {
        self.epoch.id()
    }

    /// The key that wraps every other.
    pub(crate) const fn epoch(&self) -> &EpochKey {
        &self.epoch
    }

    /// Version of the blind indexes in use.
    pub(crate) const fn index_version(&self) -> u32 {
        self.index_version
    }

    /// The keys of the clinic's blind indexes, for making search tokens.
    #[must_use]
    pub const fn search(&self) -> &SearchKeys {
        &self.search
    }

    /// A new id for a person who is about to be registered.
    ///
    /// # Errors
    ///
    /// [`RuntimeError::Randomness`].
    pub fn new_subject_id(&self, clock: Clock) -> Result<SubjectId, RuntimeError> {
        Ok(SubjectId::generate(arrival(clock), &mut new_rng()?))
    }

    /// A new id for somebody who is about to act.
    ///
    /// # Errors
    ///
    /// [`RuntimeError::Randomness`].
    pub fn new_actor_id(&self, clock: Clock) -> Result<ActorId, RuntimeError> {
        Ok(ActorId::generate(arrival(clock), &mut new_rng()?))
    }

    /// The public key by which a stranger checks the log.
    #[must_use]
    pub fn verifier_key(&self) -> VerifierKey {
        self.signing.verifier_key()
    }

    /// The documents in force, if an operation has run or [`Runtime::refresh`] was called.
    #[must_use]
    pub fn house(&self) -> Option<Arc<House>> {
        self.house.lock().ok().and_then(|held| held.as_ref().map(|(_, house)| Arc::clone(house)))
    }

    /// Reads the documents in force now.
    ///
    /// # Errors
    ///
    /// [`RuntimeError`] if they cannot be loaded or read.
    pub async fn refresh(&self) -> Result<Arc<House>, RuntimeError> {
        let documents = self.store.documents_in_force(self.clinic).await?;
        Ok(self.house_of(&documents)?)
    }

    /// Runs one operation: locks, facts, plan, commit. A refusal by the policy is an outcome.
    ///
    /// # Errors
    ///
    /// [`RuntimeError`]; nothing was written, unless it is [`StoreError::Unanswered`].
    pub async fn perform<O: Operation + Sync>(
        &self,
        operation: &O,
        clock: Clock,
    ) -> Result<O::Outcome, RuntimeError>
    where
        O::Outcome: Send,
    {
        self.perform_needing(&operation.needs(), operation, clock).await
    }

    /// Runs one operation with more facts than it asks for by itself.
    pub(crate) async fn perform_needing<O: Operation + Sync>(
        &self,
        needs: &Needs,
        operation: &O,
        clock: Clock,
    ) -> Result<O::Outcome, RuntimeError>
    where
        O::Outcome: Send,
    {
        let mut rng = new_rng()?;
        let arrival = arrival(clock);
        let outcome = self
            .store
            .transact(
                self.clinic,
                needs,
                clock,
                |facts, now| {
                    let house = self.house_of_facts(&facts.clinic)?;
                    operation.rows(facts, Moment { house: &house, now })
                },
                |facts, now| {
                    let house = self.house_of_facts(&facts.clinic)?;
                    operation.plan(facts, &mut self.tools(&house, (arrival, now), &mut rng))
                },
            )
            .await?;
        Ok(outcome)
    }

    /// Runs the founding of the clinic, under documents that are not stored yet.
    pub(crate) async fn perform_under<O: Operation + Sync>(
        &self,
        house: &House,
        operation: &O,
        clock: Clock,
    ) -> Result<O::Outcome, RuntimeError>
    where
        O::Outcome: Send,
    {
        let mut rng = new_rng()?;
        let arrival = arrival(clock);
        let outcome = self
            .store
            .transact(
                self.clinic,
                &operation.needs(),
                clock,
                |facts, now| operation.rows(facts, Moment { house, now }),
                |facts, now| operation.plan(facts, &mut self.tools(house, (arrival, now), &mut rng)),
            )
            .await?;
        Ok(outcome)
    }

    /// Runs an operation that stores a file, whose sealed chunks come from `source`; what was sealed goes into its plan.
    pub(crate) async fn receive<T: Send>(
        &self,
        place: StreamPlace,
        source: &mut (impl ChunkSource + Send),
        (needs, clock): (&Needs, Clock),
        plan: impl FnOnce(SealedStream, &LoadedFacts, &mut Tools<'_>) -> Result<Plan<T>, OperationError> + Send,
    ) -> Result<T, RuntimeError> {
        let mut rng = new_rng()?;
        let arrival = arrival(clock);
        let outcome = self
            .store
            .receive((self.clinic, place), source, (needs, clock), |stream, facts, now| {
                let house = self.house_of_facts(&facts.clinic)?;
                plan(stream, facts, &mut self.tools(&house, (arrival, now), &mut rng))
            })
            .await?;
        Ok(outcome)
    }

    fn tools<'a>(
        &'a self,
        house: &'a House,
        (arrival, now): (DateTime<Utc>, DateTime<Utc>),
        rng: &'a mut ChaCha20Rng,
    ) -> Tools<'a> {
        let (epoch, search, index_version) = (&self.epoch, &self.search, self.index_version);
        Tools { house, epoch, search, index_version, arrival, now, rng }
    }

    /// Opens what a reading was permitted; the permit is committed.
    ///
    /// # Errors
    ///
    /// [`RuntimeError::Operation`] if something was altered.
    pub fn open_used(&self, subject: SubjectId, used: Used) -> Result<OpenedUse, RuntimeError> {
        open_used(self.clinic, subject, &self.epoch, used)
    }

    /// Makes the page that leaves; the permit is committed.
    ///
    /// # Errors
    ///
    /// [`RuntimeError::Operation`] if something was altered.
    pub fn open_page(
        &self,
        subject: SubjectId,
        permit: PagePermit,
        keys: &[KeystoreRow],
    ) -> Result<DisclosedPage, RuntimeError> {
        open_page(self.clinic, subject, &self.epoch, (permit, keys))
    }

    /// Places every committed log entry in the tree, and signs the head. How many were placed.
    ///
    /// # Errors
    ///
    /// [`RuntimeError::Store`] if the entries contradict each other, or the log is not what was signed before.
    pub async fn sequence(&self, clock: Clock) -> Result<usize, RuntimeError> {
        let placed = self.sequencer.place(clock, &self.signing).await?;
        if let (Some(kept), Some(note)) = (&self.kept_head, &placed.head) {
            kept.keep(note, &self.verifier_key())?;
        }
        Ok(placed.entries)
    }

    /// The same for whoever is about to check the log, to whom a log that contradicts itself is no error but an answer:
    /// why the sequencer stopped, if it did.
    ///
    /// # Errors
    ///
    /// [`RuntimeError::Store`] if the database does not answer.
    pub async fn sequence_or_why(&self, clock: Clock) -> Result<Option<String>, RuntimeError> {
        match self.sequence(clock).await {
            Ok(_) => Ok(None),
            Err(RuntimeError::Store(StoreError::Sequence(why))) => Ok(Some(why)),
            Err(error) => Err(error),
        }
    }

    fn house_of_facts(&self, facts: &ClinicFacts) -> Result<Arc<House>, OperationError> {
        self.house_of(&facts.documents)
    }

    /// The house of these documents: kept while they stay in force. Called under the clinic's lock, so that a
    /// decision never rests on documents that were replaced.
    fn house_of(&self, documents: &[DocumentRow]) -> Result<Arc<House>, OperationError> {
        let edition = |document: &DocumentRow| (document.path.clone(), document.version_no);
        let editions: Vec<Edition> = documents.iter().map(edition).collect();
        if let Ok(held) = self.house.lock()
            && let Some((known, house)) = held.as_ref()
            && *known == editions
        {
            return Ok(Arc::clone(house));
        }
        let house = Arc::new(House::read(documents)?);
        if let Ok(mut held) = self.house.lock() {
            *held = Some((editions, Arc::clone(&house)));
        }
        Ok(house)
    }
}

/// A generator for one operation, seeded by the system.
pub(crate) fn new_rng() -> Result<ChaCha20Rng, RuntimeError> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|_| RuntimeError::Randomness)?;
    Ok(ChaCha20Rng::from_seed(seed))
}

/// The instant that goes into new ids: they carry no order, so this server's own clock will do.
fn arrival(clock: Clock) -> DateTime<Utc> {
    match clock {
        Clock::Database => std::time::SystemTime::now().into(),
        Clock::At(instant) => instant,
    }
}

/// The newest version of a secret.
pub(crate) fn newest(secrets: &[SecretRow], kind: SecretRowKind) -> Result<&SecretRow, RuntimeError> {
    let of_kind = secrets.iter().filter(|secret| secret.kind == kind);
    of_kind.max_by_key(|secret| secret.version).ok_or(RuntimeError::WrongEpochKey)
}

/// Which version a stored secret is, and its wrapped bytes.
pub(crate) fn wrapped(row: &SecretRow) -> Result<(KeyVersion, WrappedKey), RuntimeError> {
    let version = KeyVersion::new(row.version).ok_or(RuntimeError::WrongEpochKey)?;
    Ok((version, WrappedKey::parse(&row.wrapped).map_err(OperationError::from)?))
}

fn search_keys(
    clinic: ClinicId,
    epoch: &EpochKey,
    secrets: &[SecretRow],
) -> Result<(u32, SearchKeys), RuntimeError> {
    let row = newest(secrets, SecretRowKind::IndexRoot)?;
    let root = index_root(clinic, epoch, row)?;
    let check = <[u8; 16]>::try_from(row.check_value.as_slice()).map_err(|_| RuntimeError::WrongEpochKey)?;
    let search = root.search_keys(&IndexKeyCheck(check)).map_err(OperationError::from)?;
    Ok((row.version, search))
}

/// Opens a root of the blind indexes.
pub(crate) fn index_root(
    clinic: ClinicId,
    epoch: &EpochKey,
    row: &SecretRow,
) -> Result<IndexRoot, RuntimeError> {
    let (version, key) = wrapped(row)?;
    epoch.open_index_root(IndexRootId { clinic, version }, &key).map_err(|_| RuntimeError::WrongEpochKey)
}

fn signing_key(
    clinic: ClinicId,
    epoch: &EpochKey,
    secrets: &[SecretRow],
) -> Result<LogSigningKey, RuntimeError> {
    let (version, key) = wrapped(newest(secrets, SecretRowKind::LogSigning)?)?;
    let id = SecretId { clinic, kind: SecretKind::LogSigning, version };
    let secret = epoch.open_secret(id, &key).map_err(|_| RuntimeError::WrongEpochKey)?;
    Ok(LogSigningKey::from_bytes(clinic, secret.expose()))
}

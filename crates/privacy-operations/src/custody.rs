//! The custody of keys: wrapping them for the next epoch, and the end of an epoch. No content is opened.

use audit_log::{ContentHash, Event, Moves};
use crypto_vault::{
    EpochEnd, EpochId, EpochKey, EpochRotation, IndexRootId, KeyVersion, KeystoreRow, Salt, SecretId,
    SecretKind, StoredKeyState, WrappedKey,
};
use records_model::{Action, ActorId, Category, Detail, Ground, Purpose, Set, SubjectId};
use sha2::{Digest, Sha256};

use crate::ask::{Asking, ask};
use crate::ledger::Ledger;
use crate::{
    Answer, Asked, Change, KeyChange, KeyWrappings, KeystoreFacts, KeystoreNeed, LoadedFacts, LockMode,
    Needs, Operation, OperationError, Plan, SecretRow, SecretRowKind, Tools,
};

/// What came of tending keys.
#[derive(Debug, Clone)]
pub struct Tended {
    /// Whether this actor may.
    pub answer: Answer,
    /// How many keys were changed; none if everything stood so already, and then nothing was entered.
    pub changed: usize,
}

/// What is asked before anything is done to keys (section 5.1, P-49): keeping them, and no look at any content.
#[must_use]
pub fn ask_custody() -> Asked {
    let (ground, category) = (Ground::CustodyWithoutContent, Set::one(Category::IdentityContact));
    let asked = Asked::internal(Action::Custody, Purpose::Oversight, ground, category);
    Asked { detail: Detail::Existence, ..asked }
}

/// Asks, and enters what is done under the hash of what it is about; without changes nothing is entered.
fn tend(
    facts: &LoadedFacts,
    tools: &mut Tools<'_>,
    prepare: impl FnOnce(&mut Tools<'_>) -> Result<Option<Deed>, OperationError>,
) -> Result<Plan<Tended>, OperationError> {
    let mut ledger = Ledger::open(facts, tools)?;
    let (answer, entry) = match ask(facts, &mut ledger, &ask_custody(), Set::EMPTY)? {
        Asking::Permitted(answer, entry) => (answer, entry),
        Asking::Refused(answer) => return Ok(ledger.finish(Tended { answer, changed: 0 })),
    };
    let Some(deed) = prepare(ledger.tools)? else {
        return Ok(ledger.finish(Tended { answer, changed: 0 }));
    };
    for change in deed.changes {
        ledger.change(change);
    }
    let mut entry = entry.becoming(Event::KeyEvent, Moves::None);
    entry.content = Some(deed.content);
    ledger.enter(entry)?;
    Ok(ledger.finish(Tended { answer, changed: deed.keys }))
}

/// What is done to keys in one step.
struct Deed {
    changes: Vec<Change>,
    keys: usize,
    content: ContentHash,
}

/// Enters that a rotation begins or is done, that the keys are looked over, or that shares of them are tried; the log
/// keeps the hash of `what`.
#[derive(Debug, Clone)]
pub struct NoteKeys {
    /// Who does it.
    pub actor: ActorId,
    /// What is noted: words and numbers, nothing about a person.
    pub what: String,
}

impl Operation for NoteKeys {
    type Outcome = Tended;

    fn needs(&self) -> Needs {
        Needs::without_subject(self.actor)
    }

    fn plan(&self, facts: &LoadedFacts, tools: &mut Tools<'_>) -> Result<Plan<Tended>, OperationError> {
        let content = ContentHash::of(self.what.as_bytes());
        tend(facts, tools, |_| Ok(Some(Deed { changes: Vec::new(), keys: 0, content })))
    }
}

/// Wraps the keys of these people for another epoch. What is wrapped for it already stays as it is, so that it may be
/// run again.
pub struct RewrapKeys<'k> {
    /// Who does it.
    pub actor: ActorId,
    /// Whose keys.
    pub people: Vec<SubjectId>,
    /// The key under which they open.
    pub from: &'k EpochKey,
    /// The key that wraps them next.
    pub to: &'k EpochKey,
}

impl Operation for RewrapKeys<'_> {
    type Outcome = Tended;

    fn needs(&self) -> Needs {
        let people = KeystoreNeed::WrappingsOf(self.people.clone());
        Needs::without_subject(self.actor).with_keystore(people)
    }

    fn plan(&self, facts: &LoadedFacts, tools: &mut Tools<'_>) -> Result<Plan<Tended>, OperationError> {
        let KeystoreFacts::Wrappings(keys) = &facts.keystore else {
            return Err(OperationError::Stored("keystore"));
        };
        let rotation = EpochRotation::new(self.from, self.to)?;
        tend(facts, tools, |tools| {
            let waiting = keys.iter().filter(|key| waits(key, self.to.id()));
            let wrapped = waiting
                .map(|key| rewrapped(&rotation, self.from.id(), key, tools))
                .collect::<Result<Vec<_>, _>>()?;
            if wrapped.is_empty() {
                return Ok(None);
            }
            let content = hash_of(wrapped.iter().map(|(_, bytes)| bytes));
            let keys = wrapped.len();
            Ok(Some(Deed { changes: vec![Change::Keep(KeyChange::PutWrappings(wrapped))], keys, content }))
        })
    }
}

/// Whether a living key is not wrapped under this epoch yet.
fn waits(key: &KeyWrappings, epoch: EpochId) -> bool {
    let lives = !matches!(key.state, StoredKeyState::ShredPending | StoredKeyState::Destroyed);
    lives && key.wrappings.iter().all(|wrapped| wrapped.epoch() != epoch)
}

fn rewrapped(
    rotation: &EpochRotation<'_>,
    from: EpochId,
    key: &KeyWrappings,
    tools: &mut Tools<'_>,
) -> Result<(crypto_vault::DekId, WrappedKey), OperationError> {
    let bytes = key.wrappings.iter().find(|wrapped| wrapped.epoch() == from);
    let row = KeystoreRow::new(key.id, key.state, bytes.cloned())?;
    let next = rotation.rewrap(&row, Salt::generate(tools.rng))?;
    let wrapped = next.wrapped().cloned().ok_or(OperationError::KeyMissing(key.id.class()))?;
    Ok((key.id, wrapped))
}

/// A hash over wrapped keys: it says nothing about them.
fn hash_of<'w>(wrapped: impl Iterator<Item = &'w WrappedKey>) -> ContentHash {
    let mut hash = Sha256::new_with_prefix(b"resguardo/keys-rewrapped/v1\0");
    for one in wrapped {
        hash.update(one.as_bytes());
    }
    ContentHash::from_bytes(hash.finalize().into())
}

/// Wraps the clinic's secrets for another epoch, as [`RewrapKeys`] does with data keys.
pub struct RewrapSecrets<'k> {
    /// Who does it.
    pub actor: ActorId,
    /// The key under which they open.
    pub from: &'k EpochKey,
    /// The key that wraps them next.
    pub to: &'k EpochKey,
}

impl Operation for RewrapSecrets<'_> {
    type Outcome = Tended;

    fn needs(&self) -> Needs {
        // Exclusive, so that two rotations do not wrap one secret twice.
        Needs { clinic: LockMode::Exclusive, ..Needs::without_subject(self.actor) }
    }

    fn plan(&self, facts: &LoadedFacts, tools: &mut Tools<'_>) -> Result<Plan<Tended>, OperationError> {
        let rotation = EpochRotation::new(self.from, self.to)?;
        let secrets = &facts.clinic.secrets;
        let (from, to) = (self.from.id().number(), self.to.id().number());
        let is_done = |secret: &SecretRow| {
            let same = |other: &&SecretRow| (other.kind, other.version) == (secret.kind, secret.version);
            secrets.iter().filter(same).any(|other| other.epoch == to)
        };
        let waiting: Vec<&SecretRow> =
            secrets.iter().filter(|secret| secret.epoch == from && !is_done(secret)).collect();
        tend(facts, tools, |tools| {
            if waiting.is_empty() {
                return Ok(None);
            }
            let wrapped = waiting
                .iter()
                .map(|secret| rewrapped_secret(&rotation, facts, secret, tools))
                .collect::<Result<Vec<_>, _>>()?;
            let content = hash_of(wrapped.iter());
            let row = |(secret, wrapped): (&&SecretRow, &WrappedKey)| {
                let wrapped = wrapped.as_bytes().to_vec();
                Change::PutSecret(SecretRow { epoch: to, wrapped, ..(*secret).clone() })
            };
            let changes: Vec<Change> = waiting.iter().zip(&wrapped).map(row).collect();
            Ok(Some(Deed { keys: changes.len(), changes, content }))
        })
    }
}

fn rewrapped_secret(
    rotation: &EpochRotation<'_>,
    facts: &LoadedFacts,
    secret: &SecretRow,
    tools: &mut Tools<'_>,
) -> Result<WrappedKey, OperationError> {
    let clinic = facts.clinic.id;
    let version = KeyVersion::new(secret.version).ok_or(OperationError::Stored("secret"))?;
    let (wrapped, salt) = (WrappedKey::parse(&secret.wrapped)?, Salt::generate(tools.rng));
    Ok(match secret.kind {
        SecretRowKind::IndexRoot => {
            rotation.rewrap_index_root(IndexRootId { clinic, version }, &wrapped, salt)?
        }
        SecretRowKind::LogSigning => {
            let id = SecretId { clinic, kind: SecretKind::LogSigning, version };
            rotation.rewrap_secret(id, &wrapped, salt)?
        }
    })
}

/// Closes an epoch: nothing is wrapped under it any more. Nobody makes a key meanwhile, and it is refused while a
/// living key is not wrapped under the next one.
#[derive(Debug, Clone)]
pub struct CloseEpoch {
    /// Who does it.
    pub actor: ActorId,
    /// Which epoch.
    pub epoch: EpochId,
    /// The epoch after it, in force.
    pub next: EpochId,
}

impl Operation for CloseEpoch {
    type Outcome = Tended;

    fn needs(&self) -> Needs {
        let open = KeystoreNeed::NotWrappedUnder(self.next);
        let needs = Needs { clinic: LockMode::Exclusive, ..Needs::without_subject(self.actor) };
        needs.with_keystore(open)
    }

    fn plan(&self, facts: &LoadedFacts, tools: &mut Tools<'_>) -> Result<Plan<Tended>, OperationError> {
        match facts.keystore {
            KeystoreFacts::NotWrapped(0) => {}
            KeystoreFacts::NotWrapped(count) => return Err(OperationError::KeysLeft { count }),
            _ => return Err(OperationError::Stored("keystore")),
        }
        let content = ContentHash::of(format!("epoch {} closed", self.epoch).as_bytes());
        let changes = vec![Change::Keep(KeyChange::CloseEpoch(self.epoch))];
        tend(facts, tools, |_| Ok(Some(Deed { changes, keys: 1, content })))
    }
}

/// Enters how an epoch ended.
#[derive(Debug, Clone)]
pub struct EndEpoch {
    /// Who does it.
    pub actor: ActorId,
    /// How it ended.
    pub end: EpochEnd,
}

impl Operation for EndEpoch {
    type Outcome = Tended;

    fn needs(&self) -> Needs {
        Needs { clinic: LockMode::Exclusive, ..Needs::without_subject(self.actor) }
    }

    fn plan(&self, facts: &LoadedFacts, tools: &mut Tools<'_>) -> Result<Plan<Tended>, OperationError> {
        let what = match self.end {
            EpochEnd::Destroyed(ended) => format!("epoch {} destroyed", ended.epoch()),
            EpochEnd::Unproved { epoch, .. } => format!("epoch {epoch} given up without proof"),
        };
        let content = ContentHash::of(what.as_bytes());
        let changes = vec![Change::Keep(KeyChange::EndEpoch(self.end))];
        tend(facts, tools, |_| Ok(Some(Deed { changes, keys: 1, content })))
    }
}

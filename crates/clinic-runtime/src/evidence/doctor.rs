//! What is wrong with keys, and with what they seal. Content is opened in memory, to see that it opens, and dropped.

use std::collections::{HashMap, HashSet};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use crypto_vault::{
    EpochId, EpochKey, IndexKeyCheck, IndexRootId, KeyVersion, KeystoreRow, SecretId, SecretKind, WrappedKey,
    content_hash,
};
use postgres_store::{Clock, StoreError};
use privacy_operations::{
    Answer, KeyRing, NoteKeys, SecretRow, SecretRowKind, StoredRecord, fields_of, open, sealed_fields,
};
use records_model::{ActorId, RecordId, RecordVersion, RetentionClass, SubjectId};

use super::files::Hashes;
use super::{log_walk, people};
use crate::epoch_key::apart;
use crate::{EpochKeySource, Runtime, RuntimeError, VaultWarning};

/// One thing that is wrong; rows are named by their ids only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VaultFinding {
    /// The key file is not there.
    KeyFileMissing,
    /// Others may read the key file.
    KeyFileOpenToOthers {
        /// Which.
        path: PathBuf,
    },
    /// The key file cannot be used.
    KeyFileUnusable {
        /// Why.
        why: String,
    },
    /// The key file is that of another epoch.
    AnotherKeyInForce {
        /// The epoch whose key is held here.
        held: EpochId,
        /// The epoch of the file.
        in_file: EpochId,
    },
    /// The key file is of the epoch in force, and another key.
    AnotherKey,
    /// Living keys that the epoch in force does not wrap.
    NotWrapped {
        /// How many.
        count: u64,
    },
    /// A data key does not open.
    KeyDoesNotOpen {
        /// Whose.
        subject: SubjectId,
        /// Of which class.
        class: RetentionClass,
        /// Its version.
        version: KeyVersion,
    },
    /// The index key is not the one that made the tokens.
    IndexKey {
        /// Its version.
        version: u32,
    },
    /// Another secret of the clinic does not open.
    SecretDoesNotOpen {
        /// Its version.
        version: u32,
    },
    /// A record does not open.
    RecordDoesNotOpen {
        /// Whose.
        subject: SubjectId,
        /// Which.
        record: RecordId,
        /// Its version.
        version: RecordVersion,
    },
    /// The file of a record does not open, or a part of it is missing.
    FileDoesNotOpen {
        /// Whose.
        subject: SubjectId,
        /// The record.
        record: RecordId,
        /// Its version.
        version: RecordVersion,
    },
    /// A record or its file is not what the log says was written last: an older row was put back, or a newer one taken
    /// away.
    RolledBack {
        /// Whose.
        subject: SubjectId,
        /// Which.
        record: RecordId,
    },
    /// The log says that a record was written, and neither a row of it nor a disposal of its class is there.
    RecordMissing {
        /// Whose.
        subject: SubjectId,
        /// Which.
        record: RecordId,
    },
    /// An epoch has ended, and its key file is there.
    FileOfEndedEpoch {
        /// Which.
        epoch: EpochId,
    },
    /// Something that should be done.
    Warning(VaultWarning),
}

/// What the doctor found, if the actor may have the keys looked over.
#[derive(Debug, Clone)]
pub struct KeysLookedOver {
    /// Whether they may.
    pub answer: Answer,
    /// What is wrong, and what is left to do.
    pub findings: Vec<VaultFinding>,
}

impl Runtime {
    /// Looks for everything that is wrong. Every key, record and file is opened once: minutes on a large clinic.
    ///
    /// # Errors
    ///
    /// [`RuntimeError`] if the database does not answer.
    pub async fn vault_findings(
        &self,
        actor: ActorId,
        source: &EpochKeySource,
        clock: Clock,
    ) -> Result<KeysLookedOver, RuntimeError> {
        let what = "keys and what they seal are looked over".to_owned();
        let noted = self.perform(&NoteKeys { actor, what }, clock).await?;
        if !noted.answer.is_permit() {
            return Ok(KeysLookedOver { answer: noted.answer, findings: Vec::new() });
        }
        let findings = self.look_over(source, clock).await?;
        Ok(KeysLookedOver { answer: noted.answer, findings })
    }

    async fn look_over(
        &self,
        source: &EpochKeySource,
        clock: Clock,
    ) -> Result<Vec<VaultFinding>, RuntimeError> {
        let secrets = self.store().secrets(self.clinic()).await?;
        let mut found = self.key_file_findings(source, &secrets).await;
        let state = self.store().keystore_state(self.clinic()).await?;
        let is_left = |epoch: &EpochId| source.beside(*epoch).path().exists();
        let ended = state.epochs.iter().filter(|line| line.ended.is_some()).map(|line| line.epoch);
        found.extend(ended.filter(is_left).map(|epoch| VaultFinding::FileOfEndedEpoch { epoch }));
        let count = self.store().keys_not_wrapped(self.clinic(), self.epoch_id()).await?;
        if count > 0 {
            found.push(VaultFinding::NotWrapped { count });
        } else {
            let rows = self.store().data_keys(self.clinic(), self.epoch_id()).await?;
            found.extend(rows.iter().filter_map(|row| self.key_finding(row)));
        }
        for secret in &secrets {
            found.extend(self.secret_finding(secret));
        }
        self.record_findings(clock, &mut found).await?;
        found.extend(self.recovery_warning(clock).await?.map(VaultFinding::Warning));
        Ok(found)
    }

    async fn key_file_findings(&self, source: &EpochKeySource, secrets: &[SecretRow]) -> Vec<VaultFinding> {
        let path = source.path().to_owned();
        let Ok(about) = std::fs::metadata(&path) else { return vec![VaultFinding::KeyFileMissing] };
        if !source.opens_only_with_a_service() && about.permissions().mode() & 0o077 != 0 {
            return vec![VaultFinding::KeyFileOpenToOthers { path }];
        }
        let held = self.epoch_id();
        match apart(source, EpochKeySource::load).await {
            Ok(Some(key)) if key.id() == held && self.is_key_of(&key, secrets) => Vec::new(),
            Ok(Some(key)) if key.id() == held => vec![VaultFinding::AnotherKey],
            Ok(Some(key)) => vec![VaultFinding::AnotherKeyInForce { held, in_file: key.id() }],
            Ok(None) => vec![VaultFinding::KeyFileMissing],
            Err(error) => vec![VaultFinding::KeyFileUnusable { why: error.to_string() }],
        }
    }

    /// Whether this key opens the clinic's own signing secret, as the key that is held here does.
    fn is_key_of(&self, key: &EpochKey, secrets: &[SecretRow]) -> bool {
        let opens = |secret: &SecretRow, key: &EpochKey| {
            let (version, wrapped) =
                (KeyVersion::new(secret.version), WrappedKey::parse(&secret.wrapped).ok());
            version.zip(wrapped).is_some_and(|(version, wrapped)| {
                let id = SecretId { clinic: self.clinic(), kind: SecretKind::LogSigning, version };
                key.open_secret(id, &wrapped).is_ok()
            })
        };
        let signing = |secret: &&SecretRow| {
            secret.kind == SecretRowKind::LogSigning && secret.epoch == self.epoch_id().number()
        };
        secrets.iter().filter(signing).all(|secret| opens(secret, key) || !opens(secret, self.epoch()))
    }

    fn key_finding(&self, row: &KeystoreRow) -> Option<VaultFinding> {
        let opens = !row.state().opens() || self.epoch().open_dek(row).is_ok();
        let (subject, class, version) = (row.id().subject(), row.id().class(), row.id().version());
        (!opens).then_some(VaultFinding::KeyDoesNotOpen { subject, class, version })
    }

    fn secret_finding(&self, secret: &SecretRow) -> Option<VaultFinding> {
        if secret.epoch != self.epoch_id().number() {
            return None;
        }
        let clinic = self.clinic();
        let opened = |version: KeyVersion, wrapped: &WrappedKey| match secret.kind {
            SecretRowKind::IndexRoot => {
                let root = self.epoch().open_index_root(IndexRootId { clinic, version }, wrapped).ok()?;
                let check = <[u8; 16]>::try_from(secret.check_value.as_slice()).ok()?;
                root.search_keys(&IndexKeyCheck(check)).ok().map(|_| ())
            }
            SecretRowKind::LogSigning => {
                let id = SecretId { clinic, kind: SecretKind::LogSigning, version };
                self.epoch().open_secret(id, wrapped).ok().map(|_| ())
            }
        };
        let wrapped = WrappedKey::parse(&secret.wrapped).ok();
        let whole =
            KeyVersion::new(secret.version).zip(wrapped).and_then(|(version, key)| opened(version, &key));
        let version = secret.version;
        match (whole, secret.kind) {
            (Some(()), _) => None,
            (None, SecretRowKind::IndexRoot) => Some(VaultFinding::IndexKey { version }),
            (None, SecretRowKind::LogSigning) => Some(VaultFinding::SecretDoesNotOpen { version }),
        }
    }

    /// Opens every version of every record, and holds it against the log.
    async fn record_findings(&self, clock: Clock, found: &mut Vec<VaultFinding>) -> Result<(), RuntimeError> {
        let now = self.store().instant(clock).await?;
        let logged = self.logged_content(now).await?;
        let mut looked_at = LookedAt::default();
        let mut after = None;
        loop {
            let people = self.store().people_with_records(self.clinic(), after, PEOPLE_AT_ONCE).await?;
            let Some(last) = people.last().copied() else {
                return self.missing_findings(&logged, &looked_at, found).await;
            };
            after = Some(last);
            for subject in people {
                let (keys, records, seals) = match self.store().sealed_records(self.clinic(), subject).await {
                    Ok(sealed) => sealed,
                    // Found above, by the count of what is not wrapped.
                    Err(StoreError::OtherEpoch { .. }) => {
                        looked_at.unread.insert(subject);
                        continue;
                    }
                    Err(error) => return Err(error.into()),
                };
                looked_at.records.extend(records.iter().map(|stored| stored.id));
                // A key that does not open is found above; what it seals is not told again, row by row.
                let Ok(ring) = KeyRing::open(self.clinic(), subject, self.epoch(), &keys) else { continue };
                let mut hashes = Hashes::new();
                self.file_findings(subject, (&records, &ring), &mut hashes, found).await?;
                person_findings((subject, &ring), (&records, &seals), (&logged, hashes), found);
            }
        }
    }

    /// Records of the log of which no row is left, although nothing of their class was destroyed.
    async fn missing_findings(
        &self,
        logged: &Logged,
        looked_at: &LookedAt,
        found: &mut Vec<VaultFinding>,
    ) -> Result<(), RuntimeError> {
        let gone = self.destroyed().await?;
        let is_missing = |record: &RecordId, written: &Written| {
            !looked_at.records.contains(record)
                && !looked_at.unread.contains(&written.subject)
                && !gone.classes.contains(&(written.subject, written.class))
                && !gone.records.contains(record)
        };
        let missing = logged.iter().filter(|(record, written)| is_missing(record, written));
        let mut missing: Vec<_> = missing.map(|(record, written)| (written.subject, *record)).collect();
        missing.sort_unstable();
        found.extend(
            missing.into_iter().map(|(subject, record)| VaultFinding::RecordMissing { subject, record }),
        );
        Ok(())
    }

    /// What was destroyed, as the ledger has it, which stands with the keys: classes as a whole, and single records.
    async fn destroyed(&self) -> Result<Destroyed, RuntimeError> {
        let file = self.store().erasure_file(self.clinic()).await?;
        let classes = file.erasures.iter().map(|erasure| (erasure.key.subject(), erasure.key.class()));
        let classes = classes.filter(|(_, class)| !class.ends_item_by_item()).collect();
        let records = self.store().erased_items(self.clinic()).await?.into_iter().collect();
        Ok(Destroyed { classes, records })
    }

    /// The content of each record that the log speaks of, as far as its sides open: all of it is still stored.
    async fn logged_content(&self, now: DateTime<Utc>) -> Result<Logged, RuntimeError> {
        let house = self.refresh().await?;
        let mut snapshot = self.store().snapshot(self.clinic()).await?;
        let staff = people::Staff::load(self, &mut snapshot, (&house, now)).await?;
        let log = log_walk::walk(self, &mut snapshot, (&house, now), staff).await?;
        snapshot.close().await?;
        let mut logged = Logged::new();
        for (hash, entered) in log.written.into_iter().chain(log.resealed) {
            if let Some(said) = entered.said {
                let written = logged.entry(said.record).or_insert_with(|| Written {
                    subject: said.subject,
                    class: said.category.retention_class(),
                    hashes: HashSet::new(),
                });
                written.hashes.insert(hash);
            }
        }
        Ok(logged)
    }
}

/// Classes of somebody, and single records.
struct Destroyed {
    classes: HashSet<(SubjectId, RetentionClass)>,
    records: HashSet<RecordId>,
}

/// What does not open of a person's records, and what is not as the log has it; `hashes` are those of the files.
fn person_findings(
    (subject, ring): (SubjectId, &KeyRing),
    (records, seals): (&[StoredRecord], &[(RecordId, Vec<u8>)]),
    (logged, mut hashes): (&Logged, Hashes),
    found: &mut Vec<VaultFinding>,
) {
    for stored in records {
        if open(stored, ring, fields_of(stored)).is_err() {
            let (record, version) = (stored.id, stored.version);
            found.push(VaultFinding::RecordDoesNotOpen { subject, record, version });
        }
    }
    for (record, sealed) in seals {
        let hash = sealed_fields(sealed).map(|fields| content_hash(&fields));
        hashes.entry(*record).or_default().extend(hash);
    }
    for (record, stored) in hashes {
        let is_whole = logged.get(&record).is_none_or(|written| written.hashes.is_subset(&stored));
        if !is_whole {
            found.push(VaultFinding::RolledBack { subject, record });
        }
    }
}

/// What the log says of each record.
type Logged = HashMap<RecordId, Written>;

/// One record as the log has it.
struct Written {
    subject: SubjectId,
    class: RetentionClass,
    /// Of its sealed content.
    hashes: HashSet<[u8; 32]>,
}

/// What was looked at.
#[derive(Default)]
struct LookedAt {
    records: HashSet<RecordId>,
    /// People whose records could not be loaded.
    unread: HashSet<SubjectId>,
}

/// People whose records are opened before the next are asked for.
const PEOPLE_AT_ONCE: u32 = 500;

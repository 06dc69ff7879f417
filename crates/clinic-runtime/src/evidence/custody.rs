//! Every stored record beside what the log says of it; nothing is opened.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use crypto_vault::{AttachmentHeader, EnvelopeHeader, content_hash};
use postgres_store::{FileHead, MissingRecord, Snapshot, StoredVersion, WordCheck};
use privacy_notice::Evidence;
use privacy_operations::{House, sealed_fields};
use records_model::{Category, Field};

use super::documents::count;
use super::log_walk::{LogFindings, Said};
use crate::RuntimeError;

/// What the records came to.
#[derive(Debug, Default)]
pub(super) struct Custody {
    malformed: u64,
    unsealed: u64,
    unsigned: u64,
    overwritten: u64,
    /// Versions that no entry of the log speaks of.
    pub(super) unlogged: u64,
    /// Records that the log says were written and that are not there.
    missing: Vec<MissingRecord>,
    /// Of those, how many have no disposal.
    pub(super) undocumented: u64,
    /// Of those, how many had to be kept still.
    pub(super) early: u64,
}

/// Reads every version of every record once.
pub(super) async fn walk(snapshot: &mut Snapshot, log: &LogFindings) -> Result<Custody, RuntimeError> {
    let mut custody = Custody::default();
    let mut seen: HashSet<[u8; 32]> = HashSet::with_capacity(log.written.len());
    snapshot.begin_records().await?;
    loop {
        let page = snapshot.next_versions().await?;
        if page.is_empty() {
            break;
        }
        for version in &page {
            custody.compare(version, log, &mut seen);
        }
    }
    snapshot.begin_files().await?;
    loop {
        let files = snapshot.next_files().await?;
        if files.is_empty() {
            break;
        }
        for file in &files {
            custody.compare_file(file, log, &mut seen);
        }
    }
    custody.missing = log
        .written
        .iter()
        .filter(|(hash, _)| !seen.contains(*hash))
        .filter_map(|(_, entered)| entered.said)
        .map(|said| MissingRecord {
            subject: said.subject,
            class: said.category.retention_class(),
            record: said.record,
        })
        .collect();
    snapshot.begin_heads().await?;
    loop {
        let heads = snapshot.next_heads().await?;
        if heads.is_empty() {
            break;
        }
        custody.unsealed += count(heads.iter().filter(|head| EnvelopeHeader::parse(head).is_err()));
    }
    Ok(custody)
}

impl Custody {
    fn compare(&mut self, version: &StoredVersion, log: &LogFindings, seen: &mut HashSet<[u8; 32]>) {
        self.malformed += u64::from(version.words == WordCheck::Outside);
        let fields = sealed_fields(&version.sealed);
        self.unsealed += u64::from(!fields.as_deref().is_some_and(are_sealed));
        let hash = <[u8; 32]>::try_from(version.content_hash.as_slice()).unwrap_or_default();
        let is_whole = fields.is_some_and(|fields| content_hash(&fields) == hash);
        let entered = log.written.get(&hash);
        let is_registered = log.registered.get(&version.record) == Some(&version.subject)
            || (is_identity(version) && log.forgotten.contains(&version.subject));
        if entered.is_some() {
            seen.insert(hash);
        }
        let is_moved = entered.is_some_and(|entered| {
            entered.at != version.recorded_at || entered.said.is_some_and(|said| differs(version, said))
        });
        self.overwritten += u64::from(!is_whole || is_moved);
        self.unlogged += u64::from(entered.is_none() && !is_registered);
        let is_clinical_here = version.author.is_some() && version.category.is_some_and(Category::is_medical);
        self.unsigned += u64::from(is_clinical_here && (!version.author_known || entered.is_none()));
    }

    /// A file is held against the log by its head and the hash beside it; its chunks are the doctor's.
    fn compare_file(&mut self, file: &FileHead, log: &LogFindings, seen: &mut HashSet<[u8; 32]>) {
        self.unsealed += u64::from(AttachmentHeader::parse(&file.header).is_err());
        let hash = <[u8; 32]>::try_from(file.content_hash.as_slice()).unwrap_or_default();
        if log.written.contains_key(&hash) {
            seen.insert(hash);
        }
        let entered = log.written.get(&hash).or_else(|| log.resealed.get(&hash));
        let is_moved = entered.is_some_and(|entered| {
            let elsewhere = |said: Said| (said.record, said.subject) != (file.record, file.subject);
            entered.at != file.stored_at || entered.said.is_some_and(elsewhere)
        });
        self.overwritten += u64::from(is_moved);
        self.unlogged += u64::from(entered.is_none());
    }

    /// Enters what the records show.
    pub(super) async fn enter(
        &mut self,
        snapshot: &mut Snapshot,
        (house, now): (&House, DateTime<Utc>),
        evidence: &mut Evidence,
    ) -> Result<(), RuntimeError> {
        evidence.records.malformed = Some(self.malformed);
        evidence.records.unsealed = Some(self.unsealed);
        evidence.records.unsigned = Some(self.unsigned);
        evidence.records.overwritten = Some(self.overwritten);
        let today = house.zone.date_of(now);
        for chunk in self.missing.chunks(1000) {
            let (undocumented, early) = snapshot.gone_without_disposal(chunk, today).await?;
            self.undocumented += undocumented;
            self.early += early;
        }
        Ok(())
    }
}

/// Whether a row says something else of itself than the log; an imported row names no author.
fn differs(version: &StoredVersion, said: Said) -> bool {
    (version.record, version.subject, version.category) != (said.record, said.subject, Some(said.category))
        || (version.author.is_some() && version.author != said.actor)
}

/// Whether it is what a registration writes.
const fn is_identity(version: &StoredVersion) -> bool {
    matches!(version.category, Some(Category::IdentityContact | Category::BirthDate))
}

/// Whether every field of a record is an envelope.
fn are_sealed(fields: &[(Field, Vec<u8>)]) -> bool {
    !fields.is_empty() && fields.iter().all(|(_, envelope)| EnvelopeHeader::parse(envelope).is_ok())
}

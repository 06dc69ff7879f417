//! The doctor of attached files: each is hashed as it is stored, and the newest form of each is opened, chunk by chunk.

use std::collections::{HashMap, HashSet};

use crypto_vault::{AttachmentError, AttachmentOpener, FieldContext, OpenedDek, RecordContext};
use postgres_store::StreamPlace;
use privacy_operations::{KeyRing, StoredAttachment, StoredRecord, attachment_context};
use records_model::{RecordId, SubjectId};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::doctor::VaultFinding;
use crate::{Runtime, RuntimeError};

/// Hashes of sealed content, by record.
pub(super) type Hashes = HashMap<RecordId, HashSet<[u8; 32]>>;

/// Chunks that are looked at together.
const CHUNKS_AT_ONCE: u64 = 64;

impl Runtime {
    /// Adds the hash of every stored form of a person's files, and what does not open.
    pub(super) async fn file_findings(
        &self,
        subject: SubjectId,
        (records, ring): (&[StoredRecord], &KeyRing),
        hashes: &mut Hashes,
        found: &mut Vec<VaultFinding>,
    ) -> Result<(), RuntimeError> {
        let mut looked_at = HashSet::new();
        // The newest form of each comes first: it is the one that is read.
        for file in self.store().sealed_files(self.clinic(), subject).await? {
            let of_file = |record: &&StoredRecord| (record.id, record.version) == (file.record, file.version);
            let record = records.iter().find(of_file);
            let is_newest = looked_at.insert((file.record, file.version));
            let key = record.and_then(|record| ring.version(record.class, file.stream.dek_version).ok());
            let place = record.map(|record| attachment_context(self.clinic(), record));
            let key = key.zip(place).filter(|_| is_newest);
            let (hash, opens) = self.look_through(&file, key).await?;
            hashes.entry(file.record).or_default().insert(hash);
            if is_newest && !opens {
                let (record, version) = (file.record, file.version);
                found.push(VaultFinding::FileDoesNotOpen { subject, record, version });
            }
        }
        Ok(())
    }

    /// The hash of what is stored, and whether all of it opens under this key at this place.
    async fn look_through(
        &self,
        file: &StoredAttachment,
        key: Option<(&OpenedDek, RecordContext)>,
    ) -> Result<([u8; 32], bool), RuntimeError> {
        let header = &file.stream.header;
        let mut hash = Sha256::new_with_prefix(header);
        let begin =
            |(key, place)| AttachmentOpener::begin(key, &place, &FieldContext::ATTACHED_FILE, header).ok();
        let mut opener = key.and_then(begin);
        let mut sealed_bytes = u64::try_from(header.len()).unwrap_or(u64::MAX);
        let mut content = Zeroizing::new(Vec::new());
        let mut next = 0;
        loop {
            let place = StreamPlace::of(file);
            let chunks = self.store().chunks(self.clinic(), place, (next, CHUNKS_AT_ONCE)).await?;
            for chunk in &chunks {
                hash.update(chunk);
                sealed_bytes += u64::try_from(chunk.len()).unwrap_or(u64::MAX);
                content.clear();
                opener = opener.and_then(|opener| opener.push(chunk, &mut content).ok());
            }
            let count = u64::try_from(chunks.len()).unwrap_or(u64::MAX);
            if count < CHUNKS_AT_ONCE {
                break;
            }
            next += count;
        }
        let whole = opener.ok_or(AttachmentError::Truncated).and_then(|opener| opener.finish(&mut content));
        let opens = whole.is_ok() && sealed_bytes == file.stream.sealed_bytes;
        Ok((hash.finalize().into(), opens))
    }
}

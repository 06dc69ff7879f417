//! The log as a stranger checks it: line by line, in pages, so that memory stays flat.

use std::collections::BTreeMap;
use std::io;

use audit_log::{Anchors, EntryId, ExportWriter, Report, Verifier, leaf_hash};
use postgres_store::Clock;

use crate::{Runtime, RuntimeError};

/// Entries read at a time.
const PAGE: u32 = 2_000;

/// What the check of the log in the database came to.
#[derive(Debug)]
pub struct LiveLog {
    /// The check itself.
    pub report: Report,
    /// Entries that neither have a place nor wait for one: something wrote past the product.
    pub lost: u64,
    /// The newest signed head.
    pub newest_head: Option<String>,
}

impl LiveLog {
    /// Whether nothing is wrong.
    #[must_use]
    pub const fn is_intact(&self) -> bool {
        self.report.is_intact() && self.lost == 0
    }
}

impl Runtime {
    /// Hands every line of the export to `take`: the entries in tree order, each signed head where it stands, and
    /// the entries that still wait for a place. A line has no line feed. The newest of those heads is handed back:
    /// whoever keeps it elsewhere can show whether the log was rewritten.
    ///
    /// The export ends with that head, whatever is written meanwhile.
    ///
    /// # Errors
    ///
    /// [`RuntimeError::Store`] if the log cannot be read, [`RuntimeError::Output`] if `take` fails.
    pub async fn export_log(
        &self,
        mut take: impl FnMut(&str) -> io::Result<()> + Send,
    ) -> Result<Option<String>, RuntimeError> {
        let (store, clinic) = (self.store(), self.clinic());
        // What waits is read first: an entry that gets its place meanwhile is met again in the tree.
        let waiting = store.log_waiting(clinic).await?;
        let mut waiting: BTreeMap<EntryId, Vec<u8>> =
            waiting.into_iter().map(|entry| (entry.id, entry.leaf)).collect();
        let heads = store.heads(clinic).await?;
        let (end, newest) = heads.last().map_or((0, None), |(size, _, note)| (*size, Some(note.clone())));
        let mut heads = heads.iter().peekable();
        let (mut writer, header) = ExportWriter::begin(clinic);
        take(&header)?;
        let mut size = 0_u64;
        loop {
            while let Some((_, _, note)) = heads.next_if(|(at, _, _)| *at <= size) {
                take(&writer.checkpoint(note))?;
            }
            let count = u32::try_from(end - size).unwrap_or(PAGE).min(PAGE);
            let page = if count == 0 { Vec::new() } else { store.log_page(clinic, size, count).await? };
            if page.is_empty() {
                break;
            }
            for entry in &page {
                waiting.remove(&entry.id);
                take(&writer.entry(&entry.leaf, &leaf_hash(&entry.leaf)))?;
                size += 1;
                while let Some((_, _, note)) = heads.next_if(|(at, _, _)| *at <= size) {
                    take(&writer.checkpoint(note))?;
                }
            }
        }
        for leaf in waiting.values() {
            take(&writer.unsequenced(leaf))?;
        }
        take(&writer.finish())?;
        Ok(newest)
    }

    /// Checks the whole log as it is stored, against the clinic's own key and heads. Whoever holds a head from
    /// elsewhere can show more; see [`Runtime::verify_log_against`].
    ///
    /// # Errors
    ///
    /// [`RuntimeError::Store`] if the log cannot be read.
    pub async fn verify_log(&self) -> Result<Report, RuntimeError> {
        Ok(self.verify_log_against(&[]).await?.report)
    }

    /// Checks the whole log as it is stored, also against the head that is kept beside the key and against heads or
    /// trails that were kept elsewhere.
    ///
    /// # Errors
    ///
    /// [`RuntimeError::Anchor`] if one of `kept` is none; [`RuntimeError::Store`] if the log cannot be read.
    pub async fn verify_log_against(&self, kept: &[String]) -> Result<LiveLog, RuntimeError> {
        let mut anchors = Anchors::new(self.verifier_key());
        for text in self.head_outside()?.iter().chain(kept) {
            anchors.add(text)?;
        }
        let mut verifier = Verifier::new(anchors);
        let newest_head = self
            .export_log(|line| {
                verifier.take_line(line);
                Ok(())
            })
            .await?;
        let now = self.store().instant(Clock::Database).await?;
        let lost = self.store().tally(self.clinic(), now).await?.log_lost.unsigned_abs();
        Ok(LiveLog { report: verifier.finish(), lost, newest_head })
    }
}

//! The log as a stranger checks it: line by line, in pages, so that memory stays flat.

use std::io;

use audit_log::{Anchors, ExportWriter, Report, Verifier, leaf_hash};

use crate::{Runtime, RuntimeError};

/// Entries read at a time.
const PAGE: u32 = 2_000;

impl Runtime {
    /// Hands every line of the export to `take`: the entries in tree order, each signed head where it stands, and
    /// the entries that still wait for a place. A line has no line feed.
    ///
    /// # Errors
    ///
    /// [`RuntimeError::Store`] if the log cannot be read, [`RuntimeError::Output`] if `take` fails.
    pub async fn export_log(
        &self,
        mut take: impl FnMut(&str) -> io::Result<()> + Send,
    ) -> Result<(), RuntimeError> {
        let (store, clinic) = (self.store(), self.clinic());
        let heads = store.heads(clinic).await?;
        let mut heads = heads.iter().peekable();
        let (mut writer, header) = ExportWriter::begin(clinic);
        take(&header)?;
        let mut size = 0_u64;
        loop {
            while let Some((_, _, note)) = heads.next_if(|(at, _, _)| *at <= size) {
                take(&writer.checkpoint(note))?;
            }
            let page = store.log_page(clinic, size, PAGE).await?;
            if page.is_empty() {
                break;
            }
            for entry in &page {
                take(&writer.entry(&entry.leaf, &leaf_hash(&entry.leaf)))?;
                size += 1;
                while let Some((_, _, note)) = heads.next_if(|(at, _, _)| *at <= size) {
                    take(&writer.checkpoint(note))?;
                }
            }
        }
        for entry in store.log_waiting(clinic).await? {
            take(&writer.unsequenced(&entry.leaf))?;
        }
        take(&writer.finish())?;
        Ok(())
    }

    /// Checks the whole log as it is stored, against the clinic's own key and heads. Whoever holds a head from
    /// elsewhere can show more; see [`Runtime::export_log`].
    ///
    /// # Errors
    ///
    /// [`RuntimeError::Store`] if the log cannot be read.
    pub async fn verify_log(&self) -> Result<Report, RuntimeError> {
        let mut verifier = Verifier::new(Anchors::new(self.verifier_key()));
        self.export_log(|line| {
            verifier.take_line(line);
            Ok(())
        })
        .await?;
        Ok(verifier.finish())
    }
}

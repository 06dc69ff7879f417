//! Carrying a disposal out: what stays is sealed under other keys first, step by step, and then the rest is destroyed.

use chrono::{DateTime, Utc};
use crypto_vault::{DekId, EpochId, KeyVersion, Survives};
use postgres_store::{Clock, Erasure, ErasureGround};
use privacy_operations::{
    Answer, CarryOutDisposal, DisposalBlock, DisposalDone, DisposalExtent, DisposalRow, OperationError,
    PreviewDisposal, Previewed, ResealSurvivors, Tokens,
};
use records_model::{DisposalId, SubjectId};

use crate::{Runtime, RuntimeError, certificates};

/// Versions of records that one transaction seals anew, each with its log entry.
const IN_A_CHUNK: usize = 50;

/// What a disposal would come to.
#[derive(Debug, Clone)]
pub struct DisposalPreview {
    /// Whether the actor may know, what would go and stay, and what stops it.
    pub previewed: Previewed,
    /// The keys that would go, each with what of it would survive in copies.
    pub keys: Vec<(DekId, Vec<Survives>)>,
}

impl Runtime {
    /// Carries a disposal out. Where only items of a class go, what stays under their keys is sealed under others
    /// before, in transactions of their own; stopped anywhere, it is run again and goes on. `sealed` is told how many
    /// records were sealed anew so far, and of how many.
    ///
    /// # Errors
    ///
    /// [`RuntimeError`] with what stops it; nothing was destroyed then.
    pub async fn carry_out(
        &self,
        asked: &CarryOutDisposal,
        clock: Clock,
        mut sealed: impl FnMut(usize, usize),
    ) -> Result<DisposalDone, RuntimeError> {
        let disposal = self.disposal(asked.subject, asked.disposal).await?;
        if let DisposalExtent::Items(_) = disposal.extent
            && let Some(answer) = self.spare_the_rest(asked, &disposal, clock, &mut sealed).await?
        {
            return Ok(DisposalDone { answer, class: disposal.class, records: 0 });
        }
        self.perform(asked, clock).await
    }

    async fn disposal(&self, subject: SubjectId, id: DisposalId) -> Result<DisposalRow, RuntimeError> {
        let all = self.store().disposals(self.clinic()).await?;
        let found = all.into_iter().find(|(whose, row)| (*whose, row.id) == (subject, id));
        Ok(found.ok_or(OperationError::Disposal(DisposalBlock::Unknown))?.1)
    }

    /// Seals what stays under other keys, which are made first. The refusal, if the policy refuses.
    async fn spare_the_rest(
        &self,
        asked: &CarryOutDisposal,
        disposal: &DisposalRow,
        clock: Clock,
        sealed: &mut impl FnMut(usize, usize),
    ) -> Result<Option<Answer>, RuntimeError> {
        let (actor, subject, class) = (asked.actor, asked.subject, disposal.class);
        let at_most = IN_A_CHUNK;
        let step = ResealSurvivors { actor, subject, class, disposal: disposal.id, at_most };
        let mut done = 0;
        loop {
            let resealed = self.perform(&step, clock).await?;
            if !resealed.answer.is_permit() {
                return Ok(Some(resealed.answer));
            }
            done += resealed.changed;
            sealed(done, done + resealed.waiting);
            if resealed.waiting == 0 {
                return Ok(None);
            }
        }
    }

    /// What a disposal would destroy, what of it would survive in copies and until when, and what stops it, as the rules
    /// and the database have it. Nothing is destroyed; the look is decided and entered.
    ///
    /// # Errors
    ///
    /// [`RuntimeError`] if nothing could be decided, or the keystore cannot be read.
    pub async fn preview_disposal(
        &self,
        asked: &PreviewDisposal,
        clock: Clock,
    ) -> Result<DisposalPreview, RuntimeError> {
        let mut previewed = self.perform(asked, clock).await?;
        if !previewed.answer.is_permit() {
            return Ok(DisposalPreview { previewed, keys: Vec::new() });
        }
        let (clinic, subject, disposal) = (self.clinic(), asked.subject, asked.disposal);
        let (at, file) = (self.store().instant(clock).await?, self.store().erasure_file(clinic).await?);
        let mut keys = Vec::new();
        for (key, first) in self.store().keys_going(clinic, subject, disposal).await? {
            let erasure = self.as_if_destroyed((key, first), previewed.tokens, at);
            keys.push((key, certificates::of(&erasure, &file, at)?.survives()));
        }
        if previewed.blocks.is_empty() {
            let block = self.store().try_disposal(clinic, subject, disposal).await?;
            // Carrying out seals what stays anew first; every backup on file is from before that.
            previewed.blocks = match block {
                Some(DisposalBlock::SurvivorsWait) if file.backups.is_empty() => Vec::new(),
                Some(DisposalBlock::SurvivorsWait) => vec![DisposalBlock::BackupFirst],
                other => other.into_iter().collect(),
            };
        }
        Ok(DisposalPreview { previewed, keys })
    }

    fn as_if_destroyed(
        &self,
        (key, first): (DekId, EpochId),
        tokens: Tokens,
        erased_at: DateTime<Utc>,
    ) -> Erasure {
        let index_version = match tokens {
            Tokens::None => None,
            Tokens::Searchable => KeyVersion::new(self.index_version()),
        };
        let epochs = (first, self.epoch().id());
        Erasure { key, erased_at, ground: ErasureGround::WholeClass, rows: 0, epochs, index_version }
    }
}

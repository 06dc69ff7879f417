//! Recovery: the keys shared out among people, and the shares tried. No share is stored here.

use crypto_vault::{
    EpochId, IndexRoot, Quorum, RecoveryShare, RecoveryVerified, split_recovery, verify_recovery,
};
use postgres_store::{Clock, RecoveryLine};
use privacy_operations::{Answer, EnterKeystoreFact, KeystoreFact, NoteKeys, RecoveryStep, SecretRowKind};
use records_model::{ActorId, RecoveryId};

use crate::runtime::{index_root, new_rng, newest};
use crate::{Runtime, RuntimeError};

/// What sharing out came to.
pub struct SharedOut {
    /// Whether the actor may.
    pub answer: Answer,
    /// One share a holder, if they may. Each belongs in the hands of its holder and nowhere else.
    pub shares: Vec<RecoveryShare>,
}

/// What trying shares came to.
#[derive(Debug)]
pub struct SharesTried {
    /// Whether the actor may.
    pub answer: Answer,
    /// What was shown, if they may.
    pub verified: Option<RecoveryVerified>,
}

impl Runtime {
    /// Shares out the epoch key and the index root. The fact is entered before a share exists.
    ///
    /// # Errors
    ///
    /// [`RuntimeError`] if a key does not open, or nothing could be decided.
    pub async fn share_out(
        &self,
        actor: ActorId,
        quorum: Quorum,
        clock: Clock,
    ) -> Result<SharedOut, RuntimeError> {
        let root = self.index_root().await?;
        let answer = self.enter(actor, RecoveryStep::Split, (&root, quorum), clock).await?;
        if !answer.is_permit() {
            return Ok(SharedOut { answer, shares: Vec::new() });
        }
        let house = self.refresh().await?;
        let date = house.zone.date_of(self.store().instant(clock).await?);
        let shares = split_recovery(self.epoch(), &root, quorum, date, &mut new_rng()?)?;
        Ok(SharedOut { answer, shares })
    }

    /// Tries shares against the keys in use, and enters that they work. Whether this actor may is decided before.
    ///
    /// # Errors
    ///
    /// [`RuntimeError::Recovery`] if they do not give these keys: nothing is entered then.
    pub async fn try_shares(
        &self,
        actor: ActorId,
        shares: &[RecoveryShare],
        clock: Clock,
    ) -> Result<SharesTried, RuntimeError> {
        let what = "shares of the keys are tried".to_owned();
        let noted = self.perform(&NoteKeys { actor, what }, clock).await?;
        if !noted.answer.is_permit() {
            return Ok(SharesTried { answer: noted.answer, verified: None });
        }
        let root = self.index_root().await?;
        let now = self.store().instant(clock).await?;
        let verified = verify_recovery(shares, self.epoch(), &root, now)?;
        let quorum = shares.first().map_or(Quorum::TWO_OF_THREE, |share| share.label().quorum);
        let answer = self.enter(actor, RecoveryStep::Verified, (&root, quorum), clock).await?;
        Ok(SharesTried { answer, verified: Some(verified) })
    }

    /// Enters that every share of an earlier epoch was collected and destroyed, which only people can know. Until then
    /// enough of them are its key, and it does not end.
    ///
    /// # Errors
    ///
    /// [`RuntimeError::NoShares`] if there are none of that epoch, or it is the one in force.
    pub async fn shares_destroyed(
        &self,
        actor: ActorId,
        epoch: EpochId,
        clock: Clock,
    ) -> Result<Answer, RuntimeError> {
        let state = self.store().keystore_state(self.clinic()).await?;
        let split = |line: &&RecoveryLine| line.step == RecoveryStep::Split && line.epoch == epoch.number();
        let split = state.recoveries.iter().find(split).filter(|_| epoch < self.epoch_id());
        let split = *split.ok_or(RuntimeError::NoShares { epoch })?;
        let fact = KeystoreFact::Recovery {
            id: RecoveryId::generate(self.store().instant(clock).await?, &mut new_rng()?),
            step: RecoveryStep::Destroyed,
            epoch: split.epoch,
            index_version: split.index_version,
            needed: split.needed,
            holders: split.holders,
        };
        self.perform(&EnterKeystoreFact { actor, fact }, clock).await
    }

    async fn enter(
        &self,
        actor: ActorId,
        step: RecoveryStep,
        (root, quorum): (&IndexRoot, Quorum),
        clock: Clock,
    ) -> Result<Answer, RuntimeError> {
        let fact = KeystoreFact::Recovery {
            id: RecoveryId::generate(self.store().instant(clock).await?, &mut new_rng()?),
            step,
            epoch: self.epoch().id().number(),
            index_version: root.id().version.number(),
            needed: quorum.needed(),
            holders: quorum.holders(),
        };
        self.perform(&EnterKeystoreFact { actor, fact }, clock).await
    }

    /// The root of the blind indexes in use.
    pub(crate) async fn index_root(&self) -> Result<IndexRoot, RuntimeError> {
        let mut secrets = self.store().secrets(self.clinic()).await?;
        secrets.retain(|secret| secret.epoch == self.epoch().id().number());
        index_root(self.clinic(), self.epoch(), newest(&secrets, SecretRowKind::IndexRoot)?)
    }
}

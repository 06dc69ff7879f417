//! From a key file to a service: the same key, kept by another. For a clinic that leaves key files behind, and for one that
//! came back from a backup, whose key is a file again.

use crypto_vault::EpochId;
use postgres_store::Clock;
use privacy_notice::KeySettings;
use privacy_operations::{Answer, NoteKeys};
use records_model::ActorId;

use crate::epoch_key::apart;
use crate::runtime::new_rng;
use crate::{EpochKeySource, KeyAccess, Runtime, RuntimeError};

/// What came of having a key wrapped.
#[derive(Debug)]
pub enum KeyWrapping {
    /// The service keeps it now, and the key file is gone.
    Wrapped(EpochKeySource),
    /// The policy refuses.
    Refused(Box<Answer>),
}

impl Runtime {
    /// Has a service wrap the key in force, which stands in a key file, and destroys that file. Stopped anywhere, the key
    /// file is there still, or both are, and it is run again.
    ///
    /// A key that derives from a passphrase is refused: whoever remembers it makes the key again, whoever wraps it.
    ///
    /// # Errors
    ///
    /// [`RuntimeError::OnlyFromKeyFile`] for another way of keeping, [`RuntimeError::EpochsUnfinished`] beside another
    /// epoch, and what the service says.
    pub async fn wrap_key(
        &self,
        from: &EpochKeySource,
        access: KeyAccess,
        actor: ActorId,
        clock: Clock,
    ) -> Result<KeyWrapping, RuntimeError> {
        let to = self.wrapping(from, access)?;
        let held = self.epoch_id();
        let what = format!("the key of epoch {held} is wrapped by a service");
        let noted = self.perform(&NoteKeys { actor, what }, clock).await?;
        if !noted.answer.is_permit() {
            return Ok(KeyWrapping::Refused(Box::new(noted.answer)));
        }
        let service = to.clone();
        apart(from, move |from| {
            let key = from.load()?.filter(|key| key.id() == held);
            let key = key.ok_or(RuntimeError::AnotherEpochInForce { held, in_file: None })?;
            match service.load()? {
                // A run before this one was stopped after the service had it.
                Some(kept) if kept.id() == held => {}
                Some(_) => return Err(RuntimeError::EpochsUnfinished),
                None => service.keep(&key, &mut new_rng()?)?,
            }
            from.forget()
        })
        .await?;
        Ok(KeyWrapping::Wrapped(to))
    }

    /// Where the key would be kept then, if it may go there.
    pub(crate) fn wrapping(
        &self,
        from: &EpochKeySource,
        access: KeyAccess,
    ) -> Result<EpochKeySource, RuntimeError> {
        let folder = from.path().parent().unwrap_or(from.path());
        let to = access.source(folder, self.clinic(), KeySettings::default())?;
        let (EpochKeySource::File(_), EpochKeySource::Provider(_)) = (from, &to) else {
            return Err(RuntimeError::OnlyFromKeyFile);
        };
        let held = self.epoch_id();
        let earlier = held.number().checked_sub(1).and_then(EpochId::new);
        if earlier.into_iter().chain(held.next()).any(|epoch| from.beside(epoch).path().exists()) {
            return Err(RuntimeError::EpochsUnfinished);
        }
        Ok(to)
    }
}

//! The epoch key: kept outside the database, it wraps every data key, index root and secret.

use rand_core::CryptoRng;
use zeroize::Zeroize;

use super::{
    Dek, DekId, EpochId, IndexRootId, KeyBytes, KeyState, KeystoreRow, OpenedDek, Secret, SecretId,
    StoredKeyState, UnwrapError, WrappedKey,
};
use crate::envelope::{Label, OpenError, Salt, WriteKey, split};
use crate::index::IndexRoot;
use crate::kdf::Expander;

/// The key of one epoch. Neither `Clone`, `Debug` nor serialisable; wiped when dropped.
///
/// ```
/// use crypto_vault::testing::{CountingRng, example_record_context};
/// use crypto_vault::{Dek, EpochId, EpochKey, KeystoreRow, Salt, StoredKeyState};
///
/// let mut rng = CountingRng::new(1); // the product passes the runtime's own source of randomness
/// let epoch = EpochKey::generate(EpochId::FIRST, &mut rng);
/// let (dek_id, _) = example_record_context();
/// let dek = Dek::generate(dek_id, &mut rng);
///
/// let wrapped = epoch.wrap_dek(&dek, Salt::generate(&mut rng));
/// let row = KeystoreRow::new(dek_id, StoredKeyState::Active, Some(wrapped))?;
/// assert!(epoch.open_dek(&row)?.active().is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct EpochKey {
    id: EpochId,
    key: KeyBytes,
    expander: Expander,
}

impl EpochKey {
    /// Makes a new key from the caller's randomness.
    #[must_use]
    pub fn generate(id: EpochId, rng: &mut impl CryptoRng) -> Self {
        Self::from_key(id, KeyBytes::generate(rng))
    }

    /// Takes a key that a provider opened, and wipes the source.
    #[must_use]
    pub fn from_bytes(id: EpochId, source: &mut [u8; 32]) -> Self {
        let key = KeyBytes::copy_of(source);
        source.zeroize();
        Self::from_key(id, key)
    }

    fn from_key(id: EpochId, key: KeyBytes) -> Self {
        Self { id, expander: Expander::new(key.expose()), key }
    }

    /// Which epoch it is.
    #[must_use]
    pub const fn id(&self) -> EpochId {
        self.id
    }

    pub(crate) const fn bytes(&self) -> &KeyBytes {
        &self.key
    }

    /// Wraps a data key under a fresh salt.
    #[must_use]
    pub fn wrap_dek<S: KeyState>(&self, dek: &Dek<S>, salt: Salt) -> WrappedKey {
        self.wrap(&dek.id().encode(), dek.bytes(), salt)
    }

    /// Opens a row of the keystore.
    ///
    /// # Errors
    ///
    /// [`UnwrapError`] if the key is being or was destroyed, another epoch wraps it, or the wrapped bytes are
    /// forged, changed or another key's.
    pub fn open_dek(&self, row: &KeystoreRow) -> Result<OpenedDek, UnwrapError> {
        let refused = UnwrapError::State { state: row.state() };
        let wrapped = row.wrapped().filter(|_| row.state().opens()).ok_or(refused)?;
        let key = self.unwrap(&row.id().encode(), wrapped)?;
        Ok(match row.state() {
            StoredKeyState::Active => OpenedDek::Active(Dek::from_key(*row.id(), key)),
            _ => OpenedDek::DecryptOnly(Dek::from_key(*row.id(), key)),
        })
    }

    /// Wraps a data key of the keystore for the next epoch; its state does not matter as long as it has bytes.
    ///
    /// # Errors
    ///
    /// [`UnwrapError`] as for [`EpochKey::open_dek`].
    pub fn rewrap_dek(
        &self,
        id: &DekId,
        wrapped: &WrappedKey,
        next: &Self,
        salt: Salt,
    ) -> Result<WrappedKey, UnwrapError> {
        let context = id.encode();
        Ok(next.wrap(&context, &self.unwrap(&context, wrapped)?, salt))
    }

    /// Wraps the root of a clinic's blind indexes.
    #[must_use]
    pub fn wrap_index_root(&self, root: &IndexRoot, salt: Salt) -> WrappedKey {
        self.wrap(&root.id().encode(), root.bytes(), salt)
    }

    /// Opens the root of a clinic's blind indexes.
    ///
    /// # Errors
    ///
    /// [`UnwrapError`] if another epoch wraps it, or the bytes are forged, changed or another key's.
    pub fn open_index_root(&self, id: IndexRootId, wrapped: &WrappedKey) -> Result<IndexRoot, UnwrapError> {
        self.unwrap(&id.encode(), wrapped).map(|key| IndexRoot::from_key(id, key))
    }

    /// Wraps a secret.
    #[must_use]
    pub fn wrap_secret(&self, secret: &Secret, salt: Salt) -> WrappedKey {
        self.wrap(&secret.id().encode(), secret.bytes(), salt)
    }

    /// Opens a secret of this kind.
    ///
    /// # Errors
    ///
    /// [`UnwrapError`] if another epoch wraps it, or the bytes are forged, changed or of another kind.
    pub fn open_secret(&self, id: SecretId, wrapped: &WrappedKey) -> Result<Secret, UnwrapError> {
        self.unwrap(&id.encode(), wrapped).map(|key| Secret::from_key(id, key))
    }

    fn wrap(&self, context: &[u8], key: &KeyBytes, salt: Salt) -> WrappedKey {
        let writer =
            WriteKey::derive(&self.expander, Label::Wrap, self.id.number(), salt.into_bytes(), context);
        WrappedKey::from_parts(self.id, writer.seal_key(context, key.expose()))
    }

    fn unwrap(&self, context: &[u8], wrapped: &WrappedKey) -> Result<KeyBytes, UnwrapError> {
        if wrapped.epoch() != self.id {
            return Err(UnwrapError::Epoch { found: wrapped.epoch(), held: self.id });
        }
        let parts = split(wrapped.as_bytes())?;
        let reader =
            WriteKey::derive(&self.expander, Label::Wrap, self.id.number(), *parts.header.salt(), context);
        if !reader.is_committed_by(&parts.header) {
            return Err(OpenError::Commitment.into());
        }
        reader.open_key(&parts, context).map_err(|_| OpenError::Altered.into())
    }
}

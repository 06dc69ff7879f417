//! Data keys. An active one seals and opens; one that is only kept for reading cannot seal, by its type.

use std::marker::PhantomData;

use rand_core::CryptoRng;

use super::{DekId, KeyBytes};
use crate::context::RecordContext;
use crate::kdf::Expander;

/// The state of a key that seals and opens.
pub enum Active {}
/// The state of a key that opens and no longer seals.
pub enum DecryptOnly {}

mod sealed {
    /// Keeps the states of a key, and what can open, closed lists.
    pub trait Sealed {
        /// The key, ready to expand.
        fn expander(&self) -> &crate::kdf::Expander;
    }
    /// Keeps the states closed.
    pub trait State {}
}

impl sealed::State for Active {}
impl sealed::State for DecryptOnly {}

/// A state in which a key is in memory.
pub trait KeyState: sealed::State {}
impl KeyState for Active {}
impl KeyState for DecryptOnly {}

/// The data key of one class of one person, in the state `S`. Used only to derive the keys of writes.
///
/// Neither `Clone`, `Debug` nor serialisable; wiped when dropped.
pub struct Dek<S: KeyState> {
    id: DekId,
    key: KeyBytes,
    expander: Expander,
    state: PhantomData<S>,
}

impl Dek<Active> {
    /// Makes a new key from the caller's randomness.
    #[must_use]
    pub fn generate(id: DekId, rng: &mut impl CryptoRng) -> Self {
        Self::from_key(id, KeyBytes::generate(rng))
    }

    /// The same key, from now on for reading only.
    #[must_use]
    pub fn retire(self) -> Dek<DecryptOnly> {
        let Self { id, key, expander, state: _ } = self;
        Dek { id, key, expander, state: PhantomData }
    }
}

impl<S: KeyState> Dek<S> {
    /// Which key it is.
    #[must_use]
    pub const fn id(&self) -> &DekId {
        &self.id
    }

    pub(crate) const fn bytes(&self) -> &KeyBytes {
        &self.key
    }

    pub(crate) const fn expander(&self) -> &Expander {
        &self.expander
    }

    pub(crate) fn from_key(id: DekId, key: KeyBytes) -> Self {
        Self { id, expander: Expander::new(key.expose()), key, state: PhantomData }
    }
}

/// A data key that can open: [`Dek`] in either state, or [`OpenedDek`].
pub trait DecryptKey: sealed::Sealed {
    /// Which key it is.
    fn id(&self) -> &DekId;
}

impl<S: KeyState> sealed::Sealed for Dek<S> {
    fn expander(&self) -> &Expander {
        &self.expander
    }
}

impl<S: KeyState> DecryptKey for Dek<S> {
    fn id(&self) -> &DekId {
        &self.id
    }
}

/// A data key as it came out of the keystore.
pub enum OpenedDek {
    /// Seals and opens.
    Active(Dek<Active>),
    /// Opens only.
    DecryptOnly(Dek<DecryptOnly>),
}

impl OpenedDek {
    /// The key, if it may seal.
    #[must_use]
    pub const fn active(&self) -> Option<&Dek<Active>> {
        match self {
            Self::Active(dek) => Some(dek),
            Self::DecryptOnly(_) => None,
        }
    }
}

impl sealed::Sealed for OpenedDek {
    fn expander(&self) -> &Expander {
        match self {
            Self::Active(dek) => &dek.expander,
            Self::DecryptOnly(dek) => &dek.expander,
        }
    }
}

impl DecryptKey for OpenedDek {
    fn id(&self) -> &DekId {
        match self {
            Self::Active(dek) => &dek.id,
            Self::DecryptOnly(dek) => &dek.id,
        }
    }
}

impl DekId {
    /// Whether content of this row is sealed under keys of this clinic, person and class.
    #[must_use]
    pub fn covers(&self, context: &RecordContext) -> bool {
        (self.clinic(), self.subject(), self.class()) == (context.clinic, context.subject, context.class)
    }
}

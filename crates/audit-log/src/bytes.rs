//! Byte strings of fixed length that mean one thing each.

use std::fmt;

use sha2::{Digest, Sha256};

/// Declares a byte string of fixed length; `Debug` and `Display` show it in hex.
macro_rules! byte_string {
    ($($(#[$meta:meta])* $name:ident, $len:literal;)+) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; $len]);

        impl $name {
            /// Length in bytes.
            pub const LEN: usize = $len;

            /// The value with these bytes.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; $len]) -> Self {
                Self(bytes)
            }

            /// Its bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; $len] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }
    )+};
}

byte_string! {
    /// A random name for one person in the log, one per person and accounting class. Which person it is stands
    /// in a sealed map outside the log; when that goes, the name means nothing.
    Pseudonym, 16;
    /// SHA-256 of sealed content as it is stored, so that a row put back to an older state is noticed.
    ContentHash, 32;
    /// SHA-256 over a salt and a preimage: binds the entry to its side row without saying what is in it.
    Commitment, 32;
    /// Hash of a leaf, of a node, or of a whole tree (RFC 9162, SHA-256).
    TreeHash, 32;
}

impl Pseudonym {
    /// Draws a new name from the caller's randomness.
    pub fn generate(rng: &mut impl rand_core::Rng) -> Self {
        let mut bytes = [0; Self::LEN];
        rng.fill_bytes(&mut bytes);
        Self(bytes)
    }
}

impl ContentHash {
    /// The hash of sealed bytes.
    ///
    /// ```
    /// # use audit_log::ContentHash;
    /// assert!(ContentHash::of(b"abc").to_string().starts_with("ba7816bf"));
    /// ```
    #[must_use]
    pub fn of(sealed: &[u8]) -> Self {
        Self(Sha256::digest(sealed).into())
    }
}

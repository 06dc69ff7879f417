//! What the log says to a person about their own data; nothing in it can be edited.
//!
//! All are pure functions of entries and their opened side rows. Whoever opens the rows checks first that each
//! fits its entry ([`Opened::new`]), so that no row can be swapped under an entry.

mod accounting;
mod looks;
mod rendering;
mod reviews;
mod suspension;

use thiserror::Error;

pub use accounting::{Accounting, Disclosure, accounting_of_disclosures, accounting_window, open_accounting};
pub use looks::{Look, Names, ShownLook, shown_looks, who_looked};
pub use rendering::{
    AccountingHeadings, ReaderWords, RecipientLines, accounting_csv, accounting_html, looks_csv, looks_html,
};
pub use reviews::{OpenGlass, ReviewState, glass_to_review};
pub use suspension::{Statement, Suspension, SuspensionError};

use crate::{Leaf, Preimage, PreimageTooLarge, Salt};

/// An entry together with its side row, which was shown to fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    leaf: Leaf,
    preimage: Preimage,
}

/// Why a side row is not the one of the entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum OpenedError {
    /// It cannot be committed to at all.
    #[error(transparent)]
    TooLarge(#[from] PreimageTooLarge),
    /// It is another entry's, or was changed.
    #[error("the side row does not belong to the entry")]
    OtherEntry,
}

impl Opened {
    /// Puts an entry and its opened side row together.
    ///
    /// # Errors
    ///
    /// [`OpenedError::OtherEntry`] if the row and the salt do not give the commitment in the entry.
    pub fn new(leaf: Leaf, preimage: Preimage, salt: &Salt) -> Result<Self, OpenedError> {
        if preimage.commitment(salt)? == leaf.parts().commitment {
            Ok(Self { leaf, preimage })
        } else {
            Err(OpenedError::OtherEntry)
        }
    }

    /// The entry.
    #[must_use]
    pub const fn leaf(&self) -> &Leaf {
        &self.leaf
    }

    /// Its side row.
    #[must_use]
    pub const fn preimage(&self) -> &Preimage {
        &self.preimage
    }
}

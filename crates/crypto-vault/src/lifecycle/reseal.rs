//! Sealing what stays under the next version of a key, so that the earlier one can be destroyed.

use std::collections::BTreeSet;

use records_model::{RecordId, RecordVersion};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::context::{FieldContext, RecordContext, SealedTable};
use crate::envelope::{BatchSealer, OpenError, RecordOpener, Salt, SealError};
use crate::key::{Active, DecryptKey, Dek, DekId};

/// A row version that must stay.
type Row = (SealedTable, RecordId, RecordVersion);

/// Why a row was not resealed, or resealing is not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ResealError {
    /// The keys are not an earlier and a later version of one key.
    #[error("resealing goes from a version of a key to a later one of the same clinic, person and class")]
    NotLater,
    /// The row is none of those that stay, or was resealed before.
    #[error("the row is not waiting to be resealed")]
    NotWaiting,
    /// The row does not open under the earlier key, or not again under the later one.
    #[error("a row does not open: {0}")]
    Open(#[from] OpenError),
    /// The row could not be sealed.
    #[error("a row was not sealed: {0}")]
    Seal(#[from] SealError),
    /// What came out is not what went in.
    #[error("a resealed row differs from what it was made of")]
    Differs,
    /// Rows are left.
    #[error("{count} rows still wait to be resealed")]
    Waiting {
        /// How many.
        count: usize,
    },
}

/// Everything that must stay was sealed under a later version, and opened once under it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SurvivorsResealed {
    from: DekId,
    to: DekId,
}

impl SurvivorsResealed {
    /// The key that nothing needs any more.
    #[must_use]
    pub const fn from(&self) -> &DekId {
        &self.from
    }

    /// The key that took over.
    #[must_use]
    pub const fn to(&self) -> &DekId {
        &self.to
    }
}

/// The resealing of what stays under one version of a key.
pub struct Reseal<'a, K: DecryptKey> {
    from: &'a K,
    to: &'a Dek<Active>,
    waiting: BTreeSet<Row>,
}

impl<'a, K: DecryptKey> Reseal<'a, K> {
    /// Begins with all row versions that must stay, as the caller's rules name them.
    ///
    /// # Errors
    ///
    /// [`ResealError::NotLater`] unless `to` is a later version of the same key.
    pub fn begin(
        from: &'a K,
        to: &'a Dek<Active>,
        survivors: impl IntoIterator<Item = Row>,
    ) -> Result<Self, ResealError> {
        let (earlier, later) = (from.id(), to.id());
        let same = earlier.is_of_same_class(later) && earlier.month() == later.month();
        if !same || earlier.version() >= later.version() {
            return Err(ResealError::NotLater);
        }
        Ok(Self { from, to, waiting: survivors.into_iter().collect() })
    }

    /// Seals all fields of one row anew under a fresh salt and opens them again; the envelopes, in the same order.
    ///
    /// # Errors
    ///
    /// [`ResealError`]; the row then still waits.
    pub fn row(
        &mut self,
        context: &RecordContext,
        fields: &[(FieldContext, Vec<u8>)],
        salt: Salt,
    ) -> Result<Vec<Vec<u8>>, ResealError> {
        let row = (context.table, context.record, context.record_version);
        if !self.waiting.contains(&row) {
            return Err(ResealError::NotWaiting);
        }
        let opened = open_all(self.from, context, fields.iter().map(|(field, bytes)| (*field, bytes)))?;
        let mut batch = BatchSealer::new(self.to, context, salt)?;
        let sealed = fields
            .iter()
            .zip(&opened)
            .map(|((field, _), content)| batch.seal(field, content))
            .collect::<Result<Vec<_>, _>>()?;
        let again = open_all(self.to, context, fields.iter().map(|(field, _)| *field).zip(&sealed))?;
        if again != opened {
            return Err(ResealError::Differs);
        }
        self.waiting.remove(&row);
        Ok(sealed)
    }

    /// How many rows still wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Nothing needs the earlier version any more.
    ///
    /// # Errors
    ///
    /// [`ResealError::Waiting`] while rows are left.
    pub fn finish(self) -> Result<SurvivorsResealed, ResealError> {
        match self.waiting.len() {
            0 => Ok(SurvivorsResealed { from: *self.from.id(), to: *self.to.id() }),
            count => Err(ResealError::Waiting { count }),
        }
    }
}

type Opened = Vec<Zeroizing<Vec<u8>>>;

fn open_all<'a>(
    dek: &impl DecryptKey,
    context: &RecordContext,
    fields: impl Iterator<Item = (FieldContext, &'a Vec<u8>)>,
) -> Result<Opened, OpenError> {
    let mut fields = fields.peekable();
    let Some((_, first)) = fields.peek() else {
        return Ok(Opened::new());
    };
    let mut opener = RecordOpener::for_envelope(dek, context, first)?;
    fields.map(|(field, envelope)| opener.open(&field, envelope)).collect()
}

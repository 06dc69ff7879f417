//! An attachment from one version of its key to a later one, chunk by chunk in constant memory.

use thiserror::Error;
use zeroize::Zeroizing;

use super::{AttachmentError, AttachmentOpener, AttachmentSealError, AttachmentSealer, CHUNK_BYTES};
use crate::context::{FieldContext, RecordContext};
use crate::envelope::Salt;
use crate::key::{Active, DecryptKey, Dek};

/// Why an attachment was not sealed anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AttachmentResealError {
    /// The keys are not an earlier and a later version of one key.
    #[error("resealing goes from a version of a key to a later one of the same clinic, person and class")]
    NotLater,
    /// It does not open under the earlier key, or not again under the later one.
    #[error(transparent)]
    Open(#[from] AttachmentError),
    /// It could not be sealed.
    #[error(transparent)]
    Seal(#[from] AttachmentSealError),
    /// What came out is not what went in.
    #[error("the resealed attachment differs from what it was made of")]
    Differs,
}

/// Opens an attachment under one version of its key, seals it under a later one, and opens that again: what it appends
/// to the caller's buffer is the same content, or it fails.
///
/// ```
/// use crypto_vault::testing::{CountingRng, example_attachment_context, example_dek_id};
/// use crypto_vault::{AttachmentOpener, AttachmentReseal, AttachmentSealer, Dek, DekId, Salt};
///
/// let mut rng = CountingRng::new(1); // the product passes the runtime's own source of randomness
/// let (record, field) = example_attachment_context();
/// let id = example_dek_id();
/// let later = id.version().next().ok_or("no version after this one")?;
/// let next = DekId::new(id.clinic(), id.subject(), id.class(), later, id.month())?;
/// let (from, to) = (Dek::generate(id, &mut rng), Dek::generate(next, &mut rng));
///
/// let mut old = Vec::new();
/// let mut sealer = AttachmentSealer::begin(&from, &record, &field, Salt::generate(&mut rng), &mut old)?;
/// sealer.push(b"a scan", &mut old)?;
/// sealer.finish(&mut old)?;
///
/// let (header, chunks) = old.split_at(64);
/// let mut new = Vec::new();
/// let keys = (&from, &to);
/// let mut reseal = AttachmentReseal::begin(keys, &record, &field, header, Salt::generate(&mut rng), &mut new)?;
/// reseal = reseal.push(chunks, &mut new)?;
/// reseal.finish(&mut new)?;
///
/// let (header, chunks) = new.split_at(64);
/// let mut content = Vec::new();
/// AttachmentOpener::begin(&to, &record, &field, header)?.push(chunks, &mut content)?.finish(&mut content)?;
/// assert_eq!(content, b"a scan");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct AttachmentReseal {
    from: AttachmentOpener,
    to: AttachmentSealer,
    again: AttachmentOpener,
}

impl AttachmentReseal {
    /// Checks the header under the earlier key, and appends the header of the attachment that is made to `out`.
    ///
    /// # Errors
    ///
    /// [`AttachmentResealError`] if the second key is no later version of the first, or the header is not what the
    /// first sealed for this place.
    pub fn begin(
        (from, to): (&impl DecryptKey, &Dek<Active>),
        record: &RecordContext,
        field: &FieldContext,
        header: &[u8],
        salt: Salt,
        out: &mut Vec<u8>,
    ) -> Result<Self, AttachmentResealError> {
        let (earlier, later) = (from.id(), to.id());
        let same = earlier.is_of_same_class(later) && earlier.month() == later.month();
        if !same || earlier.version() >= later.version() {
            return Err(AttachmentResealError::NotLater);
        }
        let opener = AttachmentOpener::begin(from, record, field, header)?;
        let start = out.len();
        let sealer = AttachmentSealer::begin(to, record, field, salt, out)?;
        let again = AttachmentOpener::begin(to, record, field, out.get(start..).unwrap_or_default())?;
        Ok(Self { from: opener, to: sealer, again })
    }

    /// Takes the next part of what follows the header of the old attachment, and appends every new chunk that is full.
    ///
    /// # Errors
    ///
    /// [`AttachmentResealError`]; what was appended before is no whole attachment.
    pub fn push(mut self, sealed: &[u8], out: &mut Vec<u8>) -> Result<Self, AttachmentResealError> {
        let mut content = Zeroizing::new(Vec::with_capacity(sealed.len() + CHUNK_BYTES));
        self.from = self.from.push(sealed, &mut content)?;
        let start = out.len();
        self.to.push(&content, out)?;
        // Old chunks and new ones are of one size, so what opens again is all of it.
        let mut opened = Zeroizing::new(Vec::with_capacity(content.len()));
        self.again = self.again.push(out.get(start..).unwrap_or_default(), &mut opened)?;
        if *opened != *content {
            return Err(AttachmentResealError::Differs);
        }
        Ok(self)
    }

    /// Appends the last chunk: both attachments are whole and hold the same.
    ///
    /// # Errors
    ///
    /// [`AttachmentResealError`]; then what was made is of no use.
    pub fn finish(self, out: &mut Vec<u8>) -> Result<(), AttachmentResealError> {
        let Self { from, mut to, again } = self;
        let mut content = Zeroizing::new(Vec::with_capacity(CHUNK_BYTES));
        from.finish(&mut content)?;
        let start = out.len();
        to.push(&content, out)?;
        to.finish(out)?;
        let mut opened = Zeroizing::new(Vec::with_capacity(CHUNK_BYTES));
        again.push(out.get(start..).unwrap_or_default(), &mut opened)?.finish(&mut opened)?;
        if *opened == *content { Ok(()) } else { Err(AttachmentResealError::Differs) }
    }
}

//! Plaintext, opened after a committed permit.

use privacy_operations::{
    Answer, DisclosedPage, KeyRing, PageField, PagePermit, ReadPermit, Shown, StoredRecord, Used, masked,
    open,
};
use records_model::{ClinicId, RecordContent, SubjectId};

use crate::RuntimeError;

/// One record, opened as far as the permit goes.
#[derive(Debug)]
pub struct OpenedRecord {
    /// Its head; the sealed content is empty.
    pub head: StoredRecord,
    /// The fields that may be seen.
    pub content: RecordContent,
}

/// What a reading opened.
#[derive(Debug)]
pub struct OpenedUse {
    /// The decision on each category; what is told apart within one is not among them.
    pub answers: Vec<Answer>,
    /// The records that were permitted.
    pub records: Vec<OpenedRecord>,
    /// Whether something exists that this reader was not shown; never what.
    pub withheld: Withheld,
}

/// Whether something was withheld.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Withheld {
    /// Everything there is was shown.
    Nothing,
    /// Something was not.
    Something,
}

/// Opens what a reading was permitted.
pub(crate) fn open_used(
    clinic: ClinicId,
    subject: SubjectId,
    epoch: &crypto_vault::EpochKey,
    used: Used,
) -> Result<OpenedUse, RuntimeError> {
    let withheld = if used.is_something_withheld() { Withheld::Something } else { Withheld::Nothing };
    let ring = KeyRing::open(clinic, subject, epoch, &used.keys)?;
    let mut opened = OpenedUse { answers: Vec::new(), records: Vec::new(), withheld };
    for cell in used.cells {
        if let Some(permit) = &cell.permit {
            open_permit(permit, &ring, &mut opened.records)?;
        }
        if cell.about.is_empty() {
            opened.answers.push(cell.answer);
        }
    }
    Ok(opened)
}

fn open_permit(
    permit: &ReadPermit,
    ring: &KeyRing,
    into: &mut Vec<OpenedRecord>,
) -> Result<(), RuntimeError> {
    for record in permit.records() {
        let fields = permit.fields(record.category);
        if fields.is_empty() {
            // A permit to know that something exists opens nothing, not even its date.
            continue;
        }
        let mut content = open(record, ring, fields)?;
        if permit.shown() == Shown::Masked {
            for (field, value) in &mut content {
                *value = masked(*field, value);
            }
        }
        let head = StoredRecord { sealed: Vec::new(), ..record.clone() };
        into.push(OpenedRecord { head, content });
    }
    Ok(())
}

/// Makes the only copy that leaves.
pub(crate) fn open_page(
    clinic: ClinicId,
    subject: SubjectId,
    epoch: &crypto_vault::EpochKey,
    (permit, keys): (PagePermit, &[crypto_vault::KeystoreRow]),
) -> Result<DisclosedPage, RuntimeError> {
    let ring = KeyRing::open(clinic, subject, epoch, keys)?;
    let mut records = Vec::new();
    for part in &permit.permits {
        open_permit(part, &ring, &mut records)?;
    }
    let fields = records.into_iter().flat_map(|record| {
        let category = record.head.category;
        record.content.into_iter().map(move |(field, value)| PageField { category, field, value })
    });
    Ok(DisclosedPage {
        fields: fields.collect(),
        purpose: permit.purpose,
        notice: permit.notice,
        checkpoint: permit.checkpoint,
    })
}

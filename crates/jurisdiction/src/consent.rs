//! The form of consent that a category needs: the highest that any profile asks for (LAW.md, M-6).

use records_model::{ConsentForm, Sensitivity};
use thiserror::Error;

use crate::{Citation, Profile, RowId, RowRef};

/// One row: which form of consent a profile asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentRow {
    /// Its id.
    pub id: RowId,
    /// For data of this sensitivity.
    pub sensitivity: Sensitivity,
    /// This form at least.
    pub form: ConsentForm,
    /// Where that is written.
    pub citation: Citation,
}

/// The form needed, and every row that asks for so much.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NeededForm {
    /// The form.
    pub form: ConsentForm,
    /// The rows that ask for it; ties keep all.
    pub rows: Vec<RowRef>,
}

/// No profile says which form is needed: nothing can be decided on consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("no profile that applies says which form of consent {sensitivity} data needs")]
pub struct NoConsentRow {
    /// The sensitivity asked about.
    pub sensitivity: Sensitivity,
}

/// The join over all profiles that apply; a further profile never lowers it.
pub(crate) fn needed_form<'a>(
    profiles: impl Iterator<Item = &'a Profile>,
    sensitivity: Sensitivity,
) -> Result<NeededForm, NoConsentRow> {
    let asked: Vec<(ConsentForm, RowRef)> = profiles
        .flat_map(|profile| profile.consents().iter().map(move |row| (profile, row)))
        .filter(|(_, row)| row.sensitivity == sensitivity)
        .map(|(profile, row)| (row.form, profile.reference(&row.id)))
        .collect();
    let form = asked.iter().map(|(form, _)| *form).max().ok_or(NoConsentRow { sensitivity })?;
    let mut rows: Vec<_> = asked.into_iter().filter(|(asks, _)| *asks == form).map(|(_, row)| row).collect();
    rows.sort();
    Ok(NeededForm { form, rows })
}

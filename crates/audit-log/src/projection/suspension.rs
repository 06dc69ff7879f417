//! An authority's suspension of a person's accounting.

use chrono::{DateTime, TimeDelta, Utc};
use records_model::SubjectId;
use thiserror::Error;

use crate::Recipient;

/// How the authority asked for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Statement {
    /// In writing, with the time for which it is to hold.
    Written {
        /// The first instant at which it no longer holds.
        until: DateTime<Utc>,
    },
    /// By word of mouth, taken down by the clinic.
    Oral,
}

/// Disclosures to one authority that a person's accounting does not show for a time.
///
/// It takes nothing out of the log and has no end that somebody must remember: it is a pair of instants, and what
/// it hides comes back when the second one has come. A written statement that follows an oral one is a suspension
/// of its own.
///
/// ```
/// # use audit_log::{Recipient, Statement, Suspension};
/// # use chrono::{DateTime, TimeDelta};
/// # use records_model::{RecipientClass, SubjectId};
/// # let subject = SubjectId::from_uuid(uuid::Uuid::from_u128(1));
/// let authority = Recipient { class: RecipientClass::Authority, id: None };
/// let stated_at = DateTime::UNIX_EPOCH;
/// let suspension = Suspension::new(subject, authority, stated_at, Statement::Oral)?;
/// assert!(suspension.hides(subject, authority, stated_at + TimeDelta::days(29)));
/// assert!(!suspension.hides(subject, authority, stated_at + TimeDelta::days(30)));
/// # Ok::<(), audit_log::SuspensionError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Suspension {
    subject: SubjectId,
    authority: Recipient,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
}

/// Why a statement makes no suspension.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SuspensionError {
    /// It would end before it began.
    #[error("a suspension must end after the statement was made")]
    EndsBeforeStart,
}

impl Suspension {
    /// Most days that an oral statement holds.
    ///
    /// Source: LAW.md D-17 (US-HIPAA, 164.528(a)(2)).
    pub const ORAL_DAYS_MAX: i64 = 30;

    /// A suspension from the instant of the statement on.
    ///
    /// An authority without an id stands for every recipient of its class.
    ///
    /// # Errors
    ///
    /// [`SuspensionError`] if a written statement names an end that is not after it.
    pub fn new(
        subject: SubjectId,
        authority: Recipient,
        stated_at: DateTime<Utc>,
        statement: Statement,
    ) -> Result<Self, SuspensionError> {
        let until = match statement {
            Statement::Written { until } if until <= stated_at => {
                return Err(SuspensionError::EndsBeforeStart);
            }
            Statement::Written { until } => until,
            Statement::Oral => stated_at
                .checked_add_signed(TimeDelta::days(Self::ORAL_DAYS_MAX))
                .unwrap_or(DateTime::<Utc>::MAX_UTC),
        };
        Ok(Self { subject, authority, from: stated_at, until })
    }

    /// A suspension that was stored: from one instant up to and without the other.
    ///
    /// # Errors
    ///
    /// [`SuspensionError`] if it would end before it began.
    pub fn stored(
        subject: SubjectId,
        authority: Recipient,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Self, SuspensionError> {
        Self::new(subject, authority, from, Statement::Written { until })
    }

    /// Disclosures to whom it hides.
    #[must_use]
    pub const fn authority(&self) -> Recipient {
        self.authority
    }

    /// When the statement was made.
    #[must_use]
    pub const fn from(&self) -> DateTime<Utc> {
        self.from
    }

    /// The first instant at which it no longer holds.
    #[must_use]
    pub const fn until(&self) -> DateTime<Utc> {
        self.until
    }

    /// Whether disclosures about this person to this recipient are hidden now.
    #[must_use]
    pub fn hides(&self, subject: SubjectId, recipient: Recipient, now: DateTime<Utc>) -> bool {
        let is_recipient = self.authority.class == recipient.class
            && self.authority.id.is_none_or(|id| recipient.id == Some(id));
        self.subject == subject && is_recipient && self.from <= now && now < self.until
    }
}

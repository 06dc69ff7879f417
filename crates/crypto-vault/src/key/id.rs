//! Which key is meant: every key has an id of its own, and the id is bound into its wrapping.

use std::fmt;

use records_model::{ClinicId, RetentionClass, SubjectId, Vocabulary};
use thiserror::Error;

use crate::encode::Encoder;

/// Declares a number counted from 1.
macro_rules! counted {
    ($($(#[$meta:meta])* $name:ident,)+) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u32);

        impl $name {
            /// The first one.
            pub const FIRST: Self = Self(1);

            /// The one with this number; `None` for 0.
            #[must_use]
            pub const fn new(number: u32) -> Option<Self> {
                if number == 0 { None } else { Some(Self(number)) }
            }

            /// The number.
            #[must_use]
            pub const fn number(self) -> u32 {
                self.0
            }

            /// The one after this; `None` after the last number.
            #[must_use]
            pub const fn next(self) -> Option<Self> {
                match self.0.checked_add(1) {
                    Some(number) => Some(Self(number)),
                    None => None,
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
    )+};
}

counted! {
    /// Number of an epoch key, counted from 1 in one installation.
    EpochId,
    /// Version of a key, counted from 1: versions of a data key count simply, also where each belongs to a month.
    KeyVersion,
}

/// A calendar month, written `2026-07`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct YearMonth {
    year: u16,
    month: u8,
}

impl YearMonth {
    /// The month; `None` unless the year is 1970 to 9999 and the month 1 to 12.
    #[must_use]
    pub const fn new(year: u16, month: u8) -> Option<Self> {
        if year >= 1970 && year <= 9999 && month >= 1 && month <= 12 {
            Some(Self { year, month })
        } else {
            None
        }
    }

    /// The year.
    #[must_use]
    pub const fn year(self) -> u16 {
        self.year
    }

    /// The month, 1 to 12.
    #[must_use]
    pub const fn month(self) -> u8 {
        self.month
    }

    /// The month as one number, such as 202607.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.year as u32 * 100 + self.month as u32
    }
}

impl fmt::Display for YearMonth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

/// Whether items of this class end one by one, so that its data key has one version per calendar month.
#[must_use]
pub const fn has_monthly_keys(class: RetentionClass) -> bool {
    matches!(class, RetentionClass::Website | RetentionClass::Voucher)
}

/// One data key: what it may open is one class of one person of one clinic.
///
/// Website events use the clinic's own id as subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DekId {
    clinic: ClinicId,
    subject: SubjectId,
    class: RetentionClass,
    version: KeyVersion,
    month: Option<YearMonth>,
}

/// Why there can be no such data key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DekIdError {
    /// A class with monthly keys, and no month.
    #[error("a key of class {class} belongs to a calendar month")]
    MonthMissing {
        /// The class.
        class: RetentionClass,
    },
    /// A month, and a class without monthly keys.
    #[error("a key of class {class} does not belong to a month")]
    MonthUnexpected {
        /// The class.
        class: RetentionClass,
    },
}

impl DekId {
    /// Names a data key; the month is needed where [`has_monthly_keys`], and refused elsewhere.
    ///
    /// # Errors
    ///
    /// [`DekIdError`] if the month is missing or not expected.
    pub const fn new(
        clinic: ClinicId,
        subject: SubjectId,
        class: RetentionClass,
        version: KeyVersion,
        month: Option<YearMonth>,
    ) -> Result<Self, DekIdError> {
        match (has_monthly_keys(class), month) {
            (true, None) => Err(DekIdError::MonthMissing { class }),
            (false, Some(_)) => Err(DekIdError::MonthUnexpected { class }),
            (true, Some(_)) | (false, None) => Ok(Self { clinic, subject, class, version, month }),
        }
    }

    /// The clinic.
    #[must_use]
    pub const fn clinic(&self) -> ClinicId {
        self.clinic
    }

    /// The person.
    #[must_use]
    pub const fn subject(&self) -> SubjectId {
        self.subject
    }

    /// The retention class.
    #[must_use]
    pub const fn class(&self) -> RetentionClass {
        self.class
    }

    /// The version.
    #[must_use]
    pub const fn version(&self) -> KeyVersion {
        self.version
    }

    /// The month, where the class has monthly keys.
    #[must_use]
    pub const fn month(&self) -> Option<YearMonth> {
        self.month
    }

    /// The canonical bytes that are bound into the wrapped key (docs/vault-format.md).
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(96);
        let items = Encoder::new(&mut out, "dek")
            .bytes(self.clinic.as_uuid().as_bytes())
            .bytes(self.subject.as_uuid().as_bytes())
            .code(self.class.code())
            .number(self.version.number());
        match self.month {
            Some(month) => items.number(month.number()),
            None => items.absent(),
        };
        out
    }
}

/// One root of a clinic's blind indexes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IndexRootId {
    /// The clinic.
    pub clinic: ClinicId,
    /// The version.
    pub version: KeyVersion,
}

impl IndexRootId {
    /// The canonical bytes that are bound into the wrapped root (docs/vault-format.md).
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(48);
        Encoder::new(&mut out, "index-root")
            .bytes(self.clinic.as_uuid().as_bytes())
            .number(self.version.number());
        out
    }
}

/// What a wrapped secret of 32 bytes is for; a secret of one kind never opens as another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SecretKind {
    /// The seed of the Ed25519 key that signs checkpoints of the log.
    LogSigning,
}

impl SecretKind {
    /// The frozen code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::LogSigning => "log-signing",
        }
    }
}

/// One wrapped secret of a clinic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SecretId {
    /// The clinic.
    pub clinic: ClinicId,
    /// What it is for.
    pub kind: SecretKind,
    /// The version.
    pub version: KeyVersion,
}

impl SecretId {
    /// The canonical bytes that are bound into the wrapped secret (docs/vault-format.md).
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(64);
        Encoder::new(&mut out, "secret")
            .bytes(self.clinic.as_uuid().as_bytes())
            .code(self.kind.code())
            .number(self.version.number());
        out
    }
}

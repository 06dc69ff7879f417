//! How the privacy officer is reached (section 11, P-91, P-92).

use records_model::{EmailAddress, PhoneNumber};
use serde::{Deserialize, Serialize};

/// The officer's e-mail address, if the clinic has given one.
///
/// The published policy shows a placeholder where an address should stand. A placeholder is refused like any
/// wrong address ([`EmailAddress::parse`]); until a real one is entered the state is `NotSet`, the product
/// shows the telephone and the postal address only, and the promise report says so under P-92.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OfficerEmail {
    /// No address was given.
    NotSet,
    /// The address.
    Set(EmailAddress),
}

impl OfficerEmail {
    /// The address, if there is one.
    #[must_use]
    pub const fn address(&self) -> Option<&EmailAddress> {
        match self {
            Self::NotSet => None,
            Self::Set(address) => Some(address),
        }
    }
}

/// How the privacy officer is reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "OfficerDraft", into = "OfficerDraft")]
pub struct Officer {
    /// Telephone.
    pub phone: PhoneNumber,
    /// The telephone as it is printed on letters.
    pub phone_printed: String,
    /// E-mail.
    pub email: OfficerEmail,
    /// Postal address, one line each.
    pub postal_address: Vec<String>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct OfficerDraft {
    phone: PrintedPhone,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    email: Option<EmailAddress>,
    postal_address: Vec<String>,
}

/// Keeps the clinic's own way of writing the number beside the number itself.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
struct PrintedPhone {
    number: PhoneNumber,
    printed: String,
}

impl TryFrom<String> for PrintedPhone {
    type Error = records_model::PhoneNumberError;
    fn try_from(printed: String) -> Result<Self, Self::Error> {
        Ok(Self { number: PhoneNumber::parse(&printed)?, printed })
    }
}

impl From<PrintedPhone> for String {
    fn from(phone: PrintedPhone) -> Self {
        phone.printed
    }
}

impl From<OfficerDraft> for Officer {
    fn from(draft: OfficerDraft) -> Self {
        Self {
            phone: draft.phone.number,
            phone_printed: draft.phone.printed,
            email: draft.email.map_or(OfficerEmail::NotSet, OfficerEmail::Set),
            postal_address: draft.postal_address,
        }
    }
}

impl From<Officer> for OfficerDraft {
    fn from(officer: Officer) -> Self {
        Self {
            phone: PrintedPhone { number: officer.phone, printed: officer.phone_printed },
            email: officer.email.address().cloned(),
            postal_address: officer.postal_address,
        }
    }
}

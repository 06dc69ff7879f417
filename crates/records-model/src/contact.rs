//! Telephone, e-mail, country and date of birth, each with one way in.

use std::fmt;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Declares a text value that identifies a person: one way in, JSON included, and a `Debug` that hides it.
macro_rules! private_text {
    ($(#[$meta:meta])* $name:ident, $error:ident) => {
        $(#[$meta])*
        ///
        /// `Debug` does not show it.
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The value as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = $error;
            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    };
}

private_text! {
    /// A telephone number in E.164 form: `+`, then 8 to 15 digits, the first not 0 (ITU-T E.164).
    PhoneNumber, PhoneNumberError
}

/// Why a telephone number is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PhoneNumberError {
    /// No country code.
    #[error("a telephone number begins with + and the country code, such as +52 for Mexico")]
    CountryCodeMissing,
    /// Something that is no digit, space, hyphen, dot or bracket.
    #[error("a telephone number holds digits, spaces, hyphens, dots and brackets only")]
    Character,
    /// Too short or too long.
    #[error("a telephone number has 8 to 15 digits, country code included")]
    Length,
}

impl PhoneNumber {
    /// Reads a telephone number; spaces, hyphens, dots and brackets are dropped.
    ///
    /// # Errors
    ///
    /// [`PhoneNumberError`] says which rule the text broke.
    pub fn parse(text: &str) -> Result<Self, PhoneNumberError> {
        let rest = text.trim().strip_prefix('+').ok_or(PhoneNumberError::CountryCodeMissing)?;
        let mut digits = String::from("+");
        for c in rest.chars() {
            match c {
                '0'..='9' => digits.push(c),
                ' ' | '-' | '.' | '(' | ')' => {}
                _ => return Err(PhoneNumberError::Character),
            }
        }
        match (digits.len() - 1, digits.as_bytes().get(1)) {
            (8..=15, Some(b'1'..=b'9')) => Ok(Self(digits)),
            _ => Err(PhoneNumberError::Length),
        }
    }
}

private_text! {
    /// An e-mail address: one `@`, a local part, a domain with a dot; at most 254 characters. The domain is
    /// kept in lower case.
    EmailAddress, EmailAddressError
}

/// Why an e-mail address is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EmailAddressError {
    /// Not of the form name@domain.
    #[error("an e-mail address has the form name@domain.tld, without spaces")]
    Form,
    /// Longer than 254 characters.
    #[error("an e-mail address has at most 254 characters")]
    Length,
    /// The text that stands where an address was hidden, such as on a web page.
    #[error("this is a placeholder, not an e-mail address; enter the real one")]
    Placeholder,
}

impl EmailAddress {
    /// Longest address accepted, in bytes (RFC 5321).
    pub const LEN_MAX: usize = 254;

    /// Reads an e-mail address.
    ///
    /// # Errors
    ///
    /// [`EmailAddressError`] says which rule the text broke.
    pub fn parse(text: &str) -> Result<Self, EmailAddressError> {
        let text = text.trim();
        if text.len() > Self::LEN_MAX {
            return Err(EmailAddressError::Length);
        }
        if is_placeholder(text) {
            return Err(EmailAddressError::Placeholder);
        }
        let (local, domain) = text.split_once('@').ok_or(EmailAddressError::Form)?;
        let plain = |c: char| !c.is_whitespace() && !c.is_control() && c != '@' && c != '<' && c != '>';
        let domain_fits = domain.contains('.')
            && domain.split('.').all(|label| !label.is_empty())
            && domain.chars().all(|c| c.is_alphanumeric() || c == '.' || c == '-');
        if local.is_empty() || !local.chars().all(plain) || !domain_fits {
            return Err(EmailAddressError::Form);
        }
        Ok(Self(format!("{local}@{}", domain.to_lowercase())))
    }
}

/// What web pages show in place of an address they hide, and the domains kept for examples (RFC 2606).
fn is_placeholder(text: &str) -> bool {
    let lower = text.to_lowercase();
    lower.starts_with('[')
        || lower.contains("protected]")
        || ["@example.com", "@example.org", "@example.net", "@domain.tld"]
            .iter()
            .any(|end| lower.ends_with(end))
}

/// A country, ISO 3166-1 alpha-2: two capitals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CountryCode([u8; 2]);

/// Why a country is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a country is two capital letters (ISO 3166-1 alpha-2), such as MX")]
pub struct CountryCodeError;

impl CountryCode {
    /// Reads a country; lower case is raised.
    ///
    /// # Errors
    ///
    /// [`CountryCodeError`] if the text is not two letters.
    pub fn parse(text: &str) -> Result<Self, CountryCodeError> {
        match text.trim().to_ascii_uppercase().as_bytes() {
            [a @ b'A'..=b'Z', b @ b'A'..=b'Z'] => Ok(Self([*a, *b])),
            _ => Err(CountryCodeError),
        }
    }

    /// The two capitals.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("??")
    }
}

impl TryFrom<String> for CountryCode {
    type Error = CountryCodeError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<CountryCode> for String {
    fn from(country: CountryCode) -> Self {
        country.as_str().to_owned()
    }
}

impl fmt::Display for CountryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A date of birth: not in the future, and not more than 130 years ago.
///
/// `Debug` does not show it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct BirthDate(NaiveDate);

/// Why a date of birth is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BirthDateError {
    /// Not a date.
    #[error("a date of birth is written YYYY-MM-DD, such as 1958-03-09, and must exist in the calendar")]
    Form,
    /// After today.
    #[error("a date of birth cannot lie in the future; check the year")]
    Future,
    /// More than 130 years ago.
    #[error("a date of birth cannot lie more than 130 years back; check the year")]
    TooOld,
}

impl BirthDate {
    /// Oldest age accepted, in years: nobody on record reached 123.
    pub const AGE_YEARS_MAX: i32 = 130;

    /// Reads a date of birth; `today` is the date at the clinic.
    ///
    /// # Errors
    ///
    /// [`BirthDateError`] says which rule the text broke.
    pub fn parse(text: &str, today: NaiveDate) -> Result<Self, BirthDateError> {
        let date = NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d").map_err(|_| BirthDateError::Form)?;
        if date > today {
            return Err(BirthDateError::Future);
        }
        if today.year() - date.year() > Self::AGE_YEARS_MAX {
            return Err(BirthDateError::TooOld);
        }
        Ok(Self(date))
    }

    /// The date.
    #[must_use]
    pub const fn date(self) -> NaiveDate {
        self.0
    }

    /// Completed years on `today`. Who is born on 29 February completes a year on 1 March of a common year.
    ///
    /// ```
    /// use chrono::NaiveDate;
    /// use records_model::BirthDate;
    /// let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).unwrap();
    /// let born = BirthDate::parse("2008-02-29", day(2026, 1, 1)).unwrap();
    /// assert_eq!(born.age_years(day(2026, 2, 28)), 17);
    /// assert_eq!(born.age_years(day(2026, 3, 1)), 18);
    /// ```
    #[must_use]
    pub fn age_years(self, today: NaiveDate) -> i32 {
        let had_birthday = (today.month(), today.day()) >= (self.0.month(), self.0.day());
        today.year() - self.0.year() - i32::from(!had_birthday)
    }
}

impl fmt::Debug for BirthDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BirthDate(..)")
    }
}

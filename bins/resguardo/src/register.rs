//! What a person says of themselves, on a command line.

use chrono::NaiveDate;
use clap::Args;
use clinic_runtime::RuntimeError;
use privacy_notice::Residence;
use privacy_operations::PersonDetails;
use records_model::{BirthDate, EmailAddress, PersonName, PhoneNumber};

use crate::CliError;
use crate::acting::Work;
use crate::values::{about_person, today};

/// Who they are. Values are read here, not by the command line's own reader, which repeats what it refuses.
#[derive(Debug, Args)]
pub(crate) struct Details {
    /// Given names.
    #[arg(long)]
    given: String,
    /// Surnames.
    #[arg(long)]
    surnames: String,
    /// Date of birth, YYYY-MM-DD.
    #[arg(long)]
    born: Option<String>,
    /// Telephone with + and the country code.
    #[arg(long)]
    phone: Option<String>,
    /// E-mail address.
    #[arg(long)]
    email: Option<String>,
    /// Country of residence such as MX, or a part of one such as CA-QC.
    #[arg(long)]
    residence: Option<String>,
    /// Language of letters, such as es.
    #[arg(long)]
    language: Option<String>,
}

impl Details {
    /// The details, each value valid on this day.
    pub(crate) fn read(self, today: NaiveDate) -> Result<PersonDetails, CliError> {
        Ok(PersonDetails {
            name: about_person("--given, --surnames", PersonName::parse(&self.given, &self.surnames))?,
            birth_date: self
                .born
                .map(|text| about_person("--born", BirthDate::parse(&text, today)))
                .transpose()?,
            phone: self.phone.map(|text| about_person("--phone", PhoneNumber::parse(&text))).transpose()?,
            email: self.email.map(|text| about_person("--email", EmailAddress::parse(&text))).transpose()?,
            residence: self
                .residence
                .map(|text| about_person("--residence", Residence::parse(&text)))
                .transpose()?,
            language: self.language,
        })
    }
}

/// The date at the clinic.
pub(crate) async fn date_here(work: &Work<'_>) -> Result<NaiveDate, CliError> {
    let now = work.runtime().store().instant(work.clock()).await.map_err(RuntimeError::from)?;
    Ok(today(now, &*work.house().await?))
}

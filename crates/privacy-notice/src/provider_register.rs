//! The provider register: `providers.toml`.

use chrono::NaiveDate;
use records_model::{CountryCode, ProviderId, RecipientClass};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{Bilingual, PolicyStanding, Provider};

/// Why a register cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RegisterError {
    /// Not the form that is expected, or a provider whose terms break the policy; the message names line,
    /// column and what would be valid.
    #[error("the provider register cannot be read: {0}")]
    Form(#[from] toml::de::Error),
    /// Twice the same id.
    #[error("the provider {0} stands twice")]
    Twice(ProviderId),
}

/// Somebody the clinic refused to work with, kept so that nobody has to ask again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RefusedProvider {
    /// Its id, so that a request that names it is refused with this reason rather than as unknown.
    pub id: ProviderId,
    /// Its name.
    pub name: String,
    /// Its class.
    pub class: RecipientClass,
    /// Its country.
    pub country: CountryCode,
    /// When it was refused.
    pub refused_on: NaiveDate,
    /// Why.
    pub why: Bilingual,
}

/// Everybody outside the clinic who may receive data, and who may not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderRegister {
    providers: Vec<Provider>,
    refused: Vec<RefusedProvider>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RegisterDraft {
    #[serde(default)]
    provider: Vec<Provider>,
    #[serde(default)]
    refused: Vec<RefusedProvider>,
}

impl ProviderRegister {
    /// Reads a `providers.toml`.
    ///
    /// # Errors
    ///
    /// [`RegisterError`]: the form or the first provider whose terms break the policy, with line and column.
    pub fn parse(text: &str) -> Result<Self, RegisterError> {
        let RegisterDraft { provider: providers, refused } = toml::from_str(text)?;
        let ids = providers.iter().map(Provider::id).chain(refused.iter().map(|refused| refused.id));
        let mut seen: Vec<ProviderId> = Vec::new();
        for id in ids {
            if seen.contains(&id) {
                return Err(RegisterError::Twice(id));
            }
            seen.push(id);
        }
        Ok(Self { providers, refused })
    }

    /// The providers, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &Provider> + Clone {
        self.providers.iter()
    }

    /// One provider.
    #[must_use]
    pub fn get(&self, id: ProviderId) -> Option<&Provider> {
        self.providers.iter().find(|provider| provider.id() == id)
    }

    /// Whom the clinic refused.
    #[must_use]
    pub fn refused(&self) -> &[RefusedProvider] {
        &self.refused
    }

    /// Active providers whose contract is over on that day (P-40).
    pub fn expired(&self, today: NaiveDate) -> impl Iterator<Item = &Provider> + Clone {
        self.providers
            .iter()
            .filter(move |provider| provider.is_active(today) && provider.contract().until() <= today)
    }

    /// Active providers of a class that section 4.1 does not name: each needs the person's own consent,
    /// and counts as uncited (P-4) until the policy names the class.
    pub fn not_named(&self, today: NaiveDate) -> impl Iterator<Item = &Provider> + Clone {
        self.providers.iter().filter(move |provider| {
            provider.is_active(today) && provider.standing() == PolicyStanding::NotNamed
        })
    }

    /// Active providers outside `home` with a mechanism that is over on that day (P-80).
    pub fn mechanisms_expired(
        &self,
        home: CountryCode,
        today: NaiveDate,
    ) -> impl Iterator<Item = &Provider> + Clone {
        self.providers.iter().filter(move |provider| {
            provider.is_active(today)
                && provider.country() != home
                && provider.transfers().iter().any(|mechanism| mechanism.until <= today)
        })
    }
}

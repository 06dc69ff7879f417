//! Outside providers and the terms on which they may receive data (section 4.1, P-37, P-40, P-41).

use chrono::NaiveDate;
use jurisdiction::MechanismKind;
use records_model::{CountryCode, ProviderId, Purpose, RecipientClass, Set};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::ProfileName;

/// Why a provider cannot stand in the register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ProviderError {
    /// The provider gives something for the data, which is a trade (P-37).
    #[error("the contract gives something of value for the data; the clinic never sells, rents or trades it")]
    Consideration,
    /// A purpose that is never permitted (P-37).
    #[error("a contract cannot name sale, rental or trade as a purpose")]
    NeverPermitted,
    /// No purpose (P-41).
    #[error("a contract must name at least one purpose")]
    NoPurpose,
    /// The provider may pass the data on (P-41).
    #[error("a contract must forbid the provider to pass the data on")]
    OnwardUse,
    /// No confidentiality (P-40).
    #[error("a contract must bind the provider to confidentiality")]
    Confidentiality,
    /// Over before it begins.
    #[error("a contract must end after it begins")]
    Dates,
    /// The clinic itself, or the person the data is about.
    #[error("staff, the person and who acts for the person are no outside providers")]
    NotOutside,
    /// No name, or one that is too long.
    #[error("a provider's name has between 1 and 120 characters")]
    Name,
}

/// A term of a contract, as the contract words it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum OnwardUse {
    Forbidden,
    Allowed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Confidentiality {
    Bound,
    NotBound,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Consideration {
    None,
    Given,
}

/// A provider's contract. One that exists forbids onward use, binds to confidentiality and gives nothing for
/// the data: a contract without these terms cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "ContractDraft", into = "ContractDraft")]
pub struct Contract {
    from: NaiveDate,
    until: NaiveDate,
    purposes: Set<Purpose>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct ContractDraft {
    from: NaiveDate,
    until: NaiveDate,
    purposes: Set<Purpose>,
    onward_use: OnwardUse,
    confidentiality: Confidentiality,
    consideration: Consideration,
}

impl Contract {
    /// A contract with the terms that every contract has, for these purposes, from its first day until the
    /// first day on which it no longer holds.
    ///
    /// # Errors
    ///
    /// [`ProviderError`] on the dates or the purposes.
    pub fn new(from: NaiveDate, until: NaiveDate, purposes: Set<Purpose>) -> Result<Self, ProviderError> {
        if until <= from {
            Err(ProviderError::Dates)
        } else if purposes.is_empty() {
            Err(ProviderError::NoPurpose)
        } else if purposes.iter().any(Purpose::is_never_permitted) {
            Err(ProviderError::NeverPermitted)
        } else {
            Ok(Self { from, until, purposes })
        }
    }

    /// First day.
    #[must_use]
    pub const fn from(&self) -> NaiveDate {
        self.from
    }

    /// First day on which it no longer holds.
    #[must_use]
    pub const fn until(&self) -> NaiveDate {
        self.until
    }

    /// What the data may be used for.
    #[must_use]
    pub const fn purposes(&self) -> Set<Purpose> {
        self.purposes
    }

    /// Whether it holds on that day.
    #[must_use]
    pub fn is_in_force(&self, today: NaiveDate) -> bool {
        self.from <= today && today < self.until
    }
}

impl TryFrom<ContractDraft> for Contract {
    type Error = ProviderError;
    fn try_from(draft: ContractDraft) -> Result<Self, ProviderError> {
        match (draft.consideration, draft.onward_use, draft.confidentiality) {
            (Consideration::Given, _, _) => Err(ProviderError::Consideration),
            (_, OnwardUse::Allowed, _) => Err(ProviderError::OnwardUse),
            (_, _, Confidentiality::NotBound) => Err(ProviderError::Confidentiality),
            _ => Self::new(draft.from, draft.until, draft.purposes),
        }
    }
}

impl From<Contract> for ContractDraft {
    fn from(contract: Contract) -> Self {
        Self {
            from: contract.from,
            until: contract.until,
            purposes: contract.purposes,
            onward_use: OnwardUse::Forbidden,
            confidentiality: Confidentiality::Bound,
            consideration: Consideration::None,
        }
    }
}

/// What one origin profile asks for before data may go to this provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransferMechanism {
    /// The profile that it satisfies.
    pub profile: ProfileName,
    /// On what it rests.
    pub kind: MechanismKind,
    /// First day.
    pub from: NaiveDate,
    /// First day on which it no longer holds.
    pub until: NaiveDate,
}

impl TransferMechanism {
    /// Whether it holds on that day.
    #[must_use]
    pub fn is_in_force(&self, today: NaiveDate) -> bool {
        self.from <= today && today < self.until
    }
}

/// Whether the clinic's policy names the class of a provider (X-5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PolicyStanding {
    /// Section 4.1 names it.
    Named,
    /// It does not: the person's own consent is needed until the policy does.
    NotNamed,
}

/// One outside provider.
///
/// A provider who gives something for the data cannot exist:
///
/// ```
/// use privacy_notice::ProviderRegister;
/// let text = std::fs::read_to_string("../../fixtures/clinics/elicells/providers.toml").unwrap();
/// assert!(ProviderRegister::parse(&text).is_ok());
/// let bought = text.replacen(r#"consideration = "none""#, r#"consideration = "given""#, 1);
/// assert!(ProviderRegister::parse(&bought).unwrap_err().to_string().contains("something of value"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "ProviderDraft", into = "ProviderDraft")]
pub struct Provider {
    id: ProviderId,
    name: String,
    class: RecipientClass,
    country: CountryCode,
    contract: Contract,
    transfers: Vec<TransferMechanism>,
    retired_on: Option<NaiveDate>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct ProviderDraft {
    id: ProviderId,
    name: String,
    class: RecipientClass,
    country: CountryCode,
    contract: Contract,
    #[serde(default, rename = "transfer")]
    transfers: Vec<TransferMechanism>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retired_on: Option<NaiveDate>,
}

impl Provider {
    /// A provider the clinic works with.
    ///
    /// # Errors
    ///
    /// [`ProviderError`] on the name, the class or the dates of a mechanism.
    pub fn new(
        id: ProviderId,
        name: &str,
        class: RecipientClass,
        country: CountryCode,
        contract: Contract,
        transfers: Vec<TransferMechanism>,
    ) -> Result<Self, ProviderError> {
        ProviderDraft { id, name: name.to_owned(), class, country, contract, transfers, retired_on: None }
            .try_into()
    }

    /// The same provider, with whom the clinic no longer works from that day on.
    #[must_use]
    pub fn retired(self, on: NaiveDate) -> Self {
        Self { retired_on: Some(on), ..self }
    }

    /// Its id.
    #[must_use]
    pub const fn id(&self) -> ProviderId {
        self.id
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its class.
    #[must_use]
    pub const fn class(&self) -> RecipientClass {
        self.class
    }

    /// Its country.
    #[must_use]
    pub const fn country(&self) -> CountryCode {
        self.country
    }

    /// Its contract.
    #[must_use]
    pub const fn contract(&self) -> &Contract {
        &self.contract
    }

    /// What transfers to it rest on, one for each origin profile.
    #[must_use]
    pub fn transfers(&self) -> &[TransferMechanism] {
        &self.transfers
    }

    /// First day on which the clinic no longer works with it, if there is one.
    #[must_use]
    pub const fn retired_on(&self) -> Option<NaiveDate> {
        self.retired_on
    }

    /// Whether the clinic works with it on that day, whatever its contract says.
    #[must_use]
    pub fn is_active(&self, today: NaiveDate) -> bool {
        self.retired_on.is_none_or(|day| today < day)
    }

    /// Whether section 4.1 names its class.
    #[must_use]
    pub const fn standing(&self) -> PolicyStanding {
        match self.class {
            RecipientClass::TreatingProvider
            | RecipientClass::Hotel
            | RecipientClass::Transport
            | RecipientClass::Laboratory => PolicyStanding::Named,
            _ => PolicyStanding::NotNamed,
        }
    }
}

impl TryFrom<ProviderDraft> for Provider {
    type Error = ProviderError;
    fn try_from(draft: ProviderDraft) -> Result<Self, ProviderError> {
        let ProviderDraft { id, name, class, country, contract, transfers, retired_on } = draft;
        if !(1..=120).contains(&name.trim().chars().count()) {
            return Err(ProviderError::Name);
        }
        if transfers.iter().any(|mechanism| mechanism.until <= mechanism.from) {
            return Err(ProviderError::Dates);
        }
        match class {
            RecipientClass::Internal
            | RecipientClass::ThePerson
            | RecipientClass::Representative
            | RecipientClass::EmergencyContact
            | RecipientClass::Companion => Err(ProviderError::NotOutside),
            _ => Ok(Self { id, name, class, country, contract, transfers, retired_on }),
        }
    }
}

impl From<Provider> for ProviderDraft {
    fn from(provider: Provider) -> Self {
        let Provider { id, name, class, country, contract, transfers, retired_on } = provider;
        Self { id, name, class, country, contract, transfers, retired_on }
    }
}

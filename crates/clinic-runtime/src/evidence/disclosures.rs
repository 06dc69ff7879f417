//! What left the clinic: under which contract and mechanism, as the register stood on that day.

use chrono::{DateTime, NaiveDate, Utc};
use postgres_store::Snapshot;
use privacy_notice::{Provider, ProviderRegister, Residence, transfer_finding};
use privacy_operations::House;
use records_model::{CountryClass, ProviderId};

use crate::RuntimeError;

/// Every edition of the provider register, oldest first.
pub(super) struct Registers(Vec<(DateTime<Utc>, ProviderRegister)>);

impl Registers {
    pub(super) async fn load(snapshot: &mut Snapshot, house: &House) -> Result<Self, RuntimeError> {
        let editions = snapshot.editions(house.settings.files.providers.as_str()).await?;
        let register = |edition: &postgres_store::DocumentEdition| {
            Some((edition.activated_at, ProviderRegister::parse(&edition.content).ok()?))
        };
        Ok(Self(editions.iter().filter_map(register).collect()))
    }

    /// A provider as the register in force at that instant knew it.
    pub(super) fn provider_at(&self, id: ProviderId, at: DateTime<Utc>) -> Option<&Provider> {
        self.0.iter().rev().find(|(activated_at, _)| *activated_at <= at)?.1.get(id)
    }

    /// Where a recipient is; who is in no register is taken to be in the clinic's own country.
    pub(super) fn country(&self, id: Option<ProviderId>, at: DateTime<Utc>, house: &House) -> CountryClass {
        match id.and_then(|id| self.provider_at(id, at)) {
            Some(provider) if provider.country() != house.settings.country => CountryClass::Abroad,
            _ => CountryClass::Domestic,
        }
    }
}

/// Whether the clinic worked with the provider under a contract on that day.
pub(super) fn is_under_contract(provider: &Provider, day: NaiveDate) -> bool {
    provider.is_active(day) && provider.contract().is_in_force(day)
}

/// Whether every law of a person who lives there had its mechanism for this provider on that day.
pub(super) fn is_covered(
    provider: &Provider,
    residence: Option<&Residence>,
    day: NaiveDate,
    house: &House,
) -> bool {
    if provider.country() == house.settings.country {
        return true;
    }
    let profiles = &house.settings.profiles;
    let origins = residence.map_or_else(|| profiles.always.clone(), |home| profiles.origins_of(home));
    transfer_finding(provider, (&house.law, &origins), day).is_some_and(|finding| finding.is_met())
}

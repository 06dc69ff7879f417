//! What is true of a provider today, for one request.

use chrono::NaiveDate;
use records_model::{Fact, Purpose, Set};

use crate::{ProfileName, Provider, TransferMechanism};

/// The facts that a decision about sending data to this provider may rest on today.
///
/// - [`Fact::ProviderContract`]: the provider is active, its contract is in force and names the purpose.
/// - [`Fact::TransferMechanism`]: besides, every one of the person's origin profiles has a mechanism in force
///   (M-8). A person without any profile has none: what is unknown opens nothing.
///
/// `today` is the day at the clinic. Both facts are favourable, so a date that passes only takes away.
#[must_use]
pub fn provider_facts(
    provider: &Provider,
    purpose: Purpose,
    origins: &[ProfileName],
    today: NaiveDate,
) -> Set<Fact> {
    let contract = provider.contract();
    if !provider.is_active(today) || !contract.is_in_force(today) || !contract.purposes().contains(purpose) {
        return Set::EMPTY;
    }
    let covered = |origin: &ProfileName| in_force(provider, origin, today).next().is_some();
    if !origins.is_empty() && origins.iter().all(covered) {
        Set::of(&[Fact::ProviderContract, Fact::TransferMechanism])
    } else {
        Set::one(Fact::ProviderContract)
    }
}

/// The first day on which [`provider_facts`] would say less, if it says anything today: a bound for how long
/// a decision holds.
#[must_use]
pub fn provider_facts_until(
    provider: &Provider,
    purpose: Purpose,
    origins: &[ProfileName],
    today: NaiveDate,
) -> Option<NaiveDate> {
    let facts = provider_facts(provider, purpose, origins, today);
    if facts.is_empty() {
        return None;
    }
    let end = provider.contract().until();
    let end = provider.retired_on().map_or(end, |day| day.min(end));
    if !facts.contains(Fact::TransferMechanism) {
        return Some(end);
    }
    // Of one profile's mechanisms the last to end counts; of the profiles the first to lose its last one.
    origins
        .iter()
        .filter_map(|origin| in_force(provider, origin, today).map(|mechanism| mechanism.until).max())
        .min()
        .map(|day| day.min(end))
}

fn in_force<'a>(
    provider: &'a Provider,
    origin: &'a ProfileName,
    today: NaiveDate,
) -> impl Iterator<Item = &'a TransferMechanism> {
    provider
        .transfers()
        .iter()
        .filter(move |mechanism| mechanism.profile == *origin && mechanism.is_in_force(today))
}

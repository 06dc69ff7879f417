//! What is true of a provider today, for one request.

use chrono::NaiveDate;
use jurisdiction::{LawBook, TransferEvidence, TransferFinding, TransferRequest};
use records_model::{Fact, Purpose, Set};

use crate::{ProfileName, Provider, TransferMechanism};

/// The facts that a decision about sending data to this provider may rest on today.
///
/// - [`Fact::ProviderContract`]: the provider is active, its contract is in force and names the purpose.
/// - [`Fact::TransferMechanism`]: besides, every one of the person's origin profiles is satisfied by a mechanism of this
///   provider that is in force and that the law accepts for the provider's country ([`transfer_finding`], M-8). A
///   person without any profile has none: what is unknown opens nothing.
///
/// `today` is the day at the clinic. Both facts are favourable, so a date that passes only takes away.
#[must_use]
pub fn provider_facts(
    provider: &Provider,
    purpose: Purpose,
    (law, origins): (&LawBook, &[ProfileName]),
    today: NaiveDate,
) -> Set<Fact> {
    let contract = provider.contract();
    if !provider.is_active(today) || !contract.is_in_force(today) || !contract.purposes().contains(purpose) {
        return Set::EMPTY;
    }
    if transfer_finding(provider, (law, origins), today).is_some_and(|finding| finding.is_met()) {
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
    (law, origins): (&LawBook, &[ProfileName]),
    today: NaiveDate,
) -> Option<NaiveDate> {
    let facts = provider_facts(provider, purpose, (law, origins), today);
    if facts.is_empty() {
        return None;
    }
    let end = provider.contract().until();
    let end = provider.retired_on().map_or(end, |day| day.min(end));
    if !facts.contains(Fact::TransferMechanism) {
        return Some(end);
    }
    let met = transfer_finding(provider, (law, origins), today).and_then(|finding| finding.met_until());
    met.map(|day| day.min(end)).or(Some(end))
}

/// How each law of the person stands to sending data to this provider, whatever its contract says; none if one of
/// the laws is not on file.
#[must_use]
pub fn transfer_finding(
    provider: &Provider,
    (law, origins): (&LawBook, &[ProfileName]),
    on: NaiveDate,
) -> Option<TransferFinding> {
    let families = law.select(origins.iter().map(ProfileName::as_str)).ok()?;
    let evidence: Vec<TransferEvidence> =
        provider.transfers().iter().flat_map(|mechanism| evidence_of(law, mechanism)).collect();
    let request =
        TransferRequest { families: &families, destination: provider.country(), evidence: &evidence, on };
    Some(law.transfer(&request))
}

/// A mechanism as evidence for the law that it names; nothing if that law is not on file.
fn evidence_of(law: &LawBook, mechanism: &TransferMechanism) -> Vec<TransferEvidence> {
    let families = law.select([mechanism.profile.as_str()]).unwrap_or_default();
    let one = |family| TransferEvidence {
        family,
        kind: mechanism.kind,
        from: mechanism.from,
        until: mechanism.until,
    };
    families.into_iter().map(one).collect()
}

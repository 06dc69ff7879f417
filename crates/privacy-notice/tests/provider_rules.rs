//! What is true of a provider, for any provider and any day.

use chrono::Days;
use privacy_notice::testing::{arb_day, arb_profile, arb_provider};
use privacy_notice::{ProfileName, Provider, ProviderRegister, provider_facts, provider_facts_until};
use proptest::prelude::*;
use records_model::testing::arb_word;
use records_model::{Fact, Purpose, Set};

use law::LAW;

#[cfg(test)]
mod law {
    use std::sync::LazyLock;

    use jurisdiction::LawBook;
    use jurisdiction::testing::fixture_law;

    /// The law of the fixtures, read once.
    pub(super) static LAW: LazyLock<LawBook> = LazyLock::new(|| fixture_law().unwrap());
}

proptest! {
    /// P-40: nothing is true of a provider without a contract in force for that purpose.
    #[test]
    fn no_fact_without_a_contract_in_force(
        provider in arb_provider(), purpose in arb_word::<Purpose>(),
        origins in prop::collection::vec(arb_profile(), 0..3), today in arb_day(),
    ) {
        let contract = provider.contract();
        let covers = contract.from() <= today && today < contract.until()
            && contract.purposes().contains(purpose)
            && provider.retired_on().is_none_or(|day| today < day);
        let facts = provider_facts(&provider, purpose, (&LAW, &origins), today);
        prop_assert_eq!(facts.contains(Fact::ProviderContract), covers);
        prop_assert!(covers || facts.is_empty());
    }

    /// M-8: every origin profile needs its own mechanism, so a further profile never opens a transfer.
    #[test]
    fn a_further_origin_profile_never_adds_a_fact(
        provider in arb_provider(), purpose in arb_word::<Purpose>(),
        first in arb_profile(), more in prop::collection::vec(arb_profile(), 0..3), today in arb_day(),
    ) {
        let few = provider_facts(&provider, purpose, (&LAW, std::slice::from_ref(&first)), today);
        let many: Vec<_> = more.into_iter().chain([first]).collect();
        prop_assert!(few.contains_all(provider_facts(&provider, purpose, (&LAW, &many), today)));
    }

    /// P-79, P-80: a transfer rests on a mechanism in force that the law of every origin accepts for that country.
    #[test]
    fn a_mechanism_counts_where_and_when_the_law_accepts_it(
        provider in arb_provider(), purpose in arb_word::<Purpose>(),
        origins in prop::collection::vec(arb_profile(), 1..3), today in arb_day(),
    ) {
        let facts = provider_facts(&provider, purpose, (&LAW, &origins), today);
        let families = LAW.select(origins.iter().map(ProfileName::as_str)).unwrap();
        let accepted = |family| {
            let rows = LAW.in_force(family, today).map(jurisdiction::Profile::transfers).unwrap_or_default();
            provider.transfers().iter().any(|one| {
                LAW.select([one.profile.as_str()]).unwrap().contains(family)
                    && one.is_in_force(today)
                    && rows.iter().any(|row| row.accepts(one.kind, provider.country(), today))
            })
        };
        let expected = facts.contains(Fact::ProviderContract) && families.iter().all(accepted);
        prop_assert_eq!(facts.contains(Fact::TransferMechanism), expected);
    }

    /// A provider that is stored as JSON comes back the same, and through the same checks.
    #[test]
    fn a_provider_reads_back_from_its_json(provider in arb_provider()) {
        let json = serde_json::to_string(&provider).unwrap();
        prop_assert_eq!(serde_json::from_str::<Provider>(&json).unwrap(), provider);
        let sold = json.replace("\"consideration\":\"none\"", "\"consideration\":\"given\"");
        prop_assert!(sold != json);
        prop_assert!(serde_json::from_str::<Provider>(&sold).is_err());
    }

    /// Section 4, P-37: no contract in a register opens a sale.
    #[test]
    fn a_sale_has_no_contract(provider in arb_provider(), today in arb_day()) {
        for purpose in [Purpose::Sale, Purpose::Rental, Purpose::Trade] {
            prop_assert_eq!(provider_facts(&provider, purpose, (&LAW, &[]), today), Set::EMPTY);
        }
    }

    /// The facts hold on every day before the bound, and on it the contract, the work or a mechanism ends.
    #[test]
    fn the_facts_hold_until_the_day_that_is_named(
        provider in arb_provider(), purpose in arb_word::<Purpose>(),
        origins in prop::collection::vec(arb_profile(), 0..3), today in arb_day(), ahead in 0..900_u64,
    ) {
        let facts = provider_facts(&provider, purpose, (&LAW, &origins), today);
        if let Some(until) = provider_facts_until(&provider, purpose, (&LAW, &origins), today) {
            prop_assert!(today < until);
            let between = today + Days::new(ahead.min((until - today).num_days().unsigned_abs() - 1));
            prop_assert!(provider_facts(&provider, purpose, (&LAW, &origins), between).contains_all(facts));
            let ended = |day: chrono::NaiveDate| day == until;
            prop_assert!(
                ended(provider.contract().until())
                    || provider.retired_on().is_some_and(ended)
                    || provider.transfers().iter().any(|mechanism| ended(mechanism.until))
            );
        } else {
            prop_assert!(facts.is_empty());
        }
    }
}

#[test]
fn the_texan_provider_serves_texan_patients_and_not_european_ones() {
    let text = std::fs::read_to_string("../../fixtures/clinics/elicells/providers.toml").unwrap();
    let register = ProviderRegister::parse(&text).unwrap();
    let texan = register.iter().find(|provider| provider.name().contains("Texas")).unwrap();
    let profile = |text| privacy_notice::ProfileName::parse(text).unwrap();
    let (mx, us, eu) = (profile("MX-LFPDPPP"), profile("US-HIPAA"), profile("EU-GDPR"));
    let today = "2026-11-22".parse().unwrap();
    let facts = |origins: &[_]| provider_facts(texan, Purpose::CareCoordination, (&LAW, origins), today);
    let both = Set::of(&[Fact::ProviderContract, Fact::TransferMechanism]);
    assert_eq!(facts(&[mx.clone(), us.clone()]), both);
    assert_eq!(facts(&[mx, eu]), Set::one(Fact::ProviderContract));
    assert_eq!(facts(&[]), Set::one(Fact::ProviderContract), "an unknown origin opens no transfer");
    assert_eq!(provider_facts(texan, Purpose::Marketing, (&LAW, &[us]), today), Set::EMPTY);
}

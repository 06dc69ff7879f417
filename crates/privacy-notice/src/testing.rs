//! Strategies and evidence for property tests of this crate and of crates that embed it.

use chrono::{DateTime, Days, NaiveDate, Utc};
use proptest::prelude::*;
use records_model::testing::{arb_set, arb_word};
use records_model::{
    ClauseId, CountryCode, EmailAddress, PolicyVersionId, ProviderId, Purpose, RecipientClass, Set,
};

pub use proptest;

use crate::evidence::{
    DecisionEvidence, KeyRecovery, LogCheck, NoticeEvidence, Office, OfficerEvidence, PolicyInForce,
    PolicyProof, RecordEvidence, Register, RetentionEvidence, RightsEvidence, SecurityEvidence,
    StaffEvidence, Transport,
};
use crate::{
    ContentHash, Contract, Evidence, Limits, MechanismKind, OfficerEmail, ProfileName, Provider,
    TransferMechanism,
};

/// Evidence of a clinic where everything was looked at and everything is in order.
#[must_use]
pub fn all_in_order(now: DateTime<Utc>) -> Evidence {
    let none = Some(0);
    let register = Some(Register { entries: 3, overdue: 0 });
    Evidence {
        limits: Limits::default(),
        notice: NoticeEvidence {
            in_force: Some(ContentHash::of("notice")),
            served: Some(ContentHash::of("notice")),
            archive_mismatches: none,
            uncited: none,
        },
        decisions: decisions_in_order(),
        records: RecordEvidence {
            malformed: none,
            unsealed: none,
            unsigned: none,
            overwritten: none,
            without_anchor: none,
            age_columns: none,
        },
        security: SecurityEvidence {
            safeguards: register,
            key_recovery: Some(KeyRecovery::Verified { at: now }),
            transport: Some(Transport::Encrypted),
            patches_checked_at: Some(now),
            accounts_without_second_factor: none,
            audits: register,
            log: Some(LogCheck::Intact { at: now }),
            premises: register,
            folders_overdue: none,
            incidents: register,
        },
        staff: StaffEvidence {
            reads_untrained: none,
            reads_unchecked: none,
            reads_without_undertaking: none,
            procedures: register,
        },
        rights: RightsEvidence {
            requests_overdue: none,
            tables_without_export: none,
            corrections_untold: none,
            sends_off_channel: none,
            breach_notices_overdue: none,
            complaints_in_conflict: none,
            intake_closed: none,
        },
        retention: retention_in_order(),
        officer: OfficerEvidence {
            office: Some(Office::Held),
            email: EmailAddress::parse("officer@clinic.invalid").ok().map(OfficerEmail::Set),
        },
    }
}

fn decisions_in_order() -> DecisionEvidence {
    let none = Some(0);
    DecisionEvidence {
        policy: PolicyVersionId::parse("test-1").ok().map(|version| PolicyInForce {
            version,
            proof: PolicyProof::Proved,
            proved: (1..=93)
                .filter_map(ClauseId::new)
                .map(|clause| (clause, vec!["an-invariant".to_owned()]))
                .collect(),
        }),
        unexplained: none,
        permits_unlogged: none,
        sale_permits: none,
        disclosures_without_ground: none,
        disclosures_without_contract: none,
        disclosures_unbound: none,
        providers_expired: none,
        break_glass_overdue: none,
        permits_against_restriction: none,
        transfers_without_mechanism: none,
        mechanisms_expired: none,
        people_without_profiles: none,
    }
}

fn retention_in_order() -> RetentionEvidence {
    let none = Some(0);
    RetentionEvidence {
        without_schedule: none,
        disposals_overdue: none,
        disposals_without_certificate: none,
        disposals_early: none,
        disposals_under_hold: none,
        website_past_ceiling: none,
        sends_after_unsubscribe: none,
        marketing_left: none,
    }
}

/// Any day within four years of 2026-01-01.
pub fn arb_day() -> impl Strategy<Value = NaiveDate> {
    (0..1_461_u64).prop_map(|days| DateTime::UNIX_EPOCH.date_naive() + Days::new(20_454 + days))
}

/// One of three profiles, so that two lists often share one.
pub fn arb_profile() -> impl Strategy<Value = ProfileName> {
    proptest::sample::select(vec!["MX-LFPDPPP", "EU-GDPR", "US-HIPAA"])
        .prop_filter_map("a profile id", |text| ProfileName::parse(text).ok())
}

prop_compose! {
    /// Any transfer mechanism.
    pub fn arb_mechanism()(
        profile in arb_profile(), kind in arb_word::<MechanismKind>(), from in arb_day(), days in 1..800_u64,
    ) -> TransferMechanism {
        TransferMechanism { profile, kind, from, until: from + Days::new(days) }
    }
}

/// Any provider that can stand in a register; some are retired.
pub fn arb_provider() -> impl Strategy<Value = Provider> {
    let class = proptest::sample::select(vec![
        RecipientClass::Hotel,
        RecipientClass::Transport,
        RecipientClass::Laboratory,
        RecipientClass::TreatingProvider,
        RecipientClass::CloudHost,
    ]);
    let never = Set::of(&[Purpose::Sale, Purpose::Rental, Purpose::Trade]);
    let dates = (arb_day(), 1..1_000_u64);
    let transfers = proptest::collection::vec(arb_mechanism(), 0..5);
    let retired_on = proptest::option::weighted(0.2, arb_day());
    (any::<u128>(), class, dates, arb_set::<Purpose>(), transfers, retired_on).prop_filter_map(
        "a contract names a purpose",
        move |(id, class, (from, days), purposes, transfers, retired_on)| {
            let contract = Contract::new(from, from + Days::new(days), purposes - never).ok()?;
            let country = CountryCode::parse("US").ok()?;
            let id: ProviderId = format!("{id:032x}").parse().ok()?;
            let provider = Provider::new(id, "Invented", class, country, contract, transfers).ok()?;
            Some(match retired_on {
                Some(day) => provider.retired(day),
                None => provider,
            })
        },
    )
}

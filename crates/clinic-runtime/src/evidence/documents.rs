//! What the documents in force say of the clinic's own conduct.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use privacy_notice::evidence::{
    DecisionEvidence, NoticeEvidence, OfficerEvidence, PolicyInForce, PolicyProof,
};
use privacy_notice::{Evidence, OfficerEmail};
use privacy_operations::House;
use records_model::ClauseId;

/// Everything that the documents alone show.
pub(super) fn evidence(house: &House, now: DateTime<Utc>) -> Evidence {
    let today = house.zone.date_of(now);
    let mut evidence = Evidence {
        limits: house.settings.limits,
        notice: notice(house, today),
        decisions: decisions(house, today),
        officer: OfficerEvidence { email: Some(house.settings.officer.email.clone()), ..Default::default() },
        ..Evidence::default()
    };
    // Letter, telephone, visit and web open a request alike; the e-mail way is announced and needs an address.
    let is_email_closed = house.settings.officer.email == OfficerEmail::NotSet;
    evidence.rights.intake_closed = Some(u64::from(is_email_closed));
    evidence
}

fn notice(house: &House, today: NaiveDate) -> NoticeEvidence {
    let language = house.settings.languages.first();
    let in_force = language.and_then(|language| house.notices.in_force(*language, today));
    NoticeEvidence { in_force: in_force.map(|version| version.content_hash), ..NoticeEvidence::default() }
}

fn decisions(house: &House, today: NaiveDate) -> DecisionEvidence {
    DecisionEvidence {
        policy: Some(policy(house, PolicyProof::Proved)),
        providers_expired: Some(count(house.providers.expired(today))),
        mechanisms_expired: Some(count(house.providers.mechanisms_expired(house.settings.country, today))),
        ..DecisionEvidence::default()
    }
}

fn policy(house: &House, proof: PolicyProof) -> PolicyInForce {
    let policy = house.engine.policy();
    let rules = policy.rules().iter().flat_map(|rule| rule.clauses.iter().copied());
    let invariants = policy.invariants().iter().flat_map(|invariant| invariant.clauses.iter().copied());
    let cited: BTreeSet<ClauseId> = rules.chain(invariants).collect();
    PolicyInForce { version: house.engine.version().clone(), proof, cited }
}

fn count<T>(items: impl Iterator<Item = T>) -> u64 {
    u64::try_from(items.count()).unwrap_or(u64::MAX)
}

//! What the documents show: those in force, and every edition as it is stored now.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use consent_policy::Promise;
use postgres_store::{DocumentEdition, Snapshot};
use privacy_notice::evidence::{
    DecisionEvidence, NoticeEvidence, OfficerEvidence, PolicyInForce, PolicyProof,
};
use privacy_notice::{ClauseCatalogue, ContentHash, Evidence, NoticeVersion, OfficerEmail, notice_text};
use privacy_operations::House;
use records_model::{ClauseId, Vocabulary};

use crate::RuntimeError;

/// Everything that the documents in force show by themselves.
pub(super) fn evidence(house: &House, now: DateTime<Utc>) -> Evidence {
    let today = house.zone.date_of(now);
    let mut evidence = Evidence {
        limits: house.settings.limits,
        notice: notice(house, today),
        decisions: decisions(house, today),
        officer: OfficerEvidence { email: Some(house.settings.officer.email.clone()), ..Default::default() },
        ..Evidence::default()
    };
    // A request opens alike by telephone, letter, web or visit; the e-mail way is announced and needs an address.
    let is_email_closed = house.settings.officer.email == OfficerEmail::NotSet;
    evidence.rights.intake_closed = Some(u64::from(is_email_closed));
    evidence
}

fn notice(house: &House, today: NaiveDate) -> NoticeEvidence {
    let language = house.settings.languages.first();
    let in_force = language.and_then(|language| house.notices.in_force(*language, today));
    NoticeEvidence {
        in_force: in_force.map(|version| version.content_hash),
        uncited: Some(uncited(house, today)),
        ..NoticeEvidence::default()
    }
}

/// Rules and periods that cite a clause which the catalogue does not have, and providers of a class that the
/// policy does not name.
fn uncited(house: &House, today: NaiveDate) -> u64 {
    let known = |clause: ClauseId| house.clauses.get(clause).is_some();
    let rules = house.engine.policy().rules().iter().filter(|rule| !rule.clauses.iter().any(|c| known(*c)));
    let periods = house.retention.classes().filter(|schedule| !known(schedule.clause()));
    count(rules) + count(periods) + count(house.providers.not_named(today))
}

fn decisions(house: &House, today: NaiveDate) -> DecisionEvidence {
    DecisionEvidence {
        policy: Some(policy(house)),
        providers_expired: Some(count(house.providers.expired(today))),
        mechanisms_expired: Some(count(house.providers.mechanisms_expired(house.settings.country, today))),
        ..DecisionEvidence::default()
    }
}

/// The engine exists only after its document was proved; whether the stored one still is that document is
/// looked at in [`editions`].
fn policy(house: &House) -> PolicyInForce {
    let policy = house.engine.policy();
    let mut proved: BTreeMap<ClauseId, Vec<String>> = BTreeMap::new();
    for promise in Promise::ALL {
        proved.entry(promise.clause()).or_default().push(promise.to_string());
    }
    for invariant in policy.invariants() {
        for clause in &invariant.clauses {
            proved.entry(*clause).or_default().push(invariant.id.to_string());
        }
    }
    PolicyInForce { version: house.engine.version().clone(), proof: PolicyProof::Proved, proved }
}

/// Reads every edition anew: a text that no longer has its hash is no longer what was published or proved.
pub(super) async fn editions(
    snapshot: &mut Snapshot,
    house: &House,
    evidence: &mut Evidence,
) -> Result<(), RuntimeError> {
    let files = &house.settings.files;
    let catalogues = snapshot.editions(files.clauses.as_str()).await?;
    let texts: Vec<ClauseCatalogue> =
        catalogues.iter().filter_map(|edition| ClauseCatalogue::parse(&edition.content).ok()).collect();
    evidence.notice.archive_mismatches = Some(house.notices.mismatches(|version| archived(&texts, version)));
    let policies = snapshot.editions(files.policy.as_str()).await?;
    if let Some(policy) = &mut evidence.decisions.policy
        && !policies.last().is_some_and(is_whole)
    {
        policy.proof = PolicyProof::Missing;
    }
    Ok(())
}

/// The text of a version: the one that a stored catalogue makes, if one still does.
fn archived(catalogues: &[ClauseCatalogue], version: &NoticeVersion) -> Option<String> {
    let mut texts = catalogues.iter().map(|catalogue| notice_text(catalogue, version.language));
    texts.find(|text| ContentHash::of(text) == version.content_hash)
}

/// Whether an edition still has the text that it was activated with.
pub(super) fn is_whole(edition: &DocumentEdition) -> bool {
    *ContentHash::of(&edition.content).as_bytes() == edition.content_hash
}

pub(super) fn count<T>(items: impl Iterator<Item = T>) -> u64 {
    u64::try_from(items.count()).unwrap_or(u64::MAX)
}

//! From loaded facts to one decision.

use std::collections::BTreeSet;

use audit_log::{Basis, Event, Moves, Preimage, Recipient, RecipientId};
use chrono::{DateTime, Utc};
use consent_policy::{Decision, Facts, Request, consent_level, restriction_facts};
use privacy_notice::{Provider, provider_facts, provider_facts_until};
use records_model::{
    Action, Category, ConsentForm, CountryClass, Detail, Fact, Ground, ProviderId, Purpose, RecipientClass,
    RecordId, Role, Set, UndescribedPurposeId,
};

use crate::answer::log_reasons;
use crate::house::House;
use crate::keeping::{beginning_of, keeping_facts};
use crate::ledger::{AskedWords, EntryDraft};
use crate::{
    ActorFacts, Answer, EvidenceKind, EvidenceRow, LoadedFacts, Moment, OperationError, ReviewVerdict,
    SubjectFacts, Tools,
};

/// Where care takes place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Setting {
    /// In the clinic.
    InPerson,
    /// At a distance, which needs a consent of its own (policy section 3.1, P-26).
    Remote,
}

/// Who is to receive the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Receiver {
    /// Staff of the clinic: a use.
    Internal,
    /// A provider in the register.
    Provider(ProviderId),
    /// Somebody of this class who is in no register, in this country; where it is unknown, it counts as abroad.
    Class(RecipientClass, CountryClass),
}

/// What an operation asks of the policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// What is to be done.
    pub action: Action,
    /// What for.
    pub purpose: Purpose,
    /// The purpose's id, if the notice does not describe it.
    pub undescribed: Option<UndescribedPurposeId>,
    /// With which categories.
    pub categories: Set<Category>,
    /// For whom.
    pub receiver: Receiver,
    /// On what ground.
    pub ground: Ground,
    /// In what detail.
    pub detail: Detail,
    /// Where care takes place.
    pub setting: Setting,
}

impl Asked {
    /// A use inside the clinic, in full and in person.
    #[must_use]
    pub const fn internal(
        action: Action,
        purpose: Purpose,
        ground: Ground,
        categories: Set<Category>,
    ) -> Self {
        Self {
            action,
            purpose,
            undescribed: None,
            categories,
            receiver: Receiver::Internal,
            ground,
            detail: Detail::Full,
            setting: Setting::InPerson,
        }
    }
}

/// One decided request.
#[derive(Debug, Clone)]
pub(crate) struct Judgement {
    /// The request as the policy saw it.
    pub(crate) request: Request,
    /// The answer.
    pub(crate) decision: Decision,
}

/// Decides one request on the loaded facts; `about_records` are the facts of the records themselves.
pub(crate) fn judge(
    facts: &LoadedFacts,
    asked: &Asked,
    about_records: Set<Fact>,
    tools: &Tools<'_>,
) -> Result<Judgement, OperationError> {
    let (request, known) = question(facts, asked, about_records, tools.moment())?;
    let decision = tools.house.engine.decide(&request, &known, tools.now);
    Ok(Judgement { request, decision })
}

/// The question as the policy sees it: the request, and what is true for it.
pub(crate) fn question(
    facts: &LoadedFacts,
    asked: &Asked,
    about_records: Set<Fact>,
    moment: Moment<'_>,
) -> Result<(Request, Facts), OperationError> {
    let actor = facts.actor.as_ref().ok_or(OperationError::UnknownActor)?;
    let provider = provider_of(moment.house, asked.receiver)?;
    let request = request(actor, asked, provider, moment.house);
    let (cleared, cleared_until) = staff_facts(actor, moment);
    let (contracted, contracted_until) =
        provider_part(provider, asked.purpose, facts.subject.as_ref(), moment);
    let mut known = Facts::new(ConsentForm::None, about_records | setting_facts(asked.setting))
        .and(cleared, cleared_until)
        .and(contracted, contracted_until);
    if let Some(subject) = &facts.subject {
        let (kept, kept_until) = keeping_facts(subject, asked.categories, moment);
        known = with_subject(known, subject, actor, &request, moment.now).and(kept, kept_until);
    }
    Ok((request, known))
}

fn provider_of(house: &House, receiver: Receiver) -> Result<Option<&Provider>, OperationError> {
    match receiver {
        Receiver::Internal | Receiver::Class(..) => Ok(None),
        Receiver::Provider(id) => house.providers.get(id).map(Some).ok_or(OperationError::UnknownProvider),
    }
}

fn request(actor: &ActorFacts, asked: &Asked, provider: Option<&Provider>, house: &House) -> Request {
    let recipient = match (asked.receiver, provider) {
        (_, Some(provider)) => provider.class(),
        (Receiver::Class(class, _), None) => class,
        (Receiver::Internal | Receiver::Provider(_), None) => RecipientClass::Internal,
    };
    let country = match (asked.receiver, provider) {
        (_, Some(provider)) if provider.country() == house.settings.country => CountryClass::Domestic,
        (_, Some(_)) => CountryClass::Abroad,
        (Receiver::Class(_, country), None) => country,
        (Receiver::Internal | Receiver::Provider(_), None) => CountryClass::Domestic,
    };
    Request {
        action: asked.action,
        role: actor.actor.role,
        actor: Some(actor.actor.id),
        purpose: asked.purpose,
        undescribed: asked.undescribed.clone(),
        categories: asked.categories,
        recipient,
        recipient_id: provider.map(Provider::id),
        country,
        ground: asked.ground,
        detail: asked.detail,
    }
}

/// What clears whoever acts today, and when the first of it lapses: training, background check, employment. A day
/// of expiry no longer counts, so what rests on it holds until that day begins at the clinic.
fn staff_facts(actor: &ActorFacts, moment: Moment<'_>) -> (Set<Fact>, Option<DateTime<Utc>>) {
    let (facts, until) =
        safeguards::clearance_facts(&actor.clearance, &moment.house.training, moment.today());
    (facts, until.map(|day| beginning_of(day, moment)))
}

fn setting_facts(setting: Setting) -> Set<Fact> {
    match setting {
        Setting::InPerson => Set::one(Fact::InPerson),
        Setting::Remote => Set::EMPTY,
    }
}

/// What is true of the provider today, and when the first of it ends: contract, mechanism for the transfer.
fn provider_part(
    provider: Option<&Provider>,
    purpose: Purpose,
    subject: Option<&SubjectFacts>,
    moment: Moment<'_>,
) -> (Set<Fact>, Option<DateTime<Utc>>) {
    let Some(provider) = provider else { return (Set::EMPTY, None) };
    let profiles = &moment.house.settings.profiles;
    // Whose home is unknown has unknown origins, and what is unknown opens nothing.
    let origins = match subject.and_then(|subject| subject.residence.as_ref()) {
        Some(residence) => profiles.origins_of(residence),
        None => Vec::new(),
    };
    let (law, today) = ((&moment.house.law, origins.as_slice()), moment.today());
    let until = provider_facts_until(provider, purpose, law, today);
    (provider_facts(provider, purpose, law, today), until.map(|day| beginning_of(day, moment)))
}

/// The facts that rest on what the person said and on what was recorded about them.
fn with_subject(
    known: Facts,
    subject: &SubjectFacts,
    actor: &ActorFacts,
    request: &Request,
    now: DateTime<Utc>,
) -> Facts {
    let cover = consent_level(&subject.consents, request, now);
    let restricted = restriction_facts(&subject.restrictions, request, now);
    let related = match subject.care_relation {
        Some(relation) if relation.starts_at <= now && relation.ends_at.is_none_or(|end| now < end) => {
            Set::one(Fact::CareRelation)
        }
        _ => Set::EMPTY,
    };
    let (shown, until) = evidence_facts(subject, actor, now);
    let relation_end = subject.care_relation.and_then(|relation| relation.ends_at);
    Facts { consent: cover.form, ..known }
        .and(related, cover.valid_until)
        .and(restricted.facts, restricted.valid_until)
        .and(shown, until)
        .and(Set::EMPTY, relation_end)
}

/// Evidence that is in force now and counts for this actor; and when the first of it ends.
fn evidence_facts(
    subject: &SubjectFacts,
    actor: &ActorFacts,
    now: DateTime<Utc>,
) -> (Set<Fact>, Option<DateTime<Utc>>) {
    let counts = |row: &&EvidenceRow| {
        row.starts_at <= now
            && now < row.ends_at
            && row.actor.is_none_or(|id| id == actor.actor.id)
            && row.verdict != Some(ReviewVerdict::NotJustified)
    };
    let in_force: Vec<&EvidenceRow> = subject.evidence.iter().filter(counts).collect();
    let facts = in_force.iter().filter_map(|row| fact_of(row, &in_force, subject, actor));
    (facts.collect(), in_force.iter().map(|row| row.ends_at).min())
}

fn fact_of(
    row: &EvidenceRow,
    in_force: &[&EvidenceRow],
    subject: &SubjectFacts,
    actor: &ActorFacts,
) -> Option<Fact> {
    Some(match row.kind {
        EvidenceKind::BreakGlass => Fact::BreakGlass,
        EvidenceKind::Incapacity => Fact::Incapacity,
        EvidenceKind::EmergencyToSelf => Fact::EmergencyRecorded,
        EvidenceKind::LegalDemand => Fact::LegalDemand,
        EvidenceKind::CourtOrder => Fact::CourtOrder,
        EvidenceKind::NamedRisk => Fact::NamedRisk,
        EvidenceKind::TelehealthConsent => Fact::TelehealthConsent,
        EvidenceKind::CitedNorm => Fact::CitedNorm,
        EvidenceKind::TwoApprovers => return two_approvers(in_force, actor),
        EvidenceKind::IdentityProof => return identity_proof(row, subject, actor),
    })
}

/// Two people approved, and whoever now acts on it is neither (section 4.1, P-43).
fn two_approvers(in_force: &[&EvidenceRow], actor: &ActorFacts) -> Option<Fact> {
    let approvals = in_force.iter().filter(|row| row.kind == EvidenceKind::TwoApprovers);
    let others: BTreeSet<_> =
        approvals.map(|row| row.recorded_by).filter(|by| *by != actor.actor.id).collect();
    (others.len() >= 2).then_some(Fact::TwoApprovers)
}

/// Who proved who they are has proved nothing about somebody else; who acts for another is named in the proof.
fn identity_proof(row: &EvidenceRow, subject: &SubjectFacts, actor: &ActorFacts) -> Option<Fact> {
    let counts = match actor.actor.role {
        Role::Person => actor.subject == subject.id,
        Role::Representative => row.actor == Some(actor.actor.id),
        _ => true,
    };
    counts.then_some(Fact::IdentityProof)
}

impl Judgement {
    /// The answer in words.
    pub(crate) fn answer(&self, tools: &Tools<'_>) -> Answer {
        Answer::of(&tools.house.engine, &self.request, &self.decision)
    }

    /// Whether it may be done.
    pub(crate) fn is_permit(&self) -> bool {
        self.decision.is_permit()
    }

    /// The log entry of this decision.
    pub(crate) fn entry(&self, event: Event, records: BTreeSet<RecordId>, tools: &Tools<'_>) -> EntryDraft {
        let engine = &tools.house.engine;
        let reasons = log_reasons(engine, &self.decision).collect();
        EntryDraft {
            event,
            asked: Some(AskedWords {
                action: self.request.action,
                purpose: self.request.purpose,
                ground: self.request.ground,
                detail: self.request.detail,
            }),
            outcome: log_outcome(self.decision.outcome),
            rules: engine.rule_ids(&self.decision).cloned().collect(),
            moves: Moves::None,
            content: None,
            preimage: Preimage {
                undescribed_purpose: self.request.undescribed.clone(),
                recipient: self.recipient(),
                categories: self.request.categories,
                records,
                reasons,
                basis: Some(Basis {
                    role: self.request.role,
                    categories: self.request.categories,
                    country: self.request.country,
                    consent: self.decision.facts.consent,
                    present: self.decision.facts.present,
                }),
                ..Preimage::default()
            },
        }
    }

    fn recipient(&self) -> Option<Recipient> {
        (self.request.recipient != RecipientClass::Internal).then_some(Recipient {
            class: self.request.recipient,
            id: self.request.recipient_id.map(RecipientId::Provider),
        })
    }
}

const fn log_outcome(outcome: consent_policy::Outcome) -> audit_log::Outcome {
    match outcome {
        consent_policy::Outcome::Permit => audit_log::Outcome::Permit,
        consent_policy::Outcome::Deny => audit_log::Outcome::Deny,
        consent_policy::Outcome::NotApplicable => audit_log::Outcome::NotApplicable,
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;
    use records_model::{Actor, ActorId, EvidenceId, SubjectId, SubjectKind};
    use uuid::Uuid;

    use super::*;
    use crate::AgeMark;
    use crate::testing::arb_evidence_kind;

    fn now() -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(20_000)
    }

    fn actor(id: u128, role: Role) -> ActorFacts {
        ActorFacts {
            actor: Actor { id: ActorId::from_uuid(Uuid::from_u128(id)), role },
            subject: SubjectId::from_uuid(Uuid::from_u128(1_000 + id)),
            generation: 0,
            clearance: records_model::Clearance {
                trainings: Vec::new(),
                background_check: records_model::BackgroundCheck::Missing,
                undertaking: records_model::Undertaking::Missing,
                left_on: None,
            },
            pseudonym: Vec::new(),
            keys: Vec::new(),
        }
    }

    prop_compose! {
        fn arb_row()(
            kind in arb_evidence_kind(),
            by in 1_u128..4,
            to in proptest::option::of(1_u128..4),
            from in -5_i64..5,
            lasts in 1_i64..9,
            verdict in prop_oneof![Just(None), Just(Some(ReviewVerdict::Justified)), Just(Some(ReviewVerdict::NotJustified))],
        ) -> EvidenceRow {
            EvidenceRow {
                id: EvidenceId::from_uuid(Uuid::from_u128(7)),
                kind,
                recorded_by: ActorId::from_uuid(Uuid::from_u128(by)),
                actor: to.map(|id| ActorId::from_uuid(Uuid::from_u128(id))),
                starts_at: now() + TimeDelta::hours(from),
                ends_at: now() + TimeDelta::hours(from + lasts),
                verdict,
            }
        }
    }

    fn shown(rows: &[EvidenceRow], who: &ActorFacts) -> Set<Fact> {
        let id = SubjectId::from_uuid(Uuid::from_u128(9));
        let mut subject = SubjectFacts::new_person(id, SubjectKind::Patient, AgeMark::Unknown);
        subject.evidence = rows.to_vec();
        evidence_facts(&subject, who, now()).0
    }

    proptest! {
        /// Section 4.1, P-43: two people approve, and whoever acts on it is neither.
        #[test]
        fn two_approvals_come_from_two_others(rows in proptest::collection::vec(arb_row(), 0..8)) {
            let who = actor(1, Role::PrivacyOfficer);
            let counts = |row: &&EvidenceRow| {
                row.kind == EvidenceKind::TwoApprovers
                    && row.starts_at <= now()
                    && now() < row.ends_at
                    && row.actor.is_none_or(|id| id == who.actor.id)
                    && row.verdict != Some(ReviewVerdict::NotJustified)
            };
            let others: BTreeSet<_> =
                rows.iter().filter(counts).map(|row| row.recorded_by).filter(|by| *by != who.actor.id).collect();
            prop_assert_eq!(shown(&rows, &who).contains(Fact::TwoApprovers), others.len() >= 2);
        }

        /// Evidence that has not begun, has ended, is for somebody else or was found unjustified shows nothing; and
        /// who acts for another counts only by a proof that names them.
        #[test]
        fn evidence_counts_for_whom_and_when_it_says(row in arb_row(), representative in any::<bool>()) {
            let role = if representative { Role::Representative } else { Role::Nurse };
            let facts = shown(std::slice::from_ref(&row), &actor(1, role));
            let named = row.actor == Some(ActorId::from_uuid(Uuid::from_u128(1)));
            let in_force = row.starts_at <= now() && now() < row.ends_at && (row.actor.is_none() || named);
            if !in_force || row.verdict == Some(ReviewVerdict::NotJustified) {
                prop_assert!(facts.is_empty());
            }
            if representative && !named {
                prop_assert!(!facts.contains(Fact::IdentityProof));
            }
        }
    }
}

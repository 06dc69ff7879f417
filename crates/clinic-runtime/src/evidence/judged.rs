//! One log entry after the other, measured against the promises.

use std::collections::HashMap;

use audit_log::{Event, LeafParts, Opened, Outcome, Preimage, RecipientId};
use chrono::TimeDelta;
use consent_policy::{Effect, PolicyDraft, Request, Rule, restriction_facts};
use postgres_store::Snapshot;
use privacy_notice::Residence;
use privacy_operations::House;
use records_model::{
    Action, Fact, PolicyVersionId, ProviderId, RecipientClass, Restriction, Role, Set, SubjectId,
};

use super::disclosures::{Registers, is_covered, is_under_contract};
use super::people::{Reader, Staff};
use crate::RuntimeError;

/// What the entries came to.
#[derive(Debug, Default)]
pub(super) struct Verdicts {
    pub(super) unexplained: u64,
    pub(super) sale_permits: u64,
    pub(super) without_ground: u64,
    pub(super) unbound: u64,
    pub(super) without_contract: u64,
    pub(super) without_mechanism: u64,
    pub(super) against_restriction: u64,
    /// Permits about restricted people that were given under rules which are not on file any more.
    pub(super) under_lost_rules: u64,
    pub(super) untrained: u64,
    pub(super) unchecked: u64,
    pub(super) without_undertaking: u64,
}

/// The side of an entry.
pub(crate) enum Side {
    /// Opened, and shown to fit.
    Opened(Box<Opened>),
    /// Its key was destroyed: it says nothing any more.
    Forgotten,
    /// Not there, or altered.
    Broken,
}

/// What entries are measured against.
pub(super) struct Measure<'a> {
    house: &'a House,
    staff: Staff,
    registers: Registers,
    restrictions: HashMap<SubjectId, Vec<Restriction>>,
    /// The rules that honour a restriction, by policy version.
    honouring: HashMap<PolicyVersionId, Vec<Rule>>,
}

impl<'a> Measure<'a> {
    pub(super) async fn load(
        snapshot: &mut Snapshot,
        house: &'a House,
        staff: Staff,
    ) -> Result<Self, RuntimeError> {
        let restrictions = snapshot.restrictions().await?;
        let mut honouring = HashMap::new();
        if !restrictions.is_empty() {
            for edition in snapshot.editions(house.settings.files.policy.as_str()).await? {
                let Ok(draft) = PolicyDraft::parse(&edition.content) else { continue };
                let rules = draft.rules.into_iter().filter(honours_restrictions).collect();
                honouring.insert(draft.header.version, rules);
            }
        }
        let registers = Registers::load(snapshot, house).await?;
        Ok(Self { house, staff, registers, restrictions, honouring })
    }

    /// Measures one entry; `home` is where its person lives, if that is on file.
    pub(super) fn judge(&self, leaf: &LeafParts, side: &Side, home: Option<&Residence>, into: &mut Verdicts) {
        let opened = match side {
            Side::Opened(opened) => Some(opened.preimage()),
            Side::Forgotten | Side::Broken => None,
        };
        into.unexplained += u64::from(is_unexplained(leaf, side));
        if leaf.outcome != Outcome::Permit {
            return;
        }
        into.sale_permits += u64::from(leaf.purpose.is_some_and(records_model::Purpose::is_never_permitted));
        if leaf.event == Event::Decision && leaf.action == Some(Action::Read) {
            self.judge_reader(leaf, into);
        }
        if leaf.event == Event::DisclosureMade {
            self.judge_disclosure(leaf, opened, home, into);
        }
        if let Some(side) = opened {
            self.judge_restrictions(leaf, side, into);
        }
    }

    fn judge_reader(&self, leaf: &LeafParts, into: &mut Verdicts) {
        let facts = match self.staff.reader(leaf.actor, leaf.at, self.house) {
            Reader::NotJudged => return,
            Reader::Staff(facts) => facts,
            Reader::Unknown => Set::EMPTY,
        };
        into.untrained += u64::from(!facts.contains(Fact::Training));
        into.unchecked += u64::from(!facts.contains(Fact::BackgroundCheck));
        into.without_undertaking += u64::from(!facts.contains(Fact::Undertaking));
    }

    fn judge_disclosure(
        &self,
        leaf: &LeafParts,
        side: Option<&Preimage>,
        home: Option<&Residence>,
        into: &mut Verdicts,
    ) {
        into.without_ground += u64::from(leaf.ground.is_none());
        let day = self.house.zone.date_of(leaf.at);
        let language = self.house.settings.languages.first();
        let notice = language.and_then(|language| self.house.notices.in_force(*language, day));
        // The page that leaves bears the notice that is in force; where none was, none went along.
        into.unbound += u64::from(leaf.purpose.is_none() || notice.is_none());
        let Some(id) = side.and_then(provider_of) else { return };
        match self.registers.provider_at(id, leaf.at) {
            None => into.without_contract += 1,
            Some(provider) => {
                into.without_contract += u64::from(!is_under_contract(provider, day));
                into.without_mechanism += u64::from(!is_covered(provider, home, day, self.house));
            }
        }
    }

    fn judge_restrictions(&self, leaf: &LeafParts, side: &Preimage, into: &mut Verdicts) {
        let Some(restrictions) = side.subject.and_then(|subject| self.restrictions.get(&subject)) else {
            return;
        };
        let Some(request) = self.request(leaf, side) else { return };
        // What was decided in the same instant may have come first.
        let before = leaf.at - TimeDelta::microseconds(1);
        let facts = restriction_facts(restrictions, &request, before).facts;
        if facts.is_empty() {
            return;
        }
        match leaf.policy.as_ref().and_then(|version| self.honouring.get(version)) {
            None => into.under_lost_rules += 1,
            Some(rules) => {
                let forbids = |rule: &Rule| {
                    rule.requires.intersects(facts)
                        && request.categories.iter().any(|category| rule.is_about(&request, category))
                };
                into.against_restriction += u64::from(rules.iter().any(forbids));
            }
        }
    }

    /// The request as the log tells it.
    fn request(&self, leaf: &LeafParts, side: &Preimage) -> Option<Request> {
        let recipient_id = provider_of(side);
        Some(Request {
            action: leaf.action?,
            role: side.role.unwrap_or(Role::System),
            actor: side.actor,
            purpose: leaf.purpose?,
            undescribed: side.undescribed_purpose.clone(),
            categories: side.categories,
            recipient: side.recipient.map_or(RecipientClass::Internal, |recipient| recipient.class),
            recipient_id,
            country: self.registers.country(recipient_id, leaf.at, self.house),
            ground: leaf.ground?,
            detail: leaf.detail?,
        })
    }
}

fn honours_restrictions(rule: &Rule) -> bool {
    let restricted = Set::of(&[Fact::Restricted, Fact::RestrictedMustAgree]);
    matches!(rule.effect, Effect::Forbid { .. }) && rule.requires.intersects(restricted)
}

fn provider_of(side: &Preimage) -> Option<ProviderId> {
    match side.recipient?.id? {
        RecipientId::Provider(id) => Some(id),
        RecipientId::Person(_) | RecipientId::Actor(_) => None,
    }
}

/// A decision is explained if it names its policy version, the rules that made it (a refusal because nobody
/// allowed it has none), and its reasons; where the key of the reasons was destroyed, the rules do.
fn is_unexplained(leaf: &LeafParts, side: &Side) -> bool {
    let is_decision = leaf.event == Event::Decision || leaf.action.is_some();
    if !is_decision {
        return false;
    }
    let has_rules = !leaf.rules.is_empty() || leaf.outcome == Outcome::NotApplicable;
    let has_reasons = match side {
        Side::Opened(opened) => !opened.preimage().reasons.is_empty(),
        Side::Forgotten => true,
        Side::Broken => false,
    };
    leaf.policy.is_none() || !has_rules || !has_reasons
}

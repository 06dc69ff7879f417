//! The rules themselves.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use records_model::{ActorId, SubjectId};

use super::{Act, ActKind, Alert, AlertRule, DutyHours, Hit, StaffFacts, fold};
use crate::{OpenGlass, ReviewState};

/// Where the rules begin to speak. The numbers are ours: no law and no sentence of the policy gives any, so a clinic
/// sets them by what its verdicts say of each rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thresholds {
    /// How long before and after duty an act still counts as on duty.
    pub duty_grace: TimeDelta,
    /// Volume: how many times the usual number of people an hour draws attention.
    pub volume_multiple: u64,
    /// Volume: fewer people in one stretch of duty than this never do.
    pub volume_people_min: u64,
    /// Volume: how many stretches make a habit; the median of the last of them is the usual number.
    pub habit_stretches_min: usize,
    /// Volume: how many stretches back a habit reaches.
    pub habit_stretches_max: usize,
    /// Volume: while there is no habit yet, so many people in one stretch draw attention.
    pub volume_without_habit: u64,
    /// Outside duty: acts at so many different instants, folded, draw attention.
    pub outside_duty_acts_min: usize,
    /// Shared contact: a token that more people have than this is a building, a hotel or the clinic itself.
    pub contact_people_max: usize,
    /// Refusals at so many different instants ...
    pub denials_min: usize,
    /// ... within so much time make a burst.
    pub denials_within: TimeDelta,
    /// Repeats that come within this time of each other are one alert.
    pub fold_within: TimeDelta,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            duty_grace: TimeDelta::minutes(60),
            volume_multiple: 3,
            volume_people_min: 15,
            habit_stretches_min: 5,
            habit_stretches_max: 20,
            volume_without_habit: 40,
            outside_duty_acts_min: 2,
            contact_people_max: 6,
            denials_min: 5,
            denials_within: TimeDelta::minutes(15),
            fold_within: TimeDelta::days(7),
        }
    }
}

/// Every alert that the rules raise over these acts and the broken glasses that wait for a review, repeats folded,
/// by first act.
///
/// Give it all acts of the time that a habit needs, not only today's; [`new_alerts`](super::new_alerts) then tells
/// which are new. The order of `acts` makes no difference.
#[must_use]
pub fn find_alerts(
    acts: &[Act],
    waiting: &[OpenGlass],
    facts: &StaffFacts,
    thresholds: &Thresholds,
) -> Vec<Alert> {
    let mut by_actor: BTreeMap<ActorId, Vec<&Act>> = BTreeMap::new();
    for act in acts {
        by_actor.entry(act.actor).or_default().push(act);
    }
    let mut hits: Vec<Hit> = about_people(acts, facts, thresholds);
    hits.extend(waiting.iter().filter_map(unreviewed));
    for (actor, acts) in &mut by_actor {
        acts.sort_by_key(|act| (act.at, act.entry));
        hits.extend(denial_bursts(acts, thresholds));
        if let Some(duty) = facts.duty.get(actor) {
            hits.extend(volumes(acts, duty, thresholds));
            hits.extend(outside_duty(acts, duty, thresholds));
        }
    }
    let instants: BTreeMap<_, DateTime<Utc>> = acts.iter().map(|act| (act.entry, act.at)).collect();
    let mut alerts = fold(hits, thresholds.fold_within);
    alerts.retain(|alert| {
        let different: BTreeSet<_> = alert.entries.iter().filter_map(|entry| instants.get(entry)).collect();
        alert.rule != AlertRule::OutsideDuty || different.len() >= thresholds.outside_duty_acts_min
    });
    alerts
}

const fn hit(rule: AlertRule, act: &Act) -> Hit {
    Hit { rule, actor: act.actor, subject: Some(act.subject), at: act.at, entry: act.entry }
}

/// Own records, declared relations, shared contacts; attempts that were refused count like the others.
fn about_people(acts: &[Act], facts: &StaffFacts, thresholds: &Thresholds) -> Vec<Hit> {
    let people = facts.people_by_token();
    let shares_contact = |actor: ActorId, subject: SubjectId| {
        let (Some(staff), Some(person)) =
            (facts.staff_contacts.get(&actor), facts.subject_contacts.get(&subject))
        else {
            return false;
        };
        staff.intersection(person).any(|token| people.get(token) <= Some(&thresholds.contact_people_max))
    };
    let rule_of = |act: &Act| {
        if facts.own_person.get(&act.actor) == Some(&act.subject) {
            // Somebody's own record has their own address: one alert, not three.
            Some(AlertRule::SelfAccess)
        } else if facts.declared_relations.contains(&(act.actor, act.subject)) {
            Some(AlertRule::DeclaredRelation)
        } else {
            shares_contact(act.actor, act.subject).then_some(AlertRule::SharedContact)
        }
    };
    acts.iter().filter_map(|act| rule_of(act).map(|rule| hit(rule, act))).collect()
}

fn unreviewed(glass: &OpenGlass) -> Option<Hit> {
    let actor = glass.actor.filter(|_| glass.state == ReviewState::Overdue)?;
    let rule = AlertRule::UnreviewedGlass;
    Some(Hit { rule, actor, subject: Some(glass.subject), at: glass.at, entry: glass.entry })
}

/// Stretches in which far more people's records were opened an hour than in the median of the stretches before.
fn volumes(acts: &[&Act], duty: &DutyHours, thresholds: &Thresholds) -> Vec<Hit> {
    let mut opened: BTreeMap<usize, Vec<&Act>> = BTreeMap::new();
    for act in acts.iter().filter(|act| act.kind != ActKind::Refused) {
        if let Some(stretch) = duty.stretch_of(act.at, thresholds.duty_grace) {
            opened.entry(stretch).or_default().push(act);
        }
    }
    let mut hits = Vec::new();
    let mut rates = Vec::new();
    for (number, stretch) in duty.stretches().iter().enumerate() {
        let acts = opened.get(&number).map_or(&[][..], Vec::as_slice);
        let distinct: BTreeSet<SubjectId> = acts.iter().map(|act| act.subject).collect();
        let people = u64::try_from(distinct.len()).unwrap_or(u64::MAX);
        let seconds = u64::try_from(stretch.end.signed_duration_since(stretch.start).num_seconds());
        let rate = people.saturating_mul(3_600_000) / seconds.unwrap_or(1).max(1);
        let is_loud = match usual_rate(&rates, thresholds) {
            None => people >= thresholds.volume_without_habit,
            Some(usual) => {
                people >= thresholds.volume_people_min
                    && rate > usual.saturating_mul(thresholds.volume_multiple)
            }
        };
        if is_loud {
            hits.extend(acts.iter().map(|act| hit(AlertRule::Volume, act)));
        } else {
            // What drew attention is not part of the habit, or doing it again would soon be usual.
            rates.push(rate);
        }
    }
    hits
}

/// The median of the latest rates, in thousandths of a person an hour; nothing while there are too few.
fn usual_rate(rates: &[u64], thresholds: &Thresholds) -> Option<u64> {
    let from = rates.len().saturating_sub(thresholds.habit_stretches_max);
    let mut latest =
        rates.get(from..).filter(|latest| latest.len() >= thresholds.habit_stretches_min)?.to_vec();
    latest.sort_unstable();
    latest.get(latest.len() / 2).copied()
}

/// Records opened, or asked for, while not on duty. An emergency is left to its review.
fn outside_duty<'a>(
    acts: &'a [&Act],
    duty: &'a DutyHours,
    thresholds: &'a Thresholds,
) -> impl Iterator<Item = Hit> + 'a {
    let is_outside = |act: &&&Act| {
        act.kind != ActKind::BrokeGlass && duty.stretch_of(act.at, thresholds.duty_grace).is_none()
    };
    acts.iter().filter(is_outside).map(|act| hit(AlertRule::OutsideDuty, act))
}

/// Refusals that stand in some window with enough others. Refusals of one instant are one: a list that is filtered
/// makes several.
fn denial_bursts(acts: &[&Act], thresholds: &Thresholds) -> Vec<Hit> {
    let refused: Vec<&Act> = acts.iter().copied().filter(|act| act.kind == ActKind::Refused).collect();
    let mut instants: Vec<DateTime<Utc>> = refused.iter().map(|act| act.at).collect();
    instants.dedup();
    let bursts: BTreeSet<DateTime<Utc>> = instants
        .windows(thresholds.denials_min.max(1))
        .filter(|window| match window {
            [first, .., last] => last.signed_duration_since(*first) <= thresholds.denials_within,
            _ => true,
        })
        .flatten()
        .copied()
        .collect();
    let in_burst = refused.into_iter().filter(|act| bursts.contains(&act.at));
    in_burst.map(|act| hit(AlertRule::DenialBurst, act)).collect()
}

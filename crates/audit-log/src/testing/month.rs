//! A month of a clinic made from a number: 20 staff at work, and six of them who abuse their access.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use records_model::{Action, ActorId, EntryId, Role, SubjectId};
use uuid::Uuid;

use super::{mixed, sample_history};
use crate::{
    AlertRule, ContactToken, DutyHours, Event, Leaf, LeafParts, Moves, Opened, Outcome, Preimage, Salt,
    StaffFacts,
};

const STAFF: u64 = 20;
const PEOPLE: u64 = 400;
const DAYS: u64 = 30;
/// Honest reads at random times; with the rest, the month has 3,000.
const HONEST_READS: usize = 2_916;
/// 2026-03-01, a Sunday, at midnight.
const START_SECONDS: i64 = 1_772_323_200;

/// A month: what the log holds, what is known of the staff, and who abused what.
#[derive(Debug, Clone)]
pub struct SampleMonth {
    /// Every entry with its side row, in no particular order.
    pub entries: Vec<Opened>,
    /// Duty hours, declared relations, contacts.
    pub facts: StaffFacts,
    /// The planted abuses: which rule should tell, and of whom.
    pub planted: BTreeSet<(AlertRule, ActorId)>,
    /// Two days after the month.
    pub end: DateTime<Utc>,
}

struct MonthMaker {
    state: u64,
    entries: Vec<Opened>,
    base: LeafParts,
}

fn staff(number: u64) -> ActorId {
    ActorId::from_uuid(Uuid::from_u128(0x5a_0000 + u128::from(number)))
}

fn person(number: u64) -> SubjectId {
    SubjectId::from_uuid(Uuid::from_u128(0x9e_0000 + u128::from(number)))
}

fn token(number: u8) -> ContactToken {
    ContactToken::from_bytes([number; 32])
}

fn minute(day: u64, minute: i64) -> DateTime<Utc> {
    let days = i64::try_from(day).unwrap_or_default();
    DateTime::UNIX_EPOCH
        + TimeDelta::seconds(START_SECONDS)
        + TimeDelta::days(days)
        + TimeDelta::minutes(minute)
}

/// When somebody's duty begins, in minutes of the day: two in five by day, two in five late, one in five by night.
const fn duty_start(number: u64) -> i64 {
    match number % 5 {
        0 | 1 => 7 * 60,
        2 | 3 => 14 * 60,
        _ => 22 * 60,
    }
}

/// Everybody works five days of seven, eight hours each.
const fn is_on_duty(number: u64, day: u64) -> bool {
    (day + number) % 7 < 5
}

impl MonthMaker {
    fn below(&mut self, end: u64) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mixed(self.state) % end.max(1)
    }

    fn below_minutes(&mut self, end: u64) -> i64 {
        i64::try_from(self.below(end)).unwrap_or_default()
    }

    fn enter(&mut self, actor: u64, subject: u64, at: DateTime<Utc>, event: Event, outcome: Outcome) {
        let row = Preimage {
            actor: Some(staff(actor)),
            subject: Some(person(subject)),
            role: Some(if actor.is_multiple_of(2) { Role::Nurse } else { Role::Physician }),
            ..Preimage::default()
        };
        let salt = Salt::from_bytes([7; 32]);
        let number = u128::try_from(self.entries.len()).unwrap_or_default();
        let made = row.commitment(&salt).ok().and_then(|commitment| {
            let leaf = Leaf::new(LeafParts {
                entry: EntryId::from_uuid(Uuid::from_u128(number)),
                at: at + TimeDelta::seconds(i64::try_from(number % 60).unwrap_or_default()),
                event,
                outcome,
                action: Some(Action::Read),
                moves: event.moved_chain().unwrap_or(Moves::None),
                commitment,
                ..self.base.clone()
            });
            Opened::new(leaf.ok()?, row, &salt).ok()
        });
        self.entries.extend(made);
    }

    fn read(&mut self, actor: u64, subject: u64, at: DateTime<Utc>) {
        self.enter(actor, subject, at, Event::Decision, Outcome::Permit);
    }

    /// A day on which somebody works, and a minute of that duty.
    fn at_work(&mut self, actor: u64) -> DateTime<Utc> {
        let worked: Vec<u64> = (0..DAYS).filter(|day| is_on_duty(actor, *day)).collect();
        let pick = usize::try_from(self.below(worked.len().try_into().unwrap_or(1))).unwrap_or_default();
        let day = worked.get(pick).copied().unwrap_or_default();
        minute(day, duty_start(actor) + self.below_minutes(8 * 60))
    }

    /// Honest work, and what looks like abuse and is none: a refusal here and there, notes finished late, one look
    /// from home, a busy day, and emergencies that were reviewed.
    fn honest(&mut self) {
        for number in 0..HONEST_READS {
            let actor = self.below(STAFF);
            // Above 100, so that nobody opens a colleague's or a neighbour's record by chance.
            let subject = 100 + self.below(PEOPLE - 100);
            let at = self.at_work(actor);
            self.read(actor, subject, at);
            if number.is_multiple_of(40) {
                self.enter(actor, subject, at, Event::Decision, Outcome::Deny);
            }
        }
        for actor in 0..STAFF {
            let worked = (0..DAYS).filter(|day| is_on_duty(actor, *day)).nth(4).unwrap_or_default();
            let late = minute(worked, duty_start(actor) + 8 * 60 + 20 + self.below_minutes(30));
            self.read(actor, 150, late);
        }
        let day_off = (0..DAYS).find(|day| !is_on_duty(7, *day)).unwrap_or_default();
        self.read(7, 160, minute(day_off, 11 * 60));
        let busy = (0..DAYS).filter(|day| is_on_duty(6, *day)).nth(15).unwrap_or_default();
        for number in 0..10 {
            let at = minute(busy, duty_start(6) + 20 * i64::try_from(number).unwrap_or_default());
            self.read(6, 200 + number, at);
        }
        for actor in [1, 8] {
            let at = self.at_work(actor);
            self.enter(actor, 170 + actor, at, Event::BreakGlassOpened, Outcome::Permit);
            let reviewed = at + TimeDelta::days(1);
            self.enter(19, 170 + actor, reviewed, Event::BreakGlassReviewed, Outcome::Permit);
        }
    }

    /// Six abuses by six people; gives what should be told.
    fn abuses(&mut self) -> BTreeSet<(AlertRule, ActorId)> {
        // Copies the register: forty people in one duty, late in the month.
        let day = (0..DAYS).filter(|day| is_on_duty(2, *day)).nth(17).unwrap_or_default();
        for number in 0..40 {
            let at = minute(day, duty_start(2) + 30 + 5 * i64::try_from(number).unwrap_or_default());
            self.read(2, 250 + number, at);
        }
        // Looks at four people on a night off.
        let night_off = (8..DAYS).find(|day| !is_on_duty(5, *day)).unwrap_or_default();
        for number in 0..4 {
            let at = minute(night_off, 120 + 4 * i64::try_from(number).unwrap_or_default());
            self.read(5, 300 + number, at);
        }
        // Opens their own record, thrice, on duty.
        for _ in 0..3 {
            let at = self.at_work(9);
            self.read(9, 9, at);
        }
        // Looks at somebody who lives at their address.
        for _ in 0..2 {
            let at = self.at_work(11);
            self.read(11, 31, at);
        }
        // Tries one record after the other and is refused each time.
        let day = (0..DAYS).filter(|day| is_on_duty(13, *day)).nth(9).unwrap_or_default();
        for number in 0..9 {
            let at = minute(day, duty_start(13) + 60 + i64::try_from(number).unwrap_or_default());
            self.enter(13, 320 + number, at, Event::Decision, Outcome::Deny);
        }
        // Breaks the glass without an emergency, and nobody looks at it.
        let day = (0..DAYS).filter(|day| is_on_duty(16, *day)).nth(11).unwrap_or_default();
        let at = minute(day, duty_start(16) + 90);
        self.enter(16, 340, at, Event::BreakGlassOpened, Outcome::Permit);
        [
            (AlertRule::Volume, 2),
            (AlertRule::OutsideDuty, 5),
            (AlertRule::SelfAccess, 9),
            (AlertRule::SharedContact, 11),
            (AlertRule::DenialBurst, 13),
            (AlertRule::UnreviewedGlass, 16),
        ]
        .map(|(rule, actor)| (rule, staff(actor)))
        .into()
    }
}

fn facts() -> StaffFacts {
    let duty = |number| {
        let stretch = |day| {
            let start = minute(day, duty_start(number));
            start..start + TimeDelta::hours(8)
        };
        let days = (0..DAYS).filter(|day| is_on_duty(number, *day));
        Some((staff(number), DutyHours::new(days.map(stretch).collect()).ok()?))
    };
    let contacts = |tokens: &[u8]| tokens.iter().copied().map(token).collect::<BTreeSet<_>>();
    // Token 1 is the clinic's own telephone, which everybody gives; 2 an address; 3 a house with two tenants.
    let mut staff_contacts: BTreeMap<ActorId, _> =
        (0..STAFF).map(|number| (staff(number), contacts(&[1]))).collect();
    staff_contacts.insert(staff(11), contacts(&[1, 2]));
    staff_contacts.insert(staff(4), contacts(&[1, 3]));
    let mut subject_contacts: BTreeMap<SubjectId, _> =
        (100..140).map(|number| (person(number), contacts(&[1]))).collect();
    subject_contacts.insert(person(31), contacts(&[2]));
    // Cared for by the nurse next door: the one false alert that the rules cannot avoid.
    subject_contacts.insert(person(180), contacts(&[3]));
    StaffFacts {
        duty: (0..STAFF).filter_map(duty).collect(),
        own_person: (0..STAFF).map(|number| (staff(number), person(number))).collect(),
        declared_relations: [(staff(3), person(33))].into(),
        staff_contacts,
        subject_contacts,
    }
}

/// The month that a number stands for: 20 staff, 3,000 reads, six planted abuses.
#[must_use]
pub fn sample_month(seed: u64) -> SampleMonth {
    let base = sample_history(1, 1).pop().map(Leaf::into_parts);
    // A day after the last duty, so that what was broken at night could be looked at.
    let end = minute(DAYS + 2, 0);
    let Some(base) = base else {
        return SampleMonth { entries: Vec::new(), facts: facts(), planted: BTreeSet::new(), end };
    };
    let mut maker = MonthMaker { state: seed, entries: Vec::new(), base };
    maker.honest();
    let planted = maker.abuses();
    let neighbour = maker.at_work(4);
    maker.read(4, 180, neighbour);
    SampleMonth { entries: maker.entries, facts: facts(), planted, end }
}

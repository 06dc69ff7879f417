//! The review of one item.

use chrono::{Days, NaiveDate};
use jurisdiction::{Bound, LocalMoment, PeriodRow, PeriodStart, RowRef, earliest_ceiling, latest_floor};
use records_model::{ClauseId, Fact, LegalHold, Set};

use crate::{
    Age, ClassSchedule, ItemFacts, Proposal, Reason, RetentionDecision, RetentionSchedule, RetentionState,
    SecondaryUses,
};

/// The clause on suspending disposal.
const HOLD_CLAUSE: ClauseId = ClauseId::of::<77>();
/// The clause that everything has an end.
const END_CLAUSE: ClauseId = ClauseId::of::<71>();

/// When a row's period starts for this item.
enum Start {
    On(NaiveDate),
    NotYet,
    AgeUnknown,
    /// The row changes nothing here.
    Irrelevant,
}

/// What the rows say of one item.
#[derive(Default)]
struct Dates {
    /// Floors, and the blocking period of cancelled data.
    kept: Option<Bound>,
    ceiling: Option<Bound>,
    /// Whether a floor cannot be told yet: then nothing is destroyed.
    unknown: bool,
    reasons: Vec<Reason>,
}

impl RetentionSchedule {
    /// Reviews one item.
    ///
    /// Total: every item of every class has an answer, and whatever is not known keeps the item.
    ///
    /// - `holds`: the legal holds of the person; released ones and those of other classes are ignored.
    /// - `at`: the moment of the review, with its date at the clinic.
    pub fn review(&self, facts: &ItemFacts, holds: &[LegalHold], at: LocalMoment) -> RetentionDecision {
        let today = at.today();
        let schedule = self.classes.get(&facts.class);
        let clause = schedule.map_or(END_CLAUSE, |schedule| schedule.clause);
        // A schedule has every class, so the default is never taken; it would keep the item.
        let mut dates = schedule.map_or(Dates { unknown: true, ..Dates::default() }, |schedule| {
            self.dates(schedule, facts, today)
        });
        let cancelled = facts.cancelled_on.filter(|on| *on <= today);
        let (disposable_from, dispose_by) = self.disposal(&dates, cancelled);
        let past_ceiling = dates.ceiling.as_ref().is_some_and(|ceiling| ceiling.on < today);
        let mut state = if dispose_by.is_some_and(|by| by < today) {
            RetentionState::Overdue
        } else if disposable_from.is_some_and(|from| from <= today) {
            RetentionState::Disposable
        } else if cancelled.is_some() {
            RetentionState::Blocked
        } else if past_ceiling || facts.secondary_uses == SecondaryUses::Off {
            RetentionState::Retained
        } else {
            RetentionState::Active
        };
        let secondary_uses =
            if state == RetentionState::Active { SecondaryUses::Allowed } else { SecondaryUses::Off };
        let ceiling_at = dates.ceiling.as_ref().map(|ceiling| ceiling.on);
        let known = known(facts, (state, disposable_from, ceiling_at), today);
        if let (Some(from), true) = (disposable_from, state > RetentionState::Held) {
            dates.reasons.push(Reason::NothingKeepsIt { since: from, clause });
        }
        for hold in holds.iter().filter(|hold| covers(hold, facts, at)) {
            state = RetentionState::Held;
            dates.reasons.push(Reason::Hold { hold: hold.id, clause: HOLD_CLAUSE });
        }
        RetentionDecision {
            class: facts.class,
            clause,
            reviewed_on: today,
            state,
            secondary_uses,
            floor_until: dates.kept.filter(|_| !dates.unknown).map(|kept| kept.on),
            ceiling_at,
            disposable_from,
            dispose_by,
            reasons: dates.reasons,
            facts: known.0,
            facts_until: known.1,
        }
    }

    fn dates(&self, schedule: &ClassSchedule, facts: &ItemFacts, today: NaiveDate) -> Dates {
        let clause = schedule.clause;
        let mut dates = Dates::default();
        let mut floors = dates.own_floors(schedule, facts);
        for followed in schedule.follows.iter().filter_map(|class| self.classes.get(&class)) {
            floors.extend(dates.followed_floors(followed, facts, clause));
        }
        let ceilings = schedule.ceilings.iter().filter_map(|(reference, row)| match start(row, facts) {
            Start::On(on) => row.last_day(on).map(|last| (last, reference.clone())),
            Start::NotYet | Start::AgeUnknown | Start::Irrelevant => None,
        });
        dates.ceiling = earliest_ceiling(ceilings);
        // A class that only follows others, none of which has begun, has no end yet.
        dates.unknown |= floors.is_empty() && !schedule.follows.is_empty() && dates.ceiling.is_none();
        if let Some(floor) = latest_floor(floors.iter().cloned()) {
            dates.reasons.push(Reason::KeptThrough { until: floor.on, rows: floor.rows, clause });
        }
        if let (Some((reference, row)), Some(on)) =
            (&schedule.blocking, facts.cancelled_on.filter(|on| *on <= today))
        {
            match row.last_day(on) {
                Some(until) => {
                    dates.reasons.push(Reason::BlockedThrough { until, row: reference.clone(), clause });
                    floors.push((until, reference.clone()));
                }
                None => dates.unknown = true,
            }
        }
        dates.kept = latest_floor(floors);
        if let Some(ceiling) = &dates.ceiling {
            let (at, rows) = (ceiling.on, ceiling.rows.clone());
            dates.reasons.push(Reason::EndsOn { at, rows, clause });
            if let Some(kept) = dates.kept.as_ref().filter(|kept| kept.on > ceiling.on) {
                let (ceiling, by) = (ceiling.rows.clone(), kept.rows.clone());
                dates.reasons.push(Reason::CeilingOverridden { ceiling, by, clause });
            }
        }
        if dates.kept.is_none() && dates.ceiling.is_none() {
            dates.not_begun(schedule);
        }
        dates
    }

    /// The first day on which the item may go, and the last on which it goes in time.
    fn disposal(
        &self,
        dates: &Dates,
        cancelled: Option<NaiveDate>,
    ) -> (Option<NaiveDate>, Option<NaiveDate>) {
        if dates.unknown {
            return (None, None);
        }
        let ceiling = dates.ceiling.as_ref().map(|ceiling| ceiling.on);
        let from = match (&dates.kept, cancelled, ceiling) {
            // Kept *through* the day: it may go on the next.
            (Some(kept), _, _) => kept.on.checked_add_days(Days::new(1)),
            (None, Some(cancelled), Some(ceiling)) => Some(cancelled.min(ceiling)),
            (None, Some(only), None) | (None, None, Some(only)) => Some(only),
            (None, None, None) => None,
        };
        let by = from.and_then(|from| match ceiling {
            Some(ceiling) if ceiling >= from => Some(ceiling),
            _ => from.checked_add_days(Days::new(u64::from(self.disposal_days))),
        });
        (from, by)
    }
}

impl Dates {
    /// The floors of the class itself; one that has not begun keeps the item without an end.
    fn own_floors(&mut self, schedule: &ClassSchedule, facts: &ItemFacts) -> Vec<(NaiveDate, RowRef)> {
        let clause = schedule.clause;
        let mut floors = Vec::new();
        for (reference, row) in &schedule.floors {
            let row_clause = row.clause.unwrap_or(clause);
            match start(row, facts) {
                Start::On(on) => match row.last_day(on) {
                    Some(last) => floors.push((last, reference.clone())),
                    None => self.unknown = true,
                },
                Start::NotYet => {
                    self.unknown = true;
                    self.reasons.push(Reason::AnchorMissing { row: reference.clone(), clause: row_clause });
                }
                Start::AgeUnknown => {
                    self.unknown = true;
                    self.reasons.push(Reason::AgeUnknown { row: reference.clone(), clause: row_clause });
                }
                Start::Irrelevant => {}
            }
        }
        floors
    }

    /// The floors of a class that this one serves; what has not begun there keeps nothing here.
    fn followed_floors(
        &mut self,
        followed: &ClassSchedule,
        facts: &ItemFacts,
        clause: ClauseId,
    ) -> Vec<(NaiveDate, RowRef)> {
        let mut floors = Vec::new();
        let mut age_needed = None;
        let mut begun = false;
        for (reference, row) in &followed.floors {
            match start(row, facts) {
                Start::On(on) => {
                    begun |= !matches!(row.start, PeriodStart::Majority { .. });
                    match row.last_day(on) {
                        Some(last) => floors.push((last, reference.clone())),
                        None => self.unknown = true,
                    }
                }
                Start::AgeUnknown => age_needed = Some(reference.clone()),
                Start::NotYet | Start::Irrelevant => {}
            }
        }
        if !begun {
            return Vec::new();
        }
        if let Some(row) = age_needed {
            self.unknown = true;
            self.reasons.push(Reason::AgeUnknown { row, clause });
        }
        floors
    }

    /// Says what the item waits for, when nothing has begun.
    fn not_begun(&mut self, schedule: &ClassSchedule) {
        if !self.reasons.is_empty() {
            return;
        }
        let (clause, classes) = (schedule.clause, schedule.follows);
        let rows = schedule.ceilings.iter().chain(&schedule.floors);
        self.reasons.extend(rows.map(|(row, _)| Reason::AnchorMissing { row: row.clone(), clause }));
        if !classes.is_empty() {
            self.reasons.push(Reason::FollowsNothingYet { classes, clause });
        }
    }
}

/// What a decision needs to know of the item whatever holds cover it, and the first day on which time adds to it.
fn known(
    facts: &ItemFacts,
    (state, disposable_from, ceiling_at): (RetentionState, Option<NaiveDate>, Option<NaiveDate>),
    today: NaiveDate,
) -> (Set<Fact>, Option<NaiveDate>) {
    let cancelled = facts.cancelled_on.is_some_and(|on| on <= today);
    let waiting = facts.proposal == Proposal::Waiting;
    let may_go = matches!(state, RetentionState::Disposable | RetentionState::Overdue);
    let blocked = if cancelled || (waiting && may_go) { Set::one(Fact::Blocked) } else { Set::EMPTY };
    let held = if state == RetentionState::Active { Set::EMPTY } else { Set::one(Fact::SecondaryUseHeld) };
    let ahead = |day: &NaiveDate| *day > today;
    let ends = ceiling_at.and_then(|day| day.succ_opt()).filter(|_| held.is_empty());
    let goes = disposable_from.filter(|_| held.is_empty() || (waiting && blocked.is_empty()));
    let cancels = facts.cancelled_on.filter(|_| blocked.is_empty());
    (blocked | held, [ends, goes, cancels].into_iter().flatten().filter(ahead).min())
}

fn start(row: &PeriodRow, facts: &ItemFacts) -> Start {
    match row.start {
        PeriodStart::Anchor(event) | PeriodStart::EndOfNextYear(event) => {
            facts.anchors.get(event).map_or(Start::NotYet, Start::On)
        }
        PeriodStart::Majority { .. } => match facts.age {
            Age::Born(birth) => Start::On(birth.date()),
            Age::AdultThroughout => Start::Irrelevant,
            Age::Unknown => Start::AgeUnknown,
        },
        PeriodStart::Cancellation => facts.cancelled_on.map_or(Start::NotYet, Start::On),
    }
}

fn covers(hold: &LegalHold, facts: &ItemFacts, at: LocalMoment) -> bool {
    let in_force = hold.starts_at <= at.now() && hold.released_at.is_none_or(|released| released > at.now());
    in_force && (hold.classes.is_empty() || hold.classes.contains(facts.class))
}

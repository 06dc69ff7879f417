//! Counts over the tables, and the requests with their dates.

use chrono::{DateTime, Days, NaiveDate, Utc};
use jurisdiction::LocalMoment;
use postgres_store::{ConductQuestion, Snapshot};
use privacy_notice::Evidence;
use privacy_operations::House;
use records_model::{AnchorEvent, RetentionClass, Vocabulary};
use retention::{Age, Anchors, ItemFacts, Proposal, RetentionDecision, RetentionState, SecondaryUses};
use rights_requests::{Case, Clock};

use super::custody::Custody;
use super::documents::count;
use super::log_walk::LogFindings;
use crate::RuntimeError;

/// Hours after its end within which a broken glass is reviewed (a choice of this project: the policy says that
/// it is reviewed afterwards, and no number).
const REVIEW_HOURS: i64 = 72;

/// Enters what the tables show.
pub(super) async fn enter(
    snapshot: &mut Snapshot,
    (house, now): (&House, DateTime<Utc>),
    (log, custody): (&LogFindings, &Custody),
    evidence: &mut Evidence,
) -> Result<(), RuntimeError> {
    let today = house.zone.date_of(now);
    let ceiling = website_past_ceiling(house, now);
    let question = ConductQuestion {
        now,
        review_hours: REVIEW_HOURS,
        time_zone: house.zone.name().to_owned(),
        scheduled: house.retention.classes().map(retention::ClassSchedule::class).collect(),
        website_through: ceiling.unwrap_or_default(),
    };
    let conduct = snapshot.conduct(&question).await?;
    let counted = |count: i64| u64::try_from(count).ok();
    evidence.decisions.break_glass_overdue = counted(conduct.reviews_overdue);
    evidence.decisions.people_without_profiles = counted(conduct.people_without_residence);
    evidence.records.without_anchor = counted(conduct.acts_without_anchor);
    evidence.records.age_columns = counted(conduct.age_columns);
    evidence.rights.complaints_in_conflict = counted(conduct.cases_in_conflict);
    let kept = &mut evidence.retention;
    kept.without_schedule = counted(conduct.records_unscheduled);
    kept.website_past_ceiling = ceiling.and_then(|_| counted(conduct.website_past_ceiling));
    kept.disposals_under_hold = counted(conduct.disposals_under_hold);
    kept.disposals_early = counted(conduct.disposals_early).map(|early| early + custody.early);
    let done = counted(conduct.disposals_done).unwrap_or_default();
    let unentered = done.saturating_sub(log.entries("disposal-done"));
    let unapproved = counted(conduct.disposals_unapproved).unwrap_or_default();
    kept.disposals_without_certificate = Some(unentered.max(unapproved) + custody.undocumented);
    let lost = counted(conduct.entries_lost).unwrap_or_default();
    evidence.decisions.permits_unlogged = Some(lost + custody.unlogged + untraced(snapshot, log).await?);
    evidence.rights.requests_overdue = requests_overdue(snapshot, today).await?;
    evidence.retention.disposals_overdue = Some(disposals_overdue(snapshot, (house, now)).await?);
    Ok(())
}

/// Classes of one person's records that should be gone. Where records of a class end one by one, the newest of
/// them counts here; website events are counted apart, each by its own day.
async fn disposals_overdue(
    snapshot: &mut Snapshot,
    (house, now): (&House, DateTime<Utc>),
) -> Result<u64, RuntimeError> {
    let (mut overdue, mut last) = (0, None);
    loop {
        let page = snapshot.keepings_after(last).await?;
        let Some((id, _)) = page.last() else { return Ok(overdue) };
        last = Some(*id);
        for (_, keeping) in &page {
            let is_overdue = |one: &RetentionDecision| one.state() == RetentionState::Overdue;
            overdue += count(keeping.review(house, now).into_iter().filter(is_overdue));
        }
    }
}

/// Rows that operations left behind and that have no entry in the log.
async fn untraced(snapshot: &mut Snapshot, log: &LogFindings) -> Result<u64, RuntimeError> {
    let traces = snapshot.traces().await?;
    Ok(traces.iter().map(|(event, rows)| rows.saturating_sub(log.entries(event))).sum())
}

/// Open requests past their committed date; nothing is said while some have steps that are not read here.
async fn requests_overdue(snapshot: &mut Snapshot, today: NaiveDate) -> Result<Option<u64>, RuntimeError> {
    let (mut overdue, mut unread) = (0, 0);
    for state in snapshot.case_states().await? {
        match serde_json::from_value::<Case>(state.document) {
            Ok(case) => {
                let is_late = case
                    .items()
                    .values()
                    .any(|item| matches!(item.answer_clock(today), Clock::Overdue { .. }));
                overdue += u64::from(is_late);
            }
            _ => unread += 1,
        }
    }
    Ok((overdue > 0 || unread == 0).then_some(overdue))
}

/// How far back the search for the ceiling of website data goes, in days: no clinic promises twenty years.
const CEILING_DAYS_MAX: u64 = 7_320;

/// The newest day whose website events are past their ceiling today; `None` if the schedule sets none.
fn website_past_ceiling(house: &House, now: DateTime<Utc>) -> Option<NaiveDate> {
    let at = LocalMoment::new(now, house.zone);
    let is_past = |day: &NaiveDate| {
        let anchors = AnchorEvent::ALL.iter().fold(Anchors::none(), |all, event| all.latest(*event, *day));
        let class = RetentionClass::Website;
        let facts = ItemFacts {
            class,
            anchors,
            age: Age::AdultThroughout,
            cancelled_on: None,
            secondary_uses: SecondaryUses::Allowed,
            proposal: Proposal::None,
        };
        house.retention.review(&facts, &[], at).ceiling_at().is_some_and(|ceiling| ceiling < at.today())
    };
    (0..CEILING_DAYS_MAX).filter_map(|days| at.today().checked_sub_days(Days::new(days))).find(is_past)
}

//! Patterns in the log: looked for, raised once, and closed by a verdict.

use std::collections::BTreeMap;

use audit_log::{
    Act, Alert, Event, Leaf, OpenGlass, Opened, RulePrecision, Verdict, find_alerts, glass_to_review,
};
use chrono::{DateTime, TimeDelta, Utc};
use postgres_store::{Clock, Snapshot};
use privacy_operations::{
    AlertJudged, Answer, House, JudgeAlert, OperationError, OverseeWork, RaiseAlert, WorkList, open_alert,
};
use records_model::{ActorId, AlertId, SubjectId};

use crate::evidence::{Side, rings, side_of};
use crate::{Runtime, RuntimeError};

/// One alert that waits for a verdict, opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertLine {
    /// Its id.
    pub id: AlertId,
    /// When it was raised.
    pub raised_at: DateTime<Utc>,
    /// The alert.
    pub alert: Alert,
}

/// The alerts, if the actor may see them.
#[derive(Debug, Clone)]
pub struct AlertsSeen {
    /// Whether they may.
    pub answer: Answer,
    /// How many were raised just now.
    pub raised: usize,
    /// Those without a verdict, oldest first.
    pub waiting: Vec<AlertLine>,
    /// Alerts without a verdict that no key opens any more.
    pub unopened: usize,
    /// Log entries of that time that no key opens any more: what they tell, the rules do not see.
    pub unread: usize,
    /// How often each rule was right.
    pub precision: Vec<RulePrecision>,
}

/// What the rules need of the log; a page is dropped as soon as it was read.
#[derive(Default)]
struct Gathered {
    acts: Vec<Act>,
    glass: Vec<Opened>,
    unread: usize,
}

impl Runtime {
    /// The alerts that wait for a verdict, without looking for new ones. The looking is decided and entered first.
    ///
    /// # Errors
    ///
    /// [`RuntimeError`] if nothing could be decided, or an alert was altered.
    pub async fn alerts(&self, actor: ActorId, clock: Clock) -> Result<AlertsSeen, RuntimeError> {
        let answer = self.perform(&OverseeWork { actor, list: WorkList::Alerts }, clock).await?;
        self.alerts_seen(answer).await
    }

    /// Looks over the log of so many days by the clinic's rules and thresholds, and raises what is new (P-54). The
    /// looking is decided and entered first; then the sides of that time are opened in memory, page by page.
    ///
    /// # Errors
    ///
    /// [`RuntimeError`] if nothing could be decided, or the log or its keys cannot be read.
    pub async fn look_for_alerts(
        &self,
        actor: ActorId,
        days: u16,
        clock: Clock,
    ) -> Result<AlertsSeen, RuntimeError> {
        let answer = self.perform(&OverseeWork { actor, list: WorkList::Alerts }, clock).await?;
        if !answer.is_permit() {
            return self.alerts_seen(answer).await;
        }
        let house = self.refresh().await?;
        let now = self.store().instant(clock).await?;
        let since = now - TimeDelta::days(i64::from(days));
        let mut snapshot = self.store().snapshot(self.clinic()).await?;
        let gathered = self.gather(&mut snapshot, since).await?;
        snapshot.close().await?;
        let (staff, facts) = self.staff_facts(&house, (since, now)).await?;
        let waiting = waiting_glass(&gathered, &house, now);
        let found = find_alerts(&gathered.acts, &waiting, &facts, &house.alert_thresholds());
        let persons: BTreeMap<ActorId, SubjectId> =
            staff.iter().map(|line| (line.actor.id, line.subject)).collect();
        let mut raised = 0;
        for alert in found {
            let Some(owner) = alert.subject().or_else(|| persons.get(&alert.actor()).copied()) else {
                continue;
            };
            raised += usize::from(self.perform(&RaiseAlert { actor, owner, alert }, clock).await?.is_some());
        }
        let seen = self.alerts_seen(answer).await?;
        Ok(AlertsSeen { raised, unread: gathered.unread, ..seen })
    }

    /// Closes an alert with a verdict, if the policy lets this actor oversee the log and the alert is about somebody
    /// else.
    ///
    /// # Errors
    ///
    /// [`RuntimeError`] if there is no such alert, it was closed before, or nothing could be decided.
    pub async fn judge_alert(
        &self,
        (actor, alert): (ActorId, AlertId),
        verdict: Verdict,
        clock: Clock,
    ) -> Result<AlertJudged, RuntimeError> {
        let owner = self.store().alert_owner(self.clinic(), alert).await?;
        let owner = owner.ok_or(OperationError::UnknownAlert)?;
        self.perform(&JudgeAlert { actor, owner, alert, verdict }, clock).await
    }

    async fn gather(&self, snapshot: &mut Snapshot, since: DateTime<Utc>) -> Result<Gathered, RuntimeError> {
        let mut gathered = Gathered::default();
        snapshot.begin_log().await?;
        loop {
            let page = snapshot.next_entries().await?;
            if page.is_empty() {
                return Ok(gathered);
            }
            let told: Vec<_> = page
                .iter()
                .filter_map(|traced| Some((Leaf::decode(&traced.entry.leaf).ok()?, traced.side.as_ref())))
                .filter(|(leaf, _)| leaf.parts().at >= since && may_tell(leaf.parts().event))
                .collect();
            let people: Vec<SubjectId> = told.iter().filter_map(|(_, side)| Some((*side)?.subject)).collect();
            let rings = rings(self, snapshot, &people).await?;
            for (leaf, side) in &told {
                match side_of(self, leaf, *side, &rings) {
                    Side::Opened(opened) => gathered.take(*opened),
                    Side::Forgotten | Side::Broken => gathered.unread += 1,
                }
            }
        }
    }

    async fn alerts_seen(&self, answer: Answer) -> Result<AlertsSeen, RuntimeError> {
        let (waiting, precision) = (Vec::new(), Vec::new());
        let mut seen = AlertsSeen { answer, raised: 0, waiting, unopened: 0, unread: 0, precision };
        if !seen.answer.is_permit() {
            return Ok(seen);
        }
        let stored = self.store().alerts(self.clinic(), None).await?;
        let owners: Vec<SubjectId> = stored.iter().map(|alert| alert.owner).collect();
        let mut snapshot = self.store().snapshot(self.clinic()).await?;
        let rings = rings(self, &mut snapshot, &owners).await?;
        snapshot.close().await?;
        for one in &stored {
            let opened = rings.get(&one.owner).map(|keys| open_alert(self.clinic(), one, keys.ring()));
            match opened {
                Some(Ok(alert)) => {
                    seen.waiting.push(AlertLine { id: one.id, raised_at: one.raised_at, alert });
                }
                Some(Err(_)) | None => seen.unopened += 1,
            }
        }
        seen.precision = self.store().rule_precision(self.clinic()).await?;
        Ok(seen)
    }
}

/// Whether an entry of this kind can tell of an act that a rule speaks of.
const fn may_tell(event: Event) -> bool {
    matches!(event, Event::Decision | Event::BreakGlassOpened | Event::BreakGlassReviewed)
}

impl Gathered {
    fn take(&mut self, opened: Opened) {
        self.acts.extend(Act::of(&opened));
        if opened.leaf().parts().event != Event::Decision {
            self.glass.push(opened);
        }
    }
}

/// Broken glasses without a review. One whose review fell out of the time looked at would count as waiting for ever,
/// so only openings of that time are gathered, and their reviews with them.
fn waiting_glass(gathered: &Gathered, house: &House, now: DateTime<Utc>) -> Vec<OpenGlass> {
    glass_to_review(&gathered.glass, house.review_within(), now)
}

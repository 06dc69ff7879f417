//! The invented requests and a broken glass: what the first page shows.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use clinic_runtime::Runtime;
use jurisdiction::Right;
use postgres_store::Clock;
use privacy_operations::{EvidenceKind, OpenRequest, RecordEvidence};
use records_model::{RestrictionKind, Set};
use rights_requests::{AskerKind, Channel};

use super::fill::{DAYS_OF_HISTORY, DemoError};
use super::patients::People;
use super::staff::Staff;

/// One invented request: whose, how many days before the first start, how it came in, which rights.
type Line = (usize, i64, Channel, &'static [Right]);

const REQUESTS: [Line; 5] = [
    // Late: nobody answered it.
    (6, 48, Channel::Email, &[Right::Access]),
    (4, 27, Channel::Post, &[Right::Access]),
    (9, 24, Channel::Web, &[Right::Correction]),
    // Several rights at once.
    (1, 9, Channel::InPerson, &[Right::Access, Right::Restriction, Right::Opposition]),
    (12, 2, Channel::Phone, &[Right::ConfidentialCommunication]),
];

/// Opens the requests and breaks one glass.
pub(super) async fn open(
    runtime: &Arc<Runtime>,
    staff: &Staff,
    people: &People,
    opened: DateTime<Utc>,
) -> Result<(), DemoError> {
    let now = opened + TimeDelta::days(DAYS_OF_HISTORY);
    for (place, days_ago, channel, rights) in REQUESTS {
        let received_at = now - TimeDelta::days(days_ago);
        let rights = Set::of(rights);
        let request = OpenRequest {
            actor: staff.actor("recepcion")?,
            subject: people.at(place)?,
            asker: AskerKind::Patient,
            channel,
            received_at,
            rights,
            restriction: rights.contains(Right::Restriction).then_some(RestrictionKind::Agreed),
            words: Some("Quisiera ejercer este derecho; escríbanme al teléfono que tienen.".to_owned()),
        };
        let opened = runtime.perform(&request, Clock::At(received_at + TimeDelta::minutes(30))).await?;
        DemoError::unless(opened.opened.is_some(), "opening a request")?;
    }
    let glass = RecordEvidence {
        actor: staff.actor("dr.salinas")?,
        subject: people.at(3)?,
        kind: EvidenceKind::BreakGlass,
        reason: "Llegó desorientada a urgencias; se buscan alergias y medicación actual.".to_owned(),
        lasts: TimeDelta::hours(2),
    };
    let broken = runtime.perform(&glass, Clock::At(now - TimeDelta::hours(20))).await?;
    DemoError::unless(broken.evidence.is_some(), "breaking the glass")
}

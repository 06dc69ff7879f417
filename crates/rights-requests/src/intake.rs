//! Opening a case.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use jurisdiction::{
    Adjustments, ClinicZone, DeadlineError, DeadlineRequest, LawBook, ProfileFamily, Right, StartEvent, Step,
};
use records_model::{ActorId, CaseId, RestrictionKind, Set, SubjectId};
use thiserror::Error;

use crate::{Acknowledgement, AskerKind, Case, Channel, RightItem, RightState};

/// What is known when a request comes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intake {
    /// The id of the case, made by the caller.
    pub id: CaseId,
    /// Whose data it is about.
    pub subject: SubjectId,
    /// In what capacity the asker asks.
    pub asker: AskerKind,
    /// How it came in.
    pub channel: Channel,
    /// When it came in; a letter may be logged days later.
    pub received_at: DateTime<Utc>,
    /// What is asked for.
    pub rights: Set<Right>,
    /// What kind of restriction, exactly if one is asked for.
    pub restriction: Option<RestrictionKind>,
    /// Whom a complaint is about, if it names somebody of the staff.
    pub complaint_about: Option<ActorId>,
    /// The families of profiles that apply to the person: the promise, the law of the clinic, and those of every
    /// residence so far (P-93).
    pub families: BTreeSet<ProfileFamily>,
}

/// A case and what the person is told at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenedRequest {
    /// The case.
    pub case: Case,
    /// What the person is told at once.
    pub acknowledgement: Acknowledgement,
}

/// Why a case cannot be opened.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Nothing is asked for.
    #[error("a request asks for at least one right")]
    NoRight,
    /// Received after now.
    #[error("a request cannot be received in the future; check the date of receipt")]
    Future,
    /// A restriction without its kind, or a kind without a restriction.
    #[error("a restriction says whether the law obliges the clinic to agree, and nothing else does")]
    RestrictionKind,
    /// A person complained of, without a complaint.
    #[error("only a complaint is about somebody")]
    ComplaintAbout,
    /// A right without a clock.
    #[error(transparent)]
    Deadline(#[from] DeadlineError),
}

/// Opens a case: every right gets its clock, counted from the receipt at the clinic.
///
/// - `zone`: the clinic's time zone.
/// - `now`: when it is logged.
///
/// Identity is not asked for here: a request is logged whoever makes it (P-67, P-68).
///
/// # Errors
///
/// [`OpenError`] if nothing is asked for, it was received in the future, or no profile sets a time for a right.
pub fn open_request(
    intake: Intake,
    law: &LawBook,
    zone: ClinicZone,
    now: DateTime<Utc>,
) -> Result<OpenedRequest, OpenError> {
    if intake.rights.is_empty() {
        return Err(OpenError::NoRight);
    }
    if intake.received_at > now {
        return Err(OpenError::Future);
    }
    let kinds = [Some(RestrictionKind::Agreed), Some(RestrictionKind::MustAgree)];
    let restriction_fits = if intake.rights.contains(Right::Restriction) {
        kinds.contains(&intake.restriction)
    } else {
        intake.restriction.is_none()
    };
    if !restriction_fits {
        return Err(OpenError::RestrictionKind);
    }
    if intake.complaint_about.is_some() && !intake.rights.contains(Right::Complaint) {
        return Err(OpenError::ComplaintAbout);
    }
    let mut items = BTreeMap::new();
    for right in intake.rights.iter() {
        let request = DeadlineRequest {
            right,
            step: Step::Answer,
            event: StartEvent::Receipt,
            started_at: intake.received_at,
            families: intake.families.clone(),
        };
        let answer_by = law.deadline(&request, zone, &Adjustments::default())?;
        let item = RightItem {
            state: RightState::Received,
            answer_by,
            adjustments: Adjustments::default(),
            extension_reasons: Vec::new(),
            execute_by: None,
        };
        items.insert(right, item);
    }
    let case = Case {
        id: intake.id,
        subject: intake.subject,
        asker: intake.asker,
        channel: intake.channel,
        received_at: intake.received_at,
        opened_at: now,
        zone,
        families: intake.families,
        restriction: intake.restriction,
        complaint_about: intake.complaint_about,
        handler: None,
        proof: None,
        items,
    };
    let acknowledgement = Acknowledgement::of(&case, law);
    Ok(OpenedRequest { case, acknowledgement })
}

//! Opening a rights request: any channel, anybody whose data is held.

use std::collections::BTreeSet;
use std::fmt;

use audit_log::{Event, Moves};
use chrono::{DateTime, TimeDelta, Utc};
use crypto_vault::{SealedTable, SideField};
use jurisdiction::{ProfileFamily, Right};
use records_model::{ActorId, CaseId, RestrictionKind, RetentionClass, Set, SubjectId};
use rights_requests::{Acknowledgement, AskerKind, Case, Channel, Intake, open_request};

use crate::ask::{Asking, ask, narrowing_will};
use crate::card::refuse_card_number;
use crate::change::NewCase;
use crate::ledger::Ledger;
use crate::{
    Answer, Change, House, LoadedFacts, LockMode, Needs, Operation, OperationError, Plan, SubjectFacts,
    SubjectNeed, Tools,
};

/// Opens a rights request about a person's data.
#[derive(Clone)]
pub struct OpenRequest {
    /// Who logs it.
    pub actor: ActorId,
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
    /// The person's own words without card numbers, stored sealed.
    pub words: Option<String>,
}

/// Shows everything but the person's own words.
impl fmt::Debug for OpenRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenRequest")
            .field("actor", &self.actor)
            .field("subject", &self.subject)
            .field("asker", &self.asker)
            .field("channel", &self.channel)
            .field("received_at", &self.received_at)
            .field("rights", &self.rights)
            .field("restriction", &self.restriction)
            .finish_non_exhaustive()
    }
}

/// The outcome.
#[derive(Debug, Clone)]
pub struct RequestOpened {
    /// Whether the actor may log it.
    pub answer: Answer,
    /// The case and what the person is told at once.
    pub opened: Option<(Case, Acknowledgement)>,
}

impl Operation for OpenRequest {
    type Outcome = RequestOpened;

    fn needs(&self) -> Needs {
        Needs::decision(self.actor, SubjectNeed::new(self.subject, LockMode::Exclusive))
    }

    fn plan(
        &self,
        facts: &LoadedFacts,
        tools: &mut Tools<'_>,
    ) -> Result<Plan<RequestOpened>, OperationError> {
        let subject = facts.subject.as_ref().ok_or(OperationError::UnknownSubject(self.subject))?;
        self.words.as_deref().map_or(Ok(()), refuse_card_number)?;
        let mut ledger = Ledger::open(facts, tools)?;
        let (answer, entry) = match ask(facts, &mut ledger, &narrowing_will(), Set::EMPTY)? {
            Asking::Permitted(answer, entry) => (answer, entry),
            Asking::Refused(answer) => return Ok(ledger.finish(RequestOpened { answer, opened: None })),
        };
        let intake = self.intake(subject, ledger.tools)?;
        let (id, house) = (intake.id, ledger.tools.house);
        let opened = open_request(intake, &house.law, house.zone, ledger.tools.now)
            .map_err(|error| OperationError::Deadline(error.to_string()))?;
        let document = serde_json::to_value(&opened.case).map_err(|_| OperationError::Stored("case"))?;
        let text = self.words.as_deref().unwrap_or_default();
        let field = (SideField::Narrative, text.as_bytes());
        let (dek_version, sealed) =
            ledger.seal_side(RetentionClass::Request, SealedTable::CaseDetails, id.as_uuid(), field)?;
        ledger.change(Change::PutCase(Box::new(NewCase {
            subject: self.subject,
            id,
            received_at: opened.case.received_at(),
            document,
            dek_version,
            words: self.words.is_some().then_some(sealed),
        })));
        ledger.enter(entry.becoming(Event::RequestOpened, Moves::None))?;
        let opened = Some((opened.case, opened.acknowledgement));
        Ok(ledger.finish(RequestOpened { answer, opened }))
    }
}

impl OpenRequest {
    fn intake(&self, subject: &SubjectFacts, tools: &mut Tools<'_>) -> Result<Intake, OperationError> {
        Ok(Intake {
            id: CaseId::generate(tools.arrival, tools.rng),
            subject: self.subject,
            asker: self.asker,
            channel: self.channel,
            received_at: received(self.received_at, tools.now),
            rights: self.rights,
            restriction: self.restriction,
            complaint_about: None,
            families: families_of(subject, tools.house)?,
        })
    }
}

/// How far the clock of who logged a request may run ahead of the database's, in seconds.
const CLOCK_SKEW_SECONDS: i64 = 120;

/// When a request came in: never after now, as far as two clocks can differ; a later time is a mistake, and refused.
fn received(stated: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
    if stated - now <= TimeDelta::seconds(CLOCK_SKEW_SECONDS) { stated.min(now) } else { stated }
}

/// The families of profiles that apply to a person: the promise, the clinic's own law, and their residence's.
pub(crate) fn families_of(
    subject: &SubjectFacts,
    house: &House,
) -> Result<BTreeSet<ProfileFamily>, OperationError> {
    let profiles = &house.settings.profiles;
    let names = match &subject.residence {
        Some(residence) => profiles.applying_to(residence),
        None => profiles.applying_to(&privacy_notice::Residence::country(house.settings.country)),
    };
    house
        .law
        .select(names.iter().map(privacy_notice::ProfileName::as_str))
        .map_err(|error| OperationError::Deadline(error.to_string()))
}

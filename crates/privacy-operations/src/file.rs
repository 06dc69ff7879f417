//! What is on file about a person besides their records: consents, restrictions, evidence, requests, holds.

use consent_policy::Consent;
use records_model::{
    Action, ActorId, Category, Detail, Ground, LegalHold, Purpose, Restriction, Set, SubjectId, SubjectKind,
};

use crate::ask::{Asking, ask};
use crate::ledger::Ledger;
use crate::{
    Answer, Asked, BlockRow, CaseRow, EvidenceRow, Load, LoadedFacts, LockMode, Needs, Operation,
    OperationError, Plan, SubjectNeed, Tools,
};

/// Looks up what is on file about a person besides their records. It opens nothing sealed.
///
/// Whoever may know for their purpose that the person exists may know which consents stand and what restricts them;
/// evidence, requests and holds are shown for oversight and for the person's own rights only.
#[derive(Debug, Clone)]
pub struct ViewFile {
    /// Who looks.
    pub actor: ActorId,
    /// About whom.
    pub subject: SubjectId,
    /// What for.
    pub purpose: Purpose,
    /// On what ground.
    pub ground: Ground,
}

/// What is on file.
#[derive(Debug, Clone)]
pub struct PersonFile {
    /// In what capacity they are on file.
    pub kind: SubjectKind,
    /// Consents, ended ones included, oldest first.
    pub consents: Vec<Consent>,
    /// Restrictions, lifted ones included.
    pub restrictions: Vec<Restriction>,
    /// Evidence, for oversight.
    pub evidence: Vec<EvidenceRow>,
    /// Rights requests, for oversight.
    pub cases: Vec<CaseRow>,
    /// Legal holds, for oversight.
    pub holds: Vec<LegalHold>,
    /// Orders to keep records away, lifted ones included, for oversight.
    pub blocks: Vec<BlockRow>,
}

/// The outcome of looking.
#[derive(Debug, Clone)]
pub struct FileViewed {
    /// Whether the actor may look.
    pub answer: Answer,
    /// What is on file, if they may.
    pub file: Option<PersonFile>,
}

/// What is asked before what is on file about a person is shown: that they exist.
pub(crate) fn existence(purpose: Purpose, ground: Ground) -> Asked {
    let category = Set::one(Category::IdentityContact);
    Asked { detail: Detail::Existence, ..Asked::internal(Action::Read, purpose, ground, category) }
}

impl Operation for ViewFile {
    type Outcome = FileViewed;

    fn needs(&self) -> Needs {
        let subject =
            SubjectNeed::new(self.subject, LockMode::Shared).with(Load::Retention).with(Load::Cases);
        Needs::decision(self.actor, subject)
    }

    fn plan(&self, facts: &LoadedFacts, tools: &mut Tools<'_>) -> Result<Plan<FileViewed>, OperationError> {
        let subject = facts.subject.as_ref().ok_or(OperationError::UnknownSubject(self.subject))?;
        let mut ledger = Ledger::open(facts, tools)?;
        match ask(facts, &mut ledger, &existence(self.purpose, self.ground), Set::EMPTY)? {
            Asking::Refused(answer) => Ok(ledger.finish(FileViewed { answer, file: None })),
            Asking::Permitted(answer, entry) => {
                ledger.enter(*entry)?;
                // Cases, holds and evidence are for those who oversee privacy and for the person.
                let oversees = matches!(self.purpose, Purpose::Oversight | Purpose::Rights);
                let file = PersonFile {
                    kind: subject.kind,
                    consents: subject.consents.clone(),
                    restrictions: subject.restrictions.clone(),
                    evidence: if oversees { subject.evidence.clone() } else { Vec::new() },
                    cases: if oversees { subject.cases.clone() } else { Vec::new() },
                    holds: if oversees { subject.holds.clone() } else { Vec::new() },
                    blocks: if oversees { subject.kept.blocks.clone() } else { Vec::new() },
                };
                Ok(ledger.finish(FileViewed { answer, file: Some(file) }))
            }
        }
    }
}

//! Founding a clinic, and putting its documents in force.

use audit_log::{ContentHash, Event, Moves};
use crypto_vault::{EpochKey, IndexRoot, IndexRootId, KeyVersion, Salt, Secret, SecretId, SecretKind};
use records_model::{
    Action, Actor, ActorId, Category, ClinicId, Detail, Ground, Purpose, Role, Set, SubjectId, SubjectKind,
};
use sha2::{Digest, Sha256};

use crate::ask::{Asking, ask};
use crate::ledger::{EntryDraft, Ledger};
use crate::word::SecretRowKind;
use crate::{
    AgeMark, Answer, Asked, Change, DocumentRow, House, LoadedFacts, LockMode, Needs, Operation,
    OperationError, Plan, SecretRow, Tools,
};

/// The actor that the software's own jobs act as; its person is the clinic itself.
#[must_use]
pub const fn system_actor(clinic: ClinicId) -> ActorId {
    ActorId::from_uuid(clinic.as_uuid())
}

/// The person that stands for the clinic itself: website events and jobs have no other.
#[must_use]
pub const fn clinic_subject(clinic: ClinicId) -> SubjectId {
    SubjectId::from_uuid(clinic.as_uuid())
}

/// Founds a clinic: its row, its secrets, its first documents and the actor of its own jobs.
#[derive(Debug)]
pub struct FoundClinic {
    /// Which.
    pub clinic: ClinicId,
    /// Its wrapped secrets, made with [`new_secrets`].
    pub secrets: Vec<SecretRow>,
    /// Its first documents: file name and text. The tools' house was made of them.
    pub documents: Vec<(String, String)>,
}

impl Operation for FoundClinic {
    type Outcome = ();

    fn needs(&self) -> Needs {
        Needs { clinic: LockMode::Exclusive, ..Needs::without_subject(system_actor(self.clinic)) }
    }

    fn plan(&self, facts: &LoadedFacts, tools: &mut Tools<'_>) -> Result<Plan<()>, OperationError> {
        if !facts.clinic.documents.is_empty() {
            return Err(OperationError::AlreadyFounded);
        }
        let (actor, subject) = (system_actor(self.clinic), clinic_subject(self.clinic));
        let mut ledger = Ledger::found(self.clinic, (actor, Role::System), subject, tools)?;
        let pseudonym = ledger.sealed_actor_pseudonym()?;
        ledger.change(Change::FoundClinic(self.clinic));
        for secret in &self.secrets {
            ledger.change(Change::PutSecret(secret.clone()));
        }
        ledger.change(Change::PutSubject {
            id: subject,
            kind: SubjectKind::Staff,
            residence: None,
            age: AgeMark::LongOfAge,
        });
        let actor = Actor { id: actor, role: Role::System };
        ledger.change(Change::PutActor { actor, subject, pseudonym });
        for document in first_versions(&self.documents) {
            ledger.change(put_document(&document));
        }
        ledger.enter(EntryDraft::event(Event::PolicyActivated, Moves::Clinic))?;
        Ok(ledger.finish(()))
    }
}

/// A log entry names the rules that decided by the version of their document alone, so a version means one text.
fn check_policy(in_force: &House, next: &House) -> Result<(), OperationError> {
    let (old, new) = (in_force.engine.policy(), next.engine.policy());
    if old.header().version == new.header().version && old != new {
        return Err(OperationError::VersionTaken(new.header().version.clone()));
    }
    Ok(())
}

fn put_document(document: &DocumentRow) -> Change {
    Change::PutDocument {
        path: document.path.clone(),
        version_no: document.version_no,
        content: document.content.to_string(),
        content_hash: document.content_hash,
    }
}

/// Puts a new version of a document in force. A document that cannot be read, or whose rules break a promise,
/// changes nothing: the last good one stays in force.
#[derive(Debug)]
pub struct ActivateDocument {
    /// Who activates it.
    pub actor: ActorId,
    /// Its file name.
    pub path: String,
    /// Its text.
    pub text: String,
}

impl Operation for ActivateDocument {
    type Outcome = Answer;

    fn needs(&self) -> Needs {
        Needs { clinic: LockMode::Exclusive, ..Needs::without_subject(self.actor) }
    }

    fn plan(&self, facts: &LoadedFacts, tools: &mut Tools<'_>) -> Result<Plan<Answer>, OperationError> {
        let mut documents = facts.clinic.documents.clone();
        let last = documents.iter().find(|one| one.path == self.path).map_or(0, |one| one.version_no);
        documents.retain(|one| one.path != self.path);
        let document = DocumentRow {
            path: self.path.clone(),
            version_no: last.checked_add(1).ok_or(OperationError::Range)?,
            content: self.text.as_str().into(),
            content_hash: Sha256::digest(self.text.as_bytes()).into(),
        };
        documents.push(document.clone());
        let next = House::read(&documents)?;
        check_policy(tools.house, &next)?;
        let event = if self.path == next.settings.files.providers.as_str() {
            Event::ProviderChanged
        } else {
            Event::PolicyActivated
        };
        let mut ledger = Ledger::open(facts, tools)?;
        let category = Set::one(Category::StaffRecord);
        let mut asked = Asked::internal(Action::Write, Purpose::Oversight, Ground::LegalDuty, category);
        asked.detail = Detail::Existence;
        match ask(facts, &mut ledger, &asked, Set::EMPTY)? {
            Asking::Permitted(answer, entry) => {
                ledger.change(put_document(&document));
                let mut entry = entry.becoming(event, Moves::Clinic);
                entry.content = Some(ContentHash::from_bytes(document.content_hash));
                ledger.enter(entry)?;
                Ok(ledger.finish(answer))
            }
            Asking::Refused(answer) => Ok(ledger.finish(answer)),
        }
    }
}

/// Makes and wraps the secrets of a clinic; the rows to store.
pub fn new_secrets(clinic: ClinicId, epoch: &EpochKey, rng: &mut chacha20::ChaCha20Rng) -> [SecretRow; 2] {
    let root = IndexRoot::generate(IndexRootId { clinic, version: KeyVersion::FIRST }, rng);
    let signing = SecretId { clinic, kind: SecretKind::LogSigning, version: KeyVersion::FIRST };
    let signing = Secret::generate(signing, rng);
    let row = |kind, wrapped: &crypto_vault::WrappedKey, check: Vec<u8>| SecretRow {
        kind,
        version: 1,
        epoch: wrapped.epoch().number(),
        wrapped: wrapped.as_bytes().to_vec(),
        check_value: check,
    };
    let wrapped_root = epoch.wrap_index_root(&root, Salt::generate(rng));
    let wrapped_signing = epoch.wrap_secret(&signing, Salt::generate(rng));
    [
        row(SecretRowKind::IndexRoot, &wrapped_root, root.check_value().0.to_vec()),
        row(SecretRowKind::LogSigning, &wrapped_signing, Vec::new()),
    ]
}

/// The documents as they will be stored, for making the house before the clinic exists.
#[must_use]
pub fn first_versions(documents: &[(String, String)]) -> Vec<DocumentRow> {
    let first = |(path, text): &(String, String)| DocumentRow {
        path: path.clone(),
        version_no: 1,
        content: text.as_str().into(),
        content_hash: Sha256::digest(text.as_bytes()).into(),
    };
    documents.iter().map(first).collect()
}

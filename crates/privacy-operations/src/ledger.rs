//! Gathers what one operation changes, and turns each step of it into a log entry.

use std::collections::BTreeSet;

use audit_log::{
    Commitment, ContentHash, Event, Generations, Leaf, LeafParts, Moves, Outcome, Preimage, Pseudonym, commit,
};
use crypto_vault::{
    Active, BatchSealer, ContentType, DecryptKey, Dek, EnvelopeHeader, FieldContext, KeystoreRow,
    RecordContext, RecordOpener, Salt, SealedTable, SideField,
};
use records_model::{
    Action, ActorId, ClinicId, Detail, EntryId, Ground, Purpose, Record, RecordId, RetentionClass, Role,
    RuleId, SubjectId,
};

use crate::sealed::{SourceMarks, place_of, seal};
use crate::{
    ActorFacts, ChainRow, Change, EntryRow, KeyPlace, KeyRing, LoadedFacts, OperationError, Plan,
    StoredRecord, SubjectFacts, Tools,
};

/// What one log entry says.
#[derive(Debug, Clone)]
pub struct EntryDraft {
    /// What happened.
    pub event: Event,
    /// The words of the request, where a request was decided.
    pub asked: Option<AskedWords>,
    /// What came out.
    pub outcome: Outcome,
    /// The rules that decided.
    pub rules: BTreeSet<RuleId>,
    /// Which chain it moves.
    pub moves: Moves,
    /// SHA-256 of sealed content, where there is any.
    pub content: Option<ContentHash>,
    /// What the leaf commits to without saying it.
    pub preimage: Preimage,
}

/// The words of a decided request that stand in the leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AskedWords {
    /// What was to be done.
    pub action: Action,
    /// What for.
    pub purpose: Purpose,
    /// On what ground.
    pub ground: Ground,
    /// In what detail.
    pub detail: Detail,
}

impl EntryDraft {
    /// An event that follows no request.
    #[must_use]
    pub fn event(event: Event, moves: Moves) -> Self {
        Self {
            event,
            asked: None,
            outcome: Outcome::None,
            rules: BTreeSet::new(),
            moves,
            content: None,
            preimage: Preimage::default(),
        }
    }
}

struct Party<Id> {
    id: Id,
    owner: SubjectId,
    pseudonym: Pseudonym,
    generation: u64,
    keys: KeyRing,
}

/// The changes and entries of one operation in the making.
pub(crate) struct Ledger<'t, 'a> {
    pub(crate) tools: &'t mut Tools<'a>,
    clinic: ClinicId,
    clinic_generation: u64,
    actor: Party<ActorId>,
    role: Role,
    subject: Option<Party<SubjectId>>,
    changes: Vec<Change>,
    entries: Vec<EntryRow>,
}

impl<'t, 'a> Ledger<'t, 'a> {
    /// Opens a ledger for the actor and the person that were loaded.
    pub(crate) fn open(facts: &LoadedFacts, tools: &'t mut Tools<'a>) -> Result<Self, OperationError> {
        let actor = facts.actor.as_ref().ok_or(OperationError::UnknownActor)?;
        let clinic = facts.clinic.id;
        Ok(Self {
            clinic,
            clinic_generation: facts.clinic.generation,
            actor: actor_party(clinic, actor, tools)?,
            role: actor.actor.role,
            subject: facts
                .subject
                .as_ref()
                .map(|subject| subject_party(clinic, subject, tools))
                .transpose()?,
            changes: Vec::new(),
            entries: Vec::new(),
            tools,
        })
    }

    /// A ledger for an actor who is being made in this same operation: the first of a clinic.
    pub(crate) fn found(
        clinic: ClinicId,
        (actor, role): (ActorId, Role),
        owner: SubjectId,
        tools: &'t mut Tools<'a>,
    ) -> Result<Self, OperationError> {
        let pseudonym = Pseudonym::generate(tools.rng);
        let mut keys = KeyRing::empty(clinic, owner);
        let row = keys.ensure(RetentionClass::Staff, tools)?;
        let mut ledger = Self {
            clinic,
            clinic_generation: 0,
            actor: Party { id: actor, owner, pseudonym, generation: 0, keys },
            role,
            subject: None,
            changes: Vec::new(),
            entries: Vec::new(),
            tools,
        };
        ledger.changes.extend(row.map(Change::PutKey));
        Ok(ledger)
    }

    /// Enters a person who is being registered: their first keys and pseudonym.
    pub(crate) fn enter_subject(&mut self, id: SubjectId) -> Result<(), OperationError> {
        let pseudonym = Pseudonym::generate(self.tools.rng);
        let keys = KeyRing::empty(self.clinic, id);
        self.subject = Some(Party { id, owner: id, pseudonym, generation: 0, keys });
        self.ensure_key(RetentionClass::Accounting)?;
        let party = self.subject.as_ref().ok_or(OperationError::SubjectNotNamed)?;
        let dek = party.keys.active(RetentionClass::Accounting)?;
        let dek_version = dek.id().version().number();
        let sealed = seal_pseudonym(dek, &pseudonym, self.tools)?;
        self.change(Change::PutSubjectPseudonym { subject: id, dek_version, sealed });
        Ok(())
    }

    /// The pseudonym of the founding actor, sealed with their staff key.
    pub(crate) fn sealed_actor_pseudonym(&mut self) -> Result<Vec<u8>, OperationError> {
        let dek = self.actor.keys.active(RetentionClass::Staff)?;
        seal_pseudonym(dek, &self.actor.pseudonym, self.tools)
    }

    /// A new pseudonym for an actor who is the person concerned, sealed with that person's staff key.
    pub(crate) fn new_actor_pseudonym(&mut self) -> Result<Vec<u8>, OperationError> {
        self.ensure_key(RetentionClass::Staff)?;
        let pseudonym = Pseudonym::generate(self.tools.rng);
        let party = self.subject.as_ref().ok_or(OperationError::SubjectNotNamed)?;
        seal_pseudonym(party.keys.active(RetentionClass::Staff)?, &pseudonym, self.tools)
    }

    /// Makes the key of the person concerned for a place, if there is none; the row to store if one was made.
    pub(crate) fn ensure_key(
        &mut self,
        place: impl Into<KeyPlace>,
    ) -> Result<Option<KeystoreRow>, OperationError> {
        let party = self.subject.as_mut().ok_or(OperationError::SubjectNotNamed)?;
        let row = party.keys.ensure(place, self.tools)?;
        self.changes.extend(row.clone().map(Change::PutKey));
        Ok(row)
    }

    /// Seals one side text of the person concerned; its bytes and the version of the key.
    pub(crate) fn seal_side(
        &mut self,
        class: RetentionClass,
        table: SealedTable,
        row: uuid::Uuid,
        (field, text): (SideField, &[u8]),
    ) -> Result<(u32, Vec<u8>), OperationError> {
        self.ensure_key(class)?;
        let party = self.subject.as_ref().ok_or(OperationError::SubjectNotNamed)?;
        let context =
            RecordContext::of_side_row(self.clinic, party.id, class, table, RecordId::from_uuid(row));
        let dek = party.keys.active(class)?;
        let version = dek.id().version().number();
        let mut sealer = BatchSealer::new(dek, &context, Salt::generate(self.tools.rng))?;
        Ok((version, sealer.seal(&FieldContext::of_side_row(field, ContentType::Text), text)?))
    }

    /// Seals a record of the person concerned that is written here.
    pub(crate) fn seal_record(&mut self, record: &Record) -> Result<StoredRecord, OperationError> {
        self.seal_imported(record, None)
    }

    /// Seals a record of the person concerned, with the marks of where it came from.
    pub(crate) fn seal_imported(
        &mut self,
        record: &Record,
        marks: Option<SourceMarks>,
    ) -> Result<StoredRecord, OperationError> {
        self.ensure_key(place_of(record.head(), self.tools)?)?;
        let party = self.subject.as_ref().ok_or(OperationError::SubjectNotNamed)?;
        seal(record, marks, &party.keys, self.tools)
    }

    /// Adds a change.
    pub(crate) fn change(&mut self, change: Change) {
        self.changes.push(change);
    }

    /// Adds a log entry, and raises the generation of the chain that it moves.
    pub(crate) fn enter(&mut self, draft: EntryDraft) -> Result<EntryId, OperationError> {
        let id = EntryId::generate(self.tools.arrival, self.tools.rng);
        let preimage = Preimage {
            subject: self.subject.as_ref().map(|party| party.id),
            actor: Some(self.actor.id),
            role: Some(self.role),
            ..draft.preimage
        };
        let salt = audit_log::Salt::generate(self.tools.rng);
        let bytes = preimage.encode()?;
        let commitment = commit(&salt, &bytes);
        let moves = draft.moves;
        let leaf = self.leaf(id, EntryDraft { preimage, ..draft }, commitment)?;
        let row = self.entry_row(id, leaf.encode(), (&salt, &bytes))?;
        self.entries.push(row);
        self.raise(moves)?;
        Ok(id)
    }

    fn leaf(&self, id: EntryId, draft: EntryDraft, commitment: Commitment) -> Result<Leaf, OperationError> {
        let subject = self.subject.as_ref();
        Ok(Leaf::new(LeafParts {
            clinic: self.clinic,
            entry: id,
            event: draft.event,
            at: self.tools.now,
            subject: subject.map(|party| party.pseudonym),
            actor: Some(self.actor.pseudonym),
            action: draft.asked.map(|asked| asked.action),
            purpose: draft.asked.map(|asked| asked.purpose),
            ground: draft.asked.map(|asked| asked.ground),
            detail: draft.asked.map(|asked| asked.detail),
            outcome: draft.outcome,
            rules: draft.rules,
            policy: Some(self.tools.house.engine.version().clone()),
            generations: Generations {
                clinic: self.clinic_generation,
                actor: Some(self.actor.generation),
                subject: subject.map(|party| party.generation),
            },
            moves: draft.moves,
            content: draft.content,
            commitment,
        })?)
    }

    /// Seals the preimage under the accounting key of the person, or the actor's staff key where no person is
    /// concerned.
    fn entry_row(
        &mut self,
        id: EntryId,
        leaf: Vec<u8>,
        (salt, preimage): (&audit_log::Salt, &[u8]),
    ) -> Result<EntryRow, OperationError> {
        let (owner, class, keys) = match &self.subject {
            Some(party) => (party.id, RetentionClass::Accounting, &party.keys),
            None => (self.actor.owner, RetentionClass::Staff, &self.actor.keys),
        };
        let dek = keys.active(class)?;
        let table = SealedTable::LogDetails;
        let context =
            RecordContext::of_side_row(self.clinic, owner, class, table, RecordId::from_uuid(id.as_uuid()));
        let mut sealer = BatchSealer::new(dek, &context, Salt::generate(self.tools.rng))?;
        let salted = [salt.as_bytes().as_slice(), preimage].concat();
        Ok(EntryRow {
            id,
            leaf,
            side_subject: owner,
            side_class: class,
            side_dek_version: dek.id().version().number(),
            side: sealer.seal(&SIDE_FIELD, &salted)?,
        })
    }

    fn raise(&mut self, moves: Moves) -> Result<(), OperationError> {
        let (chain, generation) = match moves {
            Moves::None => return Ok(()),
            Moves::Clinic => (ChainRow::Clinic, &mut self.clinic_generation),
            Moves::Actor => (ChainRow::Actor(self.actor.id), &mut self.actor.generation),
            Moves::Subject => {
                let party = self.subject.as_mut().ok_or(OperationError::SubjectNotNamed)?;
                (ChainRow::Subject(party.id), &mut party.generation)
            }
        };
        *generation = generation.checked_add(1).ok_or(OperationError::Range)?;
        self.changes.push(Change::Raise(chain));
        Ok(())
    }

    /// Closes the ledger: the changes, the entries after them, and the outcome.
    pub(crate) fn finish<T>(mut self, outcome: T) -> Plan<T> {
        if !self.entries.is_empty() {
            self.changes.push(Change::AppendEntries(self.entries));
        }
        Plan { changes: self.changes, outcome }
    }
}

const PSEUDONYM_FIELD: FieldContext = FieldContext::of_side_row(SideField::Identity, ContentType::Bytes);
/// Field under which the side of a log entry is sealed: the salt, then the preimage.
pub(crate) const SIDE_FIELD: FieldContext = FieldContext::of_side_row(SideField::Details, ContentType::Bytes);

pub(crate) fn pseudonym_context(clinic: ClinicId, owner: SubjectId, class: RetentionClass) -> RecordContext {
    let row = RecordId::from_uuid(owner.as_uuid());
    RecordContext::of_side_row(clinic, owner, class, SealedTable::Pseudonyms, row)
}

fn seal_pseudonym(
    dek: &Dek<Active>,
    pseudonym: &Pseudonym,
    tools: &mut Tools<'_>,
) -> Result<Vec<u8>, OperationError> {
    let id = dek.id();
    let context = pseudonym_context(id.clinic(), id.subject(), id.class());
    let mut sealer = BatchSealer::new(dek, &context, Salt::generate(tools.rng))?;
    Ok(sealer.seal(&PSEUDONYM_FIELD, pseudonym.as_bytes())?)
}

/// Opens the name of an actor with the version of their staff key that sealed it, which may be an earlier one.
pub(crate) fn open_actor_name(
    keys: &KeyRing,
    context: &RecordContext,
    sealed: &[u8],
) -> Result<Pseudonym, OperationError> {
    let version = EnvelopeHeader::parse(sealed)?.key_number();
    open_pseudonym(keys.version(RetentionClass::Staff, version)?, context, sealed)
}

pub(crate) fn open_pseudonym(
    key: &impl DecryptKey,
    context: &RecordContext,
    sealed: &[u8],
) -> Result<Pseudonym, OperationError> {
    let mut opener = RecordOpener::for_envelope(key, context, sealed)?;
    let bytes = opener.open(&PSEUDONYM_FIELD, sealed)?;
    let bytes = <[u8; Pseudonym::LEN]>::try_from(bytes.as_slice())
        .map_err(|_| OperationError::Stored("pseudonym"))?;
    Ok(Pseudonym::from_bytes(bytes))
}

fn actor_party(
    clinic: ClinicId,
    facts: &ActorFacts,
    tools: &Tools<'_>,
) -> Result<Party<ActorId>, OperationError> {
    let keys = KeyRing::open(clinic, facts.subject, tools.epoch, &facts.keys)?;
    let context = pseudonym_context(clinic, facts.subject, RetentionClass::Staff);
    let pseudonym = open_actor_name(&keys, &context, &facts.pseudonym)?;
    Ok(Party { id: facts.actor.id, owner: facts.subject, pseudonym, generation: facts.generation, keys })
}

fn subject_party(
    clinic: ClinicId,
    facts: &SubjectFacts,
    tools: &Tools<'_>,
) -> Result<Party<SubjectId>, OperationError> {
    let keys = KeyRing::open(clinic, facts.id, tools.epoch, &facts.keys)?;
    let (version, sealed) =
        facts.pseudonym.as_ref().ok_or(OperationError::KeyMissing(RetentionClass::Accounting))?;
    let context = pseudonym_context(clinic, facts.id, RetentionClass::Accounting);
    let key = keys.version(RetentionClass::Accounting, *version)?;
    let pseudonym = open_pseudonym(key, &context, sealed)?;
    Ok(Party { id: facts.id, owner: facts.id, pseudonym, generation: facts.generation, keys })
}

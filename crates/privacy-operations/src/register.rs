//! Finding people, and registering them.

use std::collections::BTreeSet;

use audit_log::{Event, Moves};
use crypto_vault::{BlindToken, SearchKeys};
use records_model::{
    Action, ActorId, AnchorEvent, BirthDate, Category, ContentForm, ContentKind, Context, EmailAddress,
    Field, FieldValue, Ground, PersonName, PhoneNumber, Provenance, Purpose, Record, RecordContent,
    RecordHead, RecordId, RecordVersion, RetentionClass, Set, SubjectId, SubjectKind,
};

use crate::ask::{Asking, ask};
use crate::ledger::Ledger;
use crate::review::{AgeMark, floors_after};
use crate::word::TokenField;
use crate::{
    Answer, Asked, Change, LoadedFacts, Needs, Operation, OperationError, Plan, SubjectFacts, Tools,
};

/// What a person says of themselves when they are registered.
#[derive(Debug, Clone)]
pub struct PersonDetails {
    /// Name.
    pub name: PersonName,
    /// Date of birth, if it is asked for.
    pub birth_date: Option<BirthDate>,
    /// Telephone.
    pub phone: Option<PhoneNumber>,
    /// E-mail.
    pub email: Option<EmailAddress>,
    /// Country of residence, and part of it where that has laws of its own.
    pub residence: Option<privacy_notice::Residence>,
    /// Language of letters, such as `es`.
    pub language: Option<String>,
}

/// The tokens by which a person is found again.
pub(crate) fn tokens_of(search: &SearchKeys, person: &PersonDetails) -> Vec<(TokenField, [u8; 32])> {
    let of = |field: TokenField| move |token: BlindToken| (field, *token.as_bytes());
    let mut tokens: Vec<_> = search.name(&person.name).into_iter().map(of(TokenField::Name)).collect();
    if let Some(born) = person.birth_date {
        let dated = search.name_with_birth_date(&person.name, born);
        tokens.extend(dated.into_iter().map(of(TokenField::NameBirthDate)));
    }
    tokens.extend(person.phone.as_ref().map(|phone| search.phone(phone)).map(of(TokenField::Phone)));
    tokens.extend(person.email.as_ref().map(|email| search.email(email)).map(of(TokenField::Email)));
    tokens
}

/// The tokens that point at a likely duplicate: the same telephone, e-mail, or name with date of birth.
#[must_use]
pub fn duplicate_tokens(search: &SearchKeys, person: &PersonDetails) -> Vec<(TokenField, [u8; 32])> {
    let mut tokens = tokens_of(search, person);
    tokens.retain(|(field, _)| *field != TokenField::Name);
    tokens
}

/// The tokens of what somebody typed into a search: a telephone, an e-mail address, or words of a name.
///
/// Whoever is looked for matches **all** of them.
#[must_use]
pub fn search_tokens(search: &SearchKeys, text: &str) -> Vec<(TokenField, [u8; 32])> {
    let of = |field: TokenField, token: BlindToken| (field, *token.as_bytes());
    if let Ok(email) = EmailAddress::parse(text) {
        return vec![of(TokenField::Email, search.email(&email))];
    }
    if let Ok(phone) = PhoneNumber::parse(text) {
        return vec![of(TokenField::Phone, search.phone(&phone))];
    }
    search.name_text(text).into_iter().map(|token| of(TokenField::Name, token)).collect()
}

/// Asks whether this actor may search for people by name or contact (policy section 3.2).
#[derive(Debug, Clone)]
pub struct FindPerson {
    /// Who searches.
    pub actor: ActorId,
    /// What for.
    pub purpose: Purpose,
}

impl Operation for FindPerson {
    type Outcome = Answer;

    fn needs(&self) -> Needs {
        Needs::without_subject(self.actor)
    }

    fn plan(&self, facts: &LoadedFacts, tools: &mut Tools<'_>) -> Result<Plan<Answer>, OperationError> {
        let mut ledger = Ledger::open(facts, tools)?;
        let category = Set::one(Category::IdentityContact);
        let mut asked = Asked::internal(Action::Read, self.purpose, Ground::Contract, category);
        asked.detail = records_model::Detail::Existence;
        match ask(facts, &mut ledger, &asked, Set::EMPTY)? {
            Asking::Permitted(answer, entry) => {
                ledger.enter(*entry)?;
                Ok(ledger.finish(answer))
            }
            Asking::Refused(answer) => Ok(ledger.finish(answer)),
        }
    }
}

/// Registers a person. Whoever calls has looked for duplicates first and shown them.
#[derive(Debug, Clone)]
pub struct RegisterPerson {
    /// Who registers.
    pub actor: ActorId,
    /// In what capacity.
    pub kind: SubjectKind,
    /// The id they get, made before.
    pub id: SubjectId,
    /// What they say of themselves.
    pub person: PersonDetails,
}

/// The outcome of a registration.
#[derive(Debug, Clone)]
pub struct Registered {
    /// Whether the actor may register people.
    pub answer: Answer,
    /// The person, if registered.
    pub subject: Option<SubjectId>,
}

impl Operation for RegisterPerson {
    type Outcome = Registered;

    fn needs(&self) -> Needs {
        // Nobody else knows the new id yet, so there is nothing to lock.
        Needs::without_subject(self.actor)
    }

    fn plan(&self, facts: &LoadedFacts, tools: &mut Tools<'_>) -> Result<Plan<Registered>, OperationError> {
        let mut ledger = Ledger::open(facts, tools)?;
        let categories = Set::of(&[Category::IdentityContact, Category::BirthDate]);
        let asked = Asked::internal(Action::Collect, Purpose::Scheduling, Ground::Contract, categories);
        let (answer, entry) = match ask(facts, &mut ledger, &asked, Set::EMPTY)? {
            Asking::Permitted(answer, entry) => (answer, entry),
            Asking::Refused(answer) => return Ok(ledger.finish(Registered { answer, subject: None })),
        };
        let ids = put_person(&mut ledger, self.id, self.kind, (&self.person, self.actor))?;
        ledger.enter(entry.becoming(Event::PersonRegistered, Moves::None).about(ids))?;
        Ok(ledger.finish(Registered { answer, subject: Some(self.id) }))
    }
}

/// Enters a person: their row, first keys, pseudonym, identity records and search tokens. The ids of the records.
pub(crate) fn put_person(
    ledger: &mut Ledger<'_, '_>,
    id: SubjectId,
    kind: SubjectKind,
    (person, author): (&PersonDetails, ActorId),
) -> Result<BTreeSet<RecordId>, OperationError> {
    let age = AgeMark::of(person.birth_date, ledger.tools.today());
    ledger.change(Change::PutSubject { id, kind, residence: person.residence.clone(), age });
    ledger.enter_subject(id)?;
    let provenance = Provenance::Authored { author, at: ledger.tools.now };
    let records = identity_records(id, person, &provenance, ledger)?;
    let ids = records.iter().map(|record| record.id).collect();
    let fresh = SubjectFacts::new_person(id, kind, age);
    for floor in floors_after(&fresh, &records, ledger.tools) {
        ledger.change(floor);
    }
    ledger.change(Change::PutRecords(records));
    let tokens = tokens_of(ledger.tools.search, person);
    let index_version = ledger.tools.index_version;
    ledger.change(Change::PutTokens { subject: id, index_version, tokens });
    Ok(ids)
}

/// Seals what a person said of themselves as records.
fn identity_records(
    subject: SubjectId,
    person: &PersonDetails,
    provenance: &Provenance,
    ledger: &mut Ledger<'_, '_>,
) -> Result<Vec<crate::StoredRecord>, OperationError> {
    ledger.ensure_key(RetentionClass::Identity)?;
    let contents = [
        (Category::IdentityContact, ContentKind::ContactDetails, contact_content(person)),
        (Category::BirthDate, ContentKind::BirthDate, birth_content(person)),
    ];
    let mut records = Vec::new();
    for (category, kind, content) in contents {
        if content.is_empty() {
            continue;
        }
        let id = RecordId::generate(ledger.tools.arrival, ledger.tools.rng);
        let head = RecordHead {
            id,
            subject,
            version: RecordVersion::FIRST,
            category,
            kind,
            form: ContentForm::Coded,
            context: Context::Services,
            class: RetentionClass::Identity,
            reveals_health: false,
            genetic: false,
            provenance: provenance.clone(),
            anchor: AnchorEvent::LastContact,
            anchor_at: ledger.tools.now,
        };
        records.push(ledger.seal_record(&Record::new(head, content)?)?);
    }
    Ok(records)
}

fn contact_content(person: &PersonDetails) -> RecordContent {
    let mut content = RecordContent::new();
    content.insert(Field::GivenNames, person.name.given().into());
    content.insert(Field::Surnames, person.name.surnames().into());
    let optional = [
        (Field::Phone, person.phone.as_ref().map(PhoneNumber::as_str)),
        (Field::Email, person.email.as_ref().map(EmailAddress::as_str)),
        (Field::ResidenceCountry, person.residence.as_ref().map(privacy_notice::Residence::as_str)),
        (Field::Language, person.language.as_deref()),
    ];
    let known = optional.into_iter().filter_map(|(field, text)| Some((field, FieldValue::from(text?))));
    content.extend(known);
    content
}

fn birth_content(person: &PersonDetails) -> RecordContent {
    let born = person.birth_date.map(|born| born.date().format("%Y-%m-%d").to_string());
    born.map(|text| (Field::BirthDate, FieldValue::new(text))).into_iter().collect()
}

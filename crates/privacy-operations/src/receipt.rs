//! The receipt of a consent: what was agreed to, in both languages, for the person to keep and to show.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use consent_policy::{Consent, ConsentAtom, ConsentPurpose, ConsentRecipient, Signer};
use privacy_notice::Language;
use records_model::{
    ActorId, Category, ConsentId, Ground, Purpose, RecipientClass, Sensitivity, Set, SubjectId, Vocabulary,
};
use serde_json::{Value, json};

use crate::ask::{Asking, ask};
use crate::file::existence;
use crate::ledger::Ledger;
use crate::{
    Answer, ConsentEvidence, House, Load, LoadedFacts, LockMode, Needs, Operation, OperationError, Plan,
    SubjectNeed, Tools,
};

/// Version of the receipt's body.
const SCHEMA: &str = "resguardo-consent-receipt/1";

/// Makes the receipt of a consent anew, an ended one's too. Whoever may know that the consent stands may hand it out.
#[derive(Debug, Clone)]
pub struct IssueReceipt {
    /// Who asks for it.
    pub actor: ActorId,
    /// Whose consent.
    pub subject: SubjectId,
    /// Which.
    pub consent: ConsentId,
    /// What for.
    pub purpose: Purpose,
    /// On what ground.
    pub ground: Ground,
}

/// The outcome of asking for a receipt.
#[derive(Debug, Clone)]
pub struct ReceiptIssued {
    /// Whether the actor may have it.
    pub answer: Answer,
    /// Its body, to be signed, if they may.
    pub body: Option<Value>,
}

impl Operation for IssueReceipt {
    type Outcome = ReceiptIssued;

    fn needs(&self) -> Needs {
        let subject = SubjectNeed::new(self.subject, LockMode::Shared).with(Load::ConsentEvidence);
        Needs::decision(self.actor, subject)
    }

    fn plan(
        &self,
        facts: &LoadedFacts,
        tools: &mut Tools<'_>,
    ) -> Result<Plan<ReceiptIssued>, OperationError> {
        let subject = facts.subject.as_ref().ok_or(OperationError::UnknownSubject(self.subject))?;
        let consent = subject.consents.iter().find(|consent| consent.id() == self.consent);
        let consent = consent.ok_or(OperationError::UnknownConsent)?;
        let taken = subject.consent_evidence.iter().find(|(id, _)| *id == self.consent);
        let mut ledger = Ledger::open(facts, tools)?;
        match ask(facts, &mut ledger, &existence(self.purpose, self.ground), Set::EMPTY)? {
            Asking::Refused(answer) => Ok(ledger.finish(ReceiptIssued { answer, body: None })),
            Asking::Permitted(answer, entry) => {
                ledger.enter(*entry)?;
                let body = Body { house: ledger.tools.house, now: ledger.tools.now }.of(
                    (self.subject, consent),
                    taken.map(|(_, evidence)| *evidence),
                    facts.clinic.checkpoint.as_deref(),
                );
                Ok(ledger.finish(ReceiptIssued { answer, body: Some(body) }))
            }
        }
    }
}

/// What a body is made of. The keys are those of the consent records of LAW.md 4.2, which also hold what a receipt
/// of 4.1 does; `codes_of_conduct` and `impact_assessment` stay out, since the clinic's documents have neither.
struct Body<'a> {
    house: &'a House,
    now: DateTime<Utc>,
}

impl Body<'_> {
    fn of(
        &self,
        (subject, consent): (SubjectId, &Consent),
        taken: Option<ConsentEvidence>,
        checkpoint: Option<&str>,
    ) -> Value {
        let (parts, settings) = (consent.parts(), &self.house.settings);
        let categories = parts.atoms.iter().fold(Set::EMPTY, |all, atom| all | atom.categories);
        let classes: Set<_> = categories.iter().map(Category::retention_class).collect();
        json!({
            "schema_version": SCHEMA,
            "record_id": parts.id,
            "pii_principal_id": subject,
            "issued_at": self.now,
            "language": settings.languages,
            "jurisdiction": settings.country,
            "privacy_notice": {
                "version": parts.notice,
                "sha256": self.house.notices.get(&parts.notice).map(|notice| notice.content_hash.to_string()),
            },
            "collection_method": taken.map(ConsentEvidence::code),
            "lawful_basis": { "ground": Ground::Consent, "form": parts.form, "text": self.words(parts.form) },
            "processing_method": parts.atoms.iter().fold(Set::EMPTY, |all, atom| all | atom.actions),
            "purposes": parts.atoms.iter().map(|atom| self.purpose(atom)).collect::<Vec<_>>(),
            "excluded": parts.minus,
            "pii_information": categories.iter().map(|one| self.category(one)).collect::<Vec<_>>(),
            "sensitive": categories.iter().any(is_sensitive),
            "pii_controllers": [self.controller()],
            "recipient_third_parties": self.third_parties(&parts.atoms),
            "storage_locations": [settings.country],
            "processing_locations": parts.atoms.iter().fold(Set::EMPTY, |all, atom| all | atom.countries),
            "geographic_restrictions": parts.minus.iter().fold(Set::EMPTY, |all, taken| all | taken.countries),
            "retention_period": classes.iter().map(|class| self.word(class)).collect::<Vec<_>>(),
            "withdrawal_method": WITHDRAWAL.value(),
            "privacy_rights": RIGHTS.value(),
            "authority_party": self.authority(),
            "events": self.events(consent),
            "checkpoint": checkpoint,
        })
    }

    fn purpose(&self, atom: &ConsentAtom) -> Value {
        let (purpose, text) = match &atom.purpose {
            ConsentPurpose::Described(purpose) => (json!(purpose), self.words(*purpose)),
            ConsentPurpose::Undescribed(id) => (json!(id), self.words(Purpose::Sharing)),
        };
        json!({
            "purpose": purpose,
            "text": text,
            "actions": atom.actions,
            "categories": atom.categories,
            "countries": atom.countries,
            "recipient": self.recipient(atom.recipient),
            "third_party_disclosure": atom.recipient.class() != RecipientClass::Internal,
        })
    }

    fn recipient(&self, recipient: ConsentRecipient) -> Value {
        let name = match recipient {
            ConsentRecipient::Class(_) => None,
            ConsentRecipient::Provider { id, .. } => self.house.providers.get(id),
        };
        json!({
            "class": recipient.class(),
            "text": self.words(recipient.class()),
            "name": name.map(privacy_notice::Provider::name),
            "country": name.map(privacy_notice::Provider::country),
        })
    }

    fn third_parties(&self, atoms: &[ConsentAtom]) -> Vec<Value> {
        let outside =
            atoms.iter().map(|atom| atom.recipient).filter(|to| to.class() != RecipientClass::Internal);
        let mut parties: Vec<ConsentRecipient> = outside.collect();
        parties.sort_unstable();
        parties.dedup();
        parties.into_iter().map(|party| self.recipient(party)).collect()
    }

    fn category(&self, category: Category) -> Value {
        json!({
            "pii_type": category,
            "text": self.words(category),
            "sensitive_pii_category": is_sensitive(category),
        })
    }

    fn controller(&self) -> Value {
        let settings = &self.house.settings;
        json!({
            "party_id": settings.id,
            "party_name": settings.name,
            "party_role": "controller",
            "party_address": settings.officer.postal_address,
            "party_phone": settings.officer.phone_printed,
            "party_email": settings.officer.email.address().map(records_model::EmailAddress::as_str),
        })
    }

    /// The authorities of the laws that apply to everybody here, on the day of issue.
    fn authority(&self) -> Vec<Value> {
        let law = &self.house.law;
        let names = self.house.settings.profiles.always.iter().map(privacy_notice::ProfileName::as_str);
        let families = law.select(names).unwrap_or_default();
        law.all_in_force(&families, self.house.zone.date_of(self.now))
            .map(|profile| {
                let texts = LANGUAGES.map(|language| (language.code(), profile.authority(language)));
                json!(BTreeMap::from(texts))
            })
            .collect()
    }

    fn events(&self, consent: &Consent) -> Vec<Value> {
        let parts = consent.parts();
        let signer = match parts.signer {
            Signer::Person => "person",
            Signer::Representative => "representative",
        };
        let given = json!({
            "event_type": "given",
            "event_time": parts.starts_at,
            "valid_until": parts.expires_at,
            "entity": signer,
            "event_state": if consent.is_in_force(self.now) { "in-force" } else { "over" },
        });
        let ended = parts
            .ended
            .map(|end| json!({ "event_type": "ended", "event_time": end.at, "event_state": end.cause }));
        std::iter::once(given).chain(ended).collect()
    }

    fn word(&self, word: impl Vocabulary) -> Value {
        json!({ "code": word.code(), "text": self.words(word) })
    }

    /// How a word is said in each language.
    fn words(&self, word: impl Vocabulary) -> BTreeMap<&'static str, &str> {
        self.house.texts.iter().map(|texts| (texts.language().code(), texts.word(word))).collect()
    }
}

const LANGUAGES: [Language; 2] = [Language::Es, Language::En];

/// A sentence in both languages.
struct Sentence {
    es: &'static str,
    en: &'static str,
}

impl Sentence {
    fn value(&self) -> Value {
        json!({ "es": self.es, "en": self.en })
    }
}

const WITHDRAWAL: Sentence = Sentence {
    es: "Puede revocarlo cuando quiera, sin dar motivos: dígalo en la clínica o escriba a quien aparece arriba como responsable. Surte efecto al momento y no cambia lo que ya se hizo.",
    en: "You can withdraw it whenever you like, without giving reasons: say so at the clinic or write to the controller named above. It counts at once and does not change what was done before.",
};
const RIGHTS: Sentence = Sentence {
    es: "Puede pedir acceso a sus datos, su corrección, una restricción, comunicación confidencial, cancelación u oposición, y presentar una queja.",
    en: "You may ask for access to your data, correction, a restriction, confidential communication, cancellation or opposition, and you may complain.",
};

fn is_sensitive(category: Category) -> bool {
    category.sensitivity() == Sensitivity::Sensitive
}

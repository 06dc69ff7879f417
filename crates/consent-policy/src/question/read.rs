//! From one JSON object to a question.

use chrono::{DateTime, Utc};
use records_model::{
    Action, ActorId, ConsentForm, CountryClass, Detail, Fact, RecipientClass, Role, Set, Vocabulary,
};
use serde_json::{Map, Value};

use super::strict;
use super::{Question, QuestionError, QuestionKey};
use crate::{Consent, Facts, Request};

/// An object whose keys are taken out one by one; what is left over is unknown.
struct Keys {
    outer: Option<QuestionKey>,
    map: Map<String, Value>,
}

impl Keys {
    /// The value of a key; one that is null is not there.
    fn optional(&mut self, key: QuestionKey) -> Option<Value> {
        self.given(key).filter(|value| !value.is_null())
    }

    fn given(&mut self, key: QuestionKey) -> Option<Value> {
        self.map.remove(key.name())
    }

    fn word<V: Vocabulary>(&mut self, key: QuestionKey) -> Result<Option<V>, QuestionError> {
        self.optional(key).map(|value| word(key, &value)).transpose()
    }

    fn needed<V: Vocabulary>(&mut self, key: QuestionKey) -> Result<V, QuestionError> {
        self.word(key)?.ok_or(QuestionError::Missing { key })
    }

    /// A key that may be left out. Null is refused: whoever writes it meant to say something.
    fn word_or<V: Vocabulary>(&mut self, key: QuestionKey, usual: V) -> Result<V, QuestionError> {
        self.given(key).map_or(Ok(usual), |value| word(key, &value))
    }

    fn set<V: Vocabulary>(&mut self, key: QuestionKey) -> Result<Option<Set<V>>, QuestionError> {
        self.given(key).map(|value| words(key, &value)).transpose()
    }

    fn text<T>(
        &mut self,
        key: QuestionKey,
        expected: &'static str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, QuestionError> {
        let Some(value) = self.optional(key) else { return Ok(None) };
        value.as_str().and_then(parse).map(Some).ok_or(QuestionError::Kind { key, expected })
    }

    fn instant(&mut self, key: QuestionKey) -> Result<Option<DateTime<Utc>>, QuestionError> {
        self.text(key, "an instant such as 2026-01-05T15:00:00Z", |text| {
            DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc())
        })
    }

    /// Refuses what was not taken out.
    fn finish(self) -> Result<(), QuestionError> {
        self.map.keys().next().map_or(Ok(()), |text| {
            let nearest = QuestionKey::nearest(text, self.outer);
            Err(QuestionError::UnknownKey { outer: self.outer, nearest })
        })
    }

    /// Refuses a key that no question has, before anything that it might have been is missed.
    fn check_names(&self) -> Result<(), QuestionError> {
        let known = |text: &str| QuestionKey::ALL.iter().any(|key| key.code() == text);
        let unknown = self.map.keys().find(|text| !known(text) || text.contains('.'));
        unknown.map_or(Ok(()), |text| {
            Err(QuestionError::UnknownKey { outer: None, nearest: QuestionKey::nearest(text, None) })
        })
    }
}

pub(super) fn question(json: &str) -> Result<Question, QuestionError> {
    let mut keys = Keys { outer: None, map: strict::object(json)? };
    keys.check_names()?;
    let request = request(&mut keys)?;
    let (facts, form) = facts(&mut keys)?;
    let consents = consents(&mut keys)?;
    let now = keys.instant(QuestionKey::Now)?;
    keys.finish()?;
    if form.is_some() && consents.is_some() {
        return Err(QuestionError::TwoConsents);
    }
    let because = match (&consents, facts.valid_until) {
        (Some(_), _) => Some(QuestionKey::Consents),
        (None, Some(_)) => Some(QuestionKey::FactsValidUntil),
        (None, None) => None,
    };
    let now = match (now, because) {
        (Some(now), _) => now,
        (None, Some(because)) => return Err(QuestionError::NowMissing { because }),
        // Facts without a scheduled change hold at every instant.
        (None, None) => DateTime::UNIX_EPOCH,
    };
    Ok(match consents {
        Some(consents) => Question::with_consents(request, facts, &consents, now),
        None => Question::new(request, facts, now),
    })
}

fn request(keys: &mut Keys) -> Result<Request, QuestionError> {
    let request = as_written(keys)?;
    if request.names_its_purpose() { Ok(request) } else { Err(QuestionError::Undescribed) }
}

fn as_written(keys: &mut Keys) -> Result<Request, QuestionError> {
    let (actor, role) = who(keys)?;
    Ok(Request {
        action: keys.word_or(QuestionKey::Action, Action::Read)?,
        role,
        actor,
        purpose: keys.needed(QuestionKey::Purpose)?,
        undescribed: keys.text(QuestionKey::Undescribed, "the id of a purpose", |text| text.parse().ok())?,
        categories: keys
            .set(QuestionKey::Categories)?
            .ok_or(QuestionError::Missing { key: QuestionKey::Categories })?,
        recipient: keys.word_or(QuestionKey::Recipient, RecipientClass::Internal)?,
        recipient_id: keys
            .text(QuestionKey::RecipientId, "the id of a provider", |text| text.parse().ok())?,
        country: keys.word_or(QuestionKey::Country, CountryClass::Domestic)?,
        ground: keys.needed(QuestionKey::Ground)?,
        detail: keys.word_or(QuestionKey::Detail, Detail::Full)?,
    })
}

/// Who asks: a role beside an id or alone, an object of both, or a role in the place of the actor.
fn who(keys: &mut Keys) -> Result<(Option<ActorId>, Role), QuestionError> {
    let role = keys.word(QuestionKey::Role)?;
    let (id, own) = match keys.optional(QuestionKey::Actor) {
        None => (None, None),
        Some(Value::Object(map)) => {
            let mut actor = Keys { outer: Some(QuestionKey::Actor), map };
            let id = actor.text(QuestionKey::ActorId, "the id of an actor", |text| text.parse().ok())?;
            let own: Option<Role> = actor.word(QuestionKey::ActorRole)?;
            actor.finish()?;
            (id, own)
        }
        Some(value) => {
            let key = QuestionKey::Actor;
            let text = value.as_str().ok_or(QuestionError::Kind { key, expected: "an object or a word" })?;
            match text.parse() {
                Ok(id) => (Some(id), None),
                Err(_) => (None, Some(word(key, &value)?)),
            }
        }
    };
    match (role, own) {
        (Some(_), Some(_)) => Err(QuestionError::TwoRoles),
        (one, other) => {
            let role = one.or(other).ok_or(QuestionError::Missing { key: QuestionKey::Role })?;
            Ok((id, role))
        }
    }
}

/// What is true, and the form of consent if it is said.
fn facts(keys: &mut Keys) -> Result<(Facts, Option<ConsentForm>), QuestionError> {
    let mut inner = match keys.given(QuestionKey::Facts) {
        None => return Ok((Facts::NONE, None)),
        Some(Value::Object(map)) => Keys { outer: Some(QuestionKey::Facts), map },
        Some(list @ Value::Array(_)) => {
            let present = words(QuestionKey::Facts, &list)?;
            return Ok((Facts::new(ConsentForm::None, present), None));
        }
        Some(_) => {
            return Err(QuestionError::Kind {
                key: QuestionKey::Facts,
                expected: "an object or a list of words",
            });
        }
    };
    let form = inner.word(QuestionKey::FactsConsent)?;
    let present: Option<Set<Fact>> = inner.set(QuestionKey::FactsPresent)?;
    let valid_until = inner.instant(QuestionKey::FactsValidUntil)?;
    inner.finish()?;
    let consent = form.unwrap_or(ConsentForm::None);
    Ok((Facts { consent, present: present.unwrap_or_default(), valid_until }, form))
}

fn consents(keys: &mut Keys) -> Result<Option<Vec<Consent>>, QuestionError> {
    let key = QuestionKey::Consents;
    // Null is refused: an absence that is written down was meant to say something.
    let list = match keys.given(key) {
        None => return Ok(None),
        Some(Value::Array(list)) => list,
        Some(_) => return Err(QuestionError::Kind { key, expected: "a list of consents" }),
    };
    let read = list.into_iter().enumerate().map(|(position, value)| {
        serde_json::from_value(value).map_err(|error| QuestionError::Consent {
            number: position + 1,
            why: without_what_was_written(&error.to_string()),
        })
    });
    read.collect::<Result<_, _>>().map(Some)
}

/// The message of a reader without the text that it quotes: "invalid type, expected a sequence".
fn without_what_was_written(message: &str) -> String {
    if message.starts_with("UUID") {
        return "not an id".to_owned();
    }
    // The last one: what was written may hold the same words.
    let Some((found, expected)) = message.rsplit_once(", expected ") else { return message.to_owned() };
    let kind: Vec<&str> = found.split([' ', ':']).filter(|word| !word.is_empty()).take(2).collect();
    format!("{}, expected {expected}", kind.join(" "))
}

fn words<V: Vocabulary>(key: QuestionKey, value: &Value) -> Result<Set<V>, QuestionError> {
    let list = value.as_array().ok_or(QuestionError::Kind { key, expected: "a list of words" })?;
    list.iter().map(|one| word(key, one)).collect()
}

fn word<V: Vocabulary>(key: QuestionKey, value: &Value) -> Result<V, QuestionError> {
    let text = value.as_str().ok_or(QuestionError::Kind { key, expected: "a word" })?;
    V::parse(text).map_err(|unknown| QuestionError::Word { key, unknown })
}

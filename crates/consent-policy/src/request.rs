//! What is asked, and what is true at the moment of asking.

use chrono::{DateTime, Utc};
use records_model::{
    Action, ActorId, Category, ConsentForm, CountryClass, Detail, Fact, Ground, Polarity, ProviderId,
    Purpose, RecipientClass, Role, Set, UndescribedPurposeId, Vocabulary,
};
use serde::{Deserialize, Serialize};

/// One request for personal data: who wants to do what with which data, for what, for whom and on what ground.
///
/// Its JSON is frozen: it is logged, replayed and sent by embedders. Unknown keys and words are refused.
///
/// ```
/// use consent_policy::Request;
///
/// let request: Request = serde_json::from_str(
///     r#"{"action":"read","role":"nurse","purpose":"treatment","categories":["laboratory"],
///         "recipient":"internal","country":"domestic","ground":"consent","detail":"full"}"#,
/// )?;
/// assert_eq!(request.categories.len(), 1);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Request {
    /// What is to be done.
    pub action: Action,
    /// In which role it is asked.
    pub role: Role,
    /// Who asks; a restriction may name one person. The rules see the role only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<ActorId>,
    /// What for.
    pub purpose: Purpose,
    /// Which purpose that the notice does not describe, if `purpose` is [`Purpose::Sharing`] (4.2, P-46).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undescribed: Option<UndescribedPurposeId>,
    /// Which categories; permitted only if each of them is, and never if there is none.
    pub categories: Set<Category>,
    /// The class of whoever receives it; [`RecipientClass::Internal`] for a use inside the clinic.
    pub recipient: RecipientClass,
    /// Which provider of the register; a consent may name one. The rules see the class only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipient_id: Option<ProviderId>,
    /// Where the recipient is.
    pub country: CountryClass,
    /// The one ground that the operation claims (4.1, P-38).
    pub ground: Ground,
    /// How much is wanted.
    pub detail: Detail,
}

impl Request {
    /// Whether its purpose is one: sharing names the purpose that no notice describes by its id, and no other
    /// purpose has one (4.2, P-46). Consent for one such purpose opens no other.
    #[must_use]
    pub fn names_its_purpose(&self) -> bool {
        (self.purpose == Purpose::Sharing) == self.undescribed.is_some()
    }
}

/// What is true for one request at the moment of deciding.
///
/// A loader computes it from typed evidence that is in force *and covers the request*: consent by
/// [`consent_level`](crate::consent_level), restrictions by [`restriction_facts`](crate::restriction_facts),
/// the rest from clearance, contracts, demands and the records themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Facts {
    /// The highest form of consent in force that covers the request.
    pub consent: ConsentForm,
    /// The facts that hold.
    pub present: Set<Fact>,
    /// The first instant at which one of them may change by schedule: a start, an expiry, a lapse. From then
    /// on no favourable fact and no consent counts any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<DateTime<Utc>>,
}

impl Facts {
    /// Nothing holds, and no consent covers the request.
    pub const NONE: Self = Self { consent: ConsentForm::None, present: Set::EMPTY, valid_until: None };

    /// Facts without a scheduled change.
    #[must_use]
    pub const fn new(consent: ConsentForm, present: Set<Fact>) -> Self {
        Self { consent, present, valid_until: None }
    }

    /// Adds facts of the moment and the first instant at which they may change.
    #[must_use]
    pub fn and(self, present: Set<Fact>, valid_until: Option<DateTime<Utc>>) -> Self {
        Self {
            consent: self.consent,
            present: self.present | present,
            valid_until: earliest(self.valid_until, valid_until),
        }
    }

    /// The facts as they count at `now`: past `valid_until`, whatever speaks for the request has lapsed, whatever
    /// speaks against it stays, and whatever may come to speak against it by schedule counts as come: a restriction,
    /// a block. The instant stays, so that the answer says how old its facts were.
    #[must_use]
    pub fn as_of(self, now: DateTime<Utc>) -> Self {
        if self.valid_until.is_none_or(|until| now < until) {
            return self;
        }
        let present = (self.present & unfavourable_facts()) | scheduled_against();
        Self { consent: ConsentForm::None, present, valid_until: self.valid_until }
    }
}

/// What may come to speak against a request at an instant known before.
fn scheduled_against() -> Set<Fact> {
    Set::of(&[Fact::Restricted, Fact::RestrictedMustAgree, Fact::Blocked, Fact::SecondaryUseHeld])
}

/// The facts whose presence may only permit less.
fn unfavourable_facts() -> Set<Fact> {
    Fact::ALL.iter().copied().filter(|fact| fact.polarity() == Polarity::Unfavourable).collect()
}

/// The earlier of two instants, where none means never.
pub(crate) fn earliest(left: Option<DateTime<Utc>>, right: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    match (left, right) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (one, other) => one.or(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_json_of_a_request_is_frozen() {
        let frozen = include_str!("../fixtures/request-v1.json");
        let request: Request = serde_json::from_str(frozen).unwrap();
        assert_eq!(serde_json::to_string_pretty(&request).unwrap(), frozen.trim_end());
        assert_eq!(request.purpose, Purpose::Sharing);
        assert_eq!(request.categories, Set::of(&[Category::Travel, Category::Laboratory]));
        assert!(request.recipient_id.is_some() && request.undescribed.is_some() && request.actor.is_some());
    }

    #[test]
    fn an_unknown_key_or_word_is_refused() {
        let frozen = include_str!("../fixtures/request-v1.json");
        assert!(serde_json::from_str::<Request>(&frozen.replace("\"detail\"", "\"details\"")).is_err());
        assert!(serde_json::from_str::<Request>(&frozen.replace("\"sharing\"", "\"shring\"")).is_err());
    }

    #[test]
    fn stale_facts_keep_only_what_speaks_against() {
        let lapse = DateTime::UNIX_EPOCH + chrono::TimeDelta::days(20_000);
        let facts = Facts {
            consent: ConsentForm::Express,
            present: Set::of(&[Fact::Training, Fact::Restricted]),
            valid_until: Some(lapse),
        };
        assert_eq!(facts.as_of(lapse - chrono::TimeDelta::seconds(1)), facts);
        let stale = facts.as_of(lapse);
        assert_eq!((stale.consent, stale.valid_until), (ConsentForm::None, Some(lapse)));
        assert_eq!(
            stale.present,
            scheduled_against(),
            "a restriction that began since then is not overlooked"
        );
    }
}

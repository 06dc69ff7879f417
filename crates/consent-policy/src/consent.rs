//! Consents: what a person agreed to, in explicit atoms, from one instant to another.

use chrono::{DateTime, Utc};
use records_model::{
    Action, Category, ConsentForm, ConsentId, CountryClass, NoticeVersionId, ProviderId, Purpose,
    RecipientClass, Set, UndescribedPurposeId,
};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::Request;

/// What a consent is for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConsentPurpose {
    /// A purpose that the notice describes.
    Described(Purpose),
    /// One purpose that it does not describe, by its id; consent for one never opens another (4.2, P-46).
    Undescribed(UndescribedPurposeId),
}

impl ConsentPurpose {
    /// Whether the request is for exactly this purpose.
    #[must_use]
    pub fn matches(&self, request: &Request) -> bool {
        match (self, &request.undescribed) {
            (Self::Described(purpose), None) => *purpose == request.purpose && *purpose != Purpose::Sharing,
            (Self::Undescribed(id), Some(asked)) => request.purpose == Purpose::Sharing && id == asked,
            _ => false,
        }
    }
}

/// Whom a consent lets receive the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum ConsentRecipient {
    /// Anybody of a class.
    Class(RecipientClass),
    /// One provider of the register, and only while it is of this class.
    Provider {
        /// Which.
        id: ProviderId,
        /// Its class.
        class: RecipientClass,
    },
}

impl ConsentRecipient {
    /// Whether the request's recipient is meant.
    #[must_use]
    pub fn matches(&self, request: &Request) -> bool {
        match self {
            Self::Class(class) => *class == request.recipient,
            Self::Provider { id, class } => *class == request.recipient && request.recipient_id == Some(*id),
        }
    }

    /// The class.
    #[must_use]
    pub const fn class(&self) -> RecipientClass {
        match self {
            Self::Class(class) | Self::Provider { class, .. } => *class,
        }
    }
}

/// One thing agreed to: these actions, for this purpose, with these categories, for this recipient.
///
/// Explicit words only: a later word of a vocabulary is in no consent that was given before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ConsentAtom {
    /// Actions; not empty.
    pub actions: Set<Action>,
    /// What for; never a purpose that can never be permitted.
    pub purpose: ConsentPurpose,
    /// Categories; not empty, never `unclassified`.
    pub categories: Set<Category>,
    /// Whom for.
    pub recipient: ConsentRecipient,
    /// Where; not empty. Without `abroad` it opens no transfer (8, P-79).
    pub countries: Set<CountryClass>,
}

impl ConsentAtom {
    /// Whether the request, looked at for one category, is inside.
    #[must_use]
    pub fn covers(&self, request: &Request, category: Category) -> bool {
        self.actions.contains(request.action)
            && self.categories.contains(category)
            && self.countries.contains(request.country)
            && self.purpose.matches(request)
            && self.recipient.matches(request)
    }
}

/// What a person took out of a consent. An empty set means *any*; a box sees classes, not ids.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct ConsentExclusion {
    /// Actions.
    pub actions: Set<Action>,
    /// Purposes.
    pub purposes: Set<Purpose>,
    /// Categories.
    pub categories: Set<Category>,
    /// Recipient classes.
    pub recipients: Set<RecipientClass>,
    /// Where.
    pub countries: Set<CountryClass>,
}

impl ConsentExclusion {
    /// Whether the request, looked at for one category, was taken out.
    #[must_use]
    pub fn covers(&self, request: &Request, category: Category) -> bool {
        self.covers_use(request.action, request.purpose, category, request.recipient, request.country)
    }

    pub(crate) fn covers_use(
        &self,
        action: Action,
        purpose: Purpose,
        category: Category,
        recipient: RecipientClass,
        country: CountryClass,
    ) -> bool {
        (self.actions.is_empty() || self.actions.contains(action))
            && (self.purposes.is_empty() || self.purposes.contains(purpose))
            && (self.categories.is_empty() || self.categories.contains(category))
            && (self.recipients.is_empty() || self.recipients.contains(recipient))
            && (self.countries.is_empty() || self.countries.contains(country))
    }
}

/// Who gave a consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Signer {
    /// The person.
    Person,
    /// Who acts for the person, with proof.
    Representative,
}

/// Why a consent ended. That one ran out is computed from its period, never written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EndCause {
    /// The person withdrew it.
    Withdrawn,
    /// A newer one took its place.
    Superseded,
    /// It should never have been taken as given: wrong person, forced, forged.
    Annulled,
}

/// The end of a consent. It is final: nothing revives a consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Ended {
    /// When.
    pub at: DateTime<Utc>,
    /// Why.
    pub cause: EndCause,
}

/// The parts of a consent, before they are checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ConsentParts {
    /// Its id.
    pub id: ConsentId,
    /// What was agreed to.
    pub atoms: Vec<ConsentAtom>,
    /// What was taken out of it.
    #[serde(default)]
    pub minus: Vec<ConsentExclusion>,
    /// Its form; not `none`.
    pub form: ConsentForm,
    /// From when.
    pub starts_at: DateTime<Utc>,
    /// The first instant at which it is no longer in force, if it has a term.
    #[serde(default)]
    pub expires_at: Option<DateTime<Utc>>,
    /// Its end, if it was ended.
    #[serde(default)]
    pub ended: Option<Ended>,
    /// The notice that the person saw.
    pub notice: NoticeVersionId,
    /// Who gave it.
    pub signer: Signer,
}

/// One consent, from its giving to its end. Each counts by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "ConsentParts", into = "ConsentParts")]
pub struct Consent(ConsentParts);

/// Why a consent cannot be so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ConsentError {
    /// Nothing was agreed to.
    #[error("a consent needs at least one atom, and every set of an atom at least one word")]
    Empty,
    /// Nobody can agree to that.
    #[error("nobody can consent to selling, renting or trading data")]
    NeverPermitted,
    /// Nobody knows what it would open.
    #[error("a consent cannot cover unclassified data, because nobody knows yet what they are")]
    Unclassified,
    /// Sharing must be named by the id of the purpose.
    #[error("consent to share for a purpose that the notice does not describe names that purpose by its id")]
    SharingWithoutId,
    /// No form.
    #[error("a consent has a form: tacit, express or express-written")]
    NoForm,
    /// It would end before it starts.
    #[error("a consent must start before it expires")]
    Period,
    /// A box that takes out everything.
    #[error("an exclusion must name at least one word: it would take out everything")]
    EmptyExclusion,
    /// It was ended before.
    #[error("the consent has ended already, and an end is final")]
    AlreadyEnded,
}

impl TryFrom<ConsentParts> for Consent {
    type Error = ConsentError;

    fn try_from(parts: ConsentParts) -> Result<Self, ConsentError> {
        if parts.atoms.is_empty() {
            return Err(ConsentError::Empty);
        }
        parts.atoms.iter().try_for_each(check_atom)?;
        if parts.minus.contains(&ConsentExclusion::default()) {
            return Err(ConsentError::EmptyExclusion);
        }
        if parts.form == ConsentForm::None {
            return Err(ConsentError::NoForm);
        }
        if parts.expires_at.is_some_and(|end| end <= parts.starts_at) {
            return Err(ConsentError::Period);
        }
        Ok(Self(parts))
    }
}

fn check_atom(atom: &ConsentAtom) -> Result<(), ConsentError> {
    if atom.actions.is_empty() || atom.categories.is_empty() || atom.countries.is_empty() {
        return Err(ConsentError::Empty);
    }
    match atom.purpose {
        ConsentPurpose::Described(Purpose::Sharing) => return Err(ConsentError::SharingWithoutId),
        ConsentPurpose::Described(purpose) if purpose.is_never_permitted() => {
            return Err(ConsentError::NeverPermitted);
        }
        _ => {}
    }
    if atom.categories.contains(Category::Unclassified) {
        return Err(ConsentError::Unclassified);
    }
    Ok(())
}

impl From<Consent> for ConsentParts {
    fn from(consent: Consent) -> Self {
        consent.0
    }
}

impl Consent {
    /// Its id.
    #[must_use]
    pub const fn id(&self) -> ConsentId {
        self.0.id
    }

    /// Everything that it says.
    #[must_use]
    pub const fn parts(&self) -> &ConsentParts {
        &self.0
    }

    /// Its form.
    #[must_use]
    pub const fn form(&self) -> ConsentForm {
        self.0.form
    }

    /// Whether it is in force: started, not run out, and never ended - an end counts whatever the clock says.
    #[must_use]
    pub fn is_in_force(&self, now: DateTime<Utc>) -> bool {
        self.0.ended.is_none()
            && self.0.starts_at <= now
            && self.0.expires_at.is_none_or(|expires| now < expires)
    }

    /// Whether its scope holds the request, looked at for one category; its period is another question.
    #[must_use]
    pub fn covers(&self, request: &Request, category: Category) -> bool {
        self.0.atoms.iter().any(|atom| atom.covers(request, category))
            && !self.0.minus.iter().any(|taken_out| taken_out.covers(request, category))
    }

    /// The same consent, ended.
    ///
    /// # Errors
    ///
    /// [`ConsentError::AlreadyEnded`]: an end is final.
    pub fn end(mut self, ended: Ended) -> Result<Self, ConsentError> {
        if self.0.ended.is_some() {
            return Err(ConsentError::AlreadyEnded);
        }
        self.0.ended = Some(ended);
        Ok(self)
    }
}

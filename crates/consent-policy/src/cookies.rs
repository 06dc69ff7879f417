//! Cookies and whatever else a website keeps on a device (section 9): what may be kept, and why.
//!
//! Opt-in: nothing but the essential is kept before somebody says so, and with the browser's signal `Sec-GPC: 1` the
//! visit is not measured whatever is clicked. [`standing`] answers for each class with its reason;
//! [`CookieChoice::facts`] gives the same to an [`Engine`](crate::Engine), and [`CookieChoice::consent`] is the
//! consent that the choice amounts to.

use chrono::{DateTime, Utc};
use records_model::{
    Action, Category, ClauseId, ConsentForm, ConsentId, CountryClass, Detail, Fact, Ground, NoticeVersionId,
    Purpose, RecipientClass, Role, Set, Vocabulary,
};
use serde::{Deserialize, Serialize};

use crate::{
    Consent, ConsentAtom, ConsentParts, ConsentPurpose, ConsentRecipient, EndCause, Ended, Facts, Request,
    Signer,
};

records_model::vocabulary! {
    /// What something is kept on a device for.
    CookieClass, "cookie class" {
        /// The site does not work without it (P-82).
        Essential = "essential",
        /// It measures visits (P-83).
        Analytics = "analytics",
        /// It remembers settings (P-84).
        Preference = "preference",
    }
}

impl CookieClass {
    /// The purpose that it serves.
    #[must_use]
    pub const fn purpose(self) -> Purpose {
        match self {
            Self::Essential => Purpose::SiteFunction,
            Self::Analytics => Purpose::Analytics,
            Self::Preference => Purpose::SitePreference,
        }
    }

    /// What is collected with it.
    #[must_use]
    pub fn categories(self) -> Set<Category> {
        match self {
            Self::Essential => Set::of(&[Category::WebNetwork, Category::WebDevice]),
            Self::Analytics => Set::of(&[
                Category::WebNetwork,
                Category::WebPages,
                Category::WebReferral,
                Category::WebDevice,
            ]),
            Self::Preference => Set::one(Category::WebDevice),
        }
    }

    /// The clause that speaks of it.
    #[must_use]
    pub const fn clause(self) -> ClauseId {
        match self {
            Self::Essential => ClauseId::of::<82>(),
            Self::Analytics => ClauseId::of::<83>(),
            Self::Preference => ClauseId::of::<84>(),
        }
    }

    /// The request of a visitor's browser to keep it, for an engine.
    #[must_use]
    pub fn request(self) -> Request {
        let (ground, detail) = match self {
            Self::Essential => (Ground::Contract, Detail::Full),
            // Visits are measured without what tells visitors apart.
            Self::Analytics => (Ground::Consent, Detail::Masked),
            Self::Preference => (Ground::Consent, Detail::Full),
        };
        Request {
            action: Action::StoreOnDevice,
            role: Role::Visitor,
            actor: None,
            purpose: self.purpose(),
            undescribed: None,
            categories: self.categories(),
            recipient: RecipientClass::Internal,
            recipient_id: None,
            country: CountryClass::Domestic,
            ground,
            detail,
        }
    }
}

/// What the browser says by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BrowserSignal {
    /// Nothing.
    None,
    /// `Sec-GPC: 1`: do not sell, share or measure.
    GlobalPrivacyControl,
}

impl BrowserSignal {
    /// Reads the value of the header `Sec-GPC`; only `1` is the signal.
    ///
    /// Source: Global Privacy Control, W3C, section on the header field.
    #[must_use]
    pub fn of_header(value: Option<&str>) -> Self {
        match value.map(str::trim) {
            Some("1") => Self::GlobalPrivacyControl,
            _ => Self::None,
        }
    }
}

/// What a visitor chose: every class that may be chosen is either allowed or refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CookieChoice {
    allowed: Set<CookieClass>,
    at: DateTime<Utc>,
    notice: NoticeVersionId,
}

impl CookieChoice {
    /// A choice made at this instant, under this notice. What is essential is nobody's choice and is left out.
    #[must_use]
    pub fn new(allowed: Set<CookieClass>, at: DateTime<Utc>, notice: NoticeVersionId) -> Self {
        Self { allowed: allowed.without(CookieClass::Essential), at, notice }
    }

    /// The classes that were allowed.
    #[must_use]
    pub const fn allowed(&self) -> Set<CookieClass> {
        self.allowed
    }

    /// When.
    #[must_use]
    pub const fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// Under which notice.
    #[must_use]
    pub const fn notice(&self) -> &NoticeVersionId {
        &self.notice
    }

    /// What is true of a request to keep this class.
    #[must_use]
    pub fn facts(choice: Option<&Self>, signal: BrowserSignal, class: CookieClass) -> Facts {
        let signalled = match signal {
            BrowserSignal::None => Set::EMPTY,
            BrowserSignal::GlobalPrivacyControl => Set::one(Fact::GlobalPrivacyControl),
        };
        if choice.is_some_and(|choice| choice.allowed.contains(class)) {
            Facts::new(ConsentForm::Express, signalled.with(Fact::CookieChoice))
        } else {
            Facts::new(ConsentForm::None, signalled)
        }
    }

    /// The consent that the choice amounts to, under an id that the caller draws; none if everything was refused.
    ///
    /// A click is an express consent and never a written one.
    #[must_use]
    pub fn consent(&self, id: ConsentId) -> Option<Consent> {
        let atoms = self.allowed.iter().map(|class| ConsentAtom {
            actions: Set::of(&[Action::Collect, Action::StoreOnDevice, Action::Read]),
            purpose: ConsentPurpose::Described(class.purpose()),
            categories: class.categories(),
            recipient: ConsentRecipient::Class(RecipientClass::Internal),
            countries: Set::full(),
        });
        let parts = ConsentParts {
            id,
            atoms: atoms.collect(),
            minus: Vec::new(),
            form: ConsentForm::Express,
            starts_at: self.at,
            expires_at: None,
            ended: None,
            notice: self.notice.clone(),
            signer: Signer::Person,
        };
        Consent::try_from(parts).ok()
    }

    /// How the consent of the choice before ends when this one is made: withdrawn if something is allowed no more,
    /// otherwise superseded.
    #[must_use]
    pub fn ends(&self, before: &Self) -> Ended {
        let cause = if self.allowed.contains_all(before.allowed) {
            EndCause::Superseded
        } else {
            EndCause::Withdrawn
        };
        Ended { at: self.at, cause }
    }

    /// What is recorded of the choice and given to the visitor.
    #[must_use]
    pub fn receipt(&self, id: ConsentId, signal: BrowserSignal) -> CookieReceipt {
        let classes = CookieClass::ALL.iter().map(|class| ReceiptLine::of(*class, Some(self), signal));
        CookieReceipt {
            receipt: id,
            chosen_at: self.at,
            notice: self.notice.clone(),
            allowed: self.allowed,
            refused: self.allowed.complement().without(CookieClass::Essential),
            signal,
            classes: classes.collect(),
        }
    }
}

/// Whether a class may be kept, with the reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CookieStanding {
    /// Kept: the site does not work without it.
    Essential,
    /// Kept: the visitor allowed it.
    Allowed,
    /// Not kept: nobody was asked yet, and silence is no consent.
    NotChosen,
    /// Not kept: the visitor refused it.
    Refused,
    /// Not kept: the browser's signal outweighs any click.
    SignalledOff,
}

impl CookieStanding {
    /// Whether it may be kept.
    #[must_use]
    pub const fn is_kept(self) -> bool {
        matches!(self, Self::Essential | Self::Allowed)
    }

    /// The reason in Spanish.
    #[must_use]
    pub const fn es(self) -> &'static str {
        match self {
            Self::Essential => "El sitio no funciona sin esto; no hace falta que usted elija.",
            Self::Allowed => "Usted lo permitió y puede cambiarlo cuando quiera.",
            Self::NotChosen => "Usted aún no ha elegido, y mientras tanto no se guarda.",
            Self::Refused => "Usted no lo permitió.",
            Self::SignalledOff => "Su navegador pidió que no se le mida, y eso vale sobre cualquier clic.",
        }
    }

    /// The reason in English.
    #[must_use]
    pub const fn en(self) -> &'static str {
        match self {
            Self::Essential => "The site does not work without it; there is nothing for you to choose.",
            Self::Allowed => "You allowed it, and can change that whenever you like.",
            Self::NotChosen => "You have not chosen yet, and until then it is not kept.",
            Self::Refused => "You did not allow it.",
            Self::SignalledOff => "Your browser asked not to be measured, and that outweighs any click.",
        }
    }
}

/// How a class stands for a visitor; without a choice it is a first visit.
///
/// ```
/// use consent_policy::{BrowserSignal, CookieClass, CookieStanding, standing};
///
/// let first_visit = |class| standing(None, BrowserSignal::None, class);
/// assert_eq!(first_visit(CookieClass::Essential), CookieStanding::Essential);
/// assert_eq!(first_visit(CookieClass::Analytics), CookieStanding::NotChosen);
/// assert_eq!(BrowserSignal::of_header(Some("1")), BrowserSignal::GlobalPrivacyControl);
/// ```
#[must_use]
pub fn standing(choice: Option<&CookieChoice>, signal: BrowserSignal, class: CookieClass) -> CookieStanding {
    match (class, signal, choice) {
        (CookieClass::Essential, _, _) => CookieStanding::Essential,
        (CookieClass::Analytics, BrowserSignal::GlobalPrivacyControl, _) => CookieStanding::SignalledOff,
        (_, _, None) => CookieStanding::NotChosen,
        (class, _, Some(choice)) if choice.allowed.contains(class) => CookieStanding::Allowed,
        (_, _, Some(_)) => CookieStanding::Refused,
    }
}

/// The record of a choice, and the visitor's copy of it. It names no person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct CookieReceipt {
    /// Its id, which is that of the consent if there is one.
    pub receipt: ConsentId,
    /// When it was chosen.
    pub chosen_at: DateTime<Utc>,
    /// Under which notice.
    pub notice: NoticeVersionId,
    /// What was allowed.
    pub allowed: Set<CookieClass>,
    /// What was refused.
    pub refused: Set<CookieClass>,
    /// What the browser said at that moment.
    pub signal: BrowserSignal,
    /// How each class stands by both.
    pub classes: Vec<ReceiptLine>,
}

/// How one class stands, in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ReceiptLine {
    /// The class.
    pub class: CookieClass,
    /// How it stands.
    pub standing: CookieStanding,
    /// The clause behind it.
    pub clause: ClauseId,
    /// Why, in Spanish.
    pub es: &'static str,
    /// Why, in English.
    pub en: &'static str,
}

impl ReceiptLine {
    fn of(class: CookieClass, choice: Option<&CookieChoice>, signal: BrowserSignal) -> Self {
        let standing = standing(choice, signal, class);
        Self { class, standing, clause: class.clause(), es: standing.es(), en: standing.en() }
    }
}

#[cfg(test)]
mod tests;

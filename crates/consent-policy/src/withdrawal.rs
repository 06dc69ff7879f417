//! Withdrawing consents: which end, and what stops with them.

use chrono::{DateTime, Utc};
use records_model::{Action, Category, ConsentForm, ConsentId, CountryClass, Set};
use thiserror::Error;

use crate::{Consent, ConsentAtom, ConsentPurpose, ConsentRecipient, EndCause, Ended};

/// What a withdrawal does, before it is confirmed and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawal {
    /// The end that is to be written for each of the consents named.
    pub ended: Ended,
    /// The consents that end, in the order of the list.
    pub consents: Vec<ConsentId>,
    /// What was covered and no longer is, or only by a weaker form.
    pub stops: Vec<Stopped>,
}

/// Something that a withdrawal stops.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopped {
    /// The consent that carried it.
    pub consent: ConsentId,
    /// What for.
    pub purpose: ConsentPurpose,
    /// For whom.
    pub recipient: ConsentRecipient,
    /// The categories of which at least one use is no longer covered as before.
    pub categories: Set<Category>,
    /// The strongest form that another consent still gives for all of it.
    pub still: ConsentForm,
}

/// Why a withdrawal cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum WithdrawalError {
    /// A consent that is not in the list.
    #[error("there is no such consent of this person")]
    Unknown {
        /// Which.
        consent: ConsentId,
    },
    /// It has ended before.
    #[error("the consent has ended already, and an end is final")]
    AlreadyEnded {
        /// Which.
        consent: ConsentId,
    },
    /// Nothing was named.
    #[error("a withdrawal names at least one consent")]
    Nothing,
}

/// What withdrawing these consents does, at `now`.
///
/// Pure: nothing ends until the caller writes [`Withdrawal::ended`] for each consent. A consent that has not
/// started yet can be withdrawn too.
///
/// # Errors
///
/// [`WithdrawalError`] if nothing was named, or one named is unknown or has ended.
pub fn withdraw(
    consents: &[Consent],
    named: &[ConsentId],
    now: DateTime<Utc>,
) -> Result<Withdrawal, WithdrawalError> {
    if named.is_empty() {
        return Err(WithdrawalError::Nothing);
    }
    for id in named {
        match consents.iter().find(|consent| consent.id() == *id) {
            None => return Err(WithdrawalError::Unknown { consent: *id }),
            Some(consent) if consent.parts().ended.is_some() => {
                return Err(WithdrawalError::AlreadyEnded { consent: *id });
            }
            Some(_) => {}
        }
    }
    let (ending, staying): (Vec<&Consent>, Vec<&Consent>) =
        consents.iter().partition(|consent| named.contains(&consent.id()));
    let staying: Vec<&Consent> = staying.into_iter().filter(|consent| consent.is_in_force(now)).collect();
    let stops = ending
        .iter()
        .filter(|consent| consent.is_in_force(now))
        .flat_map(|consent| consent.parts().atoms.iter().filter_map(|atom| stopped(consent, atom, &staying)))
        .collect();
    let consents = ending.iter().map(|consent| consent.id()).collect();
    Ok(Withdrawal { ended: Ended { at: now, cause: EndCause::Withdrawn }, consents, stops })
}

/// The part of an atom that nothing else covers as strongly.
fn stopped(consent: &Consent, atom: &ConsentAtom, staying: &[&Consent]) -> Option<Stopped> {
    let lost = uses(atom)
        .filter(|one| !is_excluded(consent, atom, one))
        .map(|one| (one.category, strongest(staying, atom, &one)))
        .filter(|(_, still)| *still < consent.form());
    let nothing = (Set::EMPTY, consent.form());
    let (categories, still) =
        lost.fold(nothing, |(all, weakest), (category, still)| (all.with(category), weakest.min(still)));
    (!categories.is_empty()).then(|| Stopped {
        consent: consent.id(),
        purpose: atom.purpose.clone(),
        recipient: atom.recipient,
        categories,
        still,
    })
}

/// One action with one category in one country.
struct Use {
    action: Action,
    category: Category,
    country: CountryClass,
}

fn uses(atom: &ConsentAtom) -> impl Iterator<Item = Use> + '_ {
    atom.actions.iter().flat_map(move |action| {
        atom.categories.iter().flat_map(move |category| {
            atom.countries.iter().map(move |country| Use { action, category, country })
        })
    })
}

fn strongest(staying: &[&Consent], atom: &ConsentAtom, one: &Use) -> ConsentForm {
    staying
        .iter()
        .filter(|consent| !is_excluded(consent, atom, one))
        .filter(|consent| consent.parts().atoms.iter().any(|other| holds(other, atom, one)))
        .map(|consent| consent.form())
        .max()
        .unwrap_or(ConsentForm::None)
}

fn holds(other: &ConsentAtom, atom: &ConsentAtom, one: &Use) -> bool {
    let recipient = match other.recipient {
        ConsentRecipient::Class(class) => class == atom.recipient.class(),
        provider @ ConsentRecipient::Provider { .. } => provider == atom.recipient,
    };
    recipient
        && other.purpose == atom.purpose
        && other.actions.contains(one.action)
        && other.categories.contains(one.category)
        && other.countries.contains(one.country)
}

fn is_excluded(consent: &Consent, atom: &ConsentAtom, one: &Use) -> bool {
    let purpose = match atom.purpose {
        ConsentPurpose::Described(purpose) => purpose,
        ConsentPurpose::Undescribed(_) => records_model::Purpose::Sharing,
    };
    consent.parts().minus.iter().any(|taken_out| {
        taken_out.covers_use(one.action, purpose, one.category, atom.recipient.class(), one.country)
    })
}

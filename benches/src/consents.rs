//! Lists of consents of a person, most of them about other requests than the one asked.

use chrono::DateTime;
use consent_policy::{Consent, ConsentAtom, ConsentParts, ConsentPurpose, ConsentRecipient, Signer};
use records_model::{
    Action, Category, ConsentForm, ConsentId, CountryClass, NoticeVersionId, Purpose, RecipientClass, Set,
    Vocabulary,
};

use crate::Failure;

/// So many consents in force, of two atoms each, over all purposes, categories and recipients in turn.
///
/// # Errors
///
/// If one of them cannot be.
pub fn list(count: usize) -> Result<Vec<Consent>, Failure> {
    (0..count).map(consent).collect()
}

fn consent(number: usize) -> Result<Consent, Failure> {
    let parts = ConsentParts {
        id: format!("00000000-0000-7000-8000-{number:012}").parse::<ConsentId>()?,
        atoms: vec![atom(number), atom(number * 7 + 3)],
        minus: Vec::new(),
        form: ConsentForm::Express,
        starts_at: DateTime::UNIX_EPOCH,
        expires_at: None,
        ended: None,
        notice: NoticeVersionId::parse("2026-01")?,
        signer: Signer::Person,
    };
    Ok(Consent::try_from(parts)?)
}

fn atom(number: usize) -> ConsentAtom {
    let open = |purpose: &Purpose| !purpose.is_never_permitted() && *purpose != Purpose::Sharing;
    let purposes: Vec<Purpose> = Purpose::ALL.iter().copied().filter(open).collect();
    let category = nth(Category::ALL, number);
    let category = category.filter(|category| *category != Category::Unclassified);
    ConsentAtom {
        actions: Set::of(&[Action::Read, Action::Disclose]),
        purpose: ConsentPurpose::Described(nth(&purposes, number).unwrap_or(Purpose::Treatment)),
        categories: Set::of(&[category.unwrap_or(Category::Laboratory), Category::Medications]),
        recipient: ConsentRecipient::Class(
            nth(RecipientClass::ALL, number).unwrap_or(RecipientClass::Internal),
        ),
        countries: Set::of(CountryClass::ALL),
    }
}

fn nth<T: Copy>(words: &[T], number: usize) -> Option<T> {
    words.iter().copied().cycle().nth(number % words.len().max(1))
}

//! How far the consents in force cover a request.

use chrono::{DateTime, Utc};
use records_model::{Category, ConsentForm};

use crate::request::earliest;
use crate::{Consent, Request};

/// The highest form of consent in force for a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConsentCover {
    /// The form.
    pub form: ConsentForm,
    /// The first instant at which a consent about this request starts or runs out.
    pub valid_until: Option<DateTime<Utc>>,
}

/// The highest form of consent in force that covers the request.
///
/// Each consent counts by itself. For one category it is the maximum over the consents in force whose scope
/// holds it; over several categories the minimum of these, so a request is covered only if each category is.
/// Adding a consent never lowers it, and ending one never raises it.
///
/// ```
/// use consent_policy::{Consent, EndCause, Ended, Request, consent_level};
/// use records_model::ConsentForm;
///
/// let consent: Consent = serde_json::from_str(
///     r#"{"id":"00000000-0000-7000-8000-000000000003","form":"express-written","notice":"2025-01",
///         "signer":"person","starts-at":"2026-01-05T15:00:00Z",
///         "atoms":[{"actions":["read"],"purpose":{"described":"treatment"},"categories":["laboratory"],
///                   "recipient":{"class":"internal"},"countries":["domestic"]}]}"#,
/// )?;
/// let request: Request = serde_json::from_str(
///     r#"{"action":"read","role":"nurse","purpose":"treatment","categories":["laboratory"],
///         "recipient":"internal","country":"domestic","ground":"consent","detail":"full"}"#,
/// )?;
/// let now = consent.parts().starts_at;
/// assert_eq!(consent_level(&[consent.clone()], &request, now).form, ConsentForm::ExpressWritten);
///
/// let withdrawn = consent.end(Ended { at: now, cause: EndCause::Withdrawn })?;
/// assert_eq!(consent_level(&[withdrawn], &request, now).form, ConsentForm::None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn consent_level(consents: &[Consent], request: &Request, now: DateTime<Utc>) -> ConsentCover {
    let forms = request.categories.iter().map(|category| form_for(consents, request, category, now));
    let about = |consent: &&Consent| request.categories.iter().any(|c| consent.covers(request, c));
    let changes = consents
        .iter()
        .filter(|consent| consent.parts().ended.is_none())
        .filter(about)
        .flat_map(|consent| [Some(consent.parts().starts_at), consent.parts().expires_at])
        .flatten()
        .filter(|change| now < *change);
    ConsentCover {
        form: forms.min().unwrap_or(ConsentForm::None),
        valid_until: changes.fold(None, |first, change| earliest(first, Some(change))),
    }
}

/// The highest form of consent in force for one category of the request.
fn form_for(consents: &[Consent], request: &Request, category: Category, now: DateTime<Utc>) -> ConsentForm {
    consents
        .iter()
        .filter(|consent| consent.is_in_force(now) && consent.covers(request, category))
        .map(Consent::form)
        .max()
        .unwrap_or(ConsentForm::None)
}

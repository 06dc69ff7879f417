//! What would open a request that was refused, if one thing were otherwise.

use chrono::{DateTime, Utc};
use records_model::{Category, ConsentForm, Fact, Set, Vocabulary};

use crate::{Engine, Facts, Request, Scope};

/// Everything that would open a refused request by itself: one fact, a form of consent, or one other word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Openings {
    /// Any one of these facts, if it held.
    pub missing: Set<Fact>,
    /// Any one of these facts, if it did not hold.
    pub in_the_way: Set<Fact>,
    /// The weakest form of consent that would do.
    pub consent: Option<ConsentForm>,
    /// In each dimension, the words any one of which would do in place of the one asked for, if the facts and the
    /// consent that count for this request counted for that one too. Categories are tried for requests over one
    /// category.
    pub words: Scope,
}

impl Openings {
    /// Whether no single change opens it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.missing.is_empty()
            && self.in_the_way.is_empty()
            && self.consent.is_none()
            && self.words.masks().iter().all(|mask| *mask == 0)
    }
}

impl Engine {
    /// What would open a request, if one thing were otherwise; nothing for one that is permitted.
    ///
    /// ```
    /// # use consent_policy::{Engine, Facts, PolicyDraft, Request};
    /// # use records_model::{ConsentForm, Fact, Set};
    /// # let document = include_str!("../../../fixtures/clinics/elicells/policy.toml");
    /// let engine = Engine::new(PolicyDraft::parse(document)?.check()?);
    /// let request: Request = serde_json::from_str(
    ///     r#"{"action":"read","role":"nurse","purpose":"treatment","categories":["laboratory"],
    ///         "recipient":"internal","country":"domestic","ground":"consent","detail":"full"}"#,
    /// )?;
    /// let untrained = Set::of(&[Fact::BackgroundCheck, Fact::Undertaking, Fact::CareRelation]);
    /// let facts = Facts::new(ConsentForm::ExpressWritten, untrained);
    ///
    /// let openings = engine.openings(&request, &facts, chrono::DateTime::UNIX_EPOCH);
    /// assert_eq!(openings.missing, Set::one(Fact::Training), "one condition short");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn openings(&self, request: &Request, facts: &Facts, now: DateTime<Utc>) -> Openings {
        let facts = facts.as_of(now);
        let none = Scope::from_masks([0; 8]);
        let mut found = Openings { missing: Set::EMPTY, in_the_way: Set::EMPTY, consent: None, words: none };
        let permits = |request: &Request, facts: &Facts| self.decide(request, facts, now).is_permit();
        if permits(request, &facts) {
            return found;
        }
        let with = |present| Facts { present, ..facts };
        let opens = |fact: &Fact| permits(request, &with(facts.present.with(*fact)));
        found.missing = facts.present.complement().iter().filter(opens).collect();
        let obstructs = |fact: &Fact| permits(request, &with(facts.present.without(*fact)));
        found.in_the_way = facts.present.iter().filter(obstructs).collect();
        // From the weakest on: a consent never closes, so no weaker one opens what this one does not.
        let mut forms = ConsentForm::ALL.iter().copied();
        found.consent = forms.find(|form| permits(request, &Facts { consent: *form, ..facts }));
        // Sharing with no purpose named is no request that anybody could make.
        let asked = |changed: &Request| changed.names_its_purpose() && permits(changed, &facts);
        found.words = Scope {
            actions: words(request, asked, |request, action| request.action = action),
            roles: words(request, asked, |request, role| request.role = role),
            purposes: words(request, asked, |request, purpose| request.purpose = purpose),
            categories: if request.categories.len() == 1 {
                words(request, asked, |request, category: Category| request.categories = Set::one(category))
            } else {
                Set::EMPTY
            },
            recipients: words(request, asked, |request, recipient| request.recipient = recipient),
            countries: words(request, asked, |request, country| request.country = country),
            grounds: words(request, asked, |request, ground| request.ground = ground),
            details: words(request, asked, |request, detail| request.detail = detail),
        };
        found
    }
}

/// The words with which the request would be permitted.
fn words<V: Vocabulary>(
    request: &Request,
    permits: impl Fn(&Request) -> bool,
    put: impl Fn(&mut Request, V),
) -> Set<V> {
    let opens = |word: &V| {
        let mut changed = request.clone();
        put(&mut changed, *word);
        permits(&changed)
    };
    V::ALL.iter().copied().filter(opens).collect()
}

//! What the restrictions in force say about a request.

use chrono::{DateTime, Utc};
use records_model::{Category, Fact, Restriction, RestrictionKind, RestrictionScope, Set};

use crate::Request;
use crate::request::earliest;

/// The facts that restrictions make true for a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RestrictionCover {
    /// [`Fact::Restricted`], [`Fact::RestrictedMustAgree`], both or none.
    pub facts: Set<Fact>,
    /// The first instant at which a restriction about this request starts or is lifted.
    pub valid_until: Option<DateTime<Utc>>,
}

/// What the restrictions in force say about the request (6, P-64).
///
/// A restriction bears on a request if one of its categories is inside the restriction's scope and inside none
/// of its `unless` boxes. A request that does not say who asks may come from the person that a restriction names:
/// it is inside such a scope, and inside no such `unless` box. It is in force from its start until it is lifted. Adding one adds facts that may only
/// permit less.
#[must_use]
pub fn restriction_facts(
    restrictions: &[Restriction],
    request: &Request,
    now: DateTime<Utc>,
) -> RestrictionCover {
    let nothing = RestrictionCover { facts: Set::EMPTY, valid_until: None };
    restrictions.iter().filter(|restriction| bears_on(restriction, request)).fold(
        nothing,
        |cover, restriction| {
            let in_force =
                restriction.starts_at <= now && restriction.lifted_at.is_none_or(|lifted| now < lifted);
            let facts = if in_force { Set::one(fact_of(restriction.kind)) } else { Set::EMPTY };
            let change = [Some(restriction.starts_at), restriction.lifted_at]
                .into_iter()
                .flatten()
                .filter(|change| now < *change)
                .min();
            RestrictionCover { facts: cover.facts | facts, valid_until: earliest(cover.valid_until, change) }
        },
    )
}

const fn fact_of(kind: RestrictionKind) -> Fact {
    match kind {
        RestrictionKind::MustAgree => Fact::RestrictedMustAgree,
        RestrictionKind::Agreed | RestrictionKind::Refusal | RestrictionKind::Opposition => Fact::Restricted,
    }
}

/// Whether somebody unknown is taken for the person that a scope names.
#[derive(Clone, Copy)]
enum Unknown {
    Named,
    AnotherPerson,
}

fn bears_on(restriction: &Restriction, request: &Request) -> bool {
    request.categories.iter().any(|category| {
        is_inside(&restriction.scope, request, category, Unknown::Named)
            && !restriction
                .unless
                .iter()
                .any(|spared| is_inside(spared, request, category, Unknown::AnotherPerson))
    })
}

fn is_inside(scope: &RestrictionScope, request: &Request, category: Category, unknown: Unknown) -> bool {
    let named = |actor| request.actor.map_or(matches!(unknown, Unknown::Named), |asking| asking == actor);
    (scope.actions.is_empty() || scope.actions.contains(request.action))
        && (scope.purposes.is_empty() || scope.purposes.contains(request.purpose))
        && (scope.categories.is_empty() || scope.categories.contains(category))
        && (scope.recipients.is_empty() || scope.recipients.contains(request.recipient))
        && (scope.roles.is_empty() || scope.roles.contains(request.role))
        && scope.actor.is_none_or(named)
}

//! Requests and facts, anywhere and near the edges of rules.

use chrono::TimeDelta;
use proptest::prelude::*;
use records_model::testing::{arb_actor_id, arb_instant, arb_set, arb_word};
use records_model::{
    Action, Category, ConsentForm, CountryClass, Detail, Fact, Ground, ProviderId, Purpose, RecipientClass,
    Role, Set, UndescribedPurposeId, Vocabulary,
};

use crate::{Effect, Facts, Request, Rule};

/// One of three providers, so that consents and requests often name the same one.
pub(super) fn arb_provider_id() -> impl Strategy<Value = ProviderId> {
    (1..=3_u32).prop_filter_map("a written id", |n| format!("00000000-0000-7000-8000-{n:012}").parse().ok())
}

/// One of three purposes that no notice describes.
pub(super) fn arb_undescribed() -> impl Strategy<Value = UndescribedPurposeId> {
    proptest::sample::select(&["documentary-film", "school-visit", "wearable-trial"][..])
        .prop_filter_map("a written id", |text| UndescribedPurposeId::parse(text).ok())
}

/// One category mostly, sometimes several, rarely none.
fn arb_categories() -> impl Strategy<Value = Set<Category>> {
    prop_oneof![
        6 => arb_word::<Category>().prop_map(Set::one),
        3 => proptest::collection::vec(arb_word::<Category>(), 2..4).prop_map(|words| Set::of(&words)),
        1 => arb_set::<Category>(),
    ]
}

prop_compose! {
    /// Any request.
    pub fn arb_request()(
        (action, role, purpose, recipient) in
            (arb_word::<Action>(), arb_word::<Role>(), arb_word::<Purpose>(), arb_word::<RecipientClass>()),
        (country, ground, detail) in
            (arb_word::<CountryClass>(), arb_word::<Ground>(), arb_word::<Detail>()),
        categories in arb_categories(),
        actor in proptest::option::weighted(0.7, arb_actor_id()),
        recipient_id in proptest::option::weighted(0.5, arb_provider_id()),
        undescribed in proptest::option::weighted(0.8, arb_undescribed()),
    ) -> Request {
        let undescribed = undescribed.filter(|_| purpose == Purpose::Sharing);
        Request {
            action, role, actor, purpose, undescribed, categories, recipient, recipient_id, country, ground,
            detail,
        }
    }
}

/// Any facts; the clearance of staff holds more often than not, so that decisions get past it.
pub fn arb_facts() -> impl Strategy<Value = Facts> {
    let cleared = Set::of(&[Fact::Training, Fact::BackgroundCheck, Fact::Undertaking]);
    let present = prop_oneof![
        1 => arb_set::<Fact>(),
        3 => arb_set::<Fact>().prop_map(move |facts| facts | cleared),
        2 => Just(cleared),
    ];
    (arb_word::<ConsentForm>(), present, proptest::option::weighted(0.1, arb_instant()))
        .prop_map(|(consent, present, valid_until)| Facts { consent, present, valid_until })
}

/// A request and facts near the edges of one of the rules: inside its box, with what it asks for, and then
/// with up to two things changed.
///
/// Random requests almost never meet a rule; the mistakes of an engine are at the edges.
pub fn arb_request_near(rules: &[Rule]) -> impl Strategy<Value = (Request, Facts)> + use<> {
    let rules = rules.to_vec();
    let rule = proptest::sample::select(rules);
    let words = proptest::collection::vec(any::<proptest::sample::Index>(), 8);
    (rule, words, arb_request(), arb_facts(), proptest::collection::vec(arb_change(), 0..3)).prop_map(
        |(rule, words, request, extra, changes)| {
            let mut request = inside(&rule, &words, request);
            let mut facts = satisfied(&rule, extra);
            for change in changes {
                change.apply(&mut request, &mut facts);
            }
            (request, facts)
        },
    )
}

/// The request moved into the rule's box.
fn inside(rule: &Rule, words: &[proptest::sample::Index], request: Request) -> Request {
    let scope = &rule.scope;
    let at = |position: usize| words.get(position);
    let categories = pick(scope.categories, at(3)).map_or(request.categories, Set::one);
    Request {
        action: pick(scope.actions, at(0)).unwrap_or(request.action),
        role: pick(scope.roles, at(1)).unwrap_or(request.role),
        purpose: pick(scope.purposes, at(2)).unwrap_or(request.purpose),
        categories,
        recipient: pick(scope.recipients, at(4)).unwrap_or(request.recipient),
        country: pick(scope.countries, at(5)).unwrap_or(request.country),
        ground: pick(scope.grounds, at(6)).unwrap_or(request.ground),
        detail: pick(scope.details, at(7)).unwrap_or(request.detail),
        ..request
    }
}

fn pick<V: Vocabulary>(set: Set<V>, index: Option<&proptest::sample::Index>) -> Option<V> {
    let words: Vec<V> = set.iter().collect();
    index.filter(|_| !words.is_empty()).and_then(|index| words.get(index.index(words.len())).copied())
}

/// Facts with which the rule applies, staff cleared.
fn satisfied(rule: &Rule, extra: Facts) -> Facts {
    let cleared = Set::of(&[Fact::Training, Fact::BackgroundCheck, Fact::Undertaking]);
    let unfavourable_of_extra = extra.present - cleared;
    let kept = if extra.present.len() > 6 { Set::EMPTY } else { unfavourable_of_extra };
    let consent = match rule.effect {
        Effect::Permit { consent, .. } => consent,
        Effect::Forbid { unless_consent } | Effect::Withhold { unless_consent, .. } => {
            unless_consent.map_or(extra.consent, |form| form.min(ConsentForm::Tacit))
        }
    };
    Facts::new(consent, ((kept | cleared) - rule.excludes) | rule.requires)
}

/// One thing changed about a request or its facts.
#[derive(Debug, Clone)]
enum Change {
    Action(Action),
    Role(Role),
    Purpose(Purpose),
    Category(Category),
    Recipient(RecipientClass),
    Country(CountryClass),
    Ground(Ground),
    Detail(Detail),
    Flip(Fact),
    Consent(ConsentForm),
    Lapse,
}

fn arb_change() -> impl Strategy<Value = Change> {
    prop_oneof![
        arb_word().prop_map(Change::Action),
        arb_word().prop_map(Change::Role),
        arb_word().prop_map(Change::Purpose),
        arb_word().prop_map(Change::Category),
        arb_word().prop_map(Change::Recipient),
        arb_word().prop_map(Change::Country),
        arb_word().prop_map(Change::Ground),
        arb_word().prop_map(Change::Detail),
        arb_word().prop_map(Change::Flip),
        arb_word().prop_map(Change::Consent),
        Just(Change::Lapse),
    ]
}

impl Change {
    fn apply(self, request: &mut Request, facts: &mut Facts) {
        match self {
            Self::Action(word) => request.action = word,
            Self::Role(word) => request.role = word,
            Self::Purpose(word) => request.purpose = word,
            Self::Category(word) => request.categories = request.categories.with(word),
            Self::Recipient(word) => request.recipient = word,
            Self::Country(word) => request.country = word,
            Self::Ground(word) => request.ground = word,
            Self::Detail(word) => request.detail = word,
            Self::Flip(fact) if facts.present.contains(fact) => facts.present = facts.present.without(fact),
            Self::Flip(fact) => facts.present = facts.present.with(fact),
            Self::Consent(form) => facts.consent = form,
            Self::Lapse => {
                facts.valid_until = Some(chrono::DateTime::UNIX_EPOCH - TimeDelta::seconds(1));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;
    use crate::PolicyDraft;
    use crate::testing::EXAMPLE_DOCUMENT;

    static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| PolicyDraft::parse(EXAMPLE_DOCUMENT).unwrap().rules);

    proptest! {
        #[test]
        fn a_request_moved_into_a_rule_has_every_word_from_it(
            request in arb_request(),
            words in proptest::collection::vec(any::<proptest::sample::Index>(), 8),
        ) {
            for rule in RULES.iter() {
                let (moved, scope) = (inside(rule, &words, request.clone()), &rule.scope);
                prop_assert!(scope.actions.contains(moved.action) && scope.roles.contains(moved.role));
                prop_assert!(scope.purposes.contains(moved.purpose));
                prop_assert!(!moved.categories.is_empty() && (moved.categories - scope.categories).is_empty());
                prop_assert!(scope.recipients.contains(moved.recipient));
                prop_assert!(scope.countries.contains(moved.country));
                prop_assert!(scope.grounds.contains(moved.ground) && scope.details.contains(moved.detail));
            }
        }
    }
}

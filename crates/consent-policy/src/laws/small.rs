//! Small documents whose every state can be looked at, without box algebra.

use proptest::prelude::*;
use records_model::{
    Action, Category, ClauseId, ConsentForm, Fact, Field, Ground, RecipientClass, Role, RuleId, Set,
    Vocabulary,
};

use crate::{Effect, Facts, FieldGrant, Obligation, PolicyDraft, Request, Rule, Scope, Text, Witness};

/// Facts that rules of small documents name: a favourable one and one that is not.
const FACTS: [Fact; 2] = [Fact::Training, Fact::Restricted];
const FIELDS: [Field; 3] = [Field::GivenNames, Field::Surnames, Field::Phone];

/// A subset of the first words, or every word.
fn arb_some<V: Vocabulary>(first: usize) -> impl Strategy<Value = Set<V>> {
    prop_oneof![
        2 => Just(Set::full()),
        3 => proptest::sample::subsequence(V::ALL[..first].to_vec(), 1..=first).prop_map(|w| Set::of(&w)),
    ]
}

fn arb_scope() -> impl Strategy<Value = Scope> {
    (arb_some::<Action>(2), arb_some::<Role>(2), arb_some::<Category>(2), arb_some::<RecipientClass>(2))
        .prop_map(|(actions, roles, categories, recipients)| Scope {
            actions,
            roles,
            categories,
            recipients,
            ..Scope::any()
        })
}

fn arb_effect() -> impl Strategy<Value = Effect> {
    let form = || proptest::sample::select(ConsentForm::ALL);
    let grant = || {
        prop_oneof![
            1 => Just(FieldGrant::AllOfCategory),
            3 => proptest::sample::subsequence(FIELDS.to_vec(), 0..=3)
                .prop_map(|fields| FieldGrant::Listed(Set::of(&fields))),
        ]
    };
    let owed = proptest::sample::subsequence(vec![Obligation::Mask, Obligation::WriteNote], 0..=2);
    prop_oneof![
        3 => (form(), grant(), owed).prop_map(|(consent, fields, owed)| Effect::Permit {
            consent,
            fields,
            obligations: Set::of(&owed),
        }),
        2 => proptest::option::of(form()).prop_map(|unless_consent| Effect::Forbid { unless_consent }),
        1 => (proptest::option::of(form()), grant())
            .prop_map(|(unless_consent, fields)| Effect::Withhold { unless_consent, fields }),
    ]
}

fn arb_rule() -> impl Strategy<Value = Rule> {
    let facts = || proptest::sample::subsequence(FACTS.to_vec(), 0..=2);
    let unless = proptest::collection::vec(arb_scope(), 0..=1);
    (arb_scope(), unless, facts(), facts(), arb_effect()).prop_map(
        |(scope, unless, requires, excludes, effect)| {
            let requires = Set::of(&requires);
            let text = "Una razón.".to_owned();
            Rule {
                id: RuleId::parse("rule").unwrap(),
                clauses: vec![ClauseId::of::<38>()],
                scope,
                unless,
                requires,
                excludes: Set::of(&excludes) - requires,
                effect,
                reason: Text { es: text, en: "A reason.".to_owned() },
                line: 0,
            }
        },
    )
}

/// A document of one to four rules that name few words; the law may well refuse it.
pub(super) fn arb_small_draft() -> impl Strategy<Value = PolicyDraft> {
    proptest::collection::vec(arb_rule(), 1..=4).prop_map(|rules| {
        let named = rules
            .into_iter()
            .enumerate()
            .map(|(position, rule)| Rule { id: RuleId::parse(&format!("rule-{position}")).unwrap(), ..rule });
        PolicyDraft {
            rules: named.collect(),
            invariants: Vec::new(),
            scenarios: Vec::new(),
            ..super::example_draft()
        }
    })
}

/// One state that stands for so many that no rule tells apart from it.
pub(super) struct Sample {
    pub(super) request: Request,
    pub(super) facts: Facts,
    pub(super) weight: u128,
}

/// Every state that these rules tell apart, each once.
pub(super) fn every_state(rules: &[&Rule]) -> Vec<Sample> {
    let masks: Vec<[u64; 8]> = rules
        .iter()
        .flat_map(|rule| std::iter::once(rule.scope.masks()).chain(rule.unless.iter().map(Scope::masks)))
        .collect();
    let full = Scope::any().masks();
    let mut points: Vec<([u64; 8], u128)> = vec![([0; 8], 1)];
    for dimension in 0..8 {
        let classes = classes(rules, &masks, full[dimension], dimension);
        points = points
            .iter()
            .flat_map(|(point, weight)| {
                classes.iter().map(move |(word, words)| {
                    let mut point = *point;
                    point[dimension] = *word;
                    (point, weight * words)
                })
            })
            .collect();
    }
    let named: Set<Fact> = rules.iter().fold(Set::EMPTY, |all, rule| all | rule.requires | rule.excludes);
    let other_facts = 1_u128 << named.complement().len();
    let mut states = Vec::new();
    for (point, weight) in points {
        let cuboid = crate::cuboid::Cuboid::of(&Scope::from_masks(point)).unwrap();
        let request = Witness::of(&cuboid, None).unwrap().request;
        for consent in ConsentForm::ALL {
            for facts in subsets(named) {
                let facts = Facts::new(*consent, facts);
                states.push(Sample { request: request.clone(), facts, weight: weight * other_facts });
            }
        }
    }
    states
}

/// One word of each class that no rule tells apart, and how many words the class has.
fn classes(rules: &[&Rule], masks: &[[u64; 8]], full: u64, dimension: usize) -> Vec<(u64, u128)> {
    let mut found: Vec<(Vec<u64>, u64, u128)> = Vec::new();
    for word in (0..64).map(|bit| 1 << bit).filter(|word| full & word != 0) {
        let mut sign: Vec<u64> = masks.iter().map(|mask| u64::from(mask[dimension] & word != 0)).collect();
        if dimension == 3 {
            let category = Set::<Category>::from_bits(word).iter().next().unwrap();
            sign.extend(rules.iter().map(|rule| match rule.effect {
                Effect::Permit { fields, .. } | Effect::Withhold { fields, .. }
                    if rule.scope.categories.contains(category) =>
                {
                    fields.of(category).bits()
                }
                _ => 0,
            }));
        }
        match found.iter_mut().find(|(known, _, _)| *known == sign) {
            Some((_, _, words)) => *words += 1,
            None => found.push((sign, word, 1)),
        }
    }
    found.into_iter().map(|(_, word, words)| (word, words)).collect()
}

fn subsets(facts: Set<Fact>) -> Vec<Set<Fact>> {
    facts
        .iter()
        .fold(vec![Set::EMPTY], |sets, fact| sets.iter().flat_map(|set| [*set, set.with(fact)]).collect())
}

/// The grounds are never told apart by small documents.
#[test]
fn classes_of_a_dimension_that_no_rule_names_are_one() {
    let draft = super::example_draft();
    let rule = Rule { scope: Scope::any(), unless: Vec::new(), ..draft.rules[0].clone() };
    let all = classes(&[&rule], &[rule.scope.masks()], Scope::any().masks()[6], 6);
    assert_eq!(all, vec![(1, Ground::ALL.len() as u128)]);
}

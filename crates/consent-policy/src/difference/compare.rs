//! The comparison itself. Only what rules without an equal touch can differ, so everything starts from those.

use std::collections::BTreeMap;

use records_model::{Field, Set};

use super::pairing::{Pairing, Partner};
use super::{Change, ChangeKind};
use crate::carve::{Outside, inside, meetings, merged, outside, union_outside};
use crate::cuboid::Cuboid;
use crate::space::{Sides, Space, Target};
use crate::{Effect, Obligation, Region, Rule, Witness};

/// The cuboids of the rules that do one thing, and of those among them that have no equal.
#[derive(Default)]
struct Layer {
    all: Vec<Cuboid>,
    changed: Vec<Cuboid>,
}

/// One of the two documents.
struct Side<'a> {
    space: Space<'a>,
    partners: Vec<Partner>,
    permits: Layer,
    forbids: Layer,
}

pub(super) fn changes(older: &[Rule], newer: &[Rule]) -> Vec<Change> {
    let pairing = Pairing::of(older, newer);
    if pairing.older.iter().chain(&pairing.newer).all(|partner| *partner == Partner::Equal) {
        return Vec::new();
    }
    let (older, newer) = (Side::new(older, pairing.older), Side::new(newer, pairing.newer));
    let mut found = Vec::new();
    let mut note = |kind: ChangeKind, boxes: Vec<Cuboid>| {
        found.extend(boxes.into_iter().filter_map(|cuboid| change(kind, cuboid, &older, &newer)));
    };
    note(ChangeKind::Permitted, permitted_anew(&older, &newer));
    for (cuboid, fields) in opened_anew(&older, &newer) {
        note(ChangeKind::Opened(fields), vec![cuboid]);
    }
    for (cuboid, obligations) in freed(&older, &newer) {
        note(ChangeKind::Freed(obligations), vec![cuboid]);
    }
    note(ChangeKind::Refused, permitted_anew(&newer, &older));
    for (cuboid, fields) in opened_anew(&newer, &older) {
        note(ChangeKind::Closed(fields), vec![cuboid]);
    }
    for (cuboid, obligations) in freed(&newer, &older) {
        note(ChangeKind::Bound(obligations), vec![cuboid]);
    }
    note(ChangeKind::Forbidden, forbidden_anew(&older, &newer));
    note(ChangeKind::NoLongerForbidden, forbidden_anew(&newer, &older));
    found
}

impl<'a> Side<'a> {
    fn new(rules: &'a [Rule], partners: Vec<Partner>) -> Self {
        let mut side =
            Self { space: Space::new(rules), partners, permits: Layer::default(), forbids: Layer::default() };
        let sides = side.space.sides(Target::Permitted);
        (side.permits, side.forbids) = side.layers(&sides);
        side
    }

    /// What opens and what closes.
    fn layers(&self, sides: &Sides) -> (Layer, Layer) {
        let layer = |parts: &[crate::space::Part]| Layer {
            all: parts.iter().map(|part| part.cuboid).collect(),
            changed: parts.iter().filter(|part| self.differs(part.rule)).map(|part| part.cuboid).collect(),
        };
        (layer(&sides.opening), layer(&sides.closing))
    }

    fn differs(&self, rule: usize) -> bool {
        self.partners.get(rule) == Some(&Partner::None)
    }

    /// The permits that owe something.
    fn owing(&self, obligation: Obligation) -> Layer {
        let mut sides = self.space.sides(Target::Permitted);
        sides.opening.retain(|part| self.space.owes(part, obligation));
        self.layers(&sides).0
    }

    /// Rules without an equal.
    fn changed_rules(&self) -> impl Iterator<Item = &'a Rule> {
        let rules = self.space.rules().iter().enumerate();
        rules.filter(|(position, _)| self.differs(*position)).map(|(_, rule)| rule)
    }
}

/// States that `from` refuses and `to` permits: a permit came, or a forbid went.
fn permitted_anew(from: &Side<'_>, to: &Side<'_>) -> Vec<Cuboid> {
    let unforbidden = meetings(&from.forbids.changed, &to.permits.all);
    let mut found = union_outside(&unforbidden, &to.forbids.all);
    let closed = [&to.forbids.all[..], &from.forbids.changed, &from.permits.all].concat();
    found.extend(union_outside(&to.permits.changed, &closed));
    merged(found)
}

/// States that both refuse, `to` by a forbid and `from` by nothing: one box for each part of a forbid that has
/// any. There may be very many more, and nothing is permitted in them either way.
fn forbidden_anew(from: &Side<'_>, to: &Side<'_>) -> Vec<Cuboid> {
    let elsewhere = [&from.forbids.all[..], &from.permits.all].concat();
    to.forbids.changed.iter().filter_map(|part| Outside::new(*part, &elsewhere).next()).collect()
}

/// States that both permit, with the fields that are open in `to` only.
fn opened_anew(from: &Side<'_>, to: &Side<'_>) -> Vec<(Cuboid, Set<Field>)> {
    let mut boxes: BTreeMap<Cuboid, Set<Field>> = BTreeMap::new();
    let touched = from.changed_rules().chain(to.changed_rules()).map(fields_of_rule);
    for field in touched.fold(Set::EMPTY, |all, fields| all | fields).iter() {
        let (opening, closing) = to.layers(&to.space.sides(Target::Opened(field)));
        let (opened_before, closed_before) = from.layers(&from.space.sides(Target::Opened(field)));
        let uncovered = meetings(&closed_before.changed, &opening.all);
        let mut found = union_outside(&uncovered, &closing.all);
        let closed = [&closing.all[..], &closed_before.changed, &opened_before.all].concat();
        found.extend(union_outside(&opening.changed, &closed));
        for cuboid in merged(permitted_in(from, &found)) {
            *boxes.entry(cuboid).or_default() |= Set::one(field);
        }
    }
    boxes.into_iter().collect()
}

/// States that both permit, with the obligations that are owed in `from` only.
fn freed(from: &Side<'_>, to: &Side<'_>) -> Vec<(Cuboid, Set<Obligation>)> {
    let mut boxes: BTreeMap<Cuboid, Set<Obligation>> = BTreeMap::new();
    let owed = from.changed_rules().fold(Set::EMPTY, |all, rule| all | obligations_of(rule));
    for obligation in owed.iter() {
        let still = to.owing(obligation).all;
        let elsewhere = [&still[..], &from.forbids.all].concat();
        let found = union_outside(&from.owing(obligation).changed, &elsewhere);
        for cuboid in merged(permitted_in(to, &found)) {
            *boxes.entry(cuboid).or_default() |= Set::one(obligation);
        }
    }
    boxes.into_iter().collect()
}

/// What of the disjoint cuboids a document permits, still disjoint.
fn permitted_in(side: &Side<'_>, cuboids: &[Cuboid]) -> Vec<Cuboid> {
    let open = cuboids.iter().flat_map(|cuboid| outside(*cuboid, &side.forbids.all));
    open.flat_map(|cuboid| inside(&cuboid, &side.permits.all)).collect()
}

/// The fields that a rule opens or withholds anywhere.
fn fields_of_rule(rule: &Rule) -> Set<Field> {
    match rule.effect {
        Effect::Permit { fields, .. } | Effect::Withhold { fields, .. } => {
            rule.scope.categories.iter().fold(Set::EMPTY, |all, category| all | fields.of(category))
        }
        Effect::Forbid { .. } => Set::EMPTY,
    }
}

fn obligations_of(rule: &Rule) -> Set<Obligation> {
    match rule.effect {
        Effect::Permit { obligations, .. } => obligations,
        Effect::Forbid { .. } | Effect::Withhold { .. } => Set::EMPTY,
    }
}

fn change(kind: ChangeKind, cuboid: Cuboid, older: &Side<'_>, newer: &Side<'_>) -> Option<Change> {
    let field = match kind {
        ChangeKind::Opened(fields) | ChangeKind::Closed(fields) => fields.iter().next(),
        _ => None,
    };
    let witness = Box::new(Witness::of(&cuboid, field)?);
    let (older, newer) =
        (responsible(older, kind, &cuboid, &witness), responsible(newer, kind, &cuboid, &witness));
    Some(Change { kind, region: Region::of(cuboid), witness, older, newer })
}

/// The rules of one document that bear on such a change: those without an equal that touch the box, and those
/// that decide its witness.
fn responsible(
    side: &Side<'_>,
    kind: ChangeKind,
    cuboid: &Cuboid,
    witness: &Witness,
) -> Vec<records_model::RuleId> {
    let category = witness.category();
    let decides = |rule: &Rule| {
        category.is_some_and(|category| rule.is_about(&witness.request, category))
            && rule.applies(&witness.facts)
    };
    let touches = |position: usize| {
        let parts = side.space.parts().iter().filter(|part| part.rule == position);
        side.differs(position) && parts.map(|part| part.cuboid).any(|part| part.meets(cuboid))
    };
    let rules = side.space.rules().iter().enumerate();
    let bearing =
        rules.filter(|(position, rule)| bears_on(rule, kind) && (decides(rule) || touches(*position)));
    bearing.map(|(_, rule)| rule.id.clone()).collect()
}

fn bears_on(rule: &Rule, kind: ChangeKind) -> bool {
    match (kind, rule.effect) {
        (ChangeKind::Permitted | ChangeKind::Refused, effect) => !matches!(effect, Effect::Withhold { .. }),
        (ChangeKind::Opened(fields) | ChangeKind::Closed(fields), Effect::Withhold { .. }) => {
            fields_of_rule(rule).intersects(fields)
        }
        (_, Effect::Permit { .. }) => !matches!(kind, ChangeKind::Forbidden | ChangeKind::NoLongerForbidden),
        (ChangeKind::Forbidden | ChangeKind::NoLongerForbidden, Effect::Forbid { .. }) => true,
        (_, Effect::Forbid { .. } | Effect::Withhold { .. }) => false,
    }
}

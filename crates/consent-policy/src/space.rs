//! The space that a list of rules permits, as cuboids, and exact questions about it.

use records_model::{Category, Field, Set, Vocabulary};

use crate::cuboid::Cuboid;
use crate::{Effect, FieldGrant, Obligation, Rule};

/// A part of a rule's region.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part {
    /// Position of the rule.
    pub(crate) rule: usize,
    /// The part.
    pub(crate) cuboid: Cuboid,
}

/// What is asked about: being permitted at all, or one field being open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    Permitted,
    Opened(Field),
}

/// The parts that open a target and the parts that close it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sides {
    pub(crate) opening: Vec<Part>,
    pub(crate) closing: Vec<Part>,
}

/// All rules of a document as cuboids.
pub(crate) struct Space<'a> {
    rules: &'a [Rule],
    parts: Vec<Part>,
}

impl<'a> Space<'a> {
    pub(crate) fn new(rules: &'a [Rule]) -> Self {
        let parts = rules
            .iter()
            .enumerate()
            .flat_map(|(rule, text)| region(text).into_iter().map(move |cuboid| Part { rule, cuboid }));
        Self { rules, parts: parts.collect() }
    }

    pub(crate) fn rule(&self, part: &Part) -> Option<&'a Rule> {
        self.rules.get(part.rule)
    }

    /// The rules, in order.
    pub(crate) const fn rules(&self) -> &'a [Rule] {
        self.rules
    }

    /// Every part of every rule.
    pub(crate) fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The parts of permits, and the parts of what closes them.
    pub(crate) fn sides(&self, target: Target) -> Sides {
        let mut sides = Sides::default();
        for part in &self.parts {
            let Some(rule) = self.rule(part) else { continue };
            match (rule.effect, target) {
                (Effect::Permit { .. }, Target::Permitted) => sides.opening.push(*part),
                (Effect::Permit { fields, .. }, Target::Opened(field)) => {
                    sides.opening.extend(narrowed(part, fields, field));
                }
                (Effect::Forbid { .. }, _) => sides.closing.push(*part),
                (Effect::Withhold { fields, .. }, Target::Opened(field)) => {
                    sides.closing.extend(narrowed(part, fields, field));
                }
                (Effect::Withhold { .. }, Target::Permitted) => {}
            }
        }
        sides
    }

    /// Whether the rule owes this.
    pub(crate) fn owes(&self, part: &Part, obligation: Obligation) -> bool {
        self.rule(part).is_some_and(|rule| match rule.effect {
            Effect::Permit { obligations, .. } => obligations.contains(obligation),
            Effect::Forbid { .. } | Effect::Withhold { .. } => false,
        })
    }
}

impl Sides {
    /// Some part inside the region and outside what is spared that is open, and the rule that opens it; `None`
    /// proves that there is none.
    pub(crate) fn open_inside(&self, region: &Cuboid, spared: &[Cuboid]) -> Option<Part> {
        let mut covered = spared.to_vec();
        covered.extend(self.closing_cuboids(Some));
        self.opening.iter().find_map(|part| {
            let inside = part.cuboid.meet(region)?;
            inside.uncovered(&covered).map(|cuboid| Part { rule: part.rule, cuboid })
        })
    }

    /// Some part that is open under `from` and not under `to`, two ways of looking at the same space, and the
    /// rule to blame; `None` proves that everything open under `from` is open under `to`.
    pub(crate) fn escape(
        &self,
        from: impl Fn(Cuboid) -> Option<Cuboid>,
        to: impl Fn(Cuboid) -> Option<Cuboid>,
    ) -> Option<Part> {
        let closed_from = self.closing_cuboids(&from);
        let mut covered = closed_from.clone();
        covered.extend(self.opening.iter().filter_map(|part| to(part.cuboid)));
        for part in &self.opening {
            let Some(seen) = from(part.cuboid) else { continue };
            if let Some(cuboid) = seen.uncovered(&covered) {
                return Some(Part { rule: part.rule, cuboid });
            }
            // What closes it in the same place under both views cannot be what changed.
            let closes_anew = self.closing.iter().filter(|c| from(c.cuboid) != to(c.cuboid));
            for closing in closes_anew {
                let meeting = to(closing.cuboid).and_then(|closed| closed.meet(&seen));
                if let Some(cuboid) = meeting.and_then(|meeting| meeting.uncovered(&closed_from)) {
                    return Some(Part { rule: closing.rule, cuboid });
                }
            }
        }
        None
    }

    pub(crate) fn closing_cuboids(&self, view: impl Fn(Cuboid) -> Option<Cuboid>) -> Vec<Cuboid> {
        self.closing.iter().filter_map(|part| view(part.cuboid)).collect()
    }
}

/// The region in which a rule applies: its scope without the `unless` boxes, its facts, its forms of consent.
pub(crate) fn region(rule: &Rule) -> Vec<Cuboid> {
    let whole = Cuboid::of(&rule.scope)
        .and_then(|cuboid| cuboid.with_facts(rule.requires, rule.excludes))
        .and_then(|cuboid| match rule.effect {
            Effect::Permit { consent, .. } => cuboid.at_least(consent),
            Effect::Forbid { unless_consent } | Effect::Withhold { unless_consent, .. } => {
                unless_consent.map_or(Some(cuboid), |form| cuboid.below(form))
            }
        });
    let spared: Vec<Cuboid> = rule.unless.iter().filter_map(Cuboid::of).collect();
    whole.map_or_else(Vec::new, |cuboid| cuboid.minus_all(&spared))
}

/// The part narrowed to the categories in which the grant holds the field.
fn narrowed(part: &Part, grant: FieldGrant, field: Field) -> Option<Part> {
    let holding: Set<Category> =
        Category::ALL.iter().copied().filter(|category| grant.of(*category).contains(field)).collect();
    let cuboid = part.cuboid.with_categories(holding)?;
    Some(Part { rule: part.rule, cuboid })
}

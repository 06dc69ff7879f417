//! The decision table: everything that a document permits, as merged boxes that a privacy officer can read.

use std::fmt::Write as _;

use records_model::{Category, ConsentForm, Field, Set, Vocabulary};

use crate::cuboid::Cuboid;
use crate::space::{Sides, Space, Target};
use crate::{Effect, Rule, VerifiedPolicy};

impl VerifiedPolicy {
    /// Everything that the document permits, one line for each merged box, in the order of the rules.
    ///
    /// Exact: a request is permitted if and only if it is in a line, with the facts and the consent that the
    /// line names. A rule change shows as changed lines. Fields are those that the rule opens, with what is
    /// withheld from them after a minus; a line whose rule opens none says `-`.
    #[must_use]
    pub fn decision_table(&self) -> String {
        let header = self.header();
        let mut table =
            format!("# {} {}: what is permitted; everything else is refused\n", header.id, header.version);
        for (position, cuboid) in self.permitted_boxes() {
            if let Some(rule) = self.rules().get(position) {
                write_line(&mut table, self.rules(), rule, &cuboid);
            }
        }
        table
    }

    /// Merged boxes that together hold exactly what is permitted, each with the position of its rule.
    pub(crate) fn permitted_boxes(&self) -> Vec<(usize, Cuboid)> {
        let space = Space::new(self.rules());
        let sides = space.sides(Target::Permitted);
        let of_rule = |rule| merged(open_parts(&sides, rule)).into_iter().map(move |cuboid| (rule, cuboid));
        (0..self.rules().len()).flat_map(of_rule).collect()
    }
}

/// What is left of one rule's region once every forbid is taken out.
fn open_parts(sides: &Sides, rule: usize) -> Vec<Cuboid> {
    let closing = sides.closing_cuboids(Some);
    let parts = sides.opening.iter().filter(|part| part.rule == rule);
    parts.flat_map(|part| part.cuboid.minus_all(&closing)).collect()
}

/// Joins boxes that differ in one dimension, one fact or their forms of consent, until none can be joined.
fn merged(mut cuboids: Vec<Cuboid>) -> Vec<Cuboid> {
    let mut position = 0;
    while let Some(first) = cuboids.get(position).copied() {
        let partner = cuboids
            .iter()
            .enumerate()
            .skip(position + 1)
            .find_map(|(index, other)| first.join(other).map(|joined| (index, joined)));
        match partner {
            Some((index, joined)) => {
                cuboids.remove(index);
                if let Some(slot) = cuboids.get_mut(position) {
                    *slot = joined;
                }
                // A joined box may fit one that the parts of it did not.
                position = 0;
            }
            None => position += 1,
        }
    }
    cuboids
}

fn write_line(table: &mut String, rules: &[Rule], rule: &Rule, cuboid: &Cuboid) {
    let Effect::Permit { fields, obligations, .. } = rule.effect else { return };
    let scope = cuboid.scope();
    let withheld = withheld_inside(rules, cuboid);
    let opened = scope.categories.iter().fold(Set::EMPTY, |all, category| all | fields.of(category));
    let clauses: Vec<String> = rule.clauses.iter().map(ToString::to_string).collect();
    // Writing to a string cannot fail.
    let _ = writeln!(
        table,
        "{} [{}] {} | {} | for {} | {} | to {} | {} | on {} | {} | consent {} | with {} | without {} | opens {}{} | owes {}",
        rule.id,
        clauses.join(" "),
        words(scope.actions),
        words(scope.roles),
        words(scope.purposes),
        words(scope.categories),
        words(scope.recipients),
        words(scope.countries),
        words(scope.grounds),
        words(scope.details),
        forms(cuboid),
        or_dash(words_listed(cuboid.present)),
        or_dash(words_listed(cuboid.absent)),
        or_dash(opened_listed(opened, scope.categories)),
        if withheld.intersects(opened) {
            format!(" minus {}", words_listed(withheld & opened))
        } else {
            String::new()
        },
        or_dash(words_listed(obligations)),
    );
}

/// Fields that some rule withholds somewhere inside the box.
fn withheld_inside(rules: &[Rule], cuboid: &Cuboid) -> Set<Field> {
    let withholding = rules.iter().filter_map(|rule| match rule.effect {
        Effect::Withhold { fields, .. } => Some((rule, fields)),
        Effect::Permit { .. } | Effect::Forbid { .. } => None,
    });
    withholding
        .filter(|(rule, _)| crate::space::region(rule).iter().any(|part| part.meet(cuboid).is_some()))
        .flat_map(|(rule, fields)| {
            (rule.scope.categories & cuboid.scope().categories).iter().map(move |c| fields.of(c))
        })
        .fold(Set::EMPTY, |all, fields| all | fields)
}

fn words<V: Vocabulary>(set: Set<V>) -> String {
    if set == Set::full() { "any".to_owned() } else { words_listed(set) }
}

fn words_listed<V: Vocabulary>(set: Set<V>) -> String {
    set.iter().map(Vocabulary::code).collect::<Vec<_>>().join(" ")
}

fn or_dash(text: String) -> String {
    if text.is_empty() { "-".to_owned() } else { text }
}

fn opened_listed(opened: Set<Field>, categories: Set<Category>) -> String {
    let all = categories.iter().fold(Set::EMPTY, |all, category| all | Field::of_category(category));
    if !opened.is_empty() && opened == all { "all of the category".to_owned() } else { words_listed(opened) }
}

/// The forms of consent, as the weakest one where that says it all.
fn forms(cuboid: &Cuboid) -> String {
    let forms = cuboid.forms();
    match forms.iter().next() {
        Some(ConsentForm::None) if forms == Set::full() => "any".to_owned(),
        Some(weakest) if forms == weakest_up(weakest) => format!("{weakest} or more"),
        _ => words_listed(forms),
    }
}

fn weakest_up(weakest: ConsentForm) -> Set<ConsentForm> {
    ConsentForm::ALL.iter().copied().filter(|form| *form >= weakest).collect()
}

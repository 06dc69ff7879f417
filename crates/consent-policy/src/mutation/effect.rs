//! Whether two documents decide anything differently.

use records_model::{Category, Field, Set, Vocabulary};

use crate::cuboid::Cuboid;
use crate::space::{Part, Sides, Space, Target, region};
use crate::{Obligation, Rule, VerifiedPolicy, Witness};

/// A request that the two decide otherwise: permitted by one of them only, with other fields or with other
/// obligations; `None` proves that there is none.
pub(super) fn difference(old: &VerifiedPolicy, new: &VerifiedPolicy) -> Option<Witness> {
    let (old, new) = (old.rules(), new.rules());
    let mut touched: Vec<Cuboid> = changed(old, new);
    touched.extend(changed(new, old));
    let (old, new) = (Space::new(old), Space::new(new));
    let categories = touched.iter().fold(Set::EMPTY, |all, cuboid| all | cuboid.scope().categories);
    let fields =
        categories.iter().fold(Set::EMPTY, |all, category: Category| all | Field::of_category(category));
    let targets = std::iter::once(Target::Permitted).chain(fields.iter().map(Target::Opened));
    let by_target = targets.into_iter().find_map(|target| {
        let (one, other) = (old.sides(target), new.sides(target));
        let field = match target {
            Target::Permitted => None,
            Target::Opened(field) => Some(field),
        };
        let found = only_in(&one, &other, &touched).or_else(|| only_in(&other, &one, &touched))?;
        Witness::of(&found, field)
    });
    by_target.or_else(|| {
        Obligation::ALL.iter().find_map(|obligation| {
            let (one, other) = (owing(&old, *obligation), owing(&new, *obligation));
            let found = only_in(&one, &other, &touched).or_else(|| only_in(&other, &one, &touched))?;
            Witness::of(&found, None)
        })
    })
}

/// Where the rules apply that only the first list has.
fn changed(rules: &[Rule], others: &[Rule]) -> Vec<Cuboid> {
    rules.iter().filter(|rule| !others.contains(rule)).flat_map(region).collect()
}

/// The permits that owe this, and what closes permits.
fn owing(space: &Space<'_>, obligation: Obligation) -> Sides {
    let mut sides = space.sides(Target::Permitted);
    sides.opening.retain(|part: &Part| space.owes(part, obligation));
    sides
}

/// Some part that is open in the one and not in the other.
fn only_in(one: &Sides, other: &Sides, touched: &[Cuboid]) -> Option<Cuboid> {
    touched.iter().find_map(|place| {
        let within = |parts: &[Part]| -> Vec<Cuboid> {
            parts.iter().filter_map(|part| part.cuboid.meet(place)).collect()
        };
        let closed = within(&one.closing);
        let mut covered = closed.clone();
        covered.extend(within(&other.opening));
        let closed_there = within(&other.closing);
        within(&one.opening).iter().find_map(|open| {
            open.uncovered(&covered)
                .or_else(|| closed_there.iter().find_map(|closing| closing.meet(open)?.uncovered(&closed)))
        })
    })
}

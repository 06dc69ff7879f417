//! The walk over the states that rules tell apart: a tree, dimension by dimension, then form by form and fact by
//! fact. What rules do not tell apart at a node stays together.

use records_model::{Category, ConsentForm, Fact, Set, Vocabulary};

use super::{Axis, Enumeration, EnumerationError};
use crate::cuboid::Cuboid;
use crate::rule_set::BitPositions;
use crate::scope::{DIMENSIONS, Scope};
use crate::{Effect, FieldGrant, Rule};

/// The order of the dimensions: those that leave the fewest permits come first.
const ORDER: [usize; DIMENSIONS] = [2, 0, 6, 1, 4, 3, 7, 5];
/// The position of the category among the dimensions.
const CATEGORY: usize = 3;

/// Who looks at the states.
pub(super) trait Visitor {
    /// A new combination of words: one box of requests that no rule tells apart.
    fn enter(&mut self, cell: &Cuboid);

    /// A state of that cell.
    fn look(&mut self, present: Set<Fact>, form: ConsentForm) -> Result<(), EnumerationError>;
}

/// Looks at nothing and counts.
struct Counter;

impl Visitor for Counter {
    fn enter(&mut self, _cell: &Cuboid) {}

    fn look(&mut self, _present: Set<Fact>, _form: ConsentForm) -> Result<(), EnumerationError> {
        Ok(())
    }
}

/// Counts the states; an error if there are more than the limit.
pub(super) fn count(rules: &[Rule], limit: u64) -> Result<Enumeration, EnumerationError> {
    Walk::new(rules, limit, &mut Counter).run()
}

/// Shows every state to the visitor.
pub(super) fn walk(rules: &[Rule], visitor: &mut impl Visitor) -> Result<Enumeration, EnumerationError> {
    Walk::new(rules, u64::MAX, visitor).run()
}

/// A rule that may still apply, as masks.
#[derive(Clone)]
struct Live<'a> {
    rule: &'a Rule,
    scope: [u64; DIMENSIONS],
    unless: Vec<[u64; DIMENSIONS]>,
}

struct Walk<'a, V> {
    rules: &'a [Rule],
    limit: u64,
    visitor: &'a mut V,
    result: Enumeration,
    /// How many branches each axis made, for the blame.
    branches: [u64; Axis::ALL.len()],
}

/// A cell with one class of forms: everything but the facts is settled.
struct Cell {
    /// How many requests and forms of consent it stands for.
    weight: u128,
    form: ConsentForm,
}

impl<'a, V: Visitor> Walk<'a, V> {
    fn new(rules: &'a [Rule], limit: u64, visitor: &'a mut V) -> Self {
        Self { rules, limit, visitor, result: Enumeration::default(), branches: [0; Axis::ALL.len()] }
    }

    fn run(mut self) -> Result<Enumeration, EnumerationError> {
        let live: Vec<Live<'a>> = self.rules.iter().map(Live::new).collect();
        self.descend(&ORDER, Scope::any().masks(), &live)?;
        Ok(self.result)
    }

    fn descend(
        &mut self,
        dimensions: &[usize],
        masks: [u64; DIMENSIONS],
        live: &[Live<'a>],
    ) -> Result<(), EnumerationError> {
        let Some((dimension, rest)) = dimensions.split_first() else { return self.cell(masks, live) };
        for class in classes(*dimension, masks, live) {
            self.branched(*dimension);
            let mut narrowed = masks;
            if let Some(slot) = narrowed.get_mut(*dimension) {
                *slot = class;
            }
            let still: Vec<Live<'a>> =
                live.iter().filter_map(|rule| rule.narrowed(*dimension, class)).collect();
            if still.iter().any(|live| live.rule.effect.is_permit()) {
                self.descend(rest, narrowed, &still)?;
            } else if let Some(cell) = Cuboid::of(&Scope::from_masks(narrowed)) {
                self.result.untouched += cell.states();
                self.visitor.enter(&cell);
                self.sample(Set::EMPTY, ConsentForm::ExpressWritten)?;
            }
        }
        Ok(())
    }

    /// One combination of words: forms of consent and facts are left.
    fn cell(&mut self, masks: [u64; DIMENSIONS], live: &[Live<'a>]) -> Result<(), EnumerationError> {
        let Some(cell) = Cuboid::of(&Scope::from_masks(masks)) else { return Ok(()) };
        self.visitor.enter(&cell);
        // A box that is left holds the whole cell, so the rule spares it.
        let rules: Vec<&Rule> =
            live.iter().filter(|live| live.unless.is_empty()).map(|live| live.rule).collect();
        let words: u128 = masks.iter().map(|mask| u128::from(mask.count_ones())).product();
        for (form, forms) in form_classes(&rules) {
            self.branched(DIMENSIONS);
            let applying: Vec<&Rule> =
                rules.iter().copied().filter(|rule| rule.effect.applies_with(form)).collect();
            self.facts(&Cell { weight: words * forms, form }, Set::EMPTY, Set::EMPTY, &applying)?;
        }
        Ok(())
    }

    /// The facts, one by one, as long as a rule names one that is not settled.
    fn facts(
        &mut self,
        cell: &Cell,
        present: Set<Fact>,
        absent: Set<Fact>,
        rules: &[&Rule],
    ) -> Result<(), EnumerationError> {
        let settled = present | absent;
        let states = cell.weight << (settled.complement().len());
        if !rules.iter().any(|rule| rule.effect.is_permit()) {
            self.result.untouched += states;
            return self.sample(present, cell.form);
        }
        let open = rules.iter().fold(Set::EMPTY, |all, rule| all | rule.requires | rule.excludes) - settled;
        let Some(fact) = most_named(open, rules) else {
            self.result.covered += states;
            return self.look(present, cell.form);
        };
        for (present, absent) in [(present.with(fact), absent), (present, absent.with(fact))] {
            self.branched(DIMENSIONS + 1);
            let possible =
                |rule: &&&Rule| !rule.requires.intersects(absent) && !rule.excludes.intersects(present);
            let still: Vec<&Rule> = rules.iter().filter(possible).copied().collect();
            self.facts(cell, present, absent, &still)?;
        }
        Ok(())
    }

    fn look(&mut self, present: Set<Fact>, form: ConsentForm) -> Result<(), EnumerationError> {
        self.result.looked_at += 1;
        if self.result.looked_at > self.limit {
            return Err(EnumerationError::TooManyStates { limit: self.limit, axis: self.most_branching() });
        }
        self.visitor.look(present, form)
    }

    fn sample(&mut self, present: Set<Fact>, form: ConsentForm) -> Result<(), EnumerationError> {
        self.result.sampled += 1;
        self.visitor.look(present, form)
    }

    fn branched(&mut self, axis: usize) {
        if let Some(count) = self.branches.get_mut(axis) {
            *count += 1;
        }
    }

    /// The axis with the most branches for each branch of the axis above it.
    fn most_branching(&self) -> Axis {
        let mut above = 1;
        let mut most = (0, Axis::Facts);
        for axis in ORDER.into_iter().chain([DIMENSIONS, DIMENSIONS + 1]) {
            let here = self.branches.get(axis).copied().unwrap_or_default();
            let factor = here / above.max(1);
            if let Some(named) = Axis::ALL.get(axis).filter(|_| factor > most.0) {
                most = (factor, *named);
            }
            above = here;
        }
        most.1
    }
}

impl<'a> Live<'a> {
    fn new(rule: &'a Rule) -> Self {
        let unless = rule.unless.iter().map(Scope::masks).collect();
        Self { rule, scope: rule.scope.masks(), unless }
    }

    /// The rule inside a class of words; `None` if it does not reach there.
    fn narrowed(&self, dimension: usize, class: u64) -> Option<Self> {
        let holds = |masks: &[u64; DIMENSIONS]| masks.get(dimension).is_some_and(|mask| mask & class != 0);
        holds(&self.scope).then(|| Self {
            rule: self.rule,
            scope: self.scope,
            unless: self.unless.iter().filter(|spared| holds(spared)).copied().collect(),
        })
    }
}

/// The words of a dimension, those together that no live rule tells apart.
fn classes(dimension: usize, masks: [u64; DIMENSIONS], live: &[Live<'_>]) -> Vec<u64> {
    let mut classes: Vec<u64> = masks.get(dimension).copied().into_iter().collect();
    for rule in live {
        let scope = rule.scope.get(dimension).copied().unwrap_or_default();
        split(&mut classes, scope);
        for spared in &rule.unless {
            split(&mut classes, scope & spared.get(dimension).copied().unwrap_or_default());
        }
        if dimension == CATEGORY {
            split_by_fields(&mut classes, rule.rule, scope);
        }
    }
    classes
}

/// Cuts every class in what is inside the mask and what is not.
fn split(classes: &mut Vec<u64>, mask: u64) {
    for position in 0..classes.len() {
        if let Some(class) = classes.get_mut(position) {
            let (inside, outside) = (*class & mask, *class & !mask);
            if inside != 0 && outside != 0 {
                *class = inside;
                classes.push(outside);
            }
        }
    }
}

/// Cuts classes of categories in which the rule speaks of different fields.
fn split_by_fields(classes: &mut Vec<u64>, rule: &Rule, scope: u64) {
    let grant = match rule.effect {
        Effect::Permit { fields, .. } | Effect::Withhold { fields, .. } => fields,
        Effect::Forbid { .. } => return,
    };
    if grant == FieldGrant::NONE {
        return;
    }
    for category in BitPositions(scope) {
        let same = |other: &Category| {
            Category::ALL.get(category).is_some_and(|category| grant.of(*category) == grant.of(*other))
        };
        let alike: Set<Category> = Category::ALL.iter().copied().filter(same).collect();
        split(classes, alike.bits() & scope);
    }
}

/// One form of each class that no rule tells apart, and how many forms the class has.
fn form_classes(rules: &[&Rule]) -> Vec<(ConsentForm, u128)> {
    let told_apart = |one: ConsentForm, other: ConsentForm| {
        rules.iter().any(|rule| rule.effect.applies_with(one) != rule.effect.applies_with(other))
    };
    let mut classes: Vec<(ConsentForm, u128)> = Vec::new();
    for form in ConsentForm::ALL {
        match classes.iter_mut().find(|(known, _)| !told_apart(*known, *form)) {
            Some((_, forms)) => *forms += 1,
            None => classes.push((*form, 1)),
        }
    }
    classes
}

/// The open fact that most rules name: it settles most.
fn most_named(open: Set<Fact>, rules: &[&Rule]) -> Option<Fact> {
    let named = |fact: Fact| rules.iter().filter(|r| (r.requires | r.excludes).contains(fact)).count();
    open.iter().max_by_key(|fact| named(*fact))
}

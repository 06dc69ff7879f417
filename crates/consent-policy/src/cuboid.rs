//! Boxes over the whole domain of a decision - eight dimensions, every fact, the form of consent - and their
//! exact algebra.

use records_model::{Category, ConsentForm, Fact, Set, Vocabulary};

use crate::scope::{DIMENSIONS, Scope};

/// All forms of consent, as a mask.
const ALL_FORMS: u64 = (1 << ConsentForm::ALL.len()) - 1;

/// A product of sets: one for each dimension, facts that hold, facts that do not, forms of consent. Never
/// empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Cuboid {
    pub(crate) dimensions: [u64; DIMENSIONS],
    pub(crate) present: Set<Fact>,
    pub(crate) absent: Set<Fact>,
    forms: u64,
}

impl Cuboid {
    /// The requests of a scope with any facts and any consent; `None` if the scope is empty.
    pub(crate) fn of(scope: &Scope) -> Option<Self> {
        (!scope.is_empty()).then(|| Self {
            dimensions: scope.masks(),
            present: Set::EMPTY,
            absent: Set::EMPTY,
            forms: ALL_FORMS,
        })
    }

    /// Narrowed to these facts; `None` if nothing is left.
    pub(crate) fn with_facts(mut self, present: Set<Fact>, absent: Set<Fact>) -> Option<Self> {
        self.present |= present;
        self.absent |= absent;
        (!self.present.intersects(self.absent)).then_some(self)
    }

    /// Narrowed to this form of consent or a stronger one.
    pub(crate) fn at_least(mut self, weakest: ConsentForm) -> Option<Self> {
        self.forms &= ALL_FORMS << weakest.index();
        (self.forms & ALL_FORMS != 0).then_some(self)
    }

    /// Narrowed to forms of consent weaker than this one.
    pub(crate) fn below(mut self, form: ConsentForm) -> Option<Self> {
        self.forms &= !(ALL_FORMS << form.index());
        (self.forms != 0).then_some(self)
    }

    /// Narrowed to exactly this form.
    pub(crate) fn at_form(mut self, form: ConsentForm) -> Option<Self> {
        self.forms &= 1 << form.index();
        (self.forms != 0).then_some(self)
    }

    /// The same without saying anything about the form of consent.
    pub(crate) const fn forget_form(mut self) -> Self {
        self.forms = ALL_FORMS;
        self
    }

    /// The same without saying anything about the fact.
    pub(crate) fn forget_fact(mut self, fact: Fact) -> Self {
        self.present = self.present.without(fact);
        self.absent = self.absent.without(fact);
        self
    }

    /// Narrowed to these categories.
    pub(crate) fn with_categories(self, categories: Set<Category>) -> Option<Self> {
        let mut scope = self.scope();
        scope.categories = scope.categories & categories;
        (!scope.is_empty()).then(|| Self { dimensions: scope.masks(), ..self })
    }

    /// The eight sets.
    pub(crate) fn scope(&self) -> Scope {
        Scope::from_masks(self.dimensions)
    }

    /// The forms of consent in it.
    pub(crate) fn forms(&self) -> Set<ConsentForm> {
        Set::from_bits(self.forms)
    }

    /// What both hold.
    pub(crate) fn meet(&self, other: &Self) -> Option<Self> {
        let mut dimensions = self.dimensions;
        for (mine, theirs) in dimensions.iter_mut().zip(other.dimensions) {
            *mine &= theirs;
            if *mine == 0 {
                return None;
            }
        }
        let forms = self.forms & other.forms;
        let present = self.present | other.present;
        let absent = self.absent | other.absent;
        (forms != 0 && !present.intersects(absent)).then_some(Self { dimensions, present, absent, forms })
    }

    /// Whether the two share a state.
    pub(crate) fn meets(&self, other: &Self) -> bool {
        self.forms & other.forms != 0
            && self.dimensions.iter().zip(other.dimensions).all(|(mine, theirs)| mine & theirs != 0)
            && !(self.present | other.present).intersects(self.absent | other.absent)
    }

    /// How many pieces [`Cuboid::minus`] leaves of this one, if the two meet; 0 if the other covers it.
    pub(crate) fn cuts(&self, other: &Self) -> u32 {
        let reaches_out = |(mine, theirs): (&u64, u64)| u32::from(mine & !theirs != 0);
        self.dimensions.iter().zip(other.dimensions).map(reaches_out).sum::<u32>()
            + u32::from(self.forms & !other.forms != 0)
            + (other.present - self.present).len()
            + (other.absent - self.absent).len()
    }

    /// How many states it holds: requests over one category, times the facts, times the forms of consent.
    pub(crate) fn states(&self) -> u128 {
        let free = Fact::ALL.len() as u128 - u128::from((self.present | self.absent).len());
        let words = self.dimensions.iter().map(|mask| u128::from(mask.count_ones())).product::<u128>();
        words * u128::from(self.forms.count_ones()) * (1 << free)
    }

    /// The same with these forms of consent in place of its own.
    pub(crate) const fn with_form_bits(mut self, forms: u64) -> Self {
        self.forms = forms;
        self
    }

    /// Whether everything in the other is in this one.
    pub(crate) fn contains(&self, other: &Self) -> bool {
        self.dimensions.iter().zip(other.dimensions).all(|(mine, theirs)| theirs & !mine == 0)
            && other.forms & !self.forms == 0
            && other.present.contains_all(self.present)
            && other.absent.contains_all(self.absent)
    }

    /// What this one holds and the other does not, as disjoint cuboids.
    pub(crate) fn minus(&self, other: &Self) -> Vec<Self> {
        if self.meet(other).is_none() {
            return vec![*self];
        }
        let mut pieces = Vec::new();
        let mut rest = *self;
        for dimension in 0..DIMENSIONS {
            let outside = with_dimension(&mut rest, other, dimension);
            pieces.extend(outside);
        }
        if rest.forms & !other.forms != 0 {
            pieces.push(Self { forms: rest.forms & !other.forms, ..rest });
            rest.forms &= other.forms;
        }
        for fact in (other.present - rest.present).iter() {
            pieces.push(Self { absent: rest.absent.with(fact), ..rest });
            rest.present = rest.present.with(fact);
        }
        for fact in (other.absent - rest.absent).iter() {
            pieces.push(Self { present: rest.present.with(fact), ..rest });
            rest.absent = rest.absent.with(fact);
        }
        pieces
    }

    /// One cuboid that holds exactly what the two hold, if there is one: they must be the same but for one
    /// dimension, the forms of consent or one fact.
    pub(crate) fn join(&self, other: &Self) -> Option<Self> {
        if self.contains(other) {
            return Some(*self);
        }
        if other.contains(self) {
            return Some(*other);
        }
        let same_facts = self.present == other.present && self.absent == other.absent;
        let differing = self.dimensions.iter().zip(other.dimensions).filter(|(a, b)| **a != *b).count();
        if same_facts && differing + usize::from(self.forms != other.forms) == 1 {
            let mut joined = *self;
            for (mine, theirs) in joined.dimensions.iter_mut().zip(other.dimensions) {
                *mine |= theirs;
            }
            joined.forms |= other.forms;
            return Some(joined);
        }
        let opposed = (self.present & other.absent) | (other.present & self.absent);
        let fact = opposed.iter().next().filter(|_| opposed.len() == 1)?;
        let free = self.forget_fact(fact);
        (differing == 0 && self.forms == other.forms && free == other.forget_fact(fact)).then_some(free)
    }

    /// Some part of it that none of the others covers; `None` proves that together they cover all of it.
    pub(crate) fn uncovered(&self, others: &[Self]) -> Option<Self> {
        if others.iter().any(|other| other.contains(self)) {
            return None;
        }
        let Some(first) = others.iter().position(|other| self.meet(other).is_some()) else {
            return Some(*self);
        };
        let (Some(cut), Some(rest)) = (others.get(first), others.get(first + 1..)) else {
            return Some(*self);
        };
        self.minus(cut).iter().find_map(|piece| piece.uncovered(rest))
    }

    /// All of it that none of the others covers, as disjoint cuboids.
    pub(crate) fn minus_all(&self, others: &[Self]) -> Vec<Self> {
        let mut left = vec![*self];
        for other in others {
            left = left.iter().flat_map(|piece| piece.minus(other)).collect();
        }
        left
    }
}

/// Narrows one dimension of `rest` to `other`'s and returns what that leaves outside.
fn with_dimension(rest: &mut Cuboid, other: &Cuboid, dimension: usize) -> Option<Cuboid> {
    let mine = rest.dimensions.get(dimension).copied()?;
    let theirs = other.dimensions.get(dimension).copied()?;
    let mut outside = *rest;
    *outside.dimensions.get_mut(dimension)? = mine & !theirs;
    *rest.dimensions.get_mut(dimension)? = mine & theirs;
    (mine & !theirs != 0).then_some(outside)
}

//! Which way a fact may move a decision, proved for a whole document.
//!
//! A step goes from worse to better: a favourable fact comes to hold, an unfavourable one ceases to, a consent
//! of the next form is given. For every step, what was permitted must stay permitted, what was open must stay
//! open, and what was free of an obligation must stay free of it. The third closes a trap: if a consent brought
//! the permit that carries the mask, withdrawing it would drop the mask.

use std::fmt;

use records_model::{ConsentForm, Fact, Field, Polarity, Vocabulary};

use crate::Obligation;
use crate::cuboid::Cuboid;
use crate::space::{Part, Sides, Space, Target};

/// A step from worse to better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A favourable fact comes to hold.
    Gained(Fact),
    /// An unfavourable fact ceases to hold.
    Freed(Fact),
    /// A consent of this form is given where there was one of the form before it.
    Consented(ConsentForm),
}

impl Step {
    /// Every step.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        let facts = Fact::ALL.iter().map(|fact| match fact.polarity() {
            Polarity::Favourable => Self::Gained(*fact),
            Polarity::Unfavourable => Self::Freed(*fact),
        });
        facts.chain(ConsentForm::ALL.iter().skip(1).map(|form| Self::Consented(*form)))
    }

    /// The cuboid as it looks before the step, without saying anything about what the step changes.
    pub(crate) fn before(self, cuboid: Cuboid) -> Option<Cuboid> {
        match self {
            Self::Gained(fact) => without_fact(cuboid, fact),
            Self::Freed(fact) => with_fact(cuboid, fact),
            Self::Consented(form) => {
                let weaker = ConsentForm::ALL.iter().rev().find(|weaker| **weaker < form)?;
                cuboid.at_form(*weaker).map(Cuboid::forget_form)
            }
        }
    }

    /// The cuboid as it looks after the step.
    pub(crate) fn after(self, cuboid: Cuboid) -> Option<Cuboid> {
        match self {
            Self::Gained(fact) => with_fact(cuboid, fact),
            Self::Freed(fact) => without_fact(cuboid, fact),
            Self::Consented(form) => cuboid.at_form(form).map(Cuboid::forget_form),
        }
    }

    /// A point of the space before the step.
    pub(crate) fn place_before(self, cuboid: Cuboid) -> Option<Cuboid> {
        match self {
            Self::Gained(fact) => cuboid.with_facts(records_model::Set::EMPTY, records_model::Set::one(fact)),
            Self::Freed(fact) => cuboid.with_facts(records_model::Set::one(fact), records_model::Set::EMPTY),
            Self::Consented(form) => {
                let weaker = ConsentForm::ALL.iter().rev().find(|weaker| **weaker < form)?;
                cuboid.at_form(*weaker)
            }
        }
    }

    /// A point of the space after the step.
    pub(crate) fn place_after(self, cuboid: Cuboid) -> Option<Cuboid> {
        match self {
            Self::Gained(fact) => cuboid.with_facts(records_model::Set::one(fact), records_model::Set::EMPTY),
            Self::Freed(fact) => cuboid.with_facts(records_model::Set::EMPTY, records_model::Set::one(fact)),
            Self::Consented(form) => cuboid.at_form(form),
        }
    }
}

fn with_fact(cuboid: Cuboid, fact: Fact) -> Option<Cuboid> {
    (!cuboid.absent.contains(fact)).then(|| cuboid.forget_fact(fact))
}

fn without_fact(cuboid: Cuboid, fact: Fact) -> Option<Cuboid> {
    (!cuboid.present.contains(fact)).then(|| cuboid.forget_fact(fact))
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gained(fact) => write!(f, "once `{fact}` holds"),
            Self::Freed(fact) => write!(f, "once `{fact}` no longer holds"),
            Self::Consented(form) => write!(f, "once there is {form} consent"),
        }
    }
}

/// What a step would take away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// The permit itself.
    Permit,
    /// One field of it.
    Field(Field),
    /// Being free of an obligation.
    Freedom(Obligation),
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Permit => f.write_str("it would no longer be permitted"),
            Self::Field(field) => write!(f, "the field `{field}` would no longer be open"),
            Self::Freedom(obligation) => {
                write!(f, "it would owe `{obligation}`, so losing that again would drop the obligation")
            }
        }
    }
}

/// A step that takes something away.
pub(crate) struct Breach {
    pub(crate) step: Step,
    pub(crate) loss: Loss,
    pub(crate) part: Part,
}

/// Every way in which the rules break the polarity laws, at most one for each step and loss; none proves them.
pub(crate) fn breaches(space: &Space<'_>) -> Vec<Breach> {
    let permitted = space.sides(Target::Permitted);
    let mut found = Vec::new();
    for step in Step::all() {
        if may_lose(&permitted, step) {
            found.extend(lost(&permitted, step, Loss::Permit));
        }
        found.extend(obligations_gained(space, &permitted, step));
    }
    for field in Field::ALL {
        let opened = space.sides(Target::Opened(*field));
        let steps = Step::all().filter(|step| may_lose(&opened, *step));
        found.extend(steps.filter_map(|step| lost(&opened, step, Loss::Field(*field))));
    }
    found
}

/// Whether a step could take anything away at all: only if some opening part vanishes with it or some closing
/// part comes with it. Almost never, and then the exact question need not be asked.
fn may_lose(sides: &Sides, step: Step) -> bool {
    let vanishes = |part: &Part| step.before(part.cuboid).is_some_and(|b| step.after(part.cuboid) != Some(b));
    let comes = |part: &Part| step.after(part.cuboid).is_some_and(|a| step.before(part.cuboid) != Some(a));
    sides.opening.iter().any(vanishes) || sides.closing.iter().any(comes)
}

fn lost(sides: &Sides, step: Step, loss: Loss) -> Option<Breach> {
    let part = sides.escape(|c| step.before(c), |c| step.after(c))?;
    let cuboid = step.place_before(part.cuboid)?;
    Some(Breach { step, loss, part: Part { cuboid, ..part } })
}

/// Obligations that a step brings to requests that were permitted without them.
fn obligations_gained(space: &Space<'_>, sides: &Sides, step: Step) -> Vec<Breach> {
    Obligation::ALL
        .iter()
        .filter_map(|obligation| obligation_gained(space, sides, step, *obligation))
        .collect()
}

fn obligation_gained(space: &Space<'_>, sides: &Sides, step: Step, obligation: Obligation) -> Option<Breach> {
    let (owing, free): (Vec<&Part>, Vec<&Part>) =
        sides.opening.iter().partition(|part| space.owes(part, obligation));
    let gained: Vec<&&Part> =
        owing.iter().filter(|part| step.before(part.cuboid) != step.after(part.cuboid)).collect();
    if gained.is_empty() {
        return None;
    }
    let mut covered = sides.closing_cuboids(|c| step.before(c));
    covered.extend(owing.iter().filter_map(|part| step.before(part.cuboid)));
    for part in &free {
        let Some(before) = step.before(part.cuboid) else { continue };
        for owing in &gained {
            let meeting = step.after(owing.cuboid).and_then(|after| after.meet(&before));
            let Some(cuboid) = meeting.and_then(|meeting| meeting.uncovered(&covered)) else { continue };
            let cuboid = step.place_before(cuboid)?;
            let part = Part { rule: owing.rule, cuboid };
            return Some(Breach { step, loss: Loss::Freedom(obligation), part });
        }
    }
    None
}

//! One state, decided in three ways.

use chrono::DateTime;
use records_model::{ConsentForm, Fact, Field, Set};

use super::walk::Visitor;
use super::{EnumerationError, Method};
use crate::cuboid::Cuboid;
use crate::reference::reference_decide;
use crate::space::{Part, Space};
use crate::{Decision, Effect, Facts, Obligation, Outcome, Request, VerifiedPolicy, Witness};

/// Compares three ways of deciding.
pub(super) struct Comparison<'a, D> {
    policy: &'a VerifiedPolicy,
    decide: D,
    space: Space<'a>,
    /// What is permitted, as the decision table has it.
    permitted: Vec<Cuboid>,
    /// The request of the cell that is looked at, and what of the boxes reaches into it.
    cell: Option<Cell>,
}

struct Cell {
    request: Request,
    parts: Vec<Part>,
    permitted: Vec<Cuboid>,
}

/// What the boxes say of a state.
struct ByBoxes {
    outcome: Outcome,
    fields: Set<Field>,
    obligations: Set<Obligation>,
}

impl<'a, D: Fn(&Request, &Facts) -> Decision> Comparison<'a, D> {
    pub(super) fn new(policy: &'a VerifiedPolicy, decide: D) -> Self {
        let permitted = policy.permitted_boxes().into_iter().map(|(_, cuboid)| cuboid).collect();
        Self { policy, decide, space: Space::new(policy.rules()), permitted, cell: None }
    }

    /// The state by the boxes: the table says whether it is permitted, the regions of the rules what comes with it.
    fn by_boxes(&self, cell: &Cell, present: Set<Fact>, form: ConsentForm) -> Option<ByBoxes> {
        let category = cell.request.categories.iter().next()?;
        let holds = |cuboid: &Cuboid| {
            present.contains_all(cuboid.present)
                && !present.intersects(cuboid.absent)
                && cuboid.forms().contains(form)
        };
        let permitted = cell.permitted.iter().any(holds);
        let (mut opened, mut withheld, mut obligations) = (Set::EMPTY, Set::EMPTY, Set::EMPTY);
        let mut forbidden = false;
        for part in cell.parts.iter().filter(|part| holds(&part.cuboid)) {
            match self.space.rule(part)?.effect {
                Effect::Permit { fields, obligations: owed, .. } => {
                    opened |= fields.of(category);
                    obligations |= owed;
                }
                Effect::Withhold { fields, .. } => withheld |= fields.of(category),
                Effect::Forbid { .. } => forbidden = true,
            }
        }
        Some(match (permitted, forbidden) {
            (true, _) => ByBoxes { outcome: Outcome::Permit, fields: opened - withheld, obligations },
            (false, true) => refused(Outcome::Deny),
            (false, false) => refused(Outcome::NotApplicable),
        })
    }
}

const fn refused(outcome: Outcome) -> ByBoxes {
    ByBoxes { outcome, fields: Set::EMPTY, obligations: Set::EMPTY }
}

impl<D: Fn(&Request, &Facts) -> Decision> Visitor for Comparison<'_, D> {
    fn enter(&mut self, cell: &Cuboid) {
        // Rules do not tell the requests of a cell apart, so a box holds all of them or none. A part that was left
        // out is no cell of that kind: there, its first request is looked at.
        let first = Witness::of(cell, None).and_then(|witness| {
            let masks = crate::scope::one(&witness.request)?;
            Some((witness.request, Cuboid::of(&crate::Scope::from_masks(masks))?))
        });
        self.cell = first.map(|(request, cuboid)| Cell {
            request,
            parts: self.space.parts().iter().filter(|part| part.cuboid.meets(&cuboid)).copied().collect(),
            permitted: self.permitted.iter().filter(|permitted| permitted.meets(&cuboid)).copied().collect(),
        });
    }

    fn look(&mut self, present: Set<Fact>, form: ConsentForm) -> Result<(), EnumerationError> {
        let Some(cell) = &self.cell else { return Ok(()) };
        let facts = Facts::new(form, present);
        let reference = reference_decide(self.policy.rules(), &cell.request, &facts, DateTime::UNIX_EPOCH);
        let disagreement = |method| {
            let witness = Witness { request: cell.request.clone(), facts, field: None };
            EnumerationError::Disagreement { method, witness: Box::new(witness) }
        };
        if !reference.agrees_with(&(self.decide)(&cell.request, &facts)) {
            return Err(disagreement(Method::Engine));
        }
        let Some(boxes) = self.by_boxes(cell, present, form) else {
            return Err(disagreement(Method::Boxes));
        };
        let fields = reference.fields.values().fold(Set::EMPTY, |all, fields| all | *fields);
        let same = boxes.outcome == reference.outcome
            && boxes.fields == fields
            && boxes.obligations == reference.obligations;
        if same { Ok(()) } else { Err(disagreement(Method::Boxes)) }
    }
}

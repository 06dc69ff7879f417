//! What deciding needs of a rule beside the index, close together in memory: texts and names stay with the
//! document.

use records_model::{Field, Set};

use crate::scope::DIMENSIONS;
use crate::{Effect, FieldGrant, Obligation, Rule};

/// A rule as the engine reads it.
#[derive(Debug, Clone)]
pub(crate) struct CompiledRule {
    /// The fields that it opens; of each category, those that the category has.
    pub(crate) opens: Set<Field>,
    /// The fields that it withholds, likewise.
    pub(crate) withholds: Set<Field>,
    pub(crate) obligations: Set<Obligation>,
    /// The scope without the `unless` boxes that differ from it in one dimension only.
    pub(crate) scope: [u64; DIMENSIONS],
    /// The other `unless` boxes.
    boxes: Box<[[u64; DIMENSIONS]]>,
}

impl CompiledRule {
    pub(crate) fn of(rule: &Rule) -> Self {
        let (opens, withholds, obligations) = match rule.effect {
            Effect::Permit { fields, obligations, .. } => (named(fields), Set::EMPTY, obligations),
            Effect::Forbid { .. } => (Set::EMPTY, Set::EMPTY, Set::EMPTY),
            Effect::Withhold { fields, .. } => (Set::EMPTY, named(fields), Set::EMPTY),
        };
        let mut scope = rule.scope.masks();
        let boxes = rule.unless.iter().filter_map(|spared| still_boxed(&mut scope, spared.masks())).collect();
        Self { opens, withholds, obligations, scope, boxes }
    }

    /// Whether it has `unless` boxes to be looked at for each request.
    pub(crate) fn has_boxes(&self) -> bool {
        !self.boxes.is_empty()
    }

    /// Whether one of these boxes holds the words at these places of their vocabularies.
    pub(crate) fn spares(&self, words: [u8; DIMENSIONS]) -> bool {
        self.boxes.iter().any(|masks| masks.iter().zip(words).all(|(mask, word)| mask >> word & 1 == 1))
    }
}

fn named(grant: FieldGrant) -> Set<Field> {
    match grant {
        FieldGrant::AllOfCategory => Set::full(),
        FieldGrant::Listed(fields) => fields,
    }
}

/// Takes the box out of the scope if what is left is a box again; otherwise gives the box back, unless it is beside
/// the scope anyway.
fn still_boxed(scope: &mut [u64; DIMENSIONS], spared: [u64; DIMENSIONS]) -> Option<[u64; DIMENSIONS]> {
    if scope.iter().zip(spared).any(|(mine, theirs)| mine & theirs == 0) {
        return None;
    }
    let outside = scope.iter().zip(spared).filter(|(mine, theirs)| *mine & !theirs != 0).count();
    if outside > 1 {
        return Some(spared);
    }
    // With nothing outside, the first dimension is emptied, and the rule is about nothing.
    let cut = scope.iter().zip(spared).position(|(mine, theirs)| outside == 0 || mine & !theirs != 0)?;
    if let (Some(mine), Some(theirs)) = (scope.get_mut(cut), spared.get(cut)) {
        *mine &= !theirs;
    }
    None
}

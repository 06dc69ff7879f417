//! What deciding needs of a rule beside the index, close together in memory: texts and names stay with the
//! document.

use records_model::{Field, Set};

use crate::scope::DIMENSIONS;
use crate::{Effect, FieldGrant, Obligation, Rule};

/// What a rule gives and takes where it applies. Small, because it is read for most permits.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Grants {
    /// The fields that it opens; of each category, those that the category has.
    pub(crate) opens: Set<Field>,
    /// The fields that it withholds, likewise.
    pub(crate) withholds: Set<Field>,
    pub(crate) obligations: Set<Obligation>,
}

impl Grants {
    pub(crate) fn of(rule: &Rule) -> Self {
        let nothing = Self { opens: Set::EMPTY, withholds: Set::EMPTY, obligations: Set::EMPTY };
        match rule.effect {
            Effect::Permit { fields, obligations, .. } => {
                Self { opens: named(fields), obligations, ..nothing }
            }
            Effect::Forbid { .. } => nothing,
            Effect::Withhold { fields, .. } => Self { withholds: named(fields), ..nothing },
        }
    }
}

/// What a rule is about, as the index reads it.
#[derive(Debug, Clone)]
pub(crate) struct CompiledScope {
    /// The scope without the `unless` boxes that differ from it in one dimension only.
    pub(crate) masks: [u64; DIMENSIONS],
    /// The other `unless` boxes.
    boxes: Box<[[u64; DIMENSIONS]]>,
}

impl CompiledScope {
    pub(crate) fn of(rule: &Rule) -> Self {
        let mut masks = rule.scope.masks();
        let boxes = rule.unless.iter().filter_map(|spared| still_boxed(&mut masks, spared.masks())).collect();
        Self { masks, boxes }
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

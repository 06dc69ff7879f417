//! Which rules of two documents are the same but for their names and words.

use std::collections::BTreeMap;

use records_model::RuleId;

use crate::Rule;

/// For each rule, whether the other document holds one that does the same to the same states.
pub(super) struct Pairing {
    pub(super) older: Vec<Partner>,
    pub(super) newer: Vec<Partner>,
}

/// Whether a rule has an equal in the other document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Partner {
    Equal,
    None,
}

impl Pairing {
    pub(super) fn of(older: &[Rule], newer: &[Rule]) -> Self {
        let mut pairing =
            Self { older: vec![Partner::None; older.len()], newer: vec![Partner::None; newer.len()] };
        // Nearly every rule has its equal under its own name; the rest are compared one by one.
        let by_name: BTreeMap<&RuleId, usize> =
            older.iter().enumerate().map(|(position, rule)| (&rule.id, position)).collect();
        for (position, rule) in newer.iter().enumerate() {
            if let Some(namesake) = by_name.get(&rule.id) {
                pairing.pair(older, *namesake, rule, position);
            }
        }
        let free: Vec<usize> =
            (0..older.len()).filter(|at| pairing.older.get(*at) == Some(&Partner::None)).collect();
        for (position, rule) in newer.iter().enumerate() {
            for partner in &free {
                pairing.pair(older, *partner, rule, position);
            }
        }
        pairing
    }

    /// Pairs the two if both are free and the same.
    fn pair(&mut self, older: &[Rule], older_position: usize, rule: &Rule, newer_position: usize) {
        let both = (self.older.get_mut(older_position), self.newer.get_mut(newer_position));
        let (Some(left @ Partner::None), Some(right @ Partner::None)) = both else { return };
        if older.get(older_position).is_some_and(|candidate| does_the_same(candidate, rule)) {
            *left = Partner::Equal;
            *right = Partner::Equal;
        }
    }
}

fn does_the_same(left: &Rule, right: &Rule) -> bool {
    left.scope == right.scope
        && left.effect == right.effect
        && left.requires == right.requires
        && left.excludes == right.excludes
        && left.unless == right.unless
}

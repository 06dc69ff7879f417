//! Rules of a document that change nothing, and what makes them idle.

use std::fmt;

use records_model::RuleId;

use crate::carve::outside;
use crate::cuboid::Cuboid;
use crate::difference::Difference;
use crate::space::region;
use crate::{Effect, PolicyDraft, Rule, VerifiedPolicy};

/// Why a rule changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaultKind {
    /// A permit that is forbidden wherever it applies.
    Contradicted,
    /// Wherever it applies, other rules do already what it does.
    Shadowed,
    /// It takes away what nothing gives.
    Idle,
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Contradicted => "permits only what is forbidden",
            Self::Shadowed => "does only what other rules do already",
            Self::Idle => "takes away only what nothing gives",
        })
    }
}

/// A rule without which every decision would be the same: outcome, fields and obligations.
///
/// Harmless for whoever is decided about, and a trap for whoever edits the document: the rule says something that
/// is not so.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Fault {
    /// The rule.
    pub rule: RuleId,
    /// Its line in the document.
    pub line: usize,
    /// Why it changes nothing.
    pub kind: FaultKind,
    /// The rules that cover it, the one that covers most first; none for an idle rule.
    pub covered_by: Vec<RuleId>,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: rule `{}` {}", self.line, self.rule, self.kind)?;
        if self.covered_by.is_empty() {
            return Ok(());
        }
        let names: Vec<String> = self.covered_by.iter().map(|rule| format!("`{rule}`")).collect();
        write!(f, ": see {}", names.join(", "))
    }
}

impl PolicyDraft {
    /// Every rule without which the document would decide the same, in the order of the document.
    ///
    /// Each is judged alone: of two rules that say the same, both are named, and one of them may go.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        let positions = 0..self.rules.len();
        positions.filter_map(|position| fault_at(&self.rules, position)).collect()
    }
}

impl VerifiedPolicy {
    /// Every rule without which the document would decide the same; see [`PolicyDraft::faults`].
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        self.draft().faults()
    }
}

fn fault_at(rules: &[Rule], position: usize) -> Option<Fault> {
    let rule = rules.get(position)?;
    let others: Vec<Rule> =
        rules.iter().enumerate().filter(|(at, _)| *at != position).map(|(_, other)| other.clone()).collect();
    if !Difference::between(rules, &others).is_empty() {
        return None;
    }
    let mut left = region(rule);
    let forbids = cover(&mut left, others.iter().filter(|o| matches!(o.effect, Effect::Forbid { .. })));
    let contradicted = rule.effect.is_permit() && left.is_empty();
    let alike = others.iter().filter(|other| does_alike(rule.effect, other.effect));
    let covered_by: Vec<RuleId> = forbids.into_iter().chain(cover(&mut left, alike)).collect();
    let (kind, covered_by) = match (contradicted, left.is_empty()) {
        (true, _) => (FaultKind::Contradicted, covered_by),
        (false, true) => (FaultKind::Shadowed, covered_by),
        (false, false) => (FaultKind::Idle, Vec::new()),
    };
    Some(Fault { rule: rule.id.clone(), line: rule.line, kind, covered_by })
}

const fn does_alike(one: Effect, other: Effect) -> bool {
    matches!(
        (one, other),
        (Effect::Permit { .. }, Effect::Permit { .. }) | (Effect::Withhold { .. }, Effect::Withhold { .. })
    )
}

/// Takes the regions of the rules out of what is left, the one that takes most first, and names those that took
/// something.
fn cover<'a>(left: &mut Vec<Cuboid>, rules: impl Iterator<Item = &'a Rule>) -> Vec<RuleId> {
    let mut candidates: Vec<(&RuleId, Vec<Cuboid>)> = rules.map(|rule| (&rule.id, region(rule))).collect();
    let mut named = Vec::new();
    loop {
        let taken = |parts: &[Cuboid]| -> u128 {
            let shared = left.iter().flat_map(|piece| parts.iter().filter_map(|part| piece.meet(part)));
            shared.map(|cuboid| cuboid.states()).sum()
        };
        let best = candidates.iter().enumerate().map(|(at, (_, parts))| (taken(parts), at)).max();
        let Some((1.., at)) = best else { return named };
        let (id, parts) = candidates.swap_remove(at);
        named.push(id.clone());
        *left = left.iter().flat_map(|piece| outside(*piece, &parts)).collect();
    }
}

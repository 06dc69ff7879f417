//! The same document written in more rules: whatever an engine does with it, the outcomes stay.

use records_model::{RuleId, Set};

use crate::{PolicyDraft, Rule, Scope};

/// The draft written in `count` rules that decide exactly as its own do.
///
/// Again and again the rule with the most words in one dimension is cut in two along it, as a hospital does that
/// gives each role and each purpose a rule of its own. Never along the category, because the fields of a rule go
/// with that. Names get the position after them; scenarios, which name rules, go. Fewer rules come out only when
/// none can be cut any further.
#[must_use]
pub fn in_more_rules(draft: &PolicyDraft, count: usize) -> PolicyDraft {
    let mut pieces = draft.clone();
    pieces.scenarios.clear();
    while pieces.rules.len() < count {
        let widest = pieces.rules.iter().enumerate().max_by_key(|(at, rule)| {
            // The first of equals, so that the result depends on the document alone.
            (width(&rule.scope).0, std::cmp::Reverse(*at))
        });
        let Some((at, rule)) = widest.filter(|(_, rule)| width(&rule.scope).0 > 1) else { break };
        let (left, right) = cut(rule);
        if let Some(slot) = pieces.rules.get_mut(at) {
            *slot = left;
        }
        pieces.rules.insert(at + 1, right);
    }
    for (position, rule) in pieces.rules.iter_mut().enumerate() {
        rule.id = numbered(&rule.id, position);
    }
    pieces
}

/// The most words in one dimension but the category, and which dimension that is.
fn width(scope: &Scope) -> (u32, usize) {
    let without_categories = Scope { categories: Set::EMPTY, ..*scope };
    let widths = without_categories.masks().map(u64::count_ones);
    let widest = widths.into_iter().enumerate().max_by_key(|(at, words)| (*words, std::cmp::Reverse(*at)));
    widest.map_or((0, 0), |(dimension, words)| (words, dimension))
}

fn cut(rule: &Rule) -> (Rule, Rule) {
    let (words, dimension) = width(&rule.scope);
    let (mut left, mut right) = (rule.scope.masks(), rule.scope.masks());
    if let (Some(left), Some(right)) = (left.get_mut(dimension), right.get_mut(dimension)) {
        for _ in 0..words / 2 {
            // The lowest word moves from the right half to the left one.
            *right &= *right - 1;
        }
        *left &= !*right;
    }
    let piece = |masks| Rule { scope: Scope::from_masks(masks), ..rule.clone() };
    (piece(left), piece(right))
}

/// The name with the position after it, so that every piece has a name of its own.
fn numbered(id: &RuleId, position: usize) -> RuleId {
    let stem: String = id.as_str().chars().take(56).collect();
    RuleId::parse(&format!("{stem}.{position}")).unwrap_or_else(|_| id.clone())
}

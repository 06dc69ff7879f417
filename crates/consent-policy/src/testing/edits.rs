//! Single edits of a document, as a hurried person makes them.

use proptest::prelude::*;

use crate::mutation::Edit;
use crate::{PolicyDraft, VerifiedPolicy};

/// Every single edit of every rule that changes something, with the position of the rule.
pub fn every_edit(draft: &PolicyDraft) -> impl Iterator<Item = (usize, Edit)> + '_ {
    let rules = draft.rules.iter().enumerate();
    rules.flat_map(|(position, rule)| Edit::of(rule).map(move |edit| (position, edit)))
}

/// One edit, and the position of the rule.
pub fn arb_edit(draft: &PolicyDraft) -> impl Strategy<Value = (usize, Edit)> + use<> {
    proptest::sample::select(every_edit(draft).collect::<Vec<_>>())
}

/// The draft with up to three edits; most such drafts cannot come into force.
pub fn arb_policy_draft(draft: &PolicyDraft) -> impl Strategy<Value = PolicyDraft> + use<> {
    let base = draft.clone();
    // An edit that takes a rule away comes last: the others are meant for the positions as they were.
    proptest::collection::vec(arb_edit(draft), 0..=3).prop_map(move |mut edits| {
        edits.sort_by_key(|(position, edit)| (*edit == Edit::RemoveRule, std::cmp::Reverse(*position)));
        edits.iter().fold(base.clone(), |draft, (position, edit)| edit.apply(&draft, *position))
    })
}

/// A document that may come into force: the policy with up to three edits, of which those are left out that a law
/// refuses. Its own scenarios and invariants are gone, because they would refuse most edits.
pub fn arb_policy(policy: &VerifiedPolicy) -> impl Strategy<Value = VerifiedPolicy> + use<> {
    let base = policy.clone();
    proptest::collection::vec(arb_edit(policy.draft()), 0..=3).prop_map(move |mut edits| {
        edits.sort_by_key(|(position, edit)| (*edit == Edit::RemoveRule, std::cmp::Reverse(*position)));
        edits.iter().fold(base.clone(), |policy, (position, edit)| {
            let edited = edit.apply(policy.draft(), *position);
            let rules_only = PolicyDraft { scenarios: Vec::new(), invariants: Vec::new(), ..edited };
            rules_only.check().unwrap_or(policy)
        })
    })
}

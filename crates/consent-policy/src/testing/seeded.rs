//! Requests that are the same on every machine and every day, for comparing and for measuring.

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::{arb_facts, arb_request, arb_request_near};
use crate::{Facts, Request, Rule};

/// So many requests with facts: half of them any, half near the edges of the rules. The seed alone says which.
#[must_use]
pub fn seeded_requests(rules: &[Rule], count: usize, seed: u8) -> Vec<(Request, Facts)> {
    sampled(&prop_oneof![(arb_request(), arb_facts()), arb_request_near(rules)], count, seed)
}

/// So many requests with facts, all near the edges of the rules. The seed alone says which.
#[must_use]
pub fn seeded_requests_near(rules: &[Rule], count: usize, seed: u8) -> Vec<(Request, Facts)> {
    sampled(&arb_request_near(rules), count, seed)
}

fn sampled(
    strategy: &impl Strategy<Value = (Request, Facts)>,
    count: usize,
    seed: u8,
) -> Vec<(Request, Facts)> {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    // A strategy that rejects all that it makes gives none; ours reject almost nothing.
    let trees = std::iter::from_fn(|| strategy.new_tree(&mut runner).ok());
    trees.take(count).map(|tree| tree.current()).collect()
}

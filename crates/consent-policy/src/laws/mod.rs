//! The promises as properties, over the example clinic's policy and over edits of it.

mod algebra;
mod difference;
mod document;
mod embedders;
mod engine;
mod faults;
mod format;
mod life_of_consent;
mod mutation;
mod pieces;
mod promises;
mod quotient;
mod residual;
mod rows;
mod schema;
mod small;
mod tables;

use crate::testing::EXAMPLE_DOCUMENT;
use crate::{Engine, PolicyDraft};

fn example_draft() -> PolicyDraft {
    PolicyDraft::parse(EXAMPLE_DOCUMENT).map_err(|error| error.to_string()).unwrap()
}

fn example_engine() -> Engine {
    Engine::new(example_draft().check().map_err(|error| error.to_string()).unwrap())
}

/// One case looks at thousands of states or at whole documents, so there are fewer cases.
fn fewer_cases() -> proptest::test_runner::Config {
    let usual = proptest::test_runner::Config::default();
    proptest::test_runner::Config { cases: (usual.cases / 16).max(1), ..usual }
}

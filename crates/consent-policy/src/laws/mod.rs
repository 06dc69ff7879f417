//! The promises as properties, over the example clinic's policy and over edits of it.

mod algebra;
mod difference;
mod document;
mod engine;
mod life_of_consent;
mod mutation;
mod promises;
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

//! Blind indexes: tokens that say "the same" without saying what.

mod normalise;
mod root;
mod search;

pub use root::{IndexKeyCheck, IndexKeyMismatch, IndexRoot};
pub use search::{BlindToken, SearchKeys};

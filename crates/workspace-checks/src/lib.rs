//! The rules of the house as functions over a tree of files: each returns what breaks the rule, in words that
//! say what to do. The tests run them over this workspace and over planted violations.

pub mod arrows;
pub mod clauses;
pub mod licences;
pub mod names;
pub mod purity;
pub mod sizes;
pub mod strategies;
pub mod tree;
pub mod words;

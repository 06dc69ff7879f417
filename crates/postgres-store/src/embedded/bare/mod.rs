//! What needs nothing but the standard library and a Unix shell: find the Postgres binaries, run them as a
//! user they accept, and hold a throwaway cluster.
//!
//! `bins/xtask` compiles these same files (it may have no dependency), which is why they name no other module
//! of this crate and why their errors are plain values that the callers turn into their own.

pub(crate) mod holder;
pub(crate) mod locate;
pub(crate) mod quoting;
pub(crate) mod random;
pub(crate) mod run_as;

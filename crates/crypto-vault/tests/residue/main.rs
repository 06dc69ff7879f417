//! What is left in memory of keys and content that were dropped: nothing, where the vault promises it.
//!
//! A process looks through its own memory, by `/proc`. While keys live they are found, so the looking works; once they
//! are dropped they are not. What this does not say: docs/memory.md.

#![cfg(target_os = "linux")]

#[cfg(test)]
mod dropped;
#[cfg(test)]
mod scan;

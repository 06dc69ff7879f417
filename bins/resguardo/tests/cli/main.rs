//! The command line through its public door: what it prints and how it exits, on a throwaway Postgres.

#![expect(clippy::needless_raw_string_hashes, reason = "snapshots are written with them")]

#[cfg(test)]
mod attachments;
#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod batch;
#[cfg(test)]
mod desk;
#[cfg(test)]
mod export;
#[cfg(test)]
mod main_job;
#[cfg(test)]
mod oversight;
#[cfg(test)]
mod policy_proofs;
#[cfg(test)]
mod receipts;
#[cfg(test)]
mod replay;
#[cfg(test)]
mod support;
#[cfg(test)]
mod vault;
#[cfg(test)]
mod vault_ends;
#[cfg(test)]
mod vault_services;

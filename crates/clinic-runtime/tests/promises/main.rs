//! The promise report of a clinic on a real Postgres: every line computed, and each fact that is broken shows.

#[cfg(test)]
mod clinic;
#[cfg(test)]
mod conduct;
#[cfg(test)]
mod day;
#[cfg(test)]
mod flips;
#[cfg(test)]
mod planted;
#[cfg(test)]
mod report;

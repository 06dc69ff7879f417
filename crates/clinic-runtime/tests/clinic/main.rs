//! A clinic at work on a real Postgres: one binary, so that one throwaway cluster serves all of it.

#[cfg(test)]
mod backups;
#[cfg(test)]
mod canary;
#[cfg(test)]
mod citations;
#[cfg(test)]
mod copies;
#[cfg(test)]
mod disposal;
#[cfg(test)]
mod disposal_steps;
#[cfg(test)]
mod doctor;
#[cfg(test)]
mod domains;
#[cfg(test)]
mod drill;
#[cfg(test)]
mod epochs;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod faults_keys;
#[cfg(test)]
mod file_keys;
#[cfg(test)]
mod file_tamper;
#[cfg(test)]
mod files;
#[cfg(test)]
mod forgetting;
#[cfg(test)]
mod isolation;
#[cfg(test)]
mod items;
#[cfg(test)]
mod keeping;
#[cfg(test)]
mod main_job;
#[cfg(test)]
mod month;
#[cfg(test)]
mod needles;
#[cfg(test)]
mod oversight;
#[cfg(test)]
mod race;
#[cfg(test)]
mod reseal;
#[cfg(test)]
mod roles;
#[cfg(test)]
mod rows;
#[cfg(test)]
mod sequencer;
#[cfg(test)]
mod sequencer_ended;
#[cfg(test)]
mod sql;
#[cfg(test)]
mod steps;
#[cfg(test)]
mod support;
#[cfg(test)]
mod tables;
#[cfg(test)]
mod validity;
#[cfg(test)]
mod wrong_isolation;

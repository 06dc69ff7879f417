//! What the vault refuses, attack by attack, and what it must open for ever.

#[cfg(test)]
mod attachment_fixtures;
#[cfg(test)]
mod attachments;
#[cfg(test)]
mod attacks;
#[cfg(test)]
mod contexts;
#[cfg(test)]
mod epoch_text;
#[cfg(test)]
mod fixture_data;
#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod forged_keys;
#[cfg(test)]
mod index;
#[cfg(test)]
mod key_types;
#[cfg(test)]
mod leaks;
#[cfg(test)]
mod lifecycle;
#[cfg(test)]
mod places;
#[cfg(test)]
mod support;
#[cfg(test)]
mod two_keys;

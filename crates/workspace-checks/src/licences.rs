//! Licences: every member names its own, and every dependency has one we can live with.

use crate::tree::Member;

/// Licences that ask for no more than a notice, by their SPDX ids.
const ACCEPTED: [&str; 14] = [
    "MIT",
    "Apache-2.0",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "Zlib",
    "0BSD",
    "CC0-1.0",
    "Unlicense",
    "BSL-1.0",
    "Unicode-3.0",
    "MIT-0",
    "CDLA-Permissive-2.0",
];

/// Every member without a licence.
#[must_use]
pub fn unlicensed_members(members: &[Member]) -> Vec<String> {
    members
        .iter()
        .filter(|member| !member.has_licence)
        .map(|member| format!("{}: add `license.workspace = true`", member.name))
        .collect()
}

/// Every package without an accepted licence in the answer of `cargo tree --prefix none -f "{p}|{l}"`.
#[must_use]
pub fn unaccepted(tree: &str) -> Vec<String> {
    let mut found: Vec<String> = tree
        .lines()
        .filter_map(|line| line.split_once('|'))
        .filter(|(_, licence)| !is_accepted(licence.trim_end_matches(" (*)")))
        .map(|(package, licence)| format!("{package}: licence `{licence}` is not accepted"))
        .collect();
    found.sort();
    found.dedup();
    found
}

/// Whether an SPDX expression leaves a choice in which every part is accepted.
#[must_use]
pub fn is_accepted(expression: &str) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let mut words = spaced.split_whitespace().peekable();
    let accepted = any_of(&mut words);
    accepted && words.next().is_none()
}

type Words<'a, 'b> = &'b mut std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn any_of(words: Words<'_, '_>) -> bool {
    let mut accepted = all_of(words);
    while words.next_if_eq(&"OR").is_some() {
        accepted |= all_of(words);
    }
    accepted
}

fn all_of(words: Words<'_, '_>) -> bool {
    let mut accepted = one(words);
    while words.next_if_eq(&"AND").is_some() {
        accepted &= one(words);
    }
    accepted
}

fn one(words: Words<'_, '_>) -> bool {
    match words.next() {
        Some("(") => {
            let accepted = any_of(words);
            words.next_if_eq(&")").is_some() && accepted
        }
        Some(id) => {
            // An exception only ever permits more than the licence before it.
            if words.next_if_eq(&"WITH").is_some() {
                words.next();
            }
            ACCEPTED.contains(&id)
        }
        None => false,
    }
}

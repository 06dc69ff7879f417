//! Clauses: every one is kept by a named check or waits in a list that only shrinks.

use std::collections::BTreeSet;

use crate::tree::SourceFile;

/// The clauses that waited when the list was last shortened. Take a number out together with its entry in
/// `clauses-not-yet.toml`; none is ever added. 82, 83 and 84 were wrongly counted as kept until a check looked at more
/// than a citation: their rules are proved and no website applies them, so they wait.
pub const WAITING: [u16; 10] = [21, 23, 24, 81, 82, 83, 84, 85, 86, 88];

/// How many clauses the policy has.
pub const CLAUSES: u16 = 93;

/// The numbers of the clauses in a catalogue or a list, by whether they name a check.
fn numbers(text: &str) -> Option<(BTreeSet<u16>, BTreeSet<u16>)> {
    let table: toml::Table = text.parse().ok()?;
    let mut with = BTreeSet::new();
    let mut without = BTreeSet::new();
    for clause in table.get("clause")?.as_array()? {
        let number = clause.get("id")?.as_str()?.strip_prefix("P-")?.parse().ok()?;
        if clause.get("evaluator").is_some() {
            with.insert(number)
        } else {
            without.insert(number)
        };
    }
    Some((with, without))
}

/// Everything wrong with the coverage of the clauses: `catalogue` and `not_yet` are the texts of
/// `clauses.toml` and `clauses-not-yet.toml`, `waiting` what the list held at most.
#[must_use]
pub fn uncovered(catalogue: &str, not_yet: &str, waiting: &[u16]) -> Vec<String> {
    let (Some((kept, unkept)), Some((_, listed))) = (numbers(catalogue), numbers(not_yet)) else {
        return vec!["the catalogue or clauses-not-yet.toml cannot be read".to_owned()];
    };
    let mut found = Vec::new();
    for number in 1..=CLAUSES {
        let waits = listed.contains(&number);
        match (kept.contains(&number), unkept.contains(&number)) {
            (false, false) => found.push(format!("P-{number} is missing from the catalogue")),
            (true, _) if waits => {
                found.push(format!("P-{number} has a check; take it out of clauses-not-yet.toml"));
            }
            (false, true) if !waits => {
                found.push(format!("P-{number} has no check and does not wait for one"));
            }
            _ => {}
        }
    }
    for number in listed.iter().filter(|number| !waiting.contains(number)) {
        found.push(format!("P-{number} was kept before: the list may only shrink"));
    }
    for number in waiting.iter().filter(|number| !listed.contains(number)) {
        found.push(format!("P-{number} waits no longer: take it out of WAITING too"));
    }
    found
}

/// Every citation of a clause that no policy has, such as one beyond the last.
#[must_use]
pub fn unknown_citations(files: &[SourceFile]) -> Vec<String> {
    let mut found = Vec::new();
    for file in files.iter().filter(|file| file.has_extension("rs") || file.has_extension("toml")) {
        for (number, line) in file.text.lines().enumerate() {
            for clause in cited(line).filter(|clause| *clause == 0 || *clause > u32::from(CLAUSES)) {
                found.push(format!("{}:{}: no policy has P-{clause}", file.path, number + 1));
            }
        }
    }
    found
}

/// The numbers that a line cites as `P-37`.
fn cited(line: &str) -> impl Iterator<Item = u32> + '_ {
    line.match_indices("P-").filter_map(|(at, found)| {
        let before = line.get(..at)?.chars().next_back();
        let rest = line.get(at + found.len()..)?;
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let after = rest.get(digits..)?.chars().next();
        let stands_alone = !before.is_some_and(|c| c.is_alphanumeric() || c == '-')
            && !after.is_some_and(|c| c.is_alphanumeric() || c == '-');
        rest.get(..digits).filter(|_| stands_alone)?.parse().ok()
    })
}

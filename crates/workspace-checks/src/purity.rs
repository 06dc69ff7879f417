//! Pure crates touch nothing outside their arguments.

use crate::tree::{Member, SourceFile};

/// What the source of a pure crate may not name, outside tests.
const FORBIDDEN: [&str; 17] = [
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "std::io::stdin",
    "std::io::stdout",
    "SystemTime",
    "Instant::now",
    "Utc::now",
    "Local::now",
    "println!",
    "eprintln!",
    "print!(",
    "dbg!",
    "async fn",
    "static mut",
];

/// Packages that bring I/O, a clock, randomness or an executor.
pub const IMPURE_PACKAGES: [&str; 14] = [
    "tokio",
    "diesel",
    "diesel-async",
    "tokio-postgres",
    "axum",
    "hyper",
    "reqwest",
    "mio",
    "socket2",
    "getrandom",
    "rand",
    "iana-time-zone",
    "async-std",
    "smol",
];

/// The lines of a file that are built into the crate, each with its number from 1: without comments (whose
/// examples may read files) and without what follows `#[cfg(test)]` on a module of tests.
fn built_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let end = text
        .match_indices("#[cfg(test)]\n")
        .find(|(at, found)| {
            text.get(at + found.len()..).is_some_and(|rest| rest.trim_start().starts_with("mod "))
        })
        .map_or(text.len(), |(at, _)| at);
    text.get(..end)
        .unwrap_or(text)
        .lines()
        .enumerate()
        .map(|(number, line)| (number + 1, line))
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
}

/// Every forbidden name in the source of these pure crates.
#[must_use]
pub fn impure_source(members: &[Member], pure: &[&str], files: &[SourceFile]) -> Vec<String> {
    let mut found = Vec::new();
    for member in members.iter().filter(|member| pure.contains(&member.name.as_str())) {
        let source = format!("{}/src/", member.folder);
        for file in files.iter().filter(|file| file.path.starts_with(&source) && file.has_extension("rs")) {
            for (number, line) in built_lines(&file.text) {
                for name in FORBIDDEN.into_iter().filter(|name| line.contains(name)) {
                    found.push(format!(
                        "{}:{number}: `{name}` in a pure crate; take it as an argument",
                        file.path
                    ));
                }
            }
        }
    }
    found
}

/// Every impure package in the answer of `cargo tree --prefix none`, whose lines begin with a package's name.
#[must_use]
pub fn impure_packages(member: &str, tree: &str) -> Vec<String> {
    let mut found: Vec<String> = tree
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .filter(|package| IMPURE_PACKAGES.contains(package))
        .map(|package| {
            format!("{member} is built from {package}; `cargo tree -p {member} -i {package}` says why")
        })
        .collect();
    found.sort();
    found.dedup();
    found
}

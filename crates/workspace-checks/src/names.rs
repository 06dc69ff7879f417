//! Names that say nothing.

use crate::tree::SourceFile;

/// Names of files and modules that hide what is inside.
const VAGUE: [&str; 12] = [
    "manager",
    "managers",
    "helper",
    "helpers",
    "util",
    "utils",
    "utilities",
    "info",
    "misc",
    "common",
    "stuff",
    "various",
];

/// Ends of type names that hide what the type is.
const VAGUE_ENDS: [&str; 5] = ["Manager", "Helper", "Util", "Utils", "Info"];

/// Every vague name of a file, a folder, a module or a type.
#[must_use]
pub fn vague_names(files: &[SourceFile]) -> Vec<String> {
    let mut found = Vec::new();
    for file in files.iter().filter(|file| file.has_extension("rs")) {
        let parts = file.path.split('/').map(|part| part.strip_suffix(".rs").unwrap_or(part));
        if let Some(part) = parts.into_iter().find(|part| VAGUE.contains(part)) {
            found.push(format!("{}: `{part}` says nothing; name what is inside", file.path));
        }
        for (number, line) in file.text.lines().enumerate() {
            if let Some(name) = declared(line).filter(|name| is_vague(name)) {
                found.push(format!("{}:{}: `{name}` says nothing; name what it is", file.path, number + 1));
            }
        }
    }
    found
}

fn is_vague(name: &str) -> bool {
    VAGUE.contains(&name) || VAGUE_ENDS.iter().any(|end| name.ends_with(end))
}

/// The name that a line declares as a module or a type.
fn declared(line: &str) -> Option<&str> {
    let mut words = line.split_whitespace().skip_while(|word| word.starts_with("pub"));
    let keyword = words.next()?;
    matches!(keyword, "mod" | "struct" | "enum" | "trait" | "type").then_some(())?;
    words.next()?.split(|c: char| !c.is_alphanumeric() && c != '_').next()
}

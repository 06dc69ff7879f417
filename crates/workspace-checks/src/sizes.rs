//! How long files may grow.

use crate::tree::SourceFile;

/// Half of the files have at most so many lines.
pub const MEDIAN_LINES_MAX: usize = 150;
/// 95 of 100 files have at most so many lines.
pub const MOST_LINES_MAX: usize = 400;
/// No file has more lines.
pub const LINES_MAX: usize = 600;
/// A `main.rs` only wires.
pub const MAIN_LINES_MAX: usize = 80;

/// Everything that is too long. The schema that diesel generates does not count.
#[must_use]
pub fn too_long(files: &[SourceFile]) -> Vec<String> {
    let mut sizes: Vec<(usize, &str)> = files
        .iter()
        .filter(|file| file.has_extension("rs") && !file.path.ends_with("/schema.rs"))
        .map(|file| (file.line_count(), file.path.as_str()))
        .collect();
    sizes.sort_unstable();
    let mut found: Vec<String> = sizes
        .iter()
        .filter(|(lines, _)| *lines > LINES_MAX)
        .map(|(lines, path)| format!("{path}: {lines} lines, at most {LINES_MAX}"))
        .collect();
    found.extend(
        sizes
            .iter()
            .filter(|(lines, path)| path.ends_with("/src/main.rs") && *lines > MAIN_LINES_MAX)
            .map(|(lines, path)| format!("{path}: {lines} lines, a main has at most {MAIN_LINES_MAX}")),
    );
    for (share, limit) in [(50, MEDIAN_LINES_MAX), (95, MOST_LINES_MAX)] {
        // The smallest size that `share` of 100 files do not exceed.
        let at = (sizes.len() * share).div_ceil(100).saturating_sub(1);
        if let Some((lines, path)) = sizes.get(at).filter(|(lines, _)| *lines > limit) {
            found.push(format!("{share} of 100 files must have at most {limit} lines; {path} has {lines}"));
        }
    }
    found
}

//! The files of the workspace and its members.

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// One text file; its path is relative to the root of the workspace, with `/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Relative path.
    pub path: String,
    /// Content.
    pub text: String,
}

impl SourceFile {
    /// A file with this content.
    #[must_use]
    pub fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }

    /// Whether the name ends so, without the dot.
    #[must_use]
    pub fn has_extension(&self, extension: &str) -> bool {
        self.path.rsplit_once('.').is_some_and(|(_, end)| end == extension)
    }

    /// How many lines it has.
    #[must_use]
    pub fn line_count(&self) -> usize {
        self.text.lines().count()
    }
}

/// The root of this workspace.
///
/// Asked of the environment first: two checkouts may share a target folder, and a test that was built in the
/// one must not look at the other.
#[must_use]
pub fn root() -> PathBuf {
    let folder = env::var("CARGO_MANIFEST_DIR").unwrap_or_else(|_| env!("CARGO_MANIFEST_DIR").to_owned());
    Path::new(&folder).join("../..")
}

/// Text that people write or read: what the rules look at.
const EXTENSIONS: [&str; 9] = ["rs", "toml", "md", "html", "js", "css", "sql", "txt", "json"];

/// Folders that are built or belong to version control.
fn is_skipped(name: &str) -> bool {
    name.starts_with("target") || name.starts_with('.') || name == "node_modules"
}

/// Every text file below the root, by path; what another process removes meanwhile is passed over.
///
/// # Errors
///
/// The root itself cannot be listed.
pub fn read_tree(root: &Path) -> io::Result<Vec<SourceFile>> {
    let mut files = Vec::new();
    walk(root, "", &mut files)?;
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn walk(folder: &Path, prefix: &str, files: &mut Vec<SourceFile>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{prefix}{name}");
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_dir() && !is_skipped(&name) {
            // A folder that vanished while we walked holds nothing to check.
            let _ = walk(&entry.path(), &format!("{path}/"), files);
        } else if kind.is_file()
            && EXTENSIONS.iter().any(|extension| name.ends_with(&format!(".{extension}")))
            && let Ok(text) = fs::read_to_string(entry.path())
        {
            files.push(SourceFile { path, text });
        }
    }
    Ok(())
}

/// One member of the workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// Its folder, relative to the root.
    pub folder: String,
    /// What it is built from: normal and build dependencies, optional ones included.
    pub built_from: Vec<String>,
    /// What only its tests use.
    pub tested_with: Vec<String>,
    /// Whether it names a licence, itself or through the workspace.
    pub has_licence: bool,
}

/// Every member, from the `Cargo.toml` files of the tree that describe a package.
///
/// A manifest that cannot be read is passed over: Cargo itself refuses it with a better message.
#[must_use]
pub fn members(files: &[SourceFile]) -> Vec<Member> {
    files.iter().filter_map(member).collect()
}

fn member(file: &SourceFile) -> Option<Member> {
    let folder = file.path.strip_suffix("/Cargo.toml")?;
    let manifest: toml::Table = file.text.parse().ok()?;
    let package = manifest.get("package")?.as_table()?;
    let mut built_from = keys(&manifest, "dependencies");
    built_from.extend(keys(&manifest, "build-dependencies"));
    let mut tested_with = keys(&manifest, "dev-dependencies");
    let targets = manifest.get("target").and_then(toml::Value::as_table);
    for target in targets.into_iter().flatten().filter_map(|(_, target)| target.as_table()) {
        built_from.extend(keys(target, "dependencies"));
        built_from.extend(keys(target, "build-dependencies"));
        tested_with.extend(keys(target, "dev-dependencies"));
    }
    Some(Member {
        name: package.get("name")?.as_str()?.to_owned(),
        folder: folder.to_owned(),
        built_from,
        tested_with,
        has_licence: package.contains_key("license"),
    })
}

/// The names of one table of dependencies; a renamed one counts under its real name.
fn keys(table: &toml::Table, section: &str) -> Vec<String> {
    let section = table.get(section).and_then(toml::Value::as_table);
    section
        .into_iter()
        .flatten()
        .map(|(key, value)| value.get("package").and_then(toml::Value::as_str).unwrap_or(key).to_owned())
        .collect()
}

//! `cargo xtask defences`: each patch of `fixtures/defences` takes one defence away, and then the test of that attack
//! must fail. In a copy of the tree under `target/defences`; the tree itself is not touched.
//!
//! Those of the vault build the vault alone; those of the store start a clinic, and take half a minute each.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output};

use crate::need;
use crate::run::TEST_VARIABLE;

/// One patch and the test that it must break.
struct Defence {
    patch: PathBuf,
    attack: String,
    package: String,
    target: String,
    test: String,
    /// A test of the same target that passes all the same: it shows that what was taken away broke nothing else, as a
    /// schema that cannot be made breaks everything.
    still: Option<String>,
}

impl Defence {
    fn tests(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.test).chain(&self.still)
    }
}

/// What came of a patch.
enum Outcome {
    /// The test failed, as it must.
    Missed,
    /// The test passed without the defence: it tests nothing.
    NotMissed,
    /// It does not apply or does not build.
    Broken(String),
}

/// Tries every patch, or those whose names hold one of `names`.
pub(crate) fn run(names: &[OsString]) -> Result<ExitCode, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let all = read(&root.join("fixtures/defences"))?;
    let names: Vec<_> = names.iter().map(|name| name.to_string_lossy().into_owned()).collect();
    let wanted = |defence: &&Defence| {
        let file = defence.patch.file_name().unwrap_or_default().to_string_lossy();
        names.is_empty() || names.iter().any(|name| file.contains(name.as_str()))
    };
    let chosen: Vec<_> = all.iter().filter(wanted).collect();
    if chosen.is_empty() {
        return Err("no patch has such a name".to_owned());
    }
    if chosen.iter().any(|defence| defence.package != "crypto-vault") {
        need::postgres()?;
    }
    let work = root.join("target/defences");
    let tree = work.join("tree");
    copy_tree(&root, &tree).map_err(|error| format!("could not copy the tree: {error}"))?;
    println!("with every defence in place:");
    for defence in &chosen {
        let output = test(&tree, &work, defence)?;
        if let Some(test) = defence.tests().find(|test| !says(&output, &format!("test {test} ... ok"))) {
            print!("{}", String::from_utf8_lossy(&output.stderr));
            return Err(format!("`{test}` does not pass, or does not exist"));
        }
    }
    println!("  {} tests pass", chosen.len());
    println!("with one defence taken away:");
    let mut bad = 0;
    for defence in &chosen {
        let shown = match without(&tree, &work, defence)? {
            Outcome::Missed => "its test fails".to_owned(),
            Outcome::NotMissed => {
                bad += 1;
                "ITS TEST STILL PASSES".to_owned()
            }
            Outcome::Broken(why) => {
                bad += 1;
                format!("THE PATCH IS OUT OF DATE: {why}")
            }
        };
        println!("  {:<62} {shown}", defence.attack);
    }
    println!("{} of {} defences are missed by their test", chosen.len() - bad, chosen.len());
    Ok(if bad == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn read(folder: &Path) -> Result<Vec<Defence>, String> {
    let unreadable = |error: io::Error| format!("could not read {}: {error}", folder.display());
    let mut patches: Vec<_> = fs::read_dir(folder)
        .map_err(unreadable)?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "patch"))
        .collect();
    patches.sort();
    patches.into_iter().map(|patch| parse(&patch)).collect()
}

/// The lines before the difference: `attack: WORDS`, `test: PACKAGE TARGET NAME` and, if there is one, `still: NAME`.
fn parse(patch: &Path) -> Result<Defence, String> {
    let shown = patch.display();
    let content = fs::read_to_string(patch).map_err(|error| format!("could not read {shown}: {error}"))?;
    let value = |name: &str| content.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    let line = |name: &str| value(name).ok_or_else(|| format!("{shown} has no line `{name}: ..`"));
    let attack = line("attack")?.to_owned();
    let words: Vec<_> = line("test")?.split(' ').map(str::to_owned).collect();
    let [package, target, test] =
        words.try_into().map_err(|_| format!("{shown}: `test` names three things"))?;
    let still = value("still").map(str::to_owned);
    Ok(Defence { patch: patch.to_owned(), attack, package, target, test, still })
}

fn without(tree: &Path, work: &Path, defence: &Defence) -> Result<Outcome, String> {
    let applied = apply(tree, defence, &[])?;
    if !applied.status.success() {
        return Ok(Outcome::Broken("it does not apply".to_owned()));
    }
    let output = test(tree, work, defence)?;
    if !apply(tree, defence, &["--reverse"])?.status.success() {
        return Err(format!("could not take {} back", defence.patch.display()));
    }
    let ends_well = |test: &String| says(&output, &format!("test {test} ... ok"));
    Ok(if let Some(still) = defence.still.as_ref().filter(|still| !ends_well(still)) {
        let errors = String::from_utf8_lossy(&output.stderr);
        let first = errors.lines().find(|line| line.starts_with("error")).unwrap_or_default();
        Outcome::Broken(format!("`{still}` does not pass: {first}"))
    } else if output.status.success() {
        Outcome::NotMissed
    } else if says(&output, &format!("test {} ... FAILED", defence.test)) {
        Outcome::Missed
    } else {
        let errors = String::from_utf8_lossy(&output.stderr);
        let first = errors.lines().find(|line| line.starts_with("error")).unwrap_or("it does not build");
        Outcome::Broken(first.to_owned())
    })
}

fn apply(tree: &Path, defence: &Defence, more: &[&str]) -> Result<Output, String> {
    let patch =
        fs::canonicalize(&defence.patch).map_err(|error| format!("could not find a patch: {error}"))?;
    // The copy lies inside the repository, whose files git would patch otherwise.
    let above = tree.parent().and_then(|folder| fs::canonicalize(folder).ok()).unwrap_or_default();
    Command::new("git")
        .arg("apply")
        .args(more)
        .arg(patch)
        .current_dir(tree)
        .env("GIT_CEILING_DIRECTORIES", above)
        .output()
        .map_err(|error| format!("could not run git: {error}"))
}

fn test(tree: &Path, work: &Path, defence: &Defence) -> Result<Output, String> {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["test", "--package", &defence.package, "--test", &defence.target, "--", "--exact"])
        .args(defence.tests())
        .current_dir(tree)
        // A cluster of its own: one that is shared keeps a database of the schema as it was.
        .env_remove(TEST_VARIABLE)
        .env("CARGO_TARGET_DIR", fs::canonicalize(work).unwrap_or_else(|_| work.to_owned()).join("build"))
        .output()
        .map_err(|error| format!("could not run cargo: {error}"))
}

fn says(output: &Output, line: &str) -> bool {
    String::from_utf8_lossy(&output.stdout).lines().any(|said| said == line)
}

/// Copies everything but what is built and what git keeps.
fn copy_tree(from: &Path, to: &Path) -> io::Result<()> {
    match fs::remove_dir_all(to) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => fs::create_dir_all(to)?,
    }
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        if name == "target" || name == ".git" {
            continue;
        }
        let destination = to.join(&name);
        if entry.file_type()?.is_dir() {
            copy_tree(&entry.path(), &destination)?;
        } else {
            fs::copy(entry.path(), destination)?;
        }
    }
    Ok(())
}

//! A clinic on a throwaway database, opened, left and opened again.

use std::collections::BTreeSet;
use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};
use clinic_runtime::{
    ClinicFiles, Database, ExampleClinic, Home, HomeOptions, KeyAccess, OutsideEvidence, example_clinic,
    open_home,
};
use postgres_store::Clock;
use postgres_store::embedded::Login;
use postgres_store::testing::TestDatabase;
use privacy_notice::{ClauseReport, ClauseState};

/// The instant at which everything in these tests begins: a Tuesday.
pub(crate) fn start() -> DateTime<Utc> {
    "2026-11-17T16:00:00Z".parse().unwrap()
}

/// Minutes after the start.
pub(crate) fn at(minutes: i64) -> Clock {
    Clock::At(start() + TimeDelta::minutes(minutes))
}

/// The example clinic's documents, as they are after the officer mended what the report found on the first day.
pub(crate) fn documents() -> ClinicFiles {
    let mut files = example_clinic(ExampleClinic::Elicells);
    for (path, text) in &mut files {
        match path.as_str() {
            "providers.toml" => *text = providers(),
            "clinic.toml" => {
                *text = text.replace("# email = \"...\"", "email = \"oficial@correo-inventado.mx\"");
            }
            _ => {}
        }
    }
    files
}

/// The register with the expired laboratory retired.
pub(crate) fn providers() -> String {
    let files = example_clinic(ExampleClinic::Elicells);
    let (_, text) = files.into_iter().find(|(path, _)| path == "providers.toml").unwrap();
    let expired = "name = \"Gulf Reference Laboratory (invented)\"\n";
    assert!(text.contains(expired));
    text.replace(expired, &format!("{expired}retired-on = \"2025-07-01\"\n"))
}

/// A database and the folder of its key file.
pub(crate) struct Place {
    pub(crate) database: TestDatabase,
    keys: PathBuf,
}

impl Place {
    pub(crate) async fn new(name: &str) -> Self {
        Self::empty(name, TestDatabase::create(name).await.unwrap())
    }

    fn empty(name: &str, database: TestDatabase) -> Self {
        let keys = std::env::temp_dir().join(format!("resguardo-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&keys).unwrap();
        Self { database, keys }
    }

    /// The same clinic in a copy of its database.
    pub(crate) async fn copy(&self, name: &str) -> Self {
        let copy = Self::empty(name, self.database.copy(name).await.unwrap());
        // With a folder of its own: what is signed in one copy is not ahead of another.
        for entry in std::fs::read_dir(&self.keys).unwrap().map(Result::unwrap) {
            std::fs::copy(entry.path(), copy.keys.join(entry.file_name())).unwrap();
        }
        copy
    }

    pub(crate) async fn open(&self, documents: ClinicFiles) -> Home {
        let options = HomeOptions {
            database: Database::Urls {
                app: self.database.target(Login::App).to_keywords(),
                sequencer: self.database.target(Login::Sequencer).to_keywords(),
                keys: self.keys.clone(),
            },
            documents,
            keys: KeyAccess::default(),
            clock: Clock::At(start() - TimeDelta::days(1)),
            connections: 4,
        };
        open_home(options).await.unwrap()
    }
}

/// The report at an instant, with these facts from outside.
pub(crate) async fn report(home: &Home, clock: Clock, outside: &OutsideEvidence) -> Vec<ClauseReport> {
    home.runtime.promise_report(clock, outside).await.unwrap()
}

/// The numbers of the clauses that are broken; each says why and what mends it, in both languages.
pub(crate) fn broken(lines: &[ClauseReport]) -> BTreeSet<u16> {
    let mut numbers = BTreeSet::new();
    for line in lines {
        if let ClauseState::Broken { why, mend } = &line.state {
            for text in [&why.es, &why.en, &mend.es, &mend.en] {
                assert!(!text.trim().is_empty(), "{}", line.id);
            }
            assert_ne!(why.es, why.en, "{}", line.id);
            numbers.insert(line.id.number());
        }
    }
    numbers
}

//! A terminal on a throwaway clinic: words in, text and exit status out.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use clap::Parser as _;
use clinic_runtime::{
    BackupOrder, Database, ExampleClinic, Home, HomeOptions, KeyAccess, RuntimeError, example_clinic,
    open_home,
};
use fixtures_generate::{Edge, generate};
use postgres_store::Clock;
use postgres_store::embedded::Login;
use postgres_store::testing::TestDatabase;
use privacy_operations::system_actor;
use resguardo_cli::{Cli, Screen, Session, Verdict, answer};

/// The instant at which everything in these tests begins: a Tuesday.
fn start() -> DateTime<Utc> {
    "2026-11-17T16:00:00Z".parse().unwrap()
}

/// Remembers every row of every table.
const SEEN: &str = "CREATE OR REPLACE FUNCTION public.rows_now() RETURNS text LANGUAGE plpgsql AS $$ \
    DECLARE name regclass; hash text; found text := ''; BEGIN \
        FOR name IN SELECT c.oid FROM pg_class c WHERE c.relkind IN ('r', 'p') \
            AND c.relnamespace IN ('resguardo'::regnamespace, 'keystore'::regnamespace) AND c.relname NOT LIKE '{beside}' ORDER BY c.oid LOOP \
            EXECUTE format('SELECT md5(coalesce(string_agg(t::text, '';''), '''')) FROM %s t', name) INTO hash; \
            found := found || name || ' ' || hash || ' '; \
        END LOOP; RETURN found; END $$; \
    DROP TABLE IF EXISTS public.rows_seen; CREATE TABLE public.rows_seen AS SELECT public.rows_now() AS seen";

/// Fails if a row is another.
const UNCHANGED: &str = "DO $$ BEGIN IF public.rows_now() <> (SELECT seen FROM public.rows_seen) THEN \
    RAISE EXCEPTION 'a row was written'; END IF; END $$";

pub(crate) struct Terminal {
    session: Session,
    folder: PathBuf,
    database: TestDatabase,
}

/// What a command printed and how it exited.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Printed {
    pub(crate) status: u8,
    pub(crate) text: String,
}

impl Terminal {
    /// Founds a clinic on a database of its own.
    pub(crate) async fn found(name: &str) -> Self {
        Self::found_with(name, KeyAccess::default()).await
    }

    /// The same, with its keys kept in this way.
    pub(crate) async fn found_with(name: &str, keys: KeyAccess) -> Self {
        let database = TestDatabase::create(&format!("cli_{name}")).await.unwrap();
        let folder = fresh_folder(name);
        let home = open(&database, &folder, keys).await.unwrap();
        let runtime = Arc::new(home.runtime);
        let (keys, founded) = (home.keys, home.founded);
        let (clock, screen) = (Clock::At(start()), Screen::Unbounded);
        let session = Session { runtime, clock, screen, keys, founded };
        Self { session, folder, database }
    }

    /// The same clinic, opened by another process.
    pub(crate) async fn opened_again(&self) -> Self {
        self.opened_with(KeyAccess::default()).await.unwrap()
    }

    /// The same, with its keys kept in this way.
    pub(crate) async fn opened_with(&self, keys: KeyAccess) -> Result<Self, RuntimeError> {
        let home = open(&self.database, &self.folder, keys).await?;
        let (runtime, clock) = (Arc::new(home.runtime), self.session.clock);
        let session =
            Session { runtime, clock, screen: Screen::Unbounded, keys: home.keys, founded: home.founded };
        Ok(Self { session, folder: self.folder.clone(), database: self.database.clone() })
    }

    /// Backs it up: the data, and the keystore into the folder `keystore`.
    pub(crate) async fn backed_up(&self, keystore: &str) {
        let order = BackupOrder {
            actor: system_actor(self.session.runtime.clinic()),
            data_to: self.folder.join("data"),
            keystore_to: self.folder.join(keystore),
            keep_days: 30,
            owner: self.database.target(Login::Owner),
        };
        let taken = self.session.runtime.back_up(&order, self.session.clock).await.unwrap();
        assert!(taken.answer.is_permit(), "{:?}", taken.answer);
    }

    /// Changes what no login may change.
    pub(crate) async fn tamper(&self, sql: &str) {
        self.database.tamper(sql).await.unwrap();
    }

    /// Runs commands of which none may write anything: no row of any table, no file of the folder.
    pub(crate) async fn run_without_a_trace(&self, commands: &[&[&str]]) -> Vec<Printed> {
        self.run_changing_only("", commands).await
    }

    /// Runs commands that are entered in the log, and may write nothing else.
    pub(crate) async fn run_only_entered(&self, commands: &[&[&str]]) -> Vec<Printed> {
        self.run_changing_only("log\\_%", commands).await
    }

    async fn run_changing_only(&self, tables: &str, commands: &[&[&str]]) -> Vec<Printed> {
        self.tamper(&SEEN.replace("{beside}", tables)).await;
        let files = self.files();
        let mut printed = Vec::new();
        for words in commands {
            printed.push(self.run(words).await);
            self.tamper(UNCHANGED).await;
            assert_eq!(self.files(), files, "{words:?}");
        }
        printed
    }

    /// What lies in the folder: names and content.
    fn files(&self) -> Vec<(PathBuf, Option<Vec<u8>>)> {
        let entries = std::fs::read_dir(&self.folder).unwrap().map(|entry| entry.unwrap().path());
        let mut files: Vec<_> = entries.map(|path| (path.clone(), std::fs::read(path).ok())).collect();
        files.sort();
        files
    }

    /// Lets time go by.
    pub(crate) fn wait(&mut self, time: TimeDelta) {
        let Clock::At(now) = self.session.clock else { unreachable!() };
        self.session.clock = Clock::At(now + time);
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.folder.join(name).to_str().unwrap().to_owned()
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> String {
        std::fs::write(self.folder.join(name), text).unwrap();
        self.path(name)
    }

    /// Writes a generated bundle and gives its path.
    pub(crate) fn bundle(&self, index: u32, edges: &[Edge]) -> String {
        let bundle = generate(7, index, edges);
        self.write(&bundle.file_name, &bundle.to_json())
    }

    /// Runs a command line without its first word.
    pub(crate) async fn run(&self, words: &[&str]) -> Printed {
        let parsed = Cli::try_parse_from(["resguardo"].iter().chain(words));
        let cli = match parsed {
            Ok(cli) => cli,
            Err(error) => {
                let status = u8::try_from(error.exit_code()).unwrap();
                return Printed { status, text: error.to_string() };
            }
        };
        let mut out = Vec::new();
        let (status, error) = match answer(&self.session, cli, &mut out).await {
            Ok(Verdict::Done) => (0, String::new()),
            Ok(Verdict::No) => (3, String::new()),
            Err(error) => (error.exit_code(), format!("error: {error}\n")),
        };
        Printed { status, text: String::from_utf8(out).unwrap() + &error }
    }

    /// Runs a command that is to succeed, and reads its JSON.
    pub(crate) async fn json(&self, words: &[&str]) -> serde_json::Value {
        let printed = self.run(&[words, &["--json"]].concat()).await;
        assert_eq!(printed.status, 0, "{words:?}: {}", printed.text);
        serde_json::from_str(&printed.text).unwrap()
    }

    /// Enrols somebody who may see records; their id.
    pub(crate) async fn staff(&self, role: &str) -> String {
        let person = ["staff", "enrol", "--role", role, "--given", "Ana", "--surnames", role];
        let enrolled = self.json(&person).await;
        let id = enrolled["result"]["actor"].as_str().unwrap().to_owned();
        let clear = ["staff", "clear", "--staff", &id, "--on", "2026-11-02", "--what"];
        let year = ["--expires", "2027-11-02"];
        for module in ["privacy-basics-2", "information-security-1"] {
            let words = [clear.as_slice(), &["training", "--module", module], &year].concat();
            assert_eq!(self.run(&words).await.status, 0);
        }
        assert_eq!(self.run(&[clear.as_slice(), &["background-clear"], &year].concat()).await.status, 0);
        assert_eq!(self.run(&[clear.as_slice(), &["undertaking"]].concat()).await.status, 0);
        id
    }
}

impl Printed {
    /// As the screen shows it, with ids and dates of the moment blotted out; and the status.
    pub(crate) fn blotted(&self) -> String {
        let words = self.text.split_inclusive(|c: char| c.is_whitespace() || c == '`');
        let text: String = words.map(blot).collect();
        format!("{text}exit status {}\n", self.status)
    }
}

fn blot(word: &str) -> String {
    let core = word.trim_matches(|c: char| !c.is_ascii_hexdigit());
    let is_id = core.len() == 36 && core.split('-').map(str::len).eq([8, 4, 4, 4, 12]);
    if is_id { word.replace(core, "<id>") } else { word.to_owned() }
}

/// Opens the clinic of a test on its database; the keys are in `folder`.
pub(crate) async fn open(
    database: &TestDatabase,
    folder: &std::path::Path,
    keys: KeyAccess,
) -> Result<Home, RuntimeError> {
    open_home(HomeOptions {
        database: Database::Urls {
            app: database.target(Login::App).to_keywords(),
            sequencer: database.target(Login::Sequencer).to_keywords(),
            keys: folder.to_owned(),
        },
        documents: example_clinic(ExampleClinic::Elicells),
        keys,
        clock: Clock::At(start() - TimeDelta::days(1)),
        connections: 5,
    })
    .await
}

pub(crate) fn fresh_folder(name: &str) -> PathBuf {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

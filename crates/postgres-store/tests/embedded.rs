//! The private Postgres of a data folder, on real folders and real processes.

#[cfg(test)]
mod support {
    use std::error::Error;
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::{Path, PathBuf};
    use std::process::Command;

    use diesel::sql_types::Text;
    use diesel_async::{
        AsyncConnection as _, AsyncPgConnection, RunQueryDsl as _, SimpleAsyncConnection as _,
    };
    use postgres_store::embedded::{ConnectTarget, EmbeddedError};

    /// A folder that goes with the test.
    pub(crate) struct Scratch(PathBuf);

    impl Scratch {
        pub(crate) fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("resguardo-test-{}-{name}", std::process::id()));
            std::fs::create_dir(&path).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
            Self(path.canonicalize().unwrap())
        }

        pub(crate) fn path(&self) -> &Path {
            &self.0
        }

        pub(crate) fn data(&self) -> PathBuf {
            self.0.join("data")
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            // A test that failed may have left its Postgres behind.
            for folder in std::fs::read_dir(&self.0).into_iter().flatten().flatten() {
                if let Some(process) = postmaster(&folder.path()) {
                    kill(&process);
                }
            }
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    /// The process of a folder's Postgres, if its file is there.
    pub(crate) fn postmaster(data: &Path) -> Option<String> {
        let text = std::fs::read_to_string(data.join("postgres/postmaster.pid")).ok()?;
        text.lines().next().map(str::to_owned)
    }

    pub(crate) fn kill(process: &str) {
        // The shell's own: a small system has no such program.
        Command::new("sh").args(["-c", "kill -9 \"$0\"", process]).status().unwrap();
    }

    #[derive(diesel::QueryableByName)]
    struct Answer {
        #[diesel(sql_type = Text)]
        answer: String,
    }

    fn blocking<T>(work: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
    }

    /// Runs statements.
    pub(crate) fn run(target: &ConnectTarget, sql: &str) -> Result<(), Box<dyn Error>> {
        blocking(async {
            let mut connection = AsyncPgConnection::establish(&target.to_keywords()).await?;
            Ok(connection.batch_execute(sql).await?)
        })
    }

    /// The value of one expression.
    pub(crate) fn ask(target: &ConnectTarget, expression: &str) -> Result<String, Box<dyn Error>> {
        blocking(async {
            let mut connection = AsyncPgConnection::establish(&target.to_keywords()).await?;
            let query = diesel::sql_query(format!("SELECT ({expression})::text AS answer"));
            let row: Answer = query.get_result(&mut connection).await?;
            Ok(row.answer)
        })
    }

    pub(crate) fn message<T>(result: Result<T, EmbeddedError>) -> String {
        result.map(|_| ()).unwrap_err().to_string()
    }
}

use std::io::pipe;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};

use postgres_store::embedded::throwaway::{self, Throwaway};
use postgres_store::embedded::{DataFolder, EmbeddedError, FolderKind, Left, Login, Occupant};
use support::{Scratch, ask, kill, message, postmaster, run};

#[test]
fn what_was_written_is_there_after_a_stop_and_after_a_kill() {
    let scratch = Scratch::new("restart");
    let folder = DataFolder::open(&scratch.data(), FolderKind::Production).unwrap();
    let cluster = folder.start(Occupant::Server).unwrap();
    let superuser = cluster.superuser_target();
    run(&superuser, "CREATE TABLE kept (n int); INSERT INTO kept VALUES (1)").unwrap();
    assert_eq!(cluster.leave().unwrap(), Left::Stopped);
    assert_eq!(postmaster(&scratch.data()), None, "the last to leave stops it");
    assert!(ask(&superuser, "1").is_err());

    let cluster = folder.start(Occupant::Server).unwrap();
    run(&cluster.superuser_target(), "INSERT INTO kept VALUES (2)").unwrap();
    let killed = postmaster(&scratch.data()).unwrap();
    kill(&killed);
    // The lock of a process that dies goes with it; this one gives it back without stopping anything.
    drop(cluster);

    let cluster = folder.start(Occupant::Server).unwrap();
    assert_ne!(postmaster(&scratch.data()).unwrap(), killed);
    let count = ask(&cluster.superuser_target(), "SELECT count(*) FROM kept").unwrap();
    assert_eq!(count, "2");
}

#[test]
fn a_second_process_finds_the_first_ones_cluster_and_the_last_to_leave_stops_it() {
    let scratch = Scratch::new("second");
    let folder = DataFolder::open(&scratch.data(), FolderKind::Production).unwrap();
    let server = folder.start(Occupant::Server).unwrap();
    let process = postmaster(&scratch.data()).unwrap();
    let tool = DataFolder::open_as_found(&scratch.data()).unwrap().start(Occupant::Tool).unwrap();
    assert_eq!(postmaster(&scratch.data()).unwrap(), process);
    assert_eq!(tool.superuser_target(), server.superuser_target());
    assert_eq!(tool.target(Login::App), server.target(Login::App));

    assert_eq!(server.leave().unwrap(), Left::StillInUse);
    assert_eq!(ask(&tool.superuser_target(), "7").unwrap(), "7");
    assert_eq!(tool.leave().unwrap(), Left::Stopped);
    assert_eq!(postmaster(&scratch.data()), None);
}

#[test]
fn four_that_start_at_once_share_one_cluster() {
    let scratch = Scratch::new("race");
    let data = scratch.data();
    let processes: Vec<(String, String)> = std::thread::scope(|scope| {
        let starts: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let folder = DataFolder::open(&data, FolderKind::Production).unwrap();
                    let cluster = folder.start(Occupant::Tool).unwrap();
                    let started = ask(&cluster.superuser_target(), "pg_postmaster_start_time()").unwrap();
                    (cluster, started, postmaster(&data).unwrap())
                })
            })
            .collect();
        let stays: Vec<_> = starts.into_iter().map(|start| start.join().unwrap()).collect();
        stays.into_iter().map(|(_cluster, started, process)| (started, process)).collect()
    });
    assert_eq!(processes.len(), 4);
    assert!(processes.iter().all(|process| *process == processes[0]), "{processes:?}");
    assert_eq!(postmaster(&data), None);
}

#[test]
fn a_second_server_is_refused_and_told_which_process_is_the_first() {
    let scratch = Scratch::new("servers");
    let folder = DataFolder::open(&scratch.data(), FolderKind::Production).unwrap();
    let first = folder.start(Occupant::Server).unwrap();
    let refused = folder.start(Occupant::Server);
    assert!(matches!(refused, Err(EmbeddedError::ServerRunning { .. })));
    assert!(message(refused).contains(&std::process::id().to_string()));
    first.leave().unwrap();
    assert_eq!(folder.start(Occupant::Server).unwrap().leave().unwrap(), Left::Stopped);
}

#[test]
fn demo_and_real_data_never_share_a_folder() {
    let scratch = Scratch::new("kinds");
    let (demo, real) = (scratch.path().join("demo"), scratch.path().join("real"));
    DataFolder::open(&demo, FolderKind::Demo).unwrap();
    DataFolder::open(&real, FolderKind::Production).unwrap();
    assert!(matches!(DataFolder::open(&demo, FolderKind::Production), Err(EmbeddedError::DemoFolder { .. })));
    assert!(matches!(DataFolder::open(&real, FolderKind::Demo), Err(EmbeddedError::ProductionFolder { .. })));
    assert_eq!(DataFolder::open_as_found(&demo).unwrap().kind(), FolderKind::Demo);
    assert_eq!(DataFolder::open_as_found(&real).unwrap().kind(), FolderKind::Production);
}

#[test]
fn a_folder_of_something_else_is_refused_and_left_as_it_was() {
    let scratch = Scratch::new("foreign");
    std::fs::create_dir(scratch.data()).unwrap();
    let letter = scratch.data().join("letter.txt");
    std::fs::write(&letter, "mine").unwrap();
    for path in [scratch.data(), letter.clone()] {
        let refused = DataFolder::open(&path, FolderKind::Production);
        assert!(matches!(refused, Err(EmbeddedError::ForeignFolder { .. })), "{refused:?}");
    }
    assert_eq!(std::fs::read_dir(scratch.data()).unwrap().count(), 1);

    std::fs::remove_file(&letter).unwrap();
    std::fs::write(scratch.data().join("resguardo-folder"), "resguardo data folder, format 2, key x\n")
        .unwrap();
    let refused = DataFolder::open(&scratch.data(), FolderKind::Production);
    assert!(matches!(refused, Err(EmbeddedError::LaterFormat { .. })), "{refused:?}");
}

/// As root Postgres runs as somebody else, who must be able to reach the folder.
#[test]
fn a_folder_under_a_closed_one_is_refused_with_that_reason_when_root_asks() {
    let scratch = Scratch::new("closed");
    let home = scratch.path().join("home");
    std::fs::create_dir(&home).unwrap();
    std::fs::set_permissions(&home, std::fs::Permissions::from_mode(0o700)).unwrap();
    let opened = DataFolder::open(&home.join("data"), FolderKind::Production);
    let uid = Command::new("id").arg("-u").output().unwrap().stdout;
    if uid == b"0\n" {
        assert!(message(opened).contains(&format!("may not enter {}", home.display())));
        assert!(!home.join("data").exists(), "a refusal leaves nothing behind");
    } else {
        assert!(opened.is_ok(), "one's own home is open to oneself");
    }
}

#[test]
fn secrets_are_closed_to_others_and_an_open_one_is_refused() {
    let scratch = Scratch::new("secrets");
    let folder = DataFolder::open(&scratch.data(), FolderKind::Production).unwrap();
    let cluster = folder.start(Occupant::Tool).unwrap();
    let superuser = cluster.superuser_target();
    let mut passwords = vec![superuser.password.clone()];
    passwords.extend(Login::ALL.map(|login| cluster.credentials().password(login).to_owned()));
    passwords.sort();
    passwords.dedup();
    assert_eq!(passwords.len(), 5, "each login has a password of its own");
    let shown = format!("{cluster:?} {superuser:?}");
    assert!(passwords.iter().all(|password| !shown.contains(password)));
    let wrong = superuser.with_login(&superuser.user, "wrong");
    assert!(ask(&wrong, "1").is_err(), "the socket asks for the password");
    drop(cluster);

    let secrets = scratch.data().join("secrets");
    for file in std::fs::read_dir(&secrets).unwrap() {
        assert_eq!(file.unwrap().metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
    let app = secrets.join("resguardo_app.password");
    std::fs::set_permissions(&app, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(matches!(folder.start(Occupant::Tool), Err(EmbeddedError::ExposedSecret { .. })));
    assert_eq!(postmaster(&scratch.data()), None, "a start that fails leaves nothing running");
    std::fs::remove_file(secrets.join("resguardo_superuser.password")).unwrap();
    std::fs::set_permissions(&app, std::fs::Permissions::from_mode(0o600)).unwrap();
    assert!(matches!(folder.start(Occupant::Tool), Err(EmbeddedError::MissingSecret { .. })));
}

#[test]
fn a_path_too_long_for_a_socket_and_full_of_odd_characters_works() {
    let scratch = Scratch::new("long");
    let data = scratch.path().join(format!("it's \"$HOME\" `x`\\ ñ, {}", "a".repeat(100)));
    let folder = DataFolder::open(&data, FolderKind::Production).unwrap();
    let cluster = folder.start(Occupant::Tool).unwrap();
    let target = cluster.superuser_target();
    assert_eq!(ask(&target, "3").unwrap(), "3");
    let named = std::fs::read_to_string(data.join("socket-folder")).unwrap();
    assert_eq!(named.trim(), target.host);
    assert_eq!(std::fs::metadata(&target.host).unwrap().permissions().mode() & 0o777, 0o700);
    drop(cluster);

    let cluster = folder.start(Occupant::Tool).unwrap();
    assert_eq!(cluster.superuser_target().host, target.host, "the folder is used again");
    drop(cluster);
    std::fs::remove_dir_all(&target.host).unwrap();
    let cluster = folder.start(Occupant::Tool).unwrap();
    let fresh = cluster.superuser_target();
    assert_ne!(fresh.host, target.host, "one that was cleared away is made anew");
    assert_eq!(ask(&fresh, "4").unwrap(), "4");
    drop(cluster);
    std::fs::remove_dir_all(&fresh.host).unwrap();
}

/// After a restart of the machine another process may have the number in the file that Postgres left.
#[test]
fn the_file_of_a_postgres_that_is_gone_does_not_keep_it_from_starting() {
    let scratch = Scratch::new("stale");
    let folder = DataFolder::open(&scratch.data(), FolderKind::Production).unwrap();
    let cluster = folder.start(Occupant::Tool).unwrap();
    let file = scratch.data().join("postgres/postmaster.pid");
    let text = std::fs::read_to_string(&file).unwrap();
    drop(cluster);
    let (_, rest) = text.split_once('\n').unwrap();
    // A process of the same user: Postgres alone would take it for another server and refuse.
    let owner =
        std::os::unix::fs::MetadataExt::uid(&std::fs::metadata(scratch.data().join("postgres")).unwrap());
    let mut sleeper = Command::new("sleep");
    std::os::unix::process::CommandExt::uid(&mut sleeper, owner);
    let mut sleeper = sleeper.arg("600").spawn().unwrap();
    std::fs::write(&file, format!("{}\n{rest}", sleeper.id())).unwrap();
    let started = folder.start(Occupant::Tool);
    sleeper.kill().unwrap();
    sleeper.wait().unwrap();
    assert_eq!(ask(&started.unwrap().superuser_target(), "5").unwrap(), "5");
}

#[test]
fn the_log_of_postgres_repeats_nothing_that_stands_in_a_row() {
    let scratch = Scratch::new("log");
    let folder = DataFolder::open(&scratch.data(), FolderKind::Production).unwrap();
    let cluster = folder.start(Occupant::Tool).unwrap();
    let target = cluster.superuser_target();
    let sql = "CREATE TABLE t (x text PRIMARY KEY); INSERT INTO t VALUES ('canary'); INSERT INTO t VALUES ('canary')";
    assert!(run(&target, sql).is_err());
    assert!(run(&target, "SELECT 'canary'::date").is_err());
    drop(cluster);
    let log = std::fs::read_to_string(scratch.data().join("postgres.log")).unwrap();
    assert!(log.contains("ready to accept connections"), "{log}");
    assert!(!log.contains("canary"), "{log}");
}

#[test]
fn a_throwaway_goes_when_it_is_dropped() {
    let throwaway = Throwaway::start().unwrap();
    let folder = throwaway.folder().unwrap().to_owned();
    let fsync = ask(throwaway.superuser_target(), "current_setting('fsync')").unwrap();
    assert_eq!(fsync, "off");
    drop(throwaway);
    assert!(!folder.exists());
}

#[test]
fn a_throwaway_goes_when_its_owner_is_killed() {
    let (input, output) = pipe().unwrap();
    let mut owner = Command::new("sleep").arg("600").stdout(output).spawn().unwrap();
    let throwaway = Throwaway::start_held_by(Stdio::from(input)).unwrap();
    let folder = throwaway.folder().unwrap().to_owned();
    assert_eq!(ask(throwaway.superuser_target(), "6").unwrap(), "6");
    owner.kill().unwrap();
    owner.wait().unwrap();
    drop(throwaway); // waits for the shell, which waits for the pipe
    assert!(!folder.exists());
}

#[test]
fn all_tests_of_a_process_share_one_cluster() {
    let first = throwaway::superuser_target().unwrap();
    assert_eq!(throwaway::superuser_target().unwrap(), first);
    assert_eq!(ask(&first, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user").unwrap(), "true");
}

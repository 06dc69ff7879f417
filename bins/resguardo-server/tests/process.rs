//! The server as a process: it starts, says where it listens, keeps everything, and stops.

#[cfg(test)]
mod support {
    use std::io::{BufRead as _, BufReader, Read as _, Write as _};
    use std::net::TcpStream;
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::{Path, PathBuf};
    use std::process::{Child, Command, Output, Stdio};

    /// A folder that goes with the test, and whatever Postgres was left in it.
    pub(super) struct Scratch(PathBuf);

    impl Scratch {
        pub(super) fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("resguardo-{name}-{}", std::process::id()));
            std::fs::create_dir(&path).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
            Self(path)
        }

        pub(super) fn data(&self) -> PathBuf {
            self.0.join("data")
        }

        /// A file with a passphrase; whoever `mode` lets may read it.
        pub(super) fn passphrase_file(&self, mode: u32) -> PathBuf {
            let path = self.0.join("passphrase");
            std::fs::write(&path, "una frase larga de verdad\n").unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            path
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            if let Ok(text) = std::fs::read_to_string(self.data().join("postgres/postmaster.pid")) {
                let process = text.lines().next().unwrap_or_default();
                let _ = signal("-9", process);
            }
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    /// With the shell's own `kill`: a small system has no such program.
    fn signal(number: &str, process: &str) -> std::io::Result<std::process::ExitStatus> {
        Command::new("sh").args(["-c", "kill \"$0\" \"$1\"", number, process]).status()
    }

    /// What every server on this folder warned of.
    pub(super) fn warnings(data: &Path) -> PathBuf {
        data.with_file_name("warnings")
    }

    fn command(arguments: &[&str], data: &Path) -> Command {
        // As where a system lets every program dump its memory.
        let mut server = Command::new("sh");
        server.args(["-c", "ulimit -S -c unlimited 2>/dev/null || true; exec \"$0\" \"$@\""]);
        server.arg(env!("CARGO_BIN_EXE_resguardo-server"));
        server.args(arguments).arg("--data").arg(data);
        for variable in ["DATABASE_URL", "DATABASE_URL_SEQUENCER", "RESGUARDO_DATA", "DISPLAY"] {
            server.env_remove(variable);
        }
        server
    }

    /// A server that says where it listens.
    pub(super) struct Server {
        child: Child,
        pub(super) address: String,
        pub(super) said: String,
    }

    impl Server {
        pub(super) fn start(arguments: &[&str], data: &Path) -> Self {
            let warnings = std::fs::File::options().create(true).append(true).open(warnings(data)).unwrap();
            let child = command(arguments, data).stdout(Stdio::piped()).stderr(warnings).spawn().unwrap();
            let mut server = Self { child, address: String::new(), said: String::new() };
            let out = server.child.stdout.take().unwrap();
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                server.said.push_str(&line);
                server.said.push('\n');
                if let Some(address) = line.strip_prefix("listening on http://") {
                    address.clone_into(&mut server.address);
                    break;
                }
            }
            assert!(!server.address.is_empty(), "the server never listened: {}", server.said);
            server
        }

        pub(super) fn get(&self, path: &str) -> String {
            let mut stream = TcpStream::connect(&self.address).unwrap();
            write!(stream, "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address)
                .unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            answer
        }

        /// What the system says of how much memory it may dump: the limit now, and the most it may take back.
        #[cfg(target_os = "linux")]
        pub(super) fn core_limits(&self) -> Vec<String> {
            let limits = std::fs::read_to_string(format!("/proc/{}/limits", self.child.id())).unwrap();
            let line = limits.lines().find_map(|line| line.strip_prefix("Max core file size")).unwrap();
            line.split_whitespace().take(2).map(str::to_owned).collect()
        }

        pub(super) fn stop(mut self) {
            signal("-15", &self.child.id().to_string()).unwrap();
            assert!(self.child.wait().unwrap().success());
        }

        pub(super) fn kill(mut self) {
            self.child.kill().unwrap();
            self.child.wait().unwrap();
        }
    }

    impl Drop for Server {
        fn drop(&mut self) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }

    /// What a server says that does not start.
    pub(super) fn refused(arguments: &[&str], data: &Path) -> String {
        let Output { status, stderr, .. } = command(arguments, data).output().unwrap();
        assert!(!status.success());
        String::from_utf8(stderr).unwrap()
    }
}

use support::{Scratch, Server, refused, warnings};

const DEMO: [&str; 4] = ["--demo", "--no-open", "--port", "0"];

#[test]
fn a_demonstration_starts_keeps_everything_and_never_becomes_production() {
    let scratch = Scratch::new("server-process");
    let data = scratch.data();

    let first = Server::start(&DEMO, &data);
    assert!(first.said.contains("oficial"), "{}", first.said);
    assert!(first.get("/today").starts_with("HTTP/1.1 303"));
    #[cfg(target_os = "linux")]
    assert_eq!(first.core_limits(), ["0", "0"], "its memory is never dumped");
    assert!(first.get("/notice").contains("SHA-256"));

    let second = refused(&DEMO, &data);
    assert!(second.contains("another server"), "{second}");
    let port = first.address.rsplit(':').next().unwrap().to_owned();
    let taken = refused(&["--port", &port, "--demo"], &data);
    assert!(taken.contains(&format!("port {port} cannot be used")), "{taken}");
    first.stop();

    let production = refused(&["--port", "0"], &data);
    assert!(production.contains("demo"), "{production}");

    let again = Server::start(&DEMO, &data);
    assert!(again.get("/sign-in").contains("dra.garza"));
    // Nobody tried a recovery of the keys: each start says so.
    let warned = std::fs::read_to_string(warnings(&data)).unwrap();
    assert_eq!(warned.matches("no recovery of this epoch was ever verified").count(), 2, "{warned}");
    again.kill();

    let after_a_crash = Server::start(&DEMO, &data);
    assert!(after_a_crash.get("/health").ends_with("ok"));
    after_a_crash.stop();
    assert!(!data.join("postgres/postmaster.pid").exists(), "a stopped server leaves no Postgres running");
}

#[test]
fn an_address_that_others_can_reach_is_refused_without_tls() {
    let scratch = Scratch::new("server-plain");
    let refused = refused(&["--listen", "0.0.0.0", "--port", "0"], &scratch.data());
    assert!(refused.contains("0.0.0.0 is no loopback address"), "{refused}");
    assert!(!scratch.data().exists(), "nothing was made");
}

#[test]
fn a_passphrase_file_that_others_may_read_is_refused() {
    let scratch = Scratch::new("server-passphrase");
    let file = scratch.passphrase_file(0o640);
    let refused = refused(&["--port", "0", "--passphrase-file", file.to_str().unwrap()], &scratch.data());
    assert!(refused.contains("run `chmod 600` on it"), "{refused}");
    assert!(!scratch.data().exists(), "nothing was made");
}

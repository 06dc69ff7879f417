//! The services that tests need, on this machine: an `OpenBao` in memory, and a token of `SoftHSM`. Thrown away after.

use std::fs;
use std::io::{self, BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use records_model::KeyLabel;
use zeroize::Zeroizing;

use crate::{Pkcs11Token, ProviderError, Transit, TransitAddress, TransitParts};

/// What to do if a service is not there.
const INSTALLS: &str = "`cargo xtask test` installs it, and `cargo xtask key-services` does nothing else";
/// The token that may do everything on an `OpenBao` of a test.
pub const ROOT_TOKEN: &str = "root-of-a-test";
/// The PIN of a token of a test.
pub const PIN: &str = "4711-de-prueba";
/// The label of a token of a test.
pub const TOKEN: &str = "resguardo-test";

/// An `OpenBao` on a free port of this machine, with TLS and Transit; stopped when dropped.
#[derive(Debug)]
pub struct OpenBao {
    server: Child,
    program: PathBuf,
    folder: PathBuf,
    address: String,
}

fn missing(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, format!("{what} is not installed; {INSTALLS}"))
}

/// The program, where `cargo xtask` puts it or in the path.
fn program() -> io::Result<PathBuf> {
    let named = std::env::var_os("RESGUARDO_TEST_BAO").map(PathBuf::from);
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/tools/openbao");
    let in_path = std::env::var_os("PATH").unwrap_or_default();
    let in_path = std::env::split_paths(&in_path).map(|folder| folder.join("bao"));
    let mut places = named.into_iter().chain([tools.join("bao")]).chain(in_path);
    places.find(|place| place.is_file()).ok_or_else(|| missing("OpenBao"))
}

impl OpenBao {
    /// Starts one; its files are in `folder`.
    ///
    /// # Errors
    ///
    /// If it is not installed or does not start.
    pub fn start(folder: &Path) -> io::Result<Self> {
        let program = program()?;
        fs::create_dir_all(folder)?;
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let mut server = Command::new(&program)
            .args(["server", "-dev", "-dev-tls", "-dev-no-store-token"])
            .arg(format!("-dev-tls-cert-dir={}", folder.display()))
            .arg(format!("-dev-root-token-id={ROOT_TOKEN}"))
            .arg(format!("-dev-listen-address=127.0.0.1:{port}"))
            .env("HOME", folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let said = server.stdout.take().ok_or_else(|| io::Error::other("no output"))?;
        let mut lines = BufReader::new(said).lines();
        let is_up = lines.any(|line| line.is_ok_and(|line| line.starts_with("Root Token:")));
        // Read on, so that it never waits for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        let address = format!("https://127.0.0.1:{port}");
        let bao = Self { server, program, folder: folder.to_owned(), address };
        if !is_up {
            return Err(io::Error::other("OpenBao ended instead of serving"));
        }
        bao.run(&["secrets", "enable", "transit"])?;
        Ok(bao)
    }

    /// Its address.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The file with the certificate of its authority.
    #[must_use]
    pub fn authority(&self) -> PathBuf {
        self.folder.join("vault-ca.pem")
    }

    /// Runs its own command line as the token that may do everything; what it printed.
    ///
    /// # Errors
    ///
    /// What it said if it refuses.
    pub fn run(&self, words: &[&str]) -> io::Result<String> {
        self.run_reading(words, "")
    }

    /// A token that may do what these lines of a policy say.
    ///
    /// # Errors
    ///
    /// What it said if it refuses.
    pub fn token(&self, name: &str, policy: &str) -> io::Result<Zeroizing<String>> {
        self.run_reading(&["policy", "write", name, "-"], policy)?;
        let made = self.run(&["token", "create", "-field=token", &format!("-policy={name}")])?;
        Ok(Zeroizing::new(made.trim().to_owned()))
    }

    fn run_reading(&self, words: &[&str], input: &str) -> io::Result<String> {
        let mut child = Command::new(&self.program)
            .args(words)
            .env("BAO_ADDR", &self.address)
            .env("BAO_CACERT", self.authority())
            .env("BAO_TOKEN", ROOT_TOKEN)
            .env("HOME", &self.folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let give = |mut to: ChildStdin| io::Write::write_all(&mut to, input.as_bytes());
        child.stdin.take().map_or(Ok(()), give)?;
        let done = child.wait_with_output()?;
        if done.status.success() {
            return Ok(String::from_utf8_lossy(&done.stdout).into_owned());
        }
        Err(io::Error::other(String::from_utf8_lossy(&done.stderr).into_owned()))
    }

    /// Transit of it, with this token; the names of its keys begin with `key`.
    ///
    /// # Errors
    ///
    /// [`ProviderError`] if its certificate cannot be read.
    pub fn transit(&self, key: &str, token: Option<&str>) -> Result<Transit, ProviderError> {
        let label = |text: &str| KeyLabel::parse(text).map_err(|_| ProviderError::NameTooLong);
        Transit::new(TransitParts {
            address: TransitAddress::parse(&self.address)?,
            authority: Some(fs::read(self.authority()).map_err(|_| ProviderError::Authority)?),
            mount: label("transit")?,
            key: label(key)?,
            token: token.map(|token| Zeroizing::new(token.to_owned())),
        })
    }
}

impl Drop for OpenBao {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// A token of `SoftHSM` in a folder of its own, for processes that find its settings in their environment.
#[derive(Debug, Clone)]
pub struct SoftHsm {
    settings: PathBuf,
    module: PathBuf,
}

/// Where `SoftHSM` looks for its settings.
pub const SETTINGS_VARIABLE: &str = "SOFTHSM2_CONF";
/// Set in the process that a test runs in again: its settings are those of the test, and not of whoever works here.
const AGAIN_VARIABLE: &str = "RESGUARDO_TEST_AGAIN";

impl SoftHsm {
    /// Makes a folder with a token called [`TOKEN`].
    ///
    /// # Errors
    ///
    /// If `SoftHSM` is not installed.
    pub fn create(folder: &Path) -> io::Result<Self> {
        let tokens = folder.join("tokens");
        fs::create_dir_all(&tokens)?;
        let settings = folder.join("softhsm2.conf");
        let text = format!(
            "directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\n",
            tokens.display()
        );
        fs::write(&settings, text)?;
        let hsm = Self { settings, module: module()? };
        hsm.init_token(TOKEN)?;
        Ok(hsm)
    }

    /// One more token of the same folder.
    ///
    /// # Errors
    ///
    /// If it cannot be made.
    pub fn init_token(&self, label: &str) -> io::Result<()> {
        let done = Command::new("softhsm2-util")
            .args(["--init-token", "--free", "--label", label, "--pin", PIN, "--so-pin", "0815-de-prueba"])
            .env(SETTINGS_VARIABLE, &self.settings)
            .output()
            .map_err(|_| missing("SoftHSM"))?;
        if done.status.success() { Ok(()) } else { Err(io::Error::other("no token could be made")) }
    }

    /// The settings that a process needs in [`SETTINGS_VARIABLE`].
    #[must_use]
    pub fn settings(&self) -> &Path {
        &self.settings
    }

    /// The module.
    #[must_use]
    pub fn module(&self) -> &Path {
        &self.module
    }

    /// Its token, with keys of this label.
    ///
    /// # Errors
    ///
    /// [`ProviderError`] if the label is none.
    pub fn token(&self, key: &str, pin: Option<&str>) -> Result<Pkcs11Token, ProviderError> {
        let label = |text: &str| KeyLabel::parse(text).map_err(|_| ProviderError::NameTooLong);
        let pin = pin.map(|pin| Zeroizing::new(pin.to_owned()));
        Ok(Pkcs11Token { module: self.module.clone(), token: label(TOKEN)?, key: label(key)?, pin })
    }

    /// Runs one test of this same binary again, in a process that finds the token; there, gives the token.
    ///
    /// # Errors
    ///
    /// If `SoftHSM` is not installed, or the test failed there.
    pub fn in_a_process_of_its_own(test: &str, folder: &Path) -> io::Result<Option<Self>> {
        let is_again = std::env::var_os(AGAIN_VARIABLE).is_some();
        if let Some(settings) = std::env::var_os(SETTINGS_VARIABLE).filter(|_| is_again) {
            return Ok(Some(Self { settings: settings.into(), module: module()? }));
        }
        let hsm = Self::create(folder)?;
        let done = Command::new(std::env::current_exe()?)
            .args(["--exact", test, "--nocapture"])
            .env(SETTINGS_VARIABLE, hsm.settings())
            .env(AGAIN_VARIABLE, "1")
            .output()?;
        let said = String::from_utf8_lossy(&done.stdout);
        if done.status.success() && said.contains("1 passed") {
            return Ok(None);
        }
        Err(io::Error::other(format!("{said}\n{}", String::from_utf8_lossy(&done.stderr))))
    }
}

/// The module, where Debian and others put it.
fn module() -> io::Result<PathBuf> {
    let named = std::env::var_os("RESGUARDO_TEST_SOFTHSM").map(PathBuf::from);
    let folders = [
        "/usr/lib/softhsm",
        "/usr/lib64/softhsm",
        "/usr/lib64/pkcs11",
        "/usr/local/lib/softhsm",
        "/opt/homebrew/lib/softhsm",
    ];
    let mut places = named.into_iter().chain(folders.map(|folder| Path::new(folder).join("libsofthsm2.so")));
    places.find(|place| place.is_file()).ok_or_else(|| missing("SoftHSM"))
}

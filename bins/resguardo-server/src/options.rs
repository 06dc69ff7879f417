//! The command line.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

use clap::Parser;
use clinic_runtime::Place;

/// Serves a clinic's console.
///
/// Without `DATABASE_URL` the data lies in a folder with a private Postgres, which this starts and stops.
#[derive(Clone, Parser)]
#[command(name = "resguardo-server", version)]
pub struct Options {
    /// Fill a folder of its own with invented data and serve that.
    #[arg(long)]
    pub demo: bool,
    /// Do not open a browser.
    #[arg(long)]
    pub no_open: bool,
    /// The port to listen on; 0 takes a free one.
    #[arg(long, default_value_t = 8470)]
    pub port: u16,
    /// The address to listen on; only a loopback address, because the server speaks no TLS of its own yet.
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    pub listen: IpAddr,
    /// The data folder; with `DATABASE_URL`, where the key file is kept.
    #[arg(long, env = "RESGUARDO_DATA", value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// The application's login on a Postgres of your own.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    pub database_url: Option<String>,
    /// The sequencer's login on the same.
    #[arg(long, env = "DATABASE_URL_SEQUENCER", hide_env_values = true, value_name = "URL")]
    pub database_url_sequencer: Option<String>,
    /// The folder of the clinic's documents, used when the clinic is founded; the example clinic if none.
    #[arg(long, value_name = "DIR", requires = "profiles")]
    pub clinic: Option<PathBuf>,
    /// The folder of the profiles of law that go with it.
    #[arg(long, value_name = "DIR", requires = "clinic")]
    pub profiles: Option<PathBuf>,
    /// A file that holds the passphrase of the epoch key, if the key is not kept in a file itself.
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
    /// A file that says how the clinic's keys are kept on this machine, as `[keys]` of clinic.toml does.
    #[arg(long, env = "RESGUARDO_KEYS", value_name = "FILE")]
    pub keys: Option<PathBuf>,
}

/// Shows everything but the logins: a URL holds a password.
impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("demo", &self.demo)
            .field("no_open", &self.no_open)
            .field("port", &self.port)
            .field("listen", &self.listen)
            .field("data", &self.data)
            .field("clinic", &self.clinic)
            .field("profiles", &self.profiles)
            .field("passphrase_file", &self.passphrase_file)
            .field("keys", &self.keys)
            .finish_non_exhaustive()
    }
}

impl Options {
    /// Where the data is.
    #[must_use]
    pub fn place(&self) -> Place {
        Place {
            data: self.data.clone(),
            database_url: self.database_url.clone(),
            sequencer_url: self.database_url_sequencer.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_login() {
        let url = "postgres://app:secreto@localhost/clinica";
        let words = ["resguardo-server", "--database-url", url, "--database-url-sequencer", url];
        let shown = format!("{:?}", Options::try_parse_from(words).unwrap());
        assert!(shown.contains("port: 8470") && !shown.contains("secreto"), "{shown}");
    }
}

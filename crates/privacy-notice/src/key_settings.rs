//! How the clinic's epoch key is kept: `[keys]` of `clinic.toml`, or a file of its own for one machine.

use std::path::PathBuf;

use records_model::KeyLabel;
use serde::{Deserialize, Serialize};

/// How the clinic's epoch key is kept. No secret is among it: tokens, PINs and passphrases come from the environment or
/// from files that only their owner reads.
///
/// ```
/// use privacy_notice::KeySettings;
///
/// let settings: KeySettings = toml::from_str(
///     r#"
///     provider = "transit"
///     address = "https://vault.example:8200"
///     key = "elicells"
///     token-file = "/etc/resguardo/transit-token"
///     "#,
/// )?;
/// assert!(matches!(settings, KeySettings::Transit { mount, .. } if mount.as_str() == "transit"));
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "provider", deny_unknown_fields, rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum KeySettings {
    /// In a key file, in the folder of the data.
    File {},
    /// Derived from a passphrase.
    Passphrase {},
    /// Wrapped by Transit of Vault or `OpenBao`.
    Transit {
        /// Where it listens: `https://host:port`, or `http://` on the same machine.
        address: String,
        /// Where Transit is mounted.
        #[serde(default = "KeyLabel::transit")]
        mount: KeyLabel,
        /// With what the names of the keys begin that are made there.
        key: KeyLabel,
        /// Certificates of the authority that vouches for it, in PEM form; the public ones if none.
        #[serde(default)]
        ca_file: Option<PathBuf>,
        /// A file with the token; the environment if none.
        #[serde(default)]
        token_file: Option<PathBuf>,
    },
    /// Wrapped by a token that speaks PKCS#11.
    Pkcs11 {
        /// The library of its maker.
        module: PathBuf,
        /// Its label.
        token: KeyLabel,
        /// The label of the keys that are made there.
        key: KeyLabel,
        /// A file with the PIN; the environment if none.
        #[serde(default)]
        pin_file: Option<PathBuf>,
    },
}

impl Default for KeySettings {
    fn default() -> Self {
        Self::File {}
    }
}

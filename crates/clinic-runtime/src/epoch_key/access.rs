//! From settings and secrets to the place where the epoch key is kept.

use std::fmt;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use key_providers::{KeyProvider, Pkcs11Token, ProviderError, Transit, TransitAddress, TransitParts};
use privacy_notice::KeySettings;
use records_model::ClinicId;
use zeroize::Zeroizing;

use super::files::read_secret_file;
use super::{EpochKeySource, WrappedKeyFile};
use crate::RuntimeError;

/// How the epoch key is reached from this machine.
#[derive(Default)]
pub struct KeyAccess {
    /// How it is kept, if this machine says otherwise than `clinic.toml`.
    pub settings: Option<KeySettings>,
    /// The passphrase, if it derives from one.
    pub passphrase: Option<Zeroizing<String>>,
    /// The token for Transit, if no file has it.
    pub transit_token: Option<Zeroizing<String>>,
    /// The PIN of a PKCS#11 token, if no file has it.
    pub pin: Option<Zeroizing<String>>,
}

/// Shows the settings, and no secret.
impl fmt::Debug for KeyAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyAccess").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl KeyAccess {
    /// What a command line names and the environment holds: a file with `[keys]` of this machine, a file with the
    /// passphrase, and `RESGUARDO_TRANSIT_TOKEN` and `RESGUARDO_PKCS11_PIN`.
    ///
    /// # Errors
    ///
    /// [`RuntimeError::File`] if a file cannot be read; [`RuntimeError::KeyFileOpenToOthers`] if others may read the
    /// passphrase.
    pub fn gather(
        settings: Option<&Path>,
        passphrase: Option<&Path>,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, RuntimeError> {
        let secret = |name: &str| environment(name).filter(|text| !text.is_empty()).map(Zeroizing::new);
        Ok(Self {
            settings: settings.map(read_settings).transpose()?,
            passphrase: passphrase.map(read_secret_file).transpose()?,
            transit_token: secret("RESGUARDO_TRANSIT_TOKEN"),
            pin: secret("RESGUARDO_PKCS11_PIN"),
        })
    }

    /// Where the key is kept: by this machine's settings, else by those of the clinic's documents.
    pub(crate) fn source(
        self,
        folder: &Path,
        clinic: ClinicId,
        of_clinic: KeySettings,
    ) -> Result<EpochKeySource, RuntimeError> {
        let passphrase = self.passphrase;
        let provider = match (self.settings.unwrap_or(of_clinic), passphrase) {
            (KeySettings::File {}, None) => return Ok(EpochKeySource::File(folder.join("epoch.key"))),
            (KeySettings::File {} | KeySettings::Passphrase {}, Some(passphrase)) => {
                return Ok(EpochKeySource::Passphrase { header: folder.join("epoch.header"), passphrase });
            }
            (KeySettings::Passphrase {}, None) => return Err(RuntimeError::PassphraseMissing),
            (KeySettings::Transit { .. } | KeySettings::Pkcs11 { .. }, Some(_)) => {
                return Err(RuntimeError::PassphraseTooMany);
            }
            (KeySettings::Transit { address, mount, key, ca_file, token_file }, None) => {
                let read = |path: &Path| {
                    fs::read(path)
                        .map_err(|error| RuntimeError::File { path: path.to_owned(), why: error.to_string() })
                };
                KeyProvider::Transit(Transit::new(TransitParts {
                    address: TransitAddress::parse(&address)?,
                    authority: ca_file.as_deref().map(read).transpose()?,
                    mount,
                    key,
                    token: token_file.as_deref().map(read_secret_file).transpose()?.or(self.transit_token),
                })?)
            }
            (KeySettings::Pkcs11 { module, token, key, pin_file }, None) => {
                let pin = pin_file.as_deref().map(read_secret_file).transpose()?.or(self.pin);
                KeyProvider::Pkcs11(Pkcs11Token { module, token, key, pin })
            }
        };
        let path = folder.join("epoch.wrapped");
        Ok(EpochKeySource::Provider(WrappedKeyFile { path, clinic, provider: Arc::new(provider) }))
    }
}

fn read_settings(path: &Path) -> Result<KeySettings, RuntimeError> {
    let failed = |why: String| RuntimeError::File { path: path.to_owned(), why };
    let text = fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
    // The message of the parser shows a line of a file that somebody may have put a secret into.
    toml::from_str(&text).map_err(|error: toml::de::Error| failed(error.message().to_owned()))
}

impl From<ProviderError> for RuntimeError {
    fn from(error: ProviderError) -> Self {
        Self::KeyProvider(Arc::new(error))
    }
}

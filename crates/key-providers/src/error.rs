//! Why a service did not wrap or open a key, and what to do next. No message holds a secret, or what a service said.

use std::path::PathBuf;

use crypto_vault::WrappedEpochError;
use records_model::KeyLabel;
use thiserror::Error;

/// Why a service did not do what was asked.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ProviderError {
    /// The file, or what it opened to.
    #[error(transparent)]
    File(#[from] WrappedEpochError),
    /// The file names another kind of service than the settings.
    #[error(
        "the wrapped key file was made with the provider `{in_file}`, and the settings name `{in_settings}`; set `keys.provider` back"
    )]
    AnotherProvider {
        /// That of the file.
        in_file: &'static str,
        /// That of the settings.
        in_settings: &'static str,
    },
    /// The address is none.
    #[error("`keys.address` must be like `https://vault.example:8200`, without a path")]
    Address,
    /// The token would travel in the clear.
    #[error(
        "`keys.address` begins with http:// and is not this machine; use https://, because a token and a key travel there"
    )]
    PlainHttp,
    /// The certificates of the authority cannot be read.
    #[error("`keys.ca-file` holds no certificate in PEM form")]
    Authority,
    /// The name leaves no room.
    #[error("`keys.key` is too long: an epoch and eight digits are added to it; take at most 40 characters")]
    NameTooLong,
    /// Nobody gave a token.
    #[error(
        "there is no token for Transit; set RESGUARDO_TRANSIT_TOKEN, or name a file that only you can read as `keys.token-file`"
    )]
    TokenMissing,
    /// The service does not answer.
    #[error(
        "`{address}` does not answer ({why}); see that it runs, and that `keys.address` and `keys.ca-file` are right"
    )]
    Unreachable {
        /// Its address.
        address: String,
        /// What the network said.
        why: String,
    },
    /// The service is sealed.
    #[error("`{address}` is sealed or not ready yet; unseal it, and try again")]
    Sealed {
        /// Its address.
        address: String,
    },
    /// The server sends us elsewhere.
    #[error("`{address}` is a standby that sends us elsewhere; set `keys.address` to the active one")]
    Standby {
        /// Its address.
        address: String,
    },
    /// The token may not.
    #[error(
        "the token may not `{capability}` on `{path}`, or has expired; give its policy that line, or use another token"
    )]
    Refused {
        /// What its policy has to allow.
        capability: &'static str,
        /// The path.
        path: String,
    },
    /// The mount is not there.
    #[error("nothing is mounted at `{mount}`; enable Transit there, or correct `keys.mount`")]
    NoMount {
        /// The mount.
        mount: KeyLabel,
    },
    /// The key is not there.
    #[error(
        "the key `{key}` is not there any more; bring the service's own backup back, or restore the clinic with recovery shares"
    )]
    KeyMissing {
        /// Its name.
        key: KeyLabel,
    },
    /// The key is another, or the file was changed.
    #[error(
        "the key `{key}` does not open the wrapped key file: it is another key, or the file was changed; use a copy of the file"
    )]
    WrongKey {
        /// Its name.
        key: KeyLabel,
    },
    /// The key was to be destroyed and stands.
    #[error("the key `{key}` still stands after it was to be destroyed; look at it there, and try again")]
    StillThere {
        /// Its name.
        key: KeyLabel,
    },
    /// Something else was answered.
    #[error("Transit answered {status} on `{path}`; its own log says why")]
    Answer {
        /// The status.
        status: u16,
        /// The path.
        path: String,
    },
    /// The answer is not what Transit answers.
    #[error("what `{path}` answered is not Transit; correct `keys.address` and `keys.mount`")]
    Form {
        /// The path.
        path: String,
    },
    /// The module cannot be loaded.
    #[error("the PKCS#11 module `{}` cannot be used ({why}); correct `keys.module`", path.display())]
    Module {
        /// Its path.
        path: PathBuf,
        /// What the loader said.
        why: String,
    },
    /// No token of that name.
    #[error("no token called `{token}` is there; plug it in or initialise it, or correct `keys.token`")]
    NoToken {
        /// Its label.
        token: KeyLabel,
    },
    /// Two tokens or keys of one name.
    #[error("more than one token or key is called `{label}`; give them different labels")]
    Ambiguous {
        /// The label.
        label: KeyLabel,
    },
    /// Nobody gave a PIN.
    #[error(
        "there is no PIN for the token; set RESGUARDO_PKCS11_PIN, or name a file that only you can read as `keys.pin-file`"
    )]
    PinMissing,
    /// The PIN is wrong.
    #[error("the token refuses the PIN; correct it before you try again: a few wrong ones lock the token")]
    PinWrong,
    /// The PIN is locked, expired or was never set.
    #[error("the PIN of the token is locked, expired or was never set; its security officer sets it anew")]
    PinLocked,
    /// The token does not know what we need.
    #[error(
        "the token has no AES-256-GCM with a key of its own (CKM_AES_KEY_GEN, CKM_AES_GCM); use another token"
    )]
    Mechanism,
    /// Another answer of the token.
    #[error("the token answered {code} to {call}; its manual says what that means")]
    Token {
        /// What was called.
        call: &'static str,
        /// The name of the answer.
        code: String,
    },
}

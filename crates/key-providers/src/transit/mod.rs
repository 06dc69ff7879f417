//! Transit of Vault or `OpenBao`: a key for every epoch, made there, that never leaves.

mod client;

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crypto_vault::{EpochId, KeyAtProvider};
use records_model::KeyLabel;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use self::client::{Ask, Client, Told};
use crate::{Drawn, KeyEnd, ProviderError, Unproved, hex};

pub use client::TransitAddress;

/// The kind of key that is made: authenticated, with additional data.
const KEY_TYPE: &str = "aes256-gcm96";

/// What Transit is reached with.
pub struct TransitParts {
    /// Where it listens.
    pub address: TransitAddress,
    /// Certificates of the authority that vouches for it, in PEM form; the public ones if none.
    pub authority: Option<Vec<u8>>,
    /// Where Transit is mounted.
    pub mount: KeyLabel,
    /// With what the names of its keys begin.
    pub key: KeyLabel,
    /// The token.
    pub token: Option<Zeroizing<String>>,
}

/// Shows the place, and no token.
impl fmt::Debug for TransitParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransitParts")
            .field("address", &self.address)
            .field("mount", &self.mount)
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

/// Transit, with a token.
pub struct Transit {
    client: Client,
    mount: KeyLabel,
    key: KeyLabel,
}

/// Shows the place, and no token.
impl fmt::Debug for Transit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Transit").field(&self.place()).finish()
    }
}

#[derive(Deserialize)]
struct Answered<T> {
    data: T,
}

#[derive(Deserialize)]
struct Encrypted {
    ciphertext: String,
    #[serde(default)]
    key_version: u32,
}

/// Borrowed from the answer, which is wiped.
#[derive(Deserialize)]
struct Decrypted<'a> {
    plaintext: &'a str,
}

#[derive(Deserialize)]
struct KeyFacts {
    exportable: bool,
    allow_plaintext_backup: bool,
    #[serde(default)]
    imported_key: bool,
    r#type: String,
}

impl Transit {
    /// Reaches nothing yet.
    ///
    /// # Errors
    ///
    /// [`ProviderError::Authority`] if the certificates are none.
    pub fn new(parts: TransitParts) -> Result<Self, ProviderError> {
        let TransitParts { address, authority, mount, key, token } = parts;
        Ok(Self { client: Client::new(address, authority.as_deref(), token)?, mount, key })
    }

    pub(crate) fn place(&self) -> String {
        format!("transit {}/v1/{}/keys/{}-..", self.client.address(), self.mount, self.key)
    }

    pub(crate) fn wrap(
        &self,
        epoch: EpochId,
        bytes: &[u8; 32],
        bound_to: &[u8],
        drawn: &Drawn,
    ) -> Result<(KeyAtProvider, String), ProviderError> {
        let [a, b, c, d, ..] = drawn.id;
        let key = KeyLabel::parse(&format!("{}-{epoch}-{}", self.key, hex(&[a, b, c, d])))
            .map_err(|_| ProviderError::NameTooLong)?;
        self.make(&key)?;
        // Room for all of it, so that growing leaves no copy behind.
        let mut body = Zeroizing::new(String::with_capacity(512));
        body.push_str(r#"{"plaintext":""#);
        STANDARD.encode_string(bytes, &mut body);
        body.push_str(r#"","associated_data":""#);
        STANDARD.encode_string(bound_to, &mut body);
        body.push_str(r#""}"#);
        let path = path(&self.mount, "encrypt", &key);
        let Told::Done(answer) = self.client.ask(&Ask::Write(&body), &path)? else {
            return Err(ProviderError::KeyMissing { key });
        };
        let Encrypted { ciphertext, key_version } = read(&answer, &path)?;
        let at = KeyAtProvider::Transit { mount: self.mount.clone(), key, version: key_version.max(1) };
        Ok((at, ciphertext))
    }

    /// Makes a key that was not there. Writing to one that was is no error there, so the answer is looked at.
    fn make(&self, key: &KeyLabel) -> Result<(), ProviderError> {
        let path = path(&self.mount, "keys", key);
        let body = format!(r#"{{"type":"{KEY_TYPE}","exportable":false,"allow_plaintext_backup":false}}"#);
        match self.client.ask(&Ask::Write(&body), &path)? {
            Told::Done(_) => {}
            Told::NotFound | Told::Invalid(_) => {
                return Err(ProviderError::NoMount { mount: self.mount.clone() });
            }
        }
        let facts = self.facts(&path)?;
        match facts {
            Some(facts) if facts.r#type == KEY_TYPE && !facts.may_leave() => Ok(()),
            Some(_) => Err(ProviderError::Form { path }),
            None => Err(ProviderError::KeyMissing { key: key.clone() }),
        }
    }

    fn facts(&self, path: &str) -> Result<Option<KeyFacts>, ProviderError> {
        match self.client.ask(&Ask::Read, path)? {
            Told::Done(answer) => read(&answer, path).map(Some),
            Told::NotFound => Ok(None),
            Told::Invalid(_) => Err(ProviderError::Form { path: path.to_owned() }),
        }
    }

    pub(crate) fn unwrap(
        &self,
        (mount, key): (&KeyLabel, &KeyLabel),
        wrapped: &str,
        bound_to: &[u8],
    ) -> Result<Zeroizing<[u8; 32]>, ProviderError> {
        let path = path(mount, "decrypt", key);
        let body =
            format!(r#"{{"ciphertext":"{wrapped}","associated_data":"{}"}}"#, STANDARD.encode(bound_to));
        let answer = match self.client.ask(&Ask::Write(&body), &path)? {
            Told::Done(answer) => answer,
            Told::NotFound => return Err(ProviderError::NoMount { mount: mount.clone() }),
            Told::Invalid(says) if says.contains("key not found") => {
                return Err(ProviderError::KeyMissing { key: key.clone() });
            }
            Told::Invalid(_) => return Err(ProviderError::WrongKey { key: key.clone() }),
        };
        let form = || ProviderError::Form { path: path.clone() };
        let opened: Answered<Decrypted<'_>> = serde_json::from_slice(&answer).map_err(|_| form())?;
        // The decoder wants room for whole groups of three bytes.
        let mut room = Zeroizing::new([0; 36]);
        let len = STANDARD.decode_slice(opened.data.plaintext, room.as_mut_slice()).map_err(|_| form())?;
        let mut bytes = Zeroizing::new([0; 32]);
        if len != bytes.len() {
            return Err(ProviderError::WrongKey { key: key.clone() });
        }
        bytes.iter_mut().zip(room.iter()).for_each(|(to, from)| *to = *from);
        Ok(bytes)
    }

    pub(crate) fn destroy(&self, (mount, key): (&KeyLabel, &KeyLabel)) -> Result<KeyEnd, ProviderError> {
        let path = path(mount, "keys", key);
        let Some(facts) = self.facts(&path)? else { return Ok(KeyEnd::Unproved(Unproved::GoneBefore)) };
        let config = format!("{path}/config");
        match self.client.ask(&Ask::Write(r#"{"deletion_allowed":true}"#), &config)? {
            Told::Done(_) => {}
            Told::NotFound | Told::Invalid(_) => return Err(ProviderError::Form { path: config }),
        }
        self.client.ask(&Ask::Delete, &path)?;
        // The service's own answer, and not that nothing was said against it.
        if self.facts(&path)?.is_some() {
            return Err(ProviderError::StillThere { key: key.clone() });
        }
        Ok(if facts.may_leave() { KeyEnd::Unproved(Unproved::CouldLeave) } else { KeyEnd::Proved })
    }
}

fn path(mount: &KeyLabel, what: &str, key: &KeyLabel) -> String {
    format!("{mount}/{what}/{key}")
}

impl KeyFacts {
    /// Neither can be taken back there once it was allowed.
    const fn may_leave(&self) -> bool {
        self.exportable || self.allow_plaintext_backup || self.imported_key
    }
}

fn read<T: DeserializeOwned>(answer: &[u8], path: &str) -> Result<T, ProviderError> {
    let answered: Result<Answered<T>, _> = serde_json::from_slice(answer);
    answered.map(|answered| answered.data).map_err(|_| ProviderError::Form { path: path.to_owned() })
}

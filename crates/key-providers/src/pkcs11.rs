//! A token that speaks PKCS#11: a key for every epoch, made there, sensitive and never extractable.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use crypto_vault::KeyAtProvider;
use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::mechanism::aead::GcmParams;
use cryptoki::object::{Attribute, AttributeType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::Slot;
use cryptoki::types::AuthPin;
use records_model::KeyLabel;
use zeroize::Zeroizing;

use crate::{Drawn, KeyEnd, ProviderError, Unproved, hex, unhex};

/// Length of a nonce of AES-GCM, in bytes.
const NONCE_BYTES: usize = 12;
/// Length of its tag, in bits.
const TAG_BITS: u64 = 128;

/// A PKCS#11 module has one state for the whole process: one call at a time initialises it and leaves it.
static MODULE: Mutex<()> = Mutex::new(());

/// A token, reached through its module with a PIN.
pub struct Pkcs11Token {
    /// The module: a library of the token's maker.
    pub module: PathBuf,
    /// Label of the token.
    pub token: KeyLabel,
    /// Label of the keys that are made.
    pub key: KeyLabel,
    /// The PIN of its user.
    pub pin: Option<Zeroizing<String>>,
}

/// Shows the place, and no PIN.
impl fmt::Debug for Pkcs11Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pkcs11Token").field(&self.place()).finish()
    }
}

/// Token, label and id of a key.
type Named<'a> = (&'a KeyLabel, &'a KeyLabel, [u8; 16]);

impl Pkcs11Token {
    pub(crate) fn place(&self) -> String {
        format!("pkcs11 token `{}`, key `{}`, by {}", self.token, self.key, self.module.display())
    }

    pub(crate) fn wrap(
        &self,
        bytes: &[u8; 32],
        bound_to: &[u8],
        drawn: &Drawn,
    ) -> Result<(KeyAtProvider, String), ProviderError> {
        let (id, mut nonce) = (drawn.id, drawn.nonce);
        let made = [
            Attribute::Label(self.key.as_str().as_bytes().to_vec()),
            Attribute::Id(id.to_vec()),
            Attribute::ValueLen(32.into()),
            Attribute::Token(true),
            Attribute::Private(true),
            Attribute::Sensitive(true),
            Attribute::Extractable(false),
            Attribute::Copyable(false),
            Attribute::Modifiable(false),
            Attribute::Encrypt(true),
            Attribute::Decrypt(true),
            Attribute::Wrap(false),
            Attribute::Unwrap(false),
        ];
        let mut wrapped = hex(&nonce);
        let sealed = self.at_work(&self.token, |session| {
            let key =
                session.generate_key(&Mechanism::AesKeyGen, &made).map_err(|e| told("C_GenerateKey", &e))?;
            let params = gcm(&mut nonce, bound_to)?;
            session.encrypt(&Mechanism::AesGcm(params), key, bytes).map_err(|e| told("C_Encrypt", &e))
        })?;
        wrapped.push_str(&hex(&sealed));
        let at = KeyAtProvider::Pkcs11 { token: self.token.clone(), key: self.key.clone(), id };
        Ok((at, wrapped))
    }

    pub(crate) fn unwrap(
        &self,
        named: Named<'_>,
        wrapped: &str,
        bound_to: &[u8],
    ) -> Result<Zeroizing<[u8; 32]>, ProviderError> {
        let (token, label, _) = named;
        let wrong = || ProviderError::WrongKey { key: label.clone() };
        let wrapped = unhex(wrapped).ok_or_else(wrong)?;
        let (nonce, sealed) = wrapped.split_at_checked(NONCE_BYTES).ok_or_else(wrong)?;
        let mut nonce = nonce.to_vec();
        let opened = self.at_work(token, |session| {
            let key =
                find(session, named)?.ok_or_else(|| ProviderError::KeyMissing { key: label.clone() })?;
            let params = gcm(&mut nonce, bound_to)?;
            match session.decrypt(&Mechanism::AesGcm(params), key, sealed) {
                Ok(opened) => Ok(Zeroizing::new(opened)),
                Err(error) if is_not_authentic(&error) => Err(wrong()),
                Err(error) => Err(told("C_Decrypt", &error)),
            }
        })?;
        let bytes = <&[u8; 32]>::try_from(opened.as_slice()).map_err(|_| wrong())?;
        Ok(Zeroizing::new(*bytes))
    }

    pub(crate) fn destroy(&self, named: Named<'_>) -> Result<KeyEnd, ProviderError> {
        let (token, label, _) = named;
        self.at_work(token, |session| {
            let Some(key) = find(session, named)? else { return Ok(KeyEnd::Unproved(Unproved::GoneBefore)) };
            let could_leave = may_leave(session, key)?;
            session.destroy_object(key).map_err(|error| told("C_DestroyObject", &error))?;
            if find(session, named)?.is_some() {
                return Err(ProviderError::StillThere { key: label.clone() });
            }
            Ok(if could_leave { KeyEnd::Unproved(Unproved::CouldLeave) } else { KeyEnd::Proved })
        })
    }

    /// Loads the module, signs in to the token, works, and leaves both.
    fn at_work<T>(
        &self,
        token: &KeyLabel,
        work: impl FnOnce(&Session) -> Result<T, ProviderError>,
    ) -> Result<T, ProviderError> {
        // Asked before the token is: a token counts the tries.
        let pin = self.pin.as_ref().ok_or(ProviderError::PinMissing)?;
        let _alone = MODULE.lock().unwrap_or_else(PoisonError::into_inner);
        let unusable = |error: &Error| {
            let why = match error {
                Error::Pkcs11(code, _) => format!("{code:?}"),
                Error::LibraryLoading(_) => "it is not there, or is no such library".to_owned(),
                other => other.to_string(),
            };
            ProviderError::Module { path: self.module.clone(), why }
        };
        let module = Pkcs11::new(&self.module).map_err(|error| unusable(&error))?;
        let locking = CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK);
        module.initialize(locking).map_err(|error| unusable(&error))?;
        let done = signed_in(&module, token, pin).and_then(|session| {
            let done = work(&session);
            // What was done stands; a session that cannot be closed ends with the module.
            let _ = session.logout();
            done
        });
        let _ = module.finalize();
        done
    }
}

fn signed_in(module: &Pkcs11, token: &KeyLabel, pin: &str) -> Result<Session, ProviderError> {
    let slot = slot(module, token)?;
    let session = module.open_rw_session(slot).map_err(|error| told("C_OpenSession", &error))?;
    match session.login(UserType::User, Some(&AuthPin::new(pin.into()))) {
        Ok(()) => Ok(session),
        Err(Error::Pkcs11(RvError::PinIncorrect | RvError::PinInvalid | RvError::PinLenRange, _)) => {
            Err(ProviderError::PinWrong)
        }
        Err(Error::Pkcs11(RvError::PinLocked | RvError::PinExpired | RvError::UserPinNotInitialized, _)) => {
            Err(ProviderError::PinLocked)
        }
        Err(error) => Err(told("C_Login", &error)),
    }
}

fn slot(module: &Pkcs11, token: &KeyLabel) -> Result<Slot, ProviderError> {
    let slots = module.get_slots_with_initialized_token().map_err(|error| told("C_GetSlotList", &error))?;
    let is_it = |slot: &Slot| {
        module.get_token_info(*slot).is_ok_and(|about| about.label().trim_end() == token.as_str())
    };
    let found: Vec<Slot> = slots.into_iter().filter(is_it).collect();
    match found.as_slice() {
        [slot] => Ok(*slot),
        [] => Err(ProviderError::NoToken { token: token.clone() }),
        _ => Err(ProviderError::Ambiguous { label: token.clone() }),
    }
}

fn find(session: &Session, (_, label, id): Named<'_>) -> Result<Option<ObjectHandle>, ProviderError> {
    let wanted = [
        Attribute::Class(ObjectClass::SECRET_KEY),
        Attribute::Label(label.as_str().as_bytes().to_vec()),
        Attribute::Id(id.to_vec()),
    ];
    let found = session.find_objects(&wanted).map_err(|error| told("C_FindObjects", &error))?;
    match found.as_slice() {
        [] => Ok(None),
        [key] => Ok(Some(*key)),
        _ => Err(ProviderError::Ambiguous { label: label.clone() }),
    }
}

/// Whether a key may have left its token: made elsewhere, readable once, or open to copies.
fn may_leave(session: &Session, key: ObjectHandle) -> Result<bool, ProviderError> {
    let asked = [
        AttributeType::Local,
        AttributeType::AlwaysSensitive,
        AttributeType::NeverExtractable,
        AttributeType::Copyable,
    ];
    let told_of = session.get_attributes(key, &asked).map_err(|error| told("C_GetAttributeValue", &error))?;
    let stays = [
        Attribute::Local(true),
        Attribute::AlwaysSensitive(true),
        Attribute::NeverExtractable(true),
        Attribute::Copyable(false),
    ];
    Ok(!stays.iter().all(|wanted| told_of.contains(wanted)))
}

fn gcm<'a>(nonce: &'a mut [u8], bound_to: &'a [u8]) -> Result<GcmParams<'a>, ProviderError> {
    GcmParams::new(nonce, bound_to, TAG_BITS.into()).map_err(|_| ProviderError::Mechanism)
}

/// What tokens answer if what was sealed was changed, or sealed by another key: they do not agree on a code.
const fn is_not_authentic(error: &Error) -> bool {
    matches!(
        error,
        Error::Pkcs11(
            RvError::EncryptedDataInvalid
                | RvError::EncryptedDataLenRange
                | RvError::DataInvalid
                | RvError::GeneralError
                | RvError::FunctionFailed,
            _
        )
    )
}

fn told(call: &'static str, error: &Error) -> ProviderError {
    match error {
        Error::Pkcs11(RvError::MechanismInvalid | RvError::MechanismParamInvalid, _) => {
            ProviderError::Mechanism
        }
        Error::Pkcs11(code, _) => ProviderError::Token { call, code: format!("{code:?}") },
        other => ProviderError::Token { call, code: other.to_string() },
    }
}

//! A receipt that its holder can check without the clinic: signed with the log's key, and carrying a head of the log.

use serde_json::Value;
use thiserror::Error;

use super::note::{self, NoteError};
use super::{Checkpoint, CheckpointError, LogSigningKey, VerifierKey, origin};

/// First line of every receipt; no head of a log begins like it, so neither can pass for the other.
const HEADING: &str = "resguardo consent receipt v1";
/// Key of the body under which a head stands.
const HEAD_KEY: &str = "checkpoint";

/// A receipt whose signature fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedReceipt {
    /// What it says: one JSON object.
    pub body: Value,
    /// The head of the log that it carries, its own signature checked too.
    pub head: Option<Checkpoint>,
}

/// Why a text is no receipt of this clinic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ReceiptError {
    /// Not signed, by another key, or altered.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// Signed, but no receipt.
    #[error("the signed text is no consent receipt")]
    Form,
    /// The head of the log in it is not one of this log.
    #[error("the head of the log in the receipt: {0}")]
    Head(CheckpointError),
}

/// Signs a receipt. `body` is what it says: one JSON object, whose `checkpoint` is a signed head or null.
///
/// The text is the heading, the object in one line with its keys in ascending order, a blank line and the signature,
/// in the signed-note format; the same object always gives the same text.
///
/// # Errors
///
/// [`ReceiptError`] if the body is no object, or carries a head that is none of this log.
///
/// ```
/// use audit_log::{ClinicId, LogSigningKey, sign_receipt, verify_receipt};
/// use serde_json::json;
///
/// let clinic = "00000000-0000-7000-8000-000000000001".parse::<ClinicId>()?;
/// let key = LogSigningKey::from_bytes(clinic, &[9; 32]);
/// let receipt = sign_receipt(&json!({ "form": "express", "checkpoint": null }), &key)?;
///
/// let verified = verify_receipt(&receipt, &key.verifier_key())?;
/// assert_eq!(verified.body["form"], "express");
/// assert!(verify_receipt(&receipt.replace("express", "tacit"), &key.verifier_key()).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn sign_receipt(body: &Value, key: &LogSigningKey) -> Result<String, ReceiptError> {
    sign_body(HEADING, body, key)
}

/// Signs a body under a heading.
pub(super) fn sign_body(heading: &str, body: &Value, key: &LogSigningKey) -> Result<String, ReceiptError> {
    head_of(body, &key.verifier_key())?;
    Ok(note::sign(&format!("{heading}\n{body}\n"), key))
}

/// Checks a receipt and the head in it, with the key alone.
///
/// # Errors
///
/// [`ReceiptError`] says what does not fit.
pub fn verify_receipt(text: &str, key: &VerifierKey) -> Result<VerifiedReceipt, ReceiptError> {
    open_signed(HEADING, text, key)
}

/// Opens what was signed under a heading.
pub(super) fn open_signed(
    heading: &str,
    text: &str,
    key: &VerifierKey,
) -> Result<VerifiedReceipt, ReceiptError> {
    let signed = note::open(text, key)?;
    let body =
        signed.strip_prefix(heading).and_then(|rest| rest.strip_prefix('\n')).ok_or(ReceiptError::Form)?;
    let body = serde_json::from_str(body).map_err(|_| ReceiptError::Form)?;
    let head = head_of(&body, key)?;
    Ok(VerifiedReceipt { body, head })
}

fn head_of(body: &Value, key: &VerifierKey) -> Result<Option<Checkpoint>, ReceiptError> {
    match body.as_object().ok_or(ReceiptError::Form)?.get(HEAD_KEY) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(head)) => {
            let head = Checkpoint::open(head, key).map_err(ReceiptError::Head)?;
            if origin(head.clinic()) == key.name() { Ok(Some(head)) } else { Err(ReceiptError::Form) }
        }
        Some(_) => Err(ReceiptError::Form),
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use records_model::ClinicId;
    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use crate::TreeHash;

    fn key(clinic: u128, secret: u8) -> LogSigningKey {
        LogSigningKey::from_bytes(ClinicId::from_uuid(Uuid::from_u128(clinic)), &[secret; 32])
    }

    fn head(key: &LogSigningKey) -> String {
        let head = Checkpoint::new(key.clinic(), 7, TreeHash::from_bytes([3; 32]), DateTime::UNIX_EPOCH);
        head.sign(key).unwrap()
    }

    #[test]
    fn no_byte_of_a_receipt_can_be_changed() {
        let key = key(1, 9);
        let receipt = sign_receipt(&json!({ "form": "express", "checkpoint": head(&key) }), &key).unwrap();
        assert_eq!(verify_receipt(&receipt, &key.verifier_key()).unwrap().head.unwrap().size(), 7);
        for position in 0..receipt.len() {
            let mut bytes = receipt.clone().into_bytes();
            bytes[position] ^= 1;
            let Ok(changed) = String::from_utf8(bytes) else { continue };
            assert!(verify_receipt(&changed, &key.verifier_key()).is_err(), "byte {position}");
        }
    }

    #[test]
    fn a_receipt_and_a_head_do_not_pass_for_each_other() {
        let key = key(1, 9);
        let receipt = sign_receipt(&json!({ "checkpoint": null }), &key).unwrap();
        assert!(Checkpoint::open(&receipt, &key.verifier_key()).is_err());
        assert_eq!(verify_receipt(&head(&key), &key.verifier_key()), Err(ReceiptError::Form));
    }

    #[test]
    fn another_clinics_key_or_head_is_refused() {
        let (ours, theirs) = (key(1, 9), key(2, 8));
        let receipt = sign_receipt(&json!({ "checkpoint": head(&ours) }), &ours).unwrap();
        assert!(verify_receipt(&receipt, &theirs.verifier_key()).is_err());
        assert!(matches!(
            sign_receipt(&json!({ "checkpoint": head(&theirs) }), &ours),
            Err(ReceiptError::Head(_))
        ));
        assert_eq!(sign_receipt(&json!(["checkpoint"]), &ours), Err(ReceiptError::Form));
    }
}

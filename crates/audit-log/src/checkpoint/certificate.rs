//! A certificate of erasure that its holder can check without the clinic, signed like a receipt.

use serde_json::Value;

use super::receipt::{open_signed, sign_body};
use super::{LogSigningKey, ReceiptError, VerifiedReceipt, VerifierKey};

/// First line of every certificate.
const HEADING: &str = "resguardo erasure certificate v1";

/// Signs a certificate of erasure. `body` is what it says: one JSON object, whose `checkpoint` is a signed head of the
/// log or null. The same object always gives the same text.
///
/// # Errors
///
/// [`ReceiptError`] if the body is no object, or carries a head that is none of this log.
///
/// ```
/// use audit_log::{ClinicId, LogSigningKey, sign_certificate, verify_certificate, verify_receipt};
/// use serde_json::json;
///
/// let clinic = "00000000-0000-7000-8000-000000000001".parse::<ClinicId>()?;
/// let key = LogSigningKey::from_bytes(clinic, &[9; 32]);
/// let text = sign_certificate(&json!({ "state": "pending", "checkpoint": null }), &key)?;
///
/// assert_eq!(verify_certificate(&text, &key.verifier_key())?.body["state"], "pending");
/// assert!(verify_certificate(&text.replace("pending", "settled"), &key.verifier_key()).is_err());
/// // Neither passes for the other.
/// assert!(verify_receipt(&text, &key.verifier_key()).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn sign_certificate(body: &Value, key: &LogSigningKey) -> Result<String, ReceiptError> {
    sign_body(HEADING, body, key)
}

/// Checks a certificate of erasure and the head in it, with the key alone.
///
/// # Errors
///
/// [`ReceiptError`] says what does not fit.
pub fn verify_certificate(text: &str, key: &VerifierKey) -> Result<VerifiedReceipt, ReceiptError> {
    open_signed(HEADING, text, key)
}

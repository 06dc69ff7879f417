//! The C2SP signed-note format: text, a blank line, signature lines.
//!
//! Source: <https://c2sp.org/signed-note>.

use base64::{Engine, engine::general_purpose::STANDARD};
use thiserror::Error;

use super::{LogSigningKey, VerifierKey};

/// What a signature line begins with: an em dash and a space.
const SIGNATURE_PREFIX: &str = "\u{2014} ";
/// Most signature lines that are read; the format leaves the limit to the reader.
const SIGNATURES_MAX: usize = 100;
/// Bytes of the key hash before a signature.
const KEY_HASH_LEN: usize = 4;

/// Why a text is not a note signed by the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NoteError {
    /// No text, blank line and signature lines.
    #[error("this is not a signed note")]
    Form,
    /// A line after the blank line is no signature line.
    #[error("signature line {line} of the note cannot be read")]
    SignatureLine {
        /// The line, counted from 1 after the blank line.
        line: usize,
    },
    /// None of the signatures is by this key.
    #[error("the note is not signed by this key")]
    OtherKey,
    /// A signature by this key does not fit the text.
    #[error("the signature does not fit the text")]
    Signature,
}

pub(super) fn sign(text: &str, key: &LogSigningKey) -> String {
    let verifier = key.verifier_key();
    let mut signature = verifier.hash().to_vec();
    signature.extend_from_slice(&key.sign(text));
    format!("{text}\n{SIGNATURE_PREFIX}{} {}\n", verifier.name(), STANDARD.encode(signature))
}

/// The text and the signature lines, unread.
fn parts(note: &str) -> Result<(&str, &str), NoteError> {
    if note.contains(|c: char| c < ' ' && c != '\n') {
        return Err(NoteError::Form);
    }
    let blank = note.rfind("\n\n").ok_or(NoteError::Form)?;
    let (text, signatures) = note.split_at_checked(blank + 1).ok_or(NoteError::Form)?;
    let signatures = signatures.strip_prefix('\n').ok_or(NoteError::Form)?;
    if signatures.is_empty() || !signatures.ends_with('\n') {
        return Err(NoteError::Form);
    }
    Ok((text, signatures))
}

/// The text of a note, ending in a line feed; nothing is checked.
pub(super) fn text_of(note: &str) -> Result<&str, NoteError> {
    parts(note).map(|(text, _)| text)
}

/// The text of a note after its signature by this key was checked.
pub(super) fn open<'a>(note: &'a str, key: &VerifierKey) -> Result<&'a str, NoteError> {
    let (text, signatures) = parts(note)?;
    let mut outcome = Err(NoteError::OtherKey);
    for (position, line) in signatures.lines().enumerate() {
        let unreadable = NoteError::SignatureLine { line: position + 1 };
        if position >= SIGNATURES_MAX {
            return Err(unreadable);
        }
        let (name, signature) = read_signature(line).ok_or(unreadable)?;
        let (hash, signature) = signature.split_first_chunk::<KEY_HASH_LEN>().ok_or(unreadable)?;
        if name != key.name() || *hash != key.hash() {
            continue;
        }
        let signature = signature.try_into().map_err(|_| unreadable)?;
        // One bad signature by a known key spoils the note, whatever else stands in it.
        if !key.verifies(text, signature) {
            return Err(NoteError::Signature);
        }
        outcome = Ok(text);
    }
    outcome
}

fn read_signature(line: &str) -> Option<(&str, Vec<u8>)> {
    let (name, signature) = line.strip_prefix(SIGNATURE_PREFIX)?.split_once(' ')?;
    let signature = STANDARD.decode(signature).ok()?;
    (!name.is_empty() && !name.contains('+')).then_some((name, signature))
}

#[cfg(test)]
mod tests {
    use super::super::VerifierKeyError;
    use super::*;

    /// The published example of the format's reference implementation (golang.org/x/mod/sumdb/note).
    const GO_KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const GO_TEXT: &str = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
    const GO_SIGNATURE: &str = "\u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    #[test]
    fn the_published_note_opens_under_its_published_key() {
        let key = VerifierKey::parse(GO_KEY).unwrap();
        let note = format!("{GO_TEXT}\n{GO_SIGNATURE}");
        assert_eq!(open(&note, &key), Ok(GO_TEXT));
        assert_eq!(open(&note.replace("your problem is", "my problem is"), &key), Err(NoteError::Signature));
    }

    #[test]
    fn signatures_of_strangers_are_left_aside_but_a_wrong_one_of_ours_spoils_the_note() {
        let key = VerifierKey::parse(GO_KEY).unwrap();
        let stranger = "\u{2014} witness.example AAAAAAAAAAAA\n";
        assert_eq!(open(&format!("{GO_TEXT}\n{stranger}{GO_SIGNATURE}"), &key), Ok(GO_TEXT));
        assert_eq!(open(&format!("{GO_TEXT}\n{stranger}"), &key), Err(NoteError::OtherKey));
        let wrong = GO_SIGNATURE.replace("JnAM=", "JnAc=");
        assert_eq!(open(&format!("{GO_TEXT}\n{GO_SIGNATURE}{wrong}"), &key), Err(NoteError::Signature));
    }

    #[test]
    fn no_part_of_the_published_key_and_no_change_of_a_letter_is_a_key() {
        for start in 0..GO_KEY.len() {
            for end in start..GO_KEY.len() {
                assert!(VerifierKey::parse(&GO_KEY[start..end]).is_err());
            }
            let mut bytes = GO_KEY.as_bytes().to_vec();
            bytes[start] += 1;
            assert!(VerifierKey::parse(std::str::from_utf8(&bytes).unwrap()).is_err());
        }
        // Published refusals: a key of a wrong length and an unknown algorithm, each with a fitting hash.
        for text in [
            "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
            "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        ] {
            assert_eq!(VerifierKey::parse(text), Err(VerifierKeyError::Key));
        }
    }

    #[test]
    fn what_is_no_note_is_refused() {
        let key = VerifierKey::parse(GO_KEY).unwrap();
        for note in ["", "\n", "text\n", "text\n\n", "text\n\nno dash\n", "te\txt\n\n\u{2014} a AAAA\n"] {
            assert!(open(note, &key).is_err(), "{note:?}");
        }
    }
}

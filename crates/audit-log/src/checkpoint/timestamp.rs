//! A request for a time stamp over a signed head: a service that knows nothing of the log says when it existed.

use sha2::{Digest as _, Sha256};

/// `TimeStampReq` of RFC 3161, section 2.4.1, in DER, up to the digest: version 1; SHA-256 with absent-as-null parameters.
const BEFORE: [u8; 24] = [
    0x30, 0x39, 0x02, 0x01, 0x01, 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03,
    0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20,
];
/// After it: no nonce, because the same head is asked for once; the service's certificate is to come with the answer.
const AFTER: [u8; 3] = [0x01, 0x01, 0xff];

/// The request for a time stamp over a note, byte for byte as it is kept. Its answer is checked by any tool for RFC 3161.
///
/// ```
/// let request = audit_log::timestamp_request("a signed head\n");
/// assert_eq!(request.len(), 59);
/// ```
#[must_use]
pub fn timestamp_request(note: &str) -> [u8; 59] {
    let digest = Sha256::digest(note.as_bytes());
    let mut request = [0; 59];
    let bytes = BEFORE.iter().chain(digest.iter()).chain(AFTER.iter());
    for (place, byte) in request.iter_mut().zip(bytes) {
        *place = *byte;
    }
    request
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    /// As `openssl ts -query -sha256 -cert -no_nonce` writes it over the same bytes.
    #[test]
    fn a_request_is_what_another_program_writes() {
        let expected = "30390201013031300d060960864801650304020105000420\
            133ee989293f92736301280c6f14c89d521200c17dcdcecca30cd20705332d440101ff";
        let digits = timestamp_request("hola\n").iter().fold(String::new(), |mut digits, byte| {
            let _ = write!(digits, "{byte:02x}");
            digits
        });
        assert_eq!(digits, expected);
    }
}

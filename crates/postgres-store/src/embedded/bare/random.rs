//! Passwords and names that nobody can guess.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read as _};

/// Random bytes in one password or folder name: 128 bits and 256 bits are both far beyond guessing.
const SECRET_BYTES: usize = 32;
const NAME_BYTES: usize = 8;

/// A password of 256 random bits, as 64 hexadecimal digits, so that it never needs quoting.
pub(crate) fn password() -> io::Result<String> {
    hex::<SECRET_BYTES>()
}

/// A name of 64 random bits, as 16 hexadecimal digits: it only has to be free, not secret.
pub(crate) fn name() -> io::Result<String> {
    hex::<NAME_BYTES>()
}

fn hex<const N: usize>() -> io::Result<String> {
    let mut bytes = [0_u8; N];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    let mut text = String::with_capacity(N * 2);
    for byte in bytes {
        // Writing to a `String` cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::{name, password};

    #[test]
    fn two_secrets_differ_and_have_their_full_length() {
        let (first, second) = (password().unwrap(), password().unwrap());
        assert_ne!(first, second);
        assert_eq!((first.len(), name().unwrap().len()), (64, 16));
        assert!(first.bytes().all(|byte| byte.is_ascii_hexdigit()));
    }
}

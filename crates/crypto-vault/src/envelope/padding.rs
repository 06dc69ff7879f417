//! Padding that hides how long a short value is: `no` and `yes, since 2019` become envelopes of one length.

use zeroize::Zeroizing;

/// Padded content is a multiple of this, in bytes: most coded values and results fit the first block. The number
/// is ours.
pub const PADDED_BYTES: usize = 64;

/// Stands right after the content; zeros follow.
const END: u8 = 0x80;

/// The content, its end mark, and zeros up to the next multiple of [`PADDED_BYTES`].
pub(super) fn pad(content: &[u8]) -> Zeroizing<Vec<u8>> {
    let len = (content.len() + 1).next_multiple_of(PADDED_BYTES);
    let mut padded = Zeroizing::new(Vec::with_capacity(len));
    padded.extend_from_slice(content);
    padded.push(END);
    padded.resize(len, 0);
    padded
}

/// How long the content is without its padding; `None` if it was not padded like this.
pub(super) fn unpadded_len(padded: &[u8]) -> Option<usize> {
    let at = padded.iter().rposition(|byte| *byte != 0).filter(|at| padded.get(*at) == Some(&END))?;
    ((at + 1).next_multiple_of(PADDED_BYTES) == padded.len()).then_some(at)
}

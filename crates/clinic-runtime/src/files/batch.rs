//! Sealed bytes between the stream that they are and the chunks that are stored.

use crypto_vault::{ATTACHMENT_HEADER_BYTES, SEALED_CHUNK_BYTES};
use postgres_store::Sent;
use privacy_operations::SealedStream;
use sha2::{Digest, Sha256};

/// Chunks that travel together: 256 KiB of content.
pub(super) const CHUNKS_AT_ONCE: u64 = 16;

/// The same as a capacity.
pub(super) const CHUNKS_AT_ONCE_LEN: usize = 16;

/// Counts and hashes what is sealed, and cuts it into chunks.
pub(super) struct Outgoing {
    dek_version: u32,
    header: [u8; ATTACHMENT_HEADER_BYTES],
    hash: Sha256,
    sealed_bytes: u64,
}

impl Outgoing {
    /// Begins with the head.
    pub(super) fn begin(dek_version: u32, header: [u8; ATTACHMENT_HEADER_BYTES]) -> Self {
        let hash = Sha256::new_with_prefix(header);
        let sealed_bytes = u64::try_from(ATTACHMENT_HEADER_BYTES).unwrap_or(u64::MAX);
        Self { dek_version, header, hash, sealed_bytes }
    }

    /// The next chunks. All are whole; the last of a file is shorter than the others.
    pub(super) fn chunks(&mut self, sealed: &[u8]) -> Sent {
        self.hash.update(sealed);
        self.sealed_bytes += u64::try_from(sealed.len()).unwrap_or(u64::MAX);
        Sent::Chunks(sealed.chunks(SEALED_CHUNK_BYTES).map(<[u8]>::to_vec).collect())
    }

    /// All of it.
    pub(super) fn whole(&self) -> SealedStream {
        SealedStream {
            dek_version: self.dek_version,
            header: self.header,
            sealed_bytes: self.sealed_bytes,
            content_hash: self.hash.clone().finalize().into(),
        }
    }
}

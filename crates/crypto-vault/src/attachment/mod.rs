//! Attachments: content of any length as a stream of chunks, sealed and opened in constant memory.
//!
//! The stream is the published format C2SP chunked-encryption with AES-256-GCM and SHA-512 (Cobblestone-256),
//! after eight bytes of our own that name the format and the version of the data key.

mod chunks;
mod cobblestone;
mod header;
mod open;
mod reseal;
mod seal;

pub use chunks::AttachmentChunks;
pub use cobblestone::SEALED_CHUNK_BYTES;
pub use header::AttachmentHeader;
pub use open::{AttachmentError, AttachmentOpener};
pub use reseal::{AttachmentReseal, AttachmentResealError};
pub use seal::{AttachmentSealError, AttachmentSealer};

/// Content of every chunk but the last, which is shorter and may be empty, in bytes: 16 KiB.
pub const CHUNK_BYTES: usize = 16 * 1024;
/// Length of the head of every attachment, in bytes.
pub const ATTACHMENT_HEADER_BYTES: usize = 64;

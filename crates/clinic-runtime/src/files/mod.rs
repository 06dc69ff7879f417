//! Attached files, sealed on their way in and opened on their way out: a few chunks of a file are in memory at once,
//! however long it is.

mod attach;
mod batch;
mod open;
mod reseal;

pub use attach::{FileSent, Stored};
pub use open::OpenFile;
pub use reseal::FilesResealed;

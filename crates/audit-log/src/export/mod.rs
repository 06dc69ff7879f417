//! The log as lines that travel: writing them, and checking them without any database.
//!
//! An export is text, one JSON object a line:
//!
//! ```text
//! {"header":{"format":"resguardo-log-export","version":1,"clinic":"<uuid>"}}
//! {"entry":{"index":0,"leaf":"<base64 of leaf v1>","hash":"<base64 of the stored leaf hash>"}}
//! {"checkpoint":"<signed note over the entries so far>"}        after any entry, and after the last one
//! {"unsequenced":"<base64 of leaf v1>"}                         committed, not yet placed
//! {"end":{"entries":1,"unsequenced":1}}
//! ```
//!
//! The same lines without `leaf` are a *trail*: it shows nothing of the entries (every leaf holds a salted
//! commitment, so its hash cannot be guessed), takes about 80 bytes each, and is what to keep elsewhere.
//!
//! What a check can name depends on what was kept elsewhere, and a report says no more than that:
//! - Damage, or a change by somebody who did not recompute the hashes: the entry itself.
//! - A change by somebody who recomputed every hash but has no signing key: the entries between the last signed
//!   head that still fits and the first that does not. Heads kept elsewhere narrow this; a trail kept elsewhere
//!   names the entry and tells a change from a removal, an insertion or a swap.
//! - A change by somebody who has the signing key: only heads kept elsewhere show it.

mod anchors;
mod inclusion;
mod line;
mod report;
mod search;
mod seen;
mod trail;
mod verifier;
mod writer;

pub use anchors::{AnchorError, Anchors};
pub use inclusion::{EntryName, GrowthBundle, InclusionBundle, InclusionError};
pub use report::{Fault, Finding, Place, Report};
pub use search::ProofSearch;
pub use trail::TrailDifference;
pub use verifier::{Verifier, verify_export};
pub use writer::ExportWriter;

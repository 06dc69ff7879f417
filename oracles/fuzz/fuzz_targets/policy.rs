//! Documents: whatever is written, it is refused with a place or understood, and forms are stable.
#![no_main]

use consent_policy::{PolicyDraft, formatted};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(draft) = PolicyDraft::parse(text) else { return };
    let once = formatted(text).expect("what is understood has a form");
    assert_eq!(formatted(&once).as_ref(), Ok(&once), "a form is stable");
    assert!(PolicyDraft::parse(&once).is_ok(), "a form says the same");
    let _ = draft.check();
});

//! Requests as JSON: refused with the key, or decided.
#![no_main]

use consent_policy::Question;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = Question::parse(text);
});

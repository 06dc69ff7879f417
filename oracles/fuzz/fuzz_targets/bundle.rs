//! Bundles from other systems: refused with the place, or mapped, the same each time.
#![no_main]

use chrono::NaiveDate;
use fhir_mapping::{ImportOptions, read_bundle};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some(today) = NaiveDate::from_ymd_opt(2026, 3, 3) else { return };
    let options = ImportOptions { source: Some("old-records".to_owned()), today };
    let first = read_bundle(data, &options);
    if let Ok(bundle) = first {
        let again = read_bundle(data, &options);
        assert!(again.is_ok_and(|again| format!("{again:?}") == format!("{bundle:?}")), "the same bytes, the same plan");
    }
});

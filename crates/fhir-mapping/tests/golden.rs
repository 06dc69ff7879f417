//! One bundle with every resource type, and what becomes of it, on file.

use std::fmt::Write as _;

use chrono::NaiveDate;
use expect_test::expect_file;
use fhir_mapping::{ImportOptions, ImportedBundle, read_bundle};

const BUNDLE: &str = include_str!("golden/every-type.json");

#[cfg(test)]
mod support {
    use super::*;

    pub(super) fn read() -> ImportedBundle {
        let today = NaiveDate::from_ymd_opt(2026, 3, 3).unwrap();
        read_bundle(BUNDLE.as_bytes(), &ImportOptions { source: None, today }).unwrap()
    }

    pub(super) fn written(bundle: &ImportedBundle) -> String {
        let mut out = String::new();
        for item in &bundle.items {
            let id = &item.identity;
            writeln!(out, "{} {} -> {} {} {}", id.resource, id.id, item.category, item.kind, item.form)
                .unwrap();
            writeln!(
                out,
                "  kept as {}, {} {}, {}, author {}{}{}",
                item.class,
                item.anchor,
                item.anchor_at.to_rfc3339(),
                item.context,
                item.author,
                if item.reveals_health { ", reveals health" } else { "" },
                if item.genetic { ", genetic" } else { "" }
            )
            .unwrap();
            for (field, value) in &item.content {
                writeln!(out, "  {field:<18} {}", value.as_str().replace('\n', "⏎")).unwrap();
            }
        }
        out
    }
}

#[test]
fn every_type_lands_as_it_stands_on_file() {
    expect_file!["golden/every-type.items.txt"].assert_eq(&support::written(&support::read()));
}

#[test]
fn the_report_counts_what_it_did_as_it_stands_on_file() {
    let report = serde_json::to_string_pretty(&support::read().report).unwrap() + "\n";
    expect_file!["golden/every-type.report.json"].assert_eq(&report);
}

/// What the policy does not name is planted as `canary-...` in every place that the bundle has for it.
#[test]
fn nothing_that_the_policy_does_not_name_is_kept() {
    let written = support::written(&support::read());
    for planted in
        ["canary", "Canary", "999-11-2222", "TEPI580309", "4111 1111", "4111-1111", "4111111111111111"]
    {
        assert!(BUNDLE.contains(planted) || planted == "4111-1111", "{planted} is not planted");
        assert!(!written.contains(planted), "{planted} was kept");
    }
}

#[test]
fn values_that_identify_the_person_are_hidden_in_debug() {
    let debug = format!("{:?}", support::read());
    for private in ["Inés", "Treviño", "1958", "5678", "ines.trevino", "Osteoarthritis", "EXP-004211"] {
        assert!(!debug.contains(private), "{private} is shown");
    }
}

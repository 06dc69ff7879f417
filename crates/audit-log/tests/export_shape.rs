//! The shape of an export: what may stand where, and what is refused whoever wrote it.

#[cfg(test)]
mod export_shape {
    use audit_log::testing::{ExportParts, sample_history, sample_key};
    use audit_log::{
        Anchors, Fault, Finding, Leaf, LeafParts, LogSigningKey, Place, Verifier, verify_export,
    };
    use proptest::prelude::*;

    const ENTRIES: usize = 40;
    const HEAD_EVERY: usize = 8;

    fn honest() -> ExportParts {
        ExportParts::of(&sample_history(40, ENTRIES), HEAD_EVERY)
    }

    fn key_only() -> Anchors {
        Anchors::new(sample_key().verifier_key())
    }

    #[test]
    fn an_entry_or_head_after_the_tail_and_anything_after_the_end_is_refused() {
        let history = sample_history(40, ENTRIES + 1);
        let mut parts = ExportParts::of(&history[..ENTRIES], HEAD_EVERY);
        parts.unsequenced = vec![history[ENTRIES].encode()];
        let lines = parts.lines();
        let place_of = |start: &str| lines.iter().rposition(|line| line.starts_with(start)).unwrap();
        let (entry, head, tail, end) =
            (place_of("{\"entry"), place_of("{\"checkpoint"), place_of("{\"unseq"), place_of("{\"end"));
        for (from, to) in [(entry, tail), (head, tail), (tail, end), (entry, end), (0, end)] {
            let mut moved = lines.clone();
            let line = moved[from].clone();
            moved.insert(to + 1, line);
            let refused = Finding { place: Place::Line(u64::try_from(to).unwrap() + 2), fault: Fault::Line };
            assert!(verify_export(&moved, key_only()).findings.contains(&refused), "{from} after {to}");
        }
        let mut twice = lines.clone();
        twice.push(lines[end].clone());
        assert!(!verify_export(&twice, key_only()).is_intact());
    }

    #[test]
    fn an_end_that_counts_otherwise_is_told() {
        let mut lines = honest().lines();
        *lines.last_mut().unwrap() = r#"{"end":{"entries":41,"unsequenced":0}}"#.to_owned();
        let fault = Fault::EndCounts { entries: 41, unsequenced: 0 };
        assert_eq!(verify_export(&lines, key_only()).findings, [Finding { place: Place::File, fault }]);
    }

    #[test]
    fn a_header_of_another_format_or_version_and_unknown_fields_are_refused() {
        for (old, new) in [
            ("resguardo-log-export", "other"),
            ("\"version\":1", "\"version\":2"),
            ("\"version\":1", "\"version\":1,\"more\":0"),
        ] {
            let mut lines = honest().lines();
            lines[0] = lines[0].replace(old, new);
            let refused = Finding { place: Place::Line(1), fault: Fault::Header };
            assert_eq!(verify_export(&lines, key_only()).findings, [refused]);
        }
    }

    #[test]
    fn a_trail_is_no_export() {
        let report = verify_export(honest().trail(), key_only());
        assert_eq!(report.findings[0], Finding { place: Place::Entry(0), fault: Fault::LeafAbsent });
        assert_eq!(report.findings.len(), ENTRIES);
    }

    #[test]
    fn a_report_lists_so_many_findings_and_counts_the_rest() {
        let report = verify_export(ExportParts::of(&sample_history(1, 100), 100).trail(), key_only());
        assert_eq!((report.findings.len(), report.findings_left_out), (64, 36));
    }

    #[test]
    fn a_file_cut_anywhere_is_never_intact() {
        let lines = honest().lines();
        for left in 0..lines.len() {
            assert!(!verify_export(&lines[..left], key_only()).is_intact(), "{left}");
        }
    }

    #[test]
    fn the_unsequenced_tail_is_counted_and_may_not_repeat_the_tree() {
        let history = sample_history(40, ENTRIES + 2);
        let mut parts = ExportParts::of(&history[..ENTRIES], HEAD_EVERY);
        parts.unsequenced = history[ENTRIES..].iter().map(Leaf::encode).collect();
        let report = verify_export(parts.lines(), key_only());
        assert_eq!((report.is_intact(), report.unsequenced), (true, 2));
        parts.unsequenced.push(history[5].encode());
        let report = verify_export(parts.lines(), key_only());
        assert_eq!(
            report.findings,
            [Finding { place: Place::Unsequenced(2), fault: Fault::Repeated { first: 5 } }]
        );
    }

    #[test]
    fn an_entry_of_another_clinic_and_another_log_are_refused() {
        let mut history = sample_history(40, ENTRIES);
        let other = LeafParts {
            clinic: records_model::ClinicId::from_uuid(uuid::Uuid::nil()),
            ..history[4].parts().clone()
        };
        history[4] = Leaf::new(other).unwrap();
        let report = verify_export(ExportParts::of(&history, HEAD_EVERY).lines(), key_only());
        assert_eq!(report.findings, [Finding { place: Place::Entry(4), fault: Fault::ForeignLeaf }]);

        let stranger =
            LogSigningKey::from_bytes(records_model::ClinicId::from_uuid(uuid::Uuid::nil()), &[1; 32]);
        let report = verify_export(honest().lines(), Anchors::new(stranger.verifier_key()));
        assert!(report.findings.contains(&Finding { place: Place::File, fault: Fault::OtherLog }));
    }

    proptest! {
        #[test]
        fn any_lines_at_all_are_checked_without_end(lines in prop::collection::vec(".{0,80}", 0..20)) {
            let mut verifier = Verifier::new(key_only());
            for line in &lines {
                verifier.take_line(line);
            }
            prop_assert!(!verifier.finish().is_intact());
        }
    }
}

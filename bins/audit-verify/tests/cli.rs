//! The program itself, on files: what it prints and how it exits.

#[cfg(test)]
mod cli {
    use std::fs;
    use std::path::{Path, PathBuf};
    use std::process::{Command, Output, Stdio};

    use audit_log::testing::{ExportParts, sample_history, sample_key};

    const ENTRIES: usize = 40;

    /// A folder of this test's own, with the public key, an anchor head and a trail in it.
    struct Folder(PathBuf);

    impl Folder {
        fn new(test: &str) -> Self {
            let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
            let _ = fs::remove_dir_all(&path);
            fs::create_dir_all(path.join("heads")).unwrap();
            let folder = Self(path);
            let parts = honest();
            folder.write("key", &sample_key().verifier_key().to_string());
            folder.write("trail", &parts.trail().join("\n"));
            for (size, note) in &parts.notes {
                folder.write(&format!("heads/{size}"), note);
            }
            folder
        }

        fn write(&self, name: &str, text: &str) -> PathBuf {
            let path = self.0.join(name);
            fs::write(&path, text).unwrap();
            path
        }

        /// Runs the program on these lines with these anchors; gives the status, and what it printed.
        fn verify(&self, lines: &[String], anchors: &[&str]) -> (i32, String) {
            let export = self.write("export.jsonl", &(lines.join("\n") + "\n"));
            let mut command = program();
            command.arg(export).arg("--key").arg(self.0.join("key"));
            for anchor in anchors {
                command.arg("--anchor").arg(self.0.join(anchor));
            }
            answer(&command.output().unwrap())
        }
    }

    fn program() -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_audit-verify"));
        command.stdin(Stdio::null());
        command
    }

    fn answer(output: &Output) -> (i32, String) {
        let text = [output.stdout.as_slice(), &output.stderr].concat();
        (output.status.code().unwrap(), String::from_utf8(text).unwrap())
    }

    fn honest() -> ExportParts {
        ExportParts::of(&sample_history(40, ENTRIES), 8)
    }

    fn changed() -> ExportParts {
        let mut parts = honest();
        *parts.entries[17].0.last_mut().unwrap() ^= 1;
        parts
    }

    fn swapped() -> ExportParts {
        let mut parts = honest();
        parts.entries.swap(17, 18);
        parts
    }

    fn removed() -> ExportParts {
        let mut parts = honest();
        parts.entries.remove(17);
        parts
    }

    fn cut() -> ExportParts {
        let mut parts = honest();
        parts.entries.truncate(24);
        parts.notes.retain(|(size, _)| *size <= 24);
        parts
    }

    fn recomputed(mut parts: ExportParts) -> Vec<String> {
        parts.recompute();
        parts.lines()
    }

    fn first_line(text: &str) -> &str {
        text.lines().next().unwrap_or_default()
    }

    #[test]
    fn an_intact_log_is_called_so_and_the_want_of_an_anchor_is_said() {
        let folder = Folder::new("intact");
        let (status, text) = folder.verify(&honest().lines(), &["heads", "trail"]);
        assert_eq!((status, first_line(&text)), (0, "intact: 40 entries, all under a signed head"));
        let (status, text) = folder.verify(&honest().lines(), &[]);
        assert_eq!(status, 0);
        assert!(text.contains("none from outside"), "{text}");
    }

    #[test]
    fn one_flipped_byte_is_named() {
        let folder = Folder::new("flipped");
        let told = "not intact: entry 17: the entry was changed";
        let (status, text) = folder.verify(&changed().lines(), &[]);
        assert_eq!(status, 3);
        assert!(first_line(&text).starts_with(told), "{text}");
        // Recomputed: heads bracket it, a trail names it.
        let (status, text) = folder.verify(&recomputed(changed()), &["heads"]);
        let bracket =
            "not intact: among the entries 16 to 23: changed: the signed head over 24 entries does not fit";
        assert_eq!((status, first_line(&text)), (3, bracket));
        let (status, text) = folder.verify(&recomputed(changed()), &["trail"]);
        assert_eq!((status, first_line(&text)), (3, told));
    }

    #[test]
    fn one_removed_entry_is_named() {
        let folder = Folder::new("removed");
        let mut lines = honest().lines();
        lines.retain(|line| !line.starts_with(r#"{"entry":{"index":17,"#));
        let (status, text) = folder.verify(&lines, &[]);
        assert_eq!(
            (status, first_line(&text)),
            (3, "not intact: entry 17: missing: the next line is entry 18")
        );
        let (status, text) = folder.verify(&recomputed(removed()), &["heads"]);
        assert_eq!(status, 3);
        assert!(first_line(&text).starts_with("not intact: among the entries 16 to "), "{text}");
        let (status, text) = folder.verify(&recomputed(removed()), &["trail"]);
        assert_eq!((status, first_line(&text)), (3, "not intact: entry 17: 1 entries were removed here"));
    }

    #[test]
    fn two_swapped_entries_are_named() {
        let folder = Folder::new("swapped");
        let mut lines = honest().lines();
        let line = lines.iter().position(|line| line.starts_with(r#"{"entry":{"index":17,"#)).unwrap();
        lines.swap(line, line + 1);
        let (status, text) = folder.verify(&lines, &[]);
        assert_eq!(
            (status, first_line(&text)),
            (3, "not intact: entry 17: out of place: entry 18 stands here")
        );
        let (status, text) = folder.verify(&recomputed(swapped()), &["heads"]);
        assert_eq!(status, 3);
        assert!(text.contains("among the entries 16 to 23: changed"), "{text}");
        let (status, text) = folder.verify(&recomputed(swapped()), &["trail"]);
        assert_eq!(
            (status, first_line(&text)),
            (3, "not intact: entry 17: the entry changed places with entry 18")
        );
    }

    #[test]
    fn a_cut_tail_is_named() {
        let folder = Folder::new("cut");
        let lines = honest().lines();
        let (status, text) = folder.verify(&lines[..30], &[]);
        assert_eq!(status, 3);
        assert!(text.contains("the file was cut"), "{text}");
        // Cut clean at an older head, which only what was kept elsewhere can tell.
        assert_eq!(folder.verify(&cut().lines(), &[]).0, 0);
        let told = "not intact: among the entries 24 to 39: 16 missing: a signed head counts 40 entries";
        for anchor in ["heads/40", "trail"] {
            let (status, text) = folder.verify(&recomputed(cut()), &[anchor]);
            assert_eq!((status, first_line(&text)), (3, told));
        }
    }

    #[test]
    fn json_says_the_same() {
        let folder = Folder::new("json");
        let export = folder.write("export.jsonl", &recomputed(changed()).join("\n"));
        let key = sample_key().verifier_key().to_string();
        let output = program().arg(export).args(["--json", "--key", &key]).output().unwrap();
        assert_eq!(output.status.code(), Some(3));
        let value: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(value["intact"], false);
        assert_eq!(value["first_bad"]["first_index"], 16);
        assert_eq!(value["first_bad"]["last_index"], 23);
        assert_eq!(value["first_bad"]["fault"], "root-differs");
    }

    #[test]
    fn what_cannot_be_checked_fails_with_a_reason_and_wrong_use_is_told_apart() {
        let folder = Folder::new("errors");
        let (status, text) = folder.verify(&honest().lines(), &["key"]);
        assert_eq!(status, 1);
        assert!(text.contains("cannot serve as an anchor"), "{text}");
        let (status, text) =
            answer(&program().args(["no-such-file", "--key"]).arg(folder.0.join("key")).output().unwrap());
        assert_eq!(status, 1);
        assert!(text.starts_with("error: no-such-file cannot be read"), "{text}");
        let (status, _) = answer(&program().args(["export", "--key", "no-key"]).output().unwrap());
        assert_eq!(status, 1);
        assert_eq!(answer(&program().output().unwrap()).0, 2);
        assert_eq!(
            answer(&program().args(["prove", "x", "--key", "y", "--entry", "z"]).output().unwrap()).0,
            2
        );
    }

    #[test]
    fn bytes_that_are_no_text_are_a_finding_and_not_a_crash() {
        let folder = Folder::new("bytes");
        let path = folder.0.join("export.jsonl");
        fs::write(&path, [0xff, 0xfe, b'\n', 0, b'\n']).unwrap();
        let (status, _) =
            answer(&program().arg(path).arg("--key").arg(folder.0.join("key")).output().unwrap());
        assert_eq!(status, 3);
    }

    #[test]
    fn the_frozen_export_is_intact() {
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/log");
        let mut command = program();
        command
            .arg(fixtures.join("export-v1.jsonl"))
            .arg("--key")
            .arg(fixtures.join("checkpoint-v1-key.txt"));
        for anchor in ["checkpoint-v1.txt", "trail-v1.jsonl"] {
            command.arg("--anchor").arg(fixtures.join(anchor));
        }
        let (status, text) = answer(&command.output().unwrap());
        assert_eq!((status, first_line(&text)), (0, "intact: 12 entries, all under a signed head"));
    }
}

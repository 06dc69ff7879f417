//! Proofs for outsiders, as transcripts: what is typed, what is said, and how the program exits.

#[cfg(test)]
mod proofs {
    use std::fs;
    use std::path::{Path, PathBuf};
    use std::process::{Command, Stdio};

    use audit_log::testing::{ExportParts, head, sample_history, sample_key};
    use audit_log::{Leaf, leaf_hash};

    const ENTRIES: usize = 40;

    /// A folder with the key, an export, heads over 8, 16, ... entries, and what a forger with the signing key made.
    struct Folder(PathBuf);

    impl Folder {
        fn new(test: &str) -> Self {
            let folder = Self(Path::new(env!("CARGO_TARGET_TMPDIR")).join(test));
            let _ = fs::remove_dir_all(&folder.0);
            fs::create_dir_all(&folder.0).unwrap();
            let parts = ExportParts::of(&sample_history(40, ENTRIES), 8);
            folder.write("key", &sample_key().verifier_key().to_string());
            folder.write("log.jsonl", &parts.lines().join("\n"));
            parts.notes.iter().for_each(|(size, note)| folder.write(&format!("head-{size}"), note));
            let mut forged = parts;
            forged.entries[3] = {
                let other = sample_history(41, 1)[0].encode();
                (other.clone(), leaf_hash(&other))
            };
            folder.write("forged-head-8", &head(&forged.hashes(), 8, &sample_key()).unwrap());
            folder
        }

        fn write(&self, name: &str, text: &str) {
            fs::write(self.0.join(name), text).unwrap();
        }

        /// Runs a line as typed in the folder; gives what was said and the exit status.
        fn say(&self, line: &str) -> String {
            let output = Command::new(env!("CARGO_BIN_EXE_audit-verify"))
                .args(line.split(' '))
                .current_dir(&self.0)
                .stdin(Stdio::null())
                .output()
                .unwrap();
            let said = [output.stdout, output.stderr].concat();
            format!("{}[{}]", String::from_utf8(said).unwrap(), output.status.code().unwrap())
        }

        fn edit(&self, name: &str, old: &str, new: &str) {
            let text = fs::read_to_string(self.0.join(name)).unwrap();
            assert!(text.contains(old), "{text}");
            self.write(name, &text.replacen(old, new, 1));
        }
    }

    #[test]
    fn one_entry_is_proved_to_the_holder_of_an_older_head_without_the_others() {
        let folder = Folder::new("proof-inclusion");
        let prove = "prove log.jsonl --key key --anchor head-24 --entry 17 --out proof.json";
        assert_eq!(folder.say(prove), "written: proof.json\n[0]");
        let text = fs::read_to_string(folder.0.join("proof.json")).unwrap();
        assert!(text.len() < 2_500, "a proof shows one entry, not the log: {} bytes", text.len());
        let history = sample_history(40, ENTRIES);
        let id = history[17].parts().entry;
        let proved = format!(
            "proved: entry {id} stands at 17 of 40 entries\n  {} at {}, outcome {}\n  \
             head signed 2026-01-01 00:00:40 UTC\n",
            history[17].parts().event,
            history[17].parts().at,
            history[17].parts().outcome
        );
        let inclusion = |anchor: &str| folder.say(&format!("inclusion proof.json --key key{anchor}"));
        assert_eq!(
            inclusion(" --anchor head-24 --anchor head-40"),
            format!("{proved}  one history with 2 signed heads from outside\n[0]")
        );
        assert!(inclusion("").contains("no head from outside"));
        // A head that the proof does not speak of, and one of a history that was rewritten.
        assert_eq!(
            inclusion(" --anchor head-16"),
            "not proved: the bundle is not tied to the head over 16 entries; ask for one that is\n[3]"
        );
        let prove = "prove log.jsonl --key key --anchor head-8 --out proof.json --entry ";
        assert_eq!(folder.say(&format!("{prove}{id}")), "written: proof.json\n[0]");
        assert_eq!(
            inclusion(" --anchor forged-head-8"),
            "not proved: the log was rewritten: its head and the one over 8 entries do not belong to one history\n[3]"
        );
        folder.edit("proof.json", "\"index\":17", "\"index\":16");
        assert_eq!(inclusion(" --anchor head-8"), "not proved: the proof leads to another root\n[3]");
    }

    #[test]
    fn no_proof_shows_another_entry() {
        let folder = Folder::new("proof-alone");
        folder.say("prove log.jsonl --key key --anchor head-24 --entry 17 --out proof.json");
        let text = fs::read_to_string(folder.0.join("proof.json")).unwrap();
        let export = fs::read_to_string(folder.0.join("log.jsonl")).unwrap();
        let leaf_of = |line: &str| {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            line["entry"]["leaf"].as_str().map(str::to_owned)
        };
        let leaves: Vec<String> = export.lines().filter_map(leaf_of).collect();
        let shown: Vec<usize> = (0..ENTRIES).filter(|index| text.contains(&leaves[*index])).collect();
        assert_eq!((leaves.len(), shown), (ENTRIES, vec![17]));
    }

    #[test]
    fn one_head_is_proved_to_have_grown_out_of_another() {
        let folder = Folder::new("proof-growth");
        let prove = "prove-growth log.jsonl --key key --anchor head-32 --anchor head-16 --out growth.json";
        assert_eq!(folder.say(prove), "written: growth.json\n[0]");
        assert_eq!(
            folder.say("growth growth.json --key key --anchor head-16 --anchor head-32"),
            "proved: the first 16 of 32 entries are those of the first head, unchanged\n  \
             heads signed 2026-01-01 00:00:16 UTC and 2026-01-01 00:00:32 UTC\n  \
             one history with 2 signed heads from outside\n[0]"
        );
        // Neither of its two heads is the one that this reader holds.
        assert!(folder.say("growth growth.json --key key --anchor head-24").ends_with("[3]"));
        assert!(folder.say("growth growth.json --key key --json").contains("\"proved\":true"));
        assert!(
            folder
                .say("prove-growth log.jsonl --key key --anchor head-8 --out x")
                .ends_with("signed head\n[1]")
        );
        // Out of a log that was rewritten nothing is proved.
        let forged = "prove-growth log.jsonl --key key --anchor forged-head-8 --anchor head-16 --out x";
        assert!(folder.say(forged).starts_with("not intact: "), "{}", folder.say(forged));
        assert!(!folder.0.join("x").exists());
    }

    #[test]
    fn an_entry_that_is_not_there_and_files_of_another_kind_are_told_apart() {
        let folder = Folder::new("proof-errors");
        let prove = |entry: &str| folder.say(&format!("prove log.jsonl --key key --out x --entry {entry}"));
        let absent = "not proved: no signed head in the export covers that entry\n[3]";
        assert_eq!(prove("40"), absent);
        assert_eq!(prove("00000000-0000-0000-0000-000000000000"), absent);
        assert_eq!(
            folder.say("inclusion log.jsonl --key key"),
            "error: log.jsonl is no proof of this kind\n[1]"
        );
        assert!(folder.say("prove - --key key --out x --entry 1").contains("read twice"));
        assert!(
            folder.say("inclusion x --key key --anchor log.jsonl").contains("no signed head of this log")
        );
    }

    #[test]
    fn the_tail_without_a_place_is_told_and_no_entry_of_it_is_proved() {
        let folder = Folder::new("proof-tail");
        let history = sample_history(40, ENTRIES + 2);
        let mut parts = ExportParts::of(&history[..ENTRIES], 8);
        parts.unsequenced = history[ENTRIES..].iter().map(Leaf::encode).collect();
        folder.write("log.jsonl", &parts.lines().join("\n"));
        assert!(
            folder
                .say("log.jsonl --key key")
                .contains("unsequenced: 2 committed entries without a place yet")
        );
        let id = history[ENTRIES].parts().entry;
        let said = folder.say(&format!("prove log.jsonl --key key --out x --entry {id}"));
        assert!(said.ends_with("[3]"), "{said}");
    }
}

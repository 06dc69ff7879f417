//! Faults planted in the database, each with exactly the clauses that it breaks an hour after the day.

/// What is wrong, the statements that plant it, and the clauses that it breaks.
pub(crate) type Fault = (&'static str, &'static str, &'static [u16]);

/// The patient of the day.
macro_rules! patient {
    () => {
        "'01940000-0000-7000-8000-000000000009'"
    };
}

/// The nurse of the day.
macro_rules! nurse {
    () => {
        "'01940000-0000-7000-8000-000000000002'"
    };
}

/// A copy of the patient's contact record with other words, which no entry of the log speaks of.
macro_rules! copied_record {
    ($category:literal, $class:literal, $anchor:literal, $anchor_at:literal) => {
        concat!(
            "INSERT INTO records SELECT (jsonb_populate_record(r, jsonb_build_object('record_id', gen_random_uuid(), \
             'category', '",
            $category,
            "', 'class', '",
            $class,
            "', 'anchor', '",
            $anchor,
            "', 'anchor_at', '",
            $anchor_at,
            "'))).* FROM records r WHERE category = 'identity-contact' AND subject_id = ",
            patient!()
        )
    };
}

/// The papers of a disposal of this class, today.
macro_rules! disposal {
    ($class:literal, $extent:literal, $kept:literal) => {
        concat!(
            "INSERT INTO disposals SELECT subject_id, '01940000-0000-7000-8000-0000000000aa', '",
            $class,
            "', '",
            $extent,
            "', clinic_id, ",
            nurse!(),
            ", '2026-11-10', '2026-11-17' FROM subjects WHERE subject_id = ",
            patient!(),
            "; INSERT INTO disposal_approvals SELECT d.subject_id, d.disposal_id, a.actor_id, d.clinic_id, '2026-11-10' \
             FROM disposals d CROSS JOIN (SELECT actor_id FROM actors ORDER BY actor_id LIMIT 2) a; \
             INSERT INTO disposal_outcomes SELECT subject_id, disposal_id, clinic_id, '2026-11-17T16:30:00Z', 3, '",
            $kept,
            "' FROM disposals"
        )
    };
}

/// Rows that say something else than what was published, sealed, signed or promised.
pub(crate) const ROWS: &[Fault] = &[
    (
        "a word outside the closed lists",
        "ALTER TABLE records ALTER COLUMN kind TYPE text; UPDATE records SET kind = 'wage' WHERE category = 'birth-date'",
        &[5, 9],
    ),
    (
        "the stored policy is not the one that was proved",
        "UPDATE clinic_documents SET content = content || '# edited' WHERE path = 'policy.toml'",
        &[
            12, 13, 14, 15, 19, 22, 25, 26, 27, 28, 29, 30, 32, 33, 34, 35, 36, 37, 39, 42, 43, 45, 46, 6,
            78, 90,
        ],
    ),
    (
        "the text of the notice is not what was published",
        "UPDATE clinic_documents SET content = replace(content, 'sin registrarse', 'tras registrarse') \
         WHERE path = 'clauses.toml'",
        &[2, 87, 89],
    ),
    (
        "a name in the clear where it should be sealed",
        concat!(
            "UPDATE records SET sealed = convert_to(repeat('Guadalupe Treviño Garza ', 9), 'UTF8') \
             WHERE category = 'identity-contact' AND subject_id = ",
            patient!()
        ),
        &[10, 18, 49],
    ),
    (
        "a person's own words in the clear",
        "UPDATE cases SET words = convert_to(repeat('Quiero una copia de mi expediente. ', 5), 'UTF8')",
        &[10, 49],
    ),
    (
        "one bit of a sealed record flipped",
        "UPDATE records SET sealed = set_byte(sealed, 120, get_byte(sealed, 120) # 1) WHERE kind = 'result' AND version = 1",
        &[18],
    ),
    (
        "a signed record moved to another category",
        "UPDATE records SET category = 'medications' WHERE kind = 'result' AND version = 2",
        &[18],
    ),
    (
        "a signed record under another author's name",
        concat!("UPDATE records SET author_id = ", nurse!(), " WHERE kind = 'result' AND version = 1"),
        &[18],
    ),
    (
        "a signed record by somebody who works nowhere",
        "UPDATE records SET author_id = gen_random_uuid() WHERE kind = 'result' AND version = 1",
        &[16, 17, 18],
    ),
    (
        "a signed record dated back",
        "UPDATE records SET recorded_at = recorded_at - interval '1 day' WHERE kind = 'result' AND version = 1",
        &[18],
    ),
    ("an attached file dated back", "UPDATE attachments SET stored_at = stored_at - interval '1 day'", &[18]),
    (
        "an attached file that is not sealed",
        "UPDATE attachments SET header = substring(convert_to(repeat('Hemoglobina ', 9), 'UTF8') FOR 64)",
        &[10, 49],
    ),
    ("the last medical act moved no floor", "DELETE FROM retention_floors WHERE class = 'clinical'", &[20]),
    ("a column that holds an age", "ALTER TABLE subjects ADD COLUMN age_years smallint", &[11]),
    (
        "a person whose home nobody wrote down",
        concat!("UPDATE subjects SET residence = NULL WHERE subject_id = ", patient!()),
        &[93],
    ),
    (
        "a complaint in the hands of whom it is about",
        concat!(
            "UPDATE cases SET case_document = case_document || jsonb_build_object('handler', ",
            nurse!(),
            ", 'complaint_about', ",
            nurse!(),
            ")"
        ),
        &[67],
    ),
];

/// Rows that no entry of the log accounts for, and rows that are gone.
pub(crate) const TRACES: &[Fault] = &[
    ("a record without its entry", copied_record!("travel", "travel", "last-contact", "2026-11-17"), &[51]),
    (
        "a clinical record without its entry, and so without a signature",
        copied_record!("medications", "clinical", "last-contact", "2026-11-17"),
        &[16, 17, 51],
    ),
    (
        "a website event on its last day, without its entry",
        copied_record!("web-pages", "website", "event", "2024-11-17T12:00:00Z"),
        &[51],
    ),
    (
        "a website event a day past its ceiling, and without its entry",
        copied_record!("web-pages", "website", "event", "2024-11-16T12:00:00Z"),
        &[51, 71, 74],
    ),
    (
        "the same beside an event of today, both without their entries: each has an end of its own",
        concat!(
            copied_record!("web-pages", "website", "event", "2024-11-16T12:00:00Z"),
            "; ",
            copied_record!("web-network", "website", "event", "2026-11-17T12:00:00Z")
        ),
        &[51, 71, 74],
    ),
    (
        "a stay past its end beside one of today, both without their entries",
        concat!(
            copied_record!("travel", "travel", "end-of-stay", "2024-11-16T12:00:00Z"),
            "; ",
            copied_record!("travel", "travel", "end-of-stay", "2026-11-17T12:00:00Z")
        ),
        &[51, 71],
    ),
    (
        "a consent without its entry",
        "INSERT INTO consents SELECT (jsonb_populate_record(c, jsonb_build_object('consent_id', gen_random_uuid()))).* \
         FROM consents c",
        &[51],
    ),
    (
        "a signed record erased before its day",
        "DELETE FROM records WHERE kind = 'result' AND version = 1",
        &[57, 72, 73],
    ),
    (
        "an attached file erased before its day",
        "DELETE FROM attachment_chunks; DELETE FROM attachments",
        &[57, 72, 73],
    ),
    (
        "another file in the place of an attached one",
        "UPDATE attachments SET content_hash = sha256('another')",
        &[51, 57, 72, 73],
    ),
    (
        "a disposal before the floor, without its certificate",
        disposal!("clinical", "class", "2001-01-01"),
        &[57, 72, 73],
    ),
    (
        "a disposal under a hold, without its certificate; the hold has no entry either",
        concat!(
            disposal!("travel", "items", "2025-11-17"),
            "; INSERT INTO legal_holds SELECT subject_id, gen_random_uuid(), clinic_id, '[]', 'Juzgado', '2026-11-12' \
             FROM disposals"
        ),
        &[51, 57, 77],
    ),
];

/// Faults in the log, and facts that make what it tells a breach.
pub(crate) const LOG: &[Fault] = &[
    ("an entry taken out of its place", "DELETE FROM log_positions WHERE tree_index = 7", &[3, 51, 54]),
    (
        "one bit of a decided entry flipped",
        "UPDATE log_entries SET leaf = set_byte(leaf, length(leaf) - 1, get_byte(leaf, length(leaf) - 1) # 1) \
         WHERE entry_id = (SELECT entry_id FROM log_positions ORDER BY tree_index DESC LIMIT 1)",
        &[3, 7, 54],
    ),
    (
        "two entries in each other's place",
        "UPDATE log_positions SET tree_index = CASE tree_index WHEN 3 THEN 9004 ELSE 9003 END WHERE tree_index IN (3, 4); \
         UPDATE log_positions SET tree_index = tree_index - 9000 WHERE tree_index > 9000",
        &[3, 54],
    ),
    (
        "a head that nobody signed",
        "UPDATE log_checkpoints SET note = replace(note, E'\\n\\n', E'\\nforged\\n\\n')",
        &[3, 54],
    ),
    (
        "the reasons of a decision altered",
        "UPDATE log_sides SET sealed = set_byte(sealed, 90, get_byte(sealed, 90) # 1) \
         WHERE entry_id = (SELECT entry_id FROM log_positions ORDER BY tree_index DESC LIMIT 1)",
        &[7],
    ),
    (
        "the key of the reasons taken away; a key that is destroyed by the rules keeps its row",
        concat!(
            "DELETE FROM keystore.wrappings WHERE class = 'accounting' AND subject_id = ",
            patient!(),
            "; DELETE FROM keystore.deks WHERE class = 'accounting' AND subject_id = ",
            patient!()
        ),
        &[7, 51],
    ),
    (
        "the key of the reasons destroyed: its decisions name their rules still",
        concat!(
            "DELETE FROM keystore.wrappings WHERE class = 'accounting' AND subject_id = ",
            patient!(),
            "; UPDATE keystore.deks SET state = 'destroyed' WHERE class = 'accounting' AND subject_id = ",
            patient!()
        ),
        &[],
    ),
    (
        "a reader without training",
        concat!("DELETE FROM clearance_entries WHERE kind = 'training' AND actor_id = ", nurse!()),
        &[58],
    ),
    (
        "a reader whose background check had lapsed",
        concat!(
            "UPDATE clearance_entries SET expires_on = '2026-11-10' WHERE kind = 'background-clear' AND actor_id = ",
            nurse!()
        ),
        &[60],
    ),
    (
        "a reader who signed later than they read",
        concat!(
            "UPDATE clearance_entries SET done_on = '2026-11-18' WHERE kind = 'undertaking' AND actor_id = ",
            nurse!()
        ),
        &[8],
    ),
    (
        "a reader whose name in the log was altered",
        concat!(
            "UPDATE actors SET pseudonym = set_byte(pseudonym, 70, get_byte(pseudonym, 70) # 1) WHERE actor_id = ",
            nurse!()
        ),
        &[8, 58, 60],
    ),
    (
        "permits against a restriction that was in force",
        "UPDATE restrictions SET starts_at = '2026-11-17T16:12:30Z'",
        &[64],
    ),
    (
        "a disclosure abroad that the person's home asked a mechanism for",
        concat!("UPDATE subjects SET residence = 'GB' WHERE subject_id = ", patient!()),
        &[79],
    ),
    (
        "a disclosure to a provider whose contract had ended; it is active still",
        "UPDATE clinic_documents SET content = regexp_replace(content, \
         '(name = \"Pecan Bend[^\\n]*\\n[^\\n]*\\n[^\\n]*\\ncontract = \\{ from = \"2025-01-01\", until = \")2031', '\\12026') \
         WHERE path = 'providers.toml'",
        &[40],
    ),
    (
        "a disclosure at a time when no notice was in force",
        "UPDATE clinic_documents SET content = replace(content, '\"2025-01\"', '\"2027-01\"') WHERE path = 'notice.toml'",
        &[41],
    ),
];

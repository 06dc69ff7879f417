//! Files at a terminal: attached, read in part and whole, refused, and sealed anew.

use std::os::unix::fs::PermissionsExt as _;

use expect_test::expect;

use crate::support::Terminal;

/// A patient who agreed to treatment; the patient and a physician and a nurse who take part in the care.
async fn patient(terminal: &Terminal) -> (String, String, String, String) {
    let reception = terminal.staff("reception").await;
    let who = ["people", "register", "--given", "Inés", "--surnames", "Peña", "--born", "1961-04-23"];
    let registered = terminal.json(&[who.as_slice(), &["--as", &reception]].concat()).await;
    let patient = registered["result"].as_str().unwrap().to_owned();
    let (physician, nurse) = (terminal.staff("physician").await, terminal.staff("nurse").await);
    for staff in [&physician, &nurse] {
        let related =
            terminal.run(&["people", "relate", &patient, "--staff", staff, "--as", &reception]).await;
        assert_eq!(related.status, 0, "{}", related.text);
    }
    let words = ["consents", "give", &patient, "--purpose", "treatment", "--form", "express-written"];
    let scope = [
        "--category",
        "laboratory",
        "--recipient-class",
        "internal",
        "--action",
        "read",
        "--action",
        "write",
    ];
    terminal.json(&[words.as_slice(), &scope, &["--as", &reception]].concat()).await;
    (patient, physician, nurse, reception)
}

#[tokio::test]
async fn a_file_goes_in_and_comes_out_for_whom_the_policy_says() {
    let terminal = Terminal::found("attachments").await;
    let (patient, physician, nurse, reception) = patient(&terminal).await;
    let content = "muestra ".repeat(5_000);
    let file = terminal.write("resultado.pdf", &content);
    let what = ["--category", "laboratory", "--purpose", "treatment", "--ground", "consent"];
    let attach = [["records", "attach", &patient, &file].as_slice(), &what].concat();
    assert_eq!(terminal.run(&attach).await.status, 2, "somebody answers for it");
    let attach = [attach.as_slice(), &["--as", &physician]].concat();
    expect![[r#"
        40000 bytes sealed; the record is <id>
        exit status 0
    "#]]
    .assert_eq(&terminal.run(&attach).await.blotted());
    let attached = terminal.json(&attach).await;
    let record = attached["result"]["record"].as_str().unwrap();
    assert_eq!(attached["result"]["bytes"].as_u64().unwrap(), content.len() as u64);

    let to = terminal.path("salida.pdf");
    let get =
        ["records", "attachment", "get", &patient, record, "--purpose", "treatment", "--ground", "consent"];
    let refused = terminal.run(&[get.as_slice(), &["--to", &to, "--as", &reception]].concat()).await;
    assert!(refused.status == 3 && refused.text.starts_with("refused: "), "{}", refused.text);
    assert!(!std::path::Path::new(&to).exists());
    let by_nurse = [get.as_slice(), &["--to", &to, "--as", &nurse]].concat();
    expect![[r#"
        40000 of 40000 bytes of `resultado.pdf` (application/pdf) written
        exit status 0
    "#]]
    .assert_eq(&terminal.run(&by_nurse).await.blotted());
    assert_eq!(std::fs::read_to_string(&to).unwrap(), content);
    assert_eq!(std::fs::metadata(&to).unwrap().permissions().mode() & 0o777, 0o600);
    let again = terminal.run(&by_nurse).await;
    assert_eq!(again.status, 1, "a file that is there is left alone: {}", again.text);
    assert_eq!(std::fs::read_to_string(&to).unwrap(), content);

    let part = terminal.path("parte.txt");
    let words = [get.as_slice(), &["--to", &part, "--bytes", "16384-16399", "--as", &nurse]].concat();
    let got = terminal.json(&words).await;
    assert_eq!((&got["result"]["written"], &got["result"]["file"]), (&16.into(), &"resultado.pdf".into()));
    assert_eq!(std::fs::read(&part).unwrap(), content.as_bytes()[16384..16400]);
    for wrong in ["9-3", "x", "1", "-2-3"] {
        let bytes = format!("--bytes={wrong}");
        let words = [get.as_slice(), &["--to", "x", &bytes, "--as", &nurse]].concat();
        assert_eq!(terminal.run(&words).await.status, 2, "{wrong}");
    }
    let by_reception =
        [["records", "attach", &patient, &file].as_slice(), &what, &["--as", &reception]].concat();
    assert_eq!(terminal.run(&by_reception).await.status, 3);
    let shown = ["records", "show", &patient, "--purpose", "treatment", "--ground", "consent"];
    let shown =
        terminal.run(&[shown.as_slice(), &["--category", "laboratory", "--as", &nurse]].concat()).await;
    assert!(shown.text.contains("document: application/pdf resultado.pdf"), "{}", shown.text);
}

/// The dry run of a rotation: decided and entered, because it is about a person, and nothing else.
async fn what_a_new_key_would_be(terminal: &Terminal, rotate: &[&str], nurse: &str) {
    let dry = [rotate, &["--dry-run"]].concat();
    let as_json = [dry.as_slice(), &["--json"]].concat();
    let said = terminal.run_only_entered(&[&dry, &as_json]).await;
    expect![[r#"
        the clinical key: version 2 would seal from then on, version 1 only open
        1 versions of records and 1 attached files stay sealed as they are
        nothing was changed
        exit status 0
    "#]]
    .assert_eq(&said[0].blotted());
    expect![[r#"
        {
          "class": "clinical",
          "files": 1,
          "keys": [
            {
              "made": 2,
              "month": null,
              "retired": 1
            }
          ],
          "records": 1
        }
        exit status 0
    "#]]
    .assert_eq(&said[1].blotted());
    let by_nurse = [&rotate[..7], &[nurse, "--dry-run"]].concat();
    assert_eq!(
        terminal.run_only_entered(&[&by_nurse]).await[0].status,
        3,
        "it is about a person, so it is decided"
    );
    assert_eq!(terminal.run(&[&rotate[..6], &["--dry-run"]].concat()).await.status, 2, "and somebody asks");
}

#[tokio::test]
async fn files_are_sealed_anew_before_their_records_and_the_doctor_names_one_that_does_not_open() {
    let terminal = Terminal::found("attachments_keys").await;
    let (patient, physician, nurse, _) = patient(&terminal).await;
    let director = terminal.staff("director").await;
    let file = terminal.write("placa.png", "placa");
    let what =
        ["--category", "laboratory", "--purpose", "treatment", "--ground", "consent", "--as", &physician];
    terminal.json(&[["records", "attach", &patient, &file].as_slice(), &what].concat()).await;
    let rotate = ["vault", "rotate-dek", "--person", &patient, "--class", "clinical", "--as", &director];
    what_a_new_key_would_be(&terminal, &rotate, &nurse).await;
    let dry = [rotate.as_slice(), &["--dry-run"]].concat();
    assert_eq!(terminal.run(&rotate).await.status, 0);
    let again = terminal.run(&dry).await;
    assert!(again.text.contains("version 3 would seal from then on, version 2 only open"), "{}", again.text);
    let unknown = [
        "--person",
        "01920000-0000-7000-8000-00000000ffff",
        "--class",
        "clinical",
        "--dry-run",
        "--as",
        &director,
    ];
    let unknown = terminal.run(&[["vault", "rotate-dek"].as_slice(), &unknown].concat()).await;
    assert!(unknown.status == 1 && unknown.text.contains("no such person"), "{}", unknown.text);
    let no_key =
        ["vault", "rotate-dek", "--person", &patient, "--class", "voucher", "--dry-run", "--as", &director];
    let no_key = terminal.run(&no_key).await;
    assert!(no_key.status == 1 && no_key.text.contains("is missing or was destroyed"), "{}", no_key.text);
    expect![[r#"
        0 versions of records sealed anew, 1 wait
        0 attached files sealed anew, 1 wait
        exit status 0
    "#]]
    .assert_eq(&terminal.run(&["vault", "reseal", "--dry-run"]).await.blotted());
    expect![[r#"
        1 versions of records sealed anew, 0 wait
        1 attached files sealed anew, 0 wait
        exit status 0
    "#]]
    .assert_eq(&terminal.run(&["vault", "reseal", "--as", &director]).await.blotted());
    let left = terminal.json(&["vault", "reseal", "--dry-run"]).await;
    assert_eq!((&left["waiting"], &left["files_waiting"]), (&0.into(), &0.into()));
    let damaged = "UPDATE resguardo.attachment_chunks SET sealed = set_byte(sealed, 0, get_byte(sealed, 0) # 1) \
        WHERE dek_version = 2";
    terminal.tamper(damaged).await;
    let found = terminal.run(&["vault", "doctor", "--as", &director, "--json"]).await;
    let found: serde_json::Value = serde_json::from_str(&found.text).unwrap();
    assert_eq!(found["findings"][0]["code"], "file-does-not-open");
    assert_eq!(found["findings"][1]["code"], "rolled-back");
}

#[tokio::test]
async fn what_a_disposal_would_destroy_and_what_would_survive_is_said_before() {
    let terminal = Terminal::found("attachments_shred").await;
    let (patient, physician, _, _) = patient(&terminal).await;
    let officer = terminal.staff("privacy-officer").await;
    let file = terminal.write("placa.png", "placa");
    let what =
        ["--category", "laboratory", "--purpose", "treatment", "--ground", "consent", "--as", &physician];
    terminal.json(&[["records", "attach", &patient, &file].as_slice(), &what].concat()).await;
    terminal
        .tamper(
            "UPDATE records SET anchor_at = '2001-01-01', kind = 'result' WHERE class = 'clinical'; \
             UPDATE retention_floors SET anchor_at = '2001-01-01', keep_through = '2008-01-01' WHERE class = 'clinical'",
        )
        .await;
    let propose = ["retention", "propose", &patient, "--class", "clinical", "--as", &officer, "--json"];
    let proposed = terminal.json(&propose[..7]).await;
    let proposal = &proposed["proposals"][0];
    let disposal = proposal["disposal"].as_str().unwrap();
    assert!(proposal["records"].is_null(), "all of it");
    for verb in [["vault", "shred"], ["retention", "dispose"]] {
        let dry = [verb.as_slice(), &[disposal, "--dry-run", "--as", &officer]].concat();
        let said = terminal.run_only_entered(&[&dry]).await;
        expect![[r"
            would go: 1 record(s) of the class clinical and 1 key(s)
              would survive: older copies of the keystore under epoch 1, until that epoch is ended
              not yet: 1 approval(s) by different people who are privacy officer or director are missing; `retention approve` enters one
              not yet: the waiting period of this disposal is not over; carry it out
            exit status 3
        "]]
        .assert_eq(&without_instant(&said[0].blotted()));
    }
}

/// The waiting period goes by the database's clock, which is not the test's.
fn without_instant(text: &str) -> String {
    let (before, after) = text.split_once(" after ").unwrap();
    format!("{before}{}", &after[after.find('\n').unwrap()..])
}

//! What the log says about one person, and what in it somebody should look at.

use chrono::TimeDelta;
use expect_test::expect;

use crate::main_job::PROVIDER;
use crate::support::Terminal;

/// A patient whose medications were sent abroad twice; their id, the officer's, the physician's, reception's.
async fn sent_twice(terminal: &Terminal) -> [String; 4] {
    let imported = terminal.json(&["records", "import", &terminal.bundle(3, &[])]).await;
    let patient = imported["bundles"][0]["subject"].as_str().unwrap();
    let (reception, physician) = (terminal.staff("reception").await, terminal.staff("physician").await);
    let related = ["people", "relate", patient, "--staff", &physician, "--as", &reception];
    assert_eq!(terminal.run(&related).await.status, 0);
    let give = ["consents", "give", patient, "--form", "express-written", "--purpose", "care-coordination"];
    let scope =
        ["--category", "medications", "--country", "abroad", "--recipient-class", "treating-provider"];
    let whom = ["--recipient", PROVIDER, "--as", &reception];
    terminal.json(&[give.as_slice(), &scope, &whom].concat()).await;
    let send = ["disclosures", "send", patient, "--to", PROVIDER, "--purpose", "care-coordination"];
    let send =
        [send.as_slice(), &["--ground", "consent", "--category", "medications", "--as", &physician]].concat();
    for _ in 0..2 {
        assert_eq!(terminal.run(&send).await.status, 0);
    }
    [patient.to_owned(), terminal.staff("privacy-officer").await, physician, reception]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_is_told_who_was_given_their_data_and_who_looked() {
    let mut terminal = Terminal::found("oversight").await;
    let [patient, officer, physician, reception] = sent_twice(&terminal).await;
    terminal.wait(TimeDelta::minutes(1));
    let accounting = ["audit", "accounting", "--person", &patient, "--as", &officer, "--lang", "es"];
    let printed = terminal.run(&accounting).await.blotted();
    let (table, head) = printed.split_once("cabecera firmada").unwrap();
    expect![[r#"
         primera      última       veces   a quién                                                                    qué                          para qué
        ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
         2026-11-17   2026-11-17   2       Pecan Bend Internal Medicine, Texas (invented) (médico tratante externo)   medicamentos y suplementos   coordinación con otros médicos
    "#]].assert_eq(table);
    assert!(head.contains("resguardo/"), "{head}");

    let file = terminal.path("accounting.csv");
    let written = [accounting.as_slice(), &["--out", &file, "--format", "csv"]].concat();
    assert_eq!(terminal.run(&written).await.status, 0);
    let csv = std::fs::read_to_string(&file).unwrap();
    assert!(csv.starts_with("Primera vez,") && csv.contains("2026-11-17,2026-11-17,2,"), "{csv}");
    assert!(csv.contains("resguardo/"), "the signed head goes along: {csv}");

    // On the person's own request it is first proved who asks; and a physician oversees nothing.
    let asked = terminal.run(&[accounting.as_slice(), &["--on-request"]].concat()).await;
    assert_eq!(asked.status, 3, "{}", asked.text);
    let refused = ["audit", "looks", "--person", &patient, "--as", &physician];
    assert_eq!(terminal.run(&refused).await.status, 3);

    terminal.wait(TimeDelta::minutes(1));
    let looks = ["audit", "looks", "--person", &patient, "--as", &officer];
    let shown = terminal.json(&looks).await;
    let first = &shown["looks"][0];
    assert!(shown["looks"].as_array().unwrap().len() > 1, "{shown}");
    assert!(first["role"].is_string() && first["name"].is_null(), "{shown}");
    let page = terminal.path("looks.html");
    let printed = terminal.run(&[looks.as_slice(), &["--out", &page, "--format", "html"]].concat()).await;
    assert!(printed.text.contains("privacy officer"), "{}", printed.text);
    assert!(std::fs::read_to_string(&page).unwrap().contains("Who looked at your record"));

    // An oral statement that was made long ago hides nothing any more, and says so.
    let suspend = ["audit", "suspend", "--person", &patient, "--oral", "--words", "Por teléfono"];
    let late = [suspend.as_slice(), &["--stated-at", "2026-10-01T00:00:00Z", "--as", &officer]].concat();
    expect![[r#"
        error: this suspension would be over already; nothing is hidden by it
        exit status 1
    "#]]
    .assert_eq(&terminal.run(&late).await.blotted());
    let now = [suspend.as_slice(), &["--as", &officer]].concat();
    expect![[r#"
        suspended; it ends by itself on 2026-12-17T16:02:00Z
        exit status 0
    "#]]
    .assert_eq(&terminal.run(&now).await.blotted());
    assert_eq!(terminal.run(&[suspend.as_slice(), &["--as", &reception]].concat()).await.status, 3);
    assert_eq!(terminal.run(&[&suspend[..4], &["--words", "x", "--as", &officer]].concat()).await.status, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pattern_is_raised_once_and_closed_by_somebody_else() {
    let mut terminal = Terminal::found("alerts").await;
    let [patient, officer, ..] = sent_twice(&terminal).await;
    let nurse = terminal.staff("nurse").await;
    for _ in 0..6 {
        let read = [
            "records",
            "show",
            &patient,
            "--purpose",
            "treatment",
            "--ground",
            "consent",
            "--category",
            "laboratory",
        ];
        assert_eq!(terminal.run(&[read.as_slice(), &["--as", &nurse]].concat()).await.status, 3);
        terminal.wait(TimeDelta::minutes(1));
    }
    let look = ["audit", "alerts", "--look-back", "30", "--as", &officer];
    let seen = terminal.json(&look).await;
    assert_eq!((&seen["raised"], &seen["waiting"][0]["rule"]), (&1.into(), &"denial-burst".into()), "{seen}");
    assert_eq!(seen["waiting"][0]["actor"], nurse.as_str());
    assert_eq!(terminal.json(&look).await["raised"], 0, "raised once");
    expect![[r#"
        esperan veredicto: 1; nuevas: 0
         regla          primero             último              actos   quién                                  alerta
        ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
         denial-burst   2026-11-17T16:00Z   2026-11-17T16:05Z   12      <id>   <id>
        exit status 0
    "#]]
        .assert_eq(&terminal.run(&["audit", "alerts", "--as", &officer, "--lang", "es"]).await.blotted());
    let alert = seen["waiting"][0]["alert"].as_str().unwrap();
    let verdict = ["audit", "verdict", alert, "explained", "--as"];
    assert_eq!(terminal.run(&[verdict.as_slice(), &[&nurse]].concat()).await.status, 3);
    let closed = terminal.run(&[verdict.as_slice(), &[&officer]].concat()).await;
    expect![[r#"
        closed
        exit status 0
    "#]]
    .assert_eq(&closed.blotted());
    let again = terminal.run(&[verdict.as_slice(), &[&officer]].concat()).await;
    assert_eq!(again.status, 1, "{}", again.text);
    let after = terminal.run(&["audit", "alerts", "--as", &officer]).await;
    expect![[r#"
        waiting for a verdict: 0; new: 0
        denial-burst: 0 / 1 confirmed (0 %)
        exit status 0
    "#]]
    .assert_eq(&after.blotted());
    let none = terminal.run(&["audit", "reviews", "--as", &officer]).await;
    assert_eq!((none.status, none.text.as_str()), (0, "nothing to review\n"));
}

//! The front desk, the officer and the records custodian at a terminal.

use chrono::TimeDelta;
use expect_test::expect;

use crate::support::Terminal;

#[tokio::test]
async fn a_request_is_listed_with_the_derivation_of_its_date_until_it_is_overdue() {
    let mut terminal = Terminal::found("requests").await;
    let reception = terminal.staff("reception").await;
    let born = ["--born", "1961-04-23", "--phone", "+52 81 1234 5678"];
    let who = ["people", "register", "--given", "Inés", "--surnames", "Peña", "--as", &reception];
    let register = [who.as_slice(), &born].concat();
    let registered = terminal.json(&register).await;
    let person = registered["result"].as_str().unwrap();

    // The same person again is shown before anything is written.
    let twice = terminal.run(&register).await;
    assert_eq!(twice.status, 3);
    assert!(twice.text.contains(person) && twice.text.contains("--not-a-duplicate"), "{}", twice.text);
    // Whoever may not search does not learn by the way that somebody is on file.
    let marketing = terminal.staff("marketing").await;
    let who = ["people", "register", "--given", "Inés", "--surnames", "Peña", "--as", &marketing];
    let refused = terminal.run(&[who.as_slice(), &born].concat()).await;
    assert_eq!(refused.status, 3);
    assert!(!refused.text.contains(person) && !refused.text.contains("on file"), "{}", refused.text);
    let found = terminal.run(&["people", "find", "--name", "peña ines", "--as", &reception]).await;
    assert_eq!((found.status, found.text.trim()), (0, person));

    let open = ["requests", "open", person, "--right", "access", "--channel", "post", "--as", &reception];
    let opened = terminal.run(&[open.as_slice(), &["--received", "2026-11-16"]].concat()).await;
    expect![[r#"
        request <id> logged
          access: answer by 2026-12-15; 28 days left
            Start: 2026-11-16 in America/Monterrey (time zone tables 2025b).
            CLINIC-POLICY/D-01: 30 calendar days -> 2026-12-16 (promise; policy section 6; A)
            MX-LFPDPPP-2025/D-02: 20 business days; MX-LFPA-28; without 8 weekend days; without 2026-11-20 (20 de noviembre) -> 2026-12-15 (law; LFPDPPP art. 31; restart: Reglamento 2011 art. 96 (B); A)
            Committed date: 2026-12-15, set by MX-LFPDPPP-2025/D-02. Alarm: 2026-12-11.
        proof still needed: identity
        exit status 0
    "#]].assert_eq(&opened.blotted());
    let future = terminal.run(&[open.as_slice(), &["--received", "2026-12-24"]].concat()).await;
    assert_eq!(future.status, 2);
    assert_eq!(terminal.run(&["requests", "list"]).await.status, 0);
    terminal.wait(TimeDelta::days(60));
    let overdue = terminal.run(&["requests", "list"]).await;
    assert_eq!(overdue.status, 3);
    assert!(overdue.text.contains("overdue for "), "{}", overdue.text);
}

#[tokio::test]
async fn the_policy_decides_without_any_patient() {
    let terminal = Terminal::found("decide").await;
    let decide = ["policy", "decide", "--role", "nurse", "--purpose", "treatment", "--ground", "consent"];
    let facts = ["--fact", "training", "--fact", "background-check", "--fact", "undertaking"];
    let about = ["--fact", "care-relation", "--fact", "in-person", "--category", "laboratory"];
    let words = [decide.as_slice(), &facts, &about].concat();
    let without = terminal.run(&words).await;
    assert_eq!(without.status, 3, "{}", without.text);
    let with = terminal.run(&[words.as_slice(), &["--consent", "express-written"]].concat()).await;
    expect![[r#"
        permitted
          - Those who care for you read your record for your treatment, with your written consent. (P-25, P-26, P-27, P-51; rule care-read)
        exit status 0
    "#]].assert_eq(&with.blotted());
    let sale = ["policy", "decide", "--role", "director", "--purpose", "sale", "--ground", "consent"];
    let sale = terminal.run(&[sale.as_slice(), &["--category", "laboratory"]].concat()).await;
    assert_eq!(sale.status, 3);
    assert!(sale.text.contains("P-37"), "{}", sale.text);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn retention_and_promises_are_reported() {
    let terminal = Terminal::found("reports").await;
    terminal.json(&["records", "import", &terminal.bundle(4, &[])]).await;
    let review = terminal.run(&["retention", "review", "all"]).await;
    assert!(review.text.contains("clinical"), "{}", review.text);
    let report = terminal.run(&["promises", "report", "--json"]).await;
    let value: serde_json::Value = serde_json::from_str(&report.text).unwrap();
    assert_eq!(value["clauses"].as_array().unwrap().len(), 93);
    // The example clinic's register holds a provider whose contract is over, so one promise at least is broken.
    assert_eq!(report.status, 3);
    let hint = terminal.run(&["people", "find", "--name", "nadie", "--purpose", "marketing"]).await;
    assert_eq!(hint.status, 2, "{}", hint.text);
}

#[tokio::test]
async fn a_document_that_breaks_a_promise_is_not_put_in_force_and_says_who_would_see_what() {
    let terminal = Terminal::found("activate").await;
    let officer = terminal.staff("privacy-officer").await;
    let nurse = terminal.staff("nurse").await;
    let documents = clinic_runtime::example_clinic(clinic_runtime::ExampleClinic::Elicells);
    let (_, policy) = documents.into_iter().find(|(name, _)| name == "policy.toml").unwrap();

    // One word: the hotel among those who receive records on a consent.
    let by_consent = "by-consent-only = [\"treating-provider\"";
    assert!(policy.contains(by_consent));
    let exposed = policy.replace(by_consent, "by-consent-only = [\"hotel\", \"treating-provider\"").replace(
        "[[rule]]\nid = \"lodging-and-transport-see-no-medical-data\"",
        "[[rule]]\nid = \"lodging-only-on-sundays\"\nclauses = [\"P-40\"]\neffect = \"forbid\"\naction = [\"collect\"]\n         recipient = [\"hotel\"]\nreason.es = \"no\"\nreason.en = \"no\"\n\n[[rule]]\nid = \"transport-sees-no-medical-data\"",
    );
    let exposed = exposed.replace(
        "recipient = [\"lodging-and-transport\"]\nreason.es = \"Un hotel",
        "recipient = [\"transport\"]\nreason.es = \"Un hotel",
    );
    let file = terminal.write("policy.toml", &exposed);
    let refused = terminal.run(&["clinic", "activate", &file, "--as", &officer]).await;
    assert_eq!(refused.status, 1, "{}", refused.text);
    assert!(refused.text.contains("hotel"), "{}", refused.text);

    // A new version that keeps the promises is put in force, by whoever answers for privacy and by nobody else.
    let next = policy.replace("version = \"elicells-2025.1\"", "version = \"elicells-2025.2\"");
    let file = terminal.write("policy.toml", &next);
    let by_nurse = terminal.run(&["clinic", "activate", &file, "--as", &nurse]).await;
    assert_eq!(by_nurse.status, 3, "{}", by_nurse.text);
    let activated = terminal.run(&["clinic", "activate", &file, "--as", &officer]).await;
    assert_eq!((activated.status, activated.text.trim()), (0, "policy.toml is in force"));
}

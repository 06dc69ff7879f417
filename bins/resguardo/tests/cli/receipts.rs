//! Receipts and withdrawals: what the person holds, and what is known before anything ends.

use expect_test::expect;

use crate::main_job::PROVIDER;
use crate::support::Terminal;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receipt_is_checked_without_the_clinic_and_a_withdrawal_says_first_what_it_does() {
    let terminal = Terminal::found("receipts").await;
    let imported = terminal.json(&["records", "import", &terminal.bundle(3, &[])]).await;
    let patient = imported["bundles"][0]["subject"].as_str().unwrap();
    let (reception, physician) = (terminal.staff("reception").await, terminal.staff("physician").await);
    let related = ["people", "relate", patient, "--staff", &physician, "--as", &reception];
    assert_eq!(terminal.run(&related).await.status, 0);
    let give = ["consents", "give", patient, "--form", "express-written", "--purpose", "care-coordination"];
    let scope =
        ["--category", "medications", "--country", "abroad", "--recipient-class", "treating-provider"];
    let whom = ["--recipient", PROVIDER, "--as", &reception];
    let given = terminal.json(&[give.as_slice(), &scope, &whom].concat()).await;
    let consent = given["result"]["consent"].as_str().unwrap();

    let before = preview(&terminal, patient, consent, &reception).await;
    assert_eq!(before["received"], serde_json::json!([]), "{before}");
    let send = ["disclosures", "send", patient, "--to", PROVIDER, "--purpose", "care-coordination"];
    let send =
        [send.as_slice(), &["--ground", "consent", "--category", "medications", "--as", &physician]].concat();
    for _ in 0..2 {
        assert_eq!(terminal.run(&send).await.status, 0);
    }
    let after = preview(&terminal, patient, consent, &reception).await;
    assert_eq!(after["received"][0]["recipient"], PROVIDER, "{after}");
    assert_eq!(after["received"][0]["times"], 2);
    assert_eq!(after["stops"][0]["categories"], serde_json::json!(["medications"]));
    let dry = ["consents", "withdraw", patient, consent, "--dry-run", "--as", &reception];
    expect![[r#"
        nothing has been withdrawn yet; without --dry-run, from that moment on:
        stops:
          medications for care-coordination, treating-provider
        to be told, because they received something under it:
          treating-provider Pecan Bend Internal Medicine, Texas (invented): medications, 2 times, last on 2026-11-17
        kept all the same, because the law or the clinic's promise asks for it:
          clinical through 2031-12-31
          identity through 2031-12-31
        exit status 0
    "#]].assert_eq(&terminal.run(&dry).await.blotted());
    assert_eq!(terminal.run(&send).await.status, 0, "a preview ends nothing");

    check_receipt(&terminal, patient, consent, &reception).await;
    let withdrawn = terminal.json(&["consents", "withdraw", patient, consent, "--as", &reception]).await;
    assert_eq!(withdrawn["result"]["received"][0]["times"], 3, "{withdrawn}");
    assert!(withdrawn["result"]["checkpoint"].as_str().unwrap().starts_with("resguardo/"), "{withdrawn}");
    assert_eq!(terminal.run(&send).await.status, 3);
    let ended = body(&terminal, patient, consent, &reception).await;
    assert_eq!(ended["events"][1]["event_state"], "withdrawn");
}

async fn preview(terminal: &Terminal, patient: &str, consent: &str, by: &str) -> serde_json::Value {
    terminal.json(&["consents", "withdraw", patient, consent, "--dry-run", "--as", by]).await
}

async fn check_receipt(terminal: &Terminal, patient: &str, consent: &str, by: &str) {
    let (export, key) = (terminal.path("log.jsonl"), terminal.path("key"));
    assert_eq!(terminal.run(&["audit", "export", "--out", &export, "--key-out", &key]).await.status, 0);
    let file = terminal.path("receipt.txt");
    let made = terminal.run(&["consents", "receipt", patient, consent, "--out", &file, "--as", by]).await;
    assert_eq!(made.status, 0, "{}", made.text);
    let genuine = apart(&["consents", "verify-receipt", &file, "--key", &key]).await;
    assert!(
        genuine.contains("genuine: signed by resguardo/") && genuine.contains("carries the head"),
        "{genuine}"
    );
    let text = std::fs::read_to_string(&file).unwrap();
    let forged = terminal.write("forged.txt", &text.replace("medications", "laboratory"));
    let forged = apart(&["consents", "verify-receipt", &forged, "--key", &key]).await;
    assert_eq!(forged, "not genuine: the signature does not fit the text\n");
    let body = body(terminal, patient, consent, by).await;
    expect![[r#"
        authority_party
        checkpoint
        collection_method
        events
        excluded
        geographic_restrictions
        issued_at
        jurisdiction
        language
        lawful_basis
        pii_controllers
        pii_information
        pii_principal_id
        privacy_notice
        privacy_rights
        processing_locations
        processing_method
        purposes
        recipient_third_parties
        record_id
        retention_period
        schema_version
        sensitive
        storage_locations
        withdrawal_method"#]]
    .assert_eq(&keys(&body));
    for (pointer, expected) in [
        ("/collection_method", "signed-paper"),
        ("/lawful_basis/form", "express-written"),
        ("/purposes/0/purpose", "care-coordination"),
        ("/recipient_third_parties/0/class", "treating-provider"),
        ("/pii_information/0/pii_type", "medications"),
        ("/pii_controllers/0/party_name", "Elicells"),
        ("/jurisdiction", "MX"),
    ] {
        assert_eq!(
            body.pointer(pointer).and_then(|value| value.as_str()),
            Some(expected),
            "{pointer}: {body}"
        );
    }
    for language in ["es", "en"] {
        for place in ["/purposes/0/text", "/withdrawal_method", "/privacy_rights", "/authority_party/0"] {
            let said = body.pointer(&format!("{place}/{language}")).and_then(|text| text.as_str());
            assert!(said.is_some_and(|text| !text.is_empty()), "{place} in {language}: {body}");
        }
    }
    assert_eq!(body["sensitive"], true);
    assert_eq!(body["privacy_notice"]["sha256"].as_str().unwrap().len(), 64);
}

/// The body of a receipt, as its signature binds it.
async fn body(terminal: &Terminal, patient: &str, consent: &str, by: &str) -> serde_json::Value {
    let receipt = terminal.json(&["consents", "receipt", patient, consent, "--as", by]).await;
    let text = receipt["receipt"].as_str().unwrap();
    serde_json::from_str(text.lines().nth(1).unwrap()).unwrap()
}

fn keys(body: &serde_json::Value) -> String {
    body.as_object().unwrap().keys().map(String::as_str).collect::<Vec<_>>().join("\n")
}

/// Runs a command that opens no clinic.
async fn apart(words: &[&str]) -> String {
    use clap::Parser as _;
    let cli = resguardo_cli::Cli::try_parse_from(["resguardo"].iter().chain(words)).unwrap();
    let mut out = Vec::new();
    resguardo_cli::run(cli, &mut out).await.unwrap();
    String::from_utf8(out).unwrap()
}

#[tokio::test]
async fn a_log_that_was_put_back_is_told_and_a_head_can_be_time_stamped() {
    let terminal = Terminal::found("log_behind").await;
    let paths = ["log.jsonl", "head", "head.tsq"].map(|name| terminal.path(name));
    let [export, head, request] = &paths;
    let words =
        ["audit", "export", "--out", export, "--anchor-out", head, "--timestamp-request-out", request];
    assert_eq!(terminal.run(&words).await.status, 0);
    let kept = std::fs::read_to_string(head).unwrap();
    assert_eq!(std::fs::read(request).unwrap(), audit_log::timestamp_request(&kept));
    let alone = terminal.run(&["audit", "export", "--out", export, "--timestamp-request-out", request]).await;
    assert_eq!(alone.status, 2, "a time stamp is of a head that is kept");
    // The last entries and heads are taken away: what is left verifies, and is behind the head beside the key.
    let first = "(SELECT min(tree_size) FROM resguardo.log_checkpoints)";
    let cut = format!(
        "DELETE FROM resguardo.log_entries WHERE entry_id IN \
             (SELECT entry_id FROM resguardo.log_positions WHERE tree_index >= {first}); \
         DELETE FROM resguardo.log_positions WHERE tree_index >= {first}; \
         DELETE FROM resguardo.log_checkpoints WHERE tree_size > {first}"
    );
    terminal.tamper(&cut).await;
    let told = terminal.run(&["audit", "verify"]).await;
    assert!(told.status == 3 && told.text.starts_with("not intact: "), "{}", told.text);
    assert!(told.text.contains("behind a head that was signed before"), "{}", told.text);
}

//! The main job at a terminal: import, consent, read, refuse, withdraw, and a log that a stranger checks.

use audit_log::{Anchors, VerifierKey, verify_export};
use expect_test::expect;

use crate::support::Terminal;

/// The treating physician abroad of the example clinic's register.
pub(crate) const PROVIDER: &str = "01941f29-7c00-7a01-8000-000000000004";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_main_job_from_import_to_a_checked_log() {
    let terminal = Terminal::found("main_job").await;
    let (one, two) = (terminal.bundle(0, &[]), terminal.bundle(1, &[]));
    let first = terminal.json(&["records", "import", &one, &two]).await;
    let items = first["new"].as_u64().unwrap();
    assert!(items >= 900, "{items}");
    let patient = first["bundles"][0]["subject"].as_str().unwrap();

    // The same again, one of them twice at once: nothing new.
    let again = terminal.json(&["records", "import", &one, &two, &one]).await;
    assert_eq!((again["new"].as_u64(), again["addenda"].as_u64()), (Some(0), Some(0)));
    assert_eq!(again["bundles"][2]["subject"], patient);

    let (reception, nurse) = (terminal.staff("reception").await, terminal.staff("nurse").await);
    let queue = terminal.json(&["consents", "to-collect"]).await;
    assert_eq!(queue["patients_without_consent"], 2, "an import creates no consent");
    let related = terminal.run(&["people", "relate", patient, "--staff", &nurse, "--as", &reception]).await;
    assert_eq!(related.status, 0, "{}", related.text);

    before_consent(&terminal, patient, &nurse).await;
    let consent = consent_to_care(&terminal, patient, &reception).await;
    with_consent(&terminal, patient, &nurse).await;
    never(&terminal, patient, (&nurse, &reception)).await;

    let withdrawn = terminal.run(&["consents", "withdraw", patient, &consent, "--as", &reception]).await;
    assert_eq!(withdrawn.status, 0, "{}", withdrawn.text);
    assert_eq!(show(&terminal, patient, &nurse, "treatment").await.status, 3);

    a_stranger_checks(&terminal).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn imports_at_the_same_moment_register_a_person_once() {
    let terminal = Terminal::found("same_moment").await;
    let one = terminal.bundle(5, &[]);
    let imported = terminal.json(&["records", "import", &one, &one, &one, &one]).await;
    let bundles = imported["bundles"].as_array().unwrap();
    assert!(bundles.iter().all(|bundle| bundle["subject"] == bundles[0]["subject"]), "{imported}");
    assert_eq!(imported["unchanged"].as_u64().unwrap(), 3 * imported["new"].as_u64().unwrap());
    assert_eq!(bundles.iter().filter(|bundle| bundle["person"] == "new").count(), 1);
    let queue = terminal.json(&["consents", "to-collect"]).await;
    assert_eq!(queue["patients_without_consent"], 1);
}

async fn show(terminal: &Terminal, patient: &str, actor: &str, purpose: &str) -> crate::support::Printed {
    let what = ["records", "show", patient, "--purpose", purpose, "--ground", "consent"];
    terminal.run(&[what.as_slice(), &["--category", "laboratory", "--as", actor]].concat()).await
}

async fn before_consent(terminal: &Terminal, patient: &str, nurse: &str) {
    let refused = show(terminal, patient, nurse, "treatment").await;
    expect![[r#"
        0 records shown; 0 of 1 decisions permit
        laboratory: refused: nobody allowed it
          - There is no express written consent of the person in force for this. (P-25, P-26, P-27, P-51; rule care-read)
          - The policy allows only what it lists, and this is not on the list. (P-38)
        something is withheld from this reader
        exit status 3
    "#]].assert_eq(&refused.blotted());
}

async fn consent_to_care(terminal: &Terminal, patient: &str, reception: &str) -> String {
    let words = ["consents", "give", patient, "--purpose", "treatment", "--form", "express-written"];
    let scope = ["--category", "laboratory", "--category", "medications", "--recipient-class", "internal"];
    let given = terminal.json(&[words.as_slice(), &scope, &["--as", reception]].concat()).await;
    let listed = terminal.run(&["consents", "list", patient, "--as", reception]).await;
    expect![[r#"
         consent                                form              stands     to
        ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
         <id>   express-written   in force   collect, read, write medications, laboratory for treatment, internal, domestic
        exit status 0
    "#]].assert_eq(&listed.blotted());
    given["result"]["consent"].as_str().unwrap().to_owned()
}

async fn with_consent(terminal: &Terminal, patient: &str, nurse: &str) {
    let shown = show(terminal, patient, nurse, "treatment").await;
    assert_eq!(shown.status, 0, "{}", shown.text);
    assert!(shown.text.contains("value: "), "{}", shown.text);
}

async fn never(terminal: &Terminal, patient: &str, (nurse, reception): (&str, &str)) {
    let marketing = show(terminal, patient, nurse, "marketing").await;
    expect![[r#"
        0 records shown; 0 of 1 decisions permit
        laboratory: refused: a promise forbids it
          - These data serve only what they were collected for: they are no longer used for this other purpose. (P-71; rule secondary-uses-held)
          - Your medical and payment information is not used for promotion. (P-75, P-15; rule promotion-sees-no-medical-data)
          - Your data are not used for promotion unless you agreed to it and have not opted out. (P-75; rule promotion-needs-consent)
        exit status 3
    "#]].assert_eq(&marketing.blotted());
    let hotel = ["disclosures", "send", patient, "--class", "hotel", "--purpose", "travel"];
    let what =
        ["--country", "domestic", "--ground", "processor", "--category", "laboratory", "--as", reception];
    let hotel = terminal.run(&[hotel.as_slice(), &what].concat()).await;
    expect![[r#"
        refused: a promise forbids it
          - A hotel or a transport service never receives medical information. (P-40, P-34; rule lodging-and-transport-see-no-medical-data)
          - A provider receives data only under a contract in force that covers this use. (P-40, P-41; rule provider-under-contract)
        exit status 3
    "#]].assert_eq(&hotel.blotted());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_withdrawal_stops_the_disclosure_that_it_carried() {
    let terminal = Terminal::found("withdrawal").await;
    let imported = terminal.json(&["records", "import", &terminal.bundle(3, &[])]).await;
    let patient = imported["bundles"][0]["subject"].as_str().unwrap();
    let (reception, physician) = (terminal.staff("reception").await, terminal.staff("physician").await);
    let related = ["people", "relate", patient, "--staff", &physician, "--as", &reception];
    assert_eq!(terminal.run(&related).await.status, 0);
    let scope = ["--purpose", "care-coordination", "--category", "medications", "--country", "abroad"];
    let whom = ["--recipient-class", "treating-provider", "--recipient", PROVIDER, "--as", &reception];
    let give = ["consents", "give", patient, "--form", "express-written"];
    let given = terminal.json(&[give.as_slice(), &scope, &whom].concat()).await;
    let send = ["disclosures", "send", patient, "--to", PROVIDER, "--purpose", "care-coordination"];
    let what = ["--ground", "consent", "--category", "medications", "--as", &physician];
    let send = [send.as_slice(), &what].concat();
    let page = terminal.run(&send).await;
    assert_eq!(page.status, 0, "{}", page.text);
    assert!(page.text.contains("for care-coordination only"), "{}", page.text);
    let consent = given["result"]["consent"].as_str().unwrap();
    let withdrawn = terminal.run(&["consents", "withdraw", patient, consent, "--as", &reception]).await;
    assert_eq!(withdrawn.status, 0, "{}", withdrawn.text);
    let refused = terminal.run(&send).await;
    assert_eq!(refused.status, 3, "{}", refused.text);
    assert!(refused.text.starts_with("refused: "), "{}", refused.text);
}

async fn a_stranger_checks(terminal: &Terminal) {
    let anchor = terminal.path("anchor");
    let (export, key) = (terminal.path("log.jsonl"), terminal.path("key"));
    let words = ["audit", "export", "--out", &export, "--key-out", &key, "--anchor-out", &anchor];
    let written = terminal.run(&words).await;
    assert_eq!(written.status, 0, "{}", written.text);
    let read = |path: &str| std::fs::read_to_string(path).unwrap();
    let check = |lines: &str| {
        let mut anchors = Anchors::new(VerifierKey::parse(read(&key).trim()).unwrap());
        anchors.add(&read(&anchor)).unwrap();
        verify_export(lines.lines(), anchors)
    };
    let honest = read(&export);
    assert!(check(&honest).is_intact(), "{:?}", check(&honest));
    assert!(check(&honest).entries > 900);
    let without_one: Vec<&str> =
        honest.lines().enumerate().filter(|(n, _)| *n != 20).map(|(_, l)| l).collect();
    assert!(!check(&without_one.join("\n")).is_intact());
    let verified = terminal.run(&["audit", "verify", "--anchor", &anchor]).await;
    assert_eq!(verified.status, 0, "{}", verified.text);
    assert!(verified.text.starts_with("intact: "), "{}", verified.text);
}

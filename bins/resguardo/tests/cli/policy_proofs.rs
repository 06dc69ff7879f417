//! Verify, compare, explain, who can: documents as files, no clinic and no database.

use clap::Parser as _;
use expect_test::expect;
use resguardo_cli::{Cli, Verdict, run};

use crate::support::{Printed, fresh_folder};

const EXAMPLE: &str = include_str!("../../../../fixtures/clinics/elicells/policy.toml");
const BRISA: &str = include_str!("../../../../fixtures/clinics/brisa/policy.toml");

fn document(name: &str, text: &str) -> String {
    let folder = fresh_folder(&format!("policy-proofs-{name}"));
    let path = folder.join("policy.toml");
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

async fn resguardo(words: &[&str]) -> Printed {
    let cli = Cli::try_parse_from(["resguardo", "policy"].iter().chain(words)).unwrap();
    let mut out = Vec::new();
    let (status, error) = match run(cli, &mut out).await {
        Ok(Verdict::Done) => (0, String::new()),
        Ok(Verdict::No) => (3, String::new()),
        Err(error) => (error.exit_code(), format!("error: {error}\n")),
    };
    Printed { status, text: String::from_utf8(out).unwrap() + &error }
}

/// The transcript, without how long it took.
fn transcript(printed: &Printed) -> String {
    let lines = printed
        .text
        .lines()
        .map(|line| if line.ends_with(" ms") { "  <elapsed> ms\n".to_owned() } else { format!("{line}\n") });
    format!("{}exit status {}\n", lines.collect::<String>(), printed.status)
}

#[tokio::test]
async fn verify_lists_what_was_proved_and_refuses_with_a_witness() {
    let path = document("verify", BRISA);
    expect![[r#"
        brisa brisa-2025.2
          rules: 16 permit, 13 forbid, 0 withhold; states: 79512729550848000
          proved of these rules over this vocabulary:
          20 promises: never-sold (P-37), nothing-in-return (P-37), no-medical-category-for-lodging-or-transport (P-40), no-health-value-for-lodging-or-transport (P-14), no-health-preference-for-lodging-or-transport (P-14), emergency-opens-no-secondary-use (P-44), break-glass-opens-no-secondary-use (P-44), staff-trained (P-58), staff-checked (P-60), staff-bound-by-secrecy (P-8), no-unsafe-transfer (P-79), no-tacit-sensitive (P-6), no-tacit-health-value (P-14), unclassified-stays-sealed (P-9), genetic-needs-court-order (P-19), duty-cites-norm (P-36), demand-on-file (P-42), safety-approved-twice (P-43), harm-names-risk (P-45), signal-keeps-measuring-off (P-83)
          polarity: none of 30 steps for the better takes away any of 75 things
          1 invariants: nada-a-aseguradoras
          6 tests come out as they say
          2750 states looked at in three ways that agree, for 1334392651776; of 79511395158196224 that no permit touches, 578
          <elapsed> ms
        exit status 0
    "#]].assert_eq(&transcript(&resguardo(&["verify", &path]).await));

    let json = resguardo(&["verify", &path, "--json"]).await;
    let said: serde_json::Value = serde_json::from_str(&json.text).unwrap();
    assert_eq!(said["outcome"], "proved");
    assert_eq!(said["faults"], serde_json::json!([]));
    assert!(said["elapsed-ms"].is_u64() && said["enumeration"]["looked-at"].as_u64().unwrap() > 1000);

    let broken =
        EXAMPLE.replacen("requires = [\"consideration\"]", "requires = [\"consideration\", \"genetic\"]", 1);
    let path = document("broken", &broken);
    expect![[r#"
        the policy document cannot come into force; problems found: 3
          line 749: rule `reminder` breaks the promise `nothing-in-return` (P-37): system would send identity-contact for inquiry, recipient the-person (domestic), ground contract, detail existence, consent express-written, facts channel, consideration
          line 749: rule `reminder` breaks the invariant `nothing-leaves-for-something-of-value`: system would send identity-contact for inquiry, recipient the-person (domestic), ground contract, detail existence, consent express-written, facts channel, consideration
          line 822: rule `testimonial` breaks the invariant `nobody-outside-does-anything-in-return`: marketing would disclose clinical-images for marketing, recipient marketing-partner (domestic), ground consent, detail full, consent express-written, facts training, background-check, undertaking, provider-contract, consideration
        exit status 3
    "#]].assert_eq(&transcript(&resguardo(&["verify", &path]).await));

    let malformed =
        document("malformed", &EXAMPLE.replacen("purpose = [\"never\"]", "purpose = [\"nevr\"]", 1));
    let printed = resguardo(&["verify", &malformed]).await;
    assert_eq!(printed.status, 1);
    assert!(printed.text.contains("did you mean `never`?"), "{}", printed.text);
}

#[tokio::test]
async fn diff_prints_what_widened_and_exits_with_3_only_then() {
    let from = "fields = [\"driver\"]";
    assert!(EXAMPLE.contains(from));
    let (older, newer) = (
        document("older", EXAMPLE),
        document("newer", &EXAMPLE.replacen(from, "fields = [\"name\", \"phone\"]", 1)),
    );
    expect![[r#"
        elicells-2025.1 -> elicells-2025.1
        widened: 1
          now open: pickup-time, pickup-place
            where: action disclose | role reception patient-coordinator | purpose travel | category travel | recipient transport | country domestic | ground processor | with training background-check undertaking provider-contract | without restricted restricted-must-agree blocked reveals-health consideration
            states: 10485760
            such as: reception would disclose travel for travel, recipient transport (domestic), ground processor, detail existence, consent none, facts training, background-check, undertaking, provider-contract, field pickup-time
            rules: transport -> transport
        exit status 3
    "#]].assert_eq(&transcript(&resguardo(&["diff", &newer, &older]).await));
    expect![[r#"
        elicells-2025.1 -> elicells-2025.1
        narrowed: 1
          no longer open: pickup-time, pickup-place
            where: action disclose | role reception patient-coordinator | purpose travel | category travel | recipient transport | country domestic | ground processor | with training background-check undertaking provider-contract | without restricted restricted-must-agree blocked reveals-health consideration
            states: 10485760
            such as: reception would disclose travel for travel, recipient transport (domestic), ground processor, detail existence, consent none, facts training, background-check, undertaking, provider-contract, field pickup-time
            rules: transport -> transport
        exit status 0
    "#]].assert_eq(&transcript(&resguardo(&["diff", &older, &newer]).await));
    expect![[r#"
        elicells-2025.1 -> elicells-2025.1
          every request is decided as before
        exit status 0
    "#]]
    .assert_eq(&transcript(&resguardo(&["diff", &older, &older]).await));

    let json = resguardo(&["diff", &newer, &older, "--json"]).await;
    let said: serde_json::Value = serde_json::from_str(&json.text).unwrap();
    assert_eq!((json.status, &said["widened"]), (3, &serde_json::json!(true)));
    assert_eq!(said["changes"][0]["change"], "opened");
}

#[tokio::test]
async fn explain_says_which_rules_matched_and_what_would_open_it() {
    let path = document("explain", EXAMPLE);
    let words = "--role nurse --purpose treatment --category laboratory --ground consent --consent express-written \
        --fact background-check --fact undertaking --fact care-relation";
    let asked: Vec<&str> = ["explain", &path].into_iter().chain(words.split_whitespace()).collect();
    expect![[r#"
        a promise forbids it
          - Staff see data only while their privacy training is valid. (P-58; rule staff-trained)
        rules that match:
          line 166: forbid staff-trained
          line 420: permit care-read
        one condition short; any one of these would open it:
          fact missing: training
        exit status 3
    "#]]
    .assert_eq(&transcript(&resguardo(&asked).await));
    expect![[r#"
        permitted
          - Those who care for you read your record for your treatment, with your written consent. (P-25, P-26, P-27, P-51; rule care-read)
        rules that match:
          line 420: permit care-read
        open: code, display, status, effective-at, author, value, unit, interpretation, dose, route, frequency, note, order-code, document, source-document, blood-group, product, lot, donor-code
        owed: none
        exit status 0
    "#]].assert_eq(&transcript(&resguardo(&[&asked[..], &["--fact", "training"]].concat()).await));
}

#[tokio::test]
async fn who_can_names_every_box_in_which_somebody_may() {
    let path = document("who-can", EXAMPLE);
    let hotel = ["who-can", &path, "--category", "travel", "--recipient", "hotel", "--country", "domestic"];
    expect![[r#"
        hotel
          action disclose | role reception patient-coordinator | purpose travel | category travel | recipient hotel | country domestic | ground processor | with training background-check undertaking provider-contract | without restricted restricted-must-agree blocked reveals-health consideration
          opens arrival, departure, companions, preferences; owes send-notice-with-data, acknowledge, no-onward-use
        hotel-on-consent
          action disclose | role reception patient-coordinator | purpose travel | category travel | recipient hotel | country domestic | ground consent | consent express or more | with training background-check undertaking provider-contract | without restricted restricted-must-agree blocked reveals-health consideration
          opens arrival, departure, companions, preferences; owes send-notice-with-data, acknowledge, no-onward-use
        exit status 0
    "#]].assert_eq(&transcript(&resguardo(&hotel).await));
    let sale = ["who-can", &path, "--category", "laboratory", "--purpose", "sale"];
    expect![[r#"
        nobody
        exit status 3
    "#]]
    .assert_eq(&transcript(&resguardo(&sale).await));
}

#[tokio::test]
async fn a_document_that_gives_up_its_guards_is_not_called_the_same() {
    let bare = BRISA.split("[[invariant]]").next().unwrap();
    let (older, newer) = (document("guarded", BRISA), document("bare", bare));
    let printed = resguardo(&["diff", &older, &newer]).await;
    assert_eq!(printed.status, 3, "{}", printed.text);
    for said in [
        "every request is decided as before",
        "invariants lost or reworded: nada-a-aseguradoras",
        "tests lost",
    ] {
        assert!(printed.text.contains(said), "{said}: {}", printed.text);
    }
    assert_eq!(
        resguardo(&["diff", &newer, &older]).await.status,
        0,
        "guards that are added take nothing away"
    );
}

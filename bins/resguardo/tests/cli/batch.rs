//! `policy decide --requests`, without any clinic: what comes out, in which order, and what stops it.

use std::io::Write as _;
use std::process::{Command, Stdio};

use clap::Parser as _;
use expect_test::expect;
use resguardo_cli::{Cli, CliError, Verdict, run};

use crate::support::fresh_folder;

pub(crate) const POLICY: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/clinics/elicells/policy.toml");

const PERMITTED: &str = r#"{"role":"nurse","purpose":"treatment","categories":["laboratory"],"ground":"consent","facts":{"consent":"express-written","present":["training","background-check","undertaking","care-relation","in-person"]}}"#;
const UNCOVERED: &str = r#"{"role":"nurse","purpose":"treatment","categories":["laboratory"],"ground":"consent","facts":{"present":["training","background-check","undertaking","care-relation","in-person"]}}"#;
const FORBIDDEN: &str = r#"{"action":"disclose","role":"patient-coordinator","purpose":"travel","categories":["laboratory"],"recipient":"hotel","ground":"processor"}"#;

/// Runs a command line that opens no clinic: what it prints, and how it ends.
pub(crate) async fn policy(words: &[&str]) -> (String, Result<Verdict, CliError>) {
    let cli = Cli::try_parse_from(["resguardo", "policy"].iter().chain(words)).unwrap();
    let mut out = Vec::new();
    let ended = run(cli, &mut out).await;
    (String::from_utf8(out).unwrap(), ended)
}

/// Decides the lines of a file that is written for it.
async fn decide(name: &str, lines: &str) -> (String, Result<Verdict, CliError>) {
    let path = fresh_folder(name).join("requests.jsonl");
    std::fs::write(&path, lines).unwrap();
    let (text, ended) = policy(&["decide", POLICY, "--requests", path.to_str().unwrap()]).await;
    let ended = ended.inspect_err(|error| assert_eq!(error.exit_code(), 1, "{error}"));
    (text, ended)
}

#[tokio::test]
async fn every_line_is_answered_in_order_whatever_the_answer() {
    let (text, ended) = decide("batch_order", &[PERMITTED, UNCOVERED, FORBIDDEN].join("\n")).await;
    assert_eq!(ended.unwrap(), Verdict::Done);
    expect![[r#"
        {"outcome":"permit","categories":{"laboratory":"permit"},"rules":["care-read"],"reasons":[{"rule":"care-read","clauses":["P-25","P-26","P-27","P-51"],"es":"Quienes le atienden leen su expediente para su tratamiento, con su consentimiento por escrito.","en":"Those who care for you read your record for your treatment, with your written consent."}],"fields":{"laboratory":["code","display","status","effective-at","author","value","unit","interpretation","dose","route","frequency","note","order-code","document","source-document","blood-group","product","lot","donor-code"]},"obligations":[],"valid_until":null}
        {"outcome":"not-applicable","categories":{"laboratory":"not-applicable"},"rules":[],"reasons":[{"rule":"care-read","clauses":["P-25","P-26","P-27","P-51"],"es":"No hay consentimiento expreso, por escrito y vigente de la persona para esto.","en":"There is no express written consent of the person in force for this.","shortfall":{"missing":[],"in_the_way":[],"consent":"express-written"}},{"rule":null,"clauses":["P-38"],"es":"La política sólo permite lo que enumera, y esto no está en su lista.","en":"The policy allows only what it lists, and this is not on the list."}],"fields":{},"obligations":[],"valid_until":null}
        {"outcome":"deny","categories":{"laboratory":"deny"},"rules":["lodging-and-transport-see-no-medical-data","staff-trained","staff-checked","staff-bound-by-secrecy","provider-under-contract"],"reasons":[{"rule":"lodging-and-transport-see-no-medical-data","clauses":["P-40","P-34"],"es":"Un hotel o un transporte nunca recibe información médica.","en":"A hotel or a transport service never receives medical information."},{"rule":"staff-trained","clauses":["P-58"],"es":"Quien trabaja aquí sólo ve datos con su capacitación en privacidad vigente.","en":"Staff see data only while their privacy training is valid."},{"rule":"staff-checked","clauses":["P-60"],"es":"Quien trabaja aquí sólo ve datos con su verificación de antecedentes vigente.","en":"Staff see data only while their background check is clear."},{"rule":"staff-bound-by-secrecy","clauses":["P-8"],"es":"Quien trabaja aquí sólo ve datos si firmó el compromiso de confidencialidad.","en":"Staff see data only after signing the confidentiality undertaking."},{"rule":"provider-under-contract","clauses":["P-40","P-41"],"es":"Un prestador sólo recibe datos con un contrato vigente que cubra este uso.","en":"A provider receives data only under a contract in force that covers this use."}],"fields":{},"obligations":[],"valid_until":null}
    "#]].assert_eq(&text);
}

#[tokio::test]
async fn the_first_line_that_cannot_be_read_stops_it_after_the_answers_before() {
    let (before, ended) = decide("batch_before", PERMITTED).await;
    assert_eq!(ended.unwrap(), Verdict::Done);
    let mut ends = Vec::new();
    for (name, bad) in [
        ("word", PERMITTED.replace("treatment", "treatmnt")),
        ("key", PERMITTED.replace("\"ground\"", "\"grond\"")),
        ("empty", String::new()),
        ("json", PERMITTED.replace("\"role\":", "\"role\" ")),
        ("kind", PERMITTED.replace("[\"laboratory\"]", "\"laboratory\"")),
    ] {
        let (text, ended) = decide(&format!("batch_{name}"), &[PERMITTED, &bad, PERMITTED].join("\n")).await;
        assert_eq!(text, before, "{name}");
        let error = ended.unwrap_err().to_string();
        ends.push(error.split_once(", ").unwrap().1.to_owned() + "\n");
    }
    expect![[r#"
        line 2: `purpose`: not a known purpose; did you mean `treatment`?
        line 2: unknown key; did you mean `ground`?
        line 2: empty; every line is one request
        line 2: column 9: expected `:`
        line 2: `categories`: expected a list of words
    "#]]
    .assert_eq(&ends.concat());
}

#[tokio::test]
async fn a_line_without_an_end_is_not_read_into_memory() {
    let (_, ended) = decide("batch_long", &"x".repeat(5 * 1024 * 1024)).await;
    assert!(ended.unwrap_err().to_string().contains("line 1: longer than 4194304 bytes"));
}

#[tokio::test]
async fn a_batch_answers_as_single_decisions_do() {
    let single = |consent: &'static str| {
        let who = ["decide", POLICY, "--role", "nurse", "--purpose", "treatment", "--ground", "consent"];
        let facts = ["training", "background-check", "undertaking", "care-relation", "in-person"];
        let facts = facts.into_iter().flat_map(|fact| ["--fact", fact]);
        let what = ["--category", "laboratory", "--consent", consent, "--json"];
        who.into_iter().chain(what).chain(facts).collect::<Vec<_>>()
    };
    let (text, _) = decide("batch_single", &[PERMITTED, UNCOVERED].join("\n")).await;
    for (line, consent) in text.lines().zip(["express-written", "none"]) {
        let (alone, _) = policy(&single(consent)).await;
        let alone: serde_json::Value = serde_json::from_str(&alone).unwrap();
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(line, alone);
    }
}

/// A request over several categories says which of them are refused, and how.
#[tokio::test]
async fn what_is_refused_of_several_categories_is_named() {
    let words = |rest: &'static [&'static str]| {
        let ask = ["decide", POLICY, "--role", "nurse", "--purpose", "treatment", "--ground", "consent"];
        let about = ["--consent", "express-written", "--category", "laboratory", "--category", "payment"];
        let facts = ["training", "background-check", "undertaking", "care-relation", "in-person"];
        let facts = facts.into_iter().flat_map(|fact| ["--fact", fact]);
        ask.into_iter().chain(about).chain(facts).chain(rest.iter().copied()).collect::<Vec<_>>()
    };
    let (text, ended) = policy(&words(&[])).await;
    assert!(matches!(ended, Ok(Verdict::No)), "{ended:?}");
    assert!(text.contains("  payment: nobody allows it\n  laboratory: permitted by itself\n"), "{text}");
    let (json, _) = policy(&words(&["--json"])).await;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        json["categories"],
        serde_json::json!({ "payment": "not-applicable", "laboratory": "permit" })
    );
}

/// `resguardo ... | head`: nobody is left to be told, and nothing went wrong.
#[test]
fn whoever_stops_reading_ends_it_quietly() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_resguardo"))
        .args(["policy", "decide", POLICY, "--requests", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut input = child.stdin.take().unwrap();
    // The program may be gone before all of it is written.
    let _ = writeln!(input, "{PERMITTED}\n{PERMITTED}");
    drop(input);
    let ended = child.wait_with_output().unwrap();
    assert_eq!((ended.status.code(), String::from_utf8(ended.stderr).unwrap().as_str()), (Some(0), ""));
}

#[tokio::test]
async fn options_of_one_request_do_not_go_with_a_file_of_them() {
    let parse = |words: &[&str]| Cli::try_parse_from(["resguardo", "policy", "decide"].iter().chain(words));
    for option in [["--role", "nurse"], ["--detail", "full"], ["--fact", "training"], ["--consent", "none"]] {
        let words = [["--requests", "r.jsonl"].as_slice(), &option].concat();
        assert_eq!(parse(&words).unwrap_err().exit_code(), 2);
    }
    for verb in ["decide", "explain"] {
        let wanting: [&[&str]; 2] =
            [&["--role", "nurse"], &["--role", "nurse", "--purpose", "treatment", "--ground", "consent"]];
        for words in wanting {
            let missing = policy(&[[verb, POLICY].as_slice(), words].concat()).await.1.unwrap_err();
            assert_eq!(missing.exit_code(), 2);
            let missing = missing.to_string();
            assert!(missing.contains("--purpose") && missing.contains("--category"), "{missing}");
        }
    }
    // Only what decides a file offers to read one.
    let explain = Cli::try_parse_from(["resguardo", "policy", "explain", POLICY, "--requests", "r.jsonl"]);
    assert_eq!(explain.unwrap_err().exit_code(), 2);
    let help = Cli::try_parse_from(["resguardo", "policy", "explain", "--help"]).unwrap_err().to_string();
    assert!(!help.contains("--requests") && help.contains("--fact"), "{help}");
}

#[tokio::test]
async fn a_mark_of_the_encoding_at_the_beginning_is_no_part_of_the_first_request() {
    let (plain, _) = decide("batch_plain", &[PERMITTED, PERMITTED].join("\n")).await;
    let (marked, ended) = decide("batch_marked", &format!("\u{feff}{PERMITTED}\n{PERMITTED}")).await;
    assert_eq!((marked, ended.unwrap()), (plain, Verdict::Done));
    let (_, ended) = decide("batch_marked_later", &format!("{PERMITTED}\n\u{feff}{PERMITTED}")).await;
    assert!(ended.unwrap_err().to_string().contains("line 2"));
}

#[tokio::test]
async fn a_test_that_no_document_has_is_an_error_and_names_the_nearest() {
    let ended = policy(&["test", POLICY, "--only", "zzz"]).await.1.unwrap_err();
    assert_eq!(ended.exit_code(), 1);
    assert!(ended.to_string().contains("no test"), "{ended}");
    let near =
        policy(&["test", POLICY, "--only", "blocked data are shown to the persn"]).await.1.unwrap_err();
    assert!(near.to_string().contains("did you mean `blocked data are shown to the person`"), "{near}");
    assert!(policy(&["test", POLICY, "--only", "blocked data"]).await.1.is_ok());
}

/// A program that sends a line, waits for its answer, and only then sends the next.
#[test]
fn an_answer_on_the_standard_output_does_not_wait_for_the_next_line() {
    use std::io::{BufRead as _, BufReader};
    let mut child = Command::new(env!("CARGO_BIN_EXE_resguardo"))
        .args(["policy", "decide", POLICY, "--requests", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut answers = BufReader::new(child.stdout.take().unwrap()).lines();
    for (line, outcome) in [(PERMITTED, "permit"), (FORBIDDEN, "deny"), (UNCOVERED, "not-applicable")] {
        writeln!(input, "{line}").unwrap();
        let answer = answers.next().unwrap().unwrap();
        assert!(answer.starts_with(&format!(r#"{{"outcome":"{outcome}","#)), "{answer}");
    }
    drop(input);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

/// The terminal's program keeps its memory to itself, whatever it was told to do.
#[cfg(target_os = "linux")]
#[test]
fn its_memory_is_never_dumped() {
    use std::io::{BufRead as _, BufReader};
    let mut child = Command::new("sh")
        .args(["-c", "ulimit -S -c unlimited 2>/dev/null || true; exec \"$0\" \"$@\""])
        .args([env!("CARGO_BIN_EXE_resguardo"), "policy", "decide", POLICY, "--requests", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    writeln!(input, "{PERMITTED}").unwrap();
    // It answered, so it is at work, and waits for the next line.
    let mut answered = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut answered).unwrap();
    assert!(answered.contains("permit"), "{answered}");
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
    let core = limits.lines().find_map(|line| line.strip_prefix("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().take(2).collect::<Vec<_>>(), ["0", "0"]);
    drop(input);
    assert!(child.wait().unwrap().success());
}

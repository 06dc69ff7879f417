//! Bad input: a clear error with the next step, a status that is not 0, nothing half written.

use expect_test::expect;
use fixtures_generate::{CARD_NUMBER, Edge};

use crate::support::{Terminal, fresh_folder, open};
use clinic_runtime::KeyAccess;
use postgres_store::testing::TestDatabase;

const NOBODY: &str = "01941f29-7c00-7a01-8000-00000000ffff";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn broken_bundles_leave_nothing() {
    let terminal = Terminal::found("broken_bundles").await;
    let import = async |words: &[&str]| {
        let printed = terminal.run(&[&["records", "import"], words].concat()).await;
        assert_eq!(printed.status, 1, "{}", printed.text);
        printed.text
    };
    let broken = terminal.bundle(0, &[Edge::BrokenEntry]);
    let text = import(&[&broken]).await;
    assert!(text.contains("entry[") && text.contains("not a FHIR date"), "{text}");
    let prose = terminal.write("prose.json", "no json at all");
    assert!(import(&[&prose]).await.contains("not JSON: line 1"));
    let search = terminal.write("search.json", r#"{"resourceType":"Bundle","type":"searchset"}"#);
    assert!(import(&[&search]).await.contains("valid is \"transaction\""));
    // One that is missing stops all of them before any is read.
    let good = terminal.bundle(1, &[]);
    assert!(import(&[&good, "nowhere.json"]).await.contains("`nowhere.json`"));
    let left = terminal.json(&["consents", "to-collect"]).await;
    assert_eq!(left["patients_without_consent"], 0);
    // A broken one among good ones: the good ones stay, and the status tells.
    let text = import(&[&broken, &good]).await;
    assert!(text.contains("1 of 2 bundles were not imported; nothing of them was stored"), "{text}");
    let left = terminal.json(&["consents", "to-collect"]).await;
    assert_eq!(left["patients_without_consent"], 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_import_masks_leaves_out_or_keeps_sealed_is_counted() {
    let terminal = Terminal::found("edges").await;
    let edges = [Edge::CardNumberInNote, Edge::UnknownTypes, Edge::GovernmentNumbers];
    let path = terminal.bundle(2, &edges);
    let printed = terminal.run(&["records", "import", &path]).await;
    assert_eq!(printed.status, 0, "{}", printed.text);
    for line in ["card numbers masked", "types without a category", "left out", "never read as a permission"]
    {
        assert!(printed.text.contains(line), "{line}: {}", printed.text);
    }
    assert!(!printed.text.contains(CARD_NUMBER));
}

#[tokio::test]
async fn wrong_words_and_values_are_refused_with_the_next_step() {
    let terminal = Terminal::found("wrong_words").await;
    let show = ["records", "show", NOBODY, "--ground", "consent", "--purpose"];
    let wrong = terminal.run(&[show.as_slice(), &["treatmnt"]].concat()).await;
    assert_eq!(wrong.status, 2);
    assert!(wrong.text.contains("did you mean `treatment`?"), "{}", wrong.text);
    let unnamed = terminal.run(&[show.as_slice(), &["treatment"]].concat()).await;
    expect![[r#"
        error: say who acts: --as LOGIN; `staff list` shows who works here
        exit status 2
    "#]]
    .assert_eq(&unnamed.blotted());
    let reception = terminal.staff("reception").await;
    let unknown = terminal.run(&[show.as_slice(), &["treatment", "--as", &reception]].concat()).await;
    expect![[r#"
        error: no such person at this clinic; search for them by name or telephone first
        exit status 1
    "#]]
    .assert_eq(&unknown.blotted());
    let register = ["people", "register", "--given", "Inés", "--surnames", "Peña", "--as", &reception];
    let future = terminal.run(&[register.as_slice(), &["--born", "2031-05-05"]].concat()).await;
    assert_eq!(future.status, 2);
    assert!(future.text.contains("--born: ") && !future.text.contains("2031-05-05"), "{}", future.text);
}

#[tokio::test]
async fn a_malformed_policy_is_refused_with_line_and_column() {
    let terminal = Terminal::found("malformed_policy").await;
    let policy = clinic_runtime::example_clinic(clinic_runtime::ExampleClinic::Elicells);
    let (_, text) = policy.into_iter().find(|(name, _)| name == "policy.toml").unwrap();
    let broken = text.replacen("effect = ", "efect = ", 1);
    let line = broken.lines().position(|line| line.starts_with("efect")).unwrap() + 1;
    let path = terminal.write("policy.toml", &broken);
    let decide = ["policy", "decide", "--role", "nurse", "--purpose", "treatment", "--ground", "consent"];
    let words = [decide.as_slice(), &["--category", "laboratory", &path]].concat();
    let refused = run_apart(&words).await;
    let place = format!("line {line}, column 1: unknown key; did you mean `effect`?");
    assert!(refused.contains(&place), "{refused}");
}

#[tokio::test]
async fn keys_in_the_wrong_hands_are_refused() {
    let database = TestDatabase::create("cli_keys").await.unwrap();
    let folder = fresh_folder("keys");
    let by = |words: &str| KeyAccess { passphrase: Some(words.to_owned().into()), ..KeyAccess::default() };
    drop(open(&database, &folder, by("una frase larga de verdad")).await.unwrap());
    let wrong = open(&database, &folder, by("otra frase larga de verdad")).await.err().unwrap();
    assert!(wrong.to_string().starts_with("the epoch key cannot be used: "), "{wrong}");
    let file = folder.join("passphrase");
    std::fs::write(&file, "una frase larga de verdad\n").unwrap();
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    let words = ["--passphrase-file", file.to_str().unwrap(), "staff", "list"];
    assert!(run_apart(&words).await.contains("run `chmod 600` on it"));
}

/// Runs a command that is to fail before any clinic is opened.
async fn run_apart(words: &[&str]) -> String {
    use clap::Parser as _;
    let cli = resguardo_cli::Cli::try_parse_from(["resguardo"].iter().chain(words)).unwrap();
    let error = resguardo_cli::run(cli, &mut Vec::new()).await.err().unwrap();
    assert_eq!(error.exit_code(), 1);
    error.to_string()
}

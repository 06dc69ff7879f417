//! `policy export`, which needs no clinic.

use clap::Parser as _;

use crate::support::fresh_folder;

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/clinics/brisa/policy.toml");

async fn run(words: &[&str]) -> Result<String, resguardo_cli::CliError> {
    let cli = resguardo_cli::Cli::try_parse_from(["resguardo"].iter().chain(words)).unwrap();
    let mut out = Vec::new();
    resguardo_cli::run(cli, &mut out).await.map(|_| String::from_utf8(out).unwrap())
}

#[tokio::test]
async fn a_document_is_exported_for_cedar_with_its_schema() {
    let folder = fresh_folder("export");
    let schema = folder.join("vocabulary.cedarschema");
    let schema = schema.to_str().unwrap();
    let policies = run(&["policy", "export", "--cedar", DOCUMENT, "--schema-out", schema]).await.unwrap();
    assert_eq!(policies.matches("\n@id(").count(), 29);
    let schema = std::fs::read_to_string(schema).unwrap();
    assert!(schema.contains(r#"entity Country enum ["domestic", "abroad"];"#));
}

#[tokio::test]
async fn a_document_that_breaks_a_promise_is_not_exported() {
    let folder = fresh_folder("export-broken");
    let text = std::fs::read_to_string(DOCUMENT).unwrap();
    let broken = folder.join("policy.toml");
    std::fs::write(&broken, text.replacen("excludes = [\"training\"]", "excludes = [\"channel\"]", 1))
        .unwrap();
    let error = run(&["policy", "export", "--cedar", broken.to_str().unwrap()]).await.unwrap_err();
    assert_eq!(error.exit_code(), 1);
    assert!(error.to_string().contains("breaks the promise `staff-trained` (P-58)"), "{error}");
}

#[test]
fn the_language_has_to_be_named() {
    assert!(resguardo_cli::Cli::try_parse_from(["resguardo", "policy", "export", DOCUMENT]).is_err());
}

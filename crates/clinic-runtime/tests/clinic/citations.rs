//! A clinic's rules cite promises that the clinic made, from its first day on.

use clinic_runtime::{ExampleClinic, example_clinic};
use privacy_operations::{House, OperationError, first_versions};

/// The clinic's documents with another text in the place of one in its policy.
fn read(from: &str, to: &str) -> Result<House, OperationError> {
    let mut documents = example_clinic(ExampleClinic::Brisa);
    let (_, policy) = documents.iter_mut().find(|(path, _)| path == "policy.toml").unwrap();
    let changed = policy.replacen(from, to, 1);
    assert!(from == to || changed != *policy);
    *policy = changed;
    House::read(&first_versions(&documents))
}

#[test]
fn no_clinic_is_founded_on_rules_or_invariants_that_cite_what_it_never_promised() {
    assert!(read("", "").is_ok());
    let rule = read(
        "id = \"plantilla-formada\"\nclauses = [\"P-58\"]",
        "id = \"plantilla-formada\"\nclauses = [\"P-58\", \"P-86\"]",
    );
    let error = rule.unwrap_err().to_string();
    let policy = include_str!("../../../../fixtures/clinics/brisa/policy.toml");
    let line = policy.lines().position(|line| line == "id = \"plantilla-formada\"").unwrap() + 2;
    assert!(error.contains(&format!("line {line}, column 20: the clinic's clauses have no P-86")), "{error}");
    assert!(error.contains("did you mean `P-"), "{error}");
    let invariant = read(
        "id = \"nada-a-aseguradoras\"\nclauses = [\"P-38\"]",
        "id = \"nada-a-aseguradoras\"\nclauses = [\"P-86\"]",
    );
    assert!(invariant.unwrap_err().to_string().contains("no P-86"));
}

//! The example clinic's document notices when somebody edits it.

use consent_policy::PolicyDraft;
use consent_policy::mutation::{GroupTrial, Trial, sampled};

/// How many edits a usual run tries; the long job tries all of them by `resguardo policy mutants`.
const SAMPLE: usize = 120;
/// Which ones.
const SEED: u64 = 2_025;

#[test]
fn every_edit_of_the_example_that_lets_more_or_less_happen_is_caught() {
    let text = include_str!("../../../fixtures/clinics/elicells/policy.toml");
    let draft = PolicyDraft::parse(text).map_err(|error| error.to_string()).unwrap();
    let policy = draft.check().map_err(|error| error.to_string()).unwrap();
    let trial = Trial::new(&policy);
    let score = trial.score(sampled(trial.mutants(), SAMPLE, SEED));
    let survivors: Vec<String> = score
        .survivors()
        .iter()
        .map(|survivor| {
            let change = &survivor.change;
            format!("{}: {}: {}", trial.sentence(survivor.mutant), change.kind, change.witness)
        })
        .collect();
    assert_eq!(survivors, Vec::<String>::new());
    assert_eq!((score.tried(), score.hundredths_of_percent()), (SAMPLE, 10_000));
    assert!(score.caught() > SAMPLE / 2, "most edits change something");
}

/// A slip in a group moves every rule that names it; what the document says of itself does not move along.
#[test]
fn every_edit_of_a_group_that_lets_more_or_less_happen_is_caught() {
    let text = include_str!("../../../fixtures/clinics/elicells/policy.toml");
    let policy = PolicyDraft::parse(text).unwrap().check().map_err(|error| error.to_string()).unwrap();
    let trial = GroupTrial::new(text, &policy).unwrap();
    let score = trial.score(sampled(trial.edits(), SAMPLE, SEED));
    let survivors: Vec<String> =
        score.survivors().iter().map(|survivor| trial.sentence(&survivor.mutant)).collect();
    assert_eq!(survivors, Vec::<String>::new());
    assert_eq!(score.tried(), SAMPLE);
    assert!(score.caught() > SAMPLE / 2, "most edits change something");
}

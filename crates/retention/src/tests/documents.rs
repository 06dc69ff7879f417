//! What a schedule may not say, and that the refusal names the line.

use super::*;

const TEXT: &str = include_str!("../../../../fixtures/clinics/elicells/retention.toml");

fn refusal(text: &str) -> String {
    RetentionSchedule::parse("r.toml", text, &law()).unwrap_err().to_string()
}

#[test]
fn both_clinics_load_and_differ() {
    let profiles = jurisdiction::testing::FIXTURE_FILES.iter().copied();
    let promise = include_str!("../../../../fixtures/profiles/clinic-policy-brisa.toml");
    let others = profiles.filter(|(file, _)| *file != "clinic-policy-elicells.toml");
    let law = LawBook::parse(&others.chain([("brisa.toml", promise)]).collect::<Vec<_>>()).unwrap();
    let text = include_str!("../../../../fixtures/clinics/brisa/retention.toml");
    let brisa = RetentionSchedule::parse("retention.toml", text, &law).unwrap();
    let floor = |schedule: &RetentionSchedule| {
        schedule.review(&clinical("2021-03-15"), &[], on("2026-01-01")).floor_until().unwrap()
    };
    assert_eq!((floor(&brisa), floor(schedule())), (day("2026-03-15"), day("2028-03-15")));
}

/// P-71: without a schedule, nothing can be stored; so the document does not load.
#[test]
fn a_class_without_a_schedule_stops_the_document() {
    let start = TEXT.find("\n[[class]]\nclass = \"travel\"").unwrap();
    let end = start + 1 + TEXT[start + 1..].find("\n[[class]]").unwrap();
    let error = refusal(&format!("{}{}", &TEXT[..start], &TEXT[end..]));
    assert!(error.ends_with("every class needs a schedule with an end; missing: travel"), "{error}");
}

#[test]
fn rows_that_do_not_fit_are_refused_with_their_line() {
    for (from, to, problem) in [
        ("CLINIC-POLICY/R-26", "CLINIC-POLICY/R-99", "no profile that was read has this row"),
        ("CLINIC-POLICY/R-26", "CLINIC-POLICY/R-18", "does not speak of the class prospect"),
        (
            "ceilings = [\"CLINIC-POLICY/R-26\"]",
            "floors = [\"CLINIC-POLICY/R-26\"]",
            "is a ceiling, not a floor",
        ),
        ("ceilings = [\"CLINIC-POLICY/R-26\"]\n", "", "needs a floor, a ceiling"),
        ("class = \"prospect\"", "class = \"prospekt\"", "did you mean `prospect`?"),
        ("class = \"prospect\"", "class = \"travel\"", "does not speak of the class travel"),
        ("class = \"prospect\"", "kind = \"x\"\nclass = \"prospect\"", "unknown field `kind`"),
        ("follows = [\"clinical\"]", "follows = [\"identity\"]", "follow none"),
        ("disposal-days = 90", "disposal-days = 4000", "within 366 days"),
    ] {
        assert!(TEXT.contains(from), "{from}");
        let error = refusal(&TEXT.replace(from, to));
        assert!(error.starts_with("r.toml, line ") && error.contains(problem), "{error}");
        assert!(!error.starts_with("r.toml, line 1,"), "{error}");
    }
}

//! What a profile file may not say, and that the refusal names the line.

use crate::testing::FIXTURE_FILES;
use crate::{LawBook, Standing};

const PROFILE: &str =
    "[profile]\nid = \"X-1\"\nfamily = \"X\"\nstanding = \"law\"\ntitle = { es = \"x\", en = \"x\" }\n";
const DEADLINE: &str = "[[deadline]]\nid = \"D\"\nrights = [\"access\"]\nstep = \"answer\"\namount = 5\n\
                        unit = \"calendar-day\"\ncount-from = \"day-after\"\nevent = \"receipt\"\nsource = \"s\"\n\
                        confidence = \"A\"\n";

fn refusal(text: &str) -> String {
    LawBook::parse(&[("x.toml", text)]).unwrap_err().to_string()
}

#[test]
fn the_fixtures_load_and_every_profile_is_read() {
    let law = LawBook::parse(FIXTURE_FILES).unwrap();
    assert_eq!(law.profiles().len(), FIXTURE_FILES.len() - 1);
    let policy = law.profiles().iter().find(|profile| profile.id().as_str() == "CLINIC-POLICY").unwrap();
    assert_eq!(policy.standing(), Standing::Promise);
    let brisa = include_str!("../../../../fixtures/profiles/clinic-policy-brisa.toml");
    assert!(LawBook::parse(&[("brisa.toml", brisa)]).is_ok());
}

#[test]
fn an_unknown_key_is_refused_with_its_line() {
    let error = refusal(&format!("{PROFILE}{}", DEADLINE.replace("amount = 5", "amount = 5\ndays = 5")));
    assert!(error.starts_with("x.toml, line 11, column 1: unknown field `days`"), "{error}");
    let head = refusal("[profil]\nid = \"X\"\n");
    assert!(head.starts_with("x.toml, line 1, column 2: unknown field `profil`"), "{head}");
}

#[test]
fn a_wrong_word_is_refused_with_its_line_and_the_nearest_right_one() {
    let error = refusal(&format!("{PROFILE}{}", DEADLINE.replace("calendar-day", "calender-day")));
    assert!(error.contains("line 11") && error.contains("did you mean `calendar-day`?"), "{error}");
}

#[test]
fn rows_that_break_a_rule_are_refused_with_their_line() {
    let row = |from: &str, to: &str| refusal(&format!("{PROFILE}{}", DEADLINE.replace(from, to)));
    for (from, to, problem) in [
        ("calendar-day", "business-day", "need a `calendar`"),
        ("calendar-day", "month", "count from `same-day`"),
        ("amount = 5", "amount = 99999", "at most 3660"),
        ("[\"access\"]", "[]", "at least one right"),
        (
            "amount = 5",
            "amount = 5\nextension = { times = 0, amount = 5, condition = \"c\" }",
            "at least once",
        ),
        ("amount = 5", "amount = 5\ncalendar = \"NOWHERE\"", "no calendar with this id"),
    ] {
        let error = row(from, to);
        assert!(error.starts_with("x.toml, line ") && error.contains(problem), "{error}");
    }
    let twice = refusal(&format!("{PROFILE}{DEADLINE}{DEADLINE}"));
    assert!(twice.starts_with("x.toml, line 17, column 6: two rows"), "{twice}");
    let same = refusal(&format!("{PROFILE}{DEADLINE}{}", DEADLINE.replace("\"D\"", "\"E\"")));
    assert!(same.contains("already sets this step"), "{same}");
    assert!(refusal(DEADLINE).contains("needs a `[profile]`"));
}

#[test]
fn overlapping_versions_and_repeated_ids_are_refused() {
    let second = PROFILE.replace("X-1", "X-2");
    let overlap = LawBook::parse(&[("a.toml", PROFILE), ("b.toml", &second)]).unwrap_err();
    assert!(overlap.to_string().starts_with("b.toml, line 1") && overlap.problem.contains("same days"));
    let until = format!("{PROFILE}effective-to = \"2025-03-20\"\n");
    let from = format!("{second}effective-from = \"2025-03-21\"\n");
    assert!(LawBook::parse(&[("a.toml", &until), ("b.toml", &from)]).is_ok());
    let from = format!("{second}effective-from = \"2025-03-20\"\n");
    assert!(LawBook::parse(&[("a.toml", &until), ("b.toml", &from)]).is_err());
    let repeated = LawBook::parse(&[("a.toml", PROFILE), ("b.toml", PROFILE)]).unwrap_err();
    assert!(repeated.problem.contains("this id"));
}

#[test]
fn calendars_that_could_not_end_a_term_are_refused() {
    let calendar = |body: &str| {
        refusal(&format!("[[calendar]]\nid = \"C\"\nsource = \"s\"\nconfidence = \"A\"\n{body}\n"))
    };
    for (body, problem) in [
        ("weekend = [\"monday\", \"tuesday\", \"friday\", \"sunday\"]", "at most 3 weekend days"),
        ("weekend = [\"caturday\"]", "written like `saturday`"),
        ("holidays = [{ name = \"n\", month = 13, day = 1 }]", "a holiday is"),
        ("holidays = [{ name = \"n\", month = 2, day = 30 }]", "a holiday is"),
        ("holidays = [{ name = \"n\", month = 2, day = 3, every-years = 6 }]", "a holiday is"),
        ("free-where-all = [\"D\"]", "stands before this one"),
        ("", "needs `weekend`"),
    ] {
        let error = calendar(body);
        assert!(error.contains(problem), "{error}");
    }
}

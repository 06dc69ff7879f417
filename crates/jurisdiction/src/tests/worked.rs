//! The worked examples of LAW.md, section 5, and the mistakes it lists.

use super::*;
use crate::{FreeDay, Language, SkippedDay, Term};

#[test]
fn mexican_access_received_2027_06_07_is_due_on_monday_2027_07_05() {
    let deadline = answer_by(Right::Access, "2027-06-07", &["CLINIC-POLICY", "MX-LFPDPPP"]);
    assert_eq!(due_of(&deadline, "MX-LFPDPPP"), day("2027-07-05"));
    assert_eq!(due_of(&deadline, "CLINIC-POLICY"), day("2027-07-07"));
    assert_eq!(deadline.committed_due(), day("2027-07-05"));
    assert_eq!(
        deadline.set_by().iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["MX-LFPDPPP-2025/D-02"]
    );
    // Twenty working days of which 7 June is the first.
    assert_eq!(deadline.safe_due(), day("2027-07-02"));
}

#[test]
fn hipaa_access_received_2027_04_10_is_due_2027_05_10() {
    assert_eq!(answer_by(Right::Access, "2027-04-10", &["US-HIPAA"]).committed_due(), day("2027-05-10"));
}

#[test]
fn gdpr_access_received_2027_10_31_is_due_2027_11_30() {
    assert_eq!(answer_by(Right::Access, "2027-10-31", &["EU-GDPR"]).committed_due(), day("2027-11-30"));
}

#[test]
fn a_gdpr_month_that_ends_on_a_saturday_rolls_to_monday_and_only_there() {
    let deadline = answer_by(Right::Access, "2027-06-10", &["EU-GDPR", "CLINIC-POLICY"]);
    assert_eq!(due_of(&deadline, "EU-GDPR"), day("2027-07-12"));
    let term: &Term = deadline.terms().find(|term| term.family().as_str() == "EU-GDPR").unwrap();
    assert_eq!(term.reading().roll.as_ref().unwrap().from, day("2027-07-10"));
    assert_eq!(term.safe(), day("2027-07-10"));
    assert_eq!(due_of(&deadline, "CLINIC-POLICY"), day("2027-07-10"));
    assert_eq!(deadline.committed_due(), day("2027-07-10"));
}

/// M-2: the promise cannot be extended, so it is what is left.
#[test]
fn an_extension_under_mexican_law_leaves_the_promise_of_2027_07_07() {
    let request = ask(Right::Access, "2027-06-07", &["CLINIC-POLICY", "MX-LFPDPPP"]);
    let deadline = adjusted(&request, &extended("MX-LFPDPPP", "2027-06-25")).unwrap();
    assert_eq!(deadline.committed_due(), day("2027-07-07"));
    assert_eq!(due_of(&deadline, "MX-LFPDPPP"), day("2027-08-02"));
    assert_eq!(deadline.set_by()[0].to_string(), "CLINIC-POLICY/D-01");
}

/// Three months from the original start, not one and then two from a clamped or rolled date.
#[test]
fn months_of_an_extension_are_counted_from_the_original_start() {
    let request = ask(Right::Access, "2027-01-31", &["EU-GDPR"]);
    assert_eq!(adjusted(&request, &Adjustments::default()).unwrap().committed_due(), day("2027-03-01"));
    let deadline = adjusted(&request, &extended("EU-GDPR", "2027-02-10")).unwrap();
    assert_eq!(deadline.committed_due(), day("2027-04-30"));
}

#[test]
fn an_extension_is_refused_when_late_repeated_unknown_or_of_no_term() {
    let mexican = ask(Right::Access, "2027-06-07", &["CLINIC-POLICY", "MX-LFPDPPP"]);
    let late = adjusted(&mexican, &extended("MX-LFPDPPP", "2027-07-06")).unwrap_err();
    assert!(matches!(late, DeadlineError::ExtendedTooLate { last_day, .. } if last_day == day("2027-07-05")));
    assert!(adjusted(&mexican, &extended("MX-LFPDPPP", "2027-07-05")).is_ok());
    let mut twice = extended("MX-LFPDPPP", "2027-06-25");
    twice.extensions.extend(twice.extensions.clone());
    assert!(matches!(adjusted(&mexican, &twice), Err(DeadlineError::ExtendedAlready { times: 1, .. })));
    let promise = adjusted(&mexican, &extended("CLINIC-POLICY", "2027-06-25"));
    assert!(
        matches!(promise, Err(DeadlineError::NotExtendable { row }) if row.to_string() == "CLINIC-POLICY/D-01")
    );
    let stray = adjusted(&mexican, &extended("EU-GDPR", "2027-06-25"));
    assert!(matches!(stray, Err(DeadlineError::NothingToExtend { .. })));
    let before = adjusted(&mexican, &extended("MX-LFPDPPP", "2027-06-06"));
    assert_eq!(before, Err(DeadlineError::Backwards));
}

/// M-15: the version at the start event governs.
#[test]
fn a_request_received_on_the_last_day_of_the_old_law_stays_under_it() {
    let old = answer_by(Right::Access, "2025-03-20", &["MX-LFPDPPP-2025"]);
    assert_eq!(old.set_by()[0].to_string(), "MX-LFPDPPP-2010/D-11");
    let new = answer_by(Right::Access, "2025-03-21", &["MX-LFPDPPP-2025"]);
    assert_eq!(new.set_by()[0].to_string(), "MX-LFPDPPP-2025/D-02");
}

/// The date is the clinic's, not that of UTC.
#[test]
fn a_request_of_the_evening_counts_from_that_evening() {
    let request = DeadlineRequest {
        started_at: "2027-06-08T04:30:00Z".parse().unwrap(),
        ..ask(Right::Complaint, "2027-06-07", &["CLINIC-POLICY"])
    };
    let deadline = adjusted(&request, &Adjustments::default()).unwrap();
    assert_eq!((deadline.started_on(), deadline.committed_due()), (day("2027-06-07"), day("2027-07-07")));
    assert_eq!(deadline.zone_tables(), crate::zone_tables());
}

/// D-05: the twenty days start again the day after completion; the promise does not move.
#[test]
fn missing_elements_restart_the_mexican_term_only() {
    let request = ask(Right::Access, "2027-06-07", &["CLINIC-POLICY", "MX-LFPDPPP"]);
    let pause = paused(PauseCause::MissingElements, "2027-06-10", Some("2027-06-21"));
    let deadline = adjusted(&request, &pause).unwrap();
    assert_eq!(due_of(&deadline, "MX-LFPDPPP"), day("2027-07-19"));
    assert_eq!(deadline.committed_due(), day("2027-07-07"));
    let open = adjusted(&request, &paused(PauseCause::MissingElements, "2027-06-10", None)).unwrap();
    assert_eq!(open.committed_due(), day("2027-07-05"));
    let unknown =
        adjusted(&request, &paused(PauseCause::IdentityDoubt, "2027-06-10", Some("2027-06-21"))).unwrap();
    assert_eq!(unknown.committed_due(), day("2027-07-05"));
}

/// D-21: the days on which the clock stood still are added, then the end rolls.
#[test]
fn clarification_stops_the_clock_of_the_united_kingdom() {
    let request = ask(Right::Access, "2027-06-01", &["UK-GDPR"]);
    let pause = paused(PauseCause::Clarification, "2027-06-10", Some("2027-06-14"));
    // 1 July and four days is Monday 5 July.
    assert_eq!(adjusted(&request, &pause).unwrap().committed_due(), day("2027-07-05"));
}

/// A clock that ran out cannot be revived by stopping it afterwards.
#[test]
fn a_pause_after_the_end_hides_no_lateness() {
    let request = ask(Right::Access, "2027-06-07", &["MX-LFPDPPP"]);
    let late = paused(PauseCause::MissingElements, "2027-07-06", Some("2027-07-20"));
    assert_eq!(adjusted(&request, &late).unwrap().committed_due(), day("2027-07-05"));
}

#[test]
fn the_derivation_names_every_day_that_did_not_count() {
    let deadline = answer_by(Right::Access, "2027-09-10", &["MX-LFPDPPP"]);
    let term = deadline.terms().next().unwrap();
    let holiday = SkippedDay::Free {
        on: day("2027-09-16"),
        because: FreeDay::Holiday { name: "16 de septiembre".to_owned() },
    };
    assert!(term.reading().skipped.contains(&holiday));
    // 10 September to 11 October: 31 days, of which 20 counted, 10 of weekends and one holiday.
    assert_eq!((term.due(), term.reading().skipped.len()), (day("2027-10-11"), 11));
    let words = deadline.explain(Language::En);
    assert_eq!(
        words[1],
        "MX-LFPDPPP-2025/D-02: 20 business days; MX-LFPA-28; without 10 weekend days; without 2027-09-16 (16 de \
         septiembre) -> 2027-10-11 (law; LFPDPPP art. 31; restart: Reglamento 2011 art. 96 (B); A)"
    );
    assert!(deadline.explain(Language::Es)[2].starts_with("Fecha comprometida: 2027-10-11"));
}

#[test]
fn a_step_that_no_profile_times_is_said_so() {
    let request =
        DeadlineRequest { step: Step::Execute, ..ask(Right::Access, "2027-06-07", &["CLINIC-POLICY"]) };
    let error = adjusted(&request, &Adjustments::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "no profile that applies sets a time for the step execute of the right access, counted from receipt"
    );
}

#[test]
fn ties_keep_every_row() {
    let deadline = answer_by(Right::Access, "2027-04-10", &["US-HIPAA", "CLINIC-POLICY", "CA-PIPEDA"]);
    let rows: Vec<_> = deadline.set_by().iter().map(ToString::to_string).collect();
    assert_eq!(rows, ["CA-PIPEDA/D-22", "CLINIC-POLICY/D-01", "US-HIPAA/D-12"]);
}

/// LAW.md, finding 3: over the receipt dates of 2025 to 2030 the two cross.
#[test]
fn the_law_is_earlier_on_1760_days_equal_on_232_and_the_promise_earlier_on_199() {
    let families = law().select(["CLINIC-POLICY", "MX-LFPDPPP"]).unwrap();
    let (mut earlier, mut equal, mut later) = (0, 0, 0);
    for date in day("2025-01-01").iter_days().take_while(|date| *date <= day("2030-12-31")) {
        let started_at = date.and_hms_opt(17, 0, 0).unwrap().and_utc();
        let request = DeadlineRequest {
            started_at,
            families: families.clone(),
            ..ask(Right::Access, "2025-01-01", &[])
        };
        let deadline = adjusted(&request, &Adjustments::default()).unwrap();
        match due_of(&deadline, "MX-LFPDPPP").cmp(&due_of(&deadline, "CLINIC-POLICY")) {
            std::cmp::Ordering::Less => earlier += 1,
            std::cmp::Ordering::Equal => equal += 1,
            std::cmp::Ordering::Greater => later += 1,
        }
    }
    assert_eq!((earlier, equal, later), (1760, 232, 199));
}

//! What holds for every request under any profiles.

use proptest::prelude::*;
use records_model::{Sensitivity, Vocabulary, testing::arb_word};

use super::*;
use crate::testing::{arb_answer_request, arb_date, arb_families, arb_pauses, arb_zone};

proptest! {
    /// P-69: the committed date is the earliest term, and never later than the promise.
    #[test]
    fn the_committed_date_is_the_earliest_term_and_never_after_the_promise(
        request in arb_answer_request(law()), zone in arb_zone(),
    ) {
        let deadline = law().deadline(&request, zone, &Adjustments::default()).unwrap();
        prop_assert_eq!(deadline.committed_due(), deadline.terms().map(crate::Term::due).min().unwrap());
        prop_assert_eq!(due_of(&deadline, "CLINIC-POLICY"), deadline.started_on() + chrono::Days::new(30));
        prop_assert!(deadline.committed_due() <= due_of(&deadline, "CLINIC-POLICY"));
        prop_assert!(deadline.started_on() < deadline.safe_due());
    }

    /// Alarms run before or on the committed date, whatever stopped the clocks.
    #[test]
    fn the_safe_date_is_never_after_the_committed_one(
        (request, pauses) in arb_answer_request(law()).prop_flat_map(|request| {
            let start = monterrey().date_of(request.started_at);
            (Just(request), arb_pauses(start))
        }),
    ) {
        let deadline = adjusted(&request, &pauses).unwrap();
        prop_assert!(deadline.safe_due() <= deadline.committed_due());
    }

    /// M-1: a further profile never moves the date later.
    #[test]
    fn adding_a_profile_never_moves_the_date_later(
        request in arb_answer_request(law()), more in arb_families(law()), zone in arb_zone(),
    ) {
        let before = law().deadline(&request, zone, &Adjustments::default()).unwrap();
        let families = request.families.iter().chain(&more).cloned().collect();
        let after = law().deadline(&DeadlineRequest { families, ..request }, zone, &Adjustments::default()).unwrap();
        prop_assert!(after.committed_due() <= before.committed_due());
        prop_assert!(after.safe_due() <= before.safe_due());
    }

    /// M-2: an extension moves only its own profile's term, and never the promise.
    #[test]
    fn an_extension_moves_only_its_own_term(request in arb_answer_request(law()), pick in any::<prop::sample::Index>()) {
        let before = adjusted(&request, &Adjustments::default()).unwrap();
        let names: Vec<_> = before.terms().map(|term| term.family().clone()).collect();
        let own = pick.get(&names).clone();
        let given = ExtensionGiven { family: own.clone(), told_on: before.started_on() };
        match adjusted(&request, &Adjustments { extensions: vec![given], pauses: Vec::new() }) {
            Ok(after) => {
                for (old, new) in before.terms().zip(after.terms()) {
                    prop_assert_eq!(old.family() == &own, new.due() > old.due());
                    prop_assert!(new.due() >= old.due());
                }
                prop_assert!(after.committed_due() <= due_of(&after, "CLINIC-POLICY"));
                prop_assert_eq!(due_of(&after, "CLINIC-POLICY"), due_of(&before, "CLINIC-POLICY"));
            }
            Err(error) => prop_assert!(matches!(error, DeadlineError::NotExtendable { .. }), "{}", error),
        }
    }

    /// M-2: no pause moves the promise, and none makes a term shorter.
    #[test]
    fn a_pause_never_moves_the_promise(
        (request, pauses) in arb_answer_request(law()).prop_flat_map(|request| {
            let start = monterrey().date_of(request.started_at);
            (Just(request), arb_pauses(start))
        }),
    ) {
        let before = adjusted(&request, &Adjustments::default()).unwrap();
        let after = adjusted(&request, &pauses).unwrap();
        prop_assert_eq!(due_of(&after, "CLINIC-POLICY"), due_of(&before, "CLINIC-POLICY"));
        for (old, new) in before.terms().zip(after.terms()) {
            prop_assert!(new.due() >= old.due());
        }
    }

    /// Every business day of the derivation is accounted for: counted, or skipped with a reason.
    #[test]
    fn counted_and_skipped_days_add_up_to_the_length_of_the_term(date in arb_date()) {
        let started_at = format!("{date}T18:00:00Z").parse().unwrap();
        let request = DeadlineRequest { started_at, ..ask(Right::Access, "2027-06-07", &["MX-LFPDPPP"]) };
        let deadline = adjusted(&request, &Adjustments::default()).unwrap();
        let term = deadline.terms().next().unwrap();
        let length = usize::try_from((term.due() - deadline.started_on()).num_days()).unwrap();
        prop_assert_eq!(length, term.reading().skipped.len() + 20);
    }

    /// M-6: a further profile never lowers the form of consent; the promise alone says nothing.
    #[test]
    fn adding_a_profile_never_lowers_the_form_of_consent(
        few in arb_families(law()), more in arb_families(law()), sensitivity in arb_word::<Sensitivity>(), on in arb_date(),
    ) {
        if let Ok(before) = law().needed_form(&few, sensitivity, on) {
            let after = law().needed_form(&few.into_iter().chain(more).collect(), sensitivity, on).unwrap();
            prop_assert!(after.form >= before.form);
        }
    }

    /// A derivation that was stored reads back as it was.
    #[test]
    fn a_stored_derivation_reads_back(request in arb_answer_request(law()), zone in arb_zone()) {
        let deadline = law().deadline(&request, zone, &Adjustments::default()).unwrap();
        let stored = serde_json::to_string(&deadline).unwrap();
        prop_assert_eq!(serde_json::from_str::<Deadline>(&stored).unwrap(), deadline);
    }
}

/// LAW.md, lattice: ordinary tacit, financial express, sensitive express and written under Mexican law.
#[test]
fn mexican_law_needs_more_the_more_sensitive_the_data() {
    let families = law().select(["MX-LFPDPPP", "EU-GDPR", "CLINIC-POLICY"]).unwrap();
    let forms: Vec<_> = Sensitivity::ALL
        .iter()
        .map(|sensitivity| law().needed_form(&families, *sensitivity, day("2026-01-01")).unwrap().form.code())
        .collect();
    assert_eq!(forms, ["tacit", "express", "express-written"]);
    let none = law().select(["CLINIC-POLICY"]).unwrap();
    assert!(law().needed_form(&none, Sensitivity::Sensitive, day("2026-01-01")).is_err());
}

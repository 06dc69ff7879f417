//! The report flips to broken when, and only when, a real fact is broken.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use privacy_notice::evidence::{KeyRecovery, LogCheck, Office, PolicyProof, Register, Transport};
use privacy_notice::testing::all_in_order;
use privacy_notice::{
    ClauseCatalogue, ClauseReport, ClauseState, ContentHash, Evaluator, Evidence, OfficerEmail, report,
};

type Break = fn(&mut Evidence);

#[cfg(test)]
mod support {
    use super::*;

    pub(super) const OVERDUE: Option<Register> = Some(Register { entries: 3, overdue: 1 });

    pub(super) fn now() -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(20_400)
    }

    pub(super) fn catalogue() -> ClauseCatalogue {
        let text = std::fs::read_to_string("../../fixtures/clinics/elicells/clauses.toml").unwrap();
        ClauseCatalogue::parse(&text).unwrap()
    }

    pub(super) fn broken(lines: &[ClauseReport]) -> BTreeSet<u16> {
        lines
            .iter()
            .filter(|line| matches!(line.state, ClauseState::Broken { .. }))
            .map(|line| line.id.number())
            .collect()
    }

    /// One broken fact, and every clause that it breaks.
    pub(super) fn table() -> Vec<(Break, &'static [u16])> {
        vec![
            (|e| e.notice.served = Some(ContentHash::of("other")), &[1]),
            (|e| e.notice.archive_mismatches = Some(1), &[2, 87, 89]),
            (|e| e.notice.uncited = Some(1), &[4]),
            (|e| e.decisions.unexplained = Some(1), &[7]),
            (|e| e.decisions.permits_unlogged = Some(1), &[51]),
            (|e| e.decisions.sale_permits = Some(1), &[37]),
            (|e| e.decisions.disclosures_without_ground = Some(1), &[38]),
            (|e| e.decisions.disclosures_without_contract = Some(1), &[40]),
            (|e| e.decisions.providers_expired = Some(1), &[40]),
            (|e| e.decisions.disclosures_unbound = Some(1), &[41]),
            (|e| e.decisions.break_glass_overdue = Some(1), &[44]),
            (|e| e.decisions.permits_against_restriction = Some(1), &[64]),
            (|e| e.decisions.transfers_without_mechanism = Some(1), &[79]),
            (|e| e.decisions.mechanisms_expired = Some(1), &[80]),
            (|e| e.decisions.people_without_profiles = Some(1), &[93]),
            (|e| e.records.malformed = Some(1), &[5, 9]),
            (|e| e.records.unsealed = Some(1), &[10, 49]),
            (|e| e.records.unsigned = Some(1), &[16, 17]),
            (|e| e.records.overwritten = Some(1), &[18]),
            (|e| e.records.without_anchor = Some(1), &[20]),
            (|e| e.records.age_columns = Some(1), &[11]),
            (|e| e.security.safeguards = OVERDUE, &[3, 47]),
            (|e| e.security.key_recovery = Some(KeyRecovery::NeverVerified), &[47]),
            (|e| e.security.transport = Some(Transport::InTheClear), &[48]),
            (|e| e.security.accounts_without_second_factor = Some(1), &[52]),
            (|e| e.security.audits = OVERDUE, &[53]),
            (|e| e.security.log = Some(LogCheck::Damaged { at: now() }), &[3, 54]),
            (|e| e.security.premises = OVERDUE, &[55]),
            (|e| e.security.folders_overdue = Some(1), &[56]),
            (|e| e.security.incidents = OVERDUE, &[61]),
            (|e| e.staff.reads_without_undertaking = Some(1), &[8]),
            (|e| e.staff.reads_untrained = Some(1), &[58]),
            (|e| e.staff.procedures = OVERDUE, &[59]),
            (|e| e.staff.reads_unchecked = Some(1), &[60]),
            (|e| e.rights.tables_without_export = Some(1), &[62, 70]),
            (|e| e.rights.corrections_untold = Some(1), &[63]),
            (|e| e.rights.sends_off_channel = Some(1), &[31, 65]),
            (|e| e.rights.breach_notices_overdue = Some(1), &[66]),
            (|e| e.rights.complaints_in_conflict = Some(1), &[67]),
            (|e| e.rights.intake_closed = Some(1), &[68]),
            (|e| e.rights.requests_overdue = Some(1), &[69]),
            (|e| e.retention.without_schedule = Some(1), &[71]),
            (|e| e.retention.disposals_overdue = Some(1), &[71]),
            (|e| e.retention.disposals_without_certificate = Some(1), &[57]),
            (|e| e.retention.disposals_early = Some(1), &[72, 73]),
            (|e| e.retention.disposals_under_hold = Some(1), &[77]),
            (|e| e.retention.website_past_ceiling = Some(1), &[74]),
            (|e| e.retention.sends_after_unsubscribe = Some(1), &[75]),
            (|e| e.retention.marketing_left = Some(1), &[76]),
            (|e| e.officer.office = Some(Office::Vacant), &[91]),
            (|e| e.officer.email = Some(OfficerEmail::NotSet), &[92]),
        ]
    }
}

use support::{broken, catalogue, now, table};

#[test]
fn each_broken_fact_breaks_its_clauses_and_no_other() {
    let catalogue = catalogue();
    for (position, (damage, clauses)) in table().into_iter().enumerate() {
        let mut evidence = all_in_order(now());
        damage(&mut evidence);
        let lines = report(&catalogue, &evidence, now());
        assert_eq!(broken(&lines), clauses.iter().copied().collect(), "row {position}");
    }
}

#[test]
fn the_policy_without_proof_breaks_every_clause_that_rests_on_a_rule() {
    let catalogue = catalogue();
    let mut evidence = all_in_order(now());
    evidence.decisions.policy.as_mut().unwrap().proof = PolicyProof::Missing;
    let expected: BTreeSet<u16> = catalogue
        .iter()
        .filter(|c| matches!(c.evaluator, Some(Evaluator::RuleProved | Evaluator::NeverSold)))
        .map(|c| c.id.number())
        .collect();
    assert!(expected.len() > 20);
    assert_eq!(broken(&report(&catalogue, &evidence, now())), expected);
}

#[test]
fn a_rule_that_cites_a_clause_proves_nothing_about_it() {
    let mut evidence = all_in_order(now());
    evidence.decisions.policy.as_mut().unwrap().proved.clear();
    let lines = report(&catalogue(), &evidence, now());
    for line in lines.iter().filter(|line| line.evaluator == Some(Evaluator::RuleProved)) {
        assert_eq!(line.state, ClauseState::NotEvidenced, "{}", line.id);
    }
}

#[test]
fn evidence_that_grows_old_breaks_the_clause_one_instant_after_the_limit() {
    let catalogue = catalogue();
    for (limit, damaged) in [
        (TimeDelta::hours(24), &[3, 54][..]),
        (TimeDelta::days(30), &[3, 50, 54]),
        (TimeDelta::days(90), &[3, 47, 50, 54]),
    ] {
        let evidence = all_in_order(now());
        let before = broken(&report(&catalogue, &evidence, now() + limit));
        let after = broken(&report(&catalogue, &evidence, now() + limit + TimeDelta::seconds(1)));
        assert!(before.len() < after.len());
        assert_eq!(after, damaged.iter().copied().collect());
    }
}

#[test]
fn everything_in_order_is_kept_except_what_no_check_keeps_yet() {
    let catalogue = catalogue();
    for line in report(&catalogue, &all_in_order(now()), now()) {
        let expected = if line.evaluator.is_some() { ClauseState::Kept } else { ClauseState::NotEvidenced };
        assert_eq!(line.state, expected, "{}", line.id);
    }
}

#[test]
fn an_empty_register_proves_nothing() {
    let mut evidence = all_in_order(now());
    evidence.security.audits = Some(Register { entries: 0, overdue: 0 });
    let lines = report(&catalogue(), &evidence, now());
    let audits = lines.iter().find(|line| line.id.number() == 53).unwrap();
    assert_eq!(audits.state, ClauseState::NotEvidenced);
}

#[test]
fn a_broken_clause_says_why_and_what_mends_it_in_both_languages_with_the_count() {
    let mut evidence = all_in_order(now());
    evidence.rights.requests_overdue = Some(7);
    let lines = report(&catalogue(), &evidence, now());
    let line = lines.iter().find(|line| line.id.number() == 69).unwrap();
    let ClauseState::Broken { why, mend } = &line.state else { panic!("not broken") };
    assert_eq!(why.en, "Requests still open past their date: 7");
    assert_eq!(why.es, "Solicitudes abiertas después de su fecha límite: 7");
    assert!(!mend.es.is_empty() && !mend.en.is_empty());
}

#[test]
fn a_line_of_the_report_has_this_form_in_json() {
    let mut evidence = all_in_order(now());
    evidence.officer.email = Some(OfficerEmail::NotSet);
    let lines = report(&catalogue(), &evidence, now());
    let json = |number: u16| {
        serde_json::to_value(lines.iter().find(|line| line.id.number() == number).unwrap()).unwrap()
    };
    let broken = json(92);
    assert_eq!(broken["id"], "P-92");
    assert_eq!(broken["section"], "11");
    assert_eq!(broken["evaluator"], "officer-reachable");
    assert_eq!(broken["state"], "broken");
    assert!(broken["why"]["es"].is_string() && broken["mend"]["en"].is_string());
    assert!(broken["promise"]["es"].is_string());
    let waiting = json(21);
    assert_eq!((&waiting["state"], waiting["evaluator"].is_null()), (&"not-evidenced".into(), true));
    assert_eq!(json(91)["state"], "kept");
}

#[test]
fn every_check_is_named_by_a_clause_and_reads_back_from_its_code() {
    let catalogue = catalogue();
    for evaluator in Evaluator::ALL.iter().copied() {
        assert!(catalogue.iter().any(|clause| clause.evaluator == Some(evaluator)), "{evaluator}");
        assert_eq!(Evaluator::try_from(evaluator.code().to_owned()), Ok(evaluator));
    }
}

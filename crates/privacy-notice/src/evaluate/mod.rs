//! From evidence to the state of a clause: one function a check.

mod decisions;
mod notice;
mod retention;
mod rights;
mod security;
mod staff;

use chrono::{DateTime, Utc};
use records_model::ClauseId;

use crate::evidence::Register;
use crate::{Bilingual, ClauseState, Evaluator, Evidence};

/// The state that one check computes. `clause` matters only where one check serves many clauses.
pub(crate) fn evaluate(
    evaluator: Evaluator,
    clause: ClauseId,
    evidence: &Evidence,
    now: DateTime<Utc>,
) -> ClauseState {
    match evaluator {
        Evaluator::NoticeServed => notice::served(evidence),
        Evaluator::NoticeArchived => notice::archived(evidence),
        Evaluator::ReportRests => security::report_rests(evidence, now),
        Evaluator::Cited => notice::cited(evidence),
        Evaluator::RecordsWellFormed => retention::well_formed(evidence),
        Evaluator::RuleProved => decisions::rule_proved(evidence, clause),
        Evaluator::DecisionsExplained => decisions::explained(evidence),
        Evaluator::UndertakingsSigned => staff::undertakings(evidence),
        Evaluator::Sealed => security::sealed(evidence),
        Evaluator::NoAgeStored => retention::no_age(evidence),
        Evaluator::RecordsSigned => retention::signed(evidence),
        Evaluator::RecordsAppendOnly => retention::append_only(evidence),
        Evaluator::AnchorsKept => retention::anchors(evidence),
        Evaluator::NeverSold => decisions::never_sold(evidence),
        Evaluator::GroundsNamed => decisions::grounds(evidence),
        Evaluator::ContractsInForce => decisions::contracts(evidence),
        Evaluator::DisclosuresBound => decisions::bound(evidence),
        Evaluator::BreakGlassReviewed => decisions::break_glass(evidence),
        Evaluator::SafeguardsCurrent => security::safeguards(evidence, now),
        Evaluator::TransitEncrypted => security::transit(evidence),
        Evaluator::PatchesCurrent => security::patches(evidence, now),
        Evaluator::AccessLogged => decisions::logged(evidence),
        Evaluator::SignInStrong => security::sign_in(evidence),
        Evaluator::AuditsCurrent => security::audits(evidence),
        Evaluator::LogVerified => security::log(evidence, now),
        Evaluator::PremisesCurrent => security::premises(evidence),
        Evaluator::PaperReturned => security::paper(evidence),
        Evaluator::DisposalsDocumented => retention::documented(evidence),
        Evaluator::StaffTrained => staff::trained(evidence),
        Evaluator::ProceduresCurrent => staff::procedures(evidence),
        Evaluator::StaffChecked => staff::checked(evidence),
        Evaluator::IncidentsOnTime => security::incidents(evidence),
        Evaluator::AccessComplete => rights::access_complete(evidence),
        Evaluator::CorrectionsTold => rights::corrections(evidence),
        Evaluator::RestrictionsHeld => decisions::restrictions(evidence),
        Evaluator::ChannelsKept => rights::channels(evidence),
        Evaluator::BreachesTold => rights::breaches(evidence),
        Evaluator::ComplaintsImpartial => rights::complaints(evidence),
        Evaluator::IntakeOpen => rights::intake(evidence),
        Evaluator::RequestsOnTime => rights::on_time(evidence),
        Evaluator::DisposalsOnTime => retention::on_time(evidence),
        Evaluator::FloorsHeld => retention::floors(evidence),
        Evaluator::WebsiteDataFresh => retention::website(evidence),
        Evaluator::UnsubscribedSpared => retention::unsubscribed(evidence),
        Evaluator::MarketingDeleted => retention::marketing(evidence),
        Evaluator::HoldsKept => retention::holds(evidence),
        Evaluator::TransfersCovered => decisions::transfers(evidence),
        Evaluator::MechanismsCurrent => decisions::mechanisms(evidence),
        Evaluator::OfficerInOffice => staff::officer_in_office(evidence),
        Evaluator::OfficerReachable => staff::officer_reachable(evidence),
        Evaluator::ProfilesApplied => decisions::profiles(evidence),
    }
}

/// What is wrong and what mends it, each in Spanish and English.
struct Words {
    why: [&'static str; 2],
    mend: [&'static str; 2],
}

impl Words {
    fn broken(&self) -> ClauseState {
        let [es, en] = self.why;
        ClauseState::Broken { why: Bilingual::new(es, en), mend: self.mending() }
    }

    fn broken_by(&self, count: u64) -> ClauseState {
        let [es, en] = self.why;
        ClauseState::Broken {
            why: Bilingual::new(format!("{es}: {count}"), format!("{en}: {count}")),
            mend: self.mending(),
        }
    }

    fn mending(&self) -> Bilingual {
        let [es, en] = self.mend;
        Bilingual::new(es, en)
    }
}

/// Kept while nothing was counted.
fn none(count: Option<u64>, words: &Words) -> ClauseState {
    match count {
        None => ClauseState::NotEvidenced,
        Some(0) => ClauseState::Kept,
        Some(count) => words.broken_by(count),
    }
}

/// Kept while nothing in the register is overdue; an empty register proves nothing.
fn current(register: Option<Register>, words: &Words) -> ClauseState {
    match register {
        None | Some(Register { entries: 0, overdue: 0 }) => ClauseState::NotEvidenced,
        Some(Register { overdue: 0, .. }) => ClauseState::Kept,
        Some(Register { overdue, .. }) => words.broken_by(overdue),
    }
}

/// Broken if one is broken, else kept only if every one is kept.
fn both(left: ClauseState, right: ClauseState) -> ClauseState {
    match (&left, &right) {
        (ClauseState::Broken { .. }, _) => left,
        (_, ClauseState::Broken { .. }) | (ClauseState::Kept, _) => right,
        (ClauseState::NotEvidenced, _) => left,
    }
}

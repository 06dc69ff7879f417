//! Acts that nobody decides for themselves: refused and entered in the log like every refusal.

use std::collections::BTreeSet;

use audit_log::{Event, Outcome as LogOutcome, Reason as LogReason};
use consent_policy::Outcome;
use records_model::{ClauseId, RuleId, Set};

use crate::judge::judge;
use crate::ledger::Ledger;
use crate::{Answer, Asked, LoadedFacts, OperationError, ReasonText};

/// What somebody would decide about themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SelfDealing {
    /// Lifting a restriction that keeps themselves out (section 6).
    Restriction,
    /// Reviewing an emergency access of their own (section 4.1).
    Review,
    /// Entering their own training or background check (section 5.3).
    Clearance,
    /// Judging an alert about their own acts (section 5.1).
    Alert,
    /// Approving a disposal a second time, in whatever role (section 5).
    Disposal,
}

/// Code under which the log names such a refusal.
const CODE: &str = "self-dealing";

impl SelfDealing {
    const fn clause_number(self) -> u16 {
        match self {
            Self::Restriction => 64,
            Self::Review => 44,
            Self::Clearance => 60,
            Self::Alert => 54,
            Self::Disposal => 57,
        }
    }

    fn reason(self) -> ReasonText {
        let (es, en) = match self {
            Self::Restriction => (
                "Nadie levanta una restricción que le cierra el paso a sí mismo; lo hace otra persona, si el paciente lo pide.",
                "Nobody lifts a restriction that keeps themselves out; somebody else does, if the patient asks for it.",
            ),
            Self::Review => (
                "Nadie revisa su propio acceso de emergencia; lo revisa quien suple.",
                "Nobody reviews an emergency access of their own; the deputy does.",
            ),
            Self::Disposal => (
                "Ya consta la aprobación de esta persona; falta la de otra que sea oficial de privacidad o dirección.",
                "This person's approval is on file; what is missing is that of somebody else who is privacy officer or director.",
            ),
            Self::Clearance => (
                "Nadie anota su propia capacitación ni su propia verificación; lo anota otra persona.",
                "Nobody enters their own training or check; somebody else does.",
            ),
            Self::Alert => (
                "Nadie cierra una alerta sobre lo que hizo; la cierra otra persona.",
                "Nobody closes an alert about their own acts; somebody else does.",
            ),
        };
        let clauses = ClauseId::new(self.clause_number()).into_iter().collect();
        ReasonText { rule: None, clauses, es: es.to_owned(), en: en.to_owned() }
    }
}

/// Refuses, and enters the refusal.
pub(crate) fn refuse(
    facts: &LoadedFacts,
    ledger: &mut Ledger<'_, '_>,
    asked: &Asked,
    dealing: SelfDealing,
) -> Result<Answer, OperationError> {
    let judgement = judge(facts, asked, Set::EMPTY, ledger.tools)?;
    let reason = dealing.reason();
    let mut draft = judgement.entry(Event::Decision, BTreeSet::new(), ledger.tools);
    draft.outcome = LogOutcome::Deny;
    draft.rules = BTreeSet::new();
    let code = RuleId::parse(CODE).map_err(|_| OperationError::Stored("rule"))?;
    draft.preimage.reasons =
        reason.clauses.iter().map(|clause| LogReason { clause: *clause, code: code.clone() }).collect();
    // No document decided this, so none could decide it otherwise.
    draft.preimage.basis = None;
    ledger.enter(draft)?;
    Ok(Answer {
        outcome: Outcome::Deny,
        rules: Vec::new(),
        reasons: vec![reason],
        obligations: Set::EMPTY,
        valid_until: None,
        ..judgement.answer(ledger.tools)
    })
}

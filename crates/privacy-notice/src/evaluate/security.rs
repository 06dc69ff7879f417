//! Checks on technical and physical protection (section 5).

use chrono::{DateTime, TimeDelta, Utc};

use super::{Words, both, current, none};
use crate::evidence::{KeyRecovery, LogCheck, Transport};
use crate::{ClauseState, Evidence};

pub(super) fn sealed(evidence: &Evidence) -> ClauseState {
    none(evidence.records.unsealed, &UNSEALED)
}

/// The report is worth something only while the log that it counts is whole and its registers are kept.
pub(super) fn report_rests(evidence: &Evidence, now: DateTime<Utc>) -> ClauseState {
    both(log(evidence, now), current(evidence.security.safeguards, &SAFEGUARDS))
}

pub(super) fn safeguards(evidence: &Evidence, now: DateTime<Utc>) -> ClauseState {
    let recovery = match evidence.security.key_recovery {
        None => ClauseState::NotEvidenced,
        Some(KeyRecovery::NeverVerified) => NEVER_RECOVERED.broken(),
        Some(KeyRecovery::Verified { at }) if is_older(at, now, days(evidence.limits.recovery_days)) => {
            RECOVERY_OLD.broken()
        }
        Some(KeyRecovery::Verified { .. }) => ClauseState::Kept,
    };
    both(recovery, current(evidence.security.safeguards, &SAFEGUARDS))
}

pub(super) fn transit(evidence: &Evidence) -> ClauseState {
    match evidence.security.transport {
        None => ClauseState::NotEvidenced,
        Some(Transport::LocalOnly | Transport::Encrypted) => ClauseState::Kept,
        Some(Transport::InTheClear) => CLEAR.broken(),
    }
}

pub(super) fn patches(evidence: &Evidence, now: DateTime<Utc>) -> ClauseState {
    match evidence.security.patches_checked_at {
        None => ClauseState::NotEvidenced,
        Some(at) if is_older(at, now, days(evidence.limits.patch_days)) => PATCHES.broken(),
        Some(_) => ClauseState::Kept,
    }
}

pub(super) fn sign_in(evidence: &Evidence) -> ClauseState {
    none(evidence.security.accounts_without_second_factor, &FACTOR)
}

pub(super) fn audits(evidence: &Evidence) -> ClauseState {
    current(evidence.security.audits, &AUDITS)
}

pub(super) fn log(evidence: &Evidence, now: DateTime<Utc>) -> ClauseState {
    let limit = TimeDelta::hours(i64::from(evidence.limits.log_verified_hours));
    match evidence.security.log {
        None => ClauseState::NotEvidenced,
        Some(LogCheck::Damaged { .. }) => DAMAGED.broken(),
        Some(LogCheck::Intact { at }) if is_older(at, now, limit) => STALE.broken(),
        Some(LogCheck::Intact { .. }) => ClauseState::Kept,
    }
}

pub(super) fn premises(evidence: &Evidence) -> ClauseState {
    current(evidence.security.premises, &PREMISES)
}

pub(super) fn paper(evidence: &Evidence) -> ClauseState {
    none(evidence.security.folders_overdue, &FOLDERS)
}

pub(super) fn incidents(evidence: &Evidence) -> ClauseState {
    current(evidence.security.incidents, &INCIDENTS)
}

fn days(days: u32) -> TimeDelta {
    TimeDelta::days(i64::from(days))
}

/// Whether more than `limit` passed. An instant after `now` points at a wrong clock and counts as too old.
fn is_older(at: DateTime<Utc>, now: DateTime<Utc>, limit: TimeDelta) -> bool {
    at > now || now - at > limit
}

const UNSEALED: Words = Words {
    why: ["Valores personales guardados sin sellar", "Personal values stored without a seal"],
    mend: ["Séllelos y abra un incidente", "Seal them and open an incident"],
};

const SAFEGUARDS: Words = Words {
    why: ["Medidas de seguridad con revisión vencida", "Safeguards past their check"],
    mend: ["Revise cada medida y registre la evidencia", "Check each safeguard and record the evidence"],
};

const NEVER_RECOVERED: Words = Words {
    why: [
        "Nunca se ha comprobado que las llaves puedan recuperarse",
        "It was never verified that the keys can be recovered",
    ],
    mend: ["Reparta las partes de recuperación y pruébelas", "Hand the recovery shares out and try them"],
};

const RECOVERY_OLD: Words = Words {
    why: [
        "La última prueba de recuperación de llaves es demasiado antigua",
        "The last recovery of the keys was tried too long ago",
    ],
    mend: ["Repita la prueba", "Try it again"],
};

const CLEAR: Words = Words {
    why: ["Hay un enlace sin cifrar", "A link is not encrypted"],
    mend: [
        "Active TLS o limite el servicio al propio equipo",
        "Turn TLS on or keep the service to this machine",
    ],
};

const PATCHES: Words = Words {
    why: [
        "La última revisión de actualizaciones es demasiado antigua",
        "Security updates were last looked at too long ago",
    ],
    mend: ["Revise las actualizaciones y regístrelo", "Look at the updates and record it"],
};

const FACTOR: Words = Words {
    why: ["Cuentas del personal sin segundo factor", "Staff accounts without a second factor"],
    mend: ["Active el segundo factor en cada una", "Turn the second factor on for each"],
};

const AUDITS: Words = Words {
    why: ["Auditorías vencidas o hallazgos sin cerrar", "Audits or findings past their date"],
    mend: ["Haga la auditoría o cierre el hallazgo", "Hold the audit or close the finding"],
};

const DAMAGED: Words = Words {
    why: ["La bitácora no pasa la verificación", "The log does not verify"],
    mend: [
        "Abra un incidente; el verificador dice qué asiento falla",
        "Open an incident; the verifier names the entry that fails",
    ],
};

const STALE: Words = Words {
    why: ["La bitácora no se ha verificado a tiempo", "The log was not verified in time"],
    mend: ["Verifíquela ahora", "Verify it now"],
};

const PREMISES: Words = Words {
    why: ["Inspecciones de áreas vencidas", "Inspections of the premises past their date"],
    mend: ["Inspeccione y registre", "Inspect and record"],
};

const FOLDERS: Words = Words {
    why: [
        "Expedientes en papel fuera del archivo después de su fecha",
        "Paper folders out past the day they were due back",
    ],
    mend: ["Localícelos y registre su regreso", "Find them and record their return"],
};

const INCIDENTS: Words = Words {
    why: ["Incidentes o simulacros atrasados", "Incidents or drills behind their clock"],
    mend: ["Dé el paso siguiente en cada uno", "Take the next step in each"],
};

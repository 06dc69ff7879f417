//! Checks on staff and on the office of privacy officer.

use super::{Words, current, none};
use crate::evidence::Office;
use crate::{ClauseState, Evidence, OfficerEmail};

pub(super) fn undertakings(evidence: &Evidence) -> ClauseState {
    none(evidence.staff.reads_without_undertaking, &UNDERTAKING)
}

pub(super) fn trained(evidence: &Evidence) -> ClauseState {
    none(evidence.staff.reads_untrained, &TRAINING)
}

pub(super) fn checked(evidence: &Evidence) -> ClauseState {
    none(evidence.staff.reads_unchecked, &CHECK)
}

pub(super) fn procedures(evidence: &Evidence) -> ClauseState {
    current(evidence.staff.procedures, &PROCEDURES)
}

pub(super) fn officer_in_office(evidence: &Evidence) -> ClauseState {
    match evidence.officer.office {
        None => ClauseState::NotEvidenced,
        Some(Office::Held) => ClauseState::Kept,
        Some(Office::Vacant) => VACANT.broken(),
    }
}

pub(super) fn officer_reachable(evidence: &Evidence) -> ClauseState {
    match evidence.officer.email {
        None => ClauseState::NotEvidenced,
        Some(OfficerEmail::Set(_)) => ClauseState::Kept,
        Some(OfficerEmail::NotSet) => EMAIL.broken(),
    }
}

const UNDERTAKING: Words = Words {
    why: [
        "Lecturas por personal sin compromiso de confidencialidad firmado",
        "Reads by staff without a signed confidentiality undertaking",
    ],
    mend: [
        "Recabe la firma antes de la siguiente lectura y revise cada una de las anteriores",
        "Have it signed before the next read, and review each one that happened",
    ],
};

const TRAINING: Words = Words {
    why: ["Lecturas por personal sin capacitación vigente", "Reads by staff without valid training"],
    mend: [
        "Capacite a esas personas y revise cada una de esas lecturas",
        "Train those people, and review each of those reads",
    ],
};

const CHECK: Words = Words {
    why: [
        "Lecturas por personal sin verificación de antecedentes favorable",
        "Reads by staff without a clear background check",
    ],
    mend: [
        "Complete la verificación y revise cada una de esas lecturas",
        "Complete the check, and review each of those reads",
    ],
};

const PROCEDURES: Words = Words {
    why: ["Procedimientos escritos con revisión vencida", "Written procedures past their review date"],
    mend: ["Revise y apruebe cada uno", "Review and approve each of them"],
};

const VACANT: Words = Words {
    why: ["Nadie ocupa hoy el cargo de oficial de privacidad", "Nobody is privacy officer today"],
    mend: ["Nombre a la persona y a quien la suple", "Appoint a person and a deputy"],
};

const EMAIL: Words = Words {
    why: [
        "No hay correo del oficial de privacidad: la política publica un texto de relleno en su lugar",
        "The privacy officer has no e-mail address: the policy shows a placeholder where it should stand",
    ],
    mend: [
        "Escriba la dirección verdadera en `officer.email` de clinic.toml y corrija la política",
        "Enter the real address as `officer.email` in clinic.toml, and correct the policy",
    ],
};

//! Checks on the policy in force, on decisions and on disclosures (sections 3, 4, 6, 8).

use records_model::ClauseId;

use super::{Words, both, none};
use crate::evidence::PolicyProof;
use crate::{ClauseState, Evidence};

/// Kept if the policy in force was proved, and a compiled promise or an invariant of the document that cites the clause
/// is among what was proved. That a rule cites a clause is a claim of whoever wrote it: without a proof of what the
/// clause says it is not evidenced.
pub(super) fn rule_proved(evidence: &Evidence, clause: ClauseId) -> ClauseState {
    both(
        proved(evidence),
        match &evidence.decisions.policy {
            Some(policy) if policy.proved.get(&clause).is_some_and(|by| !by.is_empty()) => ClauseState::Kept,
            _ => ClauseState::NotEvidenced,
        },
    )
}

fn proved(evidence: &Evidence) -> ClauseState {
    match evidence.decisions.policy.as_ref().map(|policy| policy.proof) {
        None => ClauseState::NotEvidenced,
        Some(PolicyProof::Proved) => ClauseState::Kept,
        Some(PolicyProof::Missing) => UNPROVED.broken(),
    }
}

pub(super) fn never_sold(evidence: &Evidence) -> ClauseState {
    both(none(evidence.decisions.sale_permits, &SOLD), proved(evidence))
}

pub(super) fn explained(evidence: &Evidence) -> ClauseState {
    none(evidence.decisions.unexplained, &UNEXPLAINED)
}

pub(super) fn logged(evidence: &Evidence) -> ClauseState {
    none(evidence.decisions.permits_unlogged, &UNLOGGED)
}

pub(super) fn grounds(evidence: &Evidence) -> ClauseState {
    none(evidence.decisions.disclosures_without_ground, &GROUNDLESS)
}

pub(super) fn contracts(evidence: &Evidence) -> ClauseState {
    both(
        none(evidence.decisions.disclosures_without_contract, &CONTRACTLESS),
        none(evidence.decisions.providers_expired, &EXPIRED),
    )
}

pub(super) fn bound(evidence: &Evidence) -> ClauseState {
    none(evidence.decisions.disclosures_unbound, &UNBOUND)
}

pub(super) fn break_glass(evidence: &Evidence) -> ClauseState {
    none(evidence.decisions.break_glass_overdue, &GLASS)
}

pub(super) fn restrictions(evidence: &Evidence) -> ClauseState {
    none(evidence.decisions.permits_against_restriction, &RESTRICTED)
}

pub(super) fn transfers(evidence: &Evidence) -> ClauseState {
    none(evidence.decisions.transfers_without_mechanism, &UNCOVERED)
}

pub(super) fn mechanisms(evidence: &Evidence) -> ClauseState {
    none(evidence.decisions.mechanisms_expired, &MECHANISM)
}

pub(super) fn profiles(evidence: &Evidence) -> ClauseState {
    none(evidence.decisions.people_without_profiles, &PROFILELESS)
}

const UNPROVED: Words = Words {
    why: [
        "Las reglas en uso no tienen prueba de sus invariantes",
        "The rules in use have no proof of their invariants",
    ],
    mend: [
        "Verifique el documento de política y vuelva a cargarlo",
        "Verify the policy document and load it again",
    ],
};

const SOLD: Words = Words {
    why: ["Permisos de venta, renta o intercambio", "Permits for sale, rental or trade"],
    mend: [
        "Detenga el sistema e investigue: ninguna regla puede darlos",
        "Stop the system and investigate: no rule can give them",
    ],
};

const UNEXPLAINED: Words = Words {
    why: [
        "Decisiones sin regla, motivo o versión de la política",
        "Decisions without rule, reason or policy version",
    ],
    mend: ["Investigue su origen", "Investigate where they come from"],
};

const UNLOGGED: Words = Words {
    why: ["Accesos sin asiento en la bitácora", "Accesses without an entry in the log"],
    mend: [
        "Abra un incidente: alguien leyó sin dejar rastro",
        "Open an incident: somebody read without a trace",
    ],
};

const GROUNDLESS: Words = Words {
    why: ["Comunicaciones de datos sin fundamento", "Disclosures without a ground"],
    mend: ["Pida su devolución y abra un incidente", "Recall them and open an incident"],
};

const CONTRACTLESS: Words = Words {
    why: [
        "Comunicaciones a proveedores sin contrato vigente",
        "Disclosures to providers without a contract in force",
    ],
    mend: ["Pida su devolución y abra un incidente", "Recall them and open an incident"],
};

const EXPIRED: Words = Words {
    why: ["Proveedores en activo con contrato vencido", "Active providers whose contract is over"],
    mend: ["Renueve el contrato o dé de baja al proveedor", "Renew the contract or retire the provider"],
};

const UNBOUND: Words = Words {
    why: [
        "Comunicaciones que no llevaron el aviso y las finalidades",
        "Disclosures that did not carry the notice and the purposes",
    ],
    mend: ["Envíe el aviso a esos destinatarios", "Send those recipients the notice"],
};

const GLASS: Words = Words {
    why: ["Accesos de emergencia sin revisar a tiempo", "Emergency accesses not reviewed in time"],
    mend: ["Revíselos hoy y avise a cada paciente", "Review them today and tell each patient"],
};

const RESTRICTED: Words = Words {
    why: ["Permisos dados contra una limitación vigente", "Permits given against a restriction in force"],
    mend: ["Abra un incidente y avise a las personas", "Open an incident and tell the people"],
};

const UNCOVERED: Words = Words {
    why: [
        "Transferencias al extranjero sin mecanismo que las ampare",
        "Transfers abroad without a mechanism that covers them",
    ],
    mend: [
        "Pida la devolución y firme el mecanismo que falta",
        "Recall them and sign the mechanism that is missing",
    ],
};

const MECHANISM: Words = Words {
    why: [
        "Proveedores en el extranjero con un mecanismo de transferencia vencido",
        "Providers abroad with a transfer mechanism that is over",
    ],
    mend: ["Renueve el mecanismo o dé de baja al proveedor", "Renew the mechanism or retire the provider"],
};

const PROFILELESS: Words = Words {
    why: [
        "Personas sin los marcos legales que les corresponden por residencia",
        "People without the profiles that their residence calls for",
    ],
    mend: ["Registre su país de residencia", "Record their country of residence"],
};

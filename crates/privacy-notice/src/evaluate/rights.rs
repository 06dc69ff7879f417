//! Checks on the rights of people (section 6).

use super::{Words, none};
use crate::{ClauseState, Evidence};

pub(super) fn access_complete(evidence: &Evidence) -> ClauseState {
    none(evidence.rights.tables_without_export, &INCOMPLETE)
}

pub(super) fn corrections(evidence: &Evidence) -> ClauseState {
    none(evidence.rights.corrections_untold, &UNTOLD)
}

pub(super) fn channels(evidence: &Evidence) -> ClauseState {
    none(evidence.rights.sends_off_channel, &OFF_CHANNEL)
}

pub(super) fn breaches(evidence: &Evidence) -> ClauseState {
    none(evidence.rights.breach_notices_overdue, &BREACH)
}

pub(super) fn complaints(evidence: &Evidence) -> ClauseState {
    none(evidence.rights.complaints_in_conflict, &CONFLICT)
}

pub(super) fn intake(evidence: &Evidence) -> ClauseState {
    none(evidence.rights.intake_closed, &INTAKE)
}

pub(super) fn on_time(evidence: &Evidence) -> ClauseState {
    none(evidence.rights.requests_overdue, &LATE)
}

const INCOMPLETE: Words = Words {
    why: [
        "Tablas con datos personales que el paquete de acceso no alcanza",
        "Tables with personal data that the access package does not reach",
    ],
    mend: ["Agregue su exportación", "Add their export"],
};

const UNTOLD: Words = Words {
    why: [
        "Destinatarios de un dato corregido a quienes no se avisó",
        "Recipients of a corrected item who were not told",
    ],
    mend: ["Envíe los avisos pendientes", "Send the notices that are open"],
};

const OFF_CHANNEL: Words = Words {
    why: [
        "Mensajes enviados por un medio distinto del que la persona eligió",
        "Messages sent by another channel than the person's own",
    ],
    mend: [
        "Ofrezca una disculpa, registre el incidente y corrija el envío",
        "Apologise, record the incident and mend the sender",
    ],
};

const BREACH: Words = Words {
    why: [
        "Personas posiblemente afectadas por una vulneración a quienes no se avisó a tiempo",
        "People whom a breach may affect and who were not told in time",
    ],
    mend: ["Avise hoy a cada una", "Tell each of them today"],
};

const CONFLICT: Words = Words {
    why: [
        "Quejas en manos de la persona señalada en ellas",
        "Complaints in the hands of the person they are about",
    ],
    mend: ["Reasígnelas", "Reassign them"],
};

const INTAKE: Words = Words {
    why: [
        "Medios de contacto anunciados por los que no se puede abrir una solicitud",
        "Announced ways of asking that do not open a request",
    ],
    mend: ["Habilítelos, empezando por el correo del oficial", "Open them, the officer's e-mail first"],
};

const LATE: Words = Words {
    why: ["Solicitudes abiertas después de su fecha límite", "Requests still open past their date"],
    mend: [
        "Respóndalas hoy; en cada una consta cómo se calculó la fecha",
        "Answer them today; each shows how its date was computed",
    ],
};

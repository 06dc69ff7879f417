//! Checks on records, on keeping and on destroying (sections 2.2, 5.2, 7).

use super::{Words, both, none};
use crate::{ClauseState, Evidence};

pub(super) fn well_formed(evidence: &Evidence) -> ClauseState {
    none(evidence.records.malformed, &MALFORMED)
}

pub(super) fn no_age(evidence: &Evidence) -> ClauseState {
    none(evidence.records.age_columns, &AGE)
}

pub(super) fn signed(evidence: &Evidence) -> ClauseState {
    none(evidence.records.unsigned, &UNSIGNED)
}

pub(super) fn append_only(evidence: &Evidence) -> ClauseState {
    none(evidence.records.overwritten, &OVERWRITTEN)
}

pub(super) fn anchors(evidence: &Evidence) -> ClauseState {
    none(evidence.records.without_anchor, &ANCHOR)
}

pub(super) fn documented(evidence: &Evidence) -> ClauseState {
    none(evidence.retention.disposals_without_certificate, &UNDOCUMENTED)
}

pub(super) fn on_time(evidence: &Evidence) -> ClauseState {
    both(
        none(evidence.retention.without_schedule, &UNSCHEDULED),
        none(evidence.retention.disposals_overdue, &OVERDUE),
    )
}

pub(super) fn floors(evidence: &Evidence) -> ClauseState {
    none(evidence.retention.disposals_early, &EARLY)
}

pub(super) fn website(evidence: &Evidence) -> ClauseState {
    none(evidence.retention.website_past_ceiling, &WEBSITE)
}

pub(super) fn unsubscribed(evidence: &Evidence) -> ClauseState {
    none(evidence.retention.sends_after_unsubscribe, &UNSUBSCRIBED)
}

pub(super) fn marketing(evidence: &Evidence) -> ClauseState {
    none(evidence.retention.marketing_left, &MARKETING)
}

pub(super) fn holds(evidence: &Evidence) -> ClauseState {
    none(evidence.retention.disposals_under_hold, &HELD)
}

const MALFORMED: Words = Words {
    why: [
        "Registros fuera de las listas cerradas de la política",
        "Records outside the policy's closed lists",
    ],
    mend: ["Clasifíquelos o retírelos", "Classify or withdraw them"],
};

const AGE: Words = Words {
    why: ["Columnas de la base de datos que guardan una edad", "Columns of the database that hold an age"],
    mend: [
        "Elimínelas: la edad se calcula de la fecha de nacimiento cuando se pregunta",
        "Drop them: an age is worked out from the date of birth when it is asked for",
    ],
};

const UNSIGNED: Words = Words {
    why: ["Notas clínicas sin autor, hora o firma", "Clinical records without author, time or signature"],
    mend: ["Complételas con una adenda firmada", "Complete them by a signed addendum"],
};

const OVERWRITTEN: Words = Words {
    why: ["Notas firmadas que se cambiaron en su lugar", "Signed records that were changed in place"],
    mend: [
        "Recupere la versión firmada de un respaldo y asiente la corrección como adenda",
        "Recover the signed version from a backup and write the correction as an addendum",
    ],
};

const ANCHOR: Words = Words {
    why: [
        "Expedientes sin fecha de último acto médico",
        "Clinical records without the date of the last medical act",
    ],
    mend: ["Registre la fecha del último acto médico", "Record the date of the last medical act"],
};

const UNDOCUMENTED: Words = Words {
    why: ["Destrucciones sin constancia", "Disposals without a certificate"],
    mend: ["Levante la constancia con dos firmas", "Draw the certificate up with two signatures"],
};

const UNSCHEDULED: Words = Words {
    why: ["Registros sin plazo de conservación", "Records without a retention schedule"],
    mend: ["Asigne un plazo a su clase", "Give their class a schedule"],
};

const OVERDUE: Words = Words {
    why: ["Destrucciones vencidas y no hechas", "Disposals that are due and not done"],
    mend: ["Revíselas y apruébelas entre dos personas", "Have two people review and approve them"],
};

const EARLY: Words = Words {
    why: ["Registros destruidos antes de su plazo", "Records destroyed before their day"],
    mend: [
        "Recupérelos de un respaldo mientras exista y avise a las personas",
        "Recover them from a backup while there is one, and tell the people",
    ],
};

const WEBSITE: Words = Words {
    why: ["Datos del sitio más antiguos que su límite", "Website data older than its ceiling"],
    mend: ["Ejecute la depuración", "Run the purge"],
};

const UNSUBSCRIBED: Words = Words {
    why: [
        "Mensajes promocionales enviados después de la baja",
        "Marketing messages sent after an unsubscription",
    ],
    mend: ["Detenga el envío y ofrezca una disculpa", "Stop the sender and apologise"],
};

const MARKETING: Words = Words {
    why: [
        "Perfiles promocionales que siguen tras pedirse su eliminación",
        "Marketing profiles left after a request to delete them",
    ],
    mend: [
        "Elimínelos; basta conservar la clave de exclusión",
        "Delete them; only the suppression key is kept",
    ],
};

const HELD: Words = Words {
    why: ["Registros destruidos bajo resguardo legal", "Records destroyed under a legal hold"],
    mend: ["Avise a la autoridad y recupérelos", "Tell the authority, and recover them"],
};

//! Checks on the notice: what is served, what is archived, what is cited.

use super::{Words, none};
use crate::{ClauseState, Evidence};

pub(super) fn served(evidence: &Evidence) -> ClauseState {
    match (&evidence.notice.in_force, &evidence.notice.served) {
        (Some(in_force), Some(served)) if in_force == served => ClauseState::Kept,
        (Some(_), Some(_)) => OTHER_TEXT.broken(),
        _ => ClauseState::NotEvidenced,
    }
}

pub(super) fn archived(evidence: &Evidence) -> ClauseState {
    none(evidence.notice.archive_mismatches, &ARCHIVE)
}

pub(super) fn cited(evidence: &Evidence) -> ClauseState {
    none(evidence.notice.uncited, &UNCITED)
}

const OTHER_TEXT: Words = Words {
    why: [
        "El aviso que se muestra no es el que está vigente",
        "The notice that is shown is not the one in force",
    ],
    mend: [
        "Publique la versión vigente, o registre la nueva con su fecha",
        "Publish the version in force, or register the new one with its date",
    ],
};

const ARCHIVE: Words = Words {
    why: [
        "Versiones archivadas cuyo texto ya no es el que se publicó",
        "Archived versions whose text is no longer the one that was published",
    ],
    mend: [
        "Restaure el texto original de cada versión; un cambio es una versión nueva",
        "Restore the original text of each version; a change is a new version",
    ],
};

const UNCITED: Words = Words {
    why: [
        "Categorías, finalidades, destinatarios o plazos en uso que no citan la política",
        "Categories, purposes, recipients or periods in use that cite no clause",
    ],
    mend: [
        "Cite la cláusula que los cubre, o deje de usarlos",
        "Cite the clause that covers them, or stop using them",
    ],
};

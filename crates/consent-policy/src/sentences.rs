//! What is missing, said to a patient or to whoever asked: written in Spanish and in English, not translated.

use records_model::{ConsentForm, Fact};

use crate::Shortfall;

/// A sentence in Spanish and in English.
pub(crate) type Sentence = (&'static str, &'static str);

/// Nobody allowed it.
pub(crate) const CLOSED_LIST: Sentence = (
    "La política sólo permite lo que enumera, y esto no está en su lista.",
    "The policy allows only what it lists, and this is not on the list.",
);

/// The sentence for what a permit lacked: its consent first, because that is what the person decides.
pub(crate) fn of_shortfall(shortfall: &Shortfall) -> Sentence {
    if let Some(form) = shortfall.consent {
        return consent_missing(form);
    }
    if let Some(fact) = shortfall.missing.iter().next() {
        return missing(fact);
    }
    shortfall.in_the_way.iter().next().map_or(CLOSED_LIST, in_the_way)
}

const fn consent_missing(form: ConsentForm) -> Sentence {
    match form {
        ConsentForm::None | ConsentForm::Tacit => (
            "La persona no ha recibido el aviso de privacidad o se opuso a esto.",
            "The person was not given the privacy notice, or objected to this.",
        ),
        ConsentForm::Express => (
            "No hay consentimiento expreso y vigente de la persona para esto.",
            "There is no express consent of the person in force for this.",
        ),
        ConsentForm::ExpressWritten => (
            "No hay consentimiento expreso, por escrito y vigente de la persona para esto.",
            "There is no express written consent of the person in force for this.",
        ),
    }
}

/// A favourable fact that is absent.
const fn missing(fact: Fact) -> Sentence {
    match fact {
        Fact::Training => (
            "Quien lo pide no tiene vigente su capacitación en privacidad.",
            "Whoever asks has no valid privacy training.",
        ),
        Fact::BackgroundCheck => (
            "Quien lo pide no tiene vigente su verificación de antecedentes.",
            "Whoever asks has no valid background check.",
        ),
        Fact::Undertaking => (
            "Quien lo pide no ha firmado el compromiso de confidencialidad.",
            "Whoever asks has not signed the confidentiality undertaking.",
        ),
        Fact::CareRelation => (
            "Quien lo pide no participa en la atención de esta persona.",
            "Whoever asks takes no part in this person's care.",
        ),
        Fact::ProviderContract => (
            "El prestador no tiene un contrato vigente que cubra este uso.",
            "The provider has no contract in force that covers this use.",
        ),
        Fact::TransferMechanism => (
            "No hay una salvaguarda vigente para enviar estos datos a ese país.",
            "No safeguard is in force for sending this data to that country.",
        ),
        Fact::LegalDemand => (
            "No hay un requerimiento de autoridad completo, aprobado y vigente.",
            "There is no complete, approved demand of an authority in force.",
        ),
        Fact::CourtOrder => ("No hay orden judicial.", "There is no court order."),
        Fact::CitedNorm => (
            "No se citó la norma que obliga a la clínica.",
            "The norm that obliges the clinic was not cited.",
        ),
        Fact::TwoApprovers => (
            "Faltan las dos aprobaciones de personas distintas.",
            "Two approvals by different people are missing.",
        ),
        other => missing_circumstance(other),
    }
}

const fn missing_circumstance(fact: Fact) -> Sentence {
    match fact {
        Fact::BreakGlass => (
            "No se declaró una emergencia para esta persona, o su plazo terminó.",
            "No emergency was declared for this person, or its time is up.",
        ),
        Fact::NamedRisk => (
            "No se nombró el riesgo ni a quien puede evitarlo.",
            "Neither the risk nor who can prevent it was named.",
        ),
        Fact::Incapacity => (
            "Ningún médico registró que la persona no puede consentir ahora.",
            "No physician recorded that the person cannot consent now.",
        ),
        Fact::EmergencyRecorded => (
            "Ningún médico registró que la persona corre un daño grave.",
            "No physician recorded that serious harm threatens the person.",
        ),
        Fact::TelehealthConsent => (
            "La persona no ha aceptado la atención a distancia.",
            "The person has not agreed to care at a distance.",
        ),
        Fact::InPerson => ("La atención no es en la clínica.", "The care is not in the clinic."),
        Fact::Channel => (
            "No es el medio que la persona eligió para que se le contacte.",
            "This is not the channel that the person chose to be contacted by.",
        ),
        Fact::IdentityProof => (
            "Falta comprobar la identidad de quien lo pide o su representación.",
            "The identity of whoever asks, or their authority, is not proved yet.",
        ),
        Fact::CookieChoice => (
            "La persona visitante no ha aceptado este tipo de cookies.",
            "The visitor has not chosen this kind of cookies.",
        ),
        _ => CLOSED_LIST,
    }
}

/// An unfavourable fact that is present.
const fn in_the_way(fact: Fact) -> Sentence {
    match fact {
        Fact::Restricted | Fact::RestrictedMustAgree => (
            "La persona pidió limitar este uso de sus datos.",
            "The person asked to limit this use of their data.",
        ),
        Fact::Blocked | Fact::SecondaryUseHeld => {
            ("Estos datos están bloqueados y ya sólo se conservan.", "These data are blocked and only kept.")
        }
        Fact::GlobalPrivacyControl => {
            ("El navegador pidió que no se le rastree.", "The browser asked not to be tracked.")
        }
        Fact::RevealsHealth => (
            "Uno de los datos revela algo sobre la salud.",
            "One of the values reveals something about health.",
        ),
        Fact::Genetic => ("Contiene resultados genéticos.", "It holds genetic results."),
        Fact::Consideration => (
            "Se daría algo de valor a cambio de los datos.",
            "Something of value would be given for the data.",
        ),
        _ => CLOSED_LIST,
    }
}

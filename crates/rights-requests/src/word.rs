//! The closed lists of words of a case.

use jurisdiction::Right;
use records_model::vocabulary;

vocabulary! {
    /// Who asks: anybody whose data is held may (P-68).
    AskerKind, "asker" {
        /// A patient.
        Patient = "patient",
        /// Somebody who acts for another, with proof of it.
        Representative = "representative",
        /// Somebody who asked and is no patient.
        Prospect = "prospect",
        /// Somebody to call in an emergency.
        EmergencyContact = "emergency-contact",
        /// Somebody who travels with a patient.
        Companion = "companion",
        /// Staff.
        Staff = "staff",
        /// A donor.
        Donor = "donor",
        /// A visitor of the website.
        Visitor = "visitor",
    }
}

vocabulary! {
    /// How the request came in (P-68).
    Channel, "channel" {
        /// By e-mail.
        Email = "email",
        /// By telephone.
        Phone = "phone",
        /// By post.
        Post = "post",
        /// On the website or the portal.
        Web = "web",
        /// At the clinic.
        InPerson = "in-person",
    }
}

vocabulary! {
    /// Why a right is refused: the closed list of LFPDPPP art. 33 (LAW.md, 2.5).
    RefusalGround, "ground of refusal" {
        /// Identity or authority was not shown.
        IdentityNotShown = "identity-not-shown",
        /// The clinic does not hold the data.
        NotHeld = "not-held",
        /// It would harm the rights of somebody else.
        ThirdPartyRights = "third-party-rights",
        /// A law or an order of an authority stands against it.
        LegalBar = "legal-bar",
        /// It was already done.
        AlreadyDone = "already-done",
    }
}

/// Whether granting this right releases data, changes it, or changes where it is sent: then the asker proves
/// who they are first (P-62). A right that only ever narrows what is done needs no proof.
pub(crate) const fn needs_proof(right: Right) -> bool {
    match right {
        Right::Access
        | Right::Accounting
        | Right::Correction
        | Right::Cancellation
        | Right::ConfidentialCommunication => true,
        Right::Restriction
        | Right::Opposition
        | Right::Revocation
        | Right::Notification
        | Right::Complaint => false,
    }
}

/// Whether this right has a granted result that has to be carried out later.
pub(crate) const fn is_carried_out(right: Right) -> bool {
    !matches!(right, Right::Complaint | Right::Notification)
}

//! Who acts.

use serde::{Deserialize, Serialize};

use crate::ActorId;
use crate::vocabulary::vocabulary;

vocabulary! {
    /// The role in which somebody acts.
    Role, "role" {
        /// A physician.
        Physician = "physician",
        /// A nurse.
        Nurse = "nurse",
        /// Laboratory and cell-processing staff.
        LaboratoryStaff = "laboratory-staff",
        /// A pharmacist.
        Pharmacist = "pharmacist",
        /// Reception: registration and appointments.
        Reception = "reception",
        /// Coordinates an international patient's stay.
        PatientCoordinator = "patient-coordinator",
        /// Invoices and payments.
        Billing = "billing",
        /// Promotion.
        Marketing = "marketing",
        /// Keeps the archive, without reading it.
        RecordsCustodian = "records-custodian",
        /// Runs the systems.
        SystemsAdministrator = "systems-administrator",
        /// The privacy officer or the deputy.
        PrivacyOfficer = "privacy-officer",
        /// The clinic's director.
        Director = "director",
        /// Research staff.
        Researcher = "researcher",
        /// The person the data is about.
        Person = "person",
        /// Who acts for that person, with proof.
        Representative = "representative",
        /// A visitor of the website.
        Visitor = "visitor",
        /// A background job of the software itself.
        System = "system",
    }
}

impl Role {
    /// Whether it is held by staff, whose clearance counts (section 5.3).
    #[must_use]
    pub const fn is_staff(self) -> bool {
        !matches!(self, Self::Person | Self::Representative | Self::Visitor | Self::System)
    }

    /// Whether its holders treat patients.
    #[must_use]
    pub const fn is_clinical(self) -> bool {
        matches!(self, Self::Physician | Self::Nurse | Self::LaboratoryStaff | Self::Pharmacist)
    }
}

/// Somebody who acts, in one role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Actor {
    /// Who.
    pub id: ActorId,
    /// In which role.
    pub role: Role,
}

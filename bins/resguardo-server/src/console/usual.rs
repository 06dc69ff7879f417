//! What each role usually looks at and why: only what a form starts with. The policy decides all the same.

use records_model::{Category, Detail, Ground, Purpose, Role, Set};

/// A stated purpose with its ground and detail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stated {
    pub(crate) purpose: Purpose,
    pub(crate) ground: Ground,
    pub(crate) detail: Detail,
}

const fn stated(purpose: Purpose, ground: Ground, detail: Detail) -> Stated {
    Stated { purpose, ground, detail }
}

/// Why this role usually learns who somebody is.
pub(crate) const fn identity(role: Role) -> Stated {
    match role {
        Role::Physician | Role::Nurse | Role::LaboratoryStaff | Role::Pharmacist => {
            stated(Purpose::Treatment, Ground::Contract, Detail::Full)
        }
        Role::Billing => stated(Purpose::Billing, Ground::Contract, Detail::Full),
        Role::Marketing => stated(Purpose::Marketing, Ground::Consent, Detail::Masked),
        Role::PrivacyOfficer | Role::Director => {
            stated(Purpose::Oversight, Ground::LegalDuty, Detail::Masked)
        }
        _ => stated(Purpose::Scheduling, Ground::Contract, Detail::Full),
    }
}

/// What this role usually reads, and why.
pub(crate) const fn records(role: Role) -> Stated {
    match role {
        Role::Physician | Role::Nurse | Role::LaboratoryStaff => {
            stated(Purpose::Treatment, Ground::Consent, Detail::Full)
        }
        Role::Pharmacist => stated(Purpose::Treatment, Ground::Consent, Detail::Minimum),
        Role::Researcher => stated(Purpose::Research, Ground::Consent, Detail::Coded),
        Role::Reception | Role::PatientCoordinator => stated(Purpose::Travel, Ground::Contract, Detail::Full),
        _ => identity(role),
    }
}

/// The categories this role usually reads.
pub(crate) fn categories(role: Role) -> Set<Category> {
    match role {
        Role::Physician | Role::Nurse => Set::of(&[
            Category::MedicalHistory,
            Category::Medications,
            Category::TreatmentNotes,
            Category::Laboratory,
            Category::Outcomes,
            Category::CellTraceability,
        ]),
        Role::LaboratoryStaff => Set::of(&[Category::Laboratory, Category::CellTraceability]),
        Role::Pharmacist => Set::of(&[Category::MedicalHistory, Category::Medications]),
        Role::Reception | Role::PatientCoordinator => Set::one(Category::Travel),
        Role::Billing => Set::one(Category::Payment),
        _ => Set::EMPTY,
    }
}

/// The minimum set of an emergency (policy section 4.1).
pub(crate) fn emergency() -> (Stated, Set<Category>) {
    let categories = Set::of(&[
        Category::IdentityContact,
        Category::EmergencyContact,
        Category::MedicalHistory,
        Category::Medications,
        Category::Laboratory,
        Category::CellTraceability,
    ]);
    (stated(Purpose::Emergency, Ground::EmergencyToSelf, Detail::Minimum), categories)
}

/// The categories of a patient's file: what a form offers.
pub(crate) fn patient_file() -> Set<Category> {
    Set::of(&[
        Category::IdentityContact,
        Category::BirthDate,
        Category::EmergencyContact,
        Category::Payment,
        Category::Travel,
        Category::MedicalHistory,
        Category::Medications,
        Category::TreatmentNotes,
        Category::Laboratory,
        Category::Outcomes,
        Category::ClinicalImages,
        Category::CellTraceability,
    ])
}

/// The medical categories of section 2.2 of the policy.
pub(crate) fn medical() -> Set<Category> {
    Set::of(&[
        Category::MedicalHistory,
        Category::Medications,
        Category::TreatmentNotes,
        Category::Laboratory,
        Category::Outcomes,
    ])
}

//! Which elements of a resource are kept: those that FHIR R4 defines, by name. Another one is left out and
//! counted, because nobody has said what it holds.

mod clinical;
mod payment;

use crate::resource::Resource;
use clinical::{
    ALLERGY_INTOLERANCE, CARE_PLAN, CARE_TEAM, CONDITION, DIAGNOSTIC_REPORT, DOCUMENT_REFERENCE, ENCOUNTER,
    IMMUNIZATION, MEDICATION_ADMINISTRATION, MEDICATION_REQUEST, OBSERVATION, PROCEDURE,
};
use payment::{CLAIM, EXPLANATION_OF_BENEFIT};

/// Elements that every resource may have.
const COMMON: &[&str] = &[
    "resourceType",
    "id",
    "meta",
    "implicitRules",
    "language",
    "text",
    "contained",
    "extension",
    "modifierExtension",
    "identifier",
    "status",
];

/// Whether FHIR R4 defines this element at the top of the resource.
pub(crate) fn is_defined(resource: Resource, name: &str) -> bool {
    // `_birthDate` carries the extensions of `birthDate`.
    let name = name.strip_prefix('_').unwrap_or(name);
    COMMON.contains(&name) || defined(resource).contains(&name)
}

fn defined(resource: Resource) -> &'static [&'static str] {
    match resource {
        Resource::Patient => PATIENT,
        Resource::Condition => CONDITION,
        Resource::Observation => OBSERVATION,
        Resource::MedicationRequest => MEDICATION_REQUEST,
        Resource::Medication => &["code", "manufacturer", "form", "amount", "ingredient", "batch"],
        Resource::MedicationAdministration => MEDICATION_ADMINISTRATION,
        Resource::Procedure => PROCEDURE,
        Resource::Encounter => ENCOUNTER,
        Resource::DiagnosticReport => DIAGNOSTIC_REPORT,
        Resource::DocumentReference => DOCUMENT_REFERENCE,
        Resource::Immunization => IMMUNIZATION,
        Resource::AllergyIntolerance => ALLERGY_INTOLERANCE,
        Resource::CarePlan => CARE_PLAN,
        Resource::CareTeam => CARE_TEAM,
        Resource::Provenance => PROVENANCE,
        Resource::Claim => CLAIM,
        Resource::ExplanationOfBenefit => EXPLANATION_OF_BENEFIT,
    }
}

const PATIENT: &[&str] = &[
    "active",
    "name",
    "telecom",
    "gender",
    "birthDate",
    "deceasedBoolean",
    "deceasedDateTime",
    "address",
    "maritalStatus",
    "multipleBirthBoolean",
    "multipleBirthInteger",
    "photo",
    "contact",
    "communication",
    "generalPractitioner",
    "managingOrganization",
    "link",
];

const PROVENANCE: &[&str] = &[
    "target",
    "occurredPeriod",
    "occurredDateTime",
    "recorded",
    "policy",
    "location",
    "reason",
    "activity",
    "agent",
    "entity",
    "signature",
];

//! The resource types that are mapped, and what FHIR R4 says of each: its elements, its statuses, its subject.

use std::fmt;

/// A resource type that has a place in the policy's categories. Every other type is kept unclassified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Resource {
    Patient,
    Condition,
    Observation,
    MedicationRequest,
    Medication,
    MedicationAdministration,
    Procedure,
    Encounter,
    DiagnosticReport,
    DocumentReference,
    Immunization,
    AllergyIntolerance,
    CarePlan,
    CareTeam,
    Provenance,
    Claim,
    ExplanationOfBenefit,
}

/// Where a resource says whom it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    /// FHIR demands it.
    Required(&'static str),
    /// May be absent: then it is about the bundle's only patient.
    Optional(&'static str),
    /// The type has none.
    None,
}

impl Resource {
    pub(crate) const ALL: [Self; 17] = [
        Self::Patient,
        Self::Condition,
        Self::Observation,
        Self::MedicationRequest,
        Self::Medication,
        Self::MedicationAdministration,
        Self::Procedure,
        Self::Encounter,
        Self::DiagnosticReport,
        Self::DocumentReference,
        Self::Immunization,
        Self::AllergyIntolerance,
        Self::CarePlan,
        Self::CareTeam,
        Self::Provenance,
        Self::Claim,
        Self::ExplanationOfBenefit,
    ];

    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|resource| resource.name() == name)
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Patient => "Patient",
            Self::Condition => "Condition",
            Self::Observation => "Observation",
            Self::MedicationRequest => "MedicationRequest",
            Self::Medication => "Medication",
            Self::MedicationAdministration => "MedicationAdministration",
            Self::Procedure => "Procedure",
            Self::Encounter => "Encounter",
            Self::DiagnosticReport => "DiagnosticReport",
            Self::DocumentReference => "DocumentReference",
            Self::Immunization => "Immunization",
            Self::AllergyIntolerance => "AllergyIntolerance",
            Self::CarePlan => "CarePlan",
            Self::CareTeam => "CareTeam",
            Self::Provenance => "Provenance",
            Self::Claim => "Claim",
            Self::ExplanationOfBenefit => "ExplanationOfBenefit",
        }
    }

    /// Cardinality of the subject in FHIR R4.
    pub(crate) const fn subject(self) -> Subject {
        match self {
            Self::Condition
            | Self::MedicationRequest
            | Self::MedicationAdministration
            | Self::Procedure
            | Self::CarePlan => Subject::Required("subject"),
            Self::Immunization | Self::AllergyIntolerance | Self::Claim | Self::ExplanationOfBenefit => {
                Subject::Required("patient")
            }
            Self::Observation
            | Self::Encounter
            | Self::DiagnosticReport
            | Self::DocumentReference
            | Self::CareTeam => Subject::Optional("subject"),
            Self::Patient | Self::Medication | Self::Provenance => Subject::None,
        }
    }

    /// The codes of `status` in FHIR R4; the list is empty where the type has no such element.
    pub(crate) const fn statuses(self) -> &'static [&'static str] {
        match self {
            Self::Observation => OBSERVATION_STATUSES,
            Self::DiagnosticReport => REPORT_STATUSES,
            Self::MedicationRequest => &[
                "active",
                "on-hold",
                "cancelled",
                "completed",
                "entered-in-error",
                "stopped",
                "draft",
                "unknown",
            ],
            Self::Medication => &["active", "inactive", "entered-in-error"],
            Self::MedicationAdministration => {
                &["in-progress", "not-done", "on-hold", "completed", "entered-in-error", "stopped", "unknown"]
            }
            Self::Procedure => &[
                "preparation",
                "in-progress",
                "not-done",
                "on-hold",
                "stopped",
                "completed",
                "entered-in-error",
                "unknown",
            ],
            Self::Encounter => &[
                "planned",
                "arrived",
                "triaged",
                "in-progress",
                "onleave",
                "finished",
                "cancelled",
                "entered-in-error",
                "unknown",
            ],
            Self::DocumentReference => &["current", "superseded", "entered-in-error"],
            Self::Immunization => &["completed", "entered-in-error", "not-done"],
            Self::CarePlan => {
                &["draft", "active", "on-hold", "revoked", "completed", "entered-in-error", "unknown"]
            }
            Self::CareTeam => &["proposed", "active", "suspended", "inactive", "entered-in-error"],
            Self::Claim | Self::ExplanationOfBenefit => &["active", "cancelled", "draft", "entered-in-error"],
            Self::Patient | Self::Condition | Self::AllergyIntolerance | Self::Provenance => &[],
        }
    }

    /// Whether FHIR R4 demands `status`.
    pub(crate) const fn needs_status(self) -> bool {
        !self.statuses().is_empty() && !matches!(self, Self::Medication | Self::CareTeam)
    }
}

const OBSERVATION_STATUSES: &[&str] = &[
    "registered",
    "preliminary",
    "final",
    "amended",
    "corrected",
    "cancelled",
    "entered-in-error",
    "unknown",
];

const REPORT_STATUSES: &[&str] = &[
    "registered",
    "partial",
    "preliminary",
    "final",
    "amended",
    "corrected",
    "appended",
    "cancelled",
    "entered-in-error",
    "unknown",
];

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

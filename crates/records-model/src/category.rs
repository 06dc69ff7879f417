//! What kinds of data the policy names.

use crate::RetentionClass;
use crate::vocabulary::vocabulary;

vocabulary! {
    /// Where the data was collected (policy section 1, P-5).
    Context, "collection context" {
        /// The public website.
        Website = "website",
        /// The clinic's services other than treatment.
        Services = "services",
        /// Evaluation, treatment and follow-up.
        Treatment = "treatment",
    }
}

vocabulary! {
    /// How much protection a category needs by its nature, lowest first.
    ///
    /// The consent form that each needs is a rule of the jurisdiction (LAW.md, lattice of consent forms).
    Sensitivity, "sensitivity" {
        /// Neither financial nor sensitive.
        Ordinary = "ordinary",
        /// Money and means of payment.
        Financial = "financial",
        /// Health, and whatever reveals it.
        Sensitive = "sensitive",
    }
}

vocabulary! {
    /// Which list of the policy a category stands in.
    CategoryGroup, "category group" {
        /// Policy section 2.1.
        Personal = "personal",
        /// Policy section 2.2.
        Medical = "medical",
        /// Policy section 2.3.
        Website = "website",
        /// Kept under another promise: images, traceability, staff, unclassified.
        Special = "special",
    }
}

vocabulary! {
    /// A category of data: the closed list of policy section 2, and four that other promises need.
    Category, "data category" {
        /// Names, telephone, e-mail, postal address (P-10).
        IdentityContact = "identity-contact",
        /// Date of birth; the age is derived (P-11).
        BirthDate = "birth-date",
        /// A person to call in an emergency (P-12).
        EmergencyContact = "emergency-contact",
        /// Payments and invoices, by token only (P-13).
        Payment = "payment",
        /// Journey, lodging and preferences (P-14).
        Travel = "travel",
        /// Medical history and present conditions, allergies included (P-16).
        MedicalHistory = "medical-history",
        /// Medications and supplements (P-17).
        Medications = "medications",
        /// Treatment records and progress notes (P-18).
        TreatmentNotes = "treatment-notes",
        /// Laboratory results and diagnostics (P-19).
        Laboratory = "laboratory",
        /// Outcomes and follow-up (P-20).
        Outcomes = "outcomes",
        /// Network address, truncated or hashed, and browser (P-21).
        WebNetwork = "web-network",
        /// Pages visited and time on them (P-22).
        WebPages = "web-pages",
        /// Where a visitor came from and what they searched for; may reveal health (P-23).
        WebReferral = "web-referral",
        /// Device and operating system, coarse (P-24).
        WebDevice = "web-device",
        /// Clinical photographs, video and testimonials; a face or a scar reveals health (P-16, P-20).
        ClinicalImages = "clinical-images",
        /// Cell product, lot and donor code (P-18).
        CellTraceability = "cell-traceability",
        /// Training, background check outcome and undertaking of staff (P-58, P-60).
        StaffRecord = "staff-record",
        /// Received from elsewhere and not yet put in a category: kept sealed, read by nobody.
        Unclassified = "unclassified",
    }
}

impl Category {
    /// Which list of the policy it stands in.
    #[must_use]
    pub const fn group(self) -> CategoryGroup {
        match self {
            Self::IdentityContact
            | Self::BirthDate
            | Self::EmergencyContact
            | Self::Payment
            | Self::Travel => CategoryGroup::Personal,
            Self::MedicalHistory
            | Self::Medications
            | Self::TreatmentNotes
            | Self::Laboratory
            | Self::Outcomes => CategoryGroup::Medical,
            Self::WebNetwork | Self::WebPages | Self::WebReferral | Self::WebDevice => CategoryGroup::Website,
            Self::ClinicalImages | Self::CellTraceability | Self::StaffRecord | Self::Unclassified => {
                CategoryGroup::Special
            }
        }
    }

    /// Whether its content is about somebody's health by its nature.
    ///
    /// A single value of another category may reveal health too (a wheelchair among travel preferences):
    /// that is a fact of the record, not of its category.
    #[must_use]
    pub const fn is_medical(self) -> bool {
        matches!(self.group(), CategoryGroup::Medical)
            || matches!(self, Self::ClinicalImages | Self::CellTraceability | Self::Unclassified)
    }

    /// The protection it needs by its nature.
    #[must_use]
    pub const fn sensitivity(self) -> Sensitivity {
        match self {
            Self::Payment => Sensitivity::Financial,
            Self::MedicalHistory
            | Self::Medications
            | Self::TreatmentNotes
            | Self::Laboratory
            | Self::Outcomes
            | Self::WebReferral
            | Self::ClinicalImages
            | Self::CellTraceability
            | Self::StaffRecord
            | Self::Unclassified => Sensitivity::Sensitive,
            Self::IdentityContact
            | Self::BirthDate
            | Self::EmergencyContact
            | Self::Travel
            | Self::WebNetwork
            | Self::WebPages
            | Self::WebDevice => Sensitivity::Ordinary,
        }
    }

    /// The retention class that holds it unless the operation says otherwise (a voucher, a prospect).
    #[must_use]
    pub const fn retention_class(self) -> RetentionClass {
        match self {
            Self::IdentityContact | Self::BirthDate => RetentionClass::Identity,
            Self::EmergencyContact => RetentionClass::EmergencyContact,
            Self::Payment => RetentionClass::Payment,
            Self::Travel => RetentionClass::Travel,
            Self::MedicalHistory
            | Self::Medications
            | Self::TreatmentNotes
            | Self::Laboratory
            | Self::Outcomes
            | Self::Unclassified => RetentionClass::Clinical,
            Self::WebNetwork | Self::WebPages | Self::WebReferral | Self::WebDevice => {
                RetentionClass::Website
            }
            Self::ClinicalImages => RetentionClass::ClinicalImage,
            Self::CellTraceability => RetentionClass::Traceability,
            Self::StaffRecord => RetentionClass::Staff,
        }
    }
}

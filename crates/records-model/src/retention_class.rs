//! Classes of records that are kept and destroyed together.

use crate::vocabulary::vocabulary;

vocabulary! {
    /// What is kept and destroyed together: each class of a person has a data key of its own.
    ///
    /// The codes are frozen: they are bound into every sealed field.
    RetentionClass, "retention class" {
        /// The clinical record.
        Clinical = "clinical",
        /// Clinical photographs and video.
        ClinicalImage = "clinical-image",
        /// Cell products, lots and donor codes.
        Traceability = "traceability",
        /// Names, contact, date of birth.
        Identity = "identity",
        /// A person to call in an emergency.
        EmergencyContact = "emergency-contact",
        /// A person who asked and never became a patient.
        Prospect = "prospect",
        /// Payments and accounting.
        Payment = "payment",
        /// Vouchers and contracts, which end one by one.
        Voucher = "voucher",
        /// Journey and lodging.
        Travel = "travel",
        /// Marketing profile.
        Marketing = "marketing",
        /// Website events, which end one by one.
        Website = "website",
        /// Evidence of consents, refusals and withdrawals.
        ConsentEvidence = "consent-evidence",
        /// Rights requests, complaints and answers.
        Request = "request",
        /// What the audit log needs to name people again.
        Accounting = "accounting",
        /// Records of staff.
        Staff = "staff",
    }
}

impl RetentionClass {
    /// Whether its items end one by one, each counted from its own date: what has ended goes, and what has not stays.
    /// The other classes are one file that ends as a whole.
    #[must_use]
    pub const fn ends_item_by_item(self) -> bool {
        matches!(self, Self::Payment | Self::Voucher | Self::Travel | Self::Website)
    }
}

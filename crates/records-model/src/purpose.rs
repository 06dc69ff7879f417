//! What data may be wanted for.

use crate::vocabulary::vocabulary;

vocabulary! {
    /// Purpose of use: the twelve of policy section 3, those of other sections, and the three that can never
    /// be permitted.
    Purpose, "purpose" {
        /// Cell therapy and medical care (3.1, P-25).
        Treatment = "treatment",
        /// Consultation and evaluation, at a distance too (3.1, P-26).
        Consultation = "consultation",
        /// Following progress and outcomes (3.1, P-27).
        Monitoring = "monitoring",
        /// Care with providers outside the clinic (3.1, P-28).
        CareCoordination = "care-coordination",
        /// Answering a question or request (3.2, P-29).
        Inquiry = "inquiry",
        /// Making appointments (3.2, P-30).
        Scheduling = "scheduling",
        /// Reminders and follow-up instructions (3.2, P-31).
        Reminder = "reminder",
        /// Customer service (3.2, P-32).
        Support = "support",
        /// Payments and invoices (3.3, P-33).
        Billing = "billing",
        /// Reservations and lodging (3.3, P-34).
        Travel = "travel",
        /// Keeping the record, without reading it (3.3, P-35).
        RecordKeeping = "record-keeping",
        /// A duty that a cited norm lays on the clinic (3.3, P-36).
        LegalCompliance = "legal-compliance",
        /// Preventing serious harm (4.1, P-44).
        Emergency = "emergency",
        /// The report on cell use that the health authority asks for (LAW.md, finding 8).
        HealthAuthorityReport = "health-authority-report",
        /// A person's own rights: copies, corrections, complaints (section 6).
        Rights = "rights",
        /// Overseeing privacy: reviews, incidents, audits (section 5).
        Oversight = "oversight",
        /// Sharing for a purpose that the policy does not describe, named by its id (4.2, P-46).
        Sharing = "sharing",
        /// Promotion and testimonials (section 7, P-75).
        Marketing = "marketing",
        /// Research (P-27: never under monitoring).
        Research = "research",
        /// Website: what the site cannot do without (9, P-82).
        SiteFunction = "site-function",
        /// Website: how visitors use the site (9, P-83).
        Analytics = "analytics",
        /// Website: remembering settings (9, P-84).
        SitePreference = "site-preference",
        /// Selling data: never permitted (4, P-37).
        Sale = "sale",
        /// Renting data out: never permitted (4, P-37).
        Rental = "rental",
        /// Trading data for something else: never permitted (4, P-37).
        Trade = "trade",
    }
}

impl Purpose {
    /// Whether the policy promises never to do it (section 4, P-37).
    #[must_use]
    pub const fn is_never_permitted(self) -> bool {
        matches!(self, Self::Sale | Self::Rental | Self::Trade)
    }

    /// Whether it is care of the patient (section 3.1).
    #[must_use]
    pub const fn is_care(self) -> bool {
        matches!(self, Self::Treatment | Self::Consultation | Self::Monitoring | Self::CareCoordination)
    }
}

//! Who receives data.

use crate::vocabulary::vocabulary;

vocabulary! {
    /// The class of whoever receives the data.
    RecipientClass, "recipient class" {
        /// Staff of the clinic itself: a use, not a disclosure.
        Internal = "internal",
        /// A medical professional outside the clinic involved in the care (4.1, P-39).
        TreatingProvider = "treating-provider",
        /// A hotel (4.1, P-40).
        Hotel = "hotel",
        /// Ground or air transport (4.1, P-40).
        Transport = "transport",
        /// An outside laboratory (4.1, P-40).
        Laboratory = "laboratory",
        /// A payment processor; not named by the policy.
        PaymentProcessor = "payment-processor",
        /// An insurer or health plan; not named by the policy.
        Insurer = "insurer",
        /// A medical-travel facilitator or agency.
        Facilitator = "facilitator",
        /// An interpreter.
        Interpreter = "interpreter",
        /// Somebody who travels with the patient.
        Companion = "companion",
        /// A court or an authority with a legal demand (4.1, P-42).
        Authority = "authority",
        /// The health authority, for the reports that the law asks for (P-36, P-43).
        HealthAuthority = "health-authority",
        /// Emergency services and whoever can prevent a serious harm (4.1, P-44, P-45).
        EmergencyResponder = "emergency-responder",
        /// The person the data is about.
        ThePerson = "the-person",
        /// Who acts for that person, with proof.
        Representative = "representative",
        /// The person named as emergency contact.
        EmergencyContact = "emergency-contact",
        /// The host of the clinic's systems; not named by the policy.
        CloudHost = "cloud-host",
        /// A provider of website measurements.
        AnalyticsProvider = "analytics-provider",
        /// A marketing agency or medium.
        MarketingPartner = "marketing-partner",
        /// A research institution.
        ResearchInstitution = "research-institution",
        /// An employer.
        Employer = "employer",
        /// Anybody else.
        Other = "other",
    }
}

vocabulary! {
    /// Where the recipient is, seen from the clinic; computed from the country, never typed in.
    CountryClass, "country class" {
        /// In the clinic's own country.
        Domestic = "domestic",
        /// In another country: a cross-border transfer (section 8).
        Abroad = "abroad",
    }
}

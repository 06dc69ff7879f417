//! Facts that a decision may rest on.

use crate::vocabulary::vocabulary;

vocabulary! {
    /// A fact of the moment, computed by a loader from typed evidence that is in force *and covers this
    /// request*. Consent is not here: it has a level, not a yes or no.
    Fact, "fact" {
        /// The actor's privacy training is valid today (5.3, P-58).
        Training = "training",
        /// The actor's background check is clear (5.3, P-60).
        BackgroundCheck = "background-check",
        /// The actor signed the confidentiality undertaking (1, P-8).
        Undertaking = "undertaking",
        /// The actor takes part in this person's care.
        CareRelation = "care-relation",
        /// The recipient's contract is in force and covers the purpose (4.1, P-40).
        ProviderContract = "provider-contract",
        /// A transfer mechanism holds for every origin profile of this person (8, P-79).
        TransferMechanism = "transfer-mechanism",
        /// A legal demand with authority, instrument, scope, approver and expiry (4.1, P-42).
        LegalDemand = "legal-demand",
        /// That demand is a court order (P-19).
        CourtOrder = "court-order",
        /// A cited norm lays the duty on the clinic (3.3, P-36).
        CitedNorm = "cited-norm",
        /// Two different approvers signed (4.1, P-43).
        TwoApprovers = "two-approvers",
        /// The glass is broken for this person by this actor, and time is not up (4.1, P-44).
        BreakGlass = "break-glass",
        /// A named risk to others, and a recipient able to prevent it (4.1, P-45).
        NamedRisk = "named-risk",
        /// A physician recorded that the person cannot consent now (LAW.md T-03 VI).
        Incapacity = "incapacity",
        /// A physician recorded that serious harm threatens the person (4.1, P-44).
        EmergencyRecorded = "emergency-recorded",
        /// The person agreed to telehealth (3.1, P-26).
        TelehealthConsent = "telehealth-consent",
        /// The care is in the clinic, not at a distance (3.1, P-26).
        InPerson = "in-person",
        /// The message goes over the person's own channel (3.2, P-31; 6, P-65).
        Channel = "channel",
        /// The asker's identity, and authority if they act for another, is proved (6, P-62).
        IdentityProof = "identity-proof",
        /// The visitor chose this class of cookies (9).
        CookieChoice = "cookie-choice",
        /// The person must be spared this by a restriction (6, P-64).
        Restricted = "restricted",
        /// A restriction that the law obliges the clinic to agree to (6, P-64).
        RestrictedMustAgree = "restricted-must-agree",
        /// The records are blocked: kept for liabilities only (7).
        Blocked = "blocked",
        /// Past its ceiling but kept for a floor: secondary uses are off (7).
        SecondaryUseHeld = "secondary-use-held",
        /// The browser sent `Sec-GPC: 1` (9, P-83).
        GlobalPrivacyControl = "global-privacy-control",
        /// A value in it reveals health although its category does not say so (P-14, P-23).
        RevealsHealth = "reveals-health",
        /// It holds genetic results (P-19).
        Genetic = "genetic",
        /// The provider would give something of value for the data (4, P-37).
        Consideration = "consideration",
    }
}

/// Which way a fact may move a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Polarity {
    /// Its presence may only permit more.
    Favourable,
    /// Its presence may only permit less.
    Unfavourable,
}

impl Fact {
    /// Which way it may move a decision; every policy document is held to it before it is in force.
    #[must_use]
    pub const fn polarity(self) -> Polarity {
        match self {
            Self::Training
            | Self::BackgroundCheck
            | Self::Undertaking
            | Self::CareRelation
            | Self::ProviderContract
            | Self::TransferMechanism
            | Self::LegalDemand
            | Self::CourtOrder
            | Self::CitedNorm
            | Self::TwoApprovers
            | Self::BreakGlass
            | Self::NamedRisk
            | Self::Incapacity
            | Self::EmergencyRecorded
            | Self::TelehealthConsent
            | Self::InPerson
            | Self::Channel
            | Self::IdentityProof
            | Self::CookieChoice => Polarity::Favourable,
            Self::Restricted
            | Self::RestrictedMustAgree
            | Self::Blocked
            | Self::SecondaryUseHeld
            | Self::GlobalPrivacyControl
            | Self::RevealsHealth
            | Self::Genetic
            | Self::Consideration => Polarity::Unfavourable,
        }
    }
}

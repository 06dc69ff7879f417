//! The words of a request: what is to be done, on what ground, in what detail.

use crate::vocabulary::vocabulary;

vocabulary! {
    /// What is to be done with the data.
    Action, "action" {
        /// Take data in.
        Collect = "collect",
        /// Use: open it inside the clinic.
        Read = "read",
        /// Keep, move or back it up without opening it.
        Custody = "custody",
        /// Add to the record.
        Write = "write",
        /// Send a message to a person over a channel.
        Send = "send",
        /// Give it to somebody outside the clinic.
        Disclose = "disclose",
        /// Join two sets of data about one person.
        Link = "link",
        /// Store something on a visitor's device.
        StoreOnDevice = "store-on-device",
    }
}

vocabulary! {
    /// On what ground; the operation claims exactly one, and it is the primary ground that the log names
    /// (section 4.1, P-38).
    Ground, "ground" {
        /// The person agreed.
        Consent = "consent",
        /// The person's own contract or relation with the clinic.
        Contract = "contract",
        /// A provider who works for the clinic under a contract.
        Processor = "processor",
        /// A demand of an authority that binds the clinic.
        LegalDemand = "legal-demand",
        /// Health and safety of the public or of third parties, two approvers.
        HealthAndSafety = "health-and-safety",
        /// Serious harm to the person themselves.
        EmergencyToSelf = "emergency-to-self",
        /// Serious harm to somebody else, a named risk.
        HarmToOthers = "harm-to-others",
        /// A duty that a cited norm lays on the clinic.
        LegalDuty = "legal-duty",
        /// Care of a person who cannot consent now.
        IncapacityCare = "incapacity-care",
        /// The person's own request about their own data.
        OwnRequest = "own-request",
        /// Keeping without reading.
        CustodyWithoutContent = "custody-without-content",
    }
}

vocabulary! {
    /// How much of the record is wanted, least first.
    Detail, "detail level" {
        /// Whether there is anything at all.
        Existence = "existence",
        /// Codes only.
        Coded = "coded",
        /// The emergency minimum set.
        Minimum = "minimum",
        /// A masked view.
        Masked = "masked",
        /// Everything that the fields allow.
        Full = "full",
    }
}

vocabulary! {
    /// The form of a consent, weakest first (LAW.md, lattice of consent forms).
    ConsentForm, "consent form" {
        /// No consent.
        None = "none",
        /// Notice was given and the person did not object.
        Tacit = "tacit",
        /// Said, clicked or signed with any sign.
        Express = "express",
        /// Express and written, or authenticated.
        ExpressWritten = "express-written",
    }
}

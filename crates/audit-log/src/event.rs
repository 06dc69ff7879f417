//! What an entry is about, and what came out.

use records_model::vocabulary;

vocabulary! {
    /// What happened. The codes are frozen: they stand in signed trees.
    Event, "log event" {
        /// Something was asked and decided, a permit or a refusal.
        Decision = "decision",
        /// A consent came into force.
        ConsentGiven = "consent-given",
        /// A consent ended.
        ConsentEnded = "consent-ended",
        /// A restriction came into force.
        RestrictionAdded = "restriction-added",
        /// A restriction was lifted, which may widen.
        RestrictionLifted = "restriction-lifted",
        /// A record, or an addendum to one, was written.
        RecordWritten = "record-written",
        /// A record was taken over from another system.
        RecordImported = "record-imported",
        /// The glass was broken.
        BreakGlassOpened = "break-glass-opened",
        /// A broken glass was reviewed.
        BreakGlassReviewed = "break-glass-reviewed",
        /// A rights request came in.
        RequestOpened = "request-opened",
        /// A rights request moved on.
        RequestStep = "request-step",
        /// A legal hold was placed.
        HoldPlaced = "hold-placed",
        /// A legal hold was released.
        HoldReleased = "hold-released",
        /// A disposal was approved.
        DisposalApproved = "disposal-approved",
        /// A disposal was carried out.
        DisposalDone = "disposal-done",
        /// A person was registered.
        PersonRegistered = "person-registered",
        /// A policy version came into force.
        PolicyActivated = "policy-activated",
        /// An outside provider was added, changed or ended.
        ProviderChanged = "provider-changed",
        /// Training, background check or undertaking of a member of staff changed.
        ClearanceChanged = "clearance-changed",
        /// Typed evidence was recorded.
        EvidenceRecorded = "evidence-recorded",
        /// Data left the clinic.
        DisclosureMade = "disclosure-made",
        /// A signed head was handed to somebody else.
        CheckpointExported = "checkpoint-exported",
        /// A key was made, rotated or destroyed.
        KeyEvent = "key-event",
        /// The log, or a part of it, was exported.
        LogExported = "log-exported",
        /// A care relation began or ended.
        CareRelationChanged = "care-relation-changed",
        /// A person's own channel of contact changed.
        ChannelChanged = "channel-changed",
        /// A version of the notice came into force.
        NoticePublished = "notice-published",
        /// Records were blocked: kept for liabilities only.
        RecordsBlocked = "records-blocked",
        /// A block ended.
        RecordsUnblocked = "records-unblocked",
        /// An authority's suspension of the accounting began.
        SuspensionPlaced = "suspension-placed",
        /// That suspension ended.
        SuspensionReleased = "suspension-released",
        /// A pattern in the log was flagged.
        AlertRaised = "alert-raised",
        /// A flagged pattern got its verdict.
        AlertClosed = "alert-closed",
        /// An incident was opened.
        IncidentOpened = "incident-opened",
        /// An incident moved on.
        IncidentStep = "incident-step",
        /// Somebody signed in, or failed to.
        SignIn = "sign-in",
        /// A setting of the clinic changed.
        SettingsChanged = "settings-changed",
    }
}

vocabulary! {
    /// What came out of a decision.
    Outcome, "outcome" {
        /// Allowed.
        Permit = "permit",
        /// Forbidden by a rule.
        Deny = "deny",
        /// Allowed by nobody, which is enforced like a refusal.
        NotApplicable = "not-applicable",
        /// Nothing was to be decided.
        None = "none",
    }
}

impl Outcome {
    /// Whether it refuses.
    #[must_use]
    pub const fn is_refusal(self) -> bool {
        matches!(self, Self::Deny | Self::NotApplicable)
    }
}

vocabulary! {
    /// Which chain of facts an entry moves from its generation to the next.
    Moves, "moved chain" {
        /// None: the entry only read facts.
        None = "none",
        /// Facts of the clinic: policy version, providers.
        Clinic = "clinic",
        /// Facts of the actor named in the entry: clearance.
        Actor = "actor",
        /// Facts of the subject named in the entry: consents, restrictions, relations.
        Subject = "subject",
    }
}

impl Event {
    /// The chain that an entry of this kind moves, for the kinds that decisions rest on; `None` where it
    /// depends on the case.
    ///
    /// A withdrawal that moved no chain could be placed anywhere in the log, and the order law would say
    /// nothing about it; so such an entry cannot be made.
    #[must_use]
    pub const fn moved_chain(self) -> Option<Moves> {
        match self {
            Self::ConsentGiven
            | Self::ConsentEnded
            | Self::RestrictionAdded
            | Self::RestrictionLifted
            | Self::RecordsBlocked
            | Self::RecordsUnblocked
            | Self::BreakGlassOpened => Some(Moves::Subject),
            Self::PolicyActivated | Self::ProviderChanged => Some(Moves::Clinic),
            Self::ClearanceChanged => Some(Moves::Actor),
            _ => None,
        }
    }
}

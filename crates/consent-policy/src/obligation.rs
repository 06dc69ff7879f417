//! What must be done because something was permitted.

records_model::vocabulary! {
    /// A duty that comes with a permit. The union over all permits that matched is owed.
    Obligation, "obligation" {
        /// Tell the person that it happened.
        TellThePerson = "tell-the-person",
        /// Tell the privacy officer at once.
        NotifyOfficer = "notify-officer",
        /// Review the broken glass by its deadline (4.1, P-44).
        ReviewBreakGlass = "review-break-glass",
        /// Send the notice in force and the purposes with the data (4.1, P-41).
        SendNoticeWithData = "send-notice-with-data",
        /// Show a masked view.
        Mask = "mask",
        /// Write a note in the record that says why.
        WriteNote = "write-note",
        /// Ask for consent as soon as the person can give it.
        CollectConsentLater = "collect-consent-later",
        /// Have the recipient acknowledge the terms.
        Acknowledge = "acknowledge",
        /// The recipient must not use it for anything else or pass it on (4.1, P-41).
        NoOnwardUse = "no-onward-use",
        /// Record the norm that lays the duty on the clinic (3.3, P-36).
        RecordNorm = "record-norm",
        /// Record the choice as an event with a receipt (9, P-85).
        RecordChoice = "record-choice",
        /// Add as an addendum, never over what is there (2.2, P-18).
        AddendumOnly = "addendum-only",
        /// Offer the way out in the same message (7, P-75).
        OfferUnsubscribe = "offer-unsubscribe",
    }
}

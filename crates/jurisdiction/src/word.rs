//! The closed lists of words that profiles are written in.

use records_model::vocabulary;

vocabulary! {
    /// A right that a person may exercise over their data (policy section 6, and by law beyond it).
    Right, "right" {
        /// Copies of one's data (P-62).
        Access = "access",
        /// Correction, by addendum (P-63).
        Correction = "correction",
        /// Limits to use or disclosure (P-64).
        Restriction = "restriction",
        /// Contact only by a channel of one's choice (P-65).
        ConfidentialCommunication = "confidential-communication",
        /// To be told of breaches (P-66).
        Notification = "notification",
        /// To complain (P-67).
        Complaint = "complaint",
        /// Cancellation, which the law gives beyond the policy.
        Cancellation = "cancellation",
        /// Opposition, which the law gives beyond the policy.
        Opposition = "opposition",
        /// Revocation of a consent.
        Revocation = "revocation",
        /// An account of who received one's data.
        Accounting = "accounting",
    }
}

vocabulary! {
    /// What has to be done by a date.
    Step, "step" {
        /// Tell the person what was decided.
        Answer = "answer",
        /// Make a granted right effective.
        Execute = "execute",
        /// Ask for what the request lacks.
        AskMissing = "ask-missing",
        /// The person completes the request.
        Complete = "complete",
        /// Tell the person that the request arrived.
        ConfirmReceipt = "confirm-receipt",
        /// Stop a use that the person objects to.
        Stop = "stop",
        /// Stop marketing messages.
        StopMarketing = "stop-marketing",
        /// The person goes to the authority.
        GoToAuthority = "go-to-authority",
        /// Answer the authority in a proceeding that it passed on.
        AnswerAuthority = "answer-authority",
        /// Answer the authority about a request without reply.
        AnswerAuthoritySilence = "answer-authority-silence",
        /// Comply with a ruling in the person's favour.
        ComplyRuling = "comply-ruling",
        /// Report that the ruling is complied with.
        ReportCompliance = "report-compliance",
        /// End of an oral suspension of the account of disclosures.
        EndOralSuspension = "end-oral-suspension",
    }
}

vocabulary! {
    /// The event that a term is counted from.
    StartEvent, "start event" {
        /// The request was received.
        Receipt = "receipt",
        /// The decision was told to the person.
        DecisionTold = "decision-told",
        /// The person was asked for what is missing.
        AskedMissing = "asked-missing",
        /// The person was answered, or the term to answer ended.
        ReplyOrSilence = "reply-or-silence",
        /// The authority gave notice.
        AuthorityNotice = "authority-notice",
        /// Somebody said so without writing.
        OralStatement = "oral-statement",
        /// The person clicked.
        Click = "click",
    }
}

vocabulary! {
    /// What a term is counted in.
    TermUnit, "unit" {
        /// Every day.
        CalendarDay = "calendar-day",
        /// Working days of a named calendar.
        BusinessDay = "business-day",
        /// Months by date.
        Month = "month",
    }
}

vocabulary! {
    /// What a retention period is counted in.
    PeriodUnit, "unit" {
        /// Days.
        Day = "day",
        /// Months by date.
        Month = "month",
        /// Years by date.
        Year = "year",
    }
}

vocabulary! {
    /// Which day is the first of a term.
    CountFrom, "first day counted" {
        /// The day after the start event.
        DayAfter = "day-after",
        /// The day of the start event itself; a month by date ends on the same date.
        SameDay = "same-day",
    }
}

vocabulary! {
    /// What happens to a term that ends on a free day.
    RollRule, "roll rule" {
        /// Nothing: it ends that day.
        None = "none",
        /// It ends on the next working day of its calendar.
        NextWorkingDay = "next-working-day",
    }
}

vocabulary! {
    /// Where a month by date ends if the last month has no such date.
    MissingDay, "missing day" {
        /// On the last day of the last month.
        LastDay = "last-day",
        /// On the first working day of the month after it.
        NextWorkingDay = "next-working-day",
    }
}

vocabulary! {
    /// Why a clock is stopped.
    PauseCause, "cause of a pause" {
        /// The request lacks an element that the law asks for.
        MissingElements = "missing-elements",
        /// It is not clear what is asked for.
        Clarification = "clarification",
        /// Doubt about who asks.
        IdentityDoubt = "identity-doubt",
    }
}

vocabulary! {
    /// What a pause does to the clock of its profile.
    PauseEffect, "effect of a pause" {
        /// The term starts again when the person has answered.
        Restart = "restart",
        /// The days in between do not count.
        Stop = "stop",
    }
}

vocabulary! {
    /// How sure the number is; the letter stays beside the row everywhere.
    Confidence, "confidence" {
        /// The text in force was read in a copy of the official text.
        A = "A",
        /// Read in a secondary source.
        B = "B",
        /// Remembered: it enters no letter before the privacy officer confirms it.
        C = "C",
    }
}

vocabulary! {
    /// What gives a profile its force.
    Standing, "standing" {
        /// It binds by law.
        Law = "law",
        /// The clinic promised it.
        Promise = "promise",
        /// The clinic follows it of its own will: it may shorten dates, and no letter speaks of it.
        Voluntary = "voluntary",
    }
}

vocabulary! {
    /// Which way a retention period binds.
    Direction, "direction" {
        /// Keep at least so long.
        Floor = "floor",
        /// Keep at most so long.
        Ceiling = "ceiling",
        /// Kept locked away so long after cancellation, for liabilities only.
        Blocking = "blocking",
    }
}

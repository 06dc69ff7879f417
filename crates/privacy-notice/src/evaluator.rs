//! The checks that keep a clause honest: a closed list.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A name that no check has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not the name of a check; the catalogue may name only those that the product can compute")]
pub struct UnknownEvaluator;

/// Declares the closed list with its codes.
macro_rules! evaluators {
    ($($(#[$meta:meta])* $name:ident = $code:literal,)+) => {
        /// A check that computes the state of a clause from [`Evidence`](crate::Evidence); its code stands in
        /// the catalogue.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(into = "&'static str", try_from = "String")]
        pub enum Evaluator {
            $($(#[$meta])* $name,)+
        }

        impl Evaluator {
            /// Every check.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The code, as the catalogue writes it.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)+
                }
            }
        }
    };
}

evaluators! {
    /// The page served is the notice in force (P-1).
    NoticeServed = "notice-served",
    /// Every version in the archive still has the text it was published with (P-2, P-87, P-89).
    NoticeArchived = "notice-archived",
    /// The log verifies and every register that the report rests on is kept (P-3).
    ReportRests = "report-rests",
    /// Nothing configured lacks a citation of the policy (P-4).
    Cited = "cited",
    /// Every record keeps to the closed lists (P-5, P-9).
    RecordsWellFormed = "records-well-formed",
    /// A rule of the proved policy in force cites the clause.
    RuleProved = "rule-proved",
    /// Every decision names the rules that made it (P-7).
    DecisionsExplained = "decisions-explained",
    /// Nobody reads without a confidentiality undertaking (P-8).
    UndertakingsSigned = "undertakings-signed",
    /// Identifying and clinical values are stored sealed (P-10, P-49).
    Sealed = "sealed",
    /// No column holds an age: the date of birth is stored (P-11).
    NoAgeStored = "no-age-stored",
    /// Clinical records carry author, time and signature (P-16, P-17).
    RecordsSigned = "records-signed",
    /// No signed record was changed in place (P-18).
    RecordsAppendOnly = "records-append-only",
    /// Each medical act moves the day from which a record may go (P-20).
    AnchorsKept = "anchors-kept",
    /// Nothing was ever sold, rented or traded (P-37).
    NeverSold = "never-sold",
    /// Each disclosure names one ground (P-38).
    GroundsNamed = "grounds-named",
    /// Each provider works under a contract in force (P-40).
    ContractsInForce = "contracts-in-force",
    /// Each disclosure carried the notice and its purposes (P-41).
    DisclosuresBound = "disclosures-bound",
    /// Each broken glass is reviewed in time (P-44).
    BreakGlassReviewed = "break-glass-reviewed",
    /// The register of safeguards and the recovery of the keys are current (P-47).
    SafeguardsCurrent = "safeguards-current",
    /// Nothing travels in the clear (P-48).
    TransitEncrypted = "transit-encrypted",
    /// Security updates are looked at in time (P-50).
    PatchesCurrent = "patches-current",
    /// No access without its entry in the log (P-51).
    AccessLogged = "access-logged",
    /// Staff sign in with a second factor (P-52).
    SignInStrong = "sign-in-strong",
    /// The calendar of audits is kept (P-53).
    AuditsCurrent = "audits-current",
    /// The log was verified lately and is whole (P-54).
    LogVerified = "log-verified",
    /// The premises are inspected in time (P-55).
    PremisesCurrent = "premises-current",
    /// Paper folders are back in their cabinets (P-56).
    PaperReturned = "paper-returned",
    /// Each disposal has its certificate (P-57).
    DisposalsDocumented = "disposals-documented",
    /// Nobody reads without valid training (P-58).
    StaffTrained = "staff-trained",
    /// The written procedures are reviewed in time (P-59).
    ProceduresCurrent = "procedures-current",
    /// Nobody reads without a clear background check (P-60).
    StaffChecked = "staff-checked",
    /// No incident and no drill is behind its clock (P-61).
    IncidentsOnTime = "incidents-on-time",
    /// An access package reaches every table that holds a person's data (P-62, P-70).
    AccessComplete = "access-complete",
    /// Who received an item that was corrected was told (P-63).
    CorrectionsTold = "corrections-told",
    /// Nothing was permitted against a restriction in force (P-64).
    RestrictionsHeld = "restrictions-held",
    /// Messages go over the person's own channel only (P-31, P-65).
    ChannelsKept = "channels-kept",
    /// Everybody whom a breach may affect was told in time (P-66).
    BreachesTold = "breaches-told",
    /// Nobody handles a complaint about themselves (P-67).
    ComplaintsImpartial = "complaints-impartial",
    /// Every way of asking opens a request (P-68).
    IntakeOpen = "intake-open",
    /// No request is past its date (P-69).
    RequestsOnTime = "requests-on-time",
    /// Each record has a schedule, and nothing due is left over (P-71).
    DisposalsOnTime = "disposals-on-time",
    /// Nothing was destroyed before its day (P-72, P-73).
    FloorsHeld = "floors-held",
    /// No website data past its ceiling (P-74).
    WebsiteDataFresh = "website-data-fresh",
    /// Nothing was sent after an unsubscription (P-75).
    UnsubscribedSpared = "unsubscribed-spared",
    /// No marketing profile is left after a request to delete it (P-76).
    MarketingDeleted = "marketing-deleted",
    /// Nothing under a legal hold was destroyed (P-77).
    HoldsKept = "holds-kept",
    /// No data left the country without a mechanism (P-79).
    TransfersCovered = "transfers-covered",
    /// The mechanisms for providers abroad are in force (P-80).
    MechanismsCurrent = "mechanisms-current",
    /// Somebody holds the office of privacy officer (P-91).
    OfficerInOffice = "officer-in-office",
    /// The officer can be reached by e-mail, telephone and post (P-92).
    OfficerReachable = "officer-reachable",
    /// Each person has the profiles of the clinic's country and of their home (P-93).
    ProfilesApplied = "profiles-applied",
}

impl From<Evaluator> for &'static str {
    fn from(evaluator: Evaluator) -> Self {
        evaluator.code()
    }
}

impl TryFrom<String> for Evaluator {
    type Error = UnknownEvaluator;
    fn try_from(text: String) -> Result<Self, UnknownEvaluator> {
        Self::ALL.iter().copied().find(|evaluator| evaluator.code() == text).ok_or(UnknownEvaluator)
    }
}

impl fmt::Display for Evaluator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

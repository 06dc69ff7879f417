//! What the store can say about the clinic's own conduct. Counts and dates only: no person appears here.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use records_model::{ClauseId, PolicyVersionId};

use crate::{ContentHash, Limits, OfficerEmail};

/// Facts about the clinic's conduct, loaded from the log, the registers and the settings.
///
/// `None` means "nobody looked": the clause is then *not evidenced*. A loader never fills in a zero it did
/// not count. The default knows nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evidence {
    /// How old evidence may grow.
    pub limits: Limits,
    /// The notice.
    pub notice: NoticeEvidence,
    /// Policy, decisions and disclosures.
    pub decisions: DecisionEvidence,
    /// Records and their custody.
    pub records: RecordEvidence,
    /// Technical and physical protection.
    pub security: SecurityEvidence,
    /// Staff.
    pub staff: StaffEvidence,
    /// Rights of people.
    pub rights: RightsEvidence,
    /// Keeping and destroying.
    pub retention: RetentionEvidence,
    /// The office of privacy officer.
    pub officer: OfficerEvidence,
}

/// The notice in force, and what is served.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NoticeEvidence {
    /// Hash of the version in force for the clinic's first language, from the archive.
    pub in_force: Option<ContentHash>,
    /// Hash of what the server hands to a visitor without sign-in.
    pub served: Option<ContentHash>,
    /// Archived versions whose text no longer has the hash it was published with.
    pub archive_mismatches: Option<u64>,
    /// Categories, purposes, recipient classes and retention rules in use that cite no clause.
    pub uncited: Option<u64>,
}

/// Whether the policy document in force was proved against the invariants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyProof {
    /// Every invariant was proved over the stated vocabulary.
    Proved,
    /// No proof is on file for what the engine runs on.
    Missing,
}

/// The policy document in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyInForce {
    /// Its version.
    pub version: PolicyVersionId,
    /// Whether it was proved.
    pub proof: PolicyProof,
    /// What was proved of it, by clause: the names of the compiled promises and of the document's own invariants that
    /// cite it. A rule that cites a clause proves nothing about it.
    pub proved: BTreeMap<ClauseId, Vec<String>>,
}

/// Policy, decisions and disclosures.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DecisionEvidence {
    /// The policy document in force.
    pub policy: Option<PolicyInForce>,
    /// Logged decisions without a rule, a reason or a policy version.
    pub unexplained: Option<u64>,
    /// Accesses whose permit has no entry in the log.
    pub permits_unlogged: Option<u64>,
    /// Permits for sale, rental or trade.
    pub sale_permits: Option<u64>,
    /// Disclosures without a ground.
    pub disclosures_without_ground: Option<u64>,
    /// Disclosures to a provider whose contract was not in force then.
    pub disclosures_without_contract: Option<u64>,
    /// Disclosures without the notice's hash or the purposes.
    pub disclosures_unbound: Option<u64>,
    /// Providers in the register, not retired, whose contract is over.
    pub providers_expired: Option<u64>,
    /// Broken glasses past their review date without a review.
    pub break_glass_overdue: Option<u64>,
    /// Permits given against a restriction in force.
    pub permits_against_restriction: Option<u64>,
    /// Disclosures abroad without a mechanism for every profile of the person.
    pub transfers_without_mechanism: Option<u64>,
    /// Providers abroad, not retired, with a mechanism that is over.
    pub mechanisms_expired: Option<u64>,
    /// People whose applicable profiles were never computed.
    pub people_without_profiles: Option<u64>,
}

/// Records and their custody.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordEvidence {
    /// Rows that break the closed lists.
    pub malformed: Option<u64>,
    /// Identifying or clinical values that are not sealed.
    pub unsealed: Option<u64>,
    /// Clinical records written here without author, time or signature.
    pub unsigned: Option<u64>,
    /// Signed records changed in place.
    pub overwritten: Option<u64>,
    /// Clinical records without a last medical act.
    pub without_anchor: Option<u64>,
    /// Columns of the database that hold an age.
    pub age_columns: Option<u64>,
}

/// A register that must stay current.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Register {
    /// Entries in it; a register without any proves nothing.
    pub entries: u64,
    /// Entries past their next due date.
    pub overdue: u64,
}

/// How data travels to and from the server, and between it and the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// The loopback interface or a local socket only.
    LocalOnly,
    /// TLS 1.2 or later on every link.
    Encrypted,
    /// At least one link in the clear.
    InTheClear,
}

/// The last verification of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogCheck {
    /// It verified.
    Intact {
        /// When.
        at: DateTime<Utc>,
    },
    /// It did not.
    Damaged {
        /// When.
        at: DateTime<Utc>,
    },
}

/// Whether the keys could be recovered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyRecovery {
    /// Nobody ever tried.
    NeverVerified,
    /// It was tried and worked.
    Verified {
        /// When.
        at: DateTime<Utc>,
    },
}

/// Technical and physical protection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SecurityEvidence {
    /// Register of safeguards.
    pub safeguards: Option<Register>,
    /// Recovery of the keys.
    pub key_recovery: Option<KeyRecovery>,
    /// How data travels.
    pub transport: Option<Transport>,
    /// When security updates were last looked at.
    pub patches_checked_at: Option<DateTime<Utc>>,
    /// Staff accounts without a second factor.
    pub accounts_without_second_factor: Option<u64>,
    /// Calendar of audits.
    pub audits: Option<Register>,
    /// The last verification of the log.
    pub log: Option<LogCheck>,
    /// Register of premises.
    pub premises: Option<Register>,
    /// Paper folders out of their cabinet past the day they were due back.
    pub folders_overdue: Option<u64>,
    /// Incidents and drills.
    pub incidents: Option<Register>,
}

/// Staff.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StaffEvidence {
    /// Reads by somebody whose training was not valid then.
    pub reads_untrained: Option<u64>,
    /// Reads by somebody without a clear background check then.
    pub reads_unchecked: Option<u64>,
    /// Reads by somebody without an undertaking then.
    pub reads_without_undertaking: Option<u64>,
    /// Written procedures.
    pub procedures: Option<Register>,
}

/// Rights of people.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RightsEvidence {
    /// Open requests past the date they were owed an answer.
    pub requests_overdue: Option<u64>,
    /// Tables with a person's data that the access package does not reach.
    pub tables_without_export: Option<u64>,
    /// Recipients of a corrected item who were not told.
    pub corrections_untold: Option<u64>,
    /// Messages sent over another channel than the person's own.
    pub sends_off_channel: Option<u64>,
    /// People whom a breach may affect and who were not told in time.
    pub breach_notices_overdue: Option<u64>,
    /// Complaints handled by the person they are about.
    pub complaints_in_conflict: Option<u64>,
    /// Ways of asking that the policy names and that do not open a request.
    pub intake_closed: Option<u64>,
}

/// Keeping and destroying.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RetentionEvidence {
    /// Records without a schedule.
    pub without_schedule: Option<u64>,
    /// Disposals that are due and not done.
    pub disposals_overdue: Option<u64>,
    /// Disposals without a certificate.
    pub disposals_without_certificate: Option<u64>,
    /// Disposals before the floor.
    pub disposals_early: Option<u64>,
    /// Disposals of what a hold covered.
    pub disposals_under_hold: Option<u64>,
    /// Website events past their ceiling.
    pub website_past_ceiling: Option<u64>,
    /// Marketing messages sent after an unsubscription.
    pub sends_after_unsubscribe: Option<u64>,
    /// Marketing profiles left after a request to delete them.
    pub marketing_left: Option<u64>,
}

/// Whether somebody holds the office.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Office {
    /// A person is in office today.
    Held,
    /// Nobody is.
    Vacant,
}

/// The office of privacy officer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OfficerEvidence {
    /// Whether somebody holds it.
    pub office: Option<Office>,
    /// The officer's e-mail address in the settings; telephone and postal address are always there.
    pub email: Option<OfficerEmail>,
}

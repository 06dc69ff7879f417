//! Which tables hold something about a person, and what becomes of it: the list from which an access package and
//! a disposal are complete. A test holds it equal to the schema, so that a new table without a line fails.

use records_model::RetentionClass;

/// What a person who asks for their data gets of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Export {
    /// Its content, opened.
    Content,
    /// Nothing, because it says nothing about them beyond another table's content.
    Nothing {
        /// Why.
        why: &'static str,
    },
}

/// With what a table's rows are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeptWith {
    /// Each row names its own class.
    ClassOfRow,
    /// All of them are of this class.
    Class(RetentionClass),
}

/// What the disposal of its class does to a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AtDisposal {
    /// The rows go.
    RowsGo,
    /// The rows stay and what is sealed in them opens no more, because its key is gone.
    KeyGoes,
    /// The rows stay as they are.
    Stays {
        /// Why, and what still has to be built if they should not.
        why: &'static str,
    },
}

/// One table that holds something about a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SubjectTable {
    /// Its name, with the schema.
    pub name: &'static str,
    /// What a person gets of it.
    pub export: Export,
    /// With what it is kept.
    pub kept_with: KeptWith,
    /// What a disposal does to it.
    pub at_disposal: AtDisposal,
}

const fn table(
    name: &'static str,
    export: Export,
    kept_with: KeptWith,
    at_disposal: AtDisposal,
) -> SubjectTable {
    SubjectTable { name, export, kept_with, at_disposal }
}

const fn nothing(why: &'static str) -> Export {
    Export::Nothing { why }
}

const fn stays(why: &'static str) -> AtDisposal {
    AtDisposal::Stays { why }
}

const ACCOUNTING: KeptWith = KeptWith::Class(RetentionClass::Accounting);
const CONSENT: KeptWith = KeptWith::Class(RetentionClass::ConsentEvidence);
const IDENTITY: KeptWith = KeptWith::Class(RetentionClass::Identity);
const REQUEST: KeptWith = KeptWith::Class(RetentionClass::Request);
const STAFF: KeptWith = KeptWith::Class(RetentionClass::Staff);

const DECIDES: &str =
    "in clear because decisions rest on it, under an id that names nobody once the identity is gone";
const PROOF: &str = "the proof that a disposal was in order outlives what was destroyed";

const FILE: &str = "what the record says of the file, and where its chunks belong";
const HIDDEN: &str =
    "what it hides for a time stands in the accounting, and shows there by itself once that time is over";
const LOOKS: &str = "the acts stand in who looked; what others suspected of them is about those others";

/// Every table with a person's id, by name.
pub const SUBJECT_TABLES: [SubjectTable; 37] = [
    table("keystore.deks", nothing("which keys there are"), KeptWith::ClassOfRow, stays(PROOF)),
    table(
        "keystore.erased_items",
        nothing("what the outcome of the disposal says"),
        KeptWith::ClassOfRow,
        stays(PROOF),
    ),
    table(
        "keystore.erasures",
        nothing("what the outcome of the disposal says"),
        KeptWith::ClassOfRow,
        stays(PROOF),
    ),
    table("keystore.key_minimums", nothing("which keys are read"), KeptWith::ClassOfRow, stays(PROOF)),
    table("keystore.wrappings", nothing("wrapped keys"), KeptWith::ClassOfRow, AtDisposal::RowsGo),
    table("resguardo.accounting_suspensions", nothing(HIDDEN), ACCOUNTING, AtDisposal::KeyGoes),
    table("resguardo.actors", Export::Content, STAFF, AtDisposal::KeyGoes),
    table("resguardo.alert_verdicts", nothing(LOOKS), ACCOUNTING, stays(DECIDES)),
    table("resguardo.alerts", nothing(LOOKS), ACCOUNTING, AtDisposal::KeyGoes),
    table("resguardo.attachment_chunks", Export::Content, KeptWith::ClassOfRow, AtDisposal::RowsGo),
    table("resguardo.attachments", nothing(FILE), KeptWith::ClassOfRow, AtDisposal::RowsGo),
    table(
        "resguardo.blind_tokens",
        nothing("keyed tokens of the identity records"),
        IDENTITY,
        AtDisposal::RowsGo,
    ),
    table("resguardo.care_relations", Export::Content, ACCOUNTING, stays(DECIDES)),
    table("resguardo.case_steps", Export::Content, REQUEST, stays(DECIDES)),
    table("resguardo.cases", Export::Content, REQUEST, AtDisposal::KeyGoes),
    table("resguardo.consent_ends", Export::Content, CONSENT, stays(DECIDES)),
    table("resguardo.consents", Export::Content, CONSENT, AtDisposal::KeyGoes),
    table("resguardo.disposal_approvals", nothing("what the outcome says"), ACCOUNTING, stays(PROOF)),
    table("resguardo.disposal_items", nothing("what the outcome says"), ACCOUNTING, stays(PROOF)),
    table("resguardo.disposal_outcomes", Export::Content, ACCOUNTING, stays(PROOF)),
    table(
        "resguardo.disposal_withdrawals",
        nothing("that nothing came of a proposal"),
        ACCOUNTING,
        stays(PROOF),
    ),
    table("resguardo.disposals", nothing("what the outcome says"), ACCOUNTING, stays(PROOF)),
    table("resguardo.evidence", Export::Content, ACCOUNTING, AtDisposal::KeyGoes),
    table("resguardo.evidence_reviews", Export::Content, ACCOUNTING, stays(DECIDES)),
    table("resguardo.item_floors", Export::Content, KeptWith::ClassOfRow, stays(PROOF)),
    table("resguardo.legal_hold_releases", Export::Content, ACCOUNTING, stays(PROOF)),
    table("resguardo.legal_holds", Export::Content, ACCOUNTING, stays(PROOF)),
    table("resguardo.log_sides", Export::Content, KeptWith::ClassOfRow, AtDisposal::KeyGoes),
    table("resguardo.record_block_lifts", Export::Content, REQUEST, stays(DECIDES)),
    table("resguardo.record_blocks", Export::Content, REQUEST, stays(DECIDES)),
    table(
        "resguardo.record_seals",
        nothing("the content of the records, sealed again"),
        KeptWith::ClassOfRow,
        AtDisposal::RowsGo,
    ),
    table("resguardo.records", Export::Content, KeptWith::ClassOfRow, AtDisposal::RowsGo),
    table("resguardo.restriction_lifts", Export::Content, CONSENT, stays(DECIDES)),
    table("resguardo.restrictions", Export::Content, CONSENT, stays(DECIDES)),
    table("resguardo.retention_floors", Export::Content, KeptWith::ClassOfRow, stays(PROOF)),
    table(
        "resguardo.subject_pseudonyms",
        nothing("the random name in the log"),
        ACCOUNTING,
        AtDisposal::KeyGoes,
    ),
    table("resguardo.subjects", Export::Content, IDENTITY, stays(DECIDES)),
];

//! What a person is told at once: what was received, when the answer is due, what is still needed, to whom they
//! may turn.

use chrono::NaiveDate;
use jurisdiction::{Confidence, Language, LawBook, Right, RowRef, Standing, Term};
use records_model::{CaseId, vocabulary};

use crate::{AskerKind, Case, Channel, word};

vocabulary! {
    /// What the asker still has to prove before anything is released.
    ProofNeeded, "proof needed" {
        /// Nothing.
        Nothing = "nothing",
        /// Who they are.
        Identity = "identity",
        /// Who they are, and that they may act for the person.
        IdentityAndAuthority = "identity-and-authority",
    }
}

/// One right in an acknowledgement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcknowledgedRight {
    /// The right.
    pub right: Right,
    /// The committed date of the answer.
    pub answer_by: NaiveDate,
    /// The rows that a letter may cite: of a law or the promise, and of confidence A or B. A voluntary standard
    /// may have shortened the date, but no letter says that a right exists under it.
    pub cites: Vec<RowRef>,
}

/// What the person is told at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledgement {
    /// The case.
    pub case: CaseId,
    /// The date of receipt at the clinic.
    pub received_on: NaiveDate,
    /// How it came in; the acknowledgement goes the same way.
    pub channel: Channel,
    /// Each right asked for.
    pub rights: Vec<AcknowledgedRight>,
    /// What the asker still has to prove.
    pub proof_needed: ProofNeeded,
    /// The authorities to which the person may turn, in Spanish and English.
    pub authorities: Vec<(String, String)>,
}

impl Acknowledgement {
    pub(crate) fn of(case: &Case, law: &LawBook) -> Self {
        let received_on = case.zone.date_of(case.received_at);
        let rights: Vec<_> = case
            .items
            .iter()
            .map(|(right, item)| AcknowledgedRight {
                right: *right,
                answer_by: item.answer_by.committed_due(),
                cites: item
                    .answer_by
                    .terms()
                    .filter(|term| may_be_cited(term))
                    .map(|term| term.row().clone())
                    .collect(),
            })
            .collect();
        let proof_needed = match (rights.iter().any(|item| word::needs_proof(item.right)), case.asker) {
            (false, _) => ProofNeeded::Nothing,
            (true, AskerKind::Representative) => ProofNeeded::IdentityAndAuthority,
            (true, _) => ProofNeeded::Identity,
        };
        let authorities = law
            .all_in_force(&case.families, received_on)
            .filter(|profile| profile.standing() == Standing::Law)
            .filter_map(|profile| {
                let name = |language| profile.authority(language).map(str::to_owned);
                Some((name(Language::Es)?, name(Language::En)?))
            })
            .collect();
        Self { case: case.id, received_on, channel: case.channel, rights, proof_needed, authorities }
    }
}

fn may_be_cited(term: &Term) -> bool {
    term.standing() != Standing::Voluntary && term.citation().confidence != Confidence::C
}

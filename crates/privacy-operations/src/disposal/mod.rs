//! Disposal: proposed from a review, approved by two people, carried out after a wait.
//!
//! Where items end one by one, what has ended goes and the rest stays: before the keys of what goes are destroyed,
//! what stays under them is sealed under others ([`ResealSurvivors`]).
//!
//! The schema's own function checks everything again (`resguardo.dispose`): what is here says it sooner, and says
//! what to do next.

mod approve;
mod block;
mod carry_out;
mod preview;
mod propose;
mod survivors;
mod withdraw;

use std::collections::BTreeSet;

use audit_log::ContentHash;
use records_model::{DisposalId, RecordId, RetentionClass, Role, SubjectId};
use retention::{Reason, RetentionDecision, RetentionState};

use crate::review::{class_review, item_reviews};
use crate::{DisposalExtent, DisposalRow, SubjectFacts, Tools};

pub use approve::{ApproveDisposal, DisposalApproved};
pub use block::DisposalBlock;
pub use carry_out::{CarryOutDisposal, DisposalDone};
pub use preview::{PreviewDisposal, Previewed, Tokens};
pub use propose::{DisposalProposed, DueClasses, Proposal, ProposeDisposal};
pub use survivors::{ResealSurvivors, SurvivorsResealed};
pub use withdraw::WithdrawDisposal;

/// Approvals by different people that a disposal needs.
const APPROVALS_NEEDED: usize = 2;

/// Whose approval counts.
const fn is_officer(role: Role) -> bool {
    matches!(role, Role::PrivacyOfficer | Role::Director)
}

impl DisposalRow {
    /// The different people whose approval counts.
    fn approvers(&self) -> BTreeSet<SubjectId> {
        let counted = self.approvals.iter().filter(|approval| is_officer(approval.role));
        counted.map(|approval| approval.person).collect()
    }

    /// Whether it waits: nobody carried it out or took it back.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.done_at.is_none() && self.withdrawn_at.is_none()
    }

    /// How many approvals are still missing.
    #[must_use]
    pub fn approvals_missing(&self) -> usize {
        APPROVALS_NEEDED.saturating_sub(self.approvers().len())
    }
}

/// The disposal that is to be carried on; one that was carried out is none.
fn open_disposal(subject: &SubjectFacts, id: DisposalId) -> Result<&DisposalRow, DisposalBlock> {
    let found = subject.disposals.iter().find(|disposal| disposal.id == id).ok_or(DisposalBlock::Unknown)?;
    match (found.done_at, found.withdrawn_at) {
        (None, None) => Ok(found),
        (Some(at), _) => Err(DisposalBlock::Done { on: at.date_naive() }),
        (None, Some(at)) => Err(DisposalBlock::Withdrawn { on: at.date_naive() }),
    }
}

/// The records that a disposal would destroy, of those loaded.
fn going(subject: &SubjectFacts, class: RetentionClass, extent: &DisposalExtent) -> BTreeSet<RecordId> {
    let of_class = subject.records.iter().filter(|record| record.class == class);
    of_class.map(|record| record.id).filter(|record| extent.covers(*record)).collect()
}

/// What the schedule says today of all that a disposal would destroy.
fn reviews_of(
    subject: &SubjectFacts,
    class: RetentionClass,
    extent: &DisposalExtent,
    tools: &Tools<'_>,
) -> Vec<RetentionDecision> {
    match extent {
        DisposalExtent::Items(items) => {
            let reviews = item_reviews(subject, class, tools).into_iter();
            reviews.filter(|(record, _)| items.contains(record)).map(|(_, review)| review).collect()
        }
        DisposalExtent::Class if subject.records.iter().any(|record| record.class == class) => {
            vec![class_review(subject, class, tools)]
        }
        DisposalExtent::Class => Vec::new(),
    }
}

/// Refuses what may not go today.
fn refuse_kept(decision: &RetentionDecision) -> Result<(), DisposalBlock> {
    let class = decision.class();
    let hold = decision.reasons().iter().find_map(|reason| match reason {
        Reason::Hold { hold, .. } => Some(*hold),
        _ => None,
    });
    match (hold, decision.state()) {
        (Some(hold), _) => Err(DisposalBlock::Held { class, hold }),
        (None, RetentionState::Disposable | RetentionState::Overdue) => Ok(()),
        (None, _) => Err(DisposalBlock::Kept {
            class,
            through: decision.disposable_from().and_then(|day| day.pred_opt()),
        }),
    }
}

fn content_of(id: DisposalId) -> ContentHash {
    ContentHash::of(id.as_uuid().as_bytes())
}

//! `retention`: what is due, what is held, what must stay; the disposals are in a file of their own.

use std::io::Write;

use chrono::NaiveDate;
use clap::Subcommand;
use privacy_operations::ReviewRetention;
use records_model::{BlockId, DisposalId, RetentionClass, SubjectId, SubjectKind};
use retention::{RetentionDecision, RetentionState};
use serde_json::json;

use crate::acting::{Form, Unnamed, Work};
use crate::{CliError, Verdict, blocks, disposals, render};

#[derive(Debug, Subcommand)]
pub(crate) enum Retention {
    /// Review what the schedule says of a person's records today, or of everybody's. Nothing is destroyed.
    Review {
        /// A person's id, or `all`.
        #[arg(default_value = "all")]
        whom: Whom,
    },
    /// Propose to destroy what the schedule no longer keeps. The proposal of a privacy officer or director is the
    /// first of the two approvals that a disposal needs.
    Propose {
        /// A person's id, or `all`.
        #[arg(default_value = "all")]
        whom: Whom,
        /// Only this class of a person's records; an error says what keeps it.
        #[arg(long)]
        class: Option<RetentionClass>,
    },
    /// Approve a disposal: another privacy officer or director than before.
    Approve {
        /// The disposal, as `retention list` shows it.
        disposal: DisposalId,
    },
    /// Take a proposal back: a privacy officer or director. What it blocked is open again.
    Withdraw {
        /// The disposal, as `retention list` shows it.
        disposal: DisposalId,
    },
    /// Grant a cancellation or an objection whose records stay on file, and keep them away from this moment.
    Block(blocks::Block),
    /// Lift such an order by the person's own wish, for instance because they come back.
    Lift {
        /// Whose records.
        subject: SubjectId,
        /// The order, as `retention blocks` shows it.
        block: BlockId,
    },
    /// List what is kept away of a person's records, by which request.
    Blocks {
        /// Whose records.
        subject: SubjectId,
    },
    /// Carry a disposal out, seven days after its proposal at the earliest. What is destroyed does not come back.
    Dispose(disposals::CarryOut),
    /// List what was proposed, who is still to approve, and what was carried out.
    List,
}

/// Whose records.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Whom {
    /// One person's.
    One(SubjectId),
    /// Every patient's.
    All,
}

impl std::str::FromStr for Whom {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "all" => Ok(Self::All),
            id => id.parse().map(Self::One).map_err(|_| "neither the id of a person nor `all`"),
        }
    }
}

pub(crate) async fn answer(
    work: &Work<'_>,
    retention: Retention,
    out: &mut impl Write,
) -> Result<Verdict, CliError> {
    match retention {
        Retention::Review { whom } => review(work, whom, out).await,
        Retention::Propose { whom, class } => disposals::propose(work, whom, class, out).await,
        Retention::Approve { disposal } => disposals::approve(work, disposal, out).await,
        Retention::Withdraw { disposal } => blocks::withdraw(work, disposal, out).await,
        Retention::Block(block) => blocks::block(work, &block, out).await,
        Retention::Lift { subject, block } => blocks::lift(work, (subject, block), out).await,
        Retention::Blocks { subject } => blocks::list(work, subject, out).await,
        Retention::Dispose(carry_out) => disposals::carry_out(work, &carry_out, out).await,
        Retention::List => disposals::list(work, out).await,
    }
}

impl Whom {
    /// Everybody meant.
    pub(crate) async fn subjects(self, work: &Work<'_>) -> Result<Vec<SubjectId>, CliError> {
        match self {
            Self::One(subject) => Ok(vec![subject]),
            Self::All => {
                let store = work.runtime().store();
                let people = store.people(work.runtime().clinic(), SubjectKind::Patient, u32::MAX).await?;
                Ok(people.into_iter().map(|line| line.id).collect())
            }
        }
    }
}

async fn review(work: &Work<'_>, whom: Whom, out: &mut impl Write) -> Result<Verdict, CliError> {
    let actor = work.actor(Unnamed::System).await?;
    let subjects = whom.subjects(work).await?;
    let mut found = Vec::new();
    for subject in subjects {
        let review = ReviewRetention { actor, subject };
        let reviewed = work.runtime().perform(&review, work.clock()).await?;
        if !reviewed.answer.is_permit() {
            return disposals::refused(work, &reviewed.answer, out);
        }
        found.extend(reviewed.classes.into_iter().map(|decision| (subject, decision)));
    }
    match work.form {
        Form::Json => {
            let line = |(subject, decision): &(SubjectId, RetentionDecision)| json!({ "subject": subject, "decision": decision });
            render::json(out, &json!({ "classes": found.iter().map(line).collect::<Vec<_>>() }))?;
        }
        Form::Text => text(work, &found, out)?,
    }
    let overdue = found.iter().any(|(_, decision)| decision.state() == RetentionState::Overdue);
    Ok(if overdue { Verdict::No } else { Verdict::Done })
}

fn text(
    work: &Work<'_>,
    found: &[(SubjectId, RetentionDecision)],
    out: &mut impl Write,
) -> Result<(), CliError> {
    let day = |day: Option<NaiveDate>| day.map_or_else(|| "-".to_owned(), |day| day.to_string());
    let mut table = work.table(&["person", "class", "state", "keep through", "end by", "clause"]);
    for (subject, decision) in found {
        table.add_row([
            subject.to_string(),
            decision.class().to_string(),
            decision.state().to_string(),
            day(decision.floor_until()),
            day(decision.ceiling_at()),
            decision.clause().to_string(),
        ]);
    }
    if !found.is_empty() {
        writeln!(out, "{}", table.trim_fmt())?;
    }
    let count = |state| found.iter().filter(|(_, decision)| decision.state() == state).count();
    let (overdue, may_go) = (count(RetentionState::Overdue), count(RetentionState::Disposable));
    writeln!(out, "{} reviewed: {overdue} overdue, {may_go} may be destroyed by two persons", found.len())?;
    Ok(())
}

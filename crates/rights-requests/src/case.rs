//! A case: one asker, several rights, each with its own state and clock.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use jurisdiction::{Adjustments, ClinicZone, Deadline, ProfileFamily, Right};
use records_model::{ActorId, CaseId, EvidenceId, RestrictionKind, Set, SubjectId};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{AskerKind, Channel, Explanation, Outcome, RightState, StepError, word};

/// How the asker proved who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentityProof {
    /// The evidence of identity.
    pub identity: EvidenceId,
    /// The evidence of authority, of somebody who acts for another.
    pub authority: Option<EvidenceId>,
}

/// One right of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RightItem {
    pub(crate) state: RightState,
    pub(crate) answer_by: Deadline,
    pub(crate) adjustments: Adjustments,
    pub(crate) extension_reasons: Vec<Explanation>,
    pub(crate) execute_by: Option<Deadline>,
}

impl RightItem {
    /// Where it stands.
    #[must_use]
    pub const fn state(&self) -> &RightState {
        &self.state
    }

    /// By when the answer is due, with its derivation.
    #[must_use]
    pub const fn answer_by(&self) -> &Deadline {
        &self.answer_by
    }

    /// Extensions and pauses so far.
    #[must_use]
    pub const fn adjustments(&self) -> &Adjustments {
        &self.adjustments
    }

    /// The reason of each extension, in the order of [`Adjustments::extensions`].
    #[must_use]
    pub fn extension_reasons(&self) -> &[Explanation] {
        &self.extension_reasons
    }

    /// By when what was granted is carried out, where a law sets a time.
    #[must_use]
    pub const fn execute_by(&self) -> Option<&Deadline> {
        self.execute_by.as_ref()
    }
}

/// One case. A step returns the case as it is afterwards and leaves this one as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "CaseParts")]
#[must_use = "a step returns the new case; drop it and the step was not taken"]
pub struct Case {
    pub(crate) id: CaseId,
    pub(crate) subject: SubjectId,
    pub(crate) asker: AskerKind,
    pub(crate) channel: Channel,
    pub(crate) received_at: DateTime<Utc>,
    pub(crate) opened_at: DateTime<Utc>,
    pub(crate) zone: ClinicZone,
    pub(crate) families: BTreeSet<ProfileFamily>,
    pub(crate) restriction: Option<RestrictionKind>,
    pub(crate) complaint_about: Option<ActorId>,
    pub(crate) handler: Option<ActorId>,
    pub(crate) proof: Option<IdentityProof>,
    pub(crate) items: BTreeMap<Right, RightItem>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseParts {
    id: CaseId,
    subject: SubjectId,
    asker: AskerKind,
    channel: Channel,
    received_at: DateTime<Utc>,
    opened_at: DateTime<Utc>,
    zone: ClinicZone,
    families: BTreeSet<ProfileFamily>,
    restriction: Option<RestrictionKind>,
    complaint_about: Option<ActorId>,
    handler: Option<ActorId>,
    proof: Option<IdentityProof>,
    items: BTreeMap<Right, RightItem>,
}

/// A stored case that breaks its own rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CaseError {
    /// It asks for nothing.
    #[error("a case asks for at least one right")]
    NoRight,
    /// A clock that is not the case's.
    #[error("the clock of {right} does not start with the receipt of the case")]
    Clock {
        /// The right.
        right: Right,
    },
    /// Granted without the proof that it needs.
    #[error("{right} was granted without proof of identity")]
    Unproved {
        /// The right.
        right: Right,
    },
}

impl TryFrom<CaseParts> for Case {
    type Error = CaseError;

    fn try_from(parts: CaseParts) -> Result<Self, Self::Error> {
        if parts.items.is_empty() {
            return Err(CaseError::NoRight);
        }
        for (right, item) in &parts.items {
            if item.answer_by.right() != *right || item.answer_by.started_at() != parts.received_at {
                return Err(CaseError::Clock { right: *right });
            }
            let granted = item.state.outcome().is_some_and(Outcome::grants);
            if granted && word::needs_proof(*right) && parts.proof.is_none() {
                return Err(CaseError::Unproved { right: *right });
            }
        }
        Ok(Self {
            id: parts.id,
            subject: parts.subject,
            asker: parts.asker,
            channel: parts.channel,
            received_at: parts.received_at,
            opened_at: parts.opened_at,
            zone: parts.zone,
            families: parts.families,
            restriction: parts.restriction,
            complaint_about: parts.complaint_about,
            handler: parts.handler,
            proof: parts.proof,
            items: parts.items,
        })
    }
}

impl Case {
    /// Its id.
    #[must_use]
    pub const fn id(&self) -> CaseId {
        self.id
    }

    /// Whose data it is about.
    #[must_use]
    pub const fn subject(&self) -> SubjectId {
        self.subject
    }

    /// In what capacity the asker asks.
    #[must_use]
    pub const fn asker(&self) -> AskerKind {
        self.asker
    }

    /// How it came in.
    #[must_use]
    pub const fn channel(&self) -> Channel {
        self.channel
    }

    /// When it came in; the clocks run from here, whenever it was logged.
    #[must_use]
    pub const fn received_at(&self) -> DateTime<Utc> {
        self.received_at
    }

    /// When it was logged.
    #[must_use]
    pub const fn opened_at(&self) -> DateTime<Utc> {
        self.opened_at
    }

    /// The families of profiles that apply.
    #[must_use]
    pub const fn families(&self) -> &BTreeSet<ProfileFamily> {
        &self.families
    }

    /// What kind of restriction is asked for, if one is.
    #[must_use]
    pub const fn restriction(&self) -> Option<RestrictionKind> {
        self.restriction
    }

    /// Who works on it.
    #[must_use]
    pub const fn handler(&self) -> Option<ActorId> {
        self.handler
    }

    /// How the asker proved who they are, if they did.
    #[must_use]
    pub const fn proof(&self) -> Option<IdentityProof> {
        self.proof
    }

    /// The rights it asks for, each with its state and clock.
    #[must_use]
    pub const fn items(&self) -> &BTreeMap<Right, RightItem> {
        &self.items
    }

    /// One of them.
    ///
    /// # Errors
    ///
    /// [`StepError::NotAsked`] if the case is not about it.
    pub fn item(&self, right: Right) -> Result<&RightItem, StepError> {
        self.items.get(&right).ok_or(StepError::NotAsked { right })
    }

    /// The rights whose effect is live now, before any answer: a restriction, an opposition and a revocation from
    /// their receipt, since they only narrow; a confidential channel once the asker proved who they are, since
    /// it changes where data is sent. A refusal ends it, and so does taking it back.
    #[must_use]
    pub fn live_now(&self) -> Set<Right> {
        let at_once = |right: Right| match right {
            Right::Restriction | Right::Opposition | Right::Revocation => true,
            Right::ConfidentialCommunication => self.proof.is_some(),
            _ => false,
        };
        let ended = |state: &RightState| {
            matches!(state, RightState::NotPresented { .. } | RightState::Withdrawn { .. })
                || state.outcome().is_some_and(|outcome| !outcome.grants())
        };
        self.items
            .iter()
            .filter(|(right, item)| at_once(**right) && !ended(&item.state))
            .map(|(right, _)| *right)
            .collect()
    }
}

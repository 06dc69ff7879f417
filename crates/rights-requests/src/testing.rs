//! Strategies for property tests of this crate and of crates that embed it.

use chrono::{DateTime, TimeDelta, Utc};
use jurisdiction::testing::{arb_families, arb_start};
use jurisdiction::{ClinicZone, LawBook, PauseCause, ProfileFamily, Right};
use proptest::prelude::*;
use records_model::testing::{arb_set, arb_subject_id, arb_word};
use records_model::{ActorId, CaseId, EvidenceId, RestrictionKind};
use uuid::Uuid;

pub use proptest;

use crate::{
    AskerKind, Case, Channel, Explanation, IdentityProof, Intake, Outcome, RefusalGround, StepError,
};

prop_compose! {
    /// Any request that can be opened, under the promise and any families besides.
    pub fn arb_intake(law: &LawBook)(
        id in any::<u128>(),
        subject in arb_subject_id(),
        asker in arb_word::<AskerKind>(),
        channel in arb_word::<Channel>(),
        received_at in arb_start(),
        some in arb_set::<Right>(),
        one in arb_word::<Right>(),
        must_agree in any::<bool>(),
        families in arb_families(law),
    ) -> Intake {
        let rights = some.with(one);
        let kind = if must_agree { RestrictionKind::MustAgree } else { RestrictionKind::Agreed };
        Intake {
            id: CaseId::from_uuid(Uuid::from_u128(id)),
            subject,
            asker,
            channel,
            received_at,
            rights,
            restriction: rights.contains(Right::Restriction).then_some(kind),
            complaint_about: None,
            families,
        }
    }
}

/// Any written reason.
pub fn arb_explanation() -> impl Strategy<Value = Explanation> {
    "[a-z ]{12,40}".prop_filter_map("a reason", |text| Explanation::parse(&format!("because {text}")).ok())
}

/// Any outcome.
pub fn arb_outcome() -> impl Strategy<Value = Outcome> {
    let refusal = || (arb_word::<RefusalGround>(), arb_explanation());
    prop_oneof![
        2 => Just(Outcome::Granted),
        1 => refusal().prop_map(|(ground, explanation)| Outcome::Partly { ground, explanation }),
        1 => refusal().prop_map(|(ground, explanation)| Outcome::Refused { ground, explanation }),
    ]
}

/// One step of a case, legal or not.
#[derive(Debug, Clone)]
pub enum AnyStep {
    /// [`Case::verify`].
    Verify(IdentityProof),
    /// [`Case::extend`].
    Extend(Right, ProfileFamily, Explanation),
    /// [`Case::pause`].
    Pause(Right, PauseCause),
    /// [`Case::resume`].
    Resume(Right),
    /// [`Case::lapse`].
    Lapse(Right),
    /// [`Case::answer`].
    Answer(Right, Outcome),
    /// [`Case::execute`].
    Execute(Right),
    /// [`Case::withdraw`].
    Withdraw(Right),
    /// [`Case::assign`].
    Assign(ActorId),
}

impl AnyStep {
    /// Takes the step.
    ///
    /// # Errors
    ///
    /// [`StepError`] of the step.
    pub fn take(&self, before: &Case, at: DateTime<Utc>, law: &LawBook) -> Result<Case, StepError> {
        match self {
            Self::Verify(proof) => before.verify(*proof, at),
            Self::Extend(right, family, reason) => before.extend(*right, family, reason.clone(), at, law),
            Self::Pause(right, cause) => before.pause(*right, *cause, at, law),
            Self::Resume(right) => before.resume(*right, at, law),
            Self::Lapse(right) => before.lapse(*right, at),
            Self::Answer(right, outcome) => before.answer(*right, outcome.clone(), at, law),
            Self::Execute(right) => before.execute(*right, at),
            Self::Withdraw(right) => before.withdraw(*right, at),
            Self::Assign(actor) => before.assign(*actor),
        }
    }
}

/// Any step on any right, under any of the families of `law`.
pub fn arb_step(law: &LawBook) -> impl Strategy<Value = AnyStep> + use<> {
    let families: Vec<ProfileFamily> =
        law.profiles().iter().map(|profile| profile.family().clone()).collect();
    let right = arb_word::<Right>;
    let evidence = || any::<u128>().prop_map(|bits| EvidenceId::from_uuid(Uuid::from_u128(bits)));
    prop_oneof![
        2 => (evidence(), proptest::option::of(evidence()))
            .prop_map(|(identity, authority)| AnyStep::Verify(IdentityProof { identity, authority })),
        3 => (right(), proptest::sample::select(families), arb_explanation())
            .prop_map(|(right, family, reason)| AnyStep::Extend(right, family, reason)),
        3 => (right(), arb_word::<PauseCause>()).prop_map(|(right, cause)| AnyStep::Pause(right, cause)),
        3 => right().prop_map(AnyStep::Resume),
        1 => right().prop_map(AnyStep::Lapse),
        2 => (right(), arb_outcome()).prop_map(|(right, outcome)| AnyStep::Answer(right, outcome)),
        2 => right().prop_map(AnyStep::Execute),
        1 => right().prop_map(AnyStep::Withdraw),
        1 => records_model::testing::arb_actor_id().prop_map(AnyStep::Assign),
    ]
}

/// Up to 24 steps, each with the time that passes before it, in seconds: up to eight days.
pub fn arb_steps(law: &LawBook) -> impl Strategy<Value = Vec<(TimeDelta, AnyStep)>> + use<> {
    let wait = (0..691_200_i64).prop_map(TimeDelta::seconds);
    proptest::collection::vec((wait, arb_step(law)), 0..24)
}

/// The zone of the first clinic.
///
/// # Errors
///
/// [`jurisdiction::UnknownZone`] if the tables lost it.
pub fn clinic_zone() -> Result<ClinicZone, jurisdiction::UnknownZone> {
    ClinicZone::parse("America/Monterrey")
}

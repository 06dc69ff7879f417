//! The life of one person's consents, step by step, as a state machine for property tests.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use proptest::sample::Index;
use records_model::testing::{arb_instant, arb_restriction, arb_word};
use records_model::{Fact, Polarity, Restriction, Set};

use super::{arb_consent, arb_request_near, covering};
use crate::{Consent, Facts, Request, Rule, consent_level, restriction_facts, withdraw};

/// Where the consents, the limits and the facts of one person stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Life {
    /// The instant of the last step.
    pub now: DateTime<Utc>,
    /// Every consent that was ever given.
    pub consents: Vec<Consent>,
    /// Every restriction that was ever asked for.
    pub restrictions: Vec<Restriction>,
    /// The facts that hold besides.
    pub present: Set<Fact>,
}

/// Something that happens.
#[derive(Debug, Clone)]
pub enum LifeStep {
    /// A consent is given; it may be in force from another day.
    Grant(Box<Consent>),
    /// One of the consents is withdrawn, if any is left.
    Withdraw(Index),
    /// So many seconds go by: consents start and run out.
    Wait(i64),
    /// The person limits a use, from now on.
    Restrict(Box<Restriction>),
    /// One of the limits is lifted.
    Lift(Index),
    /// A fact comes to hold: a clearance, a contract, a broken glass, a block.
    Gain(Fact),
    /// A fact ceases to hold: a clearance lapses, the glass is closed.
    Lose(Fact),
}

impl LifeStep {
    /// Whether the step may let more happen; every other one may only let less happen.
    #[must_use]
    pub fn may_widen(&self) -> bool {
        match self {
            Self::Withdraw(_) | Self::Restrict(_) => false,
            Self::Grant(_) | Self::Wait(_) | Self::Lift(_) => true,
            Self::Gain(fact) => fact.polarity() == Polarity::Favourable,
            Self::Lose(fact) => fact.polarity() == Polarity::Unfavourable,
        }
    }
}

impl Life {
    /// A person about whom nothing is known yet.
    #[must_use]
    pub const fn beginning(now: DateTime<Utc>, present: Set<Fact>) -> Self {
        Self { now, consents: Vec::new(), restrictions: Vec::new(), present }
    }

    /// How things stand after the step.
    #[must_use]
    pub fn after(&self, step: &LifeStep) -> Self {
        let mut next = self.clone();
        match step {
            LifeStep::Grant(consent) => next.consents.push((**consent).clone()),
            LifeStep::Withdraw(which) => next.withdraw(*which),
            LifeStep::Wait(seconds) => next.now += TimeDelta::seconds((*seconds).max(0)),
            LifeStep::Restrict(restriction) => {
                next.restrictions.push(Restriction {
                    starts_at: self.now,
                    lifted_at: None,
                    ..(**restriction).clone()
                });
            }
            LifeStep::Lift(which) => next.lift(*which),
            LifeStep::Gain(fact) => next.present = next.present.with(*fact),
            LifeStep::Lose(fact) => next.present = next.present.without(*fact),
        }
        next
    }

    fn withdraw(&mut self, which: Index) {
        let open: Vec<_> =
            self.consents.iter().filter(|c| c.parts().ended.is_none()).map(Consent::id).collect();
        let chosen = open.get(which.index(open.len().max(1)));
        let Some(withdrawal) = chosen.and_then(|id| withdraw(&self.consents, &[*id], self.now).ok()) else {
            return;
        };
        for consent in &mut self.consents {
            if withdrawal.consents.contains(&consent.id())
                && let Ok(ended) = consent.clone().end(withdrawal.ended)
            {
                *consent = ended;
            }
        }
    }

    fn lift(&mut self, which: Index) {
        let chosen = which.index(self.restrictions.len().max(1));
        if let Some(restriction) = self.restrictions.get_mut(chosen) {
            restriction.lifted_at = Some(self.now);
        }
    }

    /// The facts that a loader would find for the request now.
    #[must_use]
    pub fn facts(&self, request: &Request) -> Facts {
        let consent = consent_level(&self.consents, request, self.now);
        let limits = restriction_facts(&self.restrictions, request, self.now);
        Facts { consent: consent.form, present: self.present, valid_until: consent.valid_until }
            .and(limits.facts, limits.valid_until)
    }
}

/// One step; half of the consents given cover the request.
fn arb_step(request: &Request) -> impl Strategy<Value = LifeStep> + use<> {
    let request = request.clone();
    let grant = (arb_consent(), any::<bool>()).prop_map(move |(consent, fits)| {
        let fitted = covering(&request, &consent).filter(|_| fits);
        LifeStep::Grant(Box::new(fitted.unwrap_or(consent)))
    });
    prop_oneof![
        4 => grant,
        3 => any::<Index>().prop_map(LifeStep::Withdraw),
        2 => (0..40_000_000_i64).prop_map(LifeStep::Wait),
        2 => arb_restriction().prop_map(|restriction| LifeStep::Restrict(Box::new(restriction))),
        1 => any::<Index>().prop_map(LifeStep::Lift),
        1 => arb_word().prop_map(LifeStep::Gain),
        1 => arb_word().prop_map(LifeStep::Lose),
        1 => Just(LifeStep::Gain(Fact::BreakGlass)),
        1 => Just(LifeStep::Lose(Fact::BreakGlass)),
    ]
}

/// A request near the edges of a rule, how things stand at first, and up to 20 steps.
pub fn arb_life(rules: &[Rule]) -> impl Strategy<Value = (Request, Life, Vec<LifeStep>)> + use<> {
    (arb_request_near(rules), arb_instant()).prop_flat_map(|((request, facts), now)| {
        let steps = proptest::collection::vec(arb_step(&request), 1..20);
        (Just(request), Just(Life::beginning(now, facts.present)), steps)
    })
}

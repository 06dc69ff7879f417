//! Every order in which the steps of a small model can happen, tried.
//!
//! The models themselves are the tests of this crate: what must hold is checked in every state that can be reached,
//! and each wrong variant of a protocol, as a control, must break it. What is shown is shown of the model: a few
//! transactions, two sequencers, two people, one crash.
//!
//! The explorer is our own. `stateright` 0.31 (MIT) does the same and more, but brings 40 packages, among them an HTTP
//! server for its viewer and random numbers of its own, into every build of the tests; what is needed here is a
//! breadth-first search and its shortest trace.

use std::collections::{HashSet, VecDeque};
use std::hash::Hash;

/// A protocol as states and steps.
pub trait Model {
    /// Everything that makes a difference.
    type State: Clone + Eq + Hash;

    /// Where it begins.
    fn start(&self) -> Self::State;

    /// What can happen next: a name for the reader, and the state after it.
    fn steps(&self, state: &Self::State) -> Vec<(String, Self::State)>;

    /// What is broken in this state, if anything is.
    fn broken(&self, state: &Self::State) -> Option<&'static str>;

    /// What is wrong with stopping here, where nothing can happen any more.
    fn stuck(&self, state: &Self::State) -> Option<&'static str>;
}

/// What the search came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Explored {
    /// Every reachable state was visited and nothing is broken.
    Holds {
        /// How many states there are.
        states: usize,
    },
    /// Something is broken.
    Broken {
        /// What.
        what: &'static str,
        /// A shortest way to it.
        trace: Vec<String>,
    },
    /// There are more states than the search was allowed.
    TooLarge,
}

impl Explored {
    /// What is broken, if anything is.
    #[must_use]
    pub const fn what(&self) -> Option<&'static str> {
        match self {
            Self::Broken { what, .. } => Some(what),
            Self::Holds { .. } | Self::TooLarge => None,
        }
    }
}

/// Visits every state that can be reached, nearest first, until one is broken or `states_max` are known.
pub fn explore<M: Model>(model: &M, states_max: usize) -> Explored {
    let mut states = vec![(model.start(), None::<(usize, String)>)];
    let mut known = HashSet::from([model.start()]);
    let mut waiting = VecDeque::from([0]);
    while let Some(number) = waiting.pop_front() {
        let Some((state, _)) = states.get(number).cloned() else { continue };
        let next = model.steps(&state);
        let stuck = if next.is_empty() { model.stuck(&state) } else { None };
        if let Some(what) = model.broken(&state).or(stuck) {
            return Explored::Broken { what, trace: trace_to(&states, number) };
        }
        for (step, after) in next {
            if known.contains(&after) {
                continue;
            }
            if states.len() >= states_max {
                return Explored::TooLarge;
            }
            known.insert(after.clone());
            waiting.push_back(states.len());
            states.push((after, Some((number, step))));
        }
    }
    Explored::Holds { states: states.len() }
}

fn trace_to<S>(states: &[(S, Option<(usize, String)>)], end: usize) -> Vec<String> {
    let mut trace = Vec::new();
    let mut at = end;
    while let Some((_, Some((before, step)))) = states.get(at) {
        trace.push(step.clone());
        at = *before;
    }
    trace.reverse();
    trace
}

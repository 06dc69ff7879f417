//! How well a document defends itself: every single edit of every rule, and what catches it.
//!
//! A document that passes every proof may still say less than its author meant: a word that nobody would miss is
//! a word that somebody may drop unseen. [`Trial`] makes every [`Edit`] of every rule, one at a time, and asks
//! what becomes of the edited document: a scenario of its own comes out otherwise, a law refuses it, nothing
//! that anybody could ask is decided otherwise (proved by [`VerifiedPolicy::difference`]) - or it comes into force
//! unseen, and then a scenario or an invariant is missing. [`GroupTrial`] does the same with every word of every
//! group, which moves all the rules that name it at once.
//!
//! [`VerifiedPolicy::difference`]: crate::VerifiedPolicy::difference

mod edit;
mod fate;
mod group;
mod sample;
mod score;
mod trial;
mod word;

pub use edit::{Edit, EffectKind};
pub use fate::{Catch, Fate};
pub use group::{GroupEdit, GroupTrial, GroupWord};
pub use sample::sampled;
pub use score::{Score, Survivor};
pub use trial::{Mutant, Trial};
pub(crate) use word::toggled;
pub use word::{Place, Word};

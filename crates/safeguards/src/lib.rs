//! Who of the staff is fit to see personal data today, who takes part in whose care, and which registers are
//! past their date.
//!
//! Every rule here can only take a permission away as time passes: a lapsed training, a lapsed background
//! check, an ended care relation or a last day of employment never adds a fact.

mod care_relation;
mod clearance;
mod register;
mod training;

#[cfg(any(test, feature = "proptest"))]
pub mod testing;

pub use care_relation::{CareRelation, care_relation_facts};
pub use clearance::clearance_facts;
pub use register::{OfficeTerm, RegisterCount, RegisterEntry, RegisterKind, office_holder, register_count};
pub use training::{RequiredModule, RequiredTraining, TrainingError};

//! What a clinic promises, as data: the clause catalogue, the versions of its notice, its settings, its
//! providers, its texts, and the report that says how each promise stands.
//!
//! - A [`ClauseCatalogue`] holds every promise of a policy in our own words, with its section.
//! - [`report`] computes the state of each from [`Evidence`]; a fact that nobody looked at is `None`, and the
//!   clause is then *not evidenced*.
//! - [`ClinicSettings`], [`NoticeArchive`], [`ProviderRegister`] and [`Texts`] are read from the clinic's
//!   folder; nothing about one clinic is built in.
//!
//! The crate reads no file and no clock: whoever calls it hands in texts, evidence and `now`.

mod bilingual;
mod catalogue;
mod duty_hours;
mod evaluate;
mod evaluator;
pub mod evidence;
mod key_settings;
mod limits;
mod notice_archive;
mod notice_version;
mod officer;
mod oversight;
mod provider;
mod provider_facts;
mod provider_register;
mod report;
mod residence;
mod settings;
mod texts;

#[cfg(any(test, feature = "proptest"))]
pub mod testing;

pub use bilingual::Bilingual;
pub use catalogue::{CatalogueError, Clause, ClauseCatalogue, ClauseKind, NotYet, NotYetClause};
pub use duty_hours::{DutyHours, DutySpan};
pub use evaluator::{Evaluator, UnknownEvaluator};
pub use evidence::Evidence;
pub use jurisdiction::Language;
pub use jurisdiction::MechanismKind;
pub use key_settings::KeySettings;
pub use limits::Limits;
pub use notice_archive::{ArchiveError, NoticeArchive, notice_text};
pub use notice_version::{ContentHash, ContentHashError, EffectiveFrom, EffectiveFromError, NoticeVersion};
pub use officer::{Officer, OfficerEmail};
pub use oversight::{AlertLimits, LookNames, OversightSettings, Unit};
pub use provider::{Contract, PolicyStanding, Provider, ProviderError, TransferMechanism};
pub use provider_facts::{provider_facts, provider_facts_until, transfer_finding};
pub use provider_register::{ProviderRegister, RefusedProvider, RegisterError};
pub use report::{ClauseReport, ClauseState, report};
pub use residence::{FileName, NameError, OriginProfiles, ProfileName, Residence, TimeZoneName};
pub use settings::{ClinicFiles, ClinicSettings, SettingsError, StaffSettings};
pub use texts::{Texts, TextsError};

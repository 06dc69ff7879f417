//! Who of the staff is fit to see personal data today.

use chrono::NaiveDate;
use records_model::{BackgroundCheck, Clearance, Fact, Set, Undertaking};

use crate::RequiredTraining;

/// The facts that a person's clearance gives today, and until when.
///
/// - [`Fact::Training`]: every required module is covered (P-58).
/// - [`Fact::BackgroundCheck`]: the newest check is clear and has not lapsed (P-60).
/// - [`Fact::Undertaking`]: signed, today at the latest (P-8).
///
/// Who left has none of them from the day after the last day of employment; the duty of secrecy goes on, the
/// permission does not. A day of expiry no longer counts.
///
/// The second part is the first day on which a fact of today would be missing; `None` if no date takes one
/// away. `today` is the day at the clinic.
///
/// ```
/// use chrono::NaiveDate;
/// use records_model::{BackgroundCheck, Clearance, Fact, TrainingRecord, Undertaking};
/// use safeguards::{RequiredTraining, clearance_facts};
///
/// let day = |d| NaiveDate::from_ymd_opt(2026, 11, d).unwrap();
/// let required = RequiredTraining::parse(&["privacy-basics-2"]).unwrap();
/// let clearance = Clearance {
///     trainings: vec![TrainingRecord {
///         module: "privacy-basics-3".into(),
///         completed_on: day(1),
///         expires_on: day(22),
///     }],
///     background_check: BackgroundCheck::Clear { expires_on: day(30) },
///     undertaking: Undertaking::Signed { on: day(1) },
///     left_on: None,
/// };
/// let (facts, until) = clearance_facts(&clearance, &required, day(21));
/// assert!(facts.contains(Fact::Training));
/// assert_eq!(until, Some(day(22)));
/// let (facts, until) = clearance_facts(&clearance, &required, day(22));
/// assert!(!facts.contains(Fact::Training), "the day of expiry no longer counts");
/// assert_eq!(until, Some(day(30)));
/// ```
#[must_use]
pub fn clearance_facts(
    clearance: &Clearance,
    required: &RequiredTraining,
    today: NaiveDate,
) -> (Set<Fact>, Option<NaiveDate>) {
    if clearance.left_on.is_some_and(|last_day| last_day < today) {
        return (Set::EMPTY, None);
    }
    let training = required.covered_until(&clearance.trainings, today);
    let check = match clearance.background_check {
        BackgroundCheck::Clear { expires_on } if today < expires_on => Some(expires_on),
        BackgroundCheck::Clear { .. } | BackgroundCheck::NotClear | BackgroundCheck::Missing => None,
    };
    let undertaking = match clearance.undertaking {
        Undertaking::Signed { on } => on <= today,
        Undertaking::Missing => false,
    };
    let facts: Set<Fact> = [
        (Fact::Training, training.is_some()),
        (Fact::BackgroundCheck, check.is_some()),
        (Fact::Undertaking, undertaking),
    ]
    .into_iter()
    .filter_map(|(fact, holds)| holds.then_some(fact))
    .collect();
    if facts.is_empty() {
        return (facts, None);
    }
    let leaves = clearance.left_on.and_then(|last_day| last_day.succ_opt());
    (facts, [training, check, leaves].into_iter().flatten().min())
}

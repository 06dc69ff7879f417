//! A month of generated work, entered by operations, with seven abuses planted: each is found, and nobody else.

use std::collections::BTreeSet;

use audit_log::{AlertRule, Verdict};
use clinic_runtime::ExampleClinic;
use privacy_operations::{PersonDetails, RecordEvidence, Setting, UseRecords};
use records_model::{
    ActorId, Category, Detail, Ground, PhoneNumber, Purpose, Role, Set, SubjectId, Vocabulary as _,
};

use crate::steps::verified;
use crate::support::{Clinic, at, person};

const DAY: i64 = 24 * 60;
/// More than a stretch of duty usually sees.
const PATIENTS: usize = 18;

struct Month {
    clinic: Clinic,
    patients: Vec<SubjectId>,
    /// State of the generator.
    state: u64,
}

impl Month {
    fn below(&mut self, end: usize) -> usize {
        self.state =
            self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.state >> 33).unwrap() % end
    }

    /// The front desk looks somebody up.
    async fn look_up(&self, actor: ActorId, subject: SubjectId, minute: i64) -> bool {
        let look = UseRecords {
            actor,
            subject,
            purpose: Purpose::Scheduling,
            ground: Ground::Contract,
            detail: Detail::Full,
            categories: Set::one(Category::IdentityContact),
            setting: Setting::InPerson,
        };
        let used = self.clinic.runtime().perform(&look, at(minute)).await.unwrap();
        used.cells.iter().all(|cell| cell.permit.is_some())
    }

    /// Weekdays of the month, as minutes after the start: ten in the morning at the clinic.
    fn workdays() -> impl Iterator<Item = i64> {
        // It begins on a Tuesday.
        (0..30).filter(|day| !matches!((day + 1) % 7, 5 | 6)).map(|day| day * DAY)
    }

    /// One or two look-ups a day by each, at a time of the day that differs.
    async fn honest_work(&mut self, desk: &[ActorId]) {
        for morning in Self::workdays() {
            for actor in desk {
                for _ in 0..=self.below(2) {
                    let (whom, minute) = (self.below(PATIENTS), self.below(300));
                    let minute = morning + i64::try_from(minute).unwrap();
                    assert!(self.look_up(*actor, self.patients[whom], minute).await);
                }
            }
        }
    }
}

fn with_phone(details: PersonDetails, phone: &str) -> PersonDetails {
    PersonDetails { phone: Some(PhoneNumber::parse(phone).unwrap()), ..details }
}

/// The generated month, and who abused what.
async fn month(name: &str, seed: u64) -> (Month, BTreeSet<(AlertRule, ActorId)>) {
    let clinic = Clinic::found(name, ExampleClinic::Elicells).await;
    let desk = [clinic.staff(Role::Reception).await, clinic.staff(Role::Reception).await];
    let mut patients = Vec::new();
    for number in 0..PATIENTS {
        patients.push(clinic.patient(desk[0], &format!("Paciente {number}"), "Inventada").await);
    }
    let mut month = Month { clinic, patients, state: seed };
    month.honest_work(&desk).await;
    let clinic = &month.clinic;
    let mut planted = BTreeSet::new();

    let curious = clinic.staff(Role::Reception).await;
    for (number, patient) in month.patients.iter().enumerate() {
        month.look_up(curious, *patient, 22 * DAY + i64::try_from(number).unwrap() * 7).await;
    }
    planted.insert((AlertRule::Volume, curious));

    let nocturnal = clinic.staff(Role::Reception).await;
    for minute in [9 * DAY + 16 * 60, 9 * DAY + 17 * 60] {
        month.look_up(nocturnal, month.patients[3], minute).await;
    }
    planted.insert((AlertRule::OutsideDuty, nocturnal));

    let themselves = with_phone(person("Recepción", "Propia"), "+52 81 5550 0001");
    let (selfish, own) = clinic.staff_named(Role::Reception, themselves).await;
    month.look_up(selfish, own, 3 * DAY).await;
    planted.insert((AlertRule::SelfAccess, selfish));

    let household = "+52 81 5550 0002";
    let (relative, _) =
        clinic.staff_named(Role::Reception, with_phone(person("Recepción", "Cercana"), household)).await;
    let details = with_phone(person("Vecina", "Cercana"), household);
    let details = PersonDetails { email: None, ..details };
    let neighbour = clinic.patient_named(desk[0], details).await;
    month.look_up(relative, neighbour, 6 * DAY).await;
    planted.insert((AlertRule::SharedContact, relative));

    let prying = clinic.staff(Role::Nurse).await;
    for minute in 0..6 {
        let read = UseRecords {
            actor: prying,
            subject: month.patients[usize::try_from(minute).unwrap()],
            purpose: Purpose::Treatment,
            ground: Ground::Consent,
            detail: Detail::Full,
            categories: Set::one(Category::Laboratory),
            setting: Setting::InPerson,
        };
        let used = clinic.runtime().perform(&read, at(14 * DAY + minute * 2)).await.unwrap();
        assert!(used.cells.iter().all(|cell| cell.permit.is_none()));
    }
    planted.insert((AlertRule::DenialBurst, prying));

    let hasty = clinic.staff(Role::Nurse).await;
    let glass = RecordEvidence {
        actor: hasty,
        subject: month.patients[7],
        kind: privacy_operations::EvidenceKind::BreakGlass,
        reason: "Dolor en el pecho".to_owned(),
        lasts: chrono::TimeDelta::hours(1),
    };
    assert!(clinic.runtime().perform(&glass, at(20 * DAY)).await.unwrap().evidence.is_some());
    planted.insert((AlertRule::UnreviewedGlass, hasty));
    (month, planted)
}

/// P-54, on a real database: whatever the honest work looks like, the abuses are found and nothing else is.
#[tokio::test]
async fn what_was_planted_is_found_once_judged_and_counted() {
    for seed in [7, 2_026] {
        let (month, planted) = month(&format!("month_{seed}"), seed).await;
        let runtime = month.clinic.runtime();
        let officer = month.clinic.staff(Role::PrivacyOfficer).await;
        let end = 30 * DAY;
        let seen = runtime.look_for_alerts(officer, 45, at(end)).await.unwrap();
        let found: BTreeSet<(AlertRule, ActorId)> =
            seen.waiting.iter().map(|line| (line.alert.rule(), line.alert.actor())).collect();
        assert_eq!(found, planted, "seed {seed}");
        assert_eq!((seen.raised, seen.unopened, seen.unread), (planted.len(), 0, 0));
        assert_eq!(runtime.look_for_alerts(officer, 45, at(end + 1)).await.unwrap().raised, 0, "raised once");

        // Nobody judges their own, whoever they are; a verdict is final; precision is counted by rule.
        for line in &seen.waiting {
            let own = (line.alert.actor(), line.id);
            let refused = runtime.judge_alert(own, Verdict::Explained, at(end + 2)).await.unwrap();
            assert!(!refused.answer.is_permit() && refused.rule.is_none());
            let verdict = match line.alert.rule() {
                AlertRule::OutsideDuty => Verdict::Explained,
                _ => Verdict::Confirmed,
            };
            let judged = runtime.judge_alert((officer, line.id), verdict, at(end + 3)).await.unwrap();
            assert_eq!(judged.rule, Some(line.alert.rule()));
            let again = runtime.judge_alert((officer, line.id), verdict, at(end + 4)).await;
            assert!(again.unwrap_err().to_string().contains("closed before"));
        }
        let after = runtime.alerts(officer, at(end + 5)).await.unwrap();
        assert!(after.waiting.is_empty());
        for one in after.precision {
            let expected = match one.rule {
                AlertRule::OutsideDuty => Some(0),
                rule if planted.iter().any(|(planted, _)| *planted == rule) => Some(100),
                _ => None,
            };
            assert_eq!(one.percent(), expected, "{}", one.rule.code());
        }
        // Whoever tried to judge their own alert drew attention once more; nobody else did.
        let later = runtime.look_for_alerts(officer, 45, at(end + 6)).await.unwrap();
        assert!(later.waiting.iter().all(|line| planted.iter().any(|(_, who)| *who == line.alert.actor())));
        runtime.sequence(at(end + 7)).await.unwrap();
        assert!(verified(&month.clinic).await.is_intact());
    }
}

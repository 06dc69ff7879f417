//! The invented staff.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use clinic_runtime::{Runtime, hash_password};
use postgres_store::Clock;
use privacy_operations::{
    ClearanceEntry, EnrolStaff, PasswordHash, PersonDetails, RecordClearance, SetLogin, system_actor,
};
use records_model::{ActorId, PersonName, Role, TrainingRecord};

use super::fill::DemoError;

/// The password of everybody in a demonstration; the data is invented, and the server answers this machine only.
pub const DEMO_PASSWORD: &str = "resguardo-demo";

/// Somebody as whom one can sign in to a demonstration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignIn {
    /// The name to sign in with.
    pub login: &'static str,
    /// The role.
    pub role: Role,
    /// Who that is, in Spanish and English.
    pub about: (&'static str, &'static str),
    name: (&'static str, &'static str),
    training: Training,
}

/// How somebody's training stands at the first start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Training {
    Valid,
    LapsesInSevenDays,
    Lapsed,
}

const fn one(
    login: &'static str,
    role: Role,
    name: (&'static str, &'static str),
    training: Training,
    about: (&'static str, &'static str),
) -> SignIn {
    SignIn { login, role, about, name, training }
}

/// Everybody as whom one can sign in.
#[must_use]
pub fn sign_ins() -> Vec<SignIn> {
    STAFF.to_vec()
}

const STAFF: [SignIn; 12] = [
    one(
        "oficial",
        Role::PrivacyOfficer,
        ("Renata", "Elizondo Cavazos"),
        Training::Valid,
        (
            "oficial de privacidad: plazos, revisiones, bitácora",
            "privacy officer: deadlines, reviews, the log",
        ),
    ),
    one(
        "direccion",
        Role::Director,
        ("Octavio", "Lozano Villarreal"),
        Training::Valid,
        ("dirección; revisa lo que hizo la oficial", "direction; reviews what the officer did"),
    ),
    one(
        "dra.garza",
        Role::Physician,
        ("Inés", "Garza Montemayor"),
        Training::Valid,
        ("médica tratante", "the treating physician"),
    ),
    one(
        "dr.salinas",
        Role::Physician,
        ("Tomás", "Salinas Peña"),
        Training::Valid,
        ("médico suplente: no trata a estas personas", "locum physician: treats none of these people"),
    ),
    one(
        "enf.luna",
        Role::Nurse,
        ("Marisol", "Luna Cantú"),
        Training::LapsesInSevenDays,
        ("enfermera; su capacitación vence en siete días", "nurse; her training lapses in seven days"),
    ),
    one(
        "enf.ortiz",
        Role::Nurse,
        ("Gerardo", "Ortiz Alanís"),
        Training::Lapsed,
        (
            "enfermero con la capacitación vencida: no ve expedientes",
            "nurse whose training has lapsed: sees no records",
        ),
    ),
    one(
        "lab.vela",
        Role::LaboratoryStaff,
        ("Ximena", "Vela Robles"),
        Training::Valid,
        ("laboratorio", "laboratory"),
    ),
    one("farm.rios", Role::Pharmacist, ("Julián", "Ríos Tamez"), Training::Valid, ("farmacia", "pharmacy")),
    one(
        "recepcion",
        Role::Reception,
        ("Paula", "Sada Benavides"),
        Training::Valid,
        ("recepción: registra, toma consentimientos", "reception: registers, takes consents"),
    ),
    one(
        "coordinacion",
        Role::PatientCoordinator,
        ("Emilio", "Treviño Rangel"),
        Training::Valid,
        ("coordinación de pacientes: viajes y hotel", "patient coordination: travel and hotel"),
    ),
    one("cobranza", Role::Billing, ("Alma", "Guajardo Leal"), Training::Valid, ("facturación", "billing")),
    one(
        "mercadeo",
        Role::Marketing,
        ("Bruno", "Chapa Sepúlveda"),
        Training::Valid,
        ("mercadotecnia", "marketing"),
    ),
];

/// The staff of a demonstration, enrolled.
pub(super) struct Staff(Vec<(SignIn, ActorId)>);

impl Staff {
    /// The actor behind a login of the demonstration.
    pub(super) fn actor(&self, login: &str) -> Result<ActorId, DemoError> {
        let found = self.0.iter().find(|(one, _)| one.login == login);
        found.map(|(_, actor)| *actor).ok_or(DemoError::Broken("an invented member of staff is missing"))
    }
}

/// Enrols everybody with their clearance.
pub(super) async fn enrol(runtime: &Runtime, at: DateTime<Utc>) -> Result<Staff, DemoError> {
    let clock = Clock::At(at);
    let system = system_actor(runtime.clinic());
    let modules = runtime.refresh().await?.settings.staff.required_modules.clone();
    let mut enrolled = Vec::new();
    for one in STAFF {
        let (actor, subject) = (runtime.new_actor_id(clock)?, runtime.new_subject_id(clock)?);
        let name = PersonName::parse(one.name.0, one.name.1);
        let name = name.map_err(|_| DemoError::Broken("an invented name"))?;
        let person = PersonDetails {
            name,
            birth_date: None,
            phone: None,
            email: None,
            residence: None,
            language: Some("es".to_owned()),
        };
        let enrol = EnrolStaff { actor: system, id: actor, subject, role: one.role, person };
        DemoError::unless(runtime.perform(&enrol, clock).await?.is_permit(), "enrolling staff")?;
        for entry in clearance(one.training, &modules, at.date_naive()) {
            let record = RecordClearance { actor: system, staff: actor, entry };
            DemoError::unless(runtime.perform(&record, clock).await?.is_permit(), "entering a clearance")?;
        }
        enrolled.push((one, actor));
    }
    Ok(Staff(enrolled))
}

fn clearance(training: Training, modules: &[String], day: NaiveDate) -> Vec<ClearanceEntry> {
    let today = day + TimeDelta::days(super::fill::DAYS_OF_HISTORY);
    let expires_on = match training {
        Training::Valid => today + TimeDelta::days(300),
        Training::LapsesInSevenDays => today + TimeDelta::days(7),
        Training::Lapsed => today - TimeDelta::days(3),
    };
    let trained = modules.iter().map(|module| {
        ClearanceEntry::Training(TrainingRecord { module: module.clone(), completed_on: day, expires_on })
    });
    let checked = ClearanceEntry::BackgroundClear { on: day, expires_on: today + TimeDelta::days(700) };
    trained.chain([checked, ClearanceEntry::Undertaking { on: day }]).collect()
}

/// Lets everybody sign in; the last step of filling, by which a folder is known to be whole.
pub(super) async fn open_logins(
    runtime: &Runtime,
    staff: &Staff,
    at: DateTime<Utc>,
) -> Result<(), DemoError> {
    let hash = tokio::task::spawn_blocking(|| hash_password(DEMO_PASSWORD));
    let hash = hash.await.map_err(|_| DemoError::Broken("hashing the password"))??;
    for (one, actor) in &staff.0 {
        let (login, hash) = (one.login.to_owned(), PasswordHash::new(hash.clone()));
        let set = SetLogin { actor: system_actor(runtime.clinic()), staff: *actor, login, hash };
        if !runtime.perform(&set, Clock::At(at)).await?.is_permit() {
            return Err(DemoError::Broken("opening the sign-ins"));
        }
    }
    Ok(())
}

/// Whether everybody can sign in already.
pub(super) async fn are_logins_open(runtime: &Runtime, at: DateTime<Utc>) -> Result<Filled, DemoError> {
    let [.., last] = STAFF;
    let row = runtime.store().login(runtime.clinic(), last.login, at.date_naive()).await?;
    Ok(if row.is_some() { Filled::Whole } else { Filled::NotYet })
}

/// How far a folder was filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Filled {
    /// Every step was done.
    Whole,
    /// It was not.
    NotYet,
}

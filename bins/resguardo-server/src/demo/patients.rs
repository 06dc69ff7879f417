//! The invented patients, their consents and their records.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use clinic_runtime::Runtime;
use consent_policy::{ConsentAtom, ConsentPurpose, ConsentRecipient, Signer};
use postgres_store::Clock;
use privacy_notice::Residence;
use privacy_operations::{
    AddRestriction, ConsentEvidence, GiveConsent, PersonDetails, RecordCareRelation, RegisterPerson,
};
use records_model::{
    Action, ActorId, BirthDate, Category, ConsentForm, CountryClass, PersonName, PhoneNumber, ProviderId,
    Purpose, RecipientClass, RestrictionKind, RestrictionScope, Set, SubjectId, SubjectKind,
};
use uuid::Uuid;

use super::charts;
use super::fill::DemoError;
use super::staff::Staff;

/// One invented patient: given names, surnames, date of birth, residence.
type Line = (&'static str, &'static str, &'static str, &'static str);

/// The first of them is the patient of the story.
const PATIENTS: [Line; 40] = [
    ("Guadalupe", "Treviño Garza", "1961-04-23", "MX"),
    ("José", "Cantú Elizondo", "1958-09-02", "MX"),
    ("Jose", "Cantu Elizondo", "1958-09-02", "US-TX"),
    ("Dolores", "Hinojosa Peña", "1947-12-11", "MX"),
    ("Wade", "Pruitt", "1970-03-15", "US-TX"),
    ("Marcy", "Halvorsen", "1966-07-30", "US-TX"),
    ("Kendrick", "Boudreaux", "1981-01-19", "US-TX"),
    ("Linh", "Okafor-Tran", "1975-05-08", "US-CA"),
    ("Priya", "Ramanathan", "1988-10-26", "US-CA"),
    ("Amparo", "Ibarrola Sanz", "1953-02-17", "ES"),
    ("Iker", "Zubiaurre Goñi", "1979-08-05", "ES"),
    ("Montserrat", "Puig i Ferrer", "1964-06-21", "ES"),
    ("Geneviève", "Tremblay-Roy", "1972-11-03", "CA-QC"),
    ("Étienne", "Lapointe", "1959-04-12", "CA-QC"),
    ("Luciana", "Figueiredo Prado", "1983-09-29", "BR"),
    ("Caetano", "Moraes Vidal", "1968-01-07", "BR"),
    ("Teresa de Jesús", "de la Fuente Rocha", "1950-10-15", "MX"),
    ("Ramiro", "Zambrano Treviño", "1944-03-28", "MX"),
    ("Beatriz", "Cárdenas Lugo", "1969-12-24", "MX"),
    ("Fermín", "Arizpe Dávila", "1955-07-16", "MX"),
    ("Rocío", "Garza Sada", "1990-02-28", "MX"),
    ("Nicolás", "Villarreal Ayala", "2012-05-20", "MX"),
    ("Aurora", "Villarreal Ayala", "1984-08-13", "MX"),
    ("Ulises", "Quintanilla Soto", "1962-11-11", "MX"),
    ("Consuelo", "Marroquín Báez", "1948-06-06", "MX"),
    ("Heriberto", "Salazar Ochoa", "1957-01-31", "MX"),
    ("Elvira", "Tijerina Cavazos", "1973-04-04", "MX"),
    ("Leopoldo", "Ancira Galván", "1940-09-19", "MX"),
    ("Yolanda", "Escamilla Ríos", "1965-03-09", "MX"),
    ("Ezequiel", "Montoya Farías", "1978-12-01", "MX"),
    ("Perla", "Garza Ochoa", "1986-07-22", "MX"),
    ("Silvestre", "Ayala Cortés", "1951-05-27", "MX"),
    ("Noemí", "Benavides Luna", "1967-10-10", "MX"),
    ("Travis", "McAllister", "1974-02-14", "US-TX"),
    ("Joanne", "Whitfield", "1961-08-08", "US-TX"),
    ("Desmond", "Achebe", "1956-12-30", "US-CA"),
    ("Soledad", "Urrutia Vega", "1963-09-16", "ES"),
    ("Thiago", "Barreto Nunes", "1992-03-03", "BR"),
    ("Colette", "Gagnon", "1949-11-25", "CA-QC"),
    ("Macario", "Leal Guajardo", "1938-01-02", "MX"),
];

/// People by their place in the list.
pub(super) struct People(Vec<SubjectId>);

impl People {
    pub(super) fn at(&self, place: usize) -> Result<SubjectId, DemoError> {
        self.0.get(place).copied().ok_or(DemoError::Broken("an invented patient is missing"))
    }
}

/// The provider abroad of the example clinic's register.
const PROVIDER_ABROAD: Uuid = Uuid::from_u128(0x0194_1f29_7c00_7a01_8000_0000_0000_0004);
/// How many people have a whole record; the others were only registered lately.
const WITH_RECORDS: usize = 16;
/// Whoever stands here has not consented yet: their chart waits.
const WITHOUT_CONSENT: [usize; 2] = [3, 39];

/// Makes them, several at a time: each is a subject of their own.
pub(super) async fn make(
    runtime: &Arc<Runtime>,
    staff: &Arc<Staff>,
    opened: DateTime<Utc>,
) -> Result<People, DemoError> {
    let mut making = tokio::task::JoinSet::new();
    for (place, line) in PATIENTS.into_iter().enumerate() {
        let (runtime, staff) = (Arc::clone(runtime), Arc::clone(staff));
        let day = opened + TimeDelta::days(1 + i64::try_from(place).unwrap_or_default());
        making.spawn(async move { Ok((place, one(&runtime, &staff, (place, line), day).await?)) });
    }
    let mut made = Vec::new();
    while let Some(done) = making.join_next().await {
        let done: Result<(usize, SubjectId), DemoError> =
            done.map_err(|_| DemoError::Broken("making a patient"))?;
        made.push(done?);
    }
    made.sort_by_key(|(place, _)| *place);
    Ok(People(made.into_iter().map(|(_, subject)| subject).collect()))
}

async fn one(
    runtime: &Runtime,
    staff: &Staff,
    (place, line): (usize, Line),
    day: DateTime<Utc>,
) -> Result<SubjectId, DemoError> {
    let reception = staff.actor("recepcion")?;
    let subject = register(runtime, reception, (place, line), day).await?;
    let consenting = !WITHOUT_CONSENT.contains(&place);
    if place < WITH_RECORDS {
        for carer in ["dra.garza", "enf.luna"] {
            let staff = staff.actor(carer)?;
            let relate = RecordCareRelation { actor: reception, subject, staff, ends_at: None };
            let related = runtime.perform(&relate, Clock::At(day + TimeDelta::minutes(5))).await?;
            DemoError::unless(related.is_permit(), "entering a care relation")?;
        }
    }
    if consenting {
        for (minutes, atom) in consents(place) {
            give(runtime, (reception, subject), atom, day + TimeDelta::minutes(minutes)).await?;
        }
    }
    if place < WITH_RECORDS {
        charts::write(runtime, staff, (place, subject), day + TimeDelta::hours(1)).await?;
    }
    restrictions(runtime, staff, (place, subject), day + TimeDelta::hours(3)).await?;
    Ok(subject)
}

async fn register(
    runtime: &Runtime,
    reception: ActorId,
    (place, (given, surnames, born, residence)): (usize, Line),
    day: DateTime<Utc>,
) -> Result<SubjectId, DemoError> {
    let invented = |_| DemoError::Broken("an invented value");
    let clock = Clock::At(day);
    let phone = format!("+52 81 5500 {:04}", 1000 + place);
    let person = PersonDetails {
        name: PersonName::parse(given, surnames).map_err(|_| DemoError::Broken("an invented name"))?,
        birth_date: Some(
            BirthDate::parse(born, day.date_naive()).map_err(|_| DemoError::Broken("an invented date"))?,
        ),
        phone: Some(PhoneNumber::parse(&phone).map_err(|_| DemoError::Broken("an invented telephone"))?),
        email: None,
        residence: Some(Residence::parse(residence).map_err(invented)?),
        language: Some(if residence.starts_with("US") { "en" } else { "es" }.to_owned()),
    };
    let id = runtime.new_subject_id(clock)?;
    let register = RegisterPerson { actor: reception, kind: SubjectKind::Patient, id, person };
    let registered = runtime.perform(&register, clock).await?;
    registered.subject.ok_or(DemoError::Broken("registering a patient"))
}

fn medical() -> Set<Category> {
    Set::of(&[
        Category::MedicalHistory,
        Category::Medications,
        Category::TreatmentNotes,
        Category::Laboratory,
        Category::Outcomes,
        Category::CellTraceability,
    ])
}

/// What somebody agrees to: care at the clinic, and the first of them also the physician abroad.
fn consents(place: usize) -> Vec<(i64, ConsentAtom)> {
    let care = |purpose| ConsentAtom {
        actions: Set::of(&[Action::Read, Action::Write, Action::Collect]),
        purpose: ConsentPurpose::Described(purpose),
        categories: medical(),
        recipient: ConsentRecipient::Class(RecipientClass::Internal),
        countries: Set::one(CountryClass::Domestic),
    };
    let mut given = vec![(20, care(Purpose::Treatment)), (21, care(Purpose::Monitoring))];
    if place == 0 {
        let recipient = ConsentRecipient::Provider {
            id: ProviderId::from_uuid(PROVIDER_ABROAD),
            class: RecipientClass::TreatingProvider,
        };
        given.push((
            22,
            ConsentAtom {
                actions: Set::one(Action::Disclose),
                purpose: ConsentPurpose::Described(Purpose::CareCoordination),
                categories: medical(),
                recipient,
                countries: Set::one(CountryClass::Abroad),
            },
        ));
    }
    given
}

async fn give(
    runtime: &Runtime,
    (actor, subject): (ActorId, SubjectId),
    atom: ConsentAtom,
    at: DateTime<Utc>,
) -> Result<(), DemoError> {
    let give = GiveConsent {
        actor,
        subject,
        atoms: vec![atom],
        minus: Vec::new(),
        form: ConsentForm::ExpressWritten,
        evidence: ConsentEvidence::SignedScreen,
        signer: Signer::Person,
        expires_at: None,
        supersedes: Vec::new(),
    };
    let given = runtime.perform(&give, Clock::At(at)).await?;
    DemoError::unless(given.receipt.is_some(), "recording a consent")
}

/// One patient keeps a nurse out; another pays for herself and keeps her insurer out.
async fn restrictions(
    runtime: &Runtime,
    staff: &Staff,
    (place, subject): (usize, SubjectId),
    at: DateTime<Utc>,
) -> Result<(), DemoError> {
    let scope = RestrictionScope::default();
    let (kind, scope) = match place {
        5 => {
            let actor = Some(staff.actor("enf.luna")?);
            (RestrictionKind::Agreed, RestrictionScope { actor, categories: medical(), ..scope })
        }
        8 => {
            let recipients = Set::one(RecipientClass::Insurer);
            (RestrictionKind::MustAgree, RestrictionScope { recipients, ..scope })
        }
        _ => return Ok(()),
    };
    let add = AddRestriction { actor: staff.actor("recepcion")?, subject, kind, scope, unless: Vec::new() };
    let added = runtime.perform(&add, Clock::At(at)).await?;
    DemoError::unless(added.restriction.is_some(), "recording a restriction")
}

//! Nothing that a person says of themselves is found anywhere on disk, in a dump, in a log or in an error.

use std::collections::BTreeMap;
use std::fmt::{Debug, Display, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use clinic_runtime::{ExampleClinic, RuntimeError};
use postgres_store::embedded::throwaway::Throwaway;
use postgres_store::testing::TestDatabase;
use privacy_operations::{
    CardNumberAnswer, ImportBundle, OpenRequest, Operation, RecordEvidence, RegisterPerson, WithdrawConsent,
    WriteRecord,
};
use records_model::{
    BirthDate, Category, ConsentId, EmailAddress, Field, FieldValue, PersonName, PhoneNumber, Purpose,
    SubjectId, SubjectKind,
};
use uuid::Uuid;

use crate::needles::Needles;
use crate::sql::Sql;
use crate::steps::{Cast, import};
use crate::support::{Clinic, at, person, start};

const GIVEN: &str = "Zorzalina";
const SURNAMES: &str = "Quetzalco Tucanero";
const EMAIL: &str = "calandria@guacamaya-inventada.mx";
const PHONE: &str = "+52 81 9753 1864";
const WORDS: &str = "quiero saber de mi Chachalaca";
const REASON: &str = "inconsciente, dijo Martinpescador";
const IMPORTED: &str = "Colibriesmeralda";
const IMPORTED_NAME: &str = "Tecolotina";
const IMPORTED_ID: &str = "px-Zanatemayor-9";
const FILE_NAME: &str = "placa de Papamoscas.png";
const FILE_CONTENT: &str = "un Cenzontle en la placa ";
const CARD: &str = "Pelicanopardo 4111 1111 1111 1111";
/// What the search must find: it is planted in clear.
const CONTROL: &str = "Correcaminos";

/// Every word and number above by itself, and each field of the record.
fn canaries() -> Vec<String> {
    let mut words: Vec<String> = [
        GIVEN,
        "Quetzalco",
        "Tucanero",
        "calandria",
        "guacamaya-inventada",
        "Chachalaca",
        "Martinpescador",
        IMPORTED,
        IMPORTED_NAME,
        "Zanatemayor",
        "Pelicanopardo",
        "Papamoscas",
        "Cenzontle",
        "1961-04-23",
        "19610423",
        "23/04/1961",
        "23-04-1961",
        "+528197531864",
        "8197531864",
        "9753 1864",
        CONTROL,
    ]
    .map(str::to_owned)
    .to_vec();
    words.extend(Field::of_category(Category::Laboratory).iter().map(word_of));
    words
}

fn word_of(field: Field) -> String {
    format!("Garza{}blanca", field.to_string().replace('-', ""))
}

/// Everything that was written on screens and into logs on the way: errors, and what a panic would print.
#[derive(Default)]
struct Said(String);

impl Said {
    fn error(&mut self, error: &(impl Display + Debug)) {
        write!(self.0, "{error}\n{error:?}\n{error:#?}\n").unwrap();
    }

    fn value(&mut self, value: &impl Debug) {
        write!(self.0, "{value:?}\n{value:#?}\n").unwrap();
    }
}

fn registration(cast: &Cast, id: u128) -> RegisterPerson {
    let mut details = person(GIVEN, SURNAMES);
    details.phone = Some(PhoneNumber::parse(PHONE).unwrap());
    details.email = Some(EmailAddress::parse(EMAIL).unwrap());
    let id = SubjectId::from_uuid(Uuid::from_u128(id));
    RegisterPerson { actor: cast.reception, kind: SubjectKind::Patient, id, person: details }
}

fn result(cast: &Cast) -> WriteRecord {
    let fields = Field::of_category(Category::Laboratory);
    let content = fields.iter().map(|field| (field, word_of(field).into())).collect();
    WriteRecord { content, ..cast.result("") }
}

/// One of each operation that takes words, all about the same patient.
struct Deeds {
    register: RegisterPerson,
    result: WriteRecord,
    request: OpenRequest,
    evidence: RecordEvidence,
    import: ImportBundle,
}

impl Deeds {
    fn of(clinic: &Clinic, cast: &Cast) -> Self {
        let id = SubjectId::from_uuid(Uuid::from_u128(0xca_0002));
        Self {
            register: registration(cast, 0xca_0001),
            result: result(cast),
            request: cast.request(WORDS),
            evidence: cast.broken_glass(REASON),
            import: import(clinic, id, (IMPORTED_NAME, IMPORTED_ID, IMPORTED)),
        }
    }

    /// Does them, and keeps what outcomes look like when printed.
    async fn done(&self, clinic: &Clinic, cast: &Cast, said: &mut Said) {
        let runtime = clinic.runtime();
        said.value(&runtime.perform(&self.register, at(3)).await.unwrap());
        cast.consent_to_care(clinic, 4).await;
        said.value(&runtime.perform(&self.result, at(5)).await.unwrap());
        said.value(&runtime.perform(&self.request, at(5)).await.unwrap());
        said.value(&runtime.perform(&self.evidence, at(5)).await.unwrap());
        said.value(&runtime.perform(&self.import, at(5)).await.unwrap());
        self.attached(clinic, cast, said).await;
        let used = runtime.perform(&cast.reading(Purpose::Treatment), at(6)).await.unwrap();
        said.value(&used);
        let opened = runtime.open_used(cast.patient, used).unwrap();
        let displayed = opened.records.iter().filter_map(|record| record.content.get(&Field::Display));
        let displayed: Vec<&str> = displayed.map(FieldValue::as_str).collect();
        assert_eq!(displayed, [word_of(Field::Display)]);
        said.value(&opened);
        // And the operations themselves, as somebody might print them.
        said.value(&(&self.register, &self.result, &self.request, &self.evidence, &self.import));
        runtime.sequence(at(7)).await.unwrap();
    }
}

impl Deeds {
    /// A file of three chunks, attached and read again.
    async fn attached(&self, clinic: &Clinic, cast: &Cast, said: &mut Said) {
        let runtime = clinic.runtime();
        let (file, content) = (cast.scan(FILE_NAME), FILE_CONTENT.repeat(1_500));
        said.value(&file);
        let sent = runtime.attach_file(file, &mut content.as_bytes(), at(5)).await.unwrap();
        said.value(&sent);
        let asked = cast.file(sent.stored.unwrap().record);
        said.value(&runtime.perform(&asked, at(6)).await.unwrap());
        assert_eq!(crate::files::read(runtime, &asked).await.unwrap(), content.as_bytes());
    }
}

/// Tries, and keeps what is said if it fails; whether it did.
async fn fails<O: Operation + Sync>(clinic: &Clinic, operation: &O, said: &mut Said) -> bool
where
    O::Outcome: Send,
{
    let tried: Result<_, RuntimeError> = clinic.runtime().perform(operation, at(8)).await;
    let failed = tried.is_err();
    tried.err().iter().for_each(|error| said.error(error));
    failed
}

/// Has each table refuse its rows in turn: Postgres then writes the whole row into its log.
async fn refuse_rows(clinic: &Clinic, cast: &Cast, deeds: &Deeds, said: &mut Said) {
    let superuser = Sql::open(&clinic.database.superuser()).await;
    for table in [
        "subjects",
        "records",
        "blind_tokens",
        "evidence",
        "cases",
        "log_sides",
        "attachment_chunks",
        "attachments",
    ] {
        let never = format!("ALTER TABLE resguardo.{table} ADD CONSTRAINT never CHECK (false) NOT VALID");
        superuser.run(&never).await.unwrap();
        let attached =
            clinic.runtime().attach_file(cast.scan(FILE_NAME), &mut FILE_CONTENT.as_bytes(), at(8)).await;
        match &attached {
            Ok(sent) => said.value(sent),
            Err(error) => said.error(error),
        }
        let tried = [
            attached.is_err(),
            fails(clinic, &registration(cast, 0xca_0003), said).await,
            fails(clinic, &deeds.request, said).await,
            fails(clinic, &deeds.evidence, said).await,
            fails(clinic, &deeds.result, said).await,
        ];
        assert!(tried.contains(&true), "{table} refused nothing");
        superuser.run(&format!("ALTER TABLE resguardo.{table} DROP CONSTRAINT never")).await.unwrap();
    }
}

/// Everything that can be got wrong with these words in hand.
async fn get_wrong(clinic: &Clinic, cast: &Cast, deeds: &Deeds, said: &mut Said) {
    // The same person again: Postgres names the key that is taken.
    assert!(fails(clinic, &deeds.register, said).await);
    refuse_rows(clinic, cast, deeds, said).await;
    let long = RecordEvidence { reason: REASON.repeat(100), ..deeds.evidence.clone() };
    assert!(fails(clinic, &long, said).await);
    let card = WriteRecord { content: [(Field::Display, CARD.into())].into(), ..deeds.result.clone() };
    assert_eq!(card.card_number, CardNumberAnswer::NotAsked);
    assert!(fails(clinic, &card, said).await);
    let refused = said.0.matches("leave the number out and send it again").count();
    assert!(fails(clinic, &RecordEvidence { reason: CARD.into(), ..deeds.evidence.clone() }, said).await);
    assert!(fails(clinic, &OpenRequest { words: Some(CARD.into()), ..deeds.request.clone() }, said).await);
    assert_eq!(said.0.matches("leave the number out and send it again").count(), refused + 2);
    let nobody = SubjectId::from_uuid(Uuid::from_u128(0xca_0009));
    assert!(fails(clinic, &OpenRequest { subject: nobody, ..deeds.request.clone() }, said).await);
    let consents = vec![ConsentId::from_uuid(Uuid::from_u128(1))];
    assert!(
        fails(clinic, &WithdrawConsent { actor: cast.reception, subject: cast.patient, consents }, said)
            .await
    );
    let today = start().date_naive();
    said.error(&PersonName::parse(&format!("{GIVEN}\n"), "").unwrap_err());
    said.error(&EmailAddress::parse(&format!("{EMAIL} x")).unwrap_err());
    said.error(&PhoneNumber::parse(&format!("{PHONE}x")).unwrap_err());
    said.error(&BirthDate::parse("1961-04-23x", today).unwrap_err());
    said.error(&BirthDate::parse("1961-04-23", today - chrono::TimeDelta::days(40_000)).unwrap_err());
    // An altered record does not open.
    let altered = "SET session_replication_role = replica; UPDATE resguardo.records SET category = 'outcomes' \
        WHERE category = 'laboratory'";
    Sql::open(&clinic.database.superuser()).await.run(altered).await.unwrap();
    let mut reading = cast.reading(Purpose::Treatment);
    reading.categories = records_model::Set::one(Category::Outcomes);
    let used = clinic.runtime().perform(&reading, at(9)).await.unwrap();
    said.error(&clinic.runtime().open_used(cast.patient, used).unwrap_err());
}

/// Every file of a folder.
fn files(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, into);
        } else if path.is_file() {
            into.push(path);
        }
    }
}

/// The dump of the database as a backup would hold it.
async fn dump(database: &TestDatabase, superuser: &Sql) -> Vec<u8> {
    let folder = superuser.column("SELECT setting FROM pg_config WHERE name = 'BINDIR'").await.swap_remove(0);
    let target = database.superuser();
    let output = Command::new(Path::new(&folder).join("pg_dump"))
        .args(["--host", &target.host, "--port", &target.port.to_string(), "--username", &target.user])
        .args(["--dbname", &target.database])
        .env("PGPASSWORD", &target.password)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// The words found in the cluster's folder, by where: the log of Postgres, the write-ahead log, and all else.
fn on_disk(folder: &Path, needles: &Needles) -> BTreeMap<&'static str, Vec<String>> {
    let mut paths = Vec::new();
    files(folder, &mut paths);
    let mut found: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
    for path in paths {
        let place = match path.strip_prefix(folder).unwrap() {
            inside if inside == Path::new("log") => "log",
            inside if inside.starts_with("data/pg_wal") => "write-ahead log",
            _ => "data",
        };
        // A socket or a file that went meanwhile holds nothing.
        let bytes = std::fs::read(&path).unwrap_or_default();
        found.entry(place).or_default().extend(needles.found_in(&bytes));
    }
    found
        .into_iter()
        .map(|(place, mut words)| {
            words.sort();
            words.dedup();
            (place, words)
        })
        .collect()
}

#[tokio::test]
async fn no_word_of_a_patient_is_found_on_disk_in_a_dump_in_a_log_or_in_an_error() {
    let cluster = Throwaway::start().unwrap();
    let database = TestDatabase::create_on(cluster.superuser_target().clone(), "canary").await.unwrap();
    let clinic = Clinic::found_in(&database, ExampleClinic::Elicells, "canary").await;
    let cast = Cast::assemble(&clinic).await;
    let deeds = Deeds::of(&clinic, &cast);
    let mut said = Said::default();
    deeds.done(&clinic, &cast, &mut said).await;
    get_wrong(&clinic, &cast, &deeds, &mut said).await;
    let superuser = Sql::open(&database.superuser()).await;
    let control = format!(
        "CREATE TABLE public.control (word text CHECK (length(word) < 100)); \
         INSERT INTO public.control VALUES ('{CONTROL}'); CHECKPOINT"
    );
    superuser.run(&control).await.unwrap();
    let too_long = format!("INSERT INTO public.control VALUES (repeat('{CONTROL}', 20))");
    assert!(superuser.run(&too_long).await.unwrap_err().starts_with("23514"));

    let needles = Needles::of(canaries());
    assert!(said.0.len() > 10_000, "little was said: {}", said.0);
    assert_eq!(Vec::from_iter(needles.found_in(said.0.as_bytes())), Vec::<String>::new());
    assert_eq!(Vec::from_iter(needles.found_in(&dump(&database, &superuser).await)), [CONTROL]);
    let only_the_control = vec![CONTROL.to_owned()];
    let expected = ["data", "log", "write-ahead log"].map(|place| (place, only_the_control.clone()));
    assert_eq!(on_disk(cluster.folder().unwrap(), &needles), BTreeMap::from(expected));
}

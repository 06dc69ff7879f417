//! Files that were tampered with: each is refused by name of what is wrong, and the doctor finds it.

use clinic_runtime::{ExampleClinic, VaultFinding};
use crypto_vault::CHUNK_BYTES;
use privacy_operations::RecordCareRelation;
use records_model::{ActorId, RecordId, Role};

use crate::files::{attach, content, read};
use crate::sql::Sql;
use crate::steps::Cast;
use crate::support::{Clinic, at};

struct Scene {
    clinic: Clinic,
    cast: Cast,
    other: Cast,
    /// Two files of one patient, and one of another.
    files: [RecordId; 3],
    keeper: ActorId,
    superuser: Sql,
}

/// Four chunks, the last of five bytes.
const LENGTH: usize = 3 * CHUNK_BYTES + 5;

impl Scene {
    async fn set(name: &str) -> Self {
        let clinic = Clinic::found(name, ExampleClinic::Elicells).await;
        let cast = Cast::assemble(&clinic).await;
        let patient = clinic.patient(cast.reception, "Rosalía", "Cantú Elizondo").await;
        let other = Cast { patient, ..cast };
        for staff in [cast.nurse, cast.physician] {
            let relate = RecordCareRelation { actor: cast.reception, subject: patient, staff, ends_at: None };
            assert!(clinic.runtime().perform(&relate, at(2)).await.unwrap().is_permit());
        }
        cast.consent_to_care(&clinic, 3).await;
        other.consent_to_care(&clinic, 3).await;
        let content = content(LENGTH);
        let files = [
            attach(&clinic, &cast.scan("Treviño uno.png"), &content).await,
            attach(&clinic, &cast.scan("Treviño dos.png"), &content).await,
            attach(&clinic, &other.scan("Cantú.png"), &content).await,
        ];
        let keeper = clinic.staff(Role::SystemsAdministrator).await;
        let superuser = Sql::open(&clinic.database.superuser()).await;
        Self { clinic, cast, other, files, keeper, superuser }
    }

    /// What the doctor finds of files and records.
    async fn found(&self) -> Vec<VaultFinding> {
        let home = &self.clinic.home;
        let looked = home.runtime.vault_findings(self.keeper, &home.keys, at(30)).await.unwrap();
        assert!(looked.answer.is_permit(), "{:?}", looked.answer);
        let is_row = |finding: &VaultFinding| !matches!(finding, VaultFinding::Warning(_));
        looked.findings.into_iter().filter(is_row).collect()
    }

    /// Changes what no login may change, in a transaction that the next call takes back.
    async fn plant(&self, sql: &str) {
        let planted = format!(
            "SET session_replication_role = replica; SET search_path = resguardo; {sql}; \
             SET session_replication_role = origin"
        );
        self.superuser.run(&planted).await.unwrap();
    }

    /// Puts a copy of the tables aside, and takes it back.
    async fn keep(&self) {
        for table in ["records", "attachments", "attachment_chunks"] {
            let kept = format!("CREATE TABLE public.kept_{table} AS TABLE resguardo.{table}");
            self.superuser.run(&kept).await.unwrap();
        }
    }

    async fn put_back(&self) {
        for table in ["records", "attachments", "attachment_chunks"] {
            self.plant(&format!(
                "DELETE FROM {table}; INSERT INTO {table} SELECT * FROM public.kept_{table}"
            ))
            .await;
        }
    }
}

/// The rows of the first chunks of one file.
fn of(record: RecordId) -> String {
    format!("record_id = '{}'", record.as_uuid())
}

/// Lets two chunks change their bytes.
fn swapped(one: &str, other: &str) -> String {
    format!(
        "WITH a AS (SELECT sealed FROM attachment_chunks WHERE {one}), b AS (SELECT sealed FROM attachment_chunks WHERE {other}), \
         c AS (UPDATE attachment_chunks SET sealed = b.sealed FROM b WHERE {one}) \
         UPDATE attachment_chunks SET sealed = a.sealed FROM a WHERE {other}"
    )
}

#[tokio::test]
async fn whatever_is_done_to_a_file_it_does_not_open_and_the_doctor_names_it() {
    let scene = Scene::set("file_tamper").await;
    assert_eq!(scene.found().await, []);
    scene.keep().await;
    let [first, second, foreign] = scene.files.map(of);
    let chunk = |file: &str, number: u32| format!("{file} AND chunk_no = {number}");
    let flip = "sealed = set_byte(sealed, 9, get_byte(sealed, 9) # 1)";
    let flip_header = "header = set_byte(header, 40, get_byte(header, 40) # 1)";
    let attacks = [
        (swapped(&chunk(&first, 1), &chunk(&second, 1)), "chunk 1 of the attachment was changed"),
        (swapped(&chunk(&first, 2), &chunk(&foreign, 2)), "chunk 2 of the attachment was changed"),
        (swapped(&chunk(&first, 0), &chunk(&first, 1)), "chunk 0 of the attachment was changed"),
        (format!("DELETE FROM attachment_chunks WHERE {}", chunk(&first, 3)), "the attachment is cut"),
        (
            format!("DELETE FROM attachment_chunks WHERE {}", chunk(&first, 1)),
            "chunk 1 of the attachment was changed",
        ),
        (
            format!("UPDATE attachment_chunks SET {flip} WHERE {}", chunk(&first, 2)),
            "chunk 2 of the attachment was changed",
        ),
        (format!("UPDATE attachments SET {flip_header} WHERE {first}"), "another key or for another place"),
        (
            format!("UPDATE attachments SET sealed_bytes = sealed_bytes - 16400 WHERE {first}"),
            "the attachment has no such chunk",
        ),
        (format!("UPDATE attachments SET dek_version = 2 WHERE {first}"), "the attachment is cut"),
        (
            format!(
                "UPDATE attachments a SET header = b.header FROM attachments b WHERE a.{first} AND b.{second}"
            ),
            "another key or for another place",
        ),
    ];
    for (attack, why) in attacks {
        scene.plant(&attack).await;
        let refused = read(scene.clinic.runtime(), &scene.cast.file(scene.files[0])).await.unwrap_err();
        let said = refused.to_string();
        assert!(said.contains(why), "{attack}: {said}");
        assert!(!said.contains("Treviño") && !said.contains("Cantú"), "{said}");
        let found = scene.found().await;
        let is_named = |finding: &VaultFinding| match finding {
            VaultFinding::FileDoesNotOpen { record, .. } | VaultFinding::RolledBack { record, .. } => {
                *record == scene.files[0]
            }
            _ => false,
        };
        assert!(found.iter().any(is_named), "{attack}: {found:?}");
        scene.put_back().await;
    }
    assert_eq!(scene.found().await, []);
    for (cast, file) in [(scene.cast, 0), (scene.cast, 1), (scene.other, 2)] {
        let back = read(scene.clinic.runtime(), &cast.file(scene.files[file])).await.unwrap();
        assert_eq!(back, content(LENGTH));
    }
}

/// What decides who may see a file stands in its record and is bound into both; here only the file is looked at.
#[tokio::test]
async fn an_edited_column_that_decides_makes_the_file_fail_to_open() {
    let scene = Scene::set("file_columns").await;
    scene.keep().await;
    let record = of(scene.files[0]);
    for edit in ["category = 'outcomes'", "kind = 'report'", "reveals_health = true", "genetic = true"] {
        scene.plant(&format!("UPDATE records SET {edit} WHERE {record}")).await;
        let used = scene.clinic.runtime().perform(&scene.cast.file(scene.files[0]), at(9)).await.unwrap();
        if used.permit.is_some() {
            let refused = scene.clinic.runtime().open_file(scene.cast.patient, used).await.err().unwrap();
            assert!(refused.to_string().contains("does not open"), "{edit}: {refused}");
        }
        let found = scene.found().await;
        let is_file = |finding: &VaultFinding| matches!(finding, VaultFinding::FileDoesNotOpen { record, .. } if *record == scene.files[0]);
        assert!(found.iter().any(is_file), "{edit}: {found:?}");
        scene.put_back().await;
    }
    // The row of a file, put in the place of another's.
    let other = scene.files[1].as_uuid();
    let moved = format!(
        "DELETE FROM attachments WHERE record_id = '{other}'; DELETE FROM attachment_chunks WHERE record_id = '{other}'; \
         UPDATE attachments SET record_id = '{other}' WHERE {record}; \
         UPDATE attachment_chunks SET record_id = '{other}' WHERE {record}"
    );
    scene.plant(&moved).await;
    let refused = read(scene.clinic.runtime(), &scene.cast.file(scene.files[1])).await.unwrap_err();
    assert!(refused.to_string().contains("another key or for another place"), "{refused}");
    // And a file that was taken away whole: the log knows of it.
    let found = scene.found().await;
    let subject = scene.cast.patient;
    let record = scene.files[0];
    assert!(found.contains(&VaultFinding::RolledBack { subject, record }), "{found:?}");
}

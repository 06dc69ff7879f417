//! Files that are attached to records: what goes in comes out, all of it or a part, and only for whom the policy says.

use std::pin::Pin;
use std::task::{Context, Poll};

use audit_log::Event;
use clinic_runtime::{ExampleClinic, Runtime, RuntimeError};
use consent_policy::testing::proptest::prelude::*;
use consent_policy::testing::proptest::strategy::ValueTree as _;
use consent_policy::testing::proptest::test_runner::TestRunner;
use crypto_vault::CHUNK_BYTES;
use privacy_operations::{FileToAttach, OperationError, UseAttachment, WithdrawConsent, WriteRecord};
use records_model::{Category, Detail, Field, FileName, Purpose, RecordId};
use tokio::io::{AsyncRead, ReadBuf};

use crate::sql::Sql;
use crate::steps::{Cast, leaves, verified};
use crate::support::{Clinic, at};

/// Attaches a file that has to be permitted; its record.
pub(crate) async fn attach(clinic: &Clinic, file: &FileToAttach, mut content: &[u8]) -> RecordId {
    let length = content.len() as u64;
    let sent = clinic.runtime().attach_file(file.clone(), &mut content, at(4)).await.unwrap();
    let stored = sent.stored.unwrap_or_else(|| panic!("{:?}", sent.answer));
    assert_eq!(stored.content_bytes, length);
    stored.record
}

/// What a permitted reader gets of a file.
pub(crate) async fn read(runtime: &Runtime, asked: &UseAttachment) -> Result<Vec<u8>, RuntimeError> {
    read_part(runtime, asked, 0..u64::MAX).await
}

async fn read_part(
    runtime: &Runtime,
    asked: &UseAttachment,
    bytes: std::ops::Range<u64>,
) -> Result<Vec<u8>, RuntimeError> {
    let used = runtime.perform(asked, at(20)).await?;
    assert!(used.answer.is_permit(), "{:?}", used.answer);
    let mut file =
        runtime.open_file(asked.subject, used).await?.expect("the permit covers the file").part(bytes);
    let mut content = Vec::new();
    while let Some(part) = file.next_part().await? {
        content.extend_from_slice(&part);
    }
    Ok(content)
}

/// Content in which no two chunks are alike.
pub(crate) fn content(length: usize) -> Vec<u8> {
    (0..length).map(|at| u8::try_from((at / 7 + at / CHUNK_BYTES * 31) % 256).unwrap()).collect()
}

/// Gives a few bytes at a time, and then ends or breaks off.
struct Dribble<'c> {
    content: &'c [u8],
    step: usize,
    breaks_off: Option<std::io::ErrorKind>,
}

impl AsyncRead for Dribble<'_> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let (now, later) = self.content.split_at(self.step.min(into.remaining()).min(self.content.len()));
        into.put_slice(now);
        self.content = later;
        match self.breaks_off {
            Some(kind) if now.is_empty() => Poll::Ready(Err(kind.into())),
            _ => Poll::Ready(Ok(())),
        }
    }
}

async fn scene(name: &str) -> (Clinic, Cast) {
    let clinic = Clinic::found(name, ExampleClinic::Elicells).await;
    let cast = Cast::assemble(&clinic).await;
    cast.consent_to_care(&clinic, 3).await;
    (clinic, cast)
}

#[tokio::test]
async fn a_file_of_any_size_comes_out_as_it_went_in_all_of_it_or_a_part() {
    let (clinic, cast) = scene("files_sizes").await;
    let runtime = clinic.runtime();
    let mut runner = TestRunner::deterministic();
    // Around the borders of chunks, and of the sixteen that travel together.
    let chunks = prop_oneof![0..4_usize, 15..18_usize, Just(33_usize)];
    let near =
        (chunks, 0..3_usize).prop_map(|(chunks, more)| (chunks * CHUNK_BYTES + more).saturating_sub(1));
    let sizes = (near, 1..50_000_usize, any::<prop::sample::Index>(), any::<prop::sample::Index>());
    for number in 0..40 {
        let (length, step, one, other) = sizes.new_tree(&mut runner).unwrap().current();
        let content = content(length);
        let mut reader = Dribble { content: &content, step, breaks_off: None };
        let file = cast.scan(&format!("placa {number}.png"));
        let sent = runtime.attach_file(file, &mut reader, at(4)).await.unwrap();
        let stored = sent.stored.unwrap();
        assert_eq!(stored.content_bytes, length as u64);
        let asked = cast.file(stored.record);
        assert_eq!(read(runtime, &asked).await.unwrap(), content, "{length} bytes");
        let ends = [one.index(length + 2), other.index(length + 2)];
        let (from, to) = (ends[0].min(ends[1]), ends[0].max(ends[1]));
        let part = read_part(runtime, &asked, from as u64..to as u64).await.unwrap();
        assert_eq!(part, content[from.min(length)..to.min(length)], "{from}..{to} of {length}");
    }
    runtime.sequence(at(30)).await.unwrap();
    assert!(verified(&clinic).await.is_intact());
}

#[tokio::test]
async fn a_part_is_read_without_the_chunks_around_it() {
    let (clinic, cast) = scene("files_part").await;
    let content = content(40 * CHUNK_BYTES);
    let record = attach(&clinic, &cast.scan("placa.png"), &content).await;
    let superuser = Sql::open(&clinic.database.superuser()).await;
    // All but one chunk in the middle and the last, which says how long the file is.
    let gone = "SET session_replication_role = replica; \
        DELETE FROM resguardo.attachment_chunks WHERE chunk_no NOT IN (20, 40)";
    superuser.run(gone).await.unwrap();
    let (from, to) = (20 * CHUNK_BYTES + 7, 21 * CHUNK_BYTES);
    let part = read_part(clinic.runtime(), &cast.file(record), from as u64..to as u64).await.unwrap();
    assert_eq!(part, content[from..to]);
    let refused =
        read_part(clinic.runtime(), &cast.file(record), from as u64..to as u64 + 1).await.unwrap_err();
    assert!(refused.to_string().contains("chunk 21 of the attachment"), "{refused}");
}

#[tokio::test]
async fn a_file_that_breaks_off_leaves_nothing() {
    let (clinic, cast) = scene("files_cut").await;
    let superuser = Sql::open(&clinic.database.superuser()).await;
    let there = async || {
        let count = |table: &str| format!("SELECT count(*) FROM resguardo.{table}");
        let mut counts = Vec::new();
        for table in ["attachments", "attachment_chunks", "records", "retention_floors"] {
            counts.push(superuser.number(&count(table)).await);
        }
        counts
    };
    let before = there().await;
    let written = content(40 * CHUNK_BYTES);
    for length in [0, 5, 17 * CHUNK_BYTES, 40 * CHUNK_BYTES] {
        let breaks_off = Some(std::io::ErrorKind::ConnectionReset);
        let mut reader = Dribble { content: &written[..length], step: 9_000, breaks_off };
        let cut = clinic.runtime().attach_file(cast.scan("placa.png"), &mut reader, at(4)).await.unwrap_err();
        assert!(cut.to_string().contains("nothing of it was stored; send it again"), "{cut}");
        assert_eq!(there().await, before);
    }
    // Whatever the database refuses, the chunks go with it.
    for table in ["attachment_chunks", "attachments", "records", "log_sides"] {
        let never = format!("ALTER TABLE resguardo.{table} ADD CONSTRAINT never CHECK (false) NOT VALID");
        superuser.run(&never).await.unwrap();
        let mut reader: &[u8] = &written;
        let tried = clinic.runtime().attach_file(cast.scan("placa.png"), &mut reader, at(4)).await;
        assert!(tried.is_err(), "{table} refused nothing");
        superuser.run(&format!("ALTER TABLE resguardo.{table} DROP CONSTRAINT never")).await.unwrap();
        assert_eq!(there().await, before, "{table}");
    }
    let record = attach(&clinic, &cast.scan("placa.png"), &written).await;
    assert_eq!(read(clinic.runtime(), &cast.file(record)).await.unwrap(), written);
}

/// Somebody who reads a file to its end and changes the world between the first byte and the last.
struct Meanwhile<'w, F: Future<Output = ()>> {
    content: &'w [u8],
    change: Option<Pin<Box<F>>>,
}

impl<F: Future<Output = ()>> AsyncRead for Meanwhile<'_, F> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let (now, later) = self.content.split_at(into.remaining().min(self.content.len()));
        into.put_slice(now);
        self.content = later;
        if now.is_empty()
            && let Some(change) = &mut self.change
        {
            std::task::ready!(change.as_mut().poll(task));
            self.change = None;
        }
        Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn a_consent_withdrawn_while_the_file_is_on_its_way_counts() {
    let clinic = Clinic::found("files_meanwhile", ExampleClinic::Elicells).await;
    let cast = Cast::assemble(&clinic).await;
    let consent = cast.consent_to_care(&clinic, 3).await;
    let withdraw = WithdrawConsent { actor: cast.reception, subject: cast.patient, consents: vec![consent] };
    let runtime = clinic.runtime();
    let superuser = Sql::open(&clinic.database.superuser()).await;
    let refusals = async || {
        runtime.sequence(at(6)).await.unwrap();
        leaves(&clinic).await.iter().filter(|leaf| leaf.parts().outcome.is_refusal()).count()
    };
    let before = refusals().await;
    let scanned = content(3 * CHUNK_BYTES);
    let mut reader = Meanwhile {
        content: &scanned,
        change: Some(Box::pin(async {
            assert!(runtime.perform(&withdraw, at(5)).await.unwrap().answer.is_permit());
        })),
    };
    let sent = runtime.attach_file(cast.scan("placa.png"), &mut reader, at(5)).await.unwrap();
    assert!(!sent.answer.is_permit() && sent.stored.is_none(), "{:?}", sent.answer);
    assert_eq!(refusals().await, before + 1, "the refusal stands in the log");
    assert_eq!(superuser.number("SELECT count(*) FROM resguardo.attachment_chunks").await, 0);
}

#[tokio::test]
async fn who_may_not_read_the_record_gets_nothing_of_its_file_and_the_log_says_so() {
    let (clinic, cast) = scene("files_refused").await;
    let record = attach(&clinic, &cast.scan("Treviño.png"), &content(20_000)).await;
    let runtime = clinic.runtime();
    let refused = [
        UseAttachment { purpose: Purpose::Marketing, ..cast.file(record) },
        UseAttachment { actor: cast.reception, ..cast.file(record) },
    ];
    for asked in refused {
        runtime.sequence(at(9)).await.unwrap();
        let before = leaves(&clinic).await.len();
        let used = runtime.perform(&asked, at(10)).await.unwrap();
        assert!(!used.answer.is_permit() && used.permit.is_none(), "{:?}", used.answer);
        assert!(runtime.open_file(cast.patient, used).await.unwrap().is_none());
        runtime.sequence(at(11)).await.unwrap();
        let written = leaves(&clinic).await;
        let [entry] = &written[before..] else { panic!("{} entries", written.len() - before) };
        assert!(entry.parts().event == Event::Decision && entry.parts().outcome.is_refusal());
        assert_eq!(entry.parts().content, None);
    }
    // Nothing is read of a file that nobody may attach.
    let mut untouched: &[u8] = b"never read";
    let by_reception = FileToAttach { actor: cast.reception, ..cast.scan("x.png") };
    let sent = runtime.attach_file(by_reception, &mut untouched, at(12)).await.unwrap();
    assert!(!sent.answer.is_permit() && sent.stored.is_none());
    assert_eq!(untouched, b"never read");
    let superuser = Sql::open(&clinic.database.superuser()).await;
    assert_eq!(superuser.number("SELECT count(DISTINCT record_id) FROM resguardo.attachments").await, 1);
}

#[tokio::test]
async fn the_record_names_the_file_and_a_category_without_files_takes_none() {
    let (clinic, cast) = scene("files_label").await;
    let record = attach(&clinic, &cast.scan("mano izquierda.png"), b"...").await;
    let runtime = clinic.runtime();
    let used = runtime.perform(&cast.reading(Purpose::Treatment), at(5)).await.unwrap();
    let opened = runtime.open_used(cast.patient, used).unwrap();
    let shown = &opened.records[0];
    assert_eq!(shown.head.id, record);
    assert_eq!(shown.content[&Field::Document].as_str(), "image/png mano izquierda.png");
    let used = runtime.perform(&cast.file(record), at(5)).await.unwrap();
    let file = runtime.open_file(cast.patient, used).await.unwrap().unwrap();
    assert_eq!((file.label().name.as_str(), file.content_bytes()), ("mano izquierda.png", 3));
    // An addendum leaves the file where it is.
    let addendum = WriteRecord {
        addendum_to: Some(record),
        content: [(Field::Note, "izquierda, no derecha".into())].into(),
        ..cast.result("")
    };
    assert!(runtime.perform(&addendum, at(6)).await.unwrap().record.is_some());
    assert_eq!(read(runtime, &cast.file(record)).await.unwrap(), b"...");
    // A record without a file has none to give.
    let bare = runtime.perform(&cast.result("Sodio 140"), at(6)).await.unwrap().record.unwrap().0;
    let used = runtime.perform(&cast.file(bare), at(7)).await.unwrap();
    assert!(used.answer.is_permit() && used.permit.is_none());

    let nowhere = FileToAttach { category: Category::Travel, ..cast.scan("boleto.png") };
    let refused = runtime.attach_file(nowhere, &mut &b"x"[..], at(8)).await.unwrap_err();
    assert!(refused.to_string().contains("no file is stored with records of category travel"), "{refused}");
    let name = FileName::parse("4111 1111 1111 1111.png").unwrap();
    let mut card = cast.scan("x.png");
    card.label.name = name;
    let refused = runtime.attach_file(card, &mut &b"x"[..], at(8)).await.unwrap_err().to_string();
    assert!(refused.contains("payment card") && !refused.contains("4111"), "{refused}");
    let unknown = OperationError::UnknownRecord.to_string();
    let stranger = cast.file(RecordId::from_uuid(uuid::Uuid::from_u128(9)));
    assert_eq!(runtime.perform(&stranger, at(9)).await.unwrap_err().to_string(), unknown);
    assert_eq!(cast.reading(Purpose::Treatment).detail, Detail::Full);
}

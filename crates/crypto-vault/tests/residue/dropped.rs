//! Every kind of key and a field at work, then dropped.

use std::convert::Infallible;

use crypto_vault::testing::example_record_context;
use crypto_vault::{
    BatchSealer, Dek, EpochFile, EpochId, EpochKey, IndexRoot, IndexRootId, KeyVersion, KeystoreRow,
    RecordOpener, Salt, Secret, SecretId, SecretKind, StoredKeyState, WrappedEpoch, WrappedEpochError,
};
use crypto_vault::{FieldContext, KeyAtProvider};
use records_model::{Field, FieldValue, KeyLabel};
use zeroize::Zeroizing;

use crate::scan::{Needle, count};

/// Byte `at` of the canary number `number`: it stands nowhere before it is drawn.
fn canary(number: u64, at: usize) -> u8 {
    let mut x = (number << 32 | at as u64).wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (x ^ (x >> 31)).to_le_bytes()[0]
}

/// A letter, for content that is text.
fn letter(number: u64, at: usize) -> u8 {
    b'a' + canary(number, at) % 26
}

fn hex_digit(number: u64, at: usize) -> u8 {
    let byte = canary(number, at / 2);
    b"0123456789abcdef"[usize::from(if at.is_multiple_of(2) { byte >> 4 } else { byte & 15 })]
}

/// Draws one canary straight into its place.
struct CanaryRng(u64);

impl rand_core::TryRng for CanaryRng {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(u32::from(canary(self.0, 0)))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(u64::from(canary(self.0, 0)))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        out.iter_mut().enumerate().for_each(|(at, byte)| *byte = canary(self.0, at));
        Ok(())
    }
}

impl rand_core::TryCryptoRng for CanaryRng {}

const EPOCH: u64 = 1;
const DEK: u64 = 2;
const ROOT: u64 = 3;
const SECRET: u64 = 4;
const CONTENT: u64 = 5;
const CONTENT_LEN: usize = 64;

/// Halves: what is freed loses its first 16 bytes to the allocator's own notes, and whoever finds the other half of a
/// key tries the rest.
const NEEDLES: [Needle; 12] = [
    Needle { name: "epoch key, first half", len: 16, at: |at| canary(EPOCH, at) },
    Needle { name: "second half", len: 16, at: |at| canary(EPOCH, 16 + at) },
    Needle { name: "digits of the key file, first half", len: 32, at: |at| hex_digit(EPOCH, at) },
    Needle { name: "second half", len: 32, at: |at| hex_digit(EPOCH, 32 + at) },
    Needle { name: "data key, first half", len: 16, at: |at| canary(DEK, at) },
    Needle { name: "second half", len: 16, at: |at| canary(DEK, 16 + at) },
    Needle { name: "index root, first half", len: 16, at: |at| canary(ROOT, at) },
    Needle { name: "second half", len: 16, at: |at| canary(ROOT, 16 + at) },
    Needle { name: "secret, first half", len: 16, at: |at| canary(SECRET, at) },
    Needle { name: "second half", len: 16, at: |at| canary(SECRET, 16 + at) },
    Needle { name: "content, first half", len: CONTENT_LEN / 2, at: |at| letter(CONTENT, at) },
    Needle { name: "second half", len: CONTENT_LEN / 2, at: |at| letter(CONTENT, CONTENT_LEN / 2 + at) },
];

/// Everything that is secret, alive.
struct Alive {
    epoch: EpochKey,
    file: Zeroizing<String>,
    opened_by_service: EpochKey,
    row: KeystoreRow,
    dek: Dek<crypto_vault::Active>,
    root: IndexRoot,
    secret: Secret,
    value: FieldValue,
}

/// Makes, wraps, opens, seals and reads with every kind of key.
#[inline(never)]
fn at_work() -> Alive {
    let (id, context) = example_record_context();
    let clinic = id.clinic();
    let salt = |number| Salt::generate(&mut CanaryRng(number));
    let epoch = EpochKey::generate(EpochId::FIRST, &mut CanaryRng(EPOCH));
    let file = EpochFile::format(&epoch);
    let read = EpochFile::parse(&file).ok().unwrap();
    let at = KeyAtProvider::Transit { mount: KeyLabel::transit(), key: KeyLabel::transit(), version: 1 };
    let mut service = Zeroizing::new([0; 32]);
    let wrapped = WrappedEpoch::wrap(clinic, &read, |bytes, _| {
        service.copy_from_slice(bytes);
        Ok::<_, WrappedEpochError>((at, "x".to_owned()))
    });
    let opened_by_service =
        wrapped.unwrap().unwrap(clinic, |_, _| Ok::<_, WrappedEpochError>(service)).ok().unwrap();

    let dek = Dek::generate(id, &mut CanaryRng(DEK));
    let wrapped = epoch.wrap_dek(&dek, salt(11));
    let row = KeystoreRow::new(id, StoredKeyState::Active, Some(wrapped)).unwrap();
    let version = KeyVersion::FIRST;
    let root = IndexRoot::generate(IndexRootId { clinic, version }, &mut CanaryRng(ROOT));
    let root_id = root.id();
    let root = epoch.open_index_root(root_id, &epoch.wrap_index_root(&root, salt(12))).ok().unwrap();
    let _ = root.search_keys(&root.check_value()).ok().unwrap();
    let secret_id = SecretId { clinic, kind: SecretKind::LogSigning, version };
    let secret = Secret::generate(secret_id, &mut CanaryRng(SECRET));
    let secret = epoch.open_secret(secret_id, &epoch.wrap_secret(&secret, salt(13))).ok().unwrap();

    let text: Zeroizing<Vec<u8>> = Zeroizing::new((0..CONTENT_LEN).map(|at| letter(CONTENT, at)).collect());
    let field = FieldContext::of_record(Field::Note);
    let envelope = BatchSealer::new(&dek, &context, salt(14)).unwrap().seal(&field, &text).unwrap();
    let opened = epoch.open_dek(&row).ok().unwrap();
    let mut reader = RecordOpener::for_envelope(opened.active().unwrap(), &context, &envelope).ok().unwrap();
    let mut plain = reader.open(&field, &envelope).unwrap();
    let value = FieldValue::new(String::from_utf8(std::mem::take(&mut *plain)).unwrap());
    Alive { epoch, file, opened_by_service, row, dek, root, secret, value }
}

/// Uses what lives, so that it does live until here.
#[inline(never)]
fn is_alive(alive: &Alive) -> bool {
    alive.epoch.id() == alive.opened_by_service.id()
        && alive.file.len() > 64
        && alive.epoch.open_dek(&alive.row).is_ok()
        && alive.dek.id() == alive.row.id()
        && alive.root.search_keys(&alive.root.check_value()).is_ok()
        && !alive.secret.expose().is_empty()
        && alive.value.as_str().len() == CONTENT_LEN
}

/// Goes as deep into the stack as the next request would.
#[inline(never)]
fn another_call() {
    std::hint::black_box(&mut [0_u64; 2048]);
}

fn told(found: &[usize]) -> String {
    let line = |(needle, count): (&Needle, &usize)| format!("{}: {count}", needle.name);
    NEEDLES.iter().zip(found).map(line).collect::<Vec<_>>().join(", ")
}

#[test]
fn what_was_dropped_is_nowhere_in_memory() {
    assert!(count(&NEEDLES).iter().all(|count| *count == 0), "the canaries are new");
    for _ in 0..2 {
        let alive = at_work();
        let found = count(&NEEDLES);
        assert!(is_alive(&alive));
        println!("alive   {}", told(&found));
        assert!(found.iter().all(|count| *count > 0), "the looking finds what lives: {}", told(&found));
        drop(alive);
        // Ciphers leave parts of what they worked on in the frames of their calls; nothing clears those but the next
        // calls (docs/memory.md). So they are told here, and what counts is counted after such a call.
        println!("dropped, before another call: {}", told(&count(&NEEDLES)));
        another_call();
        let left = count(&NEEDLES);
        println!("dropped {}", told(&left));
        assert!(left.iter().all(|count| *count == 0), "left behind: {}", told(&left));
    }
}

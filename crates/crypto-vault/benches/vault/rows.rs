//! The rows of the table.

use std::collections::HashMap;
use std::error::Error;
use std::hint::black_box;

use chacha20::ChaCha20Rng;
use chacha20::rand_core::SeedableRng;
use crypto_vault::testing::{
    example_attachment_context, example_dek_id, example_index_root_id, example_record_context,
};
use crypto_vault::{
    Active, AttachmentSealer, BatchSealer, Dek, DekId, EpochId, EpochKey, EpochRotation, FieldContext,
    IndexRoot, KeyVersion, KeystoreRow, RecordOpener, Salt, StoredKeyState,
};
use hmac::{Hmac, Mac};
use records_model::{EmailAddress, Field, PersonName, PhoneNumber};
use sha2::Sha256;

use crate::bare::Bare;
use crate::timing::{Outcome, beside, in_slices, peak_kib};

const FIELDS: [Field; 8] = [
    Field::Code,
    Field::Display,
    Field::Status,
    Field::Value,
    Field::Unit,
    Field::Interpretation,
    Field::Note,
    Field::Author,
];

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::from_seed([9; 32])
}

fn dek(rng: &mut ChaCha20Rng) -> Dek<Active> {
    Dek::generate(example_dek_id(), rng)
}

/// Fields of a record: one at a time under a key of its own, and eight in one write.
pub(crate) fn fields() -> Outcome {
    for (cipher, mut bare) in Bare::all() {
        for (what, goal, count, len) in [
            ("seal, one field of 200 B", ">= 0.27", 1, 200),
            ("seal, eight fields of 200 B", ">= 0.66", 8, 200),
            ("seal, eight fields of 4 KiB", ">= 0.88", 8, 4096),
        ] {
            sealed_fields(&format!("{what} / {cipher}"), goal, &mut bare, count, len)?;
        }
    }
    Ok(())
}

fn sealed_fields(what: &str, goal: &str, bare: &mut Bare, count: usize, len: usize) -> Outcome {
    let (_, record) = example_record_context();
    let mut rng = rng();
    let dek = dek(&mut rng);
    let clear = vec![0x61; len];
    let (mut ours_out, mut bare_out) = (Vec::new(), Vec::new());
    let ours = || {
        ours_out.clear();
        let mut batch = BatchSealer::new(&dek, &record, Salt::generate(&mut rng))?;
        for field in FIELDS.iter().take(count) {
            batch.seal_into(&FieldContext::of_record(*field), &clear, &mut ours_out)?;
        }
        black_box(&ours_out);
        Ok(())
    };
    let bare = || {
        bare_out.clear();
        for _ in 0..count {
            bare.seal(&clear, &mut bare_out)?;
        }
        black_box(&bare_out);
        Ok(())
    };
    beside(what, goal, 2_000, ours, bare)
}

/// Opening eight fields of one write; the bare cipher seals them, which costs it the same.
pub(crate) fn opened_fields() -> Outcome {
    let mut rng = rng();
    let dek = dek(&mut rng);
    let (_, record) = example_record_context();
    let mut batch = BatchSealer::new(&dek, &record, Salt::generate(&mut rng))?;
    let mut envelopes = Vec::new();
    for field in FIELDS {
        let field = FieldContext::of_record(field);
        envelopes.push((field, batch.seal(&field, &[0x61; 200])?));
    }
    for (cipher, mut bare) in Bare::all() {
        let ours = || {
            let (_, first) = envelopes.first().ok_or("no envelope")?;
            let mut opener = RecordOpener::for_envelope(&dek, &record, first)?;
            for (field, envelope) in &envelopes {
                black_box(opener.open(field, envelope)?);
            }
            Ok(())
        };
        let mut out = Vec::new();
        let bare = || {
            for _ in FIELDS {
                out.clear();
                bare.seal(&[0x61; 200], &mut out)?;
                black_box(&out);
            }
            Ok(())
        };
        beside(&format!("open, eight fields of 200 B / {cipher}"), "none", 2_000, ours, bare)?;
    }
    Ok(())
}

/// 64 MiB, pushed in parts of 64 KiB; the bare cipher seals each part by itself.
pub(crate) fn attachment() -> Outcome {
    const PARTS: usize = 1024;
    let part = vec![0x61; 64 * 1024];
    let mut rng = rng();
    let dek = dek(&mut rng);
    let (record, field) = example_attachment_context();
    let (mut ours_out, mut bare_out) = (Vec::with_capacity(80 * 1024), Vec::with_capacity(80 * 1024));
    let before = peak_kib();
    for (cipher, mut bare) in Bare::all() {
        let ours = || {
            let salt = Salt::generate(&mut rng);
            let mut stream = AttachmentSealer::begin(&dek, &record, &field, salt, &mut ours_out)?;
            for _ in 0..PARTS {
                stream.push(&part, &mut ours_out)?;
                black_box(&ours_out);
                ours_out.clear();
            }
            stream.finish(&mut ours_out)?;
            ours_out.clear();
            Ok(())
        };
        let bare = || {
            for _ in 0..PARTS {
                bare_out.clear();
                bare.seal(&part, &mut bare_out)?;
                black_box(&bare_out);
            }
            Ok(())
        };
        // The goals are beside aws-lc-rs: 0.52 for the portable cipher, 0.85 for the fast one.
        beside(&format!("seal, attachment of 64 MiB / {cipher}"), goal_beside(cipher), 1, ours, bare)?;
    }
    if let (Some(before), Some(after)) = (before, peak_kib()) {
        println!("{:<46} {:>8} KiB {:>32}", "  memory grew by", after - before, "< 1024 KiB");
    }
    Ok(())
}

fn goal_beside(cipher: &str) -> &'static str {
    if cipher == "aws-lc-rs" { ">= 0.85" } else { "none" }
}

/// Tokens beside the HMAC that makes them.
pub(crate) fn blind_index() -> Outcome {
    let root = IndexRoot::generate(example_index_root_id(), &mut rng());
    let keys = root.search_keys(&root.check_value())?;
    let mac = <Hmac<Sha256> as hmac::KeyInit>::new(&[7; 64].into());
    let bare_of = |text: &str| {
        let mut mac = mac.clone();
        mac.update(text.as_bytes());
        black_box(mac.finalize().into_bytes());
    };
    let phone = PhoneNumber::parse("+52 81 1234 5678")?;
    let ours = || {
        black_box(keys.phone(&phone));
        Ok(())
    };
    let bare = || {
        bare_of(phone.as_str());
        Ok(())
    };
    beside("blind index, telephone (needs no NFKC)", ">= 0.90", 20_000, ours, bare)?;
    let email = EmailAddress::parse("maria.guadalupe.trevino@correo.example")?;
    let ours = || {
        black_box(keys.email(&email));
        Ok(())
    };
    let bare = || {
        bare_of("maria.guadalupe.trevino@correo.example");
        Ok(())
    };
    beside("blind index, e-mail with NFKC and folding", "none", 20_000, ours, bare)?;
    let name = PersonName::parse("María José", "de la Peña Muñoz")?;
    let ours = || {
        black_box(keys.name(&name));
        Ok(())
    };
    let bare = || {
        for part in ["maria", "jose", "pena", "munoz"] {
            bare_of(part);
        }
        Ok(())
    };
    beside("blind index, name of four parts", "none", 20_000, ours, bare)
}

/// A data key unwrapped, beside finding it in a map by its full context: what a cache of unwrapped keys would save.
pub(crate) fn unwrap() -> Outcome {
    let mut rng = rng();
    let epoch = EpochKey::generate(EpochId::FIRST, &mut rng);
    let rows = (1..=64).map(|number| wrapped_row(&epoch, number, &mut rng)).collect::<Result<Vec<_>, _>>()?;
    let context = |row: &KeystoreRow| {
        let id = row.id();
        (id.clinic(), id.subject(), id.class(), id.version(), EpochId::FIRST)
    };
    let map: HashMap<_, _> = rows.iter().map(|row| (context(row), 0_u8)).collect();
    let (mut ours, mut bare) = (rows.iter().cycle(), rows.iter().cycle());
    let unwrap = || {
        black_box(epoch.open_dek(ours.next().ok_or("a row")?)?);
        Ok(())
    };
    let found = || {
        black_box(map.get(&context(bare.next().ok_or("a row")?)));
        Ok(())
    };
    beside("data key, unwrapped / found in a map", "none", 20_000, unwrap, found)
}

/// 100,000 data keys wrapped for the next epoch, in memory.
pub(crate) fn rewrap() -> Outcome {
    const KEYS: u32 = 100_000;
    let mut rng = rng();
    let epoch = |number, rng: &mut ChaCha20Rng| {
        EpochId::new(number).map(|id| EpochKey::generate(id, rng)).ok_or("an epoch")
    };
    let (from, to) = (epoch(1, &mut rng)?, epoch(2, &mut rng)?);
    let rotation = EpochRotation::new(&from, &to)?;
    let rows =
        (1..=KEYS).map(|number| wrapped_row(&from, number, &mut rng)).collect::<Result<Vec<_>, _>>()?;
    let took = in_slices(&rows, 500, |row| {
        black_box(rotation.rewrap(row, Salt::generate(&mut rng))?);
        Ok(())
    })?;
    println!("{:<46} {took:>12.2?} {:>31}", "rewrap, 100,000 data keys", "<= 400 ms");
    Ok(())
}

fn wrapped_row(epoch: &EpochKey, number: u32, rng: &mut ChaCha20Rng) -> Result<KeystoreRow, Box<dyn Error>> {
    let id = example_dek_id();
    let version = KeyVersion::new(number).ok_or("a version")?;
    let id = DekId::new(id.clinic(), id.subject(), id.class(), version, None)?;
    let wrapped = epoch.wrap_dek(&Dek::<Active>::generate(id, rng), Salt::generate(rng));
    Ok(KeystoreRow::new(id, StoredKeyState::Active, Some(wrapped))?)
}

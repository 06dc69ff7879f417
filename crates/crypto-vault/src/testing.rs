//! Strategies for property tests of this crate and of crates that embed it, and fixed examples for docs.

use std::collections::BTreeMap;
use std::convert::Infallible;

use chrono::DateTime;
use proptest::prelude::*;
use records_model::testing::{arb_clinic_id, arb_record_id, arb_subject_id, arb_word};
use records_model::{
    ActorId, AnchorEvent, Category, ClinicId, ContentForm, ContentKind, Context, Field, FieldValue,
    Provenance, Record, RecordHead, RecordId, RecordVersion, RetentionClass, SubjectId,
};
use uuid::Uuid;

pub use proptest;

use crate::{
    ContentType, DekId, FieldContext, FieldName, IndexRootId, KeyVersion, RecordContext, SealedTable,
    SideField, YearMonth, has_monthly_keys,
};

/// A source of numbers that anybody can predict, for tests and frozen vectors only: the SHA-256 of the seed and
/// a counter.
pub struct CountingRng {
    seed: u64,
    counter: u64,
}

impl CountingRng {
    /// Starts with this seed; equal seeds give equal numbers.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { seed, counter: 0 }
    }
}

impl rand_core::TryRng for CountingRng {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_be_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_be_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        use sha2::{Digest, Sha256};
        for chunk in out.chunks_mut(32) {
            let hash = Sha256::new()
                .chain_update(self.seed.to_be_bytes())
                .chain_update(self.counter.to_be_bytes())
                .finalize();
            self.counter += 1;
            chunk.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
        }
        Ok(())
    }
}

impl rand_core::TryCryptoRng for CountingRng {}

/// A source that gives out the bytes it was given, and then zeros: makes a key with known bytes, for tests and
/// frozen vectors only.
pub struct ReplayRng<'a>(std::iter::Copied<std::slice::Iter<'a, u8>>);

impl<'a> ReplayRng<'a> {
    /// Gives out these bytes.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes.iter().copied())
    }
}

impl rand_core::TryRng for ReplayRng<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_be_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_be_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        for to in out {
            *to = self.0.next().unwrap_or_default();
        }
        Ok(())
    }
}

impl rand_core::TryCryptoRng for ReplayRng<'_> {}

/// A fixed clinic.
#[must_use]
pub const fn example_clinic() -> ClinicId {
    ClinicId::from_uuid(Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0c11))
}

/// The id of the clinical key of a fixed patient.
#[must_use]
pub const fn example_dek_id() -> DekId {
    let subject = SubjectId::from_uuid(Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_05b1));
    match DekId::new(example_clinic(), subject, RetentionClass::Clinical, KeyVersion::FIRST, None) {
        Ok(id) => id,
        Err(_) => unreachable!(),
    }
}

/// The id of the index root of the fixed clinic.
#[must_use]
pub const fn example_index_root_id() -> IndexRootId {
    IndexRootId { clinic: example_clinic(), version: KeyVersion::FIRST }
}

/// A laboratory result of the fixed patient.
#[must_use]
pub fn example_record() -> Record {
    let at = DateTime::UNIX_EPOCH + chrono::TimeDelta::days(20_500);
    let head = RecordHead {
        id: RecordId::from_uuid(Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_02ec)),
        subject: example_dek_id().subject(),
        version: RecordVersion::FIRST,
        category: Category::Laboratory,
        kind: ContentKind::Result,
        form: ContentForm::Coded,
        context: Context::Treatment,
        class: RetentionClass::Clinical,
        reveals_health: false,
        genetic: false,
        provenance: Provenance::Authored { author: ActorId::from_uuid(Uuid::from_u128(0xac)), at },
        anchor: AnchorEvent::LastMedicalAct,
        anchor_at: at,
    };
    let content: BTreeMap<Field, FieldValue> = [
        (Field::Display, "Hemoglobin A1c".into()),
        (Field::Value, "6.1".into()),
        (Field::Unit, "%".into()),
        (Field::Note, "en ayunas; sin síntomas".into()),
    ]
    .into();
    match Record::new(head, content) {
        Ok(record) => record,
        Err(_) => unreachable!(),
    }
}

/// A data key's id and the context of a record that it covers.
#[must_use]
pub fn example_record_context() -> (DekId, RecordContext) {
    (example_dek_id(), RecordContext::of_record(example_clinic(), example_record().head()))
}

/// Where the content of a fixed file of the fixed patient belongs.
#[must_use]
pub fn example_attachment_context() -> (RecordContext, FieldContext) {
    let id = example_dek_id();
    let row = RecordId::from_uuid(Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0f11));
    let table = SealedTable::Attachments;
    let record = RecordContext::of_side_row(id.clinic(), id.subject(), id.class(), table, row);
    (record, FieldContext::of_side_row(SideField::File, ContentType::Bytes))
}

/// Any version of a key; small ones are as common as large ones.
pub fn arb_key_version() -> impl Strategy<Value = KeyVersion> {
    prop_oneof![1..=4_u32, 1..=u32::MAX]
        .prop_map(|number| KeyVersion::new(number).unwrap_or(KeyVersion::FIRST))
}

/// Any month.
pub fn arb_year_month() -> impl Strategy<Value = YearMonth> {
    (1970..=9999_u16, 1..=12_u8).prop_filter_map("a month", |(year, month)| YearMonth::new(year, month))
}

prop_compose! {
    /// Any id of a data key.
    pub fn arb_dek_id()(
        clinic in arb_clinic_id(),
        subject in arb_subject_id(),
        class in arb_word::<RetentionClass>(),
        version in arb_key_version(),
        month in arb_year_month(),
    ) -> DekId {
        match DekId::new(clinic, subject, class, version, has_monthly_keys(class).then_some(month)) {
            Ok(id) => id,
            Err(_) => unreachable!(),
        }
    }
}

/// Any kind of row.
pub fn arb_sealed_table() -> impl Strategy<Value = SealedTable> {
    proptest::sample::select(SealedTable::ALL)
}

prop_compose! {
    /// Any context of a row.
    pub fn arb_record_context()(
        clinic in arb_clinic_id(),
        subject in arb_subject_id(),
        class in arb_word::<RetentionClass>(),
        table in arb_sealed_table(),
        record in arb_record_id(),
        version in 1..=u32::MAX,
        category in proptest::option::of(arb_word::<Category>()),
        kind in proptest::option::of(arb_word::<ContentKind>()),
        reveals_health in any::<bool>(),
        genetic in any::<bool>(),
    ) -> RecordContext {
        let record_version = RecordVersion::new(version).unwrap_or(RecordVersion::FIRST);
        RecordContext {
            clinic, subject, class, table, record, record_version, category, kind, reveals_health, genetic,
        }
    }
}

prop_compose! {
    /// Any context of a field.
    pub fn arb_field_context()(
        name in prop_oneof![
            arb_word::<Field>().prop_map(FieldName::Record),
            proptest::sample::select(SideField::ALL).prop_map(FieldName::Side),
        ],
        schema_version in 1..=4_u32,
        content_type in proptest::sample::select(ContentType::ALL),
    ) -> FieldContext {
        FieldContext { name, schema_version, content_type }
    }
}

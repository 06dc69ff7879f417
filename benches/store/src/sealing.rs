//! Fields sealed and opened as the product does it: one key a record write, bound to where the record belongs.

use chacha20::ChaCha20Rng;
use chacha20::rand_core::SeedableRng as _;
use crypto_vault::{
    Active, BatchSealer, Dek, DekId, FieldContext, KeyVersion, RecordContext, RecordOpener, Salt, SealedTable,
};
use records_model::{
    Category, ClinicId, ContentKind, Field, RecordId, RecordVersion, RetentionClass, SubjectId,
};
use uuid::Uuid;

use crate::Failure;

/// Fields of one record write.
pub const FIELDS: [Field; 8] = [
    Field::Code,
    Field::Display,
    Field::Status,
    Field::Value,
    Field::Unit,
    Field::Interpretation,
    Field::Note,
    Field::Author,
];

/// Somebody's data key, unwrapped, and a record of theirs.
pub struct Sealing {
    dek: Dek<Active>,
    context: RecordContext,
    rng: ChaCha20Rng,
}

impl Sealing {
    /// A key from a seed.
    ///
    /// # Errors
    ///
    /// None that can be met: the id is a valid one.
    pub fn new(seed: u8) -> Result<Self, Failure> {
        let mut rng = ChaCha20Rng::from_seed([seed; 32]);
        let clinic = ClinicId::from_uuid(Uuid::from_u128(0xc11));
        let subject = SubjectId::from_uuid(Uuid::from_u128(0x5b1));
        let class = RetentionClass::Clinical;
        let dek = Dek::generate(DekId::new(clinic, subject, class, KeyVersion::FIRST, None)?, &mut rng);
        let context = RecordContext {
            clinic,
            subject,
            class,
            table: SealedTable::Records,
            record: RecordId::from_uuid(Uuid::from_u128(0x2ec)),
            record_version: RecordVersion::FIRST,
            category: Some(Category::Laboratory),
            kind: Some(ContentKind::Result),
            reveals_health: false,
            genetic: false,
        };
        Ok(Self { dek, context, rng })
    }

    /// Seals so many fields of one content in one write, eight at most.
    ///
    /// # Errors
    ///
    /// [`Failure`] if the content is too long.
    pub fn seal(&mut self, fields: usize, content: &[u8]) -> Result<Vec<Vec<u8>>, Failure> {
        let mut write = BatchSealer::new(&self.dek, &self.context, Salt::generate(&mut self.rng))?;
        let fields = FIELDS.iter().take(fields);
        fields.map(|field| Ok(write.seal(&FieldContext::of_record(*field), content)?)).collect()
    }

    /// Opens the fields of one write, and tells how many bytes they held.
    ///
    /// # Errors
    ///
    /// [`Failure`] if one does not open.
    pub fn open(&self, envelopes: &[impl AsRef<[u8]>]) -> Result<usize, Failure> {
        let first = envelopes.first().ok_or("nothing to open")?.as_ref();
        let mut write = RecordOpener::for_envelope(&self.dek, &self.context, first)?;
        let mut len = 0;
        for (field, envelope) in FIELDS.iter().zip(envelopes) {
            len += write.open(&FieldContext::of_record(*field), envelope.as_ref())?.len();
        }
        Ok(len)
    }
}

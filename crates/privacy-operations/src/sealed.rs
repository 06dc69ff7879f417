//! Records between their plain form and their stored one.

use crypto_vault::{RecordContext, Salt, SearchKeys, open_fields, seal_record};
use records_model::{
    ClinicId, Field, Provenance, Record, RecordContent, RecordHead, Set, SourceIdentity, Vocabulary,
};

use crate::{KeyPlace, KeyRing, OperationError, StoredOrigin, StoredRecord, Tools};

/// The fields of a record in one byte string: for each its code and its envelope, each with its length
/// (one byte, then four, big-endian).
pub(crate) fn frame(fields: &[(Field, Vec<u8>)]) -> Vec<u8> {
    let mut framed = Vec::with_capacity(fields.iter().map(|(_, envelope)| envelope.len() + 24).sum());
    for (field, envelope) in fields {
        let code = field.code();
        framed.push(u8::try_from(code.len()).unwrap_or(u8::MAX));
        framed.extend_from_slice(code.as_bytes());
        framed.extend_from_slice(&u32::try_from(envelope.len()).unwrap_or(u32::MAX).to_be_bytes());
        framed.extend_from_slice(envelope);
    }
    framed
}

/// The fields of a stored record as they are sealed, with the envelope of each; nothing is opened.
#[must_use]
pub fn sealed_fields(framed: &[u8]) -> Option<Vec<(Field, Vec<u8>)>> {
    unframe(framed)
}

fn unframe(mut framed: &[u8]) -> Option<Vec<(Field, Vec<u8>)>> {
    let mut fields = Vec::new();
    while let Some((len, rest)) = framed.split_first() {
        let (code, rest) = rest.split_at_checked(usize::from(*len))?;
        let (len, rest) = rest.split_first_chunk()?;
        let (envelope, rest) = rest.split_at_checked(usize::try_from(u32::from_be_bytes(*len)).ok()?)?;
        fields.push((Field::parse(std::str::from_utf8(code).ok()?).ok()?, envelope.to_vec()));
        framed = rest;
    }
    Some(fields)
}

/// What makes an imported record recognisable: keyed, so that a stolen database answers no guess.
pub(crate) struct SourceMarks {
    /// Token of where it came from.
    pub(crate) token: [u8; 32],
    /// Token of its content.
    pub(crate) fingerprint: [u8; 32],
}

impl SourceMarks {
    /// The marks of a source and a content fingerprint.
    pub(crate) fn of(search: &SearchKeys, source: &SourceIdentity, fingerprint: [u8; 32]) -> Self {
        let content = SourceIdentity {
            system: "resguardo/content-fingerprint".to_owned(),
            resource: source.resource.clone(),
            id: hex(fingerprint),
        };
        Self {
            token: *search.source_identity(source).as_bytes(),
            fingerprint: *search.source_identity(&content).as_bytes(),
        }
    }
}

fn hex(bytes: [u8; 32]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Where the key of a record is: in the month that it is counted from, where keys are monthly.
pub(crate) fn place_of(head: &RecordHead, tools: &Tools<'_>) -> Result<KeyPlace, OperationError> {
    KeyPlace::of(head.class, head.anchor_at, tools.moment())
}

/// Seals a record for storing.
pub(crate) fn seal(
    record: &Record,
    marks: Option<SourceMarks>,
    keys: &KeyRing,
    tools: &mut Tools<'_>,
) -> Result<StoredRecord, OperationError> {
    let dek = keys.active(place_of(record.head(), tools)?)?;
    let sealed = seal_record(dek, record, Salt::generate(tools.rng))?;
    let head = sealed.head;
    let origin = match (head.provenance, marks) {
        (Provenance::Authored { author, at }, _) => StoredOrigin::Authored { author, at },
        (Provenance::External { source, author }, Some(marks)) => StoredOrigin::External {
            system: source.system,
            resource: source.resource,
            token: marks.token,
            fingerprint: marks.fingerprint,
            author,
        },
        (Provenance::External { .. }, None) => return Err(OperationError::Stored("source")),
    };
    Ok(StoredRecord {
        id: head.id,
        subject: head.subject,
        version: head.version,
        category: head.category,
        kind: head.kind,
        form: head.form,
        context: head.context,
        class: head.class,
        reveals_health: head.reveals_health,
        genetic: head.genetic,
        origin,
        anchor: head.anchor,
        anchor_at: head.anchor_at,
        recorded_at: tools.now,
        dek_version: sealed.key_version.number(),
        sealed: frame(&sealed.fields),
        content_hash: sealed.content_hash,
    })
}

/// Opens the wanted fields of a stored record with the right key of its person.
///
/// # Errors
///
/// [`OperationError::Open`] if a clear column or the sealed content was altered.
pub fn open(
    record: &StoredRecord,
    keys: &KeyRing,
    wanted: Set<Field>,
) -> Result<RecordContent, OperationError> {
    let fields = unframe(&record.sealed).ok_or(OperationError::Stored("record"))?;
    let head = bound_head(record);
    Ok(open_fields(keys.version(head.class, record.dek_version)?, &head, &fields, wanted)?)
}

/// The clear columns as the envelope binds them; where it came from and its anchor are not bound.
pub(crate) fn bound_head(record: &StoredRecord) -> RecordHead {
    let provenance = match &record.origin {
        StoredOrigin::Authored { author, at } => Provenance::Authored { author: *author, at: *at },
        StoredOrigin::External { system, resource, author, .. } => Provenance::External {
            source: SourceIdentity { system: system.clone(), resource: resource.clone(), id: String::new() },
            author: *author,
        },
    };
    RecordHead {
        id: record.id,
        subject: record.subject,
        version: record.version,
        category: record.category,
        kind: record.kind,
        form: record.form,
        context: record.context,
        class: record.class,
        reveals_health: record.reveals_health,
        genetic: record.genetic,
        provenance,
        anchor: record.anchor,
        anchor_at: record.anchor_at,
    }
}

/// Where the file of a version of a record belongs: what is bound into the record is bound into the file.
#[must_use]
pub fn attachment_context(clinic: ClinicId, record: &StoredRecord) -> RecordContext {
    RecordContext::of_attachment(clinic, &bound_head(record))
}

/// Which fields a stored record has, without opening any.
#[must_use]
pub fn fields_of(record: &StoredRecord) -> Set<Field> {
    unframe(&record.sealed)
        .map(|fields| fields.into_iter().map(|(field, _)| field).collect())
        .unwrap_or_default()
}

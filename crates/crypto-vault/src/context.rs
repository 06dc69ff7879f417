//! Where sealed content belongs: opened anywhere else, it does not open.

use records_model::{
    Category, ClinicId, ContentKind, Field, RecordHead, RecordId, RecordVersion, RetentionClass, SubjectId,
    Vocabulary,
};

use crate::encode::Encoder;

/// Declares a closed list with frozen codes.
macro_rules! codes {
    ($(#[$meta:meta])* $name:ident { $($(#[$word_meta:meta])* $word:ident = $code:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$word_meta])* $word,)+
        }

        impl $name {
            /// Every word of the list.
            pub const ALL: &'static [Self] = &[$(Self::$word,)+];

            /// The frozen code, which is bound into sealed content.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$word => $code,)+
                }
            }
        }
    };
}

codes! {
    /// The kind of row that holds sealed content.
    SealedTable {
        /// Fields of a record.
        Records = "records",
        /// Preimages and salts of entries of the log.
        LogDetails = "log-details",
        /// Who stands behind a pseudonym of the log.
        Pseudonyms = "pseudonyms",
        /// Evidence of a consent, refusal or withdrawal.
        ConsentEvidence = "consent-evidence",
        /// Texts of a rights request.
        CaseDetails = "case-details",
        /// Texts of an incident.
        IncidentDetails = "incident-details",
        /// Files.
        Attachments = "attachments",
        /// Why a piece of evidence was recorded.
        Evidence = "evidence",
    }
}

codes! {
    /// A sealed value that is no field of a record.
    SideField {
        /// Preimages, as JSON.
        Details = "details",
        /// Salts of commitments.
        Salts = "salts",
        /// The id behind a pseudonym.
        Identity = "identity",
        /// Evidence.
        Evidence = "evidence",
        /// What somebody told or asked.
        Narrative = "narrative",
        /// What was answered.
        Answer = "answer",
        /// The content of a file.
        File = "file",
    }
}

codes! {
    /// How the bytes under the seal are to be read.
    ContentType {
        /// UTF-8 text.
        Text = "text",
        /// UTF-8 text whose length says something: it is padded before it is sealed.
        PaddedText = "padded-text",
        /// JSON in UTF-8.
        Json = "json",
        /// Bytes.
        Bytes = "bytes",
    }
}

/// The row that sealed content belongs to. Everything in it is bound: a column changed in the clear makes the
/// row fail to open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RecordContext {
    /// The clinic.
    pub clinic: ClinicId,
    /// The person.
    pub subject: SubjectId,
    /// With what it is kept and destroyed.
    pub class: RetentionClass,
    /// The kind of row.
    pub table: SealedTable,
    /// The row.
    pub record: RecordId,
    /// Its version.
    pub record_version: RecordVersion,
    /// Its category, where the row is a record or a file attached to one.
    pub category: Option<Category>,
    /// What sort of item it is, where the row is a record or a file attached to one.
    pub kind: Option<ContentKind>,
    /// A value in it reveals health although its category does not say so.
    pub reveals_health: bool,
    /// It holds genetic results.
    pub genetic: bool,
}

impl RecordContext {
    /// The context of a record of this clinic.
    #[must_use]
    pub const fn of_record(clinic: ClinicId, head: &RecordHead) -> Self {
        Self {
            clinic,
            subject: head.subject,
            class: head.class,
            table: SealedTable::Records,
            record: head.id,
            record_version: head.version,
            category: Some(head.category),
            kind: Some(head.kind),
            reveals_health: head.reveals_health,
            genetic: head.genetic,
        }
    }

    /// The context of the file that is attached to a record: all that is bound into the record is bound into the file.
    #[must_use]
    pub const fn of_attachment(clinic: ClinicId, head: &RecordHead) -> Self {
        Self { table: SealedTable::Attachments, ..Self::of_record(clinic, head) }
    }

    /// The context of a row that is no record and never changes, such as the details of a log entry.
    #[must_use]
    pub const fn of_side_row(
        clinic: ClinicId,
        subject: SubjectId,
        class: RetentionClass,
        table: SealedTable,
        row: RecordId,
    ) -> Self {
        Self {
            clinic,
            subject,
            class,
            table,
            record: row,
            record_version: RecordVersion::FIRST,
            category: None,
            kind: None,
            reveals_health: false,
            genetic: false,
        }
    }

    /// The canonical bytes that go into the key of a record write (docs/vault-format.md).
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(160);
        let items = Encoder::new(&mut out, "record")
            .bytes(self.clinic.as_uuid().as_bytes())
            .bytes(self.subject.as_uuid().as_bytes())
            .code(self.class.code())
            .code(self.table.code())
            .bytes(self.record.as_uuid().as_bytes())
            .number(self.record_version.number())
            .code(self.category.map_or("", Vocabulary::code))
            .code(self.kind.map_or("", Vocabulary::code));
        items.flag(self.reveals_health).flag(self.genetic);
        out
    }
}

/// The name of a sealed value inside its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FieldName {
    /// A field of a record.
    Record(Field),
    /// A value of another row.
    Side(SideField),
}

/// Which value of its row this is, and how its bytes are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldContext {
    /// Its name.
    pub name: FieldName,
    /// Version of its inner form, from 1.
    pub schema_version: u32,
    /// How its bytes are read.
    pub content_type: ContentType,
}

impl FieldContext {
    /// A field of a record as it is written today: text, schema version 1.
    #[must_use]
    pub const fn of_record(field: Field) -> Self {
        Self { name: FieldName::Record(field), schema_version: 1, content_type: ContentType::Text }
    }

    /// The content of a file.
    pub const ATTACHED_FILE: Self = Self::of_side_row(SideField::File, ContentType::Bytes);

    /// A value of another row, schema version 1.
    #[must_use]
    pub const fn of_side_row(field: SideField, content_type: ContentType) -> Self {
        Self { name: FieldName::Side(field), schema_version: 1, content_type }
    }

    /// The canonical bytes that are authenticated with the value (docs/vault-format.md).
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(64);
        self.encode_into(&mut out);
        out
    }

    pub(crate) fn encode_into(self, out: &mut Vec<u8>) {
        let items = Encoder::new(out, "field");
        let items = match self.name {
            FieldName::Record(field) => items.code("record").code(field.code()),
            FieldName::Side(field) => items.code("side").code(field.code()),
        };
        items.number(self.schema_version).code(self.content_type.code());
    }
}

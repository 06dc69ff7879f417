//! An item under construction.

use chrono::{DateTime, Utc};
use records_model::{Category, ContentForm, ContentKind, Field, FieldValue, RecordContent};

use crate::extract::{Concept, When};

/// What the mapping of one resource yields, before source document, anchor and fingerprint are added.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) category: Category,
    pub(crate) kind: ContentKind,
    pub(crate) form: ContentForm,
    pub(crate) genetic: bool,
    pub(crate) names_author: bool,
    /// When the act or the document was.
    pub(crate) at: Option<DateTime<Utc>>,
    pub(crate) content: RecordContent,
}

impl Draft {
    pub(crate) const fn new(category: Category, kind: ContentKind) -> Self {
        Self {
            category,
            kind,
            form: ContentForm::Coded,
            genetic: false,
            names_author: false,
            at: None,
            content: RecordContent::new(),
        }
    }

    /// Adds a field, if there is a value for it.
    pub(crate) fn put(&mut self, field: Field, value: Option<impl Into<String>>) {
        if let Some(value) = value {
            self.content.insert(field, FieldValue::new(value.into()));
        }
    }

    /// Adds code and words of the thing that the item is about.
    pub(crate) fn name(&mut self, concept: Concept) {
        self.put(Field::Code, concept.code);
        self.put(Field::Display, concept.display);
    }

    /// Adds when it was.
    pub(crate) fn date(&mut self, when: Option<When>) {
        if let Some(when) = when {
            self.at = Some(when.at);
            self.put(Field::EffectiveAt, Some(when.shown));
        }
    }

    /// Adds who wrote it.
    pub(crate) fn author(&mut self, who: Option<String>) {
        self.names_author = who.is_some();
        self.put(Field::Author, who);
    }

    /// Adds words that a professional wrote, after those that are there.
    pub(crate) fn note(&mut self, words: Option<String>) {
        let Some(words) = words else { return };
        self.form = ContentForm::Mixed;
        let joined = match self.content.get(&Field::Note) {
            Some(before) => format!("{}\n\n{words}", before.as_str()),
            None => words,
        };
        self.put(Field::Note, Some(joined));
    }
}

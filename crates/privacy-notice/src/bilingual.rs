//! Texts in the two languages of the product.

use jurisdiction::Language;
use serde::{Deserialize, Serialize};

/// One text in both languages; each is written, neither is a translation of the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bilingual {
    /// Spanish.
    pub es: String,
    /// English.
    pub en: String,
}

impl Bilingual {
    /// A text in both languages.
    #[must_use]
    pub fn new(es: impl Into<String>, en: impl Into<String>) -> Self {
        Self { es: es.into(), en: en.into() }
    }

    /// The text in one language.
    #[must_use]
    pub fn get(&self, language: Language) -> &str {
        match language {
            Language::Es => &self.es,
            Language::En => &self.en,
        }
    }

    /// Whether one of the two is missing.
    pub(crate) fn is_incomplete(&self) -> bool {
        self.es.trim().is_empty() || self.en.trim().is_empty()
    }
}

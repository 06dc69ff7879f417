//! The words in which the product speaks of its vocabulary: `texts.es.toml`, `texts.en.toml`.

use std::collections::BTreeMap;

use records_model::Vocabulary;
use thiserror::Error;

use crate::Language;

/// Why a file of texts cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TextsError {
    /// Not the form that is expected; the message names line, column and what would be valid.
    #[error("the texts cannot be read: {0}")]
    Form(#[from] toml::de::Error),
    /// A text is empty.
    #[error("the text `{0}` is empty")]
    Empty(String),
}

/// Texts of one language, by section and key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Texts {
    language: Language,
    sections: BTreeMap<String, BTreeMap<String, String>>,
}

impl Texts {
    /// Reads a file of texts: one table a section, one key a text. The section of a vocabulary is its name
    /// with hyphens, such as `[data-category]`, and its keys are the codes.
    ///
    /// # Errors
    ///
    /// [`TextsError`]: the form, with line and column, or a text that is empty.
    pub fn parse(language: Language, text: &str) -> Result<Self, TextsError> {
        let sections: BTreeMap<String, BTreeMap<String, String>> = toml::from_str(text)?;
        for (section, texts) in &sections {
            if let Some((key, _)) = texts.iter().find(|(_, text)| text.trim().is_empty()) {
                return Err(TextsError::Empty(format!("{section}.{key}")));
            }
        }
        Ok(Self { language, sections })
    }

    /// The language.
    #[must_use]
    pub const fn language(&self) -> Language {
        self.language
    }

    /// One text.
    #[must_use]
    pub fn get(&self, section: &str, key: &str) -> Option<&str> {
        self.sections.get(section)?.get(key).map(String::as_str)
    }

    /// How a word of a vocabulary is said; its code where the file holds no text for it, so that a screen is
    /// never empty.
    ///
    /// ```
    /// use privacy_notice::{Language, Texts};
    /// use records_model::Category;
    /// let text = std::fs::read_to_string("../../fixtures/clinics/elicells/texts.es.toml").unwrap();
    /// let texts = Texts::parse(Language::Es, &text).unwrap();
    /// assert_eq!(texts.word(Category::Travel), "viaje y hospedaje");
    /// ```
    #[must_use]
    pub fn word<V: Vocabulary>(&self, word: V) -> &str {
        self.get(&V::NAME.replace(' ', "-"), word.code()).unwrap_or(word.code())
    }

    /// Every section and key, in order: two languages of one clinic hold the same ones.
    pub fn keys(&self) -> impl Iterator<Item = (&str, &str)> {
        self.sections
            .iter()
            .flat_map(|(section, texts)| texts.keys().map(move |key| (section.as_str(), key.as_str())))
    }
}

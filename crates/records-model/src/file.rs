//! Files that are attached to a record: what they are called, and how their bytes are to be read.

use std::fmt;

use thiserror::Error;

use crate::{Category, ContentKind, Field, FieldValue};

/// As what a file is attached; it says which field of the record the file is the content of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileKind {
    /// A document.
    Document,
    /// A photograph or video.
    Image,
}

impl FileKind {
    /// As what a file of this type is attached in this category; nothing where no file may be stored (P-9).
    #[must_use]
    pub fn of_file(category: Category, media_type: &MediaType) -> Option<Self> {
        let fields = Field::of_category(category);
        let wanted = if media_type.is_picture() { Self::Image } else { Self::Document };
        [wanted, Self::Document].into_iter().find(|kind| fields.contains(kind.field()))
    }

    /// As what the file of a record of this kind was attached.
    #[must_use]
    pub const fn of_record(kind: ContentKind) -> Self {
        match kind {
            ContentKind::Image => Self::Image,
            _ => Self::Document,
        }
    }

    /// What sort of item the record is.
    #[must_use]
    pub const fn content_kind(self) -> ContentKind {
        match self {
            Self::Document => ContentKind::Document,
            Self::Image => ContentKind::Image,
        }
    }

    /// The field whose content the file is: whoever may not see that field does not get the file.
    #[must_use]
    pub const fn field(self) -> Field {
        match self {
            Self::Document => Field::Document,
            Self::Image => Field::Image,
        }
    }
}

/// How the bytes of a file are to be read, such as `image/png`: RFC 6838 without parameters, in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MediaType(String);

/// Why a media type is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a media type is two words with a slash between them, such as image/png or application/pdf")]
pub struct MediaTypeError;

impl MediaType {
    /// Longest accepted, in bytes.
    pub const LEN_MAX: usize = 127;

    /// Reads a media type; upper case becomes lower case.
    ///
    /// # Errors
    ///
    /// [`MediaTypeError`] if it is no type with a subtype.
    pub fn parse(text: &str) -> Result<Self, MediaTypeError> {
        let text = text.to_ascii_lowercase();
        let is_name = |name: &str| {
            name.starts_with(|c: char| c.is_ascii_alphanumeric())
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte))
        };
        match text.split_once('/') {
            Some((kind, subtype)) if text.len() <= Self::LEN_MAX && is_name(kind) && is_name(subtype) => {
                Ok(Self(text))
            }
            _ => Err(MediaTypeError),
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn is_picture(&self) -> bool {
        self.0.starts_with("image/") || self.0.starts_with("video/")
    }
}

impl fmt::Display for MediaType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name of a file without a folder. It may name a person: `Debug` does not show it, and it is wiped when dropped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileName(FieldValue);

/// Why a file name is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FileNameError {
    /// Empty or too long.
    #[error("a file name has between 1 and {} bytes; give it a shorter one", FileName::LEN_MAX)]
    Length,
    /// It leads to another folder, or holds a control character.
    #[error("a file name holds no slash and no control character, and is more than dots; give it another")]
    Form,
}

impl FileName {
    /// Longest accepted, in bytes.
    pub const LEN_MAX: usize = 255;

    /// Reads a file name.
    ///
    /// # Errors
    ///
    /// [`FileNameError`] if it is empty or too long, or would lead out of a folder.
    pub fn parse(text: &str) -> Result<Self, FileNameError> {
        if text.trim().is_empty() || text.len() > Self::LEN_MAX {
            return Err(FileNameError::Length);
        }
        let leads_away = |c: char| c.is_control() || c == '/' || c == '\\';
        if text.contains(leads_away) || text.chars().all(|c| c == '.') {
            return Err(FileNameError::Form);
        }
        Ok(Self(text.into()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// What a record says of the file that is attached to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileLabel {
    /// How its bytes are to be read.
    pub media_type: MediaType,
    /// What it is called.
    pub name: FileName,
}

impl FileLabel {
    /// The value of the record's field: the media type, a space, the name.
    ///
    /// ```
    /// use records_model::{FileLabel, FileName, MediaType};
    ///
    /// let (media_type, name) = (MediaType::parse("image/png")?, FileName::parse("mano izquierda.png")?);
    /// let label = FileLabel { media_type, name };
    /// assert_eq!(label.to_value().as_str(), "image/png mano izquierda.png");
    /// assert_eq!(FileLabel::of_value(&label.to_value()), Some(label));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn to_value(&self) -> FieldValue {
        FieldValue::new(format!("{} {}", self.media_type, self.name.as_str()))
    }

    /// Reads the value of a record's field; `None` if it says nothing of a file.
    #[must_use]
    pub fn of_value(value: &FieldValue) -> Option<Self> {
        let (media_type, name) = value.as_str().split_once(' ')?;
        Some(Self { media_type: MediaType::parse(media_type).ok()?, name: FileName::parse(name).ok()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_stays_in_its_folder_and_out_of_errors() {
        for refused in ["", "  ", "..", ".", "../epoch.key", "a\\b", "a\nb", &"x".repeat(256)] {
            assert!(FileName::parse(refused).is_err());
        }
        let name = FileName::parse("Guadalupe Treviño.pdf").unwrap();
        assert!(!format!("{name:?}").contains("Guadalupe"));
    }

    #[test]
    fn a_media_type_has_two_words_and_no_parameter() {
        assert_eq!(MediaType::parse("Image/PNG").unwrap().as_str(), "image/png");
        for refused in ["", "png", "image/", "/png", "text/plain; charset=utf-8", "a/b/c", "a b/c"] {
            assert_eq!(MediaType::parse(refused), Err(MediaTypeError), "{refused}");
        }
    }

    #[test]
    fn a_file_is_the_content_of_a_field_that_its_category_has() {
        let (picture, paper) =
            (MediaType::parse("image/png").unwrap(), MediaType::parse("application/pdf").unwrap());
        let kind = |category, media_type| FileKind::of_file(category, media_type);
        assert_eq!(kind(Category::ClinicalImages, &picture), Some(FileKind::Image));
        assert_eq!(kind(Category::ClinicalImages, &paper), Some(FileKind::Document));
        assert_eq!(kind(Category::Laboratory, &picture), Some(FileKind::Document));
        assert_eq!(kind(Category::IdentityContact, &picture), None);
        for category in [Category::ClinicalImages, Category::Laboratory] {
            for media_type in [&picture, &paper] {
                let kind = kind(category, media_type).unwrap();
                assert!(Field::of_category(category).contains(kind.field()));
                assert_eq!(FileKind::of_record(kind.content_kind()), kind);
            }
        }
    }
}

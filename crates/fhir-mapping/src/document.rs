//! Diagnostic reports and documents; plain text in them becomes a note that can be read.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use records_model::{Category, ContentForm, ContentKind, Field};

use crate::draft::Draft;
use crate::error::{Expected, Fault, Problem};
use crate::extract::{Concept, concept, concepts, list, people, required_concept, text, when};
use crate::json::Node;

/// LOINC codes of document types that are results: laboratory report, imaging study, pathology.
const RESULT_DOCUMENTS: &[&str] =
    &["http://loinc.org|11502-2", "http://loinc.org|18748-4", "http://loinc.org|11526-1"];

pub(crate) fn report(node: &mut Node<'_>) -> Result<Draft, Fault> {
    let notes = take_notes(node, "presentedForm", None)?;
    let categories = concepts(node, "category")?;
    let is_note = !notes.is_empty() && list(node, "result")?.is_empty() && !categories.iter().any(is_section);
    let mut draft = if is_note {
        Draft::new(Category::TreatmentNotes, ContentKind::Note)
    } else {
        Draft::new(Category::Laboratory, ContentKind::Report)
    };
    draft.name(required_concept(node, "code")?);
    draft.date(when(node, &["effectiveDateTime", "effectivePeriod", "issued"])?);
    draft.author(people(node, &["performer", "resultsInterpreter"]));
    for note in notes {
        draft.note(Some(note));
    }
    draft.note(text(node, "conclusion")?.map(str::to_owned));
    Ok(draft)
}

/// Whether it names a section of a diagnostic service (HL7 table 0074): LAB, RAD, GE, ...
fn is_section(category: &Concept) -> bool {
    category.code.as_deref().is_some_and(|code| code.contains("v2-0074"))
}

pub(crate) fn document(node: &mut Node<'_>) -> Result<Draft, Fault> {
    let first_type = list(node, "content")?
        .first()
        .ok_or_else(|| Fault::at("content", Problem::Missing(Expected::List)))?
        .get("attachment")
        .ok_or_else(|| {
            Fault::at("attachment", Problem::Missing(Expected::Object)).in_item(0).under("content")
        })?
        .get_text("contentType")
        .unwrap_or_default()
        .to_owned();
    let notes = take_notes(node, "content", Some("attachment"))?;
    let name = concept(node, "type")?.unwrap_or_default();
    let is_image = ["image/", "video/"].iter().any(|start| first_type.starts_with(start));
    let is_result = name.code.as_deref().is_some_and(|code| RESULT_DOCUMENTS.contains(&code));
    let mut draft = match (is_image, is_result, notes.is_empty()) {
        (true, _, _) => Draft::new(Category::ClinicalImages, ContentKind::Image),
        (false, true, _) => Draft::new(Category::Laboratory, ContentKind::Document),
        (false, false, false) => Draft::new(Category::TreatmentNotes, ContentKind::Note),
        (false, false, true) => Draft::new(Category::TreatmentNotes, ContentKind::Document),
    };
    draft.form = ContentForm::FreeText;
    draft.date(when(node, &["date"])?);
    draft.author(people(node, &["author", "authenticator"]));
    let description = text(node, "description")?.map(str::to_owned);
    if is_image {
        draft.put(Field::Caption, description.or(name.display));
        return Ok(draft);
    }
    draft.name(name);
    for note in notes {
        draft.note(Some(note));
    }
    draft.note(description);
    draft.form = ContentForm::FreeText;
    Ok(draft)
}

/// Takes the plain texts out of the attachments in a list: decoded once, they are not kept twice.
fn take_notes(
    node: &mut Node<'_>,
    list: &'static str,
    inside: Option<&'static str>,
) -> Result<Vec<String>, Fault> {
    let mut notes = Vec::new();
    let Node::Object(members) = node else { return Ok(notes) };
    let Some((_, Node::List(items))) = members.iter_mut().find(|(name, _)| name == list) else {
        return Ok(notes);
    };
    for (index, item) in items.iter_mut().enumerate() {
        let attachment = match inside {
            Some(name) => member_mut(item, name),
            None => Some(item),
        };
        let Some(attachment) = attachment else { continue };
        let place = |fault: Fault| match inside {
            Some(name) => fault.under(name).in_item(index).under(list),
            None => fault.in_item(index).under(list),
        };
        notes.extend(take_note(attachment).map_err(place)?);
    }
    Ok(notes)
}

fn member_mut<'n, 'a>(node: &'n mut Node<'a>, name: &str) -> Option<&'n mut Node<'a>> {
    let Node::Object(members) = node else { return None };
    members.iter_mut().find(|(key, _)| key == name).map(|(_, value)| value)
}

fn take_note(attachment: &mut Node<'_>) -> Result<Option<String>, Fault> {
    if !is_plain_text(attachment.get_text("contentType").unwrap_or_default()) {
        return Ok(None);
    }
    let Some(data) = text(attachment, "data")? else { return Ok(None) };
    // FHIR allows white space inside.
    let data: Cow<'_, str> = if data.bytes().any(|b| b.is_ascii_whitespace()) {
        data.split_ascii_whitespace().collect()
    } else {
        Cow::Borrowed(data)
    };
    let bytes = STANDARD.decode(data.as_bytes()).map_err(|_| Fault::at("data", Problem::Base64))?;
    let note = String::from_utf8(bytes).map_err(|_| Fault::at("data", Problem::NotText))?;
    if let Node::Object(members) = attachment {
        members.retain(|(name, _)| name != "data");
    }
    Ok((!note.trim().is_empty()).then_some(note))
}

/// `text/plain` in UTF-8 or its subset ASCII; in another character set it stays an attachment.
fn is_plain_text(content_type: &str) -> bool {
    let lower = content_type.to_ascii_lowercase();
    let mut parts = lower.split(';').map(str::trim);
    parts.next() == Some("text/plain")
        && parts.all(|part| {
            part.strip_prefix("charset=")
                .is_none_or(|set| matches!(set.trim_matches('"'), "utf-8" | "utf8" | "us-ascii"))
        })
}

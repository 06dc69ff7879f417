//! Conditions, allergies, vaccinations, procedures, visits, plans and teams of care, provenance.

use records_model::{Category, ContentKind, Field};

use crate::draft::Draft;
use crate::error::{Expected, Fault, Problem};
use crate::extract::{
    annotations, code, concept, concepts, list, object, people, quantity, read_coding, required_concept,
    text, when,
};
use crate::json::Node;

/// Codes of `Condition.clinicalStatus` in FHIR R4.
const CONDITION_STATUSES: &[&str] = &["active", "recurrence", "relapse", "inactive", "remission", "resolved"];
/// Codes of `AllergyIntolerance.clinicalStatus` in FHIR R4.
const ALLERGY_STATUSES: &[&str] = &["active", "inactive", "resolved"];

pub(crate) fn condition(node: &Node<'_>) -> Result<Draft, Fault> {
    let mut draft = Draft::new(Category::MedicalHistory, ContentKind::Condition);
    // R4 lets a condition stand without a code; then its words are its note.
    draft.name(concept(node, "code")?.unwrap_or_default());
    draft.put(Field::Status, clinical_status(node, CONDITION_STATUSES)?);
    draft.date(when(
        node,
        &["onsetDateTime", "onsetPeriod", "recordedDate", "abatementDateTime", "abatementPeriod"],
    )?);
    draft.put(Field::Interpretation, concept(node, "severity")?.and_then(|severity| severity.display));
    draft.author(people(node, &["recorder", "asserter"]));
    draft.note(annotations(node, "note")?);
    Ok(draft)
}

pub(crate) fn allergy(node: &Node<'_>) -> Result<Draft, Fault> {
    let mut draft = Draft::new(Category::MedicalHistory, ContentKind::Allergy);
    draft.name(concept(node, "code")?.unwrap_or_default());
    draft.put(Field::Status, clinical_status(node, ALLERGY_STATUSES)?);
    draft.put(Field::Interpretation, code(node, "criticality", &["low", "high", "unable-to-assess"])?);
    draft.date(when(node, &["lastOccurrence", "recordedDate", "onsetDateTime", "onsetPeriod"])?);
    draft.put(Field::Value, reactions(node)?);
    draft.author(people(node, &["recorder", "asserter"]));
    draft.note(annotations(node, "note")?);
    Ok(draft)
}

/// What happens on contact, in words.
fn reactions(node: &Node<'_>) -> Result<Option<String>, Fault> {
    let mut words = Vec::new();
    for (index, reaction) in list(node, "reaction")?.iter().enumerate() {
        let shown =
            concepts(reaction, "manifestation").map_err(|fault| fault.in_item(index).under("reaction"))?;
        words.extend(shown.into_iter().filter_map(|concept| concept.display.or(concept.code)));
    }
    Ok((!words.is_empty()).then(|| words.join("; ")))
}

/// The code of a `clinicalStatus`; the systems of its codings are fixed by FHIR.
fn clinical_status(node: &Node<'_>, known: &'static [&'static str]) -> Result<Option<String>, Fault> {
    let Some(status) = object(node, "clinicalStatus")? else { return Ok(None) };
    for (index, coding) in
        list(status, "coding").map_err(|fault| fault.under("clinicalStatus"))?.iter().enumerate()
    {
        let read = code(coding, "code", known);
        if let Some(code) =
            read.map_err(|fault| fault.in_item(index).under("coding").under("clinicalStatus"))?
        {
            return Ok(Some(code.to_owned()));
        }
    }
    Ok(None)
}

pub(crate) fn immunization(node: &Node<'_>) -> Result<Draft, Fault> {
    let mut draft = Draft::new(Category::MedicalHistory, ContentKind::Immunization);
    draft.name(required_concept(node, "vaccineCode")?);
    draft.date(when(node, &["occurrenceDateTime", "recorded"])?);
    when(node, &["expirationDate"])?;
    draft.put(Field::Lot, text(node, "lotNumber")?);
    draft.put(Field::Route, concept(node, "route")?.and_then(|route| route.display));
    if let Some((dose, unit)) = quantity(node, "doseQuantity")? {
        draft.put(Field::Dose, joined(&[dose, unit]));
    }
    draft.author(people(node, &["performer"]));
    draft.note(annotations(node, "note")?);
    Ok(draft)
}

pub(crate) fn procedure(node: &Node<'_>) -> Result<Draft, Fault> {
    let mut draft = Draft::new(Category::TreatmentNotes, ContentKind::Procedure);
    draft.name(concept(node, "code")?.unwrap_or_default());
    draft.date(when(node, &["performedDateTime", "performedPeriod"])?);
    draft.put(Field::Value, concept(node, "outcome")?.and_then(|outcome| outcome.display));
    draft.author(people(node, &["performer", "recorder", "asserter"]));
    draft.note(annotations(node, "note")?);
    Ok(draft)
}

pub(crate) fn encounter(node: &Node<'_>) -> Result<Draft, Fault> {
    let mut draft = Draft::new(Category::TreatmentNotes, ContentKind::Encounter);
    let class =
        object(node, "class")?.ok_or_else(|| Fault::at("class", Problem::Missing(Expected::Object)))?;
    let class = read_coding(class).map_err(|fault| fault.under("class"))?;
    draft.name(concepts(node, "type")?.into_iter().next().unwrap_or(class));
    draft.date(when(node, &["period"])?);
    let reasons = concepts(node, "reasonCode")?.into_iter().filter_map(|reason| reason.display);
    draft.put(Field::Value, Some(reasons.collect::<Vec<_>>().join("; ")).filter(|words| !words.is_empty()));
    draft.author(people(node, &["participant"]));
    Ok(draft)
}

pub(crate) fn care_plan(node: &Node<'_>) -> Result<Draft, Fault> {
    let mut draft = Draft::new(Category::TreatmentNotes, ContentKind::CarePlan);
    // The first category is often a technical one without words.
    let categories = concepts(node, "category")?;
    let named = categories.iter().find(|category| category.display.is_some()).or_else(|| categories.first());
    draft.name(named.cloned().unwrap_or_default());
    draft.put(Field::Display, text(node, "title")?);
    draft.date(when(node, &["period", "created"])?);
    draft.author(people(node, &["author", "contributor"]));
    draft.note(text(node, "description")?.map(str::to_owned));
    draft.note(annotations(node, "note")?);
    Ok(draft)
}

pub(crate) fn care_team(node: &Node<'_>) -> Result<Draft, Fault> {
    let mut draft = Draft::new(Category::TreatmentNotes, ContentKind::CareTeam);
    let name = text(node, "name")?.map(str::to_owned);
    let reason = concepts(node, "reasonCode")?.into_iter().next();
    draft.name(reason.unwrap_or_default());
    draft.put(Field::Display, name);
    draft.put(Field::Value, people(node, &["participant"]));
    draft.date(when(node, &["period"])?);
    draft.note(annotations(node, "note")?);
    Ok(draft)
}

pub(crate) fn provenance(node: &Node<'_>) -> Result<Draft, Fault> {
    let mut draft = Draft::new(Category::TreatmentNotes, ContentKind::ProvenanceStatement);
    if list(node, "target")?.is_empty() {
        return Err(Fault::at("target", Problem::Missing(Expected::List)));
    }
    draft.name(concept(node, "activity")?.unwrap_or_default());
    draft.date(when(node, &["occurredDateTime", "occurredPeriod", "recorded"])?);
    draft.author(people(node, &["agent"]));
    Ok(draft)
}

/// The parts that are there, with a space between them.
pub(crate) fn joined(parts: &[Option<String>]) -> Option<String> {
    let parts: Vec<&str> = parts.iter().flatten().map(String::as_str).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

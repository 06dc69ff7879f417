//! Medications: ordered, described and given.

use std::collections::HashMap;

use records_model::{Category, ContentKind, Field};

use crate::clinical::joined;
use crate::draft::Draft;
use crate::error::{Expected, Fault, Problem};
use crate::extract::{Concept, annotations, concept, list, object, people, quantity, text, when};
use crate::json::Node;

/// What each Medication of the bundle is, by `Medication/id`: an order may name its drug by reference only.
pub(crate) type Drugs = HashMap<String, Concept>;

pub(crate) fn medication(node: &Node<'_>) -> Result<Draft, Fault> {
    let mut draft = Draft::new(Category::Medications, ContentKind::Medication);
    draft.name(concept(node, "code")?.unwrap_or_default());
    if let Some(batch) = object(node, "batch")? {
        draft.put(Field::Lot, text(batch, "lotNumber").map_err(|fault| fault.under("batch"))?);
        when(batch, &["expirationDate"]).map_err(|fault| fault.under("batch"))?;
    }
    Ok(draft)
}

pub(crate) fn request(node: &Node<'_>, drugs: &Drugs) -> Result<Draft, Fault> {
    let mut draft = Draft::new(Category::Medications, ContentKind::Medication);
    draft.name(drug(node, drugs)?);
    draft.date(when(node, &["authoredOn"])?);
    draft.author(people(node, &["requester", "recorder"]));
    if let Some(dosage) = list(node, "dosageInstruction")?.first() {
        dose(&mut draft, dosage).map_err(|fault| fault.in_item(0).under("dosageInstruction"))?;
    }
    draft.note(annotations(node, "note")?);
    Ok(draft)
}

pub(crate) fn administration(node: &Node<'_>, drugs: &Drugs) -> Result<Draft, Fault> {
    let mut draft = Draft::new(Category::Medications, ContentKind::Administration);
    draft.name(drug(node, drugs)?);
    let at = when(node, &["effectiveDateTime", "effectivePeriod"])?;
    draft.date(Some(at.ok_or_else(|| Fault::at("effectiveDateTime", Problem::Missing(Expected::Date)))?));
    draft.author(people(node, &["performer"]));
    if let Some(dosage) = object(node, "dosage")? {
        let given = quantity(dosage, "dose").map_err(|fault| fault.under("dosage"))?;
        draft.put(Field::Dose, given.and_then(|(amount, unit)| joined(&[amount, unit])));
        let route = concept(dosage, "route").map_err(|fault| fault.under("dosage"))?;
        draft.put(Field::Route, route.and_then(|route| route.display));
    }
    draft.note(annotations(node, "note")?);
    Ok(draft)
}

/// The drug: stated here, contained, or an entry of the bundle. FHIR demands one of them.
fn drug(node: &Node<'_>, drugs: &Drugs) -> Result<Concept, Fault> {
    if let Some(stated) = concept(node, "medicationCodeableConcept")? {
        return Ok(stated);
    }
    let missing = || Fault::at("medicationCodeableConcept", Problem::Missing(Expected::Concept));
    let medication = object(node, "medicationReference")?.ok_or_else(missing)?;
    let reference = text(medication, "reference").map_err(|fault| fault.under("medicationReference"))?;
    let mut found = reference.and_then(|reference| drugs.get(reference).cloned()).unwrap_or_default();
    if let Some(local) = reference.and_then(|reference| reference.strip_prefix('#')) {
        let inside = node.list("contained").iter().find(|inside| inside.get_text("id") == Some(local));
        found = inside.map(|inside| concept(inside, "code")).transpose()?.flatten().unwrap_or_default();
    }
    if found.display.is_none() {
        found.display = medication.get_text("display").map(str::to_owned);
    }
    Ok(found)
}

fn dose(draft: &mut Draft, dosage: &Node<'_>) -> Result<(), Fault> {
    if let Some(rate) = list(dosage, "doseAndRate")?.first() {
        let amount = quantity(rate, "doseQuantity").map_err(|fault| fault.in_item(0).under("doseAndRate"))?;
        draft.put(Field::Dose, amount.and_then(|(amount, unit)| joined(&[amount, unit])));
    }
    draft.put(Field::Route, concept(dosage, "route")?.and_then(|route| route.display));
    let words = text(dosage, "text")?.map(|words| words.trim().to_owned());
    draft.put(Field::Frequency, frequency(dosage).or(words));
    Ok(())
}

/// How often, such as `1 per 1.0 d`, in the units of FHIR (s, min, h, d, wk, mo, a).
fn frequency(dosage: &Node<'_>) -> Option<String> {
    let repeat = dosage.get("timing")?.get("repeat")?;
    let number = |name| match repeat.get(name) {
        Some(Node::Number(number)) => Some(number.as_ref()),
        _ => None,
    };
    let (times, period, unit) = (number("frequency")?, number("period")?, repeat.get_text("periodUnit")?);
    Some(format!("{times} per {period} {unit}"))
}

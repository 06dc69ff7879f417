//! Observations: the category that each lands in, and its value.

use records_model::{Category, ContentForm, ContentKind, Field};

use crate::draft::Draft;
use crate::error::{Expected, Fault, Problem};
use crate::extract::{
    Measured, annotations, concept, concepts, list, object, people, quantity, required_concept, text, when,
};
use crate::json::Node;

pub(crate) fn observation(node: &Node<'_>) -> Result<Draft, Fault> {
    let mut draft = Draft::new(category(node), ContentKind::Result);
    draft.name(required_concept(node, "code")?);
    concepts(node, "category")?;
    draft.date(when(node, &["effectiveDateTime", "effectivePeriod", "effectiveInstant", "issued"])?);
    let (value, unit) = match value(node)? {
        (None, None) => components(node)?,
        stated => stated,
    };
    draft.put(Field::Value, value);
    draft.put(Field::Unit, unit);
    let interpretation = concepts(node, "interpretation")?.into_iter().next();
    let interpretation = interpretation.and_then(|concept| concept.display.or(concept.code));
    draft.put(Field::Interpretation, interpretation.or(reference_range(node)?));
    draft.author(people(node, &["performer"]));
    draft.note(annotations(node, "note")?);
    if node.get("valueString").is_some() {
        draft.form = ContentForm::Mixed;
    }
    Ok(draft)
}

/// The table of the crate's documentation; an observation that names no category is a diagnostic one.
fn category(node: &Node<'_>) -> Category {
    let codes = node.list("category").iter().flat_map(|category| category.list("coding"));
    let found = codes.filter_map(|coding| coding.get_text("code")).find_map(|code| match code {
        "laboratory" | "imaging" | "procedure" | "exam" => Some(Category::Laboratory),
        "vital-signs" | "survey" | "activity" | "therapy" => Some(Category::Outcomes),
        "social-history" => Some(Category::MedicalHistory),
        _ => None,
    });
    found.unwrap_or(Category::Laboratory)
}

/// `value[x]` as text, and its unit.
fn value(node: &Node<'_>) -> Result<Measured, Fault> {
    if let Some(measured) = quantity(node, "valueQuantity")? {
        return Ok(measured);
    }
    if let Some(coded) = concept(node, "valueCodeableConcept")? {
        return Ok((coded.display.or(coded.code), None));
    }
    if let Some(words) = text(node, "valueString")? {
        return Ok((Some(words.to_owned()), None));
    }
    match (node.get("valueBoolean"), node.get("valueInteger")) {
        (Some(Node::Bool(answer)), _) => return Ok((Some(answer.to_string()), None)),
        (_, Some(Node::Number(number))) => return Ok((Some(number.to_string()), None)),
        (Some(_), _) => return Err(Fault::at("valueBoolean", Problem::WrongType(Expected::Boolean))),
        (_, Some(_)) => return Err(Fault::at("valueInteger", Problem::WrongType(Expected::Number))),
        (None, None) => {}
    }
    if let Some(at) = when(node, &["valueDateTime", "valuePeriod"])? {
        return Ok((Some(at.shown), None));
    }
    if let Some(time) = text(node, "valueTime")? {
        return Ok((Some(time.to_owned()), None));
    }
    range(node)
}

/// A range or a ratio, as `low - high` or `a / b`.
fn range(node: &Node<'_>) -> Result<Measured, Fault> {
    for (name, first, second, between) in
        [("valueRange", "low", "high", " - "), ("valueRatio", "numerator", "denominator", " / ")]
    {
        let Some(pair) = object(node, name)? else { continue };
        let read = |part| quantity(pair, part).map_err(|fault| fault.under(name));
        let (low, unit) = read(first)?.unwrap_or_default();
        let (high, other) = read(second)?.unwrap_or_default();
        let shown = format!("{}{between}{}", low.unwrap_or_default(), high.unwrap_or_default());
        return Ok((Some(shown), unit.or(other)));
    }
    Ok((None, None))
}

/// Values of the components with their names (blood pressure: systolic, diastolic); the unit if all share it.
fn components(node: &Node<'_>) -> Result<Measured, Fault> {
    let mut shown = Vec::new();
    let mut units = Vec::new();
    for (index, component) in list(node, "component")?.iter().enumerate() {
        let (name, measured) =
            component_value(component).map_err(|fault| fault.in_item(index).under("component"))?;
        if let (Some(amount), unit) = measured {
            shown.push((name, amount));
            units.push(unit);
        }
    }
    if shown.is_empty() {
        return Ok((None, None));
    }
    units.dedup();
    let unit = if units.len() == 1 { units.pop().flatten() } else { None };
    let words: Vec<String> = shown.into_iter().map(|(name, amount)| format!("{name}: {amount}")).collect();
    Ok((Some(words.join("; ")), unit))
}

fn component_value(component: &Node<'_>) -> Result<(String, Measured), Fault> {
    let name = required_concept(component, "code")?;
    let measured = value(component)?;
    Ok((name.display.or(name.code).unwrap_or_default(), measured))
}

/// The reference range in words, such as `3.5 - 5.1`.
fn reference_range(node: &Node<'_>) -> Result<Option<String>, Fault> {
    let Some(range) = list(node, "referenceRange")?.first() else { return Ok(None) };
    let read = |name| quantity(range, name).map_err(|fault| fault.in_item(0).under("referenceRange"));
    let low = read("low")?.and_then(|(number, _)| number);
    let high = read("high")?.and_then(|(number, _)| number);
    let words = text(range, "text").map_err(|fault| fault.in_item(0).under("referenceRange"))?;
    Ok(match (low, high) {
        (Some(low), Some(high)) => Some(format!("{low} - {high}")),
        (Some(low), None) => Some(format!(">={low}")),
        (None, Some(high)) => Some(format!("<={high}")),
        (None, None) => words.map(str::to_owned),
    })
}

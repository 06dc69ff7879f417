//! Typed reading of FHIR's data types; what has the wrong shape is a fault with its path.

use chrono::{DateTime, Utc};

use crate::date;
use crate::error::{Expected, Fault, Problem};
use crate::json::Node;

/// A coded concept: its first coding, and its words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Concept {
    /// `system|code`, or the code alone where no system is stated.
    pub(crate) code: Option<String>,
    pub(crate) display: Option<String>,
}

/// When something was: as it was written, and the instant that retention counts from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct When {
    pub(crate) shown: String,
    pub(crate) at: DateTime<Utc>,
}

/// A member that is a non-empty string, if it is there.
pub(crate) fn text<'n>(node: &'n Node<'_>, name: &'static str) -> Result<Option<&'n str>, Fault> {
    match node.get(name) {
        None => Ok(None),
        Some(Node::Text(text)) if !text.trim().is_empty() => Ok(Some(text)),
        Some(_) => Err(Fault::at(name, Problem::WrongType(Expected::Text))),
    }
}

/// A member that is a list, if it is there.
pub(crate) fn list<'n, 'a>(node: &'n Node<'a>, name: &'static str) -> Result<&'n [Node<'a>], Fault> {
    match node.get(name) {
        None => Ok(&[]),
        Some(Node::List(items)) => Ok(items),
        Some(_) => Err(Fault::at(name, Problem::WrongType(Expected::List))),
    }
}

/// A member that is an object, if it is there.
pub(crate) fn object<'n, 'a>(node: &'n Node<'a>, name: &'static str) -> Result<Option<&'n Node<'a>>, Fault> {
    match node.get(name) {
        None => Ok(None),
        Some(found @ Node::Object(_)) => Ok(Some(found)),
        Some(_) => Err(Fault::at(name, Problem::WrongType(Expected::Object))),
    }
}

/// A code out of a closed list, if it is there.
pub(crate) fn code<'n>(
    node: &'n Node<'_>,
    name: &'static str,
    known: &'static [&'static str],
) -> Result<Option<&'n str>, Fault> {
    match text(node, name)? {
        Some(code) if !known.contains(&code) => Err(Fault::at(name, Problem::UnknownCode(known))),
        found => Ok(found),
    }
}

/// A `CodeableConcept`, if it is there.
pub(crate) fn concept(node: &Node<'_>, name: &'static str) -> Result<Option<Concept>, Fault> {
    object(node, name)?.map(read_concept).transpose().map_err(|fault| fault.under(name))
}

/// A `CodeableConcept` that must be there.
pub(crate) fn required_concept(node: &Node<'_>, name: &'static str) -> Result<Concept, Fault> {
    concept(node, name)?.ok_or_else(|| Fault::at(name, Problem::Missing(Expected::Concept)))
}

/// A list of `CodeableConcept`.
pub(crate) fn concepts(node: &Node<'_>, name: &'static str) -> Result<Vec<Concept>, Fault> {
    let each = list(node, name)?.iter().enumerate();
    each.map(|(index, item)| read_concept(item).map_err(|fault| fault.in_item(index).under(name))).collect()
}

fn read_concept(node: &Node<'_>) -> Result<Concept, Fault> {
    if node.members().is_none() {
        return Err(Fault::here(Problem::WrongType(Expected::Object)));
    }
    let mut concept = Concept::default();
    for (index, coding) in list(node, "coding")?.iter().enumerate() {
        let read = read_coding(coding).map_err(|fault| fault.in_item(index).under("coding"))?;
        if concept.code.is_none() {
            concept.code = read.code;
        }
        if concept.display.is_none() {
            concept.display = read.display;
        }
    }
    if concept.display.is_none() {
        concept.display = text(node, "text")?.map(str::to_owned);
    }
    if concept == Concept::default() && node.get("extension").is_none() {
        return Err(Fault::here(Problem::Missing(Expected::Concept)));
    }
    Ok(concept)
}

/// A `Coding`.
pub(crate) fn read_coding(coding: &Node<'_>) -> Result<Concept, Fault> {
    if coding.members().is_none() {
        return Err(Fault::here(Problem::WrongType(Expected::Object)));
    }
    let system =
        text(coding, "system").map_err(|_| Fault::at("system", Problem::WrongType(Expected::Uri)))?;
    // A system is an absolute address: http://loinc.org, urn:oid:...
    if system.is_some_and(|system| !system.contains(':') || system.contains(char::is_whitespace)) {
        return Err(Fault::at("system", Problem::WrongType(Expected::Uri)));
    }
    let code = text(coding, "code")?.map(|code| match system {
        Some(system) => format!("{system}|{code}"),
        None => code.to_owned(),
    });
    Ok(Concept { code, display: text(coding, "display")?.map(str::to_owned) })
}

/// A number as it was written, with its comparator, and its unit.
pub(crate) type Measured = (Option<String>, Option<String>);

/// Number and unit of a `Quantity`, if it is there.
pub(crate) fn quantity(node: &Node<'_>, name: &'static str) -> Result<Option<Measured>, Fault> {
    let Some(quantity) = object(node, name)? else { return Ok(None) };
    let number = match quantity.get("value") {
        None => None,
        Some(Node::Number(number)) => Some(number.to_string()),
        Some(_) => return Err(Fault::at("value", Problem::WrongType(Expected::Number)).under(name)),
    };
    let comparator =
        code(quantity, "comparator", &["<", "<=", ">=", ">"]).map_err(|fault| fault.under(name))?;
    let number = number.map(|number| format!("{}{number}", comparator.unwrap_or_default()));
    let unit = text(quantity, "unit").map_err(|fault| fault.under(name))?;
    let unit = unit.or(text(quantity, "code").map_err(|fault| fault.under(name))?);
    Ok(Some((number, unit.map(str::to_owned))))
}

/// Amount and currency of a `Money`, if it is there.
pub(crate) fn money(node: &Node<'_>, name: &'static str) -> Result<Option<(String, Option<String>)>, Fault> {
    let Some(money) = object(node, name)? else { return Ok(None) };
    let amount = match money.get("value") {
        Some(Node::Number(number)) => number.to_string(),
        _ => return Err(Fault::at("value", Problem::WrongType(Expected::Number)).under(name)),
    };
    let currency = text(money, "currency").map_err(|fault| fault.under(name))?;
    Ok(Some((amount, currency.map(str::to_owned))))
}

/// The first of these members that is there, as a date, an instant or a period; all that are there are checked.
pub(crate) fn when(node: &Node<'_>, names: &[&'static str]) -> Result<Option<When>, Fault> {
    let mut first = None;
    for name in names {
        let found = match node.get(name) {
            None => None,
            Some(Node::Text(written)) => {
                let at = date::parse(written).map_err(|problem| Fault::at(name, problem))?;
                Some(When { shown: written.to_string(), at })
            }
            Some(period @ Node::Object(_)) => read_period(period).map_err(|fault| fault.under(name))?,
            Some(_) => return Err(Fault::at(name, Problem::WrongType(Expected::Date))),
        };
        first = first.or(found);
    }
    Ok(first)
}

/// A `Period` counts from its end; one without an end, from its start.
fn read_period(period: &Node<'_>) -> Result<Option<When>, Fault> {
    let read = |name: &'static str| -> Result<Option<(&str, DateTime<Utc>)>, Fault> {
        let Some(written) = text(period, name)? else { return Ok(None) };
        let at = date::parse(written).map_err(|problem| Fault::at(name, problem))?;
        Ok(Some((written, at)))
    };
    Ok(match (read("start")?, read("end")?) {
        (Some((start, _)), Some((end, at))) => Some(When { shown: format!("{start}/{end}"), at }),
        (Some((start, at)), None) => Some(When { shown: format!("{start}/.."), at }),
        (None, Some((end, at))) => Some(When { shown: format!("../{end}"), at }),
        (None, None) => None,
    })
}

/// Texts of the annotations of a resource.
pub(crate) fn annotations(node: &Node<'_>, name: &'static str) -> Result<Option<String>, Fault> {
    let mut texts = Vec::new();
    for (index, note) in list(node, name)?.iter().enumerate() {
        texts.extend(text(note, "text").map_err(|fault| fault.in_item(index).under(name))?);
    }
    Ok((!texts.is_empty()).then(|| texts.join("\n\n")))
}

/// Who is named by these members: a reference, or a list of references or of participants that hold one.
/// `None` if nobody is.
pub(crate) fn people(node: &Node<'_>, names: &[&'static str]) -> Option<String> {
    let mut found: Vec<&str> = Vec::new();
    for member in names.iter().filter_map(|name| node.get(name)) {
        match member {
            Node::List(items) => found.extend(items.iter().filter_map(person)),
            single => found.extend(person(single)),
        }
    }
    found.dedup();
    (!found.is_empty()).then(|| found.join("; "))
}

fn person<'n>(node: &'n Node<'_>) -> Option<&'n str> {
    let holder =
        ["actor", "individual", "who", "member"].iter().find_map(|name| node.get(name)).unwrap_or(node);
    holder.get_text("display").or_else(|| holder.get_text("reference"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message<T: std::fmt::Debug>(read: Result<T, Fault>) -> String {
        read.map_err(|fault| fault.under("resource").in_entry(17)).unwrap_err().to_string()
    }

    #[test]
    fn a_fault_says_where_and_what_would_be_valid_and_repeats_nothing() {
        let node = serde_json::from_str(r#"{"code":{"coding":[{"system":"Guadalupe"}]}}"#).unwrap();
        assert_eq!(
            message(concept(&node, "code")),
            "entry[17].resource.code.coding[0].system: wrong type of value; valid is a URI such as \"http://loinc.org\""
        );
        let node = serde_json::from_str(r#"{"period":{"start":"2024-03-01","end":"Guadalupe"}}"#).unwrap();
        assert!(
            message(when(&node, &["period"])).starts_with("entry[17].resource.period.end: not a FHIR date")
        );
        let node = serde_json::from_str(r#"{"valueQuantity":{"value":"5"}}"#).unwrap();
        assert!(
            message(quantity(&node, "valueQuantity")).contains("resource.valueQuantity.value: wrong type")
        );
    }

    #[test]
    fn a_period_counts_from_its_end() {
        let node = serde_json::from_str(r#"{"period":{"start":"2024-03-01","end":"2024-03-04"}}"#).unwrap();
        let when = when(&node, &["period"]).unwrap().unwrap();
        assert_eq!(when.shown, "2024-03-01/2024-03-04");
        assert_eq!(when.at.to_string(), "2024-03-04 12:00:00 UTC");
    }

    #[test]
    fn a_quantity_keeps_its_comparator_and_its_precision() {
        let node = serde_json::from_str(r#"{"q":{"value":5.40,"comparator":"<","unit":"mmol/L"}}"#).unwrap();
        assert_eq!(
            quantity(&node, "q").unwrap(),
            Some((Some("<5.40".to_owned()), Some("mmol/L".to_owned())))
        );
    }
}

//! Claims and what payers settled. A claim names the service that was charged, so it reveals health.

use records_model::{Category, ContentKind, Field};

use crate::draft::Draft;
use crate::error::{Expected, Fault, Problem};
use crate::extract::{concept, list, money, object, required_concept, text, when};
use crate::json::Node;

/// Codes of `use` in FHIR R4.
const USES: &[&str] = &["claim", "preauthorization", "predetermination"];

pub(crate) fn claim(node: &Node<'_>) -> Result<Draft, Fault> {
    let mut draft = Draft::new(Category::Payment, ContentKind::Invoice);
    common(&mut draft, node)?;
    if let Some((amount, currency)) = money(node, "total")? {
        draft.put(Field::Amount, Some(amount));
        draft.put(Field::Currency, currency);
    }
    Ok(draft)
}

pub(crate) fn settlement(node: &Node<'_>) -> Result<Draft, Fault> {
    let mut draft = Draft::new(Category::Payment, ContentKind::Settlement);
    common(&mut draft, node)?;
    for (index, total) in list(node, "total")?.iter().enumerate() {
        let amount = money(total, "amount").map_err(|fault| fault.in_item(index).under("total"))?;
        if let (0, Some((amount, currency))) = (index, amount) {
            draft.put(Field::Amount, Some(amount));
            draft.put(Field::Currency, currency);
        }
    }
    Ok(draft)
}

fn common(draft: &mut Draft, node: &Node<'_>) -> Result<(), Fault> {
    required_concept(node, "type")?;
    crate::extract::code(node, "use", USES)?;
    let created = when(node, &["created"])?;
    draft.date(Some(created.ok_or_else(|| Fault::at("created", Problem::Missing(Expected::Date)))?));
    when(node, &["billablePeriod"])?;
    let number = list(node, "identifier")?.iter().find_map(|identifier| identifier.get_text("value"));
    draft.put(Field::InvoiceNumber, number);
    draft.put(Field::Payer, payer(node)?);
    if let Some(item) = list(node, "item")?.first() {
        let service = concept(item, "productOrService").map_err(|fault| fault.in_item(0).under("item"))?;
        let service = service.unwrap_or_default();
        draft.put(Field::BillingCode, service.code);
        draft.put(Field::Display, service.display);
    }
    let provider = object(node, "provider")?;
    draft.names_author =
        provider.is_some_and(|who| who.get("reference").or_else(|| who.get("display")).is_some());
    Ok(())
}

fn payer(node: &Node<'_>) -> Result<Option<String>, Fault> {
    let insurer = object(node, "insurer")?.and_then(|insurer| insurer.get_text("display"));
    if let Some(name) = insurer {
        return Ok(Some(name.to_owned()));
    }
    for (index, insurance) in list(node, "insurance")?.iter().enumerate() {
        let coverage =
            object(insurance, "coverage").map_err(|fault| fault.in_item(index).under("insurance"))?;
        let Some(coverage) = coverage else { continue };
        let name = text(coverage, "display");
        if let Some(name) = name.map_err(|fault| fault.under("coverage").in_item(index).under("insurance"))? {
            return Ok(Some(name.to_owned()));
        }
    }
    Ok(None)
}

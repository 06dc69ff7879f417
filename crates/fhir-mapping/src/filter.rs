//! Leaves out what the policy does not name, masks card numbers, and names references by type and id.

use std::borrow::Cow;

use records_model::{find_card_number, mask_card_numbers};

use crate::elements::is_defined;
use crate::error::{Fault, Problem};
use crate::item::ImportReport;
use crate::json::{Members, Node};
use crate::reference::{Directory, Target};
use crate::resource::Resource;
use crate::unnamed::{
    government_identifier, is_plain_name, is_unnamed_element, is_unnamed_extension, last_segment,
    unnamed_observation,
};

/// Filters the resources of one bundle and counts what it does.
pub(crate) struct Filter<'b> {
    pub(crate) directory: &'b Directory,
    /// Numbers that a government gave the patient: masked wherever they stand in a text.
    pub(crate) government_numbers: &'b [String],
    pub(crate) report: &'b mut ImportReport,
    /// Type of the resource at hand, for the counts.
    pub(crate) type_name: String,
}

impl<'a> Filter<'_> {
    /// Filters one resource in place.
    pub(crate) fn resource(&mut self, resource: Option<Resource>, node: &mut Node<'a>) -> Result<(), Fault> {
        let Node::Object(members) = node else { return Ok(()) };
        members.retain(|(name, value)| {
            let undefined = resource.is_some_and(|resource| !is_defined(resource, name));
            let leave_out = undefined || (name == "text" && repeats_the_data(value));
            if leave_out {
                self.left_out(if is_plain_name(name) { name } else { "other" });
            }
            !leave_out
        });
        if resource == Some(Resource::Observation) {
            self.unnamed_answers(members);
        }
        self.members(members)
    }

    /// Counts one element left out.
    pub(crate) fn left_out(&mut self, element: &str) {
        *self.report.left_out.entry(format!("{}.{element}", self.type_name)).or_default() += 1;
    }

    /// An observation of race, religion and the like keeps its place and loses its answer.
    fn unnamed_answers(&mut self, members: &mut Members<'a>) {
        let asks =
            members.iter().find(|(name, _)| name == "code").and_then(|(_, code)| unnamed_observation(code));
        if let Some(what) = asks {
            members.retain(|(name, _)| {
                let answer = name.starts_with("value") || name == "note" || name == "component";
                if answer {
                    self.left_out(&format!("{name}({what})"));
                }
                !answer
            });
        }
        let components = members.iter_mut().find(|(name, _)| name == "component");
        if let Some((_, Node::List(items))) = components {
            items.retain(|item| {
                let asks = item.get("code").and_then(unnamed_observation);
                if let Some(what) = asks {
                    self.left_out(&format!("component({what})"));
                }
                asks.is_none()
            });
        }
    }

    fn members(&mut self, members: &mut Members<'a>) -> Result<(), Fault> {
        members.retain(|(name, value)| {
            let unnamed = if is_unnamed_element(name) {
                Some(name.clone().into_owned())
            } else {
                government_identifier(value).map(|kind| format!("{name}({kind})"))
            };
            if let Some(unnamed) = &unnamed {
                self.left_out(unnamed);
            }
            unnamed.is_none()
        });
        self.reference(members)?;
        let names_its_system = !self.is_payment() && members.iter().any(|(name, _)| name == "system");
        for (name, value) in members.iter_mut() {
            // The value of an identifier is an id, which may have as many digits as a card; but in a payment
            // no such number may stand at all.
            if names_its_system && name == "value" {
                continue;
            }
            self.value(name, value).map_err(|fault| fault.under(shown(name)))?;
        }
        // What is empty now was left out whole; JSON of FHIR has no empty lists and objects.
        members.retain(|(_, value)| !is_empty(value));
        Ok(())
    }

    fn value(&mut self, name: &str, value: &mut Node<'a>) -> Result<(), Fault> {
        match value {
            Node::Text(text) if !is_machine_text(name) => self.text(text),
            Node::Object(members) => {
                if name == "meta" {
                    // Changes with every export and says nothing about the person.
                    members.retain(|(name, _)| !matches!(name.as_ref(), "versionId" | "lastUpdated"));
                }
                return self.members(members);
            }
            Node::List(items) => return self.items(name, items),
            Node::Null | Node::Bool(_) | Node::Number(_) | Node::Text(_) => {}
        }
        Ok(())
    }

    fn items(&mut self, name: &str, items: &mut Vec<Node<'a>>) -> Result<(), Fault> {
        items.retain(|item| {
            let unnamed = match name {
                "extension" | "modifierExtension" => {
                    item.get_text("url").filter(|url| is_unnamed_extension(url)).map(last_segment)
                }
                "contained" => item
                    .get_text("resourceType")
                    .filter(|kind| matches!(*kind, "Patient" | "Person" | "RelatedPerson")),
                _ => government_identifier(item),
            };
            if let Some(what) = unnamed {
                self.left_out(&format!("{name}({what})"));
            }
            unnamed.is_none()
        });
        for (index, item) in items.iter_mut().enumerate() {
            if name == "contained"
                && let Node::Object(members) = item
            {
                members.retain(|(name, value)| !(name == "text" && repeats_the_data(value)));
            }
            self.value(name, item).map_err(|fault| fault.in_item(index))?;
        }
        items.retain(|item| !is_empty(item));
        Ok(())
    }

    fn is_payment(&self) -> bool {
        matches!(self.type_name.as_str(), "Claim" | "ExplanationOfBenefit")
    }

    /// Names a reference by type and id; a reference to the patient loses the name that is shown with it.
    fn reference(&mut self, members: &mut Members<'a>) -> Result<(), Fault> {
        let Some((_, Node::Text(reference))) = members.iter_mut().find(|(name, _)| name == "reference")
        else {
            return Ok(());
        };
        match self.directory.resolve(reference) {
            Target::Entry(entry) => {
                *reference = Cow::Owned(self.directory.name(entry).to_owned());
                if entry == self.directory.patient() {
                    let before = members.len();
                    members.retain(|(name, _)| name != "display");
                    if members.len() < before {
                        self.left_out("reference.display(patient)");
                    }
                }
            }
            Target::Missing => self.report.references_unresolved += 1,
            Target::ForeignPatient => return Err(Fault::at("reference", Problem::ForeignPatient)),
            Target::Elsewhere => {}
        }
        Ok(())
    }

    /// Masks card numbers and the patient's government numbers in a text.
    pub(crate) fn text(&mut self, text: &mut Cow<'a, str>) {
        if let Some(masked) = self.masked(text) {
            *text = Cow::Owned(masked);
        }
    }

    /// The text with numbers masked, if there were any.
    pub(crate) fn masked(&mut self, text: &str) -> Option<String> {
        if !text.bytes().any(|b| b.is_ascii_digit()) {
            return None;
        }
        let mut masked = None;
        if find_card_number(text).is_some() {
            let (without, count) = mask_card_numbers(text);
            self.report.card_numbers_masked += count;
            masked = Some(without);
        }
        for number in self.government_numbers {
            let current = masked.as_deref().unwrap_or(text);
            if current.contains(number.as_str()) {
                masked = Some(current.replace(number.as_str(), &"*".repeat(number.len())));
                self.left_out("(government number in a text)");
            }
        }
        masked
    }
}

/// Where a text is an address, a code or data, not something that a person wrote. Codes have up to 18 digits,
/// and one in thirty would look like a card number.
fn is_machine_text(name: &str) -> bool {
    matches!(
        name,
        "id" | "system"
            | "reference"
            | "url"
            | "code"
            | "version"
            | "profile"
            | "data"
            | "contentType"
            | "hash"
            | "fullUrl"
            | "resourceType"
            | "status"
            | "unit"
            | "versionId"
            | "start"
            | "end"
    )
}

/// A narrative that was generated from the data repeats what is kept, and what is left out too.
fn repeats_the_data(narrative: &Node<'_>) -> bool {
    matches!(narrative.get_text("status"), Some("generated" | "empty"))
}

fn is_empty(value: &Node<'_>) -> bool {
    match value {
        Node::List(items) => items.is_empty(),
        Node::Object(members) => members.is_empty(),
        Node::Null | Node::Bool(_) | Node::Number(_) | Node::Text(_) => false,
    }
}

/// The name of an element as an error may show it.
fn shown(name: &str) -> &str {
    if is_plain_name(name.strip_prefix('_').unwrap_or(name)) { name } else { "?" }
}

//! The patient: contact, date of birth, emergency contacts. Whatever else a Patient holds is left out.

use chrono::NaiveDate;
use records_model::{
    BirthDate, BirthDateError, Category, ContentKind, CountryCode, EmailAddress, Field, PersonName,
    PhoneNumber,
};

use crate::draft::Draft;
use crate::error::{Expected, Fault, Problem};
use crate::extract::{Concept, code, concept, list, object, text, when};
use crate::filter::Filter;
use crate::json::Node;
use crate::phone;
use crate::unnamed::{government_identifier, is_plain_name, last_segment};

/// Codes of `gender` in FHIR R4.
const GENDERS: &[&str] = &["male", "female", "other", "unknown"];

/// A Patient, read.
pub(crate) struct Person {
    pub(crate) name: PersonName,
    pub(crate) birth_date: Option<BirthDate>,
    pub(crate) phones: Vec<PhoneNumber>,
    pub(crate) emails: Vec<EmailAddress>,
    pub(crate) residence_country: Option<CountryCode>,
    /// Each with the name of its part of the Patient, which makes its identity.
    pub(crate) drafts: Vec<(String, Draft)>,
}

/// Reads a Patient; `today` is the date at the clinic.
pub(crate) fn read(node: &Node<'_>, today: NaiveDate, filter: &mut Filter<'_>) -> Result<Person, Fault> {
    count_left_out(node, filter);
    let country = address(node)?.and_then(|home| home.get_text("country")).and_then(phone::country);
    let mut draft = Draft::new(Category::IdentityContact, ContentKind::ContactDetails);
    let name = name(node, filter)?;
    draft.put(Field::GivenNames, Some(name.given()));
    draft.put(Field::Surnames, Some(name.surnames()));
    let (phones, emails) = telecom(&mut draft, node, country, filter)?;
    draft.put(Field::Address, address(node)?.and_then(written_address));
    draft.put(Field::ResidenceCountry, country.map(|country| country.as_str().to_owned()));
    draft.put(Field::Language, language(node)?);
    draft.put(Field::Sex, code(node, "gender", GENDERS)?);
    draft.put(Field::RecordNumber, record_number(node)?);
    let mut drafts = vec![("Patient".to_owned(), draft)];
    let (birth_date, birth) = birth(node, today)?;
    drafts.extend(birth.map(|draft| ("Patient.birthDate".to_owned(), draft)));
    drafts.extend(deceased(node)?.map(|draft| ("Patient.deceased".to_owned(), draft)));
    for (index, contact) in list(node, "contact")?.iter().enumerate() {
        let read = emergency_contact(contact, country, filter);
        match read.map_err(|fault| fault.in_item(index).under("contact"))? {
            Some(draft) => drafts.push((format!("Patient.contact.{index}"), draft)),
            None => filter.left_out("contact"),
        }
    }
    Ok(Person { name, birth_date, phones, emails, residence_country: country, drafts })
}

/// The official name, else the usual one, else the first that is not an old one.
fn name(node: &Node<'_>, filter: &mut Filter<'_>) -> Result<PersonName, Fault> {
    let names = list(node, "name")?;
    let by_use = |wanted: &str| names.iter().position(|name| name.get_text("use") == Some(wanted));
    let current = |name: &Node<'_>| !matches!(name.get_text("use"), Some("old" | "maiden"));
    let chosen = by_use("official").or_else(|| by_use("usual")).or_else(|| names.iter().position(current));
    let index = chosen.ok_or_else(|| Fault::at("name", Problem::Missing(Expected::Text)))?;
    for (position, name) in names.iter().enumerate() {
        if position != index {
            let which = name.get_text("use").filter(|which| is_plain_name(which)).unwrap_or("further");
            filter.left_out(&format!("name({which})"));
        }
        for title in ["prefix", "suffix"] {
            if position == index && name.get(title).is_some() {
                filter.left_out(&format!("name.{title}"));
            }
        }
    }
    let in_name = |fault: Fault| fault.in_item(index).under("name");
    let chosen = names.get(index).ok_or_else(|| Fault::at("name", Problem::Missing(Expected::Text)))?;
    let (given, family) = name_parts(chosen).map_err(in_name)?;
    let family = family.ok_or_else(|| in_name(Fault::at("family", Problem::Missing(Expected::Text))))?;
    let given = given.ok_or_else(|| in_name(Fault::at("given", Problem::Missing(Expected::Text))))?;
    PersonName::parse(&given, family).map_err(|error| in_name(Fault::here(Problem::Name(error))))
}

fn name_parts<'n>(name: &'n Node<'_>) -> Result<(Option<String>, Option<&'n str>), Fault> {
    let mut given = Vec::new();
    for (index, part) in list(name, "given")?.iter().enumerate() {
        let wrong = || Fault::here(Problem::WrongType(Expected::Text)).in_item(index).under("given");
        given.push(part.text().ok_or_else(wrong)?);
    }
    Ok(((!given.is_empty()).then(|| given.join(" ")), text(name, "family")?))
}

/// Telephone numbers and e-mail addresses, one to a line; further kinds are left out.
fn telecom(
    draft: &mut Draft,
    node: &Node<'_>,
    country: Option<CountryCode>,
    filter: &mut Filter<'_>,
) -> Result<(Vec<PhoneNumber>, Vec<EmailAddress>), Fault> {
    let (mut phones, mut emails) = (Vec::new(), Vec::new());
    let (mut phone_lines, mut email_lines) = (Vec::new(), Vec::new());
    for (index, point) in list(node, "telecom")?.iter().enumerate() {
        let value = text(point, "value").map_err(|fault| fault.in_item(index).under("telecom"))?;
        match (point.get_text("system"), value) {
            (Some("phone" | "sms"), Some(value)) => {
                if let Some(number) = phone::normalise(value, country) {
                    phone_lines.push(number.as_str().to_owned());
                    phones.push(number);
                } else {
                    filter.report.phones_not_normalised += 1;
                    phone_lines.push(value.to_owned());
                }
            }
            (Some("email"), Some(value)) => {
                if let Ok(email) = EmailAddress::parse(value) {
                    email_lines.push(email.as_str().to_owned());
                    emails.push(email);
                } else {
                    filter.report.emails_not_valid += 1;
                    email_lines.push(value.to_owned());
                }
            }
            (system, _) => {
                let system = system.filter(|system| is_plain_name(system)).unwrap_or("other");
                filter.left_out(&format!("telecom({system})"));
            }
        }
    }
    draft.put(Field::Phone, (!phone_lines.is_empty()).then(|| phone_lines.join("\n")));
    draft.put(Field::Email, (!email_lines.is_empty()).then(|| email_lines.join("\n")));
    Ok((phones, emails))
}

/// The home address, else the first that is not an old one.
fn address<'n, 'a>(node: &'n Node<'a>) -> Result<Option<&'n Node<'a>>, Fault> {
    let addresses = list(node, "address")?;
    let home = addresses.iter().find(|address| address.get_text("use") == Some("home"));
    Ok(home.or_else(|| addresses.iter().find(|address| address.get_text("use") != Some("old"))))
}

fn written_address(address: &Node<'_>) -> Option<String> {
    let lines = address.list("line").iter().filter_map(Node::text);
    let rest = ["city", "district", "state", "postalCode", "country"];
    let parts: Vec<&str> = lines.chain(rest.iter().filter_map(|name| address.get_text(name))).collect();
    if parts.is_empty() { address.get_text("text").map(str::to_owned) } else { Some(parts.join(", ")) }
}

/// The preferred language, else the first.
fn language(node: &Node<'_>) -> Result<Option<String>, Fault> {
    let spoken = list(node, "communication")?;
    let preferred =
        spoken.iter().position(|language| matches!(language.get("preferred"), Some(Node::Bool(true))));
    let index = preferred.unwrap_or_default();
    let Some(language) = spoken.get(index) else { return Ok(None) };
    let stated =
        concept(language, "language").map_err(|fault| fault.in_item(index).under("communication"))?;
    let Concept { code, display } = stated.unwrap_or_default();
    // `urn:ietf:bcp:47|es`: the language alone is what letters need.
    let code = code.map(|code| code.rsplit('|').next().unwrap_or_default().to_owned());
    Ok(code.or(display))
}

/// The number of the record at the source (type `MR`).
fn record_number(node: &Node<'_>) -> Result<Option<String>, Fault> {
    let is_record = |identifier: &&Node<'_>| {
        let types = identifier.get("type").map(|kind| kind.list("coding")).unwrap_or_default();
        types.iter().any(|coding| coding.get_text("code") == Some("MR"))
    };
    let found = list(node, "identifier")?.iter().find(is_record);
    Ok(found.and_then(|identifier| identifier.get_text("value")).map(str::to_owned))
}

/// The date of birth; of one that states only its year or month, the year is kept.
fn birth(node: &Node<'_>, today: NaiveDate) -> Result<(Option<BirthDate>, Option<Draft>), Fault> {
    let Some(stated) = text(node, "birthDate")? else { return Ok((None, None)) };
    let mut draft = Draft::new(Category::BirthDate, ContentKind::BirthDate);
    let fault = |error| Fault::at("birthDate", Problem::BirthDate(error));
    if matches!(stated.len(), 4 | 7) {
        let last_day =
            crate::date::parse(stated).map_err(|problem| Fault::at("birthDate", problem))?.date_naive();
        // This year or this month is not the future, although its last day is.
        BirthDate::parse(&last_day.min(today).to_string(), today).map_err(fault)?;
        let begins_later = stated > today.to_string().get(..stated.len()).unwrap_or_default();
        if begins_later {
            return Err(fault(BirthDateError::Future));
        }
        draft.put(Field::BirthYear, stated.get(..4));
        return Ok((None, Some(draft)));
    }
    let date = BirthDate::parse(stated, today).map_err(fault)?;
    draft.put(Field::BirthDate, Some(date.date().to_string()));
    Ok((Some(date), Some(draft)))
}

/// That the person has died is part of the medical history.
fn deceased(node: &Node<'_>) -> Result<Option<Draft>, Fault> {
    let at = when(node, &["deceasedDateTime"])?;
    if at.is_none() && node.get("deceasedBoolean") != Some(&Node::Bool(true)) {
        return Ok(None);
    }
    let mut draft = Draft::new(Category::MedicalHistory, ContentKind::Other);
    draft.put(Field::Status, Some("deceased"));
    draft.date(at);
    Ok(Some(draft))
}

/// A person to call: name, relation and ways of contact; `None` if nothing of it is stated.
fn emergency_contact(
    contact: &Node<'_>,
    country: Option<CountryCode>,
    filter: &mut Filter<'_>,
) -> Result<Option<Draft>, Fault> {
    let mut draft = Draft::new(Category::EmergencyContact, ContentKind::ContactDetails);
    if let Some(name) = object(contact, "name")? {
        let (given, family) = name_parts(name).map_err(|fault| fault.under("name"))?;
        draft.put(Field::GivenNames, given);
        draft.put(Field::Surnames, family);
    }
    let relations = crate::extract::concepts(contact, "relationship")?;
    let relation = relations.into_iter().next().and_then(|relation| relation.display.or(relation.code));
    draft.put(Field::Relation, relation);
    telecom(&mut draft, contact, country, filter)?;
    for element in ["address", "gender", "organization", "period"] {
        if contact.get(element).is_some() {
            filter.left_out(&format!("contact.{element}"));
        }
    }
    Ok((!draft.content.is_empty()).then_some(draft))
}

/// Counts what of a Patient has no field.
fn count_left_out(node: &Node<'_>, filter: &mut Filter<'_>) {
    for (name, value) in node.members().into_iter().flatten() {
        match name.as_ref() {
            "resourceType" | "id" | "meta" | "name" | "telecom" | "gender" | "birthDate"
            | "deceasedBoolean" | "deceasedDateTime" | "contact" => {}
            "extension" | "modifierExtension" => {
                for url in value.items().unwrap_or_default().iter().filter_map(|item| item.get_text("url")) {
                    filter.left_out(&format!("{name}({})", last_segment(url)));
                }
            }
            "identifier" => {
                for identifier in value.items().unwrap_or_default() {
                    count_identifier(identifier, filter);
                }
            }
            "address" | "communication" => count_parts(name, value, filter),
            other => filter.left_out(if is_plain_name(other) { other } else { "other" }),
        }
    }
}

fn count_identifier(identifier: &Node<'_>, filter: &mut Filter<'_>) {
    let types = identifier.get("type").map(|kind| kind.list("coding")).unwrap_or_default();
    let is_record = types.iter().any(|coding| coding.get_text("code") == Some("MR"));
    match government_identifier(identifier) {
        Some(kind) => filter.left_out(&format!("identifier({kind})")),
        None if is_record => {}
        None => filter.left_out("identifier(other)"),
    }
}

/// Addresses and languages after the first, and extensions (geolocation) of any.
fn count_parts(name: &str, value: &Node<'_>, filter: &mut Filter<'_>) {
    for (position, part) in value.items().unwrap_or_default().iter().enumerate() {
        if position > 0 {
            filter.left_out(&format!("{name}(further)"));
        }
        for url in part.list("extension").iter().filter_map(|item| item.get_text("url")) {
            filter.left_out(&format!("{name}.extension({})", last_segment(url)));
        }
    }
}

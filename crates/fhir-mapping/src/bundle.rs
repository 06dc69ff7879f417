//! One transaction bundle, read as a whole.

use std::borrow::Cow;

use chrono::{DateTime, Days, TimeDelta, Utc};
use records_model::{ExternalAuthor, SourceIdentity};

use crate::date::noon;
use crate::draft::Draft;
use crate::error::{BundleError, Expected, Fault, Problem, line_and_column};
use crate::extract::concept;
use crate::filter::Filter;
use crate::item::{ImportOptions, ImportReport, ImportedBundle, ImportedItem, ImportedPatient};
use crate::json::{Members, Node};
use crate::map::{self, Times};
use crate::medication::Drugs;
use crate::patient;
use crate::reference::{Directory, Target};
use crate::resource::Resource;
use crate::unnamed::{government_identifier, is_plain_name};

/// Longest name of a source system, in bytes.
const SOURCE_LEN_MAX: usize = 255;

/// Reads one FHIR R4 transaction bundle about one patient.
///
/// - Each entry becomes one item (the Patient: one for each category that it fills); nothing is dropped
///   silently: what is left out is counted by element in the report.
/// - A broken bundle is refused whole, so the caller has nothing to undo.
/// - The same bytes give the same result, and so does the same bundle with its members in another order.
/// - `options.today` is the date at the clinic; no clock is read.
///
/// # Errors
///
/// [`BundleError`] with the entry's index and path and what would be valid there; it never repeats a value.
///
/// # Example
///
/// ```
/// use chrono::NaiveDate;
/// use fhir_mapping::{ImportOptions, read_bundle};
///
/// let json = r#"{"resourceType": "Bundle", "type": "transaction", "entry": [{"resource": {
///     "resourceType": "Patient", "id": "p1",
///     "name": [{"family": "Treviño Peña", "given": ["Inés"]}], "birthDate": "1958-03-09"}}]}"#;
/// let today = NaiveDate::from_ymd_opt(2026, 3, 3).unwrap();
/// let options = ImportOptions { source: Some("old-records".to_owned()), today };
/// let bundle = read_bundle(json.as_bytes(), &options)?;
/// assert_eq!(bundle.items.len(), 2); // contact, date of birth
///
/// let error = read_bundle(b"{}", &options).unwrap_err();
/// assert_eq!(error.to_string(), "resourceType: not a FHIR Bundle; valid is \"Bundle\"");
/// # Ok::<(), fhir_mapping::BundleError>(())
/// ```
pub fn read_bundle(json: &[u8], options: &ImportOptions) -> Result<ImportedBundle, BundleError> {
    let mut entries = entries(parse(json)?)?;
    let (directory, kinds) = index(&entries)?;
    let patient = directory.patient();
    let patient_node = entries.get_mut(patient).map_or(Node::Null, take_resource);
    let source_system = source_system(&patient_node, patient, options)?;
    let government_numbers = government_numbers(&patient_node);
    let drugs = drugs(&entries, &kinds, &directory)?;
    let authored = authored(&entries, &kinds, &directory);
    let mut report = ImportReport::default();
    let mut filter = Filter {
        directory: &directory,
        government_numbers: &government_numbers,
        report: &mut report,
        type_name: "Patient".to_owned(),
    };
    let person = patient::read(&patient_node, options.today, &mut filter)
        .map_err(|fault| fault.under("resource").in_entry(patient))?;
    let mut drafts: Vec<(usize, Cow<'_, str>, Draft)> = Vec::with_capacity(entries.len() + 4);
    drafts.extend(person.drafts.into_iter().map(|(part, draft)| (patient, Cow::Owned(part), draft)));
    for (position, entry) in entries.iter_mut().enumerate() {
        let kind = kinds.get(position).map_or("", String::as_str);
        count_type(filter.report, kind);
        if position == patient {
            continue;
        }
        kind.clone_into(&mut filter.type_name);
        let draft = map::resource(Resource::parse(kind), take_resource(entry), &drugs, &mut filter)
            .map_err(|fault| fault.under("resource").in_entry(position))?;
        drafts.push((position, Cow::Borrowed(kind), draft));
    }
    let times = times(&drafts, options);
    let identity = |position: usize, kind: &str| SourceIdentity {
        system: source_system.clone(),
        resource: kind.to_owned(),
        id: directory.name(position).rsplit('/').next().unwrap_or_default().to_owned(),
    };
    let finish = |(position, kind, draft): (usize, Cow<'_, str>, Draft)| -> ImportedItem {
        let elsewhere = authored.get(position).copied().unwrap_or(ExternalAuthor::NotStated);
        map::finish(draft, identity(position, &kind), elsewhere, times, &mut report)
    };
    let items = drafts.into_iter().map(finish).collect();
    let patient = ImportedPatient {
        identity: identity(patient, "Patient"),
        name: person.name,
        birth_date: person.birth_date,
        phones: person.phones,
        emails: person.emails,
        residence_country: person.residence_country,
    };
    Ok(ImportedBundle { patient, items, source_system: source_system.clone(), report })
}

fn parse(json: &[u8]) -> Result<Node<'_>, BundleError> {
    // Some systems put a byte order mark before UTF-8.
    let bytes = json.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(json);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let (line, column) = line_and_column(bytes, error.valid_up_to());
        BundleError::NotJson { line, column }
    })?;
    serde_json::from_str(text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        if error.is_data() {
            BundleError::Ambiguous { line, column }
        } else {
            BundleError::NotJson { line, column }
        }
    })
}

fn entries(bundle: Node<'_>) -> Result<Vec<Node<'_>>, BundleError> {
    if bundle.get_text("resourceType") != Some("Bundle") {
        return Err(BundleError::NotABundle);
    }
    if bundle.get_text("type") != Some("transaction") {
        return Err(BundleError::NotATransaction);
    }
    let Node::Object(members) = bundle else { return Err(BundleError::NotABundle) };
    match members.into_iter().find(|(name, _)| name == "entry") {
        Some((_, Node::List(entries))) => Ok(entries),
        _ => Err(BundleError::NoPatient),
    }
}

/// Names every entry and finds the patient; also the resource type of each entry.
fn index(entries: &[Node<'_>]) -> Result<(Directory, Vec<String>), BundleError> {
    let mut directory = Directory::default();
    let mut kinds = Vec::with_capacity(entries.len());
    let mut patient: Option<usize> = None;
    for (position, entry) in entries.iter().enumerate() {
        let (kind, id) = identify(entry).map_err(|fault| fault.in_entry(position))?;
        if kind == "Patient" {
            if let Some(first) = patient {
                return Err(BundleError::SeveralPatients { first, second: position });
            }
            patient = Some(position);
        }
        directory
            .add(entry.get_text("fullUrl"), format!("{kind}/{id}"))
            .map_err(|(place, problem)| Fault::at(place, problem).in_entry(position))?;
        kinds.push(kind.to_owned());
    }
    let patient = patient.ok_or(BundleError::NoPatient)?;
    let node = entries.get(patient).and_then(|entry| entry.get("resource"));
    let tokens = node.map(|node| node.list("identifier")).unwrap_or_default().iter().filter_map(token);
    directory.set_patient(patient, tokens.collect());
    Ok((directory, kinds))
}

/// `system|value` of an identifier.
fn token(identifier: &Node<'_>) -> Option<String> {
    Some(format!("{}|{}", identifier.get_text("system")?, identifier.get_text("value")?))
}

/// Type and id of the resource of an entry.
fn identify<'n>(entry: &'n Node<'_>) -> Result<(&'n str, &'n str), Fault> {
    if let Some(method) = entry.get("request").and_then(|request| request.get("method"))
        && !matches!(method.text(), Some("POST" | "PUT"))
    {
        return Err(Fault::at("method", Problem::Method).under("request"));
    }
    let resource = match entry.get("resource") {
        Some(resource @ Node::Object(_)) => resource,
        Some(_) => return Err(Fault::at("resource", Problem::WrongType(Expected::Object))),
        None => return Err(Fault::at("resource", Problem::Missing(Expected::Object))),
    };
    let under = |fault: Fault| fault.under("resource");
    let kind = match resource.get("resourceType") {
        None => Err(Problem::Missing(Expected::ResourceType)),
        Some(Node::Text(kind)) if is_plain_name(kind) => Ok(kind.as_ref()),
        Some(_) => Err(Problem::WrongType(Expected::ResourceType)),
    };
    let kind = kind.map_err(|problem| under(Fault::at("resourceType", problem)))?;
    let id = match resource.get("id") {
        None => Err(Problem::Missing(Expected::Text)),
        Some(Node::Text(id)) if is_id(id) => Ok(id.as_ref()),
        Some(_) => Err(Problem::IdForm),
    };
    Ok((kind, id.map_err(|problem| under(Fault::at("id", problem)))?))
}

/// FHIR R4: 1 to 64 letters, digits, hyphens and dots.
fn is_id(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.')
}

fn take_resource<'a>(entry: &mut Node<'a>) -> Node<'a> {
    let Node::Object(members) = entry else { return Node::Null };
    let found = members.iter_mut().find(|(name, _)| name == "resource");
    found.map_or(Node::Null, |(_, resource)| std::mem::replace(resource, Node::Object(Members::new())))
}

/// `--source`, else the system of the patient's first identifier.
fn source_system(patient: &Node<'_>, entry: usize, options: &ImportOptions) -> Result<String, BundleError> {
    let fits = |name: &str| (1..=SOURCE_LEN_MAX).contains(&name.len()) && !name.chars().any(char::is_control);
    if let Some(name) = &options.source {
        let name = name.trim();
        return if fits(name) {
            Ok(name.to_owned())
        } else {
            Err(BundleError::SourceName { max: SOURCE_LEN_MAX })
        };
    }
    let first = patient.list("identifier").first().and_then(|identifier| identifier.get_text("system"));
    let stated = first.map(str::trim).filter(|name| fits(name));
    stated.map(str::to_owned).ok_or(BundleError::SourceMissing { entry })
}

/// Fewest characters of a number that is looked for in texts: shorter ones would match by chance.
const NUMBER_LEN_MIN: usize = 6;

/// The numbers that governments gave the patient, to be masked wherever they stand in a text.
fn government_numbers(patient: &Node<'_>) -> Vec<String> {
    let identifiers = patient.list("identifier").iter();
    let values = identifiers
        .filter(|node| government_identifier(node).is_some())
        .filter_map(|node| node.get_text("value"));
    let mut numbers: Vec<String> = values
        .filter(|value| value.len() >= NUMBER_LEN_MIN && value.bytes().any(|b| b.is_ascii_digit()))
        .map(str::to_owned)
        .collect();
    // The longest first, so that a part of one never hides it.
    numbers.sort_by_key(|number| std::cmp::Reverse(number.len()));
    numbers
}

fn drugs(entries: &[Node<'_>], kinds: &[String], directory: &Directory) -> Result<Drugs, BundleError> {
    let mut drugs = Drugs::new();
    for (position, entry) in entries.iter().enumerate() {
        if kinds.get(position).is_some_and(|kind| kind == "Medication")
            && let Some(resource) = entry.get("resource")
        {
            let code =
                concept(resource, "code").map_err(|fault| fault.under("resource").in_entry(position))?;
            drugs.insert(directory.name(position).to_owned(), code.unwrap_or_default());
        }
    }
    Ok(drugs)
}

/// For each entry, whether a Provenance names its author.
fn authored(entries: &[Node<'_>], kinds: &[String], directory: &Directory) -> Vec<ExternalAuthor> {
    let mut known = vec![ExternalAuthor::NotStated; entries.len()];
    for (position, entry) in entries.iter().enumerate() {
        let Some(resource) = entry.get("resource") else { continue };
        if kinds.get(position).is_none_or(|kind| kind != "Provenance")
            || !resource.list("agent").iter().any(is_author)
        {
            continue;
        }
        for reference in resource.list("target").iter().filter_map(|target| target.get_text("reference")) {
            if let Target::Entry(target) = directory.resolve(reference)
                && let Some(author) = known.get_mut(target)
            {
                *author = ExternalAuthor::Known;
            }
        }
    }
    known
}

/// Whether an agent of a Provenance wrote the target: its type says so, or it has no type.
fn is_author(agent: &Node<'_>) -> bool {
    let named =
        agent.get("who").is_some_and(|who| who.get("reference").or_else(|| who.get("display")).is_some());
    let types = agent.get("type").map(|kind| kind.list("coding")).unwrap_or_default();
    let wrote =
        |coding: &Node<'_>| matches!(coding.get_text("code"), Some("author" | "performer" | "AUT" | "PRF"));
    named && (types.is_empty() || types.iter().any(wrote))
}

fn count_type(report: &mut ImportReport, kind: &str) {
    report.resources += 1;
    *report.by_type.entry(kind.to_owned()).or_default() += 1;
    if Resource::parse(kind).is_none() {
        *report.unclassified_types.entry(kind.to_owned()).or_default() += 1;
        report.consents_not_read += usize::from(kind == "Consent");
    }
}

fn times(drafts: &[(usize, Cow<'_, str>, Draft)], options: &ImportOptions) -> Times {
    // The day ends last at UTC-12, which is noon UTC of the day after.
    let tomorrow = options.today.checked_add_days(Days::new(1)).and_then(noon);
    let latest = tomorrow.map_or(DateTime::<Utc>::MAX_UTC, |end| end - TimeDelta::seconds(1));
    let acts = drafts.iter().filter(|(_, _, draft)| draft.kind.is_medical_act());
    let last_act = acts.filter_map(|(_, _, draft)| draft.at).filter(|at| *at <= latest).max();
    Times { last_act: last_act.unwrap_or(latest), latest }
}

#[cfg(test)]
mod tests {
    use chrono::{Datelike, NaiveDate};
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{arb_fhir_date, arb_json};

    fn options() -> ImportOptions {
        ImportOptions { source: None, today: NaiveDate::from_ymd_opt(2026, 3, 3).unwrap() }
    }

    fn with_observation_of(date: &str) -> String {
        format!(
            r#"{{"resourceType":"Bundle","type":"transaction","entry":[
            {{"resource":{{"resourceType":"Patient","id":"p","identifier":[{{"system":"urn:x","value":"1"}}],
                "name":[{{"family":"Peña","given":["Inés"]}}]}}}},
            {{"resource":{{"resourceType":"Observation","id":"o","status":"final","code":{{"text":"Peso"}},
                "effectiveDateTime":"{date}"}}}}]}}"#
        )
    }

    proptest! {
        /// No anchor lies after the day of the import, whatever the source says; and one that does not lie in
        /// the future is the date that was written.
        #[test]
        fn an_anchor_is_the_stated_date_or_the_day_of_the_import(date in arb_fhir_date()) {
            let read = read_bundle(with_observation_of(&date).as_bytes(), &options()).unwrap();
            let at = read.items[1].anchor_at;
            let end = NaiveDate::from_ymd_opt(2026, 3, 4).unwrap().and_hms_opt(11, 59, 59).unwrap().and_utc();
            let stated = crate::date::parse(&date).unwrap();
            prop_assert_eq!(at, stated.min(end));
            prop_assert_eq!(read.report.dated_in_future == 1, stated > end);
            let year: i32 = date[..4].parse().unwrap();
            prop_assert!((year - stated.year()).abs() <= 1);
        }

        /// Arbitrary bytes and arbitrary JSON are refused; nothing panics.
        #[test]
        fn what_is_no_bundle_is_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200), text in arb_json()) {
            prop_assert!(read_bundle(&bytes, &options()).is_err());
            prop_assert!(read_bundle(text.as_bytes(), &options()).is_err());
        }
    }
}

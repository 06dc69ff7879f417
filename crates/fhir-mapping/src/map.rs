//! One entry into one item.

use chrono::{DateTime, Utc};
use records_model::{
    AnchorEvent, Category, ContentForm, ContentKind, Context, ExternalAuthor, Field, FieldValue,
    SourceIdentity, find_card_number, mask_card_numbers,
};

use crate::draft::Draft;
use crate::error::{Expected, Fault, Problem};
use crate::extract::{code, object, text, when};
use crate::filter::Filter;
use crate::fingerprint::fingerprint;
use crate::genetic::is_genetic;
use crate::item::{ImportReport, ImportedItem};
use crate::json::Node;
use crate::medication::Drugs;
use crate::resource::{Resource, Subject};
use crate::{clinical, document, medication, observation, payment};

/// The instants that anchors depend on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Times {
    /// The person's last medical act in the bundle.
    pub(crate) last_act: DateTime<Utc>,
    /// No anchor lies after this: an act that is planned is not yet an act.
    pub(crate) latest: DateTime<Utc>,
}

/// Filters and maps one resource other than the Patient; its source document is part of the content.
pub(crate) fn resource(
    kind: Option<Resource>,
    mut node: Node<'_>,
    drugs: &Drugs,
    filter: &mut Filter<'_>,
) -> Result<Draft, Fault> {
    filter.resource(kind, &mut node)?;
    let directory = filter.directory;
    check_subject(kind, &node, directory.name(directory.patient()), filter.report)?;
    let status = status(kind, &node)?;
    let mut draft = match kind {
        Some(kind) => known(kind, &mut node, drugs)?,
        None => Draft::new(Category::Unclassified, ContentKind::Other),
    };
    if kind.is_none() {
        draft.form = ContentForm::Mixed;
        // An unclassified record holds its source document and nothing else.
        draft.at = when(&node, LOOSE_DATES)?.map(|when| when.at);
    } else if draft.category != Category::ClinicalImages {
        draft.put(Field::Status, status);
    }
    draft.genetic = draft.category.is_medical() && is_genetic(&node);
    if draft.genetic && matches!(draft.category, Category::Outcomes | Category::MedicalHistory) {
        draft.category = Category::Laboratory;
    }
    // The notes that were taken out of an attachment have not been through the filter.
    if let Some(masked) = draft.content.get(&Field::Note).and_then(|note| filter.masked(note.as_str())) {
        draft.content.insert(Field::Note, FieldValue::new(masked));
    }
    let mut source = String::with_capacity(1024);
    node.write(&mut source);
    draft.put(Field::SourceDocument, Some(source));
    Ok(draft)
}

/// Where types that are not mapped say when something was.
const LOOSE_DATES: &[&str] = &[
    "occurrenceDateTime",
    "occurrencePeriod",
    "performedDateTime",
    "performedPeriod",
    "effectiveDateTime",
    "effectivePeriod",
    "authoredOn",
    "authored",
    "dateTime",
    "date",
    "created",
    "issued",
    "recorded",
    "started",
    "period",
];

fn known(kind: Resource, node: &mut Node<'_>, drugs: &Drugs) -> Result<Draft, Fault> {
    match kind {
        Resource::Condition => clinical::condition(node),
        Resource::AllergyIntolerance => clinical::allergy(node),
        Resource::Immunization => clinical::immunization(node),
        Resource::Procedure => clinical::procedure(node),
        Resource::Encounter => clinical::encounter(node),
        Resource::CarePlan => clinical::care_plan(node),
        Resource::CareTeam => clinical::care_team(node),
        Resource::Provenance => clinical::provenance(node),
        Resource::Observation => observation::observation(node),
        Resource::Medication => medication::medication(node),
        Resource::MedicationRequest => medication::request(node, drugs),
        Resource::MedicationAdministration => medication::administration(node, drugs),
        Resource::DiagnosticReport => document::report(node),
        Resource::DocumentReference => document::document(node),
        Resource::Claim => payment::claim(node),
        Resource::ExplanationOfBenefit => payment::settlement(node),
        // The bundle's only Patient is read by itself; a second one was refused before.
        Resource::Patient => Ok(Draft::new(Category::Unclassified, ContentKind::Other)),
    }
}

/// The status, if the type has one; a code that FHIR does not have is refused, so that a misread one never
/// passes as final.
fn status(kind: Option<Resource>, node: &Node<'_>) -> Result<Option<String>, Fault> {
    let Some(kind) = kind.filter(|kind| !kind.statuses().is_empty()) else { return Ok(None) };
    let found = code(node, "status", kind.statuses())?;
    if found.is_none() && kind.needs_status() {
        return Err(Fault::at("status", Problem::Missing(Expected::Text)));
    }
    Ok(found.map(str::to_owned))
}

/// Whom a resource is about must be the bundle's patient; references were named by type and id before.
fn check_subject(
    kind: Option<Resource>,
    node: &Node<'_>,
    patient: &str,
    report: &mut ImportReport,
) -> Result<(), Fault> {
    let Some(kind) = kind else { return check_loose_subject(node) };
    let (name, required) = match kind.subject() {
        Subject::Required(name) => (name, true),
        Subject::Optional(name) => (name, false),
        Subject::None => return Ok(()),
    };
    let missing = || Fault::at(name, Problem::Missing(Expected::Reference));
    match object(node, name)? {
        None if required => Err(missing()),
        None => {
            report.subjects_assumed += 1;
            Ok(())
        }
        Some(subject) => {
            let reference =
                text(subject, "reference").map_err(|fault| fault.under(name))?.ok_or_else(missing)?;
            let problem = match reference {
                same if same == patient => return Ok(()),
                dangling if dangling.starts_with("urn:") => Problem::ForeignPatient,
                _ => Problem::SubjectNotPatient,
            };
            Err(Fault::at("reference", problem).under(name))
        }
    }
}

/// A type that is not mapped may be about a device or a place, but not about somebody who is not there.
fn check_loose_subject(node: &Node<'_>) -> Result<(), Fault> {
    for name in ["subject", "patient", "beneficiary"] {
        let reference = node.get(name).and_then(|subject| subject.get_text("reference"));
        if reference.is_some_and(|reference| reference.starts_with("urn:")) {
            return Err(Fault::at("reference", Problem::ForeignPatient).under(name));
        }
    }
    Ok(())
}

/// Completes an item; `elsewhere` says whether a Provenance of the bundle names its author.
pub(crate) fn finish(
    mut draft: Draft,
    identity: SourceIdentity,
    elsewhere: ExternalAuthor,
    times: Times,
    report: &mut ImportReport,
) -> ImportedItem {
    if !draft.category.is_medical() {
        mask_everywhere(&mut draft, report);
    }
    let stated = draft.at.unwrap_or_else(|| {
        report.without_date += 1;
        times.last_act
    });
    report.dated_in_future += usize::from(stated > times.latest);
    report.genetic += usize::from(draft.genetic);
    *report.by_category.entry(draft.category).or_default() += 1;
    let is_payment = draft.category == Category::Payment;
    ImportedItem {
        fingerprint: fingerprint(&draft.content),
        identity,
        category: draft.category,
        kind: draft.kind,
        form: draft.form,
        class: draft.category.retention_class(),
        // A charge names the service; who pays for one shows that it was needed.
        reveals_health: is_payment,
        genetic: draft.genetic,
        author: if draft.names_author { ExternalAuthor::Known } else { elsewhere },
        context: if is_payment { Context::Services } else { Context::Treatment },
        anchor: anchor(draft.category),
        anchor_at: stated.min(times.latest),
        content: draft.content,
    }
}

/// Payments are kept from the date of the document; everything else of a patient, from the last medical act.
const fn anchor(category: Category) -> AnchorEvent {
    match category {
        Category::Payment => AnchorEvent::DocumentDate,
        _ => AnchorEvent::LastMedicalAct,
    }
}

/// In payment and contact data no card number may stand anywhere, not even where a code or an id would.
fn mask_everywhere(draft: &mut Draft, report: &mut ImportReport) {
    for value in draft.content.values_mut() {
        if find_card_number(value.as_str()).is_some() {
            let (masked, count) = mask_card_numbers(value.as_str());
            report.card_numbers_masked += count;
            *value = FieldValue::new(masked);
        }
    }
}

//! Finding people: by name, telephone or e-mail, through the blind index.

use std::sync::Arc;

use axum::extract::{Extension, State};
use clinic_runtime::{OpenedUse, RuntimeError};
use maud::{Markup, html};
use privacy_operations::{FindPerson, Setting, UseRecords, WorkList, search_tokens};
use records_model::{Category, Field, Set, SubjectId, SubjectKind};

use super::layout::token;
use super::usual::{self, Stated};
use super::words::View;
use crate::app::App;
use crate::fields::Posted;
use crate::guard::Staff;
use crate::problem::Problem;

/// Most people shown by one search: a search is not a list of everybody.
const FOUND_MAX: u32 = 12;

/// The search page.
pub(crate) async fn form(
    State(app): State<Arc<App>>,
    Extension(staff): Extension<Staff>,
) -> Result<Markup, Problem> {
    let view = View::of(app, staff).await?;
    let body = html! {
        h1 { (view.lang.t("Personas", "People")) }
        (search_form(&view))
        p { a .button href="/people/new" { (view.lang.t("Registrar a una persona", "Register a person")) } }
    };
    Ok(view.page(view.lang.t("Personas", "People"), &body))
}

/// The search form.
pub(crate) fn search_form(view: &View) -> Markup {
    let lang = view.lang;
    html! {
        form .search method="post" action="/people" {
            (token(&view.staff))
            label {
                (lang.t("Nombre, teléfono o correo", "Name, telephone or e-mail"))
                input name="text" required maxlength="120" autocomplete="off";
            }
            button { (lang.t("Buscar", "Search")) }
        }
    }
}

/// Searches: one decision for the search, one for each person shown.
pub(crate) async fn search(
    State(app): State<Arc<App>>,
    Posted(staff, fields): Posted,
) -> Result<Markup, Problem> {
    let text = fields.required("text")?.to_owned();
    let view = View::of(Arc::clone(&app), staff).await?;
    let find = FindPerson { actor: view.staff.actor, purpose: usual::identity(view.staff.role).purpose };
    let answer = app.perform(find).await?;
    let tokens = search_tokens(app.runtime.search(), &text);
    let matches = if answer.is_permit() && !tokens.is_empty() {
        app.runtime.store().matches(app.runtime.clinic(), &tokens, FOUND_MAX).await?
    } else {
        Vec::new()
    };
    let mut lines = Vec::new();
    let wanted = u64::try_from(tokens.len()).unwrap_or(u64::MAX);
    for (subject, _) in matches.iter().filter(|(_, hits)| *hits >= wanted) {
        lines.push((*subject, name_of(&view, *subject).await?));
    }
    let lang = view.lang;
    let body = html! {
        h1 { (lang.t("Personas", "People")) }
        (search_form(&view))
        @if !answer.is_permit() { (view.refusal(&answer)) }
        @else if lines.is_empty() {
            p { (lang.t("Nadie con esos datos.", "Nobody with these details.")) " "
                a href="/people/new" { (lang.t("Registrar", "Register")) } }
        }
        (list(&view, &lines))
    };
    Ok(view.page(lang.t("Personas", "People"), &body))
}

/// People with what this reader may know of their names.
pub(crate) fn list(view: &View, lines: &[(SubjectId, Option<String>)]) -> Markup {
    html! {
        ul .people {
            @for (subject, name) in lines {
                li { a href={ "/people/" (subject.as_uuid()) } {
                    @match name {
                        Some(name) => (name),
                        None => (view.lang.t("(nombre reservado)", "(name withheld)")),
                    }
                } }
            }
        }
    }
}

/// Who somebody is, as far as this reader may know; a decision of its own, and logged.
pub(crate) async fn identity(view: &View, subject: SubjectId) -> Result<OpenedUse, RuntimeError> {
    let categories = Set::of(&[Category::IdentityContact, Category::BirthDate]);
    read(view, subject, usual::identity(view.staff.role), categories).await
}

/// Reads records for what was stated, and opens what was permitted.
pub(crate) async fn read(
    view: &View,
    subject: SubjectId,
    stated: Stated,
    categories: Set<Category>,
) -> Result<OpenedUse, RuntimeError> {
    let reading = UseRecords {
        actor: view.staff.actor,
        subject,
        purpose: stated.purpose,
        ground: stated.ground,
        detail: stated.detail,
        categories,
        setting: Setting::InPerson,
    };
    let used = view.app.perform(reading).await?;
    view.app.runtime.open_used(subject, used)
}

/// The name, if this reader may know it.
pub(crate) async fn name_of(view: &View, subject: SubjectId) -> Result<Option<String>, RuntimeError> {
    Ok(name_in(&identity(view, subject).await?))
}

/// The name among opened identity records.
pub(crate) fn name_in(opened: &OpenedUse) -> Option<String> {
    let content = opened
        .records
        .iter()
        .map(|record| &record.content)
        .find(|content| content.contains_key(&Field::GivenNames))?;
    let of = |field: Field| content.get(&field).map(|value| value.as_str().to_owned()).unwrap_or_default();
    Some(format!("{} {}", of(Field::GivenNames), of(Field::Surnames)).trim().to_owned())
}

/// The queue of patients without a consent in force: charts that wait for one.
pub(crate) async fn without_consent(
    State(app): State<Arc<App>>,
    Extension(staff): Extension<Staff>,
) -> Result<Markup, Problem> {
    let view = View::of(Arc::clone(&app), staff).await?;
    let title = view.lang.t("Consentimientos por recabar", "Consents to collect");
    if let Some(refused) = view.oversee(WorkList::WithoutConsent, title).await? {
        return Ok(refused);
    }
    let waiting =
        app.runtime.store().people_without_consent(app.runtime.clinic(), app.now(), QUEUE_MAX).await?;
    let mut lines = Vec::new();
    for line in waiting.iter().filter(|line| line.kind == SubjectKind::Patient) {
        lines.push((line.id, name_of(&view, line.id).await?));
    }
    let lang = view.lang;
    let body = html! {
        h1 { (title) }
        p { (lang.t(
            "Sin consentimiento, la parte clínica sólo se lee con una urgencia o incapacidad registrada. Recabe el consentimiento.",
            "Without consent, the clinical part is read only on a recorded emergency or incapacity. Collect the consent.",
        )) }
        (list(&view, &lines))
    };
    Ok(view.page(title, &body))
}

/// Most people in the queue of one page.
const QUEUE_MAX: u32 = 50;

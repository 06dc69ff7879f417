//! Registering a person: likely duplicates are shown first.

use std::sync::Arc;

use axum::extract::{Extension, State};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use privacy_notice::Residence;
use privacy_operations::{Answer, FindPerson, PersonDetails, RegisterPerson};
use records_model::{BirthDate, EmailAddress, PersonName, PhoneNumber, Purpose, SubjectId, SubjectKind};

use super::layout::token;
use super::people::{list, name_of};
use super::words::View;
use crate::app::App;
use crate::fields::{Fields, Posted};
use crate::guard::Staff;
use crate::problem::Problem;

/// The empty form.
pub(crate) async fn form(
    State(app): State<Arc<App>>,
    Extension(staff): Extension<Staff>,
) -> Result<Markup, Problem> {
    let view = View::of(app, staff).await?;
    let title = view.lang.t("Registrar a una persona", "Register a person");
    let body = html! { h1 { (title) } (fields_of(&view, &Fields::default(), false)) };
    Ok(view.page(title, &body))
}

fn fields_of(view: &View, known: &Fields, duplicates_shown: bool) -> Markup {
    let lang = view.lang;
    let row = |name: &'static str, text: &str, kind: &str, needed: bool| {
        html! { label { (text) input name=(name) type=(kind) value=(known.text(name).unwrap_or_default()) required[needed]; } }
    };
    html! {
        form .stacked method="post" action="/people/new" {
            (token(&view.staff))
            (row("given", lang.t("Nombres", "Given names"), "text", true))
            (row("surnames", lang.t("Apellidos", "Surnames"), "text", true))
            (row("born", lang.t("Fecha de nacimiento", "Date of birth"), "date", false))
            (row("phone", lang.t("Teléfono, con +", "Telephone, with +"), "tel", false))
            (row("email", lang.t("Correo", "E-mail"), "email", false))
            (row("residence", lang.t("País de residencia, como MX o US-TX", "Country of residence, such as MX or US-TX"), "text", false))
            label { (lang.t("Idioma de las cartas", "Language of letters"))
                select name="language" { option value="es" { "Español" } option value="en" { "English" } } }
            @if duplicates_shown {
                button name="anyway" value="yes" { (lang.t("No es ninguna de ellas: registrar", "None of them: register")) }
            } @else {
                button { (lang.t("Registrar", "Register")) }
            }
        }
    }
}

/// Registers, unless somebody on file looks like the same person.
pub(crate) async fn register(
    State(app): State<Arc<App>>,
    Posted(staff, fields): Posted,
) -> Result<Response, Problem> {
    let view = View::of(Arc::clone(&app), staff).await?;
    let person = details(&view, &fields)?;
    if fields.text("anyway").is_none() {
        // Whether somebody like this is on file is a question of its own: decided and entered before it is answered.
        let find = FindPerson { actor: view.staff.actor, purpose: Purpose::Scheduling };
        let found = app.runtime.likely_duplicates(&find, &person, ALIKE_MAX, app.clock).await?;
        if !found.answer.is_permit() {
            return Ok(not_registered(&view, &found.answer).into_response());
        }
        if !found.people.is_empty() {
            return Ok(duplicates(&view, &fields, &found.people).await?.into_response());
        }
    }
    let id = app.runtime.new_subject_id(app.clock)?;
    let register = RegisterPerson { actor: view.staff.actor, kind: SubjectKind::Patient, id, person };
    let registered = app.perform(register).await?;
    if let Some(subject) = registered.subject {
        return Ok(Redirect::to(&format!("/people/{}", subject.as_uuid())).into_response());
    }
    Ok(not_registered(&view, &registered.answer).into_response())
}

fn not_registered(view: &View, answer: &Answer) -> Markup {
    let title = view.lang.t("No se registró", "Not registered");
    view.page(title, &html! { h1 { (title) } (view.refusal(answer)) })
}

/// Most likely duplicates shown.
const ALIKE_MAX: u32 = 5;

async fn duplicates(view: &View, fields: &Fields, alike: &[(SubjectId, u64)]) -> Result<Markup, Problem> {
    let mut lines = Vec::new();
    for (subject, _) in alike {
        lines.push((*subject, name_of(view, *subject).await?));
    }
    let title = view.lang.t("¿Es la misma persona?", "Is it the same person?");
    let body = html! {
        h1 { (title) }
        p { (view.lang.t(
            "Alguien en el archivo tiene el mismo teléfono, correo, o nombre con fecha de nacimiento.",
            "Somebody on file has the same telephone, e-mail, or name with date of birth.",
        )) }
        (list(view, &lines))
        (fields_of(view, fields, true))
    };
    Ok(view.page(title, &body))
}

fn details(view: &View, fields: &Fields) -> Result<PersonDetails, Problem> {
    let today = view.house.zone.date_of(view.app.now());
    let value = |error: &dyn std::fmt::Display| Problem::Value(error.to_string());
    let name = PersonName::parse(fields.required("given")?, fields.required("surnames")?);
    Ok(PersonDetails {
        name: name.map_err(|error| value(&error))?,
        birth_date: read(fields.text("born"), |text| BirthDate::parse(text, today))?,
        phone: read(fields.text("phone"), PhoneNumber::parse)?,
        email: read(fields.text("email"), EmailAddress::parse)?,
        residence: read(fields.text("residence"), Residence::parse)?,
        language: fields.text("language").map(str::to_owned),
    })
}

fn read<T, E: std::fmt::Display>(
    text: Option<&str>,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<Option<T>, Problem> {
    text.map(parse).transpose().map_err(|error| Problem::value(&error))
}

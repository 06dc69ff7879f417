//! Today: what is due, clocks first.

use std::sync::Arc;

use axum::extract::{Extension, State};
use maud::{Markup, html};
use postgres_store::ReviewLine;
use privacy_operations::{ReviewVerdict, WorkList};

use super::layout::token;
use super::requests::{DueLine, due_lines};
use super::words::View;
use crate::app::App;
use crate::guard::{Audience, Staff};
use crate::problem::Problem;

/// The first page.
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    Extension(staff): Extension<Staff>,
) -> Result<Markup, Problem> {
    let view = View::of(Arc::clone(&app), staff).await?;
    let lang = view.lang;
    let oversight = Audience::Oversight.includes(Some(view.staff.role));
    let title = lang.t("Hoy", "Today");
    if oversight && let Some(refused) = view.oversee(WorkList::Today, title).await? {
        return Ok(refused);
    }
    let body = html! {
        h1 { (lang.t("Hoy", "Today")) " " small { (view.house.zone.date_of(app.now())) } }
        @if oversight { (officers_day(&view).await?) }
        section {
            h2 { (lang.t("Buscar a una persona", "Find a person")) }
            (super::people::search_form(&view))
        }
    };
    Ok(view.page(lang.t("Hoy", "Today"), &body))
}

async fn officers_day(view: &View) -> Result<Markup, Problem> {
    let (store, clinic, now) = (view.app.runtime.store(), view.app.runtime.clinic(), view.app.now());
    let due = due_lines(view).await?;
    let open: Vec<&DueLine> = due.iter().filter(|line| line.is_open()).collect();
    let reviews = store.reviews_waiting(clinic).await?;
    let tally = store.tally(clinic, now).await?;
    let lang = view.lang;
    Ok(html! {
        section {
            h2 { (lang.t("Plazos", "Deadlines")) }
            @if open.is_empty() { p { (lang.t("No hay solicitudes abiertas.", "No requests are open.")) } }
            (super::requests::due_table(view, &open))
        }
        section {
            h2 { (lang.t("Accesos de emergencia por revisar", "Emergency accesses to review")) }
            @if reviews.is_empty() { p { (lang.t("Ninguno.", "None.")) } }
            @for line in &reviews { (review(view, line)) }
        }
        section .counts {
            p { strong { (tally.patients) } " " (lang.t("pacientes", "patients")) }
            p { strong { (tally.records) } " " (lang.t("registros sellados", "sealed records")) }
            p { a href="/collect" { strong { (tally.patients_without_consent) } " " (lang.t("sin consentimiento vigente", "without a consent in force")) } }
            p { a href="/audit" { strong { (tally.log_entries) } " " (lang.t("entradas en la bitácora", "log entries")) } }
            p { a href="/promises" { (lang.t("Ver las promesas", "See the promises")) } }
        }
    })
}

fn review(view: &View, line: &ReviewLine) -> Markup {
    let lang = view.lang;
    let own = line.recorded_by == view.staff.actor;
    html! {
        div .card {
            p {
                a href={ "/people/" (line.subject.as_uuid()) } { (lang.t("Expediente", "Record")) }
                " · " (view.moment(line.starts_at)) " → " (view.moment(line.ends_at))
            }
            @if own {
                p { (lang.t("Lo abrió usted: lo revisa otra persona.", "You broke it: somebody else reviews it.")) }
            } @else {
                form .inline method="post" action={ "/reviews/" (line.subject.as_uuid()) "/" (line.id.as_uuid()) } {
                    (token(&view.staff))
                    button name="verdict" value=(ReviewVerdict::Justified.code()) { (lang.t("Justificado", "Justified")) }
                    " "
                    button .warn name="verdict" value=(ReviewVerdict::NotJustified.code()) { (lang.t("No justificado", "Not justified")) }
                }
            }
        }
    }
}

//! Today: what is due, clocks first.

use std::sync::Arc;

use axum::extract::{Extension, State};
use maud::{Markup, html};
use privacy_operations::WorkList;

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
    let reviews = view.app.runtime.reviews_due(view.app.clock).await?;
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
            (super::reviews::queue(view, &reviews))
            p { a href="/reviews" { (lang.t("Todos los accesos por revisar", "All accesses to review")) } " · " a href="/alerts" { (lang.t("Alertas", "Alerts")) } }
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

//! The log: its heads, its latest entries, verifying it, and the export that a stranger checks.

use std::sync::Arc;

use audit_log::Leaf;
use axum::extract::{Extension, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use privacy_operations::{ExportLog, LogTaken, WorkList};
use records_model::Vocabulary as _;

use super::layout::token;
use super::streaming::export_body;
use super::words::View;
use crate::app::App;
use crate::fields::Posted;
use crate::guard::Staff;
use crate::problem::Problem;

/// Entries shown.
const SHOWN: u64 = 40;

/// The latest entries and the newest head.
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    Extension(staff): Extension<Staff>,
) -> Result<Markup, Problem> {
    let view = View::of(app, staff).await?;
    if let Some(refused) = view.oversee(WorkList::Log, view.lang.t("Bitácora", "Audit")).await? {
        return Ok(refused);
    }
    page(&view, None).await
}

/// Places what waits, verifies the whole log, and says what was found.
pub(crate) async fn verify(State(app): State<Arc<App>>, Posted(staff, _): Posted) -> Result<Markup, Problem> {
    let view = View::of(Arc::clone(&app), staff).await?;
    let stopped = app.runtime.sequence_or_why(app.clock).await?;
    let report = app.runtime.verify_log().await?;
    let (lang, is_intact) = (view.lang, report.first_bad().is_none() && stopped.is_none());
    let found = html! {
        section .answer .(if is_intact { "permit" } else { "deny" }) role="status" {
            @match report.first_bad() {
                None if is_intact => h2 { (lang.t("Íntegra", "Intact")) },
                None => h2 { (lang.t("No está íntegra", "Not intact")) },
                Some(bad) => { h2 { (lang.t("No está íntegra", "Not intact")) } pre { (format!("{bad:?}")) } }
            }
            @if let Some(why) = &stopped {
                p { (lang.t("Ya no se ordena ni se firma nada, y la persona responsable de privacidad debe revisarlo: ", "Nothing is placed or signed any more, and the privacy officer must look: ")) (why) }
            }
            p { (lang.t("Entradas comprobadas: ", "Entries checked: ")) (report.entries) }
        }
    };
    page(&view, Some(found)).await
}

async fn page(view: &View, found: Option<Markup>) -> Result<Markup, Problem> {
    let (store, clinic, lang) = (view.app.runtime.store(), view.app.runtime.clinic(), view.lang);
    let heads = store.heads(clinic).await?;
    let newest = heads.last();
    let size = newest.map_or(0, |(size, _, _)| *size);
    let entries =
        store.log_page(clinic, size.saturating_sub(SHOWN), u32::try_from(SHOWN).unwrap_or(u32::MAX)).await?;
    let title = lang.t("Bitácora", "Audit");
    let body = html! {
        h1 { (title) }
        @if let Some(found) = found { (found) }
        form .inline method="post" action="/audit" { (token(&view.staff)) button { (lang.t("Verificar ahora", "Verify now")) } }
        " " a .button href="/audit/export" { (lang.t("Exportar", "Export")) }
        p { (lang.t("Con la exportación, la clave pública y una cabecera firmada guardada fuera, cualquiera la comprueba con ", "With the export, the public key and a head kept elsewhere, anybody checks it with ")) code { "audit-verify" } "." }
        section {
            h2 { (lang.t("Cabecera firmada más reciente", "Newest signed head")) }
            @if let Some((size, at, note)) = newest {
                p { (size) " " (lang.t("entradas", "entries")) " · " (view.moment(*at)) }
                pre { (note) }
            }
            p { (lang.t("Clave pública", "Public key")) } pre { (app_key(view)) }
        }
        section {
            h2 { (lang.t("Últimas entradas", "Latest entries")) }
            table .log {
                @for entry in entries.iter().rev() {
                    @if let Ok(leaf) = Leaf::decode(&entry.leaf) { (row(view, entry.index, &leaf)) }
                }
            }
        }
    };
    Ok(view.page(title, &body))
}

fn app_key(view: &View) -> String {
    view.app.runtime.verifier_key().to_string()
}

fn row(view: &View, index: Option<u64>, leaf: &Leaf) -> Markup {
    let parts = leaf.parts();
    html! {
        tr .(parts.outcome.code()) {
            td .code { @if let Some(index) = index { (index) } }
            td .when { (view.moment(parts.at)) }
            td { (parts.event.code()) }
            td { @if let Some(purpose) = parts.purpose { (view.word(purpose)) } }
            td { (parts.outcome.code()) }
            td .code { (parts.rules.iter().map(records_model::RuleId::as_str).collect::<Vec<_>>().join(" ")) }
        }
    }
}

/// The whole log, as `audit-verify` reads it, once it stands in the log who takes it along.
pub(crate) async fn export(
    State(app): State<Arc<App>>,
    Extension(staff): Extension<Staff>,
) -> Result<Response, Problem> {
    if let LogTaken::Refused(answer) = app.perform(ExportLog { actor: staff.actor }).await? {
        let view = View::of(app, staff).await?;
        let title = view.lang.t("Bitácora", "Audit");
        return Ok(view.page(title, &html! { h1 { (title) } (view.refusal(&answer)) }).into_response());
    }
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"resguardo-log.jsonl\""),
    ];
    Ok((headers, export_body(Arc::clone(&app.runtime))).into_response())
}

//! Patterns in the log that somebody should look at, and their verdicts.

use std::sync::Arc;

use audit_log::{AlertRule, RulePrecision, Verdict};
use axum::extract::{Extension, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use clinic_runtime::{AlertLine, AlertsSeen, Runtime};
use maud::{Markup, html};
use records_model::{AlertId, Vocabulary as _};
use uuid::Uuid;

use super::layout::token;
use super::words::View;
use crate::app::App;
use crate::fields::Posted;
use crate::guard::Staff;
use crate::problem::Problem;

/// How far back the log is looked over: long enough for a habit.
const DAYS: u16 = 90;

/// Those that wait for a verdict.
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    Extension(staff): Extension<Staff>,
) -> Result<Markup, Problem> {
    let view = View::of(Arc::clone(&app), staff).await?;
    let actor = view.staff.actor;
    let seen = app.apart(|runtime, clock| async move { runtime.alerts(actor, clock).await }).await?;
    Ok(page(&view, &seen, None))
}

/// Looks over the log, and raises what is new.
pub(crate) async fn look(State(app): State<Arc<App>>, Posted(staff, _): Posted) -> Result<Markup, Problem> {
    let view = View::of(Arc::clone(&app), staff).await?;
    let actor = view.staff.actor;
    let looking =
        |runtime: Arc<Runtime>, clock| async move { runtime.look_for_alerts(actor, DAYS, clock).await };
    let seen = app.apart(looking).await?;
    Ok(page(&view, &seen, Some(seen.raised)))
}

fn page(view: &View, seen: &AlertsSeen, raised: Option<usize>) -> Markup {
    let lang = view.lang;
    let title = lang.t("Alertas", "Alerts");
    let body = html! {
        h1 { (title) }
        @if seen.answer.is_permit() {
            p { (lang.t(
                "Una alerta no acusa a nadie: pide que alguien mire.",
                "An alert accuses nobody: it asks somebody to look.",
            )) }
            form .inline method="post" action="/alerts" { (token(&view.staff)) button { (lang.t("Buscar en los últimos 90 días", "Look over the last 90 days")) } }
            @if let Some(raised) = raised { p role="status" { (lang.t("Nuevas: ", "New: ")) (raised) } }
            @if seen.waiting.is_empty() { p { (lang.t("Ninguna espera veredicto.", "None waits for a verdict.")) } }
            @for line in &seen.waiting { (card(view, line)) }
            @if seen.unopened > 0 { p { (lang.t("Alertas que ya no se abren: ", "Alerts that no longer open: ")) (seen.unopened) } }
            (precision(view, &seen.precision))
        } @else { (view.refusal(&seen.answer)) }
    };
    view.page(title, &body)
}

fn rule_text(view: &View, rule: AlertRule) -> &'static str {
    let lang = view.lang;
    match rule {
        AlertRule::Volume => lang.t("Muchas más personas que de costumbre", "Many more people than usual"),
        AlertRule::OutsideDuty => lang.t("Fuera del horario de la clínica", "Outside the clinic's hours"),
        AlertRule::SelfAccess => lang.t("Su propio expediente", "Their own record"),
        AlertRule::DeclaredRelation => {
            lang.t("Alguien con quien declaró un vínculo", "Somebody they declared a relation to")
        }
        AlertRule::SharedContact => {
            lang.t("Alguien con su mismo teléfono o correo", "Somebody with their own telephone or e-mail")
        }
        AlertRule::DenialBurst => lang.t("Muchas negativas en poco tiempo", "Many refusals in a short time"),
        AlertRule::UnreviewedGlass => {
            lang.t("Un acceso de emergencia sin revisar", "An emergency access without a review")
        }
    }
}

fn card(view: &View, line: &AlertLine) -> Markup {
    let (lang, alert) = (view.lang, &line.alert);
    let own = alert.actor() == view.staff.actor;
    html! {
        div .card {
            p { strong { (rule_text(view, alert.rule())) } " · " (view.moment(alert.first_at())) " → " (view.moment(alert.last_at())) }
            p {
                (lang.t("Entradas: ", "Entries: ")) (alert.entries().len()) " · "
                span .code title=(lang.t("quién", "who")) { (alert.actor()) }
                @if let Some(subject) = alert.subject() { " · " a href={ "/people/" (subject.as_uuid()) "/looks" } { (lang.t("Quién ha visto este expediente", "Who looked at this record")) } }
            }
            @if own {
                p { (lang.t("Es sobre lo que hizo usted: la cierra otra persona.", "It is about your own acts: somebody else closes it.")) }
            } @else {
                form .inline method="post" action={ "/alerts/" (line.id.as_uuid()) } {
                    (token(&view.staff))
                    button name="verdict" value=(Verdict::Explained.code()) { (lang.t("Tiene explicación", "Explained")) }
                    " "
                    button .warn name="verdict" value=(Verdict::Confirmed.code()) { (lang.t("Confirmada", "Confirmed")) }
                }
            }
        }
    }
}

/// How often each rule was right; rules that nobody judged yet say nothing.
fn precision(view: &View, all: &[RulePrecision]) -> Markup {
    let judged: Vec<(&RulePrecision, u64)> =
        all.iter().filter_map(|one| Some((one, one.percent()?))).collect();
    html! {
        @if !judged.is_empty() {
            section {
                h2 { (view.lang.t("Qué tanto acierta cada regla", "How often each rule is right")) }
                table {
                    @for (one, percent) in judged {
                        tr { th scope="row" { (rule_text(view, one.rule)) } td { (one.confirmed) " / " (one.confirmed + one.explained) " (" (percent) " %)" } }
                    }
                }
            }
        }
    }
}

/// Closes an alert for good.
pub(crate) async fn judge(
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
    Posted(staff, fields): Posted,
) -> Result<Response, Problem> {
    let view = View::of(Arc::clone(&app), staff).await?;
    let verdict = fields.required_word("verdict")?;
    let which = (view.staff.actor, AlertId::from_uuid(id));
    let judged =
        app.apart(|runtime, clock| async move { runtime.judge_alert(which, verdict, clock).await }).await?;
    if judged.answer.is_permit() {
        return Ok(Redirect::to("/alerts").into_response());
    }
    let title = view.lang.t("Sigue abierta", "Still open");
    Ok(view.page(title, &html! { h1 { (title) } (view.refusal(&judged.answer)) }).into_response())
}

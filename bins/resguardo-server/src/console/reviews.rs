//! Emergency accesses that wait for a review.

use std::sync::Arc;

use audit_log::ReviewState;
use axum::extract::{Extension, State};
use clinic_runtime::ReviewDue;
use maud::{Markup, html};
use privacy_operations::ReviewVerdict;

use super::layout::token;
use super::words::View;
use crate::app::App;
use crate::guard::Staff;
use crate::problem::Problem;

/// The queue, late ones first.
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    Extension(staff): Extension<Staff>,
) -> Result<Markup, Problem> {
    let view = View::of(Arc::clone(&app), staff).await?;
    let actor = view.staff.actor;
    let seen = app.apart(|runtime, clock| async move { runtime.reviews(actor, clock).await }).await?;
    let title = view.lang.t("Accesos de emergencia por revisar", "Emergency accesses to review");
    let body = html! {
        h1 { (title) }
        @if seen.answer.is_permit() { (queue(&view, &seen.waiting)) } @else { (view.refusal(&seen.answer)) }
    };
    Ok(view.page(title, &body))
}

/// The queue as it stands on a page whose permit was asked before.
pub(super) fn queue(view: &View, waiting: &[ReviewDue]) -> Markup {
    let lang = view.lang;
    html! {
        @if waiting.is_empty() { p { (lang.t("Ninguno.", "None.")) } }
        @for review in waiting { (card(view, review)) }
    }
}

fn card(view: &View, review: &ReviewDue) -> Markup {
    let (lang, line) = (view.lang, &review.line);
    let own = line.recorded_by == view.staff.actor;
    html! {
        div .card {
            p {
                a href={ "/people/" (line.subject.as_uuid()) } { (lang.t("Expediente", "Record")) }
                " · " (view.moment(line.starts_at)) " → " (view.moment(line.ends_at))
            }
            p {
                @if review.state == ReviewState::Overdue { strong { (lang.t("Vencido", "Late")) } " · " }
                (lang.t("revisar antes de ", "review before ")) (view.moment(review.due_at))
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

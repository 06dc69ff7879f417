//! Withdrawing a consent, after seeing what stops, who is to be told and what is kept.

use std::sync::Arc;

use audit_log::{Disclosure, RecipientId};
use axum::extract::{Extension, Path, State};
use clinic_runtime::ReceivedUnder;
use maud::{Markup, html};
use privacy_operations::{PreviewWithdrawal, WithdrawConsent, WithdrawalPreview};
use records_model::{ConsentId, SubjectId};
use uuid::Uuid;

use super::consents::{atom_text, back, purpose_text, recipient_text};
use super::layout::token;
use super::words::View;
use crate::app::App;
use crate::fields::Posted;
use crate::guard::Staff;
use crate::problem::Problem;

/// What a withdrawal does, before anything is confirmed.
pub(crate) async fn before(
    State(app): State<Arc<App>>,
    Extension(staff): Extension<Staff>,
    Path((id, consent)): Path<(Uuid, Uuid)>,
) -> Result<Markup, Problem> {
    let (subject, view) = (SubjectId::from_uuid(id), View::of(Arc::clone(&app), staff).await?);
    let consent = ConsentId::from_uuid(consent);
    let asked = PreviewWithdrawal { actor: view.staff.actor, subject, consents: vec![consent] };
    let effect = app.withdrawal_effect(asked).await?;
    let lang = view.lang;
    let title = lang.t("Revocar un consentimiento", "Withdraw a consent");
    let body = html! {
        h1 { (title) } (back(&view, subject, None))
        @match &effect.preview {
            None => (view.refusal(&effect.answer)),
            Some(preview) => {
                p { (lang.t("Desde este momento deja de permitirse:", "From this moment no longer permitted:")) }
                ul { @for stopped in &preview.withdrawal.stops {
                    li { (purpose_text(&view, &stopped.purpose)) ": " (view.words(stopped.categories)) " → " (recipient_text(&view, stopped.recipient)) }
                } }
                (to_tell(&view, &effect.received))
                (kept(&view, preview))
                form method="post" action={ "/people/" (subject.as_uuid()) "/consents/" (consent.as_uuid()) } {
                    (token(&view.staff))
                    button .warn { (lang.t("Revocar ahora", "Withdraw now")) }
                }
            }
        }
    };
    Ok(view.page(title, &body))
}

/// Withdraws: at once, and for good.
pub(crate) async fn confirmed(
    State(app): State<Arc<App>>,
    Path((id, consent)): Path<(Uuid, Uuid)>,
    Posted(staff, _): Posted,
) -> Result<Markup, Problem> {
    let (subject, view) = (SubjectId::from_uuid(id), View::of(Arc::clone(&app), staff).await?);
    let consents = vec![ConsentId::from_uuid(consent)];
    let withdrawn = app.perform(WithdrawConsent { actor: view.staff.actor, subject, consents }).await?;
    let lang = view.lang;
    // The withdrawal stands whatever becomes of the list.
    let received = app.received_under(subject, &withdrawn).await;
    let title = lang.t("Consentimiento revocado", "Consent withdrawn");
    let body = html! {
        h1 { (title) } (back(&view, subject, None))
        @if withdrawn.answer.is_permit() {
            p { (lang.t("Surte efecto desde este momento.", "It counts from this moment.")) }
            @for consent in &withdrawn.ended { ul { @for atom in &consent.parts().atoms { li { (atom_text(&view, atom)) } } } }
            @match &received {
                Ok(received) => (to_tell(&view, received)),
                Err(error) => p .refused { (lang.t("No se pudo saber a quién avisar: ", "Whom to tell could not be found out: ")) (error) },
            }
            (super::trail::head(&view, withdrawn.checkpoint.as_deref(), 0))
        } @else { (view.refusal(&withdrawn.answer)) }
    };
    Ok(view.page(title, &body))
}

/// Who received something under it.
fn to_tell(view: &View, received: &ReceivedUnder) -> Markup {
    let lang = view.lang;
    html! {
        p { (lang.t("Hay que avisar a quien recibió algo con este consentimiento:", "To be told, because they received something under it:")) }
        ul {
            @for run in &received.disclosures {
                li { (receiver(view, run)) ": " (view.words(run.categories)) " × " (run.count) " · " (view.moment(run.last_at)) }
            }
            @if received.disclosures.is_empty() { li { (lang.t("Nadie.", "Nobody.")) } }
        }
        @if received.unopened > 0 {
            p { (lang.t("Entradas de la bitácora que ya no se abren: ", "Log entries that no longer open: ")) (received.unopened) }
        }
    }
}

fn receiver(view: &View, run: &Disclosure) -> String {
    let name = match run.recipient.id {
        Some(RecipientId::Provider(id)) => view.house.providers.get(id).map(privacy_notice::Provider::name),
        Some(RecipientId::Person(_) | RecipientId::Actor(_)) | None => None,
    };
    name.map_or_else(|| view.word(run.recipient.class), str::to_owned)
}

/// What is kept all the same.
fn kept(view: &View, preview: &WithdrawalPreview) -> Markup {
    let lang = view.lang;
    html! {
        p { (lang.t(
            "Lo que la ley o la promesa de la clínica obliga a guardar se guarda hasta su fecha; ya no se usa para esto:",
            "What the law or the clinic's promise makes us keep is kept until its date; it is not used for this any more:",
        )) }
        ul {
            @for floor in &preview.kept { li { (view.word(floor.class)) ": " (floor.keep_through) } }
            @if preview.holds > 0 { li { (lang.t("Retenciones legales: ", "Legal holds: ")) (preview.holds) } }
        }
    }
}

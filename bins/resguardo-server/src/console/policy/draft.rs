//! A draft: why it cannot be in force, or what it would change; and putting it in force.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use clinic_runtime::RuntimeError;
use consent_policy::{CheckError, Difference, Fault, FaultKind, GuardsLost, PolicyDraft, VerifiedPolicy};
use maud::{Markup, html};
use privacy_operations::{ActivateDocument, UnknownCitation, check_citations};

use super::{changes, replayed, violations};
use crate::app::App;
use crate::console::layout::token;
use crate::console::words::View;
use crate::fields::Posted;
use crate::problem::Problem;

/// Reads and proves a draft. Nothing changes.
pub(crate) async fn draft(
    State(app): State<Arc<App>>,
    Posted(staff, fields): Posted,
) -> Result<Markup, Problem> {
    let view = View::of(app, staff).await?;
    let text = as_written(fields.exact("document")?);
    let title = view.lang.t("Borrador de la política", "Draft of the policy");
    let found = match PolicyDraft::parse(&text) {
        Err(error) => violations::unreadable(&view, &error),
        Ok(draft) => match cited(&view, &text, draft) {
            Err(unknown) => violations::uncited(&view, &unknown),
            Ok(draft) => match compared(&view, draft).await? {
                Err(refused) => violations::refused(&view, &refused),
                Ok(Compared { policy, faults, difference, lost }) => html! {
                    (acceptable(&view, &policy, &text)) (idle_rules(&view, &faults)) (changes::changes(&view, &difference)) (changes::lost(&view, &lost))
                    (replayed::replayed(&view, &policy).await?)
                },
            },
        },
    };
    let body = html! {
        h1 { (title) }
        div aria-live="polite" { (found) }
        section { h2 { (view.lang.t("El borrador", "The draft")) } (form(&view, &text)) }
    };
    Ok(view.page(title, &body))
}

/// The draft, if it cites only clauses that the clinic has.
fn cited(view: &View, text: &str, draft: PolicyDraft) -> Result<PolicyDraft, UnknownCitation> {
    check_citations(text, &draft, &view.house.clauses).map(|()| draft)
}

/// Puts the draft in force, if the rules in force let this person do so and the draft is proved again.
pub(crate) async fn put_in_force(
    State(app): State<Arc<App>>,
    Posted(staff, fields): Posted,
) -> Result<Response, Problem> {
    let view = View::of(Arc::clone(&app), staff).await?;
    let text = as_written(fields.exact("document")?);
    let path = view.house.settings.files.policy.as_str().to_owned();
    let answer = app.perform(ActivateDocument { actor: view.staff.actor, path, text }).await?;
    if answer.is_permit() {
        app.runtime.refresh().await?;
        return Ok(Redirect::to("/policy").into_response());
    }
    let title = view.lang.t("Sigue en vigor la versión anterior", "The earlier version stays in force");
    Ok(view.page(title, &html! { h1 { (title) } (view.refusal(&answer)) }).into_response())
}

/// A draft that passed every proof.
struct Compared {
    policy: VerifiedPolicy,
    /// Rules of it that change nothing.
    faults: Vec<Fault>,
    /// What it would change.
    difference: Difference,
    /// What it no longer demands of itself.
    lost: GuardsLost,
}

/// Proves a draft and compares it with the document in force, on a thread where nobody else waits for it.
async fn compared(view: &View, draft: PolicyDraft) -> Result<Result<Compared, CheckError>, Problem> {
    let house = Arc::clone(&view.house);
    let proving = tokio::task::spawn_blocking(move || {
        let policy = draft.check()?;
        let in_force = house.engine.policy();
        let (difference, lost) = (in_force.difference(&policy), in_force.draft().guards_lost(policy.draft()));
        Ok(Compared { faults: policy.faults(), policy, difference, lost })
    });
    Ok(proving.await.map_err(|_| RuntimeError::Interrupted)?)
}

/// Where a draft is written.
pub(super) fn form(view: &View, text: &str) -> Markup {
    html! {
        form .stacked method="post" action="/policy/draft" {
            (token(&view.staff))
            label {
                (view.lang.t("Documento", "Document"))
                textarea .code name="document" rows="24" spellcheck="false" required { "\n" (text) }
            }
            button { (view.lang.t("Probar", "Try")) }
        }
    }
}

fn acceptable(view: &View, policy: &VerifiedPolicy, text: &str) -> Markup {
    let lang = view.lang;
    html! {
        section .answer .permit role="status" {
            h2 { (lang.t("Puede entrar en vigor", "It can come into force")) ": " (policy.header().version.as_str()) }
            p { (lang.t(
                "Cada promesa quedó demostrada sobre estas reglas, y todos sus ejemplos salen como dicen.",
                "Every promise is proved of these rules, and all their examples come out as they say.",
            )) }
            form method="post" action="/policy" {
                (token(&view.staff))
                input type="hidden" name="document" value=(text);
                button .warn { (lang.t("Poner en vigor", "Put in force")) }
            }
        }
    }
}

/// Rules without which the draft would decide the same: harmless, but they say something that is not so.
fn idle_rules(view: &View, faults: &[Fault]) -> Markup {
    let lang = view.lang;
    let why = |kind: FaultKind| match kind {
        FaultKind::Contradicted => {
            lang.t("sólo permite lo que está prohibido", "permits only what is forbidden")
        }
        FaultKind::Shadowed => {
            lang.t("sólo hace lo que otras reglas ya hacen", "does only what other rules do already")
        }
        FaultKind::Idle => lang.t("sólo quita lo que nada da", "takes away only what nothing gives"),
    };
    html! {
        @if !faults.is_empty() {
            section .answer role="status" {
                h2 { (lang.t("Reglas que no cambian nada", "Rules that change nothing")) }
                ul { @for fault in faults {
                    li {
                        span .code { (fault.rule.as_str()) } " "
                        "(" (lang.t("línea", "line")) " " (fault.line) "): " (why(fault.kind))
                        @if !fault.covered_by.is_empty() {
                            "; " (lang.t("véase", "see"))
                            @for rule in &fault.covered_by { " " span .code { (rule.as_str()) } }
                        }
                    }
                } }
            }
        }
    }
}

/// A browser sends every end of line as two characters; the document was written with one.
fn as_written(posted: &str) -> String {
    posted.replace("\r\n", "\n")
}

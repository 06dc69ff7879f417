//! What the logged decisions of the last weeks would have come to under a draft.

use chrono::TimeDelta;
use clinic_runtime::LoggedWhatIf;
use consent_policy::{Engine, Flip, Turn, VerifiedPolicy};
use maud::{Markup, html};
use privacy_operations::{OverseeWork, WorkList};
use records_model::RuleId;

use crate::console::words::View;
use crate::problem::Problem;

/// How far back the log is decided again.
const DAYS: i64 = 30;
/// Kinds of turned decisions shown.
const SHOWN: usize = 20;

/// Makes the decisions of the last days again. Counts only: no person and no record is shown.
pub(super) async fn replayed(view: &View, policy: &VerifiedPolicy) -> Result<Markup, Problem> {
    // It reads what decisions rested on, so it is decided and logged like every look at the log.
    let asked = OverseeWork { actor: view.staff.actor, list: WorkList::Log };
    let answer = view.app.perform(asked).await?;
    if !answer.is_permit() {
        return Ok(view.refusal(&answer));
    }
    let runtime = &view.app.runtime;
    let since = view.app.now() - TimeDelta::days(DAYS);
    let found = runtime.what_if(&Engine::new(policy.clone()), since).await?;
    Ok(shown(view, &found))
}

fn shown(view: &View, found: &LoggedWhatIf) -> Markup {
    let lang = view.lang;
    let report = &found.report;
    html! {
        section {
            h2 { (lang.t("Qué habría pasado en los últimos 30 días", "What the last 30 days would have come to")) }
            p {
                (report.decisions) " " (lang.t("decisiones de la bitácora, otra vez: ", "logged decisions, made again: "))
                strong { (report.opened) } " " (lang.t("negadas que se permitirían", "refused ones would be permitted")) ", "
                strong { (report.closed) } " " (lang.t("permitidas que se negarían", "permitted ones would be refused")) "."
            }
            @if found.without_basis + found.unopened > 0 {
                p .note { (lang.t("No se pudieron repetir: ", "Not made again: ")) (found.without_basis + found.unopened) }
            }
            @if !report.flips.is_empty() {
                table {
                    thead { tr {
                        th { (lang.t("Sería", "Would be")) } th { (lang.t("Cuántas", "How many")) }
                        th { (lang.t("Solicitud", "Request")) } th { (lang.t("Reglas", "Rules")) }
                    } }
                    @for flip in report.flips.iter().take(SHOWN) { (row(view, flip)) }
                }
            }
        }
    }
}

fn row<P>(view: &View, flip: &Flip<P>) -> Markup {
    let lang = view.lang;
    html! {
        tr {
            td { (match flip.turn {
                Turn::Opened => lang.t("permitida", "permitted"),
                Turn::Closed => lang.t("negada", "refused"),
            }) }
            td { (flip.tally.count) }
            td { (view.word(flip.role)) " · " (view.word(flip.action)) " · " (view.words(flip.categories)) " · " (view.word(flip.purpose)) }
            td .code { (names(flip.rules_then.iter())) " → " (names(flip.rules_draft.iter())) }
        }
    }
}

fn names<'a>(rules: impl Iterator<Item = &'a RuleId>) -> String {
    let named = rules.map(RuleId::as_str).collect::<Vec<_>>().join(", ");
    if named.is_empty() { "–".to_owned() } else { named }
}

//! The promise report: every clause, with what is broken first and what mends it.

use std::sync::Arc;

use axum::extract::{Extension, State};
use clinic_runtime::{OutsideEvidence, RuntimeError};
use maud::{Markup, html};
use privacy_notice::evidence::Transport;
use privacy_notice::{ClauseReport, ClauseState};

use super::notice;
use super::words::View;
use crate::app::App;
use crate::guard::Staff;
use crate::problem::Problem;

/// The report, and when it was computed.
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    Extension(staff): Extension<Staff>,
) -> Result<Markup, Problem> {
    let view = View::of(Arc::clone(&app), staff).await?;
    // In a task of its own: a visitor who leaves does not cut what others wait for.
    let computing = tokio::spawn(async move { app.promises.get(|| app.now(), || compute(&app)).await });
    let report = computing.await.map_err(|_| RuntimeError::Interrupted)??;
    let lines = &report.value;
    let lang = view.lang;
    let count = |code: &str| lines.iter().filter(|line| line.state.code() == code).count();
    let title = lang.t("Promesas", "Promises");
    let body = html! {
        h1 { (title) }
        p .counts {
            strong { (count("kept")) } " " (lang.t("cumplidas", "kept")) " · "
            strong { (count("broken")) } " " (lang.t("incumplidas", "broken")) " · "
            strong { (count("not-evidenced")) } " " (lang.t("sin constancia", "not evidenced"))
        }
        p { (lang.t("Calculado: ", "Computed: ")) (view.moment(report.as_of)) }
        @for state in ["broken", "kept", "not-evidenced"] {
            @for line in lines.iter().filter(|line| line.state.code() == state) { (card(&view, line)) }
        }
    };
    Ok(view.page(title, &body))
}

async fn compute(app: &App) -> Result<Vec<ClauseReport>, RuntimeError> {
    let house = app.house().await?;
    let outside = OutsideEvidence {
        served_notice: notice::served(&house),
        // The server listens on loopback only, and so does its database.
        transport: Some(Transport::LocalOnly),
        // No second factor can be set up yet, so no account has one.
        accounts_without_second_factor: Some(app.runtime.store().login_count(app.runtime.clinic()).await?),
        ..OutsideEvidence::default()
    };
    app.runtime.promise_report(app.clock, &outside).await
}

fn card(view: &View, line: &ClauseReport) -> Markup {
    let lang = view.lang;
    html! {
        div .card .(line.state.code()) {
            p {
                span .code { (line.id) } " · " (lang.t("sección ", "section ")) (line.section) " · "
                strong { (match line.state {
                    ClauseState::Kept => lang.t("cumplida", "kept"),
                    ClauseState::Broken { .. } => lang.t("incumplida", "broken"),
                    ClauseState::NotEvidenced => lang.t("sin constancia", "not evidenced"),
                }) }
            }
            p { (line.promise.get(lang.0)) }
            @if let ClauseState::Broken { why, mend } = &line.state {
                p { strong { (lang.t("Por qué: ", "Why: ")) } (why.get(lang.0)) }
                p { strong { (lang.t("Cómo se corrige: ", "What mends it: ")) } (mend.get(lang.0)) }
            }
        }
    }
}

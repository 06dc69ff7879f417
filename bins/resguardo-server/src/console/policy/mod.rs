//! The policy: what is in force and what was proved of it, its versions, and a draft before it is in force.

mod changes;
mod draft;
mod proofs;
mod replayed;
mod violations;

use std::sync::Arc;

use axum::extract::{Extension, State};
use clinic_runtime::{PolicyEdition, Wholeness};
use maud::{Markup, html};

pub(super) use draft::{draft, put_in_force};

use super::words::View;
use crate::app::App;
use crate::guard::Staff;
use crate::problem::Problem;

/// What is in force, what was proved of it, and every version.
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    Extension(staff): Extension<Staff>,
) -> Result<Markup, Problem> {
    let view = View::of(app, staff).await?;
    let editions = view.app.runtime.policy_editions().await?;
    let lang = view.lang;
    let title = lang.t("Política", "Policy");
    let text = editions.last().map(|edition| edition.text.as_str()).unwrap_or_default();
    let body = html! {
        h1 { (title) }
        (proofs::in_force(&view))
        section { h2 { (lang.t("Versiones", "Versions")) } (versions(&view, &editions)) }
        section {
            h2 { (lang.t("Probar un borrador", "Try a draft")) }
            p { (lang.t(
                "Cambie el texto y pruébelo: nada entra en vigor hasta que cada promesa esté demostrada sobre sus reglas y usted lo confirme.",
                "Change the text and try it: nothing is in force until every promise is proved of its rules and you confirm it.",
            )) }
            (draft::form(&view, text))
        }
    };
    Ok(view.page(title, &body))
}

fn versions(view: &View, editions: &[PolicyEdition]) -> Markup {
    let lang = view.lang;
    html! {
        table {
            thead { tr { th { (lang.t("Versión", "Version")) } th { (lang.t("En vigor desde", "In force since")) } th {} } }
            @for (position, edition) in editions.iter().enumerate().rev() {
                tr {
                    td .code { @match &edition.version {
                        Some(version) => (version.as_str()),
                        None => (lang.t("no se puede leer", "cannot be read")),
                    } }
                    td .when { (view.moment(edition.activated_at)) }
                    td {
                        @if position + 1 == editions.len() { strong { (lang.t("en vigor", "in force")) } }
                        @if edition.whole == Wholeness::Altered {
                            " " strong .refused { (lang.t("el texto guardado fue alterado", "the stored text was altered")) }
                        }
                    }
                }
            }
        }
    }
}

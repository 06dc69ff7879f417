//! The privacy notice in force: for anybody, without sign-in and without a cookie (P-1).

use std::sync::Arc;

use axum::extract::{Extension, State};
use maud::{Markup, html};
use privacy_notice::{ContentHash, notice_text};
use privacy_operations::House;

use super::layout::bare_page;
use crate::app::{App, Lang};
use crate::problem::Problem;

/// The text of the notice and its hash, as it is served in the clinic's first language.
pub(crate) fn served(house: &House) -> Option<ContentHash> {
    house.settings.languages.first().map(|language| ContentHash::of(&notice_text(&house.clauses, *language)))
}

/// Shows the notice.
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    Extension(lang): Extension<Lang>,
) -> Result<Markup, Problem> {
    let house = app.house().await?;
    let today = house.zone.date_of(app.now());
    let version = house.notices.in_force(lang.0, today);
    let officer = &house.settings.officer;
    let body = html! {
        h1 { (lang.t("Aviso de privacidad", "Privacy notice")) }
        @if let Some(version) = version {
            p .note {
                (lang.t("Última actualización: ", "Last updated: ")) (version.effective_from) " · " (version.id.as_str())
                br; span .code { "SHA-256 " (version.content_hash) }
            }
        }
        dl .notice {
            @for clause in house.clauses.iter() {
                dt { (clause.section) " · " (clause.id) }
                dd { (clause.promise.get(lang.0)) }
            }
        }
        h2 { (lang.t("Oficial de privacidad", "Privacy officer")) }
        p { (officer.phone_printed) }
        address { @for line in &officer.postal_address { (line) br; } }
    };
    Ok(bare_page(lang, lang.t("Aviso de privacidad", "Privacy notice"), &body))
}

//! Sending to somebody outside: the permit makes the only copy that leaves.

use std::sync::Arc;

use axum::extract::{Extension, Path, State};
use maud::{Markup, html};
use privacy_operations::{DiscloseRecords, DisclosedPage, Disclosure, Receiver};
use records_model::{
    Category, CountryClass, Detail, Ground, ProviderId, Purpose, RecipientClass, Set, SubjectId,
    Vocabulary as _,
};
use uuid::Uuid;

use super::consents::back;
use super::layout::token;
use super::people::name_of;
use super::usual;
use super::words::View;
use crate::app::App;
use crate::fields::{Fields, Posted};
use crate::guard::Staff;
use crate::problem::Problem;

/// The form.
pub(crate) async fn form(
    State(app): State<Arc<App>>,
    Extension(staff): Extension<Staff>,
    Path(id): Path<Uuid>,
) -> Result<Markup, Problem> {
    let (subject, view) = (SubjectId::from_uuid(id), View::of(app, staff).await?);
    let name = name_of(&view, subject).await?;
    let title = view.lang.t("Enviar a…", "Send to…");
    let body = html! { h1 { (title) } (back(&view, subject, name.as_deref())) (ask(&view, subject)) };
    Ok(view.page(title, &body))
}

fn ask(view: &View, subject: SubjectId) -> Markup {
    let lang = view.lang;
    let travel = Set::of(&[Category::IdentityContact, Category::Travel]);
    let clinical = view.staff.role.is_clinical();
    let (purpose, ground, ticked) = if clinical {
        (Purpose::CareCoordination, Ground::Consent, usual::medical())
    } else {
        (Purpose::Travel, Ground::Processor, travel)
    };
    html! {
        form .stacked method="post" action={ "/people/" (subject.as_uuid()) "/send" } {
            (token(&view.staff))
            label { (lang.t("A quién", "To whom")) select name="to" {
                @for provider in view.house.providers.iter() {
                    option value=(provider.id().as_uuid()) { (provider.name()) " · " (view.word(provider.class())) }
                }
                @for class in [RecipientClass::Authority, RecipientClass::EmergencyResponder, RecipientClass::Insurer, RecipientClass::Companion] {
                    option value=(class.code()) { (view.word(class)) }
                }
            } }
            label { (lang.t("País, si no está en el registro", "Country, if they are in no register")) select name="country" { (view.options(Some(CountryClass::Abroad))) } }
            label { (lang.t("Para qué", "What for")) select name="purpose" { (view.options(Some(purpose))) } }
            label { (lang.t("Fundamento", "Ground")) select name="ground" { (view.options(Some(ground))) } }
            label { (lang.t("Detalle", "Detail")) select name="detail" { (view.options(Some(Detail::Full))) } }
            fieldset { legend { (lang.t("Qué", "What")) } (view.boxes("category", ticked, usual::patient_file())) }
            button { (lang.t("Decidir y enviar", "Decide and send")) }
        }
    }
}

/// Decides; what may leave stands on the page that follows, and nowhere else.
pub(crate) async fn send(
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
    Posted(staff, fields): Posted,
) -> Result<Markup, Problem> {
    let (subject, view) = (SubjectId::from_uuid(id), View::of(Arc::clone(&app), staff).await?);
    let operation = operation(&view, subject, &fields)?;
    let mut sent = app.perform(operation).await?;
    let page = match sent.page.take() {
        Some(permit) => Some(app.runtime.open_page(subject, permit, &sent.keys)?),
        None => None,
    };
    let lang = view.lang;
    let title = if page.is_some() {
        lang.t("Copia que sale", "The copy that leaves")
    } else {
        lang.t("No se envía", "Not sent")
    };
    let body = html! {
        h1 { (title) } (back(&view, subject, None))
        @match &page {
            Some(page) => (leaving(&view, page, &sent)),
            None => (view.refusal(&sent.answer)),
        }
    };
    Ok(view.page(title, &body))
}

fn operation(view: &View, subject: SubjectId, fields: &Fields) -> Result<DiscloseRecords, Problem> {
    let to = fields.required("to")?;
    let receiver = match Uuid::parse_str(to) {
        Ok(id) => Receiver::Provider(ProviderId::from_uuid(id)),
        Err(_) => Receiver::Class(
            RecipientClass::parse(to).map_err(|_| Problem::form("to"))?,
            // Where nobody says, it counts as abroad.
            fields.word("country")?.unwrap_or(CountryClass::Abroad),
        ),
    };
    let categories: Set<Category> = fields.words("category")?;
    if categories.is_empty() {
        return Err(Problem::missing("category"));
    }
    Ok(DiscloseRecords {
        actor: view.staff.actor,
        subject,
        receiver,
        purpose: fields.required_word("purpose")?,
        undescribed: None,
        ground: fields.required_word("ground")?,
        detail: fields.required_word("detail")?,
        categories,
    })
}

fn leaving(view: &View, page: &DisclosedPage, sent: &Disclosure) -> Markup {
    let lang = view.lang;
    html! {
        section .sheet {
            p { strong { (lang.t("Finalidad única: ", "Only purpose: ")) } (view.word(page.purpose)) }
            table {
                @for field in &page.fields {
                    tr { th scope="row" { (view.word(field.field)) } td { (field.value.as_str()) } }
                }
            }
            @if page.fields.is_empty() { p { (lang.t("No hay datos de estas categorías.", "There is nothing in these categories.")) } }
            p { (lang.t(
                "No se puede usar para otra cosa ni pasar a nadie más. Confirme la recepción.",
                "It may not be used for anything else nor passed on. Acknowledge receipt.",
            )) }
            @if let Some((notice, hash)) = &page.notice { p .code { (notice.as_str()) " · SHA-256 " (hash) } }
            @if let Some(checkpoint) = &page.checkpoint { details { summary { (lang.t("Firma de la bitácora", "Signature of the log")) } pre { (checkpoint) } } }
        }
        @if !sent.stayed_behind.is_empty() {
            p .note { strong { (lang.t("Algo se quedó aquí.", "Something stayed behind.")) } " "
                (lang.t("La política no permite que vaya con el resto.", "The policy does not let it go along.")) }
        }
        @if !sent.answer.obligations.is_empty() {
            p .note { (lang.t("Obligaciones: ", "Obligations: ")) (view.words(sent.answer.obligations)) }
        }
    }
}

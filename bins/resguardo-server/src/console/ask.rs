//! Ask the policy: try any request, see the answer and its rules. Nothing is read, nothing is done.

use std::sync::Arc;

use axum::extract::{Extension, RawQuery, State};
use consent_policy::{Facts, Request};
use maud::{Markup, html};
use privacy_operations::Answer;
use records_model::{
    Action, Category, ConsentForm, CountryClass, Detail, Fact, Ground, Purpose, RecipientClass, Role, Set,
};

use super::words::View;
use crate::app::App;
use crate::fields::Fields;
use crate::guard::Staff;
use crate::problem::Problem;

/// The question, with its answer if one was asked.
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    Extension(staff): Extension<Staff>,
    RawQuery(query): RawQuery,
) -> Result<Markup, Problem> {
    let view = View::of(app, staff).await?;
    let query = query.unwrap_or_default();
    let fields = Fields::read(query.as_bytes())?;
    let (request, facts) = question(&view, &fields)?;
    let answer = if query.is_empty() { None } else { Some(answer(&view, &request, &facts)) };
    let title = view.lang.t("Consultar la política", "Ask the policy");
    let body = html! {
        h1 { (title) }
        p { (view.lang.t(
            "Pruebe cualquier solicitud. Nadie lee nada: sólo se ve qué respondería la política, y por qué.",
            "Try any request. Nobody reads anything: you only see what the policy would answer, and why.",
        )) }
        @if let Some((answer, opened)) = &answer {
            (answered(&view, answer, opened))
            @if !answer.is_permit() { (nearest(&view, &request, &facts)) }
        }
        (form(&view, &request, &facts))
    };
    Ok(view.page(title, &body))
}

fn question(view: &View, fields: &Fields) -> Result<(Request, Facts), Problem> {
    let categories = fields.words("category")?;
    let request = Request {
        action: fields.word("action")?.unwrap_or(Action::Read),
        role: fields.word("role")?.unwrap_or(view.staff.role),
        actor: None,
        purpose: fields.word("purpose")?.unwrap_or(Purpose::Treatment),
        undescribed: None,
        categories: if categories.is_empty() { Set::one(Category::Laboratory) } else { categories },
        recipient: fields.word("recipient")?.unwrap_or(RecipientClass::Internal),
        recipient_id: None,
        country: fields.word("country")?.unwrap_or(CountryClass::Domestic),
        ground: fields.word("ground")?.unwrap_or(Ground::Consent),
        detail: fields.word("detail")?.unwrap_or(Detail::Full),
    };
    let consent = fields.word("consent")?.unwrap_or(ConsentForm::None);
    Ok((request, Facts::new(consent, fields.words("fact")?)))
}

type Opened = Vec<(Category, String)>;

fn answer(view: &View, request: &Request, facts: &Facts) -> (Answer, Opened) {
    let engine = &view.house.engine;
    let decision = engine.decide(request, facts, view.app.now());
    let opened =
        request.categories.iter().map(|category| (category, view.words(decision.fields_of(category))));
    let opened = opened.filter(|(_, fields)| !fields.is_empty()).collect();
    (Answer::of(engine, request, &decision), opened)
}

fn answered(view: &View, answer: &Answer, opened: &Opened) -> Markup {
    let lang = view.lang;
    html! {
        div aria-live="polite" {
            @if answer.is_permit() {
                section .answer .permit {
                    h2 { (lang.t("Sí", "Yes")) }
                    (view.reasons(answer))
                    @for (category, fields) in opened { p { strong { (view.word(*category)) } ": " (fields) } }
                    @if !answer.obligations.is_empty() {
                        p { (lang.t("Obligaciones: ", "Obligations: ")) (view.words(answer.obligations)) }
                    }
                }
            } @else { (view.refusal(answer)) }
        }
    }
}

/// What would open it, if one thing were otherwise.
fn nearest(view: &View, request: &Request, facts: &Facts) -> Markup {
    let lang = view.lang;
    let openings = view.house.engine.openings(request, facts, view.app.now());
    let words = &openings.words;
    let lines = [
        (lang.t("Falta una sola condición", "One condition short"), view.words(openings.missing)),
        (lang.t("Sobra una sola condición", "One condition too many"), view.words(openings.in_the_way)),
        (
            lang.t("Bastaría un consentimiento", "A consent would do"),
            openings.consent.map(|form| view.word(form)).unwrap_or_default(),
        ),
        (lang.t("Con otra acción", "With another action"), view.words(words.actions)),
        (lang.t("En otro puesto", "In another role"), view.words(words.roles)),
        (lang.t("Para otra finalidad", "For another purpose"), view.words(words.purposes)),
        (lang.t("Con otra categoría", "With another category"), view.words(words.categories)),
        (lang.t("Para otro destinatario", "To another recipient"), view.words(words.recipients)),
        (lang.t("En otro país", "In another country"), view.words(words.countries)),
        (lang.t("Con otro fundamento", "On another ground"), view.words(words.grounds)),
        (lang.t("Con otro detalle", "In another detail"), view.words(words.details)),
    ];
    html! {
        section {
            h2 { (lang.t("Qué cambiaría la respuesta", "What would change the answer")) }
            @if openings.is_empty() { p { (lang.t("Ningún cambio único.", "No single change.")) } }
            ul { @for (name, words) in lines { @if !words.is_empty() { li { strong { (name) } ": " (words) } } } }
        }
    }
}

fn form(view: &View, request: &Request, facts: &Facts) -> Markup {
    let lang = view.lang;
    html! {
        form .grid method="get" action="/ask" {
            label { (lang.t("Acción", "Action")) select name="action" { (view.options(Some(request.action))) } }
            label { (lang.t("Puesto", "Role")) select name="role" { (view.options::<Role>(Some(request.role))) } }
            label { (lang.t("Finalidad", "Purpose")) select name="purpose" { (view.options(Some(request.purpose))) } }
            label { (lang.t("Destinatario", "Recipient")) select name="recipient" { (view.options(Some(request.recipient))) } }
            label { (lang.t("País", "Country")) select name="country" { (view.options(Some(request.country))) } }
            label { (lang.t("Fundamento", "Ground")) select name="ground" { (view.options(Some(request.ground))) } }
            label { (lang.t("Detalle", "Detail")) select name="detail" { (view.options(Some(request.detail))) } }
            label { (lang.t("Consentimiento", "Consent")) select name="consent" { (view.options(Some(facts.consent))) } }
            fieldset .wide { legend { (lang.t("Categorías", "Categories")) } (view.boxes("category", request.categories, Set::full())) }
            fieldset .wide { legend { (lang.t("Hechos", "Facts")) } (view.boxes::<Fact>("fact", facts.present, Set::full())) }
            button { (lang.t("Preguntar", "Ask")) }
        }
    }
}

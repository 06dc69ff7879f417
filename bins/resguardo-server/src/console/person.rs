//! A person's record: every read passes a decision, and a refusal says why.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Extension, Path, RawQuery, State};
use clinic_runtime::{OpenedRecord, OpenedUse, Withheld};
use maud::{Markup, html};
use privacy_operations::{PersonFile, ViewFile};
use records_model::{BirthDate, Category, Field, Role, Set, SubjectId};
use uuid::Uuid;

use super::layout::token;
use super::people::{identity, name_in, read};
use super::usual::{self, Stated};
use super::words::View;
use crate::app::App;
use crate::fields::Fields;
use crate::guard::{Audience, Staff};
use crate::problem::Problem;

/// Most records shown of one category; the rest are counted.
const SHOWN_MAX: usize = 60;

/// The record.
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    Extension(staff): Extension<Staff>,
    Path(id): Path<Uuid>,
    RawQuery(query): RawQuery,
) -> Result<Markup, Problem> {
    let subject = SubjectId::from_uuid(id);
    let view = View::of(Arc::clone(&app), staff).await?;
    let (stated, categories) = asked(&view, query.as_deref().unwrap_or_default())?;
    let who = identity(&view, subject).await?;
    let file = file_of(&view, subject).await?;
    let opened =
        if categories.is_empty() { None } else { Some(read(&view, subject, stated, categories).await?) };
    let lang = view.lang;
    let name = name_in(&who).unwrap_or_else(|| lang.t("(nombre reservado)", "(name withheld)").to_owned());
    let body = html! {
        (heading(&view, &name, &who))
        (links(&view, subject))
        (purpose_form(&view, subject, stated, categories))
        @if let Some(opened) = &opened { (records(&view, subject, opened)) }
        @match &file {
            Ok(file) => (on_file(&view, subject, file)),
            Err(answer) => (view.refusal(answer)),
        }
        (super::writing::forms(&view, subject))
    };
    Ok(view.page(&name, &body))
}

/// What the address asks for, else what this role usually reads.
fn asked(view: &View, query: &str) -> Result<(Stated, Set<Category>), Problem> {
    let fields = Fields::read(query.as_bytes())?;
    if fields.text("emergency").is_some() {
        return Ok(usual::emergency());
    }
    let usual = usual::records(view.staff.role);
    let stated = Stated {
        purpose: fields.word("purpose")?.unwrap_or(usual.purpose),
        ground: fields.word("ground")?.unwrap_or(usual.ground),
        detail: fields.word("detail")?.unwrap_or(usual.detail),
    };
    let chosen = fields.words("category")?;
    let categories =
        if fields.text("purpose").is_some() { chosen } else { usual::categories(view.staff.role) };
    Ok((stated, categories))
}

/// What is on file besides records, or why this reader may not know.
pub(crate) async fn file_of(
    view: &View,
    subject: SubjectId,
) -> Result<Result<PersonFile, privacy_operations::Answer>, Problem> {
    let stated = usual::identity(view.staff.role);
    let (actor, purpose, ground) = (view.staff.actor, stated.purpose, stated.ground);
    let viewed = view.app.perform(ViewFile { actor, subject, purpose, ground }).await?;
    Ok(viewed.file.ok_or(viewed.answer))
}

fn heading(view: &View, name: &str, who: &OpenedUse) -> Markup {
    let lang = view.lang;
    let today = view.house.zone.date_of(view.app.now());
    let field = |field: Field| who.records.iter().find_map(|record| record.content.get(&field));
    let born = field(Field::BirthDate);
    let age =
        born.and_then(|text| BirthDate::parse(text.as_str(), today).ok()).map(|born| born.age_years(today));
    html! {
        h1 { (name) }
        p .facts {
            @if let Some(born) = born { (born.as_str()) }
            @if let Some(age) = age { " (" (age) " " (lang.t("años", "years")) ")" }
            @for one in [Field::Phone, Field::Email, Field::ResidenceCountry, Field::Language] {
                @if let Some(value) = field(one) { " · " span title=(view.word(one)) { (value.as_str()) } }
            }
        }
        @if name_in(who).is_none() {
            @for answer in who.answers.iter().filter(|answer| !answer.is_permit()).take(1) { (view.refusal(answer)) }
        }
    }
}

fn links(view: &View, subject: SubjectId) -> Markup {
    let (lang, id) = (view.lang, subject.as_uuid());
    html! {
        nav .sub aria-label=(lang.t("De esta persona", "Of this person")) {
            a href={ "/people/" (id) "/consents" } { (lang.t("Consentimientos", "Consents")) } " "
            a href={ "/people/" (id) "/send" } { (lang.t("Enviar a…", "Send to…")) } " "
            a href={ "/people/" (id) "/retention" } { (lang.t("Conservación", "Retention")) }
            @if Audience::Oversight.includes(Some(view.staff.role)) {
                " " a href={ "/people/" (id) "/accounting" } { (lang.t("A quién se entregó", "Who was given what")) }
                " " a href={ "/people/" (id) "/looks" } { (lang.t("Quién lo ha visto", "Who looked")) }
            }
        }
    }
}

fn purpose_form(view: &View, subject: SubjectId, stated: Stated, categories: Set<Category>) -> Markup {
    let lang = view.lang;
    let offered = usual::patient_file();
    html! {
        details .purpose {
            summary {
                (lang.t("Finalidad: ", "Purpose: ")) strong { (view.word(stated.purpose)) }
                " · " (view.word(stated.ground)) " · " (view.word(stated.detail))
            }
            form .stacked method="get" action={ "/people/" (subject.as_uuid()) } {
                label { (lang.t("Finalidad", "Purpose")) select name="purpose" { (view.options(Some(stated.purpose))) } }
                label { (lang.t("Fundamento", "Ground")) select name="ground" { (view.options(Some(stated.ground))) } }
                label { (lang.t("Detalle", "Detail")) select name="detail" { (view.options(Some(stated.detail))) } }
                fieldset { legend { (lang.t("Categorías", "Categories")) } (view.boxes("category", categories, offered)) }
                button { (lang.t("Leer", "Read")) }
            }
        }
    }
}

fn records(view: &View, subject: SubjectId, opened: &OpenedUse) -> Markup {
    let lang = view.lang;
    let mut groups: BTreeMap<Category, Vec<&OpenedRecord>> = BTreeMap::new();
    for record in &opened.records {
        groups.entry(record.head.category).or_default().push(record);
    }
    for group in groups.values_mut() {
        group.sort_by_key(|record| std::cmp::Reverse(record.head.anchor_at));
    }
    let refusals = opened.answers.iter().filter(|answer| !answer.is_permit());
    html! {
        @if opened.withheld == Withheld::Something {
            section .withheld role="note" { strong { (lang.t("Hay algo que no se le muestra.", "Something is withheld from you.")) } }
        }
        @if opened.answers.iter().any(|answer| !answer.is_permit()) { (break_glass(view, subject)) }
        @for (category, group) in &groups { (group_of(view, *category, group)) }
        @for answer in refusals {
            section { h2 { (view.words(answer.request.categories)) } (view.refusal(answer)) }
        }
    }
}

/// Two inputs at most: the reason, and the button.
fn break_glass(view: &View, subject: SubjectId) -> Markup {
    let lang = view.lang;
    html! {
        @if matches!(view.staff.role, Role::Physician | Role::Nurse) {
            form .card .glass method="post" action={ "/people/" (subject.as_uuid()) "/break-glass" } {
                (token(&view.staff))
                label { (lang.t("Motivo de la urgencia", "Reason for the emergency")) input name="reason" required minlength="3" maxlength="2000"; }
                button .warn { (lang.t("Abrir por urgencia", "Break the glass")) }
                small { (lang.t(
                    "Abre el mínimo indispensable. Queda anotado y lo revisa el oficial de privacidad; avise usted a la persona.",
                    "It opens the minimum set. It is recorded and the privacy officer reviews it; please tell the person.",
                )) }
            }
        }
    }
}

fn group_of(view: &View, category: Category, group: &[&OpenedRecord]) -> Markup {
    let more = group.len().saturating_sub(SHOWN_MAX);
    html! {
        section {
            h2 { (view.word(category)) " " small { (group.len()) } }
            table .records {
                @for record in group.iter().take(SHOWN_MAX) { (row(view, record)) }
            }
            @if more > 0 { p { (view.lang.t("y ", "and ")) (more) (view.lang.t(" más", " more")) } }
        }
    }
}

/// What a record is called in its line; the rest stands behind it.
const TITLE: [Field; 4] = [Field::Display, Field::Note, Field::Code, Field::Product];
/// Fields that are for machines.
const HIDDEN: [Field; 3] = [Field::SourceDocument, Field::Document, Field::Image];

fn row(view: &View, record: &OpenedRecord) -> Markup {
    let content = &record.content;
    let title = TITLE.into_iter().find_map(|field| content.get(&field).map(|value| (field, value)));
    let titled = title.map(|(field, _)| field);
    let rest = content.iter().filter(|(field, _)| Some(**field) != titled && !HIDDEN.contains(field));
    html! {
        tr {
            td .when { (view.house.zone.date_of(record.head.anchor_at)) }
            td .kind { (view.word(record.head.kind)) }
            td {
                @if let Some((_, value)) = title { strong { (value.as_str()) } }
                @for (field, value) in rest { " " span .field { span .name { (view.word(*field)) ": " } (value.as_str()) } }
                @if record.head.version.number() > 1 { " " span .code { "v" (record.head.version.number()) } }
            }
        }
    }
}

fn on_file(view: &View, subject: SubjectId, file: &PersonFile) -> Markup {
    let (lang, now) = (view.lang, view.app.now());
    let in_force = file.consents.iter().filter(|consent| consent.is_in_force(now)).count();
    let standing: Vec<_> = file.restrictions.iter().filter(|one| one.lifted_at.is_none()).collect();
    html! {
        section {
            h2 { (lang.t("En el expediente", "On file")) }
            p { a href={ "/people/" (subject.as_uuid()) "/consents" } { (lang.t("Consentimientos vigentes: ", "Consents in force: ")) (in_force) } }
            @for one in &standing {
                div .card {
                    strong { (lang.t("Restricción: ", "Restriction: ")) (view.word(one.kind)) }
                    " " (super::writing::scope_text(view, &one.scope))
                    form .inline method="post" action={ "/people/" (subject.as_uuid()) "/restrictions/" (one.id.as_uuid()) } {
                        (token(&view.staff))
                        button .quiet { (lang.t("Levantar, porque la persona lo pide", "Lift, because the person asks for it")) }
                    }
                }
            }
            @for case in &file.cases {
                p { a href={ "/requests/" (case.id.as_uuid()) } { (lang.t("Solicitud del ", "Request of ")) (view.house.zone.date_of(case.received_at)) } }
            }
            @for hold in file.holds.iter().filter(|hold| hold.released_at.is_none()) {
                p { strong { (lang.t("Suspensión legal de la destrucción: ", "Legal hold: ")) } (view.words(hold.classes)) }
            }
        }
    }
}

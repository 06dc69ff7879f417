//! Writing: a note, a restriction, a broken glass and its review.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use chrono::TimeDelta;
use clinic_runtime::RuntimeError;
use maud::{Markup, html};
use postgres_store::StoreError;
use privacy_operations::{
    AddRestriction, Answer, CardNumberAnswer, EvidenceKind, LiftRestriction, OperationError, RecordEvidence,
    RevealedHealth, ReviewEvidence, ReviewVerdict, WriteRecord,
};
use records_model::{
    AnchorEvent, Category, ContentForm, ContentKind, EvidenceId, Field, Ground, Purpose, RecipientClass,
    RecordContent, RestrictionId, RestrictionKind, RestrictionScope, Role, SubjectId,
};
use uuid::Uuid;

use super::consents::back;
use super::layout::token;
use super::words::View;
use crate::app::App;
use crate::fields::Posted;
use crate::problem::Problem;

/// How long a glass broken from the page stays broken, in hours; the operation has the longest.
const GLASS_HOURS: i64 = 1;

/// The forms below a record.
pub(crate) fn forms(view: &View, subject: SubjectId) -> Markup {
    let (lang, id) = (view.lang, subject.as_uuid());
    html! {
        @if view.staff.role.is_clinical() {
            details .card {
                summary { (lang.t("Escribir una nota", "Write a note")) }
                form .stacked method="post" action={ "/people/" (id) "/records" } {
                    (token(&view.staff))
                    label { (lang.t("Nota de evolución", "Progress note")) textarea name="note" rows="4" required {} }
                    button { (lang.t("Guardar", "Save")) }
                }
            }
        }
        details .card {
            summary { (lang.t("Anotar una restricción", "Record a restriction")) }
            form .stacked method="post" action={ "/people/" (id) "/restrictions" } {
                (token(&view.staff))
                label { (lang.t("Clase", "Kind")) select name="kind" { (view.options(Some(RestrictionKind::Agreed))) } }
                label { (lang.t("Puesto (vacío: todos)", "Role (empty: every role)")) select name="role" { option value="" {} (view.options::<Role>(None)) } }
                label { (lang.t("Finalidad (vacía: todas)", "Purpose (empty: every purpose)")) select name="purpose" { option value="" {} (view.options::<Purpose>(None)) } }
                label { (lang.t("Destinatario (vacío: todos)", "Recipient (empty: every recipient)")) select name="recipient" { option value="" {} (view.options::<RecipientClass>(None)) } }
                fieldset { legend { (lang.t("Categorías (ninguna: todas)", "Categories (none: all)")) }
                    (view.boxes("category", records_model::Set::EMPTY, super::usual::patient_file())) }
                button { (lang.t("Anotar", "Record")) }
            }
        }
        (super::requests::open_form(view, subject))
    }
}

/// The scope of a restriction in words.
pub(crate) fn scope_text(view: &View, scope: &RestrictionScope) -> String {
    let parts = [
        view.words(scope.categories),
        view.words(scope.purposes),
        view.words(scope.recipients),
        view.words(scope.roles),
    ];
    let named: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    if named.is_empty() { view.lang.t("todo", "everything").to_owned() } else { named.join(" · ") }
}

/// Breaks the glass and shows the minimum set.
pub(crate) async fn break_glass(
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
    Posted(staff, fields): Posted,
) -> Result<Response, Problem> {
    let (subject, view) = (SubjectId::from_uuid(id), View::of(Arc::clone(&app), staff).await?);
    let recorded = app
        .perform(RecordEvidence {
            actor: view.staff.actor,
            subject,
            kind: EvidenceKind::BreakGlass,
            reason: fields.required("reason")?.to_owned(),
            lasts: TimeDelta::hours(GLASS_HOURS),
        })
        .await?;
    Ok(match recorded.evidence {
        Some(_) => Redirect::to(&format!("/people/{id}?emergency=1")).into_response(),
        None => refused(&view, subject, &recorded.answer).into_response(),
    })
}

fn refused(view: &View, subject: SubjectId, answer: &Answer) -> Markup {
    let title = view.lang.t("No se anotó", "Not recorded");
    view.page(title, &html! { h1 { (title) } (back(view, subject, None)) (view.refusal(answer)) })
}

fn done(view: &View, subject: SubjectId, answer: &Answer) -> Response {
    if answer.is_permit() {
        Redirect::to(&format!("/people/{}", subject.as_uuid())).into_response()
    } else {
        refused(view, subject, answer).into_response()
    }
}

/// The officer's verdict on a broken glass.
pub(crate) async fn review(
    State(app): State<Arc<App>>,
    Path((id, evidence)): Path<(Uuid, Uuid)>,
    Posted(staff, fields): Posted,
) -> Result<Response, Problem> {
    let (subject, view) = (SubjectId::from_uuid(id), View::of(Arc::clone(&app), staff).await?);
    let verdict = ReviewVerdict::parse(fields.required("verdict")?).ok_or(Problem::form("verdict"))?;
    let evidence = EvidenceId::from_uuid(evidence);
    let review = ReviewEvidence { actor: view.staff.actor, subject, evidence, verdict };
    let answer = app.perform(review).await?;
    Ok(if answer.is_permit() {
        Redirect::to("/today").into_response()
    } else {
        refused(&view, subject, &answer).into_response()
    })
}

/// Records a restriction; it counts at once.
pub(crate) async fn restrict(
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
    Posted(staff, fields): Posted,
) -> Result<Response, Problem> {
    let (subject, view) = (SubjectId::from_uuid(id), View::of(Arc::clone(&app), staff).await?);
    let scope = RestrictionScope {
        purposes: fields.word("purpose")?.into_iter().collect(),
        categories: fields.words("category")?,
        recipients: fields.word("recipient")?.into_iter().collect(),
        roles: fields.word("role")?.into_iter().collect(),
        ..RestrictionScope::default()
    };
    let kind = fields.required_word("kind")?;
    let add = AddRestriction { actor: view.staff.actor, subject, kind, scope, unless: Vec::new() };
    let changed = app.perform(add).await?;
    Ok(done(&view, subject, &changed.answer))
}

/// Lifts a restriction.
pub(crate) async fn lift(
    State(app): State<Arc<App>>,
    Path((id, restriction)): Path<(Uuid, Uuid)>,
    Posted(staff, _): Posted,
) -> Result<Response, Problem> {
    let (subject, view) = (SubjectId::from_uuid(id), View::of(Arc::clone(&app), staff).await?);
    let restriction = RestrictionId::from_uuid(restriction);
    let changed = app.perform(LiftRestriction { actor: view.staff.actor, subject, restriction }).await?;
    Ok(done(&view, subject, &changed.answer))
}

/// Writes a progress note.
pub(crate) async fn note(
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
    Posted(staff, fields): Posted,
) -> Result<Response, Problem> {
    let (subject, view) = (SubjectId::from_uuid(id), View::of(Arc::clone(&app), staff).await?);
    let card_number = match fields.text("card") {
        Some("not-a-card") => CardNumberAnswer::NotACard,
        Some("mask") => CardNumberAnswer::Mask,
        _ => CardNumberAnswer::NotAsked,
    };
    let content: RecordContent = [(Field::Note, fields.required("note")?.into())].into_iter().collect();
    let written = app
        .perform(WriteRecord {
            actor: view.staff.actor,
            subject,
            purpose: Purpose::Treatment,
            ground: Ground::Consent,
            category: Category::TreatmentNotes,
            kind: ContentKind::Note,
            form: ContentForm::FreeText,
            reveals: RevealedHealth::Nothing,
            anchor: (AnchorEvent::LastMedicalAct, app.now()),
            content,
            addendum_to: None,
            card_number,
        })
        .await;
    match written {
        Ok(written) => Ok(done(&view, subject, &written.answer)),
        Err(error) if is_card_question(&error) => {
            Ok(ask_about_card(&view, subject, fields.required("note")?).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

fn is_card_question(error: &RuntimeError) -> bool {
    matches!(
        error,
        RuntimeError::Operation(OperationError::CardNumberUnclear { .. })
            | RuntimeError::Store(StoreError::Operation(OperationError::CardNumberUnclear { .. }))
    )
}

/// Asks about what looks like a card number; the note stays in the form, so that nothing is lost.
fn ask_about_card(view: &View, subject: SubjectId, text: &str) -> Markup {
    let lang = view.lang;
    let title = lang.t("¿Es un número de tarjeta?", "Is it a card number?");
    let body = html! {
        h1 { (title) } (back(view, subject, None))
        p { (lang.t(
            "En la nota hay algo que parece un número de tarjeta. Todavía no se guardó nada.",
            "The note holds what looks like a payment card number. Nothing has been stored yet.",
        )) }
        form .stacked method="post" action={ "/people/" (subject.as_uuid()) "/records" } {
            (token(&view.staff))
            label { (lang.t("Nota de evolución", "Progress note")) textarea name="note" rows="6" required { (text) } }
            button name="card" value="mask" { (lang.t("Es una tarjeta: cubrirlo y guardar", "It is a card: mask it and save")) }
            " "
            button name="card" value="not-a-card" { (lang.t("No es una tarjeta: guardar así", "It is no card: save as it is")) }
        }
    };
    view.page(title, &body)
}

//! Rights requests with their clocks, and what retention says.

use std::sync::Arc;

use axum::extract::{Extension, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use chrono::{DateTime, NaiveDate, Utc};
use jurisdiction::Right;
use maud::{Markup, html};
use privacy_operations::{OpenRequest, ReviewRetention, ViewFile, WorkList};
use records_model::{CaseId, Ground, Purpose, RestrictionKind, SubjectId};
use retention::RetentionState;
use rights_requests::{AskerKind, Case, Channel, Clock};
use uuid::Uuid;

use super::consents::back;
use super::layout::token;
use super::words::View;
use crate::app::App;
use crate::fields::Posted;
use crate::guard::Staff;
use crate::problem::Problem;

/// One right of one case with its clock.
pub(crate) struct DueLine {
    case: CaseId,
    right: Right,
    received_at: DateTime<Utc>,
    due: NaiveDate,
    clock: Clock,
}

impl DueLine {
    /// Whether an answer is still owed.
    pub(crate) const fn is_open(&self) -> bool {
        matches!(self.clock, Clock::Running { .. } | Clock::Overdue { .. })
    }
}

fn read(document: serde_json::Value) -> Result<Case, Problem> {
    serde_json::from_value(document)
        .map_err(|_| Problem::Store(postgres_store::StoreError::Inconsistent { table: "cases" }))
}

/// Every right of every case, the earliest date first.
pub(crate) async fn due_lines(view: &View) -> Result<Vec<DueLine>, Problem> {
    let today = view.house.zone.date_of(view.app.now());
    let mut lines = Vec::new();
    for row in view.app.runtime.store().cases(view.app.runtime.clinic()).await? {
        let case = read(row.document)?;
        for (right, item) in case.items() {
            lines.push(DueLine {
                case: row.id,
                right: *right,
                received_at: row.received_at,
                due: item.answer_by().committed_due(),
                clock: item.answer_clock(today),
            });
        }
    }
    lines.sort_by_key(|line| line.due);
    Ok(lines)
}

/// A table of clocks.
pub(crate) fn due_table(view: &View, lines: &[&DueLine]) -> Markup {
    let lang = view.lang;
    html! {
        @if !lines.is_empty() {
            table .due {
                thead { tr {
                    th { (lang.t("Fecha límite", "Due")) } th { (lang.t("Plazo", "Time left")) } th { (lang.t("Derecho", "Right")) }
                    th { (lang.t("Recibida", "Received")) } th {}
                } }
                @for line in lines {
                    tr .late[line.clock.is_missed()] {
                        td { (line.due) } td { (clock_text(view, line.clock)) } td { (right_text(view, line.right)) }
                        td { (view.house.zone.date_of(line.received_at)) }
                        td { a href={ "/requests/" (line.case.as_uuid()) } { (lang.t("Por qué esa fecha", "Why that date")) } }
                    }
                }
            }
        }
    }
}

fn clock_text(view: &View, clock: Clock) -> String {
    let lang = view.lang;
    match clock {
        Clock::Running { days_left: 0 } => lang.t("vence hoy", "due today").to_owned(),
        Clock::Running { days_left: 1 } => lang.t("falta 1 día", "1 day left").to_owned(),
        Clock::Overdue { days: 1 } => lang.t("venció hace 1 día", "late by 1 day").to_owned(),
        Clock::Running { days_left } => {
            format!("{} {days_left} {}", lang.t("faltan", "in"), lang.t("días", "days"))
        }
        Clock::Overdue { days } => {
            format!("{} {days} {}", lang.t("vencida hace", "late by"), lang.t("días", "days"))
        }
        Clock::InTime => lang.t("en tiempo", "in time").to_owned(),
        Clock::Late { days } => format!("{} {days}", lang.t("tarde, días:", "late, days:")),
    }
}

fn right_text(view: &View, right: Right) -> &'static str {
    let (es, en) = match right {
        Right::Access => ("acceso", "access"),
        Right::Correction => ("rectificación", "correction"),
        Right::Restriction => ("restricción", "restriction"),
        Right::ConfidentialCommunication => ("comunicación confidencial", "confidential communication"),
        Right::Notification => ("aviso de incidentes", "notice of breaches"),
        Right::Complaint => ("queja", "complaint"),
        Right::Cancellation => ("cancelación", "cancellation"),
        Right::Opposition => ("oposición", "opposition"),
        Right::Revocation => ("revocación", "revocation"),
        Right::Accounting => ("quién recibió sus datos", "an account of who received the data"),
    };
    view.lang.t(es, en)
}

/// Every request.
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    Extension(staff): Extension<Staff>,
) -> Result<Markup, Problem> {
    let view = View::of(app, staff).await?;
    let title = view.lang.t("Solicitudes de derechos", "Rights requests");
    if let Some(refused) = view.oversee(WorkList::Cases, title).await? {
        return Ok(refused);
    }
    let lines = due_lines(&view).await?;
    let body = html! {
        h1 { (title) }
        (due_table(&view, &lines.iter().collect::<Vec<_>>()))
        @if lines.is_empty() { p { (view.lang.t("Ninguna todavía.", "None yet.")) } }
    };
    Ok(view.page(title, &body))
}

/// One request, with how each date was worked out.
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    Extension(staff): Extension<Staff>,
    Path(id): Path<Uuid>,
) -> Result<Markup, Problem> {
    let view = View::of(Arc::clone(&app), staff).await?;
    let rows = app.runtime.store().cases(app.runtime.clinic()).await?;
    let row = rows.into_iter().find(|row| row.id.as_uuid() == id).ok_or(Problem::NotFound)?;
    let subject = row.subject;
    let title = view.lang.t("Solicitud", "Request");
    let look =
        ViewFile { actor: view.staff.actor, subject, purpose: Purpose::Oversight, ground: Ground::LegalDuty };
    let viewed = app.perform(look).await?;
    let Some(file) = viewed.file else {
        return Ok(view.page(title, &html! { h1 { (title) } (view.refusal(&viewed.answer)) }));
    };
    let found = file.cases.into_iter().find(|case| case.id.as_uuid() == id).ok_or(Problem::NotFound)?;
    let case = read(found.document)?;
    let today = view.house.zone.date_of(app.now());
    let body = html! {
        h1 { (title) } (back(&view, subject, None))
        p { (view.lang.t("Recibida el ", "Received on ")) (view.moment(case.received_at())) }
        @for (right, item) in case.items() {
            section {
                h2 { (right_text(&view, *right)) " · " (item.answer_by().committed_due()) }
                p { (clock_text(&view, item.answer_clock(today))) }
                ul .derivation { @for line in item.answer_by().explain(view.lang.0) { li { (line) } } }
            }
        }
    };
    Ok(view.page(title, &body))
}

/// The form that opens a request.
pub(crate) fn open_form(view: &View, subject: SubjectId) -> Markup {
    let lang = view.lang;
    let rights = [
        Right::Access,
        Right::Correction,
        Right::Restriction,
        Right::ConfidentialCommunication,
        Right::Complaint,
        Right::Cancellation,
        Right::Opposition,
        Right::Revocation,
    ];
    html! {
        details .card {
            summary { (lang.t("Abrir una solicitud de derechos", "Open a rights request")) }
            form .stacked method="post" action={ "/people/" (subject.as_uuid()) "/requests" } {
                (token(&view.staff))
                fieldset { legend { (lang.t("Qué pide", "What is asked for")) }
                    @for right in rights {
                        label .box { input type="checkbox" name="right" value=(records_model::Vocabulary::code(right)); " " (right_text(view, right)) }
                    }
                }
                label { (lang.t("Cómo llegó", "How it came in")) select name="channel" { (view.options(Some(Channel::InPerson))) } }
                label { (lang.t("Quién pide", "Who asks")) select name="asker" { (view.options(Some(AskerKind::Patient))) } }
                label { (lang.t("En sus palabras", "In their own words")) textarea name="words" rows="3" maxlength="4000" {} }
                button { (lang.t("Abrir", "Open")) }
            }
        }
    }
}

/// Opens a request received now.
pub(crate) async fn open(
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
    Posted(staff, fields): Posted,
) -> Result<Response, Problem> {
    let (subject, view) = (SubjectId::from_uuid(id), View::of(Arc::clone(&app), staff).await?);
    let rights = fields.words::<Right>("right")?;
    let opened = app
        .perform(OpenRequest {
            actor: view.staff.actor,
            subject,
            asker: fields.required_word("asker")?,
            channel: fields.required_word("channel")?,
            received_at: app.now(),
            rights,
            restriction: rights.contains(Right::Restriction).then_some(RestrictionKind::Agreed),
            words: fields.text("words").map(str::to_owned),
        })
        .await?;
    if opened.opened.is_some() {
        return Ok(Redirect::to(&format!("/people/{id}")).into_response());
    }
    let title = view.lang.t("No se abrió", "Not opened");
    Ok(view.page(title, &html! { h1 { (title) } (view.refusal(&opened.answer)) }).into_response())
}

/// What the retention schedule says of a person's records today.
pub(crate) async fn retention(
    State(app): State<Arc<App>>,
    Extension(staff): Extension<Staff>,
    Path(id): Path<Uuid>,
) -> Result<Markup, Problem> {
    let (subject, view) = (SubjectId::from_uuid(id), View::of(Arc::clone(&app), staff).await?);
    let found = app.perform(ReviewRetention { actor: view.staff.actor, subject }).await?;
    let lang = view.lang;
    let title = lang.t("Conservación", "Retention");
    let body = html! {
        h1 { (title) } (back(&view, subject, None))
        @if !found.answer.is_permit() { (view.refusal(&found.answer)) }
        table {
            thead { tr { th { (lang.t("Clase", "Class")) } th { (lang.t("Se guarda hasta", "Kept through")) } th { (lang.t("Estado", "State")) } } }
            @for class in &found.classes {
                tr {
                    td { (view.word(class.class())) }
                    td { @match class.floor_until() { Some(day) => (day), None => "—" } }
                    td { (state_text(&view, class.state())) @if let Some(day) = class.disposable_from() { " · " (lang.t("puede destruirse a partir del ", "may be destroyed from ")) (day) } }
                }
            }
        }
    };
    Ok(view.page(title, &body))
}

fn state_text(view: &View, state: RetentionState) -> &'static str {
    let (es, en) = match state {
        RetentionState::Active => ("en uso", "in use"),
        RetentionState::Retained => {
            ("se guarda; los usos secundarios terminaron", "kept; secondary uses are off")
        }
        RetentionState::Blocked => ("bloqueado", "blocked"),
        RetentionState::Held => ("bajo suspensión legal de la destrucción", "under a legal hold"),
        RetentionState::Disposable => ("puede destruirse", "may be destroyed"),
        RetentionState::Overdue => ("debió destruirse ya", "should have been destroyed"),
    };
    view.lang.t(es, en)
}

//! What the log says about one person: who was given their data, and who looked at their record.

use std::sync::Arc;

use audit_log::{Accounting, ReaderWords as _, ShownLook, Statement};
use axum::extract::{Extension, Path, RawQuery, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use chrono::{NaiveDate, NaiveTime};
use clinic_runtime::OnPaper;
use maud::{Markup, html};
use privacy_operations::{HouseWords, LogAsking, SuspendAccounting};
use records_model::SubjectId;
use uuid::Uuid;

use super::consents::back;
use super::layout::token;
use super::words::View;
use crate::app::App;
use crate::fields::{Fields, Posted};
use crate::guard::Staff;
use crate::problem::Problem;

/// Which list, and why it is looked at.
struct Asked {
    asking: LogAsking,
    form: Option<OnPaper>,
}

impl Asked {
    fn read(query: Option<&str>) -> Result<Self, Problem> {
        let fields = Fields::read(query.unwrap_or_default().as_bytes())?;
        let asking =
            if fields.text("request").is_some() { LogAsking::OwnRequest } else { LogAsking::Oversight };
        let form = match fields.text("format") {
            None => None,
            Some("csv") => Some(OnPaper::Csv),
            Some("html") => Some(OnPaper::Html),
            Some(_) => return Err(Problem::form("format")),
        };
        Ok(Self { asking, form })
    }
}

/// Who was given a person's data in the last six years.
pub(crate) async fn accounting(
    State(app): State<Arc<App>>,
    Extension(staff): Extension<Staff>,
    Path(id): Path<Uuid>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let (subject, view) = (SubjectId::from_uuid(id), View::of(Arc::clone(&app), staff).await?);
    let asked = Asked::read(query.as_deref())?;
    let (whose, asking) = ((view.staff.actor, subject), asked.asking);
    let shown =
        app.apart(|runtime, clock| async move { runtime.accounting(whose, asking, clock).await }).await?;
    let words = HouseWords::new(Arc::clone(&view.house), view.lang.0);
    if let Some(form) = asked.form
        && let Some(text) = shown.on_paper(form, view.lang.0, &words)
    {
        return Ok(file(form, "accounting", text));
    }
    let title = view.lang.t("A quién se ha entregado su información", "Who was given their information");
    let body = html! {
        h1 { (title) } (back(&view, subject, None))
        @match &shown.accounting {
            None => (view.refusal(&shown.answer)),
            Some(accounting) => {
                (runs(&view, accounting, &words))
                (taken_along(&view, ("accounting", subject), asked.asking))
                (head(&view, shown.checkpoint.as_deref(), shown.unopened))
                (suspension_form(&view, subject))
            }
        }
    };
    Ok(view.page(title, &body).into_response())
}

fn runs(view: &View, accounting: &Accounting, words: &HouseWords) -> Markup {
    let lang = view.lang;
    html! {
        p { (words.day(accounting.window.start)) " → " (words.day(accounting.window.end)) }
        @if accounting.disclosures.is_empty() {
            p { (lang.t("En este periodo no se entregó su información a nadie fuera de la clínica.", "In this period their information was given to nobody outside the clinic.")) }
        } @else {
            table .records {
                tr {
                    th scope="col" { (lang.t("Primera y última vez", "First and last time")) }
                    th scope="col" { (lang.t("Veces", "Times")) }
                    th scope="col" { (lang.t("A quién", "Given to")) }
                    th scope="col" { (lang.t("Qué", "What")) }
                    th scope="col" { (lang.t("Para qué", "What for")) }
                }
                @for run in &accounting.disclosures {
                    tr {
                        td .when { (words.day(run.first_at)) " → " (words.day(run.last_at)) }
                        td { (run.count) }
                        td { (words.recipient(&run.recipient).name) }
                        td { (view.words(run.categories)) }
                        td { (words.purpose(run.purpose, run.undescribed_purpose.as_ref())) }
                    }
                }
            }
        }
        @if accounting.hidden > 0 {
            p .note { (lang.t("Suspendidas por una autoridad: ", "Suspended by an authority: ")) (accounting.hidden) }
        }
    }
}

/// Who looked at a person's record.
pub(crate) async fn looks(
    State(app): State<Arc<App>>,
    Extension(staff): Extension<Staff>,
    Path(id): Path<Uuid>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let (subject, view) = (SubjectId::from_uuid(id), View::of(Arc::clone(&app), staff).await?);
    let asked = Asked::read(query.as_deref())?;
    let (whose, how) = ((view.staff.actor, subject), (asked.asking, view.lang.0));
    let shown = app.apart(|runtime, clock| async move { runtime.looks(whose, how, clock).await }).await?;
    if let Some(form) = asked.form
        && let Some(text) = shown.on_paper(form, view.lang.0)
    {
        return Ok(file(form, "looks", text));
    }
    let title = view.lang.t("Quién ha visto este expediente", "Who looked at this record");
    let body = html! {
        h1 { (title) } (back(&view, subject, None))
        @match &shown.looks {
            None => (view.refusal(&shown.answer)),
            Some(looks) => {
                (looked(&view, looks))
                (taken_along(&view, ("looks", subject), asked.asking))
                (head(&view, shown.checkpoint.as_deref(), shown.unopened))
            }
        }
    };
    Ok(view.page(title, &body).into_response())
}

fn looked(view: &View, looks: &[ShownLook]) -> Markup {
    let lang = view.lang;
    html! {
        @if looks.is_empty() { p { (lang.t("Nadie lo ha visto ni lo ha intentado.", "Nobody has looked or tried to.")) } }
        table .log {
            @for look in looks.iter().rev() {
                tr .(if look.outcome.is_refusal() { "deny" } else { "permit" }) {
                    td .when { (view.moment(look.at)) }
                    td { @for part in [&look.role, &look.unit, &look.name].into_iter().flatten() { (part) " " } }
                    td { (look.purpose) }
                    td { (look.categories.join(", ")) }
                    td { (outcome(view, look)) }
                }
            }
        }
    }
}

fn outcome(view: &View, look: &ShownLook) -> &'static str {
    let lang = view.lang;
    match (look.outcome.is_refusal(), look.is_break_glass) {
        (true, _) => lang.t("se negó", "refused"),
        (false, true) => lang.t("acceso de emergencia", "emergency access"),
        (false, false) => lang.t("se permitió", "allowed"),
    }
}

/// Links to the forms in which it is taken along, and to the person's own request for it.
fn taken_along(view: &View, (list, subject): (&str, SubjectId), asking: LogAsking) -> Markup {
    let lang = view.lang;
    let path = format!("/people/{}/{list}", subject.as_uuid());
    let on = if asking == LogAsking::OwnRequest { "&request=1" } else { "" };
    html! {
        p {
            a .button href={ (path) "?format=html" (on) } { (lang.t("Para imprimir", "To print")) } " "
            a .button href={ (path) "?format=csv" (on) } { "CSV" } " "
            @if asking == LogAsking::Oversight {
                a href={ (path) "?request=1" } { (lang.t("La persona lo pide (con identidad comprobada)", "The person asks for it (identity proved)")) }
            }
        }
    }
}

/// The newest signed head: whoever keeps it can show later whether anything was changed.
pub(super) fn head(view: &View, note: Option<&str>, unopened: usize) -> Markup {
    let lang = view.lang;
    html! {
        @if unopened > 0 {
            p { (lang.t("Entradas de la bitácora que ya no se abren: ", "Log entries that no longer open: ")) (unopened) }
        }
        @if let Some(note) = note { details { summary { (lang.t("Firma de la bitácora", "Signature of the log")) } pre { (note) } } }
    }
}

fn file(form: OnPaper, name: &str, text: String) -> Response {
    let (kind, ending) = match form {
        OnPaper::Csv => ("text/csv; charset=utf-8", "csv"),
        OnPaper::Html => ("text/html; charset=utf-8", "html"),
    };
    let disposition = format!("attachment; filename=\"{name}.{ending}\"");
    ([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)], text)
        .into_response()
}

fn suspension_form(view: &View, subject: SubjectId) -> Markup {
    let lang = view.lang;
    html! {
        details .card {
            summary { (lang.t("Una autoridad pide que no se informe", "An authority asks not to be told of")) }
            form .stacked method="post" action={ "/people/" (subject.as_uuid()) "/accounting" } {
                (token(&view.staff))
                label { (lang.t("Hasta el día que dice su escrito (vacío: lo dijo de palabra, 30 días)", "Through the day that its letter names (empty: it was said, 30 days)")) input type="date" name="until"; }
                label { (lang.t("Quién lo pidió y qué dijo", "Who asked, and what they stated")) textarea name="words" rows="2" required minlength="3" maxlength="2000" {} }
                button { (lang.t("Suspender", "Suspend")) }
            }
        }
    }
}

/// Takes an authority's statement down; it ends by itself.
pub(crate) async fn suspend(
    State(app): State<Arc<App>>,
    Path(id): Path<Uuid>,
    Posted(staff, fields): Posted,
) -> Result<Response, Problem> {
    let (subject, view) = (SubjectId::from_uuid(id), View::of(Arc::clone(&app), staff).await?);
    let day = fields.text("until").map(str::parse::<NaiveDate>).transpose();
    let day = day.map_err(|_| Problem::form("until"))?;
    let statement = match day.map(|day| day.succ_opt().ok_or(Problem::form("until"))).transpose()? {
        Some(end) => Statement::Written { until: view.house.zone.instant_of(end.and_time(NaiveTime::MIN)) },
        None => Statement::Oral,
    };
    let suspended = app
        .perform(SuspendAccounting {
            actor: view.staff.actor,
            subject,
            authority: None,
            stated_at: app.now(),
            statement,
            words: fields.required("words")?.to_owned(),
        })
        .await?;
    let title = view.lang.t("Suspensión de un informe", "Suspension of an accounting");
    let body = html! {
        h1 { (title) } (back(&view, subject, None))
        @match suspended.suspension {
            Some((_, until)) => p { (view.lang.t("Termina por sí sola: ", "It ends by itself: ")) (view.moment(until)) },
            None => (view.refusal(&suspended.answer)),
        }
    };
    Ok(view.page(title, &body).into_response())
}

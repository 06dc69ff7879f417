//! Signing in and out, and choosing a language.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Extension, State};
use axum::http::header::{HeaderMap, SET_COOKIE};
use axum::response::{IntoResponse, Redirect, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use chrono::{DateTime, TimeDelta, Utc};
use clinic_runtime::{PasswordCheck, SignInName};
use maud::{Markup, html};
use privacy_operations::{SignIn, SignInOutcome};
use records_model::ActorId;

use super::layout::bare_page;
use crate::app::{App, Lang};
use crate::attempts::{Holder, Turn};
use crate::fields::{Fields, Posted};
use crate::guard::{LANGUAGE_COOKIE, cookie, session_hash};
use crate::problem::Problem;

/// How long a session lasts, in hours: one shift (a choice of this project).
const SESSION_HOURS: i64 = 12;

/// The sign-in page; a demonstration shows who there is.
pub(crate) async fn form(State(app): State<Arc<App>>, Extension(lang): Extension<Lang>) -> Markup {
    sign_in_page(&app, lang, None)
}

fn sign_in_page(app: &App, lang: Lang, wrong: Option<&str>) -> Markup {
    let body = html! {
        h1 { "Resguardo" }
        p { (lang.t("Entre con su usuario del personal.", "Sign in with your staff name.")) }
        @if let Some(wrong) = wrong { p .refused role="alert" { (wrong) } }
        form .stacked method="post" action="/sign-in" {
            label { (lang.t("Usuario", "Name")) input name="login" autocomplete="username" required autofocus; }
            label { (lang.t("Contraseña", "Password")) input name="password" type="password" autocomplete="current-password" required; }
            button { (lang.t("Entrar", "Sign in")) }
        }
        @if !app.serving.sign_ins().is_empty() {
            section .demo {
                h2 { (lang.t("Demostración: personas inventadas", "Demonstration: invented people")) }
                ul .signins {
                    @for one in app.serving.sign_ins() {
                        li {
                            form .inline method="post" action="/sign-in" {
                                input type="hidden" name="login" value=(one.login);
                                input type="hidden" name="password" value=(crate::demo::DEMO_PASSWORD);
                                button { (one.login) }
                            }
                            " " (lang.t(one.about.0, one.about.1))
                        }
                    }
                }
            }
        }
    };
    bare_page(lang, lang.t("Entrar", "Sign in"), &body)
}

/// Checks the password and opens a session.
pub(crate) async fn sign_in(
    State(app): State<Arc<App>>,
    Extension(lang): Extension<Lang>,
    body: Bytes,
) -> Result<Response, Problem> {
    let fields = Fields::read(&body)?;
    let (login, password) = (fields.required("login")?, fields.exact("password")?.to_owned());
    // What nobody can be called is wrong at once: it is neither looked up nor hashed nor remembered.
    let Ok(name) = SignInName::parse(login) else { return Ok(wrong(&app, lang)) };
    let (now, clinic) = (app.now(), app.runtime.clinic());
    let row = app.runtime.store().login(clinic, name.as_str(), app.today().await?).await?;
    let holder = if row.is_some() { Holder::Staff } else { Holder::Nobody };
    if app.attempts.begin(&name, holder, now) == Turn::Resting {
        return Err(Problem::Resting);
    }
    let (actor, stored) = row.map(|row| (row.line.actor.id, row.password_hash)).unzip();
    let check = app.attempts.check(stored, password).await;
    let (Some(actor), PasswordCheck::Right) = (actor, check) else {
        if let Some(actor) = actor {
            app.enter_later(SignIn { actor, outcome: SignInOutcome::WrongPassword });
        }
        return Ok(wrong(&app, lang));
    };
    app.attempts.take_back(&name, now);
    open_session(&app, actor, now).await
}

fn wrong(app: &App, lang: Lang) -> Response {
    let wrong = lang.t("El usuario o la contraseña no es correcto.", "The name or the password is wrong.");
    sign_in_page(app, lang, Some(wrong)).into_response()
}

/// Opens a session for whoever gave the right password at this instant, once that stands in the log.
async fn open_session(app: &App, actor: ActorId, now: DateTime<Utc>) -> Result<Response, Problem> {
    app.perform(SignIn { actor, outcome: SignInOutcome::SignedIn }).await?;
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(|_| clinic_runtime::RuntimeError::Randomness)?;
    let secret = BASE64.encode(secret);
    let until = now + TimeDelta::hours(SESSION_HOURS);
    app.runtime
        .store()
        .open_session(app.runtime.clinic(), actor, session_hash(&secret), (now, until))
        .await?;
    let set = app.serving.set_session(&secret, SESSION_HOURS * 3600);
    Ok(([(SET_COOKIE, set)], Redirect::to("/today")).into_response())
}

/// Ends the session.
pub(crate) async fn sign_out(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    _: Posted,
) -> Result<Response, Problem> {
    if let Some(secret) = cookie(&headers, app.serving.session_cookie()) {
        app.runtime.store().close_session(app.runtime.clinic(), session_hash(secret)).await?;
    }
    let set = app.serving.set_session("", 0);
    Ok(([(SET_COOKIE, set)], Redirect::to("/sign-in")).into_response())
}

/// Remembers a language, because the visitor chose it (policy section 9, P-84).
pub(crate) async fn language(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let fields = Fields::read(&body)?;
    let code @ ("es" | "en") = fields.required("language")? else { return Err(Problem::form("language")) };
    let set = format!("{LANGUAGE_COOKIE}={code}; Path=/; HttpOnly; SameSite=Strict; Max-Age=31536000");
    let back = if cookie(&headers, app.serving.session_cookie()).is_some() { "/today" } else { "/sign-in" };
    Ok(([(SET_COOKIE, set)], Redirect::to(back)).into_response())
}

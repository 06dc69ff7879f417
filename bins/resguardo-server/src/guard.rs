//! Who may open which page: one table, and the guard that keeps it.

use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use jurisdiction::Language;
use records_model::{ActorId, Role};
use sha2::{Digest, Sha256};

use crate::app::{App, Lang};
use crate::problem::Problem;

/// For whom a page is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Anybody, without sign-in and without a cookie.
    Anyone,
    /// Whoever is signed in as staff.
    Staff,
    /// Whoever oversees privacy: the officer and the direction.
    Oversight,
}

impl Audience {
    /// Whether a role belongs to it.
    #[must_use]
    pub fn includes(self, role: Option<Role>) -> bool {
        match self {
            Self::Anyone => true,
            Self::Staff => role.is_some_and(Role::is_staff),
            Self::Oversight => matches!(role, Some(Role::PrivacyOfficer | Role::Director)),
        }
    }
}

/// One route and its audience.
#[derive(Debug, Clone)]
pub struct Route {
    /// The method, `GET` or `POST`.
    pub method: &'static str,
    /// The path, with its parameters.
    pub path: &'static str,
    /// For whom.
    pub audience: Audience,
}

const fn get(path: &'static str, audience: Audience) -> Route {
    Route { method: "GET", path, audience }
}

const fn post(path: &'static str, audience: Audience) -> Route {
    Route { method: "POST", path, audience }
}

/// Every route. What is not here is not served.
pub const ROUTES: [Route; 45] = [
    get("/", Audience::Anyone),
    get("/style.css", Audience::Anyone),
    get("/health", Audience::Anyone),
    get("/notice", Audience::Anyone),
    get("/sign-in", Audience::Anyone),
    post("/sign-in", Audience::Anyone),
    post("/language", Audience::Anyone),
    post("/sign-out", Audience::Staff),
    get("/today", Audience::Staff),
    get("/people", Audience::Staff),
    post("/people", Audience::Staff),
    get("/people/new", Audience::Staff),
    post("/people/new", Audience::Staff),
    get("/people/{id}", Audience::Staff),
    post("/people/{id}/break-glass", Audience::Staff),
    get("/people/{id}/consents", Audience::Staff),
    post("/people/{id}/consents", Audience::Staff),
    get("/people/{id}/consents/{consent}", Audience::Staff),
    post("/people/{id}/consents/{consent}", Audience::Staff),
    post("/people/{id}/restrictions", Audience::Staff),
    post("/people/{id}/restrictions/{restriction}", Audience::Staff),
    post("/people/{id}/records", Audience::Staff),
    get("/people/{id}/send", Audience::Staff),
    post("/people/{id}/send", Audience::Staff),
    post("/people/{id}/requests", Audience::Staff),
    get("/people/{id}/retention", Audience::Staff),
    get("/people/{id}/accounting", Audience::Oversight),
    post("/people/{id}/accounting", Audience::Oversight),
    get("/people/{id}/looks", Audience::Oversight),
    get("/requests", Audience::Oversight),
    get("/requests/{case}", Audience::Oversight),
    get("/reviews", Audience::Oversight),
    get("/alerts", Audience::Oversight),
    post("/alerts", Audience::Oversight),
    post("/alerts/{alert}", Audience::Oversight),
    post("/reviews/{id}/{evidence}", Audience::Oversight),
    get("/audit", Audience::Oversight),
    post("/audit", Audience::Oversight),
    get("/audit/export", Audience::Oversight),
    get("/ask", Audience::Staff),
    get("/policy", Audience::Oversight),
    post("/policy", Audience::Oversight),
    post("/policy/draft", Audience::Oversight),
    get("/promises", Audience::Oversight),
    get("/collect", Audience::Oversight),
];

/// Somebody of the staff who is signed in.
#[derive(Debug, Clone)]
pub(crate) struct Staff {
    /// Who.
    pub(crate) actor: ActorId,
    /// In which role.
    pub(crate) role: Role,
    /// The token that this session's forms carry.
    pub(crate) token: String,
    /// The language of the page.
    pub(crate) lang: Lang,
}

/// Name of the language cookie, set only when somebody chooses a language.
pub(crate) const LANGUAGE_COOKIE: &str = "resguardo_language";

/// Keeps the table, the session and the headers.
pub(crate) async fn guard(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let lang = language(request.headers(), &app);
    let tls_only = app.serving.tls_only(request.headers());
    request.extensions_mut().insert(lang);
    let mut response = match admit(&app, &mut request, lang).await {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal,
    };
    if let Some(problem) = response.extensions_mut().remove::<Arc<Problem>>() {
        response = problem.page(lang);
    }
    protect(response.headers_mut());
    response.headers_mut().extend(tls_only);
    response
}

async fn admit(app: &App, request: &mut Request, lang: Lang) -> Result<(), Response> {
    if request.method() == Method::POST && is_cross_site(request.headers()) {
        return Err(Problem::Forged.into_response());
    }
    let path = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let method = if request.method() == Method::HEAD { "GET" } else { request.method().as_str() };
    let route = ROUTES.iter().find(|route| route.path == path && route.method == method);
    let audience = route.ok_or_else(|| Problem::NotFound.into_response())?.audience;
    if audience == Audience::Anyone {
        return Ok(());
    }
    let Some(staff) = signed_in(app, request.headers(), lang).await.map_err(IntoResponse::into_response)?
    else {
        return Err(if method == "GET" {
            Redirect::to("/sign-in").into_response()
        } else {
            Problem::SignedOut.into_response()
        });
    };
    if !audience.includes(Some(staff.role)) {
        return Err(Problem::NotForYou.into_response());
    }
    request.extensions_mut().insert(staff);
    Ok(())
}

async fn signed_in(app: &App, headers: &HeaderMap, lang: Lang) -> Result<Option<Staff>, Problem> {
    let Some(secret) = cookie(headers, app.serving.session_cookie()) else { return Ok(None) };
    let clinic = app.runtime.clinic();
    let day = (app.now(), app.today().await?);
    let line = app.runtime.store().session(clinic, session_hash(secret), day).await?;
    Ok(line.map(|line| Staff {
        actor: line.actor.id,
        role: line.actor.role,
        token: form_token(secret),
        lang,
    }))
}

/// The hash under which a session is stored.
pub(crate) fn session_hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

/// The token of a session's forms: derived, so that it needs no storing, and useless for signing in.
fn form_token(secret: &str) -> String {
    BASE64.encode(Sha256::new().chain_update(b"resguardo/form\0").chain_update(secret.as_bytes()).finalize())
}

/// A cookie's value.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|line| line.split(';')).find_map(|pair| {
        let (found, value) = pair.trim().split_once('=')?;
        (found == name).then_some(value)
    })
}

/// Whether a browser says that another site sent this.
fn is_cross_site(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return !matches!(site, "same-origin" | "none");
    }
    match (text("origin"), text("host")) {
        (Some(origin), Some(host)) => origin.split_once("://").map(|(_, rest)| rest) != Some(host),
        _ => false,
    }
}

/// The language somebody chose, else the one the browser prefers, else the clinic's first.
fn language(headers: &HeaderMap, app: &App) -> Lang {
    let chosen = cookie(headers, LANGUAGE_COOKIE).map(str::to_owned);
    let preferred = || {
        let wanted = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
        wanted
            .split([',', ';', '-'])
            .map(str::trim)
            .find(|code| matches!(*code, "es" | "en"))
            .map(str::to_owned)
    };
    let first = || app.runtime.house().and_then(|house| house.settings.languages.first().copied());
    match chosen.or_else(preferred).as_deref() {
        Some("en") => Lang(Language::En),
        Some("es") => Lang(Language::Es),
        _ => Lang(first().unwrap_or(Language::Es)),
    }
}

/// Nothing from elsewhere runs in a page, nothing frames it, and no page is kept by a cache.
fn protect(headers: &mut HeaderMap) {
    let fixed = [
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}

/// What a route answers to a principal before its handler runs: the status of the table.
#[must_use]
pub fn expected_status(route: &Route, role: Option<Role>) -> StatusCode {
    match (route.audience.includes(role), role, route.method) {
        (true, _, _) => StatusCode::OK,
        (false, None, "GET") => StatusCode::SEE_OTHER,
        (false, None, _) => StatusCode::UNAUTHORIZED,
        (false, Some(_), _) => StatusCode::FORBIDDEN,
    }
}

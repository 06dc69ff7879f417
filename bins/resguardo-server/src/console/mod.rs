//! The pages of the console. A handler takes typed input, calls one operation, and renders its outcome.

mod alerts;
mod ask;
mod audit;
mod consents;
mod entrance;
pub(crate) mod layout;
mod notice;
mod people;
mod person;
mod policy;
mod promises;
mod register;
mod requests;
mod reviews;
mod send;
mod streaming;
mod today;
mod trail;
mod usual;
mod withdraw;
mod words;
mod writing;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Extension};
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};

use crate::app::{App, Lang};
use crate::fields::DOCUMENT_FORM_BYTES_MAX;
use crate::problem::Problem;

/// Every route; the table in `guard` says for whom each is.
pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/", get(async || Redirect::to("/today")))
        .route("/style.css", get(style))
        .route("/health", get(async || "ok"))
        .route("/notice", get(notice::show))
        .route("/sign-in", get(entrance::form).post(entrance::sign_in))
        .route("/language", post(entrance::language))
        .route("/sign-out", post(entrance::sign_out))
        .route("/today", get(today::show))
        .route("/people", get(people::form).post(people::search))
        .route("/people/new", get(register::form).post(register::register))
        .route("/people/{id}", get(person::show))
        .route("/people/{id}/break-glass", post(writing::break_glass))
        .route("/people/{id}/consents", get(consents::show).post(consents::give))
        .route("/people/{id}/consents/{consent}", get(withdraw::before).post(withdraw::confirmed))
        .route("/people/{id}/restrictions", post(writing::restrict))
        .route("/people/{id}/restrictions/{restriction}", post(writing::lift))
        .route("/people/{id}/records", post(writing::note))
        .route("/people/{id}/send", get(send::form).post(send::send))
        .route("/people/{id}/requests", post(requests::open))
        .route("/people/{id}/retention", get(requests::retention))
        .route("/people/{id}/accounting", get(trail::accounting).post(trail::suspend))
        .route("/people/{id}/looks", get(trail::looks))
        .route("/requests", get(requests::list))
        .route("/requests/{case}", get(requests::show))
        .route("/reviews", get(reviews::show))
        .route("/alerts", get(alerts::show).post(alerts::look))
        .route("/alerts/{alert}", post(alerts::judge))
        .route("/reviews/{id}/{evidence}", post(writing::review))
        .route("/audit", get(audit::show).post(audit::verify))
        .route("/audit/export", get(audit::export))
        .route("/ask", get(ask::show))
        .route("/policy", get(policy::show).post(policy::put_in_force).layer(whole_document()))
        .route("/policy/draft", post(policy::draft).layer(whole_document()))
        .route("/promises", get(promises::show))
        .route("/collect", get(people::without_consent))
}

/// A form that carries a whole policy document.
const fn whole_document() -> DefaultBodyLimit {
    DefaultBodyLimit::max(DOCUMENT_FORM_BYTES_MAX)
}

/// What is served for an address that no route has; the guard says so in the visitor's language.
pub(crate) async fn nowhere() -> Response {
    Problem::NotFound.into_response()
}

async fn style(_: Extension<Lang>) -> impl IntoResponse {
    let headers =
        [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "max-age=3600")];
    (headers, include_str!("../../assets/style.css"))
}

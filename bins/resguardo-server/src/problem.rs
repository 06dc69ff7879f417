//! What went wrong, as a page that says what to do next and repeats nobody's data.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use clinic_runtime::RuntimeError;
use maud::html;
use postgres_store::StoreError;
use privacy_operations::OperationError;

use crate::app::Lang;
use crate::console::layout::bare_page;

/// Every way a page can fail.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Problem {
    /// Nobody is signed in.
    #[error("nobody is signed in")]
    SignedOut,
    /// Signed in, but this page is for others.
    #[error("this page is for others")]
    NotForYou,
    /// The form came from elsewhere, or the session changed.
    #[error("the form is not one of this session")]
    Forged,
    /// A field holds what it cannot.
    #[error("the field `{0}` holds what it cannot")]
    Field(&'static str),
    /// A field must be filled in.
    #[error("the field `{0}` is empty")]
    Missing(&'static str),
    /// A value breaks its own rules.
    #[error("{0}")]
    Value(String),
    /// There is no such thing.
    #[error("there is no such page, person or record here")]
    NotFound,
    /// Too many failed sign-ins.
    #[error("too many failed sign-ins")]
    Resting,
    /// The clinic could not.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// The store could not.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Problem {
    pub(crate) const fn form(field: &'static str) -> Self {
        Self::Field(field)
    }

    pub(crate) const fn missing(field: &'static str) -> Self {
        Self::Missing(field)
    }

    /// A value that breaks its own rules, in the words of its error.
    pub(crate) fn value(error: &impl std::fmt::Display) -> Self {
        Self::Value(error.to_string())
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::SignedOut => StatusCode::UNAUTHORIZED,
            Self::NotForYou | Self::Forged => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Resting => StatusCode::TOO_MANY_REQUESTS,
            Self::Field(_) | Self::Missing(_) | Self::Value(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Runtime(
                RuntimeError::Operation(error) | RuntimeError::Store(StoreError::Operation(error)),
            )
            | Self::Store(StoreError::Operation(error)) => of_operation(error),
            Self::Runtime(_) | Self::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn words(&self, lang: Lang) -> (String, String) {
        let (title, next) = match self {
            Self::SignedOut => (
                lang.t("Su sesión terminó", "Your session is over"),
                lang.t("Entre otra vez.", "Sign in again."),
            ),
            Self::NotForYou => (
                lang.t("Esta página es para otro puesto", "This page is for another role"),
                lang.t(
                    "Si la necesita, pídala al oficial de privacidad.",
                    "If you need it, ask the privacy officer.",
                ),
            ),
            Self::Forged => (
                lang.t("El formulario no es de esta sesión", "The form is not one of this session"),
                lang.t(
                    "Nada se guardó. Vuelva a la página, cárguela otra vez y envíelo de nuevo.",
                    "Nothing was stored. Go back, load the page again and send it once more.",
                ),
            ),
            Self::NotFound => (
                lang.t("No está aquí", "It is not here"),
                lang.t(
                    "Revise la dirección o busque a la persona.",
                    "Check the address, or search for the person.",
                ),
            ),
            Self::Resting => (
                lang.t("Demasiados intentos", "Too many tries"),
                lang.t("Espere 15 minutos y vuelva a intentar.", "Wait 15 minutes and try again."),
            ),
            Self::Runtime(RuntimeError::Store(StoreError::Unanswered))
            | Self::Store(StoreError::Unanswered) => {
                tracing::error!(error = %self, "it is not known whether a change was stored");
                (
                    lang.t("No se sabe si quedó guardado", "It is not known whether this was stored"),
                    lang.t(
                        "La base de datos no alcanzó a contestar. Vuelva a la página y mire si está antes de repetirlo.",
                        "The database did not come to answer. Go back and look whether it is there before you do it again.",
                    ),
                )
            }
            Self::Runtime(_) | Self::Store(_) if self.status() == StatusCode::SERVICE_UNAVAILABLE => {
                tracing::error!(error = %self, "a page could not be served");
                (
                    lang.t("No se pudo ahora", "It could not be done now"),
                    lang.t(
                        "Nada se guardó. Vuelva a intentar; si se repite, avise a sistemas.",
                        "Nothing was stored. Try again; if it happens again, tell the systems staff.",
                    ),
                )
            }
            _ => {
                let title = lang.t("Falta corregir algo", "Something needs mending");
                let next = lang.t("Nada se guardó. ", "Nothing was stored. ");
                return (title.to_owned(), format!("{next}{self}."));
            }
        };
        (title.to_owned(), next.to_owned())
    }

    /// The page.
    pub(crate) fn page(&self, lang: Lang) -> Response {
        let (title, next) = self.words(lang);
        let body = html! {
            h1 { (title) }
            p { (next) }
            p { a href="/today" { (lang.t("Ir al inicio", "Go to the first page")) } }
        };
        (self.status(), bare_page(lang, &title, &body)).into_response()
    }
}

fn of_operation(error: &OperationError) -> StatusCode {
    match error {
        OperationError::UnknownSubject(_)
        | OperationError::UnknownRecord
        | OperationError::UnknownConsent
        | OperationError::UnknownEvidence
        | OperationError::UnknownRestriction => StatusCode::NOT_FOUND,
        OperationError::Open(_) | OperationError::Unwrap(_) | OperationError::StoredKey(_) => {
            StatusCode::INTERNAL_SERVER_ERROR
        }
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

impl IntoResponse for Problem {
    /// The status; the guard, which knows the visitor's language, writes the page.
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

#[cfg(test)]
mod tests {
    use jurisdiction::Language;

    use super::*;

    #[test]
    fn where_the_answer_is_missing_nobody_is_told_that_nothing_was_stored() {
        for problem in [StoreError::Unanswered.into(), RuntimeError::from(StoreError::Unanswered).into()] {
            let problem: Problem = problem;
            let (_, next) = problem.words(Lang(Language::En));
            assert!(next.contains("look whether it is there") && !next.contains("Nothing"), "{next}");
        }
        let (_, next) = Problem::from(StoreError::UnknownClinic).words(Lang(Language::En));
        assert!(next.starts_with("Nothing was stored"), "{next}");
    }
}

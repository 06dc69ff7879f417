//! The fields of a posted form, read as closed words.

use std::fmt;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use records_model::{Set, Vocabulary};
use subtle::ConstantTimeEq as _;

use crate::guard::Staff;
use crate::problem::Problem;

/// What a page posted, after its token was checked.
#[derive(Clone, Default)]
pub(crate) struct Fields(Vec<(String, String)>);

/// Shows which fields came, and nothing of what stands in them: passwords, tokens, notes.
impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(field, _)| field)).finish()
    }
}

/// Largest form, in bytes; a record's text has its own limits.
pub(crate) const FORM_BYTES_MAX: usize = 256 * 1024;
/// Largest form that carries a policy document, in bytes: it is sent percent-encoded, which may triple it.
pub(crate) const DOCUMENT_FORM_BYTES_MAX: usize = 2 * 1024 * 1024;
/// The field that holds the token against forged requests.
pub(crate) const TOKEN_FIELD: &str = "token";

impl Fields {
    /// Reads a form or a query.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Problem> {
        serde_urlencoded::from_bytes(bytes).map(Self).map_err(|_| Problem::form("?"))
    }

    /// A field, trimmed; nothing if it is absent or empty.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(field, _)| field == name);
        found.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }

    /// A field that must be there.
    pub(crate) fn required(&self, name: &'static str) -> Result<&str, Problem> {
        self.text(name).ok_or(Problem::missing(name))
    }

    /// A field that must be there, as it was typed: spaces at the ends of a password belong to it.
    pub(crate) fn exact(&self, name: &'static str) -> Result<&str, Problem> {
        let found = self.0.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str());
        found.filter(|value| !value.is_empty()).ok_or(Problem::missing(name))
    }

    /// A word of a vocabulary; nothing if the field is absent.
    pub(crate) fn word<V: Vocabulary>(&self, name: &'static str) -> Result<Option<V>, Problem> {
        self.text(name).map(V::parse).transpose().map_err(|_| Problem::form(name))
    }

    /// A word that must be there.
    pub(crate) fn required_word<V: Vocabulary>(&self, name: &'static str) -> Result<V, Problem> {
        self.word(name)?.ok_or(Problem::missing(name))
    }

    /// Every word that was ticked.
    pub(crate) fn words<V: Vocabulary>(&self, name: &'static str) -> Result<Set<V>, Problem> {
        let ticked = self.0.iter().filter(|(field, _)| field == name);
        let mut words = Set::EMPTY;
        for (_, value) in ticked {
            words = words.with(V::parse(value).map_err(|_| Problem::form(name))?);
        }
        Ok(words)
    }

    /// Whether the page's own token is among the fields.
    fn holds_token(&self, token: &str) -> bool {
        self.text(TOKEN_FIELD).is_some_and(|given| given.as_bytes().ct_eq(token.as_bytes()).into())
    }
}

/// A form posted by somebody who is signed in, from a page of ours.
pub(crate) struct Posted(pub(crate) Staff, pub(crate) Fields);

impl<S: Send + Sync> FromRequest<S> for Posted {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let staff = request.extensions().get::<Staff>().cloned();
        let staff = staff.ok_or_else(|| Problem::SignedOut.into_response())?;
        let bytes = Bytes::from_request(request, state).await.map_err(IntoResponse::into_response)?;
        let read = Fields::read(&bytes).map_err(IntoResponse::into_response)?;
        if read.holds_token(&staff.token) {
            Ok(Self(staff, read))
        } else {
            Err(Problem::Forged.into_response())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_keeps_its_spaces_and_an_empty_one_is_missing() {
        let fields = Fields::read(b"password=+secreta+&note=+nota+&empty=").unwrap();
        assert_eq!(fields.exact("password").unwrap(), " secreta ");
        assert_eq!(fields.required("note").unwrap(), "nota");
        assert!(fields.exact("empty").is_err() && fields.exact("absent").is_err());
    }

    #[test]
    fn debug_shows_which_fields_came_and_nothing_of_them() {
        let fields = Fields::read(b"login=oficial&password=+secreta+").unwrap();
        assert_eq!(format!("{fields:?}"), r#"["login", "password"]"#);
    }
}

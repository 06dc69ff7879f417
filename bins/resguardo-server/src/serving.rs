//! How visitors reach the server, and what that makes of the session's cookie.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::demo::SignIn;

/// How visitors reach the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Serving {
    /// From this machine and in clear, with invented data; the sign-in page shows these.
    Demonstration(Vec<SignIn>),
    /// In earnest: browsers keep the session only where TLS protects it.
    InEarnest,
}

/// How long a browser comes back over TLS only: a year, in seconds (a choice of this project).
const TLS_ONLY: HeaderValue = HeaderValue::from_static("max-age=31536000");

impl Serving {
    /// The sign-ins that the page shows.
    pub(crate) fn sign_ins(&self) -> &[SignIn] {
        match self {
            Self::Demonstration(sign_ins) => sign_ins,
            Self::InEarnest => &[],
        }
    }

    /// Name of the session's cookie. The prefix has browsers refuse one that another host set, or that came in
    /// clear.
    pub(crate) const fn session_cookie(&self) -> &'static str {
        match self {
            Self::Demonstration(_) => "resguardo_session",
            Self::InEarnest => "__Host-resguardo_session",
        }
    }

    /// What sets the session's cookie for so many seconds; none ends it.
    pub(crate) fn set_session(&self, secret: &str, seconds: i64) -> String {
        let (name, secure) = match self {
            Self::Demonstration(_) => (self.session_cookie(), ""),
            Self::InEarnest => (self.session_cookie(), "; Secure"),
        };
        format!("{name}={secret}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}")
    }

    /// The header that keeps browsers to TLS, for a request that came over it.
    pub(crate) fn tls_only(&self, request: &HeaderMap) -> Option<(header::HeaderName, HeaderValue)> {
        let is_over_tls = request.get("x-forwarded-proto").is_some_and(|value| value == "https");
        match self {
            Self::InEarnest if is_over_tls => Some((header::STRICT_TRANSPORT_SECURITY, TLS_ONLY)),
            Self::InEarnest | Self::Demonstration(_) => None,
        }
    }
}

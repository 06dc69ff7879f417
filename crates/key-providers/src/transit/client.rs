//! One request to Transit at a time: no redirect is followed and no proxy asked, because a token travels.

use std::fmt;
use std::io::Read as _;
use std::net::IpAddr;

use serde::Deserialize;
use ureq::http::{HeaderValue, Method, Request, Uri};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, AsSendBody};
use zeroize::Zeroizing;

use crate::{ProviderError, TIMEOUT};

/// Longest answer that is read, in bytes.
const ANSWER_BYTES_MAX: u64 = 64 * 1024;

/// Where Transit listens: `https://host:port`, or `http://` on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransitAddress(String);

impl TransitAddress {
    /// Reads an address.
    ///
    /// # Errors
    ///
    /// [`ProviderError::Address`], or [`ProviderError::PlainHttp`] for another machine without TLS.
    pub fn parse(text: &str) -> Result<Self, ProviderError> {
        let uri: Uri = text.parse().map_err(|_| ProviderError::Address)?;
        let is_bare = uri.path() == "/" && uri.query().is_none();
        let authority = uri.authority().filter(|named| is_bare && !named.as_str().contains('@'));
        let host = authority.ok_or(ProviderError::Address)?.host();
        match uri.scheme_str() {
            Some("https") => {}
            Some("http") if is_this_machine(host) => {}
            Some("http") => return Err(ProviderError::PlainHttp),
            _ => return Err(ProviderError::Address),
        }
        Ok(Self(text.trim_end_matches('/').to_owned()))
    }
}

impl fmt::Display for TransitAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_this_machine(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// What is asked.
pub(super) enum Ask<'a> {
    Read,
    Write(&'a str),
    Delete,
}

impl Ask<'_> {
    /// What a policy has to allow for it.
    const fn capability(&self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write(_) => "create and update",
            Self::Delete => "delete",
        }
    }
}

/// What was answered.
pub(super) enum Told {
    /// It was done; wiped when dropped.
    Done(Zeroizing<Vec<u8>>),
    /// There is no such thing.
    NotFound,
    /// It cannot be done; the reason that was given, in lower case. Looked at, and never shown.
    Invalid(String),
}

/// What was answered if it cannot be done.
#[derive(Deserialize)]
struct Reasons {
    errors: Vec<String>,
}

pub(super) struct Client {
    agent: Agent,
    address: TransitAddress,
    token: Option<Zeroizing<String>>,
}

impl Client {
    pub(super) fn new(
        address: TransitAddress,
        authority: Option<&[u8]>,
        token: Option<Zeroizing<String>>,
    ) -> Result<Self, ProviderError> {
        let roots = authority.map_or(Ok(RootCerts::WebPki), certificates)?;
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .max_idle_connections(0)
            .timeout_global(Some(TIMEOUT))
            .user_agent("resguardo")
            .tls_config(TlsConfig::builder().root_certs(roots).build())
            .build()
            .new_agent();
        Ok(Self { agent, address, token })
    }

    pub(super) const fn address(&self) -> &TransitAddress {
        &self.address
    }

    /// Asks, and tells what the status means.
    pub(super) fn ask(&self, ask: &Ask<'_>, path: &str) -> Result<Told, ProviderError> {
        let (status, body) = match ask {
            Ask::Read => self.send(Method::GET, path, ())?,
            Ask::Delete => self.send(Method::DELETE, path, ())?,
            Ask::Write(body) => self.send(Method::POST, path, *body)?,
        };
        let address = self.address.0.clone();
        match status {
            200..=299 => Ok(Told::Done(body)),
            300..=399 | 429 | 472 | 473 => Err(ProviderError::Standby { address }),
            400 => Ok(Told::Invalid(reasons(&body))),
            403 => Err(ProviderError::Refused { capability: ask.capability(), path: path.to_owned() }),
            404 => Ok(Told::NotFound),
            503 => Err(ProviderError::Sealed { address }),
            _ => Err(ProviderError::Answer { status, path: path.to_owned() }),
        }
    }

    fn send(
        &self,
        method: Method,
        path: &str,
        body: impl AsSendBody,
    ) -> Result<(u16, Zeroizing<Vec<u8>>), ProviderError> {
        let token = self.token.as_ref().ok_or(ProviderError::TokenMissing)?;
        let mut token = HeaderValue::from_str(token).map_err(|_| ProviderError::TokenMissing)?;
        token.set_sensitive(true);
        let unreachable = |why: String| ProviderError::Unreachable { address: self.address.0.clone(), why };
        let request = Request::builder()
            .method(method)
            .uri(format!("{}/v1/{}", self.address, path.replace(' ', "%20")))
            .header("X-Vault-Token", token)
            .header("X-Vault-Request", "true")
            .body(body)
            .map_err(|_| ProviderError::Address)?;
        let response = self.agent.run(request).map_err(|error| unreachable(error.to_string()))?;
        let status = response.status().as_u16();
        // Room for all of it, so that growing leaves no copy behind.
        let mut answer = Zeroizing::new(Vec::with_capacity(usize::try_from(ANSWER_BYTES_MAX).unwrap_or(0)));
        let mut reader = response.into_body().into_reader().take(ANSWER_BYTES_MAX);
        reader.read_to_end(&mut answer).map_err(|error| unreachable(error.to_string()))?;
        Ok((status, answer))
    }
}

fn reasons(body: &[u8]) -> String {
    let reasons: Option<Reasons> = serde_json::from_slice(body).ok();
    reasons.map(|said| said.errors.join("; ").to_lowercase()).unwrap_or_default()
}

fn certificates(pem: &[u8]) -> Result<RootCerts, ProviderError> {
    let mut found: Vec<Certificate<'static>> = Vec::new();
    for item in parse_pem(pem) {
        if let PemItem::Certificate(certificate) = item.map_err(|_| ProviderError::Authority)? {
            found.push(certificate);
        }
    }
    if found.is_empty() { Err(ProviderError::Authority) } else { Ok(RootCerts::from(found)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_spoken_to_in_the_clear() {
        for good in
            ["https://vault.example:8200", "https://10.0.0.1/", "http://127.0.0.1:8200", "http://[::1]:8200"]
        {
            assert!(TransitAddress::parse(good).is_ok(), "{good}");
        }
        let plain = TransitAddress::parse("http://vault.example:8200");
        assert!(matches!(plain, Err(ProviderError::PlainHttp)));
        let plain = TransitAddress::parse("http://127.0.0.1.example:8200");
        assert!(matches!(plain, Err(ProviderError::PlainHttp)));
        for bad in [
            "vault.example",
            "ftp://vault.example",
            "https://vault.example/v1",
            "https://a:b@vault.example",
            "",
        ] {
            assert!(matches!(TransitAddress::parse(bad), Err(ProviderError::Address)), "{bad}");
        }
    }
}

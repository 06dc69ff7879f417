//! Where to connect, as whom.

use std::fmt;
use std::str::FromStr;

use super::bare::quoting::PORT;
use super::error::EmbeddedError;

/// Where to connect and as whom.
///
/// `Debug` hides the password.
///
/// ```
/// use postgres_store::embedded::ConnectTarget;
///
/// let target: ConnectTarget = "host=/run/pg port=5432 user=reader password=s3cret dbname=clinic".parse()?;
/// assert_eq!((target.host.as_str(), target.database.as_str()), ("/run/pg", "clinic"));
/// assert!(!format!("{target:?}").contains("s3cret"));
/// # Ok::<(), postgres_store::embedded::EmbeddedError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct ConnectTarget {
    /// The folder of the socket, absolute.
    pub host: String,
    /// The port number; it only names the socket in its folder.
    pub port: u16,
    /// The database.
    pub database: String,
    /// The login.
    pub user: String,
    /// Its password.
    pub password: String,
}

impl ConnectTarget {
    /// The same login on another database of the same cluster.
    #[must_use]
    pub fn with_database(&self, database: &str) -> Self {
        Self { database: database.to_owned(), ..self.clone() }
    }

    /// Another login on the same database.
    #[must_use]
    pub fn with_login(&self, user: &str, password: &str) -> Self {
        Self { user: user.to_owned(), password: password.to_owned(), ..self.clone() }
    }

    /// The target as libpq's keywords, which `diesel-async` and `psql` read. It holds the password.
    #[must_use]
    pub fn to_keywords(&self) -> String {
        let quoted = |text: &str| format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"));
        format!(
            "host={} port={} user={} password={} dbname={}",
            quoted(&self.host),
            self.port,
            quoted(&self.user),
            quoted(&self.password),
            quoted(&self.database)
        )
    }
}

impl FromStr for ConnectTarget {
    type Err = EmbeddedError;

    /// Reads keywords; a port that is not named is 5432, a database `postgres`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let words = keywords(text).ok_or(EmbeddedError::Target)?;
        let value =
            |name: &str| words.iter().rev().find(|(word, _)| word == name).map(|(_, value)| value.clone());
        let (Some(host), Some(user), Some(password)) = (value("host"), value("user"), value("password"))
        else {
            return Err(EmbeddedError::Target);
        };
        let port = value("port").map_or(Ok(PORT), |text| text.parse()).map_err(|_| EmbeddedError::Target)?;
        let database = value("dbname").unwrap_or_else(|| "postgres".to_owned());
        Ok(Self { host, port, database, user, password })
    }
}

/// Splits `word=value` pairs; a value may stand between quotes, and a backslash takes the next character as it is.
fn keywords(text: &str) -> Option<Vec<(String, String)>> {
    let mut rest = text.trim_start();
    let mut pairs = Vec::new();
    while !rest.is_empty() {
        let (word, after) = rest.split_once('=')?;
        let (value, after) = value(after.trim_start())?;
        pairs.push((word.trim().to_owned(), value));
        rest = after.trim_start();
    }
    Some(pairs)
}

/// The value at the start of `text`, and what follows it.
fn value(text: &str) -> Option<(String, &str)> {
    let (quoted, body) = text.strip_prefix('\'').map_or((None, text), |body| (Some('\''), body));
    let mut value = String::new();
    let mut characters = body.char_indices();
    while let Some((position, character)) = characters.next() {
        match character {
            '\\' => value.push(characters.next()?.1),
            '\'' if quoted.is_some() => return Some((value, body.get(position + 1..)?)),
            c if quoted.is_none() && c.is_whitespace() => return Some((value, body.get(position..)?)),
            c => value.push(c),
        }
    }
    quoted.is_none().then_some((value, ""))
}

impl fmt::Debug for ConnectTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectTarget")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("database", &self.database)
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::ConnectTarget;

    #[test]
    fn every_character_survives_the_keywords() {
        let target = ConnectTarget {
            host: "/a folder/it's\\here".to_owned(),
            port: 5433,
            database: "clinic one".to_owned(),
            user: "o'hara".to_owned(),
            password: "\\'\" =".to_owned(),
        };
        assert_eq!(target.to_keywords().parse::<ConnectTarget>().unwrap(), target);
    }

    #[test]
    fn a_target_without_password_is_refused() {
        assert!("host=/tmp user=me".parse::<ConnectTarget>().is_err());
        assert!("user=me password=x".parse::<ConnectTarget>().is_err());
        for broken in
            ["", "no keywords at all", "host='/tmp user=me password=x", "host=/tmp port=x user=u password=p"]
        {
            assert!(broken.parse::<ConnectTarget>().is_err(), "{broken}");
        }
    }
}

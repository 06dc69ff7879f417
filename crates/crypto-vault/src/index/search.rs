//! Tokens of what can be looked up: telephone, e-mail, the id at a source, and names.

use std::fmt;

use hmac::Mac;
use records_model::{BirthDate, EmailAddress, PersonName, PhoneNumber, SourceIdentity};

use super::normalise::{folded_email, name_parts};
use crate::kdf::{HmacSha256, expand, keyed};
use crate::key::IndexRootId;

/// HMAC-SHA256 of a normalised value under the key of its field, as stored in the index.
///
/// `Debug` does not show it: equal tokens link people.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlindToken([u8; 32]);

impl BlindToken {
    /// The bytes as they are stored.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// A token that was stored.
    #[must_use]
    pub const fn from_bytes(stored: [u8; 32]) -> Self {
        Self(stored)
    }
}

impl fmt::Debug for BlindToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BlindToken(..)")
    }
}

/// Version of the normalisation: a change of it gives other tokens, and so a new version of the index.
const NORMALISATION: u8 = 1;

/// The index keys of one clinic, one per field.
///
/// What can be guessed by trying every value (a date of birth, a sex, a country) has no token of its own: there
/// is no function for it. A date of birth counts only together with a part of the name.
///
/// A token finds candidates. Two people may share one, so the caller opens the rows found and compares.
///
/// ```
/// use crypto_vault::testing::{CountingRng, example_index_root_id};
/// use crypto_vault::IndexRoot;
/// use records_model::{PersonName, PhoneNumber};
///
/// let root = IndexRoot::generate(example_index_root_id(), &mut CountingRng::new(1));
/// let keys = root.search_keys(&root.check_value())?;
///
/// let written = PersonName::parse("José", "de la Peña-García")?;
/// let typed = PersonName::parse("garcia", "PENA JOSE")?;
/// assert_eq!(keys.name(&written), keys.name(&typed));
/// assert_eq!(
///     keys.phone(&PhoneNumber::parse("+52 81 1234-5678")?),
///     keys.phone(&PhoneNumber::parse("+528112345678")?),
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct SearchKeys {
    phone: HmacSha256,
    email: HmacSha256,
    source: HmacSha256,
    name: HmacSha256,
    name_birth: HmacSha256,
}

impl SearchKeys {
    pub(super) fn derive(id: &IndexRootId, root: &[u8; 32]) -> Self {
        let context = id.encode();
        let of_field = |code: &'static str| {
            let label: &[u8] = b"resguardo/vault/v1/index\0";
            let [key] = &*expand::<1>(root, &[label, &context, &[NORMALISATION], code.as_bytes()]);
            keyed(key)
        };
        Self {
            phone: of_field("phone"),
            email: of_field("email"),
            source: of_field("source-identity"),
            name: of_field("name"),
            name_birth: of_field("name-birth-date"),
        }
    }

    /// The token of a telephone number.
    #[must_use]
    pub fn phone(&self, phone: &PhoneNumber) -> BlindToken {
        token(&self.phone, &[phone.as_str().as_bytes()])
    }

    /// The token of an e-mail address, in lower case throughout.
    #[must_use]
    pub fn email(&self, email: &EmailAddress) -> BlindToken {
        token(&self.email, &[folded_email(email.as_str()).as_bytes()])
    }

    /// The token of the place an imported record came from; compared byte by byte.
    #[must_use]
    pub fn source_identity(&self, source: &SourceIdentity) -> BlindToken {
        let parts = [source.system.as_bytes(), source.resource.as_bytes(), source.id.as_bytes()];
        let [system, resource, _] =
            parts.map(|part| u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        let [a, b, c] = parts;
        token(&self.source, &[&system, a, &resource, b, c])
    }

    /// One token for each part of a name, ascending, each once: the order of the parts, accents, case, hyphens
    /// and particles such as "de la" do not count.
    #[must_use]
    pub fn name(&self, name: &PersonName) -> Vec<BlindToken> {
        self.name_text(&[name.given(), name.surnames()].join(" "))
    }

    /// The tokens of a name as somebody types it into a search box.
    #[must_use]
    pub fn name_text(&self, text: &str) -> Vec<BlindToken> {
        ascending(name_parts(text).iter().map(|part| token(&self.name, &[part.as_bytes()])))
    }

    /// One token for each part of a name together with the date of birth, ascending, each once.
    #[must_use]
    pub fn name_with_birth_date(&self, name: &PersonName, born: BirthDate) -> Vec<BlindToken> {
        let date = born.date().format("%Y-%m-%d").to_string();
        let parts = name_parts(&[name.given(), name.surnames()].join(" "));
        ascending(parts.iter().map(|part| token(&self.name_birth, &[date.as_bytes(), b" ", part.as_bytes()])))
    }
}

fn token(key: &HmacSha256, parts: &[&[u8]]) -> BlindToken {
    let mut mac = key.clone();
    for part in parts {
        mac.update(part);
    }
    BlindToken(mac.finalize().into_bytes().into())
}

fn ascending(tokens: impl Iterator<Item = BlindToken>) -> Vec<BlindToken> {
    let mut tokens: Vec<_> = tokens.collect();
    tokens.sort_unstable();
    tokens.dedup();
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::example_index_root_id;

    #[test]
    fn one_value_has_another_token_in_every_field() {
        let keys = SearchKeys::derive(&example_index_root_id(), &[1; 32]);
        let fields = [&keys.phone, &keys.email, &keys.source, &keys.name, &keys.name_birth];
        let tokens = ascending(fields.into_iter().map(|key| token(key, &[b"same"])));
        assert_eq!(tokens.len(), fields.len());
    }
}

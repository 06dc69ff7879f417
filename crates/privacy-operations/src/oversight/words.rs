//! The clinic's words in one language, for whatever a person reads of the log.

use std::collections::BTreeMap;
use std::sync::Arc;

use audit_log::{ReaderWords, Recipient, RecipientId, RecipientLines};
use chrono::{DateTime, NaiveDate, Utc};
use privacy_notice::{Language, Texts};
use records_model::{ActorId, Category, Purpose, Role, UndescribedPurposeId, Vocabulary};

use crate::House;

/// The clinic's words in one language.
pub struct HouseWords {
    house: Arc<House>,
    language: Language,
    /// In which role each actor works.
    roles: BTreeMap<ActorId, Role>,
    /// Under which name each signs in.
    names: BTreeMap<ActorId, String>,
}

impl HouseWords {
    /// Words without anybody's role or name.
    #[must_use]
    pub const fn new(house: Arc<House>, language: Language) -> Self {
        Self { house, language, roles: BTreeMap::new(), names: BTreeMap::new() }
    }

    /// The same with the roles of actors, from which their units follow.
    #[must_use]
    pub fn with_roles(mut self, roles: impl IntoIterator<Item = (ActorId, Role)>) -> Self {
        self.roles.extend(roles);
        self
    }

    /// The same with names.
    #[must_use]
    pub fn with_names(mut self, names: impl IntoIterator<Item = (ActorId, String)>) -> Self {
        self.names.extend(names);
        self
    }

    fn text<V: Vocabulary>(&self, word: V) -> String {
        let texts: Option<&Texts> = self.house.texts.iter().find(|texts| texts.language() == self.language);
        texts.map_or_else(|| word.code().to_owned(), |texts| texts.word(word).to_owned())
    }
}

impl ReaderWords for HouseWords {
    fn day(&self, at: DateTime<Utc>) -> NaiveDate {
        self.house.zone.date_of(at)
    }

    fn recipient(&self, recipient: &Recipient) -> RecipientLines {
        let provider = match recipient.id {
            Some(RecipientId::Provider(id)) => self.house.providers.get(id),
            Some(RecipientId::Person(_) | RecipientId::Actor(_)) | None => None,
        };
        let class = self.text(recipient.class);
        match provider {
            Some(provider) => {
                let (name, country) = (provider.name(), provider.country());
                RecipientLines { name: format!("{name} ({class})"), address: Some(country.to_string()) }
            }
            None => RecipientLines { name: class, address: None },
        }
    }

    fn category(&self, category: Category) -> String {
        self.text(category)
    }

    fn purpose(&self, purpose: Option<Purpose>, undescribed: Option<&UndescribedPurposeId>) -> String {
        match (undescribed, purpose) {
            (Some(id), _) => id.to_string(),
            (None, Some(purpose)) => self.text(purpose),
            (None, None) => String::new(),
        }
    }

    fn role(&self, role: Role) -> String {
        self.text(role)
    }

    fn unit(&self, actor: ActorId) -> Option<String> {
        let role = self.roles.get(&actor)?;
        self.house.settings.oversight.unit_of(*role, self.language).map(str::to_owned)
    }

    fn name(&self, actor: ActorId) -> Option<String> {
        self.names.get(&actor).cloned()
    }
}

//! Finding people by what they say of themselves.

use crypto_vault::BlindToken;
use postgres_store::Clock;
use privacy_operations::{Answer, FindPerson, PersonDetails, TokenField, duplicate_tokens};
use records_model::{EmailAddress, PhoneNumber, SubjectId};

use crate::{Runtime, RuntimeError};

/// What is known of whom to find.
#[derive(Debug, Clone)]
pub enum SearchTerm {
    /// Names, in any order.
    Name(String),
    /// A telephone number.
    Phone(PhoneNumber),
    /// An e-mail address.
    Email(EmailAddress),
}

/// Who was found.
#[derive(Debug, Clone)]
pub struct PeopleFound {
    /// Whether the actor may search.
    pub answer: Answer,
    /// Who matches, best first, with the number of tokens that matched; nobody if the search was refused.
    pub people: Vec<(SubjectId, u64)>,
}

impl Runtime {
    /// Finds people by their blind tokens, if the policy lets this actor search.
    ///
    /// # Errors
    ///
    /// [`RuntimeError`] if nothing could be decided.
    pub async fn find_people(
        &self,
        find: &FindPerson,
        term: &SearchTerm,
        count: u32,
        clock: Clock,
    ) -> Result<PeopleFound, RuntimeError> {
        self.matching(find, &self.tokens_of(term), (count, clock)).await
    }

    /// Decides and enters the search first; only a permit answers who matches.
    async fn matching(
        &self,
        find: &FindPerson,
        tokens: &[(TokenField, [u8; 32])],
        (count, clock): (u32, Clock),
    ) -> Result<PeopleFound, RuntimeError> {
        let answer = self.perform(find, clock).await?;
        let people = if answer.is_permit() && !tokens.is_empty() {
            self.store().matches(self.clinic(), tokens, count).await?
        } else {
            Vec::new()
        };
        Ok(PeopleFound { answer, people })
    }

    fn tokens_of(&self, term: &SearchTerm) -> Vec<(TokenField, [u8; 32])> {
        let search = self.search();
        let of = |field: TokenField| move |token: BlindToken| (field, *token.as_bytes());
        match term {
            SearchTerm::Name(text) => search.name_text(text).into_iter().map(of(TokenField::Name)).collect(),
            SearchTerm::Phone(phone) => vec![of(TokenField::Phone)(search.phone(phone))],
            SearchTerm::Email(email) => vec![of(TokenField::Email)(search.email(email))],
        }
    }

    /// People with the same telephone, e-mail, or name and date of birth: to be shown before somebody is
    /// registered a second time. That somebody is on file is an answer, so it is decided and entered like a search.
    ///
    /// # Errors
    ///
    /// [`RuntimeError`] if nothing could be decided.
    pub async fn likely_duplicates(
        &self,
        find: &FindPerson,
        person: &PersonDetails,
        count: u32,
        clock: Clock,
    ) -> Result<PeopleFound, RuntimeError> {
        self.matching(find, &duplicate_tokens(self.search(), person), (count, clock)).await
    }
}

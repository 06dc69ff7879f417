//! Finding people by what they say of themselves, and ids for new ones.

use crypto_vault::BlindToken;
use postgres_store::Clock;
use privacy_operations::{Answer, FindPerson, PersonDetails, TokenField, duplicate_tokens};
use records_model::{ActorId, EmailAddress, PhoneNumber, SubjectId};

use crate::runtime::new_rng;
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
        let answer = self.perform(find, clock).await?;
        let tokens = self.tokens_of(term);
        let people = if answer.is_permit() && !tokens.is_empty() {
            self.store().matches(self.clinic(), &tokens, count).await?
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
    /// registered a second time.
    ///
    /// # Errors
    ///
    /// [`RuntimeError::Store`] if the database does not answer.
    pub async fn likely_duplicates(
        &self,
        person: &PersonDetails,
        count: u32,
    ) -> Result<Vec<SubjectId>, RuntimeError> {
        let tokens = duplicate_tokens(self.search(), person);
        if tokens.is_empty() {
            return Ok(Vec::new());
        }
        let likely = self.store().matches(self.clinic(), &tokens, count).await?;
        Ok(likely.into_iter().map(|(subject, _)| subject).collect())
    }

    /// An id for a new person.
    ///
    /// # Errors
    ///
    /// [`RuntimeError::Randomness`].
    pub fn new_subject(&self) -> Result<SubjectId, RuntimeError> {
        Ok(SubjectId::generate(std::time::SystemTime::now().into(), &mut new_rng()?))
    }

    /// An id for a new actor.
    ///
    /// # Errors
    ///
    /// [`RuntimeError::Randomness`].
    pub fn new_actor(&self) -> Result<ActorId, RuntimeError> {
        Ok(ActorId::generate(std::time::SystemTime::now().into(), &mut new_rng()?))
    }
}

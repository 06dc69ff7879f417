//! What an entry does not say in clear: who, which records, to whom, why.

use std::collections::BTreeSet;
use std::fmt;

use records_model::{
    ActorId, Category, ClauseId, ConsentForm, CountryClass, Fact, ProviderId, RecipientClass, RecordId, Role,
    RuleId, Set, SubjectId, UndescribedPurposeId,
};
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::Commitment;
use crate::leaf::{DecodeError, Reader, Writer};

/// 32 random bytes that keep a commitment from being guessed; sealed beside the preimage.
///
/// `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Salt([u8; Self::LEN]);

impl Salt {
    /// Length in bytes.
    pub const LEN: usize = 32;

    /// Draws a salt from the caller's randomness.
    pub fn generate(rng: &mut impl rand_core::Rng) -> Self {
        let mut bytes = [0; Self::LEN];
        rng.fill_bytes(&mut bytes);
        Self(bytes)
    }

    /// A salt that was drawn before.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    /// Its bytes, to be sealed.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }
}

impl fmt::Debug for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Salt(..)")
    }
}

/// Who in particular received something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecipientId {
    /// A provider in the register.
    Provider(ProviderId),
    /// A person whose data is held: the subject, a representative, an emergency contact.
    Person(SubjectId),
    /// Somebody of the clinic.
    Actor(ActorId),
}

/// To whom something went or was to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Recipient {
    /// Of which class.
    pub class: RecipientClass,
    /// Who, if known by an id.
    pub id: Option<RecipientId>,
}

/// One reason of a decision: a stable code and the clause that it rests on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reason {
    /// The clause.
    pub clause: ClauseId,
    /// The code, in the form of a rule id; it is the rule's own id where a rule spoke.
    pub code: RuleId,
}

/// The side row of an entry: sealed under the key of class `accounting` or `staff`, gone when that class goes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Preimage {
    /// The person it is about.
    pub subject: Option<SubjectId>,
    /// The actor whose pseudonym stands in the entry.
    pub actor: Option<ActorId>,
    /// In which role.
    pub role: Option<Role>,
    /// Who did it, if that is not the actor of the entry (a change of somebody else's clearance).
    pub by: Option<ActorId>,
    /// The undescribed purpose, by its id (P-46).
    pub undescribed_purpose: Option<UndescribedPurposeId>,
    /// The recipient.
    pub recipient: Option<Recipient>,
    /// The categories of data.
    pub categories: Set<Category>,
    /// The records.
    pub records: BTreeSet<RecordId>,
    /// Every reason of the decision.
    pub reasons: BTreeSet<Reason>,
    /// What the decision rested on, if a request was decided by the policy document.
    pub basis: Option<Basis>,
}

/// What a decision rested on that the entry does not say otherwise: with it, the same request can be decided again
/// under another document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Basis {
    /// In which role it was asked.
    pub role: Role,
    /// The categories that were asked for.
    pub categories: Set<Category>,
    /// Where the recipient is.
    pub country: CountryClass,
    /// The form of consent that covered it.
    pub consent: ConsentForm,
    /// The facts that held.
    pub present: Set<Fact>,
}

/// Why a preimage cannot be committed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("an entry speaks of at most {max} {items}, not {count}")]
pub struct PreimageTooLarge {
    /// Records or reasons.
    pub items: &'static str,
    /// How many there were.
    pub count: usize,
    /// The most allowed.
    pub max: usize,
}

/// Keeps a commitment apart from every other hash that the product computes.
const COMMITMENT_DOMAIN: &[u8] = b"resguardo/log-commitment/v1\0";

impl Preimage {
    /// The version of the bytes without a basis.
    pub const VERSION: u8 = 1;
    /// The version of the bytes with one.
    pub const VERSION_WITH_BASIS: u8 = 2;
    /// Most records, and most reasons, of one entry.
    pub const ITEMS_MAX: usize = 65_535;

    /// Its canonical bytes, to be sealed: conventions as for [`Leaf`](crate::Leaf).
    ///
    /// ```text
    /// version = 1 | subject 0 or 1+16 | actor 0 or 1+16 | role text | by 0 or 1+16 | undescribed purpose text
    /// recipient class text; if not empty: 0, or 1 provider / 2 person / 3 actor and 16
    /// count u16 of categories, each text, in the order of the vocabulary
    /// count u16 of records, each 16, ascending | count u16 of reasons, each clause u16 and code text, ascending
    /// ```
    ///
    /// With a basis, the version is 2 and these parts follow:
    ///
    /// ```text
    /// role text | count u16 of categories, each text, in the order of the vocabulary | country text
    /// consent form text | count u16 of facts, each text, in the order of the vocabulary
    /// ```
    ///
    /// # Errors
    ///
    /// [`PreimageTooLarge`] if there are more records or reasons than [`Preimage::ITEMS_MAX`].
    pub fn encode(&self) -> Result<Vec<u8>, PreimageTooLarge> {
        for (items, count) in [("records", self.records.len()), ("reasons", self.reasons.len())] {
            if count > Self::ITEMS_MAX {
                return Err(PreimageTooLarge { items, count, max: Self::ITEMS_MAX });
            }
        }
        let version = if self.basis.is_some() { Self::VERSION_WITH_BASIS } else { Self::VERSION };
        let mut out = Writer::with_version(version);
        out.optional(self.subject, |out, id| out.uuid(id.as_uuid()));
        out.optional(self.actor, |out, id| out.uuid(id.as_uuid()));
        out.word_or_absent(self.role);
        out.optional(self.by, |out, id| out.uuid(id.as_uuid()));
        out.text(self.undescribed_purpose.as_ref().map_or("", UndescribedPurposeId::as_str));
        out.word_or_absent(self.recipient.map(|recipient| recipient.class));
        if let Some(recipient) = self.recipient {
            write_recipient_id(&mut out, recipient.id);
        }
        out.count(self.categories.iter().count());
        self.categories.iter().for_each(|category| out.word(category));
        out.count(self.records.len());
        self.records.iter().for_each(|id| out.uuid(id.as_uuid()));
        out.count(self.reasons.len());
        for reason in &self.reasons {
            out.raw(&reason.clause.number().to_be_bytes());
            out.text(reason.code.as_str());
        }
        if let Some(basis) = &self.basis {
            write_basis(&mut out, basis);
        }
        Ok(out.finish())
    }

    /// Reads canonical bytes: all of them, and no other spelling.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] names the part that cannot be read.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut input = Reader::new(bytes);
        let has_basis = match input.byte("version")? {
            Self::VERSION => false,
            Self::VERSION_WITH_BASIS => true,
            version => return Err(DecodeError::UnknownVersion { version }),
        };
        let preimage = Self {
            subject: input.optional("subject", Reader::uuid)?.map(SubjectId::from_uuid),
            actor: input.optional("actor", Reader::uuid)?.map(ActorId::from_uuid),
            role: input.word_or_absent("role")?,
            by: input.optional("by", Reader::uuid)?.map(ActorId::from_uuid),
            undescribed_purpose: input.parsed("undescribed purpose", |text| match text {
                "" => Ok(None),
                text => UndescribedPurposeId::parse(text).map(Some),
            })?,
            recipient: read_recipient(&mut input)?,
            categories: input
                .ascending::<_, Vec<_>>("categories", Reader::word::<Category>)
                .map(|categories| categories.into_iter().collect())?,
            records: input.ascending("records", |input, part| input.uuid(part).map(RecordId::from_uuid))?,
            reasons: input.ascending("reasons", read_reason)?,
            basis: has_basis.then(|| read_basis(&mut input)).transpose()?,
        };
        input.finish()?;
        Ok(preimage)
    }

    /// The commitment that the entry carries: SHA-256 of a fixed domain, the salt and the canonical bytes.
    ///
    /// # Errors
    ///
    /// As [`Preimage::encode`].
    ///
    /// ```
    /// # use audit_log::{Preimage, Salt, commit};
    /// let (preimage, salt) = (Preimage::default(), Salt::from_bytes([7; 32]));
    /// assert_eq!(preimage.commitment(&salt)?, commit(&salt, &preimage.encode()?));
    /// # Ok::<(), audit_log::PreimageTooLarge>(())
    /// ```
    pub fn commitment(&self, salt: &Salt) -> Result<Commitment, PreimageTooLarge> {
        self.encode().map(|bytes| commit(salt, &bytes))
    }
}

/// The commitment to the canonical bytes of a preimage.
#[must_use]
pub fn commit(salt: &Salt, preimage_bytes: &[u8]) -> Commitment {
    let digest = Sha256::new_with_prefix(COMMITMENT_DOMAIN)
        .chain_update(salt.as_bytes())
        .chain_update(preimage_bytes)
        .finalize();
    Commitment::from_bytes(digest.into())
}

fn write_recipient_id(out: &mut Writer, id: Option<RecipientId>) {
    let (tag, id) = match id {
        None => return out.byte(0),
        Some(RecipientId::Provider(id)) => (1, id.as_uuid()),
        Some(RecipientId::Person(id)) => (2, id.as_uuid()),
        Some(RecipientId::Actor(id)) => (3, id.as_uuid()),
    };
    out.byte(tag);
    out.uuid(id);
}

fn write_basis(out: &mut Writer, basis: &Basis) {
    out.word(basis.role);
    out.count(basis.categories.iter().count());
    basis.categories.iter().for_each(|category| out.word(category));
    out.word(basis.country);
    out.word(basis.consent);
    out.count(basis.present.iter().count());
    basis.present.iter().for_each(|fact| out.word(fact));
}

fn read_basis(input: &mut Reader<'_>) -> Result<Basis, DecodeError> {
    Ok(Basis {
        role: input.word("role asked in")?,
        categories: input
            .ascending::<_, Vec<_>>("categories asked for", Reader::word::<Category>)
            .map(|categories| categories.into_iter().collect())?,
        country: input.word("country")?,
        consent: input.word("consent form")?,
        present: input
            .ascending::<_, Vec<_>>("facts", Reader::word::<Fact>)
            .map(|facts| facts.into_iter().collect())?,
    })
}

fn read_recipient(input: &mut Reader<'_>) -> Result<Option<Recipient>, DecodeError> {
    const PART: &str = "recipient";
    let Some(class) = input.word_or_absent(PART)? else {
        return Ok(None);
    };
    let id = match input.byte(PART)? {
        0 => None,
        1 => Some(RecipientId::Provider(ProviderId::from_uuid(input.uuid(PART)?))),
        2 => Some(RecipientId::Person(SubjectId::from_uuid(input.uuid(PART)?))),
        3 => Some(RecipientId::Actor(ActorId::from_uuid(input.uuid(PART)?))),
        _ => return Err(DecodeError::PresenceMark { part: PART }),
    };
    Ok(Some(Recipient { class, id }))
}

fn read_reason(input: &mut Reader<'_>, part: &'static str) -> Result<Reason, DecodeError> {
    let clause = ClauseId::new(u16::from_be_bytes(input.array(part)?));
    Ok(Reason {
        clause: clause.ok_or(DecodeError::UnknownWord { part })?,
        code: input.parsed(part, RuleId::parse)?,
    })
}

//! Reading an entry without keeping it: what a check of many entries needs, and nothing is allocated.

use chrono::{DateTime, Utc};
use records_model::{Action, ClinicId, Detail, EntryId, Ground, PolicyVersionId, Purpose, RuleId};

use super::{DecodeError, Generations, Leaf, LeafDecodeError, LeafError, LeafParts, Reader};
use crate::{Commitment, ContentHash, Event, Moves, Outcome, Pseudonym};

/// The parts of an entry that place it and tell whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Outline {
    pub(crate) clinic: ClinicId,
    pub(crate) entry: EntryId,
    pub(crate) event: Event,
    pub(crate) subject: Option<Pseudonym>,
    pub(crate) actor: Option<Pseudonym>,
    pub(crate) outcome: Outcome,
    pub(crate) generations: Generations,
    pub(crate) moves: Moves,
}

impl Outline {
    /// Whether an entry may say that, and name so many rules.
    pub(super) fn check(&self, rules: usize) -> Result<(), LeafError> {
        let Self { generations, moves, event, outcome, .. } = *self;
        for (chain, named, generation) in [
            ("actor", self.actor.is_some(), generations.actor),
            ("subject", self.subject.is_some(), generations.subject),
        ] {
            if named != generation.is_some() {
                return Err(LeafError::GenerationMismatch { chain });
            }
        }
        match moved_generation(moves, generations)? {
            Some(u64::MAX) => return Err(LeafError::GenerationExhausted),
            Some(_) if outcome.is_refusal() => return Err(LeafError::RefusalMoves),
            _ => {}
        }
        if let Some(expected) = event.moved_chain().filter(|expected| *expected != moves) {
            return Err(LeafError::WrongChain { event, expected, found: moves });
        }
        if event == Event::Decision && outcome == Outcome::None {
            return Err(LeafError::DecisionWithoutOutcome);
        }
        if rules > Leaf::RULES_MAX {
            return Err(LeafError::TooManyRules { count: rules, max: Leaf::RULES_MAX });
        }
        Ok(())
    }
}

/// An entry read in place: every part was checked, texts still stand in the bytes.
#[derive(Debug)]
pub(crate) struct Reading<'a> {
    outline: Outline,
    at: DateTime<Utc>,
    action: Option<Action>,
    purpose: Option<Purpose>,
    ground: Option<Ground>,
    detail: Option<Detail>,
    /// From the count of the rules on, as it stands in the bytes.
    rules: Reader<'a>,
    policy: &'a str,
    content: Option<ContentHash>,
    commitment: Commitment,
}

impl<'a> Reading<'a> {
    /// Reads canonical bytes: all of them, and no other spelling.
    pub(crate) fn of(bytes: &'a [u8]) -> Result<Self, LeafDecodeError> {
        let mut input = Reader::new(bytes);
        input.version(Leaf::VERSION)?;
        let clinic = ClinicId::from_uuid(input.uuid("clinic")?);
        let entry = EntryId::from_uuid(input.uuid("entry")?);
        let event = input.word("event")?;
        let at = DateTime::from_timestamp_micros(input.i64("time")?).ok_or(DecodeError::Time)?;
        let subject = input.optional("subject", Reader::array)?.map(Pseudonym::from_bytes);
        let actor = input.optional("actor", Reader::array)?.map(Pseudonym::from_bytes);
        let action = input.word_or_absent("action")?;
        let purpose = input.word_or_absent("purpose")?;
        let ground = input.word_or_absent("ground")?;
        let detail = input.word_or_absent("detail")?;
        let outcome = input.word("outcome")?;
        let rules = input.clone();
        let rule_count = skip_rules(&mut input)?;
        let policy = input.parsed_in_place("policy version", |text| {
            if text.is_empty() { Ok(()) } else { PolicyVersionId::check(text) }
        })?;
        let generations = Generations {
            clinic: input.u64("clinic generation")?,
            actor: input.optional("actor generation", Reader::u64)?,
            subject: input.optional("subject generation", Reader::u64)?,
        };
        let moves = input.word("moved chain")?;
        let content = input.optional("content hash", Reader::array)?.map(ContentHash::from_bytes);
        let commitment = Commitment::from_bytes(input.array("commitment")?);
        input.finish()?;
        let outline = Outline { clinic, entry, event, subject, actor, outcome, generations, moves };
        outline.check(rule_count)?;
        Ok(Self { outline, at, action, purpose, ground, detail, rules, policy, content, commitment })
    }

    /// The parts that place it and tell whose it is.
    pub(crate) const fn outline(&self) -> &Outline {
        &self.outline
    }

    /// The entry, to keep.
    pub(super) fn leaf(mut self) -> Result<Leaf, DecodeError> {
        let outline = self.outline;
        let policy = (!self.policy.is_empty()).then_some(self.policy);
        let unknown = DecodeError::UnknownWord { part: "policy version" };
        Ok(Leaf(LeafParts {
            clinic: outline.clinic,
            entry: outline.entry,
            event: outline.event,
            at: self.at,
            subject: outline.subject,
            actor: outline.actor,
            action: self.action,
            purpose: self.purpose,
            ground: self.ground,
            detail: self.detail,
            outcome: outline.outcome,
            rules: self.rules.ascending("rules", |input, part| input.parsed(part, RuleId::parse))?,
            policy: policy.map(PolicyVersionId::parse).transpose().map_err(|_| unknown)?,
            generations: outline.generations,
            moves: outline.moves,
            content: self.content,
            commitment: self.commitment,
        }))
    }
}

/// Passes over the rules, each checked and in strictly ascending order; gives their number.
fn skip_rules(input: &mut Reader<'_>) -> Result<usize, DecodeError> {
    let part = "rules";
    let count = input.count(part)?;
    let mut last = "";
    for _ in 0..count {
        let rule = input.parsed_in_place(part, RuleId::check)?;
        // No rule is the empty text, so the first one is greater.
        if rule <= last {
            return Err(DecodeError::NotAscending { part });
        }
        last = rule;
    }
    Ok(count)
}

/// The generation that is moved, if one is.
fn moved_generation(moves: Moves, generations: Generations) -> Result<Option<u64>, LeafError> {
    match moves {
        Moves::None => Ok(None),
        Moves::Clinic => Ok(Some(generations.clinic)),
        Moves::Actor => generations.actor.map(Some).ok_or(LeafError::MovedChainAbsent { chain: "actor" }),
        Moves::Subject => {
            generations.subject.map(Some).ok_or(LeafError::MovedChainAbsent { chain: "subject" })
        }
    }
}

//! Which rules are about a request and which of them apply, 64 rules at a time.
//!
//! Everything that a rule asks for is a row of bits, one bit a rule: for each word of each dimension the rules
//! whose scope holds it, for each way in which four facts can stand the rules that these let apply, for each form
//! of consent likewise. Deciding is an intersection of a few rows, whatever the number of facts that a rule names.

use records_model::{
    Action, Category, ConsentForm, CountryClass, Detail, Fact, Ground, Purpose, RecipientClass, Role, Set,
    Vocabulary,
};

use crate::compiled::CompiledScope;
use crate::rule_set::BitPositions;
use crate::scope::DIMENSIONS;
use crate::{Effect, Facts, Rule};

/// Rules in a block: one for each bit of a word.
const BLOCK_RULES: usize = 64;
/// Facts that one row speaks of, and the ways in which they can stand.
const FACTS_TOGETHER: usize = 4;
const STANDINGS: usize = 1 << FACTS_TOGETHER;
const FACT_GROUPS: usize = Fact::ALL.len().div_ceil(FACTS_TOGETHER);
const FORMS: usize = ConsentForm::ALL.len();

/// Where the rows of each dimension start, in the order of [`Scope::masks`](crate::Scope), and how many there are.
const FIRST_ROWS: [usize; DIMENSIONS] =
    [0, ROLES, PURPOSES, CATEGORIES, RECIPIENTS, COUNTRIES, GROUNDS, DETAILS];
const ROLES: usize = Action::ALL.len();
const PURPOSES: usize = ROLES + Role::ALL.len();
const CATEGORIES: usize = PURPOSES + Purpose::ALL.len();
const RECIPIENTS: usize = CATEGORIES + Category::ALL.len();
const COUNTRIES: usize = RECIPIENTS + RecipientClass::ALL.len();
const GROUNDS: usize = COUNTRIES + CountryClass::ALL.len();
const DETAILS: usize = GROUNDS + Ground::ALL.len();
const ROWS: usize = DETAILS + Detail::ALL.len();

/// The rows of all rules.
///
/// Rules stand in blocks of 64, those with like scopes together whatever their place in the document. With more
/// than one block, a request meets summaries first: for each word of each dimension, the blocks in which some scope
/// holds it. So it looks only into the few blocks in which a rule may be about it, and many rules cost it little
/// more than few.
#[derive(Debug, Clone)]
pub(crate) struct Index {
    summaries: Box<[u64; ROWS]>,
    blocks: Vec<Block>,
    /// What each rule is about, in the order of the document.
    scopes: Vec<CompiledScope>,
}

/// The rows of 64 rules.
#[derive(Debug, Clone)]
struct Block {
    dimensions: [u64; ROWS],
    facts: [[u64; STANDINGS]; FACT_GROUPS],
    forms: [u64; FORMS],
    permits: u64,
    forbids: u64,
    /// Rules with `unless` boxes that their scope does not say already.
    boxed: u64,
    /// The place in the document of each rule.
    positions: [u16; BLOCK_RULES],
}

/// The rules of one block that are about a request, one bit for each.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Matches<'a> {
    block: &'a Block,
    about: u64,
    applying: u64,
}

impl Index {
    pub(crate) fn new(rules: &[Rule]) -> Self {
        let scopes: Vec<CompiledScope> = rules.iter().map(CompiledScope::of).collect();
        let blocks: Vec<Block> = like_together(&scopes)
            .chunks(BLOCK_RULES)
            .map(|positions| Block::new(positions, rules, &scopes))
            .collect();
        let mut summaries = Box::new([0; ROWS]);
        for (number, block) in blocks.iter().enumerate() {
            let rows = summaries.iter_mut().zip(block.dimensions);
            rows.filter(|(_, row)| *row != 0).for_each(|(summary, _)| *summary |= 1 << number);
        }
        Self { summaries, blocks, scopes }
    }

    /// The rules that are about the words at these places of their vocabularies, block by block.
    pub(crate) fn matches<'a>(
        &'a self,
        words: [u8; DIMENSIONS],
        facts: &Facts,
    ) -> impl Iterator<Item = Matches<'a>> {
        let alive = if self.blocks.len() == 1 { 1 } else { intersection(&self.summaries, words) };
        let facts = *facts;
        BitPositions(alive).filter_map(move |number| {
            let block = self.blocks.get(number)?;
            let about = intersection(&block.dimensions, words);
            let about = about & !block.spared(about & block.boxed, &self.scopes, words);
            (about != 0).then(|| Matches { block, about, applying: about & block.let_apply(&facts) })
        })
    }
}

/// The places of the rules, those with like scopes together: in the order of their scopes, which are compared first
/// in the dimension in which they hold the fewest words.
fn like_together(scopes: &[CompiledScope]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..scopes.len()).collect();
    if scopes.len() <= BLOCK_RULES {
        return order;
    }
    let words = |dimension: usize| -> u32 {
        scopes.iter().filter_map(|scope| scope.masks.get(dimension)).map(|mask| mask.count_ones()).sum()
    };
    // As a share of the vocabulary, in thousandths.
    let lengths = FIRST_ROWS.iter().zip(FIRST_ROWS.iter().skip(1).chain([&ROWS])).map(|(from, to)| to - from);
    let mut dimensions: Vec<(u64, usize)> = lengths
        .enumerate()
        .map(|(dimension, length)| (u64::from(words(dimension)) * 1_000 / length.max(1) as u64, dimension))
        .collect();
    dimensions.sort_unstable();
    order.sort_by_cached_key(|position| {
        let scope = scopes.get(*position).map(|scope| scope.masks).unwrap_or_default();
        let masks =
            dimensions.iter().map(|(_, dimension)| scope.get(*dimension).copied().unwrap_or_default());
        masks.collect::<Vec<u64>>()
    });
    order
}

impl Block {
    fn new(order: &[usize], rules: &[Rule], scopes: &[CompiledScope]) -> Self {
        let mut block = Self {
            dimensions: [0; ROWS],
            facts: [[0; STANDINGS]; FACT_GROUPS],
            forms: [0; FORMS],
            permits: 0,
            forbids: 0,
            boxed: 0,
            positions: [0; BLOCK_RULES],
        };
        for (slot, position) in block.positions.iter_mut().zip(order) {
            // A verified document has at most 1,024 rules.
            *slot = u16::try_from(*position).unwrap_or(u16::MAX);
        }
        for (bit, position) in order.iter().enumerate() {
            if let (Some(rule), Some(scope)) = (rules.get(*position), scopes.get(*position)) {
                block.enter(rule, scope, 1 << bit);
            }
        }
        block
    }

    fn enter(&mut self, rule: &Rule, scope: &CompiledScope, bit: u64) {
        for (first, mask) in FIRST_ROWS.into_iter().zip(scope.masks) {
            for word in BitPositions(mask) {
                if let Some(row) = self.dimensions.get_mut(first + word) {
                    *row |= bit;
                }
            }
        }
        for (group, rows) in self.facts.iter_mut().enumerate() {
            let of_group =
                |facts: Set<Fact>| facts.bits() >> (group * FACTS_TOGETHER) & (STANDINGS as u64 - 1);
            let (wanted, barred) = (of_group(rule.requires), of_group(rule.excludes));
            let lets_apply = |held: u64| wanted & !held == 0 && barred & held == 0;
            (0..).zip(rows).filter(|(held, _)| lets_apply(*held)).for_each(|(_, row)| *row |= bit);
        }
        for (row, form) in self.forms.iter_mut().zip(ConsentForm::ALL) {
            if rule.effect.applies_with(*form) {
                *row |= bit;
            }
        }
        match rule.effect {
            Effect::Permit { .. } => self.permits |= bit,
            Effect::Forbid { .. } => self.forbids |= bit,
            Effect::Withhold { .. } => {}
        }
        if scope.has_boxes() {
            self.boxed |= bit;
        }
    }

    /// The rules that the facts and the form of consent let apply.
    fn let_apply(&self, facts: &Facts) -> u64 {
        let by_consent = self.forms.get(usize::from(facts.consent.index())).copied().unwrap_or_default();
        let mut left = facts.present.bits();
        self.facts.iter().fold(by_consent, |rules, rows| {
            let standing = usize::try_from(left % STANDINGS as u64).unwrap_or_default();
            left >>= FACTS_TOGETHER;
            rules & rows.get(standing).copied().unwrap_or_default()
        })
    }

    /// Those of the rules whose `unless` boxes hold the words.
    fn spared(&self, boxed: u64, scopes: &[CompiledScope], words: [u8; DIMENSIONS]) -> u64 {
        BitPositions(boxed)
            .filter(|bit| scopes.get(self.position(*bit)).is_some_and(|scope| scope.spares(words)))
            .fold(0, |spared, bit| spared | 1 << bit)
    }

    fn position(&self, bit: usize) -> usize {
        self.positions.get(bit).copied().unwrap_or(u16::MAX).into()
    }
}

impl<'a> Matches<'a> {
    /// Whether a permit applies.
    pub(crate) const fn permit(&self) -> bool {
        self.applying & self.block.permits != 0
    }

    /// Whether a forbid applies.
    pub(crate) const fn forbid(&self) -> bool {
        self.applying & self.block.forbids != 0
    }

    /// Whether the facts keep a permit from applying.
    pub(crate) const fn near_permit(&self) -> bool {
        self.about & !self.applying & self.block.permits != 0
    }

    /// The places of the rules that apply.
    pub(crate) fn applying(self) -> impl Iterator<Item = usize> + use<'a> {
        self.places(self.applying)
    }

    /// The places of those that give or take anything, which a forbid does not.
    pub(crate) fn granting(self) -> impl Iterator<Item = usize> + use<'a> {
        self.places(self.applying & !self.block.forbids)
    }

    /// The places of the permits that the facts keep from applying.
    pub(crate) fn near_misses(self) -> impl Iterator<Item = usize> + use<'a> {
        self.places(self.about & !self.applying & self.block.permits)
    }

    fn places(self, bits: u64) -> impl Iterator<Item = usize> + use<'a> {
        BitPositions(bits).map(move |bit| self.block.position(bit))
    }
}

/// What one row of each dimension have in common.
fn intersection(rows: &[u64; ROWS], words: [u8; DIMENSIONS]) -> u64 {
    FIRST_ROWS.iter().zip(words).fold(u64::MAX, |common, (first, word)| {
        common & rows.get(first + usize::from(word)).copied().unwrap_or_default()
    })
}

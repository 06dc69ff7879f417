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
use crate::rule_set::{BitPositions, RULES_MAX};
use crate::scope::DIMENSIONS;
use crate::{Effect, Facts, Rule, RuleSet};

/// Rules in a block: one for each bit of a word.
const BLOCK_RULES: usize = 64;
/// Blocks of the longest document.
pub(crate) const BLOCKS_MAX: usize = RULES_MAX.div_ceil(BLOCK_RULES);
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
/// Room for a row at every place that a byte can name, so that looking one up never has to be checked.
const ROOM: usize = 256;
const _: () = assert!(ROWS <= ROOM);

/// The rows of all rules.
///
/// Rules stand in blocks of 64, those with like scopes together whatever their place in the document. With more
/// than one block, a request meets summaries first: for each word of each dimension, the blocks in which some scope
/// holds it. So it looks only into the few blocks in which a rule may be about it, and many rules cost it little
/// more than few.
#[derive(Debug, Clone)]
pub(crate) struct Index {
    summaries: Box<[u64; ROOM]>,
    blocks: Vec<Block>,
    /// What each rule is about, in the order of the document.
    scopes: Vec<CompiledScope>,
}

/// The rows of 64 rules.
#[derive(Debug, Clone)]
struct Block {
    dimensions: [u64; ROOM],
    facts: [[u64; STANDINGS]; FACT_GROUPS],
    forms: [u64; FORMS],
    permits: u64,
    forbids: u64,
    /// Rules with `unless` boxes that their scope does not say already.
    boxed: u64,
    /// The place in the document of each rule.
    positions: [u16; BLOCK_RULES],
    /// Which word of a [`RuleSet`] the block is, if its rules stand as in the document.
    word: Option<u8>,
}

/// The words of a request over one category, and where their rows are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Looked {
    words: [u8; DIMENSIONS],
    rows: [u8; DIMENSIONS],
}

/// The rules of one block that are about a request, one bit for each.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Matches<'a> {
    block: &'a Block,
    about: u64,
    applying: u64,
}

impl Looked {
    /// Of the words at these places of their vocabularies.
    pub(crate) fn up(words: [u8; DIMENSIONS]) -> Self {
        let mut rows = words;
        for (row, first) in rows.iter_mut().zip(FIRST_ROWS) {
            // Below `ROWS`, because a word's place is below the length of its vocabulary.
            *row = row.wrapping_add(u8::try_from(first).unwrap_or(u8::MAX));
        }
        Self { words, rows }
    }
}

impl Index {
    pub(crate) fn new(rules: &[Rule]) -> Self {
        let scopes: Vec<CompiledScope> = rules.iter().map(CompiledScope::of).collect();
        let blocks: Vec<Block> = like_together(&scopes)
            .chunks(BLOCK_RULES)
            .map(|positions| Block::new(positions, rules, &scopes))
            .collect();
        let mut summaries = Box::new([0; ROOM]);
        for (number, block) in blocks.iter().enumerate() {
            let rows = summaries.iter_mut().zip(block.dimensions);
            rows.filter(|(_, row)| *row != 0).for_each(|(summary, _)| *summary |= 1 << number);
        }
        Self { summaries, blocks, scopes }
    }

    /// The blocks in which a rule may be about these words.
    pub(crate) fn blocks(&self, looked: &Looked) -> BitPositions {
        BitPositions(if self.blocks.len() == 1 { 1 } else { intersection(&self.summaries, looked) })
    }

    /// The rules of one block that are about these words; `None` if there are none.
    #[inline]
    pub(crate) fn matches(&self, block: usize, looked: &Looked, facts: &Facts) -> Option<Matches<'_>> {
        let block = self.blocks.get(block)?;
        let about = intersection(&block.dimensions, looked);
        let about = about & !block.spared(about & block.boxed, &self.scopes, looked.words);
        (about != 0).then(|| Matches { block, about, applying: about & block.let_apply(facts) })
    }

    /// Enters the rules with these bits in one block.
    pub(crate) fn enter(&self, block: usize, bits: u64, rules: &mut RuleSet) {
        if let Some(block) = self.blocks.get(block) {
            block.enter_into(bits, rules);
        }
    }
}

/// The places of the rules, those with like scopes together.
///
/// The rules are halved, and each half again, until they fit in a block; each time along the dimension that leaves the
/// fewest requests to look into both halves.
fn like_together(scopes: &[CompiledScope]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..scopes.len()).collect();
    halve(&mut order, scopes);
    order
}

fn halve(order: &mut [usize], scopes: &[CompiledScope]) {
    if order.len() <= BLOCK_RULES {
        return;
    }
    let mask = |position: usize, dimension: usize| {
        scopes.get(position).and_then(|scope| scope.masks.get(dimension)).copied().unwrap_or_default()
    };
    let half = order.len().div_ceil(BLOCK_RULES).div_ceil(2) * BLOCK_RULES;
    let halved = |dimension: usize| {
        let mut along = order.to_vec();
        along.sort_by_key(|position| (mask(*position, dimension), *position));
        along
    };
    let cost = |along: &[usize]| -> u64 {
        let (left, right) = along.split_at(half.min(along.len()));
        asking(left, mask) + asking(right, mask)
    };
    let best = (0..DIMENSIONS).map(halved).min_by_key(|along| cost(along));
    if let Some(best) = best {
        order.copy_from_slice(&best);
    }
    let (left, right) = order.split_at_mut(half);
    halve(left, scopes);
    halve(right, scopes);
}

/// How many of all combinations of words look into a block of these rules.
fn asking(positions: &[usize], mask: impl Fn(usize, usize) -> u64) -> u64 {
    let words = |dimension| positions.iter().fold(0, |words, position| words | mask(*position, dimension));
    (0..DIMENSIONS).map(|dimension| u64::from(words(dimension).count_ones())).product()
}

impl Block {
    fn new(order: &[usize], rules: &[Rule], scopes: &[CompiledScope]) -> Self {
        let mut block = Self {
            dimensions: [0; ROOM],
            facts: [[0; STANDINGS]; FACT_GROUPS],
            forms: [0; FORMS],
            permits: 0,
            forbids: 0,
            boxed: 0,
            positions: [0; BLOCK_RULES],
            word: word_of(order),
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
    #[inline]
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

    #[inline]
    fn enter_into(&self, bits: u64, rules: &mut RuleSet) {
        match self.word {
            Some(word) => rules.insert_word(word.into(), bits),
            None => BitPositions(bits).for_each(|bit| rules.insert(self.position(bit))),
        }
    }

    fn position(&self, bit: usize) -> usize {
        self.positions.get(bit).copied().unwrap_or(u16::MAX).into()
    }
}

impl Matches<'_> {
    /// Whether a permit applies.
    pub(crate) const fn permit(&self) -> bool {
        self.applying & self.block.permits != 0
    }

    /// Whether a forbid applies.
    pub(crate) const fn forbid(&self) -> bool {
        self.applying & self.block.forbids != 0
    }

    /// The permits that the facts keep from applying, one bit for each.
    pub(crate) const fn near_permits(&self) -> u64 {
        self.about & !self.applying & self.block.permits
    }

    /// Enters the rules that apply.
    pub(crate) fn enter(&self, rules: &mut RuleSet) {
        self.block.enter_into(self.applying, rules);
    }

    /// The places of those that give or take anything, which a forbid does not.
    #[inline]
    pub(crate) fn granting(self) -> impl Iterator<Item = usize> {
        BitPositions(self.applying & !self.block.forbids).map(move |bit| self.block.position(bit))
    }
}

/// Which word of a [`RuleSet`] these rules are, if they are the rules of one word in the order of the document.
fn word_of(order: &[usize]) -> Option<u8> {
    let first = *order.first()?;
    let in_order = first % BLOCK_RULES == 0 && order.iter().copied().eq(first..first + order.len());
    in_order.then_some(u8::try_from(first / BLOCK_RULES).ok()?)
}

/// What one row of each dimension have in common.
fn intersection(rows: &[u64; ROOM], looked: &Looked) -> u64 {
    looked
        .rows
        .iter()
        .fold(u64::MAX, |common, row| common & rows.get(usize::from(*row)).copied().unwrap_or_default())
}

//! Named sets of a document, and the lookup of words and groups.

use std::collections::BTreeMap;
use std::ops::Range;

use records_model::{
    Action, Category, CountryClass, Detail, Fact, Field, Ground, Purpose, RecipientClass, Role, Set,
    Vocabulary, nearest,
};
use toml::Spanned;

use super::error::{DocumentProblem, Located};
use super::source::{BoxSource, GroupLists, GroupsSource, Listed};
use super::words::Words;
use crate::mutation::{GroupEdit, GroupWord, Word, toggled};
use crate::{Obligation, Scope};

/// The keyword for every word of a list.
const ANY: &str = "any";

/// The named sets of one vocabulary.
#[derive(Clone)]
pub(super) struct Lookup<V: Vocabulary>(BTreeMap<String, Set<V>>);

impl<V: Vocabulary> Lookup<V> {
    /// Reads groups. A group holds words, never other groups.
    fn new(lists: &GroupLists) -> Result<Self, Located> {
        let nothing = Self(BTreeMap::new());
        let mut groups = BTreeMap::new();
        for (name, words) in lists {
            let span = name.span();
            if V::parse(name.get_ref()).is_ok() || name.get_ref() == ANY {
                let problem = DocumentProblem::GroupNamedLikeWord { vocabulary: V::NAME };
                return Err(Located { span, problem });
            }
            groups.insert(name.get_ref().clone(), nothing.set(words)?);
        }
        Ok(Self(groups))
    }

    /// The names of the groups.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Puts the word in the group, or takes it out.
    fn toggle(&mut self, group: &str, word: V) {
        if let Some(set) = self.0.get_mut(group) {
            *set = toggled(*set, word);
        }
    }

    /// Whether the word is in the group.
    fn holds(&self, group: &str, word: V) -> bool {
        self.0.get(group).is_some_and(|set| set.contains(word))
    }

    /// Every word put in every group, or taken out.
    fn edits(&self, wrap: fn(V) -> GroupWord) -> impl Iterator<Item = GroupEdit> {
        let of_group = move |group: &String| {
            let group = group.clone();
            V::ALL.iter().map(move |word| GroupEdit { group: group.clone(), word: wrap(*word) })
        };
        self.0.keys().flat_map(of_group)
    }

    /// The set that a list of words and group names means.
    pub(super) fn set(&self, words: &Spanned<Words>) -> Result<Set<V>, Located> {
        match words.get_ref() {
            Words::One(text) if text == ANY => Ok(Set::full()),
            Words::One(text) => self.word(text, words.span()),
            Words::Many(list) => list
                .iter()
                .try_fold(Set::EMPTY, |set, word| Ok(set | self.word(word.get_ref(), word.span())?)),
        }
    }

    /// The set, or every word if the key is not there.
    pub(super) fn set_or_any(&self, words: &Listed) -> Result<Set<V>, Located> {
        words.as_ref().map_or_else(|| Ok(Set::full()), |words| self.set(words))
    }

    /// The set, or the usual word alone if the key is not there.
    pub(super) fn set_or(&self, words: &Listed, usual: V) -> Result<Set<V>, Located> {
        words.as_ref().map_or_else(|| Ok(Set::one(usual)), |words| self.set(words))
    }

    /// The set of explicit words, or none if the key is not there.
    pub(super) fn explicit(&self, words: &Listed) -> Result<Set<V>, Located> {
        let Some(words) = words else { return Ok(Set::EMPTY) };
        if matches!(words.get_ref(), Words::One(text) if text == ANY) {
            let problem = DocumentProblem::AnyHere { vocabulary: V::NAME };
            return Err(Located { span: words.span(), problem });
        }
        self.set(words)
    }

    fn word(&self, text: &str, span: Range<usize>) -> Result<Set<V>, Located> {
        if let Some(group) = self.0.get(text) {
            return Ok(*group);
        }
        V::parse(text).map(Set::one).map_err(|_| {
            let known = V::ALL.iter().map(|word| word.code()).chain(self.0.keys().map(String::as_str));
            let nearest = nearest(text, known).map(str::to_owned);
            Located { span, problem: DocumentProblem::Word { vocabulary: V::NAME, nearest } }
        })
    }
}

/// Exactly one word.
pub(super) fn word<V: Vocabulary>(text: &Spanned<String>) -> Result<V, Located> {
    V::parse(text.get_ref()).map_err(|unknown| Located { span: text.span(), problem: unknown.into() })
}

/// One word, or the usual one if the key is not there.
pub(super) fn word_or<V: Vocabulary>(text: Option<&Spanned<String>>, usual: V) -> Result<V, Located> {
    text.map_or(Ok(usual), word)
}

/// The groups of every vocabulary.
#[derive(Clone)]
pub(super) struct Groups {
    pub(super) action: Lookup<Action>,
    pub(super) role: Lookup<Role>,
    pub(super) purpose: Lookup<Purpose>,
    pub(super) category: Lookup<Category>,
    pub(super) recipient: Lookup<RecipientClass>,
    pub(super) country: Lookup<CountryClass>,
    pub(super) ground: Lookup<Ground>,
    pub(super) detail: Lookup<Detail>,
    pub(super) fact: Lookup<Fact>,
    pub(super) field: Lookup<Field>,
    pub(super) obligation: Lookup<Obligation>,
}

impl Groups {
    pub(super) fn new(source: &GroupsSource) -> Result<Self, Located> {
        Ok(Self {
            action: Lookup::new(&source.action)?,
            role: Lookup::new(&source.role)?,
            purpose: Lookup::new(&source.purpose)?,
            category: Lookup::new(&source.category)?,
            recipient: Lookup::new(&source.recipient)?,
            country: Lookup::new(&source.country)?,
            ground: Lookup::new(&source.ground)?,
            detail: Lookup::new(&source.detail)?,
            fact: Lookup::new(&source.fact)?,
            field: Lookup::new(&source.field)?,
            obligation: Lookup::new(&source.obligation)?,
        })
    }

    /// Every word put in every group, or taken out.
    pub(super) fn edits(&self) -> impl Iterator<Item = GroupEdit> {
        let (action, role) = (
            self.action.edits(|word| GroupWord::Dimension(Word::Action(word))),
            self.role.edits(|word| GroupWord::Dimension(Word::Role(word))),
        );
        action
            .chain(role)
            .chain(self.purpose.edits(|word| GroupWord::Dimension(Word::Purpose(word))))
            .chain(self.category.edits(|word| GroupWord::Dimension(Word::Category(word))))
            .chain(self.recipient.edits(|word| GroupWord::Dimension(Word::Recipient(word))))
            .chain(self.country.edits(|word| GroupWord::Dimension(Word::Country(word))))
            .chain(self.ground.edits(|word| GroupWord::Dimension(Word::Ground(word))))
            .chain(self.detail.edits(|word| GroupWord::Dimension(Word::Detail(word))))
            .chain(self.fact.edits(GroupWord::Fact))
            .chain(self.field.edits(GroupWord::Field))
            .chain(self.obligation.edits(GroupWord::Obligation))
    }

    /// The groups with this edit made.
    pub(super) fn edited(&self, edit: &GroupEdit) -> Self {
        let (mut edited, group) = (self.clone(), edit.group.as_str());
        match edit.word {
            GroupWord::Dimension(Word::Action(word)) => edited.action.toggle(group, word),
            GroupWord::Dimension(Word::Role(word)) => edited.role.toggle(group, word),
            GroupWord::Dimension(Word::Purpose(word)) => edited.purpose.toggle(group, word),
            GroupWord::Dimension(Word::Category(word)) => edited.category.toggle(group, word),
            GroupWord::Dimension(Word::Recipient(word)) => edited.recipient.toggle(group, word),
            GroupWord::Dimension(Word::Country(word)) => edited.country.toggle(group, word),
            GroupWord::Dimension(Word::Ground(word)) => edited.ground.toggle(group, word),
            GroupWord::Dimension(Word::Detail(word)) => edited.detail.toggle(group, word),
            GroupWord::Fact(word) => edited.fact.toggle(group, word),
            GroupWord::Field(word) => edited.field.toggle(group, word),
            GroupWord::Obligation(word) => edited.obligation.toggle(group, word),
        }
        edited
    }

    /// Whether the edit takes a word out.
    pub(super) fn loses(&self, edit: &GroupEdit) -> bool {
        let group = edit.group.as_str();
        match edit.word {
            GroupWord::Dimension(Word::Action(word)) => self.action.holds(group, word),
            GroupWord::Dimension(Word::Role(word)) => self.role.holds(group, word),
            GroupWord::Dimension(Word::Purpose(word)) => self.purpose.holds(group, word),
            GroupWord::Dimension(Word::Category(word)) => self.category.holds(group, word),
            GroupWord::Dimension(Word::Recipient(word)) => self.recipient.holds(group, word),
            GroupWord::Dimension(Word::Country(word)) => self.country.holds(group, word),
            GroupWord::Dimension(Word::Ground(word)) => self.ground.holds(group, word),
            GroupWord::Dimension(Word::Detail(word)) => self.detail.holds(group, word),
            GroupWord::Fact(word) => self.fact.holds(group, word),
            GroupWord::Field(word) => self.field.holds(group, word),
            GroupWord::Obligation(word) => self.obligation.holds(group, word),
        }
    }

    /// The box; a dimension that is not there means any.
    pub(super) fn scope(&self, source: &BoxSource) -> Result<Scope, Located> {
        Ok(Scope {
            actions: self.action.set_or_any(&source.action)?,
            roles: self.role.set_or_any(&source.role)?,
            purposes: self.purpose.set_or_any(&source.purpose)?,
            categories: self.category.set_or_any(&source.category)?,
            recipients: self.recipient.set_or_any(&source.recipient)?,
            countries: self.country.set_or_any(&source.country)?,
            grounds: self.ground.set_or_any(&source.ground)?,
            details: self.detail.set_or_any(&source.detail)?,
        })
    }
}

//! Single edits of a document, as a hurried person makes them.

use proptest::prelude::*;
use records_model::{
    Category, ConsentForm, Fact, Field, Ground, Purpose, RecipientClass, Role, Set, Vocabulary,
};

use crate::{Effect, FieldGrant, Obligation, PolicyDraft, Rule};

/// One edit of one rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edit {
    /// The rule is gone.
    RemoveRule,
    /// Its `unless` boxes are gone.
    RemoveUnless,
    /// A role more, or one less.
    ToggleRole(Role),
    /// A purpose more, or one less.
    TogglePurpose(Purpose),
    /// A category more, or one less.
    ToggleCategory(Category),
    /// A recipient class more, or one less.
    ToggleRecipient(RecipientClass),
    /// A ground more, or one less.
    ToggleGround(Ground),
    /// A fact required more, or one less.
    ToggleRequired(Fact),
    /// A fact excluded more, or one less.
    ToggleExcluded(Fact),
    /// Another form of consent.
    SetConsent(ConsentForm),
    /// A field more, or one less.
    ToggleField(Field),
    /// All fields of the category.
    OpenAllFields,
    /// An obligation more, or one less.
    ToggleObligation(Obligation),
}

fn toggled<V: Vocabulary>(set: Set<V>, word: V) -> Set<V> {
    if set.contains(word) { set.without(word) } else { set.with(word) }
}

impl Edit {
    /// Every edit of one rule.
    pub fn all() -> impl Iterator<Item = Self> {
        let whole = [Self::RemoveRule, Self::RemoveUnless, Self::OpenAllFields].into_iter();
        whole
            .chain(Role::ALL.iter().copied().map(Self::ToggleRole))
            .chain(Purpose::ALL.iter().copied().map(Self::TogglePurpose))
            .chain(Category::ALL.iter().copied().map(Self::ToggleCategory))
            .chain(RecipientClass::ALL.iter().copied().map(Self::ToggleRecipient))
            .chain(Ground::ALL.iter().copied().map(Self::ToggleGround))
            .chain(Fact::ALL.iter().copied().map(Self::ToggleRequired))
            .chain(Fact::ALL.iter().copied().map(Self::ToggleExcluded))
            .chain(ConsentForm::ALL.iter().copied().map(Self::SetConsent))
            .chain(Field::ALL.iter().copied().map(Self::ToggleField))
            .chain(Obligation::ALL.iter().copied().map(Self::ToggleObligation))
    }

    /// The draft with this edit made to the rule at the position; unchanged if there is none.
    #[must_use]
    pub fn apply(self, draft: &PolicyDraft, position: usize) -> PolicyDraft {
        let mut edited = draft.clone();
        if self == Self::RemoveRule && position < edited.rules.len() {
            edited.rules.remove(position);
        } else if let Some(rule) = edited.rules.get_mut(position) {
            self.apply_to(rule);
        }
        edited
    }

    fn apply_to(self, rule: &mut Rule) {
        let scope = &mut rule.scope;
        match self {
            Self::RemoveRule => {}
            Self::RemoveUnless => rule.unless.clear(),
            Self::ToggleRole(word) => scope.roles = toggled(scope.roles, word),
            Self::TogglePurpose(word) => scope.purposes = toggled(scope.purposes, word),
            Self::ToggleCategory(word) => scope.categories = toggled(scope.categories, word),
            Self::ToggleRecipient(word) => scope.recipients = toggled(scope.recipients, word),
            Self::ToggleGround(word) => scope.grounds = toggled(scope.grounds, word),
            Self::ToggleRequired(fact) => rule.requires = toggled(rule.requires, fact),
            Self::ToggleExcluded(fact) => rule.excludes = toggled(rule.excludes, fact),
            Self::SetConsent(form) => set_consent(&mut rule.effect, form),
            Self::ToggleField(field) => toggle_field(&mut rule.effect, field),
            Self::OpenAllFields => open_all(&mut rule.effect),
            Self::ToggleObligation(word) => {
                if let Effect::Permit { obligations, .. } = &mut rule.effect {
                    *obligations = toggled(*obligations, word);
                }
            }
        }
    }
}

fn set_consent(effect: &mut Effect, form: ConsentForm) {
    match effect {
        Effect::Permit { consent, .. } => *consent = form,
        Effect::Forbid { unless_consent } | Effect::Withhold { unless_consent, .. } => {
            *unless_consent = Some(form);
        }
    }
}

fn toggle_field(effect: &mut Effect, field: Field) {
    match effect {
        Effect::Permit { fields: FieldGrant::Listed(listed), .. }
        | Effect::Withhold { fields: FieldGrant::Listed(listed), .. } => *listed = toggled(*listed, field),
        Effect::Permit { .. } | Effect::Withhold { .. } | Effect::Forbid { .. } => {}
    }
}

fn open_all(effect: &mut Effect) {
    if let Effect::Permit { fields, .. } = effect {
        *fields = FieldGrant::AllOfCategory;
    }
}

/// Every single edit of every rule that changes something, with the position of the rule.
pub fn every_edit(draft: &PolicyDraft) -> impl Iterator<Item = (usize, Edit)> + '_ {
    let positions = 0..draft.rules.len();
    positions
        .flat_map(|position| Edit::all().map(move |edit| (position, edit)))
        .filter(|(position, edit)| edit.apply(draft, *position) != *draft)
}

/// One edit, and the position of the rule.
pub fn arb_edit(draft: &PolicyDraft) -> impl Strategy<Value = (usize, Edit)> + use<> {
    (0..draft.rules.len().max(1), proptest::sample::select(Edit::all().collect::<Vec<_>>()))
}

/// The draft with up to three edits; most such drafts cannot come into force.
pub fn arb_policy_draft(draft: &PolicyDraft) -> impl Strategy<Value = PolicyDraft> + use<> {
    let base = draft.clone();
    proptest::collection::vec(arb_edit(draft), 0..=3).prop_map(move |edits| {
        edits.iter().fold(base.clone(), |draft, (position, edit)| edit.apply(&draft, *position))
    })
}

//! Every single edit of a rule, as a hurried person makes them.

use std::fmt;

use records_model::{ConsentForm, Fact, Field, Set, Vocabulary};

use super::word::{Place, Word, toggled};
use crate::{Effect, FieldGrant, Obligation, PolicyDraft, Rule};

/// One edit of one rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Edit {
    /// The rule is gone.
    RemoveRule,
    /// One of the boxes that it spares is gone.
    RemoveUnless(usize),
    /// A word of a dimension more, or one less.
    ToggleWord(Place, Word),
    /// A fact required more, or one less.
    ToggleRequired(Fact),
    /// A fact excluded more, or one less.
    ToggleExcluded(Fact),
    /// Another form of consent, or for a rule that takes something away: none that lifts it.
    SetConsent(Option<ConsentForm>),
    /// A field more, or one less.
    ToggleField(Field),
    /// All fields of the category.
    AllFields,
    /// An obligation more, or one less.
    ToggleObligation(Obligation),
    /// Another effect over the same requests.
    SetEffect(EffectKind),
}

/// The three effects, without what they are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EffectKind {
    /// Permits.
    Permit,
    /// Forbids.
    Forbid,
    /// Takes fields away.
    Withhold,
}

impl EffectKind {
    const ALL: [Self; 3] = [Self::Permit, Self::Forbid, Self::Withhold];

    const fn of(effect: &Effect) -> Self {
        match effect {
            Effect::Permit { .. } => Self::Permit,
            Effect::Forbid { .. } => Self::Forbid,
            Effect::Withhold { .. } => Self::Withhold,
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Permit => "permit",
            Self::Forbid => "forbid",
            Self::Withhold => "withhold",
        }
    }
}

impl Edit {
    /// Every single edit that changes the rule.
    ///
    /// Fields are those that one of its categories holds: any other is refused by its name alone.
    pub fn of(rule: &Rule) -> impl Iterator<Item = Self> + use<> {
        let held = held_fields(rule);
        let places: Vec<Place> = Place::of(rule).collect();
        let words = Word::all().flat_map(move |word| {
            let places = places.clone();
            places.into_iter().map(move |place| Self::ToggleWord(place, word))
        });
        let forms = ConsentForm::ALL.iter().copied().map(Some).chain([None]);
        let edits = [Self::RemoveRule, Self::AllFields]
            .into_iter()
            .chain((0..rule.unless.len()).map(Self::RemoveUnless))
            .chain(words)
            .chain(Fact::ALL.iter().copied().map(Self::ToggleRequired))
            .chain(Fact::ALL.iter().copied().map(Self::ToggleExcluded))
            .chain(forms.map(Self::SetConsent))
            .chain(held.iter().map(Self::ToggleField))
            .chain(Obligation::ALL.iter().copied().map(Self::ToggleObligation))
            .chain(EffectKind::ALL.into_iter().map(Self::SetEffect));
        let before = rule.clone();
        edits.filter(move |edit| edit.of_rule(&before).is_none_or(|after| after != before))
    }

    /// The rule with this edit made; nothing if the edit takes the rule away.
    #[must_use]
    pub fn of_rule(self, rule: &Rule) -> Option<Rule> {
        let mut edited = rule.clone();
        match self {
            Self::RemoveRule => return None,
            Self::RemoveUnless(position) => {
                if position < edited.unless.len() {
                    edited.unless.remove(position);
                }
            }
            Self::ToggleWord(place, word) => {
                if let Some(scope) = place.scope_mut(&mut edited) {
                    word.toggle(scope);
                }
            }
            Self::ToggleRequired(fact) => edited.requires = toggled(edited.requires, fact),
            Self::ToggleExcluded(fact) => edited.excludes = toggled(edited.excludes, fact),
            Self::SetConsent(form) => set_consent(&mut edited.effect, form),
            Self::ToggleField(field) => toggle_field(&mut edited, field),
            Self::AllFields => all_fields(&mut edited.effect),
            Self::ToggleObligation(word) => {
                if let Effect::Permit { obligations, .. } = &mut edited.effect {
                    *obligations = toggled(*obligations, word);
                }
            }
            Self::SetEffect(kind) => edited.effect = turned(&edited.effect, kind),
        }
        Some(edited)
    }

    /// The draft with this edit made to the rule at the position; unchanged if there is none.
    #[must_use]
    pub fn apply(self, draft: &PolicyDraft, position: usize) -> PolicyDraft {
        let mut edited = draft.clone();
        let Some(rule) = draft.rules.get(position) else { return edited };
        match (self.of_rule(rule), edited.rules.get_mut(position)) {
            (Some(after), Some(slot)) => *slot = after,
            _ => {
                edited.rules.remove(position);
            }
        }
        edited
    }

    /// What the edit does to this rule, as the end of a sentence that begins with the rule.
    #[must_use]
    pub fn sentence(self, rule: &Rule) -> String {
        let more = |had: bool| if had { "loses" } else { "gains" };
        match self {
            Self::RemoveRule => "is gone".to_owned(),
            Self::RemoveUnless(position) => format!("loses its `unless` box {}", position + 1),
            Self::ToggleWord(place, word) => {
                let had = place.scope_of(rule).is_some_and(|scope| word.is_in(scope));
                format!("{} {word}{place}", more(had))
            }
            Self::ToggleRequired(fact) => {
                format!("{} the required fact `{fact}`", more(rule.requires.contains(fact)))
            }
            Self::ToggleExcluded(fact) => {
                format!("{} the excluded fact `{fact}`", more(rule.excludes.contains(fact)))
            }
            Self::SetConsent(None) => "is lifted by no consent".to_owned(),
            Self::SetConsent(Some(form)) if rule.effect.is_permit() => format!("asks for {form} consent"),
            Self::SetConsent(Some(form)) => format!("is lifted by {form} consent"),
            Self::ToggleField(field) => {
                format!("{} the field `{field}`", more(listed(rule).contains(field)))
            }
            Self::AllFields => "covers all fields of the category".to_owned(),
            Self::ToggleObligation(word) => {
                let had =
                    matches!(rule.effect, Effect::Permit { obligations, .. } if obligations.contains(word));
                format!("{} the obligation `{word}`", more(had))
            }
            Self::SetEffect(kind) => format!("becomes a {}", kind.word()),
        }
    }
}

impl fmt::Display for EffectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// The fields that a record of one of the rule's categories may hold.
fn held_fields(rule: &Rule) -> Set<Field> {
    rule.scope.categories.iter().fold(Set::EMPTY, |all, category| all | Field::of_category(category))
}

/// The fields that the rule speaks of, over all its categories.
fn listed(rule: &Rule) -> Set<Field> {
    match rule.effect {
        Effect::Permit { fields: FieldGrant::Listed(fields), .. }
        | Effect::Withhold { fields: FieldGrant::Listed(fields), .. } => fields,
        Effect::Permit { .. } | Effect::Withhold { .. } => held_fields(rule),
        Effect::Forbid { .. } => Set::EMPTY,
    }
}

fn set_consent(effect: &mut Effect, form: Option<ConsentForm>) {
    match (effect, form) {
        (Effect::Permit { consent, .. }, Some(form)) => *consent = form,
        // A permit always names a form.
        (Effect::Permit { .. }, None) => {}
        (Effect::Forbid { unless_consent } | Effect::Withhold { unless_consent, .. }, form) => {
            *unless_consent = form;
        }
    }
}

fn toggle_field(rule: &mut Rule, field: Field) {
    let before = listed(rule);
    if let Effect::Permit { fields, .. } | Effect::Withhold { fields, .. } = &mut rule.effect {
        *fields = FieldGrant::Listed(toggled(before, field));
    }
}

fn all_fields(effect: &mut Effect) {
    if let Effect::Permit { fields, .. } | Effect::Withhold { fields, .. } = effect {
        *fields = FieldGrant::AllOfCategory;
    }
}

/// The effect turned into another; what the new one needs and the old one does not say is taken as widely as
/// it goes.
fn turned(effect: &Effect, kind: EffectKind) -> Effect {
    if EffectKind::of(effect) == kind {
        return *effect;
    }
    let fields = match effect {
        Effect::Permit { fields, .. } | Effect::Withhold { fields, .. } => *fields,
        Effect::Forbid { .. } => FieldGrant::AllOfCategory,
    };
    match kind {
        EffectKind::Permit => Effect::Permit { consent: ConsentForm::None, fields, obligations: Set::EMPTY },
        EffectKind::Forbid => Effect::Forbid { unless_consent: None },
        EffectKind::Withhold => Effect::Withhold { unless_consent: None, fields },
    }
}

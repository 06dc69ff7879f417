//! What is left of a policy once part of a request is known.

use records_model::{ConsentForm, Fact, Field, RuleId, Set};

use crate::carve::{merged, outside, union_outside};
use crate::cuboid::Cuboid;
use crate::space::{Space, Target};
use crate::{Effect, Obligation, Region, Scope, VerifiedPolicy};

/// Part of a request: the words that it may have, the facts that are known, the forms of consent that there may be.
///
/// ```
/// use consent_policy::{PartialRequest, PolicyDraft};
/// use records_model::{Action, Category, Set};
/// # let document = include_str!("../../../fixtures/clinics/brisa/policy.toml");
/// let policy = PolicyDraft::parse(document)?.check()?;
///
/// let mut asked = PartialRequest::any();
/// asked.scope.actions = Set::one(Action::Read);
/// asked.scope.categories = Set::one(Category::Unclassified);
/// let who = policy.who_can(&asked);
/// assert!(who.iter().all(|permitted| permitted.fields.is_empty()), "nobody reads what is not classified");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartialRequest {
    /// The words that it may have, in each dimension; all of them where nothing is known.
    pub scope: Scope,
    /// Facts known to hold.
    pub present: Set<Fact>,
    /// Facts known not to hold.
    pub absent: Set<Fact>,
    /// The forms of consent that there may be.
    pub forms: Set<ConsentForm>,
}

impl PartialRequest {
    /// Nothing is known.
    #[must_use]
    pub fn any() -> Self {
        Self { scope: Scope::any(), present: Set::EMPTY, absent: Set::EMPTY, forms: Set::full() }
    }

    /// The states that it may be; `None` if there is none.
    fn cuboid(&self) -> Option<Cuboid> {
        let known = Cuboid::of(&self.scope)?.with_facts(self.present, self.absent)?;
        (!self.forms.is_empty()).then(|| known.with_form_bits(self.forms.bits()))
    }
}

/// A box in which one rule permits something and none forbids it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Permitted {
    /// The rule.
    pub rule: RuleId,
    /// Where.
    pub region: Region,
    /// The fields that it opens and that stay open somewhere in the box; a rule that withholds may take some of them
    /// away in part of it.
    pub fields: Set<Field>,
    /// What is owed for it.
    pub obligations: Set<Obligation>,
}

impl VerifiedPolicy {
    /// Who may do what is asked, under which conditions: every merged box, rule by rule. Exact: a request is
    /// permitted if and only if its state is in one of them. None if nobody may.
    #[must_use]
    pub fn who_can(&self, asked: &PartialRequest) -> Vec<Permitted> {
        let Some(asked) = asked.cuboid() else { return Vec::new() };
        let space = Space::new(self.rules());
        let sides = space.sides(Target::Permitted);
        let closing = sides.closing_cuboids(Some);
        let mut found = Vec::new();
        for (position, rule) in self.rules().iter().enumerate() {
            let Effect::Permit { fields, obligations, .. } = rule.effect else { continue };
            let parts = sides.opening.iter().filter(|part| part.rule == position);
            let open = parts.filter_map(|part| part.cuboid.meet(&asked)).flat_map(|c| outside(c, &closing));
            found.extend(merged(open.collect()).into_iter().map(|cuboid| {
                let named = cuboid.scope().categories.iter().fold(Set::EMPTY, |all, c| all | fields.of(c));
                let is_open = |field: &Field| {
                    let sides = space.sides(Target::Opened(*field));
                    sides.open_inside(&cuboid, &[]).is_some()
                };
                Permitted {
                    rule: rule.id.clone(),
                    region: Region::of(cuboid),
                    fields: named.iter().filter(is_open).collect(),
                    obligations,
                }
            }));
        }
        found
    }

    /// What must still be so for a partial request to be permitted: disjoint merged boxes, whatever the rule.
    /// Exact: with the rest known, the request is permitted if and only if its state is in one of them.
    #[must_use]
    pub fn residual(&self, known: &PartialRequest) -> Vec<Region> {
        let Some(known) = known.cuboid() else { return Vec::new() };
        let sides = Space::new(self.rules()).sides(Target::Permitted);
        let open: Vec<Cuboid> = sides.opening.iter().filter_map(|part| part.cuboid.meet(&known)).collect();
        merged(union_outside(&open, &sides.closing_cuboids(Some))).into_iter().map(Region::of).collect()
    }
}

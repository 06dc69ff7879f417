//! From a draft to a verified policy: every law proved, or a witness against it.

use std::fmt;

use records_model::{Category, ConsentForm, Field, Ground, RuleId, Sensitivity, Set, Vocabulary};
use thiserror::Error;

use crate::carve::Outside;
use crate::cuboid::Cuboid;
use crate::polarity::{self, Loss, Step};
use crate::promise::{Law, Promise, words};
use crate::scenario::{self, Mismatch};
use crate::space::{Part, Sides, Space, Target};
use crate::{Effect, Invariant, PolicyDraft, RULES_MAX, Refusal, Rule, VerifiedPolicy, Witness};

/// One reason why a document cannot come into force.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Violation {
    /// A document holds at most so many rules.
    #[error("the document holds {count} rules; at most {RULES_MAX} fit")]
    TooManyRules {
        /// How many it holds.
        count: usize,
    },
    /// Two rules with one name.
    #[error("line {line}: a rule named `{rule}` stands in the document already")]
    RuleTwice {
        /// The name.
        rule: RuleId,
        /// Line of the second.
        line: usize,
    },
    /// A rule that says too little.
    #[error("line {line}: rule `{rule}` {lack}")]
    RuleLacks {
        /// Its name.
        rule: RuleId,
        /// Its line.
        line: usize,
        /// What it lacks.
        lack: Lack,
    },
    /// An absolute promise would be broken.
    #[error("line {line}: rule `{rule}` breaks the promise `{promise}` ({}): {witness}", promise.clause())]
    Promise {
        /// Which.
        promise: Promise,
        /// The rule that permits it.
        rule: RuleId,
        /// Its line.
        line: usize,
        /// A request that would be permitted.
        witness: Box<Witness>,
    },
    /// Something favourable would take something away.
    #[error("line {line}: rule `{rule}` lets something favourable do harm: {step}, {loss}: {witness}")]
    Polarity {
        /// The step.
        step: Step,
        /// What it takes away.
        loss: Loss,
        /// The rule to blame.
        rule: RuleId,
        /// Its line.
        line: usize,
        /// The request and the facts before the step.
        witness: Box<Witness>,
    },
    /// Tacit consent would count for a sensitive category.
    #[error("line {line}: rule `{rule}` lets tacit consent count for sensitive data (P-6): {witness}")]
    TacitCounts {
        /// The rule.
        rule: RuleId,
        /// Its line.
        line: usize,
        /// A request that it would count for.
        witness: Box<Witness>,
    },
    /// The document's own invariant does not hold.
    #[error("line {line}: rule `{rule}` breaks the invariant `{invariant}`: {witness}")]
    Invariant {
        /// The invariant.
        invariant: RuleId,
        /// The rule that permits it.
        rule: RuleId,
        /// The rule's line.
        line: usize,
        /// A request that would be permitted.
        witness: Box<Witness>,
    },
    /// The document's own invariant says that a rule forbids all of it, and none does.
    #[error("line {line}: the invariant `{invariant}` is not kept by a rule that forbids: {witness}")]
    NotForbidden {
        /// The invariant.
        invariant: RuleId,
        /// Its line.
        line: usize,
        /// A request that no rule would forbid.
        witness: Box<Witness>,
    },
    /// A scenario of the document comes out otherwise.
    #[error("line {line}: test \"{name}\": {mismatch}")]
    Scenario {
        /// Its name.
        name: String,
        /// Its line.
        line: usize,
        /// What came out otherwise.
        mismatch: Mismatch,
    },
}

/// What a rule lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Lack {
    /// It cites nothing.
    #[error("cites no clause")]
    Clause,
    /// It gives no reason in one of the languages.
    #[error("gives no reason in both languages")]
    Reason,
    /// One of its sets is empty, so it never applies.
    #[error("has an empty set, so it never applies")]
    Scope,
    /// It requires and excludes the same fact.
    #[error("requires and excludes the same fact, so it never applies")]
    Facts,
    /// It names a field that none of its categories holds.
    #[error("names the field `{0}`, which none of its categories holds")]
    FieldOfNoCategory(Field),
    /// It withholds nothing.
    #[error("withholds no field")]
    Withheld,
    /// It permits on the ground of consent without one.
    #[error(
        "permits on the ground of consent and asks for none; give it a `consent` level, in a rule of its own if it has other grounds too"
    )]
    ConsentLevel,
}

/// Why a document cannot come into force; at least one violation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckError {
    /// Everything found.
    pub violations: Vec<Violation>,
}

impl fmt::Display for CheckError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the policy document cannot come into force; problems found: {}", self.violations.len())?;
        self.violations.iter().try_for_each(|violation| write!(f, "\n  {violation}"))
    }
}

impl std::error::Error for CheckError {}

impl PolicyDraft {
    /// Proves every law of this crate and everything that the document asserts of itself.
    ///
    /// The absolute promises, the polarity laws and the document's invariants are proved by exact box algebra
    /// over the whole domain; its scenarios are run.
    ///
    /// # Errors
    ///
    /// [`CheckError`] lists every violation, each with the rule's name and, where there is one, a request that
    /// shows it. Nothing decides by a document that has one.
    pub fn check(self) -> Result<VerifiedPolicy, CheckError> {
        let shape = shape_violations(&self.rules);
        if !shape.is_empty() {
            return Err(CheckError { violations: shape });
        }
        let space = Space::new(&self.rules);
        let mut violations = promise_violations(&space);
        violations.extend(tacit_violations(&space));
        violations.extend(polarity_violations(&space));
        violations
            .extend(self.invariants.iter().filter_map(|invariant| invariant_violation(&space, invariant)));
        if !violations.is_empty() {
            return Err(CheckError { violations });
        }
        match scenario::violations(&self) {
            failed if failed.is_empty() => Ok(VerifiedPolicy::proved(self)),
            failed => Err(CheckError { violations: failed }),
        }
    }
}

fn shape_violations(rules: &[Rule]) -> Vec<Violation> {
    let mut found = Vec::new();
    if rules.len() > RULES_MAX {
        found.push(Violation::TooManyRules { count: rules.len() });
    }
    for (position, rule) in rules.iter().enumerate() {
        if rules.iter().take(position).any(|earlier| earlier.id == rule.id) {
            found.push(Violation::RuleTwice { rule: rule.id.clone(), line: rule.line });
        }
        let lacks = lacks_of(rule).into_iter();
        found.extend(lacks.map(|lack| Violation::RuleLacks { rule: rule.id.clone(), line: rule.line, lack }));
    }
    found
}

fn lacks_of(rule: &Rule) -> Vec<Lack> {
    let mut lacks = Vec::new();
    let mut note = |missing: bool, lack| lacks.extend(missing.then_some(lack));
    note(rule.clauses.is_empty(), Lack::Clause);
    note(rule.reason.es.trim().is_empty() || rule.reason.en.trim().is_empty(), Lack::Reason);
    note(rule.scope.is_empty(), Lack::Scope);
    note(rule.requires.intersects(rule.excludes), Lack::Facts);
    if let Effect::Permit { consent: ConsentForm::None, .. } = rule.effect {
        note(rule.scope.grounds.contains(Ground::Consent), Lack::ConsentLevel);
    }
    let named = match rule.effect {
        Effect::Permit { fields, .. } | Effect::Withhold { fields, .. } => fields,
        Effect::Forbid { .. } => crate::FieldGrant::NONE,
    };
    if let crate::FieldGrant::Listed(named) = named {
        let holds =
            |field: &Field| rule.scope.categories.iter().any(|c| Field::of_category(c).contains(*field));
        let stray = named.iter().find(|field| !holds(field));
        if let Some(field) = stray {
            note(true, Lack::FieldOfNoCategory(field));
        }
        note(matches!(rule.effect, Effect::Withhold { .. }) && named.is_empty(), Lack::Withheld);
    }
    lacks
}

/// The rule, its line and a request, for a part of the space.
fn blame(space: &Space<'_>, part: &Part, field: Option<Field>) -> Option<(RuleId, usize, Box<Witness>)> {
    let rule = space.rule(part)?;
    Some((rule.id.clone(), rule.line, Box::new(Witness::of(&part.cuboid, field)?)))
}

fn promise_violations(space: &Space<'_>) -> Vec<Violation> {
    let permitted = space.sides(Target::Permitted);
    let broken = |promise: Promise, law: Law| {
        let (part, field) = match law {
            Law::Never { region, spared } => (permitted.open_inside(&region, &spared)?, None),
            Law::NeverOpen(region, fields) => open_field(space, (&region, &[]), fields)?,
            Law::Opens(step, region) => (opened_by(step, &region, &permitted)?, None),
        };
        let (rule, line, witness) = blame(space, &part, field)?;
        Some(Violation::Promise { promise, rule, line, witness })
    };
    let of_promise = |promise: &Promise| promise.laws().into_iter().find_map(|law| broken(*promise, law));
    Promise::ALL.iter().filter_map(of_promise).collect()
}

/// Some part inside the region that is permitted after the step and not before it.
fn opened_by(step: Step, region: &Cuboid, permitted: &Sides) -> Option<Part> {
    let inside = |cuboid: Cuboid| cuboid.meet(region);
    let after = |cuboid| inside(cuboid).and_then(|cuboid| step.after(cuboid));
    let before = |cuboid| inside(cuboid).and_then(|cuboid| step.before(cuboid));
    let part = permitted.escape(after, before)?;
    Some(Part { cuboid: step.place_after(part.cuboid)?, ..part })
}

fn open_field(
    space: &Space<'_>,
    (region, spared): (&Cuboid, &[Cuboid]),
    fields: Set<Field>,
) -> Option<(Part, Option<Field>)> {
    fields.iter().find_map(|field| {
        space.sides(Target::Opened(field)).open_inside(region, spared).map(|part| (part, Some(field)))
    })
}

/// Rules that tell tacit consent from none on a sensitive category: none may, whether they permit or lift.
fn tacit_violations(space: &Space<'_>) -> Vec<Violation> {
    let sensitive = words(|c: Category| c.sensitivity() == Sensitivity::Sensitive);
    let step = Step::Consented(ConsentForm::Tacit);
    let permitted = space.sides(Target::Permitted);
    let mut parts: Vec<Part> = space.parts().to_vec();
    parts.retain(|part| step.before(part.cuboid) != step.after(part.cuboid));
    let told_apart = parts.iter().filter_map(|part| {
        let cuboid = part
            .cuboid
            .with_categories(sensitive)?
            .at_form(ConsentForm::Tacit)
            .or_else(|| part.cuboid.with_categories(sensitive)?.at_form(ConsentForm::None))?;
        let matters = permitted.opening.iter().any(|open| open.cuboid.meet(&cuboid).is_some());
        let (rule, line, witness) = blame(space, &Part { rule: part.rule, cuboid }, None)?;
        matters.then_some(Violation::TacitCounts { rule, line, witness })
    });
    told_apart.collect()
}

fn polarity_violations(space: &Space<'_>) -> Vec<Violation> {
    let named = polarity::breaches(space).into_iter().filter_map(|breach| {
        let field = match breach.loss {
            Loss::Field(field) => Some(field),
            Loss::Permit | Loss::Freedom(_) => None,
        };
        let (rule, line, witness) = blame(space, &breach.part, field)?;
        Some(Violation::Polarity { step: breach.step, loss: breach.loss, rule, line, witness })
    });
    named.collect()
}

fn invariant_violation(space: &Space<'_>, invariant: &Invariant) -> Option<Violation> {
    let mut whole = Cuboid::of(&invariant.scope)?.with_facts(invariant.present, invariant.absent)?;
    if let Some(form) = invariant.consent_below {
        whole = whole.below(form)?;
    }
    let spared: Vec<Cuboid> = invariant.unless.iter().filter_map(Cuboid::of).collect();
    let open = match invariant.fields {
        None => space.sides(Target::Permitted).open_inside(&whole, &spared).map(|part| (part, None)),
        Some(fields) => open_field(space, (&whole, &spared), fields),
    };
    // What is permitted is the worse of the two, and has a rule to name.
    let Some((part, field)) = open else {
        let is_forbidden = invariant.refusal == Refusal::Forbidden;
        return is_forbidden.then(|| not_forbidden(space, invariant, whole, &spared))?;
    };
    let (rule, line, witness) = blame(space, &part, field)?;
    Some(Violation::Invariant { invariant: invariant.id.clone(), rule, line, witness })
}

/// Some part of the box that nothing forbids, whether or not anything permits it.
fn not_forbidden(
    space: &Space<'_>,
    invariant: &Invariant,
    whole: Cuboid,
    spared: &[Cuboid],
) -> Option<Violation> {
    let mut covered = space.sides(Target::Permitted).closing_cuboids(Some);
    covered.extend_from_slice(spared);
    let left = Outside::new(whole, &covered).next()?;
    let witness = Box::new(Witness::of(&left, None)?);
    Some(Violation::NotForbidden { invariant: invariant.id.clone(), line: invariant.line, witness })
}

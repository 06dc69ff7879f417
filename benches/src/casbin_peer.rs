//! The rules as lines of a casbin policy. A set is a text such as `|read|write|`, in which a word is looked for.

use casbin::function_map::OperatorFunction;
use casbin::rhai::{Dynamic, ImmutableString};
use casbin::{CoreApi as _, DefaultModel, Enforcer, MemoryAdapter, MgmtApi as _};
use consent_policy::{Effect, Facts, Request, Rule, Scope};
use records_model::{Category, ConsentForm, Set, Vocabulary};

use crate::Failure;

const MODEL: &str = "
[request_definition]
r = action, role, purpose, category, recipient, country, ground, detail, consent, facts, words

[policy_definition]
p = eft, action, role, purpose, category, recipient, country, ground, detail, consent, requires, excludes, unless, id

[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))

[matchers]
m = holds(p.action, r.action) && holds(p.role, r.role) && holds(p.purpose, r.purpose) && holds(p.category, r.category) && holds(p.recipient, r.recipient) && holds(p.country, r.country) && holds(p.ground, r.ground) && holds(p.detail, r.detail) && holds(p.consent, r.consent) && every(p.requires, r.facts) && none(p.excludes, r.facts) && !spared(p.unless, r.words)
";

/// An enforcer with the rules.
pub struct CasbinPeer {
    enforcer: Enforcer,
}

/// One question: a text for each name of the model's request, shared, so that asking copies none.
pub type Question = Vec<ImmutableString>;

impl CasbinPeer {
    /// Loads the rules.
    ///
    /// # Errors
    ///
    /// What casbin says.
    pub fn new(rules: &[Rule]) -> Result<Self, Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        let lines = rules.iter().filter_map(line).collect();
        let enforcer = runtime.block_on(async {
            let model = DefaultModel::from_str(MODEL).await?;
            let mut enforcer = Enforcer::new_raw(model, MemoryAdapter::default()).await?;
            enforcer.add_policies(lines).await?;
            Ok::<_, casbin::Error>(enforcer)
        });
        let mut enforcer = enforcer?;
        enforcer.add_function("holds", OperatorFunction::Arg2(|set, word| on_texts(set, word, holds)));
        enforcer.add_function("every", OperatorFunction::Arg2(|facts, held| on_texts(facts, held, every)));
        enforcer.add_function("none", OperatorFunction::Arg2(|facts, held| on_texts(facts, held, none)));
        enforcer
            .add_function("spared", OperatorFunction::Arg2(|boxes, asked| on_texts(boxes, asked, spared)));
        Ok(Self { enforcer })
    }

    /// Whether every category is permitted.
    ///
    /// # Errors
    ///
    /// What casbin says.
    pub fn permits(&self, questions: &[Question]) -> Result<bool, Failure> {
        let mut permitted = !questions.is_empty();
        for question in questions {
            permitted &= self.enforcer.enforce(question.clone())?;
        }
        Ok(permitted)
    }
}

fn on_texts(left: Dynamic, right: Dynamic, test: fn(&str, &str) -> bool) -> Dynamic {
    match (left.into_immutable_string(), right.into_immutable_string()) {
        (Ok(left), Ok(right)) => test(&left, &right).into(),
        _ => false.into(),
    }
}

/// Whether the set holds the word, which stands between bars; `*` holds every word.
fn holds(set: &str, word: &str) -> bool {
    set == "*" || set.contains(word)
}

/// Whether each of the facts, separated by spaces, is held.
fn every(facts: &str, held: &str) -> bool {
    facts.split_terminator(' ').all(|fact| held.contains(fact))
}

/// Whether none of them is.
fn none(facts: &str, held: &str) -> bool {
    !facts.split_terminator(' ').any(|fact| held.contains(fact))
}

/// Whether one of the boxes, separated by `/`, holds the words. A box is eight sets.
fn spared(boxes: &str, words: &str) -> bool {
    boxes
        .split_terminator('/')
        .any(|sets| sets.split(';').zip(words.split(';')).all(|(set, word)| holds(set, word)))
}

/// One question for each category.
#[must_use]
pub fn questions(request: &Request, facts: &Facts) -> Vec<Question> {
    request.categories.iter().map(|category| question(request, category, facts)).collect()
}

fn question(request: &Request, category: Category, facts: &Facts) -> Question {
    let words = [
        between_bars(request.action),
        between_bars(request.role),
        between_bars(request.purpose),
        between_bars(category),
        between_bars(request.recipient),
        between_bars(request.country),
        between_bars(request.ground),
        between_bars(request.detail),
    ];
    let joined = words.join(";");
    let held = set(facts.present);
    words.into_iter().chain([between_bars(facts.consent), held, joined]).map(Into::into).collect()
}

fn between_bars<V: Vocabulary>(word: V) -> String {
    format!("|{}|", word.code())
}

fn set<V: Vocabulary>(set: Set<V>) -> String {
    if set == Set::full() { "*".to_owned() } else { set.iter().map(between_bars).collect() }
}

/// A rule as a line of the policy; nothing for a rule that only withholds fields.
fn line(rule: &Rule) -> Option<Vec<String>> {
    let effect = match rule.effect {
        Effect::Permit { .. } => "allow",
        Effect::Forbid { .. } => "deny",
        Effect::Withhold { .. } => return None,
    };
    let forms: Set<ConsentForm> =
        ConsentForm::ALL.iter().copied().filter(|form| rule.effect.applies_with(*form)).collect();
    let boxes: Vec<String> = rule.unless.iter().map(|spared| sets(spared).join(";")).collect();
    let facts = |facts: Set<_>| facts.iter().map(between_bars).collect::<Vec<_>>().join(" ");
    let mut line = vec![effect.to_owned()];
    line.extend(sets(&rule.scope));
    line.extend([set(forms), facts(rule.requires), facts(rule.excludes), boxes.join("/")]);
    line.push(rule.id.to_string());
    Some(line)
}

fn sets(scope: &Scope) -> [String; 8] {
    [
        set(scope.actions),
        set(scope.roles),
        set(scope.purposes),
        set(scope.categories),
        set(scope.recipients),
        set(scope.countries),
        set(scope.grounds),
        set(scope.details),
    ]
}

//! The rules in Rego, for regorus and its virtual machine.

use std::fmt::Write as _;

use consent_policy::{Effect, Facts, Request, Rule, Scope, cedar};
use records_model::{Category, ConsentForm, Set, Vocabulary};
use regorus::Value;
use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::RegoVM;

use crate::Failure;

const DECISION: &str = "data.resguardo.decision";

/// A compiled module and the machine that runs it.
pub struct RegoPeer {
    machine: RegoVM,
}

impl RegoPeer {
    /// Compiles the rules.
    ///
    /// # Errors
    ///
    /// What regorus says.
    pub fn new(rules: &[Rule]) -> Result<Self, Failure> {
        let mut engine = regorus::Engine::new();
        engine.add_policy("resguardo.rego".to_owned(), module(rules))?;
        let compiled = engine.compile_with_entrypoint(&DECISION.into())?;
        let program = Compiler::compile_from_policy(&compiled, &[DECISION])?;
        let mut machine = RegoVM::new();
        machine.load_program(program);
        Ok(Self { machine })
    }

    /// Runs the module on one input: the names of the permits and of the forbids that matched.
    ///
    /// # Errors
    ///
    /// What regorus says.
    pub fn run(&mut self, input: &Value) -> Result<Value, Failure> {
        self.machine.set_input(input.clone());
        Ok(self.machine.execute_entry_point_by_index(0)?)
    }

    /// Whether every category is permitted.
    ///
    /// # Errors
    ///
    /// What regorus says.
    pub fn permits(&mut self, inputs: &[Value]) -> Result<bool, Failure> {
        let mut permitted = !inputs.is_empty();
        for input in inputs {
            let answer = self.run(input)?;
            permitted &= holds_any(&answer, "permits") && !holds_any(&answer, "forbids");
        }
        Ok(permitted)
    }
}

fn holds_any(answer: &Value, side: &str) -> bool {
    answer
        .as_object()
        .ok()
        .and_then(|object| object.get(&Value::from(side)))
        .and_then(|set| set.as_set().ok())
        .is_some_and(|set| !set.is_empty())
}

/// One input for each category.
///
/// # Errors
///
/// What regorus says.
pub fn inputs(request: &Request, facts: &Facts) -> Result<Vec<Value>, Failure> {
    request.categories.iter().map(|category| input(request, category, facts)).collect()
}

fn input(request: &Request, category: Category, facts: &Facts) -> Result<Value, Failure> {
    let present: Vec<String> = facts.present.iter().map(|fact| format!("\"{fact}\": true")).collect();
    Ok(Value::from_json_str(&format!(
        r#"{{"action": "{}", "role": "{}", "purpose": "{}", "category": "{category}", "recipient": "{}",
            "country": "{}", "ground": "{}", "detail": "{}", "consent": {}, "facts": {{{}}}}}"#,
        request.action,
        request.role,
        request.purpose,
        request.recipient,
        request.country,
        request.ground,
        request.detail,
        cedar::consent_number(facts.consent),
        present.join(", ")
    ))?)
}

/// Every rule as one definition of a set of names.
fn module(rules: &[Rule]) -> String {
    let mut text = String::from(
        "package resguardo\nimport rego.v1\ndecision := {\"permits\": permits, \"forbids\": forbids}\n",
    );
    for (position, rule) in rules.iter().enumerate() {
        let set = match rule.effect {
            Effect::Permit { .. } => "permits",
            Effect::Forbid { .. } => "forbids",
            Effect::Withhold { .. } => continue,
        };
        let mut conditions = inside(&rule.scope);
        conditions.extend(rule.requires.iter().map(|fact| format!("input.facts[\"{fact}\"]")));
        conditions.extend(rule.excludes.iter().map(|fact| format!("not input.facts[\"{fact}\"]")));
        conditions.extend(consent(&rule.effect));
        for (number, spared) in rule.unless.iter().enumerate() {
            let name = format!("spared_{position}_{number}");
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{name} if {{ {} }}", inside(spared).join("; "));
            conditions.push(format!("not {name}"));
        }
        if conditions.is_empty() {
            conditions.push("true".to_owned());
        }
        let _ = writeln!(text, "{set} contains \"{}\" if {{ {} }}", rule.id, conditions.join("; "));
    }
    text
}

fn consent(effect: &Effect) -> Option<String> {
    match effect {
        Effect::Permit { consent: ConsentForm::None, .. } => None,
        Effect::Permit { consent, .. } => {
            Some(format!("input.consent >= {}", cedar::consent_number(*consent)))
        }
        Effect::Forbid { unless_consent } | Effect::Withhold { unless_consent, .. } => {
            unless_consent.map(|form| format!("input.consent < {}", cedar::consent_number(form)))
        }
    }
}

fn inside(scope: &Scope) -> Vec<String> {
    [
        is_one_of("action", scope.actions),
        is_one_of("role", scope.roles),
        is_one_of("purpose", scope.purposes),
        is_one_of("category", scope.categories),
        is_one_of("recipient", scope.recipients),
        is_one_of("country", scope.countries),
        is_one_of("ground", scope.grounds),
        is_one_of("detail", scope.details),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn is_one_of<V: Vocabulary>(key: &str, set: Set<V>) -> Option<String> {
    if set == Set::full() {
        return None;
    }
    let words: Vec<String> = set.iter().map(|word| format!("\"{}\"", word.code())).collect();
    Some(match words.as_slice() {
        [word] => format!("input.{key} == {word}"),
        words => format!("input.{key} in {{{}}}", words.join(", ")),
    })
}

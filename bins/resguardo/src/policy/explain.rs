//! `policy explain`: a decision with every rule that matched, and what would open it.

use std::io::Write;

use clap::Args;
use consent_policy::{Decision, Effect, Engine, Openings, Rule};
use records_model::{Set, Vocabulary};
use serde_json::{Value, json};

use super::Asked;
use super::decide::OneRequest;
use crate::acting::Form;
use crate::{CliError, Verdict, render};

/// A request, and what is true.
#[derive(Debug, Args)]
pub(crate) struct Explain {
    #[command(flatten)]
    one: OneRequest,
}

impl Explain {
    pub(super) const fn names_a_document(&self) -> bool {
        self.one.names_a_document()
    }

    pub(super) fn answer(&self, asked: &Asked<'_>, out: &mut impl Write) -> Result<Verdict, CliError> {
        let engine = self.one.engine(asked)?;
        let (request, facts) = self.one.asked()?;
        // Facts without a scheduled change hold at every instant.
        let now = chrono::DateTime::UNIX_EPOCH;
        let decision = engine.decide(&request, &facts, now);
        let openings = engine.openings(&request, &facts, now);
        let answer = privacy_operations::Answer::of(&engine, &request, &decision);
        let changes = changes(&openings);
        match asked.form {
            Form::Json => {
                let rules: Vec<Value> = matched(&engine, &decision).map(rule_in_json).collect();
                render::json(out, &json!({ "answer": answer, "matched": rules, "would-open": changes }))?;
            }
            Form::Text => {
                writeln!(out, "{}", render::headline(answer.outcome, asked.language))?;
                render::reasons(&answer.reasons, asked.language, out)?;
                writeln!(out, "rules that match:")?;
                for rule in matched(&engine, &decision) {
                    writeln!(out, "  line {}: {} {}", rule.line, effect(rule), rule.id)?;
                }
                if decision.is_permit() {
                    writeln!(out, "open: {}", or_none(decision.any_fields()))?;
                    writeln!(out, "owed: {}", or_none(decision.obligations))?;
                } else {
                    write_changes(&changes, out)?;
                }
            }
        }
        Ok(render::verdict(&answer))
    }
}

fn matched<'a>(engine: &'a Engine, decision: &'a Decision) -> impl Iterator<Item = &'a Rule> {
    decision.rules.iter().filter_map(|position| engine.policy().rules().get(position))
}

const fn effect(rule: &Rule) -> &'static str {
    match rule.effect {
        Effect::Permit { .. } => "permit",
        Effect::Forbid { .. } => "forbid",
        Effect::Withhold { .. } => "withhold",
    }
}

fn rule_in_json(rule: &Rule) -> Value {
    json!({ "rule": rule.id, "line": rule.line, "effect": effect(rule), "clauses": rule.clauses })
}

/// One thing that would have to be otherwise.
#[derive(Debug, serde::Serialize)]
struct Otherwise {
    what: &'static str,
    any_of: Vec<&'static str>,
}

/// Each of these alone opens it.
fn changes(openings: &Openings) -> Vec<Otherwise> {
    let words = &openings.words;
    let all = [
        otherwise("fact missing", openings.missing),
        otherwise("fact in the way", openings.in_the_way),
        otherwise("consent", openings.consent.into_iter().collect()),
        otherwise("action", words.actions),
        otherwise("role", words.roles),
        otherwise("purpose", words.purposes),
        otherwise("category", words.categories),
        otherwise("recipient", words.recipients),
        otherwise("country", words.countries),
        otherwise("ground", words.grounds),
        otherwise("detail", words.details),
    ];
    all.into_iter().filter(|change| !change.any_of.is_empty()).collect()
}

fn otherwise<V: Vocabulary>(what: &'static str, words: Set<V>) -> Otherwise {
    Otherwise { what, any_of: words.iter().map(Vocabulary::code).collect() }
}

fn write_changes(changes: &[Otherwise], out: &mut impl Write) -> Result<(), CliError> {
    if changes.is_empty() {
        writeln!(out, "no single change would open it")?;
        return Ok(());
    }
    writeln!(out, "one condition short; any one of these would open it:")?;
    for change in changes {
        writeln!(out, "  {}: {}", change.what, change.any_of.join(", "))?;
    }
    Ok(())
}

fn or_none<V: Vocabulary>(words: Set<V>) -> String {
    if words.is_empty() { "none".to_owned() } else { words.to_string() }
}

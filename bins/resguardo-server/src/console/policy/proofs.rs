//! What was proved of the document in force, over its rules and this vocabulary.

use consent_policy::Promise;
use maud::{Markup, html};
use records_model::Vocabulary as _;

use crate::console::words::{View, clauses};

pub(super) fn in_force(view: &View) -> Markup {
    let lang = view.lang;
    let policy = view.house.engine.policy();
    let header = policy.header();
    html! {
        section .answer .permit {
            h2 { (header.id.as_str()) " " (header.version.as_str()) }
            p {
                (policy.rules().len()) " " (lang.t("reglas", "rules")) " · "
                (policy.invariants().len()) " " (lang.t("invariantes propias", "invariants of its own")) " · "
                (policy.scenarios().len()) " " (lang.t("ejemplos comprobados", "examples checked")) " · "
                (lang.t("para aplicarse desde el ", "meant to apply from ")) (header.effective_on)
            }
            p { (lang.t(
                "Demostrado de estas reglas, sobre todas las solicitudes que el vocabulario permite escribir. No dice nada de lo que alguien haga fuera del sistema.",
                "Proved of these rules, over every request that the vocabulary can express. It says nothing of what somebody does outside the system.",
            )) }
            details {
                summary { (lang.t("Promesas que ningún documento puede quitar", "Promises that no document can lift")) " (" (Promise::ALL.len()) ")" }
                @for promise in Promise::ALL.iter().copied() {
                    div { span .code { (promise.code()) } (view.clause(promise.clause())) }
                }
            }
            details {
                summary { (lang.t("Nada favorable quita nada", "Nothing favourable takes anything away")) }
                p { (lang.t(
                    "Ganar una capacitación, un contrato o un consentimiento nunca cierra lo que estaba abierto, y perderlos o recibir una restricción nunca abre nada: demostrado para el permiso, para cada campo y para cada obligación.",
                    "Gaining a training, a contract or a consent never closes what was open, and losing them or receiving a restriction never opens anything: proved for the permit, for each field and for each obligation.",
                )) }
            }
            details {
                summary { (lang.t("Invariantes de la clínica", "Invariants of the clinic")) " (" (policy.invariants().len()) ")" }
                ul { @for invariant in policy.invariants() {
                    li { (invariant.id.as_str()) " " span .code { (clauses(&invariant.clauses)) } }
                } }
            }
            details {
                summary { (lang.t("Reglas", "Rules")) " (" (policy.rules().len()) ")" }
                ul { @for rule in policy.rules() {
                    li {
                        (lang.t(&rule.reason.es, &rule.reason.en)) " "
                        span .code { (rule.id.as_str()) " · " (clauses(&rule.clauses)) }
                    }
                } }
            }
        }
    }
}

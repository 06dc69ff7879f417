//! Why a draft cannot be in force, and who would have been exposed.

use consent_policy::{CheckError, DocumentError, Lack, Violation, Witness};
use maud::{Markup, html};
use privacy_operations::UnknownCitation;

use crate::console::words::View;

/// A text that cannot be read.
pub(super) fn unreadable(view: &View, error: &DocumentError) -> Markup {
    let lang = view.lang;
    html! {
        section .refused role="alert" {
            h2 { (lang.t("No se puede leer", "It cannot be read")) }
            p {
                (lang.t("Línea", "Line")) " " (error.line) ", " (lang.t("columna", "column")) " " (error.column) ": "
                span .code lang="en" { (error.problem) }
            }
            p { (lang.t("Nada cambió: sigue en vigor la versión anterior.", "Nothing changed: the earlier version stays in force.")) }
        }
    }
}

/// A text that cites a clause which the clinic does not have.
pub(super) fn uncited(view: &View, unknown: &UnknownCitation) -> Markup {
    let lang = view.lang;
    html! {
        section .refused role="alert" {
            h2 { (lang.t("Cita una cláusula que no existe", "It cites a clause that does not exist")) }
            p {
                (lang.t("Línea", "Line")) " " (unknown.line) ", " (lang.t("columna", "column")) " " (unknown.column) ": "
                span .code { (unknown.clause) }
                @if let Some(nearest) = &unknown.nearest {
                    " · " (lang.t("¿Quiso decir ", "did you mean ")) span .code { (nearest) } "?"
                }
            }
            p { (lang.t("Nada cambió: sigue en vigor la versión anterior.", "Nothing changed: the earlier version stays in force.")) }
        }
    }
}

/// A text that breaks something.
pub(super) fn refused(view: &View, refused: &CheckError) -> Markup {
    let lang = view.lang;
    html! {
        section .refused role="alert" {
            h2 { (lang.t("No puede entrar en vigor", "It cannot come into force")) }
            p { (lang.t("Nada cambió: sigue en vigor la versión anterior.", "Nothing changed: the earlier version stays in force.")) }
            ul { @for violation in &refused.violations { li { (one(view, violation)) } } }
        }
    }
}

fn one(view: &View, violation: &Violation) -> Markup {
    let lang = view.lang;
    match violation {
        Violation::TooManyRules { count } => html! {
            (lang.t("Tiene demasiadas reglas: ", "It has too many rules: ")) (count)
        },
        Violation::RuleTwice { rule, line } => html! {
            (place(view, rule.as_str(), *line)) (lang.t("ya hay una regla con este nombre.", "there is a rule of this name already."))
        },
        Violation::RuleLacks { rule, line, lack } => html! {
            (place(view, rule.as_str(), *line)) (lacks(view, *lack))
        },
        Violation::Promise { promise, rule, line, witness } => html! {
            (place(view, rule.as_str(), *line))
            (lang.t("rompe una promesa que ningún documento puede quitar.", "breaks a promise that no document can lift."))
            (view.clause(promise.clause())) (exposed(view, witness))
        },
        Violation::Polarity { rule, line, witness, step, loss } => html! {
            (place(view, rule.as_str(), *line))
            (lang.t("deja que algo favorable quite algo, y entonces perderlo lo abriría.", "lets something favourable take something away, so losing it would open that."))
            " " span .code lang="en" { (step) ", " (loss) } (exposed(view, witness))
        },
        Violation::TacitCounts { rule, line, witness } => html! {
            (place(view, rule.as_str(), *line))
            (lang.t("haría valer el consentimiento tácito para datos sensibles (P-6).", "would let tacit consent count for sensitive data (P-6)."))
            (exposed(view, witness))
        },
        Violation::Invariant { invariant, rule, line, witness } => html! {
            (place(view, rule.as_str(), *line))
            (lang.t("rompe la invariante de la clínica ", "breaks the clinic's invariant ")) span .code { (invariant.as_str()) } "."
            (exposed(view, witness))
        },
        Violation::Scenario { name, line, mismatch } => html! {
            (lang.t("Línea ", "Line ")) (line) (lang.t(": el ejemplo ", ": the example ")) "“" (name) "” "
            (lang.t("sale de otro modo.", "comes out otherwise.")) " " span .code lang="en" { (mismatch) }
        },
        // A kind of violation that is newer than this page: in the words of its error.
        other => html! { span lang="en" { (other) } },
    }
}

fn place(view: &View, rule: &str, line: usize) -> Markup {
    html! { (view.lang.t("Línea ", "Line ")) (line) ", " span .code { (rule) } ": " }
}

fn lacks(view: &View, lack: Lack) -> Markup {
    let lang = view.lang;
    html! {
        @match lack {
            Lack::Clause => (lang.t("no cita ninguna cláusula.", "cites no clause.")),
            Lack::Reason => (lang.t("no da su razón en los dos idiomas.", "gives no reason in both languages.")),
            Lack::Scope => (lang.t("tiene un conjunto vacío y nunca aplica.", "has an empty set, so it never applies.")),
            Lack::Facts => (lang.t("exige y excluye el mismo hecho y nunca aplica.", "requires and excludes the same fact, so it never applies.")),
            Lack::FieldOfNoCategory(field) => { (lang.t("nombra un campo que ninguna de sus categorías tiene: ", "names a field that none of its categories holds: ")) (view.word(field)) },
            Lack::Withheld => (lang.t("no aparta ningún campo.", "withholds no field.")),
            other => span lang="en" { (other) },
        }
    }
}

/// The request that the draft would have permitted, as a sentence.
fn exposed(view: &View, witness: &Witness) -> Markup {
    let lang = view.lang;
    let request = &witness.request;
    html! {
        p .reason {
            (lang.t("Quedaría así: ", "It would be so: "))
            strong { (view.word(request.role)) } " · " (view.word(request.action)) " · "
            strong { (view.words(request.categories)) } " · " (lang.t("para ", "for ")) (view.word(request.purpose)) " · "
            (lang.t("destinatario ", "recipient ")) strong { (view.word(request.recipient)) }
            " (" (view.word(request.country)) ") · " (view.word(request.ground)) " · " (view.word(request.detail))
            " · " (lang.t("consentimiento: ", "consent: ")) (view.word(witness.facts.consent))
            @if let Some(field) = witness.field { " · " (lang.t("campo: ", "field: ")) strong { (view.word(field)) } }
        }
        @if !witness.present().is_empty() {
            p .note { (lang.t("Con estos hechos: ", "With these facts: ")) (view.words(witness.present())) }
        }
    }
}

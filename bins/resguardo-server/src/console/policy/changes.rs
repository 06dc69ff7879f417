//! What a draft would change, box by box.

use consent_policy::{Change, ChangeKind, Difference, Direction, GuardsLost, Region};
use maud::{Markup, html};
use records_model::{RuleId, Set, Vocabulary};

use crate::console::words::View;

/// Boxes shown of each direction; a narrow edit has few, and a page of hundreds is read by nobody.
const SHOWN: usize = 30;

/// Everything that a draft decides otherwise than the document in force.
pub(super) fn changes(view: &View, difference: &Difference) -> Markup {
    let lang = view.lang;
    html! {
        section {
            h2 { (lang.t("Qué cambiaría", "What would change")) }
            @if difference.permits_the_same() {
                p { (lang.t("Nada: permite lo mismo, con los mismos campos y obligaciones.", "Nothing: it permits the same, with the same fields and obligations.")) }
            }
            @for direction in [Direction::Widened, Direction::Narrowed] {
                (towards(view, difference, direction))
            }
        }
    }
}

/// What the document in force demands of itself and the draft does not.
pub(super) fn lost(view: &View, lost: &GuardsLost) -> Markup {
    let lang = view.lang;
    html! {
        @if !lost.is_empty() {
            section .withheld {
                h2 { (lang.t("Lo que el borrador ya no se exige", "What the draft no longer demands of itself")) }
                @if !lost.invariants.is_empty() {
                    p { (lang.t("Invariantes: ", "Invariants: ")) span .code { (names(&lost.invariants)) } }
                }
                @if !lost.tests.is_empty() {
                    p { (lang.t("Ejemplos: ", "Examples: ")) (lost.tests.len()) }
                    ul { @for name in lost.tests.iter().take(SHOWN) { li { (name) } } }
                }
            }
        }
    }
}

fn towards(view: &View, difference: &Difference, direction: Direction) -> Markup {
    let lang = view.lang;
    let found: Vec<&Change> = difference.towards(direction).collect();
    let title = match direction {
        Direction::Widened => lang.t("Se abre", "It opens"),
        Direction::Narrowed => lang.t("Se cierra", "It closes"),
        Direction::Even => lang.t("Se rechaza de otro modo", "It is refused otherwise"),
    };
    html! {
        @if !found.is_empty() {
            h3 { (title) " (" (found.len()) ")" }
            @for change in found.iter().take(SHOWN) { (card(view, change, direction)) }
            @if found.len() > SHOWN {
                p .note { (lang.t("y más: ", "and more: ")) (found.len() - SHOWN) ". "
                    (lang.t("La lista completa: ", "The whole list: ")) code { "resguardo policy diff" } }
            }
        }
    }
}

fn card(view: &View, change: &Change, direction: Direction) -> Markup {
    let lang = view.lang;
    let look = if direction == Direction::Widened { "deny" } else { "permit" };
    html! {
        div .card .(look) {
            p { strong { (kind(view, change.kind)) } }
            (region(view, &change.region))
            p .note {
                (lang.t("Casos: ", "Cases: ")) (change.region.states()) " · "
                (lang.t("reglas: ", "rules: ")) span .code { (names(&change.older)) " → " (names(&change.newer)) }
            }
        }
    }
}

fn kind(view: &View, kind: ChangeKind) -> String {
    let lang = view.lang;
    match kind {
        ChangeKind::Permitted => lang.t("Ahora se permite", "Now permitted").to_owned(),
        ChangeKind::Opened(fields) => {
            format!("{}: {}", lang.t("Ahora se ve", "Now open"), view.words(fields))
        }
        ChangeKind::Freed(owed) => {
            format!("{}: {}", lang.t("Ya no se debe", "No longer owed"), view.words(owed))
        }
        ChangeKind::Refused => lang.t("Ya no se permite", "No longer permitted").to_owned(),
        ChangeKind::Closed(fields) => {
            format!("{}: {}", lang.t("Ya no se ve", "No longer open"), view.words(fields))
        }
        ChangeKind::Bound(owed) => format!("{}: {}", lang.t("Ahora se debe", "Now owed"), view.words(owed)),
        ChangeKind::Forbidden => {
            lang.t("Sigue negado, ahora por una promesa", "Still refused, now by a promise").to_owned()
        }
        ChangeKind::NoLongerForbidden => {
            lang.t("Sigue negado, ya no por una promesa", "Still refused, no longer by a promise").to_owned()
        }
    }
}

/// A box as a list of what it says something about.
fn region(view: &View, region: &Region) -> Markup {
    let lang = view.lang;
    let scope = region.scope();
    let said = [
        (lang.t("Puesto", "Role"), set(view, scope.roles)),
        (lang.t("Acción", "Action"), set(view, scope.actions)),
        (lang.t("Categoría", "Category"), set(view, scope.categories)),
        (lang.t("Finalidad", "Purpose"), set(view, scope.purposes)),
        (lang.t("Destinatario", "Recipient"), set(view, scope.recipients)),
        (lang.t("País", "Country"), set(view, scope.countries)),
        (lang.t("Fundamento", "Ground"), set(view, scope.grounds)),
        (lang.t("Detalle", "Detail"), set(view, scope.details)),
        (lang.t("Consentimiento", "Consent"), set(view, region.forms())),
        (lang.t("Con", "With"), listed(view, region.present())),
        (lang.t("Sin", "Without"), listed(view, region.absent())),
    ];
    html! {
        table { @for (name, words) in said {
            @if let Some(words) = words { tr .field { td .name { (name) } td { (words) } } }
        } }
    }
}

/// The words, unless it is all of them.
fn set<V: Vocabulary>(view: &View, words: Set<V>) -> Option<String> {
    (words != Set::full()).then(|| view.words(words))
}

/// The words, unless there is none.
fn listed<V: Vocabulary>(view: &View, words: Set<V>) -> Option<String> {
    (!words.is_empty()).then(|| view.words(words))
}

fn names(rules: &[RuleId]) -> String {
    if rules.is_empty() {
        return "–".to_owned();
    }
    rules.iter().map(RuleId::as_str).collect::<Vec<_>>().join(", ")
}

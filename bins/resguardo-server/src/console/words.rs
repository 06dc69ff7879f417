//! What the clinic's texts call things, and answers of the policy as people read them.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use consent_policy::Outcome;
use maud::{Markup, html};
use privacy_operations::{Answer, House, OverseeWork, ReasonText, WorkList};
use records_model::{ClauseId, Set, Vocabulary};

use crate::app::{App, Lang};
use crate::guard::Staff;
use crate::problem::Problem;

/// A page in the making: who looks, in which language, at which clinic.
pub(crate) struct View {
    pub(crate) staff: Staff,
    pub(crate) lang: Lang,
    pub(crate) house: Arc<House>,
    pub(crate) app: Arc<App>,
}

impl View {
    /// A page for this member of staff.
    pub(crate) async fn of(app: Arc<App>, staff: Staff) -> Result<Self, Problem> {
        let house = app.house().await?;
        Ok(Self { lang: staff.lang, staff, house, app })
    }

    /// What the clinic calls a word of a vocabulary.
    pub(crate) fn word<V: Vocabulary>(&self, word: V) -> String {
        let texts = self.house.texts.iter().find(|texts| texts.language() == self.lang.0);
        texts.map_or_else(|| word.code().to_owned(), |texts| texts.word(word).to_owned())
    }

    /// The same for a set, with commas.
    pub(crate) fn words<V: Vocabulary>(&self, words: Set<V>) -> String {
        words.iter().map(|word| self.word(word)).collect::<Vec<_>>().join(", ")
    }

    /// An instant as the clinic's clock shows it.
    pub(crate) fn moment(&self, at: DateTime<Utc>) -> String {
        let zone = self.house.zone;
        format!("{} {}", zone.date_of(at), zone.time_of(at).format("%H:%M"))
    }

    /// The page with its frame.
    pub(crate) fn page(&self, title: &str, body: &Markup) -> Markup {
        super::layout::page(&self.staff, &self.word(self.staff.role), title, body)
    }

    /// Asks whether a list of work may be seen; the page that says no, if it may not.
    pub(crate) async fn oversee(&self, list: WorkList, title: &str) -> Result<Option<Markup>, Problem> {
        let answer = self.app.perform(OverseeWork { actor: self.staff.actor, list }).await?;
        let refused = || self.page(title, &html! { h1 { (title) } (self.refusal(&answer)) });
        Ok((!answer.is_permit()).then(refused))
    }

    /// Options of a closed list.
    pub(crate) fn options<V: Vocabulary + PartialEq>(&self, chosen: Option<V>) -> Markup {
        html! {
            @for word in V::ALL.iter().copied() {
                option value=(word.code()) selected[Some(word) == chosen] { (self.word(word)) }
            }
        }
    }

    /// Boxes of a closed list.
    pub(crate) fn boxes<V: Vocabulary>(&self, name: &str, ticked: Set<V>, offered: Set<V>) -> Markup {
        html! {
            @for word in offered.iter() {
                label .box {
                    input type="checkbox" name=(name) value=(word.code()) checked[ticked.contains(word)];
                    " " (self.word(word))
                }
            }
        }
    }

    /// Why an answer came out as it did: the deciding sentence, the rest and the clauses behind a fold.
    pub(crate) fn reasons(&self, answer: &Answer) -> Markup {
        let mut reasons = answer.reasons.iter();
        let first = reasons.next();
        html! {
            @if let Some(first) = first { p .reason { (self.sentence(first)) } }
            details {
                summary { (self.lang.t("Reglas y cláusulas", "Rules and clauses")) }
                ul {
                    @for reason in &answer.reasons {
                        li {
                            (self.sentence(reason)) " "
                            span .code { @if let Some(rule) = &reason.rule { (rule.as_str()) " · " } (clauses(&reason.clauses)) }
                            @for clause in &reason.clauses { (self.clause(*clause)) }
                        }
                    }
                }
            }
        }
    }

    fn sentence<'a>(&self, reason: &'a ReasonText) -> &'a str {
        self.lang.t(&reason.es, &reason.en)
    }

    /// A clause in the clinic's words.
    pub(crate) fn clause(&self, id: ClauseId) -> Markup {
        let clause = self.house.clauses.iter().find(|clause| clause.id == id);
        html! {
            @if let Some(clause) = clause {
                div .clause { strong { (id) " (" (self.lang.t("sección ", "section ")) (clause.section) ")" } " " (clause.promise.get(self.lang.0)) }
            }
        }
    }

    /// A refusal.
    pub(crate) fn refusal(&self, answer: &Answer) -> Markup {
        let title = match answer.outcome {
            Outcome::Deny => self.lang.t("No: una promesa lo prohíbe", "No: a promise forbids it"),
            _ => self.lang.t("No: nadie lo ha permitido", "No: nobody has allowed it"),
        };
        html! { section .refused role="note" { h3 { (title) } (self.reasons(answer)) } }
    }
}

/// Clause ids with commas.
pub(crate) fn clauses(ids: &[ClauseId]) -> String {
    ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

//! A deadline in words, for a screen or a letter.

use std::collections::BTreeMap;

use records_model::{Vocabulary, vocabulary};

use crate::{Deadline, FreeDay, SkippedDay, Standing, Term, TermUnit};

vocabulary! {
    /// A language in which the product speaks.
    Language, "language" {
        /// Spanish.
        Es = "es",
        /// English.
        En = "en",
    }
}

impl Deadline {
    /// The derivation in words: the start, one line for each term, and what set the date.
    ///
    /// For the screen of the officer: it names voluntary profiles too. A letter uses the rows whose standing is
    /// law or promise and whose confidence is not C.
    #[must_use]
    pub fn explain(&self, language: Language) -> Vec<String> {
        let (start, zone, tables) = (self.started_on(), self.zone(), self.zone_tables());
        let mut lines = vec![match language {
            Language::Es => format!("Inicio: {start} en {zone} (tablas horarias {tables})."),
            Language::En => format!("Start: {start} in {zone} (time zone tables {tables})."),
        }];
        lines.extend(self.terms().map(|term| term.explain(language)));
        let rows = self.set_by().iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let (due, safe) = (self.committed_due(), self.safe_due());
        lines.push(match language {
            Language::Es => format!("Fecha comprometida: {due}, por {rows}. Alarma: {safe}."),
            Language::En => format!("Committed date: {due}, set by {rows}. Alarm: {safe}."),
        });
        lines
    }
}

impl Term {
    /// One line: amount, unit, calendar, days skipped, extension, pauses, roll and end.
    #[must_use]
    pub fn explain(&self, language: Language) -> String {
        let reading = self.reading();
        let unit = unit_name(self.unit(), language);
        let mut parts = vec![format!("{}: {} {unit}", self.row(), self.amount())];
        if self.extended_by() > 0 {
            parts.push(format!("+ {} {unit}", self.extended_by()));
        }
        if let Some(calendar) = &reading.calendar {
            parts.push(calendar.to_string());
        }
        for pause in self.pauses() {
            let until = pause.until.map_or_else(String::new, |until| until.to_string());
            parts.push(match language {
                Language::Es => format!("reloj detenido de {} a {until}", pause.from),
                Language::En => format!("clock stopped from {} to {until}", pause.from),
            });
        }
        parts.extend(skipped(&reading.skipped, language));
        if let Some(roll) = &reading.roll {
            parts.push(match language {
                Language::Es => format!("{} es inhábil y pasa al siguiente día hábil", roll.from),
                Language::En => format!("{} is free and moves to the next working day", roll.from),
            });
        }
        let standing = match (self.standing(), language) {
            (Standing::Law, Language::Es) => "ley",
            (Standing::Law, Language::En) => "law",
            (Standing::Promise, Language::Es) => "promesa",
            (Standing::Promise, Language::En) => "promise",
            (Standing::Voluntary, Language::Es) => "norma voluntaria",
            (Standing::Voluntary, Language::En) => "voluntary standard",
        };
        let citation = self.citation();
        format!(
            "{} -> {} ({standing}; {}; {})",
            parts.join("; "),
            reading.due,
            citation.source,
            citation.confidence.code()
        )
    }
}

const fn unit_name(unit: TermUnit, language: Language) -> &'static str {
    match (unit, language) {
        (TermUnit::CalendarDay, Language::Es) => "días naturales",
        (TermUnit::CalendarDay, Language::En) => "calendar days",
        (TermUnit::BusinessDay, Language::Es) => "días hábiles",
        (TermUnit::BusinessDay, Language::En) => "business days",
        (TermUnit::Month, Language::Es) => "meses",
        (TermUnit::Month, Language::En) => "months",
    }
}

/// Weekends by number, holidays by date and name, paused days by number.
fn skipped(days: &[SkippedDay], language: Language) -> Vec<String> {
    let mut weekends = 0;
    let mut paused = 0;
    let mut holidays = BTreeMap::new();
    for day in days {
        match day {
            SkippedDay::Free { because: FreeDay::Weekend, .. } => weekends += 1,
            SkippedDay::Free { on, because: FreeDay::Holiday { name } } => {
                holidays.insert(*on, name.as_str());
            }
            SkippedDay::Paused { .. } => paused += 1,
        }
    }
    let mut parts = Vec::new();
    if weekends > 0 {
        parts.push(match language {
            Language::Es => format!("sin {weekends} días de fin de semana"),
            Language::En => format!("without {weekends} weekend days"),
        });
    }
    for (on, name) in holidays {
        parts.push(match language {
            Language::Es => format!("sin {on} ({name})"),
            Language::En => format!("without {on} ({name})"),
        });
    }
    if paused > 0 {
        parts.push(match language {
            Language::Es => format!("sin {paused} días de pausa"),
            Language::En => format!("without {paused} paused days"),
        });
    }
    parts
}

//! The erasure ledger: which keys were destroyed, replayed over every keystore that was restored.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::key::{DekId, KeystoreRow, StoredKeyState};

/// Every key that was destroyed, and when. It only grows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ErasureLedger(BTreeMap<DekId, DateTime<Utc>>);

/// A keystore after the ledger was replayed over it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replay {
    /// The rows, in the same order.
    pub rows: Vec<KeystoreRow>,
    /// Keys that had come back and were destroyed again.
    pub destroyed_again: Vec<DekId>,
}

impl ErasureLedger {
    /// A ledger without entries.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Enters a key; entered twice, the first time counts.
    pub fn enter(&mut self, key: DekId, at: DateTime<Utc>) {
        self.0.entry(key).or_insert(at);
    }

    /// When this key was entered.
    #[must_use]
    pub fn entered_at(&self, key: &DekId) -> Option<DateTime<Utc>> {
        self.0.get(key).copied()
    }

    /// How many keys it names.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it names none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Destroys again whatever of these rows the ledger names, whatever state they claim. To be run after every
    /// restore, before anything is answered; run twice, it changes nothing more.
    #[must_use]
    pub fn replay(&self, rows: Vec<KeystoreRow>) -> Replay {
        let mut destroyed_again = Vec::new();
        let replayed = |row: KeystoreRow| {
            if row.state() == StoredKeyState::Destroyed || !self.0.contains_key(row.id()) {
                return row;
            }
            destroyed_again.push(*row.id());
            KeystoreRow::tombstone(*row.id())
        };
        let rows = rows.into_iter().map(replayed).collect();
        Replay { rows, destroyed_again }
    }
}

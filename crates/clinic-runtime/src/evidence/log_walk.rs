//! The whole log once: verified, measured, and remembered as far as the records are compared with it.

use std::collections::{HashMap, HashSet};

use audit_log::{Anchors, Event, ExportWriter, Leaf, Opened, Outcome, Verifier};
use chrono::{DateTime, Utc};
use postgres_store::{EntrySide, Snapshot, TracedEntry};
use privacy_notice::Evidence;
use privacy_notice::evidence::LogCheck;
use privacy_operations::{House, KeyRing, OperationError, open_side};
use records_model::{ActorId, Category, RecordId, RetentionClass, SubjectId, Vocabulary};

use super::judged::{Measure, Side, Verdicts};
use super::people::Staff;
use crate::{Runtime, RuntimeError};

/// A record as the log says it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entered {
    /// What its side says, if that still opens.
    pub(super) said: Option<Said>,
    /// When.
    pub(super) at: DateTime<Utc>,
}

/// What the side of a written record says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Said {
    /// The record.
    pub(super) record: RecordId,
    /// Whose it is.
    pub(super) subject: SubjectId,
    /// Its category.
    pub(super) category: Category,
    /// Who wrote it.
    pub(super) actor: Option<ActorId>,
}

/// What the log came to.
pub(super) struct LogFindings {
    check: LogCheck,
    verdicts: Verdicts,
    /// Records that were written, by the hash of their sealed content.
    pub(super) written: HashMap<[u8; 32], Entered>,
    /// Records that were sealed anew, by the hash of their new sealed content.
    pub(super) resealed: HashMap<[u8; 32], Entered>,
    /// Identity records that came with a registration, which names them without a hash.
    pub(super) registered: HashMap<RecordId, SubjectId>,
    /// People whose registration names its records no more, because its key was destroyed.
    pub(super) forgotten: HashSet<SubjectId>,
    events: HashMap<&'static str, u64>,
}

/// Reads the log from the first entry to the last that waits.
pub(super) async fn walk(
    runtime: &Runtime,
    snapshot: &mut Snapshot,
    (house, now): (&House, DateTime<Utc>),
    staff: Staff,
) -> Result<LogFindings, RuntimeError> {
    let measure = Measure::load(snapshot, house, staff).await?;
    let mut check = Check::begin(runtime, snapshot).await?;
    let mut findings = LogFindings {
        check: LogCheck::Intact { at: now },
        verdicts: Verdicts::default(),
        written: HashMap::new(),
        resealed: HashMap::new(),
        registered: HashMap::new(),
        forgotten: HashSet::new(),
        events: HashMap::new(),
    };
    snapshot.begin_log().await?;
    loop {
        let page = snapshot.next_entries().await?;
        if page.is_empty() {
            break;
        }
        let people: Vec<SubjectId> = page.iter().filter_map(|one| Some(one.side.as_ref()?.subject)).collect();
        let rings = rings(runtime, snapshot, &people).await?;
        let homes = snapshot.residences(&people).await?;
        for traced in &page {
            check.take(traced);
            let Ok(leaf) = Leaf::decode(&traced.entry.leaf) else { continue };
            let home = traced.side.as_ref().and_then(|side| homes.get(&side.subject));
            let side = side_of(runtime, &leaf, traced.side.as_ref(), &rings);
            measure.judge(leaf.parts(), &side, home, &mut findings.verdicts);
            findings.remember(&leaf, &side, traced.side.as_ref().map(|stored| stored.subject));
        }
    }
    findings.check = check.finish(now);
    Ok(findings)
}

pub(crate) type Rings = HashMap<SubjectId, PersonKeys>;

/// The keys of one person under which sides of the log are sealed.
pub(crate) struct PersonKeys {
    ring: KeyRing,
    /// Class and version of those that were destroyed.
    destroyed: Vec<(RetentionClass, u32)>,
}

impl PersonKeys {
    /// Those that still open something.
    pub(crate) const fn ring(&self) -> &KeyRing {
        &self.ring
    }
}

/// The keys of these people.
pub(crate) async fn rings(
    runtime: &Runtime,
    snapshot: &mut Snapshot,
    people: &[SubjectId],
) -> Result<Rings, RuntimeError> {
    let mut rows: HashMap<SubjectId, Vec<_>> = HashMap::new();
    for (subject, key) in snapshot.side_keys(people).await? {
        rows.entry(subject).or_default().push(key);
    }
    rows.into_iter()
        .map(|(subject, keys)| {
            let ring = KeyRing::open(runtime.clinic(), subject, runtime.epoch(), &keys)?;
            let gone = keys.iter().filter(|key| !key.state().opens());
            let destroyed = gone.map(|key| (key.id().class(), key.id().version().number())).collect();
            Ok((subject, PersonKeys { ring, destroyed }))
        })
        .collect()
}

pub(crate) fn side_of(runtime: &Runtime, leaf: &Leaf, stored: Option<&EntrySide>, rings: &Rings) -> Side {
    let Some(stored) = stored else { return Side::Broken };
    let Some(keys) = rings.get(&stored.subject) else { return Side::Broken };
    let sealed_for = (stored.subject, stored.class, stored.dek_version);
    match open_side(runtime.clinic(), leaf.clone(), sealed_for, (&keys.ring, &stored.sealed)) {
        Ok(opened) => Side::Opened(Box::new(opened)),
        Err(OperationError::KeyMissing(_))
            if keys.destroyed.contains(&(stored.class, stored.dek_version)) =>
        {
            Side::Forgotten
        }
        Err(_) => Side::Broken,
    }
}

/// The check of hashes, order and signatures that a stranger makes too.
struct Check {
    verifier: Verifier,
    writer: ExportWriter,
    /// Whether a stored head is none of this log.
    has_foreign_head: bool,
}

impl Check {
    async fn begin(runtime: &Runtime, snapshot: &mut Snapshot) -> Result<Self, RuntimeError> {
        let mut anchors = Anchors::new(runtime.verifier_key());
        let mut has_foreign_head = false;
        for (_, note) in snapshot.signed_heads().await? {
            has_foreign_head |= anchors.add(&note).is_err();
        }
        let (writer, header) = ExportWriter::begin(runtime.clinic());
        let mut verifier = Verifier::new(anchors);
        verifier.take_line(&header);
        Ok(Self { verifier, writer, has_foreign_head })
    }

    fn take(&mut self, traced: &TracedEntry) {
        let leaf = &traced.entry.leaf;
        let line = match traced.entry.index {
            Some(_) => self.writer.entry(leaf, &audit_log::leaf_hash(leaf)),
            None => self.writer.unsequenced(leaf),
        };
        self.verifier.take_line(&line);
    }

    fn finish(self, now: DateTime<Utc>) -> LogCheck {
        let Self { mut verifier, writer, has_foreign_head } = self;
        verifier.take_line(&writer.finish());
        if verifier.finish().is_intact() && !has_foreign_head {
            LogCheck::Intact { at: now }
        } else {
            LogCheck::Damaged { at: now }
        }
    }
}

impl LogFindings {
    /// How many entries of this kind stand in the log or wait for their place.
    pub(super) fn entries(&self, event_code: &str) -> u64 {
        self.events.get(event_code).copied().unwrap_or_default()
    }

    fn remember(&mut self, leaf: &Leaf, side: &Side, owner: Option<SubjectId>) {
        let parts = leaf.parts();
        // A refusal bears the kind of a decision; whatever else was refused changed nothing.
        if !parts.outcome.is_refusal() {
            *self.events.entry(parts.event.code()).or_default() += 1;
        }
        let said = match side {
            Side::Opened(opened) => Some(opened),
            Side::Forgotten if parts.event == Event::PersonRegistered => {
                self.forgotten.extend(owner);
                None
            }
            Side::Forgotten | Side::Broken => None,
        };
        match (parts.event, parts.content) {
            (Event::RecordWritten | Event::RecordImported, Some(content)) => {
                let said = said.and_then(|opened| said_of(opened));
                self.written.insert(*content.as_bytes(), Entered { said, at: parts.at });
            }
            (Event::KeyEvent, Some(content)) => {
                let said = said.and_then(|opened| said_of(opened));
                self.resealed.insert(*content.as_bytes(), Entered { said, at: parts.at });
            }
            (Event::PersonRegistered, _) if parts.outcome == Outcome::Permit => {
                let Some(side) = said.map(|opened| opened.preimage()) else { return };
                let Some(subject) = side.subject else { return };
                self.registered.extend(side.records.iter().map(|record| (*record, subject)));
            }
            _ => {}
        }
    }

    /// Enters what the log shows.
    pub(super) fn enter(&self, evidence: &mut Evidence) {
        let verdicts = &self.verdicts;
        evidence.security.log = Some(self.check);
        let decisions = &mut evidence.decisions;
        decisions.unexplained = Some(verdicts.unexplained);
        decisions.sale_permits = Some(verdicts.sale_permits);
        decisions.disclosures_without_ground = Some(verdicts.without_ground);
        decisions.disclosures_unbound = Some(verdicts.unbound);
        decisions.disclosures_without_contract = Some(verdicts.without_contract);
        decisions.transfers_without_mechanism = Some(verdicts.without_mechanism);
        let is_judged = verdicts.against_restriction > 0 || verdicts.under_lost_rules == 0;
        decisions.permits_against_restriction = is_judged.then_some(verdicts.against_restriction);
        evidence.staff.reads_untrained = Some(verdicts.untrained);
        evidence.staff.reads_unchecked = Some(verdicts.unchecked);
        evidence.staff.reads_without_undertaking = Some(verdicts.without_undertaking);
    }
}

fn said_of(opened: &Opened) -> Option<Said> {
    let side = opened.preimage();
    Some(Said {
        record: *side.records.first()?,
        subject: side.subject?,
        category: side.categories.iter().next()?,
        actor: side.actor,
    })
}

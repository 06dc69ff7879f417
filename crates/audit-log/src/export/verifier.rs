//! Checking an export as a stream.

use base64::{Engine, engine::general_purpose::STANDARD};
use records_model::ClinicId;

use super::line::{End, EntryLine, Line};
use super::seen::Seen;
use super::trail::TrailCheck;
use super::{Anchors, Fault, Finding, Place, Report};
use crate::checkpoint::{base64_array, clinic_of};
use crate::leaf::Reading;
use crate::merkle::{LEAF_PREFIX, prefixed_leaf_hash};
use crate::{Checkpoint, Frontier, OrderCheck, TreeHash};

/// Checks an export line by line: every hash, the signed heads in it and outside, the order law, entry ids.
///
/// It goes on after a fault as long as that makes sense. Memory grows by 24 bytes an entry (ids, to find one that
/// is there twice) and with the number of pseudonyms; a trail adds 32 bytes an entry.
///
/// A clone is a check that stands where this one does, to go on with other lines.
#[derive(Debug, Clone)]
pub struct Verifier {
    anchors: Anchors,
    clinic: Option<ClinicId>,
    trail: TrailCheck,
    stage: Stage,
    line: u64,
    /// The index that the next entry must have.
    expected: u64,
    tree: Trees,
    order: OrderCheck,
    seen: Seen,
    /// The bytes of the entry in hand, after the prefix that they are hashed with.
    leaf: Vec<u8>,
    vouched: u64,
    /// From the first signed head that does not fit, or the first hole: later heads cannot fit either.
    is_severed: bool,
    head: Option<Checkpoint>,
    unsequenced: u64,
    findings: Vec<Finding>,
    findings_left_out: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Header,
    Entries,
    Unsequenced,
    Ended,
}

/// The tree over the leaves, and, from the first entry on whose stored hash differs, the one over the stored hashes.
#[derive(Debug, Clone, Default)]
struct Trees {
    leaves: Frontier,
    stored: Option<Frontier>,
}

impl Trees {
    fn append(&mut self, leaf: TreeHash, stored: TreeHash) {
        if leaf != stored && self.stored.is_none() {
            self.stored = Some(self.leaves.clone());
        }
        self.leaves.append(leaf);
        if let Some(frontier) = &mut self.stored {
            frontier.append(stored);
        }
    }
}

/// Checks a whole export.
///
/// ```
/// use audit_log::{Anchors, ExportWriter, verify_export};
/// # use audit_log::{Checkpoint, LogSigningKey, root_of};
/// # use records_model::ClinicId;
/// # let clinic = ClinicId::from_uuid(uuid::Uuid::from_u128(1));
/// # let key = LogSigningKey::from_bytes(clinic, &[9; 32]);
/// # let head = Checkpoint::new(clinic, 0, root_of(&[]), chrono::DateTime::UNIX_EPOCH).sign(&key)?;
/// let (export, header) = ExportWriter::begin(clinic);
/// let lines = [header, export.checkpoint(&head), export.finish()];
/// assert!(verify_export(&lines, Anchors::new(key.verifier_key())).is_intact());
/// assert!(!verify_export(&lines[..2], Anchors::new(key.verifier_key())).is_intact());
/// # Ok::<(), audit_log::CheckpointError>(())
/// ```
pub fn verify_export<L: AsRef<str>>(lines: impl IntoIterator<Item = L>, anchors: Anchors) -> Report {
    let mut verifier = Verifier::new(anchors);
    for line in lines {
        verifier.take_line(line.as_ref());
    }
    verifier.finish()
}

impl Verifier {
    /// A check against this key and these anchors.
    #[must_use]
    pub fn new(mut anchors: Anchors) -> Self {
        Self {
            clinic: clinic_of(anchors.key().name()),
            trail: anchors.take_trail(),
            anchors,
            stage: Stage::Header,
            line: 0,
            expected: 0,
            tree: Trees::default(),
            order: OrderCheck::default(),
            seen: Seen::default(),
            leaf: vec![LEAF_PREFIX],
            vouched: 0,
            is_severed: false,
            head: None,
            unsequenced: 0,
            findings: Vec::new(),
            findings_left_out: 0,
        }
    }

    /// How many entries were taken so far.
    #[must_use]
    pub const fn entries(&self) -> u64 {
        self.tree.leaves.size()
    }

    fn find(&mut self, place: Place, fault: Fault) {
        if self.findings.len() < Report::FINDINGS_MAX {
            self.findings.push(Finding { place, fault });
        } else {
            self.findings_left_out += 1;
        }
    }

    /// For what is found at most once by its kind: it is listed however many entries were found before it.
    fn find_always(&mut self, place: Place, fault: Fault) {
        self.findings.push(Finding { place, fault });
    }

    /// Takes the next line, without its line feed.
    pub fn take_line(&mut self, text: &str) {
        self.line += 1;
        if self.stage == Stage::Header {
            self.stage = Stage::Entries;
            self.check_head_of_size();
            return self.take_header(text);
        }
        match Line::read(text) {
            Some(Line::Entry(entry)) if self.stage == Stage::Entries => self.take_entry(&entry),
            Some(Line::Checkpoint(note)) if self.stage == Stage::Entries => self.take_checkpoint(&note),
            Some(Line::Unsequenced(leaf)) if self.stage < Stage::Ended => self.take_unsequenced(&leaf),
            Some(Line::End(end)) if self.stage < Stage::Ended => self.take_end(end),
            _ => self.find(Place::Line(self.line), Fault::Line),
        }
    }

    fn take_header(&mut self, text: &str) {
        match Line::read(text) {
            Some(Line::Header(header)) => match header.known() {
                None => self.find(Place::Line(self.line), Fault::Header),
                clinic if clinic != self.clinic => self.find(Place::File, Fault::OtherLog),
                _ => {}
            },
            _ => self.find(Place::Line(self.line), Fault::Header),
        }
    }

    fn take_entry(&mut self, line: &EntryLine<'_>) {
        let index = self.check_index(line.index);
        let position = self.entries();
        let stored = base64_array(&line.hash).map(TreeHash::from_bytes);
        let mut buffer = std::mem::take(&mut self.leaf);
        let prefixed = line.leaf.as_deref().and_then(|leaf| decode_after_prefix(leaf, &mut buffer));
        let computed = prefixed.map(prefixed_leaf_hash);
        if let Some([_, bytes @ ..]) = prefixed {
            self.check_leaf(index, bytes);
        } else {
            self.find(Place::Entry(index), Fault::LeafAbsent);
        }
        self.leaf = buffer;
        if computed.is_some() && computed != stored {
            self.find(Place::Entry(index), Fault::HashDiffers);
        }
        // Where one of the two is unreadable the other stands in, so that later heads can still be compared.
        if let Some(hash) = computed.or(stored) {
            self.tree.append(hash, stored.unwrap_or(hash));
            self.trail.take(position, hash);
        } else {
            self.is_severed = true;
        }
        self.check_head_of_size();
    }

    /// Compares with the head over exactly the entries so far, if one is known from outside.
    fn check_head_of_size(&mut self) {
        let size = self.entries();
        if let Some(root) = self.anchors.head_at(size) {
            self.check_root(size, root);
        }
    }

    /// Compares the index in a line with the one that must come; gives the index under which to name the entry.
    fn check_index(&mut self, found: u64) -> u64 {
        let expected = self.expected;
        if found == expected {
            self.expected += 1;
            return found;
        }
        self.is_severed = true;
        if found > expected {
            self.find(Place::among(expected, found), Fault::Missing { found });
            self.expected = found.saturating_add(1);
            return found;
        }
        // It was reported as missing and comes later: the two changed places.
        let earlier = self.findings.iter_mut().find(|finding| {
            matches!(finding.fault, Fault::Missing { .. }) && finding.place.first_index() == Some(found)
        });
        if let Some(finding) = earlier {
            if let Fault::Missing { found: instead } = finding.fault {
                finding.fault = Fault::OutOfPlace { found: instead };
            }
            return found;
        }
        // Its index was there before, so it is named by where it stands.
        self.find(Place::Entry(expected), Fault::OutOfPlace { found });
        expected
    }

    fn check_leaf(&mut self, index: u64, bytes: &[u8]) {
        let place = Place::Entry(index);
        let leaf = match Reading::of(bytes) {
            Ok(reading) => *reading.outline(),
            Err(error) => return self.find(place, Fault::LeafUnreadable(error)),
        };
        if Some(leaf.clinic) != self.clinic {
            self.find(place, Fault::ForeignLeaf);
        }
        self.seen.in_tree(leaf.entry, index);
        if let Err(fault) = self.order.admit_outline(&leaf) {
            self.find(place, Fault::Order(fault));
        }
    }

    fn take_checkpoint(&mut self, note: &str) {
        let head = match Checkpoint::open(note, self.anchors.key()) {
            Ok(head) => head,
            Err(error) => return self.find(Place::Line(self.line), Fault::Checkpoint(error)),
        };
        self.anchors.add_head(&head);
        let size = self.entries();
        if head.size() < size {
            self.find(Place::Line(self.line), Fault::CheckpointLate { size: head.size() });
        } else if head.size() == size && self.check_root(size, head.root()) {
            self.head = Some(head);
        }
        // A head over more entries than there are so far is compared when they come, or missed at the end.
    }

    /// Compares the tree with a signed root over `size` entries, which is its size now.
    fn check_root(&mut self, size: u64, signed: TreeHash) -> bool {
        if self.is_severed {
            return false;
        }
        let is_leaves = self.tree.leaves.root() == signed;
        let is_stored = self.tree.stored.as_ref().is_some_and(|stored| stored.root() == signed);
        match (is_leaves, is_stored) {
            (true, _) => self.settle_hashes(Fault::StoredHashChanged),
            (false, true) => self.settle_hashes(Fault::LeafChanged),
            (false, false) => {
                self.is_severed = true;
                if !self.trail.differs() {
                    self.find_always(Place::among(self.vouched, size), Fault::RootDiffers { size });
                }
                return false;
            }
        }
        self.vouched = size;
        true
    }

    /// A signed head told which of an entry and its stored hash is right.
    fn settle_hashes(&mut self, fault: Fault) {
        let vouched = self.vouched;
        for finding in &mut self.findings {
            if finding.fault == Fault::HashDiffers && finding.place.first_index() >= Some(vouched) {
                finding.fault = fault;
            }
        }
    }

    fn take_unsequenced(&mut self, leaf: &str) {
        self.stage = Stage::Unsequenced;
        let place = Place::Unsequenced(self.unsequenced);
        self.unsequenced += 1;
        let Ok(bytes) = STANDARD.decode(leaf) else {
            return self.find(place, Fault::LeafAbsent);
        };
        match Reading::of(&bytes).map(|reading| *reading.outline()) {
            Err(error) => self.find(place, Fault::LeafUnreadable(error)),
            Ok(leaf) if Some(leaf.clinic) != self.clinic => self.find(place, Fault::ForeignLeaf),
            Ok(leaf) => self.seen.in_tail(leaf.entry, self.unsequenced - 1),
        }
    }

    fn take_end(&mut self, end: End) {
        self.stage = Stage::Ended;
        if (end.entries, end.unsequenced) != (self.expected, self.unsequenced) {
            self.find(Place::File, Fault::EndCounts { entries: end.entries, unsequenced: end.unsequenced });
        }
    }

    /// What the check came to.
    #[must_use]
    pub fn finish(mut self) -> Report {
        let entries = self.entries();
        if self.stage == Stage::Header {
            self.find_always(Place::File, Fault::Header);
        }
        if self.stage != Stage::Ended {
            self.find_always(Place::File, Fault::EndAbsent);
        }
        for (place, first) in std::mem::take(&mut self.seen).repeated() {
            self.find(place, Fault::Repeated { first });
        }
        if let Some((index, difference)) = self.trail.finish() {
            self.find_always(Place::Entry(index), Fault::Trail(difference));
        }
        for size in self.anchors.forks().to_vec() {
            self.find_always(Place::File, Fault::Fork { size });
        }
        self.check_tail(entries);
        Report {
            entries,
            vouched: self.vouched.max(self.trail.matching(entries)),
            head: self.head,
            unsequenced: self.unsequenced,
            findings: self.findings,
            findings_left_out: self.findings_left_out,
        }
    }

    fn check_tail(&mut self, entries: u64) {
        let signed = self.anchors.largest_head().unwrap_or_default();
        if signed > entries {
            // All entries that are there stand in the trail: then it is the tail that is gone, exactly.
            let is_tail = !self.trail.differs() && self.trail.len() >= entries && entries > 0;
            let first = if is_tail { entries } else { self.vouched };
            let fault = Fault::TailMissing { count: signed - entries, signed };
            if !self.trail.differs() && !self.is_severed {
                self.find_always(Place::among(first, signed), fault);
            }
        } else if self.vouched < entries && !self.is_severed {
            self.find_always(Place::among(self.vouched, entries), Fault::Unsigned);
        } else if entries == 0 && self.anchors.head_at(0).is_none() {
            self.find_always(Place::File, Fault::Unsigned);
        }
    }
}

/// Decodes base64 to after the prefix that a buffer begins with; gives prefix and bytes, or nothing if it is none.
fn decode_after_prefix<'a>(text: &str, buffer: &'a mut Vec<u8>) -> Option<&'a [u8]> {
    // As many as could come out of it, so that the buffer grows to the longest entry and then stays.
    let most = base64::decoded_len_estimate(text.len()) + 1;
    if buffer.len() < most {
        buffer.resize(most, LEAF_PREFIX);
    }
    let len = STANDARD.decode_slice(text, buffer.get_mut(1..)?).ok()?;
    buffer.get(..=len)
}

//! Finding an entry id that is there twice.

use records_model::EntryId;

use super::Place;

/// Set in a place of the unsequenced tail, so that it sorts after every index of the tree.
const UNSEQUENCED: u64 = 1 << 63;

/// Every id with where it stands, 24 bytes each; compared at the end by sorting, which nobody who chooses the
/// ids can make slow.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen(Vec<(EntryId, u64)>);

impl Seen {
    pub(super) fn in_tree(&mut self, entry: EntryId, index: u64) {
        self.0.push((entry, index & !UNSEQUENCED));
    }

    pub(super) fn in_tail(&mut self, entry: EntryId, number: u64) {
        self.0.push((entry, number | UNSEQUENCED));
    }

    /// Every place whose id stood somewhere before, in the order of the places, with the first index of that id.
    pub(super) fn repeated(mut self) -> Vec<(Place, u64)> {
        // Ids begin with a time, so they come nearly in order, which this sort makes use of.
        self.0.sort();
        let mut found = Vec::new();
        let mut first = None;
        for (entry, place) in self.0 {
            match first {
                Some((same, earliest)) if same == entry => found.push((place, earliest)),
                _ => first = Some((entry, place)),
            }
        }
        found.sort_unstable();
        found.into_iter().map(|(place, first)| (place_of(place), first & !UNSEQUENCED)).collect()
    }
}

const fn place_of(place: u64) -> Place {
    if place & UNSEQUENCED == 0 { Place::Entry(place) } else { Place::Unsequenced(place & !UNSEQUENCED) }
}

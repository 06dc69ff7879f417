//! A few out of many, the same ones for the same seed.

/// At most `count` of the items, chosen by the seed and in the order in which they stood.
///
/// ```
/// use consent_policy::mutation::sampled;
///
/// let some = sampled((0..1_000).collect(), 10, 7);
/// assert_eq!(some.len(), 10);
/// assert_eq!(some, sampled((0..1_000).collect(), 10, 7));
/// assert!(some.is_sorted());
/// assert_eq!(sampled(vec!["all"], 10, 7), ["all"]);
/// ```
#[must_use]
pub fn sampled<T>(items: Vec<T>, count: usize, seed: u64) -> Vec<T> {
    let mut state = seed;
    let mut wanted = count.min(items.len());
    let mut left = items.len();
    let mut chosen = Vec::with_capacity(wanted);
    // Selection sampling: each item is taken with the chance that it must have for the count to come out.
    for item in items {
        let draw = next(&mut state) % u64::try_from(left).unwrap_or(u64::MAX).max(1);
        if draw < u64::try_from(wanted).unwrap_or(u64::MAX) {
            wanted -= 1;
            chosen.push(item);
        }
        left -= 1;
    }
    chosen
}

/// The next number of the sequence (`SplitMix64`: a counter, mixed; the constants are those of its authors).
const fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

//! Cutting boxes out of boxes where there are many: the order of the cuts is chosen so that few pieces are left,
//! and what is left is merged again.

use std::collections::BTreeMap;

use records_model::{Fact, Set};

use crate::cuboid::Cuboid;
use crate::scope::DIMENSIONS;

/// What `whole` holds and none of `others` does, as disjoint cuboids, found one after the other.
pub(crate) struct Outside<'a> {
    open: Vec<(Cuboid, Vec<&'a Cuboid>)>,
}

impl<'a> Outside<'a> {
    pub(crate) fn new(whole: Cuboid, others: &'a [Cuboid]) -> Self {
        Self { open: vec![(whole, others.iter().collect())] }
    }
}

impl Iterator for Outside<'_> {
    type Item = Cuboid;

    fn next(&mut self) -> Option<Cuboid> {
        while let Some((piece, mut cutters)) = self.open.pop() {
            cutters.retain(|other| other.meets(&piece));
            // A cut that leaves few pieces first: a piece that is covered needs no other.
            let Some(cut) = cutters.iter().copied().min_by_key(|other| piece.cuts(other)) else {
                return Some(piece);
            };
            self.open.extend(piece.minus(cut).into_iter().map(|rest| (rest, cutters.clone())));
        }
        None
    }
}

/// What `whole` holds and none of `others` does, as disjoint cuboids.
pub(crate) fn outside(whole: Cuboid, others: &[Cuboid]) -> Vec<Cuboid> {
    Outside::new(whole, others).collect()
}

/// What at least one of `wholes` holds and none of `others` does, as disjoint cuboids.
pub(crate) fn union_outside(wholes: &[Cuboid], others: &[Cuboid]) -> Vec<Cuboid> {
    let mut cutters = others.to_vec();
    let mut left = Vec::new();
    for whole in wholes {
        left.extend(outside(*whole, &cutters));
        cutters.push(*whole);
    }
    left
}

/// What `whole` and at least one of `others` hold, as disjoint cuboids.
pub(crate) fn inside(whole: &Cuboid, others: &[Cuboid]) -> Vec<Cuboid> {
    let shared: Vec<Cuboid> = others.iter().filter_map(|other| whole.meet(other)).collect();
    union_outside(&shared, &[])
}

/// The cuboids that the pairs of the two lists share.
pub(crate) fn meetings(left: &[Cuboid], right: &[Cuboid]) -> Vec<Cuboid> {
    left.iter().flat_map(|one| right.iter().filter_map(|other| one.meet(other))).collect()
}

/// The same states as fewer boxes, in an order of their own: joins disjoint cuboids that differ along one
/// dimension, in their forms of consent or in one fact, until none can be joined. They stay disjoint.
pub(crate) fn merged(mut cuboids: Vec<Cuboid>) -> Vec<Cuboid> {
    loop {
        let before = cuboids.len();
        for dimension in 0..DIMENSIONS {
            cuboids = joined_along(&cuboids, dimension);
        }
        cuboids = joined_forms(&cuboids);
        let named = cuboids.iter().fold(Set::EMPTY, |all, cuboid| all | cuboid.present | cuboid.absent);
        for fact in named.iter() {
            cuboids = joined_over(&cuboids, fact);
        }
        if cuboids.len() == before {
            return cuboids;
        }
    }
}

/// Joins those that are the same but for one dimension.
fn joined_along(cuboids: &[Cuboid], dimension: usize) -> Vec<Cuboid> {
    let mut masks: BTreeMap<Cuboid, u64> = BTreeMap::new();
    for cuboid in cuboids {
        let mut rest = *cuboid;
        if let Some(slot) = rest.dimensions.get_mut(dimension) {
            let mask = std::mem::take(slot);
            *masks.entry(rest).or_default() |= mask;
        }
    }
    let whole = masks.into_iter().map(|(mut rest, mask)| {
        if let Some(slot) = rest.dimensions.get_mut(dimension) {
            *slot = mask;
        }
        rest
    });
    whole.collect()
}

/// Joins those that are the same but for their forms of consent.
fn joined_forms(cuboids: &[Cuboid]) -> Vec<Cuboid> {
    let mut forms: BTreeMap<Cuboid, u64> = BTreeMap::new();
    for cuboid in cuboids {
        *forms.entry(cuboid.with_form_bits(0)).or_default() |= cuboid.forms().bits();
    }
    forms.into_iter().map(|(rest, forms)| rest.with_form_bits(forms)).collect()
}

/// Joins those that are the same but for this fact, which one has and the other has not.
fn joined_over(cuboids: &[Cuboid], fact: Fact) -> Vec<Cuboid> {
    let mut sides: BTreeMap<Cuboid, Vec<Cuboid>> = BTreeMap::new();
    for cuboid in cuboids {
        sides.entry(cuboid.forget_fact(fact)).or_default().push(*cuboid);
    }
    let named = |cuboid: &Cuboid| (cuboid.present | cuboid.absent).contains(fact);
    let joined = sides.into_iter().flat_map(|(free, parts)| {
        // Disjoint cuboids that differ in this fact alone are at most two, and then they are all of it.
        if parts.len() == 2 && parts.iter().all(named) { vec![free] } else { parts }
    });
    joined.collect()
}

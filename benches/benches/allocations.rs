//! That a decision allocates nothing, counted. Apart from the clock, because counting costs whoever allocates.

use std::alloc::System;
use std::hint::black_box;

use benches::{Failure, consents, documents};
use chrono::{DateTime, Utc};
use consent_policy::testing::seeded_requests;
use consent_policy::{Facts, consent_level};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static COUNTED: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;
const ASKED: usize = 10_000;

fn main() -> Result<(), Failure> {
    if std::env::args().any(|argument| argument == "--test") {
        return Ok(());
    }
    println!();
    let mut most = 0;
    for rules in [documents::FEW, 1_000] {
        let engine = documents::engine_of(rules)?;
        let asked = seeded_requests(engine.policy().rules(), ASKED, 41);
        let list = consents::list(100)?;
        let region = Region::new(COUNTED);
        let mut reasons = 0;
        for (request, facts) in &asked {
            let cover = consent_level(&list, request, NOW);
            let facts = Facts::new(cover.form.max(facts.consent), facts.present);
            let decision = engine.decide(request, &facts, NOW);
            reasons += black_box(engine.reasons(&decision).count());
        }
        let counted = region.change();
        let allocations = counted.allocations + counted.reallocations;
        println!(
            "{ASKED} decisions on 100 consents by {rules} rules, {reasons} reasons: {allocations} allocations"
        );
        most = most.max(allocations);
    }
    let proof = Box::new([0_u8; 64]);
    let region = Region::new(COUNTED);
    black_box(proof.clone());
    if region.change().allocations == 0 {
        return Err("the counter does not count".into());
    }
    if most == 0 { Ok(()) } else { Err("a decision allocates".into()) }
}

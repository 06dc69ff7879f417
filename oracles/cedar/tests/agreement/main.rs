//! No request on which Cedar and our engine disagree, in the outcome or in the rules that determined it.

#[cfg(test)]
mod documents;
#[cfg(test)]
mod requests;

use std::time::Instant;

use cedar_oracle::{CedarDocument, our_answer};
use chrono::DateTime;
use consent_policy::testing::seeded_requests;
use consent_policy::{Engine, Facts, Request};

#[cfg(test)]
fn assert_agree(name: &str, engine: &Engine, questions: impl Iterator<Item = (Request, Facts)>) {
    let cedar = CedarDocument::new(engine.policy()).unwrap();
    let now = DateTime::UNIX_EPOCH;
    let started = Instant::now();
    let (mut asked, mut outcomes) = (0, std::collections::BTreeMap::new());
    for (request, facts) in questions {
        // Dates stay with us: Cedar is given the facts as they count.
        let (ours, theirs) =
            (our_answer(engine, &request, &facts, now), cedar.decide(&request, &facts.as_of(now)).unwrap());
        assert_eq!(ours, theirs, "{name}: {request:?} {facts:?}");
        asked += 1;
        *outcomes.entry(format!("{:?}", ours.outcome)).or_insert(0) += 1;
    }
    println!(
        "{name}: {} policies, {asked} requests, no disagreement: {outcomes:?}, {:.1} s",
        cedar.policy_count(),
        started.elapsed().as_secs_f64()
    );
    assert_eq!(outcomes.len(), 3, "each outcome came up");
}

/// Half of them anywhere, half near the edges of rules.
#[cfg(test)]
fn assert_agree_on(count: usize, name: &str, engine: &Engine) {
    println!("{name}: requests of seed {}", requests::SEED);
    let questions = seeded_requests(engine.policy().rules(), count, requests::SEED);
    assert_agree(name, engine, questions.into_iter());
}

#[test]
fn on_ten_thousand_requests_of_each_clinic() {
    for (name, engine) in documents::clinics() {
        assert_agree_on(10_000, name, &engine);
    }
}

#[test]
#[ignore = "a minute: part of the long job"]
fn on_a_hundred_thousand_requests_of_each_size() {
    for (name, engine) in documents::sizes() {
        assert_agree_on(100_000, name, &engine);
    }
}

#[test]
#[ignore = "a minute: part of the long job"]
fn on_every_request_of_two_slices_of_each_size() {
    for (name, engine) in documents::sizes() {
        assert_agree(name, &engine, requests::every_asker().chain(requests::every_way_out()));
    }
}

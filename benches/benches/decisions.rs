//! Decisions, loading and proofs beside other engines. `cargo bench -p benches`

use std::hint::black_box;

use benches::by_hand::ByHand;
use benches::casbin_peer::{self, CasbinPeer, Question};
use benches::clock::{Goal, Subject, in_turns, print};
use benches::rego_peer::{self, RegoPeer};
use benches::{Failure, consents, documents};
use cedar_oracle::CedarDocument;
use cedar_policy::{Authorizer, Entities, PolicySet, Schema, ValidationMode, Validator};
use chrono::{DateTime, Utc};
use consent_policy::testing::{EXAMPLE_DOCUMENT, seeded_requests, seeded_requests_near};
use consent_policy::{Engine, Facts, PolicyDraft, Request, VerifiedPolicy, cedar, consent_level};
use regorus::Value;

const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;
const SEED: u8 = 41;
/// Requests on which all engines have to agree before anything is measured.
const AGREED: usize = 10_000;
/// Requests of one round beside slow peers.
const ASKED: u32 = 500;
/// Different requests, so many that a processor cannot learn how the branches of the next one go.
const DIFFERENT: u32 = 10_000;

fn main() -> Result<(), Failure> {
    if std::env::args().any(|argument| argument == "--test") {
        return Ok(());
    }
    let few = documents::engine_of(documents::FEW)?;
    println!("requests of seed {SEED}; medians of rounds in turns; x is the ratio to the first line");
    if wanted("peers") {
        agree(&few)?;
        for rules in [documents::FEW, 100, 250, 1_000] {
            beside_peers(&documents::engine_of(rules)?, rules)?;
        }
    }
    if wanted("decisions") {
        beside_hand(&few)?;
        sizes()?;
        on_consents(&few)?;
    }
    if wanted("loading") {
        loading()?;
        proofs()?;
    }
    if wanted("proving") {
        differences()?;
        quotients()?;
    }
    Ok(())
}

/// Whether a part is to be measured: without a part named on the command line, every part.
fn wanted(part: &str) -> bool {
    let parts = ["peers", "decisions", "loading", "proving"];
    let named: Vec<String> = std::env::args().filter(|word| parts.contains(&word.as_str())).collect();
    named.is_empty() || named.iter().any(|word| word == part)
}

/// Requests in the terms of every engine.
struct Questions {
    ours: Vec<(Request, Facts)>,
    cedar: Vec<Vec<cedar_policy::Request>>,
    rego: Vec<Vec<Value>>,
    casbin: Vec<Vec<Question>>,
}

impl Questions {
    fn of(asked: Vec<(Request, Facts)>) -> Result<Self, Failure> {
        // Dates stay with us: whatever lapsed has lapsed for everybody.
        let ours: Vec<(Request, Facts)> = asked.into_iter().map(|(r, facts)| (r, facts.as_of(NOW))).collect();
        let (mut cedar, mut rego, mut casbin) = (Vec::new(), Vec::new(), Vec::new());
        for (request, facts) in &ours {
            let of_cedar: Result<Vec<_>, _> = request
                .categories
                .iter()
                .map(|category| cedar_oracle::cedar_request(request, category, facts, None))
                .collect();
            cedar.push(of_cedar?);
            rego.push(rego_peer::inputs(request, facts)?);
            casbin.push(casbin_peer::questions(request, facts));
        }
        Ok(Self { ours, cedar, rego, casbin })
    }
}

/// Cedar without the checks of a request.
struct Cedar {
    policies: PolicySet,
    entities: Entities,
    authorizer: Authorizer,
}

impl Cedar {
    fn new(policy: &VerifiedPolicy) -> Result<Self, Failure> {
        Ok(Self {
            policies: cedar_oracle::parsed(&cedar::policies(policy))?,
            entities: Entities::empty(),
            authorizer: Authorizer::new(),
        })
    }

    fn permits(&self, asked: &[cedar_policy::Request]) -> bool {
        // Every category is asked, because a refusal has to say all its reasons.
        let allowed = asked.iter().filter(|request| {
            let response = self.authorizer.is_authorized(request, &self.policies, &self.entities);
            response.decision() == cedar_policy::Decision::Allow
        });
        !asked.is_empty() && allowed.count() == asked.len()
    }
}

fn agree(engine: &Engine) -> Result<(), Failure> {
    CedarDocument::new(engine.policy())?;
    let rules = engine.policy().rules();
    let questions = Questions::of(seeded_requests(rules, AGREED, SEED))?;
    let (cedar, mut rego, casbin) =
        (Cedar::new(engine.policy())?, RegoPeer::new(rules)?, CasbinPeer::new(rules)?);
    let by_hand = ByHand::default();
    let mut permits = 0;
    let theirs = questions.cedar.iter().zip(&questions.rego).zip(&questions.casbin);
    for ((request, facts), ((of_cedar, of_rego), of_casbin)) in questions.ours.iter().zip(theirs) {
        let decision = engine.decide(request, facts, NOW);
        let same = cedar.permits(of_cedar) == decision.is_permit()
            && rego.permits(of_rego)? == decision.is_permit()
            && casbin.permits(of_casbin)? == decision.is_permit()
            && by_hand.decide(request, facts).agrees_with(&decision);
        if !same {
            return Err(format!("disagreement on {request:?} {facts:?}").into());
        }
        permits += u32::from(decision.is_permit());
    }
    println!("{AGREED} requests, {permits} permits: all five agree");
    Ok(())
}

fn near(engine: &Engine, asked: u32) -> Result<Questions, Failure> {
    Questions::of(seeded_requests_near(engine.policy().rules(), asked.try_into()?, SEED))
}

fn count_permits(engine: &Engine, asked: &[(Request, Facts)]) -> usize {
    asked.iter().filter(|(request, facts)| engine.decide(black_box(request), facts, NOW).is_permit()).count()
}

fn beside_peers(engine: &Engine, rules: usize) -> Result<(), Failure> {
    let questions = near(engine, ASKED)?;
    let texts = engine.policy().rules();
    let (cedar, mut rego, casbin) =
        (Cedar::new(engine.policy())?, RegoPeer::new(texts)?, CasbinPeer::new(texts)?);
    let categories: usize = questions.cedar.iter().map(Vec::len).sum();
    let subjects = vec![
        Subject::new("ours: outcome, rules, fields, obligations", ASKED, || {
            count_permits(engine, &questions.ours)
        }),
        Subject::new("cedar-policy 4.14: outcome, rules", ASKED, || {
            questions.cedar.iter().filter(|asked| cedar.permits(asked)).count()
        }),
        Subject::new("regorus 0.14, its VM: rules", ASKED, || {
            questions.rego.iter().filter(|asked| rego.permits(asked).unwrap_or_default()).count()
        }),
        Subject::new("casbin 2.20: outcome", ASKED, || {
            questions.casbin.iter().filter(|asked| casbin.permits(asked).unwrap_or_default()).count()
        }),
    ];
    let medians = in_turns(if rules > 100 { 5 } else { 15 }, subjects);
    let goals =
        [(1, Goal::RatioAtLeast(800.0)), (2, Goal::RatioAtLeast(150.0)), (3, Goal::RatioAtLeast(550.0))];
    let goals = if rules == documents::FEW { goals.as_slice() } else { &[] };
    let title =
        format!("one decision, {rules} rules ({categories} categories in {ASKED} requests near edges)");
    print(&title, &medians, goals);
    Ok(())
}

/// How a processor meets the requests of a round: those that a goal is held against, and those that it learns.
const SEQUENCES: [(u32, &str, usize); 2] =
    [(DIFFERENT, "10,000 different requests", 61), (ASKED, "500 requests again and again", 201)];

fn beside_hand(engine: &Engine) -> Result<(), Failure> {
    for (asked, name, rounds) in SEQUENCES {
        let questions = near(engine, asked)?;
        let by_hand = ByHand::default();
        let subjects = vec![
            Subject::new("25 rules written by hand in Rust", asked, || {
                for (request, facts) in &questions.ours {
                    black_box(&by_hand.decide(black_box(request), facts));
                }
            }),
            Subject::new("ours", asked, || {
                for (request, facts) in &questions.ours {
                    black_box(&engine.decide(black_box(request), facts, NOW));
                }
            }),
        ];
        let goal = [(1, Goal::RatioAtMost(1.5))];
        print(&format!("beside rules written by hand, {name}"), &in_turns(rounds, subjects), &goal);
    }
    Ok(())
}

fn sizes() -> Result<(), Failure> {
    let few = documents::engine_of(documents::FEW)?;
    let mut engines = vec![("25 rules".to_owned(), documents::engine_of(documents::FEW)?)];
    for rules in [100, 250, 1_000] {
        engines.push((format!("the same in {rules} rules"), documents::engine_of(rules)?));
    }
    engines.push(("the other clinic's 93 rules".to_owned(), documents::example_engine()?));
    for (asked, name, rounds) in SEQUENCES {
        let questions = near(&few, asked)?.ours;
        let subjects = engines
            .iter()
            .map(|(name, engine)| Subject::new(name.clone(), asked, || count_permits(engine, &questions)));
        let medians = in_turns(rounds, subjects.collect());
        print(&format!("more rules, {name}"), &medians, &[(3, Goal::RatioAtMost(1.5))]);
    }
    Ok(())
}

fn on_consents(engine: &Engine) -> Result<(), Failure> {
    let asked = near(engine, ASKED)?.ours;
    let lists = [consents::list(6)?, consents::list(25)?, consents::list(100)?];
    let subjects = lists.iter().map(|list| {
        Subject::new(format!("{} consents", list.len()), ASKED, || {
            let permits = asked.iter().filter(|(request, facts)| {
                let cover = consent_level(list, request, NOW);
                let facts = Facts::new(cover.form, facts.present).and(facts.present, cover.valid_until);
                engine.decide(black_box(request), &facts, NOW).is_permit()
            });
            permits.count()
        })
    });
    let title = "consents to a level, then the decision, 25 rules";
    print(title, &in_turns(201, subjects.collect()), &[(2, Goal::NanosAtMost(10_000.0))]);
    Ok(())
}

fn loading() -> Result<(), Failure> {
    for (name, text) in [("28 rules", documents::SMALLER_CLINIC), ("93 rules", EXAMPLE_DOCUMENT)] {
        let mut draft = PolicyDraft::parse(text)?;
        // Cedar has no scenarios, so none are run here either.
        draft.scenarios.clear();
        let policy = draft.clone().check()?;
        let (policies, schema) = (cedar::policies(&policy), cedar::schema());
        let subjects = vec![
            Subject::new("cedar: parse and validate strictly", 1, || validated(&policies, &schema).is_ok()),
            Subject::new("ours: parse the document, without scenarios", 1, || {
                PolicyDraft::parse(text).map(|draft| draft.rules.len()).unwrap_or_default()
            }),
            Subject::new("ours: every proof", 1, || draft.clone().check().is_ok()),
            Subject::new("ours: parse, prove, index", 1, || {
                let parsed = PolicyDraft::parse(text).ok().map(|mut draft| {
                    draft.scenarios.clear();
                    draft
                });
                parsed.and_then(|draft| draft.check().ok()).map(Engine::new).is_some()
            }),
        ];
        let goals = [(3, Goal::RatioAtMost(1.0))];
        print(&format!("a verified load, {name}"), &in_turns(21, subjects), &goals);
    }
    Ok(())
}

fn validated(policies: &str, schema: &str) -> Result<PolicySet, Failure> {
    let (schema, _) = Schema::from_cedarschema_str(schema)?;
    let policies: PolicySet = policies.parse()?;
    let result = Validator::new(schema).validate(&policies, ValidationMode::Strict);
    if result.validation_passed() { Ok(policies) } else { Err("not valid".into()) }
}

fn proofs() -> Result<(), Failure> {
    let mut subjects = Vec::new();
    for rules in [documents::FEW, 100, 250, 1_000] {
        let policy = documents::engine_of(rules)?.policy().draft().clone();
        subjects.push(Subject::new(format!("box proofs, {rules} rules"), 1, move || {
            policy.clone().check().is_ok()
        }));
    }
    let goals = [(0, Goal::NanosAtMost(1e6))];
    print("every proof, without scenarios", &in_turns(11, subjects), &goals);
    Ok(())
}

/// The last permit goes; that is compared with the whole document before it.
fn without_last_permit(draft: &PolicyDraft) -> PolicyDraft {
    let mut edited = draft.clone();
    if let Some(at) = edited.rules.iter().rposition(|rule| rule.effect.is_permit()) {
        edited.rules.remove(at);
    }
    edited
}

fn differences() -> Result<(), Failure> {
    let mut subjects = Vec::new();
    for rules in [documents::FEW, 1_000] {
        let older = documents::engine_of(rules)?.policy().draft().clone();
        let newer = without_last_permit(&older);
        if older.difference(&newer).is_empty() {
            return Err("the documents do not differ".into());
        }
        subjects.push(Subject::new(format!("full difference, {rules} rules"), 1, move || {
            older.difference(&newer).changes().len()
        }));
    }
    let example = documents::example_engine()?.policy().draft().clone();
    let newer = without_last_permit(&example);
    subjects.push(Subject::new("full difference, the other clinic's rules", 1, move || {
        example.difference(&newer).changes().len()
    }));
    let goals = [(0, Goal::NanosAtMost(1e6)), (1, Goal::NanosAtMost(1e8))];
    print("what two documents decide differently", &in_turns(11, subjects), &goals);
    Ok(())
}

fn quotients() -> Result<(), Failure> {
    let few = documents::engine_of(documents::FEW)?;
    let example = documents::example_engine()?;
    let subjects = vec![
        Subject::new("25 rules", 1, || few.policy().enumerate().is_ok()),
        Subject::new("the other clinic's rules", 1, || example.policy().enumerate().is_ok()),
    ];
    let goals = [(0, Goal::NanosAtMost(1e9)), (1, Goal::NanosAtMost(1e9))];
    print("every state that the rules tell apart", &in_turns(5, subjects), &goals);
    Ok(())
}

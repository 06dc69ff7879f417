//! The policy page: what is in force, a draft that cannot be, and one that is put in force.

use axum::http::StatusCode;

use crate::support::{Demo, Visitor};

const IN_FORCE: &str = include_str!("../../../../fixtures/clinics/elicells/policy.toml");

async fn try_draft(officer: &mut Visitor, document: &str) -> String {
    officer.get("/policy").await;
    let page = officer.post("/policy/draft", &[("document", document)]).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    page.text
}

/// The document with the hotel where no hotel may be: out of the group that sees no medical data, and among those
/// who receive what a treating provider receives.
fn hotel_among_the_clinical() -> String {
    let edited = IN_FORCE
        .replace(
            r#"lodging-and-transport = ["hotel", "transport"]"#,
            r#"lodging-and-transport = ["transport"]"#,
        )
        .replace(r#"recipient = ["treating-provider"]"#, r#"recipient = ["treating-provider", "hotel"]"#);
    assert_ne!(edited, IN_FORCE);
    edited
}

#[tokio::test]
async fn a_draft_that_exposes_a_diagnosis_to_a_hotel_says_who_would_have_seen_what() {
    let demo = Demo::filled("server_policy_hotel").await;
    let mut officer = demo.signed_in("oficial").await;
    let draft = hotel_among_the_clinical();
    let page = try_draft(&mut officer, &draft).await;
    for said in ["It cannot come into force", "P-40", "treating-provider", "Nothing changed"] {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert!(!page.contains("Put in force"));

    // Nor does it come into force by asking for it all the same.
    let forced = officer.post("/policy", &[("document", draft.as_str())]).await;
    assert_eq!(forced.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", forced.text);
    assert_eq!(demo.runtime.policy_editions().await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_cannot_be_read_is_shown_with_its_place_and_is_not_lost() {
    let demo = Demo::filled("server_policy_typo").await;
    let mut officer = demo.signed_in("oficial").await;
    let draft = IN_FORCE.replacen(r#"effect = "forbid""#, r#"effect = "forbit""#, 1);
    let page = try_draft(&mut officer, &draft).await;
    let line = draft.lines().position(|line| line.contains("forbit")).unwrap() + 1;
    assert!(page.contains(&format!("Line {line}, column")), "{page}");
    assert!(page.contains("&quot;forbit&quot;"), "the draft stands in the form again");
}

#[tokio::test]
async fn a_proved_draft_comes_into_force_and_stands_in_the_log() {
    let demo = Demo::filled("server_policy_force").await;
    let mut officer = demo.signed_in("oficial").await;
    let draft = IN_FORCE.replace(r#"version = "elicells-2025.1""#, r#"version = "elicells-2025.2""#);
    let page = try_draft(&mut officer, &draft.replace('\n', "\r\n")).await;
    assert!(page.contains("It can come into force") && page.contains("elicells-2025.2"), "{page}");
    assert!(page.contains("Nothing: it permits the same"), "{page}");
    let again = page.split("What the last 30 days would have come to").nth(1).unwrap();
    assert!(again.contains("<strong>0</strong> refused ones would be permitted"), "{again}");
    assert_eq!(demo.runtime.policy_editions().await.unwrap().len(), 1, "trying changes nothing");

    let put = officer.post("/policy", &[("document", draft.replace('\n', "\r\n").as_str())]).await;
    assert_eq!(
        (put.status, put.location.as_deref()),
        (StatusCode::SEE_OTHER, Some("/policy")),
        "{}",
        put.text
    );
    let editions = demo.runtime.policy_editions().await.unwrap();
    assert_eq!(editions.last().unwrap().text, draft, "as it was written, whatever ends a browser's lines");
    let shown = officer.get("/policy").await.text;
    assert!(shown.contains("elicells-2025.2") && shown.contains("elicells-2025.1"));
    assert_eq!(demo.entries("policy-activated").await, ["none", "permit"]);
}

#[tokio::test]
async fn a_version_means_one_text_and_a_rule_keeps_a_promise_that_was_made() {
    let demo = Demo::filled("server_policy_version").await;
    let mut officer = demo.signed_in("oficial").await;
    officer.get("/policy").await;
    let sentence = "Nothing of yours leaves the clinic";
    let reworded = IN_FORCE.replacen("No data leave the clinic", sentence, 1);
    assert!(reworded.contains(sentence));
    let next = |text: &str| text.replace(r#"version = "elicells-2025.1""#, r#"version = "elicells-2025.2""#);
    let no_clause = format!("P-{}", 94);
    let stray =
        next(IN_FORCE).replacen(r#"clauses = ["P-37"]"#, &format!(r#"clauses = ["P-37", "{no_clause}"]"#), 1);
    let cites = format!("the clinic's clauses have no {no_clause}");
    for (document, said) in [(&reworded, "give the new one its own version"), (&stray, cites.as_str())] {
        let page = officer.post("/policy", &[("document", document.as_str())]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{said}: {}", page.text);
        assert!(page.text.contains(said), "{said}: {}", page.text);
    }
    assert_eq!(demo.runtime.policy_editions().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_draft_says_which_of_its_rules_change_nothing() {
    let demo = Demo::filled("server_policy_idle").await;
    let mut officer = demo.signed_in("oficial").await;
    assert!(!try_draft(&mut officer, IN_FORCE).await.contains("Rules that change nothing"));
    let (_, rule) = IN_FORCE.split_once("[[rule]]\nid = \"cash-desk\"").unwrap();
    let rule = rule.split_once("[[rule]]").unwrap().0;
    let twice = format!("[[rule]]\nid = \"cash-desk-again\"{rule}[[rule]]\nid = \"cash-desk\"");
    let page = try_draft(&mut officer, &IN_FORCE.replacen("[[rule]]\nid = \"cash-desk\"", &twice, 1)).await;
    let idle = page.split_once("Rules that change nothing").unwrap().1;
    assert!(
        idle.contains("cash-desk-again") && idle.contains("does only what other rules do already"),
        "{idle}"
    );
}

#[tokio::test]
async fn a_draft_without_its_guards_says_what_it_no_longer_demands() {
    let demo = Demo::filled("server_policy_guards").await;
    let mut officer = demo.signed_in("oficial").await;
    let (rules, guards) = IN_FORCE.split_once("[[invariant]]").unwrap();
    let page = try_draft(&mut officer, rules).await;
    assert!(page.contains("Nothing: it permits the same"), "{page}");
    let lost = page.split("What the draft no longer demands of itself").nth(1).unwrap();
    let name = guards.split("id = \"").nth(1).unwrap().split('"').next().unwrap();
    assert!(lost.contains(name), "{name}: {lost}");
}

#[tokio::test]
async fn a_draft_that_opens_a_field_shows_which_to_whom() {
    let demo = Demo::filled("server_policy_opens").await;
    let mut officer = demo.signed_in("oficial").await;
    let name = r#"driver = ["given-names", "surnames", "phone", "pickup-time", "pickup-place"]"#;
    assert!(IN_FORCE.contains(name));
    let wider = IN_FORCE.replace(name, &name.replace(r#""phone", "#, r#""phone", "email", "#));
    // The document's own examples name the fields, so they have to say the same.
    let fields = r#"fields = ["given-names", "surnames", "phone", "pickup-time", "pickup-place"]"#;
    let wider = wider.replace(fields, &fields.replace(r#""phone", "#, r#""phone", "email", "#));
    let decided = demo.entries("decision").await.len();
    let page = try_draft(&mut officer, &wider).await;
    assert!(page.contains("It can come into force"), "{page}");
    assert_eq!(demo.entries("decision").await.len(), decided + 1, "whoever replays the log stands in it");
    let opens = page.split("It opens").nth(1).unwrap();
    for said in ["Now open", "mail", "transport"] {
        assert!(opens.contains(said), "{said}: {opens}");
    }
    assert!(!page.contains("It closes"));
}

#[tokio::test]
async fn asking_shows_what_single_change_would_open_a_refusal() {
    let demo = Demo::filled("server_ask_nearest").await;
    let mut officer = demo.signed_in("oficial").await;
    let untrained = "/ask?action=read&role=nurse&purpose=treatment&category=laboratory&recipient=internal&country=domestic\
        &ground=consent&detail=full&consent=express-written&fact=background-check&fact=undertaking&fact=care-relation";
    let page = officer.get(untrained).await.text;
    let nearest = page.split("What would change the answer").nth(1).unwrap();
    let lines = nearest.split("</ul>").next().unwrap();
    assert!(lines.contains("One condition short") && lines.matches("<li>").count() == 1, "{lines}");

    let trained = officer.get(&format!("{untrained}&fact=training")).await.text;
    assert!(!trained.contains("What would change the answer"), "{trained}");
}

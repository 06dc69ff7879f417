//! Signing in: who may, what ends a session, what the log says of it, and how guessing is met.

use axum::http::{Method, StatusCode};
use chrono::{Days, NaiveDate};
use clinic_runtime::hash_password;
use postgres_store::Clock;
use privacy_operations::{ClearanceEntry, PasswordHash, RecordClearance, SetLogin, system_actor};
use records_model::{ActorId, Role};
use resguardo_server::DEMO_PASSWORD;

use crate::support::Demo;

async fn actor(demo: &Demo, role: Role) -> ActorId {
    let actors = demo.runtime.store().actors(demo.runtime.clinic()).await.unwrap();
    actors.iter().find(|line| line.actor.role == role).unwrap().actor.id
}

async fn today(demo: &Demo) -> NaiveDate {
    let now = demo.runtime.store().instant(Clock::Database).await.unwrap();
    demo.runtime.refresh().await.unwrap().zone.date_of(now)
}

async fn leaves(demo: &Demo, staff: ActorId, on: NaiveDate) {
    let actor = system_actor(demo.runtime.clinic());
    let record = RecordClearance { actor, staff, entry: ClearanceEntry::Left { on } };
    assert!(demo.runtime.perform(&record, Clock::Database).await.unwrap().is_permit());
}

#[tokio::test]
async fn whoever_left_works_through_the_last_day_and_then_is_out() {
    let demo = Demo::filled("server_leaver").await;
    let (staff, today) = (actor(&demo, Role::LaboratoryStaff).await, today(&demo).await);
    let mut laboratory = demo.signed_in("lab.vela").await;
    leaves(&demo, staff, today).await;
    assert_eq!(laboratory.get("/today").await.status, StatusCode::OK, "the last day");
    leaves(&demo, staff, today.checked_sub_days(Days::new(1)).unwrap()).await;
    assert_eq!(laboratory.get("/today").await.location.as_deref(), Some("/sign-in"));
    let again = demo.visitor().sign_in("lab.vela", DEMO_PASSWORD).await;
    assert!(again.text.contains("The name or the password is wrong."), "{}", again.text);
    // A date that was entered wrongly is entered again: the newest entry counts.
    leaves(&demo, staff, today).await;
    demo.signed_in("lab.vela").await;
}

#[tokio::test]
async fn a_changed_password_ends_every_session() {
    let demo = Demo::filled("server_password").await;
    let (runtime, pharmacist) = (&demo.runtime, actor(&demo, Role::Pharmacist).await);
    let (mut here, mut there) = (demo.signed_in("farm.rios").await, demo.signed_in("farm.rios").await);
    let mut other = demo.signed_in("oficial").await;
    // Spaces at its ends belong to it.
    let hash = hash_password(" otra que nadie conoce ").unwrap();
    let now = runtime.store().instant(Clock::Database).await.unwrap();
    let set = SetLogin {
        actor: system_actor(runtime.clinic()),
        staff: pharmacist,
        login: "farm.rios".to_owned(),
        hash: PasswordHash::new(hash),
    };
    assert!(runtime.perform(&set, Clock::At(now)).await.unwrap().is_permit());
    assert_eq!(demo.entries("settings-changed").await.last(), Some(&"permit"), "it stands in the log");
    assert_eq!(here.get("/today").await.location.as_deref(), Some("/sign-in"));
    assert_eq!(there.post("/people", &[]).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(other.get("/today").await.status, StatusCode::OK);
    assert_eq!(here.sign_in("farm.rios", DEMO_PASSWORD).await.status, StatusCode::OK, "the old one");
    assert_eq!(here.sign_in("farm.rios", "otra que nadie conoce").await.status, StatusCode::OK, "without");
    assert_eq!(here.sign_in("farm.rios", " otra que nadie conoce ").await.status, StatusCode::SEE_OTHER);
    assert_eq!(here.get("/today").await.status, StatusCode::OK);
    // A sign-in that checked the old password before the change opens nothing after it.
    let (early, late) = (now - chrono::TimeDelta::seconds(1), now + chrono::TimeDelta::hours(12));
    runtime.store().open_session(runtime.clinic(), pharmacist, [7; 32], (early, late)).await.unwrap();
    let found = runtime.store().session(runtime.clinic(), [7; 32], (now, today(&demo).await)).await.unwrap();
    assert!(found.is_none());
}

#[tokio::test]
async fn the_log_says_who_signed_in_and_whose_password_was_wrong() {
    let demo = Demo::filled("server_sign_in_log").await;
    assert_eq!(demo.entries("sign-in").await, [""; 0]);
    demo.signed_in("oficial").await;
    assert_eq!(demo.entries("sign-in").await, ["permit"]);
    demo.visitor().sign_in("oficial", "una que no es").await;
    assert_eq!(demo.entries("sign-in").await, ["permit", "deny"]);
    demo.visitor().sign_in("nadie", "una que no es").await;
    assert_eq!(demo.entries("sign-in").await, ["permit", "deny"], "an unknown name is nobody's entry");
    assert!(demo.runtime.verify_log().await.unwrap().is_intact());
}

#[tokio::test]
async fn what_cannot_be_a_name_is_wrong_and_not_remembered() {
    let demo = Demo::filled("server_no_name").await;
    let mut guesser = demo.visitor();
    let long = "a".repeat(65);
    for login in ["x", "ñandú", "a b", "o'brien", long.as_str()] {
        for _ in 0..6 {
            let page = guesser.sign_in(login, "una que no es").await;
            assert_eq!(page.status, StatusCode::OK, "{login}");
            assert!(page.text.contains("The name or the password is wrong."), "{}", page.text);
        }
    }
}

#[tokio::test]
async fn guesses_at_the_same_time_do_not_pass_the_limit() {
    let demo = Demo::filled("server_parallel").await;
    let guesses: Vec<_> = (0..9)
        .map(|_| {
            let mut guesser = demo.visitor();
            tokio::spawn(async move { guesser.sign_in("oficial", "una que no es").await.status })
        })
        .collect();
    let mut statuses = Vec::new();
    for guess in guesses {
        statuses.push(guess.await.unwrap());
    }
    let count = |wanted: StatusCode| statuses.iter().filter(|status| **status == wanted).count();
    assert_eq!((count(StatusCode::OK), count(StatusCode::TOO_MANY_REQUESTS)), (5, 4));
}

#[tokio::test]
async fn in_earnest_a_session_is_kept_only_where_tls_protects_it() {
    let demo = Demo::filled("server_cookies").await;
    let shown = demo.visitor().sign_in("oficial", DEMO_PASSWORD).await;
    assert!(shown.cookies[0].starts_with("resguardo_session="), "{:?}", shown.cookies);
    assert!(!shown.cookies[0].contains("Secure"));

    let earnest = demo.in_earnest();
    let mut officer = earnest.visitor();
    let page = officer.sign_in("oficial", DEMO_PASSWORD).await;
    let cookie = &page.cookies[0];
    assert!(cookie.starts_with("__Host-resguardo_session=") && cookie.ends_with("; Secure"), "{cookie}");
    assert!(cookie.contains("; Path=/;") && !cookie.contains("Domain"), "{cookie}");
    assert_eq!(officer.get("/today").await.status, StatusCode::OK);
    // The name that a page in clear could have set counts for nothing here.
    let bare = cookie.trim_start_matches("__Host-").split(';').next().unwrap();
    let page = earnest.visitor().ask(Method::GET, "/today", &[("cookie", bare)]).await;
    assert_eq!(page.location.as_deref(), Some("/sign-in"));
    let ended = officer.post("/sign-out", &[]).await;
    assert!(ended.cookies[0].starts_with("__Host-resguardo_session=;"), "{:?}", ended.cookies);
    assert!(!earnest.visitor().get("/sign-in").await.text.contains("dra.garza"));

    let (over_tls, in_clear) = ([("x-forwarded-proto", "https")], [("x-forwarded-proto", "http")]);
    let page = earnest.visitor().ask(Method::GET, "/sign-in", &over_tls).await;
    assert_eq!(page.tls_only.as_deref(), Some("max-age=31536000"));
    assert_eq!(earnest.visitor().ask(Method::GET, "/sign-in", &in_clear).await.tls_only, None);
    assert_eq!(demo.visitor().ask(Method::GET, "/sign-in", &over_tls).await.tls_only, None);
}

#[tokio::test]
async fn signing_in_rightly_does_not_make_a_name_rest() {
    let demo = Demo::filled("server_often").await;
    for _ in 0..7 {
        demo.signed_in("oficial").await;
    }
}

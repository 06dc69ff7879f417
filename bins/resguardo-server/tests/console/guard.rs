//! Who may open which page; forms from elsewhere; signing in and out.

use std::fmt::Write as _;

use axum::http::{Method, StatusCode};
use records_model::Role;
use resguardo_server::{ROUTES, expected_status};

use crate::support::Demo;

/// Some id that nobody has.
const NOBODY: &str = "01941f29-7c00-7000-8000-00000000ffff";

fn concrete(path: &str) -> String {
    ["{id}", "{consent}", "{restriction}", "{case}", "{evidence}", "{alert}"]
        .iter()
        .fold(path.to_owned(), |path, parameter| path.replace(parameter, NOBODY))
}

/// The table: one line a route, one column a principal. A changed cell shows in review.
#[test]
fn the_table_of_routes_and_principals_is_on_file() {
    let principals = [
        ("nobody", None),
        ("person", Some(Role::Person)),
        ("nurse", Some(Role::Nurse)),
        ("reception", Some(Role::Reception)),
        ("officer", Some(Role::PrivacyOfficer)),
    ];
    let mut table = String::from(
        "route                                            nobody person nurse reception officer\n",
    );
    for route in &ROUTES {
        let cells = principals.map(|(_, role)| expected_status(route, role).as_str().to_owned());
        let name = format!("{} {}", route.method, route.path);
        writeln!(table, "{name:<48} {}", cells.join(" ")).unwrap();
    }
    expect_test::expect_file!["routes.txt"].assert_eq(&table);
}

#[tokio::test]
async fn every_route_answers_as_the_table_says() {
    let demo = Demo::filled("server_guard").await;
    let logins =
        [(None, None), (Some("enf.luna"), Some(Role::Nurse)), (Some("oficial"), Some(Role::PrivacyOfficer))];
    for (login, role) in logins {
        let mut visitor = match login {
            Some(login) => demo.signed_in(login).await,
            None => demo.visitor(),
        };
        // Signing out would end the walk; it has a test of its own.
        for route in ROUTES.iter().filter(|route| !matches!(route.path, "/sign-out" | "/sign-in")) {
            let path = concrete(route.path);
            let page =
                if route.method == "GET" { visitor.get(&path).await } else { visitor.post(&path, &[]).await };
            let expected = expected_status(route, role);
            let passed = !matches!(page.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)
                && page.location.as_deref() != Some("/sign-in");
            if expected == StatusCode::OK {
                // Past the guard: an unknown id or an empty form is the handler's own answer.
                assert!(passed, "{} {path} as {login:?}: {}", route.method, page.status);
                assert!(
                    !page.status.is_server_error(),
                    "{} {path} as {login:?}: {}",
                    route.method,
                    page.status
                );
            } else {
                assert_eq!(page.status, expected, "{} {path} as {login:?}", route.method);
            }
        }
    }
}

#[tokio::test]
async fn every_other_method_keeps_to_the_table() {
    let demo = Demo::filled("server_methods").await;
    let (mut nobody, mut officer) = (demo.visitor(), demo.signed_in("oficial").await);
    let others = [Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS, Method::TRACE];
    for route in &ROUTES {
        let path = concrete(route.path);
        for method in &others {
            for visitor in [&mut nobody, &mut officer] {
                let page = visitor.ask(method.clone(), &path, &[]).await;
                assert_eq!(page.status, StatusCode::NOT_FOUND, "{method} {path}");
            }
        }
        let read = ROUTES.iter().find(|other| other.path == route.path && other.method == "GET");
        let head = nobody.ask(Method::HEAD, &path, &[]).await;
        assert_eq!(head.text, "", "HEAD {path}");
        match read {
            Some(read) if !read.audience.includes(None) => {
                assert_eq!(head.location.as_deref(), Some("/sign-in"), "HEAD {path}");
            }
            Some(_) => assert_eq!(head.status, nobody.get(&path).await.status, "HEAD {path}"),
            None => {
                assert_eq!(head.status, StatusCode::NOT_FOUND, "HEAD {path}");
                assert_eq!(officer.get(&path).await.status, StatusCode::NOT_FOUND, "GET {path}");
            }
        }
    }
    assert_eq!(officer.get("/today").await.status, StatusCode::OK, "nobody was signed out by another method");
}

#[tokio::test]
async fn a_form_from_elsewhere_changes_nothing() {
    let demo = Demo::filled("server_forged").await;
    let mut officer = demo.signed_in("oficial").await;
    let forged = officer.post_bare("/audit", &[("token", "guessed")], &[]).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    let missing = officer.post_bare("/audit", &[], &[]).await;
    assert_eq!(missing.status, StatusCode::FORBIDDEN);
    let elsewhere = [("sec-fetch-site", "cross-site")];
    let page = officer.post_bare("/sign-in", &[("login", "oficial"), ("password", "x")], &elsewhere).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    let origin = [("origin", "https://elsewhere.example"), ("host", "127.0.0.1")];
    let page = officer.post_bare("/sign-in", &[("login", "oficial"), ("password", "x")], &origin).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn signing_out_ends_the_session_and_failures_make_a_name_rest() {
    let demo = Demo::filled("server_sessions").await;
    let mut nurse = demo.signed_in("enf.luna").await;
    assert_eq!(nurse.get("/today").await.status, StatusCode::OK);
    assert_eq!(nurse.post("/sign-out", &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(nurse.get("/today").await.location.as_deref(), Some("/sign-in"));

    let mut guesser = demo.visitor();
    for _ in 0..5 {
        let page = guesser.post("/sign-in", &[("login", "oficial"), ("password", "una que no es")]).await;
        assert!(page.text.contains("The name or the password is wrong."));
        assert!(page.cookies.is_empty());
    }
    let right = [("login", "oficial"), ("password", resguardo_server::DEMO_PASSWORD)];
    assert_eq!(guesser.post("/sign-in", &right).await.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn the_notice_is_for_anybody_and_sets_no_cookie() {
    let demo = Demo::filled("server_notice").await;
    let page = demo.visitor().get("/notice").await;
    assert_eq!((page.status, page.cookies.len()), (StatusCode::OK, 0));
    let house = demo.runtime.house().unwrap();
    let version = house.notices.in_force(jurisdiction::Language::En, "2026-11-24".parse().unwrap()).unwrap();
    assert!(page.text.contains(&version.content_hash.to_string()));
    for clause in house.clauses.iter() {
        let promise =
            clause.promise.get(jurisdiction::Language::En).replace('&', "&amp;").replace('"', "&quot;");
        assert!(page.text.contains(&promise), "{} is not on the page", clause.id);
    }
}

#[tokio::test]
async fn an_address_that_no_route_has_is_answered_like_every_other() {
    let demo = Demo::filled("server_nowhere").await;
    let page = demo.visitor().get("/people/x/y/z").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(page.text.contains("It is not here"), "in the visitor's language: {}", page.text);
    assert!(page.policy.is_some(), "with the headers of every page");
}

//! The main job through the pages: consent, reading, refusing, sending, withdrawing, breaking the glass, proof.

use axum::http::StatusCode;

use privacy_operations::{PasswordHash, SetLogin};

use crate::support::{Demo, Visitor, link};

const HOTEL: &str = "01941f29-7c00-7a01-8000-000000000001";
const ABROAD: &str = "01941f29-7c00-7a01-8000-000000000004";

pub(crate) async fn find(visitor: &mut Visitor, name: &str) -> String {
    visitor.get("/people").await;
    let page = visitor.post("/people", &[("text", name)]).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    link(&page, "/people/0")
}

#[tokio::test]
async fn the_hotel_gets_six_fields_and_no_diagnosis() {
    let demo = Demo::filled("server_hotel").await;
    let mut desk = demo.signed_in("coordinacion").await;
    let lupe = find(&mut desk, "TREVINO guadalupe").await;
    let send = format!("{lupe}/send");
    desk.get(&send).await;
    let stay = [
        ("to", HOTEL),
        ("purpose", "travel"),
        ("ground", "processor"),
        ("detail", "full"),
        ("category", "identity-contact"),
        ("category", "travel"),
    ];
    let page = desk.post(&send, &stay).await;
    let sheet =
        page.text.split("class=\"sheet\"").nth(1).unwrap().split("</section>").next().unwrap().to_owned();
    assert_eq!(sheet.matches("<tr>").count(), 6, "{sheet}");
    for shown in ["Guadalupe", "Treviño Garza", "habitación tranquila"] {
        assert!(sheet.contains(shown), "{shown}");
    }
    for hidden in ["silla de ruedas", "1961", "5500"] {
        assert!(!page.text.contains(hidden), "{hidden}");
    }
    assert!(page.text.contains("Something stayed behind."));

    let diagnosis = [&stay[..4], &[("category", "medical-history")]].concat();
    let page = desk.post(&send, &diagnosis).await;
    assert!(page.text.contains("A hotel or a transport service never receives medical information."));
    assert!(page.text.contains("P-40") && !page.text.contains("Gonartrosis"));
}

#[tokio::test]
async fn a_withdrawn_consent_stops_the_disclosure_it_carried_at_once() {
    let demo = Demo::filled("server_withdraw").await;
    let mut physician = demo.signed_in("dra.garza").await;
    let mut reception = demo.signed_in("recepcion").await;
    let lupe = find(&mut reception, "guadalupe treviño").await;
    let send = format!("{lupe}/send");
    let abroad = [
        ("to", ABROAD),
        ("purpose", "care-coordination"),
        ("ground", "consent"),
        ("detail", "full"),
        ("category", "laboratory"),
    ];
    physician.get(&send).await;
    let before = physician.post(&send, &abroad).await;
    assert!(before.text.contains("Hemoglobina"), "{}", before.text);

    let page = reception.get(&format!("{lupe}/consents")).await;
    // The newest stands first: the one for the physician abroad.
    let confirm = link(&page, &format!("{lupe}/consents/0"));
    let page = reception.get(&confirm).await;
    assert!(page.text.contains("From this moment no longer permitted"), "{}", page.text);
    let told = |text: &str| text.contains("To be told") && text.contains("Pecan Bend Internal Medicine");
    assert!(told(&page.text) && page.text.contains("is kept until its date"), "{}", page.text);
    let page = reception.post(&confirm, &[]).await;
    assert!(page.text.contains("It counts from this moment."), "{}", page.text);
    assert!(told(&page.text), "{}", page.text);

    let after = physician.post(&send, &abroad).await;
    assert!(!after.text.contains("Hemoglobina"));
    assert!(after.text.contains("Not sent"));
    let read = physician.get(&lupe).await;
    assert!(read.text.contains("Hemoglobina"), "care at the clinic rests on consents of its own");
}

#[tokio::test]
async fn the_glass_opens_the_minimum_and_waits_for_somebody_elses_review() {
    let demo = Demo::filled("server_glass").await;
    let mut reception = demo.signed_in("recepcion").await;
    let subject = find(&mut reception, "Marcy Halvorsen").await;

    // This patient keeps this nurse out: she learns that something is withheld, not what.
    let mut nurse = demo.signed_in("enf.luna").await;
    let page = nurse.get(&subject).await;
    assert!(page.text.contains("Something is withheld from you."));
    assert!(!page.text.contains("Alergia a la penicilina"));

    let mut locum = demo.signed_in("dr.salinas").await;
    let page = locum.get(&subject).await;
    assert!(!page.text.contains("Alergia a la penicilina"));
    let glass = format!("{subject}/break-glass");
    let short = locum.post(&glass, &[("reason", "x")]).await;
    assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
    let opened = locum.post(&glass, &[("reason", "convulsiones en sala de espera")]).await;
    let minimum = locum.get(&opened.location.unwrap()).await;
    assert!(minimum.text.contains("Alergia a la penicilina"), "{}", minimum.text);
    assert!(!minimum.text.contains("Tolera bien"), "notes are not part of the minimum");

    let mut officer = demo.signed_in("oficial").await;
    let today = officer.get("/today").await;
    assert_eq!(today.text.matches("/reviews/").count(), 2, "the demonstration's own and this one");
    let review = link(&today, "/reviews/");
    assert_eq!(officer.post(&review, &[("verdict", "justified")]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(officer.get("/today").await.text.matches("/reviews/").count(), 1);
}

#[tokio::test]
async fn lapsed_training_closes_the_record() {
    let demo = Demo::filled("server_lapsed").await;
    let mut reception = demo.signed_in("recepcion").await;
    let lupe = find(&mut reception, "guadalupe treviño").await;
    let page = demo.signed_in("enf.ortiz").await.get(&lupe).await;
    assert!(!page.text.contains("Hemoglobina"));
    assert!(page.text.contains("P-58"), "{}", page.text);
}

#[tokio::test]
async fn duplicates_are_shown_before_anybody_is_registered() {
    let demo = Demo::filled("server_duplicates").await;
    let mut reception = demo.signed_in("recepcion").await;
    reception.get("/people/new").await;
    let person =
        [("given", "JOSE"), ("surnames", "cantu elizondo"), ("born", "1958-09-02"), ("language", "es")];
    let page = reception.post("/people/new", &person).await;
    assert!(page.text.contains("Is it the same person?"), "{}", page.text);
    assert!(page.text.contains("José Cantú Elizondo") && page.text.contains("Jose Cantu Elizondo"));
    let future = [("given", "Ana"), ("surnames", "Del Futuro"), ("born", "2999-01-01")];
    assert_eq!(reception.post("/people/new", &future).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let anyway = [&person[..], &[("anyway", "yes")]].concat();
    assert_eq!(reception.post("/people/new", &anyway).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn the_officer_sees_why_a_date_and_that_the_log_is_intact() {
    let demo = Demo::filled("server_officer").await;
    let mut officer = demo.signed_in("oficial").await;
    let today = officer.get("/today").await;
    assert!(today.text.contains("late by"));
    let case = officer.get(&link(&today, "/requests/")).await;
    assert!(case.text.contains("MX-LFPDPPP-2025/D-02") && case.text.contains("CLINIC-POLICY/D-01"));
    officer.get("/audit").await;
    assert!(officer.post("/audit", &[]).await.text.contains("Intact"));
    assert_eq!(demo.entries("log-exported").await, [""; 0]);
    let export = officer.get("/audit/export").await;
    assert!(!export.is_sized, "the export is made while it is sent");
    assert_eq!(demo.entries("log-exported").await, ["permit"]);
    let anchors = audit_log::Anchors::new(demo.runtime.verifier_key());
    assert!(audit_log::verify_export(export.text.lines(), anchors).is_intact());
    let promises = officer.get("/promises").await;
    let states = promises.text.matches("class=\"card ").count();
    assert_eq!(states, 93, "every clause with a state");
    let card = |id: &str| {
        let (before, _) = promises.text.split_once(&format!(">{id}<")).unwrap();
        before.rsplit("class=\"card ").next().unwrap().split('"').next().unwrap().to_owned()
    };
    assert_eq!(card("P-40"), "broken", "a provider's contract is over");
    assert_eq!(card("P-52"), "broken", "nobody has a second factor");
    assert_eq!(card("P-48"), "kept", "everything stays on this machine");
    assert_eq!(card("P-55"), "not-evidenced", "nobody keeps a register of premises");
    assert!(promises.text.contains("Computed: "));
    // What changed meanwhile shows in the next report; until then everybody sees this one.
    let clinic = demo.runtime.clinic();
    let system = privacy_operations::system_actor(clinic);
    let (login, hash) = ("sistema".to_owned(), PasswordHash::new("$argon2id$none".to_owned()));
    let set = SetLogin { actor: system, staff: system, login, hash };
    assert!(demo.runtime.perform(&set, postgres_store::Clock::Database).await.unwrap().is_permit());
    assert_eq!(officer.get("/promises").await.text, promises.text);
    let mut direction = demo.signed_in("direccion").await;
    assert_eq!(direction.get("/promises").await.status, StatusCode::OK);
    assert!(!demo.signed_in("dra.garza").await.get("/today").await.text.contains("/promises"));
    let asked = officer.get("/ask?action=disclose&role=reception&purpose=marketing&category=laboratory&recipient=hotel&ground=consent&detail=full&consent=express-written").await;
    assert!(asked.text.contains("No: a promise forbids it"));
}

#[tokio::test]
async fn a_card_number_in_a_note_is_asked_about_and_the_note_is_never_lost() {
    let demo = Demo::filled("server_card").await;
    let mut reception = demo.signed_in("recepcion").await;
    let lupe = find(&mut reception, "guadalupe treviño").await;
    let mut physician = demo.signed_in("dra.garza").await;
    physician.get(&lupe).await;
    let note = "Pagó con 4111 1111 1111 1111 y refiere mejoría";
    let asked = physician.post(&format!("{lupe}/records"), &[("note", note)]).await;
    assert!(asked.text.contains("Is it a card number?") && asked.text.contains(note), "{}", asked.text);
    assert!(!physician.get(&lupe).await.text.contains("refiere mejoría"), "nothing was stored yet");
    let saved = physician.post(&format!("{lupe}/records"), &[("note", note), ("card", "mask")]).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER);
    let record = physician.get(&lupe).await;
    assert!(record.text.contains("refiere mejoría") && !record.text.contains("4111 1111 1111 1111"));
}

#[tokio::test]
async fn the_officer_sees_who_was_given_what_who_looked_and_what_waits() {
    let demo = Demo::filled("server_oversight").await;
    let mut officer = demo.signed_in("oficial").await;
    let lupe = find(&mut officer, "guadalupe treviño").await;
    let record = officer.get(&lupe).await;
    assert!(record.text.contains("/accounting") && record.text.contains("/looks"));
    let page = officer.get(&format!("{lupe}/accounting")).await;
    assert!(page.text.contains("Who was given their information"), "{}", page.text);
    assert!(page.text.contains("resguardo/"), "with the newest signed head");
    let csv = officer.get(&format!("{lupe}/accounting?format=csv")).await;
    assert!(csv.text.starts_with("First time,Last time,") && csv.text.contains("resguardo/"), "{}", csv.text);
    let unproved = officer.get(&format!("{lupe}/accounting?request=1")).await;
    assert!(unproved.text.contains("P-62"), "first it is proved who asks: {}", unproved.text);
    let looks = officer.get(&format!("{lupe}/looks")).await;
    assert!(looks.text.contains("privacy oversight") && !looks.text.contains("oficial"), "{}", looks.text);

    officer.get(&format!("{lupe}/accounting")).await;
    let suspend = format!("{lupe}/accounting");
    let suspended = officer.post(&suspend, &[("words", "Por teléfono, la agente del caso")]).await;
    assert!(suspended.text.contains("It ends by itself: "), "{}", suspended.text);
    assert_eq!(demo.entries("suspension-placed").await, ["permit"]);

    let reviews = officer.get("/reviews").await;
    assert!(
        reviews.text.contains("review before ") && reviews.text.contains("/reviews/0"),
        "{}",
        reviews.text
    );
    officer.get("/alerts").await;
    let looked = officer.post("/alerts", &[]).await;
    assert!(looked.text.contains("New: "), "{}", looked.text);
    // The physician of the demonstration opens the same addresses in vain.
    let mut physician = demo.signed_in("dra.garza").await;
    for path in [format!("{lupe}/looks"), "/alerts".to_owned(), "/reviews".to_owned()] {
        assert_eq!(physician.get(&path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert!(!physician.get(&lupe).await.text.contains("/looks"));
}

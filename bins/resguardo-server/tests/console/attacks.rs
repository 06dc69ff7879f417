//! What somebody with an ordinary sign-in would try.

use crate::story::find;
use crate::support::{Demo, link};

#[tokio::test]
async fn whoever_would_use_a_consent_does_not_record_it() {
    let demo = Demo::filled("attack_consent").await;
    let mut reception = demo.signed_in("recepcion").await;
    let lupe = find(&mut reception, "guadalupe treviño").await;
    let consents = format!("{lupe}/consents");
    let consent = [
        ("purpose", "research"),
        ("category", "medical-history"),
        ("recipient", "companion"),
        ("country", "domestic"),
        ("form", "express-written"),
        ("evidence", "signed-paper"),
    ];
    for login in ["dr.salinas", "enf.luna", "oficial", "mercadeo"] {
        let mut staff = demo.signed_in(login).await;
        let page = staff.post(&consents, &consent).await;
        assert!(page.text.contains("No: nobody has allowed it"), "{login}: {}", page.text);
    }
    let given = reception.post(&consents, &consent).await;
    assert!(given.text.contains("Consent receipt") && given.text.contains("Given on"), "{}", given.text);
    // Even with it, a physician outside the care sends nothing.
    let mut locum = demo.signed_in("dr.salinas").await;
    let send = [
        ("to", "companion"),
        ("country", "domestic"),
        ("purpose", "research"),
        ("ground", "consent"),
        ("detail", "full"),
        ("category", "medical-history"),
    ];
    let page = locum.post(&format!("{lupe}/send"), &send).await;
    assert!(page.text.contains("Not sent") && !page.text.contains("Gonartrosis"), "{}", page.text);
}

#[tokio::test]
async fn whom_a_restriction_keeps_out_does_not_lift_it() {
    let demo = Demo::filled("attack_lift").await;
    let mut reception = demo.signed_in("recepcion").await;
    let subject = find(&mut reception, "Marcy Halvorsen").await;
    let page = reception.get(&subject).await;
    let lift = link(&page, &format!("{subject}/restrictions/"));
    for login in ["enf.luna", "cobranza", "dra.garza"] {
        let mut staff = demo.signed_in(login).await;
        staff.post(&lift, &[]).await;
        let record = demo.signed_in("enf.luna").await.get(&subject).await;
        assert!(!record.text.contains("Alergia a la penicilina"), "{login} lifted it");
    }
    reception.post(&lift, &[]).await;
    let record = demo.signed_in("enf.luna").await.get(&subject).await;
    assert!(record.text.contains("Alergia a la penicilina"), "the front desk lifts it for the patient");
}

#[tokio::test]
async fn a_permit_to_know_that_something_exists_shows_no_date_and_no_kind() {
    let demo = Demo::filled("attack_existence").await;
    let mut reception = demo.signed_in("recepcion").await;
    let subject = find(&mut reception, "Marcy Halvorsen").await;
    let mut nurse = demo.signed_in("enf.luna").await;
    let query = "purpose=treatment&ground=contract&detail=existence&category=medical-history";
    let page = nurse.get(&format!("{subject}?{query}")).await;
    assert!(!page.text.contains("class=\"records\""), "{}", page.text);
}

#[tokio::test]
async fn nobody_learns_by_the_way_who_is_a_patient_or_what_is_on_file() {
    let demo = Demo::filled("attack_oracle").await;
    let mut reception = demo.signed_in("recepcion").await;
    let lupe = find(&mut reception, "guadalupe treviño").await;
    let mut marketing = demo.signed_in("mercadeo").await;
    let person = [("given", "Guadalupe"), ("surnames", "Treviño Garza"), ("born", "1961-04-23")];
    let known = marketing.post("/people/new", &person).await;
    let unknown = [("given", "Nadie"), ("surnames", "Deaquí"), ("born", "1961-04-23")];
    let unknown = marketing.post("/people/new", &unknown).await;
    assert!(known.text.contains("Not registered") && unknown.text.contains("Not registered"));
    for login in ["mercadeo", "enf.ortiz", "recepcion"] {
        let page = demo.signed_in(login).await.get(&format!("{lupe}/retention")).await;
        assert!(page.text.contains("class=\"refused\""), "{login}: {}", page.text);
        assert!(!page.text.contains("2033"), "no date of a class is shown");
    }
    // A wheelchair among the travel wishes: the desk sees the stay, and no sign of the rest.
    let page = demo.signed_in("coordinacion").await.get(&lupe).await;
    assert!(page.text.contains("habitación tranquila"));
    assert!(!page.text.contains("class=\"refused\"") && !page.text.contains("withheld"), "{}", page.text);
}

#[tokio::test]
async fn the_officer_sees_covered_values() {
    let demo = Demo::filled("attack_mask").await;
    let mut reception = demo.signed_in("recepcion").await;
    let lupe = find(&mut reception, "guadalupe treviño").await;
    let page = demo.signed_in("oficial").await.get(&lupe).await;
    assert!(page.text.contains("G. T. G.") && page.text.contains("•••00"), "{}", page.text);
    assert!(!page.text.contains("Treviño") && !page.text.contains("+5281"));
}

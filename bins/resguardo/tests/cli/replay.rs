//! `policy replay` without any clinic, and `policy what-if` on the log of one.

use expect_test::expect;

use crate::batch::{POLICY, policy};
use crate::support::{Terminal, fresh_folder};

const MAPPING: &str = r#"
ignore = ["equipo"]
[columns]
role = "puesto"
category = "expediente"
at = "fecha"
[words.role]
Enfermera = "nurse"
"Hotelería" = "patient-coordinator"
[words.category]
Laboratorio = "laboratory"
Viaje = "travel"
[usual]
ground = "consent"
consent = "express-written"
facts = "training; background-check; undertaking; in-person"
"#;

const LOG: &str = "fecha,puesto,expediente,purpose,facts,recipient,action,equipo
2026-10-01 08:00,Enfermera,Laboratorio,treatment,training; background-check; undertaking; care-relation; in-person,,,A1
2026-10-01 08:05,Enfermera,Laboratorio,treatment,,,,A1
2026-10-02 09:00,Enfermera,Laboratorio;Viaje,marketing,,,,A2
2026-10-03 10:00,Hotelería,Laboratorio,travel,,hotel,disclose,A3
2026-10-04 10:00,Hotelería,Laboratorio,travel,,hotel,disclose,A3
";

fn files(name: &str, log: &str) -> [String; 2] {
    let folder = fresh_folder(name);
    [("log.csv", log), ("mapping.toml", MAPPING)].map(|(name, text)| {
        std::fs::write(folder.join(name), text).unwrap();
        folder.join(name).to_str().unwrap().to_owned()
    })
}

#[tokio::test]
async fn an_access_log_in_the_clinics_own_words_shows_who_would_have_been_refused() {
    let [log, mapping] = files("replay_table", LOG);
    let (text, ended) = policy(&["replay", &log, POLICY, "--mapping", &mapping]).await;
    ended.unwrap();
    expect![[r#"
        5 requests from 2026-10-01 to 2026-10-04: 1 permitted, 4 refused
         role                  category     permitted   forbidden   not allowed   first refused in lines
        ─────────────────────────────────────────────────────────────────────────────────────────────────
         nurse                 travel       0           1           0             4
         nurse                 laboratory   1           1           1             3, 4
         patient-coordinator   laboratory   0           2           0             5, 6

        refused most often because of:
               2  A hotel or a transport service never receives medical information. (P-40, P-34; rule lodging-and-transport-see-no-medical-data); first in lines 5, 6
               2  A provider receives data only under a contract in force that covers this use. (P-40, P-41; rule provider-under-contract); first in lines 5, 6
               1  Whoever asks takes no part in this person's care. (P-25, P-26, P-27, P-51; rule care-read) [no care-relation]; first in lines 3
               1  Your medical and payment information is not used for promotion. (P-75, P-15; rule promotion-sees-no-medical-data); first in lines 4
    "#]].assert_eq(&text);
    let (json, _) = policy(&["replay", &log, POLICY, "--mapping", &mapping, "--json"]).await;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["report"]["requests"], 5);
    assert_eq!(json["report"]["permitted"], 1);
    assert_eq!(json["period"]["to"], "2026-10-04T10:00:00");
}

#[tokio::test]
async fn rows_and_columns_that_cannot_be_read_are_named_and_not_repeated() {
    let mut ends = String::new();
    for (name, from, to) in [
        ("word", "Laboratorio,treatment", "Nadia,treatmnt"),
        ("own", "Enfermera,", "Nadia,"),
        ("day", "2026-10-01 08:05", "Nadia"),
        ("empty", ",Laboratorio,treatment,,", ",,treatment,,"),
        ("column", "recipient", "recipent"),
        ("twice", "recipient", "action"),
        ("fields", ",A2", ",A2,A2"),
        ("missing", "purpose", "who"),
        ("sharing", "Laboratorio,treatment", "Laboratorio,sharing"),
    ] {
        let [log, mapping] = files(&format!("replay_{name}"), &LOG.replacen(from, to, 1));
        let (text, ended) = policy(&["replay", &log, POLICY, "--mapping", &mapping]).await;
        let error = ended.unwrap_err();
        assert_eq!((text.as_str(), error.exit_code()), ("", 1));
        let error = error.to_string();
        assert!(!error.contains("Nadia"), "{error}");
        ends += error.split_once("log.csv`").unwrap().1;
        ends += "\n";
    }
    expect![[r#"
        : 1 rows cannot be read, and nothing was counted:
          line 2, `category`: not a known data category; see `policy words`, or say in [words.category] what it means
        : 1 rows cannot be read, and nothing was counted:
          line 2, `role`: not a known role; see `policy words`, or say in [words.role] what it means
        : 1 rows cannot be read, and nothing was counted:
          line 3, `at`: expected a day or an instant, such as 2026-01-05 or 2026-01-05 15:00
        : 1 rows cannot be read, and nothing was counted:
          line 3, `category` is empty, and nothing is usual for it
        , line 1: column 6: not a known column; did you mean `recipient`?; map it in [columns], or name it in `ignore`
        , line 1: column 7: there is a column for `action` already
        , line 4: 9 fields, and the header names 8
        , line 1: no column for `purpose`; map one in [columns], or say what is usual
        : 1 rows cannot be read, and nothing was counted:
          line 2, `purpose`: `sharing` needs the id of a purpose, which a log of before does not have; map the word to another purpose, or leave the row out
    "#]].assert_eq(&ends);
}

#[tokio::test]
async fn a_mapping_that_cannot_be_is_refused_with_its_line() {
    let folder = fresh_folder("replay_mapping");
    let write = |name: &str, text: &str| {
        std::fs::write(folder.join(name), text).unwrap();
        folder.join(name).to_str().unwrap().to_owned()
    };
    let (log, mapping) = (write("log.csv", LOG), write("mapping.toml", "\n[columns]\nrol = \"puesto\"\n"));
    let (_, ended) = policy(&["replay", &log, POLICY, "--mapping", &mapping]).await;
    let error = ended.unwrap_err().to_string();
    assert!(error.contains("line 3: not a known column; did you mean `role`?"), "{error}");
}

/// A nurse read, and was refused; a draft that leaves nurses out turns the first, and only the first.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_turns_decisions_of_the_log() {
    let mut terminal = Terminal::found("what_if").await;
    let imported = terminal.json(&["records", "import", &terminal.bundle(3, &[])]).await;
    let patient = imported["bundles"][0]["subject"].as_str().unwrap();
    let (reception, nurse) = (terminal.staff("reception").await, terminal.staff("nurse").await);
    let related = ["people", "relate", patient, "--staff", &nurse, "--as", &reception];
    assert_eq!(terminal.run(&related).await.status, 0);
    let show = ["records", "show", patient, "--purpose", "treatment", "--ground", "consent", "--category"];
    let show = [show.as_slice(), &["laboratory", "--as", &nurse]].concat();
    assert_eq!(terminal.run(&show).await.status, 3);
    let give = ["consents", "give", patient, "--purpose", "treatment", "--form", "express-written"];
    let scope = ["--category", "laboratory", "--recipient-class", "internal", "--as", &reception];
    terminal.json(&[give.as_slice(), &scope].concat()).await;
    assert_eq!(terminal.run(&show).await.status, 0);

    // Whoever does not oversee the log learns nothing of it.
    let refused = terminal.run(&["policy", "what-if", POLICY]).await;
    assert!(refused.status == 3 && refused.text.contains("--as LOGIN"), "{}", refused.text);
    let officer = terminal.staff("privacy-officer").await;
    let same = terminal.json(&["policy", "what-if", POLICY, "--as", &officer]).await;
    assert_eq!(same["report"]["flips"], serde_json::json!([]), "{same}");
    assert!(same["report"]["decisions"].as_u64().unwrap() > 10, "{same}");
    assert_eq!((&same["without_basis"], &same["unopened"]), (&0.into(), &0.into()));

    let teams = "clinicians = [\"physician\", \"nurse\"]\ncare-team = [\"physician\", \"nurse\", ";
    let text = std::fs::read_to_string(POLICY).unwrap();
    let draft = text.replace(teams, "clinicians = [\"physician\"]\ncare-team = [\"physician\", ");
    // What the document says of itself spells nurses out.
    let draft = &draft[..draft.find("[[invariant]]").unwrap()];
    let draft = terminal.write("draft.toml", draft);
    let turned = terminal.run(&["policy", "what-if", &draft, "--as", &officer]).await;
    expect![[r#"
        624 logged decisions made again: 0 refused ones would be permitted, 2 permitted ones refused
         would be   how many   request                               rules then              rules of the draft   entries
        ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
         refused    1          nurse read laboratory for treatment   care-read                                    <id>
         refused    1          nurse read laboratory for treatment   something-is-withheld                        <id>
        exit status 0
    "#]].assert_eq(&turned.blotted());
    terminal.wait(chrono::TimeDelta::days(3));
    let later = terminal.json(&["policy", "what-if", &draft, "--days", "1", "--as", &officer]).await;
    assert_eq!(later["report"]["decisions"], 1, "this very look, and nothing of before: {later}");
}

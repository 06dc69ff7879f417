//! Every list of words in the schema is the list that the product knows.

use std::collections::{BTreeMap, BTreeSet};

use audit_log::{AlertRule, Verdict};
use crypto_vault::StoredKeyState;
use postgres_store::testing::TestDatabase;
use privacy_operations::{
    BlockExtent, ConsentEvidence, EvidenceKind, ReviewVerdict, SecretRowKind, TokenField,
};
use records_model::{
    AnchorEvent, Category, ConsentForm, ContentForm, ContentKind, Context, ExternalAuthor, RestrictionKind,
    RetentionClass, Role, SubjectKind, Vocabulary,
};

use crate::sql::Sql;

type Words = BTreeSet<String>;

fn vocabulary<V: Vocabulary>() -> Words {
    V::ALL.iter().map(|word| word.code().to_owned()).collect()
}

fn words<'a>(words: impl IntoIterator<Item = &'a str>) -> Words {
    words.into_iter().map(str::to_owned).collect()
}

/// A consent that is stored was given: the form of no consent at all stands in requests only.
fn given_forms() -> Words {
    let mut forms = vocabulary::<ConsentForm>();
    forms.remove(ConsentForm::None.code());
    forms
}

/// The lists that a column or a domain may hold; those of the store's own row forms stand here in full.
fn expected() -> BTreeMap<&'static str, Words> {
    BTreeMap::from([
        ("actor_role", vocabulary::<Role>()),
        ("collection_context", vocabulary::<Context>()),
        ("data_category", vocabulary::<Category>()),
        ("content_kind", vocabulary::<ContentKind>()),
        ("content_form", vocabulary::<ContentForm>()),
        ("anchor_event", vocabulary::<AnchorEvent>()),
        ("consent_form", given_forms()),
        ("restriction_kind", vocabulary::<RestrictionKind>()),
        ("retention_class", vocabulary::<RetentionClass>()),
        ("subject_kind", vocabulary::<SubjectKind>()),
        ("records.external_author", vocabulary::<ExternalAuthor>()),
        ("records.origin", words(["authored", "external"])),
        ("subjects.age_mark", words(["unknown", "long-of-age", "born-by"])),
        (
            "clearance_entries.kind",
            words(["training", "background-clear", "background-not-clear", "undertaking", "left"]),
        ),
        ("deks.state", words(StoredKeyState::ALL.iter().map(|state| state.code()))),
        ("erasures.ground", words(["whole-class", "survivors-resealed"])),
        ("epoch_ends.outcome", words(["destroyed", "unproved"])),
        ("recoveries.step", words(["destroyed", "split", "verified"])),
        ("clinic_secrets.kind", words(SecretRowKind::ALL.map(SecretRowKind::code))),
        ("blind_tokens.field", words(TokenField::ALL.map(TokenField::code))),
        ("consents.evidence", words(ConsentEvidence::ALL.map(ConsentEvidence::code))),
        ("consents.signer", words(["person", "representative"])),
        // What may prove a written consent; a part of the ways in which one is taken.
        (
            "consents.form,evidence",
            words([
                ConsentForm::ExpressWritten.code(),
                ConsentEvidence::SignedPaper.code(),
                ConsentEvidence::SignedScreen.code(),
            ]),
        ),
        ("consent_ends.cause", words(["withdrawn", "superseded", "annulled"])),
        ("disposals.extent", words(["class", "items"])),
        ("disposals.extent,class", by_item().chain(["items".to_owned()]).collect()),
        ("item_floors.class", by_item().collect()),
        ("record_blocks.extent", vocabulary::<BlockExtent>()),
        ("evidence.kind", words(EvidenceKind::ALL.map(EvidenceKind::code))),
        ("evidence_reviews.verdict", words(ReviewVerdict::ALL.map(ReviewVerdict::code))),
        ("accounting_suspensions.form", words(["written", "oral"])),
        ("alerts.rule", vocabulary::<AlertRule>()),
        ("alert_verdicts.verdict", vocabulary::<Verdict>()),
        // Whose key seals the side of a log entry: the person's, or the staff member's where nobody is concerned.
        ("log_sides.class", words([RetentionClass::Accounting.code(), RetentionClass::Staff.code()])),
    ])
}

/// The classes whose items end one by one.
fn by_item() -> impl Iterator<Item = String> {
    let classes = RetentionClass::ALL.iter().filter(|class| class.ends_item_by_item());
    classes.map(|class| class.code().to_owned())
}

/// Every constraint that compares with a list of words, under `domain` or `table.column`.
const LISTS: &str = "SELECT coalesce(t.typname, c.relname || '.' || (SELECT string_agg(a.attname, ',' ORDER BY k.place) \
        FROM unnest(o.conkey) WITH ORDINALITY AS k (number, place) \
        JOIN pg_attribute a ON a.attrelid = o.conrelid AND a.attnum = k.number)), pg_get_constraintdef(o.oid) \
    FROM pg_constraint o JOIN pg_namespace n ON n.oid = o.connamespace \
    LEFT JOIN pg_type t ON t.oid = o.contypid LEFT JOIN pg_class c ON c.oid = o.conrelid \
    WHERE n.nspname IN ('resguardo', 'keystore') AND o.contype = 'c' AND pg_get_constraintdef(o.oid) LIKE '%ARRAY[''%'";

/// The texts between quotes.
fn literals(definition: &str) -> Words {
    definition.split('\'').skip(1).step_by(2).map(str::to_owned).collect()
}

#[tokio::test]
async fn every_list_of_words_in_the_schema_is_the_products_own() {
    let database = TestDatabase::create("domains").await.unwrap();
    let rows = Sql::open(&database.superuser()).await.rows(LISTS).await;
    let stored: BTreeMap<String, Words> =
        rows.iter().map(|row| (row[0].clone(), literals(&row[1]))).collect();
    assert_eq!(stored.len(), rows.len(), "two lists under one name: {rows:?}");
    let expected = expected();
    let names: BTreeSet<&str> = stored.keys().map(String::as_str).collect();
    assert_eq!(names, expected.keys().copied().collect());
    for (name, words) in expected {
        assert_eq!(stored[name], words, "{name}");
    }
}

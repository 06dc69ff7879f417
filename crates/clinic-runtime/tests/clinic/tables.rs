//! The tables as the product knows them are the tables that there are.

use std::collections::BTreeSet;

use postgres_store::testing::TestDatabase;
use postgres_store::{AtDisposal, KeptWith, KeystoreTable, SUBJECT_TABLES};

use crate::sql::Sql;

const WITH_SUBJECT: &str = "SELECT table_schema || '.' || table_name FROM information_schema.columns \
    JOIN information_schema.tables USING (table_schema, table_name) \
    WHERE table_type = 'BASE TABLE' AND column_name = 'subject_id' AND table_schema IN ('resguardo', 'keystore') ORDER BY 1";

#[tokio::test]
async fn a_copy_of_the_keystore_holds_every_table_of_it() {
    let database = TestDatabase::create("tables_keystore").await.unwrap();
    let tables = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'keystore' \
        AND table_type = 'BASE TABLE'";
    let found: BTreeSet<_> =
        Sql::open(&database.superuser()).await.column(tables).await.into_iter().collect();
    assert_eq!(found, KeystoreTable::ALL.map(|table| table.name().to_owned()).into());
}

#[tokio::test]
async fn every_table_about_a_person_says_what_becomes_of_it() {
    let database = TestDatabase::create("tables_subject").await.unwrap();
    let superuser = Sql::open(&database.superuser()).await;
    assert_eq!(superuser.column(WITH_SUBJECT).await, SUBJECT_TABLES.map(|table| table.name));
    for table in SUBJECT_TABLES {
        let granted = |privilege: &str, of: &str| {
            format!("SELECT has_{of}_privilege('resguardo_disposer', '{}', '{privilege}')", table.name)
        };
        let may_delete = superuser.column(&granted("DELETE", "table")).await == ["t"];
        assert_eq!(may_delete, table.at_disposal == AtDisposal::RowsGo, "{}", table.name);
        let may_change = superuser.column(&granted("UPDATE", "any_column")).await == ["t"];
        assert_eq!(may_change, table.name == "keystore.deks", "{}", table.name);
        let (schema, name) = table.name.split_once('.').unwrap();
        let columns = format!(
            "SELECT column_name || ' ' || data_type FROM information_schema.columns \
             WHERE table_schema = '{schema}' AND table_name = '{name}'"
        );
        let columns = superuser.column(&columns).await;
        let has = |wanted: &str| columns.iter().any(|column| column.contains(wanted));
        if table.at_disposal == AtDisposal::KeyGoes {
            assert!(has(" bytea"), "{} holds nothing sealed", table.name);
        }
        if table.kept_with == KeptWith::ClassOfRow {
            assert!(has("class "), "{} has no class", table.name);
        }
    }
}

/// A column as diesel names its type.
const COLUMNS: &str = "SELECT table_schema || '.' || table_name || '.' || column_name || ' ' \
        || CASE is_nullable WHEN 'YES' THEN 'Nullable<' ELSE '' END \
        || CASE data_type WHEN 'uuid' THEN 'Uuid' WHEN 'text' THEN 'Text' WHEN 'bytea' THEN 'Bytea' \
            WHEN 'bigint' THEN 'BigInt' WHEN 'integer' THEN 'Integer' WHEN 'boolean' THEN 'Bool' \
            WHEN 'date' THEN 'Date' WHEN 'jsonb' THEN 'Jsonb' WHEN 'timestamp with time zone' THEN 'Timestamptz' \
            ELSE data_type END \
        || CASE is_nullable WHEN 'YES' THEN '>' ELSE '' END \
    FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name) \
    WHERE table_type = 'BASE TABLE' AND table_schema IN ('resguardo', 'keystore')";

/// The one view: it names the columns of two tables again, and Postgres calls each of them nullable.
const VIEW: &str = "keystore.keys";

/// The columns that the store is compiled against, read from its own text.
fn compiled() -> BTreeSet<String> {
    let mut table = "";
    let mut columns = BTreeSet::new();
    for line in include_str!("../../../postgres-store/src/schema.rs").lines().map(str::trim) {
        if let Some((name, _)) = line.split_once(" (").filter(|(name, _)| name.contains('.')) {
            table = name;
        } else if let Some((column, kind)) = line.trim_end_matches(',').split_once(" -> ")
            && table != VIEW
        {
            columns.insert(format!("{table}.{column} {kind}"));
        }
    }
    columns
}

#[tokio::test]
async fn the_store_is_compiled_against_the_columns_that_there_are() {
    let database = TestDatabase::create("tables_columns").await.unwrap();
    let stored = Sql::open(&database.superuser()).await.column(COLUMNS).await;
    let stored: BTreeSet<String> = stored.into_iter().collect();
    let compiled = compiled();
    assert!(compiled.len() > 150, "{compiled:?}");
    assert_eq!(compiled.difference(&stored).collect::<Vec<_>>(), Vec::<&String>::new(), "only compiled");
    assert_eq!(
        stored.difference(&compiled).collect::<Vec<_>>(),
        Vec::<&String>::new(),
        "only in the database"
    );
}

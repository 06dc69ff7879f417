//! Which rows of a list are permitted, as a condition of a query: every value of it is bound, none is spliced.

use consent_policy::{RowCondition, RowMark, RowPredicate};
use diesel::prelude::*;
use diesel::sql_types::Bool;
use records_model::Vocabulary;

use crate::schema::records;

/// A condition on the columns of `records` alone, so that it fits any query over that table.
type Condition = Box<dyn BoxableExpression<records::table, diesel::pg::Pg, SqlType = Bool>>;

/// The predicate in SQL: any of its boxes.
pub(super) fn condition(rows: &RowPredicate) -> Condition {
    let none: Condition = Box::new(false.into_sql::<Bool>());
    rows.boxes().iter().fold(none, |any, conditions| Box::new(any.or(all(conditions))))
}

fn all(conditions: &[RowCondition]) -> Condition {
    let every: Condition = Box::new(true.into_sql::<Bool>());
    conditions.iter().fold(every, |all, condition| Box::new(all.and(one(*condition))))
}

fn one(condition: RowCondition) -> Condition {
    match condition {
        RowCondition::CategoryIn(categories) => {
            let codes: Vec<&str> = categories.iter().map(Vocabulary::code).collect();
            Box::new(records::category.eq_any(codes))
        }
        RowCondition::Bears(RowMark::RevealsHealth) => Box::new(records::reveals_health.eq(true)),
        RowCondition::Lacks(RowMark::RevealsHealth) => Box::new(records::reveals_health.eq(false)),
        RowCondition::Bears(RowMark::Genetic) => Box::new(records::genetic.eq(true)),
        RowCondition::Lacks(RowMark::Genetic) => Box::new(records::genetic.eq(false)),
    }
}

#[cfg(test)]
mod tests {
    use consent_policy::{PartialRequest, PolicyDraft, VerifiedPolicy};
    use records_model::{Category, Fact, Set};

    use super::*;

    fn policy() -> VerifiedPolicy {
        let text = include_str!("../../../../fixtures/clinics/brisa/policy.toml");
        PolicyDraft::parse(text).unwrap().check().unwrap()
    }

    fn sql(rows: &RowPredicate) -> String {
        let query = records::table.filter(condition(rows)).select(records::record_id);
        let debug = diesel::debug_query::<diesel::pg::Pg, _>(&query).to_string();
        debug.split(" -- binds").next().unwrap_or_default().to_owned()
    }

    #[test]
    fn every_word_and_mark_is_bound() {
        let residual = policy().residual(&PartialRequest::any());
        let mut known = PartialRequest::any();
        let mut looked_at = 0;
        for region in residual {
            // One box at a time, with all that no row says taken as known.
            (known.scope, known.present, known.absent) = (region.scope(), region.present(), region.absent());
            known.forms = region.forms();
            let rows = RowPredicate::of(&[region], &known).unwrap();
            let sql = sql(&rows);
            assert!(Category::ALL.iter().all(|category| !sql.contains(category.code())), "{sql}");
            assert!(sql.contains("$1"), "{sql}");
            looked_at += 1;
        }
        assert!(looked_at > 10);
    }

    #[test]
    fn no_box_chooses_nothing_and_marks_are_columns() {
        assert!(sql(&RowPredicate::NOTHING).ends_with("WHERE $1"));
        assert_eq!(Set::of(&[Fact::RevealsHealth, Fact::Genetic]), RowMark::facts());
    }
}

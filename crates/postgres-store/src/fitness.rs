//! Which logins the application may run under.

use diesel::QueryableByName;
use diesel::sql_types::{Bool, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::StoreError;

#[derive(QueryableByName)]
struct LoginRow {
    #[diesel(sql_type = Text)]
    login: String,
    #[diesel(sql_type = Bool)]
    superuser: bool,
    #[diesel(sql_type = Bool)]
    bypasses: bool,
    #[diesel(sql_type = Bool)]
    owns: bool,
}

const QUESTION: &str = "SELECT rolname::text AS login, rolsuper AS superuser, rolbypassrls AS bypasses, \
    EXISTS (SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
        WHERE n.nspname IN ('resguardo', 'keystore') AND pg_has_role(current_user, c.relowner, 'MEMBER')) AS owns \
    FROM pg_roles WHERE rolname = current_user";

/// Refuses a login for which row-level security or the missing grants would not hold.
pub(crate) async fn refuse_unfit_login(conn: &mut AsyncPgConnection) -> Result<(), StoreError> {
    let row: LoginRow = diesel::sql_query(QUESTION).get_result(conn).await?;
    let why = if row.superuser {
        "is a superuser"
    } else if row.bypasses {
        "bypasses row-level security"
    } else if row.owns {
        "owns the tables"
    } else {
        return Ok(());
    };
    Err(StoreError::UnfitLogin { login: row.login, why })
}

//! Errors of the query.

use pgrx::{PgSqlErrorCode, ereport};

/// Ends the query with an error.
pub(crate) fn fail(code: PgSqlErrorCode, message: String) -> ! {
    ereport!(ERROR, code, message);
}

//! Why a query cannot be answered.

/// A query that cannot be answered, in words for whoever asked it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct QueryError {
    /// A word for programs: `query`, `unknown_event`, `unknown_user`, `predicate`, `segment`, `formula`, `cell`, `time`, `zone`, `timeout`, `memory`,
    /// `cancelled`, `store`.
    pub code: &'static str,
    message: String,
}

impl QueryError {
    /// An error of the kind `code`.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

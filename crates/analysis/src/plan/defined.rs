//! What names in queries stand for.

use std::sync::Arc;

use cairn_model::Predicate;

use super::Listed;
use crate::QueryError;

/// What a project has names for. A function from a name to an event's predicate is a project without lists.
pub trait Defined {
    /// The predicate of a defined event.
    fn event(&self, name: &str) -> Option<Predicate>;

    /// The people of a list. Fails where it cannot be read.
    fn list(&self, name: &str) -> Result<Option<Arc<[Listed]>>, QueryError>;
}

impl<F: Fn(&str) -> Option<Predicate>> Defined for F {
    fn event(&self, name: &str) -> Option<Predicate> {
        self(name)
    }

    fn list(&self, _: &str) -> Result<Option<Arc<[Listed]>>, QueryError> {
        Ok(None)
    }
}

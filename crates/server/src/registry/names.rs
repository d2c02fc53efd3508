//! What a project's names stand for in a question.

use std::{cell::RefCell, collections::BTreeMap, sync::Arc};

use cairn_analysis::catalog::Catalog;
use cairn_analysis::{Defined, Listed, QueryError};
use cairn_model::{Definition, Predicate, ProjectId};

use super::Registry;

/// A project's events and lists, for one question: each list is read once.
pub struct ProjectNames<'r> {
    catalog: &'r dyn Catalog,
    project: ProjectId,
    definitions: Arc<Vec<Definition>>,
    lists: RefCell<BTreeMap<String, Option<Arc<[Listed]>>>>,
}

impl Registry {
    /// The names of a project, for a question.
    pub fn names(&self, project: ProjectId) -> ProjectNames<'_> {
        let definitions = self.definitions(project).unwrap_or_default();
        ProjectNames { catalog: &*self.catalog, project, definitions, lists: RefCell::default() }
    }
}

impl Defined for ProjectNames<'_> {
    fn event(&self, name: &str) -> Option<Predicate> {
        let at = self.definitions.binary_search_by(|definition| definition.name.as_str().cmp(name)).ok()?;
        Some(self.definitions[at].predicate.clone())
    }

    fn list(&self, name: &str) -> Result<Option<Arc<[Listed]>>, QueryError> {
        if let Some(known) = self.lists.borrow().get(name) {
            return Ok(known.clone());
        }
        let found = self.catalog.list(self.project, name);
        let found = found.map_err(|error| QueryError::new("store", error.to_string()))?.map(Arc::from);
        self.lists.borrow_mut().insert(name.to_owned(), found.clone());
        Ok(found)
    }
}

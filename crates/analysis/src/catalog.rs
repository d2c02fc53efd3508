//! The catalog: projects, their definitions and lists of people, and settings. Each store has one beside it, behind one small trait.

mod error;

use cairn_model::{Definition, Predicate, ProjectId, TimeMs};
use serde::{Deserialize, Serialize};

pub use error::CatalogError;

use crate::Listed;

/// One customer's data and how it is reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Project {
    /// Never used twice.
    pub id: ProjectId,
    /// For people.
    pub name: String,
    /// The IANA time zone of its calendar.
    pub zone: String,
    /// What the capture script sends; it allows writing only.
    pub write_key: String,
    /// When it was made.
    pub created_at: TimeMs,
}

/// A project that does not exist yet.
#[derive(Clone, Copy, Debug)]
pub struct NewProject<'a> {
    /// For people.
    pub name: &'a str,
    /// The IANA time zone of its calendar; checked by the caller.
    pub zone: &'a str,
    /// Drawn by the caller, unique.
    pub write_key: &'a str,
    /// Now, by the caller's clock.
    pub created_at: TimeMs,
}

/// A named list of people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeopleList {
    /// Unique in its project.
    pub name: String,
    /// How many handles and user ids it has.
    pub size: u64,
    /// When it was last replaced.
    pub created_at: TimeMs,
}

/// Where configuration is kept. What has returned is durable. Callers keep what they read often in memory.
pub trait Catalog: Send + Sync {
    /// All projects, by id.
    fn projects(&self) -> Result<Vec<Project>, CatalogError>;

    /// Makes a project.
    fn create_project(&self, project: NewProject<'_>) -> Result<Project, CatalogError>;

    /// Makes a project unless there is any, though several servers begin at once.
    fn create_first_project(&self, project: NewProject<'_>) -> Result<Option<Project>, CatalogError> {
        if self.projects()?.is_empty() { self.create_project(project).map(Some) } else { Ok(None) }
    }

    /// The definitions of a project, by name.
    fn definitions(&self, project: ProjectId) -> Result<Vec<Definition>, CatalogError>;

    /// Creates or replaces a definition.
    fn put_definition(&self, project: ProjectId, definition: &Definition) -> Result<(), CatalogError>;

    /// Removes a definition; false if there was none.
    fn delete_definition(&self, project: ProjectId, name: &str) -> Result<bool, CatalogError>;

    /// The lists of people of a project, by name.
    fn lists(&self, project: ProjectId) -> Result<Vec<PeopleList>, CatalogError>;

    /// Who is in a list, if there is one of this name.
    fn list(&self, project: ProjectId, name: &str) -> Result<Option<Vec<Listed>>, CatalogError>;

    /// Creates or replaces a list.
    fn put_list(
        &self,
        project: ProjectId,
        name: &str,
        people: &[Listed],
        created_at: TimeMs,
    ) -> Result<(), CatalogError>;

    /// Removes a list; false if there was none.
    fn delete_list(&self, project: ProjectId, name: &str) -> Result<bool, CatalogError>;

    /// Takes people out of all lists of a project, for good: afterwards no file of the catalog holds what was deleted before, either.
    /// How many lists had any of them.
    fn erase_listed(&self, project: ProjectId, is_erased: &dyn Fn(&Listed) -> bool) -> Result<u64, CatalogError>;

    /// A setting, such as the digest of the API token.
    fn setting(&self, name: &str) -> Result<Option<Vec<u8>>, CatalogError>;

    /// Creates or replaces a setting.
    fn put_setting(&self, name: &str, value: &[u8]) -> Result<(), CatalogError>;

    /// Creates a setting; false if there is one of this name, though several servers begin at once.
    fn add_setting(&self, name: &str, value: &[u8]) -> Result<bool, CatalogError> {
        let is_new = self.setting(name)?.is_none();
        if is_new {
            self.put_setting(name, value)?;
        }
        Ok(is_new)
    }

    /// A number that any change of projects, definitions or settings makes another. None where nobody else can change them.
    fn version(&self) -> Result<Option<u64>, CatalogError> {
        Ok(None)
    }

    /// All of it at one instant, as the bytes of a file that a backup holds and the catalog of an embedded store is.
    fn copy(&self) -> Result<Vec<u8>, CatalogError>;
}

/// A definition as a catalog keeps it: its predicate is JSON.
pub fn read_definition(name: String, predicate: &str, created_at: TimeMs) -> Result<Definition, CatalogError> {
    let unreadable = |problem: String| CatalogError::Row { what: format!("the definition {name:?}"), problem };
    let json = serde_json::from_str(predicate).map_err(|error| unreadable(error.to_string()))?;
    let predicate = Predicate::from_json(&json).map_err(|error| unreadable(error.to_string()))?;
    Ok(Definition { name, predicate, created_at })
}

/// A list as a catalog keeps it: its people are JSON.
pub fn read_people(name: &str, people: &str) -> Result<Vec<Listed>, CatalogError> {
    serde_json::from_str(people)
        .map_err(|error| CatalogError::Row { what: format!("the list {name:?}"), problem: error.to_string() })
}

/// A list as a catalog keeps it.
pub fn write_people(name: &str, people: &[Listed]) -> Result<String, CatalogError> {
    serde_json::to_string(people)
        .map_err(|error| CatalogError::Row { what: format!("the list {name:?}"), problem: error.to_string() })
}

/// The id of a project as databases keep it.
pub fn read_project_id(id: i64) -> Result<ProjectId, CatalogError> {
    let known = u64::try_from(id).ok().and_then(ProjectId::new);
    known.ok_or_else(|| CatalogError::Row { what: format!("a project {id}"), problem: "it is no id".to_owned() })
}

//! The catalog: projects, their definitions and lists of people, and settings. SQLite beside the store, behind one small trait.

mod error;
mod sqlite;

use cairn_analysis::Listed;
use cairn_model::{Definition, ProjectId, TimeMs};
use serde::{Deserialize, Serialize};

pub use error::CatalogError;
pub use sqlite::SqliteCatalog;

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

    /// All of it at one instant, as the bytes of a file that a [`SqliteCatalog`] opens.
    fn copy(&self) -> Result<Vec<u8>, CatalogError>;
}

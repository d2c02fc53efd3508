//! The catalog: projects, their definitions and lists of people, and settings. Each store has one beside it, behind one small trait.

mod error;
mod saved;

use cairn_model::{DashboardId, Definition, Predicate, ProjectId, ReportId, TimeMs};
use serde::{Deserialize, Serialize};

pub use error::CatalogError;
pub use saved::{Dashboard, NewReport, Report, Tile, read_dashboard_id, read_report_id, read_state, read_width};

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
    /// Keys that capture scripts may still send, though new ones get `write_key`; newest first.
    pub former_keys: Vec<FormerKey>,
    /// For how many days events are kept; None: for ever.
    pub retention_days: Option<u32>,
    /// CSS selectors of elements whose text is not captured.
    pub masks: Vec<String>,
}

/// A write key that another one has taken the place of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FormerKey {
    /// What the capture script sends.
    pub key: String,
    /// When another took its place.
    pub replaced_at: TimeMs,
}

/// What of a project can be changed.
#[derive(Clone, Copy, Debug)]
pub struct ProjectSettings<'a> {
    /// For people.
    pub name: &'a str,
    /// The IANA time zone of its calendar; checked by the caller.
    pub zone: &'a str,
    /// For how many days events are kept; None: for ever.
    pub retention_days: Option<u32>,
    /// CSS selectors of elements whose text is not captured.
    pub masks: &'a [String],
}

/// What a definition meant at some time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DefinitionVersion {
    /// 1 is the first one.
    pub version: u64,
    /// Which events it meant.
    pub predicate: Predicate,
    /// When it began to mean them.
    pub created_at: TimeMs,
}

/// So many versions of a definition are kept; older ones go.
pub const VERSIONS_MAX: u32 = 200;

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

impl NewProject<'_> {
    /// The project that it becomes.
    pub fn made(self, id: ProjectId) -> Project {
        Project {
            id,
            name: self.name.to_owned(),
            zone: self.zone.to_owned(),
            write_key: self.write_key.to_owned(),
            created_at: self.created_at,
            former_keys: Vec::new(),
            retention_days: None,
            masks: Vec::new(),
        }
    }
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

    /// Changes a project; false if there is none.
    fn change_project(&self, project: ProjectId, settings: ProjectSettings<'_>) -> Result<bool, CatalogError>;

    /// Gives a project another write key; the one before is a former one from then on. False if there is no such project.
    fn replace_key(&self, project: ProjectId, write_key: &str, now: TimeMs) -> Result<bool, CatalogError>;

    /// Removes a former key; false if it is none of the project's.
    fn revoke_key(&self, project: ProjectId, key: &str) -> Result<bool, CatalogError>;

    /// The definitions of a project, by name.
    fn definitions(&self, project: ProjectId) -> Result<Vec<Definition>, CatalogError>;

    /// Creates or replaces a definition; what it means is its newest version then.
    fn put_definition(&self, project: ProjectId, definition: &Definition) -> Result<(), CatalogError>;

    /// The versions of a definition, newest first, up to [`VERSIONS_MAX`]; none if there is no such definition.
    fn definition_versions(&self, project: ProjectId, name: &str) -> Result<Vec<DefinitionVersion>, CatalogError>;

    /// Gives a definition (of the first name) another name (the second), with its versions, and these reports another state, all or nothing; false if there is no such
    /// definition.
    fn rename_definition(
        &self,
        project: ProjectId,
        from_to: (&str, &str),
        reports: &[Report],
    ) -> Result<bool, CatalogError>;

    /// Removes a definition with its versions; false if there was none.
    fn delete_definition(&self, project: ProjectId, name: &str) -> Result<bool, CatalogError>;

    /// The saved reports of a project, by name.
    fn reports(&self, project: ProjectId) -> Result<Vec<Report>, CatalogError>;

    /// Saves a report; a [`CatalogError::Conflict`] if its name is taken.
    fn add_report(&self, project: ProjectId, report: NewReport<'_>) -> Result<Report, CatalogError>;

    /// Changes name and state of a report; false if there is no such report, a [`CatalogError::Conflict`] if its name is taken.
    fn change_report(&self, project: ProjectId, report: &Report) -> Result<bool, CatalogError>;

    /// Removes a report; false if there was none, a [`CatalogError::Conflict`] while it is on a dashboard.
    fn delete_report(&self, project: ProjectId, report: ReportId) -> Result<bool, CatalogError>;

    /// The dashboards of a project, by name.
    fn dashboards(&self, project: ProjectId) -> Result<Vec<Dashboard>, CatalogError>;

    /// Makes an empty dashboard; a [`CatalogError::Conflict`] if its name is taken.
    fn add_dashboard(&self, project: ProjectId, name: &str, created_at: TimeMs) -> Result<Dashboard, CatalogError>;

    /// Changes name and tiles of a dashboard; false if there is no such dashboard, a [`CatalogError::Conflict`] if its name is taken or a
    /// report is none of the project's.
    fn change_dashboard(&self, project: ProjectId, dashboard: &Dashboard) -> Result<bool, CatalogError>;

    /// Removes a dashboard, not its reports; false if there was none.
    fn delete_dashboard(&self, project: ProjectId, dashboard: DashboardId) -> Result<bool, CatalogError>;

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

    /// Puts such bytes in the place of all that it has; only where it is the copy of another server's.
    fn replace(&self, copy: &[u8]) -> Result<(), CatalogError> {
        let _ = copy;
        Err(CatalogError::Foreign("it is no replica's".to_owned()))
    }
}

/// A definition as a catalog keeps it: its predicate is JSON.
pub fn read_definition(name: String, predicate: &str, created_at: TimeMs) -> Result<Definition, CatalogError> {
    let unreadable = |problem: String| CatalogError::Row { what: format!("the definition {name:?}"), problem };
    let json = serde_json::from_str(predicate).map_err(|error| unreadable(error.to_string()))?;
    let predicate = Predicate::from_json(&json).map_err(|error| unreadable(error.to_string()))?;
    Ok(Definition { name, predicate, created_at })
}

/// A version as a catalog keeps it: its predicate is JSON.
pub fn read_version(version: i64, predicate: &str, created_at: TimeMs) -> Result<DefinitionVersion, CatalogError> {
    let Definition { predicate, .. } = read_definition(format!("version {version}"), predicate, created_at)?;
    Ok(DefinitionVersion { version: version.max(0) as u64, predicate, created_at })
}

/// Masks as a catalog keeps them, in JSON.
pub fn read_masks(masks: &str) -> Result<Vec<String>, CatalogError> {
    serde_json::from_str(masks)
        .map_err(|error| CatalogError::Row { what: format!("the masks {masks:?}"), problem: error.to_string() })
}

/// Masks as a catalog keeps them.
pub fn write_masks(masks: &[String]) -> String {
    serde_json::Value::from(masks).to_string()
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

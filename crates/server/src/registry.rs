//! Projects and definitions in memory, in front of the catalog: capture never touches SQLite, and queries do for lists of people
//! alone.
//!
//! What is changed is written first. In a data folder, whose lock makes this process the catalog's only writer, memory shows all; a catalog
//! that several servers share is read again when another one has changed it ([`Registry::refresh`]).

mod definitions;
mod lists;
mod mentions;
mod names;
mod saved;
mod settings;
mod usage;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use cairn_analysis::Calendar;
use cairn_analysis::catalog::{Catalog, CatalogError, NewProject, Project};
use cairn_model::{Definition, ProjectId, TimeMs, limits};
use hashbrown::HashMap;

pub use definitions::Usage;
pub use mentions::Mentions;
pub use names::ProjectNames;

use crate::{Random, capture::Masks, metrics::Refused};

const PROJECTS_MAX: usize = 1_000;

/// Why a change to the catalog was not made.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// It was asked for wrongly: a word for programs, and words for people.
    #[error("{1}")]
    Wrong(&'static str, String),
    /// It does not go together with what is there: a word for programs, and words for people.
    #[error("{1}")]
    Conflict(&'static str, String),
    /// There is no such project.
    #[error("there is no such project")]
    NoProject,
    /// There is no such thing in the project.
    #[error("{0}")]
    NotFound(&'static str),
    /// The catalog failed.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// The system gave no randomness.
    #[error("the system gave no randomness: {0}")]
    Random(std::io::Error),
}

impl RegistryError {
    fn taken(what: &str, name: &str) -> Self {
        RegistryError::Conflict("taken", format!("There is a {what} called {name:?} already; choose another name."))
    }
}

/// A project with all that requests need of it.
pub(crate) struct Entry {
    pub(crate) project: Project,
    pub(crate) calendar: Calendar,
    pub(crate) refused: Arc<Refused>,
    pub(crate) masks: Option<Masks>,
    definitions: Arc<RwLock<Arc<Vec<Definition>>>>,
}

impl Entry {
    /// The definitions, by name.
    pub(crate) fn definitions(&self) -> Arc<Vec<Definition>> {
        Arc::clone(&self.definitions.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// What capture scripts may send.
    fn keys(&self) -> impl Iterator<Item = &str> {
        let former = self.project.former_keys.iter().map(|former| former.key.as_str());
        former.chain([self.project.write_key.as_str()])
    }

    fn set_definitions(&self, definitions: Vec<Definition>) {
        *self.definitions.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(definitions);
    }
}

#[derive(Default)]
struct Known {
    by_id: HashMap<ProjectId, Arc<Entry>>,
    by_key: HashMap<String, Arc<Entry>>,
}

impl Known {
    fn add(&mut self, entry: Entry) {
        let entry = Arc::new(entry);
        if let Some(before) = self.by_id.get(&entry.project.id) {
            before.keys().for_each(|key| drop(self.by_key.remove(key)));
        }
        entry.keys().for_each(|key| drop(self.by_key.insert(key.to_owned(), Arc::clone(&entry))));
        self.by_id.insert(entry.project.id, entry);
    }
}

/// The projects and definitions of a data folder.
pub struct Registry {
    catalog: Arc<dyn Catalog>,
    random: Random,
    known: RwLock<Known>,
    /// The version of the catalog that memory shows, at least; None where nobody else changes it. Held by whoever changes something, or
    /// reads it again, so that memory and catalog change in the same order.
    changing: Mutex<Option<u64>>,
}

impl Registry {
    pub(crate) fn load(catalog: Arc<dyn Catalog>, random: Random) -> Result<Self, RegistryError> {
        // Read first: what changes meanwhile is read again.
        let version = catalog.version()?;
        let mut known = Known::default();
        for project in catalog.projects()? {
            let definitions = catalog.definitions(project.id)?;
            known.add(entry(project, definitions)?);
        }
        Ok(Self { catalog, random, known: RwLock::new(known), changing: Mutex::new(version) })
    }

    /// Whether others may change the catalog.
    pub(crate) fn is_shared(&self) -> bool {
        self.changing().is_some()
    }

    /// Reads what others have changed; the projects in which something did, or none if nobody changed anything.
    pub(crate) fn refresh(&self) -> Result<Option<Vec<ProjectId>>, RegistryError> {
        let mut shown = self.changing();
        let version = self.catalog.version()?;
        if version == *shown {
            return Ok(None);
        }
        let mut changed = Vec::new();
        for project in self.catalog.projects()? {
            let (id, definitions) = (project.id, self.catalog.definitions(project.id)?);
            match self.entry(id) {
                Some(entry) => {
                    if entry.project != project {
                        self.add(entry.with(project)?);
                    }
                    if *entry.definitions() == definitions {
                        continue;
                    }
                    entry.set_definitions(definitions);
                }
                None => self.add(self::entry(project, definitions)?),
            }
            changed.push(id);
        }
        *shown = version;
        Ok(Some(changed))
    }

    /// Where it is kept.
    pub(crate) fn catalog(&self) -> &dyn Catalog {
        &*self.catalog
    }

    /// All projects, by id.
    pub fn projects(&self) -> Vec<Project> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let mut projects: Vec<Project> = known.by_id.values().map(|entry| entry.project.clone()).collect();
        projects.sort_by_key(|project| project.id);
        projects
    }

    /// A project's definitions, by name.
    pub fn definitions(&self, project: ProjectId) -> Option<Arc<Vec<Definition>>> {
        self.entry(project).map(|entry| entry.definitions())
    }

    /// The calendar of a project's zone.
    pub fn calendar(&self, project: ProjectId) -> Option<Calendar> {
        self.entry(project).map(|entry| entry.calendar.clone())
    }

    /// Makes a project with a new write key.
    pub fn create_project(&self, name: &str, zone: &str, now: TimeMs) -> Result<Project, RegistryError> {
        let write_key = self.random.token::<16>("ck_").map_err(RegistryError::Random)?;
        self.create_project_with_key(name, zone, &write_key, now)
    }

    /// Makes a project with a given write key, as a demo does.
    pub fn create_project_with_key(
        &self,
        name: &str,
        zone: &str,
        write_key: &str,
        now: TimeMs,
    ) -> Result<Project, RegistryError> {
        let name = name.trim();
        check_name(name, "The project's name")?;
        check_zone(zone)?;
        let _changing = self.changing();
        if self.projects().len() >= PROJECTS_MAX {
            return Err(RegistryError::Wrong(
                "limit",
                format!("There are {PROJECTS_MAX} projects already; that is the limit."),
            ));
        }
        let project = self.catalog.create_project(NewProject { name, zone, write_key, created_at: now })?;
        self.add(entry(project.clone(), Vec::new())?);
        Ok(project)
    }

    /// Makes a project if there is none, though several servers on one database begin at once.
    pub fn create_first_project(&self, name: &str, zone: &str, now: TimeMs) -> Result<Option<Project>, RegistryError> {
        check_name(name, "The project's name")?;
        check_zone(zone)?;
        let write_key = self.random.token::<16>("ck_").map_err(RegistryError::Random)?;
        let _changing = self.changing();
        let new = NewProject { name, zone, write_key: &write_key, created_at: now };
        let made = self.catalog.create_first_project(new)?;
        if let Some(project) = &made {
            self.add(entry(project.clone(), Vec::new())?);
        }
        Ok(made)
    }

    /// The whole catalog, as the bytes of a file.
    pub(crate) fn copy(&self) -> Result<Vec<u8>, CatalogError> {
        self.catalog.copy()
    }

    pub(crate) fn entry(&self, project: ProjectId) -> Option<Arc<Entry>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).by_id.get(&project).cloned()
    }

    pub(crate) fn of_key(&self, write_key: &str) -> Option<Arc<Entry>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).by_key.get(write_key).cloned()
    }

    pub(crate) fn entries(&self) -> Vec<Arc<Entry>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).by_id.values().cloned().collect()
    }

    fn add(&self, entry: Entry) {
        self.known.write().unwrap_or_else(PoisonError::into_inner).add(entry);
    }

    fn changing(&self) -> MutexGuard<'_, Option<u64>> {
        self.changing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn entry(project: Project, mut definitions: Vec<Definition>) -> Result<Entry, RegistryError> {
    definitions.sort_by(|a, b| a.name.cmp(&b.name));
    let calendar = check_zone(&project.zone)?;
    let (refused, masks) = (Arc::default(), masks(&project));
    Ok(Entry { project, calendar, refused, masks, definitions: Arc::new(RwLock::new(Arc::new(definitions))) })
}

fn masks(project: &Project) -> Option<Masks> {
    Masks::of(&project.masks)
}

fn check_zone(zone: &str) -> Result<Calendar, RegistryError> {
    Calendar::new(zone).map_err(|error| RegistryError::Wrong("zone", error.to_string()))
}

fn check_name(name: &str, what: &str) -> Result<(), RegistryError> {
    let wrong = |problem: String| Err(RegistryError::Wrong("name", format!("{what} {problem}.")));
    match name {
        _ if name.is_empty() || name.len() > limits::NAME_BYTES => {
            wrong(format!("has 1 to {} bytes", limits::NAME_BYTES))
        }
        _ if name.chars().any(char::is_control) => wrong("holds a control character".to_owned()),
        _ => Ok(()),
    }
}

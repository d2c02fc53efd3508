//! Named lists of people. They may be large, so they are read from the catalog when a question asks for them.

use std::collections::BTreeSet;

use cairn_analysis::catalog::PeopleList;
use cairn_analysis::{Listed, PersonRow};
use cairn_model::{ProjectId, TimeMs, UserId};

use super::{Registry, RegistryError, check_name};
use crate::list_file::{self, ListFormat};

const LISTS_MAX: usize = 100;

impl Registry {
    /// The lists of a project, by name.
    pub fn lists(&self, project: ProjectId) -> Result<Vec<PeopleList>, RegistryError> {
        Ok(self.catalog.lists(project)?)
    }

    /// Creates or replaces a list by those in a file.
    pub fn put_list(
        &self,
        project: ProjectId,
        name: &str,
        (file, format): (&[u8], ListFormat),
        now: TimeMs,
    ) -> Result<PeopleList, RegistryError> {
        check_name(name, "The list's name")?;
        let people = list_file::read(file, format).map_err(|problem| RegistryError::Wrong("list", problem))?;
        let _changing = self.changing();
        let lists = self.lists(project)?;
        if lists.len() >= LISTS_MAX && lists.iter().all(|list| list.name != name) {
            let message = format!("There are {LISTS_MAX} lists already; remove one first.");
            return Err(RegistryError::Wrong("limit", message));
        }
        self.catalog.put_list(project, name, &people, now)?;
        Ok(PeopleList { name: name.to_owned(), size: people.len() as u64, created_at: now })
    }

    /// Removes a list; false if there was none.
    pub fn remove_list(&self, project: ProjectId, name: &str) -> Result<bool, RegistryError> {
        let _changing = self.changing();
        Ok(self.catalog.delete_list(project, name)?)
    }

    /// The names of the lists that a person is in.
    pub fn lists_of(&self, project: ProjectId, person: &PersonRow) -> Result<Vec<String>, RegistryError> {
        let mut names = Vec::new();
        for list in self.lists(project)? {
            let people = self.catalog.list(project, &list.name)?.unwrap_or_default();
            let is_person = |listed: &Listed| match listed {
                Listed::Handle(handle) => person.handle.as_ref() == Some(handle),
                Listed::User(user) => person.user_ids.contains(user),
            };
            if people.iter().any(is_person) {
                names.push(list.name);
            }
        }
        Ok(names)
    }

    /// Takes handles and user ids out of all lists of a project, for good; how many lists had any of them.
    pub(crate) fn erase_listed(
        &self,
        project: ProjectId,
        handles: &[String],
        users: &[UserId],
    ) -> Result<u64, RegistryError> {
        let _changing = self.changing();
        let (handles, users): (BTreeSet<_>, BTreeSet<_>) = (handles.iter().collect(), users.iter().collect());
        let is_erased = |listed: &Listed| match listed {
            Listed::Handle(handle) => handles.contains(handle),
            Listed::User(user) => users.contains(user),
        };
        Ok(self.catalog.erase_listed(project, &is_erased)?)
    }
}

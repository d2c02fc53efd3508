//! Named events, their versions, and where they are used.

use cairn_analysis::catalog::{DefinitionVersion, Report};
use cairn_model::{Definition, Predicate, ProjectId, TimeMs};
use serde::Serialize;

use super::{Registry, RegistryError, check_name, usage::mentions, usage::renamed};

const DEFINITIONS_MAX: usize = 1_000;

/// Where a definition is used.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Usage {
    /// Names of saved reports that name it.
    pub reports: Vec<String>,
    /// Names of dashboards that such a report is on.
    pub dashboards: Vec<String>,
    /// Names of definitions that all of its conditions are a part of. They are copies: a change of it does not change them.
    pub definitions: Vec<String>,
}

impl Registry {
    /// Creates or replaces a definition. Saying the same again changes nothing.
    pub fn define(
        &self,
        project: ProjectId,
        name: &str,
        predicate: Predicate,
        now: TimeMs,
    ) -> Result<Definition, RegistryError> {
        self.put_definition(project, name, predicate, (now, false))
    }

    /// Creates a definition; whatever has the name stays as it is.
    pub fn define_new(
        &self,
        project: ProjectId,
        name: &str,
        predicate: Predicate,
        now: TimeMs,
    ) -> Result<Definition, RegistryError> {
        self.put_definition(project, name, predicate, (now, true))
    }

    fn put_definition(
        &self,
        project: ProjectId,
        name: &str,
        predicate: Predicate,
        (now, only_new): (TimeMs, bool),
    ) -> Result<Definition, RegistryError> {
        check_name(name, "The definition's name")?;
        if predicate.has_user_condition() {
            let message = "A definition is about events: conditions on users stand in a query's `where`.";
            return Err(RegistryError::Wrong("predicate", message.to_owned()));
        }
        let entry = self.entry(project).ok_or(RegistryError::NoProject)?;
        let definition = Definition { name: name.to_owned(), predicate, created_at: now };
        let _changing = self.changing();
        let mut all = (*entry.definitions()).clone();
        match all.binary_search_by(|known| known.name.as_str().cmp(name)) {
            Ok(_) if only_new => {
                let message = format!(
                    "There is an event named {name:?} already. Choose another name, or change that one in Cairn."
                );
                return Err(RegistryError::Conflict("name_taken", message));
            }
            Ok(at) if all[at].predicate == definition.predicate => return Ok(all[at].clone()),
            Ok(at) => all[at] = definition.clone(),
            Err(_) if all.len() >= DEFINITIONS_MAX => {
                let message = format!("There are {DEFINITIONS_MAX} definitions already; delete one first.");
                return Err(RegistryError::Wrong("limit", message));
            }
            Err(at) => all.insert(at, definition.clone()),
        }
        self.catalog.put_definition(project, &definition)?;
        entry.set_definitions(all);
        Ok(definition)
    }

    /// Removes a definition; false if there was none.
    pub fn forget(&self, project: ProjectId, name: &str) -> Result<bool, RegistryError> {
        let entry = self.entry(project).ok_or(RegistryError::NoProject)?;
        let _changing = self.changing();
        let removed = self.catalog.delete_definition(project, name)?;
        let mut all = (*entry.definitions()).clone();
        all.retain(|definition| definition.name != name);
        entry.set_definitions(all);
        Ok(removed)
    }

    /// What a definition meant, newest first.
    pub fn versions(&self, project: ProjectId, name: &str) -> Result<Vec<DefinitionVersion>, RegistryError> {
        Ok(self.catalog.definition_versions(project, name)?)
    }

    /// Gives a definition another name. Saved reports that name it are carried along where `carry` says so; else, where there are any,
    /// nothing is done.
    pub fn rename(
        &self,
        project: ProjectId,
        from: &str,
        to: &str,
        (carry, now): (bool, TimeMs),
    ) -> Result<(), RegistryError> {
        check_name(to, "The definition's name")?;
        let entry = self.entry(project).ok_or(RegistryError::NoProject)?;
        let _changing = self.changing();
        let mut all = (*entry.definitions()).clone();
        let Some(at) = all.iter().position(|definition| definition.name == from) else {
            return Err(RegistryError::NotFound("There is no such definition."));
        };
        if from == to {
            return Ok(());
        }
        if all.iter().any(|definition| definition.name == to) {
            return Err(RegistryError::taken("definition", to));
        }
        let using: Vec<Report> = self.reports_naming(project, from)?;
        if let (false, [first, ..]) = (carry, &using[..]) {
            let message = format!(
                "{from:?} is used by {} saved reports, such as {:?}: rename it with \"carry\": true, which changes them too.",
                using.len(),
                first.name
            );
            return Err(RegistryError::Conflict("used", message));
        }
        let carried = using.into_iter().map(|report| Report {
            state: renamed(&report.state, from, to),
            changed_at: now,
            ..report
        });
        self.catalog.rename_definition(project, (from, to), &carried.collect::<Vec<_>>())?;
        all[at].name = to.to_owned();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        entry.set_definitions(all);
        Ok(())
    }

    /// Where definitions are used, in the order of `names`.
    pub fn usage(&self, project: ProjectId, names: &[&str]) -> Result<Vec<Usage>, RegistryError> {
        let (reports, dashboards) = (self.catalog.reports(project)?, self.catalog.dashboards(project)?);
        let definitions = self.definitions(project).unwrap_or_default();
        let usage = |name: &&str| {
            let using: Vec<&Report> = reports.iter().filter(|report| mentions(&report.state, name)).collect();
            let has = |id| using.iter().any(|report| report.id == id);
            let on = dashboards.iter().filter(|dashboard| dashboard.tiles.iter().any(|tile| has(tile.report)));
            Usage {
                dashboards: on.map(|dashboard| dashboard.name.clone()).collect(),
                definitions: containing(&definitions, name),
                reports: using.iter().map(|report| report.name.clone()).collect(),
            }
        };
        Ok(names.iter().map(usage).collect())
    }

    fn reports_naming(&self, project: ProjectId, name: &str) -> Result<Vec<Report>, RegistryError> {
        let reports = self.catalog.reports(project)?;
        Ok(reports.into_iter().filter(|report| mentions(&report.state, name)).collect())
    }
}

/// The definitions of which all conditions of another are a part.
fn containing(definitions: &[Definition], name: &str) -> Vec<String> {
    let Some(own) = definitions.iter().find(|definition| definition.name == name) else { return Vec::new() };
    // A type alone is a part of nearly all, and was copied from nowhere.
    if matches!(own.predicate, Predicate::Type(_)) {
        return Vec::new();
    }
    let contains = |other: &Predicate| {
        let mut found = false;
        other.visit(&mut |part| found |= *part == own.predicate);
        found
    };
    let others = definitions.iter().filter(|other| other.name != name && contains(&other.predicate));
    others.map(|other| other.name.clone()).collect()
}

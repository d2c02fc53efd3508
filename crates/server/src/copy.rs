//! Copies a project of a data folder into a database.

use std::time::Duration;

use cairn_analysis::{
    Ledger, Store, StoreError,
    catalog::{Catalog, CatalogError, Dashboard, NewProject, NewReport, Project, ProjectSettings, Report, Tile},
};
use cairn_model::{BatchWriter, Definition, Message, Position, ProjectId, StateHash};
use cairn_postgres::{PostgresOptions, PostgresStore};

use crate::Engine;

/// How long the store may take to come to the end of its log.
const PATIENCE: Duration = Duration::from_secs(600);
/// Messages of one transaction.
const TOGETHER: usize = 2_000;

/// What was copied, and found to be the same on both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copied {
    /// The project there.
    pub project: ProjectId,
    /// Events in its answers.
    pub events: u64,
    /// Definitions, lists of people, saved reports and dashboards that were not there yet.
    pub named: u64,
    /// The state's hash.
    pub hash: StateHash,
}

/// Why a project was not copied. What is there by then is harmless: the next attempt goes on.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// One of the stores failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// One of the catalogs failed.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// Messages come in that are not applied yet.
    #[error("the store is behind its log; ask again in a moment")]
    Behind,
    /// The project there has something that the one here has not.
    #[error(
        "everything was copied, but the project {project} there is not the same as here: {there} events there, {here} here. It has \
         data of its own, such as events that a server on the database has captured meanwhile"
    )]
    Differs {
        /// The project there.
        project: ProjectId,
        /// Events in its answers.
        there: u64,
        /// Events in the answers here.
        here: u64,
    },
}

impl Engine {
    /// Copies a project with all that its answers depend on into a database, and compares the two states. After an attempt that broke
    /// off it goes on where that one was; done twice it changes nothing. `seen` is told how many events of how many have been gone
    /// through.
    ///
    /// The project there has the same write key, so that sites can go on sending as they did.
    pub fn copy(
        &self,
        project: &Project,
        database: &PostgresOptions,
        seen: &mut dyn FnMut(u64, u64),
    ) -> Result<Copied, CopyError> {
        if !self.wait_caught_up(PATIENCE) {
            return Err(CopyError::Behind);
        }
        let (hash, ledger) = (self.store.state_hash(project.id)?, self.store.ledger(project.id)?);
        let mut there = PostgresStore::open(database)?;
        let catalog = there.catalog();
        let target = target(&catalog, project)?;
        let named = self.copy_names(project.id, (&catalog, target.id))?;
        // Another state is other records: they have a log of their own.
        there.follow(log_id(hash, project.id))?;
        self.copy_messages(project.id, (&there, target.id), (&ledger, seen))?;
        let (found, stored) = (there.state_hash(target.id)?, there.ledger(target.id)?.stored);
        if found != hash {
            return Err(CopyError::Differs { project: target.id, there: stored, here: ledger.stored });
        }
        Ok(Copied { project: target.id, events: stored, named, hash })
    }

    /// What has a name and is not there yet.
    fn copy_names(&self, project: ProjectId, (catalog, target): (&dyn Catalog, ProjectId)) -> Result<u64, CopyError> {
        let known = catalog.definitions(target)?;
        let mut copied = 0;
        let here = self.registry.catalog();
        for definition in here.definitions(project)? {
            if known.iter().all(|known| known.name != definition.name) {
                for version in here.definition_versions(project, &definition.name)?.into_iter().rev() {
                    let (predicate, created_at) = (version.predicate, version.created_at);
                    let name = definition.name.clone();
                    catalog.put_definition(target, &Definition { name, predicate, created_at })?;
                }
                copied += 1;
            }
        }
        let known = catalog.lists(target)?;
        for list in here.lists(project)? {
            if known.iter().all(|known| known.name != list.name) {
                let people = here.list(project, &list.name)?.unwrap_or_default();
                catalog.put_list(target, &list.name, &people, list.created_at)?;
                copied += 1;
            }
        }
        Ok(copied + copy_saved((here, project), (catalog, target))?)
    }

    fn copy_messages(
        &self,
        project: ProjectId,
        (there, target): (&PostgresStore, ProjectId),
        (ledger, seen): (&Ledger, &mut dyn FnMut(u64, u64)),
    ) -> Result<(), CopyError> {
        let next = there.positions().first().map_or(0, |position| position.offset);
        let all = ledger.stored + ledger.erased + ledger.expired;
        let (mut offset, mut waiting, mut events) = (0, Vec::with_capacity(TOGETHER), 0);
        let mut write = |waiting: &mut Vec<Message<'static>>| {
            if offset >= next && !waiting.is_empty() {
                let mut batch = BatchWriter::new(target);
                waiting.iter().for_each(|message| batch.push(message));
                there.apply(Position { partition: 0, offset }, &batch.finish())?;
            }
            offset += 1;
            waiting.clear();
            Ok::<_, StoreError>(())
        };
        self.store.messages(project, &mut |message| {
            events += u64::from(matches!(message, Message::Event(_)));
            waiting.push(message);
            if waiting.len() == TOGETHER {
                write(&mut waiting)?;
                seen(events, all);
            }
            Ok(())
        })?;
        write(&mut waiting)?;
        seen(events, all);
        Ok(())
    }
}

/// Reports and dashboards that are not there yet, by name.
fn copy_saved(
    (here, project): (&dyn Catalog, ProjectId),
    (there, target): (&dyn Catalog, ProjectId),
) -> Result<u64, CatalogError> {
    let (reports, mut known) = (here.reports(project)?, there.reports(target)?);
    let mut copied = 0;
    for report in &reports {
        if known.iter().all(|known| known.name != report.name) {
            let new = NewReport {
                name: &report.name,
                kind: &report.kind,
                state: &report.state,
                created_at: report.created_at,
            };
            let made = Report { changed_at: report.changed_at, ..there.add_report(target, new)? };
            there.change_report(target, &made)?;
            known.push(made);
            copied += 1;
        }
    }
    // The same reports have other ids there.
    let moved = |tile: &Tile| {
        let name = &reports.iter().find(|report| report.id == tile.report)?.name;
        known.iter().find(|known| known.name == *name).map(|known| Tile { report: known.id, ..*tile })
    };
    let there_already = there.dashboards(target)?;
    for dashboard in here.dashboards(project)? {
        let made = match there_already.iter().find(|known| known.name == dashboard.name) {
            // An attempt that broke off may have left it without its tiles.
            Some(known) if !known.tiles.is_empty() || dashboard.tiles.is_empty() => continue,
            Some(known) => known.clone(),
            None => there.add_dashboard(target, &dashboard.name, dashboard.created_at)?,
        };
        let tiles = dashboard.tiles.iter().filter_map(moved).collect();
        there.change_dashboard(target, &Dashboard { tiles, changed_at: dashboard.changed_at, ..made })?;
        copied += 1;
    }
    Ok(copied)
}

/// The project there that is the same: of the same write key.
fn target(catalog: &dyn Catalog, project: &Project) -> Result<Project, CatalogError> {
    let Project { name, zone, write_key, created_at, former_keys, retention_days, masks, .. } = project;
    let keys = |known: &Project| {
        known.write_key == *write_key || known.former_keys.iter().any(|former| former.key == *write_key)
    };
    if let Some(known) = catalog.projects()?.into_iter().find(keys) {
        return Ok(known);
    }
    // It gets its keys in the order in which it had them.
    let first = former_keys.last().map_or(write_key, |former| &former.key);
    let made = catalog.create_project(NewProject { name, zone, write_key: first, created_at: *created_at })?;
    let later = former_keys.iter().rev().skip(1).map(|former| &former.key).chain([write_key]);
    for (former, next) in former_keys.iter().rev().zip(later) {
        catalog.replace_key(made.id, next, former.replaced_at)?;
    }
    catalog.change_project(made.id, ProjectSettings { name, zone, retention_days: *retention_days, masks })?;
    Ok(Project { id: made.id, ..project.clone() })
}

/// The log of the records that a state is copied by.
fn log_id(hash: StateHash, project: ProjectId) -> i64 {
    ((hash.0 as u64 ^ (hash.0 >> 64) as u64 ^ project.get()) & i64::MAX as u64) as i64
}

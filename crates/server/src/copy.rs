//! Copies a project of a data folder into a database.

use std::time::Duration;

use cairn_analysis::{
    Ledger, Store, StoreError,
    catalog::{Catalog, CatalogError, NewProject, Project},
};
use cairn_model::{BatchWriter, Message, Position, ProjectId, StateHash};
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
    /// Definitions and lists of people that were not there yet.
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

    /// Definitions and lists that are not there yet.
    fn copy_names(&self, project: ProjectId, (catalog, target): (&dyn Catalog, ProjectId)) -> Result<u64, CopyError> {
        let known = catalog.definitions(target)?;
        let mut copied = 0;
        let here = self.registry.catalog();
        for definition in here.definitions(project)? {
            if known.iter().all(|known| known.name != definition.name) {
                catalog.put_definition(target, &definition)?;
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
        Ok(copied)
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

/// The project there that is the same: of the same write key.
fn target(catalog: &dyn Catalog, project: &Project) -> Result<Project, CatalogError> {
    if let Some(known) = catalog.projects()?.into_iter().find(|known| known.write_key == project.write_key) {
        return Ok(known);
    }
    let Project { name, zone, write_key, created_at, .. } = project;
    catalog.create_project(NewProject { name, zone, write_key, created_at: *created_at })
}

/// The log of the records that a state is copied by.
fn log_id(hash: StateHash, project: ProjectId) -> i64 {
    ((hash.0 as u64 ^ (hash.0 >> 64) as u64 ^ project.get()) & i64::MAX as u64) as i64
}

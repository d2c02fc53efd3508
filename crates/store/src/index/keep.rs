//! Making and removing indexes, in the background.

use std::{
    collections::BTreeSet,
    hash::BuildHasher,
    io,
    path::PathBuf,
    sync::{Arc, RwLock},
};

use cairn_analysis::{Budget, StoreError};
use cairn_commitlog::OpenMode;
use cairn_model::Predicate;
use foldhash::fast::FixedState;

use super::{DefinitionIndex, Definitions, file};
use crate::{
    part::Part,
    predicate::Meaning,
    project::{Project, read_symbols},
    store::{Shared, read, write},
};

/// Smaller parts are scanned as fast.
const ROWS_MIN: usize = 64 << 10;

impl Shared {
    /// Sets which definitions of a project have indexes. They are built in the background.
    pub(crate) fn set_definitions(&self, id: u64, project: &RwLock<Project>, definitions: Vec<Predicate>) {
        let mut project = write(project);
        let last_used_ms = |key: &str| self.last_used_ms(id, key);
        project.definitions = Arc::new(Definitions::new(definitions, &project.definitions, last_used_ms));
        for part in &project.parts {
            part.keep_indexes(&project.definitions);
        }
        drop(project);
        self.tidy.wake();
    }

    /// Builds the indexes that the parts of a project lack.
    pub(crate) fn index_project(&self, project: &RwLock<Project>) -> Result<(), StoreError> {
        Self::parts_of(project).iter().try_for_each(|part| self.index_part(project, part))
    }

    /// Builds the indexes that a part lacks, or opens those that are there.
    pub(crate) fn index_part(&self, project: &RwLock<Project>, part: &Arc<Part>) -> Result<(), StoreError> {
        let everything = self.options.faults.index_everything;
        if part.rows() < ROWS_MIN && !everything {
            return Ok(());
        }
        let definitions = read(project).definitions.clone();
        for (key, predicate) in definitions.indexed().filter(|(key, _)| part.index(key).is_none()) {
            let file = index_file(part, key);
            let index = match self.open_index(&file, part, key) {
                Some(index) => index,
                None => {
                    let meaning = {
                        let project = read(project).instant();
                        let truths = (&*project.truths, &Budget::unlimited());
                        Meaning::of(predicate, &read_symbols(&project.symbols), truths, &project.users)?
                    };
                    let bytes = file::build(part, key, &meaning, !everything)?;
                    self.write_index(&file, &bytes)
                        .map_err(|source| StoreError::Io { what: format!("writing indexes/{file}"), source })?;
                    let Some(index) = self.open_index(&file, part, key) else {
                        continue;
                    };
                    index
                }
            };
            part.add_index(key.clone(), Arc::new(index));
            if self.tidy.stopped() {
                break;
            }
        }
        Ok(())
    }

    /// Removes the indexes of parts that are gone.
    pub(crate) fn forget_indexes(&self, parts: &[String]) {
        self.remove_indexes(|file| parts.iter().any(|part| of_part(file, part)));
    }

    /// Removes the indexes that belong to no part and definition.
    pub(crate) fn sweep_indexes(&self) {
        let projects: Vec<_> = self.state().projects.values().cloned().collect();
        let mut live = BTreeSet::new();
        for project in projects {
            let project = read(&project);
            let keys = || project.definitions.indexed().map(|(key, _)| key);
            live.extend(project.parts.iter().flat_map(|part| keys().map(|key| index_file(part, key))));
        }
        self.remove_indexes(|file| !live.contains(file));
    }

    fn remove_indexes(&self, gone: impl Fn(&str) -> bool) {
        let dir = self.indexes_dir();
        let files = self.storage.list(&dir).unwrap_or_default();
        self.remove_paths(files.iter().filter(|file| gone(file)).map(|file| dir.join(file)));
    }

    /// An index as it stands on disk; `None` if it is missing, damaged or another's: it is then built anew.
    fn open_index(&self, file: &str, part: &Part, key: &str) -> Option<DefinitionIndex> {
        let bytes = self.storage.map(&self.indexes_dir().join(file)).ok()?;
        match DefinitionIndex::open(format!("indexes/{file}"), bytes, (part.file(), key), true) {
            Ok(index) => index,
            Err(error) => {
                tracing::warn!(%error, "a damaged index is built anew");
                None
            }
        }
    }

    /// Writes an index. Nothing depends on its being durable.
    fn write_index(&self, file: &str, bytes: &[u8]) -> io::Result<()> {
        let dir = self.indexes_dir();
        self.storage.create_dir_all(&dir)?;
        match self.storage.remove(&dir.join(file)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        self.storage.open(&dir.join(file), OpenMode::CreateNew)?.write_at(0, bytes)
    }

    /// Where the indexes are.
    pub(crate) fn indexes_dir(&self) -> PathBuf {
        self.dir.join("indexes")
    }
}

/// The name of an index: part and definition.
fn index_file(part: &Part, key: &str) -> String {
    let part = stem(part.file());
    format!("{part}-{:016x}.index", hash_of(key))
}

pub(super) fn hash_of(key: &str) -> u64 {
    FixedState::with_seed(7).hash_one(key.as_bytes())
}

fn of_part(file: &str, part: &str) -> bool {
    file.strip_prefix(stem(part)).is_some_and(|rest| rest.starts_with('-'))
}

fn stem(part: &str) -> &str {
    part.trim_start_matches("parts/").trim_end_matches(".part")
}

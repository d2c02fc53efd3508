//! Background work on files: merging small ones, building indexes, forgetting what is erased.

use std::{
    path::PathBuf,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock, atomic::Ordering},
    time::Duration,
};

use cairn_analysis::StoreError;

use crate::{
    compact,
    project::Project,
    store::{Shared, read, write},
    symbols, users,
};

/// How long to wait after a failure.
const RETRY: Duration = Duration::from_secs(5);
/// How often it is looked which indexes are still used.
const LOOK_EVERY: Duration = Duration::from_secs(3600);
/// More files of users, or of dictionary values, than this are made one.
const FILES_MAX: usize = 8;

/// When there is something to do.
#[derive(Debug, Default)]
pub(crate) struct Tidy {
    state: Mutex<TidyState>,
    changed: Condvar,
    /// Held by whoever merges: the background thread, or a caller that wants it done now.
    working: Mutex<()>,
    /// Files that could not be removed yet.
    unremoved: Mutex<Vec<PathBuf>>,
}

#[derive(Debug, Default)]
struct TidyState {
    woken: bool,
    stop: bool,
}

impl Tidy {
    /// Something may have to be done.
    pub(crate) fn wake(&self) {
        self.lock().woken = true;
        self.changed.notify_all();
    }

    /// Ends the thread after what it is doing.
    pub(crate) fn stop(&self) {
        self.lock().stop = true;
        self.changed.notify_all();
    }

    pub(crate) fn stopped(&self) -> bool {
        self.lock().stop
    }

    /// Waits for whoever merges, and keeps others from it.
    pub(crate) fn working(&self) -> MutexGuard<'_, ()> {
        self.working.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Files that are no longer named, and could not be removed.
    pub(crate) fn unremoved(&self) -> MutexGuard<'_, Vec<PathBuf>> {
        self.unremoved.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, TidyState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for work, or for the hour that indexes may retire at; false when the store is closed.
    fn wait(&self) -> bool {
        let state = self.lock();
        let idle = |state: &mut TidyState| !state.woken && !state.stop;
        let waited = self.changed.wait_timeout_while(state, LOOK_EVERY, idle);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner).0;
        state.woken = false;
        !state.stop
    }

    fn pause(&self) {
        let state = self.lock();
        if !state.stop {
            drop(self.changed.wait_timeout(state, RETRY));
        }
    }
}

impl Shared {
    /// The background thread.
    pub(crate) fn tidy_up(&self) {
        while self.tidy.wait() {
            let eagerness = match self.bulk.load(Ordering::Relaxed) {
                true => compact::Eagerness::Bulk,
                false => compact::Eagerness::Lazy,
            };
            if let Err(error) = self.tidy_projects(eagerness) {
                tracing::error!(%error, "files cannot be merged; nothing is lost, and it is tried again");
                self.tidy.pause();
                self.tidy.wake();
            }
        }
    }

    /// Merges what is to be merged, one job after the other.
    pub(crate) fn tidy_projects(&self, eagerness: compact::Eagerness) -> Result<(), StoreError> {
        let _working = self.tidy.working();
        self.retire_indexes();
        let projects: Vec<_> = self.state().projects.iter().map(|(id, project)| (*id, project.clone())).collect();
        for (id, project) in projects {
            while !self.tidy.stopped() && self.compact_once(id, &project, eagerness)? {}
            if self.tidy.stopped() {
                return Ok(());
            }
            self.index_project(&project)?;
            self.merge_users(id, &project, eagerness)?;
            self.merge_symbols(id, eagerness)?;
        }
        self.sweep_indexes();
        Ok(())
    }

    /// Makes many files of users one.
    fn merge_users(&self, id: u64, project: &RwLock<Project>, eagerness: compact::Eagerness) -> Result<(), StoreError> {
        let files = self.manifest().projects.get(&id).map(|entry| entry.users.clone()).unwrap_or_default();
        if files.len() <= eagerness.files_max(FILES_MAX) {
            return Ok(());
        }
        self.join_users(id, project, &files)
    }

    /// Makes these files of users, the oldest ones, one.
    pub(crate) fn join_users(&self, id: u64, project: &RwLock<Project>, files: &[String]) -> Result<(), StoreError> {
        let opened = files.iter().map(|file| self.open_users(file).map(Arc::new)).collect::<Result<Vec<_>, _>>()?;
        let bytes = users::merge(&opened, Vec::new())?;
        let file = self.write_new(&format!("{id}-"), "users", &bytes)?;
        let merged = Arc::new(self.open_users(&file)?);
        self.put(|manifest| {
            if let Some(entry) = manifest.projects.get_mut(&id) {
                // What was flushed meanwhile stays behind it.
                entry.users.splice(..files.len(), [file]);
            }
        })?;
        let names: Vec<String> = opened.iter().map(|file| file.name().to_owned()).collect();
        write(project).users.replace(&names, merged);
        self.remove(files);
        Ok(())
    }

    /// Makes many files of dictionary values one. They are only read when the store is opened.
    fn merge_symbols(&self, id: u64, eagerness: compact::Eagerness) -> Result<(), StoreError> {
        let files = self.manifest().projects.get(&id).map(|entry| entry.symbols.clone()).unwrap_or_default();
        if files.len() <= eagerness.files_max(FILES_MAX) {
            return Ok(());
        }
        let opened = files.iter().map(|file| self.open_symbols(file)).collect::<Result<Vec<_>, _>>()?;
        let bytes = symbols::merge(&opened, &|_, _| true, &|_| true, Vec::new())?;
        self.replace_symbols(id, &files, &bytes)
    }

    /// Puts one file of dictionary values with these bytes in the place of a project's oldest ones.
    pub(crate) fn replace_symbols(&self, id: u64, files: &[String], bytes: &[u8]) -> Result<(), StoreError> {
        let file = self.write_new(&format!("{id}-"), "symbols", bytes)?;
        self.put(|manifest| {
            if let Some(entry) = manifest.projects.get_mut(&id) {
                entry.symbols.splice(..files.len(), [file]);
            }
        })?;
        self.remove(files);
        Ok(())
    }

    /// Makes new files durable, then the manifest that names them.
    pub(crate) fn put(&self, change: impl FnOnce(&mut crate::manifest::Manifest)) -> Result<(), StoreError> {
        let io = |source| StoreError::Io { what: "merging files".to_owned(), source };
        self.storage.sync_dir(&self.parts_dir()).map_err(io)?;
        self.commit(change).map_err(io)
    }

    /// The parts of a project.
    pub(crate) fn parts_of(project: &RwLock<Project>) -> Vec<Arc<crate::part::Part>> {
        read(project).parts.clone()
    }
}

//! Purging: what is erased or has expired leaves the files.
//!
//! Answers leave it out from the message on. Its bytes go when a purge writes again whatever holds them, file by file: each new
//! file is durable before the manifest names it in the place of the old one, which is then removed. So a crash at any instant
//! leaves files that say the same; the manifest says that a purge is still due.

mod live;

use std::sync::{Arc, RwLock};

use cairn_analysis::StoreError;
use cairn_model::{Batch, ProjectId};

use self::live::Live;
use crate::{
    compact::Covered,
    manifest::write_file,
    part::Part,
    project::{Project, read_symbols, write_symbols},
    quarantine,
    store::{EmbeddedStore, Shared, read, write},
    symbols,
};

impl EmbeddedStore {
    /// Removes what is erased or has expired in a project from all files, at once. Records in quarantine that are the project's,
    /// or of which nobody knows whose they are, go with it. (The log is for who owns it: nothing before
    /// [`EmbeddedStore::durable`] is needed.)
    pub fn purge(&self, project: ProjectId) -> Result<(), StoreError> {
        self.flush()?;
        self.shared.purge(project.get())
    }

    /// Projects of which something was erased or expired long enough ago for a purge to take in much at once.
    pub fn purge_due(&self) -> Vec<ProjectId> {
        let after = self.shared.options.purge_after;
        let due = |project: &RwLock<Project>| read(project).covered.since.is_some_and(|since| since.elapsed() >= after);
        let state = self.shared.state();
        state.projects.iter().filter(|(_, project)| due(project)).filter_map(|(id, _)| ProjectId::new(*id)).collect()
    }
}

impl Shared {
    fn purge(&self, id: u64) -> Result<(), StoreError> {
        let Some(project) = self.state().projects.get(&id).cloned() else {
            return Ok(());
        };
        let _working = self.tidy.working();
        let count = read(&project).covered.count;
        self.purge_parts(id, &project)?;
        let files = self.manifest().projects.get(&id).map(|entry| entry.users.clone()).unwrap_or_default();
        if files.len() > 1 {
            self.join_users(id, &project, &files)?;
        }
        self.purge_symbols(id, &project)?;
        self.purge_quarantine(id)?;
        self.sweep_indexes();
        self.finish_removals()?;
        {
            let mut project = write(&project);
            if project.covered.count == count {
                project.covered.since = None;
            }
        }
        let io = |source| StoreError::Io { what: "noting a purge".to_owned(), source };
        self.commit(|manifest| {
            if let Some(entry) = manifest.projects.get_mut(&id) {
                entry.purge_due = read(&project).covered.since.is_some();
            }
        })
        .map_err(io)
    }

    /// Writes the parts again that have rows to be made ghosts of.
    fn purge_parts(&self, id: u64, project: &RwLock<Project>) -> Result<(), StoreError> {
        for part in Self::parts_of(project) {
            let covered = Covered::of(&read(project));
            if covered.touches(&part)? {
                self.rewrite(id, project, &[part], false)?;
            }
        }
        Ok(())
    }

    /// Forgets the values that no row has, in memory, then in the files.
    fn purge_symbols(&self, id: u64, project: &RwLock<Project>) -> Result<(), StoreError> {
        let used = self.forget_values(project)?;
        let files = self.manifest().projects.get(&id).map(|entry| entry.symbols.clone()).unwrap_or_default();
        let opened = files.iter().map(|file| self.open_symbols(file)).collect::<Result<Vec<_>, _>>()?;
        let shared = read(project).symbols.clone();
        let kept = |name: &str, code: u32| {
            let symbols = read_symbols(&shared);
            let value = symbols.get(name).and_then(|dictionary| dictionary.values.get(code));
            value.is_some_and(|value| !value.is_empty())
        };
        let used = |name: &str| used.uses(name);
        if !symbols::holds_others(&opened, &kept, &used)? {
            return Ok(());
        }
        let bytes = symbols::merge(&opened, &kept, &used, Vec::new())?;
        self.replace_symbols(id, &files, &bytes)
    }

    /// Forgets in memory the values of dictionaries that no row has; gives those that some row has. Who has a code of a forgotten
    /// value can only be a question about an instant before.
    fn forget_values(&self, project: &RwLock<Project>) -> Result<Live, StoreError> {
        let (mut live, mut seen): (Live, Vec<Arc<Part>>) = Default::default();
        let is_new = |seen: &[Arc<Part>], part: &Arc<Part>| !seen.iter().any(|other| Arc::ptr_eq(other, part));
        loop {
            for part in Self::parts_of(project).into_iter().filter(|part| is_new(&seen, part)).collect::<Vec<_>>() {
                live.add_part(&part)?;
                seen.push(part);
            }
            // From here to the end no value comes, and no tail becomes a part.
            let project = write(project);
            if project.parts.iter().any(|part| is_new(&seen, part)) {
                continue;
            }
            project.tails().for_each(|tail| live.add_tail(tail));
            let mut symbols = write_symbols(&project.symbols);
            for dictionary in symbols.iter_mut() {
                let values = &mut dictionary.values;
                let dead = |(code, value): (u32, &[u8])| !value.is_empty() && !live.has(&dictionary.name, code);
                if (1..).zip(values.values()).any(dead) {
                    values.forget(|code| live.has(&dictionary.name, code));
                }
            }
            return Ok(live);
        }
    }

    /// Drops the records in quarantine that may speak of the project: they cannot be read, so nobody knows of whom.
    fn purge_quarantine(&self, id: u64) -> Result<(), StoreError> {
        let others = |record: &[u8]| Batch::parse(record).is_ok_and(|batch| batch.project.get() != id);
        let files = self.manifest().quarantine.clone();
        for (file, bytes) in files {
            let io = |source| StoreError::Io { what: format!("purging parts/{file}"), source };
            let path = self.parts_dir().join(&file);
            let kept = quarantine::kept(&self.storage.map(&path).map_err(io)?, others);
            if kept.len() as u64 == bytes {
                continue;
            }
            let new = if kept.is_empty() { None } else { Some(self.next_file("", "quarantine")) };
            if let Some(new) = &new {
                write_file(self.storage.as_ref(), &self.parts_dir().join(new), &kept).map_err(io)?;
            }
            let kept_bytes = kept.len() as u64;
            self.put(|manifest| {
                manifest.quarantine.retain(|(name, _)| *name != file);
                manifest.quarantine.extend(new.map(|new| (new, kept_bytes)));
            })?;
            self.state_mut().quarantine.dropped(bytes.saturating_sub(kept_bytes));
            self.remove(&[file]);
        }
        Ok(())
    }

    /// Removes what could not be removed so far, and makes all removals durable.
    fn finish_removals(&self) -> Result<(), StoreError> {
        let io = |source| StoreError::Io { what: "removing purged files".to_owned(), source };
        let unremoved = std::mem::take(&mut *self.tidy.unremoved());
        self.remove_paths(unremoved.into_iter());
        if let Some(path) = self.tidy.unremoved().first() {
            return Err(io(std::io::Error::other(format!("{} cannot be removed", path.display()))));
        }
        self.storage.sync_dir(&self.parts_dir()).map_err(io)?;
        match self.storage.list(&self.indexes_dir()) {
            Ok(_) => self.storage.sync_dir(&self.indexes_dir()).map_err(io),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(io(error)),
        }
    }
}

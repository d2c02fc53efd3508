//! Writing tails as parts, in the background.
//!
//! Order makes it safe: the files' contents, their directory entries, the manifest that names them. Until the last step
//! succeeds the log keeps everything, so a failure anywhere loses nothing; new files are written when it is tried again.

use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, MutexGuard, PoisonError},
    time::Duration,
};

use cairn_analysis::StoreError;
use cairn_model::Position;

use crate::{
    manifest::{Manifest, write_file},
    part::{Part, write_part},
    project::FrozenProject,
    rows::TailRows,
    store::{Shared, write},
    symbols,
    users::UsersFile,
};

/// How long to wait after a failure, as for space on a full disk.
const RETRY: Duration = Duration::from_secs(1);

/// Tails from this size on leave their memory to the next ones.
const REUSE_ROWS: usize = 100_000;

/// All that is not in files at one instant.
pub(crate) struct Frozen {
    positions: Vec<Position>,
    projects: BTreeMap<u64, FrozenProject>,
    quarantine: Vec<u8>,
}

/// What the writer of parts has to do, and how far it is.
#[derive(Default)]
pub(crate) struct FlushState {
    /// What is to be written.
    pending: Option<Arc<Frozen>>,
    /// Why it could not be written so far; it is tried again.
    failed: Option<String>,
    pub(crate) stop: bool,
}

/// The files of one project that were written, by name.
#[derive(Default)]
struct Written {
    part: Option<String>,
    users: Option<String>,
    symbols: Option<String>,
}

impl Shared {
    /// Freezes the tails and hands them to the writer, once it has written those before.
    pub(crate) fn begin_flush(&self) -> Result<(), StoreError> {
        let mut flush = self.wait_flush()?;
        flush.pending = Some(Arc::new(self.freeze()));
        self.flush_changed.notify_all();
        Ok(())
    }

    /// Waits until nothing is left to write. An error says why it cannot be written; it is tried again nevertheless.
    pub(crate) fn wait_flush(&self) -> Result<MutexGuard<'_, FlushState>, StoreError> {
        let mut flush = self.flush();
        while flush.pending.is_some() && !flush.stop {
            if let Some(failed) = &flush.failed {
                let source = io::Error::other(failed.clone());
                return Err(StoreError::Io { what: "writing a part".to_owned(), source });
            }
            flush = self.flush_changed.wait(flush).unwrap_or_else(PoisonError::into_inner);
        }
        Ok(flush)
    }

    /// Ends the background threads; what is not written stays in the log.
    pub(crate) fn stop_flushing(&self) {
        self.flush().stop = true;
        self.flush_changed.notify_all();
    }

    /// The writer's thread.
    pub(crate) fn write_parts(&self) {
        let mut flush = self.flush();
        while !flush.stop {
            let Some(frozen) = flush.pending.clone() else {
                flush = self.flush_changed.wait(flush).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            drop(flush);
            let written = self.write_frozen(&frozen);
            drop(frozen);
            flush = match written {
                Ok(()) => self.finish_flush(),
                Err(error) => {
                    tracing::error!(%error, "a part cannot be written; everything stays in memory and in the log");
                    let mut flush = self.flush();
                    flush.failed = Some(error.to_string());
                    self.flush_changed.notify_all();
                    let wait = self.flush_changed.wait_timeout(flush, RETRY);
                    let mut flush = wait.unwrap_or_else(PoisonError::into_inner).0;
                    flush.failed = None;
                    flush
                }
            };
        }
    }

    fn freeze(&self) -> Frozen {
        let mut state = self.state_mut();
        let positions = state.positions();
        let projects = state.projects.iter().map(|(id, project)| (*id, write(project).freeze()));
        let projects = projects.collect();
        (state.tail_rows, state.tail_log_bytes) = (0, 0);
        Frozen { positions, projects, quarantine: std::mem::take(&mut state.quarantine.pending) }
    }

    /// Writes the files, then the manifest that names them, then lets queries see them.
    fn write_frozen(&self, frozen: &Frozen) -> Result<(), StoreError> {
        let io = |source| StoreError::Io { what: "writing a part".to_owned(), source };
        let mut files: BTreeMap<u64, Written> = BTreeMap::new();
        for (id, project) in &frozen.projects {
            files.insert(*id, self.write_project(*id, project)?);
        }
        let mut quarantine = None;
        if !frozen.quarantine.is_empty() {
            let file = self.next_file("", "quarantine");
            write_file(self.storage.as_ref(), &self.parts_dir().join(&file), &frozen.quarantine).map_err(io)?;
            quarantine = Some((file, frozen.quarantine.len() as u64));
        }
        self.storage.sync_dir(&self.parts_dir()).map_err(io)?;
        // Whatever could fail comes before the manifest: what it names must not be written again.
        let opened = files.iter().map(|(id, written)| Ok((*id, self.open_written(written)?)));
        let opened = opened.collect::<Result<Vec<_>, StoreError>>()?;
        self.commit(|manifest| add(manifest, frozen, &files, quarantine)).map_err(io)?;
        for (id, (part, users)) in opened {
            if let Some(project) = self.state().projects.get(&id) {
                let mut project = write(project);
                project.parts.extend(part.map(Arc::new));
                project.frozen = None;
                if let Some(users) = users {
                    project.users.publish(Arc::new(users));
                }
            }
        }
        Ok(())
    }

    fn write_project(&self, id: u64, project: &FrozenProject) -> Result<Written, StoreError> {
        let prefix = format!("{id}-");
        let mut written = Written::default();
        if let Some(tail) = &project.tail {
            let bytes = write_part(&TailRows::new(tail), Vec::new(), self.options.faults.index_everything)?;
            written.part = Some(self.write_new(&prefix, "part", &bytes)?);
        }
        if let Some(users) = &project.users {
            written.users = Some(self.write_new(&prefix, "users", &users.write(Vec::new())?)?);
        }
        if !project.additions.is_empty() {
            let bytes = symbols::write(&project.additions, Vec::new());
            written.symbols = Some(self.write_new(&prefix, "symbols", &bytes)?);
        }
        Ok(written)
    }

    fn open_written(&self, written: &Written) -> Result<(Option<Part>, Option<UsersFile>), StoreError> {
        let part = written.part.as_ref().map(|file| self.open_part(file)).transpose()?;
        let users = written.users.as_ref().map(|file| self.open_users(file)).transpose()?;
        Ok((part, users))
    }

    fn finish_flush(&self) -> MutexGuard<'_, FlushState> {
        let mut flush = self.flush();
        let written = flush.pending.take();
        self.flush_changed.notify_all();
        drop(flush);
        // Who else looks at it keeps it.
        if let Some(frozen) = written.and_then(Arc::into_inner) {
            self.reuse(frozen);
        }
        self.tidy.wake();
        self.flush()
    }

    /// Keeps the memory of large tails for the next ones: the system would clear all of it again.
    fn reuse(&self, frozen: Frozen) {
        for (id, project) in frozen.projects {
            if let Some(mut tail) = project.tail.and_then(Arc::into_inner).filter(|tail| tail.rows() >= REUSE_ROWS) {
                tail.clear();
                if let Some(project) = self.state().projects.get(&id) {
                    write(project).spare = Some(tail);
                }
            }
        }
    }
}

fn add(manifest: &mut Manifest, frozen: &Frozen, files: &BTreeMap<u64, Written>, quarantine: Option<(String, u64)>) {
    for (id, project) in &frozen.projects {
        let entry = manifest.projects.entry(*id).or_default();
        entry.set_counts(project.ledger, project.expiry, project.purge_due);
        if let Some(written) = files.get(id) {
            entry.parts.extend(written.part.clone());
            entry.users.extend(written.users.clone());
            entry.symbols.extend(written.symbols.clone());
        }
    }
    manifest.quarantine.extend(quarantine);
    manifest.positions.clone_from(&frozen.positions);
}

//! Writing tails as parts, in the background.
//!
//! Order makes it safe: the parts' contents, their directory entries, the manifest that names them. Until the last step
//! succeeds the log keeps everything, so a failure anywhere loses nothing; new files are written when it is tried again.

use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, MutexGuard, PoisonError},
    time::Duration,
};

use cairn_analysis::StoreError;
use cairn_model::{Position, UserState};

use crate::{
    manifest::{Manifest, ProjectEntry, write_file},
    part::{Part, write_part},
    store::{Shared, open_part, write},
    tail::Tail,
};

/// How long to wait after a failure, as for space on a full disk.
const RETRY: Duration = Duration::from_secs(1);

/// Tails from this size on leave their memory to the next ones.
const REUSE_ROWS: usize = 100_000;

/// All tails of one instant, frozen.
pub(crate) struct Frozen {
    positions: Vec<Position>,
    projects: BTreeMap<u64, FrozenProject>,
    quarantine: Vec<u8>,
}

struct FrozenProject {
    /// Nothing where only counters changed.
    tail: Option<(Arc<Tail>, BTreeMap<u64, UserState>)>,
    entry: ProjectEntry,
}

/// What the writer of parts has to do, and how far it is.
#[derive(Default)]
pub(crate) struct FlushState {
    /// As it stands on disk, but for `next_part`.
    pub(crate) manifest: Manifest,
    /// What is to be written.
    pending: Option<Arc<Frozen>>,
    /// Why it could not be written so far; it is tried again.
    failed: Option<String>,
    stop: bool,
}

impl FlushState {
    pub(crate) fn new(manifest: Manifest) -> Self {
        Self { manifest, ..Self::default() }
    }
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

    /// Ends the writer's thread; what is not written stays in the log.
    pub(crate) fn stop_flushing(&self) {
        self.flush().stop = true;
        self.flush_changed.notify_all();
    }

    /// The writer's thread.
    pub(crate) fn write_parts(&self) {
        // Of the last part, for the next one.
        let mut buffer = Vec::new();
        let mut flush = self.flush();
        while !flush.stop {
            let Some(frozen) = flush.pending.clone() else {
                flush = self.flush_changed.wait(flush).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            drop(flush);
            let written = self.write_frozen(&frozen, &mut buffer);
            drop(frozen);
            flush = match written {
                Ok((manifest, parts)) => self.publish(manifest, parts),
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
        let positions =
            state.positions.iter().map(|(partition, offset)| Position { partition: *partition, offset: *offset });
        let positions = positions.collect();
        let projects = state.projects.iter().map(|(id, project)| {
            let mut project = write(project);
            let tail = project.freeze();
            let entry = ProjectEntry::new(Vec::new(), project.ledger, project.expiry);
            (*id, FrozenProject { tail, entry })
        });
        let projects = projects.collect();
        (state.tail_rows, state.tail_log_bytes) = (0, 0);
        Frozen { positions, projects, quarantine: std::mem::take(&mut state.quarantine.pending) }
    }

    /// Writes the files, then the manifest that names them.
    fn write_frozen(
        &self,
        frozen: &Frozen,
        buffer: &mut Vec<u8>,
    ) -> Result<(Manifest, BTreeMap<u64, Part>), StoreError> {
        let io = |source| StoreError::Io { what: "writing a part".to_owned(), source };
        let parts_dir = self.dir.join("parts");
        let mut manifest = self.flush().manifest.clone();
        let mut files = BTreeMap::new();
        for (id, project) in &frozen.projects {
            let known = manifest.projects.remove(id).unwrap_or_default();
            let mut entry = ProjectEntry { parts: known.parts, ..project.entry.clone() };
            if let Some((tail, users)) = &project.tail {
                let file = self.next_file(&mut manifest, &format!("{id}-"), ".part");
                write_part(tail, users, buffer);
                write_file(self.storage.as_ref(), &parts_dir.join(&file), buffer).map_err(io)?;
                entry.parts.push(file.clone());
                files.insert(*id, file);
            }
            manifest.projects.insert(*id, entry);
        }
        if !frozen.quarantine.is_empty() {
            let file = self.next_file(&mut manifest, "", ".quarantine");
            write_file(self.storage.as_ref(), &parts_dir.join(&file), &frozen.quarantine).map_err(io)?;
            manifest.quarantine.push((file, frozen.quarantine.len() as u64));
        }
        self.storage.sync_dir(&parts_dir).map_err(io)?;
        manifest.positions = frozen.positions.clone();
        manifest.write(self.storage.as_ref(), &self.dir).map_err(io)?;
        let check = !self.options.faults.skip_crc;
        let open = |(id, file): (u64, String)| Ok((id, open_part(self.storage.as_ref(), &self.dir, &file, check)?));
        Ok((manifest, files.into_iter().map(open).collect::<Result<_, StoreError>>()?))
    }

    /// A file name that was never used, not even by a write that failed.
    fn next_file(&self, manifest: &mut Manifest, prefix: &str, suffix: &str) -> String {
        let mut flush = self.flush();
        let number = flush.manifest.next_part;
        flush.manifest.next_part += 1;
        manifest.next_part = flush.manifest.next_part;
        format!("{prefix}{number:08}{suffix}")
    }

    fn publish(&self, manifest: Manifest, parts: BTreeMap<u64, Part>) -> MutexGuard<'_, FlushState> {
        {
            let state = self.state();
            for (id, part) in parts {
                if let Some(project) = state.projects.get(&id) {
                    let mut project = write(project);
                    project.parts.push(Arc::new(part));
                    project.frozen = None;
                }
            }
        }
        let mut flush = self.flush();
        flush.manifest = manifest;
        let written = flush.pending.take();
        self.flush_changed.notify_all();
        drop(flush);
        // Who else looks at it keeps it.
        if let Some(frozen) = written.and_then(Arc::into_inner) {
            self.reuse(frozen);
        }
        self.flush()
    }

    /// Keeps the memory of large tails for the next ones: the system would clear all of it again.
    fn reuse(&self, frozen: Frozen) {
        for (id, project) in frozen.projects {
            let tail = project.tail.and_then(|(tail, _)| Arc::into_inner(tail));
            if let Some(mut tail) = tail.filter(|tail| tail.rows() >= REUSE_ROWS) {
                tail.clear();
                if let Some(project) = self.state().projects.get(&id) {
                    write(project).spare = Some(tail);
                }
            }
        }
    }
}

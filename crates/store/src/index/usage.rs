//! Which definitions questions still use. An index that none has used for long is removed, and built anew when its definition is
//! used again.
//!
//! A question only leaves a mark; the background thread gives it a time, by the hour. Times are kept in a small file, by the day.
//! It is not synced: if it is lost, every definition counts as used just now.

use std::{
    collections::BTreeMap,
    io,
    sync::atomic::{
        AtomicBool, AtomicI64,
        Ordering::{Relaxed, SeqCst},
    },
};

use cairn_commitlog::OpenMode;

use super::keep::hash_of;
use crate::store::{Shared, read, write};

/// Beside the manifest.
const FILE: &str = "USED";
const DAY_MS: i64 = 86_400_000;

/// When a definition was used last.
#[derive(Debug, Default)]
pub(crate) struct Usage {
    asked: AtomicBool,
    last_ms: AtomicI64,
    retired: AtomicBool,
}

impl Usage {
    /// Used last at this time, in milliseconds.
    pub(crate) fn since(last_ms: i64) -> Self {
        Self { last_ms: last_ms.into(), ..Self::default() }
    }

    /// A question uses it.
    pub(crate) fn ask(&self) {
        self.asked.store(true, SeqCst);
    }

    /// Whether it has no index for want of use.
    pub(crate) fn retired(&self) -> bool {
        self.retired.load(SeqCst)
    }

    /// Takes the mark into account, and decides whether it has an index.
    fn settle(&self, now_ms: i64, retire_ms: i64) {
        if self.asked.swap(false, SeqCst) {
            self.last_ms.store(now_ms, Relaxed);
        }
        self.retired.store(now_ms.saturating_sub(self.last_ms.load(Relaxed)) > retire_ms, SeqCst);
    }
}

/// The times by project and hash of the definition, as the file has them: in whole days.
pub(crate) type UsedDays = BTreeMap<String, i64>;

impl Shared {
    /// The times of an earlier process.
    pub(crate) fn read_usage(&self) -> UsedDays {
        let bytes = self.storage.map(&self.dir.join(FILE)).unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or_default()
    }

    /// When a definition of a project was used last, as far as the file knows; now if it does not.
    pub(crate) fn last_used_ms(&self, project: u64, key: &str) -> i64 {
        let day = self.used_days().get(&name_of(project, key)).copied();
        day.map_or_else(|| self.options.clock.now_ms(), |day| day.saturating_mul(DAY_MS))
    }

    /// Decides which definitions have indexes, and forgets those of the others.
    pub(crate) fn retire_indexes(&self) {
        let now_ms = self.options.clock.now_ms();
        let projects: Vec<_> = self.state().projects.iter().map(|(id, project)| (*id, project.clone())).collect();
        let mut days = UsedDays::new();
        for (id, project) in projects {
            let definitions = read(&project).definitions.clone();
            for (key, usage) in definitions.usages() {
                usage.settle(now_ms, self.options.index_retire_ms);
                days.insert(name_of(id, key), usage.last_ms.load(Relaxed).div_euclid(DAY_MS));
            }
            if definitions.usages().any(|(_, usage)| usage.retired()) {
                write(&project).parts.iter().for_each(|part| part.keep_indexes(&definitions));
            }
        }
        let mut known = self.used_days();
        if *known != days {
            if let Err(error) = self.write_usage(&days) {
                tracing::warn!(%error, "when indexes were used cannot be written; it is tried again");
                return;
            }
            *known = days;
        }
    }

    fn write_usage(&self, days: &UsedDays) -> io::Result<()> {
        let path = self.dir.join(FILE);
        match self.storage.remove(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        self.storage.open(&path, OpenMode::CreateNew)?.write_at(0, &serde_json::to_vec(days)?)
    }
}

fn name_of(project: u64, key: &str) -> String {
    format!("{project}-{:016x}", hash_of(key))
}

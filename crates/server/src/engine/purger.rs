//! Purges what has been erased or expired for long enough, in the background.

use std::{
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use cairn_commitlog::Log;
use cairn_model::{Position, ProjectId};

use super::{EngineStore, EraseError, Progress};

/// How long a stop may have to wait.
const STEP: Duration = Duration::from_millis(100);
/// How often to look whether a purge is due.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often to look whether anything waits in a spool.
const SPOOLED: Duration = Duration::from_millis(20);
/// How long to wait after a failure.
const RETRY: Duration = Duration::from_secs(60);
/// How long the store may take to come to the end of the log.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) struct Purger {
    pub(super) log: Arc<dyn Log>,
    pub(super) store: Arc<dyn EngineStore>,
    pub(super) progress: Arc<Progress>,
    pub(super) stop: Arc<AtomicBool>,
    /// Held while the log forgets: not while a backup reads it.
    pub(super) forgetting: Arc<RwLock<()>>,
}

impl Purger {
    /// Runs until it is stopped.
    pub(super) fn run(&self) {
        let mut next = Instant::now();
        while !self.stop.load(Relaxed) {
            std::thread::sleep(STEP);
            if Instant::now() < next {
                continue;
            }
            next = Instant::now() + LOOK_EVERY;
            for project in self.store.purge_due() {
                if let Err(error) = self.purge(project) {
                    tracing::error!(%error, "what is erased is still in files; it is tried again");
                    next = Instant::now() + RETRY;
                }
            }
        }
    }

    /// Takes what is erased or has expired in a project out of all files, the log's too.
    ///
    /// The log begins a new segment first: all before it is in the store's files when the purge has written them, so the log
    /// forgets the segments that may hold it.
    pub(super) fn purge(&self, project: ProjectId) -> Result<(), EraseError> {
        self.log.rotate()?;
        if !caught_up(&*self.log, &self.progress, PATIENCE) {
            return Err(EraseError::Behind);
        }
        self.store.purge(project)?;
        let _forgetting = self.forgetting.write().unwrap_or_else(PoisonError::into_inner);
        self.store.durable().into_iter().try_for_each(|durable: Position| Ok(self.log.drop_before(durable)?))
    }
}

/// Waits until the store has applied all that is in the log now, or waits in front of it. False if it has not in time.
pub(super) fn caught_up(log: &dyn Log, progress: &Progress, timeout: Duration) -> bool {
    let until = Instant::now() + timeout;
    while log.spooled().is_some_and(|spooled| spooled.records > 0) {
        if Instant::now() > until {
            return false;
        }
        std::thread::sleep(SPOOLED);
    }
    log.ends().iter().all(|end| {
        let Some(offset) = end.offset.checked_sub(1) else { return true };
        let left = until.saturating_duration_since(Instant::now());
        progress.wait(Position { partition: end.partition, offset }, left)
    })
}

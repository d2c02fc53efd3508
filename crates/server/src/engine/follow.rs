//! The threads that work behind an open engine.

use std::{
    sync::{Arc, PoisonError},
    time::{Duration, Instant},
};

use cairn_commitlog::LogError;
use cairn_model::Position;

use super::{
    Engine, EngineError, applier::Applier, keeper::Keeper, retainer::Retainer, sharer::Sharer, watcher::Watcher,
};

/// How long to wait until the end of a shared log is known.
const ENDS_PATIENCE: Duration = Duration::from_secs(5);
const ENDS_LOOK: Duration = Duration::from_millis(50);

impl Engine {
    /// Starts them. The log is applied by this process, or by other servers that share it.
    pub(super) fn follow(&self, ingest: bool) -> std::io::Result<()> {
        let purger = Arc::clone(&self.purger);
        self.spawn("purger", move || purger.run())?;
        // Whoever writes to the log lets events expire.
        if self.primary().is_none() {
            let retainer = Retainer {
                registry: Arc::clone(&self.registry),
                log: Arc::clone(&self.log),
                progress: Arc::clone(&self.progress),
                clock: self.clock.clone(),
                stop: Arc::clone(&self.stop),
            };
            self.spawn("retainer", move || retainer.run())?;
        }
        if self.log.is_shared() {
            let keeper = Keeper {
                log: Arc::clone(&self.log),
                store: Arc::clone(&self.store),
                clock: self.clock.clone(),
                stop: Arc::clone(&self.stop),
                found: Arc::clone(&self.nearing),
            };
            self.spawn("keeper", move || keeper.run())?;
        }
        if self.registry.is_shared() {
            let watcher = Watcher {
                registry: Arc::clone(&self.registry),
                tokens: Arc::clone(&self.tokens),
                store: Arc::clone(&self.store),
                stop: Arc::clone(&self.stop),
            };
            self.spawn("catalog", move || watcher.run())?;
        }
        if self.store.topic().is_some() {
            let sharer = Sharer {
                log: Arc::clone(&self.log),
                store: Arc::clone(&self.store),
                live: Arc::clone(&self.live),
                progress: Arc::clone(&self.progress),
                clock: self.clock.clone(),
                stop: Arc::clone(&self.stop),
                takes: ingest,
            };
            self.spawn("sharer", move || sharer.run())?;
        }
        for end in self.log.ends().into_iter().filter(|_| ingest) {
            let applier = Applier {
                partition: end.partition,
                log: Arc::clone(&self.log),
                store: Arc::clone(&self.store),
                live: Arc::clone(&self.live),
                progress: Arc::clone(&self.progress),
                clock: self.clock.clone(),
                stop: Arc::clone(&self.stop),
                gate: Arc::clone(&self.gate),
                forgetting: Arc::clone(&self.forgetting),
            };
            self.spawn("applier", move || applier.run())?;
        }
        Ok(())
    }

    /// A store that is ahead of its log would wait for ever for what it has already seen; one that is too far behind would never get
    /// what it lacks.
    pub(super) fn check_positions(&self) -> Result<(), EngineError> {
        for end in self.ends() {
            let applied = self.progress.applied(end.partition);
            if applied > end.offset {
                return Err(EngineError::OlderLog { applied, end: end.offset });
            }
            if let Err(LogError::Dropped { first }) = self.log.check(end.partition, applied) {
                return Err(EngineError::Forgotten { applied, first });
            }
        }
        Ok(())
    }

    /// The ends of the log. What others append to a shared one is known a moment late: where the store is further, it is waited for.
    fn ends(&self) -> Vec<Position> {
        let until = Instant::now() + ENDS_PATIENCE;
        loop {
            let ends = self.log.ends();
            let is_late = ends.iter().any(|end| self.progress.applied(end.partition) > end.offset);
            if !is_late || !self.log.is_shared() || Instant::now() > until {
                return ends;
            }
            std::thread::sleep(ENDS_LOOK);
        }
    }

    fn spawn(&self, name: &str, run: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(run)?;
        self.threads.lock().unwrap_or_else(PoisonError::into_inner).push(thread);
        Ok(())
    }
}

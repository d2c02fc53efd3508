//! Follows one partition of the log and applies it to the store.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, RwLock,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use cairn_analysis::{Applied, StoreError};
use cairn_commitlog::{Log, LogError, Record};
use cairn_model::Position;

use super::{EngineStore, Gate, Live, Progress};
use crate::Clock;

/// Read at once, in bytes: little enough to stay in the processor's cache until it is applied.
const READ_BYTES: usize = 256 << 10;
/// How long a stop may have to wait.
const WAIT: Duration = Duration::from_millis(200);
/// How often to look whether the store is held any longer.
const HELD: Duration = Duration::from_millis(2);
/// How often the log may forget.
const DROP_EVERY: Duration = Duration::from_secs(1);

pub(super) struct Applier {
    pub(super) partition: u32,
    pub(super) log: Arc<dyn Log>,
    pub(super) store: Arc<dyn EngineStore>,
    pub(super) live: Arc<Live>,
    pub(super) progress: Arc<Progress>,
    pub(super) clock: Clock,
    pub(super) stop: Arc<AtomicBool>,
    pub(super) gate: Arc<Gate>,
    pub(super) forgetting: Arc<RwLock<()>>,
}

impl Applier {
    /// Runs until it is stopped, or cannot go on: then health says why, and reads go on.
    pub(super) fn run(&self) {
        let outcome = catch_unwind(AssertUnwindSafe(|| self.follow()));
        let problem = match outcome {
            Ok(Ok(())) => return,
            Ok(Err(problem)) => problem,
            Err(_) => {
                "the applier met a defect (see the log of the server); start Cairn again and report it".to_owned()
            }
        };
        tracing::error!("the store stopped following the log: {problem}");
        self.progress.stop(problem);
    }

    fn follow(&self) -> Result<(), String> {
        let mut next = self.progress.applied(self.partition);
        let mut dropped = (Instant::now(), None);
        while !self.stop.load(Relaxed) {
            if !self.log.wait(self.partition, next, WAIT) {
                self.progress.caught_up(self.partition, &self.clock);
                self.drop_durable(&mut dropped);
                continue;
            }
            let found = Instant::now();
            let records = self.log.read(self.partition, next, READ_BYTES).map_err(|error| error.to_string())?;
            for some in records.chunks(self.store.together().max(1)) {
                self.apply(some)?;
                self.note_delay(some, found);
                if self.stop.load(Relaxed) {
                    return Ok(());
                }
                next = some.last().map_or(next, |last| last.position.offset + 1);
            }
            if self.log.ends().iter().all(|end| end.partition != self.partition || end.offset <= next) {
                self.progress.caught_up(self.partition, &self.clock);
            }
            self.drop_durable(&mut dropped);
        }
        Ok(())
    }

    /// A log that keeps times knows since when the first of them waits, on whichever server it came.
    fn note_delay(&self, records: &[Record], found: Instant) {
        let now = Instant::now();
        let came_ms = records.first().and_then(|first| first.appended_at_ms);
        let waited = |came_ms: i64| Duration::from_millis((self.clock.now().0 - came_ms).max(0) as u64);
        self.progress.delays.note(came_ms.map_or_else(|| now.duration_since(found), waited), now);
    }

    /// Applies records, up to where the store is held.
    fn apply(&self, records: &[Record]) -> Result<(), String> {
        let mut rest = records;
        while !rest.is_empty() && !self.stop.load(Relaxed) {
            let pass = self.gate.pass(self.partition);
            let (now, later) = rest.split_at(rest.partition_point(|record| record.position.offset < pass.limit()));
            if now.is_empty() {
                drop(pass);
                std::thread::sleep(HELD);
                continue;
            }
            self.apply_some(now)?;
            rest = later;
        }
        Ok(())
    }

    fn apply_some(&self, records: &[Record]) -> Result<(), String> {
        let Some(applied) = self.apply_when_possible(records)? else { return Ok(()) };
        let events = applied.iter().map(|applied| applied.stored + applied.left_out.len() as u64).sum();
        self.progress.applied_events(events, Instant::now());
        for (record, applied) in records.iter().zip(applied) {
            self.live.send(&record.payload, applied);
            self.progress.applied_record(record.position, record.payload.len() as u64);
        }
        Ok(())
    }

    /// A disk that fails or is full may recover, and a database that is away come back: it is tried again, and health says so
    /// meanwhile. What was applied before it failed changes nothing then. Nothing if it was stopped first.
    fn apply_when_possible(&self, records: &[Record]) -> Result<Option<Vec<Applied>>, String> {
        let mut held = false;
        let given: Vec<_> = records.iter().map(|record| (record.position, &*record.payload)).collect();
        while !self.stop.load(Relaxed) {
            match self.store.apply_all(&given) {
                Ok(applied) => {
                    if held {
                        self.progress.resume();
                    }
                    return Ok(Some(applied));
                }
                Err(error @ (StoreError::Io { .. } | StoreError::Unreachable { .. })) => {
                    if !held {
                        tracing::warn!("the store cannot follow the log for now: {error}");
                    }
                    held = true;
                    self.progress.stop(error.to_string());
                    std::thread::sleep(WAIT);
                }
                Err(error) => return Err(error.to_string()),
            }
        }
        Ok(None)
    }

    /// Lets the log forget what the store has on disk. That it cannot costs space only.
    fn drop_durable(&self, dropped: &mut (Instant, Option<Position>)) {
        if dropped.0.elapsed() < DROP_EVERY {
            return;
        }
        dropped.0 = Instant::now();
        // Taken before the position: what a backup has seen stays until it is done.
        let Ok(_forgetting) = self.forgetting.try_write() else { return };
        let durable = self.store.durable().into_iter().find(|position| position.partition == self.partition);
        let Some(durable) = durable.filter(|durable| dropped.1 != Some(*durable)) else { return };
        match self.log.drop_before(durable) {
            // A stopped log is told by its health.
            Ok(()) | Err(LogError::Stopped { .. }) => dropped.1 = Some(durable),
            Err(error) => tracing::warn!("the log keeps what it could drop: {error}"),
        }
    }
}

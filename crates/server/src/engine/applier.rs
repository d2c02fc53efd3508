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
        // Another server may be able to go on.
        if let Some(topic) = self.store.topic() {
            topic.leave();
        }
    }

    fn follow(&self) -> Result<(), String> {
        while !self.stop.load(Relaxed) {
            match self.begin() {
                Some(next) => {
                    self.follow_from(next)?;
                    self.end();
                }
                None => std::thread::sleep(WAIT),
            }
        }
        Ok(())
    }

    /// From where to go on; nothing while other servers are to apply the partition.
    fn begin(&self) -> Option<u64> {
        let Some(topic) = self.store.topic() else { return Some(self.progress.applied(self.partition)) };
        if let Some(offset) = topic.begin(self.partition) {
            self.progress.seen(Position { partition: self.partition, offset });
            return Some(offset);
        }
        topic.let_go(self.partition);
        None
    }

    /// Where others are to go on, nothing is held ready.
    fn end(&self) {
        if let Some(topic) = self.store.topic().filter(|topic| !topic.holds(self.partition)) {
            topic.let_go(self.partition);
            self.log.leave(self.partition);
        }
    }

    fn is_over(&self) -> bool {
        self.stop.load(Relaxed) || self.store.topic().is_some_and(|topic| !topic.holds(self.partition))
    }

    /// Records from there on; nothing if they cannot be had for now. Brokers that come back may not know of a topic yet, and how far others
    /// have brought it is known a moment late.
    fn read(&self, next: u64) -> Result<Option<Vec<Record>>, String> {
        match self.log.read(self.partition, next, READ_BYTES) {
            Ok(records) => Ok(Some(records)),
            Err(error @ (LogError::Unreachable { .. } | LogError::Beyond { .. })) if self.log.is_shared() => {
                tracing::warn!("partition {} cannot be read for now: {error}", self.partition);
                self.progress.hold(self.partition, error.to_string());
                std::thread::sleep(WAIT);
                Ok(None)
            }
            Err(error) => Err(error.to_string()),
        }
    }

    fn follow_from(&self, mut next: u64) -> Result<(), String> {
        let mut dropped = (Instant::now(), None);
        while !self.is_over() {
            if !self.log.wait(self.partition, next, WAIT) {
                self.progress.resume(self.partition);
                self.progress.caught_up(self.partition, &self.clock);
                self.drop_durable(&mut dropped);
                continue;
            }
            let found = Instant::now();
            let Some(records) = self.read(next)? else { continue };
            for some in records.chunks(self.store.together().max(1)) {
                if !self.apply(some)? {
                    return Ok(());
                }
                self.note_delay(some, found);
                if self.is_over() {
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

    /// Applies records; while the store is held, as far as that allows. Whether they were applied; else it is to be begun anew.
    fn apply(&self, records: &[Record]) -> Result<bool, String> {
        let mut rest = records;
        while !rest.is_empty() && !self.is_over() {
            let pass = self.gate.pass(self.partition);
            let (now, later) = rest.split_at(rest.partition_point(|record| record.position.offset < pass.limit()));
            if now.is_empty() {
                drop(pass);
                std::thread::sleep(HELD);
                continue;
            }
            if !self.apply_some(now)? {
                return Ok(false);
            }
            rest = later;
        }
        Ok(rest.is_empty())
    }

    fn apply_some(&self, records: &[Record]) -> Result<bool, String> {
        let Some(applied) = self.apply_when_possible(records)? else { return Ok(false) };
        let events = applied.iter().map(|applied| applied.stored + applied.left_out.len() as u64).sum();
        self.progress.applied_events(events, Instant::now());
        for (record, applied) in records.iter().zip(applied) {
            self.live.send(&record.payload, applied);
            self.progress.applied_record(record.position, record.payload.len() as u64);
        }
        Ok(true)
    }

    /// A disk that fails or is full may recover, and a database that is away come back: it is tried again, and health says so
    /// meanwhile. What was applied before it failed changes nothing then. Nothing if it was stopped first, or other servers apply the
    /// partition.
    fn apply_when_possible(&self, records: &[Record]) -> Result<Option<Vec<Applied>>, String> {
        let mut held = false;
        let given: Vec<_> = records.iter().map(|record| (record.position, &*record.payload)).collect();
        while !self.is_over() {
            match self.store.apply_all(&given) {
                Ok(applied) => {
                    self.progress.resume(self.partition);
                    return Ok(Some(applied));
                }
                // Somebody else was there, or the database has gone back.
                Err(StoreError::Gap { .. }) if self.store.topic().is_some() => return Ok(None),
                Err(error @ (StoreError::Io { .. } | StoreError::Unreachable { .. })) => {
                    if !held {
                        tracing::warn!("the store cannot follow the log for now: {error}");
                    }
                    held = true;
                    self.progress.hold(self.partition, error.to_string());
                    std::thread::sleep(WAIT);
                }
                Err(error) => return Err(error.to_string()),
            }
        }
        Ok(None)
    }

    /// Lets the log forget what the store has on disk. That it cannot costs space only. One that servers share forgets by rules of its own.
    fn drop_durable(&self, dropped: &mut (Instant, Option<Position>)) {
        if self.log.is_shared() || dropped.0.elapsed() < DROP_EVERY {
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

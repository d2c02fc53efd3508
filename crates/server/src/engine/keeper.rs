//! Sees to it that Kafka forgets nothing that is not stored here: puts what is only in memory on the disk in time, and says so where that does
//! not help.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use cairn_commitlog::{Log, LogError};
use cairn_model::Position;
use serde::Serialize;

use super::{Engine, EngineStore};
use crate::Clock;

/// How long a stop may have to wait.
const STEP: Duration = Duration::from_millis(100);
/// How often to look how much time is left.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// What is in memory is put on the disk so often, or more often where records are kept for a short time.
const SAVE_EVERY: Duration = Duration::from_secs(3_600);
/// This part of the time for which records are kept is little.
const LITTLE: u32 = 4;
/// So many records of a partition are few, whatever part they are of it.
const FEW: u64 = 1_000;

/// A partition of which the log may soon forget what is not stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Nearing {
    /// Which.
    pub partition: u32,
    /// The time left to the first record that is not stored, in milliseconds; none where it is not known, as the topic is limited by size.
    pub left_ms: Option<i64>,
}

/// What the keeper has found.
#[derive(Debug, Default)]
pub(super) struct Found(Mutex<Vec<Nearing>>);

pub(super) struct Keeper {
    pub(super) log: Arc<dyn Log>,
    pub(super) store: Arc<dyn EngineStore>,
    pub(super) clock: Clock,
    pub(super) stop: Arc<AtomicBool>,
    pub(super) found: Arc<Found>,
}

impl Engine {
    /// Partitions of which the log may soon forget what is not stored.
    pub fn nearing(&self) -> Vec<Nearing> {
        self.nearing.get()
    }

    /// What will be wrong unless something is done in time.
    pub fn warning(&self) -> Option<String> {
        let near = self.nearing();
        let first = near.iter().filter_map(|one| one.left_ms).min();
        let partitions: Vec<_> = near.iter().map(|one| one.partition.to_string()).collect();
        let left = first.map_or_else(|| "before long".to_owned(), |ms| format!("in {} minutes", (ms / 60_000).max(0)));
        let nearing = (!near.is_empty()).then(|| {
            format!(
                "Kafka will forget {left} what is not stored here, of partition {}: see whether the disk is full or the server too slow, or let the \
                 topic keep more (retention.ms, retention.bytes)",
                partitions.join(", ")
            )
        });
        let all: Vec<_> = [self.spool_warning(), nearing].into_iter().flatten().collect();
        (!all.is_empty()).then(|| all.join(". "))
    }

    /// Where the log begins, and what of it is on the disk here, by partition.
    pub(crate) fn kept(&self) -> (Vec<Position>, Vec<Position>) {
        (self.log.begins(), self.store.durable())
    }
}

impl Found {
    fn get(&self) -> Vec<Nearing> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, found: Vec<Nearing>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = found;
    }
}

impl Keeper {
    /// Runs until it is stopped.
    pub(super) fn run(&self) {
        let mut came = BTreeMap::new();
        let (mut saved, mut next) = (Instant::now(), Instant::now());
        while !self.stop.load(Relaxed) {
            std::thread::sleep(STEP);
            // A log that is away says so once it is back.
            let save_every = self.log.retention().map_or(SAVE_EVERY, |kept| SAVE_EVERY.min(kept / 16));
            let look_every = LOOK_EVERY.min(save_every);
            if saved.elapsed() >= save_every {
                self.save();
                saved = Instant::now();
            }
            if Instant::now() < next {
                continue;
            }
            next = Instant::now() + look_every;
            match self.look(&mut came) {
                Ok(found) => {
                    if self.found.get().is_empty() && !found.is_empty() {
                        tracing::warn!("Kafka will soon forget what is not stored here, of {} partitions", found.len());
                    }
                    self.found.set(found);
                }
                // What was found before stands until Kafka answers.
                Err(error) => tracing::debug!("how much time is left cannot be told: {error}"),
            }
        }
    }

    fn save(&self) {
        if self.store.durable() != self.store.positions()
            && let Err(error) = self.store.flush()
        {
            tracing::warn!("what is in memory cannot be put on the disk: {error}");
        }
    }

    /// `came` remembers when records came that were read for it.
    fn look(&self, came: &mut BTreeMap<Position, Option<i64>>) -> Result<Vec<Nearing>, LogError> {
        let (now_ms, kept) = (self.clock.now().0, self.log.retention());
        let stored = self.store.durable();
        // A database that is away tells nothing.
        if stored.is_empty() && self.store.topic().is_some() {
            return Ok(self.found.get());
        }
        let old = match kept {
            Some(kept) => self.log.positions_at(now_ms - (kept - kept / LITTLE).as_millis() as i64)?,
            None => None,
        };
        let mut found = Vec::new();
        for (begin, end) in self.log.begins().iter().zip(self.log.ends()) {
            let from = Position { offset: offset(&stored, end.partition), ..end };
            if from.offset >= end.offset {
                continue;
            }
            let is_old = old.as_ref().is_some_and(|old| from.offset < offset(old, end.partition));
            let left_ms = match kept.filter(|_| is_old) {
                Some(kept) => {
                    let came_ms = match came.get(&from) {
                        Some(came_ms) => *came_ms,
                        None => self.came_at(from)?,
                    };
                    came.retain(|at, _| at.partition != from.partition);
                    came.insert(from, came_ms);
                    came_ms.map(|came_ms| came_ms + kept.as_millis() as i64 - now_ms)
                }
                None => None,
            };
            if is_old || is_close(begin.offset, from.offset, end.offset) {
                found.push(Nearing { partition: end.partition, left_ms });
            }
        }
        Ok(found)
    }

    /// When the record came, if it is there.
    fn came_at(&self, at: Position) -> Result<Option<i64>, LogError> {
        let mut came_ms = None;
        match self.log.read_back(at, at.offset + 1, &mut |record| {
            came_ms = record.appended_at_ms;
            false
        }) {
            // Too late: the next start will say so.
            Err(LogError::Dropped { .. }) => Ok(Some(i64::MIN / 2)),
            read => read.map(|()| came_ms),
        }
    }
}

/// Whether what comes next of a log that forgets is among the first that it still has.
fn is_close(begin: u64, next: u64, end: u64) -> bool {
    begin > 0 && end - begin > FEW && next.saturating_sub(begin) < (end - begin) / 20
}

fn offset(positions: &[Position], partition: u32) -> u64 {
    positions.iter().find(|one| one.partition == partition).map_or(0, |one| one.offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_records_of_a_log_that_forgets_are_close_to_its_end() {
        assert!(!is_close(0, 0, 100_000), "it has forgotten nothing yet");
        assert!(!is_close(10, 10, 500), "they are few");
        assert!(is_close(10, 10, 100_000) && is_close(10, 4_000, 100_000) && is_close(10, 0, 100_000));
        assert!(!is_close(10, 6_000, 100_000));
    }
}

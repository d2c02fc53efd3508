//! Lets events expire that are older than their project keeps them, once a day of its zone.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use cairn_commitlog::{Log, LogError};
use cairn_model::{BatchWriter, Message, ProjectId, TimeMs};

use super::Progress;
use crate::{Clock, Registry};

/// How long a stop may have to wait.
const STEP: Duration = Duration::from_millis(100);
/// How often to look whether a day has begun, or a project keeps its events for another time.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long to wait after a failure.
const RETRY: Duration = Duration::from_secs(60);

pub(super) struct Retainer {
    pub(super) registry: Arc<Registry>,
    pub(super) log: Arc<dyn Log>,
    pub(super) progress: Arc<Progress>,
    pub(super) clock: Clock,
    pub(super) stop: Arc<AtomicBool>,
}

impl Retainer {
    /// Runs until it is stopped.
    pub(super) fn run(&self) {
        let mut done = BTreeMap::new();
        let mut next = Instant::now();
        while !self.stop.load(Relaxed) {
            std::thread::sleep(STEP);
            if Instant::now() < next {
                continue;
            }
            next = Instant::now() + LOOK_EVERY;
            if let Err(error) = self.look(&mut done) {
                tracing::warn!(%error, "events that are too old are still there; it is tried again");
                next = Instant::now() + RETRY;
            }
        }
    }

    /// Whoever looks first after a start says it again: a second time changes nothing.
    fn look(&self, done: &mut BTreeMap<ProjectId, TimeMs>) -> Result<(), LogError> {
        let now = self.clock.now();
        for entry in self.registry.entries() {
            let project = entry.project.id;
            let Some(days) = entry.project.retention_days else { continue };
            // A day that no calendar has is none to expire at.
            let Ok(before) = entry.calendar.day_start(now, days) else { continue };
            if done.get(&project).is_none_or(|said| *said < before) {
                self.expire(project, before)?;
                done.insert(project, before);
            }
        }
        Ok(())
    }

    fn expire(&self, project: ProjectId, before: TimeMs) -> Result<(), LogError> {
        let mut batch = BatchWriter::new(project);
        batch.push(&Message::Expire { before });
        let payload = Bytes::from(batch.finish());
        let bytes = payload.len() as u64;
        let appended = self.progress.appended(vec![self.log.append(project.get(), payload)?], bytes);
        appended.wait().map(drop)
    }
}

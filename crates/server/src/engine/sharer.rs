//! Applies a topic together with other servers: takes this server's share of the partitions, and sees what others have applied.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};

use cairn_analysis::StoreError;
use cairn_commitlog::Log;
use cairn_postgres::FollowedTopic;

use super::{EngineStore, Live, Progress, others::Others, progress::SHARING};
use crate::Clock;

/// How long a stop may have to wait, and the answer to whoever waits for what another server applies.
const STEP: Duration = Duration::from_millis(50);
/// How often partitions are shared anew, and positions asked for while all is applied.
const LOOK_EVERY: Duration = Duration::from_secs(1);

pub(super) struct Sharer {
    pub(super) log: Arc<dyn Log>,
    pub(super) store: Arc<dyn EngineStore>,
    pub(super) live: Arc<Live>,
    pub(super) progress: Arc<Progress>,
    pub(super) clock: Clock,
    pub(super) stop: Arc<AtomicBool>,
    /// Whether partitions are applied here.
    pub(super) takes: bool,
}

impl Sharer {
    /// Runs until it is stopped.
    pub(super) fn run(&self) {
        let Some(topic) = self.store.topic() else { return };
        let (mut shared, mut seen, mut others) = (None, None, Others::default());
        while !self.stop.load(Relaxed) {
            if self.takes && is_due(shared, LOOK_EVERY) {
                shared = Some(Instant::now());
                self.note(topic.share());
            }
            if is_due(seen, LOOK_EVERY) || self.is_behind() {
                seen = Some(Instant::now());
                self.note(self.see(topic, &mut others));
            }
            thread::sleep(STEP);
        }
        topic.leave();
    }

    /// Of what is applied here, the applier knows more than the database said a moment ago.
    fn see(&self, topic: &FollowedTopic, others: &mut Others) -> Result<(), StoreError> {
        let (ends, mut positions) = (self.log.ends(), topic.positions()?);
        positions.retain(|position| !topic.holds(position.partition));
        for position in &positions {
            self.progress.seen(*position);
            let end = ends.iter().find(|end| end.partition == position.partition);
            if end.is_none_or(|end| end.offset <= position.offset) {
                self.progress.caught_up(position.partition, &self.clock);
            }
        }
        self.progress.resume(SHARING);
        others.show(&*self.log, &self.live, &positions);
        Ok(())
    }

    /// Whether another server has something to apply.
    fn is_behind(&self) -> bool {
        let ends = self.log.ends();
        ends.iter().any(|end| end.offset > self.progress.applied(end.partition))
    }

    fn note(&self, outcome: Result<(), StoreError>) {
        if let Err(error) = outcome {
            self.progress.hold(SHARING, error.to_string());
        }
    }
}

fn is_due(last: Option<Instant>, every: Duration) -> bool {
    last.is_none_or(|last| last.elapsed() >= every)
}

//! How an engine is doing: whether it works, and how far the answers are behind the log.

use cairn_commitlog::LogError;
use cairn_model::Position;

use super::{Delay, Engine};

/// What keeps a server from its work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unhealthy {
    /// A word for programs: `disk_full`, `log_away`, `log_stopped`, `store_stopped`, `behind`.
    pub status: &'static str,
    /// What to do, for people.
    pub message: String,
}

impl Engine {
    /// What keeps the server from its work, if anything does.
    pub fn health(&self) -> Result<(), Unhealthy> {
        self.log.health().map_err(|error| Unhealthy {
            status: match error {
                LogError::Full { .. } => "disk_full",
                LogError::Unreachable { .. } => "log_away",
                _ => "log_stopped",
            },
            message: error.to_string(),
        })?;
        if let Some(message) = self.progress.stopped() {
            return Err(Unhealthy { status: "store_stopped", message });
        }
        if self.is_too_far_behind() {
            let message = "the store is too far behind the log; new events are refused until it has caught up";
            return Err(Unhealthy { status: "behind", message: message.to_owned() });
        }
        Ok(())
    }

    /// Whether the log must take nothing more. One that servers share takes what comes: it is there for that.
    pub(super) fn is_too_far_behind(&self) -> bool {
        let behind =
            || self.progress.behind_bytes() > self.lag_bytes_max || self.behind_records() > self.lag_records_max;
        !self.log.is_shared() && behind()
    }

    /// How far the answers are behind the log, in milliseconds: of the partition that is furthest behind.
    pub fn lag_ms(&self) -> u64 {
        let behind = self.behind().into_iter().filter(|(_, records)| *records > 0);
        behind.map(|(partition, _)| self.progress.since_caught_up_ms(partition, &self.clock)).max().unwrap_or(0)
    }

    /// How long records take from being acknowledged to being in the answers.
    pub fn delay(&self) -> Delay {
        self.progress.delays.read(std::time::Instant::now())
    }

    /// How many events are applied per second, over the last ten.
    pub fn applied_per_s(&self) -> f64 {
        self.progress.rate.per_second(std::time::Instant::now())
    }

    /// How many records were applied since the start.
    pub(crate) fn applied_records(&self) -> u64 {
        self.progress.records()
    }

    /// How many events were applied since the start.
    pub(crate) fn applied_events(&self) -> u64 {
        self.progress.events()
    }

    /// How many records the answers are behind the log.
    pub fn behind_records(&self) -> u64 {
        self.behind().into_iter().map(|(_, records)| records).sum()
    }

    /// How many records of each partition are not applied yet.
    pub fn behind(&self) -> Vec<(u32, u64)> {
        let behind = |end: Position| (end.partition, end.offset.saturating_sub(self.progress.applied(end.partition)));
        self.log.ends().into_iter().map(behind).collect()
    }
}

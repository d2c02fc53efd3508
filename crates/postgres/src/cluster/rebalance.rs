//! Shards spread evenly over the machines, by a job that the cluster works at by itself.

use std::{thread, time::Duration};

use cairn_analysis::StoreError;

use super::{CitusCluster, transfer::Seen};

const START: &str = include_str!("../../queries/cluster/rebalance.sql");
const STOP: &str = "select citus_rebalance_stop()";
const JOB: &str = include_str!("../../queries/cluster/job.sql");
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobState {
    /// It is worked at, or will be.
    Running,
    /// All is done.
    Finished,
    /// It was stopped.
    Cancelled,
    /// It failed; what it had moved by then stays moved.
    Failed,
}

/// A rebalancing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// What Citus calls it.
    pub id: u64,
    /// How it stands.
    pub state: JobState,
    /// Moves that are done.
    pub done: u64,
    /// All its moves.
    pub moves: u64,
    /// What went wrong, in Citus's words; may be empty.
    pub problem: String,
}

impl CitusCluster {
    /// The latest rebalancing, if there was one.
    pub fn job(&self) -> Result<Option<Job>, StoreError> {
        Ok(self.rows("looking at the rebalancing", JOB, &[])?.first().map(|row| Job {
            id: row.get::<_, i64>(0) as u64,
            state: match row.get::<_, &str>(1) {
                "finished" => JobState::Finished,
                "cancelled" => JobState::Cancelled,
                "failed" => JobState::Failed,
                _ => JobState::Running,
            },
            done: row.get::<_, i64>(2) as u64,
            moves: row.get::<_, i64>(3) as u64,
            problem: row.get(4),
        }))
    }

    /// Spreads the shards evenly, or follows a job that does so already, until it has ended; `seen` is told how many moves of how many
    /// are done. Nothing if there was nothing to move. The cluster goes on by itself where this is broken off.
    pub fn rebalance(&self, seen: Seen<'_>) -> Result<Option<Job>, StoreError> {
        let running = self.job()?.filter(|job| job.state == JobState::Running);
        if running.is_none() {
            let started = self.rows("starting to rebalance", START, &[])?;
            if started.first().is_none_or(|row| row.get::<_, i64>(0) == 0) {
                return Ok(None);
            }
        }
        loop {
            let job = self.job()?;
            match job {
                Some(Job { state: JobState::Running, done, moves, .. }) => seen(done, moves),
                ended => return Ok(ended),
            }
            thread::sleep(LOOK_EVERY);
        }
    }

    /// Ends a rebalancing; what it has moved stays moved. False if there is none.
    pub fn stop_rebalance(&self) -> Result<bool, StoreError> {
        let running = self.job()?.is_some_and(|job| job.state == JobState::Running);
        if running {
            self.rows("stopping the rebalancing", STOP, &[])?;
        }
        Ok(running)
    }
}

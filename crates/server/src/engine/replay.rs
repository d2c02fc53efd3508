//! Reading the log again from an earlier place and applying it once more: what is there already stays as it is, what is missing comes back.
//!
//! It goes in steps, each of which says where the next one begins. So nobody has to remember one that broke off, and a server that goes on
//! meanwhile has nothing to keep of it.

use std::time::{Duration, Instant};

use cairn_analysis::{Applied, StoreError};
use cairn_commitlog::LogError;
use cairn_model::{Batch, Position, ProjectId, RawMessage, TimeMs};
use serde::{Deserialize, Serialize};

use super::Engine;

/// A step takes no longer than this, but for its last record.
const STEP: Duration = Duration::from_secs(2);

/// From where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplayFrom {
    /// From these places; partitions that are not named are left out.
    Positions(Vec<Position>),
    /// From the first record that came at this instant or later.
    Time(TimeMs),
    /// From the first record that the log still has.
    Start,
}

/// A step of a replay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replay {
    /// From where.
    pub from: ReplayFrom,
    /// Of this partition alone.
    #[serde(default)]
    pub partition: Option<u32>,
    /// Of this project alone.
    #[serde(default)]
    pub project: Option<ProjectId>,
    /// Up to before these places, as an earlier step told them.
    #[serde(default)]
    pub to: Option<Vec<Position>>,
    /// Whether what it brought back is to be on the disk when it ends.
    #[serde(default)]
    pub flush: bool,
}

/// What a step has done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replayed {
    /// Where it goes on; empty once all is done.
    pub next: Vec<Position>,
    /// Up to where it goes: what the store had applied when it began.
    pub to: Vec<Position>,
    /// Records gone through, those of other projects too.
    pub records: u64,
    /// Events that were missing, and are in the answers now.
    pub restored: u64,
}

/// Why a log is not read again.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// It begins later.
    #[error(
        "partition {partition} begins at {first} by now; what was before is forgotten: replay from {partition}:{first}, or later"
    )]
    Forgotten {
        /// Which partition.
        partition: u32,
        /// Its first offset.
        first: u64,
    },
    /// There is no such place.
    #[error("{0} is beyond what the store has applied, or no partition of the log")]
    Beyond(Position),
    /// The log failed.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Engine {
    /// Applies once more what the log holds from there on, as far as it was applied already, for a few seconds.
    ///
    /// It changes no answer and no count unless something was missing.
    pub fn replay(&self, step: &Replay) -> Result<Replayed, ReplayError> {
        // The log keeps what is read.
        let _kept = self.keep_log();
        let from = self.replay_from(step)?;
        let mut done = Replayed { to: self.replay_to(step, &from), ..Replayed::default() };
        let until = Instant::now() + STEP;
        for (from, to) in from.iter().zip(&done.to.clone()) {
            let next = if from.offset < to.offset && Instant::now() < until {
                self.replay_partition(*from, to.offset, (step.project, until), &mut done)?
            } else {
                *from
            };
            if next.offset < to.offset {
                done.next.push(next);
            }
        }
        if step.flush {
            self.store.flush()?;
        }
        Ok(done)
    }

    fn replay_partition(
        &self,
        from: Position,
        to: u64,
        (project, until): (Option<ProjectId>, Instant),
        done: &mut Replayed,
    ) -> Result<Position, ReplayError> {
        let (mut next, mut failed) = (from, None);
        self.log.read_back(from, to, &mut |record| {
            let wanted =
                project.is_none_or(|wanted| Batch::parse(&record.payload).is_ok_and(|of| of.project == wanted));
            let applied = if wanted { self.store.apply_again(&record.payload) } else { Ok(Applied::default()) };
            match applied {
                Ok(applied) => done.restored += applied.stored,
                Err(error) => {
                    failed = Some(error);
                    return false;
                }
            }
            done.records += 1;
            next.offset = record.position.offset + 1;
            Instant::now() < until
        })?;
        failed.map_or(Ok(next), |error| Err(error.into()))
    }

    /// Where a step begins, of each of its partitions.
    fn replay_from(&self, step: &Replay) -> Result<Vec<Position>, ReplayError> {
        let begins = self.log.begins();
        let mut from = match &step.from {
            ReplayFrom::Positions(positions) => positions.clone(),
            ReplayFrom::Start => begins.clone(),
            ReplayFrom::Time(time) => match self.log.positions_at(time.0)? {
                Some(positions) => positions,
                None => begins.iter().map(|begin| self.first_since(*begin, *time)).collect::<Result<_, _>>()?,
            },
        };
        from.retain(|one| step.partition.is_none_or(|partition| partition == one.partition));
        for one in &from {
            let Some(begin) = begins.iter().find(|begin| begin.partition == one.partition) else {
                return Err(ReplayError::Beyond(*one));
            };
            if one.offset < begin.offset {
                return Err(ReplayError::Forgotten { partition: one.partition, first: begin.offset });
            }
            let is_end = matches!(step.from, ReplayFrom::Time(_)) || one.offset == begin.offset;
            if !is_end && one.offset > self.progress.applied(one.partition) {
                return Err(ReplayError::Beyond(*one));
            }
        }
        Ok(from)
    }

    /// Where a replay ends: beyond what is applied, records are still to be applied for the first time.
    fn replay_to(&self, step: &Replay, from: &[Position]) -> Vec<Position> {
        let wanted = |partition| {
            let to = step.to.iter().flatten().find(|to| to.partition == partition);
            to.map_or(u64::MAX, |to| to.offset)
        };
        let to = |one: &Position| Position {
            offset: self.progress.applied(one.partition).min(wanted(one.partition)),
            ..*one
        };
        from.iter().map(to).collect()
    }

    /// Of a log that keeps no times: behind the last record whose events all came before.
    fn first_since(&self, begin: Position, time: TimeMs) -> Result<Position, LogError> {
        let (mut first, to) = (begin, self.progress.applied(begin.partition));
        self.log.read_back(begin, to, &mut |record| {
            match newest(&record.payload) {
                Some(received_at) if received_at >= time => return false,
                Some(_) => first.offset = record.position.offset + 1,
                None => {}
            }
            true
        })?;
        Ok(first)
    }
}

/// When the last event of a record was received.
fn newest(payload: &[u8]) -> Option<TimeMs> {
    let messages = Batch::parse(payload).and_then(|batch| batch.messages()).ok()?;
    let newest = messages.iter().filter_map(|message| match message {
        RawMessage::Event(event) => Some(event.head.received_at),
        RawMessage::Events(block) => block.heads.iter().map(|head| head.received_at).max(),
        RawMessage::Other(_) => None,
    });
    newest.max()
}

//! How far the store has come, for those who wait for it.

use std::{
    pin::Pin,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, AtomicU64, Ordering::Relaxed},
    },
    task::{Context, Poll},
    time::Duration,
};

use cairn_commitlog::{Ack, LogError};
use cairn_model::Position;
use hashbrown::HashMap;

use super::delay::Delays;
use crate::Clock;

#[derive(Default)]
struct State {
    /// The next offset of each partition.
    next: HashMap<u32, u64>,
    stopped: Option<String>,
}

pub(super) struct Progress {
    state: Mutex<State>,
    moved: Condvar,
    records: AtomicU64,
    /// Appended and not applied. Appends that failed unseen make it too large until the store has caught up.
    behind_bytes: Arc<AtomicI64>,
    caught_up_ms: AtomicI64,
    pub(super) delays: Delays,
}

impl Progress {
    pub(super) fn new(positions: &[Position], clock: &Clock) -> Self {
        let next = positions.iter().map(|position| (position.partition, position.offset)).collect();
        Self {
            state: Mutex::new(State { next, stopped: None }),
            moved: Condvar::new(),
            records: AtomicU64::new(0),
            behind_bytes: Arc::default(),
            caught_up_ms: AtomicI64::new(clock.now().0),
            delays: Delays::default(),
        }
    }

    /// The next offset of `partition`.
    pub(super) fn applied(&self, partition: u32) -> u64 {
        self.state().next.get(&partition).copied().unwrap_or(0)
    }

    pub(super) fn applied_record(&self, position: Position, bytes: u64) {
        self.behind_bytes.fetch_sub(bytes as i64, Relaxed);
        self.records.fetch_add(1, Relaxed);
        self.state().next.insert(position.partition, position.offset + 1);
        self.moved.notify_all();
    }

    pub(super) fn caught_up(&self, clock: &Clock) {
        self.behind_bytes.store(0, Relaxed);
        self.caught_up_ms.store(clock.now().0, Relaxed);
    }

    pub(super) fn stop(&self, problem: String) {
        self.state().stopped = Some(problem);
        self.moved.notify_all();
    }

    /// The store goes on after a problem that has passed.
    pub(super) fn resume(&self) {
        self.state().stopped = None;
    }

    pub(super) fn stopped(&self) -> Option<String> {
        self.state().stopped.clone()
    }

    pub(super) fn wait(&self, position: Position, timeout: Duration) -> bool {
        let applied = |state: &State| state.next.get(&position.partition).is_some_and(|next| *next > position.offset);
        let waiting =
            self.moved.wait_timeout_while(self.state(), timeout, |state| !applied(state) && state.stopped.is_none());
        let (state, _) = waiting.unwrap_or_else(PoisonError::into_inner);
        applied(&state)
    }

    pub(super) fn records(&self) -> u64 {
        self.records.load(Relaxed)
    }

    pub(super) fn behind_bytes(&self) -> u64 {
        self.behind_bytes.load(Relaxed).max(0) as u64
    }

    pub(super) fn since_caught_up_ms(&self, clock: &Clock) -> u64 {
        (clock.now().0 - self.caught_up_ms.load(Relaxed)).max(0) as u64
    }

    pub(super) fn appended(&self, ack: Ack, bytes: u64) -> Appended {
        self.behind_bytes.fetch_add(bytes as i64, Relaxed);
        Appended { ack, bytes: bytes as i64, behind_bytes: Arc::clone(&self.behind_bytes) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The answer to an append, once it is durable or refused: a future, or [`Appended::wait`].
#[must_use = "an append is durable only once its answer has said so"]
pub struct Appended {
    ack: Ack,
    bytes: i64,
    behind_bytes: Arc<AtomicI64>,
}

impl Appended {
    /// Blocks until the batch is durable. Not for async code, where the answer is awaited.
    pub fn wait(self) -> Result<Position, LogError> {
        settle(self.ack.wait(), self.bytes, &self.behind_bytes)
    }
}

impl Future for Appended {
    type Output = Result<Position, LogError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let answer = Pin::new(&mut self.ack).poll(context);
        answer.map(|answer| settle(answer, self.bytes, &self.behind_bytes))
    }
}

fn settle(answer: Result<Position, LogError>, bytes: i64, behind_bytes: &AtomicI64) -> Result<Position, LogError> {
    if answer.is_err() {
        behind_bytes.fetch_sub(bytes, Relaxed);
    }
    answer
}

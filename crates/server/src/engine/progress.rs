//! How far the store has come, for those who wait for it.

use std::{
    collections::{BTreeMap, VecDeque},
    pin::Pin,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, AtomicU64, Ordering::Relaxed},
    },
    task::{Context, Poll},
    time::{Duration, Instant},
};

use cairn_commitlog::{Ack, LogError};
use cairn_model::Position;
use hashbrown::HashMap;

use super::{delay::Delays, rate::Rate};
use crate::Clock;

/// In the place of a partition: what servers do to share them.
pub(super) const SHARING: u32 = u32::MAX;

#[derive(Default)]
struct State {
    /// The next offset of each partition.
    next: HashMap<u32, u64>,
    /// When each partition had nothing more to apply.
    caught_up_ms: HashMap<u32, i64>,
    /// Why the store has stopped for good.
    stopped: Option<String>,
    /// What a partition, or [`SHARING`], waits for to pass.
    held: BTreeMap<u32, String>,
}

pub(super) struct Progress {
    state: Mutex<State>,
    moved: Condvar,
    records: AtomicU64,
    /// Appended and not applied. Appends that failed unseen make it too large until the store has caught up. Always 0 where others append,
    /// too: what is applied may be theirs.
    behind_bytes: Arc<AtomicI64>,
    is_shared: bool,
    began_ms: i64,
    pub(super) delays: Delays,
    pub(super) rate: Rate,
    events: AtomicU64,
}

impl Progress {
    pub(super) fn new(positions: &[Position], is_shared: bool, clock: &Clock) -> Self {
        let next = positions.iter().map(|position| (position.partition, position.offset)).collect();
        Self {
            state: Mutex::new(State { next, ..State::default() }),
            moved: Condvar::new(),
            records: AtomicU64::new(0),
            behind_bytes: Arc::default(),
            is_shared,
            began_ms: clock.now().0,
            delays: Delays::default(),
            rate: Rate::default(),
            events: AtomicU64::new(0),
        }
    }

    /// The next offset of `partition`.
    pub(super) fn applied(&self, partition: u32) -> u64 {
        self.state().next.get(&partition).copied().unwrap_or(0)
    }

    pub(super) fn applied_record(&self, position: Position, bytes: u64) {
        if !self.is_shared {
            self.behind_bytes.fetch_sub(bytes as i64, Relaxed);
        }
        self.records.fetch_add(1, Relaxed);
        self.state().next.insert(position.partition, position.offset + 1);
        self.moved.notify_all();
    }

    pub(super) fn caught_up(&self, partition: u32, clock: &Clock) {
        self.behind_bytes.store(0, Relaxed);
        let mut state = self.state();
        state.caught_up_ms.insert(partition, clock.now().0);
        state.held.remove(&partition);
    }

    /// What the database says of a partition that others apply. It may have gone back to an earlier state.
    pub(super) fn seen(&self, position: Position) {
        let mut state = self.state();
        let before = state.next.insert(position.partition, position.offset);
        if before.is_some_and(|before| before < position.offset) {
            state.held.remove(&position.partition);
        }
        drop(state);
        self.moved.notify_all();
    }

    /// The store has stopped for good.
    pub(super) fn stop(&self, problem: String) {
        self.state().stopped = Some(problem);
        self.moved.notify_all();
    }

    /// A partition cannot go on until a problem has passed.
    pub(super) fn hold(&self, partition: u32, problem: String) {
        self.state().held.insert(partition, problem);
        self.moved.notify_all();
    }

    /// It goes on, after a problem that has passed.
    pub(super) fn resume(&self, partition: u32) {
        self.state().held.remove(&partition);
    }

    pub(super) fn stopped(&self) -> Option<String> {
        let state = self.state();
        state.stopped.as_ref().or(state.held.values().next()).cloned()
    }

    pub(super) fn wait(&self, position: Position, timeout: Duration) -> bool {
        let applied = |state: &State| state.next.get(&position.partition).is_some_and(|next| *next > position.offset);
        let waiting = self.moved.wait_timeout_while(self.state(), timeout, |state| {
            !applied(state) && state.stopped.is_none() && state.held.is_empty()
        });
        let (state, _) = waiting.unwrap_or_else(PoisonError::into_inner);
        applied(&state)
    }

    pub(super) fn records(&self) -> u64 {
        self.records.load(Relaxed)
    }

    /// So many events were applied.
    pub(super) fn applied_events(&self, events: u64, now: Instant) {
        self.events.fetch_add(events, Relaxed);
        self.rate.note(events, now);
    }

    /// Events that were applied since the start.
    pub(super) fn events(&self) -> u64 {
        self.events.load(Relaxed)
    }

    pub(super) fn behind_bytes(&self) -> u64 {
        self.behind_bytes.load(Relaxed).max(0) as u64
    }

    pub(super) fn since_caught_up_ms(&self, partition: u32, clock: &Clock) -> u64 {
        let then = self.state().caught_up_ms.get(&partition).copied().unwrap_or(self.began_ms);
        (clock.now().0 - then).max(0) as u64
    }

    /// The answer to a batch that has become one record or, where users have partitions of their own, several.
    pub(super) fn appended(&self, acks: Vec<Ack>, bytes: u64) -> Appended {
        let bytes = if self.is_shared { 0 } else { bytes as i64 };
        self.behind_bytes.fetch_add(bytes, Relaxed);
        Appended { acks: acks.into(), last: None, bytes, behind_bytes: Arc::clone(&self.behind_bytes) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The answer to an append, once it is durable or refused: a future, or [`Appended::wait`].
///
/// It is the position of the batch's last record; a batch of one message has only that.
#[must_use = "an append is durable only once its answer has said so"]
pub struct Appended {
    acks: VecDeque<Ack>,
    last: Option<Position>,
    bytes: i64,
    behind_bytes: Arc<AtomicI64>,
}

impl Appended {
    /// Blocks until the batch is durable. Not for async code, where the answer is awaited.
    pub fn wait(mut self) -> Result<Position, LogError> {
        while let Some(ack) = self.acks.pop_front() {
            let answer = ack.wait();
            self.last = Some(self.settle(answer)?);
        }
        self.last.ok_or_else(unanswered)
    }

    /// A part that is refused refuses the batch: sent again, what was taken counts once.
    fn settle(&self, answer: Result<Position, LogError>) -> Result<Position, LogError> {
        answer.inspect_err(|_| {
            self.behind_bytes.fetch_sub(self.bytes, Relaxed);
        })
    }
}

impl Future for Appended {
    type Output = Result<Position, LogError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        while let Some(ack) = self.acks.front_mut() {
            let answer = std::task::ready!(Pin::new(ack).poll(context));
            self.last = Some(self.settle(answer)?);
            self.acks.pop_front();
        }
        Poll::Ready(self.last.ok_or_else(unanswered))
    }
}

fn unanswered() -> LogError {
    LogError::Stopped { cause: "nothing was appended".to_owned() }
}

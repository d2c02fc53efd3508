//! What waits between those who append and the writer: bounded, and taken whole.

use std::{
    mem,
    sync::{Condvar, Mutex, PoisonError},
};

use bytes::Bytes;
use tokio::sync::oneshot;

use super::segment::lock;
use crate::{Ack, LogError, Position};

/// What the writer is to do next.
pub(super) struct Work {
    pub(super) batch: Vec<Pending>,
    /// Who wants the records so far, the batch's too, in segments that get no more.
    pub(super) rotations: Vec<oneshot::Sender<Result<(), LogError>>>,
}

/// A record on its way.
pub(super) struct Pending {
    pub(super) payload: Bytes,
    pub(super) crc: u32,
    pub(super) done: oneshot::Sender<Result<Position, LogError>>,
}

impl Pending {
    /// What it counts against the queue's bound: an empty payload takes memory too.
    pub(super) fn cost_bytes(&self) -> usize {
        cost_bytes(&self.payload)
    }
}

fn cost_bytes(payload: &Bytes) -> usize {
    payload.len() + 64
}

pub(super) struct Queue {
    limit_bytes: usize,
    state: Mutex<State>,
    filled: Condvar,
}

#[derive(Default)]
struct State {
    waiting: Vec<Pending>,
    rotations: Vec<oneshot::Sender<Result<(), LogError>>>,
    /// What waits or is being written.
    bytes: usize,
    closed: bool,
    /// Why the writer has stopped, for ever.
    stopped: Option<LogError>,
    /// Why the last batch was refused, until one succeeds.
    refused: Option<LogError>,
}

impl Queue {
    pub(super) fn new(limit_bytes: usize) -> Self {
        Self { limit_bytes, state: Mutex::default(), filled: Condvar::new() }
    }

    /// Adds a record. A single one is let in whatever its size, or it could never be written.
    pub(super) fn push(&self, payload: Bytes, crc: u32) -> Result<Ack, LogError> {
        let (done, answer) = oneshot::channel();
        let cost = cost_bytes(&payload);
        let mut state = lock(&self.state);
        if let Some(stopped) = &state.stopped {
            return Err(stopped.clone());
        }
        if state.bytes > 0 && state.bytes + cost > self.limit_bytes {
            return Err(LogError::Busy { waiting_bytes: state.bytes, limit_bytes: self.limit_bytes });
        }
        state.bytes += cost;
        state.waiting.push(Pending { payload, crc, done });
        if state.waiting.len() == 1 {
            self.filled.notify_one();
        }
        Ok(Ack::new(answer))
    }

    /// Asks the writer to begin a new segment behind all that waits.
    pub(super) fn rotate(&self) -> Result<oneshot::Receiver<Result<(), LogError>>, LogError> {
        let (done, answer) = oneshot::channel();
        let mut state = lock(&self.state);
        if let Some(stopped) = &state.stopped {
            return Err(stopped.clone());
        }
        state.rotations.push(done);
        self.filled.notify_one();
        Ok(answer)
    }

    /// All that waits, if anything does.
    pub(super) fn try_take(&self) -> Option<Work> {
        Self::take_from(&mut lock(&self.state))
    }

    /// All that waits, as soon as something does. `None` once the queue is closed and empty.
    pub(super) fn take(&self) -> Option<Work> {
        let mut state = lock(&self.state);
        loop {
            if let Some(work) = Self::take_from(&mut state) {
                return Some(work);
            }
            if state.closed {
                return None;
            }
            state = self.filled.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn take_from(state: &mut State) -> Option<Work> {
        let room = state.waiting.len();
        (room > 0 || !state.rotations.is_empty()).then(|| Work {
            batch: mem::replace(&mut state.waiting, Vec::with_capacity(room)),
            rotations: mem::take(&mut state.rotations),
        })
    }

    /// Gives back the room of records that have been answered.
    pub(super) fn release(&self, bytes: usize, refused: Option<LogError>) {
        let mut state = lock(&self.state);
        state.bytes = state.bytes.saturating_sub(bytes); // a queue that was stopped counts from 0
        state.refused = refused;
    }

    /// Whether nothing waits or is being written.
    pub(super) fn is_empty(&self) -> bool {
        lock(&self.state).bytes == 0
    }

    /// No more records will come.
    pub(super) fn close(&self) {
        lock(&self.state).closed = true;
        self.filled.notify_one();
    }

    /// Refuses all that waits and all that will come. The first reason stays.
    pub(super) fn stop(&self, reason: LogError) {
        let mut state = lock(&self.state);
        let reason = state.stopped.get_or_insert(reason).clone();
        let waiting = mem::take(&mut state.waiting);
        let rotations = mem::take(&mut state.rotations);
        state.bytes = 0;
        state.closed = true;
        drop(state);
        self.filled.notify_one();
        for pending in waiting {
            let _ = pending.done.send(Err(reason.clone()));
        }
        for done in rotations {
            let _ = done.send(Err(reason.clone()));
        }
    }

    pub(super) fn stopped(&self) -> Option<LogError> {
        lock(&self.state).stopped.clone()
    }

    pub(super) fn health(&self) -> Result<(), LogError> {
        let state = lock(&self.state);
        state.stopped.as_ref().or(state.refused.as_ref()).map_or(Ok(()), |reason| Err(reason.clone()))
    }
}

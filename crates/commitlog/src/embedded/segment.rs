//! What is known of each segment in memory, and the end of the log that followers wait for.

use std::{
    path::PathBuf,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::format::{Codec, SEGMENT_HEADER_BYTES};

/// A record that starts at least this far behind the last indexed one is indexed too.
pub(super) const INDEX_EVERY_BYTES: u64 = 64 << 10;

/// Locks, also after a thread has panicked: every critical section here leaves its data whole.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A record's number and the byte of the file where its frame begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) offset: u64,
    pub(super) at: u64,
}

/// One segment file.
pub(super) struct Segment {
    pub(super) first: u64,
    pub(super) path: PathBuf,
    pub(super) codec: Codec,
    span: Mutex<Span>,
}

/// The durable part of a segment.
pub(super) struct Span {
    /// Where the next record goes.
    pub(super) end: Place,
    /// Some records' places, ascending.
    pub(super) index: Index,
}

impl Segment {
    pub(super) fn new(path: PathBuf, codec: Codec, first: u64, span: Span) -> Self {
        Self { first, path, codec, span: Mutex::new(span) }
    }

    pub(super) fn grow(&self, end: Place, places: &mut Vec<Place>) {
        let mut span = lock(&self.span);
        span.index.0.append(places);
        span.end = end;
    }

    /// The end, and the nearest known place at or before `offset`.
    pub(super) fn find(&self, offset: u64) -> (Place, Place) {
        let span = lock(&self.span);
        (span.end, span.index.floor(offset).unwrap_or_else(|| start(self.first)))
    }
}

/// The place of a segment's first record.
pub(super) fn start(first: u64) -> Place {
    Place { offset: first, at: SEGMENT_HEADER_BYTES as u64 }
}

/// A sparse index: places at least [`INDEX_EVERY_BYTES`] apart.
#[derive(Default)]
pub(super) struct Index(Vec<Place>);

impl Index {
    /// Notes `place` if it is far enough behind the last one noted.
    pub(super) fn offer(&mut self, place: Place) {
        if is_due(self.0.last().map_or(SEGMENT_HEADER_BYTES as u64, |last| last.at), place) {
            self.0.push(place);
        }
    }

    fn floor(&self, offset: u64) -> Option<Place> {
        let behind = self.0.partition_point(|place| place.offset <= offset);
        self.0[..behind].last().copied()
    }
}

/// Whether a record at `place` is to be indexed when the last one indexed stands at byte `last_at`.
pub(super) fn is_due(last_at: u64, place: Place) -> bool {
    place.at >= last_at + INDEX_EVERY_BYTES
}

/// The segments and the durable end of the log: written by the writer, read by all.
pub(super) struct Segments {
    state: Mutex<State>,
    grown: Condvar,
}

struct State {
    /// Ascending and without gaps.
    list: Vec<Arc<Segment>>,
    end: u64,
}

impl Segments {
    pub(super) fn new(list: Vec<Arc<Segment>>, end: u64) -> Self {
        Self { state: Mutex::new(State { list, end }), grown: Condvar::new() }
    }

    pub(super) fn end(&self) -> u64 {
        lock(&self.state).end
    }

    /// What all segments hold, headers included.
    pub(super) fn bytes(&self) -> u64 {
        lock(&self.state).list.iter().map(|segment| lock(&segment.span).end.at).sum()
    }

    /// The first offset that is kept.
    pub(super) fn first(&self) -> u64 {
        let state = lock(&self.state);
        state.list.first().map_or(state.end, |segment| segment.first)
    }

    /// Whether the newest segment begins at `offset`, or there is nothing at all before it.
    pub(super) fn begins_at(&self, offset: u64) -> bool {
        lock(&self.state).list.last().map_or(offset == 0, |newest| newest.first == offset)
    }

    /// The segment that holds record `offset`, if the log does.
    pub(super) fn holding(&self, offset: u64) -> Option<Arc<Segment>> {
        let state = lock(&self.state);
        if offset >= state.end {
            return None;
        }
        let behind = state.list.partition_point(|segment| segment.first <= offset);
        state.list[..behind].last().cloned()
    }

    /// Adds the newest segment; one that is still empty and begins at the same record gives way to it.
    pub(super) fn push(&self, segment: Arc<Segment>) {
        let mut state = lock(&self.state);
        if state.list.last().is_some_and(|last| last.first == segment.first) {
            state.list.pop();
        }
        state.list.push(segment);
    }

    /// The oldest segment, if all its records stand before `offset` and it is not the newest.
    pub(super) fn oldest_before(&self, offset: u64) -> Option<Arc<Segment>> {
        match lock(&self.state).list.as_slice() {
            [oldest, next, ..] if next.first <= offset => Some(Arc::clone(oldest)),
            _ => None,
        }
    }

    /// Forgets the oldest segment.
    pub(super) fn forget_oldest(&self) {
        lock(&self.state).list.remove(0);
    }

    /// Lets readers see the records before `end`.
    pub(super) fn publish(&self, end: u64) {
        lock(&self.state).end = end;
        self.grown.notify_all();
    }

    pub(super) fn wait(&self, from: u64, timeout: Duration) -> bool {
        // A timeout past the clock's range means: wait for ever, in long steps.
        let deadline = Instant::now().checked_add(timeout);
        let mut state = lock(&self.state);
        while state.end <= from {
            let now = Instant::now();
            let left = deadline.map_or(Duration::from_secs(3600), |deadline| deadline.saturating_duration_since(now));
            if left.is_zero() {
                return false;
            }
            state = self.grown.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }
}

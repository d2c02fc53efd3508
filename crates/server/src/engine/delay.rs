//! How long acknowledged records take to come into the answers.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use serde::Serialize;

/// The slowest is that of this and the stretch before.
const STRETCH: Duration = Duration::from_secs(60);

/// Of a record that the log had made durable, until it was in the answers. Nothing where none came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Delay {
    /// Of the last record, in milliseconds.
    pub last_ms: Option<f64>,
    /// The longest of the last one to two minutes, in milliseconds.
    pub slowest_ms: Option<f64>,
}

/// Measures it.
#[derive(Default)]
pub(super) struct Delays(Mutex<State>);

#[derive(Default)]
struct State {
    last: Option<Duration>,
    /// When the stretch began, and the slowest of it and of the one before.
    stretch: Option<(Instant, Option<Duration>, Option<Duration>)>,
}

impl Delays {
    pub(super) fn note(&self, took: Duration, now: Instant) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.last = Some(took);
        let (began, slowest, before) = state.at(now);
        state.stretch = Some((began, slowest.max(Some(took)), before));
    }

    pub(super) fn read(&self, now: Instant) -> Delay {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, slowest, before) = state.at(now);
        let ms = |took: Option<Duration>| took.map(|took| took.as_secs_f64() * 1e3);
        Delay { last_ms: ms(state.last), slowest_ms: ms(slowest.max(before)) }
    }
}

impl State {
    fn at(&self, now: Instant) -> (Instant, Option<Duration>, Option<Duration>) {
        match self.stretch {
            Some((began, slowest, before)) if now.duration_since(began) < STRETCH => (began, slowest, before),
            Some((began, slowest, _)) if now.duration_since(began) < 2 * STRETCH => (began + STRETCH, None, slowest),
            _ => (now, None, None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slowest_is_forgotten_after_two_stretches() {
        let (delays, start) = (Delays::default(), Instant::now());
        let at = |seconds| start + Duration::from_secs(seconds);
        let read = |seconds| delays.read(at(seconds));
        assert_eq!(read(0), Delay::default());
        delays.note(Duration::from_millis(50), at(0));
        delays.note(Duration::from_millis(2), at(30));
        assert_eq!(read(31), Delay { last_ms: Some(2.0), slowest_ms: Some(50.0) });
        delays.note(Duration::from_millis(7), at(70));
        assert_eq!(read(71), Delay { last_ms: Some(7.0), slowest_ms: Some(50.0) });
        assert_eq!(read(121), Delay { last_ms: Some(7.0), slowest_ms: Some(7.0) });
        assert_eq!(read(500), Delay { last_ms: Some(7.0), slowest_ms: None });
    }
}

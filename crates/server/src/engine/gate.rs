//! Holds the appliers at given positions for a moment, so that two stores can be compared while events go on to come in.

use std::{
    collections::BTreeMap,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use cairn_model::Position;

/// How long whoever is applying may take to stop.
const PATIENCE: Duration = Duration::from_secs(10);

/// What appliers pass before each step.
#[derive(Debug, Default)]
pub(super) struct Gate {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Appliers that are applying.
    passes: usize,
    /// Until when it is held, and where: partitions that are not named, at their beginning.
    held: Option<(Instant, BTreeMap<u32, u64>)>,
}

/// Somebody is applying.
pub(super) struct Pass<'g> {
    gate: &'g Gate,
    limit: u64,
}

impl Pass<'_> {
    /// Nothing from this offset on is to be applied now.
    pub(super) fn limit(&self) -> u64 {
        self.limit
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        self.gate.state().passes -= 1;
        self.gate.changed.notify_all();
    }
}

impl Gate {
    /// Begins a step.
    pub(super) fn pass(&self, partition: u32) -> Pass<'_> {
        let mut state = self.state();
        state.passes += 1;
        let limit = state.limits().map_or(u64::MAX, |limits| limits.get(&partition).copied().unwrap_or(0));
        Pass { gate: self, limit }
    }

    /// Stops everybody where they are, for so long at most; `positions` is asked once all have. False if it is held already, or if somebody
    /// does not stop in time.
    pub(super) fn hold(&self, time: Duration, positions: impl FnOnce() -> Vec<Position>) -> Option<Vec<Position>> {
        let mut state = self.state();
        if state.limits().is_some() {
            return None;
        }
        state.held = Some((Instant::now() + time, BTreeMap::new()));
        let waiting = self.changed.wait_timeout_while(state, PATIENCE, |state| state.passes > 0);
        let (mut state, waited) = waiting.unwrap_or_else(PoisonError::into_inner);
        if waited.timed_out() && state.passes > 0 {
            state.held = None;
            return None;
        }
        let positions = positions();
        state.held = Some((Instant::now() + time, limits(&positions)));
        Some(positions)
    }

    /// Lets everybody go on up to there, and holds them there. False if it is not held any more.
    pub(super) fn advance(&self, to: &[Position], time: Duration) -> bool {
        let mut state = self.state();
        let is_held = state.limits().is_some();
        if is_held {
            state.held = Some((Instant::now() + time, limits(to)));
        }
        is_held
    }

    /// Lets everybody go on. False if they did already.
    pub(super) fn release(&self) -> bool {
        let mut state = self.state();
        let was_held = state.limits().is_some();
        state.held = None;
        was_held
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Where it is held, if it is.
    fn limits(&self) -> Option<&BTreeMap<u32, u64>> {
        self.held.as_ref().filter(|(until, _)| Instant::now() < *until).map(|(_, limits)| limits)
    }
}

fn limits(positions: &[Position]) -> BTreeMap<u32, u64> {
    positions.iter().map(|position| (position.partition, position.offset)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(offset: u64) -> Vec<Position> {
        vec![Position { partition: 1, offset }]
    }

    #[test]
    fn appliers_stop_at_limits_until_it_is_over() {
        let (gate, long) = (Gate::default(), Duration::from_secs(60));
        let limits = || [0, 1].map(|partition| gate.pass(partition).limit());
        assert_eq!(limits(), [u64::MAX; 2]);
        assert!(!gate.advance(&at(9), long) && !gate.release());
        assert_eq!(gate.hold(long, || at(5)), Some(at(5)));
        assert_eq!(limits(), [0, 5]);
        assert_eq!(gate.hold(long, || at(6)), None);
        assert!(gate.advance(&at(9), long));
        assert_eq!(limits(), [0, 9]);
        assert!(gate.release());
        assert_eq!(limits(), [u64::MAX; 2]);
        assert_eq!(gate.hold(Duration::ZERO, || at(5)), Some(at(5)));
        assert_eq!(limits(), [u64::MAX; 2]);
        assert!(!gate.advance(&at(9), long));
    }

    #[test]
    fn whoever_holds_waits_for_what_is_being_applied() {
        let gate = Gate::default();
        std::thread::scope(|scope| {
            let pass = gate.pass(1);
            let holding = scope.spawn(|| gate.hold(Duration::from_secs(60), || at(5)));
            std::thread::sleep(Duration::from_millis(50));
            assert!(!holding.is_finished());
            drop(pass);
            assert!(matches!(holding.join(), Ok(Some(positions)) if positions == at(5)));
        });
    }
}

//! How many events are applied per second.

use std::{
    sync::{Mutex, PoisonError},
    time::Instant,
};

/// Seconds that are looked back on.
const SECONDS: u64 = 10;
/// More than are looked back on, so that the one under way has a place of its own.
const SLOTS: usize = 16;

/// Counts them, second by second.
#[derive(Debug)]
pub(super) struct Rate {
    began: Instant,
    /// A second, and its events.
    slots: Mutex<[(u64, u64); SLOTS]>,
}

impl Default for Rate {
    fn default() -> Self {
        Self { began: Instant::now(), slots: Mutex::default() }
    }
}

impl Rate {
    pub(super) fn note(&self, events: u64, now: Instant) {
        let second = self.second(now);
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = &mut slots[second as usize % SLOTS];
        if slot.0 != second {
            *slot = (second, 0);
        }
        slot.1 += events;
    }

    /// Per second, over the last ten whole ones.
    pub(super) fn per_second(&self, now: Instant) -> f64 {
        let second = self.second(now);
        let slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let recent = slots.iter().filter(|slot| slot.0 < second && slot.0 + SECONDS >= second);
        recent.map(|slot| slot.1).sum::<u64>() as f64 / SECONDS as f64
    }

    fn second(&self, now: Instant) -> u64 {
        // From 1, so that an empty slot is none of them.
        now.saturating_duration_since(self.began).as_secs() + 1 + SECONDS
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_last_ten_whole_seconds_count() {
        let rate = Rate::default();
        let at = |seconds: u64| rate.began + Duration::from_secs(seconds);
        assert_eq!(rate.per_second(at(0)), 0.0);
        rate.note(50, at(0));
        assert_eq!(rate.per_second(at(0)), 0.0, "it is not over");
        assert_eq!(rate.per_second(at(1)), 5.0);
        rate.note(20, at(3));
        assert_eq!(rate.per_second(at(10)), 7.0);
        assert_eq!(rate.per_second(at(11)), 2.0);
        rate.note(1, at(19));
        assert_eq!((rate.per_second(at(20)), rate.per_second(at(500))), (0.1, 0.0));
    }
}

//! Random numbers, other ones in each run: what is tested is the moment of a kill, which no seed could bring back.

use std::{
    hash::{BuildHasher, RandomState},
    time::Duration,
};

/// From 0 to below `end`.
pub(crate) fn below(end: u64) -> u64 {
    RandomState::new().hash_one(0) % end
}

/// Less than `end`.
pub(crate) fn moment(end: Duration) -> Duration {
    Duration::from_micros(below(end.as_micros().max(1) as u64))
}

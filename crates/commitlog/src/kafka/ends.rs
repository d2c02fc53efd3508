//! Where each partition begins and ends, as far as it is known here.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::{LogError, Position};

/// Where partitions begin and end.
pub(super) struct Ends(Vec<Range>);

#[derive(Default)]
struct Range {
    first: AtomicU64,
    end: AtomicU64,
}

impl Ends {
    pub(super) fn new(partitions: u32) -> Self {
        Self((0..partitions).map(|_| Range::default()).collect())
    }

    /// The partition goes at least so far.
    pub(super) fn reached(&self, partition: u32, end: u64) {
        if let Some(range) = self.0.get(partition as usize) {
            range.end.fetch_max(end, Relaxed);
        }
    }

    /// What Kafka said of the partition. An answer may be older than what is known of its end, which only grows.
    pub(super) fn seen(&self, partition: u32, first: u64, end: u64) {
        if let Some(range) = self.0.get(partition as usize) {
            range.first.fetch_max(first, Relaxed);
            range.end.fetch_max(end, Relaxed);
        }
    }

    /// The offset after the last record, of each partition.
    pub(super) fn all(&self) -> Vec<Position> {
        self.positions(|range| range.end.load(Relaxed))
    }

    /// The first offset that Kafka still has, of each partition.
    pub(super) fn begins(&self) -> Vec<Position> {
        self.positions(|range| range.first.load(Relaxed))
    }

    fn positions(&self, offset: impl Fn(&Range) -> u64) -> Vec<Position> {
        let numbered = self.0.iter().enumerate();
        numbered.map(|(at, range)| Position { partition: at as u32, offset: offset(range) }).collect()
    }

    /// Whether the offset can be read, be it later.
    pub(super) fn check(&self, partition: u32, offset: u64) -> Result<(), LogError> {
        let range = self.0.get(partition as usize).ok_or(LogError::UnknownPartition { partition })?;
        let (first, end) = (range.first.load(Relaxed), range.end.load(Relaxed));
        match offset {
            _ if offset < first => Err(LogError::Dropped { first }),
            _ if offset > end => Err(LogError::Beyond { end }),
            _ => Ok(()),
        }
    }
}

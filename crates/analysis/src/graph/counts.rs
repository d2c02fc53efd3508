//! What comes out of tallies.

/// Counts per bucket and for the whole range.
#[derive(Clone, Debug)]
pub(super) struct Counts {
    pub(super) values: Vec<u64>,
    pub(super) total: u64,
    /// Where it matters how many events are behind distinct users: those.
    pub(super) events: Vec<u64>,
    pub(super) total_events: u64,
}

impl Counts {
    /// Nothing in so many buckets.
    pub(super) fn new(buckets: usize) -> Self {
        Self { values: vec![0; buckets], total: 0, events: vec![0; buckets], total_events: 0 }
    }
}

//! How an embedded log is set up.

/// Sizes of an embedded log. The defaults suit a server.
#[derive(Debug, Clone)]
pub struct LogOptions {
    /// Space reserved for each segment file: 64 MiB. A longer record gets a segment of its own size.
    pub segment_bytes: u64,
    /// Payload bytes that may wait to be written before appends are refused as busy: 64 MiB.
    pub queue_bytes: usize,
    /// The longest record: 32 MiB.
    pub max_record_bytes: usize,
    /// For tests of the tests only.
    #[doc(hidden)]
    pub faults: Faults,
}

impl Default for LogOptions {
    fn default() -> Self {
        Self { segment_bytes: 64 << 20, queue_bytes: 64 << 20, max_record_bytes: 32 << 20, faults: Faults::default() }
    }
}

/// Deliberate defects: a test that does not fail with one of these proves nothing without it.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, Default)]
pub struct Faults {
    /// Acknowledge what was written, not what was synced.
    pub skip_fsync: bool,
    /// Believe every byte that is read.
    pub skip_crc: bool,
}

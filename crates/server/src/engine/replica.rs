//! What a replica has in place of a primary's log and catalog: it follows both and writes to neither.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use cairn_analysis::catalog::CatalogError;
use cairn_commitlog::{Ack, Log, LogError, Record, TopicName};
use cairn_model::Position;

use super::Engine;

impl Engine {
    /// Who alone takes events and changes, where this server is a replica.
    pub fn primary(&self) -> Option<&str> {
        self.log.primary()
    }

    /// The topic that it follows, if it does.
    pub fn topic(&self) -> Option<&TopicName> {
        self.log.topic()
    }

    /// Puts the primary's catalog in the place of a replica's; what is new in it is known within a moment.
    pub fn replace_catalog(&self, copy: &[u8]) -> Result<(), CatalogError> {
        self.registry.catalog().replace(copy)
    }
}

/// A log that somebody else appends to.
pub(super) struct ReadOnly {
    pub(super) log: Arc<dyn Log>,
    pub(super) primary: String,
}

impl Log for ReadOnly {
    fn append(&self, _: u64, _: Bytes) -> Result<Ack, LogError> {
        Err(LogError::Replica { primary: self.primary.clone() })
    }

    fn primary(&self) -> Option<&str> {
        Some(&self.primary)
    }

    fn partitions(&self) -> u32 {
        self.log.partitions()
    }

    fn is_shared(&self) -> bool {
        self.log.is_shared()
    }

    fn topic(&self) -> Option<&TopicName> {
        self.log.topic()
    }

    fn read(&self, partition: u32, from: u64, max_bytes: usize) -> Result<Vec<Record>, LogError> {
        self.log.read(partition, from, max_bytes)
    }

    fn check(&self, partition: u32, from: u64) -> Result<(), LogError> {
        self.log.check(partition, from)
    }

    fn leave(&self, partition: u32) {
        self.log.leave(partition);
    }

    fn begins(&self) -> Vec<Position> {
        self.log.begins()
    }

    fn read_back(&self, from: Position, to: u64, each: &mut dyn FnMut(Record) -> bool) -> Result<(), LogError> {
        self.log.read_back(from, to, each)
    }

    fn positions_at(&self, time_ms: i64) -> Result<Option<Vec<Position>>, LogError> {
        self.log.positions_at(time_ms)
    }

    fn retention(&self) -> Option<Duration> {
        self.log.retention()
    }

    fn wait(&self, partition: u32, from: u64, timeout: Duration) -> bool {
        self.log.wait(partition, from, timeout)
    }

    fn ends(&self) -> Vec<Position> {
        self.log.ends()
    }

    fn drop_before(&self, position: Position) -> Result<(), LogError> {
        self.log.drop_before(position)
    }

    fn rotate(&self) -> Result<(), LogError> {
        self.log.rotate()
    }

    fn size_bytes(&self) -> u64 {
        self.log.size_bytes()
    }

    fn health(&self) -> Result<(), LogError> {
        self.log.health()
    }
}

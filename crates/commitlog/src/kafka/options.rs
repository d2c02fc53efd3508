//! How a log in Kafka is set up, and what its clients are told.

use std::time::Duration;

use rdkafka::{ClientConfig, ClientContext, config::RDKafkaLogLevel, error::KafkaError};

use super::KafkaAddress;

/// What a record takes in Kafka beside its payload, at most.
const OVERHEAD_BYTES: usize = 4_096;
/// What one partition's reader holds ahead, in KiB.
const AHEAD_KIB: usize = 4_096;

/// Bounds of a log in Kafka. The defaults suit a server.
#[derive(Debug, Clone)]
pub struct KafkaOptions {
    /// Payload bytes that may wait for Kafka's acknowledgement before appends are refused as busy: 64 MiB.
    pub queue_bytes: usize,
    /// The longest record: 16 MiB. A topic that takes less lowers it.
    pub max_record_bytes: usize,
    /// How long Kafka may take to acknowledge a record: 10 seconds. Then the append fails.
    pub delivery: Duration,
    /// How long opening may wait for an answer: 15 seconds.
    pub patience: Duration,
    /// Partitions of a topic that is made here: 12.
    pub partitions: u32,
}

impl Default for KafkaOptions {
    fn default() -> Self {
        Self {
            queue_bytes: 64 << 20,
            max_record_bytes: 16 << 20,
            delivery: Duration::from_secs(10),
            patience: Duration::from_secs(15),
            partitions: 12,
        }
    }
}

impl KafkaOptions {
    /// The largest message of Kafka's that holds our largest record.
    pub(super) fn max_message_bytes(&self) -> usize {
        self.max_record_bytes + OVERHEAD_BYTES
    }

    /// The longest payload that a message of Kafka's can hold.
    pub(super) fn fitting(max_message_bytes: usize) -> usize {
        max_message_bytes.saturating_sub(OVERHEAD_BYTES)
    }

    fn common(&self, address: &KafkaAddress) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("client.id", "cairn");
        // Away for a while, it is found again soon.
        config.set("reconnect.backoff.max.ms", "1000");
        config.set("socket.connection.setup.timeout.ms", "5000");
        config.set("message.max.bytes", self.max_message_bytes().to_string());
        config.set_log_level(RDKafkaLogLevel::Warning);
        for (name, value) in address.properties() {
            config.set(name, value);
        }
        config.set("bootstrap.servers", address.brokers());
        config
    }

    /// For a producer: what it has acknowledged is on all replicas in sync, once, and in order.
    pub(super) fn producer(&self, address: &KafkaAddress) -> ClientConfig {
        let mut config = self.common(address);
        config.set("acks", "all");
        config.set("enable.idempotence", "true");
        config.set("message.timeout.ms", self.delivery.as_millis().to_string());
        // Our own bound comes first, and counts bytes as `Busy` tells them.
        config.set("queue.buffering.max.kbytes", (2 * self.queue_bytes.max(self.max_record_bytes) / 1_024).to_string());
        config.set("queue.buffering.max.messages", "1000000");
        config.set("linger.ms", "2");
        if address.properties().all(|(name, _)| name != "compression.type") {
            config.set("compression.type", "lz4");
        }
        config
    }

    /// For a consumer that is told what to read: it has no group, commits nothing and never jumps.
    pub(super) fn consumer(&self, address: &KafkaAddress) -> ClientConfig {
        let mut config = self.common(address);
        config.remove("compression.type");
        // Asked for by the library; nothing is ever committed under it.
        config.set("group.id", "cairn-positions-are-in-the-store");
        config.set("enable.auto.commit", "false");
        config.set("enable.auto.offset.store", "false");
        config.set("auto.offset.reset", "error");
        config.set("allow.auto.create.topics", "false");
        config.set("check.crcs", "true");
        config.set("queued.max.messages.kbytes", AHEAD_KIB.to_string());
        config.set("fetch.wait.max.ms", "250");
        config
    }
}

/// Says what the library reports where Cairn's own reports go.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Reports;

impl ClientContext for Reports {
    fn log(&self, level: RDKafkaLogLevel, _: &str, message: &str) {
        match level {
            RDKafkaLogLevel::Emerg | RDKafkaLogLevel::Alert | RDKafkaLogLevel::Critical | RDKafkaLogLevel::Error => {
                tracing::warn!("Kafka: {message}");
            }
            _ => tracing::debug!("Kafka: {message}"),
        }
    }

    fn error(&self, error: KafkaError, reason: &str) {
        tracing::debug!("Kafka: {error}: {reason}");
    }
}

impl rdkafka::consumer::ConsumerContext for Reports {}

//! The log in Kafka: one topic, any number of servers.
//!
//! ```text
//! append -> producer (acks=all, idempotent) -> topic -> a reader for each partition
//!                \-> delivery report -> ack
//! ```
//!
//! Kafka keeps no positions for us: whoever reads says from where. The partition of a record follows from its key by
//! [`Log::partition_of`] alone, so that it depends on no client library's choice.

mod address;
mod ends;
mod id;
mod options;
mod problem;
mod producer;
mod reader;
mod topic;

use std::{
    sync::{Arc, Condvar, Mutex, PoisonError},
    thread::{self, JoinHandle},
    time::Duration,
};

use bytes::Bytes;
use rdkafka::{
    Offset, TopicPartitionList,
    config::FromClientConfigAndContext,
    consumer::{BaseConsumer, Consumer},
    error::KafkaError,
};

pub use address::{AddressError, KafkaAddress};
pub use options::KafkaOptions;

use crate::{Ack, Log, LogError, Position, Record, TopicName};
use ends::Ends;
use options::Reports;
use problem::{kafka_error, once_known};
use producer::Producer;
use reader::Reader;

/// How often Kafka is asked how far partitions have come that others append to.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A commit log in a topic of Kafka's. Dropping it waits for what is not acknowledged yet.
pub struct KafkaLog {
    name: TopicName,
    address: KafkaAddress,
    options: KafkaOptions,
    retention: Option<Duration>,
    /// Reads nothing; it asks where what is.
    consumer: Arc<BaseConsumer<Reports>>,
    ends: Arc<Ends>,
    readers: Vec<Reader>,
    producer: Arc<Producer>,
    watch: Option<Watch>,
}

impl KafkaLog {
    /// Opens the topic, and makes it if it is not there.
    ///
    /// [`LogError::Unreachable`] if Kafka does not answer in time; [`LogError::Topic`] if the topic cannot serve as a log.
    pub fn open(address: &KafkaAddress, options: &KafkaOptions) -> Result<Self, LogError> {
        let consumer = BaseConsumer::from_config_and_context(&options.consumer(address), Reports)
            .map_err(|error| kafka_error(address, &error))?;
        let consumer = Arc::new(consumer);
        let topic = topic::open(address, options, &consumer)?;
        let ends = Arc::new(Ends::new(topic.partitions));
        once_known(options.patience, || look(&consumer, address, &ends, topic.partitions, options.patience))
            .map_err(|error| kafka_error(address, &error))?;
        let producer = Arc::new(Producer::new(address, options, topic.max_record_bytes, Arc::clone(&ends))?);
        let reader = |partition| Reader::new(address, options, partition, Arc::clone(&ends));
        let readers = (0..topic.partitions).map(reader).collect();
        let mut log = Self {
            name: TopicName { id: topic.id, place: address.place() },
            address: address.clone(),
            options: options.clone(),
            retention: topic.retention,
            consumer: Arc::clone(&consumer),
            ends,
            readers,
            producer,
            watch: None,
        };
        log.watch = Some(log.watch(address, options, consumer)?);
        Ok(log)
    }

    /// The topic's id, and where it is.
    pub fn name(&self) -> &TopicName {
        &self.name
    }

    /// What no other topic has, also none of the same name.
    pub fn topic_id(&self) -> &str {
        &self.name.id
    }

    fn watch(
        &self,
        address: &KafkaAddress,
        options: &KafkaOptions,
        consumer: Arc<BaseConsumer<Reports>>,
    ) -> Result<Watch, LogError> {
        let (address, patience, stop) = (address.clone(), options.patience, Arc::new(Stop::default()));
        let (ends, producer, partitions) =
            (Arc::clone(&self.ends), Arc::clone(&self.producer), self.readers.len() as u32);
        let stopped = Arc::clone(&stop);
        let run = move || {
            while !stopped.wait(LOOK_EVERY) {
                // Reports of the library come out of it.
                let _ = consumer.poll(Duration::ZERO);
                if look(&consumer, &address, &ends, partitions, patience).is_ok() {
                    producer.answers();
                }
            }
        };
        let thread = thread::Builder::new().name("kafka".to_owned()).spawn(run);
        let thread =
            thread.map_err(|error| LogError::Stopped { cause: format!("the system gave no thread: {error}") })?;
        Ok(Watch { stop, thread: Some(thread) })
    }

    fn reader(&self, partition: u32) -> Result<&Reader, LogError> {
        self.readers.get(partition as usize).ok_or(LogError::UnknownPartition { partition })
    }
}

/// Asks how far the partitions go.
fn look(
    consumer: &BaseConsumer<Reports>,
    address: &KafkaAddress,
    ends: &Ends,
    partitions: u32,
    patience: Duration,
) -> Result<(), KafkaError> {
    (0..partitions).try_for_each(|partition| {
        let (first, end) = consumer.fetch_watermarks(address.topic(), partition as i32, patience)?;
        ends.seen(partition, first.max(0) as u64, end.max(0) as u64);
        Ok(())
    })
}

impl Log for KafkaLog {
    fn append(&self, key: u64, payload: Bytes) -> Result<Ack, LogError> {
        self.producer.append(self.partition_of(key), key, &payload)
    }

    fn partitions(&self) -> u32 {
        self.readers.len() as u32
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn topic(&self) -> Option<&TopicName> {
        Some(&self.name)
    }

    fn max_record_bytes(&self) -> usize {
        self.producer.limit_bytes()
    }

    fn begins(&self) -> Vec<Position> {
        self.ends.begins()
    }

    fn read_back(&self, from: Position, to: u64, each: &mut dyn FnMut(Record) -> bool) -> Result<(), LogError> {
        self.reader(from.partition)?.beside().read_all(from.offset, to, each)
    }

    fn positions_at(&self, time_ms: i64) -> Result<Option<Vec<Position>>, LogError> {
        let failed = |error| kafka_error(&self.address, &error);
        let mut times = TopicPartitionList::with_capacity(self.readers.len());
        for partition in 0..self.partitions() {
            let asked = Offset::Offset(time_ms.max(0));
            times.add_partition_offset(self.address.topic(), partition as i32, asked).map_err(failed)?;
        }
        let found = self.consumer.offsets_for_times(times, self.options.patience).map_err(failed)?;
        let mut positions = self.ends();
        for position in &mut positions {
            let one = found.find_partition(self.address.topic(), position.partition as i32);
            if let Some(Offset::Offset(offset)) = one.map(|one| one.offset()) {
                position.offset = offset as u64;
            }
        }
        Ok(Some(positions))
    }

    fn retention(&self) -> Option<Duration> {
        self.retention
    }

    fn read(&self, partition: u32, from: u64, max_bytes: usize) -> Result<Vec<Record>, LogError> {
        let reader = self.reader(partition)?;
        self.ends.check(partition, from)?;
        reader.read(from, max_bytes)
    }

    fn check(&self, partition: u32, from: u64) -> Result<(), LogError> {
        self.ends.check(partition, from)
    }

    fn leave(&self, partition: u32) {
        if let Ok(reader) = self.reader(partition) {
            reader.leave();
        }
    }

    fn wait(&self, partition: u32, from: u64, timeout: Duration) -> bool {
        self.reader(partition).is_ok_and(|reader| reader.wait(from, timeout))
    }

    fn ends(&self) -> Vec<Position> {
        self.ends.all()
    }

    /// Kafka forgets by its own retention.
    fn drop_before(&self, position: Position) -> Result<(), LogError> {
        self.reader(position.partition).map(|_| ())
    }

    fn rotate(&self) -> Result<(), LogError> {
        Ok(())
    }

    /// Not known: Kafka tells no sizes to its clients.
    fn size_bytes(&self) -> u64 {
        0
    }

    fn health(&self) -> Result<(), LogError> {
        self.producer.health()
    }
}

/// The thread that looks how far partitions have come; it ends with this.
struct Watch {
    stop: Arc<Stop>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.stop.stop();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[derive(Default)]
struct Stop {
    is_over: Mutex<bool>,
    told: Condvar,
}

impl Stop {
    fn stop(&self) {
        *self.is_over.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.told.notify_all();
    }

    /// Waits so long, but no longer than until the end; whether it is over.
    fn wait(&self, time: Duration) -> bool {
        let guard = self.is_over.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = self.told.wait_timeout_while(guard, time, |is_over| !*is_over);
        *waiting.unwrap_or_else(PoisonError::into_inner).0
    }
}

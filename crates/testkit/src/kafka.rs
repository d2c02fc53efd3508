//! A private Kafka for tests: one broker or several in a temporary folder, on free ports of 127.0.0.1, gone with its value.
//!
//! ```no_run
//! use cairn_testkit::kafka::Kafka;
//!
//! let mut kafka = Kafka::start(3);
//! println!("{}", kafka.url("topic"));
//! kafka.kill(1);
//! kafka.restart(1);
//! ```
//!
//! It is Apache Kafka as Maven Central has it, in KRaft mode, run by `java`: `scripts/need kafka` gets it, and CAIRN_KAFKA may name
//! another folder of jars.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test whose brokers do not start cannot go on")]

mod broker;

use std::{
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use futures_executor::block_on;
use rdkafka::{
    ClientConfig, Offset, TopicPartitionList,
    admin::{AdminClient, AdminOptions, NewTopic, TopicReplication},
    client::DefaultClientContext,
    consumer::{BaseConsumer, Consumer},
};
use tempfile::TempDir;

use crate::postgres::free_port;
use broker::Broker;

/// Longer than any start takes, also on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(180);
const LOOK: Duration = Duration::from_millis(50);
const ASK: Duration = Duration::from_secs(5);

/// Brokers of their own. Keep it out of statics, which are never dropped; should the test be killed, they end nevertheless.
#[derive(Debug)]
pub struct Kafka {
    // Dropped in this order.
    brokers: Vec<Broker>,
    _folder: TempDir,
}

/// Where the jars are.
fn jars() -> PathBuf {
    let folder = std::env::var_os("CAIRN_KAFKA").map(PathBuf::from);
    let folder = folder.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/kafka/jars"));
    assert!(folder.is_dir(), "no Kafka in {}: run `scripts/need kafka`", folder.display());
    folder
}

impl Kafka {
    /// So many brokers, which take each other for one cluster.
    pub fn start(brokers: usize) -> Self {
        let folder = tempfile::Builder::new().prefix("cairn-kafka-").tempdir().unwrap();
        let ports: Vec<_> = (0..brokers).map(|_| (free_port(), free_port())).collect();
        let brokers = (0..brokers).map(|at| Broker::prepare(folder.path(), &jars(), at, &ports)).collect();
        let mut kafka = Self { brokers, _folder: folder };
        kafka.brokers.iter_mut().for_each(Broker::format);
        kafka.brokers.iter_mut().for_each(Broker::finish_format);
        kafka.brokers.iter_mut().for_each(Broker::start);
        kafka.wait_for_all();
        kafka
    }

    /// The address of a topic, as Cairn is given it.
    pub fn url(&self, topic: &str) -> String {
        format!("kafka://{}/{topic}", self.bootstrap())
    }

    /// Ends a broker by SIGKILL, as a crash would; they are counted from 0.
    pub fn kill(&mut self, broker: usize) {
        self.brokers[broker].kill();
    }

    /// Stops a broker in order.
    pub fn stop(&mut self, broker: usize) {
        self.brokers[broker].stop();
    }

    /// Starts a broker again; it has come back when this returns.
    pub fn restart(&mut self, broker: usize) {
        self.brokers[broker].start();
        self.wait_for_all();
    }

    /// The process id of a broker that runs.
    pub fn pid(&self, broker: usize) -> Option<u32> {
        self.brokers[broker].pid()
    }

    /// Makes a topic.
    pub fn make_topic(&self, name: &str, partitions: i32, replicas: i32, settings: &[(&str, &str)]) {
        let topic = NewTopic::new(name, partitions, TopicReplication::Fixed(replicas));
        let topic = settings.iter().fold(topic, |topic, (name, value)| topic.set(name, value));
        let made = block_on(self.admin().create_topics(&[topic], &AdminOptions::new())).unwrap();
        made.into_iter().for_each(|made| drop(made.unwrap()));
    }

    /// Removes a topic.
    pub fn remove_topic(&self, name: &str) {
        let removed = block_on(self.admin().delete_topics(&[name], &AdminOptions::new())).unwrap();
        removed.into_iter().for_each(|removed| drop(removed.unwrap()));
        let until = Instant::now() + PATIENCE;
        let client = self.client();
        while client.fetch_metadata(None, ASK).unwrap().topics().iter().any(|topic| topic.name() == name) {
            assert!(Instant::now() < until, "the topic stays");
            thread::sleep(LOOK);
        }
    }

    /// Drops what stands before an offset, as retention does.
    pub fn forget_before(&self, topic: &str, partition: i32, offset: i64) {
        let mut list = TopicPartitionList::new();
        list.add_partition_offset(topic, partition, Offset::Offset(offset)).unwrap();
        let dropped = block_on(self.admin().delete_records(&list, &AdminOptions::new())).unwrap();
        assert!(dropped.elements().iter().all(|one| one.error().is_ok()), "{dropped:?}");
    }

    fn bootstrap(&self) -> String {
        self.brokers.iter().map(Broker::address).collect::<Vec<_>>().join(",")
    }

    fn config(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", self.bootstrap()).set("reconnect.backoff.max.ms", "500");
        config
    }

    fn admin(&self) -> AdminClient<DefaultClientContext> {
        self.config().create().unwrap()
    }

    fn client(&self) -> BaseConsumer {
        self.config().create().unwrap()
    }

    /// Waits until all brokers that run have found each other, and every partition has all its replicas in sync again.
    fn wait_for_all(&mut self) {
        let until = Instant::now() + PATIENCE;
        let client = self.client();
        loop {
            let running = self.brokers.iter_mut().map(Broker::is_running).filter(|runs| *runs).count();
            assert!(running > 0 && Instant::now() < until, "Kafka does not start: {}", self.brokers[0].said());
            let whole = client.fetch_metadata(None, ASK).is_ok_and(|found| {
                let mut partitions = found.topics().iter().flat_map(|topic| topic.partitions());
                let in_sync =
                    partitions.all(|one| one.leader() >= 0 && one.isr().len() >= one.replicas().len().min(running));
                found.brokers().len() == running && in_sync
            });
            if whole {
                return;
            }
            thread::sleep(LOOK);
        }
    }
}

//! The log in a real Kafka: order, durability, reading from anywhere, brokers that go and come back, and what is refused.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod cluster;
mod one;

use std::time::{Duration, Instant};

use bytes::Bytes;
use cairn_commitlog::{KafkaLog, KafkaOptions, Log, LogError, Record};

/// Longer than anything takes on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(120);

fn options() -> KafkaOptions {
    KafkaOptions { partitions: 3, patience: Duration::from_secs(60), ..KafkaOptions::default() }
}

fn open(url: &str) -> KafkaLog {
    KafkaLog::open(&url.parse().unwrap(), &options()).unwrap()
}

fn payload(number: u64) -> Bytes {
    Bytes::copy_from_slice(&number.to_le_bytes())
}

fn number(record: &Record) -> u64 {
    u64::from_le_bytes(record.payload[..].try_into().unwrap())
}

/// Appends until it is taken, as a client would.
fn append_for_sure(log: &KafkaLog, key: u64, number: u64) {
    let until = Instant::now() + PATIENCE;
    loop {
        match log.append(key, payload(number)).and_then(cairn_commitlog::Ack::wait) {
            Ok(_) => return,
            Err(LogError::Busy { .. } | LogError::Unreachable { .. }) => assert!(Instant::now() < until),
            Err(error) => panic!("{error}"),
        }
    }
}

/// Everything from an offset up to another one.
fn read_all(log: &KafkaLog, partition: u32, from: u64, end: u64) -> Vec<Record> {
    let (mut next, mut records, until) = (from, Vec::new(), Instant::now() + PATIENCE);
    while next < end {
        assert!(Instant::now() < until, "{next} of {end}");
        log.wait(partition, next, Duration::from_millis(200));
        for record in log.read(partition, next, 1 << 20).unwrap() {
            assert_eq!(record.position.offset, next);
            next += 1;
            records.push(record);
        }
    }
    records
}

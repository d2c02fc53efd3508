//! One broker. Its tests share it.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use cairn_commitlog::{Ack, KafkaLog, KafkaOptions, Log, LogError, Position};
use cairn_testkit::kafka::Kafka;

use super::{append_for_sure, number, open, options, payload, read_all};

#[test]
fn one_broker_is_enough() {
    let mut kafka = Kafka::start(1);
    order_is_kept_per_key_and_reading_begins_anywhere(&kafka);
    records_are_read_once_more_beside_a_follower(&kafka);
    waiting_ends_with_a_record(&kafka);
    a_full_queue_is_busy(&kafka);
    what_is_forgotten_is_told(&kafka);
    topics_that_lose_records_are_refused(&kafka);
    a_topic_made_again_is_another(&kafka);
    a_broker_that_is_away_comes_back(&mut kafka);
}

fn order_is_kept_per_key_and_reading_begins_anywhere(kafka: &Kafka) {
    const KEYS: u64 = 10;
    let log = open(&kafka.url("order"));
    assert_eq!((log.partitions(), log.is_shared()), (3, true));
    let acks: Vec<_> = (0..2_000).map(|number| log.append(number % KEYS, payload(number)).unwrap()).collect();
    let positions: Vec<_> = acks.into_iter().map(|ack| ack.wait().unwrap()).collect();
    for (number, position) in positions.iter().enumerate() {
        assert_eq!(position.partition, log.partition_of(number as u64 % KEYS));
    }
    // Another server sees the same.
    let other = open(&kafka.url("order"));
    assert_eq!((other.topic_id(), other.ends()), (log.topic_id(), log.ends()));
    let mut seen = 0;
    for end in other.ends() {
        let all = read_all(&other, end.partition, 0, end.offset);
        for key in 0..KEYS {
            let numbers: Vec<_> = all.iter().map(number).filter(|number| number % KEYS == key).collect();
            assert!(numbers.is_sorted());
        }
        for record in &all {
            assert_eq!(positions[number(record) as usize], record.position);
        }
        for from in [0, 1, end.offset / 2, end.offset - 1, 3] {
            assert_eq!(read_all(&other, end.partition, from, end.offset), all[from as usize..]);
        }
        assert!(matches!(other.read(end.partition, end.offset + 1, 1), Err(LogError::Beyond { .. })));
        assert!(matches!(other.check(end.partition, end.offset + 1), Err(LogError::Beyond { .. })));
        assert!(other.check(end.partition, end.offset).is_ok());
        // Who has left can come back.
        other.leave(end.partition);
        assert_eq!(read_all(&other, end.partition, 1, end.offset), all[1..]);
        seen += all.len();
    }
    assert_eq!(seen, 2_000);
    assert!(matches!(other.read(3, 0, 1), Err(LogError::UnknownPartition { partition: 3 })));
}

fn records_are_read_once_more_beside_a_follower(kafka: &Kafka) {
    let log = open(&kafka.url("back"));
    let partition = log.partition_of(1);
    (0..50).for_each(|number| append_for_sure(&log, 1, number));
    std::thread::sleep(Duration::from_millis(20));
    let between_ms = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64;
    std::thread::sleep(Duration::from_millis(20));
    (50..60).for_each(|number| append_for_sure(&log, 1, number));
    assert_eq!(read_all(&log, partition, 0, 60).len(), 60);
    let back = |from: u64, to: u64, at_most: usize| {
        let mut seen = Vec::new();
        log.read_back(Position { partition, offset: from }, to, &mut |record| {
            seen.push(number(&record));
            seen.len() < at_most
        })
        .map(|()| seen)
    };
    assert_eq!(back(10, 60, 100).unwrap(), (10..60).collect::<Vec<_>>());
    assert_eq!(back(10, 20, 100).unwrap(), (10..20).collect::<Vec<_>>());
    assert_eq!(back(0, 60, 3).unwrap(), [0, 1, 2]);
    assert!(back(60, 60, 3).unwrap().is_empty());
    // The follower goes on where it was.
    append_for_sure(&log, 1, 60);
    assert!(log.wait(partition, 60, super::PATIENCE));
    assert_eq!(number(&log.read(partition, 60, 1).unwrap()[0]), 60);
    let at = |time_ms: i64| log.positions_at(time_ms).unwrap().unwrap()[partition as usize].offset;
    assert_eq!((at(0), at(between_ms), at(between_ms + 3_600_000)), (0, 50, 61));
    assert_eq!(log.retention(), Some(Duration::from_secs(7 * 86_400)));
    kafka.forget_before("back", partition as i32, 30);
    let begins = open(&kafka.url("back")).begins();
    assert_eq!(begins[partition as usize].offset, 30);
    let until = Instant::now() + super::PATIENCE;
    while !matches!(back(10, 60, 100), Err(LogError::Dropped { first: 30 })) {
        assert!(Instant::now() < until);
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn waiting_ends_with_a_record(kafka: &Kafka) {
    let log = open(&kafka.url("wait"));
    let partition = log.partition_of(7);
    assert!(!log.wait(partition, 0, Duration::from_millis(100)));
    assert!(log.read(partition, 0, 1).unwrap().is_empty());
    let started = Instant::now();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| log.wait(partition, 0, Duration::from_secs(60)));
        append_for_sure(&log, 7, 1);
        assert!(waiting.join().unwrap());
    });
    assert!(started.elapsed() < Duration::from_secs(30));
    assert_eq!(number(&log.read(partition, 0, 1).unwrap()[0]), 1);
    // Others' appends are seen without one's own.
    let other = open(&kafka.url("wait"));
    append_for_sure(&other, 7, 2);
    assert!(log.wait(partition, 1, Duration::from_secs(60)));
    assert_eq!(log.ends()[partition as usize].offset, 2);
}

fn a_full_queue_is_busy(kafka: &Kafka) {
    let options = KafkaOptions { queue_bytes: 1_000, max_record_bytes: 100_000, ..options() };
    let log = KafkaLog::open(&kafka.url("busy").parse().unwrap(), &options).unwrap();
    // A single one is let in whatever its size.
    let first = log.append(1, Bytes::from(vec![1; 50_000])).unwrap();
    let answer = log.append(1, Bytes::from(vec![1; 600]));
    assert!(matches!(answer, Err(LogError::Busy { waiting_bytes: 50_000, limit_bytes: 1_000 })), "{answer:?}");
    first.wait().unwrap();
    log.append(1, Bytes::from(vec![1; 600])).and_then(Ack::wait).unwrap();
    let answer = log.append(1, Bytes::from(vec![1; 100_001]));
    assert!(matches!(answer, Err(LogError::TooLarge { bytes: 100_001, limit_bytes: 100_000 })), "{answer:?}");
    // A topic may take less than we would give it.
    kafka.make_topic("small", 1, 1, &[("max.message.bytes", "60000")]);
    let log = open(&kafka.url("small"));
    let answer = log.append(1, Bytes::from(vec![1; 60_000]));
    assert!(matches!(answer, Err(LogError::TooLarge { .. })), "{answer:?}");
    log.append(1, Bytes::from(vec![1; 50_000])).and_then(Ack::wait).unwrap();
}

fn what_is_forgotten_is_told(kafka: &Kafka) {
    let log = open(&kafka.url("forgotten"));
    (0..20).for_each(|number| append_for_sure(&log, 1, number));
    let partition = log.partition_of(1);
    assert_eq!(read_all(&log, partition, 0, 20).len(), 20);
    kafka.forget_before("forgotten", partition as i32, 10);
    let dropped = |log: &KafkaLog| matches!(log.read(partition, 5, 1), Err(LogError::Dropped { first: 10 }));
    // Whoever opens it is told at once, ...
    let other = open(&kafka.url("forgotten"));
    assert!(dropped(&other));
    assert_eq!(number(&read_all(&other, partition, 10, 20)[0]), 10);
    // ... and whoever has it open, within a moment: never is a record given in the place of another.
    let until = Instant::now() + super::PATIENCE;
    while !dropped(&log) {
        assert!(Instant::now() < until);
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn topics_that_lose_records_are_refused(kafka: &Kafka) {
    kafka.make_topic("compacted", 1, 1, &[("cleanup.policy", "compact")]);
    let refused = KafkaLog::open(&kafka.url("compacted").parse().unwrap(), &options()).err().unwrap();
    assert!(matches!(&refused, LogError::Topic { topic, .. } if topic == "compacted"), "{refused}");
    let wrong = kafka.url("order?security.protocol=nonsense");
    let refused = KafkaLog::open(&wrong.parse().unwrap(), &options()).err().unwrap();
    assert!(refused.to_string().contains("security.protocol"), "{refused}");
}

fn a_topic_made_again_is_another(kafka: &Kafka) {
    let id = open(&kafka.url("again")).topic_id().to_owned();
    assert_eq!(open(&kafka.url("again")).topic_id(), id);
    kafka.remove_topic("again");
    assert_ne!(open(&kafka.url("again")).topic_id(), id);
}

fn a_broker_that_is_away_comes_back(kafka: &mut Kafka) {
    let options = KafkaOptions { delivery: Duration::from_secs(2), ..options() };
    let log = KafkaLog::open(&kafka.url("away").parse().unwrap(), &options).unwrap();
    append_for_sure(&log, 1, 0);
    kafka.kill(0);
    let answer = log.append(1, payload(1)).and_then(Ack::wait);
    assert!(matches!(answer, Err(LogError::Unreachable { .. })), "{answer:?}");
    assert!(matches!(log.health(), Err(LogError::Unreachable { .. })));
    // Reading waits, and does not fail.
    let partition = log.partition_of(1);
    assert!(!log.wait(partition, log.ends()[partition as usize].offset, Duration::from_millis(100)));
    kafka.restart(0);
    (2..10).for_each(|number| append_for_sure(&log, 1, number));
    assert!(log.health().is_ok());
    // What was refused may have got in nevertheless; what was acknowledged is there, in order.
    let records = read_all(&log, partition, 0, log.ends()[partition as usize].offset);
    let numbers: Vec<_> = records.iter().map(number).filter(|number| *number != 1).collect();
    assert_eq!(
        numbers.iter().copied().fold(Vec::new(), |mut once, number| {
            if once.last() != Some(&number) {
                once.push(number);
            }
            once
        }),
        [0, 2, 3, 4, 5, 6, 7, 8, 9]
    );
}

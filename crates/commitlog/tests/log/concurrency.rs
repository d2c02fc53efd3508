use std::{collections::BTreeSet, sync::Arc, thread, time::Duration};

use bytes::Bytes;
use cairn_commitlog::{Log, LogError, LogOptions};
use cairn_testkit::disk::{Call, FaultyDisk, Which};

use crate::common::{append, at, id_of, open, payload, small};

#[test]
fn one_sync_takes_all_that_queued_during_the_one_before() {
    let disk = FaultyDisk::new();
    let log = open(&disk, LogOptions { segment_bytes: 1 << 20, ..small() }).unwrap();
    append(&log, 0).unwrap();
    let syncs = disk.calls(Which::Only(Call::Sync));
    let held = disk.hold_syncs();
    let acks: Vec<_> = (1..=200).map(|id| log.append(0, payload(id)).unwrap()).collect();
    thread::sleep(Duration::from_millis(20));
    assert_eq!(log.ends(), [at(1)], "nothing is readable before it is durable");
    drop(held);
    for (offset, ack) in (1..).zip(acks) {
        assert_eq!(ack.wait().unwrap(), at(offset));
    }
    assert!(disk.calls(Which::Only(Call::Sync)) - syncs <= 2);
}

#[test]
fn a_full_queue_says_so_and_empties_again() {
    let disk = FaultyDisk::new();
    let log = open(&disk, LogOptions { queue_bytes: 1000, ..small() }).unwrap();
    let held = disk.hold_syncs();
    let first = log.append(0, Bytes::from(vec![1; 5000])).unwrap(); // more than the queue holds, but alone
    assert!(matches!(log.append(0, Bytes::from_static(b"x")), Err(LogError::Busy { limit_bytes: 1000, .. })));
    drop(held);
    first.wait().unwrap();
    let mut refused = 0;
    while log.append(0, Bytes::from_static(b"x")).is_err() {
        refused += 1;
        assert!(refused < 10_000, "the queue has emptied");
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn writers_and_followers_agree() {
    const WRITERS: u64 = 8;
    const EACH: u64 = 400;
    let log = Arc::new(open(&FaultyDisk::new(), LogOptions { segment_bytes: 64 << 10, ..small() }).unwrap());
    let followers: Vec<_> = (0..2)
        .map(|_| {
            let log = Arc::clone(&log);
            thread::spawn(move || {
                let mut ids = Vec::new();
                while ids.len() < (WRITERS * EACH) as usize {
                    assert!(log.wait(0, ids.len() as u64, Duration::from_secs(60)));
                    let records = log.read(0, ids.len() as u64, 10_000).unwrap();
                    ids.extend(records.iter().map(|record| id_of(&record.payload).unwrap()));
                }
                ids
            })
        })
        .collect();
    thread::scope(|scope| {
        for writer in 0..WRITERS {
            let log = &log;
            scope.spawn(move || {
                let offsets: Vec<_> =
                    (0..EACH).map(|number| append(&**log, writer * EACH + number).unwrap().offset).collect();
                assert!(offsets.is_sorted());
            });
        }
    });
    let seen: Vec<Vec<u64>> = followers.into_iter().map(|follower| follower.join().unwrap()).collect();
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[0].iter().copied().collect::<BTreeSet<_>>(), (0..WRITERS * EACH).collect());
}

#[test]
fn dropping_while_reading_only_ever_says_dropped() {
    let log = open(&FaultyDisk::new(), small()).unwrap();
    thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut from = 0;
            while from < 1500 {
                log.wait(0, from, Duration::from_secs(60));
                from = match log.read(0, from, 500) {
                    Ok(records) => records.last().unwrap().position.offset + 1,
                    Err(LogError::Dropped { first }) => first,
                    Err(other) => panic!("{other}"),
                };
            }
        });
        for id in 0..1500 {
            append(&log, id).unwrap();
            log.drop_before(at(id.saturating_sub(3))).unwrap();
        }
        reader.join().unwrap();
    });
}

#[test]
fn an_ack_can_be_awaited() {
    let log = open(&FaultyDisk::new(), small()).unwrap();
    let ack = log.append(0, payload(0)).unwrap();
    let waker = std::task::Waker::noop();
    let mut context = std::task::Context::from_waker(waker);
    let mut ack = std::pin::pin!(ack);
    let answer = loop {
        match ack.as_mut().poll(&mut context) {
            std::task::Poll::Ready(answer) => break answer,
            std::task::Poll::Pending => thread::sleep(Duration::from_millis(1)),
        }
    };
    assert_eq!(answer.unwrap(), at(0));
}

#[test]
fn closing_writes_what_still_waits() {
    let disk = FaultyDisk::new();
    let log = open(&disk, small()).unwrap();
    let acks: Vec<_> = (0..50).map(|id| log.append(0, payload(id)).unwrap()).collect();
    drop(log);
    assert!(acks.into_iter().all(|ack| ack.wait().is_ok()));
    assert_eq!(open(&disk, small()).unwrap().ends(), [at(50)]);
}

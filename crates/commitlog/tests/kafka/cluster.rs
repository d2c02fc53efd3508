//! Three brokers: one may go at any time.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use cairn_commitlog::Log;
use cairn_testkit::kafka::Kafka;

use super::{append_for_sure, number, open, read_all};

#[test]
fn of_three_brokers_one_may_be_killed_and_nothing_acknowledged_is_lost() {
    let mut kafka = Kafka::start(3);
    // Whichever broker is asked first may hear of a new topic last.
    for number in 0..8 {
        drop(open(&kafka.url(&format!("new-{number}"))));
    }
    let log = open(&kafka.url("three"));
    let (written, is_over) = (std::sync::Mutex::new(Vec::new()), AtomicBool::new(false));
    std::thread::scope(|scope| {
        for key in 0..4_u64 {
            let (log, written, is_over) = (&log, &written, &is_over);
            scope.spawn(move || {
                let mut last = key;
                while !is_over.load(Relaxed) {
                    append_for_sure(log, key, last);
                    written.lock().unwrap().push(last);
                    last += 4;
                }
            });
        }
        let wait_for_more = |more: usize| {
            let before = written.lock().unwrap().len();
            while written.lock().unwrap().len() < before + more {
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
        };
        wait_for_more(50);
        kafka.kill(1);
        // Acknowledgements go on without it.
        wait_for_more(200);
        kafka.restart(1);
        wait_for_more(50);
        is_over.store(true, Relaxed);
    });
    let mut found = Vec::new();
    for end in log.ends() {
        let records = read_all(&log, end.partition, 0, end.offset);
        for key in 0..4 {
            let numbers: Vec<_> = records.iter().map(number).filter(|number| number % 4 == key).collect();
            assert!(numbers.is_sorted(), "the order of key {key}");
        }
        found.extend(records.iter().map(number));
    }
    found.sort_unstable();
    found.dedup();
    let mut written = written.into_inner().unwrap();
    written.sort_unstable();
    assert_eq!(found, written);
}

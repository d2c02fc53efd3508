use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use cairn_commitlog::{Disk, EmbeddedLog, Log, LogError, LogOptions, OpenMode, Storage};
use cairn_testkit::disk::{Call, FaultyDisk, Which};

use crate::common::{append, at, dir, id_of, open, payload, read_all, segment, sized_payload, small};

fn filled(disk: &FaultyDisk, count: u64) -> EmbeddedLog {
    let log = open(disk, small()).unwrap();
    for id in 0..count {
        assert_eq!(append(&log, id).unwrap(), at(id));
    }
    log
}

#[test]
fn what_goes_in_comes_out() {
    let log = filled(&FaultyDisk::new(), 100);
    let records = read_all(&log, 1000).unwrap();
    assert_eq!(records.len(), 100);
    assert!((0..).zip(&records).all(|(id, record)| record.payload == payload(id)));
    assert_eq!(log.ends(), [at(100)]);
    assert!(log.health().is_ok());
}

#[test]
fn an_empty_record_is_a_record() {
    let log = open(&FaultyDisk::new(), small()).unwrap();
    log.append(0, Bytes::new()).unwrap().wait().unwrap();
    assert_eq!(log.read(0, 0, 10).unwrap()[0].payload, Bytes::new());
}

#[test]
fn replay_begins_at_any_offset() {
    let log = filled(&FaultyDisk::new(), 200);
    for from in 0..200 {
        let records = log.read(0, from, 700).unwrap();
        assert_eq!(records[0].position, at(from));
        assert!((from..).zip(&records).all(|(id, record)| record.payload == payload(id)));
        let bytes: usize = records.iter().map(|record| record.payload.len()).sum();
        assert!(records.len() == 1 || bytes <= 700);
    }
    assert_eq!(log.read(0, 200, 700).unwrap(), []);
    assert!(matches!(log.read(0, 201, 700), Err(LogError::Beyond { end: 200 })));
    assert!(matches!(log.read(1, 0, 700), Err(LogError::UnknownPartition { partition: 1 })));
}

#[test]
fn replay_finds_its_place_in_a_large_segment() {
    let options = LogOptions { segment_bytes: 4 << 20, ..LogOptions::default() };
    let log = open(&FaultyDisk::new(), options).unwrap();
    let acks: Vec<_> = (0..3000).map(|id| log.append(0, sized_payload(id, 1000)).unwrap()).collect();
    acks.into_iter().for_each(|ack| assert!(ack.wait().is_ok()));
    for from in (0..3000).rev().step_by(7) {
        let records = log.read(0, from, 5000).unwrap();
        assert_eq!((records[0].position, id_of(&records[0].payload)), (at(from), Some(from)));
    }
}

#[test]
fn segments_roll_and_long_records_get_their_own() {
    let disk = FaultyDisk::new();
    let log = filled(&disk, 100);
    let long = sized_payload(100, 50_000);
    log.append(0, long.clone()).unwrap().wait().unwrap();
    assert!(disk.list(dir()).unwrap().len() > 3);
    assert_eq!(log.read(0, 100, 1).unwrap()[0].payload, long);
    assert!(matches!(log.append(0, sized_payload(0, 1 << 16)), Err(LogError::TooLarge { limit_bytes: 65536, .. })));
}

#[test]
fn reopening_goes_on_where_it_ended() {
    let disk = FaultyDisk::new();
    for round in 0..20 {
        let log = open(&disk, small()).unwrap();
        assert_eq!(log.ends(), [at(round * 5)]);
        (0..5).for_each(|number| assert_eq!(append(&log, round * 5 + number).unwrap(), at(round * 5 + number)));
        let records = read_all(&log, 1 << 20).unwrap();
        assert!((0..).zip(&records).all(|(id, record)| record.payload == payload(id)));
    }
}

#[test]
fn a_log_that_was_closed_well_opens_without_a_write() {
    let disk = FaultyDisk::new();
    drop(filled(&disk, 50));
    drop(open(&disk, small()).unwrap()); // cuts off the reserved space
    let writes = disk.calls(Which::Only(Call::Write)) + disk.calls(Which::Only(Call::SetLen));
    drop(open(&disk, small()).unwrap());
    assert_eq!(disk.calls(Which::Only(Call::Write)) + disk.calls(Which::Only(Call::SetLen)), writes);
}

#[test]
fn dropping_forgets_whole_segments_and_no_more() {
    let disk = FaultyDisk::new();
    let log = filled(&disk, 200);
    log.drop_before(at(120)).unwrap();
    let Err(LogError::Dropped { first }) = log.read(0, 0, 10) else { panic!("record 0 is still there") };
    assert!(first > 0 && first <= 120 && disk.contents(&segment(first)).is_some());
    assert_eq!(read_all(&log, 500).unwrap().len() as u64, 200 - first);
    log.drop_before(at(1_000_000)).unwrap();
    drop(log);
    let log = open(&disk, small()).unwrap();
    assert_eq!(log.ends(), [at(200)], "an empty log still knows its end");
    assert_eq!(append(&log, 200).unwrap(), at(200));
}

#[test]
fn after_a_rotation_all_can_be_forgotten() {
    let disk = FaultyDisk::new();
    let log = open(&disk, small()).unwrap();
    log.rotate().unwrap();
    assert_eq!(append(&log, 0).unwrap(), at(0), "an empty log has nothing to leave");
    (1..30).for_each(|id| assert!(append(&log, id).is_ok()));
    for _ in 0..2 {
        log.rotate().unwrap();
        log.drop_before(at(30)).unwrap();
        let storage: &dyn cairn_commitlog::Storage = &disk;
        assert_eq!(storage.list(crate::common::dir()).unwrap(), [format!("{:020}.log", 30)]);
    }
    assert!(matches!(log.read(0, 29, 10), Err(LogError::Dropped { first: 30 })));
    // Empty, it still knows its end; and goes on in the file that is there.
    drop(log);
    for disk in [disk.clone(), disk.power_cut(3)] {
        let log = open(&disk, small()).unwrap();
        assert_eq!((log.ends(), append(&log, 30).unwrap()), (vec![at(30)], at(30)));
        assert_eq!(read_all(&log, 1 << 20).unwrap().len(), 1);
    }
}

#[test]
fn waiting_ends_with_the_record_or_with_the_time() {
    let log = Arc::new(open(&FaultyDisk::new(), small()).unwrap());
    assert!(!log.wait(0, 0, Duration::from_millis(5)));
    let follower = {
        let log = Arc::clone(&log);
        std::thread::spawn(move || log.wait(0, 2, Duration::from_secs(60)))
    };
    (0..3).for_each(|id| assert!(append(&*log, id).is_ok()));
    assert!(follower.join().unwrap());
    assert!(log.wait(0, 2, Duration::MAX) && !log.wait(0, 3, Duration::ZERO) && !log.wait(1, 0, Duration::MAX));
}

#[test]
fn the_real_disk_does_all_of_it() {
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path().join("a/b/log");
    for round in 0..3 {
        let log = EmbeddedLog::open(Arc::new(Disk), &dir, small()).unwrap();
        assert_eq!(log.ends(), [at(round * 100)]);
        (0..100).for_each(|id| assert!(append(&log, round * 100 + id).is_ok()));
        let records = read_all(&log, 3000).unwrap();
        assert!((0..).zip(&records).all(|(id, record)| record.payload == payload(id)));
        log.drop_before(at(0)).unwrap();
    }
    let log = EmbeddedLog::open(Arc::new(Disk), &dir, small()).unwrap();
    log.drop_before(at(250)).unwrap();
    assert!(Disk.list(&dir).unwrap().len() < 20);

    let (one, two) = (dir.join("one"), dir.join("two"));
    let file = Disk.open(&one, OpenMode::CreateNew).unwrap();
    assert_eq!(Disk.map(&one).unwrap(), Bytes::new());
    file.write_at(3, b"abc").unwrap();
    Disk.rename(&one, &two).unwrap();
    assert_eq!(Disk.map(&two).unwrap(), &b"\0\0\0abc"[..]);
    Disk.remove(&two).unwrap();
    assert!(Disk.open(&two, OpenMode::Read).is_err());
}

#[test]
fn a_log_can_begin_where_another_ended() {
    let disk = FaultyDisk::new();
    EmbeddedLog::begin_at(&disk, dir(), 4711).unwrap();
    for round in 0..2 {
        let log = open(&disk, small()).unwrap();
        assert_eq!(log.ends(), [at(4711 + round)]);
        assert!(matches!(log.read(0, 0, 10), Err(LogError::Dropped { first: 4711 })));
        assert_eq!(append(&log, round).unwrap(), at(4711 + round));
    }
    assert!(EmbeddedLog::begin_at(&disk, dir(), 9).is_err(), "a log that is there is left alone");
}

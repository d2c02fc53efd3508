//! What a write that did not finish leaves behind.

use cairn_commitlog::{Log, LogError, LogOptions};
use cairn_testkit::disk::FaultyDisk;

use crate::common::{Ledger, append, at, dir, open, payload, read_all, segment, sized_payload, small};

/// A log whose last write holds `count` records; gives the segment's bytes and where that write begins and ends.
fn with_last_batch(count: u64) -> (Vec<u8>, usize, usize) {
    let disk = FaultyDisk::new();
    let log = open(&disk, LogOptions { segment_bytes: 16 << 10, ..small() }).unwrap();
    append(&log, 0).unwrap();
    append(&log, 1).unwrap();
    let mut bytes = 0;
    let held = disk.hold_syncs();
    let first = log.append(0, payload(2)).unwrap();
    let written =
        |payload: &[u8]| disk.contents(&segment(0)).unwrap().windows(payload.len()).any(|window| window == payload);
    while !written(&payload(2)) {}
    let mut acks: Vec<_> = (3..3 + count).map(|id| log.append(0, sized_payload(id, 600)).unwrap()).collect();
    acks.insert(0, first);
    drop(held);
    acks.into_iter().for_each(|ack| assert!(ack.wait().is_ok()));
    drop(log);
    let contents = disk.contents(&segment(0)).unwrap();
    let mut begin = 32;
    for id in 0..3 + count {
        let frame = 24 + u32::from_le_bytes(contents[begin + bytes..][..4].try_into().unwrap()) as usize;
        if id < 3 { begin += frame } else { bytes += frame }
    }
    (contents, begin, begin + bytes)
}

/// The log opens, holds at least `kept` records as they were, takes more, and opens again with them.
fn recovers(contents: Vec<u8>, kept: u64, at_most: u64) -> u64 {
    let disk = FaultyDisk::new();
    disk.put(&segment(0), contents);
    let log = open(&disk, small()).unwrap();
    let end = log.ends()[0].offset;
    assert!((kept..=at_most).contains(&end), "{end} records, not {kept} to {at_most}");
    let mut ledger = Ledger::default();
    ledger.note_all(&log).unwrap();
    assert!(ledger.owed.iter().all(|(offset, id)| offset == id));
    let records = read_all(&log, 1 << 20).unwrap();
    let frames = records.iter().map(|record| 24 + record.payload.len());
    let seal = if records.is_empty() { 0 } else { 24 };
    let length = disk.contents(&segment(0)).unwrap().len();
    assert!(length <= 32 + frames.sum::<usize>() + seal, "nothing is left behind the last record and its seal");
    ledger.note(append(&log, 77).unwrap(), 77);
    ledger.check(&log).unwrap();
    drop(log);
    ledger.check(&open(&disk.power_cut(end), small()).unwrap()).unwrap();
    end
}

#[test]
fn the_last_write_may_end_at_any_byte() {
    let (contents, begin, end) = with_last_batch(10);
    for cut in begin..end {
        for reserved in [0, contents.len()] {
            let mut torn = contents[..cut].to_vec();
            torn.resize(cut.max(reserved), 0);
            let expected = 3 + (cut - begin) as u64 / 632;
            assert_eq!(recovers(torn, expected, expected), expected, "cut at byte {cut}");
        }
    }
}

#[test]
fn the_last_write_may_lack_any_of_its_sectors() {
    let (contents, begin, end) = with_last_batch(10);
    for sector in begin / 512..=end / 512 {
        let mut torn = contents.clone();
        let from = (sector * 512).max(begin);
        torn[from..((sector + 1) * 512).min(end)].fill(0);
        torn[end..].fill(0);
        recovers(torn, 3, 12);
    }
}

#[test]
fn a_segment_that_was_being_created_is_nothing() {
    let (contents, ..) = with_last_batch(1);
    for cut in 0..=32 {
        for reserved in [0, 4096] {
            let mut torn = contents[..cut].to_vec();
            torn.resize(cut.max(reserved), 0);
            recovers(torn, 0, 0);
        }
    }
    // The same behind a segment that is whole: the log keeps its number.
    let disk = FaultyDisk::new();
    let log = open(&disk, small()).unwrap();
    (0..30).for_each(|id| assert!(append(&log, id).is_ok()));
    drop(log);
    disk.put(&segment(30), vec![0; 4096]);
    let log = open(&disk, small()).unwrap();
    assert_eq!(append(&log, 30).unwrap(), at(30));
    assert_eq!(read_all(&log, 1000).unwrap().len(), 31);
}

#[test]
fn a_payload_that_holds_log_records_is_not_taken_for_the_log() {
    let (contents, begin, _) = with_last_batch(10);
    let disk = FaultyDisk::new();
    let log = open(&disk, small()).unwrap();
    append(&log, 0).unwrap();
    log.append(0, contents[begin..].to_vec().into()).unwrap().wait().unwrap();
    drop(log);
    let mut torn = disk.contents(&dir().join("00000000000000000001.log")).unwrap();
    torn.truncate(8000);
    disk.put(&segment(1), torn);
    let log = open(&disk, small()).unwrap();
    assert_eq!(log.ends(), [at(1)]);
}

#[test]
fn a_format_from_the_future_is_named() {
    let mut header = b"CAIRNLOG\0\0\0\0\0\0\0\0\x01\x02\x03\x04\x05\x06\x07\x08\x02\0\0\0".to_vec();
    let crc = crc32c_of(&header);
    header.extend(crc.to_le_bytes());
    let disk = FaultyDisk::new();
    disk.put(&segment(0), header);
    assert!(matches!(open(&disk, small()), Err(LogError::Version { version: 2, .. })));
}

/// CRC32C bit by bit, as the format's description defines it.
fn crc32c_of(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0x82f6_3b78 } else { crc >> 1 })
    })
}

//! Bytes that change by themselves: found and named, or without effect; never silently wrong.

use cairn_commitlog::{Faults, Log, LogError, LogOptions, Record, Storage};
use cairn_testkit::disk::FaultyDisk;

use crate::common::{append, at, dir, open, payload, read_all, segment, sized_payload, small};

struct Rot {
    disk: FaultyDisk,
    records: Vec<Record>,
    files: Vec<String>,
    options: LogOptions,
}

impl Rot {
    /// A log of some segments, closed.
    fn new(faults: Faults) -> Self {
        let disk = FaultyDisk::new();
        let options = LogOptions { faults, ..small() };
        let log = open(&disk, options.clone()).unwrap();
        (0..70).for_each(|id| assert!(log.append(0, sized_payload(id, 150)).unwrap().wait().is_ok()));
        let records = read_all(&log, 1 << 20).unwrap();
        drop(log);
        let files = disk.list(dir()).unwrap();
        assert!(files.len() >= 3);
        Self { disk, records, files, options }
    }

    /// Flips one bit and uses the log. An error is silent corruption; `Ok(true)` says that it was found.
    fn flip(&self, file: &str, bit: u64) -> Result<bool, String> {
        let disk = self.disk.fork();
        let path = dir().join(file);
        assert!(disk.flip_bit(&path, bit));
        match open(&disk, self.options.clone()).and_then(|log| read_all(&log, 1 << 20)) {
            Ok(records) if records == self.records => Ok(false),
            Ok(_) => Err(format!("bit {bit} of {file} changed the records, and no error said so")),
            Err(LogError::Damage { file, .. }) if file == path => Ok(true),
            Err(other) => Err(format!("bit {bit} of {file}: {other}")),
        }
    }
}

fn first_of(file: &str) -> u64 {
    file.trim_end_matches(".log").parse().unwrap()
}

#[test]
fn every_bit_of_a_middle_segment() {
    let rot = Rot::new(Faults::default());
    let file = &rot.files[1];
    let used_bits = 8 * (32 + (first_of(&rot.files[2]) - first_of(file)) * (24 + 158));
    assert!(used_bits > 8 * 3500);
    for bit in 0..used_bits {
        assert_eq!(rot.flip(file, bit), Ok(true), "bit {bit}");
    }
    for bit in used_bits..4096 * 8 {
        assert_eq!(rot.flip(file, bit), Ok(false), "nothing is kept behind the last record");
    }
}

#[test]
fn every_bit_of_the_last_segment() {
    let rot = Rot::new(Faults::default());
    let file = rot.files.last().unwrap();
    let bits = 8 * rot.disk.contents(&dir().join(file)).unwrap().len() as u64;
    let found = (0..bits).filter(|&bit| rot.flip(file, bit).unwrap()).count() as u64;
    let last = rot.records.len() as u64 - first_of(file);
    assert_eq!(found, 8 * (32 + last * (24 + 158)), "the header and all records, the last one too");
}

#[test]
fn without_the_checksums_this_test_fails() {
    let rot = Rot::new(Faults { skip_crc: true, ..Faults::default() });
    let silent = (0..4096 * 8).step_by(13).filter(|&bit| rot.flip(&rot.files[1], bit).is_err()).count();
    assert!(silent > 1000, "{silent} silent corruptions");
}

#[test]
fn a_missing_segment_is_damage() {
    let rot = Rot::new(Faults::default());
    for missing in &rot.files[1..rot.files.len() - 1] {
        let disk = rot.disk.fork();
        disk.remove(&dir().join(missing)).unwrap();
        let error = open(&disk, small()).err().unwrap();
        assert!(matches!(error, LogError::Damage { .. }), "{error}");
    }
}

#[test]
fn a_segment_under_another_name_is_damage() {
    let rot = Rot::new(Faults::default());
    let last = dir().join(rot.files.last().unwrap());
    rot.disk.rename(&last, &segment(1000)).unwrap();
    assert!(matches!(open(&rot.disk, small()), Err(LogError::Damage { .. })));
}

#[test]
fn damage_under_an_open_log_is_found_by_the_read() {
    let disk = FaultyDisk::new();
    let log = open(&disk, small()).unwrap();
    (0..10).for_each(|id| assert!(append(&log, id).is_ok()));
    let place = 32 + 24 + payload(0).len() as u64 + 24 + 3;
    assert!(disk.flip_bit(&segment(0), place * 8));
    assert_eq!(log.read(0, 0, 10).unwrap().len(), 1);
    let error = log.read(0, 1, 10).unwrap_err();
    assert!(matches!(&error, LogError::Damage { file, .. } if *file == segment(0)), "{error}");
    assert!(error.to_string().contains("record 1 is not what was written"), "{error}");
    assert_eq!(append(&log, 10).unwrap(), at(10), "writing is not held up by it");
}

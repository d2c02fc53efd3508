//! Damage to files of the store is an error that names the file, never another number.

use std::path::{Path, PathBuf};

use cairn_analysis::{Store, StoreError};
use cairn_model::{Event, EventKind, Message, Value};
use cairn_store::{EmbeddedStore, StoreFaults, StoreOptions};
use cairn_testkit::disk::{Call, Failure, Fault, FaultyDisk, Which};

use crate::common::{at, batch, open, project, small};

fn event(id: u64) -> Message<'static> {
    let mut event = Event::new(1 + id % 3, id, 1_700_000_000_000 + id as i64, EventKind::Click);
    event.properties.set("path", Value::from(format!("/{}", id % 7)));
    Message::Event(event)
}

fn reopen(disk: &FaultyDisk, options: StoreOptions) -> Result<EmbeddedStore, StoreError> {
    EmbeddedStore::open(std::sync::Arc::new(disk.clone()), Path::new("/data/store"), options)
}

/// A store with one part, and the part's path.
fn one_part() -> (FaultyDisk, PathBuf) {
    let disk = FaultyDisk::new();
    let store = open(&disk, StoreOptions::default());
    store.apply(at(0, 0), &batch(&(1..=40).map(event).collect::<Vec<_>>())).unwrap();
    store.flush().unwrap();
    (disk, PathBuf::from("/data/store/parts/7-00000000.part"))
}

/// How many flipped bits of `file` change the state without an error; and how many bits there are.
fn silent_flips(disk: &FaultyDisk, file: &Path, options: &StoreOptions) -> (u64, u64) {
    let whole = open(disk, options.clone()).state_hash(project()).unwrap();
    let bits = 8 * disk.contents(file).unwrap().len() as u64;
    let mut silent = 0;
    for bit in 0..bits {
        assert!(disk.flip_bit(file, bit));
        match reopen(disk, options.clone()).and_then(|store| store.state_hash(project())) {
            Ok(hash) => silent += u64::from(hash != whole),
            Err(StoreError::Damage { file: named, .. }) => {
                assert!(file.to_str().unwrap().ends_with(&named), "{named}");
            }
            Err(error) => panic!("{error}"),
        }
        disk.flip_bit(file, bit);
    }
    (silent, bits)
}

#[test]
fn every_flipped_bit_of_a_part_is_found_or_harmless() {
    let (disk, part) = one_part();
    let (silent, bits) = silent_flips(&disk, &part, &StoreOptions::default());
    assert_eq!(silent, 0, "of {bits} bits");
}

#[test]
fn without_checksums_flipped_bits_would_be_silent() {
    let (disk, part) = one_part();
    let faults = StoreFaults { skip_crc: true, ..StoreFaults::default() };
    let options = StoreOptions { faults, ..StoreOptions::default() };
    let whole = open(&disk, options.clone()).state_hash(project()).unwrap();
    let bits = 8 * disk.contents(&part).unwrap().len() as u64;
    let silent = (0..bits).filter(|bit| {
        assert!(disk.flip_bit(&part, *bit));
        let hash = reopen(&disk, options.clone()).and_then(|store| store.state_hash(project()));
        disk.flip_bit(&part, *bit);
        hash.is_ok_and(|hash| hash != whole)
    });
    assert!(silent.count() > 100, "of {bits} bits");
}

#[test]
fn every_flipped_bit_of_the_manifest_is_found() {
    let (disk, _) = one_part();
    let manifest = Path::new("/data/store/MANIFEST");
    let bits = 8 * disk.contents(manifest).unwrap().len() as u64;
    for bit in 0..bits {
        disk.flip_bit(manifest, bit);
        let error = reopen(&disk, StoreOptions::default()).err();
        assert!(matches!(error, Some(StoreError::Damage { file, .. }) if file == "MANIFEST"), "bit {bit}");
        disk.flip_bit(manifest, bit);
    }
}

#[test]
fn a_lost_manifest_is_damage_not_an_empty_store() {
    let (disk, _) = one_part();
    let storage: &dyn cairn_commitlog::Storage = &disk;
    storage.remove(Path::new("/data/store/MANIFEST")).unwrap();
    assert!(matches!(reopen(&disk, StoreOptions::default()), Err(StoreError::Damage { .. })));
}

#[test]
fn a_lost_part_is_damage() {
    let (disk, part) = one_part();
    let storage: &dyn cairn_commitlog::Storage = &disk;
    storage.remove(&part).unwrap();
    assert!(matches!(reopen(&disk, StoreOptions::default()), Err(StoreError::Damage { .. })));
}

#[test]
fn a_full_disk_stops_writing_but_not_reading_and_heals() {
    let disk = FaultyDisk::new();
    let store = open(&disk, small());
    for offset in 0..10 {
        store.apply(at(0, offset), &batch(&[event(offset + 1)])).unwrap();
    }
    disk.fail(Fault { which: Which::Only(Call::Create), nth: 1, failure: Failure::NoSpace, forever: true });
    let error = store.flush().unwrap_err();
    assert!(error.to_string().contains("writing a part"), "{error}");
    assert_eq!(store.ledger(project()).unwrap().stored, 10);
    disk.heal();
    while store.flush().is_err() {}
    drop(store);
    let store = open(&disk, small());
    assert_eq!((store.ledger(project()).unwrap().stored, store.positions()), (10, vec![at(0, 10)]));
}

#[test]
fn a_record_that_cannot_be_read_goes_to_quarantine() {
    let disk = FaultyDisk::new();
    let store = open(&disk, small());
    let mut cut = batch(&[event(1), event(2)]);
    cut.truncate(cut.len() - 3);
    store.apply(at(0, 0), &cut).unwrap();
    store.apply(at(0, 1), &batch(&[event(3)])).unwrap();
    store.flush().unwrap();
    let ledger = store.ledger(project()).unwrap();
    assert_eq!((ledger.accepted, ledger.stored, ledger.quarantined), (3, 1, 2));
    let storage: &dyn cairn_commitlog::Storage = &disk;
    let parts = Path::new("/data/store/parts");
    let files = storage.list(parts).unwrap();
    let file = files.iter().find(|file| file.ends_with(".quarantine")).unwrap();
    assert_eq!(&disk.contents(&parts.join(file)).unwrap()[4..], &cut[..]);
}

#[test]
fn a_gap_in_the_log_is_refused() {
    let store = open(&FaultyDisk::new(), small());
    let error = store.apply(at(0, 3), &batch(&[event(1)])).unwrap_err();
    assert!(matches!(error, StoreError::Gap { .. }), "{error}");
}

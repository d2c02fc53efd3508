//! Every call to the disk fails once, and for ever: nothing acknowledged is lost, and reads stay up.

use std::collections::BTreeSet;

use cairn_commitlog::{EmbeddedLog, Log, LogError, LogOptions};
use cairn_testkit::disk::{Call, Failure, Fault, FaultyDisk, Which};

use crate::common::{Ledger, append, at, id_of, open, payload, read_all, sized_payload, small};

fn options() -> LogOptions {
    LogOptions { segment_bytes: 1500, ..small() }
}

/// A client's day: forty records, a few at a time, a rotation and a drop. Whatever fails, it goes on.
fn work(log: &EmbeddedLog, ledger: &mut Ledger) -> Vec<LogError> {
    let mut errors = Vec::new();
    for number in 0..14 {
        let ids = [number * 3, number * 3 + 1, number * 3 + 2];
        for (id, ack) in ids.map(|id| (id, log.append(id, payload(id)))) {
            match ack.and_then(|ack| ack.wait()) {
                Ok(position) => ledger.note(position, id),
                Err(error) => errors.push(error),
            }
        }
        if number == 5 {
            errors.extend(log.rotate().err());
        }
        if number == 8 {
            ledger.dropped_before = log.ends()[0].offset / 2;
            errors.extend(log.drop_before(at(ledger.dropped_before)).err());
        }
        ledger.check(log).expect("reads stay up");
    }
    errors
}

/// Fails the `nth` call. False if there was no such call.
fn survives(fault: Fault) -> bool {
    let disk = FaultyDisk::new();
    disk.fail(fault);
    let mut ledger = Ledger::default();
    let Ok(log) = open(&disk, options()) else {
        disk.heal();
        assert!(open(&disk, options()).is_ok(), "{fault:?}: opens once the disk works");
        return true;
    };
    let errors = work(&log, &mut ledger);
    let reached = disk.calls(fault.which) >= fault.nth;
    disk.heal();
    let stopped = errors.iter().any(|error| matches!(error, LogError::Stopped { .. }));
    let is_sync = matches!(fault.which, Which::Changing | Which::Only(Call::Sync | Call::SyncDir));
    if fault.failure == Failure::NoSpace && !is_sync {
        assert!(!stopped, "{fault:?}: a full disk stops nothing: {errors:?}");
    }
    match append(&log, 1000) {
        Ok(position) => {
            assert!(!stopped, "{fault:?}: what has stopped stays so");
            ledger.note(position, 1000);
            assert!(log.health().is_ok());
        }
        Err(error) => {
            // The last seal may have failed after the last answer.
            let may_stop = stopped || fault.failure == Failure::Io;
            assert!(may_stop && matches!(error, LogError::Stopped { .. }), "{fault:?}: {error}");
            assert!(log.health().is_err());
        }
    }
    ledger.check(&log).unwrap();
    for image in [disk.power_cut(fault.nth), disk.fork()] {
        check_image(&image, &ledger, fault);
    }
    drop(log);
    check_image(&disk, &ledger, fault);
    reached
}

/// The log opens with all that it owes, goes on, and what it then shows survives the next power cut.
fn check_image(image: &FaultyDisk, ledger: &Ledger, fault: Fault) {
    let log = open(image, options()).unwrap_or_else(|error| panic!("{fault:?}: {error}"));
    ledger.check(&log).unwrap_or_else(|error| panic!("{fault:?}: {error}"));
    let mut ledger = ledger.clone();
    ledger.note_all(&log).unwrap();
    let again = open(&image.power_cut(!fault.nth), options()).unwrap();
    ledger.check(&again).unwrap_or_else(|error| panic!("{fault:?}, after the power cut: {error}"));
    append(&log, 2000).unwrap();
}

fn every_call(which: Which, failure: Failure) {
    for forever in [false, true] {
        let reached = (1..).take_while(|&nth| survives(Fault { which, nth, failure, forever })).count();
        assert!(reached >= 1, "{which:?} is never called");
    }
}

#[test]
fn any_call_fails_with_an_io_error() {
    every_call(Which::Changing, Failure::Io);
}

#[test]
fn any_call_fails_for_want_of_space() {
    every_call(Which::Changing, Failure::NoSpace);
}

#[test]
fn creating_reserving_and_writing_on_a_full_disk_stop_nothing() {
    for call in [Call::Create, Call::Allocate, Call::Write] {
        every_call(Which::Only(call), Failure::NoSpace);
    }
}

#[test]
fn a_failed_fsync_is_never_tried_again() {
    let disk = FaultyDisk::new();
    let log = open(&disk, small()).unwrap();
    append(&log, 0).unwrap();
    disk.fail(Fault { which: Which::Only(Call::Sync), nth: 1, failure: Failure::Io, forever: false });
    let error = append(&log, 1).unwrap_err();
    assert!(matches!(error, LogError::Stopped { .. }), "{error}");
    let (syncs, writes) = (disk.calls(Which::Only(Call::Sync)), disk.calls(Which::Only(Call::Write)));
    assert!(append(&log, 2).is_err() && log.health().is_err());
    assert_eq!(log.read(0, 0, 10).unwrap()[0].payload, payload(0));
    drop(log);
    assert_eq!((disk.calls(Which::Only(Call::Sync)), disk.calls(Which::Only(Call::Write))), (syncs, writes));
}

#[test]
fn what_a_failed_fsync_left_in_memory_is_written_again_when_the_log_opens() {
    let mut kept = 0;
    for number in 0..50 {
        let disk = FaultyDisk::new();
        let log = open(&disk, small()).unwrap();
        append(&log, number).unwrap();
        disk.fail(Fault { which: Which::Only(Call::Sync), nth: 1, failure: Failure::Io, forever: false });
        assert!(append(&log, number + 1).is_err());
        drop(log);
        // The system still shows the record, and believes that it is on the disk.
        let log = open(&disk, small()).unwrap();
        let mut ledger = Ledger::default();
        ledger.note_all(&log).unwrap();
        kept += usize::from(ledger.owed.len() == 2);
        ledger.check(&open(&disk.power_cut(number), small()).unwrap()).unwrap();
    }
    assert!(kept > 0, "the case was met");
}

#[test]
fn a_full_disk_refuses_until_there_is_space() {
    let disk = FaultyDisk::new();
    disk.limit(Some(10_000));
    let log = open(&disk, small()).unwrap();
    let mut ledger = Ledger::default();
    let error = loop {
        let id = ledger.owed.len() as u64;
        match append(&log, id) {
            Ok(position) => ledger.note(position, id),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, LogError::Full { .. }), "{error}");
    assert!(matches!(log.health(), Err(LogError::Full { .. })));
    for _ in 0..20 {
        assert!(matches!(log.append(0, sized_payload(1, 0)).unwrap().wait(), Err(LogError::Full { .. })));
    }
    ledger.check(&log).unwrap();
    ledger.check(&open(&disk.fork(), small()).unwrap()).unwrap();

    ledger.dropped_before = log.ends()[0].offset;
    log.drop_before(at(ledger.dropped_before)).unwrap();
    ledger.note(append(&log, 500).unwrap(), 500);
    assert!(log.health().is_ok());
    ledger.check(&log).unwrap();
    ledger.check(&open(&disk.power_cut(1), small()).unwrap()).unwrap();
}

#[test]
fn a_log_opens_on_a_full_disk() {
    let disk = FaultyDisk::new();
    let log = open(&disk, small()).unwrap();
    (0..20).for_each(|id| assert!(append(&log, id).is_ok()));
    let image = disk.power_cut(3);
    image.limit(Some(0));
    let log = open(&image, small()).unwrap();
    assert_eq!(read_all(&log, 1000).unwrap().len(), 20);
    assert!(matches!(append(&log, 20), Err(LogError::Full { .. })));
    image.limit(None);
    assert_eq!(append(&log, 20).unwrap(), at(20));
}

#[test]
fn records_that_were_refused_never_come_back() {
    for number in 0..40 {
        let disk = FaultyDisk::new();
        let log = open(&disk, LogOptions { segment_bytes: 64 << 10, ..small() }).unwrap();
        append(&log, 0).unwrap();
        disk.fail(Fault {
            which: Which::Only(Call::Write),
            nth: 2 + number % 2,
            failure: Failure::NoSpace,
            forever: false,
        });
        let ids = 100 * number..100 * number + 30;
        let acks: Vec<_> = ids.clone().map(|id| (id, log.append(0, payload(id)).unwrap())).collect();
        let mut expected = BTreeSet::from([0]);
        expected.extend(acks.into_iter().filter_map(|(id, ack)| ack.wait().is_ok().then_some(id)));
        expected.extend([7777].iter().filter(|&&id| append(&log, id).is_ok()));
        drop(log);
        disk.heal();
        let records = read_all(&open(&disk, small()).unwrap(), 1 << 20).unwrap();
        let found: BTreeSet<u64> = records.iter().map(|record| id_of(&record.payload).unwrap()).collect();
        assert_eq!(found, expected);
    }
}

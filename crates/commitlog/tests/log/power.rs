//! The power fails at a random call to the disk, recovery included, again and again.

use std::{env, sync::Mutex, thread};

use cairn_commitlog::{EmbeddedLog, Faults, Log, LogOptions};
use cairn_testkit::disk::{Failure, Fault, FaultyDisk, Random, Which};

use crate::common::{Ledger, at, open, payload, small};

const CLIENTS: u64 = 3;
const RECORDS_EACH: u64 = 30;

/// One machine's life: runs that end with a power cut or a kill. An error is an acknowledged record that is gone.
fn life(seed: u64, faults: Faults) -> Result<(), String> {
    let mut random = Random::new(seed);
    let options = LogOptions { segment_bytes: 700 + random.below(6000), faults, ..small() };
    let mut disk = FaultyDisk::new();
    let ledger = Mutex::new(Ledger::default());
    for run in 0..1 + random.below(4) {
        let calls = if random.flip() { 200 } else { 20 };
        let nth = 1 + random.below(calls);
        if random.below(4) == 0 {
            disk.limit(Some(disk.used_bytes() + random.below(16_000)));
        }
        disk.fail(Fault { which: Which::All, nth, failure: Failure::Io, forever: true });
        if let Ok(log) = open(&disk, options.clone()) {
            serve(&log, &ledger, (seed << 16) | (run << 12))?;
        }
        // A killed process leaves what it wrote, and even what a failed fsync only pretends to have kept.
        disk = if random.below(4) == 0 { disk.fork() } else { disk.power_cut(random.next_u64()) };
        let log = open(&disk.fork(), options.clone()).map_err(|error| format!("run {run}: {error}"))?;
        let check = ledger.lock().unwrap().check(&log);
        check.map_err(|error| format!("run {run}: {error}"))?;
    }
    Ok(())
}

/// Clients append until they are done or the disk is gone; one of them drops what it no longer needs.
fn serve(log: &EmbeddedLog, ledger: &Mutex<Ledger>, ids: u64) -> Result<(), String> {
    let readable = {
        let mut seen = Ledger::default();
        let result = seen.note_all(log); // fails when the disk dies under it
        ledger.lock().unwrap().owed.extend(seen.owed);
        result
    };
    if let Err(error) = readable {
        return if error.contains("not what was sent") { Err(error) } else { Ok(()) };
    }
    thread::scope(|scope| {
        for client in 0..CLIENTS {
            scope.spawn(move || {
                let mut acks = Vec::new();
                for number in 0..RECORDS_EACH {
                    let id = ids | (client << 8) | number;
                    acks.extend(log.append(id, payload(id)).ok().map(|ack| (id, ack)));
                    if number % 3 == client || number + 1 == RECORDS_EACH {
                        settle(acks.drain(..), ledger);
                    }
                    if client == 0 && number % 10 == 9 {
                        let end = log.ends()[0].offset;
                        ledger.lock().unwrap().dropped_before = end / 2;
                        if number == 19 {
                            let _ = log.rotate();
                        }
                        let _ = log.drop_before(at(end / 2));
                    }
                }
            });
        }
    });
    Ok(())
}

fn settle(acks: impl Iterator<Item = (u64, cairn_commitlog::Ack)>, ledger: &Mutex<Ledger>) {
    for (id, ack) in acks {
        if let Ok(position) = ack.wait() {
            ledger.lock().unwrap().note(position, id);
        }
    }
}

fn count() -> u64 {
    env::var("CAIRN_POWER_CUTS").ok().and_then(|count| count.parse().ok()).unwrap_or(300)
}

#[test]
fn no_power_cut_loses_what_was_acknowledged() {
    for seed in 0..count() {
        life(seed, Faults::default()).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    }
}

#[test]
fn without_fsync_this_test_fails() {
    let faults = Faults { skip_fsync: true, ..Faults::default() };
    let lost = (0..100).filter(|&seed| life(seed, faults).is_err()).count();
    assert!(lost > 10, "{lost} of 100 lives lost something");
}

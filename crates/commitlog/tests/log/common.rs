//! Records that prove themselves, and the client's ledger: what was acknowledged must be there for ever.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use bytes::Bytes;
use cairn_commitlog::{EmbeddedLog, Log, LogError, LogOptions, Position, Record, Storage};
use cairn_testkit::disk::{FaultyDisk, Random};

pub(crate) fn dir() -> &'static Path {
    Path::new("/data/log")
}

pub(crate) fn segment(first: u64) -> PathBuf {
    dir().join(format!("{first:020}.log"))
}

/// Small segments, so that a test sees many.
pub(crate) fn small() -> LogOptions {
    LogOptions { segment_bytes: 4096, queue_bytes: 1 << 20, max_record_bytes: 1 << 16, ..LogOptions::default() }
}

pub(crate) fn open(disk: &FaultyDisk, options: LogOptions) -> Result<EmbeddedLog, LogError> {
    let storage: Arc<dyn Storage> = Arc::new(disk.clone());
    EmbeddedLog::open(storage, dir(), options)
}

pub(crate) fn at(offset: u64) -> Position {
    Position { partition: 0, offset }
}

/// Bytes that depend on `id` alone, from 8 to some hundreds of them.
pub(crate) fn payload(id: u64) -> Bytes {
    let mut random = Random::new(id);
    let length = if random.below(40) == 0 { 3000 + random.below(3000) } else { random.below(300) };
    sized_payload(id, length as usize)
}

pub(crate) fn sized_payload(id: u64, length: usize) -> Bytes {
    let mut random = Random::new(!id);
    let mut bytes = id.to_le_bytes().to_vec();
    bytes.extend((0..length).map(|_| random.next_u64() as u8));
    bytes.into()
}

/// The id of a payload that is as it was made.
pub(crate) fn id_of(payload: &[u8]) -> Option<u64> {
    let id = u64::from_le_bytes(payload.get(..8)?.try_into().unwrap());
    (sized_payload(id, payload.len() - 8) == payload).then_some(id)
}

/// All that the log keeps, read in steps of about `step_bytes`.
pub(crate) fn read_all(log: &dyn Log, step_bytes: usize) -> Result<Vec<Record>, LogError> {
    let mut from = match log.read(0, 0, 0) {
        Err(LogError::Dropped { first }) => first,
        _ => 0,
    };
    let mut all = Vec::new();
    while from < log.ends()[0].offset {
        let records = log.read(0, from, step_bytes)?;
        assert!(!records.is_empty(), "a read before the end returns a record");
        assert_eq!(records[0].position, at(from));
        from = records.last().unwrap().position.offset + 1;
        all.extend(records);
    }
    Ok(all)
}

pub(crate) fn append(log: &dyn Log, id: u64) -> Result<Position, LogError> {
    log.append(0, payload(id))?.wait()
}

/// What the log owes: the records that it acknowledged or showed, by offset.
#[derive(Default, Clone)]
pub(crate) struct Ledger {
    pub(crate) owed: BTreeMap<u64, u64>,
    /// What stands before this may be gone.
    pub(crate) dropped_before: u64,
}

impl Ledger {
    pub(crate) fn note(&mut self, position: Position, id: u64) {
        self.owed.insert(position.offset, id);
    }

    /// Everything readable now is owed from now on.
    pub(crate) fn note_all(&mut self, log: &dyn Log) -> Result<(), String> {
        for record in read_all(log, 1 << 20).map_err(|error| error.to_string())? {
            let id = id_of(&record.payload).ok_or_else(|| format!("{:?} is not what was sent", record.position))?;
            self.note(record.position, id);
        }
        Ok(())
    }

    /// The checker: an error is a lost, changed or invented record.
    pub(crate) fn check(&self, log: &dyn Log) -> Result<(), String> {
        let records = read_all(log, 1 << 20).map_err(|error| error.to_string())?;
        let end = log.ends()[0].offset;
        let first = records.first().map_or(end, |record| record.position.offset);
        if first > self.dropped_before.min(end) {
            return Err(format!("the log begins at {first}, but only {} may be dropped", self.dropped_before));
        }
        for (number, record) in (first..).zip(&records) {
            if record.position != at(number) || id_of(&record.payload).is_none() {
                return Err(format!("{:?} is not what was sent", record.position));
            }
        }
        for (&offset, &id) in self.owed.range(self.dropped_before..) {
            let found = offset.checked_sub(first).and_then(|number| records.get(number as usize));
            let found = found.and_then(|record| id_of(&record.payload));
            if found != Some(id) {
                return Err(format!("record {offset} was {id} and is {found:?}"));
            }
        }
        if self.owed.last_key_value().is_some_and(|(&last, _)| last >= end) {
            return Err(format!("the log ends at {end}, below what it acknowledged"));
        }
        Ok(())
    }
}

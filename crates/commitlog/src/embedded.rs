//! The log in files of this machine: one partition, one writer, group commit.
//!
//! ```text
//! append -> queue -> writer -> segment files -> reader
//!                       \-> segments (what is durable) -> wait
//! ```
//!
//! `format` holds the bytes, `recover` opens a log after anything, `options` the sizes.

mod begin;
mod format;
mod options;
mod queue;
mod reader;
mod recover;
mod segment;
mod writer;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    thread::{self, JoinHandle},
    time::Duration,
};

use bytes::Bytes;

pub use options::{Faults, LogOptions};

use crate::{Ack, Log, LogError, Position, Record, Storage};
use queue::Queue;
use reader::Reader;
use segment::{Segments, lock};
use writer::Writer;

/// The longest payload that a frame can describe, less room for the seal's mark.
const LONGEST_PAYLOAD_BYTES: usize = 1 << 31;

/// Cairn's own commit log. Dropping it writes what still waits, then closes it.
///
/// One process at a time may have a log open: whoever opens the data directory holds its lock.
pub struct EmbeddedLog {
    storage: Arc<dyn Storage>,
    dir: PathBuf,
    max_record_bytes: usize,
    queue: Arc<Queue>,
    segments: Arc<Segments>,
    reader: Mutex<Option<Reader>>,
    /// Held while segments are removed, oldest first.
    dropping: Mutex<()>,
    writer: Option<JoinHandle<()>>,
}

impl EmbeddedLog {
    /// Opens the log in `dir`, creating it if need be.
    ///
    /// Reads every segment once: cuts off what a crash left half-written, and refuses to open over damage
    /// ([`LogError::Damage`] names the place).
    pub fn open(storage: Arc<dyn Storage>, dir: &Path, options: LogOptions) -> Result<Self, LogError> {
        let recovered = recover::recover(&*storage, dir, &options)?;
        let segments = Arc::new(Segments::new(recovered.list, recovered.end));
        let queue = Arc::new(Queue::new(options.queue_bytes));
        let max_record_bytes = options.max_record_bytes.min(LONGEST_PAYLOAD_BYTES);
        let writer = Writer {
            storage: Arc::clone(&storage),
            dir: dir.to_owned(),
            options,
            queue: Arc::clone(&queue),
            segments: Arc::clone(&segments),
            active: None,
            next: recovered.end,
            buffer: Vec::new(),
            places: Vec::new(),
        };
        let writer = thread::Builder::new()
            .name("commit log".to_owned())
            .spawn(move || writer.run())
            .map_err(|error| LogError::io("start a thread for", dir, error))?;
        Ok(Self {
            storage,
            dir: dir.to_owned(),
            max_record_bytes,
            queue,
            segments,
            reader: Mutex::new(None),
            dropping: Mutex::new(()),
            writer: Some(writer),
        })
    }

    /// Whether everything that was appended has been answered.
    pub(crate) fn is_idle(&self) -> bool {
        self.queue.is_empty()
    }

    fn read_from(&self, from: u64, max_bytes: usize) -> Result<Vec<Record>, LogError> {
        let Some(segment) = self.segments.holding(from) else {
            // The end of the log; or the segment was dropped since the range was checked.
            return self.check_range(from).map(|()| Vec::new());
        };
        // Taken out while in use: another reader opens the file for itself.
        let kept = lock(&self.reader).take();
        let mut reader = match kept {
            Some(reader) if reader.reads(&segment) => reader,
            _ => Reader::open(&*self.storage, segment)?,
        };
        let records = reader.read(from, max_bytes)?; // a reader that failed is not kept
        *lock(&self.reader) = Some(reader);
        Ok(records)
    }

    /// Whether `from` can be read at all.
    fn check_range(&self, from: u64) -> Result<(), LogError> {
        let (first, end) = (self.segments.first(), self.segments.end());
        match from {
            _ if from < first => Err(LogError::Dropped { first }),
            _ if from > end => Err(LogError::Beyond { end }),
            _ => Ok(()),
        }
    }
}

impl Log for EmbeddedLog {
    fn append(&self, _key: u64, payload: Bytes) -> Result<Ack, LogError> {
        if payload.len() > self.max_record_bytes {
            return Err(LogError::TooLarge { bytes: payload.len(), limit_bytes: self.max_record_bytes });
        }
        let crc = crc32c::crc32c(&payload);
        self.queue.push(payload, crc)
    }

    fn read(&self, partition: u32, from: u64, max_bytes: usize) -> Result<Vec<Record>, LogError> {
        check_partition(partition)?;
        self.check_range(from)?;
        self.read_from(from, max_bytes).or_else(|error| {
            // The segment may have been dropped since.
            self.check_range(from)?;
            Err(error)
        })
    }

    fn wait(&self, partition: u32, from: u64, timeout: Duration) -> bool {
        check_partition(partition).is_ok() && self.segments.wait(from, timeout)
    }

    fn begins(&self) -> Vec<Position> {
        vec![Position { partition: 0, offset: self.segments.first() }]
    }

    fn ends(&self) -> Vec<Position> {
        vec![Position { partition: 0, offset: self.segments.end() }]
    }

    fn drop_before(&self, position: Position) -> Result<(), LogError> {
        check_partition(position.partition)?;
        let _dropping = lock(&self.dropping);
        while let Some(segment) = self.segments.oldest_before(position.offset) {
            if let Some(stopped) = self.queue.stopped() {
                return Err(stopped);
            }
            self.storage.remove(&segment.path).map_err(|error| LogError::io("remove", &segment.path, error))?;
            self.segments.forget_oldest();
            // One by one, durably: a power cut must never leave a gap.
            self.storage.sync_dir(&self.dir).map_err(|error| {
                let stopped = LogError::stopped("sync", &self.dir, error);
                self.queue.stop(stopped.clone());
                stopped
            })?;
        }
        Ok(())
    }

    fn rotate(&self) -> Result<(), LogError> {
        let ended = || LogError::Stopped { cause: "the log's writer ended before it had answered".to_owned() };
        self.queue.rotate()?.blocking_recv().unwrap_or_else(|_| Err(ended()))
    }

    fn size_bytes(&self) -> u64 {
        self.segments.bytes()
    }

    fn health(&self) -> Result<(), LogError> {
        self.queue.health()
    }
}

impl Drop for EmbeddedLog {
    fn drop(&mut self) {
        self.queue.close();
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

fn check_partition(partition: u32) -> Result<(), LogError> {
    if partition == 0 { Ok(()) } else { Err(LogError::UnknownPartition { partition }) }
}

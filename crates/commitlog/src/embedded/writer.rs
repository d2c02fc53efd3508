//! The one thread that writes. Each write and fsync takes all that queued during the ones before.

use std::{io, path::PathBuf, sync::Arc, vec::Drain};

use tokio::sync::oneshot;

use super::{
    format::{Codec, FRAME_HEADER_BYTES, Frame, SEGMENT_HEADER_BYTES, SegmentHeader, segment_name},
    options::LogOptions,
    queue::{Pending, Queue},
    segment::{Index, Place, Segment, Segments, Span, is_due, start},
};
use crate::{LogError, OpenMode, Position, Storage, StorageFile, error::is_full};

/// A buffer that has grown beyond this is given back once it is written.
const KEPT_BUFFER_BYTES: usize = 4 << 20;

/// Stops the queue when the writer's thread ends, even by a panic: nobody waits for a writer that is gone.
struct StopOnExit(Arc<Queue>);

impl Drop for StopOnExit {
    fn drop(&mut self) {
        self.0.stop(LogError::Stopped { cause: "the log was closed".to_owned() });
    }
}

pub(super) struct Writer {
    pub(super) storage: Arc<dyn Storage>,
    pub(super) dir: PathBuf,
    pub(super) options: LogOptions,
    pub(super) queue: Arc<Queue>,
    pub(super) segments: Arc<Segments>,
    /// The segment that takes the next record. A segment that was left is never written again.
    pub(super) active: Option<Active>,
    /// The offset of the next record.
    pub(super) next: u64,
    pub(super) buffer: Vec<u8>,
    /// The records of the buffer that belong into the sparse index.
    pub(super) places: Vec<Place>,
}

pub(super) struct Active {
    file: Box<dyn StorageFile>,
    segment: Arc<Segment>,
    /// Where the next frame goes; all before it is durable.
    at: u64,
    room_bytes: u64,
    indexed_at: u64,
}

impl Writer {
    /// Writes until the queue is closed and empty, or a write has failed.
    pub(super) fn run(mut self) {
        let _stop = StopOnExit(Arc::clone(&self.queue));
        loop {
            let work = match self.queue.try_take() {
                Some(work) => work,
                None => {
                    if let Err(error) = self.seal() {
                        return self.queue.stop(error);
                    }
                    match self.queue.take() {
                        Some(work) => work,
                        None => return self.sync_seal(),
                    }
                }
            };
            if let Err(error) = self.commit(work.batch).and_then(|()| self.rotate(work.rotations)) {
                return self.queue.stop(error);
            }
        }
    }

    /// Begins a new segment, unless the newest is empty. An error is one that stops the writer; a full disk only refuses.
    fn rotate(&mut self, rotations: Vec<oneshot::Sender<Result<(), LogError>>>) -> Result<(), LogError> {
        if rotations.is_empty() {
            return Ok(());
        }
        let rotated = if self.segments.begins_at(self.next) {
            Ok(())
        } else {
            // Left before there is another: were it written on after a failure, the file that is there by then would hide it.
            self.active = None;
            self.create(0).map(|active| self.active = Some(active))
        };
        for done in rotations {
            let _ = done.send(rotated.clone()); // nobody may be waiting
        }
        rotated.or_else(|error| if matches!(error, LogError::Stopped { .. }) { Err(error) } else { Ok(()) })
    }

    /// Writes and answers a batch. An error is one that stops the writer.
    fn commit(&mut self, mut batch: Vec<Pending>) -> Result<(), LogError> {
        while !batch.is_empty() {
            let first = self.next;
            match self.write_some(&batch) {
                Ok(count) => self.acknowledge(batch.drain(..count), first),
                Err(error) => return self.refuse(batch, error),
            }
        }
        Ok(())
    }

    /// Tells that the records from `first` on are durable.
    fn acknowledge(&self, records: Drain<'_, Pending>, first: u64) {
        self.queue.release(bytes_of(records.as_slice()), None);
        for (offset, pending) in (first..).zip(records) {
            let _ = pending.done.send(Ok(Position { partition: 0, offset })); // nobody may be waiting
        }
    }

    /// Tells why the records are not written. Who is told that the log has stopped finds it stopped.
    fn refuse(&self, records: Vec<Pending>, error: LogError) -> Result<(), LogError> {
        let stops = matches!(error, LogError::Stopped { .. });
        if stops {
            self.queue.stop(error.clone());
        }
        self.queue.release(bytes_of(&records), Some(error.clone()));
        for pending in records {
            let _ = pending.done.send(Err(error.clone()));
        }
        if stops { Err(error) } else { Ok(()) }
    }

    /// Makes as many records durable as one write to one segment takes, and returns how many.
    fn write_some(&mut self, batch: &[Pending]) -> Result<usize, LogError> {
        let first_bytes = (FRAME_HEADER_BYTES + batch[0].payload.len()) as u64;
        let mut active = match self.active.take() {
            Some(active) if active.at + first_bytes <= active.room_bytes => active,
            _ => self.create(first_bytes)?,
        };
        let count = self.encode(batch, &mut active);
        self.write(&active)?;
        if !self.options.faults.skip_fsync {
            active.file.sync().map_err(|error| LogError::stopped("sync", &active.segment.path, error))?;
        }
        active.at += self.buffer.len() as u64;
        self.next += count as u64;
        active.segment.grow(Place { offset: self.next, at: active.at }, &mut self.places);
        self.segments.publish(self.next);
        self.active = Some(active);
        self.buffer.clear();
        self.buffer.shrink_to(KEPT_BUFFER_BYTES);
        Ok(count)
    }

    /// Fills the buffer with the frames that fit the segment: the one copy that a payload makes.
    fn encode(&mut self, batch: &[Pending], active: &mut Active) -> usize {
        self.buffer.clear();
        self.places.clear();
        let mut count: u32 = 0;
        for pending in batch {
            let at = active.at + self.buffer.len() as u64;
            if at + (FRAME_HEADER_BYTES + pending.payload.len()) as u64 > active.room_bytes {
                break;
            }
            let place = Place { offset: self.next + u64::from(count), at };
            if is_due(active.indexed_at, place) {
                active.indexed_at = at;
                self.places.push(place);
            }
            let frame = Frame::record(place.offset, count, pending.payload.len() as u32, pending.crc);
            self.buffer.extend_from_slice(&active.segment.codec.encode(&frame));
            self.buffer.extend_from_slice(&pending.payload);
            count += 1;
        }
        count as usize
    }

    /// Writes the buffer. If the disk is full, takes back what was written of it and leaves the segment for good.
    fn write(&self, active: &Active) -> Result<(), LogError> {
        let path = &active.segment.path;
        match active.file.write_at(active.at, &self.buffer) {
            Ok(()) => Ok(()),
            Err(error) if is_full(&error) => {
                active.file.set_len(active.at).map_err(|error| LogError::stopped("shorten", path, error))?;
                active.file.sync().map_err(|error| LogError::stopped("sync", path, error))?;
                Err(self.full())
            }
            Err(error) => Err(LogError::stopped("write", path, error)),
        }
    }

    /// Creates the segment for the next record, durable before any record is in it.
    fn create(&self, record_bytes: u64) -> Result<Active, LogError> {
        let first = self.next;
        let path = self.dir.join(segment_name(first));
        let salt = getrandom::u64().map_err(|error| LogError::io("draw a salt for", &path, io::Error::other(error)))?;
        // A file of this name holds no record: it is what is left of an earlier attempt.
        let (file, is_new) = match self.storage.open(&path, OpenMode::CreateNew) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                (self.storage.open(&path, OpenMode::Write), false)
            }
            other => (other, true),
        };
        // Out of file handles, for one: nothing was written, so this refuses the batch and stops nothing.
        let file =
            file.map_err(|error| if is_full(&error) { self.full() } else { LogError::io("create", &path, error) })?;
        let room_bytes = self.options.segment_bytes.max(SEGMENT_HEADER_BYTES as u64 + record_bytes);
        let prepare = || {
            if !is_new {
                file.set_len(0)?;
            }
            file.allocate(room_bytes)?;
            file.write_at(0, &SegmentHeader { first, salt }.encode())
        };
        if let Err(error) = prepare() {
            if !is_full(&error) {
                return Err(LogError::stopped("prepare", path, error));
            }
            // Gives back the space that it did get; if that fails too, the next attempt does it.
            let _ = file.set_len(0);
            return Err(self.full());
        }
        file.sync().map_err(|error| LogError::stopped("sync", &path, error))?;
        self.storage.sync_dir(&self.dir).map_err(|error| LogError::stopped("sync", &self.dir, error))?;
        let codec = Codec { salt, check_crc: !self.options.faults.skip_crc };
        let begin = start(first);
        let segment = Segment::new(path, codec, first, Span { end: begin, index: Index::default() });
        let segment = Arc::new(segment);
        self.segments.push(Arc::clone(&segment));
        Ok(Active { file, segment, at: begin.at, room_bytes, indexed_at: begin.at })
    }

    /// Notes behind the last record that it is durable, so that damage to it is never taken for a torn write.
    ///
    /// Needs no fsync of its own, and the next write goes over it.
    fn seal(&mut self) -> Result<(), LogError> {
        let Some(active) = &self.active else {
            return Ok(());
        };
        if active.at + FRAME_HEADER_BYTES as u64 > active.room_bytes {
            return Ok(());
        }
        match active.file.write_at(active.at, &active.segment.codec.encode(&Frame::seal(self.next))) {
            Err(error) if !is_full(&error) => Err(LogError::stopped("write", &active.segment.path, error)),
            _ => Ok(()),
        }
    }

    /// The last act of a log that is closed. Nothing is lost if it fails.
    fn sync_seal(&self) {
        if let Some(active) = &self.active {
            let _ = active.file.sync();
        }
    }

    fn full(&self) -> LogError {
        LogError::Full { dir: self.dir.clone() }
    }
}

fn bytes_of(records: &[Pending]) -> usize {
    records.iter().map(Pending::cost_bytes).sum()
}

//! Reads durable records from the files, each verified again.

use std::{io, sync::Arc};

use bytes::Bytes;

use super::{
    format::{FRAME_HEADER_BYTES, Frame},
    segment::{INDEX_EVERY_BYTES, Place, Segment},
};
use crate::{LogError, OpenMode, Position, Record, Storage, StorageFile};

/// An open segment and the place where the last read ended: a follower goes on from there without a search.
pub(super) struct Reader {
    segment: Arc<Segment>,
    file: Box<dyn StorageFile>,
    place: Place,
}

/// A piece of the file in memory.
struct Window {
    at: u64,
    bytes: Bytes,
}

impl Reader {
    pub(super) fn open(storage: &dyn Storage, segment: Arc<Segment>) -> Result<Self, LogError> {
        let file =
            storage.open(&segment.path, OpenMode::Read).map_err(|error| LogError::io("open", &segment.path, error))?;
        let place = Place { offset: segment.first, at: super::segment::start(segment.first).at };
        Ok(Self { segment, file, place })
    }

    pub(super) fn reads(&self, segment: &Arc<Segment>) -> bool {
        Arc::ptr_eq(&self.segment, segment)
    }

    /// Records from `from` on, which the segment must hold; at least one.
    pub(super) fn read(&mut self, from: u64, max_bytes: usize) -> Result<Vec<Record>, LogError> {
        let (end, near) = self.segment.find(from);
        // Records that start before the wanted one, and after its nearest place, start within the index's step.
        let skipped = if self.place.offset == from { 0 } else { INDEX_EVERY_BYTES };
        if skipped > 0 {
            self.place = near;
        }
        let mut records = Vec::new();
        let mut bytes = 0;
        let wanted = skipped.saturating_add(max_bytes as u64).saturating_add(FRAME_HEADER_BYTES as u64);
        let mut window = self.load(wanted, end)?;
        while self.place.at < end.at {
            let frame = match self.next_frame(&window, end)? {
                Ok(frame) => frame,
                Err(_) if !records.is_empty() => break,
                Err(needed) => {
                    window = self.load(needed, end)?;
                    continue;
                }
            };
            if frame.offset >= from {
                if !records.is_empty() && bytes + frame.payload_bytes() > max_bytes {
                    break;
                }
                bytes += frame.payload_bytes();
            }
            let payload = self.payload(&window, &frame)?;
            if frame.offset >= from {
                let position = Position { partition: 0, offset: frame.offset };
                records.push(Record { position, payload, appended_at_ms: None });
            }
            self.place = Place { offset: frame.offset + 1, at: self.place.at + frame.total_bytes() as u64 };
        }
        Ok(records)
    }

    /// The frame at the current place; or, if the window ends before it does, the bytes that are needed.
    fn next_frame(&self, window: &Window, end: Place) -> Result<Result<Frame, u64>, LogError> {
        let rest = &window.bytes[(self.place.at - window.at) as usize..];
        if rest.len() < FRAME_HEADER_BYTES && window.at + (window.bytes.len() as u64) < end.at {
            return Ok(Err(FRAME_HEADER_BYTES as u64));
        }
        let frame = self
            .segment
            .codec
            .decode(rest)
            .filter(|frame| frame.offset == self.place.offset && !frame.is_seal())
            .filter(|frame| self.place.at + frame.total_bytes() as u64 <= end.at)
            .ok_or_else(|| self.damage())?;
        Ok(if rest.len() < frame.total_bytes() { Err(frame.total_bytes() as u64) } else { Ok(frame) })
    }

    fn payload(&self, window: &Window, frame: &Frame) -> Result<Bytes, LogError> {
        let from = (self.place.at - window.at) as usize;
        let payload = window.bytes.slice(from + FRAME_HEADER_BYTES..from + frame.total_bytes());
        if self.segment.codec.accepts(frame, &payload) { Ok(payload) } else { Err(self.damage()) }
    }

    /// Up to `bytes` of the file from the current place on, never past what is durable.
    fn load(&self, bytes: u64, end: Place) -> Result<Window, LogError> {
        let bytes = usize::try_from(bytes.min(end.at - self.place.at)).unwrap_or(usize::MAX);
        let mut buffer = vec![0; bytes];
        let filled = self
            .file
            .read_full(self.place.at, &mut buffer)
            .map_err(|error: io::Error| LogError::io("read", &self.segment.path, error))?;
        if filled < bytes {
            return Err(self.damage());
        }
        Ok(Window { at: self.place.at, bytes: buffer.into() })
    }

    fn damage(&self) -> LogError {
        LogError::Damage {
            file: self.segment.path.clone(),
            offset_bytes: self.place.at,
            problem: format!("record {} is not what was written", self.place.offset),
        }
    }
}

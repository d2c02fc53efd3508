//! Opening a log after anything: reads every segment, cuts off a torn tail, refuses damage.
//!
//! The rule that tells the two apart: a frame says how many records of its own write stand before it, so every
//! frame proves all records before its write durable. A bad record that a later frame, seal or segment proves
//! durable is damage; any other belongs to the write that was under way, of which nothing was acknowledged.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    format::{Codec, FRAME_HEADER_BYTES, Frame, ReadHeader, SegmentHeader, parse_segment_name, segment_name},
    options::LogOptions,
    segment::{Index, Place, Segment, Span, start},
};
use crate::{LogError, OpenMode, Storage, StorageFile, error::is_full};

/// The segments found and the offset after the last record.
pub(super) struct Recovered {
    pub(super) list: Vec<Arc<Segment>>,
    pub(super) end: u64,
}

/// Reads the log in `dir`. When it returns, all that it found is durable.
pub(super) fn recover(storage: &dyn Storage, dir: &Path, options: &LogOptions) -> Result<Recovered, LogError> {
    storage.create_dir_all(dir).map_err(|error| LogError::io("create", dir, error))?;
    let names = storage.list(dir).map_err(|error| LogError::io("list", dir, error))?;
    let mut firsts: Vec<u64> = names.iter().filter_map(|name| parse_segment_name(name)).collect();
    firsts.sort_unstable();
    let mut recovered = Recovered { list: Vec::with_capacity(firsts.len()), end: 0 };
    for (number, &first) in firsts.iter().enumerate() {
        let path = dir.join(segment_name(first));
        let scan = Scan::of(storage, path, first, firsts.get(number + 1).copied(), !options.faults.skip_crc)?;
        if number + 1 == firsts.len() {
            scan.repair(storage)?;
        }
        recovered.end = scan.end.offset;
        recovered.list.push(Arc::new(scan.into_segment()));
    }
    storage.sync_dir(dir).map_err(|error| LogError::io("sync", dir, error))?;
    Ok(recovered)
}

/// One segment, read from its first byte to its last record.
struct Scan {
    path: PathBuf,
    first: u64,
    codec: Codec,
    bytes: Vec<u8>,
    /// After the last record.
    end: Place,
    /// Where the last record's write began: what stands before was durable before that write.
    batch_at: u64,
    sealed: bool,
    index: Index,
}

impl Scan {
    /// Reads a segment whose records end before `next`, or which is the last.
    fn of(
        storage: &dyn Storage,
        path: PathBuf,
        first: u64,
        next: Option<u64>,
        check_crc: bool,
    ) -> Result<Self, LogError> {
        let bytes = read_all(storage, &path)?;
        let salt = read_salt(&path, &bytes, first, next.is_none(), check_crc)?;
        let begin = start(first);
        let mut scan = Self {
            path,
            first,
            codec: Codec { salt: salt.unwrap_or_default(), check_crc },
            bytes,
            end: begin,
            batch_at: begin.at,
            sealed: false,
            index: Index::default(),
        };
        if salt.is_some() {
            scan.walk(next);
            scan.refuse_damage(next)?;
        }
        Ok(scan)
    }

    /// Follows the records up to `next` or to the first that is not whole.
    fn walk(&mut self, next: Option<u64>) {
        while Some(self.end.offset) != next {
            let rest = self.bytes.get(self.end.at as usize..).unwrap_or_default();
            let Some(frame) = self.codec.decode(rest).filter(|frame| frame.offset == self.end.offset) else {
                return;
            };
            if frame.is_seal() {
                self.sealed = true;
                return;
            }
            let Some(payload) = rest.get(FRAME_HEADER_BYTES..frame.total_bytes()) else {
                return;
            };
            if !self.codec.accepts(&frame, payload) {
                return;
            }
            if frame.durable_before() == frame.offset {
                self.batch_at = self.end.at;
            }
            self.index.offer(self.end);
            self.end = Place { offset: frame.offset + 1, at: self.end.at + frame.total_bytes() as u64 };
        }
    }

    /// Decides whether the record at the end was durable once.
    fn refuse_damage(&self, next: Option<u64>) -> Result<(), LogError> {
        let expected = self.end.offset;
        let lost = match next {
            Some(next) => expected != next,
            None if !self.codec.check_crc => false,
            None => {
                let rest = self.bytes.get(self.end.at as usize..).unwrap_or_default();
                let used = rest.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
                (0..used).any(|at| self.codec.proves_durable(&rest[at..], expected))
            }
        };
        if !lost {
            return Ok(());
        }
        let problem = match next {
            Some(next) => {
                format!("record {expected} is missing or not what was written, and the log goes on at {next}")
            }
            None => format!("record {expected} is not what was written, and records follow it"),
        };
        Err(LogError::Damage { file: self.path.clone(), offset_bytes: self.end.at, problem })
    }

    fn has_records(&self) -> bool {
        self.end.offset > self.first
    }

    /// Leaves the last segment with its whole records, durable, then a seal, then nothing.
    fn repair(&self, storage: &dyn Storage) -> Result<(), LogError> {
        let kept = self.end.at + if self.sealed { FRAME_HEADER_BYTES as u64 } else { 0 };
        if self.bytes.len() as u64 == kept && (self.sealed || !self.has_records()) {
            return Ok(());
        }
        let fail = |action| move |error| LogError::io(action, &self.path, error);
        let file = storage.open(&self.path, OpenMode::Write).map_err(fail("open"))?;
        if self.has_records() && !self.sealed {
            // A failed fsync may have left these bytes in memory only, marked as written: write them once more.
            let (from, to) = (self.batch_at as usize, self.end.at as usize);
            file.write_at(self.batch_at, &self.bytes[from..to]).map_err(fail("write"))?;
        }
        if self.bytes.len() as u64 > kept {
            file.set_len(kept).map_err(fail("cut off the torn end of"))?;
        }
        file.sync().map_err(fail("sync"))?;
        if self.has_records() && !self.sealed { self.seal(&*file).map_err(fail("write")) } else { Ok(()) }
    }

    /// Says in the file that its records are durable. A full disk may refuse it: it only helps to find damage.
    fn seal(&self, file: &dyn StorageFile) -> std::io::Result<()> {
        match file.write_at(self.end.at, &self.codec.encode(&Frame::seal(self.end.offset))) {
            Err(error) if is_full(&error) => Ok(()),
            Err(error) => Err(error),
            Ok(()) => file.sync(),
        }
    }

    fn into_segment(self) -> Segment {
        Segment::new(self.path, self.codec, self.first, Span { end: self.end, index: self.index })
    }
}

/// The salt in the header, or `None` if the segment was being created when the machine stopped.
fn read_salt(path: &Path, bytes: &[u8], first: u64, is_last: bool, check_crc: bool) -> Result<Option<u64>, LogError> {
    let damage = |problem: String| LogError::Damage { file: path.to_owned(), offset_bytes: 0, problem };
    match SegmentHeader::decode(bytes, check_crc) {
        ReadHeader::Valid(header) if header.first == first => Ok(Some(header.salt)),
        ReadHeader::Valid(header) => {
            Err(damage(format!("its name says that it begins at record {first}, its header at {}", header.first)))
        }
        ReadHeader::OtherVersion(version) => Err(LogError::Version { file: path.to_owned(), version }),
        // The header is synced before the first record is written: without a record, it may be torn.
        ReadHeader::Bad if is_last && bytes.iter().skip(start(first).at as usize).all(|&byte| byte == 0) => Ok(None),
        ReadHeader::Bad => Err(damage("its header is not what was written, and records follow it".to_owned())),
    }
}

fn read_all(storage: &dyn Storage, path: &Path) -> Result<Vec<u8>, LogError> {
    let read = || {
        let file = storage.open(path, OpenMode::Read)?;
        let mut bytes = vec![0; usize::try_from(file.len()?).unwrap_or(usize::MAX)];
        let filled = file.read_full(0, &mut bytes)?;
        bytes.truncate(filled);
        Ok(bytes)
    };
    read().map_err(|error| LogError::io("read", path, error))
}

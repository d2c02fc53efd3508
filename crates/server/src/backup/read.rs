//! Reading an archive. Nothing that it says is believed before its checksum is right.

use std::{
    collections::BTreeMap,
    io::{self, Read},
};

use bytes::Bytes;
use cairn_model::Position;
use sha2::{Digest, Sha256};

use super::{
    BROKEN, BYTES, BackupError, BackupHead, CHUNK_BYTES_MAX, CHUNK_HEADER_BYTES, END, FILE, HEAD, MAGIC, RECORD, write,
};

/// Reads a whole archive and verifies it: what it says of itself.
pub fn inspect(archive: impl Read) -> Result<BackupHead, BackupError> {
    let mut reader = ArchiveReader::begin(archive)?;
    while reader.next()?.is_some() {}
    Ok(reader.head)
}

/// A part of an archive.
pub(super) enum Piece {
    /// A file begins.
    File(String),
    /// Goes on with the file.
    Bytes(Vec<u8>),
    /// A record of the log.
    Record(Position, Bytes),
}

/// An archive being read.
pub(super) struct ArchiveReader<R> {
    archive: R,
    pub(super) head: BackupHead,
    at: u64,
    crc: u32,
    sha: Sha256,
    file: Option<String>,
    /// The next record of each partition.
    next: BTreeMap<u32, u64>,
}

impl<R: Read> ArchiveReader<R> {
    pub(super) fn begin(archive: R) -> Result<Self, BackupError> {
        let head = BackupHead {
            cairn: String::new(),
            made_at: cairn_model::TimeMs(0),
            from: vec![],
            positions: vec![],
            bytes: 0,
            topic: None,
        };
        let (sha, next) = (Sha256::new(), BTreeMap::new());
        let mut reader = Self { archive, head, at: 0, crc: 0, sha, file: None, next };
        let magic = reader.take(MAGIC.len())?;
        if magic[..7] != MAGIC[..7] {
            return Err(reader.damage("this is no backup of Cairn"));
        }
        if magic != MAGIC {
            return Err(reader.damage("it was made by another version of Cairn: restore it with that one"));
        }
        reader.sha.update(&magic);
        reader.at = MAGIC.len() as u64;
        let (kind, payload) = reader.chunk()?;
        let head = serde_json::from_slice(&payload).ok().filter(|_| kind == HEAD);
        reader.head = head.ok_or_else(|| reader.damage("it does not begin with what it is"))?;
        let offset_of = |position: &Position| (position.partition, position.offset);
        reader.next = reader.head.positions.iter().map(|position| (position.partition, 0)).collect();
        reader.next.extend(reader.head.from.iter().map(offset_of));
        Ok(reader)
    }

    /// The next piece; none at the end, once it has proved that the archive is whole.
    pub(super) fn next(&mut self) -> Result<Option<Piece>, BackupError> {
        let digest = self.sha.clone();
        let began = self.at;
        let (kind, payload) = self.chunk()?;
        let wrong = |reader: &Self, problem: &str| {
            Err(BackupError::Damage { at: began, file: reader.file.clone(), problem: problem.to_owned() })
        };
        match kind {
            FILE => match String::from_utf8(payload) {
                Ok(name) => {
                    self.file = Some(name.clone());
                    Ok(Some(Piece::File(name)))
                }
                Err(_) => wrong(self, "a file has no name"),
            },
            BYTES if self.file.is_some() => Ok(Some(Piece::Bytes(payload))),
            RECORD => {
                self.file = None;
                match self.record(payload) {
                    Some((position, payload)) => Ok(Some(Piece::Record(position, payload))),
                    None => wrong(self, "a log record is not the one that follows"),
                }
            }
            END => {
                self.file = None;
                let digest: [u8; 32] = digest.finalize().into();
                let ends = |position: &Position| self.next.get(&position.partition) == Some(&position.offset);
                if payload != digest {
                    return wrong(self, "the checksum of the whole is wrong");
                }
                if !self.head.positions.iter().all(ends) {
                    return wrong(self, "log records are missing");
                }
                match self.archive.read(&mut [0]).map_err(BackupError::Read)? {
                    0 => Ok(None),
                    _ => Err(self.damage("something follows its end")),
                }
            }
            _ => wrong(self, "a part of it is of no known kind"),
        }
    }

    fn record(&mut self, payload: Vec<u8>) -> Option<(Position, Bytes)> {
        let mut payload = Bytes::from(payload);
        let (partition, rest) = payload.split_first_chunk::<4>()?;
        let (offset, _) = rest.split_first_chunk::<8>()?;
        let position = Position { partition: u32::from_le_bytes(*partition), offset: u64::from_le_bytes(*offset) };
        let next = self.next.get_mut(&position.partition).filter(|next| **next == position.offset)?;
        *next += 1;
        Some((position, payload.split_off(12)))
    }

    /// The next chunk, verified.
    fn chunk(&mut self) -> Result<(u8, Vec<u8>), BackupError> {
        let header = self.take(CHUNK_HEADER_BYTES)?;
        let half = |at: usize| u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
        let (kind, bytes) = (header[0], half(1) as usize);
        if bytes > CHUNK_BYTES_MAX {
            return Err(self.damage("a length is wrong"));
        }
        let payload = self.take(bytes)?;
        let before = if kind == BROKEN { 0 } else { self.crc };
        let (_, crc) = write::header(before, kind, &[&payload]);
        if crc != half(5) {
            return Err(self.damage("a checksum is wrong"));
        }
        if kind == BROKEN {
            return Err(BackupError::Broken(String::from_utf8_lossy(&payload).into_owned()));
        }
        self.sha.update(&header);
        self.sha.update(&payload);
        self.crc = crc;
        self.at += (header.len() + payload.len()) as u64;
        Ok((kind, payload))
    }

    fn take(&mut self, bytes: usize) -> Result<Vec<u8>, BackupError> {
        let mut taken = vec![0; bytes];
        match self.archive.read_exact(&mut taken) {
            Ok(()) => Ok(taken),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Err(self.damage("it ends there")),
            Err(error) => Err(BackupError::Read(error)),
        }
    }

    /// The error of an archive that is not what was written, at this place.
    pub(super) fn damage(&self, problem: &str) -> BackupError {
        BackupError::Damage { at: self.at, file: self.file.clone(), problem: problem.to_owned() }
    }
}

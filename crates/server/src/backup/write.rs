//! Writing an archive, chunk by chunk.

use std::io::Write;

use cairn_model::Position;
use sha2::{Digest, Sha256};

use super::{BYTES, BackupError, BackupHead, END, FILE, HEAD, MAGIC, RECORD};

/// A file is cut into chunks of this size, so that damage has a place.
const PIECE_BYTES: usize = 256 << 10;

/// An archive in the making. Each chunk's checksum goes on from the one before, so that none can be missing.
pub(super) struct ArchiveWriter<'w> {
    out: &'w mut dyn Write,
    crc: u32,
    sha: Sha256,
}

impl<'w> ArchiveWriter<'w> {
    pub(super) fn begin(out: &'w mut dyn Write, head: &BackupHead) -> Result<Self, BackupError> {
        let mut writer = Self { out, crc: 0, sha: Sha256::new() };
        writer.put(&MAGIC)?;
        let json = serde_json::to_vec(head).map_err(|error| BackupError::Write(error.into()))?;
        writer.chunk(HEAD, &[&json])?;
        Ok(writer)
    }

    pub(super) fn file(&mut self, name: &str, bytes: &[u8]) -> Result<(), BackupError> {
        self.chunk(FILE, &[name.as_bytes()])?;
        bytes.chunks(PIECE_BYTES).try_for_each(|piece| self.chunk(BYTES, &[piece]))
    }

    pub(super) fn record(&mut self, position: Position, payload: &[u8]) -> Result<(), BackupError> {
        self.chunk(RECORD, &[&position.partition.to_le_bytes(), &position.offset.to_le_bytes(), payload])
    }

    pub(super) fn end(mut self) -> Result<(), BackupError> {
        let digest: [u8; 32] = self.sha.clone().finalize().into();
        self.chunk(END, &[&digest])?;
        self.out.flush().map_err(BackupError::Write)
    }

    fn chunk(&mut self, kind: u8, payload: &[&[u8]]) -> Result<(), BackupError> {
        let (header, crc) = header(self.crc, kind, payload);
        self.crc = crc;
        self.put(&header)?;
        payload.iter().try_for_each(|part| self.put(part))
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), BackupError> {
        self.sha.update(bytes);
        self.out.write_all(bytes).map_err(BackupError::Write)
    }
}

/// What stands before a payload, and its checksum: CRC-32C over kind, length and payload, continuing from `before`.
pub(super) fn header(before: u32, kind: u8, payload: &[&[u8]]) -> ([u8; super::CHUNK_HEADER_BYTES], u32) {
    let bytes: usize = payload.iter().map(|part| part.len()).sum();
    let mut header = [0; super::CHUNK_HEADER_BYTES];
    header[0] = kind;
    header[1..5].copy_from_slice(&(bytes as u32).to_le_bytes());
    let crc =
        payload.iter().fold(crc32c::crc32c_append(before, &header[..5]), |crc, part| crc32c::crc32c_append(crc, part));
    header[5..].copy_from_slice(&crc.to_le_bytes());
    (header, crc)
}

/// The chunk that tells a reader why no more follows. It needs no checksum that continues: nothing before it counts.
pub(crate) fn broken(message: &str) -> Vec<u8> {
    let (header, _) = header(0, super::BROKEN, &[message.as_bytes()]);
    [&header[..], message.as_bytes()].concat()
}

//! The one seam between Cairn and the disk: the log and the store do all their file work through it.
//!
//! Tests put a disk behind it that loses, tears and refuses as real ones do.

mod disk;

use std::{io, path::Path};

use bytes::Bytes;

pub use disk::Disk;

/// How a file is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenMode {
    /// An existing file, to read.
    Read,
    /// An existing file, to read and write.
    Write,
    /// A file that must not exist yet, to read and write.
    CreateNew,
}

/// A place where files live.
///
/// Nothing is durable before it is synced: a file's bytes and length by [`StorageFile::sync`], the entries of a directory
/// (files created, renamed, removed) by [`Storage::sync_dir`]. Until then a power cut may keep any part of them.
pub trait Storage: Send + Sync {
    /// Opens a file. A new one has no durable name before its directory is synced.
    fn open(&self, path: &Path, mode: OpenMode) -> io::Result<Box<dyn StorageFile>>;

    /// The bytes of a file that will never change again, read in place.
    fn map(&self, path: &Path) -> io::Result<Bytes>;

    /// The names in a directory, sorted.
    fn list(&self, dir: &Path) -> io::Result<Vec<String>>;

    /// Creates a directory and the missing ones above it, durably.
    fn create_dir_all(&self, dir: &Path) -> io::Result<()>;

    /// Gives a file another name, replacing whatever had it.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file. Whoever has it open can still read it.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Makes the entries of a directory durable.
    fn sync_dir(&self, dir: &Path) -> io::Result<()>;
}

/// An open file.
#[allow(clippy::len_without_is_empty)] // a file's length is asked for, never its emptiness
pub trait StorageFile: Send + Sync {
    /// Writes all of `data` at `offset`. After an error any part of it may have been written.
    fn write_at(&self, offset: u64, data: &[u8]) -> io::Result<()>;

    /// Reads at `offset` and returns how many bytes it got: 0 only at the end of the file.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;

    /// The length in bytes.
    fn len(&self) -> io::Result<u64>;

    /// Cuts the file off, or extends it with zeros.
    fn set_len(&self, len: u64) -> io::Result<()>;

    /// Reserves space for `len` bytes, so that writing them cannot fail for want of it. Extends the file with zeros.
    fn allocate(&self, len: u64) -> io::Result<()>;

    /// Makes the bytes and the length durable (fdatasync). After an error, what was unsynced is in doubt for ever.
    fn sync(&self) -> io::Result<()>;

    /// Fills `buffer` from `offset` as far as the file reaches, and returns how far that was.
    fn read_full(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.read_at(offset + filled as u64, &mut buffer[filled..])? {
                0 => break,
                count => filled += count,
            }
        }
        Ok(filled)
    }
}

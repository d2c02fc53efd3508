//! The frame of every file of the store: buffers, each with a checksum, a directory that says what they are, a footer.
//!
//! Drawn in docs/format.md. A buffer's checksum is verified before its first use.

use std::sync::atomic::{AtomicBool, Ordering};

use bytemuck::AnyBitPattern;
use bytes::Bytes;
use cairn_analysis::StoreError;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// Buffers start at multiples of this, so that they can be read in place.
const ALIGN: usize = 64;
/// Directory offset, directory length, directory CRC32C, number of buffers, magic.
const FOOTER_BYTES: usize = 8 + 8 + 4 + 4 + 8;

/// What a file is: its first and last eight bytes, of which the last is the version.
pub(crate) type Magic = [u8; 8];

/// A run of bytes with its CRC32C.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Buffer {
    /// In the order of writing.
    #[serde(rename = "n")]
    number: u32,
    #[serde(rename = "at")]
    offset: u64,
    #[serde(rename = "len")]
    len: u64,
    #[serde(rename = "crc")]
    crc: u32,
}

impl Buffer {
    /// Its length.
    pub(crate) fn bytes(&self) -> u64 {
        self.len
    }
}

/// A file that grows in memory.
#[derive(Debug)]
pub(crate) struct ContainerWriter {
    magic: Magic,
    out: Vec<u8>,
    buffers: u32,
}

impl ContainerWriter {
    /// Begins a file in the memory of `out`, which is emptied.
    pub(crate) fn new(magic: Magic, mut out: Vec<u8>) -> Self {
        out.clear();
        out.extend_from_slice(&magic);
        Self { magic, out, buffers: 0 }
    }

    /// Adds a buffer.
    pub(crate) fn buffer(&mut self, bytes: &[u8]) -> Buffer {
        self.fill(|out| out.extend_from_slice(bytes))
    }

    /// Adds a buffer that `fill` appends.
    pub(crate) fn fill(&mut self, fill: impl FnOnce(&mut Vec<u8>)) -> Buffer {
        let start = self.out.len().next_multiple_of(ALIGN);
        self.out.resize(start, 0);
        fill(&mut self.out);
        let bytes = &self.out[start..];
        let number = self.buffers;
        self.buffers += 1;
        Buffer { number, offset: start as u64, len: bytes.len() as u64, crc: crc32c::crc32c(bytes) }
    }

    /// The bytes of a buffer written before.
    pub(crate) fn bytes(&self, buffer: Buffer) -> &[u8] {
        slice(&self.out, buffer).unwrap_or_default()
    }

    /// The whole file.
    pub(crate) fn finish(mut self, directory: &impl Serialize) -> Vec<u8> {
        // A directory is plain numbers and strings: it always has a JSON form.
        let json = serde_json::to_vec(directory).unwrap_or_default();
        let buffer = self.buffer(&json);
        let mut out = self.out;
        out.extend_from_slice(&buffer.offset.to_le_bytes());
        out.extend_from_slice(&buffer.len.to_le_bytes());
        out.extend_from_slice(&buffer.crc.to_le_bytes());
        out.extend_from_slice(&buffer.number.to_le_bytes());
        out.extend_from_slice(&self.magic);
        out
    }
}

/// An open file, read in place.
#[derive(Debug)]
pub(crate) struct Container {
    /// Its name, relative to the store.
    pub(crate) file: String,
    bytes: Bytes,
    verified: Vec<AtomicBool>,
}

impl Container {
    /// Opens the file `file` with the contents `bytes`. `check` is off only in tests that prove the checks.
    pub(crate) fn open<D: DeserializeOwned>(
        file: String,
        bytes: Bytes,
        magic: Magic,
        check: bool,
    ) -> Result<(Self, D), StoreError> {
        let mut container = Self { file, bytes, verified: Vec::new() };
        let footer_at =
            container.bytes.len().checked_sub(FOOTER_BYTES).ok_or_else(|| container.damage("it is too short"))?;
        let (body, footer) = container.bytes.split_at(footer_at);
        let word = |at: usize| u64::from_le_bytes(footer[at..at + 8].try_into().unwrap_or_default());
        let half = |at: usize| u32::from_le_bytes(footer[at..at + 4].try_into().unwrap_or_default());
        for found in [body.get(..8).unwrap_or_default(), &footer[24..]] {
            if found != magic {
                return Err(container.damage(match found.get(..7) == magic.get(..7) {
                    true => "it was written by another version of Cairn",
                    false => "its first or last bytes are not those of such a file",
                }));
            }
        }
        let buffer = Buffer { number: half(20), offset: word(0), len: word(8), crc: half(16) };
        let json = slice(body, buffer).ok_or_else(|| container.damage("its directory lies outside of it"))?;
        if check && crc32c::crc32c(json) != buffer.crc {
            return Err(container.damage("the checksum of its directory is wrong"));
        }
        let directory = serde_json::from_slice(json).map_err(|_| container.damage("its directory cannot be read"))?;
        // The directory ends the file, so a number that is too great would have to be that of a huge file.
        let buffers = (buffer.number as usize).min(container.bytes.len());
        container.verified = (0..buffers).map(|_| AtomicBool::new(!check)).collect();
        Ok((container, directory))
    }

    /// The file's size in bytes.
    pub(crate) fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// Where bytes stand that were read from it.
    pub(crate) fn place_of(&self, bytes: &[u8]) -> usize {
        bytes.as_ptr().addr().wrapping_sub(self.bytes.as_ptr().addr())
    }

    /// A buffer, verified.
    pub(crate) fn read<T: AnyBitPattern>(&self, buffer: Buffer) -> Result<&[T], StoreError> {
        let bytes = slice(&self.bytes, buffer).ok_or_else(|| self.damage("a buffer lies outside of it"))?;
        let verified =
            self.verified.get(buffer.number as usize).ok_or_else(|| self.damage("it has more buffers than it says"))?;
        if !verified.load(Ordering::Acquire) {
            if crc32c::crc32c(bytes) != buffer.crc {
                return Err(self.damage(&format!("the checksum of the buffer at byte {} is wrong", buffer.offset)));
            }
            verified.store(true, Ordering::Release);
        }
        bytemuck::try_cast_slice(bytes).map_err(|_| self.damage("a buffer is not aligned"))
    }

    /// The error of a file that is not what was written.
    pub(crate) fn damage(&self, what: &str) -> StoreError {
        StoreError::Damage { file: self.file.clone(), what: what.to_owned() }
    }
}

/// Verifies all of the file `file` with the contents `bytes`, whatever it is: its directory, and every buffer named there.
pub(crate) fn verify(file: &str, bytes: Bytes) -> Result<(), StoreError> {
    let magic = bytes.first_chunk().copied().unwrap_or_default();
    let (container, directory): (_, serde_json::Value) = Container::open(file.to_owned(), bytes, magic, true)?;
    verify_within(&container, &directory)
}

fn verify_within(container: &Container, node: &serde_json::Value) -> Result<(), StoreError> {
    if node.is_object()
        && let Ok(buffer) = Buffer::deserialize(node)
    {
        return container.read::<u8>(buffer).map(drop);
    }
    match node {
        serde_json::Value::Object(members) => members.values().try_for_each(|node| verify_within(container, node)),
        serde_json::Value::Array(items) => items.iter().try_for_each(|node| verify_within(container, node)),
        _ => Ok(()),
    }
}

fn slice(bytes: &[u8], buffer: Buffer) -> Option<&[u8]> {
    let start = usize::try_from(buffer.offset).ok()?;
    bytes.get(start..start.checked_add(usize::try_from(buffer.len).ok()?)?)
}

//! The bytes of messages in the commit log and of values everywhere. Drawn in docs/format.md.
//!
//! A batch holds messages of one project; the names of properties stand once at its front, so that a reader maps each name
//! once per batch.

mod batch;
mod columns;
mod read;
mod value;

pub use batch::{BatchWriter, EventHead};
pub use columns::{BlockColumn, EventBlock, EventColumns, PropertyColumn};
pub use read::{Batch, EncodedProperty, EventRow, RawMessage};
pub use value::{decode_value, encode_value};

/// Bytes that no writer of ours made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the message cannot be read: {0}")]
pub struct CodecError(pub &'static str);

/// Appends a number, 7 bits a byte, the low ones first.
pub fn put_varint(out: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

pub(crate) fn put_i64(out: &mut Vec<u8>, n: i64) {
    out.extend_from_slice(&n.to_le_bytes());
}

/// Appends bytes after their length.
pub fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// A cursor over encoded bytes; never reads past them.
#[derive(Clone)]
pub struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// At the beginning of these bytes.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Whether all is read.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many bytes are left.
    pub fn remaining(&self) -> usize {
        self.0.len()
    }

    /// The next `n` bytes.
    #[inline]
    pub fn take(&mut self, n: usize) -> Result<&'a [u8], CodecError> {
        let (head, tail) = self.0.split_at_checked(n).ok_or(CodecError("it ends too early"))?;
        self.0 = tail;
        Ok(head)
    }

    /// So many times `N` bytes.
    pub(crate) fn array<const N: usize>(&mut self, count: usize) -> Result<&'a [[u8; N]], CodecError> {
        let bytes = count.checked_mul(N).ok_or(CodecError("a length is too large"))?;
        Ok(self.take(bytes)?.as_chunks().0)
    }

    /// The next byte.
    pub fn u8(&mut self) -> Result<u8, CodecError> {
        Ok(self.take(1)?[0])
    }

    /// The next 8 bytes, as a number.
    pub fn i64(&mut self) -> Result<i64, CodecError> {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(self.take(8)?);
        Ok(i64::from_le_bytes(bytes))
    }

    /// A number that [`put_varint`] wrote.
    #[inline]
    pub fn varint(&mut self) -> Result<u64, CodecError> {
        // Almost all are short.
        if let [byte @ ..0x80, rest @ ..] = self.0 {
            self.0 = rest;
            return Ok(u64::from(*byte));
        }
        self.long_varint()
    }

    fn long_varint(&mut self) -> Result<u64, CodecError> {
        let mut n = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.u8()?;
            n |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(n);
            }
        }
        Err(CodecError("a number is too long"))
    }

    /// Such a number as a length.
    #[inline]
    pub fn len(&mut self) -> Result<usize, CodecError> {
        usize::try_from(self.varint()?).map_err(|_| CodecError("a length is too large"))
    }

    /// What [`put_bytes`] wrote.
    #[inline]
    pub fn bytes(&mut self) -> Result<&'a [u8], CodecError> {
        let n = self.len()?;
        self.take(n)
    }

    /// The same as text.
    pub fn text(&mut self) -> Result<&'a str, CodecError> {
        std::str::from_utf8(self.bytes()?).map_err(|_| CodecError("text is not UTF-8"))
    }
}

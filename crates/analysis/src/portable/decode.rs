//! Reading a partial.

use cairn_model::bytes::Reader;

use super::PartialError;
use crate::{GroupId, Groups, ValueId};

/// Of the whole encoding.
pub(super) const VERSION: u8 = 1;
/// All counts of a partial together are below this, so that partials can be added up without a look.
const TOTAL_MAX: u64 = 1 << 53;

/// What a kernel reads, with groups as its own interner numbers them.
pub struct Decoder<'b> {
    reader: Reader<'b>,
    groups: Vec<GroupId>,
    total: u64,
}

impl<'b> Decoder<'b> {
    pub(super) fn new(bytes: &'b [u8], (tag, keys): (u8, usize), groups: &Groups) -> Result<Self, PartialError> {
        let mut reader = Reader::new(bytes);
        if reader.u8()? != VERSION {
            return Err(PartialError::new("it is of another version"));
        }
        if reader.u8()? != tag {
            return Err(PartialError::new("it is of another kernel"));
        }
        if reader.len()? != keys {
            return Err(PartialError::new("its groups have another number of values"));
        }
        let mut decoder = Self { reader, groups: Vec::new(), total: 0 };
        let named = match keys {
            // There is no more than one group without values.
            0 => decoder.size(1)?,
            keys => decoder.items(keys)?,
        };
        for _ in 0..named {
            let values = (0..keys).map(|_| decoder.value(groups)).collect::<Result<Vec<_>, _>>()?;
            decoder.groups.push(groups.group(&values));
        }
        Ok(decoder)
    }

    fn value(&mut self, groups: &Groups) -> Result<ValueId, PartialError> {
        match self.reader.u8()? {
            0 => Ok(ValueId(0)),
            1 => Ok(groups.value(Some(&cairn_model::decode_value(self.reader.bytes()?)?))),
            _ => Err(PartialError::new("a value is neither there nor missing")),
        }
    }

    /// A group.
    pub(crate) fn group(&mut self) -> Result<GroupId, PartialError> {
        let group = self.groups.get(self.reader.len()?);
        group.copied().ok_or_else(|| PartialError::new("a group is not named"))
    }

    /// How many users or events.
    pub(crate) fn count(&mut self) -> Result<u64, PartialError> {
        let count = self.reader.varint()?;
        self.total = self.total.saturating_add(count);
        if self.total >= TOTAL_MAX {
            return Err(PartialError::new("it counts more than there can be"));
        }
        Ok(count)
    }

    /// So many counts.
    pub(crate) fn counts(&mut self, len: usize) -> Result<Vec<u64>, PartialError> {
        if len > self.reader.remaining() {
            return Err(PartialError::new("it ends too early"));
        }
        (0..len).map(|_| self.count()).collect()
    }

    /// A length or a place, at most so great.
    pub(crate) fn size(&mut self, max: usize) -> Result<usize, PartialError> {
        let size = self.reader.len()?;
        if size > max {
            return Err(PartialError::new("a number is too great"));
        }
        Ok(size)
    }

    /// How many things follow, each of at least so many bytes, which must be there.
    pub(crate) fn items(&mut self, bytes_each: usize) -> Result<usize, PartialError> {
        self.size(self.reader.remaining() / bytes_each)
    }

    /// A number of a property.
    pub(crate) fn number(&mut self) -> Result<f64, PartialError> {
        let number = f64::from_bits(self.reader.i64()? as u64);
        if number.is_infinite() {
            return Err(PartialError::new("a number is infinite"));
        }
        Ok(number)
    }

    /// All must be read.
    pub(super) fn end(&self) -> Result<(), PartialError> {
        if self.reader.is_empty() { Ok(()) } else { Err(PartialError::new("it goes on after its end")) }
    }
}

//! Reading events by column.

use super::{FORM_SPARSE, FORM_U8, FORM_U16, FORM_U32};
use crate::{
    EventId, EventKind, TimeMs, UserId,
    codec::{CodecError, EventHead, Reader},
};

/// Events by column. No text is copied.
#[derive(Clone, Debug)]
pub struct EventBlock<'a> {
    /// One per row.
    pub heads: Vec<EventHead>,
    /// In the order of their names' bytes.
    pub columns: Vec<BlockColumn<'a>>,
}

/// A property of the events of a block.
#[derive(Clone, Debug)]
pub struct BlockColumn<'a> {
    /// Index of its name in [`crate::Batch::names`].
    pub name: u32,
    /// Its values, encoded, by code less 1.
    pub values: Vec<&'a [u8]>,
    codes: Codes<'a>,
}

/// Codes as they stand in the batch, none greater than there are values.
#[derive(Clone, Debug)]
enum Codes<'a> {
    U8(&'a [u8]),
    U16(&'a [[u8; 2]]),
    U32(&'a [[u8; 4]]),
    Sparse { rows: &'a [[u8; 4]], codes: &'a [[u8; 4]] },
}

impl<'a> EventBlock<'a> {
    pub(crate) fn read(reader: &mut Reader<'a>, names: &[&str]) -> Result<Self, CodecError> {
        let heads = read_heads(reader)?;
        let mut columns: Vec<BlockColumn<'_>> = Vec::new();
        for _ in 0..reader.varint()? {
            let column = BlockColumn::read(reader, heads.len())?;
            let name_of = |column: &BlockColumn<'_>| names.get(column.name as usize).copied();
            let name = name_of(&column).ok_or(CodecError("a property has no name"))?;
            if columns.last().and_then(name_of).is_some_and(|before| before >= name) {
                return Err(CodecError("columns are not in the order of their names"));
            }
            columns.push(column);
        }
        Ok(Self { heads, columns })
    }
}

fn read_heads(reader: &mut Reader<'_>) -> Result<Vec<EventHead>, CodecError> {
    let rows = reader.len()?;
    let kinds = reader.take(rows)?;
    let (user_ids, event_ids, times) = (reader.array(rows)?, reader.array(rows)?, reader.array(rows)?);
    let received = match reader.u8()? {
        0 => Err(reader.i64()?),
        1 => Ok(reader.array(rows)?),
        _ => return Err(CodecError("times of receipt are in an unknown form")),
    };
    let heads = (0..rows).map(|row| {
        let number = |numbers: &[[u8; 8]]| u64::from_le_bytes(numbers[row]);
        let received_at = received.as_ref().map_or_else(|at| *at, |received| number(received) as i64);
        Ok(EventHead {
            user_id: UserId::new(number(user_ids)).ok_or(CodecError("a user id is out of range"))?,
            event_id: EventId::new(number(event_ids)).ok_or(CodecError("an event id is out of range"))?,
            time: TimeMs(number(times) as i64),
            received_at: TimeMs(received_at),
            kind: EventKind::from_code(kinds[row]).ok_or(CodecError("an event has an unknown type"))?,
        })
    });
    heads.collect()
}

impl<'a> BlockColumn<'a> {
    fn read(reader: &mut Reader<'a>, rows: usize) -> Result<Self, CodecError> {
        let name = u32::try_from(reader.varint()?).map_err(|_| CodecError("a property has no name"))?;
        let count = reader.len()?;
        if count > reader.remaining() {
            return Err(CodecError("it has fewer bytes than values"));
        }
        let mut values = Vec::with_capacity(count);
        for _ in 0..count {
            values.push(reader.bytes()?);
        }
        if values.iter().any(|value| value.is_empty()) {
            return Err(CodecError("a value is empty"));
        }
        let codes = Codes::read(reader, rows)?;
        if codes.greatest() as usize > values.len() {
            return Err(CodecError("a row's value is not there"));
        }
        Ok(Self { name, values, codes })
    }

    /// The codes of all `rows` of the block, into `out`; 0: no value.
    pub fn codes(&self, rows: usize, out: &mut Vec<u32>) {
        out.clear();
        match &self.codes {
            Codes::U8(codes) => out.extend(codes.iter().map(|code| u32::from(*code))),
            Codes::U16(codes) => out.extend(codes.iter().map(|code| u32::from(u16::from_le_bytes(*code)))),
            Codes::U32(codes) => out.extend(codes.iter().map(|code| u32::from_le_bytes(*code))),
            Codes::Sparse { rows: valued, codes } => {
                out.resize(rows, 0);
                for (row, code) in valued.iter().zip(*codes) {
                    out[u32::from_le_bytes(*row) as usize] = u32::from_le_bytes(*code);
                }
            }
        }
    }
}

impl<'a> Codes<'a> {
    fn read(reader: &mut Reader<'a>, rows: usize) -> Result<Self, CodecError> {
        Ok(match reader.u8()? {
            FORM_U8 => Codes::U8(reader.take(rows)?),
            FORM_U16 => Codes::U16(reader.array(rows)?),
            FORM_U32 => Codes::U32(reader.array(rows)?),
            FORM_SPARSE => {
                let count = reader.len()?;
                let (valued, codes) = (reader.array(count)?, reader.array(count)?);
                let valued_rows = || valued.iter().map(|row| u32::from_le_bytes(*row));
                if !valued_rows().is_sorted_by(|a, b| a < b)
                    || valued_rows().next_back().is_some_and(|row| row as usize >= rows)
                {
                    return Err(CodecError("rows with a value are not in order"));
                }
                Codes::Sparse { rows: valued, codes }
            }
            _ => return Err(CodecError("codes are in an unknown form")),
        })
    }

    fn greatest(&self) -> u32 {
        match self {
            Codes::U8(codes) => codes.iter().max().map_or(0, |code| u32::from(*code)),
            Codes::U16(codes) => codes.iter().map(|code| u16::from_le_bytes(*code)).max().map_or(0, u32::from),
            Codes::U32(codes) | Codes::Sparse { codes, .. } => {
                codes.iter().map(|code| u32::from_le_bytes(*code)).max().unwrap_or(0)
            }
        }
    }
}

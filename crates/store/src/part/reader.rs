//! Reading a part in place. Every buffer's CRC is checked before its first use.

use std::sync::atomic::{AtomicBool, Ordering};

use bytemuck::AnyBitPattern;
use bytes::Bytes;
use cairn_analysis::StoreError;
use cairn_model::UserState;
use hashbrown::HashMap;

use super::layout::{Buffer, Directory, FOOTER_BYTES, MAGIC, VERSION};
use crate::{
    column::{Codes, ColumnView, Dictionary},
    filter,
};

/// An open part. Rows are in (user, time, event id) order.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) file: String,
    bytes: Bytes,
    directory: Directory,
    index: HashMap<String, usize>,
    /// By offset and length: empty buffers share their offset with the next.
    verified: HashMap<(u64, u64), AtomicBool>,
}

impl Part {
    /// Opens the part `file` with the contents `bytes`. `check` is off only in tests that prove the checks.
    pub(crate) fn open(file: String, bytes: Bytes, check: bool) -> Result<Self, StoreError> {
        let damage = |what: &str| StoreError::Damage { file: file.clone(), what: what.to_owned() };
        let footer_at = bytes.len().checked_sub(FOOTER_BYTES).ok_or_else(|| damage("it is too short"))?;
        let (body, footer) = bytes.split_at(footer_at);
        let word = |at: usize| u64::from_le_bytes(footer[at..at + 8].try_into().unwrap_or_default());
        let half = |at: usize| u32::from_le_bytes(footer[at..at + 4].try_into().unwrap_or_default());
        if &footer[24..] != MAGIC || body.get(..8) != Some(MAGIC) {
            return Err(damage("its first or last bytes are not a part's"));
        }
        if half(20) != VERSION {
            return Err(damage("it was written by another version of Cairn"));
        }
        let buffer = Buffer { offset: word(0), len: word(8), crc: half(16) };
        let json = slice(body, buffer).ok_or_else(|| damage("its directory lies outside of it"))?;
        if check && crc32c::crc32c(json) != buffer.crc {
            return Err(damage("the checksum of its directory is wrong"));
        }
        let directory: Directory = serde_json::from_slice(json).map_err(|_| damage("its directory cannot be read"))?;
        let index = directory.columns.iter().enumerate().map(|(at, column)| (column.name.clone(), at)).collect();
        let mut part = Self { file, bytes, directory, index, verified: HashMap::new() };
        part.verified = part.buffers().map(|buffer| ((buffer.offset, buffer.len), AtomicBool::new(!check))).collect();
        Ok(part)
    }

    fn buffers(&self) -> impl Iterator<Item = Buffer> {
        let d = &self.directory;
        let columns = d.columns.iter().flat_map(|column| [column.codes, column.offsets, column.values]);
        [d.users, d.starts, d.times, d.event_ids, d.received, d.kinds, d.filter, d.user_states]
            .into_iter()
            .chain(columns)
    }

    pub(crate) fn rows(&self) -> usize {
        self.directory.rows as usize
    }

    /// The least and the greatest time.
    pub(crate) fn times_span(&self) -> (i64, i64) {
        (self.directory.time_min, self.directory.time_max)
    }

    pub(crate) fn received_max(&self) -> i64 {
        self.directory.received_max
    }

    /// Distinct users, ascending.
    pub(crate) fn users(&self) -> Result<&[u64], StoreError> {
        self.read(self.directory.users)
    }

    /// The first row of each user, then the number of rows.
    pub(crate) fn starts(&self) -> Result<&[u32], StoreError> {
        self.read(self.directory.starts)
    }

    pub(crate) fn times(&self) -> Result<&[i64], StoreError> {
        self.read(self.directory.times)
    }

    pub(crate) fn event_ids(&self) -> Result<&[u64], StoreError> {
        self.read(self.directory.event_ids)
    }

    pub(crate) fn received(&self) -> Result<&[i64], StoreError> {
        self.read(self.directory.received)
    }

    pub(crate) fn kinds(&self) -> Result<&[u8], StoreError> {
        self.read(self.directory.kinds)
    }

    /// The rows of a user.
    pub(crate) fn rows_of(&self, user: u64) -> Result<std::ops::Range<usize>, StoreError> {
        let (users, starts) = (self.users()?, self.starts()?);
        Ok(match users.binary_search(&user) {
            Ok(at) if at + 1 < starts.len() => starts[at] as usize..starts[at + 1] as usize,
            _ => 0..0,
        })
    }

    /// The row of an event.
    pub(crate) fn find(&self, user: u64, event_id: u64) -> Result<Option<usize>, StoreError> {
        if event_id < self.directory.event_id_min || event_id > self.directory.event_id_max {
            return Ok(None);
        }
        if !filter::may_contain(self.read(self.directory.filter)?, filter::key(user, event_id)) {
            return Ok(None);
        }
        let event_ids = self.event_ids()?;
        Ok(self.rows_of(user)?.find(|row| event_ids[*row] == event_id))
    }

    pub(crate) fn column(&self, name: &str) -> Result<Option<ColumnView<'_>>, StoreError> {
        self.index.get(name).map(|at| self.column_at(*at)).transpose()
    }

    /// All columns with their names.
    pub(crate) fn columns(&self) -> impl Iterator<Item = Result<(&str, ColumnView<'_>), StoreError>> {
        (0..self.directory.columns.len()).map(|at| Ok((self.directory.columns[at].name.as_str(), self.column_at(at)?)))
    }

    pub(crate) fn column_names(&self) -> impl Iterator<Item = &str> {
        self.directory.columns.iter().map(|column| column.name.as_str())
    }

    fn column_at(&self, at: usize) -> Result<ColumnView<'_>, StoreError> {
        let column = &self.directory.columns[at];
        let codes = match column.width {
            1 => Codes::U8(self.read(column.codes)?),
            2 => Codes::U16(self.read(column.codes)?),
            _ => Codes::U32(self.read(column.codes)?),
        };
        let dictionary = Dictionary { offsets: self.read(column.offsets)?, bytes: self.read(column.values)? };
        Ok(ColumnView { codes, dictionary })
    }

    /// The states of users that changed while the part's events arrived.
    pub(crate) fn user_states(&self) -> Result<Vec<(u64, UserState)>, StoreError> {
        let mut bytes: &[u8] = self.read(self.directory.user_states)?;
        let mut states = Vec::new();
        while let Some((head, rest)) = bytes.split_first_chunk::<12>() {
            let user = u64::from_le_bytes(head[..8].try_into().unwrap_or_default());
            let len = u32::from_le_bytes(head[8..].try_into().unwrap_or_default()) as usize;
            let (state, rest) = rest.split_at_checked(len).ok_or_else(|| self.damage("a user's state is cut off"))?;
            states.push((user, UserState::decode(state).map_err(|error| self.damage(error.0))?));
            bytes = rest;
        }
        Ok(states)
    }

    fn read<T: AnyBitPattern>(&self, buffer: Buffer) -> Result<&[T], StoreError> {
        let bytes = slice(&self.bytes, buffer).ok_or_else(|| self.damage("a buffer lies outside of it"))?;
        if let Some(verified) = self.verified.get(&(buffer.offset, buffer.len))
            && !verified.load(Ordering::Acquire)
        {
            if crc32c::crc32c(bytes) != buffer.crc {
                return Err(self.damage(&format!("the checksum of the buffer at byte {} is wrong", buffer.offset)));
            }
            verified.store(true, Ordering::Release);
        }
        bytemuck::try_cast_slice(bytes).map_err(|_| self.damage("a buffer is not aligned"))
    }

    fn damage(&self, what: &str) -> StoreError {
        StoreError::Damage { file: self.file.clone(), what: what.to_owned() }
    }
}

fn slice(bytes: &[u8], buffer: Buffer) -> Option<&[u8]> {
    let start = usize::try_from(buffer.offset).ok()?;
    bytes.get(start..start.checked_add(usize::try_from(buffer.len).ok()?)?)
}

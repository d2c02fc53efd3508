//! Reading a users file in place. What stands where is drawn in docs/format.md.

use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use cairn_analysis::StoreError;
use cairn_model::UserState;
use serde::{Deserialize, Serialize};

use crate::container::{Buffer, Container, Magic};

pub(super) const MAGIC: Magic = *b"CAIRNUS\x01";

/// The directory, as JSON.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Directory {
    /// The number of the first of `ids`.
    pub(super) first: u32,
    /// u64 each: the ids of the users that were numbered.
    pub(super) ids: Buffer,
    /// u32 each, ascending: the users whose state is here. Their places in it are the *rows* of the file.
    pub(super) numbers: Buffer,
    /// u64 each: where each row's state begins, and the end of the last.
    pub(super) offsets: Buffer,
    pub(super) states: Buffer,
    /// u32 each, ascending: the rows' users with an erasure.
    pub(super) erased_numbers: Buffer,
    /// i64 each: up to when they are erased.
    pub(super) erased_at: Buffer,
    pub(super) handles: Option<Column>,
    /// By name; of the user ids alone, not of their persons.
    pub(super) properties: Vec<Property>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Property {
    pub(super) name: String,
    #[serde(flatten)]
    pub(super) column: Column,
}

/// A dictionary and a code per row.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(super) struct Column {
    /// Bytes of a code: 1, 2 or 4.
    pub(super) width: u8,
    pub(super) codes: Buffer,
    /// u64 each: where each value begins, and the end of the last.
    pub(super) offsets: Buffer,
    pub(super) values: Buffer,
}

/// Codes of a column by row. 0 is "missing", code `c` is entry `c - 1` of the dictionary.
#[derive(Clone, Copy, Debug)]
pub(super) enum Codes<'a> {
    U8(&'a [u8]),
    U16(&'a [u16]),
    U32(&'a [u32]),
}

impl Codes<'_> {
    #[inline]
    pub(super) fn get(&self, row: usize) -> u32 {
        match self {
            Codes::U8(codes) => codes.get(row).copied().map_or(0, u32::from),
            Codes::U16(codes) => codes.get(row).copied().map_or(0, u32::from),
            Codes::U32(codes) => codes.get(row).copied().unwrap_or(0),
        }
    }
}

/// A column to read.
#[derive(Clone, Copy, Debug)]
pub(super) struct ColumnView<'a> {
    codes: Codes<'a>,
    offsets: &'a [u64],
    bytes: &'a [u8],
}

impl<'a> ColumnView<'a> {
    #[inline]
    pub(super) fn code(&self, row: usize) -> u32 {
        self.codes.get(row)
    }

    /// How many values the dictionary has.
    pub(super) fn len(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// The value of a code; `None` for 0.
    pub(super) fn value(&self, code: u32) -> Option<&'a [u8]> {
        entry(self.offsets, self.bytes, (code as usize).checked_sub(1)?)
    }
}

/// An open users file.
#[derive(Debug)]
pub(crate) struct UsersFile {
    container: Container,
    directory: Directory,
    /// Whether the numbers were found to be ascending.
    ascending: AtomicBool,
}

impl UsersFile {
    /// Opens the file `file` with the contents `bytes`. `check` is off only in tests that prove the checks.
    pub(crate) fn open(file: String, bytes: Bytes, check: bool) -> Result<Self, StoreError> {
        let (container, directory) = Container::open::<Directory>(file, bytes, MAGIC, check)?;
        let file = Self { container, directory, ascending: AtomicBool::new(false) };
        let d = &file.directory;
        let rows = d.numbers.bytes() / 4;
        let mut columns = d.handles.iter().chain(d.properties.iter().map(|property| &property.column));
        let sound = u64::from(d.first) + d.ids.bytes() / 8 <= u64::from(u32::MAX)
            && d.offsets.bytes() == (rows + 1) * 8
            && d.erased_at.bytes() == d.erased_numbers.bytes() * 2
            && columns.all(|column| column.codes.bytes() == rows * u64::from(column.width));
        if sound { Ok(file) } else { Err(file.damage("the sizes in its directory do not fit together")) }
    }

    /// Its name, relative to the store.
    pub(crate) fn name(&self) -> &str {
        &self.container.file
    }

    /// The number of the first user that it numbers.
    pub(super) fn first(&self) -> u32 {
        self.directory.first
    }

    /// The number after the last user that it numbers. All users that it mentions are below.
    pub(super) fn end(&self) -> u32 {
        self.directory.first + (self.directory.ids.bytes() / 8) as u32
    }

    /// The ids of the users from `first` to `end`.
    pub(super) fn ids(&self) -> Result<&[u64], StoreError> {
        self.container.read(self.directory.ids)
    }

    /// The users whose state is here, ascending, all below `end`.
    pub(super) fn numbers(&self) -> Result<&[u32], StoreError> {
        let numbers: &[u32] = self.container.read(self.directory.numbers)?;
        if !self.ascending.load(Ordering::Acquire) {
            let known = numbers.last().is_none_or(|last| *last < self.end());
            if !known || !numbers.is_sorted_by(|a, b| a < b) {
                return Err(self.damage("its users are not in order"));
            }
            self.ascending.store(true, Ordering::Release);
        }
        Ok(numbers)
    }

    /// The row of a user.
    pub(super) fn row(&self, number: u32) -> Result<Option<usize>, StoreError> {
        let numbers = self.numbers()?;
        // Most often of a run without gaps: after a merge, or of users that came since the last file.
        let guess = numbers.first().and_then(|first| number.checked_sub(*first)).map(|row| row as usize);
        match guess {
            Some(row) if numbers.get(row) == Some(&number) => Ok(Some(row)),
            Some(_) => Ok(numbers.binary_search(&number).ok()),
            None => Ok(None),
        }
    }

    /// The encoded state of a row.
    pub(super) fn state_bytes(&self, row: usize) -> Result<&[u8], StoreError> {
        let (offsets, states) =
            (self.container.read(self.directory.offsets)?, self.container.read(self.directory.states)?);
        entry(offsets, states, row).ok_or_else(|| self.damage("a state lies outside of it"))
    }

    /// The state of a row.
    pub(super) fn state(&self, row: usize) -> Result<UserState, StoreError> {
        UserState::decode(self.state_bytes(row)?).map_err(|error| self.damage(&format!("of a user's state, {error}")))
    }

    /// The rows' users with an erasure, and up to when.
    pub(super) fn erased(&self) -> Result<impl Iterator<Item = (u32, i64)>, StoreError> {
        let numbers: &[u32] = self.container.read(self.directory.erased_numbers)?;
        let times: &[i64] = self.container.read(self.directory.erased_at)?;
        Ok(numbers.iter().copied().zip(times.iter().copied()))
    }

    /// The column of handles; `None` if no row has one.
    pub(super) fn handles(&self) -> Option<Column> {
        self.directory.handles
    }

    /// The column of a property; `None` if no row has it.
    pub(super) fn property(&self, name: &str) -> Option<Column> {
        let properties = &self.directory.properties;
        let at = properties.binary_search_by(|property| property.name.as_str().cmp(name)).ok()?;
        Some(properties[at].column)
    }

    /// The properties that some row has, in order.
    pub(super) fn property_names(&self) -> impl Iterator<Item = &str> {
        self.directory.properties.iter().map(|property| property.name.as_str())
    }

    /// The properties that some row has, with their codes, in order.
    pub(super) fn properties(&self) -> impl Iterator<Item = Result<(&str, Codes<'_>), StoreError>> {
        let properties = self.directory.properties.iter();
        properties.map(|property| Ok((property.name.as_str(), self.codes(property.column)?)))
    }

    /// A column to read.
    pub(super) fn view(&self, column: Column) -> Result<ColumnView<'_>, StoreError> {
        let codes = self.codes(column)?;
        let (offsets, bytes) = (self.container.read(column.offsets)?, self.container.read(column.values)?);
        Ok(ColumnView { codes, offsets, bytes })
    }

    fn codes(&self, column: Column) -> Result<Codes<'_>, StoreError> {
        Ok(match column.width {
            1 => Codes::U8(self.container.read(column.codes)?),
            2 => Codes::U16(self.container.read(column.codes)?),
            _ => Codes::U32(self.container.read(column.codes)?),
        })
    }

    /// The value of a code that is not 0.
    pub(super) fn value<'a>(&self, view: &ColumnView<'a>, code: u32) -> Result<&'a [u8], StoreError> {
        view.value(code).ok_or_else(|| self.damage("a code has no value"))
    }

    /// The error of a file that is not what was written.
    pub(super) fn damage(&self, what: &str) -> StoreError {
        self.container.damage(what)
    }
}

/// Entry `at` of a list: `bytes[offsets[at]..offsets[at + 1]]`.
fn entry<'a>(offsets: &[u64], bytes: &'a [u8], at: usize) -> Option<&'a [u8]> {
    let (start, end) = (*offsets.get(at)?, *offsets.get(at + 1)?);
    bytes.get(usize::try_from(start).ok()?..usize::try_from(end).ok()?)
}

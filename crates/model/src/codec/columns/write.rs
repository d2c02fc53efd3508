//! Collecting events by column.

use std::{collections::HashMap, ops::Range};

use foldhash::fast::RandomState;

use super::{FORM_SPARSE, FORM_U8, FORM_U16, FORM_U32, SPARSE_BYTES};
use crate::codec::{EventHead, put_bytes, put_i64, put_varint};

/// What an event takes in a batch, without properties.
const HEAD_BYTES: usize = 25;

/// Events and their properties, by column.
#[derive(Debug, Default)]
pub struct EventColumns {
    heads: Vec<EventHead>,
    columns: Vec<PropertyColumn>,
    index: HashMap<String, usize, RandomState>,
}

/// A property of the events: distinct values, and which of them each row has.
#[derive(Debug)]
pub struct PropertyColumn {
    name: String,
    /// Where each value stands in `bytes`, by code less 1.
    values: Vec<Range<usize>>,
    bytes: Vec<u8>,
    /// By row; 0: none. Rows past the end have none.
    codes: Vec<u32>,
}

impl EventColumns {
    /// How many events there are.
    pub fn len(&self) -> usize {
        self.heads.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.heads.is_empty()
    }

    /// About how many bytes they will have in a batch.
    pub fn size_bytes(&self) -> usize {
        let columns = self.columns.iter().map(|column| column.bytes.len() + 2 * column.codes.len());
        HEAD_BYTES * self.heads.len() + columns.sum::<usize>()
    }

    /// Adds an event. Its properties are set by its row, which is how many were there before.
    pub fn push(&mut self, head: EventHead) {
        self.heads.push(head);
    }

    /// The column of a property, new or known.
    pub fn column(&mut self, name: &str) -> usize {
        if let Some(at) = self.index.get(name) {
            return *at;
        }
        let at = self.columns.len();
        let (values, bytes, codes) = Default::default();
        self.columns.push(PropertyColumn { name: name.to_owned(), values, bytes, codes });
        self.index.insert(name.to_owned(), at);
        at
    }

    /// The column at a place given by [`EventColumns::column`].
    pub fn at(&mut self, column: usize) -> &mut PropertyColumn {
        &mut self.columns[column]
    }

    /// The value that a column has for a row.
    pub fn value(&self, column: usize, row: usize) -> Option<&[u8]> {
        self.columns[column].value(row)
    }

    /// Takes the values away again from the rows from `first` on that are not to be `kept`, and closes the gaps: these rows
    /// have no heads yet.
    pub fn retain(&mut self, first: usize, kept: &[bool]) {
        for column in &mut self.columns {
            let (mut row, mut to) = (first, first);
            while row < column.codes.len() {
                if kept[row - first] {
                    column.codes[to] = column.codes[row];
                    to += 1;
                }
                row += 1;
            }
            column.codes.truncate(column.codes.len().min(to));
        }
    }

    /// Forgets the events, keeps their memory. Columns keep their places.
    pub fn clear(&mut self) {
        self.heads.clear();
        for column in &mut self.columns {
            column.values.clear();
            column.bytes.clear();
            column.codes.clear();
        }
    }

    /// Writes them, with names by the numbers that `name` gives.
    pub(crate) fn write(&self, out: &mut Vec<u8>, mut name: impl FnMut(&str) -> u32) {
        put_varint(out, self.heads.len() as u64);
        out.extend(self.heads.iter().map(|head| head.kind as u8));
        put_all(out, &self.heads, |head| head.user_id.get());
        put_all(out, &self.heads, |head| head.event_id.get());
        put_all(out, &self.heads, |head| head.time.0 as u64);
        let received = self.heads.first().map(|head| head.received_at);
        match received.filter(|first| self.heads.iter().all(|head| head.received_at == *first)) {
            Some(at) => {
                out.push(0);
                put_i64(out, at.0);
            }
            None => {
                out.push(1);
                put_all(out, &self.heads, |head| head.received_at.0 as u64);
            }
        }
        let mut columns: Vec<_> =
            self.columns.iter().filter(|column| column.codes.iter().any(|code| *code > 0)).collect();
        columns.sort_by(|a, b| a.name.cmp(&b.name));
        put_varint(out, columns.len() as u64);
        for column in columns {
            put_varint(out, u64::from(name(&column.name)));
            column.write(self.heads.len(), out);
        }
    }
}

fn put_all(out: &mut Vec<u8>, heads: &[EventHead], field: impl Fn(&EventHead) -> u64) {
    out.reserve(8 * heads.len());
    heads.iter().for_each(|head| out.extend_from_slice(&field(head).to_le_bytes()));
}

impl PropertyColumn {
    /// Adds a value, encoded by [`crate::encode_value`]. Gives its code.
    pub fn add(&mut self, encoded: &[u8]) -> u32 {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(encoded);
        self.values.push(start..self.bytes.len());
        self.values.len() as u32
    }

    /// The code of a value that is mostly the one that was added last.
    pub fn add_unless_last(&mut self, encoded: &[u8]) -> u32 {
        match self.values.last() {
            Some(last) if self.bytes[last.clone()] == *encoded => self.values.len() as u32,
            _ => self.add(encoded),
        }
    }

    /// Sets the code of a row; rows come in increasing order.
    #[inline]
    pub fn set(&mut self, row: usize, code: u32) {
        if self.codes.len() < row {
            self.codes.resize(row, 0);
        }
        self.codes.push(code);
    }

    fn value(&self, row: usize) -> Option<&[u8]> {
        let code = *self.codes.get(row)? as usize;
        let value = self.values.get(code.checked_sub(1)?)?;
        Some(&self.bytes[value.clone()])
    }

    fn write(&self, rows: usize, out: &mut Vec<u8>) {
        put_varint(out, self.values.len() as u64);
        self.values.iter().for_each(|value| put_bytes(out, &self.bytes[value.clone()]));
        let form = match self.values.len() {
            0..=0xff => FORM_U8,
            0x100..=0xffff => FORM_U16,
            _ => FORM_U32,
        };
        let valued = self.codes.iter().filter(|code| **code > 0).count();
        if valued * SPARSE_BYTES < rows * usize::from(form) {
            out.push(FORM_SPARSE);
            put_varint(out, valued as u64);
            let valued = || (0_u32..).zip(&self.codes).filter(|(_, code)| **code > 0);
            valued().for_each(|(row, _)| out.extend_from_slice(&row.to_le_bytes()));
            valued().for_each(|(_, code)| out.extend_from_slice(&code.to_le_bytes()));
            return;
        }
        out.push(form);
        let end = out.len() + rows * usize::from(form);
        match form {
            FORM_U8 => out.extend(self.codes.iter().map(|code| *code as u8)),
            FORM_U16 => out.extend(self.codes.iter().flat_map(|code| (*code as u16).to_le_bytes())),
            _ => out.extend(self.codes.iter().flat_map(|code| code.to_le_bytes())),
        }
        out.resize(end, 0);
    }
}

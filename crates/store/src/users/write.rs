//! Writing a users file.

use std::collections::{BTreeMap, BTreeSet};

use cairn_analysis::StoreError;
use cairn_model::{UserState, encode_value};

use super::{
    Layer, decode,
    file::{Column, Directory, MAGIC, Property},
    values::Values,
};
use crate::container::ContainerWriter;

impl Layer {
    /// The bytes of a file with all that is here, in the memory of `out`.
    pub(super) fn write(&self, out: Vec<u8>) -> Result<Vec<u8>, StoreError> {
        let mut writer = FileWriter::new(out, self.first);
        writer.ids(self.ids.iter().copied());
        let states: Vec<&[u8]> = self.states.iter().map(|(_, state)| state).collect();
        writer.states(self.states.numbers(), |row, out| {
            out.extend_from_slice(states[row]);
            Ok(())
        })?;
        let (mut erased, mut handles) = (BTreeMap::new(), RowCodes::default());
        let mut properties: BTreeMap<String, RowCodes> = BTreeMap::new();
        for (row, (number, bytes)) in self.states.iter().enumerate() {
            let state = decode(bytes)?;
            erased.extend(state.erased_at().map(|at| (number, at.0)));
            if let Some(handle) = state.handle() {
                handles.set(row, handle.as_bytes());
            }
            set_properties(row, &state, &mut properties);
        }
        writer.erased(&erased);
        writer.handles(handles, states.len());
        properties.into_iter().for_each(|(name, codes)| writer.property(&name, codes, states.len()));
        Ok(writer.finish())
    }
}

fn set_properties(row: usize, state: &UserState, properties: &mut BTreeMap<String, RowCodes>) {
    let mut bytes = Vec::new();
    for name in state.property_names().collect::<BTreeSet<_>>() {
        if let Some(value) = UserState::property([state].into_iter(), name) {
            bytes.clear();
            encode_value(value, &mut bytes);
            match properties.get_mut(name) {
                Some(codes) => codes.set(row, &bytes),
                None => properties.entry(name.to_owned()).or_default().set(row, &bytes),
            }
        }
    }
}

/// A column that grows by rows.
#[derive(Debug, Default)]
pub(super) struct RowCodes {
    /// Rows beyond the end are missing.
    pub(super) codes: Vec<u32>,
    pub(super) values: Values,
}

impl RowCodes {
    /// Sets the value of `row`; rows come in increasing order.
    fn set(&mut self, row: usize, value: &[u8]) {
        let code = self.values.intern(value);
        self.codes.resize(row, 0);
        self.codes.push(code);
    }
}

/// A users file that grows in memory.
#[derive(Debug)]
pub(super) struct FileWriter {
    container: ContainerWriter,
    directory: Directory,
}

impl FileWriter {
    /// Begins a file in the memory of `out`. `first` is the number of its first id.
    pub(super) fn new(out: Vec<u8>, first: u32) -> Self {
        Self { container: ContainerWriter::new(MAGIC, out), directory: Directory { first, ..Directory::default() } }
    }

    pub(super) fn ids(&mut self, ids: impl Iterator<Item = u64>) {
        self.directory.ids = self.container.fill(|out| ids.for_each(|id| out.extend_from_slice(&id.to_le_bytes())));
    }

    /// Writes the states of the rows' users, ascending; `state` appends the state of a row.
    pub(super) fn states(
        &mut self,
        numbers: impl Iterator<Item = u32>,
        mut state: impl FnMut(usize, &mut Vec<u8>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut rows = 0;
        self.directory.numbers = self.container.fill(|out| {
            numbers.for_each(|number| {
                out.extend_from_slice(&number.to_le_bytes());
                rows += 1;
            });
        });
        let (mut offsets, mut result) = (vec![0_u64], Ok(()));
        self.directory.states = self.container.fill(|out| {
            let start = out.len();
            for row in 0..rows {
                result = state(row, out);
                if result.is_err() {
                    break;
                }
                offsets.push((out.len() - start) as u64);
            }
        });
        self.directory.offsets = self.container.buffer(bytemuck::cast_slice(&offsets));
        result
    }

    /// Writes which of the rows' users have an erasure, and up to when.
    pub(super) fn erased(&mut self, erased: &BTreeMap<u32, i64>) {
        let (numbers, times): (Vec<u32>, Vec<i64>) = erased.iter().unzip();
        self.directory.erased_numbers = self.container.buffer(bytemuck::cast_slice(&numbers));
        self.directory.erased_at = self.container.buffer(bytemuck::cast_slice(&times));
    }

    pub(super) fn handles(&mut self, codes: RowCodes, rows: usize) {
        self.directory.handles = self.column(codes, rows);
    }

    /// Writes the column of a property; they come by name.
    pub(super) fn property(&mut self, name: &str, codes: RowCodes, rows: usize) {
        if let Some(column) = self.column(codes, rows) {
            self.directory.properties.push(Property { name: name.to_owned(), column });
        }
    }

    /// The whole file.
    pub(super) fn finish(self) -> Vec<u8> {
        self.container.finish(&self.directory)
    }

    /// `None` if no row has a value: then not even its name is worth knowing.
    fn column(&mut self, column: RowCodes, rows: usize) -> Option<Column> {
        let RowCodes { mut codes, values } = column;
        if values.len() == 0 {
            return None;
        }
        codes.resize(rows, 0);
        let width = match values.len() {
            0..0x100 => 1,
            0x100..0x1_0000 => 2,
            _ => 4,
        };
        let codes = self.container.fill(|out| {
            codes.iter().for_each(|code| out.extend_from_slice(&code.to_le_bytes()[..usize::from(width)]));
        });
        let mut offsets = vec![0_u64];
        let bytes = self.container.fill(|out| {
            let start = out.len();
            for code in 1..=values.len() as u32 {
                out.extend_from_slice(values.get(code).unwrap_or_default());
                offsets.push((out.len() - start) as u64);
            }
        });
        let offsets = self.container.buffer(bytemuck::cast_slice(&offsets));
        Some(Column { width, codes, offsets, values: bytes })
    }
}

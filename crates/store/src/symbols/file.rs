//! Files of dictionary values. Each holds what was added since the one before.

use std::sync::Arc;

use bytes::Bytes;
use cairn_analysis::StoreError;
use serde::{Deserialize, Serialize};

use super::Addition;
use crate::container::{Buffer, Container, ContainerWriter, Magic};

const MAGIC: Magic = *b"CAIRNSY\x01";

#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    name: String,
    closed: bool,
    rows: u64,
    first: u32,
    /// Where each value begins, and the end of the last (u32).
    offsets: Buffer,
    bytes: Buffer,
}

/// An open file of dictionary values.
#[derive(Debug)]
pub(crate) struct SymbolsFile {
    container: Container,
    entries: Vec<Entry>,
}

/// Values of one property, as a file has them.
pub(crate) struct FileAddition<'a> {
    pub(crate) name: &'a str,
    pub(crate) closed: bool,
    pub(crate) rows: u64,
    pub(crate) first: u32,
    offsets: &'a [u32],
    bytes: &'a [u8],
}

impl<'a> FileAddition<'a> {
    /// The values, in the order of their codes.
    pub(crate) fn values(&self) -> impl Iterator<Item = &'a [u8]> {
        let (offsets, bytes) = (self.offsets, self.bytes);
        offsets.windows(2).map(move |pair| bytes.get(pair[0] as usize..pair[1] as usize).unwrap_or_default())
    }
}

impl SymbolsFile {
    /// Opens the file `file` with the contents `bytes`.
    pub(crate) fn open(file: String, bytes: Bytes, check: bool) -> Result<Self, StoreError> {
        let (container, entries) = Container::open(file, bytes, MAGIC, check)?;
        Ok(Self { container, entries })
    }

    /// What it adds.
    pub(crate) fn additions(&self) -> Result<impl Iterator<Item = Result<FileAddition<'_>, StoreError>>, StoreError> {
        Ok(self.entries.iter().map(|entry| {
            Ok(FileAddition {
                name: &entry.name,
                closed: entry.closed,
                rows: entry.rows,
                first: entry.first,
                offsets: self.container.read(entry.offsets)?,
                bytes: self.container.read(entry.bytes)?,
            })
        }))
    }

    pub(super) fn damage(&self, what: &str) -> StoreError {
        self.container.damage(what)
    }
}

/// The bytes of a file with `additions`.
pub(crate) fn write(additions: &[Addition], out: Vec<u8>) -> Vec<u8> {
    let mut file = ContainerWriter::new(MAGIC, out);
    let entries: Vec<Entry> = additions
        .iter()
        .map(|addition| {
            let mut end = 0;
            let ends = addition.values.values().map(|value| {
                end += value.len() as u32;
                end
            });
            let offsets: Vec<u32> = std::iter::once(0).chain(ends).collect();
            let Addition { ref name, closed, rows, first, .. } = *addition;
            let offsets = file.buffer(bytemuck::cast_slice(&offsets));
            let bytes = file.fill(|out| addition.values.values().for_each(|value| out.extend_from_slice(value)));
            Entry { name: name.clone(), closed, rows, first, offsets, bytes }
        })
        .collect();
    file.finish(&entries)
}

/// Consecutive files, oldest first, as one. Values that are not `kept`, by property and code, become empty; a property of which
/// nothing is `used` is left out.
pub(crate) fn merge(
    files: &[Arc<SymbolsFile>],
    kept: &dyn Fn(&str, u32) -> bool,
    used: &dyn Fn(&str) -> bool,
    out: Vec<u8>,
) -> Result<Vec<u8>, StoreError> {
    let mut merged: Vec<Addition> = Vec::new();
    for file in files {
        for addition in file.additions()? {
            let addition = addition?;
            if !used(addition.name) {
                continue;
            }
            let known = match merged.iter().position(|known| known.name == addition.name) {
                Some(known) => known,
                None => {
                    let FileAddition { name, closed, rows, first, .. } = addition;
                    merged.push(Addition { name: name.to_owned(), closed, rows, first, values: Default::default() });
                    merged.len() - 1
                }
            };
            let known = &mut merged[known];
            for (code, value) in (addition.first..).zip(addition.values()) {
                known.values.append(if kept(&known.name, code) { value } else { &[] });
            }
            (known.closed, known.rows) = (addition.closed, addition.rows);
        }
    }
    Ok(write(&merged, out))
}

/// Whether a file has a value that is not `kept`, or a property that is not `used`.
pub(crate) fn holds_others(
    files: &[Arc<SymbolsFile>],
    kept: &dyn Fn(&str, u32) -> bool,
    used: &dyn Fn(&str) -> bool,
) -> Result<bool, StoreError> {
    for file in files {
        for addition in file.additions()? {
            let addition = addition?;
            let mut values = (addition.first..).zip(addition.values());
            if !used(addition.name) || values.any(|(code, value)| !value.is_empty() && !kept(addition.name, code)) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

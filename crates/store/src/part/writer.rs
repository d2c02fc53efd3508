//! From rows in order to the bytes of a part.

use cairn_analysis::StoreError;
use rayon::prelude::*;

use super::derive::Sources;
use super::heads::{Heads, encoded};
use super::layout::{ColumnEntry, MAGIC, PostingsEntry, ValuesEntry};
use super::postings::PostingsRows;
use crate::{
    container::{Buffer, ContainerWriter},
    ints::{Encoder, Int},
    symbols::Interner,
};

/// Rows to be written, in (user number, time, event id) order; one column at a time is asked for, to bound memory.
pub(crate) trait Rows: Sync {
    /// The distinct users, and the first row of each and the number of rows.
    fn users(&self) -> (Vec<u32>, Vec<u32>);
    fn times(&self) -> Result<Vec<i64>, StoreError>;
    fn event_ids(&self) -> Result<Vec<u64>, StoreError>;
    fn received(&self) -> Result<Vec<i64>, StoreError>;
    fn kinds(&self) -> Result<Vec<u32>, StoreError>;
    /// The properties.
    fn columns(&self) -> Vec<ColumnHead>;
    /// A column. It waits for nobody, unless it has values of its own: others are made on several threads at once.
    fn column(&self, head: &ColumnHead) -> Result<ColumnRows, StoreError>;
}

/// A property whose column is to be written.
#[derive(Clone, Debug)]
pub(crate) struct ColumnHead {
    pub(crate) name: String,
    /// About the greatest code.
    pub(crate) greatest: u32,
    /// Whether the codes are not those of the project's dictionary.
    pub(crate) own_values: bool,
}

/// A column to be written.
pub(crate) struct ColumnRows {
    pub(crate) codes: Vec<u32>,
    /// The values, where the codes are not those of the project's dictionary.
    pub(crate) values: Option<Interner>,
}

/// From so many rows on, two threads share the work.
const SPLIT_ROWS: u32 = 64 << 10;

/// The bytes of a part with these rows, in the memory of `out`. With `small_postings`, also where they are not worth it.
pub(crate) fn write_part(rows: &impl Rows, out: Vec<u8>, small_postings: bool) -> Result<Vec<u8>, StoreError> {
    let mut file = Output { file: ContainerWriter::new(MAGIC, out), small_postings };
    let (users, starts) = rows.users();
    let many = starts.last().is_some_and(|rows| *rows >= SPLIT_ROWS);
    let (heads, columns) = std::thread::scope(|scope| {
        let heads = || Heads::new(rows, &users, &starts);
        let helper = many.then(|| std::thread::Builder::new().name("part-heads".to_owned()).spawn_scoped(scope, heads));
        let columns = write_columns(rows, &mut file)?;
        let heads = match helper.map(|helper| helper.map(std::thread::ScopedJoinHandle::join)) {
            Some(Ok(Ok(heads))) => heads?,
            Some(Ok(Err(panic))) => std::panic::resume_unwind(panic),
            // One thread is enough.
            Some(Err(_)) | None => heads()?,
        };
        Ok::<_, StoreError>((heads, columns))
    })?;
    let directory = heads.directory(&mut file, &users, &starts, columns);
    Ok(file.file.finish(&directory))
}

/// Writes the properties' columns.
fn write_columns(rows: &impl Rows, file: &mut Output) -> Result<Vec<ColumnEntry>, StoreError> {
    // A column can follow from one that is written before it, and that has at least as many values.
    let mut heads = rows.columns();
    heads.sort_by(|a, b| b.greatest.cmp(&a.greatest).then(a.name.cmp(&b.name)));
    let (mut sources, mut columns) = (Sources::default(), Vec::new());
    // As many at once as there are threads bounds memory. Who waits for a lock must not hold up the pool: whoever has the lock
    // may be waiting for the pool.
    let at_once = rayon::current_num_threads();
    let mut heads = heads.as_slice();
    while let Some(first) = heads.first() {
        let shared = heads.iter().take(at_once).take_while(|head| !head.own_values).count();
        let (now, rest) = heads.split_at(shared.max(1));
        let encoded: Vec<_> = match first.own_values {
            true => vec![EncodedColumn::new(rows, first)],
            false => now.par_iter().map(|head| EncodedColumn::new(rows, head)).collect(),
        };
        for (head, column) in now.iter().zip(encoded) {
            // Nothing is left of a property whose events were all erased.
            if let Some(column) = column? {
                columns.push(file.column(head.name.clone(), &column, &mut sources));
            }
        }
        heads = rest;
    }
    columns.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(columns)
}

pub(super) struct Output {
    pub(super) file: ContainerWriter,
    small_postings: bool,
}

impl Output {
    /// A buffer of whole numbers.
    pub(super) fn numbers<T: Int>(&mut self, values: impl Iterator<Item = T>) -> Buffer {
        let bytes = encoded(values);
        self.file.buffer(&bytes)
    }

    fn column(&mut self, name: String, column: &EncodedColumn, sources: &mut Sources) -> ColumnEntry {
        let EncodedColumn { rows: ColumnRows { codes, values }, greatest, bytes } = column;
        let greatest = *greatest;
        let values = values.as_ref().map(|values| {
            let ends = self.numbers(values.ends());
            let bytes = self.file.fill(|out| values.values().for_each(|value| out.extend_from_slice(value)));
            ValuesEntry { ends, bytes }
        });
        if let Some((from, map)) = sources.find(&self.file, codes, bytes.len()) {
            let codes = self.file.buffer(bytemuck::cast_slice(&map));
            return ColumnEntry { name, codes, greatest, from: Some(from), values, postings: None };
        }
        let buffer = self.file.buffer(bytes);
        sources.add(&name, buffer, greatest, codes);
        let postings = if values.is_none() { self.postings(codes, greatest) } else { None };
        ColumnEntry { name, codes: buffer, greatest, from: None, values, postings }
    }

    fn postings(&mut self, codes: &[u32], greatest: u32) -> Option<PostingsEntry> {
        let rows = PostingsRows::of(codes, greatest, self.small_postings)?;
        let mut column = |numbers: Vec<u32>| self.numbers(numbers.into_iter());
        Some(PostingsEntry { starts: column(rows.starts), gaps: column(rows.gaps), lengths: column(rows.lengths) })
    }
}

/// A column, and its codes as they stand in a file.
struct EncodedColumn {
    rows: ColumnRows,
    greatest: u32,
    bytes: Vec<u8>,
}

impl EncodedColumn {
    /// `None` if no row has a value.
    fn new(rows: &impl Rows, head: &ColumnHead) -> Result<Option<Self>, StoreError> {
        let rows = rows.column(head)?;
        let greatest = rows.codes.iter().copied().max().unwrap_or(0);
        if greatest == 0 {
            return Ok(None);
        }
        let mut encoder = Encoder::new();
        encoder.push(&rows.codes);
        let mut bytes = Vec::new();
        encoder.finish(&mut bytes);
        Ok(Some(Self { rows, greatest, bytes }))
    }
}

//! The rows of several parts in one order.
//!
//! A user's rows in one part mostly lie before or behind those in another, so the order is a list of stretches, not of rows. One
//! column at a time is read, recoded and written.

use std::{collections::BTreeMap, sync::Arc};

use cairn_analysis::StoreError;
use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::{
    pick::bucket_of,
    read::{Coder, Reader},
};
use crate::{
    ints::{Int, Ints},
    part::{Column, ColumnHead, ColumnRows, ERASED, EXPIRED, Part, Rows},
    project::{Project, RowHead, each_row_of_part},
    symbols::{Dictionary, Interner},
};

/// Whose events are erased, and what has expired.
#[derive(Clone, Debug, Default)]
pub(crate) struct Covered {
    erased: HashMap<u32, i64, FixedState>,
    expiry: i64,
}

impl Covered {
    pub(crate) fn of(project: &Project) -> Self {
        Self { erased: project.users.erased().collect(), expiry: project.expiry() }
    }

    /// Whether a part has rows to be made ghosts of.
    pub(crate) fn touches(&self, part: &Part) -> Result<bool, StoreError> {
        let mut found = false;
        let mut see = |row: RowHead| {
            found |= row.kind < ERASED && self.ghost(row.user, row.time, row.received).is_some();
        };
        if part.times_span().0 < self.expiry {
            each_row_of_part(part, None, &mut see)?;
        } else {
            self.erased.keys().try_for_each(|user| each_row_of_part(part, Some(*user), &mut see))?;
        }
        Ok(found)
    }

    /// The kind of ghost that a row becomes.
    fn ghost(&self, user: u32, time: i64, received: i64) -> Option<u8> {
        match self.erased.get(&user) {
            Some(at) if received <= *at => Some(ERASED),
            _ => (time < self.expiry).then_some(EXPIRED),
        }
    }
}

/// Rows side by side in one input.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stretch {
    pub(super) input: u32,
    pub(super) start: u32,
    pub(super) rows: u32,
}

/// What becomes one part.
#[derive(Debug, Default)]
pub(crate) struct Output {
    users: Vec<u32>,
    /// The first row of each user.
    starts: Vec<u32>,
    rows: u32,
    stretches: Vec<Stretch>,
}

/// A merge of parts.
pub(crate) struct Merge<'a> {
    inputs: &'a [Arc<Part>],
    covered: &'a Covered,
    outputs: BTreeMap<i64, Output>,
}

/// One part's users, to be walked beside those of the others.
struct Walk {
    users: Vec<u32>,
    starts: Vec<u32>,
    at: usize,
}

impl<'a> Merge<'a> {
    pub(crate) fn new(inputs: &'a [Arc<Part>], covered: &'a Covered, split: bool) -> Result<Self, StoreError> {
        let mut merge = Self { inputs, covered, outputs: BTreeMap::new() };
        let mut walks = inputs.iter().map(|part| Walk::new(part)).collect::<Result<Vec<_>, _>>()?;
        let mut of_user: Vec<Stretch> = Vec::new();
        while let Some(user) = walks.iter().filter_map(|walk| walk.users.get(walk.at)).min().copied() {
            of_user.clear();
            for (input, walk) in walks.iter_mut().enumerate() {
                if walk.users.get(walk.at) == Some(&user) {
                    let (start, end) = (walk.starts[walk.at], walk.starts[walk.at + 1]);
                    of_user.push(Stretch { input: input as u32, start, rows: end - start });
                    walk.at += 1;
                }
            }
            merge.sort(&mut of_user)?;
            merge.add(user, &of_user, split)?;
        }
        Ok(merge)
    }

    /// What comes out, a part each.
    pub(crate) fn outputs(&self) -> impl Iterator<Item = &Output> {
        self.outputs.values()
    }

    /// The rows of one output. `dictionary` gives a property's dictionary.
    pub(crate) fn rows<'m>(&'m self, output: &'m Output, dictionary: &'m WithDictionary<'m>) -> MergedRows<'m> {
        MergedRows { merge: self, output, dictionary }
    }

    /// Puts a user's stretches in order; they are cut to rows where they overlap.
    fn sort(&self, of_user: &mut Vec<Stretch>) -> Result<(), StoreError> {
        if of_user.len() < 2 {
            return Ok(());
        }
        let mut spans = Vec::with_capacity(of_user.len());
        for stretch in of_user.iter() {
            let times = self.inputs[stretch.input as usize].times()?;
            let (first, last) = (stretch.start as usize, (stretch.start + stretch.rows - 1) as usize);
            spans.push((times.get(first), times.get(last), *stretch));
        }
        spans.sort_unstable_by_key(|(first, last, _)| (*first, *last));
        let apart = spans.windows(2).all(|pair| pair[0].1 < pair[1].0);
        of_user.clear();
        if apart {
            of_user.extend(spans.iter().map(|(_, _, stretch)| *stretch));
            return Ok(());
        }
        let mut rows = Vec::new();
        for (_, _, stretch) in spans {
            let part = &self.inputs[stretch.input as usize];
            let (times, ids) = (part.times()?, part.event_ids()?);
            let stretch_rows = stretch.start..stretch.start + stretch.rows;
            rows.extend(stretch_rows.map(|row| (times.get(row as usize), ids.get(row as usize), stretch.input, row)));
        }
        rows.sort_unstable();
        for (_, _, input, start) in rows {
            match of_user.last_mut() {
                Some(last) if last.input == input && last.start + last.rows == start => last.rows += 1,
                _ => of_user.push(Stretch { input, start, rows: 1 }),
            }
        }
        Ok(())
    }

    /// Adds a user's rows, in order, to the outputs.
    fn add(&mut self, user: u32, of_user: &[Stretch], split: bool) -> Result<(), StoreError> {
        if !split {
            self.outputs.entry(0).or_default().add(user, of_user.iter().copied());
            return Ok(());
        }
        for stretch in of_user {
            let times = self.inputs[stretch.input as usize].times()?;
            let end = stretch.start + stretch.rows;
            let mut start = stretch.start;
            while start < end {
                let bucket = bucket_of(times.get(start as usize));
                // A user's rows are in order of time: the bucket's lie together.
                let (mut low, mut high) = (start + 1, end);
                while low < high {
                    let middle = low + (high - low) / 2;
                    if bucket_of(times.get(middle as usize)) == bucket { low = middle + 1 } else { high = middle }
                }
                let piece = Stretch { input: stretch.input, start, rows: low - start };
                self.outputs.entry(bucket).or_default().add(user, [piece].into_iter());
                start = low;
            }
        }
        Ok(())
    }
}

impl Walk {
    fn new(part: &Part) -> Result<Self, StoreError> {
        let (mut users, mut starts) = (Vec::new(), Vec::new());
        let (of_users, of_starts) = (part.users()?, part.starts()?);
        of_users.read(0..of_users.len(), &mut users);
        of_starts.read(0..of_starts.len(), &mut starts);
        Ok(Self { users, starts, at: 0 })
    }
}

impl Output {
    fn add(&mut self, user: u32, stretches: impl Iterator<Item = Stretch>) {
        if self.users.last() != Some(&user) {
            self.users.push(user);
            self.starts.push(self.rows);
        }
        for stretch in stretches {
            self.rows += stretch.rows;
            self.stretches.push(stretch);
        }
    }
}

/// Lends a property's dictionary for a moment.
pub(crate) type WithDictionary<'a> = dyn Fn(&str, &mut dyn FnMut(Option<&Dictionary>)) + Sync + 'a;

/// The rows of one output, in order.
pub(crate) struct MergedRows<'m> {
    merge: &'m Merge<'m>,
    output: &'m Output,
    dictionary: &'m WithDictionary<'m>,
}

impl MergedRows<'_> {
    /// One number per row: `ints` gives an input's column, `value` makes the number of a row.
    fn numbers<'p, T: Int, V>(
        &'p self,
        ints: impl Fn(&'p Part) -> Result<Ints<'p, T>, StoreError>,
        value: impl Fn(usize, usize, T) -> V,
    ) -> Result<Vec<V>, StoreError> {
        let inputs = self.merge.inputs.iter().map(|part| Ok(Reader::new(ints(part)?)));
        let mut readers = inputs.collect::<Result<Vec<_>, StoreError>>()?;
        let mut numbers = Vec::with_capacity(self.output.rows as usize);
        for stretch in &self.output.stretches {
            let input = stretch.input as usize;
            readers[input].each(stretch, |row, number| numbers.push(value(input, row, number)));
        }
        Ok(numbers)
    }

    /// Rows of which only the ghost remains, by output row; empty if there are none.
    fn ghosts(&self) -> Result<Vec<bool>, StoreError> {
        let covered = self.merge.covered;
        let ghosts = self.merge.inputs.iter().any(|part| part.has_ghosts() || part.times_span().0 < covered.expiry);
        if covered.erased.is_empty() && !ghosts {
            return Ok(Vec::new());
        }
        Ok(self.kinds()?.into_iter().map(|kind| kind == u32::from(ERASED) || kind == u32::from(EXPIRED)).collect())
    }

    /// The column's codes in the parts, and those of values that are the part's own.
    fn own_values(&self, name: &str, columns: &[Option<Column<'_>>], ghosts: &[bool]) -> ColumnRows {
        let mut out = ColumnRows { codes: Vec::with_capacity(self.output.rows as usize), values: None };
        (self.dictionary)(name, &mut |dictionary| {
            let shared = dictionary.map(|dictionary| &dictionary.values);
            let mut values = Interner::default();
            let mut coders: Vec<_> = columns.iter().map(|column| Coder::new(*column, shared)).collect();
            out.codes.clear();
            for stretch in &self.output.stretches {
                coders[stretch.input as usize].push(stretch, ghosts, &mut out.codes, &mut values);
            }
            out.values = Some(values);
        });
        out
    }

    fn shared_values(&self, columns: &[Option<Column<'_>>], ghosts: &[bool]) -> ColumnRows {
        let mut codes = Vec::with_capacity(self.output.rows as usize);
        let mut readers: Vec<_> = columns.iter().map(|column| column.map(|column| Reader::new(column.codes))).collect();
        for stretch in &self.output.stretches {
            match &mut readers[stretch.input as usize] {
                Some(reader) => reader.each(stretch, |_, code| codes.push(code)),
                None => codes.resize(codes.len() + stretch.rows as usize, 0),
            }
        }
        codes.iter_mut().zip(ghosts).filter(|(_, ghost)| **ghost).for_each(|(code, _)| *code = 0);
        ColumnRows { codes, values: None }
    }
}

impl Rows for MergedRows<'_> {
    fn users(&self) -> (Vec<u32>, Vec<u32>) {
        let mut starts = self.output.starts.clone();
        starts.push(self.output.rows);
        (self.output.users.clone(), starts)
    }

    fn times(&self) -> Result<Vec<i64>, StoreError> {
        let inputs = &self.merge.inputs;
        let since = inputs.iter().map(|part| Ok(part.times()?.since)).collect::<Result<Vec<i64>, StoreError>>()?;
        self.numbers(|part| Ok(part.times()?.ints), |input, _, time| since[input].wrapping_add(time as i64))
    }

    fn event_ids(&self) -> Result<Vec<u64>, StoreError> {
        let ids = self.merge.inputs.iter().map(|part| part.event_ids()).collect::<Result<Vec<_>, _>>()?;
        self.numbers(|part| Ok(part.event_ids()?.ints), |input, row, id| ids[input].with_time(row, id))
    }

    fn received(&self) -> Result<Vec<i64>, StoreError> {
        let received = self.merge.inputs.iter().map(|part| part.received()).collect::<Result<Vec<_>, _>>()?;
        self.numbers(|part| Ok(part.received()?.ints), |input, row, at| received[input].with_time(row, at))
    }

    fn kinds(&self) -> Result<Vec<u32>, StoreError> {
        let kinds = self.numbers(|part| part.kinds(), |_, _, kind| kind)?;
        let covered = self.merge.covered;
        let inputs = &self.merge.inputs;
        if covered.erased.is_empty() && inputs.iter().all(|part| part.times_span().0 >= covered.expiry) {
            return Ok(kinds);
        }
        let (times, received) = (self.times()?, self.received()?);
        let ends = self.output.starts.iter().skip(1).chain([&self.output.rows]);
        let mut kinds = kinds;
        for ((user, start), end) in self.output.users.iter().zip(&self.output.starts).zip(ends) {
            for row in *start as usize..*end as usize {
                if kinds[row] != u32::from(ERASED)
                    && let Some(ghost) = covered.ghost(*user, times[row], received[row])
                {
                    kinds[row] = u32::from(ghost);
                }
            }
        }
        Ok(kinds)
    }

    fn columns(&self) -> Vec<ColumnHead> {
        let mut columns: BTreeMap<&str, (u32, bool)> = BTreeMap::new();
        for part in self.merge.inputs {
            for (name, greatest, own_values) in part.column_heads() {
                let column = columns.entry(name).or_default();
                *column = (column.0.max(greatest), column.1 || own_values);
            }
        }
        let columns = columns.into_iter().map(|(name, (greatest, mut own_values))| {
            (self.dictionary)(name, &mut |dictionary| own_values |= dictionary.is_some_and(|found| found.closed));
            ColumnHead { name: name.to_owned(), greatest, own_values }
        });
        columns.collect()
    }

    fn column(&self, head: &ColumnHead) -> Result<ColumnRows, StoreError> {
        let name = &head.name;
        let columns = self.merge.inputs.iter().map(|part| part.column(name)).collect::<Result<Vec<_>, _>>()?;
        let ghosts = self.ghosts()?;
        Ok(match head.own_values {
            true => self.own_values(name, &columns, &ghosts),
            false => self.shared_values(&columns, &ghosts),
        })
    }
}

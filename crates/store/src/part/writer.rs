//! From rows in order to the bytes of a part.

use super::derive::Sources;
use super::layout::{ColumnEntry, Directory, ERASED, EXPIRED, MAGIC, PostingsEntry, ValuesEntry, zigzag};
use super::postings::PostingsRows;
use crate::{
    container::{Buffer, ContainerWriter},
    filter,
    ints::{BLOCK, Encoder, Int},
    symbols::Interner,
};

/// Rows to be written, in (user number, time, event id) order; one column at a time is asked for, to bound memory.
pub(crate) trait Rows {
    /// The distinct users, and the first row of each and the number of rows.
    fn users(&self) -> (Vec<u32>, Vec<u32>);
    fn times(&self) -> Result<Vec<i64>, cairn_analysis::StoreError>;
    fn event_ids(&self) -> Result<Vec<u64>, cairn_analysis::StoreError>;
    fn received(&self) -> Result<Vec<i64>, cairn_analysis::StoreError>;
    fn kinds(&self) -> Result<Vec<u32>, cairn_analysis::StoreError>;
    /// The names of the properties, and about the greatest code of each.
    fn columns(&self) -> Vec<(String, u32)>;
    /// A column.
    fn column(&self, name: &str) -> Result<ColumnRows, cairn_analysis::StoreError>;
}

/// A column to be written.
pub(crate) struct ColumnRows {
    pub(crate) codes: Vec<u32>,
    /// The values, where the codes are not those of the project's dictionary.
    pub(crate) values: Option<Interner>,
}

/// Bits that event ids which grow with time have below the milliseconds; 0: they do not.
const SHIFTS: [u8; 4] = [0, 20, 21, 22];

/// The bytes of a part with these rows, in the memory of `out`. With `small_postings`, also where they are not worth it.
pub(crate) fn write_part(
    rows: &impl Rows,
    out: Vec<u8>,
    small_postings: bool,
) -> Result<Vec<u8>, cairn_analysis::StoreError> {
    let mut file = Output { file: ContainerWriter::new(MAGIC, out), small_postings };
    let (users, starts) = rows.users();
    let times = rows.times()?;
    let (time_min, time_max) = span(&times, i64::MAX, i64::MIN);
    let kinds = rows.kinds()?;
    let ids = rows.event_ids()?;
    let (event_id_min, event_id_max) = span(&ids, u64::MAX, 0);
    let event_id_shift = shift(&ids, &times);
    let filter = file.file.buffer(&filter::build(keys(&users, &starts, &ids)));
    let event_ids = file.numbers(&ids, |row, id| id.wrapping_sub(shifted(times[row], event_id_shift)));
    drop(ids);
    let received = rows.received()?;
    let (_, received_max) = span(&received, i64::MAX, i64::MIN);
    let since_time = |row: usize, at: i64| zigzag(at.wrapping_sub(times[row]));
    let since_max = |_: usize, at: i64| zigzag(at.wrapping_sub(received_max));
    let received_since_time = widest(&received, since_time) < widest(&received, since_max);
    let mut directory = Directory {
        rows: times.len() as u64,
        time_min,
        time_max,
        received_max,
        event_id_min,
        event_id_max,
        ghosts: kinds.iter().filter(|kind| **kind == u32::from(ERASED) || **kind == u32::from(EXPIRED)).count() as u64,
        users: file.numbers(&users, |_, user| user),
        starts: file.numbers(&starts, |_, start| start),
        times: file.numbers(&times, |_, time| time.wrapping_sub(time_min) as u64),
        event_ids,
        event_id_shift,
        received: match received_since_time {
            true => file.numbers(&received, since_time),
            false => file.numbers(&received, since_max),
        },
        received_since_time,
        kinds: file.numbers(&kinds, |_, kind| kind),
        filter,
        columns: Vec::new(),
    };
    drop((users, starts, times, received, kinds));
    // A column can follow from one that is written before it, and that has at least as many values.
    let mut names = rows.columns();
    names.sort_by(|(a, a_greatest), (b, b_greatest)| b_greatest.cmp(a_greatest).then(a.cmp(b)));
    let mut sources = Sources::default();
    for (name, _) in names {
        let column = rows.column(&name)?;
        // Nothing is left of a property whose events were all erased.
        if column.codes.iter().any(|code| *code > 0) {
            directory.columns.push(file.column(name, &column, &mut sources));
        }
    }
    directory.columns.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(file.file.finish(&directory))
}

fn keys<'a>(users: &'a [u32], starts: &'a [u32], ids: &'a [u64]) -> Vec<u64> {
    let of_user = |(at, user): (usize, &u32)| {
        let user = *user;
        ids[starts[at] as usize..starts[at + 1] as usize].iter().map(move |id| filter::key(user, *id))
    };
    users.iter().enumerate().flat_map(of_user).collect()
}

fn span<T: Copy + Ord>(values: &[T], none_min: T, none_max: T) -> (T, T) {
    values.iter().fold((none_min, none_max), |(min, max), value| (min.min(*value), max.max(*value)))
}

fn shifted(time: i64, shift: u8) -> u64 {
    if shift == 0 { 0 } else { (time as u64) << shift }
}

/// The shift that leaves the smallest numbers.
fn shift(ids: &[u64], times: &[i64]) -> u8 {
    let spread = |shift: u8| {
        let rest = ids.iter().zip(times).map(|(id, time)| id.wrapping_sub(shifted(*time, shift)));
        let (min, max) = rest.fold((u64::MAX, 0), |(min, max), rest| (min.min(rest), max.max(rest)));
        max.saturating_sub(min)
    };
    SHIFTS.into_iter().min_by_key(|shift| spread(*shift)).unwrap_or(0)
}

fn widest(values: &[i64], number: impl Fn(usize, i64) -> u64) -> u64 {
    let numbers = values.iter().enumerate().map(|(row, value)| number(row, *value));
    let (min, max) = numbers.fold((u64::MAX, 0), |(min, max), number| (min.min(number), max.max(number)));
    max.saturating_sub(min)
}

struct Output {
    file: ContainerWriter,
    small_postings: bool,
}

impl Output {
    /// A buffer of one whole number per value.
    fn numbers<V: Copy, T: Int>(&mut self, values: &[V], number: impl Fn(usize, V) -> T) -> Buffer {
        let mut encoder = Encoder::new();
        let mut block = Vec::with_capacity(BLOCK);
        for (at, chunk) in values.chunks(BLOCK).enumerate() {
            block.clear();
            block.extend(chunk.iter().enumerate().map(|(row, value)| number(at * BLOCK + row, *value)));
            encoder.push(&block);
        }
        self.file.fill(|out| encoder.finish(out))
    }

    fn column(&mut self, name: String, column: &ColumnRows, sources: &mut Sources) -> ColumnEntry {
        let greatest = column.codes.iter().copied().max().unwrap_or(0);
        let values = column.values.as_ref().map(|values| {
            let ends: Vec<u64> = values.ends().collect();
            let ends = self.numbers(&ends, |_, end| end);
            let bytes = self.file.fill(|out| values.values().for_each(|value| out.extend_from_slice(value)));
            ValuesEntry { ends, bytes }
        });
        let mut encoder = Encoder::new();
        encoder.push(&column.codes);
        let mut encoded = Vec::new();
        encoder.finish(&mut encoded);
        if let Some((from, map)) = sources.find(&self.file, &column.codes, encoded.len()) {
            let codes = self.file.buffer(bytemuck::cast_slice(&map));
            return ColumnEntry { name, codes, greatest, from: Some(from), values, postings: None };
        }
        let codes = self.file.buffer(&encoded);
        sources.add(&name, codes, greatest, &column.codes);
        let postings = if values.is_none() { self.postings(&column.codes, greatest) } else { None };
        ColumnEntry { name, codes, greatest, from: None, values, postings }
    }

    fn postings(&mut self, codes: &[u32], greatest: u32) -> Option<PostingsEntry> {
        let rows = PostingsRows::of(codes, greatest, self.small_postings)?;
        let mut column = |numbers: &[u32]| self.numbers(numbers, |_, number| number);
        Some(PostingsEntry { starts: column(&rows.starts), gaps: column(&rows.gaps), lengths: column(&rows.lengths) })
    }
}

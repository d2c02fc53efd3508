//! What every row has: user, time, ids and kind, coded for a part.

use cairn_analysis::StoreError;

use super::layout::{ColumnEntry, Directory, ERASED, EXPIRED, zigzag};
use super::writer::{Output, Rows};
use crate::{
    filter,
    ints::{BLOCK, Encoder, Int},
};

/// Bits that event ids which grow with time have below the milliseconds; 0: they do not.
const SHIFTS: [u8; 4] = [0, 20, 21, 22];

/// The columns that every part has, coded.
pub(super) struct Heads {
    rows: u64,
    ghosts: u64,
    time_span: (i64, i64),
    times: Vec<u8>,
    event_id_span: (u64, u64),
    event_id_shift: u8,
    event_ids: Vec<u8>,
    filter: Vec<u8>,
    received_max: i64,
    received_since_time: bool,
    received: Vec<u8>,
    kinds: Vec<u8>,
}

impl Heads {
    /// Of rows whose distinct users are `users`, the first row of each at `starts`.
    pub(super) fn new(rows: &impl Rows, users: &[u32], starts: &[u32]) -> Result<Self, StoreError> {
        let times = rows.times()?;
        let time_span = span(&times, i64::MAX, i64::MIN);
        let ids = rows.event_ids()?;
        let event_id_shift = shift(&ids, &times);
        let event_id_span = span(&ids, u64::MAX, 0);
        let filter = filter::build(ids.len(), keys(users, starts, &ids));
        let with_times = ids.iter().zip(&times);
        let event_ids = encoded(with_times.map(|(id, time)| id.wrapping_sub(shifted(*time, event_id_shift))));
        drop(ids);
        let received = rows.received()?;
        let (_, received_max) = span(&received, i64::MAX, i64::MIN);
        let since_times = || received.iter().zip(&times).map(|(at, time)| zigzag(at.wrapping_sub(*time)));
        let since_max = || received.iter().map(|at| zigzag(at.wrapping_sub(received_max)));
        let received_since_time = widest(since_times()) < widest(since_max());
        let coded = if received_since_time { encoded(since_times()) } else { encoded(since_max()) };
        drop(received);
        let kinds = rows.kinds()?;
        let is_ghost = |kind: &&u32| **kind == u32::from(ERASED) || **kind == u32::from(EXPIRED);
        Ok(Self {
            rows: times.len() as u64,
            ghosts: kinds.iter().filter(is_ghost).count() as u64,
            time_span,
            times: encoded(times.iter().map(|time| time.wrapping_sub(time_span.0) as u64)),
            event_id_span,
            event_id_shift,
            event_ids,
            filter,
            received_max,
            received_since_time,
            received: coded,
            kinds: encoded(kinds.into_iter()),
        })
    }

    /// Adds the columns to the file. Gives the directory, with those of properties.
    pub(super) fn directory(
        self,
        file: &mut Output,
        users: &[u32],
        starts: &[u32],
        columns: Vec<ColumnEntry>,
    ) -> Directory {
        Directory {
            rows: self.rows,
            time_min: self.time_span.0,
            time_max: self.time_span.1,
            received_max: self.received_max,
            event_id_min: self.event_id_span.0,
            event_id_max: self.event_id_span.1,
            ghosts: self.ghosts,
            users: file.numbers(users.iter().copied()),
            starts: file.numbers(starts.iter().copied()),
            times: file.file.buffer(&self.times),
            event_ids: file.file.buffer(&self.event_ids),
            event_id_shift: self.event_id_shift,
            received: file.file.buffer(&self.received),
            received_since_time: self.received_since_time,
            kinds: file.file.buffer(&self.kinds),
            filter: file.file.buffer(&self.filter),
            columns,
        }
    }
}

/// Whole numbers, coded.
pub(super) fn encoded<T: Int>(mut values: impl Iterator<Item = T>) -> Vec<u8> {
    let mut encoder = Encoder::new();
    let mut block = Vec::with_capacity(BLOCK);
    loop {
        block.clear();
        block.extend(values.by_ref().take(BLOCK));
        if block.is_empty() {
            break;
        }
        encoder.push(&block);
    }
    let mut bytes = Vec::new();
    encoder.finish(&mut bytes);
    bytes
}

fn keys<'a>(users: &'a [u32], starts: &'a [u32], ids: &'a [u64]) -> impl Iterator<Item = u64> + 'a {
    let of_user = |(at, user): (usize, &u32)| {
        let user = *user;
        ids[starts[at] as usize..starts[at + 1] as usize].iter().map(move |id| filter::key(user, *id))
    };
    users.iter().enumerate().flat_map(of_user)
}

fn span<T: Copy + Ord>(values: &[T], none_min: T, none_max: T) -> (T, T) {
    values.iter().fold((none_min, none_max), |(min, max), value| (min.min(*value), max.max(*value)))
}

fn shifted(time: i64, shift: u8) -> u64 {
    if shift == 0 { 0 } else { (time as u64) << shift }
}

/// The shift that leaves the smallest numbers.
fn shift(ids: &[u64], times: &[i64]) -> u8 {
    let spread = |shift: u8| widest(ids.iter().zip(times).map(|(id, time)| id.wrapping_sub(shifted(*time, shift))));
    SHIFTS.into_iter().min_by_key(|shift| spread(*shift)).unwrap_or(0)
}

/// How far the least and the greatest are apart.
fn widest(numbers: impl Iterator<Item = u64>) -> u64 {
    let (min, max) = numbers.fold((u64::MAX, 0), |(min, max), number| (min.min(number), max.max(number)));
    max.saturating_sub(min)
}

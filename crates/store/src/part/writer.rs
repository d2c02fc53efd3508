//! From a tail to the bytes of a part.

use std::collections::BTreeMap;

use cairn_model::UserState;

use super::layout::{ALIGN, Buffer, ColumnEntry, Directory, MAGIC, VERSION};
use crate::{column::ColumnView, filter, tail::Tail};

/// The bytes of a part with the tail's events, and the states of `users`.
pub(crate) fn write_part(tail: &Tail, users: &BTreeMap<u64, UserState>, out: &mut Vec<u8>) {
    let order = tail.order();
    out.clear();
    out.extend_from_slice(MAGIC);
    let mut out = Output(out);
    let (distinct, starts) = user_runs(tail, &order);
    let keys = order.iter().map(|row| filter::key(tail.users[*row as usize], tail.event_ids[*row as usize]));
    let mut columns: Vec<_> = tail.columns().collect();
    columns.sort_by_key(|(name, _)| *name);
    let rows = || order.iter().map(|row| *row as usize);
    let directory = Directory {
        rows: order.len() as u64,
        time_min: tail.times.iter().copied().min().unwrap_or(i64::MAX),
        time_max: tail.times.iter().copied().max().unwrap_or(i64::MIN),
        received_max: tail.received.iter().copied().max().unwrap_or(i64::MIN),
        event_id_min: tail.event_ids.iter().copied().min().unwrap_or(u64::MAX),
        event_id_max: tail.event_ids.iter().copied().max().unwrap_or(0),
        users: out.buffer(bytemuck::cast_slice(&distinct)),
        starts: out.buffer(bytemuck::cast_slice(&starts)),
        times: out.numbers(rows().map(|row| tail.times[row].to_le_bytes())),
        event_ids: out.numbers(rows().map(|row| tail.event_ids[row].to_le_bytes())),
        received: out.numbers(rows().map(|row| tail.received[row].to_le_bytes())),
        kinds: out.numbers(rows().map(|row| [tail.kinds[row]])),
        filter: out.buffer(&filter::build(keys)),
        user_states: out.buffer(&encode_users(users)),
        columns: columns.into_iter().map(|(name, column)| out.column(name, column, &order)).collect(),
    };
    out.finish(&directory)
}

/// The distinct users, and where each one's rows start.
fn user_runs(tail: &Tail, order: &[u32]) -> (Vec<u64>, Vec<u32>) {
    let (mut users, mut starts) = (Vec::new(), Vec::new());
    for (at, row) in order.iter().enumerate() {
        let user = tail.users[*row as usize];
        if users.last() != Some(&user) {
            users.push(user);
            starts.push(at as u32);
        }
    }
    starts.push(order.len() as u32);
    (users, starts)
}

/// Per user: id (u64), length (u32), the state.
fn encode_users(users: &BTreeMap<u64, UserState>) -> Vec<u8> {
    let mut out = Vec::new();
    for (user, state) in users {
        out.extend_from_slice(&user.to_le_bytes());
        let at = out.len();
        out.extend_from_slice(&[0; 4]);
        state.encode(&mut out);
        let len = (out.len() - at - 4) as u32;
        out[at..at + 4].copy_from_slice(&len.to_le_bytes());
    }
    out
}

struct Output<'o>(&'o mut Vec<u8>);

impl Output<'_> {
    fn buffer(&mut self, bytes: &[u8]) -> Buffer {
        self.0.resize(self.0.len().next_multiple_of(ALIGN), 0);
        let offset = self.0.len() as u64;
        self.0.extend_from_slice(bytes);
        Buffer { offset, len: bytes.len() as u64, crc: crc32c::crc32c(bytes) }
    }

    /// A buffer of one number per item, written in place.
    fn numbers<const N: usize>(&mut self, numbers: impl ExactSizeIterator<Item = [u8; N]>) -> Buffer {
        let start = self.0.len().next_multiple_of(ALIGN);
        self.0.resize(start + N * numbers.len(), 0);
        let (places, _) = self.0[start..].as_chunks_mut::<N>();
        places.iter_mut().zip(numbers).for_each(|(place, number)| *place = number);
        let bytes = &self.0[start..];
        Buffer { offset: start as u64, len: bytes.len() as u64, crc: crc32c::crc32c(bytes) }
    }

    fn column(&mut self, name: &str, column: ColumnView<'_>, order: &[u32]) -> ColumnEntry {
        let codes = order.iter().map(|row| column.codes.get(*row as usize));
        let (width, codes) = match column.dictionary.len() {
            0..0x100 => (1, self.numbers(codes.map(|code| [code as u8]))),
            0x100..0x1_0000 => (2, self.numbers(codes.map(|code| (code as u16).to_le_bytes()))),
            _ => (4, self.numbers(codes.map(u32::to_le_bytes))),
        };
        let offsets = self.buffer(bytemuck::cast_slice(column.dictionary.offsets));
        let values = self.buffer(column.dictionary.bytes);
        ColumnEntry { name: name.to_owned(), width, codes, offsets, values }
    }

    fn finish(mut self, directory: &Directory) {
        // A directory is plain numbers and strings: it always has a JSON form.
        let json = serde_json::to_vec(directory).unwrap_or_default();
        let buffer = self.buffer(&json);
        let out = &mut self.0;
        out.extend_from_slice(&buffer.offset.to_le_bytes());
        out.extend_from_slice(&buffer.len.to_le_bytes());
        out.extend_from_slice(&buffer.crc.to_le_bytes());
        out.extend_from_slice(&VERSION.to_le_bytes());
        out.extend_from_slice(MAGIC);
    }
}

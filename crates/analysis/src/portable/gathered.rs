//! One person's events as bytes: what SQL gathers, event by event, in any order.
//!
//! ```text
//! time i64 | event id i64 | original user id i64 | matches u32 | what follows u8 | number f64 | session u64 | keys | held values
//! ```
//!
//! Numbers are little-endian. Of what follows only that is there whose bit is set. Keys and held values are their length in bytes, then for each 0 if it is missing, else one more than its length, and its JSON.

use std::hash::BuildHasher;

use cairn_model::{
    Value,
    bytes::{Reader, put_bytes, put_varint},
};
use foldhash::fast::FixedState;
use serde_json::value::RawValue;

use super::PartialError;

/// What a question wants to know of an event.
#[derive(Clone, Copy, Debug, Default)]
pub struct Gathered<'e> {
    /// When it happened, in milliseconds since the epoch.
    pub time: i64,
    /// Its id.
    pub event_id: i64,
    /// Who sent it.
    pub original_user_id: i64,
    /// Bit `i`: it matches the question's event `i`.
    pub matches: u32,
    /// The number of the question's property.
    pub number: Option<f64>,
    /// The JSON of its session's id.
    pub session: Option<&'e str>,
}

/// An event as it is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'b> {
    /// Time, event id and original user id: what orders a person's events, and tells them apart.
    pub(super) key: (i64, i64, i64),
    pub(super) matches: u32,
    pub(super) number: f64,
    pub(super) session: u64,
    pub(super) keys: &'b [u8],
    pub(super) holds: &'b [u8],
}

impl Gathered<'_> {
    /// Appends it, with the JSON of its keys and of what it has of held properties.
    pub fn put<'t>(
        &self,
        keys: impl IntoIterator<Item = Option<&'t [u8]>>,
        holds: impl IntoIterator<Item = Option<&'t [u8]>>,
        out: &mut Vec<u8>,
    ) {
        for number in [self.time, self.event_id, self.original_user_id] {
            out.extend_from_slice(&number.to_le_bytes());
        }
        out.extend_from_slice(&self.matches.to_le_bytes());
        let flags = out.len();
        out.push(0);
        let mut follows = 0;
        if let Some(number) = self.number {
            follows |= NUMBER;
            out.extend_from_slice(&number.to_le_bytes());
        }
        if let Some(session) = self.session {
            follows |= SESSION;
            // Sessions are of a user id; 0 is none.
            let session = FixedState::default().hash_one((self.original_user_id, session)).max(1);
            out.extend_from_slice(&session.to_le_bytes());
        }
        let mut texts = Vec::new();
        put_texts(keys, &mut texts);
        if !texts.is_empty() {
            follows |= KEYS;
            put_bytes(out, &texts);
            texts.clear();
        }
        put_texts(holds, &mut texts);
        if !texts.is_empty() {
            follows |= HOLDS;
            put_bytes(out, &texts);
        }
        out[flags] = follows;
    }
}

const NUMBER: u8 = 1;
const SESSION: u8 = 1 << 1;
const KEYS: u8 = 1 << 2;
const HOLDS: u8 = 1 << 3;

fn put_texts<'t>(texts: impl IntoIterator<Item = Option<&'t [u8]>>, out: &mut Vec<u8>) {
    for text in texts {
        match text {
            None => put_varint(out, 0),
            Some(text) => {
                put_varint(out, text.len() as u64 + 1);
                out.extend_from_slice(text);
            }
        }
    }
}

/// All rows, in the person's order; what came several times is once there, with all that it matches.
pub(super) fn rows(bytes: &[u8]) -> Result<Vec<Row<'_>>, PartialError> {
    let (mut reader, mut rows) = (Reader::new(bytes), Vec::new());
    while !reader.is_empty() {
        rows.push(row(&mut reader)?);
    }
    if !rows.is_sorted_by_key(|row| row.key) {
        rows.sort_by_key(|row| row.key);
    }
    rows.dedup_by(|row, before| {
        let same = row.key == before.key;
        before.matches |= if same { row.matches } else { 0 };
        same
    });
    Ok(rows)
}

fn row<'b>(reader: &mut Reader<'b>) -> Result<Row<'b>, PartialError> {
    let key = (reader.i64()?, reader.i64()?, reader.i64()?);
    let mut matches = [0; 4];
    matches.copy_from_slice(reader.take(4)?);
    let follows = reader.u8()?;
    if follows > NUMBER | SESSION | KEYS | HOLDS {
        return Err(PartialError::new("an event has what there is not"));
    }
    let has = |what: u8| follows & what != 0;
    Ok(Row {
        key,
        matches: u32::from_le_bytes(matches),
        number: if has(NUMBER) { f64::from_bits(reader.i64()? as u64) } else { f64::NAN },
        session: if has(SESSION) { reader.i64()? as u64 } else { 0 },
        keys: if has(KEYS) { reader.bytes()? } else { &[] },
        holds: if has(HOLDS) { reader.bytes()? } else { &[] },
    })
}

/// The values of keys, or of what is held.
pub(super) fn values(texts: &[u8]) -> Result<Vec<Option<Value<'static>>>, PartialError> {
    let (mut reader, mut values) = (Reader::new(texts), Vec::new());
    while !reader.is_empty() {
        values.push(match reader.len()?.checked_sub(1) {
            None => None,
            Some(len) => {
                let text = std::str::from_utf8(reader.take(len)?);
                Some(json_value(text.map_err(|_| PartialError::new("text is not UTF-8"))?))
            }
        });
    }
    Ok(values)
}

/// The value that JSON is of, if it is a property's; else `Null`. Numbers go by the standard library, which reads back each one
/// exactly.
pub fn json_value(text: &str) -> Value<'static> {
    match text.as_bytes().first() {
        Some(b'"') => serde_json::from_str::<String>(text).map_or(Value::Null, Value::from),
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(text).unwrap_or_default();
            let items = items.into_iter().filter(|item| !item.get().starts_with('['));
            Value::Array(items.map(|item| json_value(item.get())).collect())
        }
        Some(b't') => Value::Bool(true),
        Some(b'f') => Value::Bool(false),
        Some(b'-' | b'0'..=b'9') => text.parse().map_or(Value::Null, |number: f64| Value::Number(number + 0.0)),
        _ => Value::Null,
    }
}

//! JSON lines: either flat, or with an object `properties` as the API writes events.

use std::{
    borrow::Cow,
    io::{BufRead, Read},
};

use cairn_model::{Reason, Refusal, Value, limits};

use super::{
    Kind, RowBatch, RowReader,
    cell::{Cell, Field, Row, property_of},
    json_value::Json,
};

/// About how many bytes of lines make a batch.
const BATCH_BYTES: usize = 1 << 20;
/// A longer line is refused unread.
const LINE_BYTES: u64 = 8 << 20;

/// Reads a file of JSON lines.
pub(crate) struct JsonRows {
    input: Box<dyn BufRead + Send>,
    kind: Kind,
    line: u64,
}

struct JsonBatch {
    kind: Kind,
    bytes: Vec<u8>,
    /// Where each line begins and ends, and its number; a line that was too long is empty here.
    lines: Vec<(usize, usize, u64)>,
}

impl JsonRows {
    pub(crate) fn new(input: Box<dyn BufRead + Send>, kind: Kind) -> Self {
        Self { input, kind, line: 0 }
    }

    /// Appends a line to `bytes`; of one that is too long, nothing. False at the end.
    fn read_line(&mut self, bytes: &mut Vec<u8>) -> std::io::Result<bool> {
        let from = bytes.len();
        let got = self.input.by_ref().take(LINE_BYTES).read_until(b'\n', bytes)?;
        if got as u64 == LINE_BYTES && bytes.last() != Some(&b'\n') {
            bytes.truncate(from);
            self.input.skip_until(b'\n')?;
        }
        Ok(got > 0)
    }
}

impl RowReader for JsonRows {
    fn next_batch(&mut self) -> anyhow::Result<Option<Box<dyn RowBatch>>> {
        let mut batch = JsonBatch { kind: self.kind, bytes: Vec::with_capacity(BATCH_BYTES * 2), lines: Vec::new() };
        while batch.bytes.len() < BATCH_BYTES {
            let from = batch.bytes.len();
            if !self.read_line(&mut batch.bytes)? {
                break;
            }
            self.line += 1;
            let too_long = batch.bytes.len() == from;
            if too_long || !batch.bytes[from..].trim_ascii().is_empty() {
                batch.lines.push((from, batch.bytes.len(), self.line));
            }
        }
        let done = batch.bytes.is_empty() && batch.lines.is_empty();
        Ok((!done).then(|| Box::new(batch) as Box<dyn RowBatch>))
    }
}

impl RowBatch for JsonBatch {
    fn len(&self) -> usize {
        self.lines.len()
    }

    fn number(&self, row: usize) -> u64 {
        self.lines[row].2
    }

    fn bytes(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn row(&self, row: usize) -> Result<Row<'_>, Refusal> {
        let (from, to, _) = self.lines[row];
        parse_row(&self.bytes[from..to], self.kind)
    }
}

fn parse_row(line: &[u8], kind: Kind) -> Result<Row<'_>, Refusal> {
    if line.is_empty() {
        return Err(Refusal::new(Reason::Size, format!("the line is longer than {LINE_BYTES} bytes")));
    }
    let text = std::str::from_utf8(line).map_err(|_| Refusal::new(Reason::Text, "the line is not UTF-8"))?;
    let json: Json<'_> = serde_json::from_str(text).map_err(|error| {
        let column = error.column();
        let text = error.to_string();
        let what = text.split(" at line ").next().unwrap_or_default();
        Refusal::new(Reason::Json, format!("not a JSON object: {what}, at character {column}"))
    })?;
    let Json::Object(members) = json else { return Err(Refusal::new(Reason::Json, "not a JSON object")) };
    let nested = members.iter().any(|(name, value)| name == "properties" && matches!(value, Json::Object(_)));
    let mut row = Row { properties: Vec::with_capacity(members.len()), ..Row::default() };
    for (name, value) in members {
        if let Some(field) = Field::of(kind, &name) {
            *row.cell_mut(field) = cell(value);
        } else if !nested || name == "name" {
            put(unescape(name), value, 0, &mut row.properties)?;
        } else if name == "properties" {
            let Json::Object(members) = value else { continue };
            for (name, value) in members {
                put(name, value, 1, &mut row.properties)?;
            }
        }
    }
    Ok(row)
}

fn unescape(name: Cow<'_, str>) -> Cow<'_, str> {
    match name {
        Cow::Borrowed(name) => Cow::Borrowed(property_of(name)),
        Cow::Owned(name) => Cow::Owned(property_of(&name).to_owned()),
    }
}

fn cell(json: Json<'_>) -> Cell<'_> {
    match json {
        Json::Null => Cell::Missing,
        Json::Integer(n) => Cell::Integer(n),
        Json::Number(n) => Cell::Number(n),
        Json::Text(text) => Cell::Text(text),
        Json::Bool(_) | Json::List(_) | Json::Object(_) => Cell::Other,
    }
}

/// Adds a property; the members of objects under dotted names.
fn put<'a>(
    name: Cow<'a, str>,
    json: Json<'a>,
    depth: usize,
    out: &mut Vec<(Cow<'a, str>, Value<'a>)>,
) -> Result<(), Refusal> {
    if depth > limits::DEPTH {
        return Err(Refusal::new(Reason::Depth, format!("properties are nested more than {} deep", limits::DEPTH)));
    }
    let Json::Object(members) = json else {
        out.push((name, value(json)?));
        return Ok(());
    };
    for (member, json) in members {
        put(Cow::Owned(format!("{name}.{member}")), json, depth + 1, out)?;
    }
    Ok(())
}

fn value(json: Json<'_>) -> Result<Value<'_>, Refusal> {
    Ok(match json {
        Json::Null => Value::Null,
        Json::Bool(truth) => Value::Bool(truth),
        Json::Integer(n) => Value::Number(n as f64),
        Json::Number(n) => Value::Number(n),
        Json::Text(text) => Value::String(text),
        Json::List(items) => Value::Array(items.into_iter().map(value).collect::<Result<_, _>>()?),
        Json::Object(_) => return Err(Refusal::new(Reason::Properties, "an array holds scalars only")),
    })
}

/// A value from its JSON text, as exports write it.
pub(super) fn value_of(text: &str) -> Option<Value<'_>> {
    value(serde_json::from_str(text).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &'static str) -> Vec<(u64, Result<Row<'static>, Reason>)> {
        let mut reader = JsonRows::new(Box::new(text.as_bytes()), Kind::Events);
        let batch = Box::leak(reader.next_batch().unwrap().unwrap());
        (0..batch.len()).map(|i| (batch.number(i), batch.row(i).map_err(|refusal| refusal.reason))).collect()
    }

    #[test]
    fn flat_and_nested_rows_are_the_same() {
        let rows = rows(
            "{\"user_id\": \"5\", \"time\": 1, \"type\": \"click\", \"a\": {\"b\": [1, \"x\"]}, \"properties.time\": 3}\n\n\
             {\"user_id\": \"5\", \"time\": 1, \"type\": \"click\", \"person\": null, \"properties\": {\"a.b\": [1, \"x\"], \"time\": 3}}",
        );
        assert_eq!(rows.len(), 2);
        assert_eq!((rows[0].0, rows[1].0), (1, 3));
        assert_eq!(rows[0].1, rows[1].1);
        let row = rows[0].1.as_ref().unwrap();
        assert_eq!(row.properties[0].0, "a.b");
        assert_eq!(row.properties[1], ("time".into(), Value::from(3.0)));
    }

    #[test]
    fn a_bad_line_spares_the_others() {
        let rows = rows("{\"user_id\": 5\n[1]\n{\"user_id\": 5}\n");
        assert_eq!(rows[0].1, Err(Reason::Json));
        assert_eq!(rows[1].1, Err(Reason::Json));
        assert_eq!(rows[2].1.as_ref().unwrap().user_id, Cell::Integer(5));
    }
}

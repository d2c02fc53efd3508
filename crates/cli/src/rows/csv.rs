//! CSV with a header line. Cells are read by one simple rule, [`typed`], unless a column is said to be text.

use std::{io::Read, path::Path};

use anyhow::{Context, bail};
use cairn_model::{Reason, Refusal, Value, limits};
use csv::ByteRecord;

use super::{
    Kind, ReadOptions, RowBatch, RowReader,
    cell::{Cell, Field, Row, property_of},
    display,
};

const BATCH_ROWS: usize = 2_000;
const BATCH_BYTES: u64 = 4 << 20;

/// What a column holds.
#[derive(Clone, Debug)]
enum Column {
    Field(Field),
    Property { name: String, text: bool },
}

/// Reads a CSV file.
pub(crate) struct CsvRows<R> {
    reader: csv::Reader<R>,
    /// Sorted, fields first, then properties by name; each with its place in a record.
    columns: std::sync::Arc<[(usize, Column)]>,
    width: usize,
}

struct CsvBatch {
    columns: std::sync::Arc<[(usize, Column)]>,
    width: usize,
    records: Vec<ByteRecord>,
    bytes: u64,
}

impl<R: Read> CsvRows<R> {
    pub(crate) fn open(input: R, options: &ReadOptions, path: &Path) -> anyhow::Result<Self> {
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(input);
        let headers = reader.headers().with_context(|| format!("{}: the header line cannot be read", display(path)))?;
        let mut columns = Vec::new();
        for (at, name) in headers.iter().enumerate() {
            // A byte order mark belongs to no name.
            let name = name.trim_start_matches('\u{feff}').trim();
            let text = options.text_columns.iter().any(|column| column == name);
            columns.push((at, column(options.kind, name, text, at, path)?));
        }
        if !columns.iter().any(|(_, column)| matches!(column, Column::Field(Field::UserId))) {
            bail!("{}: there is no column user_id; the first line must name the columns", display(path));
        }
        for name in &options.text_columns {
            if !headers.iter().any(|header| header.trim_start_matches('\u{feff}').trim() == name) {
                bail!("{}: there is no column {name:?}, which --text-columns names", display(path));
            }
        }
        let width = columns.len();
        columns.sort_by_key(|(_, column)| match column {
            Column::Field(_) => None,
            Column::Property { name, .. } => Some(name.clone()),
        });
        Ok(Self { reader, columns: columns.into(), width })
    }
}

fn column(kind: Kind, name: &str, text: bool, at: usize, path: &Path) -> anyhow::Result<Column> {
    if name.is_empty() || name.len() > limits::NAME_BYTES {
        bail!("{}: column {} has no name, or one of more than {} bytes", display(path), at + 1, limits::NAME_BYTES);
    }
    Ok(match Field::of(kind, name) {
        Some(field) => Column::Field(field),
        None => Column::Property { name: property_of(name).to_owned(), text },
    })
}

impl<R: Read + Send> RowReader for CsvRows<R> {
    fn next_batch(&mut self) -> anyhow::Result<Option<Box<dyn RowBatch>>> {
        let from = self.reader.position().byte();
        let mut records = Vec::with_capacity(BATCH_ROWS);
        while records.len() < BATCH_ROWS && self.reader.position().byte() - from < BATCH_BYTES {
            let mut record = ByteRecord::new();
            if !self.reader.read_byte_record(&mut record)? {
                break;
            }
            records.push(record);
        }
        if records.is_empty() {
            return Ok(None);
        }
        let bytes = self.reader.position().byte() - from;
        Ok(Some(Box::new(CsvBatch { columns: self.columns.clone(), width: self.width, records, bytes })))
    }
}

impl RowBatch for CsvBatch {
    fn len(&self) -> usize {
        self.records.len()
    }

    fn number(&self, row: usize) -> u64 {
        self.records[row].position().map_or(0, csv::Position::line)
    }

    fn bytes(&self) -> u64 {
        self.bytes
    }

    fn row(&self, row: usize) -> Result<Row<'_>, Refusal> {
        let record = &self.records[row];
        if record.len() != self.width {
            let message = format!("it has {} cells, the header line {}", record.len(), self.width);
            return Err(Refusal::new(Reason::Json, message));
        }
        let mut row = Row { properties: Vec::with_capacity(self.width), ..Row::default() };
        for (at, column) in self.columns.iter() {
            let bytes = &record[*at];
            if bytes.is_empty() {
                continue;
            }
            let text = std::str::from_utf8(bytes)
                .map_err(|_| Refusal::new(Reason::Text, format!("cell {} is not UTF-8", at + 1)))?;
            match column {
                Column::Field(field) => *row.cell_mut(*field) = Cell::Text(text.into()),
                Column::Property { name, text: true } => row.properties.push((name.into(), Value::from(text))),
                Column::Property { name, text: false } => row.properties.push((name.into(), typed(text))),
            }
        }
        Ok(row)
    }
}

/// `true` and `false`, numbers as JSON writes them, and text. Whole numbers beyond 2^53 stay text: they are ids, and a
/// number would change them; so do numbers with leading zeros.
fn typed(text: &str) -> Value<'_> {
    match text {
        "true" => return Value::Bool(true),
        "false" => return Value::Bool(false),
        _ => {}
    }
    let digits = text.strip_prefix('-').unwrap_or(text).as_bytes();
    let (Some(first), Some(last)) = (digits.first(), digits.last()) else { return Value::from(text) };
    let leading_zero = *first == b'0' && digits.get(1).is_some_and(u8::is_ascii_digit);
    let number = |b: &u8| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-');
    if !first.is_ascii_digit() || !last.is_ascii_digit() || leading_zero || !digits.iter().all(number) {
        return Value::from(text);
    }
    match text.parse::<f64>() {
        Ok(n) if n.is_finite() && (n.abs() <= 9_007_199_254_740_992.0 || !digits.iter().all(u8::is_ascii_digit)) => {
            Value::Number(n)
        }
        _ => Value::from(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_typed_by_a_simple_rule() {
        for (text, number) in
            [("0", 0.0), ("-1.5", -1.5), ("1e3", 1000.0), ("9007199254740992", 9_007_199_254_740_992.0)]
        {
            assert_eq!(typed(text), Value::Number(number), "{text}");
        }
        for text in
            ["007", "-", "1.", ".5", "+1", "1-2", "inf", "NaN", "12345678901234567890", "1,5", "2026-08-01", "0x1"]
        {
            assert_eq!(typed(text), Value::from(text), "{text}");
        }
        assert_eq!(typed("true"), Value::Bool(true));
    }

    #[test]
    fn rows_are_read_with_their_lines() {
        let text =
            "\u{feff}user_id,time,type,zip,price,note\n7,1763877600000,click,01234,9.5,\"two\nlines\"\n8,1,click\n";
        let options = ReadOptions { kind: Kind::Events, format: None, text_columns: vec!["price".into()] };
        let mut reader = CsvRows::open(text.as_bytes(), &options, Path::new("a.csv")).unwrap();
        let batch = reader.next_batch().unwrap().unwrap();
        let row = batch.row(0).unwrap();
        assert_eq!(row.user_id, Cell::Text("7".into()));
        let names: Vec<_> = row.properties.iter().map(|(name, _)| &**name).collect();
        assert_eq!(names, ["note", "price", "zip"]);
        assert_eq!(row.properties[1].1, Value::from("9.5"));
        assert_eq!(batch.number(1), 4);
        assert_eq!(batch.row(1).unwrap_err().reason, Reason::Json);
        assert!(reader.next_batch().unwrap().is_none());
    }

    #[test]
    fn a_file_without_user_ids_is_refused_at_once() {
        let options = ReadOptions { kind: Kind::Events, format: None, text_columns: vec![] };
        let error = CsvRows::open(&b"a,b\n1,2\n"[..], &options, Path::new("a.csv")).err().unwrap();
        assert!(error.to_string().contains("no column user_id"), "{error}");
    }
}

//! Files of other writers, of every type that can be read.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Decimal128Array, DictionaryArray, Float32Array, Float64Array, Int16Array, Int64Array,
    ListArray, RecordBatch, StringArray, StructArray, TimestampMicrosecondArray, UInt64Array, types::Int32Type,
};
use arrow_schema::{DataType, Field as ArrowField};
use cairn_model::{Batch, BatchWriter, Event, ProjectId, RawMessage, TimeMs, Value};
use parquet::arrow::ArrowWriter;

use super::*;
use crate::rows::{Cell, check};

fn written(columns: Vec<(&str, ArrayRef)>) -> File {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let file = tempfile::tempfile().unwrap();
    let mut writer = ArrowWriter::try_new(file.try_clone().unwrap(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    file
}

fn open(columns: Vec<(&str, ArrayRef)>) -> anyhow::Result<ParquetRows> {
    ParquetRows::open(written(columns), Kind::Events, Path::new("a.parquet"))
}

fn users() -> ArrayRef {
    Arc::new(Int64Array::from(vec![7, 8]))
}

#[test]
fn types_are_mapped_and_null_is_missing() {
    let time = TimestampMicrosecondArray::from(vec![1_763_877_600_000_999, 5]).with_timezone("UTC");
    let price = Decimal128Array::from(vec![Some(1_995), None]).with_precision_and_scale(9, 2).unwrap();
    let browser: DictionaryArray<Int32Type> = vec![Some("Chrome"), Some("Firefox")].into_iter().collect();
    let tags = ListArray::from_iter_primitive::<Int32Type, _, _>([Some(vec![Some(1), None]), None]);
    let inner: ArrayRef = Arc::new(Int16Array::from(vec![3, 4]));
    let cart = StructArray::from(vec![(Arc::new(ArrowField::new("items", DataType::Int16, true)), inner)]);
    let mut rows = open(vec![
        ("zoom", Arc::new(Float32Array::from(vec![1.5, f32::NAN]))),
        ("user_id", users()),
        ("event_id", Arc::new(UInt64Array::from(vec![9, u64::MAX]))),
        ("time", Arc::new(time)),
        ("price", Arc::new(price)),
        ("browser", Arc::new(browser)),
        ("tags", Arc::new(tags)),
        ("cart", Arc::new(cart)),
        ("new", Arc::new(BooleanArray::from(vec![Some(true), None]))),
    ])
    .unwrap();
    let batch = rows.next_batch().unwrap().unwrap();
    let first = batch.row(0).unwrap();
    assert_eq!((&first.user_id, &first.time), (&Cell::Integer(7), &Cell::Integer(1_763_877_600_000)));
    let tags = Value::Array(vec![Value::from(1.0), Value::Null]);
    let expected = [
        ("browser", Value::from("Chrome")),
        ("cart.items", Value::from(3.0)),
        ("new", Value::from(true)),
        ("price", Value::from(19.95)),
        ("tags", tags),
        ("zoom", Value::from(1.5)),
    ];
    assert_eq!(first.properties, expected.map(|(name, value)| (name.into(), value)));
    let second = batch.row(1).unwrap();
    assert_eq!(second.event_id, Cell::Other);
    let names: Vec<_> = second.properties.iter().map(|(name, _)| &**name).collect();
    assert_eq!(names, ["browser", "cart.items"]);
    assert!(rows.next_batch().unwrap().is_none());
}

#[test]
fn texts_borrow_from_the_batch() {
    let path: ArrayRef = Arc::new(StringArray::from(vec!["/a", "/b"]));
    let mut rows = open(vec![("user_id", users()), ("path", path)]).unwrap();
    let batch = rows.next_batch().unwrap().unwrap();
    let row = batch.row(1).unwrap();
    assert!(matches!(&row.properties[0], (name, Value::String(std::borrow::Cow::Borrowed("/b"))) if name == "path"));
    assert_eq!(batch.number(1), 2);
}

#[test]
fn what_cannot_be_read_is_named_at_once() {
    let error = open(vec![("path", Arc::new(StringArray::from(vec!["/a"])) as ArrayRef)]).err().unwrap();
    assert!(error.to_string().contains("no column user_id"), "{error}");
    let times: ArrayRef = Arc::new(arrow_array::Time32MillisecondArray::from(vec![1, 2]));
    let error = open(vec![("user_id", users()), ("at", times)]).err().unwrap();
    assert!(error.to_string().contains("column \"at\""), "{error}");
}

/// By row and by column, the same events are taken, and the same rows are refused.
#[test]
fn columns_are_the_same_events() {
    const NOW: TimeMs = TimeMs(1_763_877_600_000);
    let rows: usize = 20_000;
    let text = |every: usize, of: fn(usize) -> String| {
        let texts = (0..rows).map(|row| (!row.is_multiple_of(every)).then(|| of(row)));
        Arc::new(texts.collect::<StringArray>()) as ArrayRef
    };
    let ids: ArrayRef = Arc::new((0..rows).map(|row| (row % 3 != 0).then_some(row as i64)).collect::<Int64Array>());
    let kinds = text(977, |row| ["click", "custom", "pageview"][row % 3].to_owned());
    let mut parquet = open(vec![
        ("user_id", Arc::new((0..rows as i64).map(|row| row % 50).collect::<Int64Array>())),
        ("event_id", ids),
        ("time", Arc::new((0..rows as i64).map(|row| NOW.0 - row).collect::<Int64Array>())),
        ("type", kinds),
        ("name", text(5, |row| format!("name {}", row % 7))),
        ("path", text(2, |row| format!("/{}{}", row % 300, if row % 17 == 1 { "\0" } else { "" }))),
        ("chain", text(4, |row| ["html>body:2/2/1/1", "html>>a"][usize::from(row % 13 == 1)].to_owned())),
        ("long", text(3, |row| "é".repeat(row % 11 * 600))),
        ("amount", Arc::new((0..rows).map(|row| (row % 9 == 0).then_some(row as f64 / 4.0)).collect::<Float64Array>())),
    ])
    .unwrap();
    let (mut accepted, mut refused, mut columns) = (0, 0, Columns::default());
    while let Some(batch) = parquet.next_batch().unwrap() {
        assert!(batch.has_columns());
        // As a record may end anywhere in a batch, so may a slice, and the columns are begun anew now and then.
        for from in (0..batch.len()).step_by(700) {
            let rows = from..batch.len().min(from + 700);
            if from.is_multiple_of(2_100) {
                columns.clear();
            }
            let before = columns.events().len();
            let left = batch.push_columns(rows.clone(), NOW, &mut columns);
            let taken = events(&columns).split_off(before);
            let expected = |row: usize| batch.row(row).and_then(|row| check::event(row, NOW));
            for row in &left {
                assert!(!expected(*row).unwrap_err().message.is_empty(), "row {row}");
            }
            let rows = rows.filter(|row| !left.contains(row));
            assert!(rows.map(|row| expected(row).unwrap().into_owned()).eq(taken.iter().cloned()), "from {from}");
            (accepted, refused) = (accepted + taken.len(), refused + left.len());
        }
    }
    assert!(accepted > rows / 2 && refused > rows / 20, "{accepted} accepted, {refused} refused");
}

/// The events as a batch of the log gives them back.
fn events(columns: &Columns) -> Vec<Event<'static>> {
    let mut writer = BatchWriter::new(ProjectId::new(1).unwrap());
    writer.push_events(columns.events());
    let payload = writer.finish();
    let batch = Batch::parse(&payload).unwrap();
    let blocks = batch.messages().unwrap().into_iter().flat_map(|message| match message {
        RawMessage::Events(block) => batch.events(&block).unwrap(),
        _ => panic!("no events by column"),
    });
    blocks.map(Event::into_owned).collect()
}

#[test]
fn rows_that_fit_are_few_if_they_are_large() {
    let text: ArrayRef = Arc::new((0..100).map(|row| Some("x".repeat(row * 10))).collect::<StringArray>());
    let ids: ArrayRef = Arc::new((1..=100).collect::<Int64Array>());
    let mut rows = open(vec![("user_id", ids), ("text", text)]).unwrap();
    let batch = rows.next_batch().unwrap().unwrap();
    assert_eq!(batch.fitting(0, 1 << 20), 0..100);
    assert_eq!(batch.fitting(99, 1), 99..100);
    let mut next = 0;
    while next < 100 {
        let fitting = batch.fitting(next, 4_000);
        assert!(fitting.start == next && fitting.len() >= 4, "{fitting:?}");
        next = fitting.end;
    }
}

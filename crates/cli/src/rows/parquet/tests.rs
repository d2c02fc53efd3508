//! Files of other writers, of every type that can be read.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Decimal128Array, DictionaryArray, Float32Array, Int16Array, Int64Array, ListArray,
    RecordBatch, StringArray, StructArray, TimestampMicrosecondArray, UInt64Array, types::Int32Type,
};
use arrow_schema::{DataType, Field as ArrowField};
use cairn_model::Value;
use parquet::arrow::ArrowWriter;

use super::*;
use crate::rows::Cell;

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

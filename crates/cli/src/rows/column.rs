//! Columns of Parquet as slices: per batch the few types that exist are reduced to fewer, cell by cell nothing is copied.

use std::{borrow::Cow, ops::Range, sync::Arc};

use anyhow::bail;
use arrow_array::{
    Array, ArrayRef, ArrowPrimitiveType, BinaryArray, BooleanArray, Float64Array, Int32Array, Int64Array, ListArray,
    StringArray, UInt64Array,
    cast::AsArray,
    types::{
        Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type, Float16Type, Float32Type, Float64Type,
        Int8Type, Int16Type, Int32Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType,
        TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
    },
};
use arrow_schema::{DataType, TimeUnit};
use cairn_model::{Reason, Refusal, Value};

use super::{cell::Cell, columns::Dictionary, jsonl::value_of};

const DAY_MS: i64 = 86_400_000;

/// A column of a batch.
pub(super) enum Column {
    Bool(BooleanArray),
    Integer(Int64Array),
    Unsigned(UInt64Array),
    Number(Float64Array),
    Text(StringArray),
    /// Texts by their places in a dictionary.
    Shared(Int32Array, Arc<Dictionary>),
    /// Old writers do not say that bytes are text.
    Bytes(BinaryArray),
    List(ListArray, Box<Column>),
    /// Values of any type as JSON, in files that Cairn wrote.
    Json(StringArray),
}

/// Whether a column of this type can be read.
pub(super) fn is_readable(data_type: &DataType) -> bool {
    match data_type {
        DataType::List(item) => !matches!(item.data_type(), DataType::List(_)) && is_readable(item.data_type()),
        DataType::Timestamp(..) | DataType::Decimal128(..) | DataType::Decimal32(..) | DataType::Decimal64(..) => true,
        other => {
            other.is_integer()
                || other.is_floating()
                || matches!(
                    other,
                    DataType::Boolean | DataType::Utf8 | DataType::Binary | DataType::Date32 | DataType::Date64
                )
        }
    }
}

fn integers<T: ArrowPrimitiveType>(array: &ArrayRef, map: impl Fn(T::Native) -> i64) -> Column {
    Column::Integer(array.as_primitive::<T>().unary(map))
}

fn numbers<T: ArrowPrimitiveType>(array: &ArrayRef, map: impl Fn(T::Native) -> f64) -> Column {
    Column::Number(array.as_primitive::<T>().unary(map))
}

impl Column {
    /// The column of an array; `json` where its text is JSON.
    pub(super) fn new(array: &ArrayRef, json: bool) -> anyhow::Result<Self> {
        Ok(match array.data_type() {
            DataType::Boolean => Column::Bool(array.as_boolean().clone()),
            DataType::Int8 => integers::<Int8Type>(array, i64::from),
            DataType::Int16 => integers::<Int16Type>(array, i64::from),
            DataType::Int32 => integers::<Int32Type>(array, i64::from),
            DataType::Int64 => Column::Integer(array.as_primitive::<Int64Type>().clone()),
            DataType::UInt8 => integers::<UInt8Type>(array, i64::from),
            DataType::UInt16 => integers::<UInt16Type>(array, i64::from),
            DataType::UInt32 => integers::<UInt32Type>(array, i64::from),
            DataType::UInt64 => Column::Unsigned(array.as_primitive::<UInt64Type>().clone()),
            DataType::Float16 => numbers::<Float16Type>(array, f64::from),
            DataType::Float32 => numbers::<Float32Type>(array, f64::from),
            DataType::Float64 => Column::Number(array.as_primitive::<Float64Type>().clone()),
            DataType::Decimal32(_, scale) => numbers::<Decimal32Type>(array, |n| decimal(i128::from(n), *scale)),
            DataType::Decimal64(_, scale) => numbers::<Decimal64Type>(array, |n| decimal(i128::from(n), *scale)),
            DataType::Decimal128(_, scale) => numbers::<Decimal128Type>(array, |n| decimal(n, *scale)),
            DataType::Date32 => integers::<Date32Type>(array, |days| i64::from(days) * DAY_MS),
            DataType::Date64 => integers::<Date64Type>(array, |ms| ms),
            DataType::Timestamp(unit, _) => Self::instants(array, *unit),
            DataType::Utf8 if json => Column::Json(array.as_string().clone()),
            DataType::Utf8 => Column::Text(array.as_string().clone()),
            DataType::Binary => Column::Bytes(array.as_binary().clone()),
            DataType::List(_) => {
                let list: &ListArray = array.as_list();
                Column::List(list.clone(), Box::new(Self::new(list.values(), false)?))
            }
            other => bail!("columns of the type {other} cannot be read"),
        })
    }

    /// The dictionary of texts that the rows refer to, if the array is one of those.
    pub(super) fn dictionary(array: &ArrayRef) -> Option<(&Int32Array, &StringArray)> {
        let array = array.as_dictionary_opt::<Int32Type>()?;
        Some((array.keys(), array.values().as_string_opt()?))
    }

    /// How many bytes of text the rows have, about, but for those of small dictionaries; at least one for each row.
    pub(super) fn bytes(&self, rows: &Range<usize>) -> usize {
        let of = |offsets: &[i32]| (offsets[rows.end] - offsets[rows.start]) as usize;
        rows.len()
            + match self {
                Column::Text(array) | Column::Json(array) => of(array.value_offsets()),
                Column::Bytes(array) => of(array.value_offsets()),
                Column::Shared(keys, dictionary) if dictionary.is_large() => {
                    let valued = rows.clone().filter(|row| keys.is_valid(*row));
                    valued.map(|row| dictionary.text(keys.value(row) as usize).len()).sum()
                }
                Column::List(array, items) => {
                    let offsets = array.value_offsets();
                    items.bytes(&(offsets[rows.start] as usize..offsets[rows.end] as usize))
                }
                _ => 0,
            }
    }

    /// Milliseconds since 1970.
    fn instants(array: &ArrayRef, unit: TimeUnit) -> Self {
        match unit {
            TimeUnit::Second => integers::<TimestampSecondType>(array, |n| n.saturating_mul(1_000)),
            TimeUnit::Millisecond => integers::<TimestampMillisecondType>(array, |n| n),
            TimeUnit::Microsecond => integers::<TimestampMicrosecondType>(array, |n| n.div_euclid(1_000)),
            TimeUnit::Nanosecond => integers::<TimestampNanosecondType>(array, |n| n.div_euclid(1_000_000)),
        }
    }

    fn is_null(&self, row: usize) -> bool {
        match self {
            Column::Bool(array) => array.is_null(row),
            Column::Integer(array) => array.is_null(row),
            Column::Unsigned(array) => array.is_null(row),
            Column::Number(array) => array.is_null(row),
            Column::Text(array) | Column::Json(array) => array.is_null(row),
            Column::Shared(keys, _) => keys.is_null(row),
            Column::Bytes(array) => array.is_null(row),
            Column::List(array, _) => array.is_null(row),
        }
    }

    /// A field's cell.
    pub(super) fn cell(&self, row: usize) -> Result<Cell<'_>, Refusal> {
        Ok(match self.value(row)? {
            None => Cell::Missing,
            Some(Value::String(text)) => Cell::Text(text),
            Some(Value::Number(n)) => match self {
                Column::Integer(array) => Cell::Integer(array.value(row)),
                Column::Unsigned(array) => i64::try_from(array.value(row)).map_or(Cell::Other, Cell::Integer),
                _ => Cell::Number(n),
            },
            Some(_) => Cell::Other,
        })
    }

    /// A property's value. What is not a finite number is missing.
    #[inline]
    pub(super) fn value(&self, row: usize) -> Result<Option<Value<'_>>, Refusal> {
        if self.is_null(row) {
            return Ok(None);
        }
        Ok(Some(match self {
            Column::Bool(array) => Value::Bool(array.value(row)),
            Column::Integer(array) => Value::Number(array.value(row) as f64),
            Column::Unsigned(array) => Value::Number(array.value(row) as f64),
            Column::Number(array) if array.value(row).is_finite() => Value::Number(array.value(row)),
            Column::Number(_) => return Ok(None),
            Column::Text(array) => Value::String(Cow::Borrowed(array.value(row))),
            Column::Shared(keys, dictionary) => Value::String(dictionary.text(keys.value(row) as usize).into()),
            Column::Bytes(array) => match std::str::from_utf8(array.value(row)) {
                Ok(text) => Value::String(Cow::Borrowed(text)),
                Err(_) => return Err(Refusal::new(Reason::Text, "a text is not UTF-8")),
            },
            Column::List(array, items) => {
                let offsets = array.value_offsets();
                let range = offsets[row] as usize..offsets[row + 1] as usize;
                let items = range.map(|at| Ok(items.value(at)?.unwrap_or(Value::Null)));
                Value::Array(items.collect::<Result<_, Refusal>>()?)
            }
            Column::Json(array) => value_of(array.value(row))
                .ok_or_else(|| Refusal::new(Reason::Json, "a column that should hold JSON does not"))?,
        }))
    }
}

fn decimal(n: i128, scale: i8) -> f64 {
    // Through text, so that 0.1 is the nearest f64 to 0.1; decimals are rare enough.
    format!("{n}e{}", -i32::from(scale)).parse().unwrap_or(f64::NAN)
}

/// Fields of structs, under dotted names.
pub(super) fn flatten(name: &str, array: &ArrayRef, out: &mut Vec<(String, ArrayRef)>) {
    let Some(fields) = array.as_struct_opt() else { return out.push((name.to_owned(), Arc::clone(array))) };
    for (field, column) in fields.fields().iter().zip(fields.columns()) {
        flatten(&format!("{name}.{}", field.name()), column, out);
    }
}

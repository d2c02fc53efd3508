//! The canonical encoding of a value: a tag, then its payload. Equal values, equal bytes.

use std::borrow::Cow;

use super::{CodecError, Reader, put_bytes};
use crate::Value;

const NULL: u8 = 0;
const FALSE: u8 = 1;
const TRUE: u8 = 2;
const NUMBER: u8 = 3;
const STRING: u8 = 4;
const ARRAY: u8 = 5;

/// Appends the encoding of `value`.
pub fn encode_value(value: &Value<'_>, out: &mut Vec<u8>) {
    match value {
        Value::Null => out.push(NULL),
        Value::Bool(false) => out.push(FALSE),
        Value::Bool(true) => out.push(TRUE),
        Value::Number(n) => {
            out.push(NUMBER);
            // -0 becomes 0: equal values, equal bytes.
            out.extend_from_slice(&(n + 0.0).to_le_bytes());
        }
        Value::String(text) => {
            out.push(STRING);
            out.extend_from_slice(text.as_bytes());
        }
        Value::Array(items) => {
            out.push(ARRAY);
            let mut item_bytes = Vec::new();
            for item in items {
                item_bytes.clear();
                encode_value(item, &mut item_bytes);
                put_bytes(out, &item_bytes);
            }
        }
    }
}

/// Reads what [`encode_value`] wrote; strings are borrowed.
pub fn decode_value(bytes: &[u8]) -> Result<Value<'_>, CodecError> {
    let (tag, payload) = bytes.split_first().ok_or(CodecError("a value is empty"))?;
    Ok(match *tag {
        NULL => Value::Null,
        FALSE => Value::Bool(false),
        TRUE => Value::Bool(true),
        NUMBER => {
            let bits = payload.try_into().map_err(|_| CodecError("a number is not 8 bytes long"))?;
            Value::Number(f64::from_le_bytes(bits))
        }
        STRING => {
            let text = std::str::from_utf8(payload).map_err(|_| CodecError("text is not UTF-8"))?;
            Value::String(Cow::Borrowed(text))
        }
        ARRAY => {
            let mut reader = Reader::new(payload);
            let mut items = Vec::new();
            while !reader.is_empty() {
                let item = reader.bytes()?;
                if item.first() == Some(&ARRAY) {
                    return Err(CodecError("an array holds an array"));
                }
                items.push(decode_value(item)?);
            }
            Value::Array(items)
        }
        _ => return Err(CodecError("a value has an unknown type")),
    })
}

//! Values as the database writes them, and back. Numbers go by the standard library, which reads back each one exactly.

use std::borrow::Cow;

pub(crate) use cairn_analysis::json_value as value;
use cairn_model::{Properties, Value};
use serde_json::value::RawValue;

/// The properties that a `jsonb` object was written as.
pub(crate) fn properties(text: &str) -> Properties<'static> {
    let members: std::collections::BTreeMap<String, &RawValue> = serde_json::from_str(text).unwrap_or_default();
    Properties::from_pairs(members.into_iter().map(|(name, raw)| (Cow::Owned(name), value(raw.get()))).collect())
}

/// A value as text for a `jsonb`.
pub(crate) fn text(value: &Value<'_>) -> String {
    // Numbers are finite: nothing here can fail.
    serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned())
}

/// Whether the database can hold a value: no text of it has a NUL.
pub(crate) fn can_hold(value: &Value<'_>) -> bool {
    match value {
        Value::String(text) => !text.contains('\0'),
        Value::Array(items) => items.iter().all(can_hold),
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_back() {
        let items = vec![Value::Null, Value::from("a\"\u{1f600}"), Value::Number(0.1 + 0.2), Value::Bool(true)];
        for of in [Value::Number(5e-324), Value::Number(f64::MAX), Value::from(""), Value::Array(items)] {
            assert_eq!(value(&text(&of)), of);
        }
    }

    #[test]
    fn a_nul_cannot_be_held_however_deep() {
        assert!(!can_hold(&Value::Array(vec![Value::from("ab"), Value::from("a\0b")])));
        assert!(can_hold(&Value::from("ab")));
    }
}

//! The numbers that values are, by code: kept, and extended as values come.

use std::sync::Arc;

use cairn_model::{Value, decode_value};
use rayon::prelude::*;

use super::OwnValues;
use crate::{kept::Kept, part::Part, symbols::Interner};

/// By code the number that a value is, NaN where it is none; code 0 is a missing value. Negative zero is zero.
pub(crate) type NumberTable = Arc<Vec<f64>>;

/// Fewer values than this are not worth a second thread.
const PARALLEL_MIN: usize = 4_096;

/// What is known of a project's dictionaries, and of parts' own values.
#[derive(Debug, Default)]
pub(crate) struct Numbers(Kept<NumberTable>);

impl Numbers {
    /// Of the values of a property's dictionary, if it has one.
    pub(crate) fn of_dictionary(&self, property: &str, values: Option<&Interner>) -> NumberTable {
        let codes = values.map_or(0, Interner::len) + 1;
        let known = self.0.get(property);
        if let Some(known) = known.as_ref().filter(|known| known.len() == codes) {
            return known.clone();
        }
        let mut table = known.map_or_else(|| vec![f64::NAN], |known| Vec::clone(&known));
        let value = |code: u32| values.and_then(|values| values.get(code));
        table.extend(table_of(table.len() as u32..codes as u32, value));
        self.keep(property, table)
    }

    /// Of the values that a part has itself in a property's column.
    pub(crate) fn of_part(&self, part: &Part, property: &str, values: &OwnValues<'_>) -> NumberTable {
        let key = format!("{}\0{property}", part.file());
        self.0.get(&key).unwrap_or_else(|| self.keep(&key, of_values(values)))
    }

    fn keep(&self, key: &str, table: Vec<f64>) -> NumberTable {
        let table = Arc::new(table);
        self.0.put(key, table.clone(), 8 * table.len());
        table
    }
}

/// Of values that are a source's own.
pub(crate) fn of_values(values: &OwnValues<'_>) -> Vec<f64> {
    let mut table = vec![f64::NAN];
    table.extend(table_of(1..values.count() as u32 + 1, |code| values.get(code)));
    table
}

fn table_of<'v>(codes: std::ops::Range<u32>, value: impl Fn(u32) -> Option<&'v [u8]> + Sync) -> Vec<f64> {
    let number = |code: u32| match value(code).map(decode_value) {
        Some(Ok(Value::Number(number))) => number + 0.0,
        _ => f64::NAN,
    };
    if codes.len() < PARALLEL_MIN {
        return codes.map(number).collect();
    }
    codes.into_par_iter().with_min_len(1_024).map(number).collect()
}

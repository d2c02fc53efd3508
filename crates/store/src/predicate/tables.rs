//! What a property's values are for kernels, by code: kept, and extended as values come.

use std::{hash::BuildHasher, sync::Arc};

use cairn_model::{Value, decode_value};
use foldhash::fast::FixedState;
use rayon::prelude::*;

use super::OwnValues;
use crate::{kept::Kept, part::Part, symbols::Interner};

/// Fewer values than this are not worth a second thread.
const PARALLEL_MIN: usize = 4_096;

/// What a value is for kernels.
pub(crate) trait OfValue: Copy + Send + Sync {
    /// That of a missing value.
    const MISSING: Self;
    /// How much of it is kept for the next question, in bytes.
    const KEPT_BYTES: usize;

    /// That of an encoded value.
    fn of(value: &[u8]) -> Self;
}

/// The number that a value is, NaN where it is none. Negative zero is zero.
impl OfValue for f64 {
    const MISSING: Self = f64::NAN;
    const KEPT_BYTES: usize = 64 << 20;

    fn of(value: &[u8]) -> Self {
        match decode_value(value) {
            Ok(Value::Number(number)) => number + 0.0,
            _ => f64::NAN,
        }
    }
}

/// A hash of a value, never 0: it tells the values apart that one user has.
impl OfValue for u64 {
    const MISSING: Self = 0;
    const KEPT_BYTES: usize = 256 << 20;

    fn of(value: &[u8]) -> Self {
        FixedState::default().hash_one(value).max(1)
    }
}

/// By code; code 0 is a missing value.
pub(crate) type Table<T> = Arc<Vec<T>>;

/// What is known of a project's dictionaries, and of parts' own values.
#[derive(Debug)]
pub(crate) struct Tables<T>(Kept<Table<T>>);

impl<T: OfValue> Default for Tables<T> {
    fn default() -> Self {
        Self(Kept::new(T::KEPT_BYTES))
    }
}

impl<T: OfValue> Tables<T> {
    /// Of the values of a property's dictionary, if it has one.
    pub(crate) fn of_dictionary(&self, property: &str, values: Option<&Interner>) -> Table<T> {
        let codes = values.map_or(0, Interner::len) + 1;
        let known = self.0.get(property);
        // A later instant has more values, which none of this one's rows has.
        if let Some(known) = known.as_ref().filter(|known| known.len() >= codes) {
            return known.clone();
        }
        let mut table = known.map_or_else(|| vec![T::MISSING], |known| Vec::clone(&known));
        let value = |code: u32| values.and_then(|values| values.get(code));
        table.extend(table_of::<T>(table.len() as u32..codes as u32, value));
        self.keep(property, table)
    }

    /// Of the values that a part has itself in a property's column.
    pub(crate) fn of_part(&self, part: &Part, property: &str, values: &OwnValues<'_>) -> Table<T> {
        let key = format!("{}\0{property}", part.file());
        self.0.get(&key).unwrap_or_else(|| self.keep(&key, of_values(values)))
    }

    fn keep(&self, key: &str, table: Vec<T>) -> Table<T> {
        let table = Arc::new(table);
        self.0.put(key, table.clone(), size_of::<T>() * table.len());
        table
    }
}

/// Of values that are a source's own.
pub(crate) fn of_values<T: OfValue>(values: &OwnValues<'_>) -> Vec<T> {
    let mut table = vec![T::MISSING];
    table.extend(table_of::<T>(1..values.count() as u32 + 1, |code| values.get(code)));
    table
}

fn table_of<'v, T: OfValue>(codes: std::ops::Range<u32>, value: impl Fn(u32) -> Option<&'v [u8]> + Sync) -> Vec<T> {
    let of_code = |code: u32| value(code).map_or(T::MISSING, T::of);
    if codes.len() < PARALLEL_MIN {
        return codes.map(of_code).collect();
    }
    codes.into_par_iter().with_min_len(1_024).map(of_code).collect()
}

//! `sum(int[])`: arrays added up, place by place.
#![allow(unsafe_code, reason = "an aggregate's state is changed in place")]

use pgrx::{PgSqlErrorCode, pg_extern, pg_sys};

use crate::arrays::{Array, Elements, array};
use crate::error::fail;

/// The aggregate's step: `ints` added to `state`. NULL is no array.
#[pg_extern]
fn sum_add<'a>(
    state: Option<Elements<'a, i64>>,
    ints: Option<Elements<'a, i32>>,
    call: pg_sys::FunctionCallInfo,
) -> Option<Array<'a, i64>> {
    // SAFETY: `call` is this one, and the state its first argument.
    let state = state.map(|state| unsafe { state.into_state(call) });
    match ints {
        Some(ints) => Some(add(state, &ints.values())),
        None => state,
    }
}

/// Two states made one.
#[pg_extern]
fn sum_combine<'a>(
    state: Elements<'a, i64>,
    other: Elements<'a, i64>,
    call: pg_sys::FunctionCallInfo,
) -> Array<'a, i64> {
    // SAFETY: `call` is this one, and the state its first argument.
    let state = unsafe { state.into_state(call) };
    add(Some(state), &other.values())
}

/// `sums` and `values`, place by place; of the longer one the rest stands.
fn add<'a, T: Copy + Into<i64>>(sums: Option<Array<'a, i64>>, values: &[T]) -> Array<'a, i64> {
    let mut sums = match sums {
        Some(sums) if sums.nelems() >= values.len() => sums,
        sums => {
            let mut longer = vec![0; values.len()];
            if let Some(known) = sums.as_ref().and_then(|sums| sums.as_non_null_slice()) {
                longer[..known.len()].copy_from_slice(known);
            }
            array(&longer)
        }
    };
    // Without NULL: `into_state` and `array` make it so.
    for (place, (sum, &value)) in sums.as_non_null_slice_mut().into_iter().flatten().zip(values).enumerate() {
        let Some(more) = sum.checked_add(value.into()) else {
            let message = format!("sum(int[]): element {} is out of range for bigint", place + 1);
            fail(PgSqlErrorCode::ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE, message);
        };
        *sum = more;
    }
    sums
}

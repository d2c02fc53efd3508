//! `funnel_events(int[], int)`: how far one user gets.

use pgrx::{PgSqlErrorCode, pg_extern};

use crate::arrays::{Array, Elements, array};
use crate::error::fail;

/// The most steps that can be asked for. The result has as many elements.
const STEPS_MAX: i32 = 1_024;

/// Position `i` of the `steps` is 1 if `1..=i` occur in `events` as a subsequence, else 0.
#[pg_extern]
fn funnel_events<'a>(events: Elements<'a, i32>, steps: i32) -> Array<'a, i32> {
    if !(1..=STEPS_MAX).contains(&steps) {
        let message = format!("funnel_events takes 1 to {STEPS_MAX} steps, not {steps}");
        fail(PgSqlErrorCode::ERRCODE_INVALID_PARAMETER_VALUE, message);
    }
    array(&cairn_analysis::funnel_events(&events.values(), steps as usize))
}

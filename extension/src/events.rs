//! `events_v1` and `event_v1`: what is asked of a person's events, gathered as bytes.
//!
//! The state is what comes out: how many bytes are events, in 4 bytes, those, and room for more. It is changed in place and grows by
//! doubling. So a person costs no more than the events do, a state may be spilled or sent as it is, and joining two is copying.
#![allow(unsafe_code, reason = "an aggregate's state is changed in place")]

use std::cell::RefCell;

use cairn_analysis::Gathered;
use pgrx::{Array, PgSqlErrorCode, pg_extern, pg_sys};

use crate::bytes::{self, Raw};
use crate::error::fail;

/// What says how many bytes are events.
const USED_BYTES: usize = 4;
/// A new state has room for a few events.
const ROOM_MIN: usize = 252;

thread_local! {
    static SCRATCH: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// The aggregate's step.
#[pg_extern]
#[allow(clippy::too_many_arguments, reason = "what SQL has of an event")]
fn events_v1_add<'a>(
    state: Option<Raw>,
    time: Option<i64>,
    event_id: Option<i64>,
    original_user_id: Option<i64>,
    matches: Option<i64>,
    keys: Option<Array<'a, &'a [u8]>>,
    number: Option<f64>,
    session: Option<&str>,
    holds: Option<Array<'a, &'a [u8]>>,
    call: pg_sys::FunctionCallInfo,
) -> Option<Raw> {
    let (Some(time), Some(event_id), Some(original_user_id), Some(matches)) =
        (time, event_id, original_user_id, matches)
    else {
        return state;
    };
    let event = Gathered { time, event_id, original_user_id, matches: bits(matches), number, session };
    Some(with_event(&event, (keys, holds), |event| {
        // SAFETY: `call` is this one, and the state its first argument.
        unsafe { append(state, event, call) }
    }))
}

/// One event, as if it were all that a person has: where it does not matter whose events they are.
#[pg_extern]
#[allow(clippy::too_many_arguments, reason = "what SQL has of an event")]
fn event_v1<'a>(
    time: Option<i64>,
    event_id: Option<i64>,
    original_user_id: Option<i64>,
    matches: Option<i64>,
    keys: Option<Array<'a, &'a [u8]>>,
    number: Option<f64>,
    session: Option<&str>,
    holds: Option<Array<'a, &'a [u8]>>,
) -> Option<Raw> {
    let (time, event_id, original_user_id, matches) = (time?, event_id?, original_user_id?, matches?);
    let event = Gathered { time, event_id, original_user_id, matches: bits(matches), number, session };
    Some(with_event(&event, (keys, holds), |event| {
        let (raw, place) = bytes::zeroed(USED_BYTES + event.len());
        place[..USED_BYTES].copy_from_slice(&(event.len() as u32).to_le_bytes());
        place[USED_BYTES..].copy_from_slice(event);
        raw
    }))
}

/// Two states made one.
#[pg_extern]
fn events_v1_combine(state: Raw, other: Raw, call: pg_sys::FunctionCallInfo) -> Raw {
    // SAFETY: `call` is this one, and the state its first argument.
    unsafe { append(Some(state), events(other.bytes()), call) }
}

/// The events of a state, or of what came out.
pub(crate) fn events(state: &[u8]) -> &[u8] {
    let parts = state.split_first_chunk::<USED_BYTES>();
    match parts.and_then(|(used, rest)| rest.get(..u32::from_le_bytes(*used) as usize)) {
        Some(events) => events,
        None => fail(PgSqlErrorCode::ERRCODE_INVALID_PARAMETER_VALUE, "these bytes are no events".to_owned()),
    }
}

fn bits(matches: i64) -> u32 {
    match u32::try_from(matches) {
        Ok(bits) => bits,
        Err(_) => fail(
            PgSqlErrorCode::ERRCODE_INVALID_PARAMETER_VALUE,
            format!("what an event matches is 32 bits, not {matches}"),
        ),
    }
}

type Texts<'a> = Option<Array<'a, &'a [u8]>>;

fn with_event<'a, T>(event: &Gathered<'_>, (keys, holds): (Texts<'a>, Texts<'a>), see: impl FnOnce(&[u8]) -> T) -> T {
    SCRATCH.with_borrow_mut(|scratch| {
        scratch.clear();
        event.put(keys.iter().flat_map(Array::iter), holds.iter().flat_map(Array::iter), scratch);
        see(scratch)
    })
}

/// The state with more events: in place if there is room.
///
/// # Safety
/// `call` is the current one, and `state` its first argument.
unsafe fn append(state: Option<Raw>, more: &[u8], call: pg_sys::FunctionCallInfo) -> Raw {
    // SAFETY: the caller's; what is borrowed ends with each use.
    if let Some(state) = state
        && let Some(place) = unsafe { state.state_bytes(call) }
    {
        let used = events(place).len();
        if let Some(room) = place.get_mut(USED_BYTES + used..USED_BYTES + used + more.len()) {
            room.copy_from_slice(more);
            place[..USED_BYTES].copy_from_slice(&((used + more.len()) as u32).to_le_bytes());
            return state;
        }
    }
    let before = state.map_or(&[][..], |state| events(state.bytes()));
    let used = before.len() + more.len();
    // It is copied to where it stays, and what it grew out of is freed, by whoever called.
    let (raw, place) = bytes::zeroed(USED_BYTES + used.max(2 * before.len()).max(ROOM_MIN));
    place[..USED_BYTES].copy_from_slice(&(used as u32).to_le_bytes());
    let (first, rest) = place[USED_BYTES..].split_at_mut(before.len());
    first.copy_from_slice(before);
    rest[..more.len()].copy_from_slice(more);
    raw
}

//! `analyse_v1`: the kernels of Cairn's analyses over persons' events.
//!
//! The state is a `bytea`: the question and a kernel's partial, which the server decodes and finishes. To decode and encode it for
//! each person would take time by the square of what is found. So while an aggregate goes on it is an expanded object (see
//! [`crate::live`]), as those of arrays in PL/pgSQL are: a pointer, of PostgreSQL's own kind, to a worker in this process,
//! which PostgreSQL flattens into bytes wherever a value leaves it: in the rows of a parallel worker, in the text
//! or binary form of a result. Hence no final function, and no `internal` state with functions that serialise it, which Citus does not
//! take: its `worker_partial_agg` calls the step, then the type's output function, and its coordinator the input function, then
//! the combine function. For each of these a `bytea` is enough.
#![allow(unsafe_code, reason = "the arguments of a call are pointers")]

use std::fmt::Display;

use cairn_analysis::Worker;
use pgrx::{PgSqlErrorCode, pg_extern, pg_sys};

use crate::bytes::{self, Raw, aggregate_memory};
use crate::error::fail;
use crate::events::events;
use crate::live;

/// The aggregate's step: a person.
#[pg_extern]
fn analyse_v1_add(
    state: Option<Raw>,
    spec: Option<Raw>,
    person: Option<Raw>,
    call: pg_sys::FunctionCallInfo,
) -> Option<Raw> {
    let Some(spec) = spec.map(Raw::bytes) else {
        fail(PgSqlErrorCode::ERRCODE_NULL_VALUE_NOT_ALLOWED, "a question is needed, not NULL".to_owned())
    };
    let Some(person) = person else { return state };
    let new = || match std::str::from_utf8(spec) {
        Ok(spec) => sound(Worker::new(spec)),
        Err(error) => refuse(&error),
    };
    // SAFETY: `call` is this one, and the state its first argument.
    Some(unsafe {
        change(state, call, new, |worker| {
            if worker.spec().as_bytes() != spec {
                refuse(&"the question must be the same in all rows");
            }
            sound(worker.push(events(person.bytes())));
        })
    })
}

/// Two states made one, of different persons.
#[pg_extern]
fn analyse_v1_combine(state: Raw, other: Raw, call: pg_sys::FunctionCallInfo) -> Raw {
    let other = other.bytes();
    // SAFETY: `call` is this one, and the state its first argument.
    unsafe { change(Some(state), call, || sound(Worker::of_state(other)), |worker| sound(worker.merge(other))) }
}

/// Shows the state's worker, or a new one, to `change`; gives the state that there is then.
///
/// # Safety
/// `call` is the current one, and `state` its first argument.
unsafe fn change(
    state: Option<Raw>,
    call: pg_sys::FunctionCallInfo,
    new: impl FnOnce() -> Worker,
    change: impl FnOnce(&mut Worker),
) -> Raw {
    // SAFETY: the caller's.
    let memory = unsafe { aggregate_memory(call) };
    if memory.is_some()
        && let Some(state) = state
        // SAFETY: a state of an aggregate is that aggregate's.
        && let Some(worker) = unsafe { live::worker(state) }
    {
        change(worker);
        return state;
    }
    let mut worker = match state {
        Some(state) => sound(Worker::of_state(state.bytes())),
        None => new(),
    };
    change(&mut worker);
    match memory {
        // SAFETY: the memory is that of the aggregate.
        Some(memory) => unsafe { live::new(worker, memory) },
        // Called by hand: nobody would free more than bytes.
        None => bytes::new(&worker.state()),
    }
}

fn sound<T, E: Display>(result: Result<T, E>) -> T {
    result.unwrap_or_else(|error| refuse(&error))
}

fn refuse(why: &dyn Display) -> ! {
    fail(PgSqlErrorCode::ERRCODE_INVALID_PARAMETER_VALUE, why.to_string())
}

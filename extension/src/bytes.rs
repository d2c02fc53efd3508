//! `bytea` as it lies in memory: read, made, and, as the state of an aggregate, changed in place.
#![allow(unsafe_code, reason = "PostgreSQL hands out pointers")]

use std::slice;

use pgrx::callconv::{Arg, ArgAbi, BoxRet, FcInfo};
use pgrx::{FromDatum, PgSqlErrorCode, pg_sys, set_varsize_4b, varlena};

use crate::error::fail;

/// What stands before the bytes: their length.
const HEADER_BYTES: usize = pg_sys::VARHDRSZ;
/// What PostgreSQL allocates at once, and what a length can say.
const BYTES_MAX: usize = 0x3fff_ffff;

/// A `bytea` or a `text`, detoasted only once that is asked for.
#[derive(Clone, Copy)]
pub(crate) struct Raw(*mut pg_sys::varlena);

impl FromDatum for Raw {
    unsafe fn from_polymorphic_datum(datum: pg_sys::Datum, is_null: bool, _: pg_sys::Oid) -> Option<Self> {
        (!is_null).then(|| Self(datum.cast_mut_ptr()))
    }
}

// SAFETY: unboxes by `FromDatum`, which only keeps the pointer.
unsafe impl<'fcx> ArgAbi<'fcx> for Raw {
    unsafe fn unbox_arg_unchecked(arg: Arg<'_, 'fcx>) -> Self {
        // SAFETY: the caller's.
        match unsafe { arg.unbox_arg_using_from_datum() } {
            Some(raw) => raw,
            None => fail(PgSqlErrorCode::ERRCODE_NULL_VALUE_NOT_ALLOWED, "bytes are needed, not NULL".to_owned()),
        }
    }
}

// SAFETY: what is returned is a pointer to a `bytea` in PostgreSQL's memory.
unsafe impl BoxRet for Raw {
    unsafe fn box_into<'fcx>(self, fcinfo: &mut FcInfo<'fcx>) -> pgrx::datum::Datum<'fcx> {
        // SAFETY: as above.
        unsafe { fcinfo.return_raw_datum(pg_sys::Datum::from(self.0)) }
    }
}

impl Raw {
    /// Of a pointer to a `bytea` that lives as long as the call.
    pub(crate) fn of(pointer: *mut pg_sys::varlena) -> Self {
        Self(pointer)
    }

    pub(crate) fn pointer(self) -> *mut pg_sys::varlena {
        self.0
    }

    /// Its bytes: flattened, decompressed and fetched where that is needed, into the call's memory.
    pub(crate) fn bytes<'a>(self) -> &'a [u8] {
        // SAFETY: the argument is a varlena, since SQL declares it as one. It lives as long as the call, and so does a copy.
        unsafe {
            let flat = pg_sys::pg_detoast_datum_packed(self.0);
            slice::from_raw_parts(varlena::vardata_any(flat).cast(), varlena::varsize_any_exhdr(flat))
        }
    }

    /// The bytes in place, if they may be changed: the state of the aggregate of which `call` is a step, in one piece.
    ///
    /// # Safety
    /// `call` is the current one, and this its first argument. No other reference to the bytes is in use.
    pub(crate) unsafe fn state_bytes<'a>(self, call: pg_sys::FunctionCallInfo) -> Option<&'a mut [u8]> {
        // SAFETY: the caller says that `call` is valid; the argument is a varlena. One with a whole header, neither compressed
        // nor elsewhere, has its bytes behind it.
        unsafe {
            let own = aggregate_memory(call).is_some() && varlena::varatt_is_4b_u(self.0);
            own.then(|| {
                let len = varlena::varsize_4b(self.0).saturating_sub(HEADER_BYTES);
                slice::from_raw_parts_mut(self.0.cast::<u8>().add(HEADER_BYTES), len)
            })
        }
    }
}

/// The memory of the aggregate of which `call` is a step; `None` in any other call.
///
/// # Safety
/// `call` is the current one.
pub(crate) unsafe fn aggregate_memory(call: pg_sys::FunctionCallInfo) -> Option<pg_sys::MemoryContext> {
    let mut memory = std::ptr::null_mut();
    // SAFETY: the caller says that `call` is valid.
    let kind = unsafe { pg_sys::AggCheckCallContext(call, &mut memory) };
    (kind != 0).then_some(memory)
}

/// Whether a `bytea` of so many bytes can be, with its header: how long it is. Else the query ends.
pub(crate) fn whole_len(len: usize) -> usize {
    match len.checked_add(HEADER_BYTES).filter(|whole| *whole <= BYTES_MAX) {
        Some(whole) => whole,
        None => fail(
            PgSqlErrorCode::ERRCODE_PROGRAM_LIMIT_EXCEEDED,
            format!("{len} bytes are more than a value can have: ask about a shorter range or fewer groups"),
        ),
    }
}

/// A new `bytea` of so many bytes, all 0, in the call's memory, and those.
pub(crate) fn zeroed<'a>(len: usize) -> (Raw, &'a mut [u8]) {
    let whole = whole_len(len);
    // SAFETY: the memory is as long as is written here.
    unsafe {
        let pointer: *mut pg_sys::varlena = pg_sys::palloc0(whole).cast();
        set_varsize_4b(pointer, whole as i32);
        (Raw(pointer), slice::from_raw_parts_mut(pointer.cast::<u8>().add(HEADER_BYTES), len))
    }
}

/// A new `bytea`.
pub(crate) fn new(bytes: &[u8]) -> Raw {
    let (raw, place) = zeroed(bytes.len());
    place.copy_from_slice(bytes);
    raw
}

/// Writes a `bytea` of these bytes to where there is room for all of it.
///
/// # Safety
/// `to` has room for [`whole_len`] bytes.
pub(crate) unsafe fn write(bytes: &[u8], to: *mut u8) {
    // SAFETY: the caller's.
    unsafe {
        set_varsize_4b(to.cast(), whole_len(bytes.len()) as i32);
        std::ptr::copy_nonoverlapping(bytes.as_ptr(), to.add(HEADER_BYTES), bytes.len());
    }
}

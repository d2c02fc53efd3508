//! Arrays of PostgreSQL, read and changed where they lie.
#![allow(unsafe_code, reason = "PostgreSQL hands out pointers")]

use std::borrow::Cow;
use std::marker::PhantomData;
use std::ptr::NonNull;

use pgrx::array::{FlatArray, Scalar};
use pgrx::callconv::{Arg, ArgAbi};
use pgrx::datum::BorrowDatum;
use pgrx::memcx::current_context;
use pgrx::palloc::PBox;
use pgrx::{FromDatum, PgSqlErrorCode, pg_sys};

use crate::error::fail;

/// An array that is a function's result, of one dimension or empty.
pub(crate) type Array<'a, T> = PBox<'a, FlatArray<'a, T>>;

/// An array that is a function's argument: detoasted, and of one dimension or empty.
pub(crate) struct Elements<'a, T> {
    array: NonNull<FlatArray<'a, T>>,
    lives: PhantomData<&'a T>,
}

impl<'a, T: Scalar + Default> Elements<'a, T> {
    /// All elements in order, wherever the array's subscripts begin. NULL is as 0.
    pub(crate) fn values(&self) -> Cow<'_, [T]> {
        // SAFETY: `from_polymorphic_datum` made sure of an array in one piece, which lives as long as the call. Nobody changes
        // it: `into_state` takes `self`.
        let array = unsafe { self.array.as_ref() };
        match array.as_non_null_slice() {
            Some(values) => Cow::Borrowed(values),
            None => array.iter().map(|element| element.into_option().copied().unwrap_or_default()).collect(),
        }
    }

    /// As the state of the aggregate of which `call` is a step: the array itself, to be changed in place, for an aggregate's
    /// state belongs to its functions. In any other call it is somebody else's, and copied.
    ///
    /// # Safety
    /// `call` is the current one, and this its first argument.
    pub(crate) unsafe fn into_state(self, call: pg_sys::FunctionCallInfo) -> Array<'a, T> {
        // SAFETY: the caller says that `call` is valid. A null pointer asks for no memory context.
        let in_aggregate = unsafe { pg_sys::AggCheckCallContext(call, std::ptr::null_mut()) } != 0;
        match self.values() {
            // SAFETY: the array was made by `palloc`, and the borrowed values are not looked at any more.
            Cow::Borrowed(_) if in_aggregate => current_context(|mcx| unsafe { PBox::from_raw_in(self.array, mcx) }),
            values => array(&values),
        }
    }
}

impl<T> FromDatum for Elements<'_, T> {
    unsafe fn from_polymorphic_datum(datum: pg_sys::Datum, is_null: bool, _: pg_sys::Oid) -> Option<Self> {
        if is_null {
            return None;
        }
        // SAFETY: the datum is an array, since SQL declares the argument as one. Detoasted it lies in one piece, aligned, with
        // a whole header, as `FlatArray` needs it; where it is a copy, PostgreSQL frees it with the call's memory.
        let array: NonNull<FlatArray<'_, T>> = unsafe {
            let flat = pg_sys::pg_detoast_datum(datum.cast_mut_ptr());
            FlatArray::point_from(NonNull::new(flat.cast())?)
        };
        // SAFETY: as above.
        let dimensions = unsafe { array.as_ref() }.ndims();
        if dimensions > 1 {
            let message = format!("an array of one dimension is needed, not one of {dimensions}");
            fail(PgSqlErrorCode::ERRCODE_ARRAY_ELEMENT_ERROR, message);
        }
        Some(Self { array, lives: PhantomData })
    }
}

// SAFETY: unboxes by `FromDatum`, which says why that is sound.
unsafe impl<'fcx, T> ArgAbi<'fcx> for Elements<'fcx, T> {
    unsafe fn unbox_arg_unchecked(arg: Arg<'_, 'fcx>) -> Self {
        // SAFETY: the caller's.
        match unsafe { arg.unbox_arg_using_from_datum() } {
            Some(elements) => elements,
            None => fail(PgSqlErrorCode::ERRCODE_NULL_VALUE_NOT_ALLOWED, "an array is needed, not NULL".to_owned()),
        }
    }
}

/// A new array.
pub(crate) fn array<'a, T: Scalar>(values: &[T]) -> Array<'a, T> {
    match current_context(|mcx| FlatArray::new_from_slice(values, mcx)) {
        Ok(array) => array,
        Err(error) => fail(
            PgSqlErrorCode::ERRCODE_PROGRAM_LIMIT_EXCEEDED,
            format!("an array of {} elements cannot be made: {error:?}", values.len()),
        ),
    }
}

//! Workers as expanded objects: values of type `bytea` that are a pointer until somebody needs their bytes.
//!
//! PostgreSQL knows them by the tag of the pointer, copies no such value from one step of an aggregate to the next if it lies in memory below the
//! aggregate's, and asks for its bytes by the methods here. A worker itself is in Rust's memory, and dropped with the
//! memory context that is made for it.
#![allow(unsafe_code, reason = "PostgreSQL asks for an object by a header and functions")]

use std::ffi::c_void;
use std::ptr;

use cairn_analysis::Worker;
use pgrx::{pg_guard, pg_sys, varlena};

use crate::bytes::{self, Raw, whole_len};

/// What PostgreSQL holds of it.
#[repr(C)]
struct Header {
    expanded: pg_sys::ExpandedObjectHeader,
    dropping: pg_sys::MemoryContextCallback,
    live: *mut Live,
}

struct Live {
    worker: Worker,
    /// The bytes, between being asked how many there are and being asked for them.
    flat: Option<Vec<u8>>,
}

impl Live {
    fn flat(&mut self) -> &[u8] {
        self.flat.get_or_insert_with(|| self.worker.state())
    }
}

static METHODS: pg_sys::ExpandedObjectMethods =
    pg_sys::ExpandedObjectMethods { get_flat_size: Some(flat_size), flatten_into: Some(flatten_into) };

/// A pointer that may be written through.
const READ_WRITE: u32 = pg_sys::vartag_external::VARTAG_EXPANDED_RW;

/// The state of a worker, which lives as long as that memory.
///
/// # Safety
/// `memory` is the current aggregate's.
pub(crate) unsafe fn new(worker: Worker, memory: pg_sys::MemoryContext) -> Raw {
    // SAFETY: the header is zeroed memory of its size in a context of its own, and initialised by PostgreSQL. The worker is made
    // its own once nothing can fail any more: registering fills in the callback that it is given.
    unsafe {
        let own = pg_sys::AllocSetContextCreateInternal(
            memory,
            c"cairn analysis".as_ptr(),
            pg_sys::ALLOCSET_SMALL_MINSIZE as usize,
            pg_sys::ALLOCSET_SMALL_INITSIZE as usize,
            pg_sys::ALLOCSET_SMALL_MAXSIZE as usize,
        );
        let header: *mut Header = pg_sys::MemoryContextAllocZero(own, size_of::<Header>()).cast();
        pg_sys::EOH_init_header(&raw mut (*header).expanded, &raw const METHODS, own);
        (*header).live = Box::into_raw(Box::new(Live { worker, flat: None }));
        (*header).dropping.func = Some(drop_live);
        (*header).dropping.arg = (*header).live.cast();
        pg_sys::MemoryContextRegisterResetCallback(own, &raw mut (*header).dropping);
        Raw::of((&raw mut (*header).expanded.eoh_rw_ptr).cast())
    }
}

/// The worker of a state, if it is one that may be changed here.
///
/// # Safety
/// `state` is the first argument of the current call, which is a step of an aggregate.
pub(crate) unsafe fn worker<'a>(state: Raw) -> Option<&'a mut Worker> {
    let pointer = state.pointer();
    // SAFETY: the tag says that it points to an expanded object, the methods that it is one of ours, which lives as long as the
    // aggregate. Only its steps have a pointer that may be written through, one step after the other.
    unsafe {
        if !varlena::varatt_is_1b_e(pointer) || u32::from(varlena::vartag_1b_e(pointer)) != READ_WRITE {
            return None;
        }
        let header = pg_sys::DatumGetEOHP(pg_sys::Datum::from(pointer));
        if !ptr::eq((*header).eoh_methods, &raw const METHODS) {
            return None;
        }
        let live = &mut *(*header.cast::<Header>()).live;
        live.flat = None;
        Some(&mut live.worker)
    }
}

/// # Safety
/// PostgreSQL calls it with the header of an object of these methods.
unsafe fn live<'a>(header: *mut pg_sys::ExpandedObjectHeader) -> &'a mut Live {
    // SAFETY: the caller's; nobody else looks at the worker meanwhile, as a backend has one thread.
    unsafe { &mut *(*header.cast::<Header>()).live }
}

#[pg_guard]
unsafe extern "C-unwind" fn flat_size(header: *mut pg_sys::ExpandedObjectHeader) -> pg_sys::Size {
    // SAFETY: as PostgreSQL calls it.
    whole_len(unsafe { live(header) }.flat().len())
}

#[pg_guard]
unsafe extern "C-unwind" fn flatten_into(
    header: *mut pg_sys::ExpandedObjectHeader,
    to: *mut c_void,
    _len: pg_sys::Size,
) {
    // SAFETY: as PostgreSQL calls it, with as much room as `flat_size` said, which keeps the bytes.
    unsafe { bytes::write(live(header).flat(), to.cast()) };
}

#[pg_guard]
unsafe extern "C-unwind" fn drop_live(live: *mut c_void) {
    // SAFETY: it came from `Box::into_raw`, and the callback is called once.
    drop(unsafe { Box::from_raw(live.cast::<Live>()) });
}

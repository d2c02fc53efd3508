//! Events by column: what senders of many events, such as imports, have at hand by column stays that way in the log.

mod read;
mod write;

pub use read::{BlockColumn, EventBlock};
pub use write::{EventColumns, PropertyColumn};

/// In a batch, the codes of a column are given for all rows, in 1, 2 or 4 bytes each, or ...
const FORM_U8: u8 = 1;
const FORM_U16: u8 = 2;
const FORM_U32: u8 = 4;
/// ... for those that have a value.
const FORM_SPARSE: u8 = 0;
/// A row and its code, in the sparse form.
const SPARSE_BYTES: usize = 8;

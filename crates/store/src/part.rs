//! Parts: immutable columnar files. The format is drawn in docs/format.md.

mod column;
mod derive;
mod heads;
mod layout;
mod postings;
mod reader;
mod writer;

pub(crate) use column::{Column, PartCodes, Values};
pub(crate) use layout::{ERASED, EXPIRED};
pub(crate) use postings::{PostingsAt, Space};
pub(crate) use reader::{Part, Times, lower_bound};
pub(crate) use writer::{ColumnHead, ColumnRows, Rows, write_part};

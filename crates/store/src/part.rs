//! Parts: immutable columnar files. The format is drawn in docs/format.md.

mod layout;
mod reader;
mod writer;

pub(crate) use reader::Part;
pub(crate) use writer::write_part;

//! The embedded columnar store, and the catalog.
//!
//! Records of the commit log go to the *tail* (in memory, queried too), which is written from time to time as a *part* (an
//! immutable columnar file). The *manifest* names the live parts and the log position that they contain: recovery is the
//! manifest, then a replay of the log from that position.

#[doc(hidden)]
pub mod bench_support;

mod again;
mod answer;
mod behind;
mod bits;
mod catalog;
mod column;
mod compact;
mod container;
mod dedupe;
mod facts;
mod files;
mod filter;
mod flush;
mod graphs;
mod image;
mod index;
mod inspect;
mod ints;
mod kept;
mod manifest;
mod messages;
mod paged;
mod part;
mod people;
mod predicate;
mod preview;
mod project;
mod purge;
mod quarantine;
mod rows;
mod scan;
mod segment;
mod segments;
mod store;
mod stream;
mod symbols;
mod tail;
mod tidy;
mod universe;
mod users;

pub use catalog::SqliteCatalog;
pub use image::StoreImage;
pub use store::{EmbeddedStore, StoreClock, StoreFaults, StoreOptions};

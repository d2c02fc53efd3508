//! The store in PostgreSQL: the same answers as the embedded store, on a database that operators already have.
//!
//! Messages are applied by functions of the database (`migrations/`). To answer, SQL narrows down which events matter and gives them
//! by person and in order; the kernels of `cairn-analysis` do the rest, as they do in every store: in the database, if it has the extension, else here.

mod aggregate;
mod answer;
mod apply;
mod batch;
mod behind;
mod chosen;
mod columns;
mod condition;
mod connect;
mod error;
mod gather;
mod graphs;
mod index;
mod inspect;
mod instant;
mod json;
mod migrate;
mod people;
mod rank;
mod segment;
mod select;
mod sql;
mod store;
mod stream;

pub use connect::PostgresOptions;
pub use index::{IndexProgress, IndexState, KeeperOptions};
pub use store::PostgresStore;

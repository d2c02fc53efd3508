//! The store in PostgreSQL: the same answers as the embedded store, on a database that operators already have.
//!
//! Messages are applied by functions of the database (`migrations/`). To answer, SQL narrows down which events matter and gives them
//! by person and in order; the kernels of `cairn-analysis` do the rest, as they do in every store: in the database, if it has the extension, else here.

mod aggregate;
mod answer;
mod apply;
mod batch;
mod behind;
mod catalog;
mod chosen;
mod citus;
mod cluster;
mod columns;
mod condition;
mod connect;
mod error;
mod gather;
mod graphs;
mod hits;
mod index;
mod inspect;
mod instant;
mod json;
mod log;
mod migrate;
mod people;
mod pump;
mod purge;
mod rank;
mod segment;
mod select;
mod sql;
mod store;
mod stream;
mod tls;
mod topic;

pub use catalog::PostgresCatalog;
pub use cluster::{CitusCluster, ClusterStatus, Job, JobState, Node, NodeAddress, Shard};
pub use connect::PostgresOptions;
pub use index::{IndexProgress, IndexState, KeeperOptions};
pub use store::PostgresStore;
pub use topic::{FollowedTopic, Topic};

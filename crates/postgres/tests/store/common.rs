//! What the tests share.

use std::sync::Arc;

use cairn_model::{Message, Position, ProjectId};
use cairn_postgres::{PostgresOptions, PostgresStore};
use cairn_testkit::{generate, postgres::Cluster};

pub(crate) fn open(cluster: &Cluster) -> Arc<PostgresStore> {
    Arc::new(PostgresStore::open(&PostgresOptions::new(cluster.url("cairn"))).unwrap())
}

pub(crate) fn project(id: u64) -> ProjectId {
    ProjectId::new(id).unwrap()
}

pub(crate) fn at(partition: u32, offset: u64) -> Position {
    Position { partition, offset }
}

/// A record of these messages of a project.
pub(crate) fn batch(of: ProjectId, messages: &[Message<'static>]) -> Vec<u8> {
    generate::batch(of, messages)
}

/// How many random cases there are, unless the environment says how many.
pub(crate) fn cases(name: &str, default: u32) -> u32 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

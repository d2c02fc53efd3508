//! The machines of a Citus cluster and their shards: what there is, and what moves it. Citus's own functions do the work.

mod rebalance;
mod transfer;

use std::{fmt, str::FromStr};

use cairn_analysis::StoreError;
use tokio_postgres::{
    Row,
    types::{FromSql, ToSql},
};

use crate::{
    connect::{Lease, Pool, PostgresOptions},
    error::store_error,
};
pub use rebalance::{Job, JobState};

const COORDINATES: &str = "select coalesce((select groupid = 0 from pg_dist_local_group), false)";
const IS_CITUS: &str = "select exists (select from pg_extension where extname = 'citus')";
const IS_DISTRIBUTED: &str =
    "select exists (select from pg_dist_partition where logicalrelid = to_regclass('cairn.events'))";
const NODES: &str = include_str!("../queries/cluster/nodes.sql");
const SHARDS: &str = include_str!("../queries/cluster/shards.sql");
const HEALTH: &str = include_str!("../queries/cluster/health.sql");
const ADD_NODE: &str = include_str!("../queries/cluster/add_node.sql");
/// PostgreSQL's.
const PORT: u16 = 5432;

/// The coordinator of a Citus cluster that holds Cairn's tables.
pub struct CitusCluster {
    pool: Pool,
}

/// Where a machine of the cluster is, as the others reach it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeAddress {
    /// Its name or address.
    pub host: String,
    /// Its port; 5432 where none is given.
    pub port: u16,
}

/// A machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// What Citus calls it.
    pub id: i32,
    /// Where it is.
    pub address: NodeAddress,
    /// Whether it is the coordinator.
    pub coordinates: bool,
    /// Whether it is part of the cluster's work.
    pub active: bool,
    /// Whether shards are to be moved to it.
    pub takes_shards: bool,
    /// How many shards it has.
    pub shards: u64,
    /// Whether every machine reaches it.
    pub reachable: bool,
}

/// The users whose hash lies in a range: a shard of each distributed table. Citus moves and splits them together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// The number of the shard of the events, which stands for all.
    pub id: u64,
    /// The least hash.
    pub low: i32,
    /// The greatest.
    pub high: i32,
    /// The machine that has it.
    pub node: i32,
    /// What all of them take, in bytes; `None` if the machine does not say.
    pub bytes: Option<u64>,
}

/// What there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterStatus {
    /// The coordinator first.
    pub nodes: Vec<Node>,
    /// By range.
    pub shards: Vec<Shard>,
    /// The latest rebalancing, if there was one.
    pub job: Option<Job>,
}

impl CitusCluster {
    /// Connects to the coordinator. An error if this is none, or has no tables of Cairn.
    pub fn open(options: &PostgresOptions) -> Result<Self, StoreError> {
        let cluster = Self { pool: Pool::new(options)? };
        if !cluster.one(IS_CITUS)? {
            let problem = "this database has no Citus: it is one PostgreSQL, with no shards to look after";
            return Err(StoreError::Database(problem.to_owned()));
        }
        if !cluster.one(COORDINATES)? {
            return Err(StoreError::Database(crate::citus::WORKER.to_owned()));
        }
        if !cluster.one(IS_DISTRIBUTED)? {
            let problem = "the tables of Cairn are not distributed here yet: start a server on this database once \
                           (`cairn serve --store ...`)";
            return Err(StoreError::Database(problem.to_owned()));
        }
        Ok(cluster)
    }

    /// The machines, the shards, and the latest rebalancing. A machine that is down is waited for, for some seconds.
    pub fn status(&self) -> Result<ClusterStatus, StoreError> {
        let reachable = self.rows("looking at the machines", HEALTH, &[])?;
        let reaches = |id: i32| reachable.iter().any(|row| row.get::<_, i32>(0) == id && row.get(1));
        let nodes = self.rows("looking at the machines", NODES, &[])?;
        let nodes = nodes.iter().map(|row| node(row, reaches(row.get(0)))).collect();
        let shards = self.rows("looking at the shards", SHARDS, &[])?;
        Ok(ClusterStatus { nodes, shards: shards.iter().map(shard).collect(), job: self.job()? })
    }

    /// Makes a machine part of the cluster; it has no shards until they are moved there. True if it was not part of it.
    pub fn add_node(&self, address: &NodeAddress) -> Result<bool, StoreError> {
        let what = format!("adding {address}");
        let known = self.rows(&what, NODES, &[])?.iter().any(|row| node(row, true).address == *address);
        self.rows(&what, ADD_NODE, &[&address.host, &i32::from(address.port)])?;
        Ok(!known)
    }

    /// The machine at an address.
    fn node_at(&self, status: &ClusterStatus, address: &NodeAddress) -> Result<Node, StoreError> {
        status.nodes.iter().find(|node| node.address == *address).cloned().ok_or_else(|| {
            let known: Vec<_> = status.nodes.iter().map(|node| node.address.to_string()).collect();
            StoreError::Database(format!(
                "no machine of the cluster is at {address}; there are {}, and `cairn cluster add-node` adds one",
                known.join(", ")
            ))
        })
    }

    fn one<T: for<'a> FromSql<'a>>(&self, sql: &str) -> Result<T, StoreError> {
        let lease = self.pool.get()?;
        let row = self.pool.block_on(lease.client()?.query_one(sql, &[]));
        Ok(row.map_err(|error| store_error("looking for Citus", &error))?.get(0))
    }

    fn rows(&self, what: &str, sql: &str, values: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, StoreError> {
        let lease: Lease<'_> = self.pool.get()?;
        self.pool.block_on(lease.client()?.query(sql, values)).map_err(|error| store_error(what, &error))
    }
}

fn node(row: &Row, reachable: bool) -> Node {
    let (host, port): (String, i32) = (row.get(2), row.get(3));
    Node {
        id: row.get(0),
        address: NodeAddress { host, port: u16::try_from(port).unwrap_or(PORT) },
        coordinates: row.get(1),
        active: row.get(4),
        takes_shards: row.get(5),
        shards: row.get::<_, i64>(6) as u64,
        reachable,
    }
}

fn shard(row: &Row) -> Shard {
    Shard {
        id: row.get::<_, i64>(0) as u64,
        low: row.get(1),
        high: row.get(2),
        node: row.get(3),
        bytes: row.get::<_, Option<i64>>(4).map(|bytes| bytes as u64),
    }
}

impl fmt::Display for NodeAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host.contains(':') {
            true => write!(f, "[{}]:{}", self.host, self.port),
            false => write!(f, "{}:{}", self.host, self.port),
        }
    }
}

/// `worker-1`, `worker-1:5433`, `[::1]:5433`.
impl FromStr for NodeAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no address of a machine; one looks like worker-1.example.com:5432");
        let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((host, port)) => (host, port.strip_prefix(':')),
            None => match text.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (text, None),
            },
        };
        let port = port.map_or(Ok(PORT), |port| port.parse().map_err(|_| wrong()))?;
        let is_word = |c: char| c.is_ascii_alphanumeric() || "._-:".contains(c);
        match host.is_empty() || port == 0 || !host.chars().all(is_word) {
            true => Err(wrong()),
            false => Ok(Self { host: host.to_owned(), port }),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn addresses_of_machines() {
        let of = |text: &str| text.parse::<NodeAddress>().map(|address| address.to_string());
        assert_eq!(of("worker-1.example.com").unwrap(), "worker-1.example.com:5432");
        assert_eq!(of("10.0.0.7:5433").unwrap(), "10.0.0.7:5433");
        assert_eq!(of("[::1]:5433").unwrap(), "[::1]:5433");
        assert_eq!(of("[::1]").unwrap(), "[::1]:5432");
        for wrong in ["", ":5432", "a:", "a:b", "a:0", "a b", "postgres://a/b", "::1"] {
            assert!(of(wrong).is_err(), "{wrong}");
        }
    }
}

//! Shards that are moved and split, while their events are asked for and come in.

use std::{thread, time::Duration};

use cairn_analysis::StoreError;

use super::{CitusCluster, ClusterStatus, Node, NodeAddress, Shard};
use crate::error::store_error;

const MOVE: &str = include_str!("../../queries/cluster/move.sql");
const SPLIT: &str = include_str!("../../queries/cluster/split.sql");
const PROGRESS: &str = include_str!("../../queries/cluster/progress.sql");
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Told, now and then, how many bytes of how many have been copied.
pub(super) type Seen<'s> = &'s mut dyn FnMut(u64, u64);

impl CitusCluster {
    /// Moves a shard, with those of the same users, to a machine; false if it is there already. One that is broken off has changed
    /// nothing, or has moved it.
    pub fn move_shard(&self, id: u64, to: &NodeAddress, seen: Seen<'_>) -> Result<bool, StoreError> {
        let status = self.status()?;
        let (shard, target) = (shard(&status, id)?, self.node_at(&status, to)?);
        if shard.node == target.id {
            return Ok(false);
        }
        can_take(&target)?;
        let what = format!("moving shard {id} to {to}");
        self.watched(&what, MOVE, &[&(id as i64), &shard.node, &target.id], seen)?;
        Ok(true)
    }

    /// Splits a shard, with those of the same users, in two: after the hash `at`, or in its middle. The lower half stays where it is, the
    /// upper one goes `to` a machine, or stays, too. Returns the halves, by range.
    pub fn split_shard(
        &self,
        id: u64,
        at: Option<i32>,
        to: Option<&NodeAddress>,
        seen: Seen<'_>,
    ) -> Result<Vec<Shard>, StoreError> {
        let status = self.status()?;
        let shard = shard(&status, id)?;
        let target = to.map(|address| self.node_at(&status, address)).transpose()?;
        if let Some(target) = &target {
            can_take(target)?;
        }
        let (low, high) = (i64::from(shard.low), i64::from(shard.high));
        let at = at.unwrap_or((low + high).div_euclid(2) as i32);
        if !(low..high).contains(&i64::from(at)) {
            return Err(StoreError::Database(format!(
                "shard {id} holds the hashes from {low} to {high}: it can be split after one of these, except the last"
            )));
        }
        let goes = target.map_or(shard.node, |node| node.id);
        self.watched(&format!("splitting shard {id}"), SPLIT, &[&(id as i64), &at, &shard.node, &goes], seen)?;
        let halves = |one: &Shard| shard.low <= one.low && one.high <= shard.high;
        Ok(self.status()?.shards.into_iter().filter(halves).collect())
    }

    /// Runs a statement in a connection of its own, and tells meanwhile how far it is.
    fn watched(
        &self,
        what: &str,
        sql: &str,
        values: &[&(dyn tokio_postgres::types::ToSql + Sync)],
        seen: Seen<'_>,
    ) -> Result<(), StoreError> {
        let client = self.pool.connect()?;
        thread::scope(|scope| {
            let working = scope.spawn(|| self.pool.block_on(client.query_one(sql, values)));
            while !working.is_finished() {
                thread::sleep(LOOK_EVERY);
                // How far it is, is not worth failing for.
                if let Ok(row) = self.rows(what, PROGRESS, &[])
                    && let Some(row) = row.first()
                {
                    seen(row.get::<_, i64>(0) as u64, row.get::<_, i64>(1) as u64);
                }
            }
            let done = working.join().map_err(|_| StoreError::Database(format!("{what}: a defect")))?;
            done.map(|_| ()).map_err(|error| store_error(what, &error))
        })
    }
}

fn shard(status: &ClusterStatus, id: u64) -> Result<Shard, StoreError> {
    status.shards.iter().find(|shard| shard.id == id).copied().ok_or_else(|| {
        StoreError::Database(format!(
            "there is no shard {id}: it may have been split before. `cairn cluster status` lists the shards"
        ))
    })
}

fn can_take(node: &Node) -> Result<(), StoreError> {
    let problem = match node {
        Node { active: false, .. } => "is not active",
        Node { reachable: false, .. } => "cannot be reached by all machines",
        Node { coordinates: true, takes_shards: false, .. } => "is the coordinator, which takes no shards",
        _ => return Ok(()),
    };
    Err(StoreError::Database(format!("the machine {} {problem}: see `cairn cluster status`", node.address)))
}

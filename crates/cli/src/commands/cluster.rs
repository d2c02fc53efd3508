//! `cairn cluster`.

use anyhow::bail;
use cairn_postgres::{CitusCluster, ClusterStatus, Job, JobState, Node, PostgresOptions};

use crate::{
    args::{ClusterArgs, ClusterWhat, Place},
    import::Progress,
    output::{Table, say, thousands},
};

/// Shows or changes which machine has what.
pub(crate) fn run(place: &Place, args: &ClusterArgs) -> anyhow::Result<()> {
    if place.url.is_some() {
        bail!("`cairn cluster` asks the coordinator of the database itself: leave out --url (or unset CAIRN_URL)");
    }
    let Some(store) = &place.store else {
        bail!(
            "say which cluster: give the coordinator's address with --store (or CAIRN_STORE), such as postgres://cairn@coordinator/cairn"
        );
    };
    let cluster = CitusCluster::open(&PostgresOptions::new(store))?;
    match &args.what {
        ClusterWhat::Status { shards } => show(&cluster.status()?, *shards),
        ClusterWhat::AddNode { node } => {
            say(match cluster.add_node(node)? {
                true => format!(
                    "{node} is part of the cluster. It has no shards yet: `cairn cluster rebalance` moves some there."
                ),
                false => format!("{node} is part of the cluster already."),
            });
        }
        ClusterWhat::MoveShard { shard, to } => {
            let moved = watched(|seen| cluster.move_shard(*shard, to, seen))?;
            say(format!("Shard {shard} is on {to}{}.", if moved { "" } else { " already" }));
        }
        ClusterWhat::SplitShard { shard, at, to } => {
            let halves = watched(|seen| cluster.split_shard(*shard, *at, to.as_ref(), seen))?;
            let halves: Vec<_> = halves.iter().map(|half| format!("{} (up to {})", half.id, half.high)).collect();
            say(format!("Shard {shard} is split: {}.", halves.join(" and ")));
        }
        ClusterWhat::Rebalance { stop: true } => {
            say(match cluster.stop_rebalance()? {
                true => "Rebalancing is stopped; what was moved stays moved.",
                false => "Nothing is being rebalanced.",
            });
        }
        ClusterWhat::Rebalance { stop: false } => rebalance(&cluster)?,
    }
    Ok(())
}

/// Does something that tells how many bytes it has copied.
fn watched<T, E>(work: impl FnOnce(&mut dyn FnMut(u64, u64)) -> Result<T, E>) -> Result<T, E> {
    let (mut bar, mut done) = (None, 0);
    work(&mut |bytes, of| {
        if of > 0 {
            let bar = bar.get_or_insert_with(|| Progress::new(of, "bytes"));
            bar.advance(bytes.saturating_sub(done), bytes);
            done = done.max(bytes);
        }
    })
}

fn rebalance(cluster: &CitusCluster) -> anyhow::Result<()> {
    let (mut bar, mut before) = (None, 0);
    let job = cluster.rebalance(&mut |done, of| {
        let bar = bar.get_or_insert_with(|| Progress::new(of, "moves"));
        bar.advance(done.saturating_sub(before), done);
        before = done;
    })?;
    drop(bar);
    let Some(Job { state, done, moves, problem, .. }) = job else {
        say("Every machine has its share of the shards: nothing to move.");
        return Ok(());
    };
    match state {
        JobState::Failed => {
            bail!("rebalancing failed after {done} of {moves} moves ({problem}); give the command again to go on")
        }
        JobState::Cancelled => {
            say(format!("Rebalancing was stopped after {done} of {moves} moves; give the command again to go on."))
        }
        JobState::Running | JobState::Finished => say(format!("Done: {done} shards moved.")),
    }
    Ok(())
}

fn show(status: &ClusterStatus, each: bool) {
    let bytes_of = |node: &Node| {
        let sizes = status.shards.iter().filter(|shard| shard.node == node.id).map(|shard| shard.bytes);
        sizes.sum::<Option<u64>>()
    };
    let mut nodes = Table::new(["machine", "part", "shards", "size", "state"], 2..4);
    for node in &status.nodes {
        let part = if node.coordinates { "coordinator" } else { "worker" };
        let state = match (node.active, node.reachable) {
            (true, true) => "ok",
            (true, false) => "cannot be reached",
            (false, _) => "not active",
        };
        nodes.row([
            node.address.to_string(),
            part.to_owned(),
            node.shards.to_string(),
            size(bytes_of(node)),
            state.to_owned(),
        ]);
    }
    nodes.lines().iter().for_each(say);
    if each {
        say("");
        let mut shards = Table::new(["shard", "from hash", "to hash", "size", "machine"], ..4);
        for shard in &status.shards {
            let on = status
                .nodes
                .iter()
                .find(|node| node.id == shard.node)
                .map_or_else(String::new, |node| node.address.to_string());
            shards.row([shard.id.to_string(), shard.low.to_string(), shard.high.to_string(), size(shard.bytes), on]);
        }
        shards.lines().iter().for_each(say);
    }
    if let Some(job) = status.job.as_ref().filter(|job| job.state == JobState::Running) {
        say(format!(
            "\nRebalancing: {} of {} moves are done; `cairn cluster rebalance` follows it.",
            job.done, job.moves
        ));
    }
}

/// In units that people read.
fn size(bytes: Option<u64>) -> String {
    match bytes {
        None => "?".to_owned(),
        Some(bytes) if bytes >= 1 << 20 => format!("{} MiB", thousands(bytes >> 20)),
        Some(bytes) => format!("{} KiB", thousands(bytes >> 10)),
    }
}

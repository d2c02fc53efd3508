//! `cairn cluster`.

use cairn_postgres::NodeAddress;
use clap::{Args, Subcommand};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples (with CAIRN_STORE=postgres://cairn@coordinator.example.com/cairn):
  cairn cluster status
  cairn cluster add-node worker-3.example.com
  cairn cluster rebalance                       gives it its share of the shards
  cairn cluster move-shard 102168 --to worker-3.example.com
  cairn cluster split-shard 102168              in its middle

Servers go on meanwhile: questions are answered, events come in. Each command may be broken off and given again: what it had done by
then stays done, and nothing is done twice.")]
pub(crate) struct ClusterArgs {
    #[command(subcommand)]
    pub(crate) what: ClusterWhat,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ClusterWhat {
    /// Show the machines, their shards, and what is being moved.
    Status {
        /// Each shard in a line of its own, too.
        #[arg(long)]
        shards: bool,
    },
    /// Make a machine part of the cluster. It has no shards until they are moved there (`rebalance`).
    #[command(after_help = "\
Before: PostgreSQL runs there with shared_preload_libraries = 'citus' and wal_level = 'logical', and has the same role and database,
with the extension (`create extension citus`). The role of --store has to be a superuser, or may execute citus_add_node.")]
    AddNode {
        /// Its name or address, as the coordinator and the other machines reach it; with :PORT if that is not 5432.
        #[arg(value_name = "HOST[:PORT]")]
        node: NodeAddress,
    },
    /// Move a shard to another machine.
    MoveShard {
        /// The number of the shard, as in `cairn cluster status --shards`.
        shard: u64,
        /// Where to.
        #[arg(long, value_name = "HOST[:PORT]")]
        to: NodeAddress,
    },
    /// Split a shard that has become too large in two.
    SplitShard {
        /// The number of the shard, as in `cairn cluster status --shards`.
        shard: u64,
        /// The last hash of the lower half; default: the middle.
        #[arg(long, value_name = "HASH", allow_negative_numbers = true)]
        at: Option<i32>,
        /// Where the upper half goes; default: it stays on the machine.
        #[arg(long, value_name = "HOST[:PORT]")]
        to: Option<NodeAddress>,
    },
    /// Spread the shards evenly over the machines. The cluster goes on with it by itself; given again, this follows it.
    Rebalance {
        /// End it; what was moved stays moved.
        #[arg(long)]
        stop: bool,
    },
}

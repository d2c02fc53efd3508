//! Servers that follow one log: comparing them, and reading the log again.

use clap::Args;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cairn verify http://a.example.com:7300 http://b.example.com:7300 --token TOKEN
  cairn verify http://127.0.0.1:7300 ./replica --log kafka://kafka.example.com/cairn
  cairn verify 'http://a.example.com:7300/?token=ct_1' 'http://b.example.com:7300/?token=ct_2'

Both are held for a moment, as they come to the same place of the log, and go on while their states are compared: what is captured
meanwhile waits in the log. The exit code is 0 if all projects are equal, 1 if not, and 2 if they could not be compared.")]
pub(crate) struct VerifyArgs {
    /// A server, or a data folder that no server has open.
    #[arg(value_name = "URL|FOLDER")]
    pub(crate) one: String,
    /// The other one.
    #[arg(value_name = "URL|FOLDER")]
    pub(crate) other: String,
    /// How long to wait until both have come to the same place, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    pub(crate) timeout: u64,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cairn replay --from start                     all that the log still has
  cairn replay --from 2026-11-20 --project Shop
  cairn replay --from 2026-11-20T12:00:00Z --partition 3
  cairn replay --from 0:1200,3:950              from these offsets of two partitions

It changes no answer and no count unless something was missing, so it can be given at any time, and again. A server goes on
meanwhile. Ctrl-C ends it in order, and it says how to go on.")]
pub(crate) struct ReplayArgs {
    /// From where: `start`, PARTITION:OFFSET (several with commas), or a date (of this machine's time zone) or instant at which records came.
    #[arg(long, value_name = "POSITION|TIME")]
    pub(crate) from: String,
    /// Of this partition alone.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) partition: Option<u32>,
}

/// As what a server follows a topic of Kafka's.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct FollowArgs {
    /// Be a replica of the server at this address, which follows the same --log: answer questions, and leave events and changes to it. Its API
    /// token is given by --token (or CAIRN_TOKEN), or at the end of the address: http://a.example.com:7300/?token=TOKEN. An empty data folder
    /// is made of a backup of it.
    #[arg(long, value_name = "URL", conflicts_with = "take_over")]
    pub(crate) replica_of: Option<String>,
    /// Take events and changes, with a data folder that was restored from a backup or was a replica's: the server that did so before is gone
    /// for good.
    #[arg(long)]
    pub(crate) take_over: bool,
}

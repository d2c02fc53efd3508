//! What can be typed: commands, options, and help that teaches.

mod cluster;
mod erasing;
mod files;
mod following;
mod list;
mod query;

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand};

pub(crate) use cluster::{ClusterArgs, ClusterWhat};
pub(crate) use erasing::{EraseArgs, ExpireArgs};
pub(crate) use files::{
    BackupArgs, CopyArgs, ExportArgs, ExportWhat, ImportArgs, ImportFiles, ImportWhat, RestoreArgs,
};
pub(crate) use following::{FollowArgs, ReplayArgs, VerifyArgs};
pub(crate) use list::{ListArgs, ListWhat};
pub(crate) use query::{
    About, ActivityArgs, Friendly, FunnelArgs, GraphArgs, GroupArgs, IntervalArg, OrderArg, OutputFormat, PairsArgs,
    PathsArgs, PerArg, QueryArgs, RetentionArgs, UserArgs, UsersArgs,
};

const EXAMPLES: &str = "\
Try it:
  cairn demo                                    a small shop with 90 days of visitors, to play with

Start with your own site:
  cairn serve                                   prints the address to open; the install page has the script tag

Ask:
  cairn query graph '{\"type\": \"pageview\"}' --measure users --by week
  cairn define \"Add to cart\" '{\"all\": [{\"type\": \"click\"}, {\"selector\": \"#add-to-cart\"}]}'
  cairn query graph \"Add to cart\" --group-by event.browser

Move data:
  cairn import events history.parquet           a second run counts nothing twice
  cairn export events --out events.parquet
  cairn backup --out monday.backup              everything, while the server runs; back by `cairn restore`

Outgrow one machine:
  createdb cairn
  cairn serve --store postgres://cairn@db.example.com/cairn
  cairn serve --store postgres://cairn@db.example.com/cairn --log kafka://kafka.example.com/cairn     on as many machines as you like

Every command explains itself: cairn import --help";

/// Product analytics that captures everything: define events later, by what was clicked, and they reach back over all of
/// history.
#[derive(Debug, Parser)]
#[command(name = "cairn", version, about, long_about = None, after_help = EXAMPLES, propagate_version = true)]
#[command(arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Where the data is.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Where the data is")]
pub(crate) struct Place {
    /// The data folder. If a server is running on it, that server is asked.
    #[arg(long, global = true, env = "CAIRN_DATA", default_value = "./cairn-data", value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// Keep the data in this PostgreSQL database, such as postgres://cairn@db.example.com/cairn. Several servers may share one. The data
    /// folder then holds nothing but the log in front of it (with --log, nothing that matters); `query`, `define`, `list`, `project`, `export` and `purge` need no folder.
    /// The database must exist; tables are made in it, in the schema `cairn`, by a user who may `create schema` there. A password is
    /// best given by CAIRN_STORE, since command lines can be seen. `?sslmode=verify-full` at the end makes sure that it is that database
    /// (and `&sslrootcert=FILE` says by whose word).
    #[arg(long, global = true, env = "CAIRN_STORE", value_name = "URL", hide_env_values = true)]
    pub(crate) store: Option<String>,
    /// Take events in by this topic of Kafka's, such as kafka://a.example.com:9092,b.example.com:9092/cairn, in place of a log in the data
    /// folder. It is made if it is not there. Servers with the same --store share one topic. How Kafka is reached stands at the end, by librdkafka's names:
    /// `?security.protocol=SASL_SSL&sasl.mechanism=SCRAM-SHA-512&sasl.username=…&sasl.password=…`; passwords are best given by CAIRN_LOG,
    /// since command lines can be seen.
    #[arg(long, global = true, env = "CAIRN_LOG", value_name = "URL", hide_env_values = true)]
    pub(crate) log: Option<String>,
    /// Ask this running server instead, such as http://127.0.0.1:7300.
    #[arg(long, global = true, env = "CAIRN_URL", value_name = "URL")]
    pub(crate) url: Option<String>,
    /// The server's API token: it is the part after `token=` in the address that the server prints.
    #[arg(long, global = true, env = "CAIRN_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    pub(crate) token: Option<String>,
    /// Which project, by name or id; not needed while there is only one.
    #[arg(long, global = true, value_name = "NAME|ID")]
    pub(crate) project: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the server: capture, web app and API.
    Serve(ServeArgs),
    /// Apply what waits in Kafka to a PostgreSQL database, and do nothing else.
    Ingest(IngestArgs),
    /// Run a demo: a small shop with 90 days of visitors, and Cairn beside it.
    Demo(DemoArgs),
    /// Bring in events or users from files.
    Import(ImportArgs),
    /// Write all events or users to a file.
    Export(ExportArgs),
    /// Write everything, of all projects, to an archive; a server may go on meanwhile.
    Backup(BackupArgs),
    /// Make a data folder of an archive.
    Restore(RestoreArgs),
    /// Compare two servers or data folders that follow one log.
    Verify(VerifyArgs),
    /// Read the log again from an earlier place, and bring back what is missing.
    Replay(ReplayArgs),
    /// Copy a project of a data folder into a PostgreSQL database.
    Copy(CopyArgs),
    /// Ask a question.
    Query(Box<QueryArgs>),
    /// Name an event; the name reaches back over all of history.
    Define(DefineArgs),
    /// Keep named lists of people, for segments.
    List(ListArgs),
    /// Erase all data of a user, for good.
    Erase(EraseArgs),
    /// Let events before a date expire, for good.
    Expire(ExpireArgs),
    /// Take what is erased or has expired out of all files now.
    Purge,
    /// Look after the machines and shards of a PostgreSQL that Citus distributes.
    Cluster(ClusterArgs),
    /// Add or list projects.
    Project(ProjectArgs),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cairn serve
  cairn serve --listen 0.0.0.0:7300 --data /var/lib/cairn
  cairn serve --geoip GeoLite2-City.mmdb        countries and cities of visitors, looked up here
  cairn serve --store postgres://cairn@db.example.com/cairn --data /var/lib/cairn
                                                data in PostgreSQL; of several servers each has a data folder of its own
  cairn serve --log kafka://kafka.example.com/cairn --data /var/lib/cairn
                                                events come in by Kafka, which holds them while they are not stored yet
  cairn serve --log kafka://kafka.example.com/cairn --data /var/lib/cairn --spool
                                                and are taken in while Kafka is away, too
  cairn serve --store postgres://cairn@db.example.com/cairn --log kafka://kafka.example.com/cairn --data /var/lib/cairn
                                                both: any number of servers that hold nothing themselves
  cairn serve --log kafka://kafka.example.com/cairn --data ./replica --replica-of http://a.example.com:7300 --token TOKEN
                                                a second server that answers questions

The first start makes a project \"My site\" and an API token. The token is also in the file `token` of the data folder,
readable by you alone. Stop with Ctrl-C: nothing is lost.")]
pub(crate) struct ServeArgs {
    /// The address and port to listen on; 0.0.0.0 for all addresses of this machine.
    #[arg(long, default_value = "127.0.0.1:7300", value_name = "ADDR:PORT")]
    pub(crate) listen: SocketAddr,
    /// A GeoIP file (.mmdb) for visitors' countries and cities; without it, countries come from time zones.
    #[arg(long, value_name = "FILE")]
    pub(crate) geoip: Option<PathBuf>,
    /// Browsers reach Cairn by https, through a proxy.
    #[arg(long)]
    pub(crate) https: bool,
    /// A proxy in front, such as 10.0.0.0/8, whose X-Forwarded-For is believed; can be given several times.
    #[arg(long = "trusted-proxy", value_name = "NET")]
    pub(crate) trusted_proxies: Vec<cairn_server::Network>,
    /// Make a new API token; the one before is worth nothing from then on.
    #[arg(long)]
    pub(crate) new_token: bool,
    /// With --log: while Kafka is away, take events in all the same, keep them in this folder (on its own, `spool` in the data folder), and bring them to Kafka, in
    /// order, once it is back. A server that has reached its topic once also starts without Kafka. Give the same at each start. It holds 8 GiB at most, or what
    /// CAIRN_SPOOL_BYTES says; then events are refused.
    #[arg(long, env = "CAIRN_SPOOL", value_name = "DIR", num_args = 0..=1, conflicts_with = "replica_of")]
    pub(crate) spool: Option<Option<PathBuf>>,
    #[command(flatten)]
    pub(crate) follow: FollowArgs,
    /// With --store and --log: take events in and answer, and leave it to others (`cairn ingest`) to apply what comes in.
    #[arg(long)]
    pub(crate) no_ingest: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cairn ingest --store postgres://cairn@db.example.com/cairn --log kafka://kafka.example.com/cairn
  cairn ingest --listen 0.0.0.0:7310            the same (with CAIRN_STORE and CAIRN_LOG), and tells how it is doing

`cairn serve` does the same inside, which is enough for most. Start writers of their own, and servers with --no-ingest, where
applying is not to take what capture and questions need, or is to run beside the database. Any number of either may run: they
share the topic's partitions, and if one dies, the others have its partitions within seconds. Positions are in the database, in
the transactions that apply what they cover, so nothing is applied twice or left out, whoever starts, stops or dies.

A writer needs no data folder. Stop it with Ctrl-C or SIGTERM: nothing is lost.")]
pub(crate) struct IngestArgs {
    /// Answer `GET /healthz` and `GET /metrics` at this address and port.
    #[arg(long, value_name = "ADDR:PORT")]
    pub(crate) listen: Option<SocketAddr>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cairn demo
  cairn demo --data ./demo --events 1000000
  cairn demo --no-history                       an empty project: watch your own clicks come in

The visitors are made up, the same each time, and end at the moment of the first start. Open the shop in one window and
Cairn in another: what you click appears within a second.")]
pub(crate) struct DemoArgs {
    /// The address and port of Cairn.
    #[arg(long, default_value = "127.0.0.1:7300", value_name = "ADDR:PORT")]
    pub(crate) listen: SocketAddr,
    /// The address and port of the shop; default: the port after Cairn's.
    #[arg(long, value_name = "ADDR:PORT")]
    pub(crate) shop_listen: Option<SocketAddr>,
    /// About how many events the history has.
    #[arg(long, default_value_t = 200_000, value_name = "N", value_parser = clap::value_parser!(u64).range(1_000..=50_000_000))]
    pub(crate) events: u64,
    /// Make no history.
    #[arg(long)]
    pub(crate) no_history: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cairn define \"Add to cart\" '{\"all\": [{\"type\": \"click\"}, {\"selector\": \"#add-to-cart\"}]}'
  cairn define \"Viewed pricing\" '{\"all\": [{\"type\": \"pageview\"}, {\"property\": \"path\", \"starts_with\": \"/pricing\"}]}'
  cairn define --list
  cairn define --delete \"Add to cart\"

A definition is a predicate over events, in JSON; a name that exists gets the new meaning.")]
pub(crate) struct DefineArgs {
    /// The event's name.
    #[arg(required_unless_present_any = ["list", "delete"], requires = "predicate")]
    pub(crate) name: Option<String>,
    /// Which events it means, in JSON.
    pub(crate) predicate: Option<String>,
    /// List what is defined.
    #[arg(long, conflicts_with_all = ["name", "delete"])]
    pub(crate) list: bool,
    /// Forget a name; the events stay.
    #[arg(long, value_name = "NAME", conflicts_with = "name")]
    pub(crate) delete: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct ProjectArgs {
    #[command(subcommand)]
    pub(crate) what: ProjectWhat,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ProjectWhat {
    /// Add a project and print its write key.
    #[command(after_help = "Example:\n  cairn project add \"Web shop\" --zone Europe/Berlin")]
    Add {
        /// Its name.
        name: String,
        /// The IANA time zone of its days and weeks; default: this machine's.
        #[arg(long, value_name = "ZONE")]
        zone: Option<String>,
    },
    /// List projects with their write keys.
    List,
}

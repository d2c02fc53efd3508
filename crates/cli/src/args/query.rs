//! `cairn query`.

mod user;
mod ways;

use std::{path::PathBuf, time::Duration};

use clap::{Args, Subcommand, ValueEnum};

pub(crate) use user::UserArgs;
pub(crate) use ways::{PairsArgs, PathsArgs};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cairn query graph \"Add to cart\" --measure users --by week
  cairn query graph --group-by user.plan        the users themselves
  cairn query graph \"Order Placed\" \"Viewed item\" --formula \"100 * A / B\" --previous
  cairn query funnel \"Viewed item\" \"Add to cart\" \"Order Placed\" --window 1d
  cairn query retention \"Signed up\" '{\"type\": \"pageview\"}' --by week
  cairn query --file question.json --format csv > answer.csv
  cairn query '{\"graph\": {\"event\": {\"type\": \"pageview\"}, \"from\": \"2026-08-01\", \"to\": \"2026-09-01\"}}'

An event is a defined name (see `cairn define --list`) or a predicate in JSON. A question in JSON can say all that the API
can: see docs/api.md.")]
pub(crate) struct QueryArgs {
    /// The query in JSON, as POST /api/projects/{p}/query takes it.
    #[arg(value_name = "JSON")]
    pub(crate) json: Option<String>,
    /// Read the query from a file; - is the standard input.
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    pub(crate) file: Option<PathBuf>,
    /// How to print the answer.
    #[arg(long, global = true, value_enum, default_value_t = OutputFormat::Table)]
    pub(crate) format: OutputFormat,
    /// Draw a small chart above the table, as is done in a terminal.
    #[arg(long, global = true)]
    pub(crate) chart: bool,
    /// Draw charts without block characters.
    #[arg(long, global = true)]
    pub(crate) ascii: bool,
    /// Give up after so many seconds; default: what CAIRN_QUERY_SECONDS says, or 30. A server has a limit of its own.
    #[arg(long, global = true, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) timeout: Option<Duration>,
    /// Of a database (--store): show the SQL that the question becomes, and how the database ran it, instead of the answer.
    #[arg(long, global = true)]
    pub(crate) explain: bool,
    #[command(subcommand)]
    pub(crate) friendly: Option<Friendly>,
}

fn seconds(text: &str) -> Result<Duration, String> {
    let given = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    given.filter(|given| !given.is_zero()).ok_or_else(|| "give a number of seconds, such as 10 or 0.5".to_owned())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputFormat {
    /// For people.
    Table,
    /// The whole answer.
    Json,
    /// For spreadsheets.
    Csv,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Friendly {
    /// How many events or users, or what a property's numbers come to, over time.
    Graph(Box<GraphArgs>),
    /// How many users do one event after another.
    Funnel(FunnelArgs),
    /// How many of those who did one event do another later on.
    Retention(RetentionArgs),
    /// On how many days of a week or month users do something.
    Stickiness(ActivityArgs),
    /// How many users are new, stay, come back and stay away.
    Lifecycle(ActivityArgs),
    /// Where sessions go from an event on, or come from.
    Paths(PathsArgs),
    /// How often one page or event comes right after another.
    Pairs(PairsArgs),
    /// Who the users of a segment are.
    Users(UsersArgs),
    /// What one person did, session by session, newest first.
    User(UserArgs),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cairn query users '{\"did\": \"Order Placed\", \"at_least\": 2, \"in\": \"30d\"}'
  cairn query users '{\"all\": [{\"did\": \"Log in\", \"in\": \"7d\"}, {\"not\": {\"did\": \"Order Placed\"}}, {\"user\": \"plan\", \"is\": \"pro\"}]}'
  cairn query users --search jane@
  cairn query users --sort last_seen --descending --limit 20 --properties plan,email
  cairn query users --sort user.plan")]
pub(crate) struct UsersArgs {
    /// The segment, in JSON; without it, all users.
    pub(crate) segment: Option<String>,
    /// Only whose handle contains this, or whose user id this is.
    #[arg(long, value_name = "TEXT")]
    pub(crate) search: Option<String>,
    /// In which order: handle (the default), first_seen, last_seen, events, or a user property, such as user.plan.
    #[arg(long, value_name = "KEY")]
    pub(crate) sort: Option<String>,
    /// The greatest first; who lacks a value is last all the same.
    #[arg(long)]
    pub(crate) descending: bool,
    /// Only these properties of each, with commas between them; "" for none. Default: all.
    #[arg(long, value_name = "NAMES")]
    pub(crate) properties: Option<String>,
    /// How many are listed.
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub(crate) limit: usize,
    /// How many are passed before.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) offset: usize,
    /// Hide what happened after this date or instant; default: now.
    #[arg(long, value_name = "TIME")]
    pub(crate) as_of: Option<String>,
    /// Count events of known bots too.
    #[arg(long)]
    pub(crate) bots: bool,
}

/// What and whom a question is about.
#[derive(Debug, Args)]
pub(crate) struct About {
    /// From this date (in the project's time zone) or instant on; default: 30 days ago.
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<String>,
    /// Before this date or instant; default: the end of today.
    #[arg(long, value_name = "TIME")]
    pub(crate) to: Option<String>,
    /// Hide what happened after this date or instant; default: now.
    #[arg(long, value_name = "TIME")]
    pub(crate) as_of: Option<String>,
    /// A further condition, a predicate in JSON; it may speak of users.
    #[arg(long = "where", value_name = "JSON")]
    pub(crate) filter: Option<String>,
    /// Only users of this segment, in JSON, such as '{"did": "Order Placed", "at_least": 2, "in": "7d"}'.
    #[arg(long, value_name = "JSON")]
    pub(crate) segment: Option<String>,
    /// Count known bots too.
    #[arg(long)]
    pub(crate) bots: bool,
}

/// Groups.
#[derive(Debug, Args)]
pub(crate) struct GroupArgs {
    /// A property to group by, such as event.browser or user.plan; or a segment's users and all others, as segment:{JSON} or
    /// segment:NAME={JSON}. Up to three, each with its own --group-by, or with commas between them.
    #[arg(long, value_name = "KEY")]
    pub(crate) group_by: Vec<String>,
    /// How many groups stand on their own.
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(crate) top: usize,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cairn query graph \"Add to cart\" --measure users --by week
  cairn query graph '{\"type\": \"click\"}' --group-by event.target_text --by whole --top 10
  cairn query graph \"Order Placed\" --group-by 'segment:Active={\"did\": \"Sign In\", \"more_than\": 4, \"in\": \"7d\"}'
  cairn query graph \"Order Placed\" --measure p90:amount --by month
  cairn query graph \"Order Placed\" \"Viewed item\" --measure users --formula \"100 * A / B\" --by week
  cairn query graph \"Order Placed\" \"Order Placed\" --measure sum:amount --measure users --formula \"A / B\"
  cairn query graph \"Order Placed\" --previous --trailing 7
  cairn query graph \"Order Placed\" --where '{\"property\": \"country\", \"is\": \"Canada\"}'")]
pub(crate) struct GraphArgs {
    /// Defined events, or predicates in JSON: the first one is A in formulas, the second one B, and so on, up to 26. Without any, the
    /// users themselves are counted.
    #[arg(value_name = "EVENT", num_args = 0..=26)]
    pub(crate) events: Vec<String>,
    /// What to count: count, users, sessions, count_per_user; or of a property's numbers: sum:PROPERTY, avg:, min:, max:, p90:
    /// (any percentile), summary: (all of these), histogram:PROPERTY (10 bins), histogram:PROPERTY:20 (bins) or
    /// histogram:PROPERTY:0,10,100 (edges). Of several events, once for all of them, or once for each, in their order.
    #[arg(long = "measure", value_name = "MEASURE")]
    pub(crate) measures: Vec<String>,
    /// A formula between the events' numbers, such as "100 * A / (A + B)"; may be given several times. It knows + - * / and
    /// parentheses; what is divided by zero is empty.
    #[arg(long = "formula", value_name = "FORMULA", allow_hyphen_values = true)]
    pub(crate) formulas: Vec<String>,
    /// Beside each number, that of the period before: of equal length, up to --from.
    #[arg(long)]
    pub(crate) previous: bool,
    /// Beside each number, the average over so many rows: its own and those before it.
    #[arg(long, value_name = "N")]
    pub(crate) trailing: Option<usize>,
    /// The interval of a row.
    #[arg(long, value_enum)]
    pub(crate) by: Option<IntervalArg>,
    #[command(flatten)]
    pub(crate) groups: GroupArgs,
    #[command(flatten)]
    pub(crate) about: About,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cairn query funnel \"Viewed item\" \"Add to cart\" \"Order Placed\"
  cairn query funnel \"Viewed item\" \"Order Placed\" --window 12h --group-by event.browser
  cairn query funnel \"Viewed item\" \"Rated it\" \"Told a friend\" --order any --interval week
  cairn query funnel \"Add to cart\" \"Order Placed\" --exclude \"Opened chat\" --per session
  cairn query funnel \"Viewed item\" \"Add to cart\" --hold sku")]
pub(crate) struct FunnelArgs {
    /// The steps: defined events, or predicates in JSON.
    #[arg(required = true, num_args = 2..=16)]
    pub(crate) steps: Vec<String>,
    /// In which order the steps are to come.
    #[arg(long, value_enum, default_value = "sequential")]
    pub(crate) order: OrderArg,
    /// An event that ends the attempts it falls into: a defined event, or a predicate in JSON; up to four, each with its own --exclude.
    #[arg(long, value_name = "EVENT")]
    pub(crate) exclude: Vec<String>,
    /// What counts once.
    #[arg(long, value_enum, default_value = "user")]
    pub(crate) per: PerArg,
    /// An event property that every step must have, and have equal to the first step's; up to three, such as --hold sku,shop.
    #[arg(long, value_name = "PROPERTY", value_delimiter = ',')]
    pub(crate) hold: Vec<String>,
    /// How long after the first step the others may come, such as 30m, 12h, 7d or 2w.
    #[arg(long, value_name = "TIME", default_value = "7d")]
    pub(crate) window: String,
    /// Also print the numbers by the interval in which attempts started.
    #[arg(long, value_enum)]
    pub(crate) interval: Option<IntervalArg>,
    #[command(flatten)]
    pub(crate) groups: GroupArgs,
    #[command(flatten)]
    pub(crate) about: About,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cairn query retention \"Signed up\" \"Order Placed\" --by week --periods 8 --from 2026-08-03
  cairn query retention \"Signed up\" '{\"type\": \"pageview\"}' --by day --rolling --or-after
  cairn query retention \"Signed up\" \"Order Placed\" --group-by user.plan")]
pub(crate) struct RetentionArgs {
    /// Whoever does this is of a cohort, by the first time in the range.
    pub(crate) start: String,
    /// What counts as coming back, after that.
    #[arg(value_name = "RETURN")]
    pub(crate) returns: String,
    /// The length of a period.
    #[arg(long, value_enum, default_value = "week")]
    pub(crate) by: IntervalArg,
    /// How many periods.
    #[arg(long, value_name = "N", default_value_t = 8)]
    pub(crate) periods: usize,
    /// Count periods from each user's own start, 24 or 168 hours each, instead of by the calendar.
    #[arg(long)]
    pub(crate) rolling: bool,
    /// Count who came back in the period or in a later one.
    #[arg(long)]
    pub(crate) or_after: bool,
    #[command(flatten)]
    pub(crate) groups: GroupArgs,
    #[command(flatten)]
    pub(crate) about: About,
}

#[derive(Debug, Args)]
pub(crate) struct ActivityArgs {
    /// What makes a user active: a defined event, or a predicate in JSON.
    pub(crate) event: String,
    /// The interval of a row.
    #[arg(long, value_enum, default_value = "week")]
    pub(crate) by: IntervalArg,
    #[command(flatten)]
    pub(crate) about: About,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OrderArg {
    /// One after the other; other events may come between.
    Sequential,
    /// One after the other; a step out of turn ends the attempt.
    Strict,
    /// The first one first, the others in any order.
    Any,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PerArg {
    /// A user.
    User,
    /// A session, in which all steps are.
    Session,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum IntervalArg {
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    Year,
    Whole,
}

//! `cairn query paths` and `cairn query pairs`.

use clap::Args;

use super::About;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cairn query paths                                    from the first page of each session on
  cairn query paths --start '{\"property\": \"path\", \"is\": \"/pricing\"}' --depth 3
  cairn query paths --end \"Order Placed\" --collapse   the pages before the last order
  cairn query paths --start \"Signed up\" --node \"Add to cart\" --node \"Order Placed\"")]
pub(crate) struct PathsArgs {
    /// Follow sessions from the first of these on: a defined event, or a predicate in JSON; default: from the first node.
    #[arg(long, value_name = "EVENT", conflicts_with = "end")]
    pub(crate) start: Option<String>,
    /// Follow sessions back from the last of these.
    #[arg(long, value_name = "EVENT")]
    pub(crate) end: Option<String>,
    /// How many steps to follow.
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub(crate) depth: usize,
    /// How many nodes of a step stand on their own.
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) top: usize,
    #[command(flatten)]
    pub(crate) nodes: NodesArgs,
    #[command(flatten)]
    pub(crate) about: About,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cairn query pairs --top 20
  cairn query pairs --node \"Viewed item\" --node \"Add to cart\" --node \"Order Placed\"")]
pub(crate) struct PairsArgs {
    /// How many pairs stand on their own.
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub(crate) top: usize,
    #[command(flatten)]
    pub(crate) nodes: NodesArgs,
    #[command(flatten)]
    pub(crate) about: About,
}

/// What sessions come to.
#[derive(Debug, Args)]
pub(crate) struct NodesArgs {
    /// An event that is a node, again for each; default: pageviews, each path a node.
    #[arg(long = "node", value_name = "EVENT")]
    pub(crate) nodes: Vec<String>,
    /// Count a node that repeats at once as one.
    #[arg(long)]
    pub(crate) collapse: bool,
}

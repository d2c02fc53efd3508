//! What is to be gone for good.

use cairn_model::UserId;
use clap::Args;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cairn erase --handle jane@example.com --purge
  cairn erase --user 4711 --user 4712

Everything received of these users up to now is gone from all answers and lists at once, for good. A purge frees the files of it: at
once with --purge, else within minutes while a server runs. Backups are yours to delete.")]
#[command(group(clap::ArgGroup::new("whom").required(true).args(["users", "handle"])))]
pub(crate) struct EraseArgs {
    /// A user id, as exports and the API write it; can be given several times.
    #[arg(long = "user", value_name = "ID", value_parser = user_id)]
    pub(crate) users: Vec<UserId>,
    /// A person's handle: all user ids that belong to it.
    #[arg(long, value_name = "HANDLE")]
    pub(crate) handle: Option<String>,
    /// Wait until no file holds the data any more.
    #[arg(long)]
    pub(crate) purge: bool,
}

fn user_id(text: &str) -> Result<UserId, String> {
    UserId::parse(text).ok_or_else(|| "a user id is an integer from 1 to 2^63 - 1".to_owned())
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example: cairn expire --before 2025-01-01 --purge

Events before it are gone from all answers at once, for good, also such that arrive later.")]
pub(crate) struct ExpireArgs {
    /// The first date (in the project's time zone) or instant that is kept.
    #[arg(long, value_name = "TIME")]
    pub(crate) before: String,
    /// Wait until no file holds the events any more.
    #[arg(long)]
    pub(crate) purge: bool,
}

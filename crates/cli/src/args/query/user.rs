//! `cairn query user`.

use clap::Args;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cairn query user jane@example.com
  cairn query user 4711 --from 2026-08-01 --to 2026-08-08
  cairn query user jane@example.com --limit 1000 --format csv > jane.csv")]
pub(crate) struct UserArgs {
    /// Whose events: a handle, or a user id; a number is taken for a user id.
    #[arg(value_name = "HANDLE_OR_ID")]
    pub(crate) who: String,
    /// It is a handle, although it is a number.
    #[arg(long)]
    pub(crate) handle: bool,
    /// From this date (in the project's time zone) or instant on; default: the first event.
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<String>,
    /// Before this date or instant; default: up to the last event.
    #[arg(long, value_name = "TIME")]
    pub(crate) to: Option<String>,
    /// How many events are printed, up to 1,000.
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(crate) limit: usize,
    /// Go on where a page ended, with what was printed below it.
    #[arg(long, value_name = "CURSOR")]
    pub(crate) before: Option<String>,
    /// Hide what happened after this date or instant; default: now.
    #[arg(long, value_name = "TIME")]
    pub(crate) as_of: Option<String>,
    /// Print events of known bots too.
    #[arg(long)]
    pub(crate) bots: bool,
}

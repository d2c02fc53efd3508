//! Named lists of people.

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cairn list                                    what lists there are, and how many people each has
  cairn list add \"beta testers\" testers.csv
  cairn query graph \"Order Placed\" --segment '{\"list\": \"beta testers\"}'
  cairn query graph \"Order Placed\" --group-by 'segment:Beta={\"list\": \"beta testers\"}'
  cairn list remove \"beta testers\"

A list is a part of segments, beside what people did and are. It stays as it was uploaded, until it is added again.")]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct ListArgs {
    #[command(subcommand)]
    pub(crate) what: Option<ListWhat>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ListWhat {
    /// Add a list of people from a file, or replace it.
    #[command(after_help = "\
Examples:
  cairn list add \"beta testers\" testers.txt     a handle on each line
  cairn list add \"beta testers\" testers.csv     with a first line that has `handle` or `user_id`
  cairn list add \"beta testers\" testers.json    {\"users\": [{\"handle\": \"jane@example.com\"}, {\"id\": \"4711\"}]}
  grep @example.com all.txt | cairn list add \"colleagues\" -

A handle is what people are identified by, a user id what exports and the API write. People who are not known yet are in the
list once they come. At most 1,000,000 people and 64 MiB.")]
    Add {
        /// The list's name; one that exists is replaced as a whole.
        name: String,
        /// The file: .json, .csv, or anything else with a handle on each line; - for standard input.
        file: String,
    },
    /// Remove a list; the people stay.
    Remove {
        /// The list's name.
        name: String,
    },
}

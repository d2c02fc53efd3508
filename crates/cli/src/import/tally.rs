//! What became of the rows, in words that say what to do.

use std::{
    collections::BTreeMap,
    fmt::{self, Write},
    path::PathBuf,
};

use cairn_model::{Reason, Refusal};

use super::Place;
use crate::{output::thousands, rows};

/// So many refused rows of each reason are shown.
const EXAMPLES: usize = 3;

/// Counts of rows by what became of them.
#[derive(Debug)]
pub(crate) struct Tally {
    files: Vec<String>,
    rows: u64,
    accepted: u64,
    refused: BTreeMap<Reason, Refused>,
}

#[derive(Debug, Default)]
struct Refused {
    count: u64,
    examples: Vec<(Place, String)>,
}

impl Tally {
    pub(crate) fn new(files: &[PathBuf]) -> Self {
        let files = files.iter().map(|file| rows::display(file)).collect();
        Self { files, rows: 0, accepted: 0, refused: BTreeMap::new() }
    }

    pub(crate) fn count_rows(&mut self, rows: usize) {
        self.rows += rows as u64;
    }

    pub(crate) fn accept(&mut self, rows: usize) {
        self.accepted += rows as u64;
    }

    pub(crate) fn refuse(&mut self, place: Place, refusal: &Refusal) {
        let refused = self.refused.entry(refusal.reason).or_default();
        refused.count += 1;
        if refused.examples.len() < EXAMPLES {
            refused.examples.push((place, refusal.message.clone()));
        }
    }

    /// A row that was accepted here, and not by the server.
    pub(crate) fn refuse_after_all(&mut self, place: Place, refusal: &Refusal) {
        self.accepted = self.accepted.saturating_sub(1);
        self.refuse(place, refusal);
    }

    /// Rows read.
    pub(crate) fn rows(&self) -> u64 {
        self.rows
    }

    /// Rows taken.
    pub(crate) fn accepted(&self) -> u64 {
        self.accepted
    }

    /// Rows not taken.
    pub(crate) fn refused(&self) -> u64 {
        self.refused.values().map(|refused| refused.count).sum()
    }
}

/// The refused rows.
impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (reason, refused) in &self.refused {
            writeln!(f, "  {} by `{}`: {}", thousands(refused.count), reason.name(), advice(*reason))?;
            for (place, message) in &refused.examples {
                let file = self.files.get(place.file).map(String::as_str).unwrap_or_default();
                writeln!(f, "    {file}:{}: {message}", place.row)?;
            }
            if refused.count > refused.examples.len() as u64 {
                f.write_str("    …\n")?;
            }
        }
        f.write_char('\n')
    }
}

fn advice(reason: Reason) -> &'static str {
    match reason {
        Reason::Json => "correct these lines; the others stand",
        Reason::Type => "the column `type` says session, pageview, click, change, submit or custom",
        Reason::UserId => "user ids are integers; give other ids numbers, and keep them as a property or `handle`",
        Reason::EventId => "event ids are integers; leave the column out to have them made from the rows",
        Reason::Time => "times are milliseconds since 1970 (not seconds), or RFC 3339 with an offset",
        Reason::Name => "custom events have a column `name` of 1 to 255 bytes",
        Reason::Handle => "handles are texts of 1 to 255 bytes",
        Reason::Properties => "an event has up to 255 properties: scalars, or arrays of up to 255 scalars",
        Reason::Depth => "objects nest up to 16 deep",
        Reason::Chain => "`chain` holds an element chain as the API describes it; call the column something else",
        Reason::Text => "texts are UTF-8 without NUL",
        Reason::Size => "the row is too large",
    }
}

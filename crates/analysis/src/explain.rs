//! How an answer came about.

use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

/// How an answer came about; specified in docs/api.md.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Explain {
    /// What was counted, in words.
    pub sentence: String,
    /// What was looked at.
    #[serde(flatten)]
    pub touched: Touched,
    /// How events were found.
    #[serde(default)]
    pub found: FoundBy,
    /// Time spent, in milliseconds.
    pub total_ms: f64,
}

/// What of the store a question looked at, each thing once, however often.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Touched {
    /// Rows: of parts that were scanned and of tails all, else those that indexes or postings named, and those of persons who are
    /// looked at one by one.
    pub rows: u64,
    /// Encoded bytes of the columns, lists and rows that were asked for.
    #[serde(default)]
    pub bytes: u64,
    /// The parts, by how events were found in them.
    #[serde(default)]
    pub parts: PartsBy,
}

/// Parts, by how events were found in them. A part that two snapshots of a question look at, as with a segment, counts twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartsBy {
    /// By the indexes of definitions.
    pub index: u64,
    /// By postings, which named few rows.
    pub postings: u64,
    /// By reading columns.
    pub scan: u64,
    /// Passed: outside of the question's range, or without any value that it asks for.
    pub skipped: u64,
}

/// How events were found, over all parts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FoundBy {
    /// By indexes of definitions alone.
    Index,
    /// By postings alone.
    Postings,
    /// By reading columns alone, or only in tails.
    #[default]
    Scan,
    /// Some parts in one way, some in another.
    Both,
}

impl PartsBy {
    /// How events were found, over all parts.
    pub fn found(&self) -> FoundBy {
        match (self.index > 0, self.postings > 0, self.scan > 0) {
            (true, false, false) => FoundBy::Index,
            (false, true, false) => FoundBy::Postings,
            (false, false, _) => FoundBy::Scan,
            _ => FoundBy::Both,
        }
    }
}

impl AddAssign for Touched {
    fn add_assign(&mut self, other: Self) {
        self.rows += other.rows;
        self.bytes += other.bytes;
        self.parts.index += other.parts.index;
        self.parts.postings += other.parts.postings;
        self.parts.scan += other.parts.scan;
        self.parts.skipped += other.parts.skipped;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_looked_at_adds_up_and_says_how_events_were_found() {
        let by = |index, postings, scan| PartsBy { index, postings, scan, skipped: 1 };
        let found = [by(2, 0, 0), by(0, 1, 0), by(0, 0, 3), by(0, 0, 0), by(1, 1, 0), by(1, 0, 1)].map(|by| by.found());
        use FoundBy::{Both, Index, Postings, Scan};
        assert_eq!(found, [Index, Postings, Scan, Scan, Both, Both]);
        let mut all = Touched { rows: 1, bytes: 2, parts: by(1, 0, 0) };
        all += Touched { rows: 10, bytes: 20, parts: by(0, 2, 3) };
        assert_eq!(all, Touched { rows: 11, bytes: 22, parts: PartsBy { index: 1, postings: 2, scan: 3, skipped: 2 } });
    }
}

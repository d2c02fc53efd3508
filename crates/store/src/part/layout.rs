//! What stands where in a part.

use serde::{Deserialize, Serialize};

use crate::container::{Buffer, Magic};

/// The first and last bytes of a part.
pub(super) const MAGIC: Magic = *b"CAIRNPT\x02";

/// A property's column. Buffers of whole numbers are coded by `crate::ints`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct ColumnEntry {
    pub(super) name: String,
    /// Per row (u32): 0 is missing. If the column follows from another: its code for each code of that (plain u32).
    pub(super) codes: Buffer,
    /// The greatest code.
    pub(super) greatest: u32,
    /// The name of the column that this one follows from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) from: Option<String>,
    /// The values, where they are not those of the project's dictionary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) values: Option<ValuesEntry>,
    /// Which rows have each code, where that helps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) postings: Option<PostingsEntry>,
}

/// See [`super::postings`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct PostingsEntry {
    /// Of each code, and of one more: its first place in the others (u32).
    pub(super) starts: Buffer,
    /// Of each run of each code in turn: the rows between it and the one before (u32).
    pub(super) gaps: Buffer,
    /// Of each run: its rows, less 1 (u32).
    pub(super) lengths: Buffer,
}

/// The values of a column, code `c` is the `c`-th.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct ValuesEntry {
    /// Where each ends (u64).
    pub(super) ends: Buffer,
    pub(super) bytes: Buffer,
}

/// The directory, as JSON.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Directory {
    pub(super) rows: u64,
    pub(super) time_min: i64,
    pub(super) time_max: i64,
    pub(super) received_max: i64,
    /// The least and the greatest event id: ids that grow with time rule most parts out.
    pub(super) event_id_min: u64,
    pub(super) event_id_max: u64,
    /// Rows of which only the event's id is left.
    pub(super) ghosts: u64,
    /// Numbers of the distinct users, ascending (u32).
    pub(super) users: Buffer,
    /// The first row of each user, and the number of rows (u32).
    pub(super) starts: Buffer,
    /// Since `time_min` (u64).
    pub(super) times: Buffer,
    /// Less the time shifted left by `event_id_shift`, if that is not 0 (u64, wrapping).
    pub(super) event_ids: Buffer,
    pub(super) event_id_shift: u8,
    /// Zigzag of the milliseconds since the event's time, or since `received_max` (u64).
    pub(super) received: Buffer,
    pub(super) received_since_time: bool,
    /// The event's tag, or that of a ghost (u32).
    pub(super) kinds: Buffer,
    pub(super) filter: Buffer,
    /// By name.
    pub(super) columns: Vec<ColumnEntry>,
}

/// The kind of a row whose event is erased: only its id is left.
pub(crate) const ERASED: u8 = 6;
/// The kind of a row whose event has expired: only its id is left, and when it was received.
pub(crate) const EXPIRED: u8 = 7;

/// Small numbers for small differences of either sign.
pub(super) fn zigzag(difference: i64) -> u64 {
    ((difference << 1) ^ (difference >> 63)) as u64
}

/// The inverse of [`zigzag`].
pub(super) fn unzigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

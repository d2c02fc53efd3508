//! What stands where in a part.

use serde::{Deserialize, Serialize};

/// The first and last bytes of a part.
pub(super) const MAGIC: &[u8; 8] = b"CAIRNPT\x01";
/// Buffers start at multiples of this, so that they can be read in place.
pub(super) const ALIGN: usize = 64;
/// Directory offset, directory length, directory CRC32C, version, magic.
pub(super) const FOOTER_BYTES: usize = 8 + 8 + 4 + 4 + 8;
/// The format's version.
pub(super) const VERSION: u32 = 1;

/// A run of bytes with its CRC32C.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Buffer {
    pub(super) offset: u64,
    pub(super) len: u64,
    pub(super) crc: u32,
}

/// A property's column.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct ColumnEntry {
    pub(super) name: String,
    /// Bytes of a code: 1, 2 or 4.
    pub(super) width: u8,
    pub(super) codes: Buffer,
    pub(super) offsets: Buffer,
    pub(super) values: Buffer,
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
    /// Distinct users, ascending (u64).
    pub(super) users: Buffer,
    /// The first row of each user, and the number of rows (u32).
    pub(super) starts: Buffer,
    pub(super) times: Buffer,
    pub(super) event_ids: Buffer,
    pub(super) received: Buffer,
    pub(super) kinds: Buffer,
    pub(super) filter: Buffer,
    /// What messages other than events made of users: see `user_states`.
    pub(super) user_states: Buffer,
    /// By name.
    pub(super) columns: Vec<ColumnEntry>,
}

//! The published limits of what may enter (docs/api.md). Each has one place: here.

/// A request's body on the wire, in bytes.
pub const BODY_BYTES: usize = 1 << 20;
/// A request's body unpacked, in bytes.
pub const BODY_UNPACKED_BYTES: usize = 4 << 20;
/// Properties of one event, or of one change to a user.
pub const PROPERTIES: usize = 255;
/// A property's name, in bytes.
pub const NAME_BYTES: usize = 255;
/// A string value, in bytes; longer ones are cut.
pub const STRING_BYTES: usize = 8_192;
/// Values of an array.
pub const ARRAY_VALUES: usize = 255;
/// How deep a message may nest.
pub const DEPTH: usize = 16;
/// A handle, in bytes.
pub const HANDLE_BYTES: usize = 255;
/// How far ahead of its arrival an event's time may lie.
pub const AHEAD_MS: i64 = 24 * 3_600_000;
/// The earliest time: 2000-01-01T00:00:00Z.
pub const TIME_MIN_MS: i64 = 946_684_800_000;
/// A sender's clock is corrected if it is off by more than this.
pub const CLOCK_SKEW_MS: i64 = 5 * 60_000;
/// A predicate's nesting.
pub const PREDICATE_DEPTH: usize = 16;
/// Conditions of one predicate.
pub const PREDICATE_NODES: usize = 1_000;

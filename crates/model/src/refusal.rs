//! Why a message cannot be accepted.

use std::fmt;

use serde::Serialize;

/// The kinds of refusal, as they are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Reason {
    /// Not JSON, or not the shape of a message.
    Json,
    /// An unknown `type`.
    Type,
    /// `user_id` missing or not an id.
    UserId,
    /// `event_id` missing or not an id.
    EventId,
    /// `time` missing, before 2000 or more than a day ahead.
    Time,
    /// A custom event without a name.
    Name,
    /// `handle` missing, empty or too long.
    Handle,
    /// Properties of the wrong shape or too many.
    Properties,
    /// Nested too deeply.
    Depth,
    /// A malformed element chain.
    Chain,
    /// Text that cannot be stored: a lone surrogate or NUL.
    Text,
    /// Too large.
    Size,
}

impl Reason {
    /// All reasons.
    pub const ALL: [Reason; 12] = [
        Reason::Json,
        Reason::Type,
        Reason::UserId,
        Reason::EventId,
        Reason::Time,
        Reason::Name,
        Reason::Handle,
        Reason::Properties,
        Reason::Depth,
        Reason::Chain,
        Reason::Text,
        Reason::Size,
    ];

    /// The name used in answers and metrics.
    pub fn name(self) -> &'static str {
        match self {
            Reason::Json => "json",
            Reason::Type => "type",
            Reason::UserId => "user_id",
            Reason::EventId => "event_id",
            Reason::Time => "time",
            Reason::Name => "name",
            Reason::Handle => "handle",
            Reason::Properties => "properties",
            Reason::Depth => "depth",
            Reason::Chain => "chain",
            Reason::Text => "text",
            Reason::Size => "size",
        }
    }
}

/// A refused message: what to count, and what to tell the sender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What to count.
    pub reason: Reason,
    /// What to tell.
    pub message: String,
}

impl Refusal {
    /// A refusal for `reason`, told as `message`.
    pub fn new(reason: Reason, message: impl Into<String>) -> Self {
        Self { reason, message: message.into() }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.reason.name(), self.message)
    }
}

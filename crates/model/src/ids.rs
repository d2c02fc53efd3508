//! Newtypes of ids and times. All ids are integers from 1 to 2^63 - 1.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest, Sha256};

/// The greatest id, 2^63 - 1: ids fit a PostgreSQL `bigint`.
pub(crate) const ID_MAX: u64 = i64::MAX as u64;

macro_rules! id {
    ($name:ident, $what:literal) => {
        #[doc = $what]
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u64);

        impl $name {
            /// `None` unless 1 <= `id` <= 2^63 - 1.
            pub fn new(id: u64) -> Option<Self> {
                (1..=ID_MAX).contains(&id).then_some(Self(id))
            }

            /// The nearest id.
            pub fn clamped(id: u64) -> Self {
                Self(id.clamp(1, ID_MAX))
            }

            /// The id as an integer.
            pub fn get(self) -> u64 {
                self.0
            }

            /// Parses a decimal string; `None` if it is not an id.
            pub fn parse(text: &str) -> Option<Self> {
                let digits = !text.is_empty() && text.len() <= 19 && text.bytes().all(|b| b.is_ascii_digit());
                digits.then(|| text.parse().ok()).flatten().and_then(Self::new)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                #[derive(Deserialize)]
                #[serde(untagged)]
                enum Id {
                    Number(u64),
                    Text(String),
                }
                let id = match Id::deserialize(deserializer)? {
                    Id::Number(id) => Self::new(id),
                    Id::Text(text) => Self::parse(&text),
                };
                id.ok_or_else(|| de::Error::custom("an id is an integer from 1 to 2^63 - 1"))
            }
        }
    };
}

id!(ProjectId, "One customer's data; nothing ever crosses projects.");
id!(UserId, "An anonymous visitor (a device), or the canonical user of a handle.");
id!(EventId, "An event, unique within its user.");
id!(ReportId, "A saved report; no other of the server has it.");
id!(DashboardId, "A dashboard; no other of the server has it.");

/// Milliseconds since the Unix epoch, UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TimeMs(pub i64);

impl fmt::Display for TimeMs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The canonical user of a handle: the first 63 bits of SHA-256 of `handle`, never 0. Cryptographic, so that nobody can
/// choose a handle that falls on another person's id.
pub fn canonical_user(handle: &str) -> UserId {
    let digest = Sha256::digest(handle.as_bytes());
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    UserId((u64::from_be_bytes(first) >> 1).max(1))
}

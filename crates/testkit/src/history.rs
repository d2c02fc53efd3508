//! Histories as JSON, for people to read: worked examples, and the case in which a store and the oracle differ.

use std::collections::BTreeMap;

use cairn_analysis::{Calendar, QueryError, When};
use cairn_model::{Event, EventKind, Message, Properties, TimeMs, UserId, Value};
use serde::{Deserialize, Serialize};

type Values = BTreeMap<String, Value<'static>>;

/// A message. Instants are milliseconds or texts such as `2026-08-01T12:00:00Z`; a message is received when it happens, unless it
/// says otherwise.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Line {
    /// An event.
    Event {
        /// Who did it.
        user: u64,
        /// Its id.
        id: u64,
        /// When.
        time: When,
        /// When it came.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        received: Option<When>,
        /// Its type.
        #[serde(rename = "type")]
        kind: EventKind,
        /// Its properties.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        properties: Values,
    },
    /// Properties of a user.
    Set {
        /// Whose.
        user: u64,
        /// When.
        time: When,
        /// When it came.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        received: Option<When>,
        /// The last one stands.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        set: Values,
        /// The first one stands.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        set_once: Values,
    },
    /// A user id is somebody's.
    Identify {
        /// The id.
        user: u64,
        /// Whose.
        handle: String,
        /// When.
        time: When,
        /// When it came.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        received: Option<When>,
    },
    /// It was not.
    Unidentify {
        /// The id.
        user: u64,
        /// Whose it was said to be.
        handle: String,
        /// When.
        time: When,
        /// When it came.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        received: Option<When>,
    },
    /// What was received of these users up to `at` is erased.
    Erase {
        /// Whose.
        users: Vec<u64>,
        /// Up to when.
        at: When,
    },
    /// Events before this are dropped.
    Expire {
        /// Before when.
        before: When,
    },
}

impl Line {
    /// The message that it stands for.
    pub fn message(self) -> Result<Message<'static>, QueryError> {
        let utc = Calendar::new("UTC")?;
        let at = |when: &When| utc.instant(when);
        let came = |received: Option<When>, time: TimeMs| received.as_ref().map_or(Ok(time), at);
        Ok(match self {
            Self::Event { user, id, time, received, kind, properties } => {
                let time = at(&time)?;
                let properties = values(properties);
                Message::Event(Event {
                    received_at: came(received, time)?,
                    properties,
                    ..Event::new(user, id, time.0, kind)
                })
            }
            Self::Set { user, time, received, set, set_once } => {
                let time = at(&time)?;
                let received_at = came(received, time)?;
                let (set, set_once) = (values(set), values(set_once));
                Message::SetUserProperties { user_id: UserId::clamped(user), time, received_at, set, set_once }
            }
            Self::Identify { user, handle, time, received } => {
                let time = at(&time)?;
                let received_at = came(received, time)?;
                Message::Identify { user_id: UserId::clamped(user), handle, time, received_at }
            }
            Self::Unidentify { user, handle, time, received } => {
                let time = at(&time)?;
                let received_at = came(received, time)?;
                Message::Unidentify { user_id: UserId::clamped(user), handle, time, received_at }
            }
            Self::Erase { users, at: until } => {
                Message::Erase { user_ids: users.into_iter().map(UserId::clamped).collect(), at: at(&until)? }
            }
            Self::Expire { before } => Message::Expire { before: at(&before)? },
        })
    }
}

impl From<&Message<'static>> for Line {
    fn from(message: &Message<'static>) -> Self {
        let when = |time: &TimeMs| When::Instant(*time);
        let came = |time: &TimeMs| Some(When::Instant(*time));
        match message {
            Message::Event(event) => Self::Event {
                user: event.user_id.get(),
                id: event.event_id.get(),
                time: when(&event.time),
                received: came(&event.received_at),
                kind: event.kind,
                properties: pairs(&event.properties),
            },
            Message::SetUserProperties { user_id, time, received_at, set, set_once } => Self::Set {
                user: user_id.get(),
                time: when(time),
                received: came(received_at),
                set: pairs(set),
                set_once: pairs(set_once),
            },
            Message::Identify { user_id, handle, time, received_at } => Self::Identify {
                user: user_id.get(),
                handle: handle.clone(),
                time: when(time),
                received: came(received_at),
            },
            Message::Unidentify { user_id, handle, time, received_at } => Self::Unidentify {
                user: user_id.get(),
                handle: handle.clone(),
                time: when(time),
                received: came(received_at),
            },
            Message::Erase { user_ids, at } => {
                Self::Erase { users: user_ids.iter().map(|user| user.get()).collect(), at: when(at) }
            }
            Message::Expire { before } => Self::Expire { before: when(before) },
        }
    }
}

fn values(values: Values) -> Properties<'static> {
    Properties::from_pairs(values.into_iter().map(|(name, value)| (name.into(), value)).collect())
}

fn pairs(properties: &Properties<'static>) -> Values {
    properties.iter().map(|(name, value)| (name.to_owned(), value.clone())).collect()
}

//! Messages: everything that enters. All state is a function of them.

use crate::{Event, Properties, TimeMs, UserId};

/// One entry of the commit log. The rules by which messages make state are in `docs/semantics.md`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message<'a> {
    /// Counted once for ever per (user, event id); the first in log order stands.
    Event(Event<'a>),
    /// Per key: of `set` the greatest (time, value) stands, of `set_once` the least; `set` beats `set_once`.
    SetUserProperties {
        /// Whose.
        user_id: UserId,
        /// When they were true.
        time: TimeMs,
        /// When capture took it.
        received_at: TimeMs,
        /// Last writer wins.
        set: Properties<'a>,
        /// First writer wins.
        set_once: Properties<'a>,
    },
    /// The user belongs to the earliest (time, handle) that is not revoked.
    Identify {
        /// Whose.
        user_id: UserId,
        /// The site's name for the person.
        handle: String,
        /// When they were identified.
        time: TimeMs,
        /// When capture took it.
        received_at: TimeMs,
    },
    /// Revokes the identifications of `user_id` as `handle` that are not later than `time`.
    Unidentify {
        /// Whose.
        user_id: UserId,
        /// The handle that is taken back.
        handle: String,
        /// Up to when.
        time: TimeMs,
        /// When capture took it.
        received_at: TimeMs,
    },
    /// Covers all messages of these users with `received_at <= at`, whenever they are applied.
    Erase {
        /// Whose.
        user_ids: Vec<UserId>,
        /// Up to when, by `received_at`.
        at: TimeMs,
    },
    /// Drops the events with `time < before`, whenever they are applied.
    Expire {
        /// The first instant that is kept.
        before: TimeMs,
    },
}

impl Message<'_> {
    /// A copy that borrows nothing.
    pub fn into_owned(self) -> Message<'static> {
        match self {
            Message::Event(event) => Message::Event(event.into_owned()),
            Message::SetUserProperties { user_id, time, received_at, set, set_once } => Message::SetUserProperties {
                user_id,
                time,
                received_at,
                set: set.into_owned(),
                set_once: set_once.into_owned(),
            },
            Message::Identify { user_id, handle, time, received_at } => {
                Message::Identify { user_id, handle, time, received_at }
            }
            Message::Unidentify { user_id, handle, time, received_at } => {
                Message::Unidentify { user_id, handle, time, received_at }
            }
            Message::Erase { user_ids, at } => Message::Erase { user_ids, at },
            Message::Expire { before } => Message::Expire { before },
        }
    }
}

//! Resolving one person's events.

use std::fmt;

use cairn_model::{EventId, TimeMs, UserId};

use super::{Listed, Names, users::check_limit};
use crate::{QueryError, StreamQuery, Whose};

/// A resolved question for one person's events.
#[derive(Clone, Debug)]
pub struct StreamPlan {
    /// Whose events.
    pub user: Listed,
    /// The first instant whose events are given.
    pub from: i64,
    /// The first instant whose events are not.
    pub to: i64,
    /// Only events that come before this one in the user's order.
    pub before: Option<EventKey>,
    /// How many are given.
    pub limit: usize,
    /// Later events are hidden.
    pub as_of: TimeMs,
    /// Whether events of known bots are given.
    pub bots: bool,
    /// What is given, in words.
    pub sentence: String,
}

/// An event's place in the total order of its user's events. As text, a cursor: `TIME.EVENT_ID.USER_ID`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventKey {
    /// When it happened.
    pub time: TimeMs,
    /// Its id.
    pub event_id: EventId,
    /// The original user id.
    pub user_id: UserId,
}

impl EventKey {
    /// The place that a cursor names.
    pub fn parse(cursor: &str) -> Option<Self> {
        let mut parts = cursor.split('.');
        let key = Self {
            time: TimeMs(parts.next()?.parse().ok()?),
            event_id: EventId::parse(parts.next()?)?,
            user_id: UserId::parse(parts.next()?)?,
        };
        parts.next().is_none().then_some(key)
    }
}

impl fmt::Display for EventKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.time, self.event_id, self.user_id)
    }
}

impl StreamPlan {
    pub(super) fn resolve(query: &StreamQuery, names: Names<'_>) -> Result<Self, QueryError> {
        check_limit(query.limit)?;
        let as_of = names.as_of(query.as_of.as_ref())?;
        let instant = |when| names.calendar.instant(when).map(|time| time.0);
        let from = query.from.as_ref().map_or(Ok(i64::MIN), instant)?;
        let to = query.to.as_ref().map_or(Ok(i64::MAX), instant)?;
        if from >= to {
            return Err(QueryError::new("time", "the range is empty: `from` must lie before `to`"));
        }
        let cursor = |text: &String| {
            let wrong = || QueryError::new("query", "`before` is the `next` of the page before, as it was given");
            EventKey::parse(text).ok_or_else(wrong)
        };
        let user = match &query.user {
            Whose::Handle(handle) => Listed::Handle(handle.clone()),
            Whose::Id(id) => Listed::User(*id),
        };
        let sentence = format!("Events of {}, newest first", words(&user));
        Ok(Self {
            user,
            from,
            to: to.min(as_of.0.saturating_add(1)),
            before: query.before.as_ref().map(cursor).transpose()?,
            limit: query.limit,
            as_of,
            bots: query.bots,
            sentence,
        })
    }

    /// Why there is no answer where nobody is that person.
    pub fn unknown_user(&self) -> QueryError {
        let hint = match &self.user {
            Listed::Handle(_) => "handles are compared byte by byte, and an erased user is not there any more",
            Listed::User(_) => "where this is a handle, ask by `handle`; an erased user is not there any more",
        };
        QueryError::new("unknown_user", format!("nobody is {}: {hint}", words(&self.user)))
    }
}

/// Who somebody is, for people.
fn words(user: &Listed) -> String {
    match user {
        Listed::Handle(handle) => handle.clone(),
        Listed::User(id) => format!("the user {id}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_names_the_place_that_it_was_made_of_and_nothing_else_is_one() {
        let key = EventKey { time: TimeMs(-5), event_id: EventId::clamped(7), user_id: UserId::clamped(u64::MAX) };
        assert_eq!(EventKey::parse(&key.to_string()), Some(key));
        for wrong in ["", "1", "1.2", "1.2.3.4", "1.2.0", "1.x.3", "1.-2.3", "x.2.3", "1..3"] {
            assert_eq!(EventKey::parse(wrong), None, "{wrong}");
        }
    }
}

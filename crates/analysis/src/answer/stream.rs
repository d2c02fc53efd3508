//! What one person did.

use std::time::Instant;

use cairn_model::{Definition, Event, UserId, Value};
use serde::{Deserialize, Serialize};

use super::PersonRow;
use crate::{Answer, Body, Budget, QueryError};

/// The name of the property that names an event's session.
const SESSION: &str = "session_id";

/// A page of a person's events, newest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StreamAnswer {
    /// Who it is.
    pub user: PersonRow,
    /// Events that come one after the other in one session, together; sessions that overlap take turns. A session that the page
    /// cuts goes on with the next one.
    pub sessions: Vec<StreamSession>,
    /// The cursor of the next page; nothing where this is the last one.
    pub next: Option<String>,
}

/// Events of one session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StreamSession {
    /// The original user id.
    pub user_id: UserId,
    /// The session's id; nothing for an event of no session, which stands alone.
    pub session_id: Option<Value<'static>>,
    /// Newest first.
    pub events: Vec<StreamEvent>,
}

/// An event, and what it is called.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StreamEvent {
    /// The event, of its original user id.
    #[serde(flatten)]
    pub event: Event<'static>,
    /// The names of the definitions that it matches.
    pub names: Vec<String>,
}

impl StreamAnswer {
    /// The page of these events, newest first, without names.
    pub fn new(user: PersonRow, events: Vec<Event<'static>>, next: Option<String>) -> Self {
        let mut sessions: Vec<StreamSession> = Vec::new();
        for event in events {
            let (user_id, session_id) = (event.user_id, event.properties.get(SESSION).cloned());
            let event = StreamEvent { event, names: Vec::new() };
            match sessions.last_mut() {
                Some(last) if session_id.is_some() && (last.user_id, &last.session_id) == (user_id, &session_id) => {
                    last.events.push(event);
                }
                _ => sessions.push(StreamSession { user_id, session_id, events: vec![event] }),
            }
        }
        Self { user, sessions, next }
    }
}

impl Answer {
    /// Puts the names of definitions to the events of a person. Fails if the budget is over.
    pub fn name_events(&mut self, definitions: &[Definition], budget: &Budget) -> Result<(), QueryError> {
        let Body::Stream(stream) = &mut self.body else { return Ok(()) };
        let start = Instant::now();
        for event in stream.sessions.iter_mut().flat_map(|session| &mut session.events) {
            budget.check()?;
            event.names = Definition::names_of(definitions, &event.event);
        }
        self.explain.total_ms += start.elapsed().as_secs_f64() * 1e3;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use cairn_model::EventKind;

    use super::*;

    /// An event of a user, in a session if it is not 0.
    fn event(user: u64, id: u64, session: u64) -> Event<'static> {
        let mut event = Event::new(user, id, id as i64, EventKind::Pageview);
        if session > 0 {
            event.properties.set(SESSION, Value::Number(session as f64));
        }
        event
    }

    #[test]
    fn sessions_take_turns_and_events_of_none_stand_alone() {
        let events = [(1, 1), (1, 1), (2, 1), (1, 1), (1, 0), (1, 0), (1, 2)];
        let events = events.into_iter().zip((1..9).rev()).map(|((user, session), id)| event(user, id, session));
        let stream = StreamAnswer::new(PersonRow::default(), events.collect(), None);
        let lengths: Vec<_> = stream.sessions.iter().map(|of| (of.user_id.get(), of.events.len())).collect();
        assert_eq!(lengths, [(1, 2), (2, 1), (1, 1), (1, 1), (1, 1), (1, 1)]);
        assert_eq!(stream.sessions[3].session_id, None);
    }

    #[test]
    fn an_answer_survives_json() {
        let mut named = event(1, 7, 1);
        named.properties.set("a", Value::Array(vec![Value::Null, Value::from("x")]));
        let stream = StreamAnswer::new(PersonRow::default(), vec![named], Some("1.2.3".to_owned()));
        let json = serde_json::to_string(&stream).unwrap();
        assert_eq!(serde_json::from_str::<StreamAnswer>(&json).unwrap(), stream);
    }
}

//! One person's events by their definition.

use cairn_analysis::{EventKey, Listed, StreamAnswer, StreamEvent, StreamPlan, StreamSession};
use cairn_model::{Event, Value};

use super::{Oracle, Person};

impl Oracle {
    /// The answer to a question for one person's events, without names; the empty one where nobody is that person.
    pub fn stream(&self, plan: &StreamPlan) -> StreamAnswer {
        let person = match &plan.user {
            Listed::Handle(handle) => Person::Handle(handle.clone()),
            Listed::User(id) => self.person(*id),
        };
        let Some(user) = self.people().into_iter().find(|(one, _)| *one == person).map(|(_, row)| row) else {
            return StreamAnswer::default();
        };
        let key = |event: &Event<'_>| EventKey { time: event.time, event_id: event.event_id, user_id: event.user_id };
        let mut events: Vec<&Event<'static>> = self.events();
        events.retain(|event| self.person(event.user_id) == person);
        events.retain(|event| event.time.0 >= plan.from && event.time.0 < plan.to && event.time <= plan.as_of);
        events.retain(|event| plan.bots || event.properties.get("bot") != Some(&Value::Bool(true)));
        events.retain(|event| plan.before.is_none_or(|before| key(event) < before));
        events.sort_by_key(|event| key(event));
        events.reverse();
        let next = (events.len() > plan.limit).then(|| key(events[plan.limit - 1]).to_string());
        events.truncate(plan.limit);
        let session = |event: &Event<'static>| (event.user_id, event.properties.get("session_id").cloned());
        let same = |a: &&Event<'static>, b: &&Event<'static>| session(a).1.is_some() && session(a) == session(b);
        let sessions = events.chunk_by(same).map(|events| StreamSession {
            user_id: session(events[0]).0,
            session_id: session(events[0]).1,
            events: events.iter().map(|event| StreamEvent { event: (*event).clone(), names: Vec::new() }).collect(),
        });
        StreamAnswer { user, sessions: sessions.collect(), next }
    }
}

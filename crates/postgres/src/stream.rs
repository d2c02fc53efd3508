//! One person's events, newest first.

use std::time::Instant as Clock;

use cairn_analysis::{Answer, Body, EventKey, QueryError, StoreError, StreamAnswer, StreamPlan};
use cairn_model::{Event, TimeMs};

use crate::{
    answer::{answered, query_error},
    gather::event,
    instant::Instant,
    people, segment,
};

const STREAM: &str = include_str!("../queries/stream.sql");

/// Gives a page of one person's events.
pub(crate) fn stream(instant: &Instant<'_>, plan: &StreamPlan) -> Result<Answer, QueryError> {
    let start = Clock::now();
    let found = find(instant, plan).map_err(|error| query_error(&error))?.ok_or_else(|| plan.unknown_user())?;
    Ok(answered(instant, Body::Stream(found), (plan.as_of, &plan.sentence), start))
}

/// Nothing where nobody is that person.
fn find(instant: &Instant<'_>, plan: &StreamPlan) -> Result<Option<StreamAnswer>, StoreError> {
    let Some(person) = segment::person_of(instant, &plan.user)? else { return Ok(None) };
    let Some(row) = people::person_rows(instant, vec![person])?.remove(&person) else { return Ok(None) };
    // A handle's hash may be the id of somebody without one, and the other way round.
    if matches!(&plan.user, cairn_analysis::Listed::Handle(handle) if row.handle.as_ref() != Some(handle)) {
        return Ok(None);
    }
    let before = plan.before.unwrap_or(EventKey {
        time: TimeMs(i64::MAX),
        event_id: cairn_model::EventId::clamped(u64::MAX),
        user_id: cairn_model::UserId::clamped(u64::MAX),
    });
    let bots = plan.bots || instant.faulty;
    let events: Vec<Event<'static>> = instant.list(
        STREAM,
        &[
            Box::new(instant.project),
            Box::new(person),
            Box::new(plan.from),
            Box::new(plan.to),
            Box::new(before.time.0),
            Box::new(before.event_id.get() as i64),
            Box::new(before.user_id.get() as i64),
            Box::new(bots),
            Box::new(plan.limit as i64 + 1),
        ],
        |row| {
            let event = event(row, (0, 1, 2, 3, 4));
            Event { received_at: TimeMs(row.get(5)), ..event }
        },
    )?;
    let mut events = events;
    let more = events.len() > plan.limit;
    events.truncate(plan.limit);
    let key = |event: &Event<'_>| EventKey { time: event.time, event_id: event.event_id, user_id: event.user_id };
    let next = events.last().filter(|_| more).map(|event| key(event).to_string());
    Ok(Some(StreamAnswer::new(row, events, next)))
}

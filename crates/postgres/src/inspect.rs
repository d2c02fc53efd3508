//! Looking at single events and users, and at all of them.

use cairn_analysis::{Budget, Groups, Ledger, Preview, Question, SeenEvent, SeenUser, StoreError, TimeRange, Wanted};
use cairn_model::{Event, Message, Predicate, Properties, StateHash, TimeMs, UserId, UserState};
use hashbrown::HashMap;
use tokio_postgres::Row;

use crate::{
    gather::{self, event},
    instant::Instant,
    json,
    segment::persons_of,
};

const ALL_EVENTS: &str = include_str!("../queries/all_events.sql");
const ALL_USERS: &str = include_str!("../queries/all_users.sql");
const FACTS_OF: &str = include_str!("../queries/facts_of.sql");
const FACTS: &str = include_str!("../queries/facts.sql");
const ERASURES: &str = include_str!("../queries/erasures.sql");
const EXPIRY: &str = include_str!("../queries/expiry.sql");
const NEWEST: &str = include_str!("../queries/newest.sql");
const THESE_EVENTS: &str = include_str!("../queries/these_events.sql");
const PERSON: &str = include_str!("../queries/person.sql");
const MEMBERS_OF: &str = include_str!("../queries/members_of.sql");
const EVENTS_OF: &str = include_str!("../queries/events_of.sql");
const NAMES: &str = include_str!("../queries/names.sql");
const VALUES: &str = include_str!("../queries/values.sql");
const LEDGER: &str = include_str!("../queries/ledger.sql");

/// The event of a row of `event_id`, original user id, time, type, properties, `received_at` and handle.
fn seen(row: &Row) -> SeenEvent {
    let event = Event { received_at: TimeMs(row.get(5)), ..event(row, (1, 0, 2, 3, 4)) };
    SeenEvent { event, person: row.get(6) }
}

/// What a predicate matches, and the latest of it.
pub(crate) fn preview(
    instant: &Instant<'_>,
    predicate: &Predicate,
    (from, to): (TimeMs, TimeMs),
    limit: usize,
) -> Result<Preview, StoreError> {
    let groups = Groups::default();
    let range = TimeRange { from: from.0, to: to.0 };
    let question = Question { predicates: vec![predicate], range, wanted: Wanted::keys(&[], &groups) };
    let mut found = gather::latest(instant, &question, limit)?;
    found.latest.sort_by(|a, b| b.cmp(a));
    let of = |at: fn(&(i64, i64, i64)) -> i64| -> Vec<i64> { found.latest.iter().map(at).collect() };
    let originals = of(|key| key.2);
    let known = persons_of(instant, &originals)?;
    let persons: Vec<i64> = originals.iter().map(|id| known.get(id).copied().unwrap_or(*id)).collect();
    let params: [crate::sql::Param; 4] =
        [Box::new(instant.project), Box::new(of(|key| key.1)), Box::new(originals), Box::new(persons)];
    let events = instant.list(THESE_EVENTS, &params, seen)?;
    let mut by_key: HashMap<(u64, u64), SeenEvent> =
        events.into_iter().map(|seen| ((seen.event.event_id.get(), seen.event.user_id.get()), seen)).collect();
    let latest = found.latest.iter().filter_map(|key| by_key.remove(&(key.1 as u64, key.2 as u64)));
    Ok(Preview { count: found.count, users: found.users, latest: latest.collect() })
}

/// The events received last, newest first.
pub(crate) fn newest(instant: &Instant<'_>, limit: usize) -> Result<Vec<SeenEvent>, StoreError> {
    // Blocks of the table that cannot have such events are passed, so a short time is a quick look.
    for hours in [1, 24, 24 * 30] {
        let found = newest_since(instant, limit, Some(hours))?;
        if found.len() >= limit {
            return Ok(found);
        }
    }
    newest_since(instant, limit, None)
}

fn newest_since(instant: &Instant<'_>, limit: usize, hours: Option<i64>) -> Result<Vec<SeenEvent>, StoreError> {
    instant.list(NEWEST, &[Box::new(instant.project), Box::new(limit as i64), Box::new(hours)], seen)
}

/// The handle of the person that a user id belongs to.
pub(crate) fn person(instant: &Instant<'_>, user: UserId) -> Result<Option<String>, StoreError> {
    let user = user.get() as i64;
    let Some(person) = persons_of(instant, &[user])?.remove(&user) else { return Ok(None) };
    let of: [crate::sql::Param; 2] = [Box::new(instant.project), Box::new(person)];
    Ok(instant.list(PERSON, &of, |row| row.get(0))?.pop().flatten())
}

/// The user ids that belong to a handle.
pub(crate) fn members(instant: &Instant<'_>, handle: &str) -> Result<Vec<UserId>, StoreError> {
    let of: [crate::sql::Param; 2] = [Box::new(instant.project), Box::new(handle.to_owned())];
    instant.list(MEMBERS_OF, &of, |row| UserId::clamped(row.get::<_, i64>(0) as u64))
}

/// How many events of user ids are in the answers.
pub(crate) fn events_of(instant: &Instant<'_>, users: &[UserId]) -> Result<u64, StoreError> {
    let ids: Vec<i64> = users.iter().map(|user| user.get() as i64).collect();
    let known = persons_of(instant, &ids)?;
    let persons: Vec<i64> = ids.iter().map(|id| known.get(id).copied().unwrap_or(*id)).collect();
    let of: [crate::sql::Param; 3] = [Box::new(instant.project), Box::new(persons), Box::new(ids)];
    let found = instant.list(EVENTS_OF, &of, |row| row.get::<_, i64>(0))?;
    Ok(found.first().copied().unwrap_or(0) as u64)
}

/// What messages other than events say of user ids, in their order.
pub(crate) fn facts(instant: &Instant<'_>, users: &[UserId]) -> Result<Vec<Message<'static>>, StoreError> {
    let ids: Vec<i64> = users.iter().map(|user| user.get() as i64).collect();
    let mut states: HashMap<i64, UserState> = HashMap::new();
    instant.each(FACTS_OF, &[Box::new(instant.project), Box::new(ids)], &mut |row| {
        states.entry(row.get(0)).or_default().apply(&fact(row));
        Ok(())
    })?;
    let of = |user: &UserId| states.remove(&(user.get() as i64)).unwrap_or_default().messages(*user);
    Ok(users.iter().flat_map(of).collect())
}

/// The names of event properties and of user properties.
pub(crate) fn names(instant: &Instant<'_>) -> Result<(Vec<String>, Vec<String>), StoreError> {
    let all = instant.list(NAMES, &[Box::new(instant.project)], |row| (row.get::<_, bool>(0), row.get(1)))?;
    let of = |wanted: bool| -> Vec<String> {
        all.iter().filter(|(of_users, _)| *of_users == wanted).map(|(_, name): &(_, String)| name.clone()).collect()
    };
    Ok((of(false), of(true)))
}

/// Text values of an event property among recent events, most frequent first.
pub(crate) fn values(instant: &Instant<'_>, property: &str, limit: usize) -> Result<Vec<String>, StoreError> {
    let params: [crate::sql::Param; 3] =
        [Box::new(instant.project), Box::new(property.to_owned()), Box::new(limit as i64)];
    instant.list(VALUES, &params, |row| row.get(0))
}

/// Calls `each` with every event, by user and time, until it says no.
pub(crate) fn events(instant: &Instant<'_>, each: &mut dyn FnMut(SeenEvent) -> bool) -> Result<(), StoreError> {
    let mut going = true;
    instant.each(ALL_EVENTS, &[Box::new(instant.project)], &mut |row| {
        going = going && each(seen(row));
        Ok(())
    })
}

/// Calls `each` with every user id, until it says no.
pub(crate) fn users(instant: &Instant<'_>, each: &mut dyn FnMut(SeenUser) -> bool) -> Result<(), StoreError> {
    let mut going = true;
    instant.each(ALL_USERS, &[Box::new(instant.project)], &mut |row| {
        let user_id = UserId::clamped(row.get::<_, i64>(0) as u64);
        going = going && each(SeenUser { user_id, handle: row.get(1), properties: json::properties(row.get(2)) });
        Ok(())
    })
}

/// Where every accepted event went.
pub(crate) fn ledger(instant: &Instant<'_>) -> Result<Ledger, StoreError> {
    let found = instant.list(LEDGER, &[Box::new(instant.project)], |row| {
        let count = |column: usize| row.get::<_, i64>(column) as u64;
        Ledger {
            accepted: count(0),
            stored: count(1),
            duplicate: count(2),
            quarantined: count(3),
            erased: count(4),
            expired: count(5),
        }
    })?;
    Ok(found.first().copied().unwrap_or_default())
}

/// The hash of all that answers depend on.
pub(crate) fn state_hash(instant: &Instant<'_>) -> Result<StateHash, StoreError> {
    let mut hash = StateHash::default();
    let of_project = || -> [crate::sql::Param; 1] { [Box::new(instant.project)] };
    instant.each(ALL_EVENTS, &of_project(), &mut |row| {
        hash.add_event(&seen(row).event);
        Ok(())
    })?;
    let mut states: HashMap<i64, UserState> = HashMap::new();
    instant.each(FACTS, &of_project(), &mut |row| {
        let user: i64 = row.get(0);
        states.entry(user).or_default().apply(&fact(row));
        Ok(())
    })?;
    instant.each(ERASURES, &of_project(), &mut |row| {
        let (user, at) = (row.get::<_, i64>(0), TimeMs(row.get(1)));
        let user_ids = vec![UserId::clamped(user as u64)];
        states.entry(user).or_default().apply(&Message::Erase { user_ids, at });
        Ok(())
    })?;
    states.iter().for_each(|(user, state)| hash.add_user(UserId::clamped(*user as u64), state));
    instant.each(EXPIRY, &of_project(), &mut |row| {
        hash.add_expiry(TimeMs(row.get(0)));
        Ok(())
    })?;
    Ok(hash)
}

/// The message that a fact was noted of.
fn fact(row: &Row) -> Message<'static> {
    let user_id = UserId::clamped(row.get::<_, i64>(0) as u64);
    let (name, time, received_at): (String, _, _) = (row.get(2), TimeMs(row.get(3)), TimeMs(row.get(4)));
    let mut property = Properties::default();
    if let Some(text) = row.get::<_, Option<&str>>(5) {
        property.set(name.clone(), json::value(text));
    }
    let none = Properties::default();
    match row.get::<_, i8>(1) as u8 {
        b's' => Message::SetUserProperties { user_id, time, received_at, set: property, set_once: none },
        b'o' => Message::SetUserProperties { user_id, time, received_at, set: none, set_once: property },
        b'i' => Message::Identify { user_id, handle: name, time, received_at },
        _ => Message::Unidentify { user_id, handle: name, time, received_at },
    }
}

/// A budget for whatever has none.
pub(crate) static UNLIMITED: std::sync::LazyLock<Budget> = std::sync::LazyLock::new(Budget::unlimited);

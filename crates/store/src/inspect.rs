//! Looking at single events and users, and at all of them.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, BinaryHeap},
    sync::RwLock,
};

use cairn_analysis::{SeenEvent, SeenUser, StoreError};
use cairn_model::{Event, EventId, EventKind, Properties, StateHash, TimeMs, UserId, Value, decode_value};

use crate::{column::ColumnView, part::Part, project::Project, store::read, tail::Tail, users::Users};

/// The event of a user.
pub(crate) fn event(project: &Project, user: UserId, event_id: EventId) -> Result<Option<SeenEvent>, StoreError> {
    let (id, event_id) = (user.get(), event_id.get());
    for tail in project.tails() {
        if let Some(row) = tail.find(id, event_id) {
            return Ok(tail_event(tail, row).map(|event| seen(&project.users, event)));
        }
    }
    for part in &project.parts {
        if let Some(row) = part.find(id, event_id)? {
            let columns = part.columns().collect::<Result<Vec<_>, _>>()?;
            return Ok(part_event(part, row, user, &columns)?.map(|event| seen(&project.users, event)));
        }
    }
    Ok(None)
}

/// The events received last, newest first.
pub(crate) fn newest(project: &Project, limit: usize) -> Result<Vec<SeenEvent>, StoreError> {
    // (received, user, event id), the oldest of the kept ones on top.
    let mut kept: BinaryHeap<Reverse<(i64, u64, u64)>> = BinaryHeap::new();
    let mut keep = |received: i64, time: i64, user: u64, event_id: u64| {
        let oldest = kept.peek().map(|oldest| oldest.0);
        if limit == 0 || (kept.len() >= limit && oldest.is_some_and(|oldest| oldest >= (received, user, event_id))) {
            return;
        }
        if time < project.expiry() || project.users.erased_at(user).is_some_and(|at| received <= at) {
            return;
        }
        kept.push(Reverse((received, user, event_id)));
        if kept.len() > limit {
            kept.pop();
        }
    };
    for tail in project.tails() {
        (0..tail.rows())
            .for_each(|row| keep(tail.received[row], tail.times[row], tail.users[row], tail.event_ids[row]));
    }
    let mut parts: Vec<_> = project.parts.iter().collect();
    parts.sort_by_key(|part| Reverse(part.received_max()));
    for part in parts {
        let (users, starts) = (part.users()?, part.starts()?);
        let (times, received, event_ids) = (part.times()?, part.received()?, part.event_ids()?);
        for (at, user) in users.iter().enumerate() {
            let rows = starts[at] as usize..starts[at + 1] as usize;
            rows.for_each(|row| keep(received[row], times[row], *user, event_ids[row]));
        }
    }
    let mut events = Vec::new();
    for Reverse((_, user, event_id)) in kept.into_sorted_vec() {
        if let (Some(user), Some(event_id)) = (UserId::new(user), EventId::new(event_id)) {
            events.extend(event(project, user, event_id)?);
        }
    }
    Ok(events)
}

/// The names of event properties and of user properties.
pub(crate) fn names(project: &Project) -> (Vec<String>, Vec<String>) {
    let of_tails = project.tails().flat_map(Tail::columns).map(|(name, _)| name);
    let of_parts = project.parts.iter().flat_map(|part| part.column_names());
    let events: BTreeSet<String> = of_tails.chain(of_parts).map(str::to_owned).collect();
    (events.into_iter().collect(), project.users.property_names().into_iter().collect())
}

/// Text values of an event property, most frequent first.
pub(crate) fn values(project: &Project, property: &str, limit: usize) -> Result<Vec<String>, StoreError> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    let mut add = |column: ColumnView<'_>, rows: usize| {
        let mut by_code = vec![0_u64; column.dictionary.len() + 1];
        (0..rows).for_each(|row| by_code[column.codes.get(row) as usize] += 1);
        for (value, count) in column.dictionary.values().zip(&by_code[1..]) {
            if let Ok(Value::String(text)) = decode_value(value) {
                *counts.entry(text.into_owned()).or_default() += count;
            }
        }
    };
    for tail in project.tails() {
        if let Some(column) = tail.column(property) {
            add(column, tail.rows());
        }
    }
    for part in &project.parts {
        if let Some(column) = part.column(property)? {
            add(column, part.rows());
        }
    }
    let mut values: Vec<_> = counts.into_iter().collect();
    values.sort_by_key(|(_, count)| Reverse(*count));
    Ok(values.into_iter().take(limit).map(|(value, _)| value).collect())
}

/// Calls `each` with every visible event: by user and time within a part or tail, the tails last.
pub(crate) fn events(project: &RwLock<Project>, each: &mut dyn FnMut(SeenEvent) -> bool) -> Result<(), StoreError> {
    let (parts, users, expiry, of_tails) = {
        let project = read(project);
        let of_tails: Vec<_> = project
            .tails()
            .flat_map(|tail| {
                let order = tail.order().into_iter();
                order.filter_map(|row| tail_event(tail, row as usize)).collect::<Vec<_>>()
            })
            .collect();
        (project.parts.clone(), project.users.clone(), project.expiry(), of_tails)
    };
    let hidden = |event: &Event<'_>| {
        event.time.0 < expiry || users.erased_at(event.user_id.get()).is_some_and(|at| event.received_at.0 <= at)
    };
    for part in &parts {
        let (ids, starts) = (part.users()?, part.starts()?);
        let columns = part.columns().collect::<Result<Vec<_>, _>>()?;
        for (at, id) in ids.iter().enumerate() {
            let Some(user) = UserId::new(*id) else {
                continue;
            };
            for row in starts[at] as usize..starts[at + 1] as usize {
                if let Some(event) = part_event(part, row, user, &columns)?.filter(|event| !hidden(event))
                    && !each(seen(&users, event))
                {
                    return Ok(());
                }
            }
        }
    }
    for event in of_tails.into_iter().filter(|event| !hidden(event)) {
        if !each(seen(&users, event)) {
            return Ok(());
        }
    }
    Ok(())
}

/// Calls `each` with every user id that has a visible event or a known state.
pub(crate) fn users(project: &RwLock<Project>, each: &mut dyn FnMut(SeenUser) -> bool) -> Result<(), StoreError> {
    let (ids, users) = {
        let project = read(project);
        let mut ids: BTreeSet<u64> =
            project.users.states().filter(|(_, state)| state.is_known()).map(|(user, _)| user).collect();
        let mut see = |user: u64, time: i64, received: i64| {
            if time >= project.expiry() && project.users.erased_at(user).is_none_or(|at| received > at) {
                ids.insert(user);
            }
        };
        project.each_row(&mut see, None)?;
        (ids, project.users.clone())
    };
    for id in ids {
        let Some(user_id) = UserId::new(id) else {
            continue;
        };
        let handle = users.handle(id).map(str::to_owned);
        if !each(SeenUser { user_id, handle, properties: users.properties(id) }) {
            break;
        }
    }
    Ok(())
}

/// The hash of all that answers depend on.
pub(crate) fn state_hash(project: &Project) -> Result<StateHash, StoreError> {
    let mut hash = StateHash::default();
    let visible = |user: u64, time: i64, received: i64| {
        time >= project.expiry() && project.users.erased_at(user).is_none_or(|at| received > at)
    };
    for part in &project.parts {
        let columns = part.columns().collect::<Result<Vec<_>, _>>()?;
        let sums = property_sums(&columns, part.rows());
        let (users, starts) = (part.users()?, part.starts()?);
        let (times, received, ids, kinds) = (part.times()?, part.received()?, part.event_ids()?, part.kinds()?);
        for (at, user) in users.iter().enumerate() {
            for row in starts[at] as usize..starts[at + 1] as usize {
                if visible(*user, times[row], received[row]) {
                    let row_ids = [*user, ids[row], times[row] as u64, received[row] as u64];
                    hash.add_row(row_ids, kind(kinds[row]), sums[row]);
                }
            }
        }
    }
    for tail in project.tails() {
        let columns: Vec<_> = tail.columns().collect();
        let sums = property_sums(&columns, tail.rows());
        for row in (0..tail.rows()).filter(|row| visible(tail.users[*row], tail.times[*row], tail.received[*row])) {
            let ids = [tail.users[row], tail.event_ids[row], tail.times[row] as u64, tail.received[row] as u64];
            hash.add_row(ids, kind(tail.kinds[row]), sums[row]);
        }
    }
    for (user, state) in project.users.states() {
        if let Some(user) = UserId::new(user) {
            hash.add_user(user, state);
        }
    }
    if let Some(before) = project.expiry {
        hash.add_expiry(TimeMs(before));
    }
    Ok(hash)
}

/// Per row, the sum of its properties' hashes; each distinct value is hashed once.
fn property_sums(columns: &[(&str, ColumnView<'_>)], rows: usize) -> Vec<u128> {
    let mut sums = vec![0_u128; rows];
    for (name, column) in columns {
        let of_values = column.dictionary.values().map(|value| StateHash::property(name, value));
        let hashes: Vec<u128> = std::iter::once(0).chain(of_values).collect();
        for (row, sum) in sums.iter_mut().enumerate() {
            *sum = sum.wrapping_add(hashes[column.codes.get(row) as usize]);
        }
    }
    sums
}

fn seen(users: &Users, event: Event<'static>) -> SeenEvent {
    let person = users.handle(event.user_id.get()).map(str::to_owned);
    SeenEvent { event, person }
}

fn kind(code: u8) -> EventKind {
    EventKind::from_code(code).unwrap_or(EventKind::Custom)
}

fn tail_event(tail: &Tail, row: usize) -> Option<Event<'static>> {
    Some(Event {
        user_id: UserId::new(tail.users[row])?,
        event_id: EventId::new(tail.event_ids[row])?,
        time: TimeMs(tail.times[row]),
        received_at: TimeMs(tail.received[row]),
        kind: kind(tail.kinds[row]),
        properties: properties(tail.columns(), row),
    })
}

fn part_event(
    part: &Part,
    row: usize,
    user_id: UserId,
    columns: &[(&str, ColumnView<'_>)],
) -> Result<Option<Event<'static>>, StoreError> {
    let Some(event_id) = EventId::new(part.event_ids()?[row]) else {
        return Ok(None);
    };
    Ok(Some(Event {
        user_id,
        event_id,
        time: TimeMs(part.times()?[row]),
        received_at: TimeMs(part.received()?[row]),
        kind: kind(part.kinds()?[row]),
        properties: properties(columns.iter().copied(), row),
    }))
}

fn properties<'a>(columns: impl Iterator<Item = (&'a str, ColumnView<'a>)>, row: usize) -> Properties<'static> {
    let pairs = columns.filter_map(|(name, column)| {
        let value = decode_value(column.dictionary.get(column.codes.get(row))?).ok()?;
        Some((name.to_owned().into(), value.into_owned()))
    });
    Properties::from_pairs(pairs.collect())
}

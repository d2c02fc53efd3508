//! Looking at single events and users, and at all of them.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, BinaryHeap},
};

use cairn_analysis::{Budget, SeenEvent, SeenUser, StoreError};
use cairn_model::{Event, EventId, EventKind, Properties, StateHash, TimeMs, UserId, UserState, Value, decode_value};

use crate::{
    ints::BLOCK,
    part::{Column, Part},
    predicate::OwnValues,
    project::{Project, RowHead, each_row_of_part, read_symbols},
    symbols::{Interner, Symbols},
    tail::Tail,
    universe,
    users::Users,
};

/// The event of a user, by the user's number.
pub(crate) fn event(project: &Project, user: u32, event_id: u64) -> Result<Option<SeenEvent>, StoreError> {
    let Some(user_id) = UserId::new(project.users.id(user)?) else {
        return Ok(None);
    };
    let seen = |event: Option<Event<'static>>| event.map(|event| seen(&project.users, user, event)).transpose();
    for tail in project.tails() {
        if let Some(row) = tail.search(user, event_id) {
            return seen(tail_event(tail, row, user_id, &read_symbols(&project.symbols)));
        }
    }
    for part in &project.parts {
        if let Some(row) = part.row_of(user, event_id)? {
            let columns = part.columns().collect::<Result<Vec<_>, _>>()?;
            return seen(part_event(part, row, user_id, &columns, &read_symbols(&project.symbols))?);
        }
    }
    Ok(None)
}

/// The events received last, newest first.
pub(crate) fn newest(project: &Project, limit: usize) -> Result<Vec<SeenEvent>, StoreError> {
    let mut newest = Newest { kept: BinaryHeap::new(), limit };
    for tail in project.tails() {
        (0..tail.rows()).for_each(|row| newest.see(project, tail.head(row), || tail.event_ids[row]));
    }
    let mut parts: Vec<_> = project.parts.iter().collect();
    parts.sort_by_key(|part| Reverse(part.received_max()));
    for part in parts {
        if !newest.wants(part.received_max()) {
            break;
        }
        let (ids, mut row) = (part.event_ids()?, 0);
        each_row_of_part(part, None, &mut |head| {
            newest.see(project, head, || ids.get(row));
            row += 1;
        })?;
    }
    let mut events = Vec::new();
    for Reverse((_, user, event_id)) in newest.kept.into_sorted_vec() {
        events.extend(event(project, user, event_id)?);
    }
    Ok(events)
}

/// The events received last.
struct Newest {
    /// (received, user, event id), the oldest of the kept ones on top.
    kept: BinaryHeap<Reverse<(i64, u32, u64)>>,
    limit: usize,
}

impl Newest {
    /// Whether what was received then would be kept.
    fn wants(&self, received: i64) -> bool {
        self.kept.len() < self.limit || self.kept.peek().is_some_and(|oldest| oldest.0.0 < received)
    }

    fn see(&mut self, project: &Project, head: RowHead, event_id: impl FnOnce() -> u64) {
        if self.wants(head.received) && project.visible(&head) {
            self.kept.push(Reverse((head.received, head.user, event_id())));
            if self.kept.len() > self.limit {
                self.kept.pop();
            }
        }
    }
}

/// The names of event properties and of user properties.
pub(crate) fn names(project: &Project) -> Result<(Vec<String>, Vec<String>), StoreError> {
    let of_tails = project.tails().flat_map(Tail::columns).map(|(name, _)| name);
    let of_parts = project.parts.iter().flat_map(|part| part.column_names());
    let events: BTreeSet<String> = of_tails.chain(of_parts).map(str::to_owned).collect();
    Ok((events.into_iter().collect(), project.users.property_names()?.into_iter().collect()))
}

/// Text values of an event property, most frequent first.
pub(crate) fn values(project: &Project, property: &str, limit: usize) -> Result<Vec<String>, StoreError> {
    let symbols = read_symbols(&project.symbols);
    let shared = symbols.get(property).map(|dictionary| &dictionary.values);
    let mut of_shared = vec![0_u64; shared.map_or(0, Interner::len) + 1];
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    let mut add = |value: Option<&[u8]>, count: u64| {
        if count > 0
            && let Some(Ok(Value::String(text))) = value.map(decode_value)
        {
            *counts.entry(text.into_owned()).or_default() += count;
        }
    };
    for tail in project.tails() {
        if let Some(column) = tail.column(property) {
            let mut own = vec![0_u64; column.values.map_or(0, |values| values.len() + 1)];
            let by_code = if column.values.is_some() { &mut own } else { &mut of_shared };
            (0..tail.rows()).for_each(|row| by_code[column.codes.get(row) as usize] += 1);
            own.iter()
                .enumerate()
                .for_each(|(code, count)| add(column.values.and_then(|v| v.get(code as u32)), *count));
        }
    }
    for part in &project.parts {
        let Some(column) = part.column(property)? else {
            continue;
        };
        let mut own = vec![0_u64; column.values.map_or(0, |values| values.len() + 1)];
        let by_code = if column.values.is_some() { &mut own } else { &mut of_shared };
        let mut codes = [0; BLOCK];
        for block in 0..column.codes.blocks() {
            let rows = column.codes.block(block, &mut codes);
            codes[..rows].iter().for_each(|code| by_code[*code as usize] += 1);
        }
        own.iter().enumerate().for_each(|(code, count)| add(column.values.and_then(|v| v.get(code as u32)), *count));
    }
    of_shared
        .iter()
        .enumerate()
        .for_each(|(code, count)| add(shared.and_then(|values| values.get(code as u32)), *count));
    let mut values: Vec<_> = counts.into_iter().collect();
    values.sort_by_key(|(_, count)| Reverse(*count));
    Ok(values.into_iter().take(limit).map(|(value, _)| value).collect())
}

/// Calls `each` with every visible event: by user and time within a part or tail, the tails last.
pub(crate) fn events(project: &Project, each: &mut dyn FnMut(SeenEvent) -> bool) -> Result<(), StoreError> {
    let (users, symbols) = (&project.users, read_symbols(&project.symbols));
    for part in &project.parts {
        let (numbers, starts, received) = (part.users()?, part.starts()?, part.received()?);
        let (times, kinds) = (part.times()?, part.kinds()?);
        let columns = part.columns().collect::<Result<Vec<_>, _>>()?;
        for at in 0..numbers.len() {
            let user = numbers.get(at);
            let Some(user_id) = UserId::new(users.id(user)?) else {
                continue;
            };
            for row in starts.get(at) as usize..starts.get(at + 1) as usize {
                let (time, kind) = (times.get(row), kinds.get(row) as u8);
                if !project.visible(&RowHead { user, time, received: received.get(row), kind }) {
                    continue;
                }
                let event = part_event(part, row, user_id, &columns, &symbols)?;
                if let Some(event) = event
                    && !each(seen(users, user, event)?)
                {
                    return Ok(());
                }
            }
        }
    }
    for tail in project.tails() {
        for row in tail.order().into_iter().map(|row| row as usize).filter(|row| project.visible(&tail.head(*row))) {
            let user = tail.users[row];
            let event = UserId::new(users.id(user)?).and_then(|user_id| tail_event(tail, row, user_id, &symbols));
            if let Some(event) = event
                && !each(seen(users, user, event)?)
            {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Calls `each` with every user id that has a visible event or a known state.
pub(crate) fn users(project: &Project, each: &mut dyn FnMut(SeenUser) -> bool) -> Result<(), StoreError> {
    let (there, users) = (universe::take(project, &Budget::unlimited())?, &project.users);
    let mut ids = there.iter().map(|number| Ok((users.id(number)?, number))).collect::<Result<Vec<_>, StoreError>>()?;
    ids.sort_unstable();
    for (id, number) in ids {
        let Some(user_id) = UserId::new(id) else {
            continue;
        };
        if !each(SeenUser { user_id, handle: users.handle(number)?, properties: users.properties(number)? }) {
            break;
        }
    }
    Ok(())
}

/// The hash of all that answers depend on.
pub(crate) fn state_hash(project: &Project) -> Result<StateHash, StoreError> {
    let parts = state_hashes(project, 0, &|_| 0)?;
    Ok(parts.into_iter().fold(StateHash::default(), |sum, part| StateHash(sum.0.wrapping_add(part.0))))
}

/// The same, apart for each of so many parts of the users, and last of what is of none of them.
pub(crate) fn state_hashes(
    project: &Project,
    parts: u32,
    part_of: &dyn Fn(UserId) -> u32,
) -> Result<Vec<StateHash>, StoreError> {
    let mut hashes_of = vec![StateHash::default(); parts as usize + 1];
    let rest = parts as usize;
    let part = |user: UserId| (part_of(user) as usize).min(rest);
    let symbols = read_symbols(&project.symbols);
    let users = project.users.ids()?;
    let part_by_number: Vec<usize> = users.iter().map(|user| UserId::new(*user).map_or(rest, part)).collect();
    let mut add = |head: RowHead, event_id: u64, properties: u128| {
        if project.visible(&head) {
            let user = users.get(head.user as usize).copied().unwrap_or(0);
            let ids = [user, event_id, head.time as u64, head.received as u64];
            let part = part_by_number.get(head.user as usize).copied().unwrap_or(rest);
            hashes_of[part].add_row(ids, kind(head.kind), properties);
        }
    };
    for part in &project.parts {
        let columns = part.columns().collect::<Result<Vec<_>, _>>()?;
        let mut sums = vec![0_u128; part.rows()];
        for (name, column) in &columns {
            let hashes = hashes(name, column.values.map(OwnValues::Part), &symbols);
            for (row, sum) in sums.iter_mut().enumerate() {
                *sum = sum.wrapping_add(hashes.get(column.codes.get(row) as usize).copied().unwrap_or(0));
            }
        }
        let (ids, mut row) = (part.event_ids()?, 0);
        each_row_of_part(part, None, &mut |head| {
            add(head, ids.get(row), sums.get(row).copied().unwrap_or(0));
            row += 1;
        })?;
        part.check()?;
    }
    for tail in project.tails() {
        let mut sums = vec![0_u128; tail.rows()];
        for (name, column) in tail.columns() {
            let hashes = hashes(name, column.values.map(OwnValues::Tail), &symbols);
            for (row, sum) in sums.iter_mut().enumerate() {
                *sum = sum.wrapping_add(hashes.get(column.codes.get(row) as usize).copied().unwrap_or(0));
            }
        }
        (0..tail.rows()).for_each(|row| add(tail.head(row), tail.event_ids[row], sums[row]));
    }
    for known in project.users.known()? {
        let (number, state) = known?;
        // A message that set nothing left nothing.
        if let Some(user) = UserId::new(project.users.id(number)?).filter(|_| state != UserState::default()) {
            hashes_of[part(user)].add_user(user, &state);
        }
    }
    if let Some(before) = project.expiry {
        hashes_of[rest].add_expiry(TimeMs(before));
    }
    Ok(hashes_of)
}

/// The hash of each value of a column, by code; 0 for a missing one.
fn hashes(name: &str, own: Option<OwnValues<'_>>, symbols: &Symbols) -> Vec<u128> {
    let values = Values { own, shared: symbols.get(name).map(|dictionary| &dictionary.values) };
    let of_values =
        (1..=values.len() as u32).map(|code| values.get(code).map_or(0, |value| StateHash::property(name, value)));
    std::iter::once(0).chain(of_values).collect()
}

/// The values of a column, its own or the project's.
pub(crate) struct Values<'a> {
    pub(crate) own: Option<OwnValues<'a>>,
    pub(crate) shared: Option<&'a Interner>,
}

impl<'a> Values<'a> {
    fn len(&self) -> usize {
        match &self.own {
            Some(own) => own.count(),
            None => self.shared.map_or(0, Interner::len),
        }
    }

    pub(crate) fn get(&self, code: u32) -> Option<&'a [u8]> {
        match &self.own {
            Some(own) => own.get(code),
            None => self.shared.and_then(|shared| shared.get(code)),
        }
    }
}

fn seen(users: &Users, user: u32, event: Event<'static>) -> Result<SeenEvent, StoreError> {
    Ok(SeenEvent { event, person: users.handle(user)? })
}

fn kind(code: u8) -> EventKind {
    EventKind::from_code(code).unwrap_or(EventKind::Custom)
}

/// The event of a tail's row.
pub(crate) fn tail_event(tail: &Tail, row: usize, user_id: UserId, symbols: &Symbols) -> Option<Event<'static>> {
    let columns = tail.columns().map(|(name, column)| {
        let values = Values { own: column.values.map(OwnValues::Tail), shared: shared(symbols, name) };
        (name, column.codes.get(row), values)
    });
    Some(Event {
        user_id,
        event_id: EventId::new(tail.event_ids[row])?,
        time: TimeMs(tail.times[row]),
        received_at: TimeMs(tail.received[row]),
        kind: kind(tail.kinds[row]),
        properties: properties(columns),
    })
}

/// The event of a part's row; `columns` are all of the part's.
pub(crate) fn part_event(
    part: &Part,
    row: usize,
    user_id: UserId,
    columns: &[(&str, Column<'_>)],
    symbols: &Symbols,
) -> Result<Option<Event<'static>>, StoreError> {
    let Some(event_id) = EventId::new(part.event_ids()?.get(row)) else {
        return Ok(None);
    };
    let columns = columns.iter().map(|(name, column)| {
        let values = Values { own: column.values.map(OwnValues::Part), shared: shared(symbols, name) };
        (*name, column.codes.get(row), values)
    });
    Ok(Some(Event {
        user_id,
        event_id,
        time: TimeMs(part.times()?.get(row)),
        received_at: TimeMs(part.received()?.get(row)),
        kind: kind(part.kinds()?.get(row) as u8),
        properties: properties(columns),
    }))
}

/// The values of a property that all parts and tails share.
pub(crate) fn shared<'s>(symbols: &'s Symbols, name: &str) -> Option<&'s Interner> {
    symbols.get(name).map(|dictionary| &dictionary.values)
}

fn properties<'a>(columns: impl Iterator<Item = (&'a str, u32, Values<'a>)>) -> Properties<'static> {
    let pairs = columns.filter_map(|(name, code, values)| {
        let value = decode_value(values.get(code)?).ok()?;
        Some((name.to_owned().into(), value.into_owned()))
    });
    Properties::from_pairs(pairs.collect())
}

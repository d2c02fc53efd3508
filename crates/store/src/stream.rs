//! One person's events, newest first.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap, btree_map::Entry},
    sync::RwLock,
    time::Instant,
};

use cairn_analysis::{
    Answer, Body, Budget, EventKey, Held, Listed, PersonRow, QueryError, StoreError, StreamAnswer, StreamPlan, Touched,
};
use cairn_model::{Event, EventId, TimeMs, UserId, Value, decode_value};
use hashbrown::HashMap;

use crate::{
    answer::{Asked, explain, store_error},
    inspect::{Values, part_event, shared, tail_event},
    part::{Column, ERASED, Part},
    people,
    predicate::OwnValues,
    project::{Project, RowHead, read_symbols},
    store::EmbeddedStore,
    symbols::Symbols,
    universe,
};

/// The property that marks events of known bots.
const BOT: &str = "bot";
/// After so many rows the clock is looked at.
const ROWS_PER_LOOK: u64 = 4_096;
/// Of a row that is looked at: what says when it was, which it is, and whether it is in the answers.
const ROW_BYTES: u64 = 24;
/// Of a tail's row: whose it is.
const TAIL_ROW_BYTES: u64 = 4;

impl EmbeddedStore {
    /// Gives a page of one person's events. Only rows of that person are read, of tails whose each one is.
    pub(crate) fn stream(&self, asked: Asked<'_>, plan: &StreamPlan) -> Result<Answer, QueryError> {
        let (start, faulty) = (Instant::now(), self.faulty());
        let taken = Taken::of(asked.project, (plan, asked.budget), faulty);
        let taken = taken.map_err(|error| store_error(&error))?.ok_or_else(|| plan.unknown_user())?;
        let (stream, touched) = taken.finish().map_err(|error| store_error(&error))?;
        let (positions, explain) = (asked.positions.to_vec(), explain(&plan.sentence, touched, start));
        Ok(Answer { body: Body::Stream(stream), as_of: plan.as_of, positions, explain })
    }
}

/// One of the person's user ids.
struct Member {
    number: u32,
    user_id: UserId,
    /// Its messages are erased up to when, by `received_at`.
    erased_at: Option<i64>,
}

/// A person of a project, and the page.
struct Taken<'q> {
    project: &'q Project,
    person: PersonRow,
    members: Vec<Member>,
    page: Page<'q>,
}

/// The newest events so far, one more than are given: by that it is known whether there are any further ones.
struct Page<'q> {
    plan: &'q StreamPlan,
    /// The first instant that is kept.
    expiry: i64,
    /// The oldest on top.
    kept: BinaryHeap<Reverse<(EventKey, Place)>>,
    held: Held<'q>,
    touched: Touched,
    faulty: bool,
}

/// Where an event is: the source's number, the row there.
type Place = (usize, usize);

impl<'q> Taken<'q> {
    /// Nothing where nobody is that person.
    fn of(
        project: &'q Project,
        (plan, budget): (&'q StreamPlan, &'q Budget),
        faulty: bool,
    ) -> Result<Option<Self>, StoreError> {
        budget.check()?;
        let numbers = numbers(project, &plan.user)?;
        let Some(first) = numbers.first() else { return Ok(None) };
        let member = |number: &u32| {
            let user_id = UserId::clamped(project.users.id(*number)?);
            Ok(Member { number: *number, user_id, erased_at: project.users.erased_at(*number) })
        };
        let members = numbers.iter().map(member).collect::<Result<Vec<_>, StoreError>>()?;
        let ids = members.iter().map(|member| member.user_id.get()).collect();
        let page = Page {
            plan,
            expiry: project.expiry(),
            kept: BinaryHeap::new(),
            held: budget.hold(),
            touched: Touched::default(),
            faulty,
        };
        let person = people::row(&project.users, *first, ids, None)?;
        let mut taken = Self { project, person, members, page };
        taken.see_tails()?;
        Ok(Some(taken))
    }

    /// Keeps what the tails have of the person.
    fn see_tails(&mut self) -> Result<(), StoreError> {
        let (project, page) = (self.project, &mut self.page);
        let symbols = read_symbols(&project.symbols);
        let members: HashMap<u32, &Member> = self.members.iter().map(|member| (member.number, member)).collect();
        for (source, tail) in (project.parts.len()..).zip(project.tails()) {
            let bots = tail.column(BOT).map(|column| {
                let values = Values { own: column.values.map(OwnValues::Tail), shared: shared(&symbols, BOT) };
                (column, values)
            });
            let is_bot = |row: usize| {
                let value = bots.as_ref().and_then(|(column, values)| values.get(column.codes.get(row)));
                value.is_some_and(marks_a_bot)
            };
            page.touched.bytes += TAIL_ROW_BYTES * tail.rows() as u64;
            for (row, user) in tail.users.iter().enumerate() {
                if row.is_multiple_of(ROWS_PER_LOOK as usize) {
                    page.held.budget().check()?;
                }
                if let Some(member) = members.get(user)
                    && let Some(event_id) = EventId::new(tail.event_ids[row])
                {
                    let key = EventKey { time: TimeMs(tail.times[row]), event_id, user_id: member.user_id };
                    page.step()?;
                    if page.wants(&key) && page.shows(&tail.head(row), member) && !page.hides(|| is_bot(row)) {
                        page.keep(key, (source, row));
                    }
                }
            }
        }
        Ok(())
    }

    fn finish(mut self) -> Result<(StreamAnswer, Touched), StoreError> {
        let Project { parts: all, symbols, .. } = self.project;
        let mut parts: Vec<_> = all.iter().enumerate().collect();
        // Once a page is full, older parts have little to add.
        parts.sort_by_key(|(_, part)| Reverse(part.times_span().1));
        for (source, part) in parts {
            let mut any = false;
            for member in &self.members {
                any |= self.page.see_part((source, part), member, symbols)?;
            }
            self.page.touched.parts.scan += u64::from(any);
            self.page.touched.parts.skipped += u64::from(!any);
        }
        let Page { plan, kept, mut held, touched, .. } = self.page;
        let mut places: Vec<(EventKey, Place)> = kept.into_iter().map(|Reverse(kept)| kept).collect();
        places.sort_unstable_by_key(|(key, _)| Reverse(*key));
        let more = places.len() > plan.limit;
        places.truncate(plan.limit);
        let next = places.last().filter(|_| more).map(|(key, _)| key.to_string());
        let mut columns: BTreeMap<usize, Vec<(&str, Column<'_>)>> = BTreeMap::new();
        let (mut events, mut bytes) = (Vec::with_capacity(places.len()), 0);
        let tails: Vec<_> = self.project.tails().collect();
        for (key, (source, row)) in places {
            let event = match all.get(source) {
                None => tail_event(tails[source - all.len()], row, key.user_id, &read_symbols(symbols)),
                Some(part) => {
                    let columns = match columns.entry(source) {
                        Entry::Occupied(known) => known.into_mut(),
                        Entry::Vacant(place) => place.insert(part.columns().collect::<Result<_, _>>()?),
                    };
                    part_event(part, row, key.user_id, columns, &read_symbols(symbols))?
                }
            };
            bytes += event.as_ref().map_or(0, event_bytes);
            held.set(bytes);
            held.budget().check()?;
            events.extend(event);
        }
        Ok((StreamAnswer::new(self.person, events, next), touched))
    }
}

impl Page<'_> {
    /// Keeps what a part has of a user. Whether the part has rows of the user in the range.
    fn see_part(
        &mut self,
        (source, part): (usize, &Part),
        member: &Member,
        symbols: &RwLock<Symbols>,
    ) -> Result<bool, StoreError> {
        let (first, last) = part.times_span();
        let rows = part.rows_of(member.number)?;
        if rows.is_empty() || last < self.plan.from || first >= self.plan.to {
            return Ok(false);
        }
        let (times, ids) = (part.times()?, part.event_ids()?);
        let (received, kinds) = (part.received()?, part.kinds()?);
        let mut bots = part.column(BOT)?.map(|column| Bots { column, symbols, known: (0, false) });
        let end = first_from(rows.clone(), |row| times.get(row) >= self.plan.to);
        for row in (rows.start..end).rev() {
            self.step()?;
            let Some(event_id) = EventId::new(ids.get(row)) else { continue };
            let key = EventKey { time: TimeMs(times.get(row)), event_id, user_id: member.user_id };
            // Rows rise, so all that is left is older still.
            if key.time.0 < self.plan.from || !self.has_room(&key) {
                break;
            }
            let head = RowHead {
                user: member.number,
                time: key.time.0,
                received: received.get(row),
                kind: kinds.get(row) as u8,
            };
            let mut is_bot = || bots.as_mut().is_some_and(|bots| bots.is_one(row));
            if self.wants(&key) && self.shows(&head, member) && !self.hides(&mut is_bot) {
                self.keep(key, (source, row));
            }
        }
        Ok(true)
    }

    /// A row was looked at. Fails if the budget is over.
    fn step(&mut self) -> Result<(), StoreError> {
        self.touched.rows += 1;
        self.touched.bytes += ROW_BYTES;
        if self.touched.rows.is_multiple_of(ROWS_PER_LOOK) { Ok(self.held.budget().check()?) } else { Ok(()) }
    }

    /// Whether an event in the range would be kept.
    fn wants(&self, key: &EventKey) -> bool {
        let in_range = key.time.0 >= self.plan.from && key.time.0 < self.plan.to;
        let in_page = self.plan.before.is_none_or(|before| if self.faulty { *key <= before } else { *key < before });
        in_range && in_page && self.has_room(key)
    }

    fn has_room(&self, key: &EventKey) -> bool {
        self.kept.len() <= self.plan.limit || self.kept.peek().is_some_and(|oldest| oldest.0.0 < *key)
    }

    fn keep(&mut self, key: EventKey, place: Place) {
        self.kept.push(Reverse((key, place)));
        if self.kept.len() > self.plan.limit + 1 {
            self.kept.pop();
        }
    }

    /// Whether a row's event is in the answers.
    fn shows(&self, head: &RowHead, member: &Member) -> bool {
        head.kind < ERASED && head.time >= self.expiry && member.erased_at.is_none_or(|at| head.received > at)
    }

    /// Whether an event is left out, as known bots are.
    fn hides(&self, is_bot: impl FnOnce() -> bool) -> bool {
        !self.plan.bots && !self.faulty && is_bot()
    }
}

/// Which rows of a part are of known bots.
struct Bots<'a> {
    column: Column<'a>,
    symbols: &'a RwLock<Symbols>,
    /// The last code that was looked at: mostly the next one, too.
    known: (u32, bool),
}

impl Bots<'_> {
    fn is_one(&mut self, row: usize) -> bool {
        let code = self.column.codes.get(row);
        if code != self.known.0 {
            let symbols = read_symbols(self.symbols);
            let values = Values { own: self.column.values.map(OwnValues::Part), shared: shared(&symbols, BOT) };
            self.known = (code, values.get(code).is_some_and(marks_a_bot));
        }
        self.known.1
    }
}

fn marks_a_bot(value: &[u8]) -> bool {
    decode_value(value).is_ok_and(|value| value == Value::Bool(true))
}

/// The numbers of a person's user ids that are there, by id.
fn numbers(project: &Project, user: &Listed) -> Result<Vec<u32>, StoreError> {
    let users = &project.users;
    let all = match user {
        Listed::Handle(handle) => users.members(handle)?,
        Listed::User(id) => match users.find(id.get())? {
            Some(number) => users.person_of(number)?,
            None => Vec::new(),
        },
    };
    let mut there = Vec::new();
    for number in all {
        if universe::has(project, number)? {
            there.push((users.id(number)?, number));
        }
    }
    there.sort_unstable();
    Ok(there.into_iter().map(|(_, number)| number).collect())
}

/// The first row from which on it holds.
fn first_from(rows: std::ops::Range<usize>, holds: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (rows.start, rows.end);
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) { high = middle } else { low = middle + 1 }
    }
    low
}

/// The memory that an event takes, about.
fn event_bytes(event: &Event<'_>) -> usize {
    fn value_bytes(value: &Value<'_>) -> usize {
        let more = match value {
            Value::String(text) => text.len(),
            Value::Array(items) => items.iter().map(value_bytes).sum(),
            Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        };
        size_of::<Value<'_>>() + more
    }
    let properties = event.properties.iter().map(|(name, value)| size_of::<String>() + name.len() + value_bytes(value));
    size_of::<Event<'_>>() + properties.sum::<usize>()
}

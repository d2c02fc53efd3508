//! Gathers each person's relevant events, in order, and hands them to a kernel.

use std::{cmp::Reverse, collections::BinaryHeap};

use cairn_analysis::{GroupId, Kernel, Places, Question, Rows, StoreError};
use cairn_model::{Event, EventId, EventKind, Predicate, Properties, TimeMs, UserId};
use tokio_postgres::Row;

use crate::{chosen::Chosen, columns::Details, hits, instant::Instant, json, select::Select};

/// The users of a question's segments.
#[derive(Debug, Default)]
pub(crate) struct Segments {
    /// Only they count; nothing where all do.
    pub(crate) only: Option<Chosen>,
    /// For each key that is a segment, in the order of keys.
    pub(crate) keys: Vec<Chosen>,
}

/// A question as a query.
struct Gather<'q> {
    predicates: &'q [&'q Predicate],
    select: Select<'q>,
}

/// Columns of every query.
const PERSON: usize = 0;
const TIME: usize = 1;
const EVENT_ID: usize = 2;
const ORIGINAL: usize = 3;
const MATCHES: usize = 4;
/// Where something was only narrowed down: the event's type and properties, and the person's.
const TYPE: usize = 5;
const DATA: usize = 6;
const PROPERTIES: usize = 7;

/// What the kernel makes of a question's events. Fails if the budget is over.
pub(crate) fn run<K: Kernel>(
    instant: &Instant<'_>,
    question: &Question<'_>,
    segments: &Segments,
    kernel: &K,
) -> Result<K::Partial, StoreError> {
    if let Some(partial) = hits::run(instant, question, segments, kernel)? {
        return Ok(partial);
    }
    let mut gather = Gather::of(instant, question, segments)?;
    let mut pushing = Pushing::new(kernel, instant, segments.only.as_ref());
    let mut held = instant.budget.hold();
    let (sql, params) = (std::mem::take(&mut gather.select.sql), std::mem::take(&mut gather.select.params));
    instant.each(&sql, &params, &mut |row| {
        let person: i64 = row.get(PERSON);
        if pushing.begin(person) {
            held.set(pushing.bytes() + gather.select.columns.bytes());
        }
        let matches = gather.matches(row);
        if matches != 0 && pushing.wanted(person) {
            let key = (row.get(TIME), row.get(EVENT_ID), row.get(ORIGINAL));
            if pushing.add(key, matches) {
                gather.select.columns.add(row, (person, key.2), &mut pushing.details);
            }
        }
        Ok(())
    })?;
    Ok(pushing.end())
}

/// The kernel's answer to a question.
pub(crate) fn answer<K: Kernel>(
    instant: &Instant<'_>,
    question: &Question<'_>,
    segments: &Segments,
    kernel: &K,
) -> Result<K::Output, StoreError> {
    let partial = run(instant, question, segments, kernel)?;
    Ok(kernel.finish(partial, instant.budget)?)
}

impl<'q> Gather<'q> {
    fn of(instant: &Instant<'_>, question: &'q Question<'q>, segments: &'q Segments) -> Result<Self, StoreError> {
        let select = instant.select(|asking| Select::new(asking, question, segments))?;
        Ok(Self { predicates: &question.predicates, select })
    }

    /// Which of the predicates a row's event satisfies.
    fn matches(&self, row: &Row) -> u32 {
        let matches = row.get::<_, i64>(MATCHES) as u32;
        let Select { inexact, inexact_of_user, .. } = self.select;
        if matches & inexact == 0 {
            return matches;
        }
        let event = event(row, (ORIGINAL, EVENT_ID, TIME, TYPE, DATA));
        let properties = match inexact_of_user {
            true => json::properties(row.get(PROPERTIES)),
            false => Properties::default(),
        };
        let holds = |at: u32| self.predicates[at as usize].matches(&event, &|name| properties.get(name));
        let undecided = (0..self.predicates.len() as u32).filter(|at| (matches & inexact) >> at & 1 == 1);
        undecided.fold(matches, |matches, at| if holds(at) { matches } else { matches & !(1 << at) })
    }
}

/// The event of a row, but for when it was received; of the columns of its original user id, event id, time, type and properties.
pub(crate) fn event(
    row: &Row,
    (original, event_id, time, kind, data): (usize, usize, usize, usize, usize),
) -> Event<'static> {
    let time = TimeMs(row.get(time));
    Event {
        user_id: UserId::clamped(row.get::<_, i64>(original) as u64),
        event_id: EventId::clamped(row.get::<_, i64>(event_id) as u64),
        time,
        received_at: time,
        kind: EventKind::from_name(row.get(kind)).unwrap_or(EventKind::Custom),
        properties: json::properties(row.get(data)),
    }
}

/// The events of one person after the other.
pub(crate) struct Pushing<'k, K: Kernel> {
    kernel: &'k K,
    instant: &'k Instant<'k>,
    partial: K::Partial,
    only: Option<&'k Chosen>,
    /// Whose rows come.
    person: Option<i64>,
    /// The event before, if it is of the same person.
    last: (i64, i64, i64),
    times: Vec<i64>,
    matches: Vec<u32>,
    details: Details,
}

impl<'k, K: Kernel> Pushing<'k, K> {
    pub(crate) fn new(kernel: &'k K, instant: &'k Instant<'k>, only: Option<&'k Chosen>) -> Self {
        Self {
            kernel,
            instant,
            partial: kernel.init(),
            only,
            person: None,
            last: (0, 0, 0),
            times: Vec::new(),
            matches: Vec::new(),
            details: Details::default(),
        }
    }

    /// The next events are this person's; whether those before were somebody else's.
    pub(crate) fn begin(&mut self, person: i64) -> bool {
        let other = self.person != Some(person);
        if other {
            self.close();
            self.person = Some(person);
        }
        other
    }

    pub(crate) fn wanted(&self, person: i64) -> bool {
        self.only.is_none_or(|only| only.has(person))
    }

    /// Adds an event, of this time, event id and original user id; whether it is another one than before.
    pub(crate) fn add(&mut self, this: (i64, i64, i64), matches: u32) -> bool {
        // An event that several indexes name comes once for each.
        if let Some(last) = self.matches.last_mut().filter(|_| self.last == this) {
            *last |= matches;
            return false;
        }
        self.last = this;
        self.times.push(this.0);
        self.matches.push(matches);
        true
    }

    /// Bytes of what the kernel has so far.
    pub(crate) fn bytes(&self) -> usize {
        self.kernel.bytes(&self.partial)
    }

    /// What the kernel made of it all.
    pub(crate) fn end(mut self) -> K::Partial {
        self.close();
        self.partial
    }

    /// The person has no more events.
    fn close(&mut self) {
        let Some(person) = self.person.take() else { return };
        if !self.times.is_empty() {
            let Details { groups, numbers, sessions, holds } = &self.details;
            let places = Places::From(0, 0);
            let rows = Rows { times: &self.times, matches: &self.matches, groups, numbers, sessions, holds, places };
            self.kernel.push(&mut self.partial, &rows);
            self.kernel.close(&mut self.partial, self.instant.number(person), GroupId(0));
        }
        self.times.clear();
        self.matches.clear();
        self.details.clear();
    }
}

/// How much a question's only predicate matches.
#[derive(Debug, Default)]
pub(crate) struct Latest {
    pub(crate) count: u64,
    pub(crate) users: u64,
    /// (time, event id, original user id) of the latest events, in no order.
    pub(crate) latest: Vec<(i64, i64, i64)>,
}

/// Counts the events of a question, and keeps the latest ones.
pub(crate) fn latest(instant: &Instant<'_>, question: &Question<'_>, limit: usize) -> Result<Latest, StoreError> {
    let segments = Segments::default();
    let gather = Gather::of(instant, question, &segments)?;
    let (mut found, mut kept, mut before) = (Latest::default(), BinaryHeap::new(), None);
    instant.each(&gather.select.sql, &gather.select.params, &mut |row| {
        if gather.matches(row) == 0 {
            return Ok(());
        }
        let person: i64 = row.get(PERSON);
        found.count += 1;
        found.users += u64::from(before.replace(person) != Some(person));
        kept.push(Reverse((row.get(TIME), row.get(EVENT_ID), row.get(ORIGINAL))));
        if kept.len() > limit {
            kept.pop();
        }
        Ok(())
    })?;
    found.latest = kept.into_iter().map(|Reverse(key)| key).collect();
    Ok(found)
}

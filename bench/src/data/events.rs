//! The events themselves, in order of time, from the sessions that are under way: memory does not grow with their number.

use std::{cmp::Reverse, collections::BinaryHeap};

use super::{World, hostile, world::code};
use crate::random::{Rng, Weighted, mix};

/// 2026-08-03T00:00Z, a Monday.
pub const START_MS: i64 = 1_785_715_200_000;
/// So long the data sets are.
pub const DAYS_MS: i64 = 90 * 86_400_000;
const DAYS: f64 = 90.0;
const DAY_MS: f64 = 86_400_000.0;
/// Sessions of a user that overlap keep to different milliseconds of this many.
const SLOT_MS: i64 = 64;
const MEAN_PAUSE_MS: f64 = 40_000.0;
/// Two sessions that follow one another have so many events together.
const PAIR_EVENTS: u32 = 20;
/// Of custom events, in the order of [`World::names`]; together 100.
const NAME_PERCENT: [u32; 6] = [10, 4, 45, 25, 11, 5];

/// How event ids come about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdOrder {
    /// 63 random bits.
    Random,
    /// 42 bits of milliseconds, then random ones, as the capture script makes them.
    Time,
}

/// Which data set.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    /// How many events, exactly.
    pub events: u64,
    /// Every seed gives another one.
    pub seed: u64,
    /// How event ids come about.
    pub ids: IdOrder,
    /// The set that is hard on a store: see [`super`].
    pub hostile: bool,
    /// When its 90 days begin, in milliseconds since 1970; [`START_MS`] for data that is always the same.
    pub start_ms: i64,
}

impl Spec {
    /// How many users there are, with or without events.
    pub fn users(self) -> u32 {
        u32::try_from(self.events / 100).unwrap_or(u32::MAX).max(1)
    }
}

/// The id of a user.
pub(super) fn user_id(person: &mut Rng) -> u64 {
    person.bits() >> 2 | 1 << 62
}

/// What a user is like, the same in every session.
pub(super) fn person(seed: u64, user: u32) -> Rng {
    Rng::new(!seed, u64::from(user))
}

/// An event; what is small and repeats is an index into the [`World`].
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Who.
    pub user_id: u64,
    /// Unique.
    pub event_id: u64,
    /// When.
    pub time_ms: i64,
    /// Index into [`super::TYPES`].
    pub kind: u8,
    /// Page.
    pub path: u16,
    /// Element, of clicks, changes and submits.
    pub chain: Option<u16>,
    /// Of the session.
    pub referrer: Option<u16>,
    /// Of the session.
    pub source: Option<u16>,
    /// Of the user.
    pub browser: u16,
    /// Of the user.
    pub device: u16,
    /// Of the user, but on a journey.
    pub city: u16,
    /// Of the session.
    pub session_id: u64,
    /// Of custom events.
    pub name: Option<u16>,
    /// Of custom events.
    pub plan: Option<u16>,
    /// Of every second custom event.
    pub amount: Option<f64>,
}

struct Session {
    rng: Rng,
    user_id: u64,
    session_id: u64,
    /// When its next event arrives.
    time_ms: i64,
    /// How much earlier it happened.
    late_ms: i64,
    left: u32,
    first: bool,
    path: u16,
    referrer: Option<u16>,
    source: Option<u16>,
    browser: u16,
    device: u16,
    city: u16,
}

/// Iterates over the events of a data set, in order of arrival.
pub struct Events<'w> {
    world: &'w World,
    spec: Spec,
    users: Weighted,
    /// Sessions begun, by user.
    begun: Vec<u8>,
    sessions: u64,
    next_session: u64,
    open: Vec<Session>,
    free: Vec<usize>,
    /// Next event's time and place in `open`.
    queue: BinaryHeap<Reverse<(i64, usize)>>,
    left: u64,
}

impl<'w> Events<'w> {
    /// The events of `spec`.
    pub fn new(world: &'w World, spec: Spec) -> Self {
        let users = spec.users();
        Self {
            world,
            spec,
            users: Weighted::zipf(users, f64::from(users) / 1_000.0 + 5.0),
            begun: vec![0; users as usize],
            sessions: spec.events.div_ceil(u64::from(PAIR_EVENTS)) * 2,
            next_session: 0,
            open: Vec::new(),
            free: Vec::new(),
            queue: BinaryHeap::new(),
            left: spec.events,
        }
    }

    fn begin(&mut self, start_ms: i64) {
        let number = self.next_session;
        self.next_session += 1;
        let mut rng = Rng::new(self.spec.seed, number);
        let user = self.users.draw(&mut rng);
        let hostile = self.spec.hostile.then(|| hostile::session(&mut rng));
        let user = if hostile.is_some_and(|session| session.heavy) { 0 } else { user };
        let ordinal = &mut self.begun[user as usize];
        *ordinal = ordinal.wrapping_add(1);
        let (slot, late_ms) = match hostile {
            None => (i64::from(*ordinal) % SLOT_MS, 0),
            Some(session) => hostile::slot(self.spec.seed, user, *ordinal, session.late),
        };
        let time_ms = start_ms / SLOT_MS * SLOT_MS + slot;
        let half = 2 + Rng::new(self.spec.seed ^ 1, number / 2).below(PAIR_EVENTS - 3);
        let left = if number.is_multiple_of(2) { half } else { PAIR_EVENTS - half };
        let session = Session::new(self.world, rng, self.spec.seed, user, (time_ms, late_ms), left);
        let place = match self.free.pop() {
            Some(place) => {
                self.open[place] = session;
                place
            }
            None => {
                self.open.push(session);
                self.open.len() - 1
            }
        };
        self.queue.push(Reverse((time_ms, place)));
    }

    /// When session `number` begins: evenly over the days, with quiet nights.
    fn start_ms(&self, number: u64) -> i64 {
        let jitter = (mix(number ^ self.spec.seed) >> 11) as f64 / (1_u64 << 53) as f64;
        let days = (number as f64 + jitter) / self.sessions as f64 * DAYS;
        let (day, part) = (days.floor(), days.fract());
        let part = part + 0.1 * (std::f64::consts::TAU * part).sin();
        self.spec.start_ms + ((day + part) * DAY_MS) as i64
    }
}

impl Iterator for Events<'_> {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        self.left = self.left.checked_sub(1)?;
        while self.next_session < self.sessions {
            let start_ms = self.start_ms(self.next_session);
            if self.queue.peek().is_some_and(|Reverse((time_ms, _))| *time_ms < start_ms / SLOT_MS * SLOT_MS) {
                break;
            }
            self.begin(start_ms);
        }
        let Reverse((_, place)) = self.queue.pop()?;
        let session = &mut self.open[place];
        let event = session.event(self.world, self.spec.ids);
        if session.left == 0 {
            self.free.push(place);
        } else {
            self.queue.push(Reverse((session.time_ms, place)));
        }
        Some(event)
    }
}

impl Session {
    fn new(world: &World, mut rng: Rng, seed: u64, user: u32, (time_ms, late_ms): (i64, i64), left: u32) -> Self {
        let mut person = person(seed, user);
        let user_id = user_id(&mut person);
        let (browser, home) = (code(world.browser.draw(&mut person)), code(world.city.draw(&mut person)));
        let device = [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2][person.below(12) as usize];
        let travels = person.percent(5.0) && rng.percent(30.0);
        let city = if travels { code(world.city.draw(&mut rng)) } else { home };
        let referrer = rng.percent(12.0).then(|| code(world.referrer.draw(&mut rng)));
        let source = rng.percent(6.0).then(|| code(rng.below(world.sources.len() as u32)));
        let path = code(world.path.draw(&mut rng));
        let session_id = ((time_ms - late_ms) as u64) << 21 | rng.bits() >> 43;
        let first = true;
        Self { rng, user_id, session_id, time_ms, late_ms, left, first, path, referrer, source, browser, device, city }
    }

    fn event(&mut self, world: &World, ids: IdOrder) -> Event {
        let rng = &mut self.rng;
        let kind = kind(rng, self.first);
        if kind == 1 && !self.first {
            self.path = code(world.path.draw(rng));
        }
        let time_ms = self.time_ms - self.late_ms;
        let event_id = match ids {
            IdOrder::Random => rng.bits() >> 1 | 1,
            IdOrder::Time => (time_ms as u64) << 21 | rng.bits() >> 43,
        };
        let custom = kind == 5;
        let event = Event {
            user_id: self.user_id,
            event_id,
            time_ms,
            kind,
            path: self.path,
            chain: matches!(kind, 2..=4).then(|| world.target_on(rng, self.path)),
            referrer: self.referrer,
            source: self.source,
            browser: self.browser,
            device: self.device,
            city: self.city,
            session_id: self.session_id,
            name: custom.then(|| name(rng)),
            plan: custom.then(|| code(rng.below(world.plans.len() as u32))),
            amount: (custom && rng.percent(50.0)).then(|| f64::from(rng.below(50_000)) / 100.0),
        };
        (self.first, self.left) = (false, self.left - 1);
        let pause = rng.exponential(MEAN_PAUSE_MS) as i64 / SLOT_MS + 1;
        self.time_ms += pause * SLOT_MS;
        event
    }
}

/// Every second session begins with a `session` event, the others with a pageview: 5 % of all events.
fn kind(rng: &mut Rng, first: bool) -> u8 {
    if first {
        return u8::from(rng.percent(50.0));
    }
    // What is left of the mix for the nine events that follow.
    match rng.unit() * 9.0 {
        x if x < 3.0 => 1,
        x if x < 7.0 => 2,
        x if x < 8.3 => 3,
        x if x < 8.8 => 4,
        _ => 5,
    }
}

/// Index of a custom event's name.
fn name(rng: &mut Rng) -> u16 {
    let mut left = rng.below(100);
    let at = NAME_PERCENT.iter().position(|percent| {
        let here = left < *percent;
        left = left.saturating_sub(*percent);
        here
    });
    code(at.unwrap_or_default() as u32)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_mix_is_as_described() {
        let world = World::new(1);
        for ids in [IdOrder::Random, IdOrder::Time] {
            let spec = Spec { events: 200_000, seed: 1, ids, hostile: false, start_ms: START_MS };
            let events: Vec<Event> = Events::new(&world, spec).collect();
            assert_eq!(events.len(), 200_000);
            assert!(events.is_sorted_by_key(|event| event.time_ms));
            for (kind, percent) in [5.0, 35.0, 40.0, 13.0, 5.0, 2.0].into_iter().enumerate() {
                let count = events.iter().filter(|event| usize::from(event.kind) == kind).count();
                assert!((count as f64 / 2_000.0 - percent).abs() < 0.6, "type {kind}: {count}");
            }
            let moments: HashSet<_> = events.iter().map(|event| (event.user_id, event.time_ms)).collect();
            let ids: HashSet<_> = events.iter().map(|event| (event.user_id, event.event_id)).collect();
            assert_eq!((moments.len(), ids.len()), (200_000, 200_000));
            assert_eq!(events, Events::new(&world, spec).collect::<Vec<_>>());
        }
    }

    #[test]
    fn the_hostile_set_is_late_and_has_a_heavy_user() {
        let world = World::new(1);
        let spec = Spec { events: 300_000, seed: 1, ids: IdOrder::Time, hostile: true, start_ms: START_MS };
        let (mut now, mut late, mut heavy, mut moments) = (0, 0, 0, HashSet::new());
        let heavy_id = user_id(&mut person(1, 0));
        for event in Events::new(&world, spec) {
            assert!(event.time_ms > now - hostile::LATE_MS - SLOT_MS, "later than 60 days");
            late += u32::from(event.time_ms < now);
            now = now.max(event.time_ms);
            heavy += u32::from(event.user_id == heavy_id);
            assert!(moments.insert((event.user_id, event.time_ms)), "two events of a user in a millisecond");
        }
        assert!((15_000..30_000).contains(&late), "{late} of 300,000 are late");
        // One in a hundred, and what it has as the most active user of the plain set: little where there are many users.
        assert!((3_000..15_000).contains(&heavy), "{heavy} of 300,000 are the heavy user's");
    }
}

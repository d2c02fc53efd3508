//! The exact way: one person's hits from everywhere, put in order.

use std::{
    ops::RangeInclusive,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

use cairn_analysis::{GroupId, Kernel, Places, Rows, StoreError, Touched, ValueId};

use super::{
    KEYS,
    bound::{CODE_BYTES, PartScan, TIME_BYTES},
    columns::{Detail, session_of_member},
    keys::{GroupCache, Keys},
    run::{RANGES_PER_THREAD, Scans, Worker},
    snapshot::{Member, Snapshot},
};

/// A relevant event.
#[derive(Clone, Copy, Debug)]
struct Hit {
    time: i64,
    event_id: u64,
    /// The original user id.
    user_id: u64,
    matches: u32,
    group: GroupId,
    detail: Detail,
    place: (u32, u32),
}

/// Hits of one person, in vectors of equal length once they are in order.
#[derive(Debug, Default)]
pub(super) struct Hits {
    hits: Vec<Hit>,
    times: Vec<i64>,
    matches: Vec<u32>,
    groups: Vec<GroupId>,
    numbers: Vec<f64>,
    sessions: Vec<u64>,
    holds: Vec<u32>,
    places: Vec<(u32, u32)>,
}

/// A part in which persons are looked at one by one.
pub(super) struct Exact<'a> {
    pub(super) scan: PartScan<'a>,
    /// Whether all rows of the part are scanned, too.
    pub(super) scanned: bool,
}

impl Exact<'_> {
    /// What looking at so many rows takes: of a part that is scanned, rows, times and codes count there.
    fn touched(&self, rows: usize) -> (usize, usize) {
        let of_row = if self.scanned { 0 } else { TIME_BYTES + CODE_BYTES * self.scan.nodes.len() };
        (if self.scanned { 0 } else { rows }, rows * (of_row + EVENT_ID_BYTES))
    }
}

/// What a run looked at for persons one by one, on all threads.
#[derive(Debug, Default)]
pub(super) struct OneByOne {
    rows: AtomicU64,
    bytes: AtomicU64,
}

impl OneByOne {
    /// A run begins: what the one before looked at is looked at again.
    pub(super) fn clear(&self) {
        self.rows.store(0, Relaxed);
        self.bytes.store(0, Relaxed);
    }

    fn add(&self, (rows, bytes): (usize, usize)) {
        self.rows.fetch_add(rows as u64, Relaxed);
        self.bytes.fetch_add(bytes as u64, Relaxed);
    }

    pub(super) fn touched(&self) -> Touched {
        Touched { rows: self.rows.load(Relaxed), bytes: self.bytes.load(Relaxed), ..Touched::default() }
    }
}

const EVENT_ID_BYTES: usize = 8;
/// Fewer persons are not worth a range of their own.
const PERSONS_PER_RANGE: usize = 64;
/// Of a person's rows, one in so many is a step.
const STEP_ROWS: usize = 64;

impl Hits {
    /// The memory that they take, in bytes: as hits, and once they are in order.
    pub(super) fn bytes(&self) -> usize {
        self.hits.capacity() * 2 * size_of::<Hit>()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.hits.is_empty()
    }

    /// Adds relevant events of one user, whose ids are not known yet.
    pub(super) fn add(&mut self, rows: &Rows<'_>) {
        for at in (0..rows.len()).filter(|at| rows.matches[*at] != 0) {
            let (time, matches) = (rows.times[at], rows.matches[at]);
            let (group, place) = (rows.group(at), rows.place(at));
            let detail = Detail {
                values: Default::default(),
                number: rows.number(at),
                session: rows.session(at),
                hold: rows.hold(at),
            };
            self.hits.push(Hit { time, event_id: 0, user_id: 0, matches, group, detail, place });
        }
    }

    /// Puts the hits of one user in order. Ids are fetched only where times do not suffice.
    pub(super) fn sort(&mut self, snapshot: &Snapshot<'_>) -> Result<(), StoreError> {
        // They mostly are in order within each source, which a stable sort makes use of.
        self.hits.sort_by_key(|hit| hit.time);
        for same in self.hits.chunk_by_mut(|a, b| a.time == b.time).filter(|same| same.len() > 1) {
            for hit in &mut *same {
                hit.event_id = snapshot.event_at(hit.place)?.1;
            }
            same.sort_unstable_by_key(|hit| hit.event_id);
        }
        Ok(())
    }

    /// Hands all to the kernel, and forgets them.
    pub(super) fn push<K: Kernel>(&mut self, kernel: &K, partial: &mut K::Partial, keyed: bool) {
        self.times.clear();
        self.times.extend(self.hits.iter().map(|hit| hit.time));
        self.matches.clear();
        self.matches.extend(self.hits.iter().map(|hit| hit.matches));
        self.places.clear();
        self.places.extend(self.hits.iter().map(|hit| hit.place));
        self.groups.clear();
        if keyed {
            self.groups.extend(self.hits.iter().map(|hit| hit.group));
        }
        self.numbers.clear();
        self.numbers.extend(self.hits.iter().map(|hit| hit.detail.number));
        self.sessions.clear();
        self.sessions.extend(self.hits.iter().map(|hit| hit.detail.session));
        self.holds.clear();
        self.holds.extend(self.hits.iter().map(|hit| hit.detail.hold));
        let rows = Rows {
            times: &self.times,
            matches: &self.matches,
            groups: &self.groups,
            numbers: &self.numbers,
            sessions: &self.sessions,
            holds: &self.holds,
            places: Places::Each(&self.places),
        };
        if kernel.counts_only() {
            (0..rows.len()).for_each(|at| kernel.push_many(partial, rows.group(at), 1));
        } else {
            kernel.push(partial, &rows);
        }
        self.hits.clear();
    }
}

impl Scans<'_> {
    /// Ranges of user numbers in which there are persons who are looked at one by one: by the least number of each.
    pub(super) fn ranges_of_persons(&self, threads: usize) -> Vec<RangeInclusive<u32>> {
        let wanted = self.snapshot.special.len().div_ceil(PERSONS_PER_RANGE).min(RANGES_PER_THREAD * threads) as u64;
        let first = |at: u64| (at * u64::from(self.snapshot.users) / wanted) as u32;
        (0..wanted).map(|at| first(at)..=first(at + 1).saturating_sub(1)).collect()
    }

    /// Persons who are looked at one by one.
    pub(super) fn persons<K: Kernel>(
        &self,
        kernel: &K,
        partial: K::Partial,
        numbers: RangeInclusive<u32>,
    ) -> Result<K::Partial, StoreError> {
        let mut worker = Worker::new((kernel, partial), self.snapshot);
        for members in self.snapshot.persons(numbers)? {
            self.person(&mut worker, &members?)?;
        }
        Ok(worker.partial)
    }

    /// Hands the hits of one person to the kernel, from all user ids.
    pub(super) fn person<K: Kernel>(&self, worker: &mut Worker<'_, K>, members: &[Member]) -> Result<(), StoreError> {
        for member in members {
            self.gather(member, worker)?;
        }
        let Worker { kernel, partial, hits, watch, .. } = worker;
        if !hits.is_empty() {
            hits.hits.sort_unstable_by_key(|hit| (hit.time, hit.event_id, hit.user_id));
            hits.push(*kernel, partial, !self.snapshot.columns.keys.is_empty());
            kernel.close(partial, members[0].number, GroupId(0));
        }
        watch.step(|| kernel.bytes(partial) + hits.bytes())
    }

    /// Adds the hits of one user id.
    fn gather<K: Kernel>(&self, member: &Member, worker: &mut Worker<'_, K>) -> Result<(), StoreError> {
        let Worker { kernel, partial, groups, hits, watch } = worker;
        let columns = &self.snapshot.columns;
        let erased = |received: i64| member.erased_at.is_some_and(|at| received <= at);
        let complete = |mut detail: Detail, groups: &mut GroupCache| {
            detail.session = session_of_member(detail.session, member.number);
            (group_of(&columns.keys, groups, member.number, detail.values), detail)
        };
        for exact in &self.exact {
            let scan = &exact.scan;
            let (ids, received) = (scan.part.event_ids()?, scan.part.received()?);
            let rows = scan.part.rows_of(member.number)?;
            self.one_by_one.add(exact.touched(rows.len()));
            for row in rows {
                if row % STEP_ROWS == 0 {
                    watch.step(|| kernel.bytes(partial) + hits.bytes())?;
                }
                let matches = scan.matches(row, member.number);
                if matches != 0 && !(member.erased_at.is_some() && erased(received.get(row))) {
                    let (time, event_id, user_id) = (scan.times.get(row), ids.get(row), member.id);
                    let detail = columns.detail(&scan.columns, row, groups);
                    let ((group, detail), place) = (complete(detail, groups), (scan.source, row as u32));
                    hits.hits.push(Hit { time, event_id, user_id, matches, group, detail, place });
                }
            }
        }
        let tails = &self.snapshot.tails;
        for at in tails.place_of(member.number)..tails.place_of(member.number.saturating_add(1)) {
            if !erased(tails.received[at]) {
                let (time, event_id, user_id) = (tails.times[at], tails.event_ids[at], member.id);
                let (matches, place) = (tails.matches[at], tails.places[at]);
                let (group, detail) = complete(tails.details.get(at), groups);
                hits.hits.push(Hit { time, event_id, user_id, matches, group, detail, place });
            }
        }
        Ok(())
    }
}

/// The group of an event of a user.
pub(super) fn group_of(keys: &Keys<'_>, groups: &mut GroupCache, user: u32, mut values: [ValueId; KEYS]) -> GroupId {
    if keys.is_empty() {
        return GroupId(0);
    }
    keys.add_user_values(user, &mut values);
    groups.group(keys, values)
}

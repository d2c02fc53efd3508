//! Running a kernel over a snapshot, on all cores.

use cairn_analysis::{GroupId, GroupKey, Kernel, Row, StoreError, ValueId};
use cairn_model::{EventId, TimeMs, UserId};
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use rayon::prelude::*;

use super::{
    Hit, KEYS,
    gather::{PartScan, Scan, Snapshot},
};

/// Ranges of users per thread, so that threads end together.
const RANGES_PER_THREAD: usize = 4;

/// A snapshot whose parts are ready to be scanned, as often as needed.
pub(crate) struct Prepared<'a> {
    snapshot: &'a Snapshot,
    scan: &'a Scan<'a>,
    parts: Vec<PartScan<'a>>,
}

/// One worker: its partial, and scratch space.
struct Worker<'k, K: Kernel> {
    kernel: &'k K,
    partial: K::Partial,
    hits: Vec<Hit>,
    groups: HashMap<[ValueId; KEYS], GroupId, FixedState>,
}

impl<'a> Prepared<'a> {
    pub(crate) fn new(snapshot: &'a Snapshot, scan: &'a Scan<'a>) -> Result<Self, StoreError> {
        let parts = snapshot.parts.iter().map(|part| PartScan::new(part, scan, snapshot.expiry));
        let parts = parts.filter_map(Result::transpose).collect::<Result<_, _>>()?;
        Ok(Self { snapshot, scan, parts })
    }

    /// Rows that a run looks at.
    pub(crate) fn rows(&self) -> usize {
        self.parts.iter().map(|part| part.times.len()).sum::<usize>() + self.snapshot.tail_rows
    }

    /// Pushes every user's relevant events to `kernel`, and closes the users that have any.
    pub(crate) fn run<K: Kernel>(&self, kernel: &K) -> K::Partial {
        let persons: Vec<_> = self.snapshot.users.persons().collect();
        let chunk = (persons.len() / (RANGES_PER_THREAD * rayon::current_num_threads())).max(64);
        let anonymous = self.ranges().into_par_iter().map(|(first, last)| self.anonymous(kernel, first, last));
        let identified = persons.par_chunks(chunk).map(|persons| {
            let mut worker = Worker::new(kernel);
            for members in persons {
                for user in *members {
                    self.gather(*user, &mut worker.hits);
                }
                self.person(&mut worker);
            }
            worker.partial
        });
        anonymous.chain(identified).reduce(
            || kernel.init(),
            |mut into, from| {
                kernel.merge(&mut into, from);
                into
            },
        )
    }

    /// Ranges of user ids `[first, last]` that hold about as many users each.
    fn ranges(&self) -> Vec<(u64, u64)> {
        let of_parts = self.parts.iter().map(|part| part.users).max_by_key(|users| users.len()).unwrap_or_default();
        let count = (RANGES_PER_THREAD * rayon::current_num_threads()).min(of_parts.len()).max(1);
        let mut firsts: Vec<u64> = (1..count).map(|i| of_parts[i * of_parts.len() / count]).collect();
        firsts.insert(0, 0);
        firsts.dedup();
        let lasts = firsts.iter().skip(1).map(|first| first - 1).chain([u64::MAX]);
        firsts.iter().copied().zip(lasts.collect::<Vec<_>>()).collect()
    }

    /// Users without a handle: each stands alone, and is found once by walking all sources side by side.
    fn anonymous<K: Kernel>(&self, kernel: &K, first: u64, last: u64) -> K::Partial {
        let mut worker = Worker::new(kernel);
        let mut cursors: Vec<usize> =
            self.parts.iter().map(|part| part.users.partition_point(|user| *user < first)).collect();
        let hits = &self.snapshot.hits;
        let mut hit = hits.partition_point(|hit| hit.user < first);
        let no_conditions = self.snapshot.conditions.is_empty();
        loop {
            let of_parts = self.parts.iter().zip(&cursors).filter_map(|(part, at)| part.users.get(*at)).min();
            let Some(user) = of_parts.copied().into_iter().chain(hits.get(hit).map(|hit| hit.user)).min() else {
                break;
            };
            if user > last {
                break;
            }
            let skip = self.snapshot.users.handle(user).is_some();
            let erased_at = self.snapshot.users.erased_at(user);
            let truths = if no_conditions || skip { 0 } else { self.snapshot.truths(user) };
            for (part, at) in self.parts.iter().zip(&mut cursors) {
                if part.users.get(*at) == Some(&user) {
                    if !skip {
                        part.hits(*at, erased_at, truths, &mut worker.hits);
                    }
                    *at += 1;
                }
            }
            while hits.get(hit).is_some_and(|hit| hit.user == user) {
                if !skip {
                    worker.hits.push(hits[hit]);
                }
                hit += 1;
            }
            self.person(&mut worker);
        }
        worker.partial
    }

    /// Appends the relevant events of one user id.
    fn gather(&self, user: u64, out: &mut Vec<Hit>) {
        let truths = self.snapshot.truths(user);
        let erased_at = self.snapshot.users.erased_at(user);
        for part in &self.parts {
            if let Ok(at) = part.users.binary_search(&user) {
                part.hits(at, erased_at, truths, out);
            }
        }
        let hits = &self.snapshot.hits;
        let start = hits.partition_point(|hit| hit.user < user);
        out.extend(hits[start..].iter().take_while(|hit| hit.user == user));
    }

    /// Hands the gathered events of one person to the kernel.
    fn person<K: Kernel>(&self, worker: &mut Worker<'_, K>) {
        if worker.hits.is_empty() {
            return;
        }
        if !worker.hits.is_sorted_by_key(Hit::order) {
            worker.hits.sort_unstable_by_key(Hit::order);
        }
        let user_values = self.user_values(worker.hits[0].user);
        for at in 0..worker.hits.len() {
            let hit = worker.hits[at];
            let group = worker.group(self.scan, hit.values, user_values);
            let (Some(event_id), Some(original)) = (EventId::new(hit.event_id), UserId::new(hit.user)) else {
                continue;
            };
            let row = Row { time: TimeMs(hit.time), event_id, original, matches: 1, group };
            worker.kernel.push(&mut worker.partial, &row);
        }
        worker.kernel.close(&mut worker.partial, GroupId(0));
        worker.hits.clear();
    }

    /// The values of the group-by keys on users.
    pub(crate) fn user_values(&self, user: u64) -> [ValueId; KEYS] {
        let mut values = [ValueId(0); KEYS];
        for (value, key) in values.iter_mut().zip(self.scan.keys) {
            if let GroupKey::User(name) = key {
                *value = self.scan.groups.value(self.snapshot.users.property(user, name));
            }
        }
        values
    }

    /// Closes every user of the universe that `holds`: those with an event, or anything else that is not erased.
    pub(crate) fn run_users<K: Kernel>(&self, kernel: &K, holds: &dyn Fn(u64) -> bool) -> K::Partial {
        let mut worker = Worker::new(kernel);
        let users = &self.snapshot.users;
        let mut close = |user: u64| {
            if holds(user) {
                let values = self.user_values(user);
                let group = worker.group(self.scan, values, values);
                worker.kernel.close(&mut worker.partial, group);
            }
        };
        for user in self.universe() {
            // A person counts with the first member that is there.
            let first = match users.handle(user) {
                Some(_) => {
                    users.person_of(user).and_then(|members| members.iter().find(|member| self.exists(**member)))
                }
                None => None,
            };
            if first.is_none_or(|first| *first == user) {
                close(user);
            }
        }
        worker.partial
    }

    /// All user ids with a visible event or a known state, ascending.
    fn universe(&self) -> Vec<u64> {
        let mut all: Vec<u64> = self.parts.iter().flat_map(|part| part.users.iter().copied()).collect();
        all.extend(self.snapshot.hits.iter().map(|hit| hit.user));
        all.extend(self.snapshot.users.states().map(|(user, _)| user));
        all.par_sort_unstable();
        all.dedup();
        all.retain(|user| self.exists(*user));
        all
    }

    fn exists(&self, user: u64) -> bool {
        if self.snapshot.users.state(user).is_some_and(|state| state.is_known()) {
            return true;
        }
        let mut hits = Vec::new();
        self.gather(user, &mut hits);
        !hits.is_empty()
    }
}

impl<'k, K: Kernel> Worker<'k, K> {
    fn new(kernel: &'k K) -> Self {
        Self { kernel, partial: kernel.init(), hits: Vec::new(), groups: HashMap::default() }
    }

    fn group(&mut self, scan: &Scan<'_>, event: [ValueId; KEYS], user: [ValueId; KEYS]) -> GroupId {
        let mut values = event;
        for (at, key) in scan.keys.iter().enumerate() {
            if matches!(key, GroupKey::User(_)) {
                values[at] = user[at];
            }
        }
        *self.groups.entry(values).or_insert_with(|| scan.groups.group(&values[..scan.keys.len()]))
    }
}

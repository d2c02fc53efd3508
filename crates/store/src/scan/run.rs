//! Running a kernel over a snapshot, on all cores.

use cairn_analysis::{Asking, Budget, GroupId, Held, Kernel, PartsBy, Places, Portable, Rows, StoreError, Touched};

use super::{
    bound::PartScan,
    cursor::{Cursor, Need},
    found::Found,
    join::{FoundIn, Joined},
    keys::{GroupCache, Keys},
    list::{List, ListWalk},
    person::{Exact, Hits, OneByOne, group_of},
    share::{merge_all, share_out},
    snapshot::Snapshot,
    watch::Watch,
};
use crate::{index, part::Part, predicate::Node};

/// Ranges of users per thread, so that threads end together.
pub(super) const RANGES_PER_THREAD: usize = 16;
/// A range is worth its while from so many rows on.
const RANGE_ROWS: usize = 64 << 10;
/// Where nobody asks for users, a row that has a value in a column in which few have one is gone through so many times as fast as a
/// hit of an index.
const FILLED_PER_HIT: usize = 4;
/// Fewer hits in lists are gone through faster than another thread is woken.
pub(super) const FEW_HITS: usize = 32 << 10;
/// From so many on, several threads read them.
const READ_HITS: usize = 16 << 10;
/// From so many on, several threads walk users.
const RANGE_HITS: usize = 8 << 10;
/// No more users.
const NONE: u32 = u32::MAX;

/// A snapshot bound to columns, to be run as often as needed.
pub(crate) struct Scans<'a> {
    pub(super) snapshot: &'a Snapshot<'a>,
    /// Parts that are scanned.
    pub(super) parts: Vec<PartScan<'a>>,
    /// The hits of parts where they are known without a scan.
    pub(super) found: Joined<'a>,
    /// All parts, for persons that are looked at one by one.
    pub(super) exact: Vec<Exact<'a>>,
    /// What a run looked at for them.
    pub(super) one_by_one: OneByOne,
    /// Each source begins after the one before has ended.
    pub(super) apart: bool,
    touched: Touched,
    /// What the hits take that were found.
    _held: Held<'a>,
}

impl Asking for Scans<'_> {
    fn run<K: Portable>(&self, kernel: &K) -> Result<K::Partial, StoreError> {
        Scans::run(self, kernel)
    }

    fn budget(&self) -> &Budget {
        self.snapshot.budget
    }
}

impl<'a> Scans<'a> {
    /// For `kernel`, and others that need the same.
    pub(crate) fn new<K: Kernel>(snapshot: &'a Snapshot<'a>, kernel: &K) -> Result<Self, StoreError> {
        let with_users =
            kernel.needs_users() || !snapshot.special.is_empty() || !snapshot.columns.keys.of_events_only();
        let threads = match snapshot.indexed_hits() {
            0..READ_HITS => 1,
            _ => rayon::current_num_threads(),
        };
        let in_range = snapshot.parts.iter().filter(|part| snapshot.range.meets(part.times_span())).count();
        let threads_of_part = if in_range < threads { threads } else { 1 };
        let sources = share_out(snapshot.parts.len(), threads, |next| {
            let numbered = std::iter::from_fn(next).map(|at| (at, (at as u32, &*snapshot.parts[at])));
            let source = |(at, part)| {
                snapshot.budget.check()?;
                Ok((at, Source::new(snapshot, part, with_users, threads_of_part)?))
            };
            numbered.map(source).collect::<Result<Vec<_>, StoreError>>()
        })?;
        let mut sources: Vec<(usize, Source<'a>)> = sources.into_iter().flatten().collect();
        sources.sort_unstable_by_key(|(at, _)| *at);
        let (mut parts, mut found, mut exact) = (Vec::new(), Vec::new(), Vec::new());
        let (mut spans, mut found_spans) = (Vec::new(), Vec::new());
        let mut touched = snapshot.tails_touched();
        for (number, source) in sources {
            touched += source.touched(with_users);
            let part = &*snapshot.parts[number];
            let number = number as u32;
            let scanned = source.hits.is_none();
            exact.extend(source.exact.map(|scan| Exact { scan, scanned }));
            match (source.hits, source.scan) {
                (Some((hits, _)), _) => {
                    let columns = snapshot.columns.of_part(part)?;
                    found.push(FoundIn { source: number, found: hits, columns });
                    found_spans.push(part.times_span());
                }
                (None, Some(scan)) => {
                    parts.push(scan);
                    spans.push(part.times_span());
                }
                (None, None) => {}
            }
        }
        // The order of a user's turn: parts that are scanned, those that are not, tails.
        let apart = are_apart(&spans.into_iter().chain(found_spans).chain(snapshot.tails.span()).collect::<Vec<_>>());
        // Only where all hits are known is it known which are needed.
        let anchor = kernel.anchor().filter(|_| parts.is_empty());
        let mut held = snapshot.budget.hold();
        held.set(found.iter().flat_map(|part| &part.found).map(Found::bytes).sum());
        snapshot.budget.check()?;
        let found = Joined::new(found, anchor, &snapshot.tails);
        Ok(Self { snapshot, parts, found, exact, one_by_one: OneByOne::default(), apart, touched, _held: held })
    }

    /// What a run looks at, each thing once; to be asked for after one.
    pub(crate) fn touched(&self) -> Touched {
        let mut touched = self.touched;
        touched += self.one_by_one.touched();
        touched
    }

    /// What `kernel` makes of a run.
    pub(crate) fn answer<K: Kernel>(&self, kernel: &K) -> Result<K::Output, StoreError> {
        Ok(kernel.finish(self.run(kernel)?, self.snapshot.budget)?)
    }

    /// Pushes every user's relevant events to `kernel`, and closes the users that have any.
    pub(crate) fn run<K: Kernel>(&self, kernel: &K) -> Result<K::Partial, StoreError> {
        self.one_by_one.clear();
        if !kernel.needs_users() && self.can_run_unordered() {
            return self.run_unordered(kernel);
        }
        let threads = rayon::current_num_threads();
        let (ranges, persons) = (self.ranges(), self.ranges_of_persons(threads));
        let intervals = kernel.intervals().filter(|intervals| self.can_run_active(intervals, &ranges));
        if let Some(intervals) = intervals {
            return self.run_active(kernel, intervals, &ranges, &persons);
        }
        let members = kernel.members_only() && self.can_run_members(&ranges);
        merge_all((kernel, self.snapshot), ranges.len() + persons.len(), threads, |task, partial| {
            match ranges.get(task) {
                Some(range) if members => self.members(kernel, partial, *range),
                Some(range) => self.ordinary(kernel, partial, *range),
                None => self.persons(kernel, partial, persons[task - ranges.len()].clone()),
            }
        })
    }

    /// What a kernel needs of hits. Those of sources that are not apart are put in order by time.
    pub(super) fn need<K: Kernel>(&self, kernel: &K) -> Need {
        match kernel.counts_only() {
            true => Need::Counts,
            false if self.apart && !kernel.needs_times() => Need::Order,
            false => Need::Times,
        }
    }

    /// Ranges of user numbers, both ends included, with about as much to do each.
    fn ranges(&self) -> Vec<(u32, u32)> {
        if self.parts.is_empty() {
            return self.ranges_of_lists();
        }
        let most = self.parts.iter().max_by_key(|scan| scan.part.rows());
        let Some(most) = most.filter(|most| most.part.rows() > RANGE_ROWS) else {
            return vec![(0, NONE)];
        };
        let wanted = (RANGES_PER_THREAD * rayon::current_num_threads()).min(most.part.rows() / RANGE_ROWS + 1);
        let firsts = (1..wanted).map(|at| most.users.get(at * most.users.len() / wanted));
        from_firsts(firsts)
    }

    /// The same where there are only lists.
    fn ranges_of_lists(&self) -> Vec<(u32, u32)> {
        let (found, tails) = (self.found.most_users(), &self.snapshot.tails.users[..]);
        let most = if found.len() > tails.len() { found } else { tails };
        let wanted = match self.found.len() + tails.len() {
            0..RANGE_HITS => return vec![(0, NONE)],
            RANGE_HITS..FEW_HITS => rayon::current_num_threads(),
            _ => rayon::current_num_threads() * 2,
        };
        from_firsts((1..wanted).map(|at| most[at * most.len() / wanted]))
    }

    /// Users whose rows need no second look: each is found once by walking all sources side by side.
    fn ordinary<K: Kernel>(
        &self,
        kernel: &K,
        partial: K::Partial,
        (first, last): (u32, u32),
    ) -> Result<K::Partial, StoreError> {
        let columns = &self.snapshot.columns;
        let (counts, need) = (kernel.counts_only(), self.need(kernel));
        let mut worker = Worker::new((kernel, partial), self.snapshot);
        let parts = self.parts.iter().map(|scan| Cursor::new(scan, columns, need, (first, last)));
        let mut parts: Vec<Cursor<'_, '_>> = parts.collect();
        let special = &self.snapshot.special;
        let found = self.found.list((first, last), columns, &self.snapshot.tails, &mut |user, until| {
            if !special.contains(user) {
                worker.kernel.push_lone(&mut worker.partial, until);
            }
        });
        worker.watch = Watch::new(self.snapshot, found.bytes());
        let mut lists = [&found, &self.snapshot.tails].map(|list| ListWalk::new(list, first, last));
        let mut heads: Vec<u32> = parts.iter_mut().map(|part| part.user(&mut worker.groups).unwrap_or(NONE)).collect();
        loop {
            let of_parts = heads.iter().copied().min().unwrap_or(NONE);
            let user = lists.iter().filter_map(ListWalk::user).min().unwrap_or(NONE).min(of_parts);
            if user == NONE {
                break;
            }
            let skip = special.contains(user);
            // Counts need no order.
            let in_order = counts || self.apart || {
                let of_parts = parts.iter().zip(&heads).filter(|(_, head)| **head == user).map(|(part, _)| part.span());
                let of_lists = lists.iter().filter(|list| list.user() == Some(user)).map(ListWalk::span);
                come_in_order(of_parts.map(Some).chain(of_lists))
            };
            for (part, head) in parts.iter_mut().zip(&mut heads) {
                if *head == user {
                    match (skip, counts) {
                        (true, _) => part.skip(),
                        (false, true) => part.count(worker.kernel, &mut worker.partial, &mut worker.groups),
                        (false, false) => worker.take(part, in_order),
                    }
                    *head = part.user(&mut worker.groups).unwrap_or(NONE);
                }
            }
            for list in lists.iter_mut().filter(|list| list.user() == Some(user)) {
                let hits = list.take();
                if !skip {
                    worker.list(list.list, hits, &columns.keys, in_order);
                }
            }
            if !skip {
                worker.end(self.snapshot, user)?;
            }
        }
        Ok(worker.partial)
    }
}

/// Ranges that begin at 0 and at each of `firsts`, which rise.
fn from_firsts(firsts: impl Iterator<Item = u32>) -> Vec<(u32, u32)> {
    let mut firsts: Vec<u32> = std::iter::once(0).chain(firsts).collect();
    firsts.dedup();
    let lasts: Vec<u32> = firsts[1..].iter().map(|first| first - 1).chain([NONE]).collect();
    firsts.into_iter().zip(lasts).collect()
}

/// Whether each begins after the one before has ended.
fn are_apart(spans: &[(i64, i64)]) -> bool {
    spans.windows(2).all(|pair| pair[0].1 < pair[1].0)
}

/// Whether a user's hits in several sources come in order, each from a first to a last instant, if they are in order there.
fn come_in_order(spans: impl Iterator<Item = Option<(i64, i64)>>) -> bool {
    let mut before = None;
    for span in spans {
        let Some((_, last)) = span.filter(|(first, _)| before.is_none_or(|before| before < *first)) else {
            return false;
        };
        before = Some(last);
    }
    true
}

/// A part as a question sees it.
struct Source<'a> {
    /// Its hits, of each of the question's events, where they can be had without a scan, and what was read for them.
    hits: Option<(Vec<Found>, Touched)>,
    /// Else how it is scanned, if it has anything for the question.
    scan: Option<PartScan<'a>>,
    /// For persons that are looked at one by one, if there are any.
    exact: Option<PartScan<'a>>,
}

impl<'a> Source<'a> {
    fn new(
        snapshot: &'a Snapshot<'a>,
        (source, part): (u32, &'a Part),
        with_users: bool,
        threads: usize,
    ) -> Result<Self, StoreError> {
        let range = (snapshot.range, snapshot.budget);
        let scan = || PartScan::new((source, part), &snapshot.meanings, &snapshot.columns, range);
        let exact = if snapshot.special.is_empty() { None } else { scan()? };
        let indexes = snapshot.indexed.as_ref().and_then(|indexed| index::hits(part, indexed));
        if let Some([index]) = indexes.as_deref().filter(|_| !with_users)
            && let Some(scan) = scan()?
            && scan.sparse().is_some_and(|sparse| sparse.most() <= index.len() * FILLED_PER_HIT)
        {
            return Ok(Self { hits: None, scan: Some(scan), exact });
        }
        if let Some(indexes) = indexes {
            let rests = snapshot.indexed.iter().flatten().map(|(_, rest)| Node::of_part(rest, part));
            let found = indexes.iter().zip(rests);
            let found = found.map(|(index, rest)| Found::of_index(index, &rest?, (part, snapshot.range), with_users));
            let found = found.collect::<Result<Vec<_>, StoreError>>()?;
            let mut touched = Touched { parts: PartsBy { index: 1, ..PartsBy::default() }, ..Touched::default() };
            for index in &indexes {
                let (bytes, of_users) = index.bytes();
                touched.rows += index.len() as u64;
                touched.bytes += (bytes + if with_users { of_users } else { 0 }) as u64;
            }
            return Ok(Self { hits: Some((found, touched)), scan: None, exact });
        }
        let Some(scan) = scan()? else {
            return Ok(Self { hits: None, scan: None, exact });
        };
        let hits = scan.few_hits(snapshot, (with_users, with_users), threads)?;
        Ok(Self { hits, scan: Some(scan), exact })
    }

    /// What of it the question looks at.
    fn touched(&self, with_users: bool) -> Touched {
        match (&self.hits, &self.scan) {
            (Some((_, touched)), _) => *touched,
            (None, Some(scan)) => Touched {
                rows: scan.part.rows() as u64,
                bytes: scan.bytes(with_users) as u64,
                parts: PartsBy { scan: 1, ..PartsBy::default() },
            },
            (None, None) => Touched { parts: PartsBy { skipped: 1, ..PartsBy::default() }, ..Touched::default() },
        }
    }
}

/// One worker: its partial, and scratch space.
pub(super) struct Worker<'k, K: Kernel> {
    pub(super) kernel: &'k K,
    pub(super) partial: K::Partial,
    pub(super) groups: GroupCache,
    /// The current user's, where they must be put in order first.
    pub(super) hits: Hits,
    pub(super) watch: Watch<'k>,
}

impl<'k, K: Kernel> Worker<'k, K> {
    pub(super) fn new((kernel, partial): (&'k K, K::Partial), snapshot: &'k Snapshot<'_>) -> Self {
        let watch = Watch::new(snapshot, 0);
        Self { kernel, partial, groups: GroupCache::default(), hits: Hits::default(), watch }
    }

    fn take(&mut self, part: &mut Cursor<'_, '_>, in_order: bool) {
        let Self { kernel, partial, groups, hits, watch } = self;
        // One user may have very many rows. Why no more are wanted is found out at the user's end.
        match in_order {
            true if kernel.is_settled(partial) => part.skip(),
            true => part.take(groups, &mut |rows| {
                kernel.push(partial, rows);
                !kernel.is_settled(partial) && watch.step(|| kernel.bytes(partial)).is_ok()
            }),
            false => part.take(groups, &mut |rows| {
                hits.add(rows);
                watch.step(|| kernel.bytes(partial) + hits.bytes()).is_ok()
            }),
        }
    }

    pub(super) fn list(&mut self, list: &List, hits: std::ops::Range<usize>, keys: &Keys<'_>, in_order: bool) {
        let mut of_hits = Vec::new();
        if !keys.is_empty() {
            let user = list.user_of(hits.start);
            let group = |at: usize| {
                let values = list.details.values.get(at).copied().unwrap_or_default();
                group_of(keys, &mut self.groups, user, values)
            };
            of_hits.extend(hits.clone().map(group));
        }
        let rows = Rows {
            times: &list.times[hits.clone()],
            matches: &list.matches[hits.clone()],
            groups: &of_hits,
            numbers: list.details.numbers.get(hits.clone()).unwrap_or_default(),
            sessions: list.details.sessions.get(hits.clone()).unwrap_or_default(),
            holds: list.details.holds.get(hits.clone()).unwrap_or_default(),
            places: Places::Each(&list.places[hits]),
        };
        if self.kernel.counts_only() {
            (0..rows.len()).for_each(|at| self.kernel.push_many(&mut self.partial, rows.group(at), 1));
        } else if in_order {
            self.kernel.push(&mut self.partial, &rows);
        } else {
            self.hits.add(&rows);
        }
    }

    /// The current user has no more.
    fn end(&mut self, snapshot: &Snapshot<'_>, user: u32) -> Result<(), StoreError> {
        if !self.hits.is_empty() {
            self.hits.sort(snapshot)?;
            self.hits.push(self.kernel, &mut self.partial, !snapshot.columns.keys.is_empty());
        }
        self.kernel.close(&mut self.partial, user, GroupId(0));
        self.watch.step(|| self.kernel.bytes(&self.partial) + self.hits.bytes())
    }
}

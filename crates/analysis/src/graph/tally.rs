//! The counts of a graph: dense, by line and bucket. A line is a group, or the rest of the groups.

use super::Counts;
use crate::{Buckets, Rows, buckets::Locator};

/// A first run keeps at most this many counts by line and bucket: 16 MiB.
pub(super) const CELLS_MAX: usize = 1 << 20;

/// What a run counts.
#[derive(Clone, Copy)]
pub(super) struct Run<'a> {
    pub(super) buckets: &'a Buckets,
    pub(super) locator: &'a Locator,
    /// Users or sessions, not events.
    pub(super) distinct: bool,
    /// How many events are behind them, too.
    pub(super) events: bool,
    /// Whether counts by bucket are given up when they are too many.
    pub(super) bounded: bool,
}

impl Run<'_> {
    /// Whether counts by line and bucket are more than those by line.
    pub(super) fn has_cells(&self) -> bool {
        self.buckets.len() > 1
    }
}

/// The counts so far.
///
/// Of users, all four kinds are kept, each user once in each; sessions are counted as if each were a user. Of events, only the finest: `cells`, or `lines` where there is
/// one bucket or `cells` are cut; the others are sums of it.
#[derive(Debug)]
pub struct GraphPartial {
    /// By line, over the whole range.
    pub(super) lines: Vec<Tally>,
    /// By line and bucket, line after line; none where there is one bucket.
    pub(super) cells: Vec<Tally>,
    /// Whether `cells` were too many, and are given up.
    pub(super) cut: bool,
    /// By bucket, all lines together.
    pub(super) buckets: Vec<Tally>,
    pub(super) all: Tally,
    /// By line, and by line and bucket as in `cells`: the events behind users, where they matter.
    pub(super) events: Vec<u64>,
    pub(super) events_of_cells: Vec<u64>,
    /// The number of the current user, or session, from 1.
    user: u32,
    /// Of the current user, where sessions are counted.
    pub(super) current: Vec<OfSession>,
    /// By line, the users of a range who are counted there: a bit each.
    members: Vec<Vec<u64>>,
}

/// An event of a session.
#[derive(Clone, Copy, Debug)]
pub(super) struct OfSession {
    pub(super) session: u64,
    pub(super) line: usize,
    pub(super) time: i64,
}

/// A count, and the user counted last: each user counts once.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    pub(super) count: u64,
    user: u32,
}

impl Tally {
    /// Counts `user`, once. Whether it is the first time.
    #[inline]
    fn count_user(&mut self, user: u32) -> bool {
        let first = self.user != user;
        self.count += u64::from(first);
        self.user = user;
        first
    }
}

impl GraphPartial {
    pub(super) fn new(buckets: &Buckets) -> Self {
        Self {
            lines: Vec::new(),
            cells: Vec::new(),
            cut: false,
            buckets: vec![Tally::default(); buckets.len()],
            all: Tally::default(),
            events: Vec::new(),
            events_of_cells: Vec::new(),
            user: 1,
            current: Vec::new(),
            members: Vec::new(),
        }
    }

    /// An event of `line` at `time`, where there are several buckets.
    #[inline]
    pub(super) fn count(&mut self, run: &Run<'_>, line: usize, time: i64) {
        if self.cut {
            return self.count_whole(run, line, 1);
        }
        let bucket = run.locator.of(time);
        let at = line * run.buckets.len() + bucket;
        if at >= self.cells.len() && !self.grow(run, line) {
            return self.count_whole(run, line, 1);
        }
        if run.events {
            self.count_events(line, Some(at), 1);
        }
        if !run.distinct {
            self.cells[at].count += 1;
        } else if self.cells[at].count_user(self.user) {
            // A user who is not new in the cell is not new anywhere.
            self.buckets[bucket].count_user(self.user);
            self.count_line(run, line, 1);
        }
    }

    /// Counts the current user's sessions, each once.
    pub(super) fn count_sessions(&mut self, run: &Run<'_>) {
        let mut current = std::mem::take(&mut self.current);
        current.sort_by_key(|of| of.session);
        for session in current.chunk_by(|a, b| a.session == b.session) {
            for of in session {
                match run.buckets.len() {
                    1 => self.count_whole(run, of.line, 1),
                    _ => self.count(run, of.line, of.time),
                }
            }
            self.next_user();
        }
        current.clear();
        self.current = current;
    }

    fn count_events(&mut self, line: usize, cell: Option<usize>, count: u64) {
        if line >= self.events.len() {
            self.events.resize(line + 1, 0);
        }
        self.events[line] += count;
        if let Some(cell) = cell {
            self.events_of_cells.resize(self.events_of_cells.len().max(self.cells.len()), 0);
            self.events_of_cells[cell] += count;
        }
    }

    /// Events of `line`, where there are several buckets.
    pub(super) fn count_all(&mut self, run: &Run<'_>, line: usize, rows: &Rows<'_>) {
        let first = line * run.buckets.len();
        let room = !self.cut && (first < self.cells.len() || self.grow(run, line));
        match self.cells.get_mut(first..first + run.buckets.len()) {
            Some(cells) if room && !run.distinct => {
                for (time, matches) in rows.times.iter().zip(rows.matches) {
                    cells[run.locator.of(*time)].count += u64::from(*matches != 0);
                }
            }
            _ => rows.relevant().for_each(|i| self.count(run, line, rows.times[i])),
        }
    }

    /// `count` events of `line`, the bucket being the only one or given up.
    #[inline]
    pub(super) fn count_whole(&mut self, run: &Run<'_>, line: usize, count: u64) {
        if run.events {
            self.count_events(line, None, count);
        }
        self.count_line(run, line, count);
    }

    #[inline]
    fn count_line(&mut self, run: &Run<'_>, line: usize, count: u64) {
        if line >= self.lines.len() {
            self.lines.resize(line + 1, Tally::default());
        }
        if !run.distinct {
            self.lines[line].count += count;
        } else if self.lines[line].count_user(self.user) {
            self.all.count_user(self.user);
        }
    }

    /// The user at this place of a range is one of `line`.
    #[inline]
    pub(super) fn add_member(&mut self, line: usize, at: usize) {
        if line >= self.members.len() {
            self.members.resize(line + 1, Vec::new());
        }
        let set = &mut self.members[line];
        if at / 64 >= set.len() {
            set.resize(at / 64 + 1, 0);
        }
        set[at / 64] |= 1 << (at % 64);
    }

    /// Counts the users of a range.
    pub(super) fn count_members(&mut self) {
        let members = std::mem::take(&mut self.members);
        self.lines.resize(self.lines.len().max(members.len()), Tally::default());
        let mut all = vec![0_u64; members.iter().map(Vec::len).max().unwrap_or(0)];
        let count = |set: &[u64]| set.iter().map(|word| u64::from(word.count_ones())).sum::<u64>();
        for (line, set) in self.lines.iter_mut().zip(&members) {
            line.count += count(set);
            all.iter_mut().zip(set).for_each(|(all, word)| *all |= word);
        }
        self.all.count += count(&all);
    }

    /// Makes room for the cells of `line`; false where they are too many and given up.
    #[cold]
    fn grow(&mut self, run: &Run<'_>, line: usize) -> bool {
        let len = (line + 1) * run.buckets.len();
        if run.bounded && len > CELLS_MAX {
            self.cut(run.distinct, run.buckets.len());
            return false;
        }
        self.cells.resize(len, Tally::default());
        true
    }

    /// Gives up the counts by bucket.
    fn cut(&mut self, distinct: bool, buckets: usize) {
        if !distinct {
            self.sum_cells(buckets);
        }
        self.cut = true;
        self.cells = Vec::new();
        self.events_of_cells = Vec::new();
    }

    /// Adds the cells of events to their lines.
    fn sum_cells(&mut self, buckets: usize) {
        let lines = self.cells.len() / buckets;
        if lines > self.lines.len() {
            self.lines.resize(lines, Tally::default());
        }
        for (line, cells) in self.lines.iter_mut().zip(self.cells.chunks_exact(buckets)) {
            line.count += cells.iter().map(|cell| cell.count).sum::<u64>();
        }
    }

    /// The current user has no more events.
    pub(super) fn next_user(&mut self) {
        self.user += 1;
    }

    /// So many lines there are, the last of them counted in or not.
    pub(super) fn lines_met(&self, buckets: usize) -> usize {
        self.lines.len().max(self.cells.len() / buckets).max(self.events.len())
    }

    /// Whether something was counted in `line`.
    pub(super) fn is_met(&self, line: usize, buckets: usize) -> bool {
        let cells = self.cells.get(line * buckets..(line + 1) * buckets).unwrap_or_default();
        self.lines.get(line).is_some_and(|line| line.count > 0) || cells.iter().any(|cell| cell.count > 0)
    }

    /// Gives up the counts by bucket, if that is not done yet.
    pub(super) fn give_up(&mut self, run: &Run<'_>) {
        if !self.cut {
            self.cut(run.distinct, run.buckets.len());
        }
    }

    /// Adds what was counted in a line elsewhere: over the whole range and by bucket, and the events behind it.
    pub(super) fn add(&mut self, run: &Run<'_>, line: usize, counts: (u64, &[u64]), events: (u64, &[u64])) {
        let (buckets, (mut count, cells)) = (run.buckets.len(), counts);
        if self.cut && !run.distinct {
            count += cells.iter().sum::<u64>();
        }
        self.lines.resize(self.lines.len().max(line + 1), Tally::default());
        self.lines[line].count += count;
        if run.events {
            self.events.resize(self.events.len().max(line + 1), 0);
            self.events[line] += events.0;
        }
        if self.cut || !run.has_cells() {
            return;
        }
        let end = (line + 1) * buckets;
        self.cells.resize(self.cells.len().max(end), Tally::default());
        self.cells[end - buckets..end].iter_mut().zip(cells).for_each(|(cell, count)| cell.count += count);
        if run.events {
            self.events_of_cells.resize(self.cells.len(), 0);
            self.events_of_cells[end - buckets..end].iter_mut().zip(events.1).for_each(|(cell, count)| *cell += count);
        }
    }

    pub(super) fn merge(&mut self, mut from: Self, run: &Run<'_>) {
        if self.cut != from.cut {
            let whole = if self.cut { &mut from } else { &mut *self };
            whole.cut(run.distinct, run.buckets.len());
        }
        add(&mut self.lines, &from.lines);
        add(&mut self.cells, &from.cells);
        add(&mut self.buckets, &from.buckets);
        self.all.count += from.all.count;
        add_events(&mut self.events, &from.events);
        add_events(&mut self.events_of_cells, &from.events_of_cells);
    }

    /// Derives, of events, what only users keep.
    pub(super) fn sum_up(&mut self, run: &Run<'_>) {
        let buckets = run.buckets.len();
        if !run.distinct {
            self.sum_cells(buckets);
            for cells in self.cells.chunks_exact(buckets) {
                add(&mut self.buckets, cells);
            }
            self.all.count = self.lines.iter().map(|line| line.count).sum();
        }
        if buckets == 1 {
            self.buckets[0].count = self.all.count;
        }
    }

    /// The memory that it takes, in bytes.
    pub(super) fn bytes(&self) -> usize {
        let members: usize = self.members.iter().map(|set| size_of::<Vec<u64>>() + 8 * set.capacity()).sum();
        let events = 8 * (self.events.capacity() + self.events_of_cells.capacity());
        let current = self.current.capacity() * size_of::<OfSession>();
        (self.lines.capacity() + self.cells.capacity()) * size_of::<Tally>() + events + current + members
    }

    /// Whether counts by bucket were given up.
    pub(super) fn is_cut(&self) -> bool {
        self.cut
    }

    /// How many lines there are, counted in or not.
    pub(super) fn lines(&self) -> usize {
        self.lines.len()
    }

    /// The lines that something was counted in, with their totals, and the events behind those.
    pub(super) fn counted(&self) -> impl Iterator<Item = (u32, u64, u64)> {
        let lines = self.lines.iter().zip(0..).filter(|(line, _)| line.count > 0);
        lines.map(|(line, at)| (at, line.count, self.events.get(at as usize).copied().unwrap_or(0)))
    }

    /// Adds the numbers of `line` to `into`.
    pub(super) fn add_line(&self, line: usize, into: &mut Counts) {
        let buckets = into.values.len();
        into.total += self.lines[line].count;
        let cells = match buckets {
            1 => &self.lines[line..=line],
            _ => &self.cells[line * buckets..(line + 1) * buckets],
        };
        into.values.iter_mut().zip(cells).for_each(|(value, cell)| *value += cell.count);
        let events = match buckets {
            1 => self.events.get(line..=line),
            _ => self.events_of_cells.get(line * buckets..(line + 1) * buckets),
        };
        add_events(&mut into.events, events.unwrap_or_default());
        into.total_events += self.events.get(line).copied().unwrap_or(0);
    }

    /// The numbers of all lines together.
    pub(super) fn all(&self) -> Counts {
        let mut all = Counts::new(self.buckets.len());
        all.values = self.buckets.iter().map(|bucket| bucket.count).collect();
        all.total = self.all.count;
        all.total_events = self.events.iter().sum();
        match self.buckets.len() {
            1 => all.events[0] = all.total_events,
            buckets => self.events_of_cells.chunks(buckets).for_each(|line| add_events(&mut all.events, line)),
        }
        all
    }
}

fn add_events(into: &mut Vec<u64>, from: &[u64]) {
    if from.len() > into.len() {
        into.resize(from.len(), 0);
    }
    into.iter_mut().zip(from).for_each(|(into, from)| *into += from);
}

/// Adds counts of disjoint users.
fn add(into: &mut Vec<Tally>, from: &[Tally]) {
    if from.len() > into.len() {
        into.resize(from.len(), Tally::default());
    }
    into.iter_mut().zip(from).for_each(|(into, from)| into.count += from.count);
}

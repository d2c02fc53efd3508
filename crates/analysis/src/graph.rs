//! The graph kernel: how many events or users, by bucket and group.

mod counts;
mod portable;
mod tally;

use counts::Counts;
use tally::{OfSession, Run};

use crate::{
    Budget, GraphAnswer, GraphPlan, GroupId, Groups, Kernel, Measure, Number, Rows, Series, Stopped, Totals,
    buckets::Locator, rank,
};

pub use tally::GraphPartial;

/// Counts per group and bucket.
///
/// Sessions are counted as users are: at the end of a user, session by session.
///
/// Users of several groups must be counted once in `other`, which can only be done once it is known which groups fall into
/// it; and counts of very many groups by bucket are too large to keep. In both cases [`Graph::finish`] asks for a second run
/// that knows which groups stand on their own.
pub struct Graph<'a> {
    plan: &'a GraphPlan,
    groups: &'a Groups,
    locator: Locator,
    /// In a second run: the groups that stand on their own.
    kept: Option<Kept>,
    faulty: bool,
}

/// The counts of a run, summed up: see [`Graph::sum_up`].
pub struct GraphSums(GraphPartial);

/// Which groups stand on their own, in the order of the answer; the rest share the line after them.
struct Kept {
    groups: Vec<GroupId>,
    /// The line of each group, by its number; what is beyond belongs to the rest.
    lines: Vec<u32>,
}

impl Kept {
    fn new(groups: Vec<GroupId>) -> Self {
        let numbers = groups.iter().map(|group| group.0 as usize + 1).max().unwrap_or(0);
        let mut lines = vec![groups.len() as u32; numbers];
        groups.iter().zip(0..).for_each(|(group, line)| lines[group.0 as usize] = line);
        Self { groups, lines }
    }

    /// The line of the group of this number.
    #[inline]
    fn line(&self, number: usize) -> usize {
        self.lines.get(number).map_or(self.groups.len(), |line| *line as usize)
    }

    fn is_own(&self, number: usize) -> bool {
        self.line(number) < self.groups.len()
    }
}

impl<'a> Graph<'a> {
    /// The kernel of `plan`; the rows' groups are numbered by `groups`.
    pub fn new(plan: &'a GraphPlan, groups: &'a Groups) -> Self {
        Self { plan, groups, locator: Locator::new(&plan.buckets), kept: None, faulty: false }
    }

    /// The kernel of a run in which the groups that stand on their own are known.
    #[must_use]
    pub fn keeping(mut self, own: Vec<GroupId>) -> Self {
        self.kept = Some(Kept::new(own));
        self
    }

    /// Test-only: counts wrongly, to prove that the tests would notice.
    #[doc(hidden)]
    #[must_use]
    pub fn faulty(mut self, faulty: bool) -> Self {
        self.faulty = faulty;
        self
    }

    /// The line of tallies that a group is counted in: its own, by its number, unless this is a second run.
    #[inline]
    fn line(&self, group: GroupId) -> usize {
        let number = if self.faulty { group.0 as usize / 2 } else { group.0 as usize };
        match &self.kept {
            None => number,
            Some(kept) => kept.line(number),
        }
    }

    fn run(&self) -> Run<'_> {
        Run {
            buckets: &self.plan.buckets,
            locator: &self.locator,
            distinct: self.plan.measure != Measure::Count,
            events: self.plan.measure == Measure::CountPerUser,
            bounded: self.kept.is_none(),
        }
    }

    fn of_sessions(&self) -> bool {
        self.plan.measure == Measure::Sessions
    }

    /// What the measure makes of counts.
    fn totals(&self, counts: &Counts) -> Totals {
        let number = |(count, events): (&u64, &u64)| self.number(*count, *events);
        Totals {
            values: counts.values.iter().zip(&counts.events).map(number).collect(),
            total: self.number(counts.total, counts.total_events),
            trailing: Vec::new(),
        }
    }

    fn number(&self, count: u64, events: u64) -> Number {
        match self.plan.measure {
            Measure::CountPerUser if count == 0 => Number::Nothing,
            Measure::CountPerUser => Number::Real(events as f64 / count as f64),
            _ => Number::Count(count),
        }
    }

    /// By what a group is ordered among the others.
    fn order(&self, count: u64, events: u64) -> u64 {
        match self.plan.measure {
            Measure::CountPerUser => self.number(count, events).order(),
            _ => count,
        }
    }

    /// Sums up what was counted, for [`Graph::orders`] and [`Graph::finish_with`].
    pub fn sum_up(&self, mut partial: GraphPartial) -> GraphSums {
        partial.sum_up(&self.run());
        GraphSums(partial)
    }

    /// The groups that something was counted of, with the order of their totals; of a run in which nothing was known of groups.
    pub fn orders(&self, sums: &GraphSums) -> Vec<(GroupId, u64)> {
        sums.0.counted().map(|(line, total, events)| (GroupId(line), self.order(total, events))).collect()
    }

    /// The memory that it takes to finish, all that is there then, in bytes.
    pub fn finish_bytes(&self, partial: &GraphPartial) -> usize {
        self.bytes(partial) + self.groups.bytes() + self.plan.answer_bytes(self.groups.len())
    }

    /// The groups that stand on their own in the answer; of a run in which nothing was known of groups.
    pub fn own(&self, sums: &GraphSums, budget: &Budget) -> Result<Vec<GroupId>, Stopped> {
        rank::first(self.groups, self.orders(sums), self.plan.top, budget)
    }

    /// The answer in which these groups stand on their own, counted or not; or the kernel of the second run.
    pub fn finish_with(
        &self,
        sums: &GraphSums,
        own: Vec<GroupId>,
        budget: &Budget,
    ) -> Result<Result<GraphAnswer, Box<Self>>, Stopped> {
        if self.kept.is_none() {
            let kept = Kept::new(own.clone());
            let more = || sums.0.counted().any(|(number, ..)| !kept.is_own(number as usize));
            if sums.0.is_cut() || (self.needs_users() && more()) {
                let second = Graph::new(self.plan, self.groups).faulty(self.faulty);
                return Ok(Err(Box::new(Graph { kept: Some(kept), ..second })));
            }
        }
        let own: Vec<_> = own.into_iter().map(|group| (group, self.line(group))).collect();
        let series = self.series(&sums.0, &own, budget)?;
        let (buckets, total) = (self.plan.buckets.names.clone(), self.totals(&sums.0.all()));
        Ok(Ok(GraphAnswer { buckets, series, total, ..GraphAnswer::default() }))
    }

    /// The series of the groups that stand on their `own`, each with its line, and of the rest together.
    fn series(
        &self,
        partial: &GraphPartial,
        own: &[(GroupId, usize)],
        budget: &Budget,
    ) -> Result<Vec<Series>, Stopped> {
        let mut rest = vec![true; partial.lines()];
        let mut series = Vec::with_capacity(own.len() + 1);
        for (group, line) in own {
            budget.check()?;
            let mut totals = Counts::new(self.plan.buckets.len());
            // Of a group that is known from elsewhere there may be no line.
            if let Some(rest) = rest.get_mut(*line) {
                *rest = false;
                partial.add_line(*line, &mut totals);
            }
            series.push(Series { group: Some(self.groups.values(*group)), other: false, totals: self.totals(&totals) });
        }
        let mut other = Counts::new(self.plan.buckets.len());
        for (line, _) in rest.iter().enumerate().filter(|(_, rest)| **rest) {
            budget.check_at(line)?;
            partial.add_line(line, &mut other);
        }
        if other.total > 0 {
            series.push(Series { group: None, other: true, totals: self.totals(&other) });
        }
        if series.is_empty() && self.plan.group_by.is_empty() {
            let group = self.groups.values(self.groups.group(&[]));
            series.push(Series {
                group: Some(group),
                other: false,
                totals: self.totals(&Counts::new(self.plan.buckets.len())),
            });
        }
        Ok(series)
    }
}

impl<'a> Kernel for Graph<'a> {
    type Partial = GraphPartial;
    /// The answer, or the kernel of the second run.
    type Output = Result<GraphAnswer, Graph<'a>>;

    fn init(&self) -> GraphPartial {
        GraphPartial::new(&self.plan.buckets)
    }

    fn counts_only(&self) -> bool {
        self.plan.buckets.len() == 1 && !self.of_sessions()
    }

    fn needs_users(&self) -> bool {
        self.plan.measure != Measure::Count
    }

    fn push(&self, partial: &mut GraphPartial, rows: &Rows<'_>) {
        let run = self.run();
        if self.of_sessions() {
            let relevant = rows.relevant().filter(|at| rows.session(*at) != 0);
            partial.current.extend(relevant.map(|at| OfSession {
                session: rows.session(at),
                line: self.line(rows.group(at)),
                time: rows.times[at],
            }));
        } else if self.counts_only() {
            rows.relevant().for_each(|i| partial.count_whole(&run, self.line(rows.group(i)), 1));
        } else if rows.groups.is_empty() {
            partial.count_all(&run, self.line(GroupId(0)), rows);
        } else {
            rows.relevant().for_each(|i| partial.count(&run, self.line(rows.group(i)), rows.times[i]));
        }
    }

    fn push_many(&self, partial: &mut GraphPartial, group: GroupId, count: u64) {
        partial.count_whole(&self.run(), self.line(group), count);
    }

    fn members_only(&self) -> bool {
        self.counts_only() && self.plan.measure == Measure::Users && self.plan.event.is_some()
    }

    #[inline]
    fn push_member(&self, partial: &mut GraphPartial, group: GroupId, at: usize) {
        partial.add_member(self.line(group), at);
    }

    fn end_members(&self, partial: &mut GraphPartial) {
        partial.count_members();
    }

    fn close(&self, partial: &mut GraphPartial, _: u32, group: GroupId) {
        if self.plan.event.is_none() {
            partial.count_whole(&self.run(), self.line(group), 1);
        }
        if self.of_sessions() {
            partial.count_sessions(&self.run());
        }
        partial.next_user();
    }

    fn bytes(&self, partial: &GraphPartial) -> usize {
        partial.bytes()
    }

    fn merge(&self, into: &mut GraphPartial, from: GraphPartial) {
        into.merge(from, &self.run());
    }

    fn finish(&self, partial: GraphPartial, budget: &Budget) -> Result<Self::Output, Stopped> {
        let sums = self.sum_up(partial);
        let own = match &self.kept {
            Some(kept) => kept.groups.clone(),
            None => self.own(&sums, budget)?,
        };
        Ok(self.finish_with(&sums, own, budget)?.map_err(|second| *second))
    }
}

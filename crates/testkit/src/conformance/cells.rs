//! The numbers of answers that people are behind.

mod graphs;
mod ways;

use cairn_analysis::{
    Body, Cell, FunnelCounts, FunnelPer, FunnelStep, FunnelTimes, GraphAnswer, Measure, Number, Query, Totals, Who,
};
use cairn_model::Value;

/// At most so many numbers of an answer are opened.
const CELLS_MAX: usize = 6;

type Group = Option<Vec<Option<Value<'static>>>>;

/// A number of an answer.
#[derive(Clone, Copy, Debug)]
pub(super) enum Counted {
    /// Of users.
    Users(u64),
    /// Of what users did, or had: each some of them.
    Theirs(u64),
}

impl Counted {
    fn is_zero(self) -> bool {
        matches!(self, Counted::Users(0) | Counted::Theirs(0))
    }

    /// Whether so many users can be behind it.
    pub(super) fn is_of(self, users: u64) -> bool {
        match self {
            Counted::Users(count) => count == users,
            Counted::Theirs(count) => users <= count && (users > 0) == (count > 0),
        }
    }
}

/// Some numbers of an answer, and where they stand.
pub(super) fn of(query: &Query, body: &Body) -> Vec<(Cell, Counted)> {
    let all: Vec<(Cell, Counted)> = match (query, body) {
        (Query::Graph(query), Body::Graph(answer)) if of_their_own(&query.measure) => {
            lines(answer).into_iter().map(|(cell, count)| (cell, Counted::Theirs(count))).collect()
        }
        (Query::Funnel(funnel), _) if funnel.per == FunnelPer::Session => {
            of_users(query, body).into_iter().map(|(cell, sessions)| (cell, Counted::Theirs(sessions))).collect()
        }
        (_, Body::Paths(answer)) => ways::of_paths(answer),
        (_, Body::Pairs(answer)) => ways::of_pairs(answer),
        _ => of_users(query, body).into_iter().map(|(cell, users)| (cell, Counted::Users(users))).collect(),
    };
    // Of those with somebody, and a few without.
    let (none, some): (Vec<_>, Vec<_>) = all.into_iter().partition(|(_, number)| number.is_zero());
    let step = some.len().div_ceil(CELLS_MAX - 1).max(1);
    some.into_iter().step_by(step).chain(none.into_iter().take(1)).collect()
}

/// Whether a measure counts what users did or had.
fn of_their_own(measure: &Measure) -> bool {
    match measure {
        Measure::Count | Measure::Sessions => true,
        Measure::Histogram(histogram) => histogram.bins.is_none(),
        _ => false,
    }
}

/// The numbers of a graph that counts something.
fn lines(answer: &GraphAnswer) -> Vec<(Cell, u64)> {
    let series = answer.series.iter().enumerate();
    let series = series.map(|(at, series)| (of_group(at, &series.group, series.other), &series.totals));
    series.chain([(Cell::default(), &answer.total)]).flat_map(|(cell, totals)| of_totals(&cell, totals)).collect()
}

/// The numbers that count users.
fn of_users(query: &Query, body: &Body) -> Vec<(Cell, u64)> {
    match (query, body) {
        (Query::Graph(query), Body::Graph(answer)) if query.measure == Measure::Users => lines(answer),
        (Query::Graphs(query), Body::Graphs(answer)) => graphs::cells(query, answer),
        (_, Body::Funnel(answer)) => {
            let series = answer.series.iter().enumerate().flat_map(|(at, series)| {
                let cell = of_group(at, &series.group, series.other);
                of_funnel(&cell, &series.steps, &series.conversion, &series.over_time)
            });
            let total = of_funnel(&Cell::default(), &answer.total, &answer.conversion, &answer.over_time);
            series.chain(total).collect()
        }
        (_, Body::Retention(answer)) => {
            let cohorts = answer.cohorts.iter().enumerate().map(|(at, cohort)| match cohort.from {
                Some(_) => (Cell { at: Some(at), ..Cell::default() }, cohort),
                None => (of_group(at, &cohort.group, cohort.other), cohort),
            });
            let cells = cohorts.chain([(Cell::default(), &answer.total)]).flat_map(|(cell, cohort)| {
                let of_period = |(period, of): (usize, &cairn_analysis::RetentionCell)| {
                    (Cell { period: Some(period), ..cell.clone() }, of.users)
                };
                let periods = cohort.cells.iter().enumerate().map(of_period).collect::<Vec<_>>();
                periods.into_iter().chain([(cell.clone(), cohort.users)])
            });
            cells.collect()
        }
        (_, Body::Stickiness(answer)) => {
            let intervals = answer.intervals.iter().enumerate().flat_map(|(at, of)| {
                let cell = move |days| Cell { at: Some(at), days, ..Cell::default() };
                let days = of.days.iter().zip(1..).map(move |(users, days)| (cell(Some(days)), *users));
                days.chain([(cell(None), of.users)])
            });
            intervals.collect()
        }
        (_, Body::Lifecycle(answer)) => {
            let intervals = answer.intervals.iter().enumerate().flat_map(|(at, of)| {
                let cell = |who| Cell { at: Some(at), who: Some(who), ..Cell::default() };
                [
                    (cell(Who::New), of.new),
                    (cell(Who::Returning), of.returning),
                    (cell(Who::Resurrecting), of.resurrecting),
                    (cell(Who::Dormant), of.dormant),
                ]
            });
            intervals.collect()
        }
        _ => Vec::new(),
    }
}

/// The cells of a line of users: its buckets and its total.
fn of_totals(cell: &Cell, totals: &Totals) -> Vec<(Cell, u64)> {
    let count = |number: &Number| number.value().unwrap_or(0.0) as u64;
    let of_bucket = |(at, number)| (Cell { at: Some(at), ..cell.clone() }, count(number));
    totals.values.iter().enumerate().map(of_bucket).chain([(cell.clone(), count(&totals.total))]).collect()
}

/// The numbers of a line of a funnel, which `cell` narrows down to.
fn of_funnel(
    cell: &Cell,
    steps: &[FunnelStep],
    conversion: &FunnelTimes,
    over_time: &[Vec<FunnelCounts>],
) -> Vec<(Cell, u64)> {
    let of_step = |(step, counts): (usize, FunnelCounts), at: Option<usize>| {
        let cell = |who| Cell { at, step: Some(step), who, ..cell.clone() };
        let [dropped, open] = [Who::Dropped, Who::Open].map(|who| cell(Some(who)));
        [(cell(None), counts.reached), (dropped, counts.dropped), (open, counts.open)]
    };
    let of_times = |step: Option<usize>, times: &FunnelTimes| {
        let cell = |bin| Cell { bin: Some(bin), step, ..cell.clone() };
        times.histogram.iter().enumerate().map(|(bin, users)| (cell(bin), *users)).collect::<Vec<_>>()
    };
    let whole = (1..).zip(steps.iter().map(|step| step.counts)).flat_map(|step| of_step(step, None));
    let buckets = over_time.iter().enumerate();
    let buckets =
        buckets.flat_map(|(at, steps)| (1..).zip(steps.iter().copied()).flat_map(move |step| of_step(step, Some(at))));
    let times = (1..).zip(steps).flat_map(|(step, of)| of_times(Some(step), &of.times));
    whole.chain(buckets).chain(times).chain(of_times(None, conversion)).collect()
}

/// The cell of a group, which stands at `place` of the answer: by its place or by its values.
fn of_group(place: usize, group: &Group, other: bool) -> Cell {
    // A query without keys has one group, of everybody.
    match group.clone().filter(|group| !group.is_empty()) {
        Some(_) if place.is_multiple_of(2) => Cell { series: Some(place), ..Cell::default() },
        group => Cell { group, other, ..Cell::default() },
    }
}

//! From counts and times to a funnel's answer.

use super::{Funnel, Tally, histogram::Bins, lap::Lap};
use crate::{Budget, FunnelAnswer, FunnelCounts, FunnelSeries, FunnelStep, FunnelTimes, GroupId, Stopped, rank};

/// What of an answer one group has, or the rest, or all together.
#[derive(Clone, Debug, Default)]
struct Line {
    steps: Vec<FunnelStep>,
    conversion: FunnelTimes,
    over_time: Vec<Vec<FunnelCounts>>,
}

/// Users by furthest step, not open and open: of the whole range, and of each bucket.
#[derive(Clone, Debug)]
struct Sums {
    whole: Vec<u64>,
    buckets: Vec<Vec<u64>>,
}

pub(super) fn answer(funnel: &Funnel<'_>, tally: Tally, budget: &Budget) -> Result<FunnelAnswer, Stopped> {
    let groups: Vec<&[u64]> = tally.counts.chunks_exact(2 * funnel.steps()).collect();
    let users = groups.iter().zip(0..).map(|(counts, group)| (GroupId(group), counts.iter().sum()));
    let users = users.filter(|(_, users)| *users > 0).collect();
    let own = rank::first(funnel.groups, users, funnel.plan.top, budget)?;
    // One line for each group of its own; the rest share the last.
    let mut line_of = vec![own.len(); groups.len()];
    own.iter().enumerate().for_each(|(line, group)| line_of[group.0 as usize] = line);
    let (sums, total) = sums(funnel, &tally, (&line_of, own.len() + 1), budget)?;
    let mut lines: Vec<_> = sums.iter().map(line).collect();
    let mut total = line(&total);
    let bins = Bins::new(funnel.plan.window_ms);
    set_times((&mut lines, &mut total), tally.laps, (&line_of, &bins), budget)?;
    let rest = lines.pop().filter(|rest| rest.steps[0].counts.reached > 0);
    let of_own = own.iter().zip(lines).map(|(group, line)| (Some(funnel.groups.values(*group)), line));
    let mut series: Vec<_> = of_own.chain(rest.map(|line| (None, line))).collect();
    if series.is_empty() && funnel.plan.group_by.is_empty() {
        series.push((Some(Vec::new()), total.clone()));
    }
    let series = series.into_iter().map(|(group, line)| {
        let Line { steps, conversion, over_time } = line;
        FunnelSeries { other: group.is_none(), group, steps, conversion, over_time }
    });
    let buckets = funnel.plan.over_time.as_ref().map(|buckets| buckets.names.clone()).unwrap_or_default();
    Ok(FunnelAnswer {
        series: series.collect(),
        total: total.steps,
        conversion: total.conversion,
        edges_ms: bins.edges_ms().to_vec(),
        buckets,
        over_time: total.over_time,
    })
}

/// The counts of each line, and of all together.
fn sums(
    funnel: &Funnel<'_>,
    tally: &Tally,
    (line_of, lines): (&[usize], usize),
    budget: &Budget,
) -> Result<(Vec<Sums>, Sums), Stopped> {
    let cells = 2 * funnel.steps();
    let buckets = funnel.plan.over_time.as_ref().map_or(0, |buckets| buckets.len());
    let nothing = Sums { whole: vec![0; cells], buckets: vec![vec![0; cells]; buckets] };
    let (mut sums, mut total) = (vec![nothing.clone(); lines], nothing);
    for (at, count) in tally.counts.iter().enumerate() {
        budget.check_at(at)?;
        sums[line_of[at / cells]].whole[at % cells] += count;
        total.whole[at % cells] += count;
    }
    for (step, ((bucket, at), count)) in tally.over_time.iter().enumerate() {
        budget.check_at(step)?;
        sums[line_of[at / cells]].buckets[*bucket][at % cells] += count;
        total.buckets[*bucket][at % cells] += count;
    }
    Ok((sums, total))
}

/// A line without times.
fn line(sums: &Sums) -> Line {
    let steps = funnel_steps(&sums.whole).into_iter().map(|counts| FunnelStep { counts, ..FunnelStep::default() });
    let over_time = sums.buckets.iter().map(|counts| funnel_steps(counts));
    Line { steps: steps.collect(), over_time: over_time.collect(), ..Line::default() }
}

/// The steps of users by furthest step, not open and open.
fn funnel_steps(counts: &[u64]) -> Vec<FunnelCounts> {
    let mut reached = 0;
    let steps = counts.chunks_exact(2).rev().enumerate().map(|(from_last, furthest)| {
        reached += furthest[0] + furthest[1];
        let [dropped, open] = if from_last == 0 { [0, 0] } else { [furthest[0], furthest[1]] };
        FunnelCounts { reached, dropped, open }
    });
    let mut steps: Vec<_> = steps.collect();
    steps.reverse();
    steps
}

/// Sets the times of each line and in total: of the second step and so on, then from start to end.
fn set_times(
    (lines, total): (&mut [Line], &mut Line),
    laps: Vec<Vec<Lap>>,
    (line_of, bins): (&[usize], &Bins),
    budget: &Budget,
) -> Result<(), Stopped> {
    for (at, laps) in laps.into_iter().enumerate() {
        let (all, of_lines) = times(laps, (line_of, lines.len()), bins, budget)?;
        *total.times(at) = all;
        lines.iter_mut().zip(of_lines).for_each(|(line, times)| *line.times(at) = times);
    }
    for line in lines.iter_mut().chain([total]).filter(|line| line.steps.len() == 2) {
        line.conversion = line.steps[1].times.clone();
    }
    Ok(())
}

/// What laps make in total, and in each line.
fn times(
    mut laps: Vec<Lap>,
    (line_of, lines): (&[usize], usize),
    bins: &Bins,
    budget: &Budget,
) -> Result<(FunnelTimes, Vec<FunnelTimes>), Stopped> {
    let all = FunnelTimes::of(&mut laps, bins, budget)?;
    if line_of.len() == 1 {
        let mut of_lines = vec![FunnelTimes::default(); lines];
        of_lines[line_of[0]] = all.clone();
        return Ok((all, of_lines));
    }
    let mut by_line = vec![Vec::new(); lines];
    for (at, lap) in laps.into_iter().enumerate() {
        budget.check_at(at)?;
        by_line[line_of[lap.group()]].push(lap);
    }
    let of_lines = by_line.iter_mut().map(|laps| FunnelTimes::of(laps, bins, budget));
    Ok((all, of_lines.collect::<Result<_, _>>()?))
}

impl Line {
    /// Where the times of these laps go.
    fn times(&mut self, laps: usize) -> &mut FunnelTimes {
        self.steps.get_mut(laps + 1).map_or(&mut self.conversion, |step| &mut step.times)
    }
}

impl FunnelTimes {
    fn of(laps: &mut [Lap], bins: &Bins, budget: &Budget) -> Result<Self, Stopped> {
        budget.check()?;
        let histogram = if laps.is_empty() { Vec::new() } else { bins.count(laps) };
        budget.check()?;
        let median_ms = percentile(laps, 50);
        budget.check()?;
        Ok(Self { median_ms, p90_ms: percentile(laps, 90), histogram })
    }
}

/// The least time that at least `percent` of the laps do not exceed.
fn percentile(laps: &mut [Lap], percent: usize) -> Option<u64> {
    let rank = (laps.len() * percent).div_ceil(100).checked_sub(1)?;
    let (_, lap, _) = laps.select_nth_unstable_by_key(rank, |lap| lap.ms());
    Some(lap.ms())
}

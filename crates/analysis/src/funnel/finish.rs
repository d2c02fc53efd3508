//! From counts and times to a funnel's answer.

use super::{Funnel, FunnelPartial, lap::Lap};
use crate::{FunnelAnswer, FunnelSeries, FunnelStep, GroupId, rank};

pub(super) fn answer(funnel: &Funnel<'_>, partial: FunnelPartial) -> FunnelAnswer {
    let groups: Vec<&[u64]> = partial.counts.chunks_exact(2 * funnel.steps()).collect();
    let users = groups.iter().zip(0..).map(|(counts, group)| (GroupId(group), counts.iter().sum()));
    let own = rank::first(funnel.groups, users.filter(|(_, users)| *users > 0).collect(), funnel.plan.top);
    // One line for each group of its own; the rest share the last.
    let mut lines = vec![own.len(); groups.len()];
    own.iter().enumerate().for_each(|(line, group)| lines[group.0 as usize] = line);
    let mut sums = vec![vec![0; 2 * funnel.steps()]; own.len() + 1];
    let mut total = vec![0; 2 * funnel.steps()];
    for (counts, line) in groups.into_iter().zip(&lines) {
        for (at, count) in counts.iter().enumerate() {
            sums[*line][at] += count;
            total[at] += count;
        }
    }
    let mut steps: Vec<_> = sums.iter().map(|counts| funnel_steps(counts)).collect();
    let mut total = funnel_steps(&total);
    for (step, laps) in (1..).zip(partial.laps) {
        set_times(&mut steps, &mut total, step, &lines, laps);
    }
    let rest = steps.pop().filter(|steps| steps[0].reached > 0);
    let of_own = own.iter().zip(steps).map(|(group, steps)| (Some(funnel.groups.values(*group)), steps));
    let of_rest = rest.map(|steps| (None, steps));
    let series = of_own.chain(of_rest).map(|(group, steps)| FunnelSeries { other: group.is_none(), group, steps });
    let mut series: Vec<_> = series.collect();
    if series.is_empty() && funnel.plan.group_by.is_empty() {
        series.push(FunnelSeries { group: Some(Vec::new()), other: false, steps: total.clone() });
    }
    FunnelAnswer { series, total }
}

/// The steps of a line: of users by furthest step, not open and open.
fn funnel_steps(counts: &[u64]) -> Vec<FunnelStep> {
    let mut reached = 0;
    let steps = counts.chunks_exact(2).rev().enumerate().map(|(from_last, furthest)| {
        reached += furthest[0] + furthest[1];
        let [dropped, open] = if from_last == 0 { [0, 0] } else { [furthest[0], furthest[1]] };
        FunnelStep { reached, dropped, open, median_ms: None, p90_ms: None }
    });
    let mut steps: Vec<_> = steps.collect();
    steps.reverse();
    steps
}

/// Sets the times of `step`, counted from 0, in each line and in total.
fn set_times(
    lines: &mut [Vec<FunnelStep>],
    total: &mut [FunnelStep],
    step: usize,
    line_of: &[usize],
    mut laps: Vec<Lap>,
) {
    total[step].set_times(&mut laps);
    if line_of.len() == 1 {
        lines[0][step] = total[step];
        return;
    }
    let mut by_line = vec![Vec::new(); lines.len()];
    laps.into_iter().for_each(|lap| by_line[line_of[lap.group()]].push(lap));
    lines.iter_mut().zip(&mut by_line).for_each(|(steps, laps)| steps[step].set_times(laps));
}

impl FunnelStep {
    fn set_times(&mut self, laps: &mut [Lap]) {
        self.median_ms = percentile(laps, 50);
        self.p90_ms = percentile(laps, 90);
    }
}

/// The least time that at least `percent` of the laps do not exceed.
fn percentile(laps: &mut [Lap], percent: usize) -> Option<u64> {
    let rank = (laps.len() * percent).div_ceil(100).checked_sub(1)?;
    let (_, lap, _) = laps.select_nth_unstable_by_key(rank, |lap| lap.ms());
    Some(lap.ms())
}

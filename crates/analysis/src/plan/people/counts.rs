//! Whether a user's answer adds to the number.

use super::{Group, Own, PeoplePlan};
use crate::{
    Body, Cohort, FunnelAnswer, GraphAnswer, LifecycleInterval, Number, RetentionAnswer, StickinessInterval, Totals,
    Who,
};

impl PeoplePlan {
    /// Whether the answer of a single user adds to the number. `own` is what stands on its own.
    pub fn counts(&self, answer: &Body, own: &Own) -> bool {
        let (at, ways) = (self.cell.at.unwrap_or(0), &own.ways);
        match answer {
            Body::Graph(answer) => self.counts_in_graph(answer, own),
            Body::Funnel(answer) => self.counts_in_funnel(answer, own),
            Body::Retention(answer) => self.counts_in_retention(answer, own),
            Body::Stickiness(answer) => answer.intervals.get(at).is_some_and(|of| self.counts_by_days(of)),
            Body::Lifecycle(answer) => answer.intervals.get(at).is_some_and(|of| self.counts_in_lifecycle(of)),
            Body::Paths(answer) => ways.has_path(answer, &self.cell),
            Body::Pairs(answer) => ways.has_pair(answer, &self.cell),
            Body::Graphs(_) | Body::Users(_) | Body::Stream(_) => false,
        }
    }

    fn counts_in_graph(&self, answer: &GraphAnswer, own: &Own) -> bool {
        let series = answer.series.iter().filter(|series| self.is_of_cell(&series.group, own));
        let series = series.map(|series| &series.totals);
        let totals: Vec<&Totals> = if self.is_narrowed() { series.collect() } else { vec![&answer.total] };
        totals.into_iter().any(|totals| match self.cell.at.map_or(&totals.total, |at| &totals.values[at]) {
            Number::Count(count) => *count > 0,
            Number::Real(_) | Number::Summary(_) => true,
            Number::Nothing => false,
        })
    }

    fn counts_in_funnel(&self, answer: &FunnelAnswer, own: &Own) -> bool {
        let cell = &self.cell;
        let all = (&answer.total, &answer.conversion, &answer.over_time);
        let series = answer.series.iter().filter(|series| self.is_of_cell(&series.group, own));
        let series = series.map(|series| (&series.steps, &series.conversion, &series.over_time));
        let lines: Vec<_> = if self.is_narrowed() { series.collect() } else { vec![all] };
        lines.into_iter().any(|(steps, conversion, over_time)| {
            let step = cell.step.map(|step| &steps[step - 1]);
            if let Some(bin) = cell.bin {
                let times = step.map_or(conversion, |step| &step.times);
                return times.histogram.get(bin).is_some_and(|users| *users > 0);
            }
            let whole = step.map(|step| step.counts).unwrap_or_default();
            let of_bucket = |at: usize| over_time[at][cell.step.unwrap_or(1) - 1];
            let counts = cell.at.map_or(whole, of_bucket);
            let users = match cell.who {
                Some(Who::Dropped) => counts.dropped,
                Some(Who::Open) => counts.open,
                _ => counts.reached,
            };
            users > 0
        })
    }

    fn counts_in_retention(&self, answer: &RetentionAnswer, own: &Own) -> bool {
        let cell = &self.cell;
        let number = |cohort: &Cohort| match cell.period {
            Some(period) => cohort.cells.get(period).map_or(0, |cell| cell.users),
            None => cohort.users,
        };
        // By date, that of the cell has the side's group.
        let is_of = |group: &Option<Group>| match cell.at {
            Some(_) => group.as_ref().is_some_and(Vec::is_empty),
            None => self.is_of_cell(group, own),
        };
        match self.is_narrowed() || cell.at.is_some() {
            true => answer.cohorts.iter().filter(|cohort| is_of(&cohort.group)).any(|cohort| number(cohort) > 0),
            false => number(&answer.total) > 0,
        }
    }

    fn counts_by_days(&self, of: &StickinessInterval) -> bool {
        match self.cell.days {
            Some(days) => of.days.get(days - 1).is_some_and(|users| *users > 0),
            None => of.users > 0,
        }
    }

    fn counts_in_lifecycle(&self, of: &LifecycleInterval) -> bool {
        let users = match self.cell.who {
            Some(Who::Returning) => of.returning,
            Some(Who::Resurrecting) => of.resurrecting,
            Some(Who::Dormant) => of.dormant,
            _ => of.new,
        };
        users > 0
    }
}

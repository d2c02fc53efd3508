//! Whether an answer has such a number.

use super::PeoplePlan;
use crate::{Buckets, FunnelPlan, Measure, Plan, QueryError, Who};

impl PeoplePlan {
    /// Whether the answer to a question by so many keys has such a number.
    pub(super) fn check(&self, keys: usize) -> Result<(), QueryError> {
        let (kind, takes) = self.takes(keys);
        self.check_names(kind, takes)?;
        self.check_group(keys)?;
        self.check_places(kind)
    }

    /// What the question is called, and what its cells take.
    fn takes(&self, keys: usize) -> (&'static str, &'static [&'static str]) {
        match &*self.of {
            Plan::Graph(_) => ("graph", &["at", "series", "group", "other"]),
            Plan::Graphs(_) => ("graphs", &["event", "previous", "at", "series", "group", "other"]),
            Plan::Funnel(_) => ("funnel", &["at", "step", "who", "bin", "series", "group", "other"]),
            Plan::Retention(_) if keys == 0 => ("retention by date", &["at", "period"]),
            Plan::Retention(_) => ("retention by group", &["period", "series", "group", "other"]),
            Plan::Stickiness(_) => ("stickiness", &["at", "days"]),
            Plan::Paths(_) => ("question for paths", &["at", "node", "to", "who"]),
            Plan::Pairs(_) => ("question for pairs", &["series", "other"]),
            Plan::Lifecycle(_) | Plan::Users(_) | Plan::People(_) | Plan::Stream(_) => ("lifecycle", &["at", "who"]),
        }
    }

    /// Whether the cell has no more than that.
    fn check_names(&self, kind: &str, takes: &[&str]) -> Result<(), QueryError> {
        let cell = &self.cell;
        let given = [
            ("event", cell.event.is_some()),
            ("formula", cell.formula.is_some()),
            ("previous", cell.previous),
            ("at", cell.at.is_some()),
            ("series", cell.series.is_some()),
            ("group", cell.group.is_some()),
            ("other", cell.other),
            ("step", cell.step.is_some()),
            ("node", cell.node.is_some()),
            ("to", cell.to.is_some()),
            ("bin", cell.bin.is_some()),
            ("period", cell.period.is_some()),
            ("days", cell.days.is_some()),
            ("who", cell.who.is_some()),
        ];
        match given.into_iter().find(|(name, given)| *given && !takes.contains(name)) {
            Some((name, _)) => refuse(format!("a cell of a {kind} has no `{name}`: it takes `{}`", takes.join("`, `"))),
            None => Ok(()),
        }
    }

    /// Whether it names at most one group, of as many keys.
    fn check_group(&self, keys: usize) -> Result<(), QueryError> {
        let cell = &self.cell;
        let narrowings = [cell.series.is_some(), cell.group.is_some(), cell.other];
        let narrowed = narrowings.into_iter().filter(|narrowed| *narrowed).count();
        let grouped = keys > 0 || matches!(&*self.of, Plan::Pairs(_));
        if narrowed > 1 || narrowed == 1 && !grouped {
            return refuse(
                "of answers with a `group_by`, a cell takes one of `series`, `group` and `other`".to_owned(),
            );
        }
        if cell.group.as_ref().is_some_and(|group| group.len() != keys) {
            return refuse(format!("`group` has a value for each of the {keys} keys of `group_by`"));
        }
        Ok(())
    }

    /// Whether its places are those of the answer.
    fn check_places(&self, kind: &str) -> Result<(), QueryError> {
        let cell = &self.cell;
        let needed = |name: &str, place: Option<usize>, end: usize| match place {
            None => refuse(format!("a cell of a {kind} needs `{name}`")),
            place => within(name, place, 0, end),
        };
        match &*self.of {
            Plan::Graph(plan) => {
                let buckets = match &plan.measure {
                    Measure::Histogram(histogram) => histogram.edges.len() - 1,
                    _ => plan.buckets.len(),
                };
                within("at", cell.at, 0, buckets)
            }
            Plan::Graphs(plan) => within("at", cell.at, 0, plan.names.len()),
            Plan::Funnel(plan) => self.check_funnel(kind, plan),
            Plan::Retention(plan) => {
                within("at", cell.at, 0, plan.cohorts.len())?;
                within("period", cell.period, 0, plan.count)
            }
            Plan::Stickiness(plan) => {
                needed("at", cell.at, plan.buckets.len())?;
                within("days", cell.days, 1, 32)
            }
            Plan::Lifecycle(plan) => {
                needed("at", cell.at, plan.buckets.len())?;
                match cell.who {
                    Some(Who::New | Who::Returning | Who::Resurrecting | Who::Dormant) => Ok(()),
                    _ => refuse("of a lifecycle, `who` is `new`, `returning`, `resurrecting` or `dormant`".to_owned()),
                }
            }
            Plan::Paths(plan) => {
                needed("at", cell.at, plan.depth + 1)?;
                match (cell.node, cell.to, cell.who) {
                    (None, None, None) | (Some(_), None | Some(_), None) => Ok(()),
                    (Some(_), None, Some(Who::Exit | Who::Beyond)) => Ok(()),
                    _ => refuse("of a `node` of paths, a cell takes `to`, or `who`: `exit` or `beyond`".to_owned()),
                }
            }
            Plan::Pairs(_) | Plan::Users(_) | Plan::People(_) | Plan::Stream(_) => Ok(()),
        }
    }

    fn check_funnel(&self, kind: &str, plan: &FunnelPlan) -> Result<(), QueryError> {
        let (cell, of_times) = (&self.cell, self.cell.bin.is_some());
        if of_times && (cell.at.is_some() || cell.who.is_some()) {
            return refuse("a `bin` goes with `step`, and with neither `at` nor `who`".to_owned());
        }
        if cell.at.is_some() && plan.over_time.is_none() {
            return refuse("of a funnel without an `interval`, a cell has no `at`".to_owned());
        }
        within("at", cell.at, 0, plan.over_time.as_ref().map_or(0, Buckets::len))?;
        within("bin", cell.bin, 0, plan.bins())?;
        within("step", cell.step, 1 + usize::from(of_times), plan.steps.len() + 1)?;
        if cell.step.is_none() && !of_times {
            return refuse(format!("a cell of a {kind} needs `step`"));
        }
        match cell.who {
            None | Some(Who::Reached | Who::Dropped | Who::Open) => Ok(()),
            Some(_) => refuse("of a funnel, `who` is `reached`, `dropped` or `open`".to_owned()),
        }
    }
}

fn refuse(message: String) -> Result<(), QueryError> {
    Err(QueryError::new("cell", message))
}

/// Whether a place, if it is given, is from `first` to before `end`.
fn within(name: &str, place: Option<usize>, first: usize, end: usize) -> Result<(), QueryError> {
    match place {
        Some(place) if place < first || place >= end => {
            refuse(format!("`{name}` is a whole number from {first} to {}", end - 1))
        }
        _ => Ok(()),
    }
}

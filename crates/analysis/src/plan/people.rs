//! Resolving who is behind a number.

mod line;
mod narrow;
mod own;
mod ways;

use super::{KeyPlan, Names, Plan, SortPlan, users::check_limit};
use crate::{Body, Buckets, Cell, Cohort, GraphPlan, Measure, Number, PeopleQuery, QueryError, Totals, Who};
use own::Group;
pub use own::Own;
use ways::Ways;

/// A resolved question for people.
#[derive(Clone, Debug)]
pub struct PeoplePlan {
    /// The question whose number it is. Of single users: no group falls into the rest.
    pub of: Box<Plan>,
    /// Of several graphs: the one whose number it is, of single users.
    pub line: Option<GraphPlan>,
    /// The question whose answer says what stands on its own, where that matters and the graphs of several events do not say it.
    pub standing: Option<Box<Plan>>,
    /// Which number.
    pub cell: Cell,
    /// Part of a handle, or a user id.
    pub search: Option<String>,
    /// In which order.
    pub sort: SortPlan,
    /// Which properties of each are listed; without, all.
    pub properties: Option<Vec<String>>,
    /// How many are passed.
    pub offset: usize,
    /// How many are listed.
    pub limit: usize,
}

impl PeoplePlan {
    pub(super) fn resolve(query: &PeopleQuery, names: Names<'_>) -> Result<Self, QueryError> {
        check_limit(query.limit)?;
        let mut of = Plan::resolve(&query.of, names.calendar, names.now, names.defined)?;
        let whole = query.cell.group.is_none() && query.cell.series.is_none() && !query.cell.other;
        let asked = of.clone();
        let of_all = |top: &mut usize, group_by: &mut Vec<KeyPlan>, keys: &mut usize| {
            *keys = group_by.len();
            // All groups together are the same without groups.
            if whole {
                group_by.clear();
            }
            *top = usize::MAX;
        };
        let (mut keys, mut line) = (0, None);
        // Names are for the answer: those of single users are not shown.
        match &mut of {
            Plan::Graph(plan) => {
                // Of a sum it is not known whether there were values.
                if let Measure::Sum(property) = &plan.measure {
                    plan.measure = Measure::Min(property.clone());
                }
                if matches!(&plan.measure, Measure::Histogram(histogram) if histogram.bins.is_some()) {
                    let message =
                        "the bins of one user's numbers are others: give the `edges` of the answer, instead of `bins`";
                    return Err(QueryError::new("query", message));
                }
                of_all(&mut plan.top, &mut plan.group_by, &mut keys);
            }
            Plan::Graphs(plan) => {
                let mut chosen = line::chosen(plan, &query.cell)?.clone();
                of_all(&mut chosen.top, &mut chosen.group_by, &mut keys);
                if let Measure::Sum(property) = &chosen.measure {
                    chosen.measure = Measure::Min(property.clone());
                }
                line = Some(chosen);
            }
            Plan::Funnel(plan) => of_all(&mut plan.top, &mut plan.group_by, &mut keys),
            Plan::Retention(plan) => {
                plan.cohorts.names.iter_mut().for_each(String::clear);
                of_all(&mut plan.top, &mut plan.group_by, &mut keys);
            }
            Plan::Stickiness(plan) => plan.buckets.names.iter_mut().for_each(String::clear),
            Plan::Lifecycle(plan) => plan.buckets.names.iter_mut().for_each(String::clear),
            Plan::Paths(plan) => plan.top = usize::MAX,
            Plan::Pairs(plan) => plan.top = usize::MAX,
            Plan::Users(_) | Plan::People(_) | Plan::Stream(_) => {
                return Err(QueryError::new("query", "people are asked for of a number, not of a list"));
            }
        }
        let sort = SortPlan::resolve(query.sort.as_ref(), of.as_of(), query.of.bots());
        let mut plan = Self {
            of: Box::new(of),
            line,
            standing: None,
            cell: query.cell.clone(),
            search: query.search.clone().filter(|search| !search.is_empty()),
            sort,
            properties: query.properties.clone(),
            offset: query.offset,
            limit: query.limit,
        };
        plan.check(keys)?;
        if let Plan::Graphs(of) = &*plan.of {
            plan.cell.at = line::place(of, &plan.cell)?;
        }
        if plan.asks_for_own() && plan.line.is_none() {
            plan.standing = Some(Box::new(narrow::standing(asked)));
        }
        plan.narrow();
        Ok(plan)
    }

    /// Whether the answer to a question by so many keys has such a number.
    fn check(&self, keys: usize) -> Result<(), QueryError> {
        let cell = &self.cell;
        let (kind, takes): (_, &[&str]) = match &*self.of {
            Plan::Graph(_) => ("graph", &["at", "series", "group", "other"]),
            Plan::Graphs(_) => ("graphs", &["event", "previous", "at", "series", "group", "other"]),
            Plan::Funnel(_) => ("funnel", &["at", "step", "who", "bin", "series", "group", "other"]),
            Plan::Retention(_) if keys == 0 => ("retention by date", &["at", "period"]),
            Plan::Retention(_) => ("retention by group", &["period", "series", "group", "other"]),
            Plan::Stickiness(_) => ("stickiness", &["at", "days"]),
            Plan::Paths(_) => ("question for paths", &["at", "node", "to", "who"]),
            Plan::Pairs(_) => ("question for pairs", &["series", "other"]),
            Plan::Lifecycle(_) | Plan::Users(_) | Plan::People(_) | Plan::Stream(_) => ("lifecycle", &["at", "who"]),
        };
        let refuse = |message: String| Err(QueryError::new("cell", message));
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
        if let Some((name, _)) = given.into_iter().find(|(name, given)| *given && !takes.contains(name)) {
            return refuse(format!("a cell of a {kind} has no `{name}`: it takes `{}`", takes.join("`, `")));
        }
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
        let within = |name: &str, place: Option<usize>, first: usize, end: usize, needed: bool| match place {
            Some(place) if place < first || place >= end => {
                refuse(format!("`{name}` is a whole number from {first} to {}", end - 1))
            }
            None if needed => refuse(format!("a cell of a {kind} needs `{name}`")),
            _ => Ok(()),
        };
        match &*self.of {
            Plan::Graph(plan) => {
                let buckets = match &plan.measure {
                    Measure::Histogram(histogram) => histogram.edges.len() - 1,
                    _ => plan.buckets.len(),
                };
                within("at", cell.at, 0, buckets, false)
            }
            Plan::Graphs(plan) => within("at", cell.at, 0, plan.names.len(), false),
            Plan::Funnel(plan) => {
                let of_times = cell.bin.is_some();
                if of_times && (cell.at.is_some() || cell.who.is_some()) {
                    return refuse("a `bin` goes with `step`, and with neither `at` nor `who`".to_owned());
                }
                if cell.at.is_some() && plan.over_time.is_none() {
                    return refuse("of a funnel without an `interval`, a cell has no `at`".to_owned());
                }
                within("at", cell.at, 0, plan.over_time.as_ref().map_or(0, Buckets::len), false)?;
                within("bin", cell.bin, 0, plan.bins(), false)?;
                within("step", cell.step, 1 + usize::from(of_times), plan.steps.len() + 1, !of_times)?;
                match cell.who {
                    None | Some(Who::Reached | Who::Dropped | Who::Open) => Ok(()),
                    Some(_) => refuse("of a funnel, `who` is `reached`, `dropped` or `open`".to_owned()),
                }
            }
            Plan::Retention(plan) => {
                within("at", cell.at, 0, plan.cohorts.len(), false)?;
                within("period", cell.period, 0, plan.count, false)
            }
            Plan::Stickiness(plan) => {
                within("at", cell.at, 0, plan.buckets.len(), true)?;
                within("days", cell.days, 1, 32, false)
            }
            Plan::Lifecycle(plan) => {
                within("at", cell.at, 0, plan.buckets.len(), true)?;
                match cell.who {
                    Some(Who::New | Who::Returning | Who::Resurrecting | Who::Dormant) => Ok(()),
                    _ => refuse("of a lifecycle, `who` is `new`, `returning`, `resurrecting` or `dormant`".to_owned()),
                }
            }
            Plan::Paths(plan) => {
                within("at", cell.at, 0, plan.depth + 1, true)?;
                match (cell.node, cell.to, cell.who) {
                    (None, None, None) | (Some(_), None | Some(_), None) => Ok(()),
                    (Some(_), None, Some(Who::Exit | Who::Beyond)) => Ok(()),
                    _ => refuse("of a `node` of paths, a cell takes `to`, or `who`: `exit` or `beyond`".to_owned()),
                }
            }
            Plan::Pairs(_) | Plan::Users(_) | Plan::People(_) | Plan::Stream(_) => Ok(()),
        }
    }

    /// Whether the answer of a single user adds to the number. `own` is what stands on its own.
    pub fn counts(&self, answer: &Body, own: &Own) -> bool {
        let (cell, narrowed, ways) = (&self.cell, self.is_narrowed(), &own.ways);
        let is_of = |group: &Option<Group>| self.is_of_cell(group, own);
        match answer {
            Body::Graph(answer) => {
                let series = answer.series.iter().filter(|series| is_of(&series.group)).map(|series| &series.totals);
                let totals: Vec<&Totals> = if narrowed { series.collect() } else { vec![&answer.total] };
                totals.into_iter().any(|totals| match cell.at.map_or(&totals.total, |at| &totals.values[at]) {
                    Number::Count(count) => *count > 0,
                    Number::Real(_) | Number::Summary(_) => true,
                    Number::Nothing => false,
                })
            }
            Body::Funnel(answer) => {
                let all = (&answer.total, &answer.conversion, &answer.over_time);
                let series = answer.series.iter().filter(|series| is_of(&series.group));
                let series = series.map(|series| (&series.steps, &series.conversion, &series.over_time));
                let lines: Vec<_> = if narrowed { series.collect() } else { vec![all] };
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
            Body::Retention(answer) => {
                let number = |cohort: &Cohort| match cell.period {
                    Some(period) => cohort.cells.get(period).map_or(0, |cell| cell.users),
                    None => cohort.users,
                };
                // By date, that of the cell has the side's group.
                let is_of = |cohort: &&Cohort| match cell.at {
                    Some(_) => cohort.group.as_ref().is_some_and(Vec::is_empty),
                    None => is_of(&cohort.group),
                };
                match narrowed || cell.at.is_some() {
                    true => answer.cohorts.iter().filter(is_of).any(|cohort| number(cohort) > 0),
                    false => number(&answer.total) > 0,
                }
            }
            Body::Stickiness(answer) => answer.intervals.get(cell.at.unwrap_or(0)).is_some_and(|of| match cell.days {
                Some(days) => of.days.get(days - 1).is_some_and(|users| *users > 0),
                None => of.users > 0,
            }),
            Body::Lifecycle(answer) => answer.intervals.get(cell.at.unwrap_or(0)).is_some_and(|of| {
                let users = match cell.who {
                    Some(Who::Returning) => of.returning,
                    Some(Who::Resurrecting) => of.resurrecting,
                    Some(Who::Dormant) => of.dormant,
                    _ => of.new,
                };
                users > 0
            }),
            Body::Paths(answer) => ways.has_path(answer, cell),
            Body::Pairs(answer) => ways.has_pair(answer, cell),
            Body::Graphs(_) | Body::Users(_) | Body::Stream(_) => false,
        }
    }
}

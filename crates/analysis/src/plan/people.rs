//! Resolving who is behind a number.

use super::{Names, Plan, users::check_limit};
use crate::{Body, Cell, Cohort, Number, PeopleQuery, QueryError, Who};

/// A resolved question for people.
#[derive(Clone, Debug)]
pub struct PeoplePlan {
    /// The question whose number it is. Of single users: no group falls into the rest.
    pub of: Box<Plan>,
    /// How many groups stand on their own in the answer.
    pub top: usize,
    /// Which number.
    pub cell: Cell,
    /// Part of a handle, or a user id.
    pub search: Option<String>,
    /// How many are passed.
    pub offset: usize,
    /// How many are listed.
    pub limit: usize,
}

/// The values of a group.
type Group = Vec<Option<cairn_model::Value<'static>>>;

impl PeoplePlan {
    pub(super) fn resolve(query: &PeopleQuery, names: Names<'_>) -> Result<Self, QueryError> {
        check_limit(query.limit)?;
        let mut of = Plan::resolve(&query.of, names.calendar, names.now, names.definitions)?;
        let top = match &mut of {
            Plan::Graph(plan) => std::mem::replace(&mut plan.top, usize::MAX),
            Plan::Funnel(plan) => std::mem::replace(&mut plan.top, usize::MAX),
            Plan::Retention(plan) => std::mem::replace(&mut plan.top, usize::MAX),
            Plan::Stickiness(_) | Plan::Lifecycle(_) => 0,
            Plan::Users(_) | Plan::People(_) => {
                return Err(QueryError::new("query", "people are asked for of a number, not of a list"));
            }
        };
        let plan = Self {
            of: Box::new(of),
            top,
            cell: query.cell.clone(),
            search: query.search.clone(),
            offset: query.offset,
            limit: query.limit,
        };
        plan.check()?;
        Ok(plan)
    }

    /// Whether the answer has such a number.
    fn check(&self) -> Result<(), QueryError> {
        let Cell { at, group, other, step, period, days, who } = &self.cell;
        let refuse = |message: String| Err(QueryError::new("cell", message));
        let (places, steps, periods) = match &*self.of {
            Plan::Graph(plan) => (plan.buckets.len(), 0, 0),
            Plan::Funnel(plan) => (0, plan.steps.len(), 0),
            Plan::Retention(plan) if plan.group_by.is_empty() => (plan.cohorts.len(), 0, plan.count),
            Plan::Retention(plan) => (0, 0, plan.count),
            Plan::Stickiness(plan) => (plan.buckets.len(), 0, 0),
            Plan::Lifecycle(plan) => (plan.buckets.len(), 0, 0),
            Plan::Users(_) | Plan::People(_) => (0, 0, 0),
        };
        if at.is_some_and(|at| at >= places) {
            return refuse(format!("`at` is a place from 0, below {places}"));
        }
        if steps > 0 && !step.is_some_and(|step| (1..=steps).contains(&step)) || steps == 0 && step.is_some() {
            return refuse(format!("`step` is a funnel's step from 1 to {steps}"));
        }
        if period.is_some_and(|period| period >= periods) {
            return refuse(format!("`period` is a retention's period from 0, below {periods}"));
        }
        if group.is_some() && *other {
            return refuse("a cell is of a `group` or of the `other` groups".to_owned());
        }
        let who_fits = match &*self.of {
            Plan::Funnel(_) => !matches!(who, Some(Who::New | Who::Returning | Who::Resurrecting | Who::Dormant)),
            Plan::Lifecycle(_) => at.is_some() && !matches!(who, None | Some(Who::Reached | Who::Dropped | Who::Open)),
            Plan::Stickiness(_) => at.is_some() && who.is_none() && *days != Some(0),
            _ => who.is_none() && days.is_none(),
        };
        if !who_fits {
            return refuse("the answer has no such number: see docs/api.md on people".to_owned());
        }
        Ok(())
    }

    /// Of the answer to the question, the groups that stand on their own.
    pub fn own_groups(&self, answer: &Body) -> Vec<Group> {
        let groups: Vec<&Group> = match answer {
            Body::Graph(answer) => answer.series.iter().filter_map(|series| series.group.as_ref()).collect(),
            Body::Funnel(answer) => answer.series.iter().filter_map(|series| series.group.as_ref()).collect(),
            Body::Retention(answer) => answer.cohorts.iter().filter_map(|cohort| cohort.group.as_ref()).collect(),
            _ => Vec::new(),
        };
        groups.into_iter().take(self.top).cloned().collect()
    }

    /// Whether the answer of a single user adds to the number. `own` are the groups that stand on their own.
    pub fn counts(&self, answer: &Body, own: &[Group]) -> bool {
        let cell = &self.cell;
        let narrowed = cell.group.is_some() || cell.other;
        let is_of = |group: &Option<Group>| match (group, &cell.group) {
            (Some(group), Some(wanted)) => group == wanted,
            (Some(group), None) => !own.contains(group),
            (None, _) => false,
        };
        match answer {
            Body::Graph(answer) => {
                let series = answer.series.iter().filter(|series| is_of(&series.group)).map(|series| &series.totals);
                let totals: Vec<_> = if narrowed { series.collect() } else { vec![&answer.total] };
                let number = |totals: &&crate::Totals| cell.at.map_or(totals.total, |at| totals.values[at]);
                totals.iter().map(number).any(|number| match number {
                    Number::Count(count) => count > 0,
                    Number::Real(_) | Number::Summary(_) => true,
                    Number::Nothing => false,
                })
            }
            Body::Funnel(answer) => {
                let series = answer.series.iter().filter(|series| is_of(&series.group)).map(|series| &series.steps);
                let all: Vec<_> = if narrowed { series.collect() } else { vec![&answer.total] };
                let step = cell.step.unwrap_or(1) - 1;
                all.into_iter().filter_map(|steps| steps.get(step)).any(|step| match cell.who {
                    Some(Who::Dropped) => step.dropped > 0,
                    Some(Who::Open) => step.open > 0,
                    _ => step.reached > 0,
                })
            }
            Body::Retention(answer) => {
                let number = |cohort: &Cohort| match cell.period {
                    Some(period) => cohort.cells.get(period).map_or(0, |cell| cell.users),
                    None => cohort.users,
                };
                match cell.at {
                    Some(at) => answer.cohorts.get(at).is_some_and(|cohort| number(cohort) > 0),
                    None if narrowed => answer.cohorts.iter().any(|cohort| is_of(&cohort.group) && number(cohort) > 0),
                    None => number(&answer.total) > 0,
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
            Body::Users(_) => false,
        }
    }
}

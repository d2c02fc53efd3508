//! Resolving who is behind a number.

mod cell;
mod counts;
mod line;
mod narrow;
mod own;
mod ways;

use super::{KeyPlan, Names, Plan, SortPlan, users::check_limit};
use crate::{Cell, GraphPlan, Measure, PeopleQuery, QueryError};
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
}

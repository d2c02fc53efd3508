//! The people behind a number.

use std::time::Instant as Clock;

use cairn_analysis::{
    Answer, Behind, Body, Funnel, Graph, GraphAnswer, GraphPlan, GraphsPlan, Groups, Kernel, Lifecycle, Numbers, Own,
    Pairs, Paths, PeoplePlan, Plan, QueryError, Question, Retention, Sides, Stickiness, StoreError,
};
use hashbrown::HashSet;

use crate::{
    aggregate::Asked,
    answer::{About, about, answered, query_error},
    gather, graphs,
    instant::Instant,
    people::{self, Listing},
    segment,
};

/// Lists the people behind a number: of whom the question alone gives one.
pub(crate) fn people(instant: &Instant<'_>, plan: &PeoplePlan) -> Result<Answer, QueryError> {
    // Those of single users have sides.
    let (groups, sides) = (Groups::default(), Sides::groups());
    match &*plan.of {
        Plan::Graph(of) if of.event.is_none() => people_of_users(instant, plan, of, (&groups, &sides)),
        Plan::Graph(of) => {
            let question = Question::of_graph(of, &groups);
            let about = about(of.as_of, &of.sentence, &of.segment, &of.group_by);
            match Numbers::new(of, &sides) {
                Some(kernel) => people_of(instant, (&question, &groups), about, plan, &kernel, Body::Graph),
                None => people_of(instant, (&question, &groups), about, plan, &Graph::new(of, &sides), of_one_user),
            }
        }
        Plan::Graphs(of) => people_of_graphs(instant, plan, of, (&groups, &sides)),
        Plan::Funnel(of) => {
            let holds = Groups::default();
            let question = Question::of_funnel(of, &groups, &holds);
            let about = about(of.as_of, &of.sentence, &of.segment, &of.group_by);
            people_of(instant, (&question, &groups), about, plan, &Funnel::new(of, &sides), Body::Funnel)
        }
        Plan::Retention(of) => {
            let question = Question::new([&of.start, &of.returns], of.range(), (&of.group_by, &groups));
            let about = about(of.as_of, &of.sentence, &of.segment, &of.group_by);
            let kernel = Retention::new(of, &sides).of_cohort(plan.cell.at);
            people_of(instant, (&question, &groups), about, plan, &kernel, Body::Retention)
        }
        Plan::Stickiness(of) => {
            let question = Question::new([&of.event], of.range(), (&[], &groups));
            let about = about(of.as_of, &of.sentence, &of.segment, &[]);
            people_of(instant, (&question, &groups), about, plan, &Stickiness::new(of), Body::Stickiness)
        }
        Plan::Lifecycle(of) => {
            let question = Question::new([&of.event], of.range(), (&[], &groups));
            let about = about(of.as_of, &of.sentence, &of.segment, &[]);
            people_of(instant, (&question, &groups), about, plan, &Lifecycle::new(of), Body::Lifecycle)
        }
        Plan::Paths(of) => {
            let question = Question::new(&of.events, of.range(), (&of.nodes.keys, &groups)).of_sessions();
            let about = about(of.as_of, &of.sentence, &of.segment, &[]);
            people_of(instant, (&question, &groups), about, plan, &Paths::new(of, &groups), Body::Paths)
        }
        Plan::Pairs(of) => {
            let question = Question::new(&of.nodes.events, of.range(), (&of.nodes.keys, &groups)).of_sessions();
            let about = about(of.as_of, &of.sentence, &of.segment, &[]);
            people_of(instant, (&question, &groups), about, plan, &Pairs::new(of, &groups), Body::Pairs)
        }
        Plan::Users(_) | Plan::People(_) | Plan::Stream(_) => {
            Err(QueryError::new("query", "people are asked for of a number"))
        }
    }
}

/// The groups of `kernel` are the sides of the question's `groups`, where there are sides.
fn people_of<K: Kernel>(
    instant: &Instant<'_>,
    (question, groups): (&Question<'_>, &Groups),
    about: About<'_>,
    plan: &PeoplePlan,
    kernel: &K,
    body: impl Fn(K::Output) -> Body + Sync,
) -> Result<Answer, QueryError> {
    let start = Clock::now();
    let find = || {
        let segments = segment::find(instant, about.segment, about.keys)?;
        let asked = Asked { instant, question: question.clone(), segments: &segments };
        let mut own = plan.find_own(&asked, groups)?;
        let sides = plan.sides(&mut own, groups);
        let behind = Behind::new(kernel, |answer| plan.counts(&body(answer), &own)).on_sides(sides.as_ref());
        let numbers = gather::answer(instant, question, &segments, &behind)?;
        list(instant, plan, numbers)
    };
    let body = find().map_err(|error| query_error(&error))?;
    Ok(answered(instant, body, (about.as_of, about.sentence), start))
}

/// The people of these numbers.
fn list(instant: &Instant<'_>, plan: &PeoplePlan, numbers: Vec<u32>) -> Result<Body, StoreError> {
    let persons: HashSet<i64> = numbers.into_iter().map(|number| instant.person(number)).collect();
    let listing = Listing {
        search: plan.search.as_deref(),
        properties: plan.properties.as_deref(),
        sort: &plan.sort,
        page: (plan.offset, plan.limit),
    };
    people::list(instant, &listing, &|person| persons.contains(&person)).map(Body::Users)
}

/// Where it is the number of one of several graphs, which share their groups.
fn people_of_graphs(
    instant: &Instant<'_>,
    plan: &PeoplePlan,
    of: &GraphsPlan,
    (groups, sides): (&Groups, &Groups),
) -> Result<Answer, QueryError> {
    let start = Clock::now();
    let Some(line) = &plan.line else {
        return Err(QueryError::new("cell", "a cell of several graphs needs `event`"));
    };
    let find = || {
        let keys = of.events.first().map_or(&[][..], |plan| &plan.group_by);
        let segments = segment::find(instant, of.segment.as_ref(), keys)?;
        let all: &[GraphPlan] = if plan.asks_for_own() { &of.events } else { &[] };
        let mut runs = graphs::bind(instant, all, &segments, groups);
        let mut own = Own::of_groups(&of.own_groups(&mut runs, groups, instant.budget)?, groups);
        let of_cell = plan.sides(&mut own, groups);
        let question = Question::of_graph(line, groups);
        let counts = |answer| plan.counts(&Body::Graph(answer), &own);
        let numbers = match Numbers::new(line, sides) {
            Some(kernel) => {
                let behind = Behind::new(&kernel, counts).on_sides(of_cell.as_ref());
                gather::answer(instant, &question, &segments, &behind)?
            }
            None => {
                let (kernel, counts) = (Graph::new(line, sides), |answer| plan.counts(&of_one_user(answer), &own));
                let behind = Behind::new(&kernel, counts).on_sides(of_cell.as_ref());
                gather::answer(instant, &question, &segments, &behind)?
            }
        };
        list(instant, plan, numbers)
    };
    let body = find().map_err(|error| query_error(&error))?;
    Ok(answered(instant, body, (of.as_of, &of.sentence), start))
}

/// Where users themselves are counted.
fn people_of_users(
    instant: &Instant<'_>,
    plan: &PeoplePlan,
    of: &GraphPlan,
    (groups, sides): (&Groups, &Groups),
) -> Result<Answer, QueryError> {
    let start = Clock::now();
    let find = || {
        let segments = segment::find(instant, of.segment.as_ref(), &of.group_by)?;
        let mut own = match plan.standing.as_deref() {
            Some(Plan::Graph(standing)) => {
                let kernel = Graph::new(standing, groups);
                let found = people::run(instant, standing, groups, &segments, &kernel)?;
                Own::of_groups(&kernel.own(&kernel.sum_up(found), instant.budget)?, groups)
            }
            _ => Own::default(),
        };
        let of_cell = plan.sides(&mut own, groups);
        let kernel = Graph::new(of, sides);
        let counts = |answer| plan.counts(&of_one_user(answer), &own);
        let behind = Behind::new(&kernel, counts).on_sides(of_cell.as_ref());
        let found = people::run(instant, of, groups, &segments, &behind)?;
        list(instant, plan, behind.finish(found, instant.budget)?)
    };
    let body = find().map_err(|error| query_error(&error))?;
    Ok(answered(instant, body, (of.as_of, &of.sentence), start))
}

/// The answer of a user to a graph. There are too few groups and buckets for a second run to be asked for.
fn of_one_user(answer: Result<GraphAnswer, Graph<'_>>) -> Body {
    Body::Graph(answer.unwrap_or_default())
}

//! Answers of the store in PostgreSQL.

use std::time::Instant as Clock;

use cairn_analysis::{
    Answer, Body, Explain, FoundBy, Funnel, FunnelPlan, Graph, GraphPlan, Groups, Kernel, KeyPlan, Lifecycle,
    LifecyclePlan, Numbers, Pairs, PairsPlan, Paths, PathsPlan, Plan, Portable, QueryError, Question, Retention,
    RetentionPlan, SegmentPlan, Stickiness, StickinessPlan, StoreError, Touched, UsersPlan, finish_graph,
};
use cairn_model::TimeMs;

use crate::{
    aggregate, behind,
    gather::Segments,
    graphs,
    instant::Instant,
    people::{self, Listing},
    segment, stream,
};

/// What of a question is not the kernel's.
#[derive(Clone, Copy)]
pub(crate) struct About<'p> {
    pub(crate) as_of: TimeMs,
    pub(crate) sentence: &'p str,
    pub(crate) segment: Option<&'p SegmentPlan>,
    pub(crate) keys: &'p [KeyPlan],
}

/// Answers a question.
pub(crate) fn answer(instant: &Instant<'_>, plan: &Plan) -> Result<Answer, QueryError> {
    match plan {
        Plan::Graph(plan) if plan.event.is_none() => count_users(instant, plan),
        Plan::Graph(plan) => graph(instant, plan),
        Plan::Graphs(plan) => graphs::graphs(instant, plan),
        Plan::Funnel(plan) => funnel(instant, plan),
        Plan::Retention(plan) => retention(instant, plan),
        Plan::Stickiness(plan) => stickiness(instant, plan),
        Plan::Lifecycle(plan) => lifecycle(instant, plan),
        Plan::Paths(plan) => paths(instant, plan),
        Plan::Pairs(plan) => pairs(instant, plan),
        Plan::Users(plan) => users(instant, plan),
        Plan::People(plan) => behind::people(instant, plan),
        Plan::Stream(plan) => stream::stream(instant, plan),
    }
}

pub(crate) fn about<'p>(
    as_of: TimeMs,
    sentence: &'p str,
    segment: &'p Option<SegmentPlan>,
    keys: &'p [KeyPlan],
) -> About<'p> {
    About { as_of, sentence, segment: segment.as_ref(), keys }
}

/// Finds the users of a question's segments, and answers.
pub(crate) fn ask(
    instant: &Instant<'_>,
    about: About<'_>,
    answer: impl FnOnce(&Segments) -> Result<Body, StoreError>,
) -> Result<Answer, QueryError> {
    let start = Clock::now();
    let segments = segment::find(instant, about.segment, about.keys).map_err(|error| query_error(&error))?;
    let body = answer(&segments).map_err(|error| query_error(&error))?;
    Ok(answered(instant, body, (about.as_of, about.sentence), start))
}

pub(crate) fn answered(instant: &Instant<'_>, body: Body, (as_of, sentence): (TimeMs, &str), start: Clock) -> Answer {
    let touched = Touched { rows: instant.rows.get(), bytes: instant.bytes.get(), ..Touched::default() };
    let found = match instant.found.get() {
        (true, true) => FoundBy::Both,
        (true, false) => FoundBy::Index,
        (false, _) => FoundBy::Scan,
    };
    let total_ms = start.elapsed().as_secs_f64() * 1e3;
    let explain = Explain { sentence: sentence.to_owned(), touched, found, total_ms };
    Answer { body, as_of, positions: instant.positions.clone(), explain }
}

pub(crate) fn query_error(error: &StoreError) -> QueryError {
    match error {
        StoreError::Stopped(stopped) => QueryError::from(*stopped),
        error => QueryError::new("store", error.to_string()),
    }
}

fn graph(instant: &Instant<'_>, plan: &GraphPlan) -> Result<Answer, QueryError> {
    let groups = Groups::default();
    let question = Question::of_graph(plan, &groups);
    let about = about(plan.as_of, &plan.sentence, &plan.segment, &plan.group_by);
    ask(instant, about, |segments| {
        if let Some(kernel) = Numbers::new(plan, &groups) {
            let kernel = kernel.faulty(instant.faulty);
            let partial = aggregate::run(instant, &question, segments, &kernel)?;
            let _held = instant.budget.afford(kernel.finish_bytes(&partial))?;
            return Ok(Body::Graph(kernel.finish(partial, instant.budget)?));
        }
        let kernel = Graph::new(plan, &groups).faulty(instant.faulty);
        finish_graph((kernel, instant.budget), |kernel| aggregate::run(instant, &question, segments, kernel))
            .map(Body::Graph)
    })
}

/// Asks a question whose kernel runs once.
fn ask_once<K: Portable>(
    instant: &Instant<'_>,
    question: &Question<'_>,
    about: About<'_>,
    kernel: &K,
    body: impl FnOnce(K::Output) -> Body,
) -> Result<Answer, QueryError> {
    ask(instant, about, |segments| aggregate::answer(instant, question, segments, kernel).map(body))
}

fn funnel(instant: &Instant<'_>, plan: &FunnelPlan) -> Result<Answer, QueryError> {
    let (groups, holds) = (Groups::default(), Groups::default());
    let question = Question::of_funnel(plan, &groups, &holds);
    let kernel = Funnel::new(plan, &groups).faulty(instant.faulty);
    let about = about(plan.as_of, &plan.sentence, &plan.segment, &plan.group_by);
    ask_once(instant, &question, about, &kernel, Body::Funnel)
}

fn retention(instant: &Instant<'_>, plan: &RetentionPlan) -> Result<Answer, QueryError> {
    let groups = Groups::default();
    let question = Question::new([&plan.start, &plan.returns], plan.range(), (&plan.group_by, &groups));
    let kernel = Retention::new(plan, &groups).faulty(instant.faulty);
    let about = about(plan.as_of, &plan.sentence, &plan.segment, &plan.group_by);
    ask_once(instant, &question, about, &kernel, |mut answer| {
        plan.put_into_words(&mut answer);
        Body::Retention(answer)
    })
}

fn stickiness(instant: &Instant<'_>, plan: &StickinessPlan) -> Result<Answer, QueryError> {
    let groups = Groups::default();
    let question = Question::new([&plan.event], plan.range(), (&[], &groups));
    let kernel = Stickiness::new(plan).faulty(instant.faulty);
    ask_once(instant, &question, about(plan.as_of, &plan.sentence, &plan.segment, &[]), &kernel, Body::Stickiness)
}

fn lifecycle(instant: &Instant<'_>, plan: &LifecyclePlan) -> Result<Answer, QueryError> {
    let groups = Groups::default();
    let question = Question::new([&plan.event], plan.range(), (&[], &groups));
    let kernel = Lifecycle::new(plan).faulty(instant.faulty);
    ask_once(instant, &question, about(plan.as_of, &plan.sentence, &plan.segment, &[]), &kernel, Body::Lifecycle)
}

fn paths(instant: &Instant<'_>, plan: &PathsPlan) -> Result<Answer, QueryError> {
    let groups = Groups::default();
    let question = Question::new(&plan.events, plan.range(), (&plan.nodes.keys, &groups)).of_sessions();
    let kernel = Paths::new(plan, &groups).faulty(instant.faulty);
    ask_once(instant, &question, about(plan.as_of, &plan.sentence, &plan.segment, &[]), &kernel, Body::Paths)
}

fn pairs(instant: &Instant<'_>, plan: &PairsPlan) -> Result<Answer, QueryError> {
    let groups = Groups::default();
    let question = Question::new(&plan.nodes.events, plan.range(), (&plan.nodes.keys, &groups)).of_sessions();
    let kernel = Pairs::new(plan, &groups).faulty(instant.faulty);
    ask_once(instant, &question, about(plan.as_of, &plan.sentence, &plan.segment, &[]), &kernel, Body::Pairs)
}

/// Counts the users themselves.
fn count_users(instant: &Instant<'_>, plan: &GraphPlan) -> Result<Answer, QueryError> {
    let groups = Groups::default();
    let about = about(plan.as_of, &plan.sentence, &plan.segment, &plan.group_by);
    ask(instant, about, |segments| {
        let kernel = Graph::new(plan, &groups).faulty(instant.faulty);
        finish_graph((kernel, instant.budget), |kernel| people::run(instant, plan, &groups, segments, kernel))
            .map(Body::Graph)
    })
}

/// Lists users.
fn users(instant: &Instant<'_>, plan: &UsersPlan) -> Result<Answer, QueryError> {
    ask(instant, about(plan.as_of, &plan.sentence, &plan.segment, &[]), |segments| {
        let listing = Listing {
            search: plan.search.as_deref(),
            properties: plan.properties.as_deref(),
            sort: &plan.sort,
            page: (plan.offset, plan.limit),
        };
        let wanted = |person| segments.only.as_ref().is_none_or(|only| only.has(person));
        people::list(instant, &listing, &wanted).map(Body::Users)
    })
}

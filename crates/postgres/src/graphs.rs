//! Answers to graphs of several events, all of one instant.

use std::time::Instant as Clock;

use cairn_analysis::{
    Answer, Body, GraphAnswer, GraphPlan, GraphRun, GraphsPlan, Groups, PreviousPlan, QueryError, Question,
};

use crate::{
    aggregate::Asked,
    answer::{answered, query_error},
    gather::Segments,
    instant::Instant,
    segment,
};

pub(crate) fn graphs(instant: &Instant<'_>, plan: &GraphsPlan) -> Result<Answer, QueryError> {
    let start = Clock::now();
    let find = || {
        let groups = Groups::default();
        let before: &[GraphPlan] = plan.previous.as_ref().map_or(&[], |previous: &PreviousPlan| &previous.events);
        let keys = plan.events.first().map_or(&[][..], |plan| &plan.group_by);
        let segments = segment::find(instant, plan.segment.as_ref(), keys)?;
        let mut runs = bind(instant, &plan.events, &segments, &groups);
        let own = plan.own_groups(&mut runs, &groups, instant.budget)?;
        let _held = instant.budget.afford(plan.answer_bytes(own.len()))?;
        let before = bind(instant, before, &segments, &groups);
        let answers = runs.into_iter().chain(before).map(|mut run| run.answer(&own, instant.budget));
        let mut answers = answers.collect::<Result<Vec<GraphAnswer>, _>>()?;
        let before = answers.split_off(plan.events.len());
        let before = plan.previous.is_some().then_some(before);
        Ok((answers, before))
    };
    let (answers, before) = find().map_err(|error| query_error(&error))?;
    let body = Body::Graphs(plan.assemble(answers, before, (instant.faulty, instant.budget))?);
    Ok(answered(instant, body, (plan.as_of, &plan.sentence), start))
}

/// The graphs of one instant.
pub(crate) fn bind<'a>(
    instant: &'a Instant<'a>,
    plans: &'a [GraphPlan],
    segments: &'a Segments,
    groups: &'a Groups,
) -> Vec<GraphRun<'a, Asked<'a>>> {
    let run = |plan| {
        let asked = Asked { instant, question: Question::of_graph(plan, groups), segments };
        GraphRun::new(plan, groups, asked, instant.budget.hold())
    };
    plans.iter().map(run).collect()
}

//! Answers to graphs of several events, all of one instant.

use std::time::Instant as Clock;

use cairn_analysis::{
    Answer, Body, Budget, Graph, GraphAnswer, GraphPlan, GraphSums, GraphsPlan, GroupId, Groups, Held, Kernel, Numbers,
    NumbersSums, Portable, PreviousPlan, QueryError, Question, StoreError, shared_groups,
};

use crate::{
    aggregate,
    answer::{answered, finish, query_error},
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
        let own = own_groups(plan, &mut runs, &groups, instant.budget)?;
        let _held = instant.budget.afford(plan.answer_bytes(own.len()))?;
        let before = bind(instant, before, &segments, &groups);
        let answers = runs.into_iter().chain(before).map(|mut run| run.answer(&own));
        let mut answers = answers.collect::<Result<Vec<GraphAnswer>, _>>()?;
        let before = answers.split_off(plan.events.len());
        let before = plan.previous.is_some().then_some(before);
        Ok((answers, before))
    };
    let (answers, before) = find().map_err(|error| query_error(&error))?;
    let body = Body::Graphs(plan.assemble(answers, before, (instant.faulty, instant.budget))?);
    Ok(answered(instant, body, (plan.as_of, &plan.sentence), start))
}

/// One of the graphs.
pub(crate) struct Run<'a> {
    instant: &'a Instant<'a>,
    plan: &'a GraphPlan,
    groups: &'a Groups,
    segments: &'a Segments,
    /// What a first run found.
    first: Option<First<'a>>,
    /// What that takes.
    held: Held<'a>,
}

/// What is known before it is known which groups stand on their own.
enum First<'a> {
    Counts(Graph<'a>, GraphSums),
    Numbers(Numbers<'a>, NumbersSums),
}

/// The graphs of one instant.
pub(crate) fn bind<'a>(
    instant: &'a Instant<'a>,
    plans: &'a [GraphPlan],
    segments: &'a Segments,
    groups: &'a Groups,
) -> Vec<Run<'a>> {
    let run = |plan| Run { instant, plan, groups, segments, first: None, held: instant.budget.hold() };
    plans.iter().map(run).collect()
}

/// The groups that stand on their own in the answer to all graphs together; where there are keys, each has had its first run then.
pub(crate) fn own_groups(
    plan: &GraphsPlan,
    runs: &mut [Run<'_>],
    groups: &Groups,
    budget: &Budget,
) -> Result<Vec<GroupId>, StoreError> {
    if runs.iter().all(|run| run.plan.group_by.is_empty()) {
        return Ok(vec![groups.group(&[])]);
    }
    let totals = runs.iter_mut().map(Run::totals).collect::<Result<Vec<_>, _>>()?;
    Ok(shared_groups(groups, &totals, plan.top, budget)?)
}

impl<'a> Run<'a> {
    fn run<K: Portable>(&self, kernel: &K) -> Result<K::Partial, StoreError> {
        aggregate::run(self.instant, &Question::of_graph(self.plan, self.groups), self.segments, kernel)
    }

    /// The groups that there are, with the order of their totals; and that of a group that is not there.
    fn totals(&mut self) -> Result<(Vec<(GroupId, u64)>, u64), StoreError> {
        let budget = self.instant.budget;
        let (first, totals) = if let Some(kernel) = Numbers::new(self.plan, self.groups) {
            let partial = self.run(&kernel)?;
            self.held.set(kernel.bytes(&partial));
            let sums = kernel.sum_up(partial, budget)?;
            let totals = (kernel.orders(&sums, budget)?, kernel.order_of_nothing());
            (First::Numbers(kernel, sums), totals)
        } else {
            let kernel = Graph::new(self.plan, self.groups);
            let partial = self.run(&kernel)?;
            self.held.set(kernel.bytes(&partial));
            let sums = kernel.sum_up(partial);
            let totals = (kernel.orders(&sums), 0);
            (First::Counts(kernel, sums), totals)
        };
        budget.check()?;
        self.first = Some(first);
        Ok(totals)
    }

    /// The answer in which these groups stand on their own.
    fn answer(&mut self, own: &[GroupId]) -> Result<GraphAnswer, StoreError> {
        let budget = self.instant.budget;
        let kernel = match self.first.take() {
            Some(First::Numbers(kernel, sums)) => return Ok(kernel.finish_with(sums, own, budget)?),
            Some(First::Counts(kernel, sums)) => match kernel.finish_with(&sums, own.to_vec(), budget)? {
                Ok(answer) => return Ok(answer),
                Err(second) => *second,
            },
            None => match Numbers::new(self.plan, self.groups) {
                Some(kernel) => {
                    let partial = self.run(&kernel)?;
                    let _held = budget.afford(kernel.bytes(&partial))?;
                    let sums = kernel.sum_up(partial, budget)?;
                    return Ok(kernel.finish_with(sums, own, budget)?);
                }
                None => Graph::new(self.plan, self.groups).keeping(own.to_vec()),
            },
        };
        finish(self.instant, kernel, |kernel| self.run(kernel))
    }
}

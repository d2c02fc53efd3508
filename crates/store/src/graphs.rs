//! Answers to graphs of several events, all of one instant.

use std::time::Instant;

use cairn_analysis::{
    Answer, Body, Budget, Graph, GraphAnswer, GraphPlan, GraphSums, GraphsPlan, GroupId, Groups, Held, Kernel, Numbers,
    NumbersSums, PreviousPlan, QueryError, Question, SegmentPlan, StoreError, Touched, shared_groups,
};

use crate::{
    answer::{Asked, explain, finish, store_error},
    scan::{Scans, Snapshot},
    segments::Segments,
    store::EmbeddedStore,
};

impl EmbeddedStore {
    pub(crate) fn graphs(&self, asked: Asked<'_>, plan: &GraphsPlan) -> Result<Answer, QueryError> {
        let start = Instant::now();
        let (groups, of_segment) = (Groups::default(), Groups::default());
        let before: &[GraphPlan] = plan.previous.as_ref().map_or(&[], |previous: &PreviousPlan| &previous.events);
        let graphs: Vec<&GraphPlan> = plan.events.iter().chain(before).collect();
        let (snapshots, mut touched) = self.of_graphs(asked, &graphs, &groups, (plan.segment.as_ref(), &of_segment))?;
        let (here, there) = snapshots.split_at(plan.events.len());
        let mut runs = bind(&plan.events, here, &groups).map_err(|error| store_error(&error))?;
        let own = own_groups(plan, &mut runs, &groups, asked.budget).map_err(|error| store_error(&error))?;
        let _held = asked.budget.afford(plan.answer_bytes(own.len()))?;
        let answer = |mut run: Run<'_>| {
            let answer = run.answer(&own, asked.budget).map_err(|error| store_error(&error));
            touched += run.scans.touched();
            answer
        };
        let before = bind(before, there, &groups).map_err(|error| store_error(&error))?;
        let answers = runs.into_iter().chain(before).map(answer).collect::<Result<Vec<GraphAnswer>, _>>();
        let mut answers = answers?;
        let before = answers.split_off(plan.events.len());
        let before = plan.previous.is_some().then_some(before);
        let body = Body::Graphs(plan.assemble(answers, before, (self.faulty(), asked.budget))?);
        let positions = here.first().map(|snapshot| snapshot.positions.clone()).unwrap_or_default();
        Ok(Answer { body, as_of: plan.as_of, positions, explain: explain(&plan.sentence, touched, start) })
    }

    /// Snapshots for some graphs by the same keys, with the users of their segments, and of `segment` alone if there
    /// is one; and what was looked at to find them.
    pub(crate) fn of_graphs<'q>(
        &self,
        asked: Asked<'q>,
        graphs: &[&'q GraphPlan],
        groups: &'q Groups,
        (segment, of_segment): (Option<&'q SegmentPlan>, &'q Groups),
    ) -> Result<(Vec<Snapshot<'q>>, Touched), QueryError> {
        let Asked { project, positions, budget } = asked;
        let take = |plan: &&'q GraphPlan| {
            Snapshot::take(project, positions.to_vec(), &Question::of_graph(plan, groups), budget)
        };
        let snapshots = graphs.iter().map(take).collect::<Result<Vec<_>, _>>();
        let mut snapshots = snapshots.map_err(|error| store_error(&error))?;
        let keys = graphs.first().map_or(&[][..], |plan| &plan.group_by);
        let segments = Segments::take(project, positions, (segment, keys), (of_segment, budget));
        let segments = segments.map_err(|error| store_error(&error))?;
        self.use_definitions(snapshots.iter().chain(segments.snapshots()));
        let (chosen, touched) = segments.find(self.faulty()).map_err(|error| store_error(&error))?;
        snapshots.iter_mut().for_each(|snapshot| snapshot.choose(&chosen));
        Ok((snapshots, touched))
    }
}

/// One of the graphs, bound to its snapshot.
pub(crate) struct Run<'a> {
    plan: &'a GraphPlan,
    groups: &'a Groups,
    scans: Scans<'a>,
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

/// The graphs, each with its snapshot.
pub(crate) fn bind<'a>(
    plans: &'a [GraphPlan],
    snapshots: &'a [Snapshot<'a>],
    groups: &'a Groups,
) -> Result<Vec<Run<'a>>, StoreError> {
    let bind = |(plan, snapshot): (&'a GraphPlan, &'a Snapshot<'a>)| {
        let scans = match Numbers::new(plan, groups) {
            Some(kernel) => Scans::new(snapshot, &kernel),
            None => Scans::new(snapshot, &Graph::new(plan, groups)),
        };
        Ok(Run { plan, groups, scans: scans?, first: None, held: snapshot.budget.hold() })
    };
    plans.iter().zip(snapshots).map(bind).collect()
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
    let totals = runs.iter_mut().map(|run| run.totals(budget)).collect::<Result<Vec<_>, _>>()?;
    Ok(shared_groups(groups, &totals, plan.top, budget)?)
}

impl<'a> Run<'a> {
    /// The groups that there are, with the order of their totals; and that of a group that is not there.
    fn totals(&mut self, budget: &Budget) -> Result<(Vec<(GroupId, u64)>, u64), StoreError> {
        let (first, totals) = if let Some(kernel) = Numbers::new(self.plan, self.groups) {
            let partial = self.scans.run(&kernel)?;
            self.held.set(kernel.bytes(&partial));
            let sums = kernel.sum_up(partial, budget)?;
            let totals = (kernel.orders(&sums, budget)?, kernel.order_of_nothing());
            (First::Numbers(kernel, sums), totals)
        } else {
            let kernel = Graph::new(self.plan, self.groups);
            let partial = self.scans.run(&kernel)?;
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
    fn answer(&mut self, own: &[GroupId], budget: &Budget) -> Result<GraphAnswer, StoreError> {
        let kernel = match self.first.take() {
            Some(First::Numbers(kernel, sums)) => return Ok(kernel.finish_with(sums, own, budget)?),
            Some(First::Counts(kernel, sums)) => match kernel.finish_with(&sums, own.to_vec(), budget)? {
                Ok(answer) => return Ok(answer),
                Err(second) => *second,
            },
            None => match Numbers::new(self.plan, self.groups) {
                Some(kernel) => {
                    let partial = self.scans.run(&kernel)?;
                    let _held = budget.afford(kernel.bytes(&partial))?;
                    let sums = kernel.sum_up(partial, budget)?;
                    return Ok(kernel.finish_with(sums, own, budget)?);
                }
                None => Graph::new(self.plan, self.groups).keeping(own.to_vec()),
            },
        };
        finish((kernel, budget), |kernel| self.scans.run(kernel))
    }
}

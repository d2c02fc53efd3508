//! Answers to graphs of several events, all of one instant.

use std::time::Instant;

use cairn_analysis::{
    Answer, Body, Graph, GraphAnswer, GraphPlan, GraphRun, GraphsPlan, Groups, Numbers, PreviousPlan, QueryError,
    Question, SegmentPlan, StoreError, Touched,
};

use crate::{
    answer::{Asked, explain, store_error},
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
        let own = plan.own_groups(&mut runs, &groups, asked.budget).map_err(|error| store_error(&error))?;
        let _held = asked.budget.afford(plan.answer_bytes(own.len()))?;
        let answer = |mut run: GraphRun<'_, Scans<'_>>| {
            let answer = run.answer(&own, asked.budget).map_err(|error| store_error(&error));
            touched += run.asking().touched();
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

/// The graphs, each with its snapshot.
pub(crate) fn bind<'a>(
    plans: &'a [GraphPlan],
    snapshots: &'a [Snapshot<'a>],
    groups: &'a Groups,
) -> Result<Vec<GraphRun<'a, Scans<'a>>>, StoreError> {
    let bind = |(plan, snapshot): (&'a GraphPlan, &'a Snapshot<'a>)| {
        let scans = match Numbers::new(plan, groups) {
            Some(kernel) => Scans::new(snapshot, &kernel),
            None => Scans::new(snapshot, &Graph::new(plan, groups)),
        };
        Ok(GraphRun::new(plan, groups, scans?, snapshot.budget.hold()))
    };
    plans.iter().zip(snapshots).map(bind).collect()
}

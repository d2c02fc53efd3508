//! The people behind a number.

use std::time::Instant;

use cairn_analysis::{
    Answer, Behind, Body, Funnel, Graph, GraphAnswer, GraphPlan, GraphsPlan, Groups, Kernel, Lifecycle, Numbers, Own,
    Pairs, Paths, PeoplePlan, Plan, QueryError, Question, Retention, Sides, Stickiness, StoreError, Touched,
};

use crate::{
    answer::{About, Asked, about, explain, store_error},
    graphs,
    people::{self, Listing, TakenOrder},
    scan::{Scans, Snapshot},
    store::EmbeddedStore,
    universe,
};

impl EmbeddedStore {
    /// Lists the people behind a number: of whom the question alone gives one.
    pub(crate) fn people(&self, asked: Asked<'_>, plan: &PeoplePlan) -> Result<Answer, QueryError> {
        // Those of single users have sides.
        let (groups, sides) = (Groups::default(), Sides::groups());
        match &*plan.of {
            Plan::Graph(of) if of.event.is_none() => self.people_of_users(asked, plan, of, (&groups, &sides)),
            Plan::Graph(of) => {
                let (question, about) = (Question::of_graph(of, &groups), about(of.as_of, &of.sentence, &of.segment));
                match Numbers::new(of, &sides) {
                    Some(kernel) => self.people_of(asked, (&question, &groups), about, plan, &kernel, Body::Graph),
                    None => {
                        self.people_of(asked, (&question, &groups), about, plan, &Graph::new(of, &sides), of_one_user)
                    }
                }
            }
            Plan::Graphs(of) => self.people_of_graphs(asked, plan, of, (&groups, &sides)),
            Plan::Funnel(of) => {
                let holds = Groups::default();
                let question = Question::of_funnel(of, &groups, &holds);
                let about = about(of.as_of, &of.sentence, &of.segment);
                self.people_of(asked, (&question, &groups), about, plan, &Funnel::new(of, &sides), Body::Funnel)
            }
            Plan::Retention(of) => {
                let question = Question::new([&of.start, &of.returns], of.range(), (&of.group_by, &groups));
                let about = about(of.as_of, &of.sentence, &of.segment);
                let kernel = Retention::new(of, &sides).of_cohort(plan.cell.at);
                self.people_of(asked, (&question, &groups), about, plan, &kernel, Body::Retention)
            }
            Plan::Stickiness(of) => {
                let question = Question::new([&of.event], of.range(), (&[], &groups));
                let about = about(of.as_of, &of.sentence, &of.segment);
                self.people_of(asked, (&question, &groups), about, plan, &Stickiness::new(of), Body::Stickiness)
            }
            Plan::Lifecycle(of) => {
                let question = Question::new([&of.event], of.range(), (&[], &groups));
                let about = about(of.as_of, &of.sentence, &of.segment);
                self.people_of(asked, (&question, &groups), about, plan, &Lifecycle::new(of), Body::Lifecycle)
            }
            Plan::Paths(of) => {
                let question = Question::new(&of.events, of.range(), (&of.nodes.keys, &groups)).of_sessions();
                let about = about(of.as_of, &of.sentence, &of.segment);
                self.people_of(asked, (&question, &groups), about, plan, &Paths::new(of, &groups), Body::Paths)
            }
            Plan::Pairs(of) => {
                let question = Question::new(&of.nodes.events, of.range(), (&of.nodes.keys, &groups)).of_sessions();
                let about = about(of.as_of, &of.sentence, &of.segment);
                self.people_of(asked, (&question, &groups), about, plan, &Pairs::new(of, &groups), Body::Pairs)
            }
            Plan::Users(_) | Plan::People(_) | Plan::Stream(_) => {
                Err(QueryError::new("query", "people are asked for of a number"))
            }
        }
    }

    /// The groups of `kernel` are the sides of the question's `groups`, where there are sides.
    fn people_of<K: Kernel>(
        &self,
        asked: Asked<'_>,
        (question, groups): (&Question<'_>, &Groups),
        about: About<'_>,
        plan: &PeoplePlan,
        kernel: &K,
        body: impl Fn(K::Output) -> Body + Sync,
    ) -> Result<Answer, QueryError> {
        let start = Instant::now();
        let of_segment = Groups::default();
        let (snapshot, mut touched) = self.of_segment(asked, question, (about.segment, &of_segment))?;
        let any = Behind::new(kernel, |_| false);
        let scans = Scans::new(&snapshot, &any).map_err(|error| store_error(&error))?;
        let mut own = plan.find_own(&scans, groups).map_err(|error| store_error(&error))?;
        let sides = plan.sides(&mut own, groups);
        let behind = Behind::new(kernel, |answer| plan.counts(&body(answer), &own)).on_sides(sides.as_ref());
        let numbers = scans.answer(&behind).map_err(|error| store_error(&error))?;
        touched += scans.touched();
        let body = self.list(asked, plan, numbers, &mut touched)?;
        let (as_of, positions) = (about.as_of, snapshot.positions.clone());
        Ok(Answer { body, as_of, positions, explain: explain(about.sentence, touched, start) })
    }

    /// The people of these user numbers; adds what their order looked at.
    fn list(
        &self,
        asked: Asked<'_>,
        plan: &PeoplePlan,
        numbers: Vec<u32>,
        touched: &mut Touched,
    ) -> Result<Body, QueryError> {
        let (groups, listing) =
            (Groups::default(), Listing::of(&plan.search, &plan.properties, (plan.offset, plan.limit)));
        let Asked { project, positions, budget } = asked;
        let order = TakenOrder::take(project, positions, Some(&plan.sort), (&groups, budget));
        let list = order.and_then(TakenOrder::find).and_then(|(order, of_order)| {
            *touched += of_order;
            let there = universe::take_people(project, budget, &numbers)?;
            people::list((project, budget), &there, numbers, &listing, &order)
        });
        list.map(Body::Users).map_err(|error| store_error(&error))
    }

    /// Where it is the number of one of several graphs, which share their groups.
    fn people_of_graphs(
        &self,
        asked: Asked<'_>,
        plan: &PeoplePlan,
        of: &GraphsPlan,
        (groups, sides): (&Groups, &Groups),
    ) -> Result<Answer, QueryError> {
        let (start, of_segment) = (Instant::now(), Groups::default());
        let all: &[GraphPlan] = if plan.asks_for_own() { &of.events } else { &[] };
        let graphs: Vec<&GraphPlan> = all.iter().chain(&plan.line).collect();
        let (snapshots, mut touched) = self.of_graphs(asked, &graphs, groups, (of.segment.as_ref(), &of_segment))?;
        let (Some(line), Some(snapshot)) = (&plan.line, snapshots.last()) else {
            return Err(QueryError::new("cell", "a cell of several graphs needs `event`"));
        };
        let own =
            graphs::bind(all, &snapshots, groups).and_then(|mut runs| of.own_groups(&mut runs, groups, asked.budget));
        let mut own = Own::of_groups(&own.map_err(|error| store_error(&error))?, groups);
        let of_cell = plan.sides(&mut own, groups);
        let counts = |answer| plan.counts(&Body::Graph(answer), &own);
        let numbers = match Numbers::new(line, sides) {
            Some(kernel) => behind((snapshot, &mut touched), &Behind::new(&kernel, counts).on_sides(of_cell.as_ref())),
            None => {
                let (kernel, counts) = (Graph::new(line, sides), |answer| plan.counts(&of_one_user(answer), &own));
                behind((snapshot, &mut touched), &Behind::new(&kernel, counts).on_sides(of_cell.as_ref()))
            }
        };
        let body = self.list(asked, plan, numbers.map_err(|error| store_error(&error))?, &mut touched)?;
        let (as_of, positions) = (of.as_of, snapshot.positions.clone());
        Ok(Answer { body, as_of, positions, explain: explain(&of.sentence, touched, start) })
    }

    /// Where users themselves are counted.
    fn people_of_users(
        &self,
        asked: Asked<'_>,
        plan: &PeoplePlan,
        of: &GraphPlan,
        (groups, sides): (&Groups, &Groups),
    ) -> Result<Answer, QueryError> {
        let about = About { order: Some(&plan.sort), ..about(of.as_of, &of.sentence, &of.segment) };
        self.of_universe(asked, (about, &of.group_by), |there, chosen, order| {
            let find = || {
                let (of_project, of_users) = ((asked.project, asked.budget), (groups, chosen));
                let mut own = match plan.standing.as_deref() {
                    Some(Plan::Graph(standing)) => {
                        let kernel = Graph::new(standing, groups);
                        let found = universe::run(of_project, there, standing, of_users, &kernel)?;
                        Own::of_groups(&kernel.own(&kernel.sum_up(found), asked.budget)?, groups)
                    }
                    _ => Own::default(),
                };
                let of_cell = plan.sides(&mut own, groups);
                let kernel = Graph::new(of, sides);
                let counts = |answer| plan.counts(&of_one_user(answer), &own);
                let behind = Behind::new(&kernel, counts).on_sides(of_cell.as_ref());
                let numbers = universe::answer(of_project, there, of, of_users, &behind)?;
                let listing = Listing::of(&plan.search, &plan.properties, (plan.offset, plan.limit));
                people::list(of_project, there, numbers, &listing, order)
            };
            find().map(Body::Users).map_err(|error| store_error(&error))
        })
    }
}

/// The users whose answer alone counts.
fn behind<K: Kernel>(
    (snapshot, touched): (&Snapshot<'_>, &mut Touched),
    behind: &Behind<'_, K, impl Fn(K::Output) -> bool + Sync>,
) -> Result<Vec<u32>, StoreError> {
    let scans = Scans::new(snapshot, behind)?;
    let found = scans.answer(behind);
    *touched += scans.touched();
    found
}

/// The answer of a user to a graph. There are too few groups and buckets for a second run to be asked for.
fn of_one_user(answer: Result<GraphAnswer, Graph<'_>>) -> Body {
    Body::Graph(answer.unwrap_or_default())
}

//! The people behind a number.

use std::{sync::atomic::AtomicBool, sync::atomic::Ordering, time::Instant};

use cairn_analysis::{
    Answer, Behind, Body, Funnel, Graph, GraphAnswer, GraphPlan, GraphsPlan, Groups, Kernel, Lifecycle, Numbers, Own,
    Pairs, Paths, PeoplePlan, Plan, QueryError, Retention, Stickiness, Touched,
};

use crate::{
    answer::{About, Asked, about, explain, store_error},
    graphs,
    people::{self, Listing, TakenOrder},
    question::{funnel_question, graph_question, of_sessions, question},
    scan::{Question, Scans, Snapshot},
    store::EmbeddedStore,
    universe,
};

impl EmbeddedStore {
    /// Lists the people behind a number: of whom the question alone gives one.
    pub(crate) fn people(&self, asked: Asked<'_>, plan: &PeoplePlan) -> Result<Answer, QueryError> {
        let groups = Groups::default();
        match &*plan.of {
            Plan::Graph(of) if of.event.is_none() => self.people_of_users(asked, plan, of, &groups),
            Plan::Graph(of) => {
                let (question, about) = (graph_question(of, &groups), about(of.as_of, &of.sentence, &of.segment));
                if let Some(kernel) = Numbers::new(of, &groups) {
                    return self.people_of(asked, &question, about, plan, &kernel, Body::Graph);
                }
                let cut = AtomicBool::new(false);
                let kernel = Graph::new(of, &groups);
                let answer = self.people_of(asked, &question, about, plan, &kernel, |answer| graph(answer, &cut))?;
                if cut.into_inner() { Err(too_many()) } else { Ok(answer) }
            }
            Plan::Graphs(of) => self.people_of_graphs(asked, plan, of, &groups),
            Plan::Funnel(of) => {
                let holds = Groups::default();
                let question = funnel_question(of, &groups, &holds);
                let about = about(of.as_of, &of.sentence, &of.segment);
                self.people_of(asked, &question, about, plan, &Funnel::new(of, &groups), Body::Funnel)
            }
            Plan::Retention(of) => {
                let question = question([&of.start, &of.returns], of.range(), (&of.group_by, &groups));
                let about = about(of.as_of, &of.sentence, &of.segment);
                self.people_of(asked, &question, about, plan, &Retention::new(of, &groups), Body::Retention)
            }
            Plan::Stickiness(of) => {
                let question = question([&of.event], of.range(), (&[], &groups));
                let about = about(of.as_of, &of.sentence, &of.segment);
                self.people_of(asked, &question, about, plan, &Stickiness::new(of), Body::Stickiness)
            }
            Plan::Lifecycle(of) => {
                let question = question([&of.event], of.range(), (&[], &groups));
                let about = about(of.as_of, &of.sentence, &of.segment);
                self.people_of(asked, &question, about, plan, &Lifecycle::new(of), Body::Lifecycle)
            }
            Plan::Paths(of) => {
                let question = of_sessions(question(&of.events, of.range(), (&of.nodes.keys, &groups)));
                let about = about(of.as_of, &of.sentence, &of.segment);
                self.people_of(asked, &question, about, plan, &Paths::new(of, &groups), Body::Paths)
            }
            Plan::Pairs(of) => {
                let question = of_sessions(question(&of.nodes.events, of.range(), (&of.nodes.keys, &groups)));
                let about = about(of.as_of, &of.sentence, &of.segment);
                self.people_of(asked, &question, about, plan, &Pairs::new(of, &groups), Body::Pairs)
            }
            Plan::Users(_) | Plan::People(_) | Plan::Stream(_) => {
                Err(QueryError::new("query", "people are asked for of a number"))
            }
        }
    }

    fn people_of<K: Kernel>(
        &self,
        asked: Asked<'_>,
        question: &Question<'_>,
        about: About<'_>,
        plan: &PeoplePlan,
        kernel: &K,
        body: impl Fn(K::Output) -> Body + Sync,
    ) -> Result<Answer, QueryError> {
        let start = Instant::now();
        let groups = Groups::default();
        let (snapshot, mut touched) = self.of_segment(asked, question, (about.segment, &groups))?;
        let any = Behind::new(kernel, |_| false);
        let scans = Scans::new(&snapshot, &any).map_err(|error| store_error(&error))?;
        let own = match plan.asks_for_own() {
            true => plan.own(&body(scans.answer(kernel).map_err(|error| store_error(&error))?)),
            false => Own::default(),
        };
        let behind = Behind::new(kernel, |answer| plan.counts(&body(answer), &own));
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
        groups: &Groups,
    ) -> Result<Answer, QueryError> {
        let (start, of_segment) = (Instant::now(), Groups::default());
        let all: &[GraphPlan] = if plan.asks_for_own() { &of.events } else { &[] };
        let graphs: Vec<&GraphPlan> = all.iter().chain(&plan.line).collect();
        let (snapshots, mut touched) = self.of_graphs(asked, &graphs, groups, (of.segment.as_ref(), &of_segment))?;
        let (Some(line), Some(snapshot)) = (&plan.line, snapshots.last()) else {
            return Err(QueryError::new("cell", "a cell of several graphs needs `event`"));
        };
        let own = graphs::bind(all, &snapshots, groups)
            .and_then(|mut runs| graphs::own_groups(of, &mut runs, groups, asked.budget));
        let own = own.map_err(|error| store_error(&error))?.into_iter().map(|own| groups.values(own));
        let own = Own::of_groups(own.collect());
        let numbers = match Numbers::new(line, groups) {
            Some(kernel) => {
                behind((snapshot, &mut touched), &kernel, |answer| plan.counts(&Body::Graph(answer), &own))?
            }
            None => {
                let cut = AtomicBool::new(false);
                let counts = |answer| plan.counts(&graph(answer, &cut), &own);
                let numbers = behind((snapshot, &mut touched), &Graph::new(line, groups), counts)?;
                if cut.load(Ordering::Relaxed) {
                    return Err(too_many());
                }
                numbers
            }
        };
        let body = self.list(asked, plan, numbers, &mut touched)?;
        let (as_of, positions) = (of.as_of, snapshot.positions.clone());
        Ok(Answer { body, as_of, positions, explain: explain(&of.sentence, touched, start) })
    }

    /// Where users themselves are counted.
    fn people_of_users(
        &self,
        asked: Asked<'_>,
        plan: &PeoplePlan,
        of: &GraphPlan,
        groups: &Groups,
    ) -> Result<Answer, QueryError> {
        let about = About { order: Some(&plan.sort), ..about(of.as_of, &of.sentence, &of.segment) };
        self.of_universe(asked, (about, &of.group_by), |there, chosen, order| {
            let (project, cut) = (asked.project, AtomicBool::new(false));
            let kernel = Graph::new(of, groups);
            let own = match plan.asks_for_own() {
                true => {
                    let answer = universe::answer((project, asked.budget), there, of, (groups, chosen), &kernel);
                    plan.own(&graph(answer.map_err(|error| store_error(&error))?, &cut))
                }
                false => Own::default(),
            };
            let behind = Behind::new(&kernel, |answer| plan.counts(&graph(answer, &cut), &own));
            let numbers = universe::answer((project, asked.budget), there, of, (groups, chosen), &behind);
            let numbers = numbers.map_err(|error| store_error(&error))?;
            if cut.load(Ordering::Relaxed) {
                return Err(too_many());
            }
            let listing = Listing::of(&plan.search, &plan.properties, (plan.offset, plan.limit));
            let list = people::list((project, asked.budget), there, numbers, &listing, order);
            list.map(Body::Users).map_err(|error| store_error(&error))
        })
    }
}

/// The users whose answer alone counts.
fn behind<K: Kernel>(
    (snapshot, touched): (&Snapshot<'_>, &mut Touched),
    kernel: &K,
    counts: impl Fn(K::Output) -> bool + Sync,
) -> Result<Vec<u32>, QueryError> {
    let behind = Behind::new(kernel, counts);
    let found = Scans::new(snapshot, &behind).and_then(|scans| {
        let found = scans.answer(&behind);
        *touched += scans.touched();
        found
    });
    found.map_err(|error| store_error(&error))
}

/// A graph's answer; notes if it has too many numbers to be one.
fn graph(answer: Result<GraphAnswer, Graph<'_>>, cut: &AtomicBool) -> Body {
    Body::Graph(answer.unwrap_or_else(|_| {
        cut.store(true, Ordering::Relaxed);
        GraphAnswer::default()
    }))
}

fn too_many() -> QueryError {
    QueryError::new(
        "query",
        "there are too many groups and buckets to find people in: choose a longer interval, or fewer groups",
    )
}

//! Answers of the embedded store.

use std::{collections::BTreeSet, time::Instant};

use cairn_analysis::{
    Answer, Applied, Body, Budget, Explain, Funnel, FunnelPlan, Graph, GraphPlan, Groups, Kernel, KeyPlan, Ledger,
    Lifecycle, LifecyclePlan, Numbers, Pairs, PairsPlan, Parting, Paths, PathsPlan, Plan, Preview, QueryError,
    Question, Retention, RetentionPlan, SeenEvent, SeenUser, SegmentPlan, SortPlan, States, Stickiness, StickinessPlan,
    Store, StoreError, Touched, UsersPlan, finish_graph,
};
use cairn_model::{Message, Position, Predicate, ProjectId, StateHash, TimeMs, UserId};

use crate::{
    facts, inspect,
    people::{self, Listing, Order, TakenOrder},
    preview,
    project::Project,
    scan::{Scans, Snapshot},
    segments::{Chosen, Segments},
    store::{EmbeddedStore, read},
    universe,
    users::UserSet,
};

impl Store for EmbeddedStore {
    fn apply(&self, position: Position, payload: &[u8]) -> Result<Applied, StoreError> {
        self.apply_record(position, payload)
    }

    fn positions(&self) -> Vec<Position> {
        self.shared.state().positions()
    }

    fn answer(&self, project: ProjectId, plan: &Plan, budget: &Budget) -> Result<Answer, QueryError> {
        let (project, positions) = self.instant(project);
        let asked = Asked { project: &project, positions: &positions, budget };
        let answer = match plan {
            Plan::Graph(plan) if plan.event.is_none() => self.count_users(asked, plan),
            Plan::Graph(plan) => self.graph(asked, plan),
            Plan::Graphs(plan) => self.graphs(asked, plan),
            Plan::Funnel(plan) => self.funnel(asked, plan),
            Plan::Retention(plan) => self.retention(asked, plan),
            Plan::Stickiness(plan) => self.stickiness(asked, plan),
            Plan::Lifecycle(plan) => self.lifecycle(asked, plan),
            Plan::Paths(plan) => self.paths(asked, plan),
            Plan::Pairs(plan) => self.pairs(asked, plan),
            Plan::Users(plan) => self.list_users(asked, plan),
            Plan::People(plan) => self.people(asked, plan),
            Plan::Stream(plan) => self.stream(asked, plan),
        }?;
        // What comes too late is none.
        budget.check()?;
        Ok(answer)
    }

    fn preview(
        &self,
        project: ProjectId,
        predicate: &Predicate,
        range: (TimeMs, TimeMs),
        limit: usize,
        budget: &Budget,
    ) -> Result<Preview, QueryError> {
        let (project, positions) = self.instant(project);
        preview::preview(self, Asked { project: &project, positions: &positions, budget }, predicate, range, limit)
    }

    fn newest(&self, project: ProjectId, limit: usize) -> Result<Vec<SeenEvent>, StoreError> {
        self.inspect(project, |project| inspect::newest(project, limit))
    }

    fn person(&self, project: ProjectId, user: UserId) -> Result<Option<String>, StoreError> {
        self.inspect(project, |project| {
            let number = project.users.find(user.get())?;
            Ok(number.map(|number| project.users.handle(number)).transpose()?.flatten())
        })
    }

    fn members(&self, project: ProjectId, handle: &str) -> Result<Vec<UserId>, StoreError> {
        self.inspect(project, |project| {
            let ids = project.users.members(handle)?.into_iter().map(|number| project.users.id(number));
            Ok(ids.collect::<Result<Vec<_>, _>>()?.into_iter().filter_map(UserId::new).collect())
        })
    }

    fn events_of(&self, project: ProjectId, users: &[UserId]) -> Result<u64, StoreError> {
        self.inspect(project, |project| {
            let numbers = users.iter().map(|user| project.users.find(user.get())).collect::<Result<Vec<_>, _>>()?;
            let distinct: BTreeSet<u32> = numbers.into_iter().flatten().collect();
            distinct.into_iter().map(|number| project.events_of(number)).sum()
        })
    }

    fn facts(&self, project: ProjectId, users: &[UserId]) -> Result<Vec<Message<'static>>, StoreError> {
        self.inspect(project, |project| facts::facts(project, users))
    }

    fn names(&self, project: ProjectId) -> Result<(Vec<String>, Vec<String>), StoreError> {
        self.inspect(project, inspect::names)
    }

    fn values(&self, project: ProjectId, property: &str, limit: usize) -> Result<Vec<String>, StoreError> {
        self.inspect(project, |project| inspect::values(project, property, limit))
    }

    fn events(&self, project: ProjectId, each: &mut dyn FnMut(SeenEvent) -> bool) -> Result<(), StoreError> {
        self.inspect(project, |project| inspect::events(project, each))
    }

    fn users(&self, project: ProjectId, each: &mut dyn FnMut(SeenUser) -> bool) -> Result<(), StoreError> {
        self.inspect(project, |project| inspect::users(project, each))
    }

    fn index(&self, project: ProjectId, definitions: Vec<Predicate>) {
        let id = project.get();
        let project = self.shared.state_mut().projects.entry(id).or_default().clone();
        self.shared.set_definitions(id, &project, definitions);
    }

    fn ledger(&self, project: ProjectId) -> Result<Ledger, StoreError> {
        Ok(self.project(project).map(|project| read(&project).ledger).unwrap_or_default())
    }

    fn state_hash(&self, project: ProjectId) -> Result<StateHash, StoreError> {
        self.inspect(project, inspect::state_hash)
    }

    fn states(&self, projects: &[ProjectId], by: &Parting<'_>, taken: &mut dyn FnMut()) -> Result<States, StoreError> {
        let (instants, positions) = {
            let state = self.shared.state();
            let instant = |id: &ProjectId| state.projects.get(&id.get()).map(|project| read(project).instant());
            (projects.iter().map(|id| instant(id).unwrap_or_default()).collect::<Vec<_>>(), state.positions())
        };
        taken();
        let hash = |(id, project): (&ProjectId, &Project)| {
            inspect::state_hashes(project, by.parts, &|user| (by.of)(*id, user))
        };
        let hashes = projects.iter().zip(&instants).map(hash).collect::<Result<_, _>>()?;
        Ok(States { positions, hashes })
    }

    fn apply_again(&self, payload: &[u8]) -> Result<Applied, StoreError> {
        self.apply_record_again(payload)
    }
}

impl EmbeddedStore {
    /// A project as it is now, with the next positions: all that a question sees. Locks are held for this moment alone.
    pub(crate) fn instant(&self, project: ProjectId) -> (Project, Vec<Position>) {
        let state = self.shared.state();
        let project = state.projects.get(&project.get()).map(|project| read(project).instant());
        (project.unwrap_or_default(), state.positions())
    }

    fn inspect<T>(
        &self,
        project: ProjectId,
        look: impl FnOnce(&Project) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        look(&self.instant(project).0)
    }

    /// What a question sees of events.
    pub(crate) fn snapshot<'q>(&self, asked: Asked<'q>, question: &Question<'q>) -> Result<Snapshot<'q>, StoreError> {
        Ok(self.take(asked, question, (None, question.wanted.groups))?.0)
    }

    /// The same, and what its segments need.
    fn take<'q>(
        &self,
        asked: Asked<'q>,
        question: &Question<'q>,
        (segment, groups): (Option<&'q SegmentPlan>, &'q Groups),
    ) -> Result<(Snapshot<'q>, Segments<'q>), StoreError> {
        let snapshot = Snapshot::take(asked.project, asked.positions.to_vec(), question, asked.budget)?;
        let of = (segment, question.wanted.keys);
        let segments = Segments::take(asked.project, asked.positions, of, (groups, asked.budget))?;
        self.use_definitions([&snapshot].into_iter().chain(segments.snapshots()));
        Ok((snapshot, segments))
    }

    /// Notes which definitions a question's snapshots use.
    pub(crate) fn use_definitions<'s, 'q: 's>(&self, snapshots: impl Iterator<Item = &'s Snapshot<'q>>) {
        // Each notes what it uses.
        if snapshots.filter(|snapshot| snapshot.use_definitions()).count() > 0 {
            self.shared.tidy.wake();
        }
    }

    /// What a question sees of events, with the users of its segments, and of `segment` alone if there is one; and what was looked
    /// at to find them.
    pub(crate) fn of_segment<'q>(
        &self,
        asked: Asked<'q>,
        question: &Question<'q>,
        segment: (Option<&'q SegmentPlan>, &'q Groups),
    ) -> Result<(Snapshot<'q>, Touched), QueryError> {
        let (mut snapshot, segments) = self.take(asked, question, segment).map_err(|error| store_error(&error))?;
        let (chosen, touched) = segments.find(self.faulty()).map_err(|error| store_error(&error))?;
        snapshot.choose(&chosen);
        Ok((snapshot, touched))
    }

    fn graph(&self, asked: Asked<'_>, plan: &GraphPlan) -> Result<Answer, QueryError> {
        let groups = Groups::default();
        let question = Question::of_graph(plan, &groups);
        let about = about(plan.as_of, &plan.sentence, &plan.segment);
        if let Some(kernel) = Numbers::new(plan, &groups) {
            return self.ask(asked, &question, about, kernel.faulty(self.faulty()), |kernel, scans| {
                let partial = scans.run(&kernel).map_err(|error| store_error(&error))?;
                let _held = asked.budget.afford(kernel.finish_bytes(&partial))?;
                Ok(Body::Graph(kernel.finish(partial, asked.budget)?))
            });
        }
        let kernel = Graph::new(plan, &groups).faulty(self.faulty());
        self.ask(asked, &question, about, kernel, |kernel, scans| {
            let answer = finish_graph((kernel, asked.budget), |kernel| scans.run(kernel));
            answer.map(Body::Graph).map_err(|error| store_error(&error))
        })
    }

    fn funnel(&self, asked: Asked<'_>, plan: &FunnelPlan) -> Result<Answer, QueryError> {
        let groups = Groups::default();
        let holds = Groups::default();
        let question = Question::of_funnel(plan, &groups, &holds);
        let kernel = Funnel::new(plan, &groups).faulty(self.faulty());
        self.ask_once(asked, &question, about(plan.as_of, &plan.sentence, &plan.segment), kernel, Body::Funnel)
    }

    fn retention(&self, asked: Asked<'_>, plan: &RetentionPlan) -> Result<Answer, QueryError> {
        let groups = Groups::default();
        let question = Question::new([&plan.start, &plan.returns], plan.range(), (&plan.group_by, &groups));
        let kernel = Retention::new(plan, &groups).faulty(self.faulty());
        let about = about(plan.as_of, &plan.sentence, &plan.segment);
        self.ask_once(asked, &question, about, kernel, |mut answer| {
            plan.put_into_words(&mut answer);
            Body::Retention(answer)
        })
    }

    fn stickiness(&self, asked: Asked<'_>, plan: &StickinessPlan) -> Result<Answer, QueryError> {
        let groups = Groups::default();
        let question = Question::new([&plan.event], plan.range(), (&[], &groups));
        let kernel = Stickiness::new(plan).faulty(self.faulty());
        self.ask_once(asked, &question, about(plan.as_of, &plan.sentence, &plan.segment), kernel, Body::Stickiness)
    }

    fn lifecycle(&self, asked: Asked<'_>, plan: &LifecyclePlan) -> Result<Answer, QueryError> {
        let groups = Groups::default();
        let question = Question::new([&plan.event], plan.range(), (&[], &groups));
        let kernel = Lifecycle::new(plan).faulty(self.faulty());
        self.ask_once(asked, &question, about(plan.as_of, &plan.sentence, &plan.segment), kernel, Body::Lifecycle)
    }

    fn paths(&self, asked: Asked<'_>, plan: &PathsPlan) -> Result<Answer, QueryError> {
        let groups = Groups::default();
        let question = Question::new(&plan.events, plan.range(), (&plan.nodes.keys, &groups)).of_sessions();
        let kernel = Paths::new(plan, &groups).faulty(self.faulty());
        self.ask_once(asked, &question, about(plan.as_of, &plan.sentence, &plan.segment), kernel, Body::Paths)
    }

    fn pairs(&self, asked: Asked<'_>, plan: &PairsPlan) -> Result<Answer, QueryError> {
        let groups = Groups::default();
        let question = Question::new(&plan.nodes.events, plan.range(), (&plan.nodes.keys, &groups)).of_sessions();
        let kernel = Pairs::new(plan, &groups).faulty(self.faulty());
        self.ask_once(asked, &question, about(plan.as_of, &plan.sentence, &plan.segment), kernel, Body::Pairs)
    }

    /// Test-only: whether kernels count wrongly.
    pub(crate) fn faulty(&self) -> bool {
        self.shared.options.faults.wrong_kernels
    }

    /// Asks a question whose kernel runs once.
    fn ask_once<K: Kernel>(
        &self,
        asked: Asked<'_>,
        question: &Question<'_>,
        about: About<'_>,
        kernel: K,
        body: impl FnOnce(K::Output) -> Body,
    ) -> Result<Answer, QueryError> {
        self.ask(asked, question, about, kernel, |kernel, scans| {
            scans.answer(&kernel).map(body).map_err(|error| store_error(&error))
        })
    }

    /// Asks a question; `run` runs the kernel over the scans.
    fn ask<K: Kernel>(
        &self,
        asked: Asked<'_>,
        question: &Question<'_>,
        about: About<'_>,
        kernel: K,
        run: impl FnOnce(K, &Scans<'_>) -> Result<Body, QueryError>,
    ) -> Result<Answer, QueryError> {
        let start = Instant::now();
        let groups = Groups::default();
        let (snapshot, mut touched) = self.of_segment(asked, question, (about.segment, &groups))?;
        let scans = Scans::new(&snapshot, &kernel).map_err(|error| store_error(&error))?;
        let body = run(kernel, &scans)?;
        touched += scans.touched();
        let explain = explain(about.sentence, touched, start);
        Ok(Answer { body, as_of: about.as_of, positions: snapshot.positions.clone(), explain })
    }

    /// Counts the users themselves.
    fn count_users(&self, asked: Asked<'_>, plan: &GraphPlan) -> Result<Answer, QueryError> {
        let groups = Groups::default();
        let about = about(plan.as_of, &plan.sentence, &plan.segment);
        self.of_universe(asked, (about, &plan.group_by), |there, chosen, _| {
            let kernel = Graph::new(plan, &groups).faulty(self.faulty());
            let of = (asked.project, asked.budget);
            let run = |kernel: &Graph<'_>| universe::run(of, there, plan, (&groups, chosen), kernel);
            finish_graph((kernel, asked.budget), run).map(Body::Graph).map_err(|error| store_error(&error))
        })
    }

    /// Lists users.
    fn list_users(&self, asked: Asked<'_>, plan: &UsersPlan) -> Result<Answer, QueryError> {
        let about = About { order: Some(&plan.sort), ..about(plan.as_of, &plan.sentence, &plan.segment) };
        self.of_universe(asked, (about, &[]), |there, chosen, order| {
            let of = (asked.project, asked.budget);
            let numbers = people::numbers(of, there, chosen.only.as_deref());
            let listing = Listing::of(&plan.search, &plan.properties, (plan.offset, plan.limit));
            let list = numbers.and_then(|numbers| people::list(of, there, numbers, &listing, order));
            list.map(Body::Users).map_err(|error| store_error(&error))
        })
    }

    /// Answers from the users that there are, and those of its segments.
    pub(crate) fn of_universe(
        &self,
        asked: Asked<'_>,
        (about, keys): (About<'_>, &[KeyPlan]),
        answer: impl FnOnce(&UserSet, &Chosen, &Order<'_>) -> Result<Body, QueryError>,
    ) -> Result<Answer, QueryError> {
        let start = Instant::now();
        let groups = Groups::default();
        let Asked { project, positions, budget } = asked;
        let segments = Segments::take(project, positions, (about.segment, keys), (&groups, budget));
        let found = segments.and_then(|segments| segments.find(self.faulty()));
        let (chosen, mut touched) = found.map_err(|error| store_error(&error))?;
        let there = universe::take_of(project, budget, about.segment.zip(chosen.only.as_deref()));
        let (there, of_users) = there.map_err(|error| store_error(&error))?;
        touched += of_users;
        let order = TakenOrder::take(project, positions, about.order, (&groups, budget));
        let (order, of_order) = order.and_then(TakenOrder::find).map_err(|error| store_error(&error))?;
        touched += of_order;
        let body = answer(&there, &chosen, &order)?;
        let (positions, explain) = (positions.to_vec(), explain(about.sentence, touched, start));
        Ok(Answer { body, as_of: about.as_of, positions, explain })
    }
}

/// Of which instant of which project, and within which budget.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) project: &'a Project,
    pub(crate) positions: &'a [Position],
    pub(crate) budget: &'a Budget,
}

/// What of a question is not the kernel's.
#[derive(Clone, Copy)]
pub(crate) struct About<'p> {
    pub(crate) as_of: TimeMs,
    pub(crate) sentence: &'p str,
    pub(crate) segment: Option<&'p SegmentPlan>,
    /// Of a list of people.
    pub(crate) order: Option<&'p SortPlan>,
}

pub(crate) fn about<'p>(as_of: TimeMs, sentence: &'p str, segment: &'p Option<SegmentPlan>) -> About<'p> {
    About { as_of, sentence, segment: segment.as_ref(), order: None }
}

pub(crate) fn explain(sentence: &str, touched: Touched, start: Instant) -> Explain {
    let (found, total_ms) = (touched.parts.found(), start.elapsed().as_secs_f64() * 1e3);
    Explain { sentence: sentence.to_owned(), touched, found, total_ms }
}

pub(crate) fn store_error(error: &StoreError) -> QueryError {
    match error {
        StoreError::Stopped(stopped) => QueryError::from(*stopped),
        error => QueryError::new("store", error.to_string()),
    }
}

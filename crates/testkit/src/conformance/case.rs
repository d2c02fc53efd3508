//! One history, in one of the shapes that a store can have it in, and questions.

use std::{
    fmt::Debug,
    sync::atomic::{AtomicU64, Ordering},
};

use cairn_analysis::{Body, Budget, Calendar, Cell, FunnelPer, Own, PeopleQuery, Plan, Query, Store, StreamAnswer};
use cairn_model::{Message, Position, ProjectId, TimeMs};
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::json;

use crate::{
    generate,
    history::Line,
    oracle::{Oracle, Person},
};

/// The kinds of questions.
pub(super) const KINDS: [&str; 10] =
    ["graph", "funnel", "retention", "stickiness", "lifecycle", "paths", "pairs", "users", "graphs", "stream"];
/// Questions of one history.
const QUERIES: usize = 4;
const ZONES: [&str; 4] = ["UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe"];

/// A history, how a store gets and has it, and what it is asked.
#[derive(Clone, Debug)]
pub struct Case<Shape> {
    /// The messages, in the log's order.
    pub messages: Vec<Message<'static>>,
    /// At most so many of them are in a record.
    pub batch: usize,
    /// Where a store has them.
    pub shape: Shape,
    /// Whose they are: no other case of this process has this project.
    pub project: ProjectId,
    /// The questions, and the time zone that each is asked in.
    pub queries: Vec<(Query, String)>,
}

/// Cases of the kind `kind` of [`KINDS`].
pub(super) fn case<Shape: Clone + Debug + 'static>(
    kind: usize,
    shapes: Vec<Shape>,
) -> impl Strategy<Value = Case<Shape>> {
    let queries = vec((query(kind), select(ZONES.to_vec()).prop_map(str::to_owned)), QUERIES);
    (
        prop_oneof![1 => vec(generate::message(), 1..40), 6 => vec(generate::message(), 40..160)],
        1..20_usize,
        select(shapes),
        queries,
    )
        .prop_map(|(messages, batch, shape, queries)| Case::new(messages, batch, shape, queries))
}

fn query(kind: usize) -> BoxedStrategy<Query> {
    match KINDS[kind] {
        "graph" => generate::graph().prop_map(Query::Graph).boxed(),
        "graphs" => generate::graphs().prop_map(Query::Graphs).boxed(),
        "funnel" => generate::funnel().prop_map(Query::Funnel).boxed(),
        "retention" => generate::retention().prop_map(Query::Retention).boxed(),
        "stickiness" => generate::stickiness().prop_map(Query::Stickiness).boxed(),
        "lifecycle" => generate::lifecycle().prop_map(Query::Lifecycle).boxed(),
        "paths" => generate::paths().prop_map(Query::Paths).boxed(),
        "pairs" => generate::pairs().prop_map(Query::Pairs).boxed(),
        "stream" => generate::stream().prop_map(Query::Stream).boxed(),
        _ => generate::users().prop_map(Query::Users).boxed(),
    }
}

impl<Shape> Case<Shape> {
    /// A case with a project of its own.
    pub(crate) fn new(
        messages: Vec<Message<'static>>,
        batch: usize,
        shape: Shape,
        queries: Vec<(Query, String)>,
    ) -> Self {
        static PROJECTS: AtomicU64 = AtomicU64::new(1);
        let project = ProjectId::clamped(PROJECTS.fetch_add(1, Ordering::Relaxed));
        Self { messages, batch, shape, project, queries }
    }

    /// The log's records, and where they stand in it. The partition is the project's own, so it begins at 0.
    pub fn records(&self) -> Vec<(Position, Vec<u8>)> {
        let partition = self.project.get() as u32;
        let records = (0..).zip(self.messages.chunks(self.batch));
        records
            .map(|(offset, messages)| (Position { partition, offset }, generate::batch(self.project, messages)))
            .collect()
    }

    /// What is asked, resolved.
    pub(crate) fn plans(&self) -> Vec<Plan> {
        self.queries.iter().map(|(query, zone)| resolve(query, zone)).collect()
    }

    /// Who is behind a number of the answer to a question.
    pub(super) fn people(&self, at: usize, cell: Cell) -> Plan {
        let (query, zone) = &self.queries[at];
        let of = Box::new(query.clone());
        let query = Query::People(PeopleQuery {
            of,
            cell,
            search: None,
            sort: None,
            properties: None,
            offset: 0,
            limit: 1_000,
        });
        resolve(&query, zone)
    }

    /// Whether a question counts sessions.
    pub(super) fn of_sessions(&self, at: usize) -> bool {
        matches!(&self.queries[at].0, Query::Funnel(query) if query.per == FunnelPer::Session)
    }

    pub(crate) fn oracle(&self) -> Oracle {
        Oracle { messages: self.messages.clone(), ..Oracle::default() }
    }

    /// For people: everything, and the two answers to one of the questions.
    pub(super) fn report(&self, at: usize, store: &Body, oracle: &Body) -> String
    where
        Shape: Debug,
    {
        let (query, zone) = &self.queries[at];
        let history: Vec<Line> = self.messages.iter().map(Line::from).collect();
        let case = json!({
            "zone": zone, "query": query, "batch": self.batch, "shape": format!("{:?}", self.shape), "history": history,
            "store": store, "oracle": oracle,
        });
        serde_json::to_string_pretty(&case).unwrap_or_default()
    }
}

/// The plan of a question of a history that says all itself: no definitions, and long ago.
fn resolve(query: &Query, zone: &str) -> Plan {
    Plan::resolve(query, &Calendar::new(zone).unwrap(), TimeMs(i64::MAX / 2), &|_: &str| None).unwrap()
}

/// A store's answer, without the words; of nobody the empty one.
pub(crate) fn body<S: Store + ?Sized>(store: &S, project: ProjectId, plan: &Plan) -> Body {
    let mut body = match store.answer(project, plan, &Budget::unlimited()) {
        Err(error) if error.code == "unknown_user" => Body::Stream(StreamAnswer::default()),
        answer => answer.unwrap().body,
    };
    if let Body::Retention(answer) = &mut body {
        let cohorts = answer.cohorts.iter_mut().chain([&mut answer.total]);
        cohorts.flat_map(|cohort| &mut cohort.cells).for_each(|cell| cell.sentence.clear());
    }
    body
}

/// How many people have a part in a number that counts sessions: of whom alone the oracle's answer has some.
pub(super) fn users_behind(oracle: &Oracle, people: &Plan) -> u64 {
    let Plan::People(plan) = people else { panic!("{people:?} asks for no people") };
    let own = plan.standing.as_ref().map_or_else(Own::default, |standing| Own::of(&oracle.answer(standing)));
    let alone = |person: Person| Oracle { only: Some([person].into()), ..oracle.clone() };
    let answers = oracle.universe().into_iter().map(|person| alone(person).answer(&plan.of));
    answers.filter(|answer| plan.counts(answer, &own)).count() as u64
}

/// Whether an answer counts anything.
pub(super) fn counts(body: &Body) -> bool {
    match body {
        Body::Graph(answer) => !answer.total.total.is_zero(),
        Body::Graphs(answer) => answer.lines.iter().any(|line| !line.total.total.is_zero()),
        Body::Funnel(answer) => answer.total.first().is_some_and(|step| step.counts.reached > 0),
        Body::Retention(answer) => answer.total.users > 0,
        Body::Stickiness(answer) => answer.intervals.iter().any(|interval| interval.users > 0),
        Body::Lifecycle(answer) => {
            answer.intervals.iter().any(|of| of.new + of.returning + of.resurrecting + of.dormant > 0)
        }
        Body::Paths(answer) => answer.sessions > 0,
        Body::Pairs(answer) => answer.total > 0,
        Body::Users(answer) => answer.total > 0,
        Body::Stream(answer) => !answer.sessions.is_empty(),
    }
}

//! One history, in one of the shapes that a store can have it in, and questions.

use std::{path::Path, sync::Arc};

use cairn_analysis::{Body, Budget, Calendar, Cell, FunnelPer, Own, PeopleQuery, Plan, Query, Store, StreamAnswer};
use cairn_commitlog::Storage;
use cairn_model::{BatchWriter, Message, Position, ProjectId, TimeMs};
use cairn_store::{EmbeddedStore, StoreFaults, StoreOptions};
use cairn_testkit::{
    disk::FaultyDisk,
    generate,
    history::Line,
    oracle::{Oracle, Person},
};
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::json;

/// The kinds of questions.
pub(crate) const KINDS: [&str; 10] =
    ["graph", "funnel", "retention", "stickiness", "lifecycle", "paths", "pairs", "users", "graphs", "stream"];
/// Questions of one history.
const QUERIES: usize = 4;
const ZONES: [&str; 4] = ["UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe"];

/// A history, how a store gets and has it, and what it is asked.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    messages: Vec<Message<'static>>,
    batch: usize,
    shape: Shape,
    pub(crate) queries: Vec<(Query, &'static str)>,
}

/// Where a store has the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// As it came: in tails and small parts.
    AsItCame,
    /// Merged.
    Settled,
    /// Written, closed and opened again; with postings everywhere.
    Reopened,
    /// With indexes of the questions' events, but for the last batches.
    Indexed,
}

/// Cases of the kind `kind` of [`KINDS`].
pub(crate) fn case(kind: usize) -> impl Strategy<Value = Case> {
    let shape = select(vec![Shape::AsItCame, Shape::Settled, Shape::Reopened, Shape::Indexed]);
    let queries = vec((query(kind), select(ZONES.to_vec())), QUERIES);
    (
        prop_oneof![1 => vec(generate::message(), 1..40), 6 => vec(generate::message(), 40..160)],
        1..20_usize,
        shape,
        queries,
    )
        .prop_map(|(messages, batch, shape, queries)| Case { messages, batch, shape, queries })
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

impl Case {
    /// What is asked, resolved.
    pub(crate) fn plans(&self) -> Vec<Plan> {
        let plan = |(query, zone): &(Query, &str)| {
            Plan::resolve(query, &Calendar::new(zone).unwrap(), TimeMs(i64::MAX / 2), &|_: &str| None).unwrap()
        };
        self.queries.iter().map(plan).collect()
    }

    /// Who is behind a number of the answer to a question.
    pub(crate) fn people(&self, at: usize, cell: Cell) -> Plan {
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
        Plan::resolve(&query, &Calendar::new(zone).unwrap(), TimeMs(i64::MAX / 2), &|_: &str| None).unwrap()
    }

    /// Whether a question counts sessions.
    pub(crate) fn of_sessions(&self, at: usize) -> bool {
        matches!(&self.queries[at].0, Query::Funnel(query) if query.per == FunnelPer::Session)
    }

    pub(crate) fn oracle(&self) -> Oracle {
        Oracle { messages: self.messages.clone(), ..Oracle::default() }
    }

    /// A store with the history; its kernels are wrong if `faulty`.
    pub(crate) fn store(&self, plans: &[Plan], faulty: bool) -> EmbeddedStore {
        let disk = FaultyDisk::new();
        let index_everything = matches!(self.shape, Shape::Reopened | Shape::Indexed);
        let faults = StoreFaults { index_everything, wrong_kernels: faulty, ..StoreFaults::default() };
        let options = StoreOptions { tail_rows: 16, faults, ..StoreOptions::default() };
        let mut store = open(&disk, &options);
        let batches: Vec<_> = self.messages.chunks(self.batch).collect();
        // Those that come late stay in the tail.
        let late = if self.shape == Shape::Indexed { batches.len() / 4 } else { 0 };
        let (early, late) = batches.split_at(batches.len() - late);
        let apply = |store: &EmbeddedStore, batches: &[&[Message<'static>]], first: usize| {
            for (offset, messages) in (first as u64..).zip(batches) {
                store.apply(Position { partition: 0, offset }, &payload(messages)).unwrap();
            }
        };
        if self.shape == Shape::Indexed {
            store.index(project(), plans.iter().flat_map(Plan::events).cloned().collect());
        }
        apply(&store, early, 0);
        match self.shape {
            Shape::AsItCame => {}
            Shape::Settled | Shape::Indexed => store.settle().unwrap(),
            Shape::Reopened => {
                store.flush().unwrap();
                drop(store);
                store = open(&disk, &options);
            }
        }
        apply(&store, late, early.len());
        store
    }

    /// For people: everything, and the two answers to one of the questions.
    pub(crate) fn report(&self, at: usize, store: &Body, oracle: &Body) -> String {
        let (query, zone) = &self.queries[at];
        let history: Vec<Line> = self.messages.iter().map(Line::from).collect();
        let case = json!({
            "zone": zone, "query": query, "batch": self.batch, "shape": format!("{:?}", self.shape), "history": history,
            "store": store, "oracle": oracle,
        });
        serde_json::to_string_pretty(&case).unwrap_or_default()
    }
}

/// A store's answer, without the words; of nobody the empty one.
pub(crate) fn body(store: &EmbeddedStore, plan: &Plan) -> Body {
    let mut body = match store.answer(project(), plan, &Budget::unlimited()) {
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
pub(crate) fn users_behind(oracle: &Oracle, people: &Plan) -> u64 {
    let Plan::People(plan) = people else { panic!("{people:?} asks for no people") };
    let own = plan.standing.as_ref().map_or_else(Own::default, |standing| Own::of(&oracle.answer(standing)));
    let alone = |person: Person| Oracle { only: Some([person].into()), ..oracle.clone() };
    let answers = oracle.universe().into_iter().map(|person| alone(person).answer(&plan.of));
    answers.filter(|answer| plan.counts(answer, &own)).count() as u64
}

/// Whether an answer counts anything.
pub(crate) fn counts(body: &Body) -> bool {
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

fn project() -> ProjectId {
    ProjectId::new(7).unwrap()
}

fn open(disk: &FaultyDisk, options: &StoreOptions) -> EmbeddedStore {
    let storage: Arc<dyn Storage> = Arc::new(disk.clone());
    EmbeddedStore::open(storage, Path::new("/data/store"), options.clone()).unwrap()
}

/// A batch of the messages; about every other one has its events by column, the same messages always the same way.
fn payload(messages: &[Message<'static>]) -> Vec<u8> {
    let mut batch = BatchWriter::new(project());
    if messages.len().is_multiple_of(2) {
        messages.iter().for_each(|message| batch.push(message));
    } else {
        generate::push_by_column(messages, &mut batch);
    }
    batch.finish()
}

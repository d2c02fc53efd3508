use std::{path::Path, sync::Arc};

use cairn_analysis::{
    Body, Budget, Calendar, FunnelAnswer, FunnelPlan, FunnelQuery, GraphAnswer, GraphPlan, GraphQuery, Plan, Query,
    Store,
};
use cairn_commitlog::Storage;
use cairn_model::{Message, Position, ProjectId, TimeMs};
use cairn_store::{EmbeddedStore, StoreOptions};
use cairn_testkit::{disk::FaultyDisk, generate};

pub(crate) fn project() -> ProjectId {
    ProjectId::new(7).unwrap()
}

pub(crate) fn small() -> StoreOptions {
    StoreOptions { tail_rows: 16, ..StoreOptions::default() }
}

pub(crate) fn open(disk: &FaultyDisk, options: StoreOptions) -> EmbeddedStore {
    let storage: Arc<dyn Storage> = Arc::new(disk.clone());
    EmbeddedStore::open(storage, Path::new("/data/store"), options).unwrap()
}

pub(crate) fn batch(messages: &[Message<'_>]) -> Vec<u8> {
    generate::batch(project(), messages)
}

pub(crate) fn at(partition: u32, offset: u64) -> Position {
    Position { partition, offset }
}

pub(crate) fn plan(query: &GraphQuery, zone: &str) -> GraphPlan {
    match resolve(&Query::Graph(query.clone()), zone) {
        Plan::Graph(plan) => plan,
        other => panic!("{other:?} is no graph"),
    }
}

pub(crate) fn funnel_plan(query: &FunnelQuery, zone: &str) -> FunnelPlan {
    match resolve(&Query::Funnel(query.clone()), zone) {
        Plan::Funnel(plan) => plan,
        other => panic!("{other:?} is no funnel"),
    }
}

pub(crate) fn resolve(query: &Query, zone: &str) -> Plan {
    Plan::resolve(query, &Calendar::new(zone).unwrap(), TimeMs(i64::MAX / 2), &|_: &str| None).unwrap()
}

pub(crate) fn graph(store: &EmbeddedStore, plan: &GraphPlan) -> GraphAnswer {
    match store.answer(project(), &Plan::Graph(plan.clone()), &Budget::unlimited()).unwrap().body {
        Body::Graph(body) => body,
        other => panic!("{other:?} is no graph"),
    }
}

pub(crate) fn funnel(store: &EmbeddedStore, plan: &FunnelPlan) -> FunnelAnswer {
    match store.answer(project(), &Plan::Funnel(plan.clone()), &Budget::unlimited()).unwrap().body {
        Body::Funnel(body) => body,
        other => panic!("{other:?} is no funnel"),
    }
}

/// How many cases a property test runs: `name` in the environment, or `default`.
pub(crate) fn cases(name: &str, default: u32) -> u32 {
    std::env::var(name).ok().and_then(|cases| cases.parse().ok()).unwrap_or(default)
}

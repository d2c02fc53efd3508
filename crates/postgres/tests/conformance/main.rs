//! The store in PostgreSQL against the naive oracle, as [`cairn_testkit::conformance`] says.
//!
//! `make conformance STORE=postgres CASES=5000 SEED=7`, and `STORE=citus` where Citus is. With EXTENSION=1 kernels run in the database, by the
//! extension.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs, reason = "a program of its own, for tests only")]

use std::{
    env,
    ops::Deref,
    process::ExitCode,
    sync::{Arc, Mutex},
};

use cairn_analysis::{Plan, Store};
use cairn_model::{Predicate, ProjectId};
use cairn_postgres::{IndexState, KeeperOptions, PostgresOptions, PostgresStore};
use cairn_testkit::{
    conformance::{self, Case, Subject},
    postgres::{CitusCluster, Cluster, have_citus},
};

struct Postgres {
    right: Arc<PostgresStore>,
    wrong: Arc<PostgresStore>,
    /// One whose database prefers indexes, however small tables are.
    by_index: Arc<PostgresStore>,
    _server: Server,
}

/// Where the store is.
enum Server {
    Postgres(Cluster),
    Citus(CitusCluster),
}

/// The store with one case's history, and the indexes made for it.
struct Held {
    store: Arc<PostgresStore>,
    indexed: Option<ProjectId>,
}

/// Indexes are built, or dropped, by one case at a time.
static KEEPING: Mutex<()> = Mutex::new(());

/// How the store gets the history.
#[derive(Clone, Copy, Debug)]
enum Shape {
    /// A record at a time.
    OneByOne,
    /// All records in one transaction.
    Together,
    /// Some records, then all of them once more from the first.
    Again,
    /// All records in one transaction, and an index for every event that is asked for.
    Indexed,
}

impl Held {
    fn index(&self, project: ProjectId, definitions: Vec<Predicate>) {
        let _one = KEEPING.lock().unwrap();
        self.store.index(project, definitions);
        self.store.keep_indexes_now(&KeeperOptions { indexes_max: 1_000, ..KeeperOptions::default() }).unwrap();
        let progress = self.store.index_progress(project).unwrap();
        assert!(progress.iter().all(|index| index.state == IndexState::Valid), "{progress:?}");
    }
}

impl Deref for Held {
    type Target = PostgresStore;

    fn deref(&self) -> &PostgresStore {
        &self.store
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(project) = self.indexed.filter(|_| !std::thread::panicking()) {
            self.index(project, Vec::new());
        }
    }
}

/// Of each event that questions ask for, and that their segments do: what it says of events, and the first of that alone.
fn definitions(plans: &[Plan]) -> Vec<Predicate> {
    let events = plans.iter().flat_map(|plan| {
        let of_segment = plan.segment().map_or(&[][..], |segment| &segment.events);
        plan.events().into_iter().chain(of_segment)
    });
    let mut all = Vec::new();
    for event in events {
        let mut parts = Vec::new();
        flatten(event, &mut parts);
        parts.retain(|part| !part.has_user_condition());
        all.extend(parts.first().cloned());
        all.push(Predicate::All(parts));
    }
    all
}

fn flatten(predicate: &Predicate, out: &mut Vec<Predicate>) {
    match predicate {
        Predicate::All(parts) => parts.iter().for_each(|part| flatten(part, out)),
        other => out.push(other.clone()),
    }
}

impl Subject for Postgres {
    type Shape = Shape;
    type Store = Held;

    fn shapes(&self) -> Vec<Shape> {
        // Building indexes takes longer than all else.
        let unindexed = [Shape::OneByOne, Shape::Together, Shape::Again];
        unindexed.into_iter().cycle().take(9).chain([Shape::Indexed]).collect()
    }

    fn store(&self, case: &Case<Shape>, plans: &[Plan], faulty: bool) -> Held {
        // That a fault is noticed needs no indexes.
        let indexed = (matches!(case.shape, Shape::Indexed) && !faulty).then_some(case.project);
        let store = match (faulty, indexed) {
            (true, _) => &self.wrong,
            (false, Some(_)) => &self.by_index,
            (false, None) => &self.right,
        };
        let records = case.records();
        let records: Vec<_> = records.iter().map(|(position, payload)| (*position, &payload[..])).collect();
        match case.shape {
            Shape::OneByOne => records.iter().for_each(|(position, payload)| {
                store.apply(*position, payload).unwrap();
            }),
            Shape::Together | Shape::Indexed => drop(store.apply_all(&records).unwrap()),
            Shape::Again => {
                store.apply_all(&records[..records.len() / 2]).unwrap();
                store.apply_all(&records).unwrap();
            }
        }
        let held = Held { store: store.clone(), indexed };
        if let Some(project) = indexed {
            held.index(project, definitions(plans));
        }
        held
    }

    fn cases(&self) -> u32 {
        1_000
    }

    fn shrinks(&self) -> u32 {
        500
    }
}

fn main() -> ExitCode {
    let on_citus = match env::var("STORE").as_deref() {
        Ok("citus") => true,
        Ok("postgres") | Err(_) => false,
        Ok(other) => {
            println!("STORE={other}: there are postgres and citus");
            return ExitCode::FAILURE;
        }
    };
    if on_citus && !have_citus() {
        println!("skipped: no Citus");
        return ExitCode::SUCCESS;
    }
    let extension = env::var_os("EXTENSION").is_some_and(|wanted| wanted == "1");
    if extension && !Cluster::has_extension() {
        println!("skipped: no extension");
        return ExitCode::SUCCESS;
    }
    conformance::main(|| {
        let server = if on_citus { Server::Citus(CitusCluster::fast()) } else { Server::Postgres(Cluster::fast()) };
        if let Server::Citus(cluster) = &server {
            // Enough for every worker to have several, and each case takes a third of the time that it takes with 32.
            cluster.admin("alter role cairn set citus.shard_count = 8");
        }
        let url = match &server {
            Server::Postgres(cluster) => cluster.url("cairn"),
            Server::Citus(cluster) => cluster.url(),
        };
        if extension {
            match &server {
                Server::Postgres(cluster) => cluster.psql(&cluster.admin_url("cairn"), "create extension cairn"),
                Server::Citus(cluster) => cluster.admin("create extension cairn"),
            };
        }
        let open = |wrong_kernels, parameters: &str| {
            let options =
                PostgresOptions { wrong_kernels, extension, ..PostgresOptions::new(url.clone() + parameters) };
            let store = PostgresStore::open(&options).unwrap();
            assert_eq!(store.has_extension(), extension);
            Arc::new(store)
        };
        let by_index = open(false, "?options=-c%20enable_seqscan%3Doff");
        Postgres { right: open(false, ""), wrong: open(true, ""), by_index, _server: server }
    })
}

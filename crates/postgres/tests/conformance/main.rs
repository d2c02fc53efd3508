//! The store in PostgreSQL against the naive oracle, as [`cairn_testkit::conformance`] says.
//!
//! `make conformance STORE=postgres CASES=5000 SEED=7`, and `STORE=citus` where Citus is.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs, reason = "a program of its own, for tests only")]

use std::{env, process::ExitCode, sync::Arc};

use cairn_analysis::{Plan, Store};
use cairn_postgres::{PostgresOptions, PostgresStore};
use cairn_testkit::{
    conformance::{self, Case, Subject},
    postgres::{CitusCluster, Cluster, have_citus},
};

struct Postgres {
    right: Arc<PostgresStore>,
    wrong: Arc<PostgresStore>,
    _server: Server,
}

/// Where the store is.
enum Server {
    Postgres(Cluster),
    Citus(CitusCluster),
}

/// How the store gets the history.
#[derive(Clone, Copy, Debug)]
enum Shape {
    /// A record at a time.
    OneByOne,
    /// All records in one transaction.
    Together,
    /// Some records, then all of them once more from the first.
    Again,
}

impl Subject for Postgres {
    type Shape = Shape;
    type Store = Arc<PostgresStore>;

    fn shapes(&self) -> Vec<Shape> {
        vec![Shape::OneByOne, Shape::Together, Shape::Again]
    }

    fn store(&self, case: &Case<Shape>, _: &[Plan], faulty: bool) -> Arc<PostgresStore> {
        let store = if faulty { &self.wrong } else { &self.right };
        let records = case.records();
        let records: Vec<_> = records.iter().map(|(position, payload)| (*position, &payload[..])).collect();
        match case.shape {
            Shape::OneByOne => records.iter().for_each(|(position, payload)| {
                store.apply(*position, payload).unwrap();
            }),
            Shape::Together => drop(store.apply_all(&records).unwrap()),
            Shape::Again => {
                store.apply_all(&records[..records.len() / 2]).unwrap();
                store.apply_all(&records).unwrap();
            }
        }
        store.clone()
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
    conformance::main(|| {
        let server = if on_citus { Server::Citus(CitusCluster::fast()) } else { Server::Postgres(Cluster::fast()) };
        let url = match &server {
            Server::Postgres(cluster) => cluster.url("cairn"),
            Server::Citus(cluster) => cluster.url(),
        };
        let open = |wrong_kernels| {
            let options = PostgresOptions { wrong_kernels, ..PostgresOptions::new(url.clone()) };
            Arc::new(PostgresStore::open(&options).unwrap())
        };
        Postgres { right: open(false), wrong: open(true), _server: server }
    })
}

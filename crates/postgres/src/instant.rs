//! One instant of a project: a transaction that sees nothing that comes later.

use std::{
    cell::{Cell, RefCell},
    future::poll_fn,
    pin::pin,
    sync::Arc,
    task::Poll,
    time::Duration,
};

use cairn_analysis::{Budget, Explained, StoreError};
use cairn_model::{Position, ProjectId};
use futures_util::{StreamExt, future::Either, future::select};
use hashbrown::HashMap;
use tokio_postgres::{Row, types::ToSql};

use crate::{
    connect::{Lease, Pool},
    error::store_error,
    index::{Indexes, Known},
    select::{Asking, Select},
    sql::{Matcher, Param},
};

const BEGIN: &str = "begin isolation level repeatable read, read only";
const POSITIONS: &str = include_str!("../queries/positions.sql");
/// How often a question looks whether it is over while the database works.
const TICK: Duration = Duration::from_millis(10);
/// So many rows are taken between two looks.
const ROWS_PER_LOOK: u64 = 1_024;

/// What a question sees.
pub(crate) struct Instant<'s> {
    lease: Lease<'s>,
    pub(crate) project: i64,
    pub(crate) positions: Vec<Position>,
    pub(crate) budget: &'s Budget,
    /// Test-only: kernels count wrongly.
    pub(crate) faulty: bool,
    /// Who decides what needs the shared matcher.
    pub(crate) matcher: Matcher,
    /// Persons by number, as kernels know them.
    roll: RefCell<Roll>,
    indexes: &'s Indexes,
    /// Every query with its plan, where that is wanted; and whether the plan says how it went.
    explaining: Option<(RefCell<Vec<Explained>>, bool)>,
    /// Whether events were found by the indexes of definitions, and whether without.
    pub(crate) found: Cell<(bool, bool)>,
    /// Rows that the database gave, and the bytes of them.
    pub(crate) rows: Cell<u64>,
    pub(crate) bytes: Cell<u64>,
}

/// Persons and their numbers, given as they come.
#[derive(Debug, Default)]
struct Roll {
    ids: Vec<i64>,
    numbers: HashMap<i64, u32>,
}

impl<'s> Instant<'s> {
    /// The instant now.
    pub(crate) fn begin(
        (pool, indexes): (&'s Pool, &'s Indexes),
        project: ProjectId,
        budget: &'s Budget,
        (matcher, faulty): (Matcher, bool),
    ) -> Result<Self, StoreError> {
        budget.check()?;
        let lease = pool.get()?;
        let begun = pool.block_on(lease.client()?.batch_execute(BEGIN));
        begun.map_err(|error| store_error("beginning a question", &error))?;
        let mut instant = Self {
            lease,
            project: project.get() as i64,
            positions: Vec::new(),
            budget,
            faulty,
            matcher,
            roll: RefCell::default(),
            indexes,
            explaining: None,
            found: Cell::default(),
            rows: Cell::new(0),
            bytes: Cell::new(0),
        };
        instant.positions = instant.list(POSITIONS, &[], |row| Position {
            partition: row.get::<_, i64>(0) as u32,
            offset: row.get::<_, i64>(1) as u64,
        })?;
        Ok(instant)
    }

    /// A query for events, put so that the indexes serve that there are.
    pub(crate) fn select<'q>(&self, put: impl FnOnce(&Asking<'_>) -> Select<'q>) -> Result<Select<'q>, StoreError> {
        let known: Arc<[Known]> = self.indexes.of(self)?;
        let uses = |known: &Known| self.indexes.used(self.project, known);
        let select = put(&Asking { project: self.project, matcher: self.matcher, known: &known, uses: &uses });
        let (by_index, by_scan) = self.found.get();
        self.found.set((by_index | select.found.0, by_scan | select.found.1));
        Ok(select)
    }

    /// From now on every query is explained as well.
    pub(crate) fn explain(&mut self, analyze: bool) {
        self.explaining = Some((RefCell::default(), analyze));
    }

    /// What was explained.
    pub(crate) fn explained(&self) -> Vec<Explained> {
        self.explaining.as_ref().map(|(explained, _)| explained.take()).unwrap_or_default()
    }

    /// Has a query explained, if that is wanted.
    fn explain_query(&self, sql: &str, params: &[Param]) -> Result<(), StoreError> {
        let Some((explained, analyze)) = &self.explaining else { return Ok(()) };
        let asked = format!("explain {} {sql}", if *analyze { "(analyze, buffers)" } else { "" });
        let mut lines = Vec::new();
        self.ask(&asked, params, &mut |row| {
            lines.push(row.get::<_, String>(0));
            Ok(())
        })?;
        explained.borrow_mut().push(Explained { sql: sql.to_owned(), plan_text: lines.join("\n") });
        Ok(())
    }

    /// The number of a person.
    pub(crate) fn number(&self, person: i64) -> u32 {
        let Roll { ids, numbers } = &mut *self.roll.borrow_mut();
        *numbers.entry(person).or_insert_with(|| {
            ids.push(person);
            ids.len() as u32 - 1
        })
    }

    /// The person of a number.
    pub(crate) fn person(&self, number: u32) -> i64 {
        self.roll.borrow().ids.get(number as usize).copied().unwrap_or(0)
    }

    /// The rows of a short answer.
    pub(crate) fn list<T>(&self, sql: &str, params: &[Param], each: impl Fn(&Row) -> T) -> Result<Vec<T>, StoreError> {
        let mut all = Vec::new();
        self.each(sql, params, &mut |row| {
            all.push(each(row));
            Ok(())
        })?;
        Ok(all)
    }

    /// Hands on the rows of an answer as they come. Fails if the budget is over.
    pub(crate) fn each(
        &self,
        sql: &str,
        params: &[Param],
        see: &mut dyn FnMut(&Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.explain_query(sql, params)?;
        self.ask(sql, params, see)
    }

    /// The same for what answers nothing itself.
    pub(crate) fn ask(
        &self,
        sql: &str,
        params: &[Param],
        see: &mut dyn FnMut(&Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let client = self.lease.client()?;
        let wrong = |error: &tokio_postgres::Error| store_error("asking the database", error);
        let ended = self.lease.pool().block_on(async {
            let asking = async {
                let statement = client.prepare(sql).await?;
                client.query_raw(&statement, params.iter().map(|param| &**param as &(dyn ToSql + Sync))).await
            };
            let rows = self.unless_over(asking).await?.map_err(|error| wrong(&error))?;
            let mut rows = pin!(rows);
            while let Some(row) = self.unless_over(rows.next()).await? {
                let row = row.map_err(|error| wrong(&error))?;
                self.rows.set(self.rows.get() + 1);
                self.bytes.set(self.bytes.get() + row.raw_size_bytes() as u64);
                if self.rows.get().is_multiple_of(ROWS_PER_LOOK) {
                    self.budget.check()?;
                }
                see(&row)?;
            }
            Ok(())
        });
        if ended.is_err() {
            self.stop();
        }
        ended
    }

    /// What a future gives, unless the budget is over before.
    async fn unless_over<F: Future>(&self, future: F) -> Result<F::Output, StoreError> {
        let mut future = pin!(future);
        // Mostly it is there already, and needs no clock.
        let now = poll_fn(|context| Poll::Ready(future.as_mut().poll(context))).await;
        if let Poll::Ready(output) = now {
            return Ok(output);
        }
        loop {
            match select(future.as_mut(), pin!(tokio::time::sleep(TICK))).await {
                Either::Left((output, _)) => return Ok(output),
                Either::Right(_) => self.budget.check()?,
            }
        }
    }

    /// Tells the database to stop. That it does not is no reason to wait for it.
    fn stop(&self) {
        if let Ok(client) = self.lease.client() {
            let cancelled = self.lease.pool().block_on(client.cancel_token().cancel_query(self.lease.pool().tls()));
            if let Err(error) = cancelled {
                tracing::debug!("a query could not be cancelled: {error}");
            }
        }
    }
}

impl Drop for Instant<'_> {
    fn drop(&mut self) {
        let Ok(client) = self.lease.client() else { return };
        if self.lease.pool().block_on(client.batch_execute("rollback")).is_err() {
            self.lease.give_up();
        }
    }
}

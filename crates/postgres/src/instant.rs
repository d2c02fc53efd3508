//! One instant of a project: a transaction that sees nothing that comes later.

use std::{
    cell::{Cell, OnceCell, RefCell},
    future::poll_fn,
    pin::pin,
    sync::Arc,
    task::Poll,
    time::Duration,
};

use cairn_analysis::{Budget, Explained, Held, StoreError};
use cairn_model::{Position, ProjectId};
use futures_util::future::{Either, join, select, try_join_all};
use hashbrown::HashMap;
use tokio_postgres::{Client, Error, Row, types::ToSql};

use crate::{
    connect::{Lease, Link, Pool},
    error::store_error,
    hits::Queries,
    index::{Indexes, Known},
    pump::{Pump, Taken},
    select::{Asking, Select},
    sql::{Matcher, Param, quote},
};

const BEGIN: &str = "begin isolation level repeatable read, read only";
const ROLLBACK: &str = "rollback";
const EXPORT: &str = "select pg_export_snapshot()";
const POSITIONS: &str = include_str!("../queries/positions.sql");
/// How often a question looks whether it is over while the database works.
const TICK: Duration = Duration::from_millis(10);

/// Where so many rows are awaited of several queries, a second connection helps.
const BESIDE_MIN: f64 = 4_096.0;

/// One of several queries.
pub(crate) struct Weighed {
    pub(crate) sql: String,
    pub(crate) params: Vec<Param>,
    /// How many rows it is likely to give.
    pub(crate) weight: f64,
}

/// What a question sees.
pub(crate) struct Instant<'s> {
    lease: Lease<'s>,
    /// A second connection that sees the same, once it was needed; nothing where there is none to be had.
    beside: OnceCell<Option<Link>>,
    /// Whether a query has failed, and was told to stop.
    failed: Cell<bool>,
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
        let mut lease = pool.get()?;
        let positions = pool.block_on(begun(lease.link()?)).inspect_err(|_| lease.give_up())?;
        Ok(Self {
            lease,
            beside: OnceCell::new(),
            failed: Cell::new(false),
            project: project.get() as i64,
            positions,
            budget,
            faulty,
            matcher,
            roll: RefCell::default(),
            indexes,
            explaining: None,
            found: Cell::default(),
            rows: Cell::new(0),
            bytes: Cell::new(0),
        })
    }

    /// A query for events, put so that the indexes serve that there are.
    pub(crate) fn select<'q>(&self, put: impl FnOnce(&Asking<'_>) -> Select<'q>) -> Result<Select<'q>, StoreError> {
        let select = self.put(put)?;
        let (by_index, by_scan) = self.found.get();
        self.found.set((by_index | select.found.0, by_scan | select.found.1));
        Ok(select)
    }

    /// Queries for few events that indexes name, if they are.
    pub(crate) fn queries(
        &self,
        put: impl FnOnce(&Asking<'_>) -> Option<Queries>,
    ) -> Result<Option<Queries>, StoreError> {
        let queries = self.put(put)?;
        if queries.is_some() {
            self.found.set((true, self.found.get().1));
        }
        Ok(queries)
    }

    fn put<T>(&self, put: impl FnOnce(&Asking<'_>) -> T) -> Result<T, StoreError> {
        let known: Arc<[Known]> = self.indexes.of(self)?;
        let uses = |known: &Known| self.indexes.used(self.project, known);
        Ok(put(&Asking { project: self.project, matcher: self.matcher, known: &known, uses: &uses }))
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
        let ended = self.lease.pool().block_on(async {
            let seeing = &mut |taken: Taken<Row>| taken.all.iter().try_for_each(&mut *see);
            self.asked(self.lease.link()?, (sql, params), |row| row, seeing).await
        });
        self.stopped_if_failed(ended)
    }

    /// Asks several queries at once, and keeps what is taken of the rows of each, in their order. Fails if the budget is over.
    pub(crate) fn each_of<T: Send + 'static>(
        &self,
        queries: &[Weighed],
        take: impl Fn(usize, &Row) -> T + Clone + Send + 'static,
        held: &mut Held<'_>,
    ) -> Result<Vec<Vec<T>>, StoreError> {
        for Weighed { sql, params, .. } in queries {
            self.explain_query(sql, params)?;
        }
        let first = self.lease.link()?;
        let all: f64 = queries.iter().map(|query| query.weight).sum();
        let beside = if queries.len() > 1 && all >= BESIDE_MIN { self.beside() } else { None };
        let (held, mut weights) = (RefCell::new((held, 0)), [0.0, 0.0]);
        let asking = queries.iter().enumerate().map(|(at, Weighed { sql, params, weight })| {
            let second = beside.filter(|_| weights[1] < weights[0]);
            weights[usize::from(second.is_some())] += weight;
            let (link, held, take) = (second.unwrap_or(first), &held, take.clone());
            async move {
                let mut kept = Vec::new();
                let keep = &mut |taken: Taken<T>| {
                    let (held, rows) = &mut *held.borrow_mut();
                    *rows += taken.all.len();
                    held.set(*rows * size_of::<T>());
                    kept.extend(taken.all);
                    Ok(())
                };
                self.asked(link, (sql, params), move |row| take(at, &row), keep).await?;
                Ok(kept)
            }
        });
        let ended = self.lease.pool().block_on(try_join_all(asking));
        self.stopped_if_failed(ended)
    }

    /// A second connection that sees what this one sees.
    fn beside(&self) -> Option<&Link> {
        let begin = || {
            let pool = self.lease.pool();
            let exported = pool.block_on(async {
                let link = self.lease.link().ok()?;
                link.client.query_one(&link.prepared(EXPORT).await.ok()?, &[]).await.ok()
            })?;
            let link = pool.take().ok()?;
            let begin = format!("{BEGIN}; set transaction snapshot {}", quote(exported.get(0)));
            pool.block_on(link.client.batch_execute(&begin)).is_ok().then_some(link)
        };
        self.beside.get_or_init(begin).as_ref()
    }

    async fn asked<T: Send + 'static>(
        &self,
        link: &Link,
        (sql, params): (&str, &[Param]),
        take: impl Fn(Row) -> T + Send + 'static,
        see: &mut dyn FnMut(Taken<T>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let wrong = |error: Error| store_error("asking the database", &error);
        let asking = async {
            let statement = link.prepared(sql).await?;
            let params = params.iter().map(|param| &**param as &(dyn ToSql + Sync));
            link.client.query_raw(&statement, params).await.map_err(wrong)
        };
        let mut pump = Pump::start(self.lease.pool().runtime(), self.unless_over(asking).await??, take);
        while let Some(taken) = self.unless_over(pump.next()).await? {
            let taken = taken.map_err(wrong)?;
            self.rows.set(self.rows.get() + taken.all.len() as u64);
            self.bytes.set(self.bytes.get() + taken.bytes);
            see(taken)?;
            self.budget.check()?;
        }
        Ok(())
    }

    fn stopped_if_failed<T>(&self, ended: Result<T, StoreError>) -> Result<T, StoreError> {
        if ended.is_err() {
            self.failed.set(true);
            let links = self.lease.link().ok().into_iter().chain(self.beside.get().and_then(Option::as_ref));
            links.for_each(|link| {
                link.forget_prepared();
                stop(self.lease.pool(), link);
            });
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
}

/// Begins a question: which positions it sees.
async fn begun(link: &Link) -> Result<Vec<Position>, StoreError> {
    let (client, statement) = (&link.client, link.prepared(POSITIONS).await?);
    // Both are sent at once.
    let (begun, positions) = join(client.batch_execute(BEGIN), client.query(&statement, &[])).await;
    let wrong = |error: Error| store_error("beginning a question", &error);
    begun.map_err(wrong)?;
    let position = |row: &Row| Position { partition: row.get::<_, i64>(0) as u32, offset: row.get::<_, i64>(1) as u64 };
    Ok(positions.map_err(wrong)?.iter().map(position).collect())
}

/// Tells the database to stop. That it does not is no reason to wait for it.
fn stop(pool: &Pool, link: &Link) {
    if let Err(error) = pool.block_on(link.client.cancel_token().cancel_query(pool.tls())) {
        tracing::debug!("a query could not be cancelled: {error}");
    }
}

impl Drop for Instant<'_> {
    fn drop(&mut self) {
        let (pool, failed) = (self.lease.pool(), self.failed.get());
        let ended = |client: &Client| pool.block_on(end(client, failed));
        if let Some(link) = self.beside.take().flatten().filter(|link| ended(&link.client)) {
            pool.give_back(link);
        }
        if !self.lease.client().is_ok_and(ended) {
            self.lease.give_up();
        }
    }
}

/// Ends a transaction; whether the connection can serve again. Whoever asks it next is behind this. After a failure it is waited for: what
/// was told to stop must not stop what comes next.
async fn end(client: &Client, failed: bool) -> bool {
    let mut rollback = pin!(client.batch_execute(ROLLBACK));
    match poll_fn(|context| Poll::Ready(rollback.as_mut().poll(context))).await {
        Poll::Ready(ended) => ended.is_ok(),
        Poll::Pending if failed => rollback.await.is_ok(),
        Poll::Pending => true,
    }
}

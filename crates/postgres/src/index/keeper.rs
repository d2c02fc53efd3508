//! The keeper of indexes: a thread that builds those that are wanted, one after the other, and drops those that are not.
//!
//! Of all servers on one database one works at a time, whoever has the lock. Builds of one table would wait for each other anyhow, and
//! there is one table of events. A keeper that stops, or is killed, leaves what the next one clears away.

use std::{
    future::Future,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use cairn_analysis::StoreError;
use futures_util::future::{Either, select};
use tokio::sync::Notify;
use tokio_postgres::{Client, Error};

use super::{
    Indexes,
    queue::{self, Task},
};
use crate::{
    connect::Pool,
    error::{store_error, words},
};

const LOCK: &str = include_str!("../../queries/index/lock.sql");
const UNLOCK: &str = include_str!("../../queries/index/unlock.sql");
/// A concurrent build waits for questions and writes that began before, and holds up neither: however long it waits, it is right to.
/// Entries are sorted in memory as far as they fit.
const SETTINGS: &str = "set lock_timeout = 0; set statement_timeout = 0; set maintenance_work_mem = '256MB'; \
     set application_name = 'cairn index keeper'";
/// Longer than it takes the database to hear that a build is to stop.
const PATIENCE: Duration = Duration::from_secs(5);

/// How indexes are kept.
#[derive(Clone, Debug)]
pub struct KeeperOptions {
    /// At most so many indexes, of all projects together: each makes planning and writing slower.
    pub indexes_max: usize,
    /// An index that no question has used for so long is dropped.
    pub unused_after: Duration,
    /// A build that failed so often is given up.
    pub tries_max: u32,
    /// Before it is tried the second time; doubled each time.
    pub retry_after: Duration,
    /// So often it is looked whether there is anything to do.
    pub look_every: Duration,
}

impl Default for KeeperOptions {
    fn default() -> Self {
        Self {
            indexes_max: 100,
            unused_after: Duration::from_secs(30 * 86_400),
            tries_max: 5,
            retry_after: Duration::from_secs(10),
            look_every: Duration::from_secs(5),
        }
    }
}

/// A running keeper; it stops when this is dropped.
pub(crate) struct Keeper {
    signal: Arc<Signal>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Signal {
    stop: AtomicBool,
    wake: Notify,
}

impl Keeper {
    /// Starts one.
    pub(crate) fn start(pool: &Arc<Pool>, indexes: &Arc<Indexes>, options: KeeperOptions) -> Result<Self, StoreError> {
        let signal = Arc::new(Signal::default());
        let work = Work { pool: pool.clone(), indexes: indexes.clone(), options, signal: signal.clone() };
        let thread = thread::Builder::new().name("index-keeper".to_owned()).spawn(move || {
            work.pool.block_on(work.run());
        });
        let io = |source| StoreError::Io { what: "starting the keeper of indexes".to_owned(), source };
        Ok(Self { signal, thread: Some(thread.map_err(io)?) })
    }

    /// There is something to do.
    pub(crate) fn wake(&self) {
        self.signal.wake.notify_one();
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.signal.stop.store(true, Ordering::Release);
        self.wake();
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

impl Signal {
    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }

    /// Waits until it is to stop.
    async fn until_stopped(&self) {
        while !self.stopped() {
            self.wake.notified().await;
        }
    }
}

struct Work {
    pool: Arc<Pool>,
    indexes: Arc<Indexes>,
    options: KeeperOptions,
    signal: Arc<Signal>,
}

impl Work {
    async fn run(&self) {
        let mut client = None;
        while !self.signal.stopped() {
            if let Err(error) = self.round(&mut client).await {
                tracing::warn!("the indexes of definitions are not kept: {}", words(&error));
                client = None;
            }
            if !self.signal.stopped() {
                let look = pin!(tokio::time::sleep(self.options.look_every));
                select(pin!(self.signal.wake.notified()), look).await;
            }
        }
    }

    /// Does what there is to do, if nobody else does.
    async fn round(&self, connected: &mut Option<Client>) -> Result<(), Error> {
        let client = match connected {
            Some(client) if !client.is_closed() => client,
            _ => {
                let client = self.pool.connected().await?;
                client.batch_execute(SETTINGS).await?;
                connected.insert(client)
            }
        };
        queue::note_used(client, &self.indexes.take_used()).await?;
        if !client.query_one(LOCK, &[]).await?.get::<_, bool>(0) {
            return Ok(());
        }
        let done = self.work(client).await;
        if self.signal.stopped() {
            // The lock ends with the connection.
            return done;
        }
        client.execute(UNLOCK, &[]).await?;
        done
    }

    async fn work(&self, client: &Client) -> Result<(), Error> {
        let Some(tidied) = self.unless_stopped(client, queue::tidy(client, &self.options)).await else { return Ok(()) };
        tidied?;
        while !self.signal.stopped() {
            let Some(task) = queue::next(client, &self.options).await? else { break };
            let Some(built) = self.unless_stopped(client, client.batch_execute(&task.ddl)).await else {
                // Where the database does not hear, the next keeper sees to it.
                let noted = tokio::time::timeout(PATIENCE, queue::stopped(client, &task)).await;
                return noted.unwrap_or(Ok(()));
            };
            self.note(client, &task, built).await?;
            self.indexes.forget(task.project);
        }
        Ok(())
    }

    /// Notes what came of a build.
    async fn note(&self, client: &Client, task: &Task, built: Result<(), Error>) -> Result<(), Error> {
        let Err(error) = built else {
            tracing::info!("{} is built", task.name);
            return queue::built(client, task).await;
        };
        let again = queue::failed(client, task, &words(&error), &self.options).await?;
        let what = if again { "is tried again" } else { "is given up: see docs/operating.md, \"Partial indexes\"" };
        tracing::warn!("building {} failed ({}) and {what}", task.name, words(&error));
        // What is left of it costs every write, and serves nobody.
        queue::drop_index(client, &task.name).await
    }

    /// What a future gives; nothing if it was broken off because the keeper is to stop.
    async fn unless_stopped<F: Future>(&self, client: &Client, future: F) -> Option<F::Output> {
        let mut future = pin!(future);
        if let Either::Left((output, _)) = select(future.as_mut(), pin!(self.signal.until_stopped())).await {
            return Some(output);
        }
        if let Err(error) = client.cancel_token().cancel_query(self.pool.tls()).await {
            tracing::debug!("a build could not be cancelled: {error}");
        }
        drop(tokio::time::timeout(PATIENCE, future).await);
        None
    }
}

/// Test-only: builds and drops all that is to be, at once.
pub(crate) fn build_now(pool: &Arc<Pool>, indexes: &Arc<Indexes>, options: KeeperOptions) -> Result<(), StoreError> {
    let work = Work { pool: pool.clone(), indexes: indexes.clone(), options, signal: Arc::default() };
    let done = pool.block_on(work.round(&mut None));
    done.map_err(|error| store_error("building indexes", &error))
}

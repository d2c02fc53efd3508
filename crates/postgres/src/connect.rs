//! Connections to the database, and futures run to their end on whatever thread asks.

use std::{
    future::Future,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use cairn_analysis::StoreError;
use tokio::runtime::Runtime;
use tokio_postgres::{Client, Config, NoTls};

use crate::{
    error::{store_error, words},
    index::KeeperOptions,
};

/// How a store reaches its database.
#[derive(Clone, Debug)]
pub struct PostgresOptions {
    /// Where it is: `postgres://user@host:port/database`.
    pub url: String,
    /// How many connections are kept for the next question.
    pub idle_max: usize,
    /// How indexes of definitions are kept; nothing where others keep them. Whoever opens the store for long is to.
    pub keeper: Option<KeeperOptions>,
    /// Whether kernels run in the database, where it has the extension; else they run here, with the same answers.
    pub extension: bool,
    /// Test-only: kernels count wrongly.
    #[doc(hidden)]
    pub wrong_kernels: bool,
}

impl PostgresOptions {
    /// The defaults for a database: indexes are not kept, the extension is used where it is.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), idle_max: 8, keeper: None, extension: true, wrong_kernels: false }
    }
}

/// Before a connection is given up.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Of each connection: plans are made for the values that are asked for, as only then partial indexes can serve; and of
/// whoever waits for a lock, or has gone, nothing is left for long.
const SETTINGS: &str = "set plan_cache_mode = force_custom_plan; set client_encoding = 'UTF8'; set extra_float_digits = 1; \
     set idle_in_transaction_session_timeout = '10min'; set jit = off";

/// Connections that are at rest.
pub(crate) struct Pool {
    config: Config,
    idle_max: usize,
    idle: Mutex<Vec<Client>>,
    runtime: Runtime,
}

/// A connection, until this is dropped.
pub(crate) struct Lease<'p> {
    pool: &'p Pool,
    client: Option<Client>,
}

impl Pool {
    pub(crate) fn new(options: &PostgresOptions) -> Result<Self, StoreError> {
        let wrong = |error: &tokio_postgres::Error| {
            let example = "postgres://cairn@db.example.com/cairn";
            StoreError::Database(format!(
                "the address of the database cannot be read ({}); one looks like {example}",
                words(error)
            ))
        };
        let mut config: Config = options.url.parse().map_err(|error| wrong(&error))?;
        config.connect_timeout(CONNECT_TIMEOUT).application_name("cairn");
        let io = |source| StoreError::Io { what: "starting the threads of connections".to_owned(), source };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("postgres")
            .enable_all()
            .build()
            .map_err(io)?;
        Ok(Self { config, idle_max: options.idle_max, idle: Mutex::default(), runtime })
    }

    /// Runs a future to its end. Any thread may wait so, one of another runtime too.
    pub(crate) fn block_on<F: Future>(&self, future: F) -> F::Output {
        let _timers = self.runtime.enter();
        futures_executor::block_on(future)
    }

    /// A connection at rest, or a new one.
    pub(crate) fn get(&self) -> Result<Lease<'_>, StoreError> {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        while let Some(client) = idle() {
            if !client.is_closed() {
                return Ok(Lease { pool: self, client: Some(client) });
            }
        }
        let client = self.block_on(self.connect());
        let client = client.map_err(|error| store_error("connecting to the database", &error))?;
        Ok(Lease { pool: self, client: Some(client) })
    }

    /// A connection that is none of the kept ones.
    pub(crate) async fn connect(&self) -> Result<Client, tokio_postgres::Error> {
        let (client, connection) = self.config.connect(NoTls).await?;
        self.runtime.spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!("a connection to the database ended: {error}");
            }
        });
        client.batch_execute(SETTINGS).await?;
        Ok(client)
    }
}

impl Lease<'_> {
    pub(crate) fn pool(&self) -> &Pool {
        self.pool
    }

    /// The connection is not given back: something may still go on in it.
    pub(crate) fn give_up(&mut self) {
        self.client = None;
    }

    /// The connection; an error where it was given up.
    pub(crate) fn client(&self) -> Result<&Client, StoreError> {
        self.client.as_ref().ok_or_else(|| StoreError::Database("the connection was given up".to_owned()))
    }

    /// The connection, to change it.
    pub(crate) fn client_mut(&mut self) -> Result<&mut Client, StoreError> {
        self.client.as_mut().ok_or_else(|| StoreError::Database("the connection was given up".to_owned()))
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        let Some(client) = self.client.take().filter(|client| !client.is_closed()) else { return };
        let mut idle = self.pool.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < self.pool.idle_max {
            idle.push(client);
        }
    }
}

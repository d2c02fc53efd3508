//! Connections to the database, and futures run to their end on whatever thread asks.

use std::{
    future::Future,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use cairn_analysis::StoreError;
use hashbrown::HashMap;
use tokio::runtime::{Handle, Runtime};
use tokio_postgres::{Client, Config, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::{
    error::{connect_error, store_error, words},
    index::KeeperOptions,
    tls::Wanted,
};

/// How a store reaches its database.
#[derive(Clone, Debug)]
pub struct PostgresOptions {
    /// Where it is: `postgres://user@host:port/database`, with `sslmode` and `sslrootcert` as in psql.
    pub url: String,
    /// How many connections are kept for the next question.
    pub idle_max: usize,
    /// How indexes of definitions are kept; nothing where others keep them. Whoever opens the store for long is to.
    pub keeper: Option<KeeperOptions>,
    /// How long after an erasure or an expiry a purge is due, so that it takes in much at once.
    pub purge_after: Duration,
    /// Whether kernels run in the database, where it has the extension; else they run here, with the same answers.
    pub extension: bool,
    /// Test-only: kernels count wrongly.
    #[doc(hidden)]
    pub wrong_kernels: bool,
}

impl PostgresOptions {
    /// The defaults for a database: indexes are not kept, the extension is used where it is.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            idle_max: 8,
            keeper: None,
            purge_after: PURGE_AFTER,
            extension: true,
            wrong_kernels: false,
        }
    }
}

/// Before a connection is given up.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const PURGE_AFTER: Duration = Duration::from_secs(600);
/// A database that has gone without a word is given up after half a minute.
const SILENT_IDLE: Duration = Duration::from_secs(10);
const SILENT_INTERVAL: Duration = Duration::from_secs(5);
const SILENT_RETRIES: u32 = 4;
const SILENT_TIMEOUT: Duration = Duration::from_secs(30);
/// Of each connection: plans are made for the values that are asked for, as only then partial indexes can serve; and of
/// whoever waits for a lock, or has gone without a word, nothing is left for long. What is committed is durable: the log drops what was.
const SETTINGS: &str = "select set_config('synchronous_commit', 'on', false) \
     where current_setting('synchronous_commit') = 'off'; \
     set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 4; set tcp_user_timeout = 30000; \
     set plan_cache_mode = force_custom_plan; set client_encoding = 'UTF8'; set extra_float_digits = 1; \
     set idle_in_transaction_session_timeout = '10min'; set jit = off";

/// So many statements are kept prepared in each connection.
const PREPARED_MAX: usize = 64;

/// Connections that are at rest.
pub(crate) struct Pool {
    config: Config,
    tls: MakeRustlsConnect,
    idle_max: usize,
    idle: Mutex<Vec<Link>>,
    runtime: Runtime,
}

/// A connection with what was prepared in it.
pub(crate) struct Link {
    pub(crate) client: Client,
    prepared: Mutex<HashMap<String, Statement>>,
}

/// A connection, until this is dropped.
pub(crate) struct Lease<'p> {
    pool: &'p Pool,
    link: Option<Link>,
}

impl Pool {
    pub(crate) fn new(options: &PostgresOptions) -> Result<Self, StoreError> {
        let (config, tls) = config(&options.url)?;
        let io = |source| StoreError::Io { what: "starting the threads of connections".to_owned(), source };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("postgres")
            .enable_all()
            .build()
            .map_err(io)?;
        Ok(Self { config, tls, idle_max: options.idle_max, idle: Mutex::default(), runtime })
    }

    /// Runs a future to its end. Any thread may wait so, one of another runtime too.
    pub(crate) fn block_on<F: Future>(&self, future: F) -> F::Output {
        let _timers = self.runtime.enter();
        futures_executor::block_on(future)
    }

    /// What serves the connections.
    pub(crate) fn runtime(&self) -> &Handle {
        self.runtime.handle()
    }

    /// A connection at rest, or a new one.
    pub(crate) fn get(&self) -> Result<Lease<'_>, StoreError> {
        Ok(Lease { pool: self, link: Some(self.take()?) })
    }

    /// The same, to be given back.
    pub(crate) fn take(&self) -> Result<Link, StoreError> {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        while let Some(link) = idle() {
            if !link.client.is_closed() {
                return Ok(link);
            }
        }
        Ok(Link { client: self.connect()?, prepared: Mutex::default() })
    }

    /// Takes back a connection in which nothing goes on.
    pub(crate) fn give_back(&self, link: Link) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < self.idle_max && !link.client.is_closed() {
            idle.push(link);
        }
    }

    /// A new connection, which is the caller's.
    pub(crate) fn connect(&self) -> Result<Client, StoreError> {
        self.block_on(self.connected()).map_err(|error| connect_error(&self.config, &error))
    }

    /// How connections are encrypted.
    pub(crate) fn tls(&self) -> MakeRustlsConnect {
        self.tls.clone()
    }

    /// Where the database is, and for whom.
    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// The same, within a future.
    pub(crate) async fn connected(&self) -> Result<Client, tokio_postgres::Error> {
        let (client, connection) = self.config.connect(self.tls.clone()).await?;
        self.runtime.spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!("a connection to the database ended: {error}");
            }
        });
        client.batch_execute(SETTINGS).await?;
        Ok(client)
    }
}

fn config(url: &str) -> Result<(Config, MakeRustlsConnect), StoreError> {
    let wrong = |problem: &str| {
        let example = "postgres://cairn@db.example.com/cairn";
        StoreError::Database(format!(
            "the address of the database cannot be read ({problem}); one looks like {example}"
        ))
    };
    let wanted = Wanted::of(url);
    let mut config: Config = wanted.address.parse().map_err(|error| wrong(&words(&error)))?;
    if config.get_hosts().is_empty() {
        return Err(wrong("it names no host"));
    }
    config.connect_timeout(CONNECT_TIMEOUT).application_name("cairn");
    config.keepalives_idle(SILENT_IDLE).keepalives_interval(SILENT_INTERVAL).keepalives_retries(SILENT_RETRIES);
    config.tcp_user_timeout(SILENT_TIMEOUT);
    Ok((config, wanted.connector().map_err(StoreError::Database)?))
}

impl Link {
    /// A statement, prepared once for all that this connection is asked. Its plan is made anew each time.
    pub(crate) async fn prepared(&self, sql: &str) -> Result<Statement, StoreError> {
        let lock = || self.prepared.lock().unwrap_or_else(PoisonError::into_inner);
        let known = lock().get(sql).cloned();
        if let Some(statement) = known {
            return Ok(statement);
        }
        let prepared = self.client.prepare(sql).await;
        let statement = prepared.map_err(|error| store_error("preparing a query", &error))?;
        let mut prepared = lock();
        if prepared.len() >= PREPARED_MAX {
            prepared.clear();
        }
        prepared.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    /// Prepares everything anew: something has failed, and the tables may be others than before.
    pub(crate) fn forget_prepared(&self) {
        self.prepared.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl Lease<'_> {
    pub(crate) fn link(&self) -> Result<&Link, StoreError> {
        self.link.as_ref().ok_or_else(given_up)
    }

    pub(crate) fn pool(&self) -> &Pool {
        self.pool
    }

    /// The connection is not given back: something may still go on in it.
    pub(crate) fn give_up(&mut self) {
        self.link = None;
    }

    /// The connection; an error where it was given up.
    pub(crate) fn client(&self) -> Result<&Client, StoreError> {
        Ok(&self.link()?.client)
    }

    /// The connection, to change it.
    pub(crate) fn client_mut(&mut self) -> Result<&mut Client, StoreError> {
        self.link.as_mut().map(|link| &mut link.client).ok_or_else(given_up)
    }
}

fn given_up() -> StoreError {
    StoreError::Database("the connection was given up".to_owned())
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        if let Some(link) = self.link.take() {
            self.pool.give_back(link);
        }
    }
}

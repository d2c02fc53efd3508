//! A server on a free port with one project.

use std::{
    net::SocketAddr,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering::SeqCst},
    },
    time::Duration,
};

use cairn_model::TimeMs;
use cairn_server::{Clock, Engine, EngineOptions, ServerOptions, serve};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{net::TcpListener, runtime::Runtime, sync::oneshot};

use crate::client::{Answer, request};

pub const NOW: i64 = 1_764_000_000_000;

pub struct Server {
    pub address: SocketAddr,
    pub engine: Arc<Engine>,
    pub token: String,
    pub key: String,
    pub project: String,
    pub dir: Option<TempDir>,
    pub clock: Arc<AtomicI64>,
    stop: Option<oneshot::Sender<()>>,
    stopped: Option<std::sync::mpsc::Receiver<()>>,
    runtime: Option<Runtime>,
}

impl Server {
    pub fn start() -> Self {
        Self::with(ServerOptions::default())
    }

    pub fn with(options: ServerOptions) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (engine, clock) = engine(dir.path(), EngineOptions::default());
        let mut server = Self::on(engine, clock, options);
        server.dir = Some(dir);
        server
    }

    pub fn on(engine: Engine, clock: Arc<AtomicI64>, options: ServerOptions) -> Self {
        let token = engine.reset_token().unwrap();
        Self::with_token(engine, clock, options, token)
    }

    /// A server that is a replica of `original`: its token is that one's.
    pub fn on_replica(engine: Engine, original: &Self, options: ServerOptions) -> Self {
        Self::with_token(engine, Arc::clone(&original.clock), options, original.token.clone())
    }

    fn with_token(engine: Engine, clock: Arc<AtomicI64>, options: ServerOptions, token: String) -> Self {
        let engine = Arc::new(engine);
        let project = match engine.registry().projects().first() {
            Some(project) => project.clone(),
            None => engine.registry().create_project("Shop", "Europe/Berlin", TimeMs(NOW)).unwrap(),
        };
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopping) = oneshot::channel::<()>();
        let (done, stopped) = std::sync::mpsc::channel();
        let served = Arc::clone(&engine);
        runtime.spawn(async move {
            serve(served, listener, options, async { drop(stopping.await) }).await.unwrap();
            let _ = done.send(());
        });
        Self {
            address,
            engine,
            token,
            key: project.write_key,
            project: project.id.to_string(),
            dir: None,
            clock,
            stop: Some(stop),
            stopped: Some(stopped),
            runtime: Some(runtime),
        }
    }

    /// Begins to stop; the receiver tells when it has.
    pub fn stop(&mut self) -> std::sync::mpsc::Receiver<()> {
        drop(self.stop.take());
        self.stopped.take().unwrap()
    }

    pub fn ingest(&self, body: impl AsRef<[u8]>) -> Answer {
        request(self.address, "POST", &format!("/ingest/{}", self.key), &[], body.as_ref())
    }

    /// Asks the API with the token; `path` within the project unless it begins with a slash.
    pub fn api(&self, method: &str, path: &str, body: &Value) -> Answer {
        let path = match path.starts_with('/') {
            true => path.to_owned(),
            false => format!("/api/projects/{}/{path}", self.project),
        };
        let token = format!("Bearer {}", self.token);
        let body = if body.is_null() { Vec::new() } else { serde_json::to_vec(body).unwrap() };
        request(self.address, method, &path, &[("authorization", &token)], &body)
    }

    pub fn get(&self, path: &str) -> Value {
        let answer = self.api("GET", path, &Value::Null);
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    /// Waits until everything acknowledged is in the answers.
    pub fn settle(&self) {
        assert!(self.engine.wait_caught_up(Duration::from_secs(20)), "the store did not catch up");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(Duration::from_secs(2));
        }
    }
}

/// An engine whose clock stands at [`NOW`].
pub fn engine(dir: &Path, options: EngineOptions) -> (Engine, Arc<AtomicI64>) {
    let clock = Arc::new(AtomicI64::new(NOW));
    let told = Arc::clone(&clock);
    let options = EngineOptions { clock: Clock::new(move || TimeMs(told.load(SeqCst))), ..options };
    (Engine::open(dir, options).unwrap(), clock)
}

/// A pageview.
pub fn pageview(user: u64, event: u64) -> Value {
    let (user, event) = (user.to_string(), event.to_string());
    json!({"type": "pageview", "user_id": user, "event_id": event, "time": NOW - 1000, "properties": {"path": "/"}})
}

pub fn body(messages: &[Value]) -> String {
    json!({"messages": messages}).to_string()
}

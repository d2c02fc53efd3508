//! What happens when the disk or the store does not go along.

use std::{
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use cairn_analysis::{
    Answer, Applied, Budget, Ledger, Plan, Preview, QueryError, SeenEvent, SeenUser, Store, StoreError,
};
use cairn_commitlog::{Ack, EmbeddedLog, Log, LogError, LogOptions, Position as LogPosition, Record};
use cairn_model::{Message, Position, Predicate, ProjectId, StateHash, TimeMs, UserId};
use cairn_server::{Clock, Engine, EngineOptions, EngineStore, Parts, ServerOptions, StoreSize};
use cairn_store::{EmbeddedStore, SqliteCatalog, StoreOptions};
use cairn_testkit::disk::FaultyDisk;
use serde_json::json;
use tempfile::TempDir;

use crate::{
    client::request,
    setup::{NOW, Server, body, pageview},
};

/// A server whose log and store lie on a disk that a test can fill; the catalog lies on a real one.
fn on_disk(disk: &FaultyDisk) -> (Server, TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let storage = || Arc::new(disk.clone());
    let options = LogOptions { segment_bytes: 64 << 10, ..LogOptions::default() };
    let log = EmbeddedLog::open(storage(), Path::new("/log"), options).unwrap();
    let store = EmbeddedStore::open(storage(), Path::new("/store"), StoreOptions::default()).unwrap();
    (
        started(Parts { log: Arc::new(log), store: Arc::new(store), catalog: catalog(&dir) }, EngineOptions::default()),
        dir,
    )
}

fn catalog(dir: &TempDir) -> Arc<SqliteCatalog> {
    Arc::new(SqliteCatalog::open(&dir.path().join("catalog.db")).unwrap())
}

fn started(parts: Parts, options: EngineOptions) -> Server {
    let clock = Arc::new(AtomicI64::new(NOW));
    let told = Arc::clone(&clock);
    let options = EngineOptions { clock: Clock::new(move || TimeMs(told.load(SeqCst))), ..options };
    Server::on(Engine::assemble(parts, options).unwrap(), clock, ServerOptions::default())
}

#[test]
fn a_full_disk_turns_events_away_and_nothing_acknowledged_is_lost() {
    let disk = FaultyDisk::new();
    let (server, _dir) = on_disk(&disk);
    assert_eq!(server.ingest(body(&[pageview(1, 1)])).status, 200);
    disk.limit(Some(disk.used_bytes()));
    let filler = "x".repeat(8_000);
    let (mut acknowledged, mut refusal) = (1, None);
    for n in 2..200 {
        let mut event = pageview(1, n);
        event["properties"]["filler"] = json!(filler);
        let answer = server.ingest(body(&[event]));
        if answer.status != 200 {
            refusal = Some(answer);
            break;
        }
        acknowledged += 1;
    }
    let refusal = refusal.expect("the disk never filled");
    assert_eq!((refusal.status, refusal.code()), (503, "disk_full".to_owned()), "{}", refusal.text());
    assert!(refusal.header("retry-after").is_some());
    assert_eq!(refusal.header("access-control-expose-headers"), Some("retry-after"));
    let health = request(server.address, "GET", "/healthz", &[], b"");
    assert_eq!((health.status, health.json()["status"].clone()), (503, json!("disk_full")), "{}", health.text());

    // Reads go on.
    server.settle();
    assert_eq!(server.get("ledger")["stored"], acknowledged);
    assert_eq!(server.get("events?limit=1")["events"].as_array().unwrap().len(), 1);

    // And so does capture, by itself, once there is space.
    disk.limit(None);
    let until = Instant::now() + Duration::from_secs(10);
    while server.ingest(body(&[pageview(2, 1)])).status != 200 {
        assert!(Instant::now() < until, "it did not recover");
        std::thread::sleep(Duration::from_millis(100));
    }
    server.settle();
    assert_eq!(server.get("ledger")["stored"], acknowledged + 1);
    assert_eq!(request(server.address, "GET", "/healthz", &[], b"").status, 200);
}

/// A log that takes nothing, for a reason of the test's choice.
struct Unwilling(LogError);

impl Log for Unwilling {
    fn append(&self, _: u64, _: Bytes) -> Result<Ack, LogError> {
        Err(self.0.clone())
    }

    fn read(&self, _: u32, _: u64, _: usize) -> Result<Vec<Record>, LogError> {
        Ok(Vec::new())
    }

    fn wait(&self, _: u32, _: u64, timeout: Duration) -> bool {
        std::thread::sleep(timeout);
        false
    }

    fn ends(&self) -> Vec<LogPosition> {
        vec![LogPosition { partition: 0, offset: 0 }]
    }

    fn drop_before(&self, _: LogPosition) -> Result<(), LogError> {
        Ok(())
    }

    fn rotate(&self) -> Result<(), LogError> {
        Err(self.0.clone())
    }

    fn size_bytes(&self) -> u64 {
        0
    }

    fn health(&self) -> Result<(), LogError> {
        Err(self.0.clone())
    }
}

#[test]
fn whatever_keeps_the_log_from_taking_events_is_503_with_retry_after() {
    let dir = Path::new("/log").to_owned();
    for (error, code) in [
        (LogError::Busy { waiting_bytes: 2, limit_bytes: 1 }, "busy"),
        (LogError::Full { dir }, "disk_full"),
        (LogError::Stopped { cause: "an fsync failed".to_owned() }, "log_stopped"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let disk = FaultyDisk::new();
        let store = EmbeddedStore::open(Arc::new(disk), Path::new("/store"), StoreOptions::default()).unwrap();
        let parts = Parts { log: Arc::new(Unwilling(error)), store: Arc::new(store), catalog: catalog(&dir) };
        let server = started(parts, EngineOptions::default());
        let answer = server.ingest(body(&[pageview(1, 1)]));
        assert_eq!((answer.status, answer.code()), (503, code.to_owned()));
        assert!(answer.header("retry-after").is_some());
        assert_eq!(request(server.address, "GET", "/healthz", &[], b"").status, 503);
        assert_eq!(server.get("events"), json!({"events": []}));
    }
}

/// A store that fails, panics or dawdles at a record.
struct Unwell {
    inner: EmbeddedStore,
    ill: Mutex<Option<fn() -> StoreError>>,
}

impl Store for Unwell {
    fn apply(&self, position: Position, payload: &[u8]) -> Result<Applied, StoreError> {
        let ill = *self.ill.lock().unwrap();
        ill.map_or_else(|| self.inner.apply(position, payload), |ill| Err(ill()))
    }

    fn positions(&self) -> Vec<Position> {
        self.inner.positions()
    }

    fn answer(&self, project: ProjectId, plan: &Plan, budget: &Budget) -> Result<Answer, QueryError> {
        self.inner.answer(project, plan, budget)
    }

    fn preview(
        &self,
        project: ProjectId,
        predicate: &Predicate,
        range: (TimeMs, TimeMs),
        limit: usize,
        budget: &Budget,
    ) -> Result<Preview, QueryError> {
        self.inner.preview(project, predicate, range, limit, budget)
    }

    fn person(&self, project: ProjectId, user: UserId) -> Result<Option<String>, StoreError> {
        self.inner.person(project, user)
    }

    fn members(&self, project: ProjectId, handle: &str) -> Result<Vec<UserId>, StoreError> {
        self.inner.members(project, handle)
    }

    fn events_of(&self, project: ProjectId, users: &[UserId]) -> Result<u64, StoreError> {
        self.inner.events_of(project, users)
    }

    fn facts(&self, project: ProjectId, users: &[UserId]) -> Result<Vec<Message<'static>>, StoreError> {
        self.inner.facts(project, users)
    }

    fn newest(&self, project: ProjectId, limit: usize) -> Result<Vec<SeenEvent>, StoreError> {
        self.inner.newest(project, limit)
    }

    fn names(&self, project: ProjectId) -> Result<(Vec<String>, Vec<String>), StoreError> {
        self.inner.names(project)
    }

    fn values(&self, project: ProjectId, property: &str, limit: usize) -> Result<Vec<String>, StoreError> {
        self.inner.values(project, property, limit)
    }

    fn events(&self, project: ProjectId, each: &mut dyn FnMut(SeenEvent) -> bool) -> Result<(), StoreError> {
        self.inner.events(project, each)
    }

    fn users(&self, project: ProjectId, each: &mut dyn FnMut(SeenUser) -> bool) -> Result<(), StoreError> {
        self.inner.users(project, each)
    }

    fn ledger(&self, project: ProjectId) -> Result<Ledger, StoreError> {
        self.inner.ledger(project)
    }

    fn apply_again(&self, payload: &[u8]) -> Result<Applied, StoreError> {
        self.inner.apply_again(payload)
    }

    fn state_hash(&self, project: ProjectId) -> Result<StateHash, StoreError> {
        self.inner.state_hash(project)
    }
}

impl EngineStore for Unwell {
    fn durable(&self) -> Vec<Position> {
        self.inner.durable()
    }

    fn flush(&self) -> Result<(), StoreError> {
        self.inner.flush()
    }

    fn purge(&self, project: ProjectId) -> Result<(), StoreError> {
        self.inner.purge(project)
    }

    fn purge_due(&self) -> Vec<ProjectId> {
        self.inner.purge_due()
    }

    fn size(&self, project: ProjectId) -> Result<StoreSize, StoreError> {
        self.inner.size(project)
    }
}

fn unwell(options: EngineOptions) -> (Server, Arc<Unwell>, TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let disk = Arc::new(FaultyDisk::new());
    let log = EmbeddedLog::open(disk.clone(), Path::new("/log"), LogOptions::default()).unwrap();
    let inner = EmbeddedStore::open(disk, Path::new("/store"), StoreOptions::default()).unwrap();
    let store = Arc::new(Unwell { inner, ill: Mutex::new(None) });
    let parts = Parts { log: Arc::new(log), store: store.clone(), catalog: catalog(&dir) };
    (started(parts, options), store, dir)
}

fn until_ill(server: &Server) -> serde_json::Value {
    let until = Instant::now() + Duration::from_secs(10);
    loop {
        let health = request(server.address, "GET", "/healthz", &[], b"");
        if health.status == 503 {
            return health.json();
        }
        assert!(Instant::now() < until, "it stays healthy");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_store_that_cannot_go_on_says_so_while_reads_and_capture_do() {
    for ill in [
        (|| StoreError::Damage { file: "part-1".to_owned(), what: "a wrong CRC".to_owned() }) as fn() -> StoreError,
        || panic!("a defect, on purpose"),
    ] {
        let (server, store, _dir) = unwell(EngineOptions::default());
        assert_eq!(server.ingest(body(&[pageview(1, 1)])).status, 200);
        server.settle();
        *store.ill.lock().unwrap() = Some(ill);
        assert_eq!(server.ingest(body(&[pageview(1, 2)])).status, 200);
        let health = until_ill(&server);
        assert_eq!(health["status"], "store_stopped");
        assert!(health["message"].as_str().is_some_and(|message| message.len() > 10), "{health}");
        assert!(!server.engine.wait_caught_up(Duration::from_secs(30)), "who waits must be told at once");
        assert_eq!(server.get("events")["events"].as_array().unwrap().len(), 1);
        // What is taken now is durable, and applied once the store goes on.
        assert_eq!(server.ingest(body(&[pageview(1, 3)])).status, 200);
        let metrics = request(server.address, "GET", "/metrics", &[], b"").text();
        assert!(metrics.contains("\ncairn_up 0\n") && metrics.contains("\ncairn_lag_records 2\n"), "{metrics}");
        *store.ill.lock().unwrap() = None;
    }
}

#[test]
fn a_store_that_is_too_far_behind_holds_capture_back() {
    let (server, store, _dir) = unwell(EngineOptions { lag_records_max: 3, ..EngineOptions::default() });
    *store.ill.lock().unwrap() = Some(|| panic!("a defect, on purpose"));
    let statuses: Vec<u16> = (1..=6).map(|event| server.ingest(body(&[pageview(1, event)])).status).collect();
    assert_eq!(statuses, [200, 200, 200, 200, 503, 503]);
    let answer = server.ingest(body(&[pageview(1, 9)]));
    assert_eq!((answer.code(), answer.header("retry-after").is_some()), ("busy".to_owned(), true));
    *store.ill.lock().unwrap() = None;
}

#[test]
fn a_disk_that_recovers_lets_the_store_go_on() {
    let (server, store, _dir) = unwell(EngineOptions::default());
    let full = || StoreError::Io { what: "writing a part".to_owned(), source: std::io::ErrorKind::StorageFull.into() };
    *store.ill.lock().unwrap() = Some(full);
    assert_eq!(server.ingest(body(&[pageview(1, 1)])).status, 200);
    assert_eq!(until_ill(&server)["status"], "store_stopped");
    *store.ill.lock().unwrap() = None;
    let until = Instant::now() + Duration::from_secs(10);
    while request(server.address, "GET", "/healthz", &[], b"").status != 200 {
        assert!(Instant::now() < until, "it stays ill");
        std::thread::sleep(Duration::from_millis(20));
    }
    server.settle();
    assert_eq!(server.get("ledger")["stored"], 1);
}

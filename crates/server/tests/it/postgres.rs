//! Servers on a PostgreSQL database of their own.

use std::{
    net::SocketAddr,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering::SeqCst},
    },
    thread,
    time::{Duration, Instant},
};

use cairn_analysis::{
    Listed,
    catalog::{Catalog, NewProject},
};
use cairn_model::{Definition, ProjectId, TimeMs, UserId};
use cairn_postgres::{PostgresOptions, PostgresStore};
use cairn_server::{Clock, Engine, EngineError, EngineOptions, ServerOptions};
use cairn_testkit::postgres::Cluster;
use serde_json::{Value, json};

use crate::{
    client::request,
    setup::{NOW, Server, body, pageview},
};

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) fn options() -> (EngineOptions, Arc<AtomicI64>) {
    let clock = Arc::new(AtomicI64::new(NOW));
    let told = Arc::clone(&clock);
    (EngineOptions { clock: Clock::new(move || TimeMs(told.load(SeqCst))), ..EngineOptions::default() }, clock)
}

fn open(dir: &Path, url: &str) -> Result<Engine, EngineError> {
    Engine::open_on_postgres(dir, PostgresOptions::new(url), options().0)
}

fn server_with(dir: &Path, url: &str, change: impl FnOnce(&mut EngineOptions)) -> Server {
    let (mut options, clock) = options();
    change(&mut options);
    let engine = Engine::open_on_postgres(dir, PostgresOptions::new(url), options).unwrap();
    Server::on(engine, clock, ServerOptions::default())
}

fn server(dir: &Path, url: &str) -> Server {
    server_with(dir, url, |_| {})
}

pub(crate) fn wait_for(what: &str, mut done: impl FnMut() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !done() {
        assert!(Instant::now() < until, "in vain: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

fn views() -> Value {
    json!({"graph": {"event": {"type": "pageview"}, "measure": "count", "from": NOW - 86_400_000, "to": NOW + 86_400_000,
        "interval": "whole"}})
}

fn total(server: &Server, query: &Value) -> u64 {
    let answer = server.api("POST", "query", query);
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["graph"]["total"]["total"].as_f64().unwrap() as u64
}

#[test]
fn what_is_captured_is_in_the_answers_and_after_a_restart_too() {
    let (cluster, dir) = (Cluster::fast(), tempfile::tempdir().unwrap());
    let url = cluster.url("cairn");
    let first = server(dir.path(), &url);
    assert_eq!(first.ingest(body(&[pageview(1, 1), pageview(2, 2)])).status, 200);
    assert_eq!(first.api("PUT", "definitions/Views", &json!({"predicate": {"type": "pageview"}})).status, 200);
    first.settle();
    assert_eq!(total(&first, &views()), 2);
    let before = (first.get("events"), first.get("definitions"), first.get("/api/projects"));
    drop(first);
    assert!(!dir.path().join("catalog.db").exists() && !dir.path().join("store").exists());

    let second = server(dir.path(), &url);
    assert_eq!((second.get("events"), second.get("definitions"), second.get("/api/projects")), before);
    assert_eq!(second.ingest(body(&[pageview(1, 1), pageview(3, 3)])).status, 200);
    second.settle();
    let ledger = second.get("ledger");
    assert_eq!((&ledger["stored"], &ledger["duplicate"]), (&json!(3), &json!(1)));
    let mut named = views();
    named["graph"]["event"] = json!("Views");
    assert_eq!(total(&second, &named), 3);
    assert_eq!(second.engine.ensure_token().unwrap(), None);
}

/// A test's server makes a new token as it begins: the one made last is that of all servers, once they have seen it.
fn share_token(first: &mut Server, last: &Server) {
    let signs_in = |token: &str| {
        let token = format!("Bearer {token}");
        request(first.address, "GET", "/api/session", &[("authorization", &token)], b"").status == 200
    };
    wait_for("the new token", || signs_in(&last.token));
    assert!(!signs_in(&first.token));
    first.token = last.token.clone();
}

#[test]
fn servers_on_one_database_give_the_same_answers() {
    let (cluster, dirs) = (Cluster::fast(), [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()]);
    let url = cluster.url("cairn");
    let mut one = server(dirs[0].path(), &url);
    let two = server(dirs[1].path(), &url);
    assert_eq!((&one.project, &one.key), (&two.project, &two.key));
    share_token(&mut one, &two);
    for n in 1..=20 {
        assert_eq!(one.ingest(body(&[pageview(n, 2 * n + 1)])).status, 200);
        // The first of them comes to both.
        assert_eq!(two.ingest(body(&[pageview(n, 2 * n + 2), pageview(1, 3)])).status, 200);
    }
    one.settle();
    two.settle();
    assert_eq!((total(&one, &views()), total(&two, &views())), (40, 40));
    let positions = |server: &Server| server.api("POST", "query", &views()).json()["positions"].clone();
    assert_eq!(positions(&one), json!([{"partition": 0, "offset": 20}, {"partition": 1, "offset": 20}]));
    assert_eq!(positions(&one), positions(&two));
    let hash = |server: &Server| server.engine.store().state_hash(server.engine.registry().projects()[0].id).unwrap();
    assert_eq!(hash(&one), hash(&two));

    // What is made on one is known to the other.
    assert_eq!(one.api("PUT", "definitions/Views", &json!({"predicate": {"type": "pageview"}})).status, 200);
    let mut named = views();
    named["graph"]["event"] = json!("Views");
    wait_for("a definition", || two.api("POST", "query", &named).status == 200);
    assert_eq!(one.api("DELETE", "definitions/Views", &Value::Null).status, 204);
    wait_for("a definition that is gone", || two.api("POST", "query", &named).status == 400);
    let made = one.api("POST", "/api/projects", &json!({"name": "Blog", "zone": "UTC"})).json();
    let path = format!("/ingest/{}", made["write_key"].as_str().unwrap());
    let sent = || request(two.address, "POST", &path, &[], body(&[pageview(1, 1)]).as_bytes()).status;
    wait_for("a write key", || sent() == 200);
}

#[test]
fn servers_that_begin_at_once_make_one_project_and_one_token() {
    let cluster = Cluster::fast();
    let url = cluster.url("cairn");
    let begin = || {
        let dir = tempfile::tempdir().unwrap();
        let engine = open(dir.path(), &url).unwrap();
        let made = engine.registry().create_first_project("My site", "UTC", engine.now()).unwrap();
        (made.is_some(), engine.ensure_token().unwrap().is_some())
    };
    let made = thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(begin)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
    });
    assert_eq!(made.iter().filter(|(project, _)| *project).count(), 1);
    assert_eq!(made.iter().filter(|(_, token)| *token).count(), 1);
}

/// Sends until told to stop; how many events were acknowledged. Every request must be.
pub(crate) fn send_until(address: SocketAddr, path: &str, user: u64, stop: &AtomicBool) -> u64 {
    let mut sent = 0;
    while !stop.load(SeqCst) {
        let events: Vec<Value> = (0..5).map(|n| pageview(user, user * 1_000_000 + sent + n)).collect();
        let answer = request(address, "POST", path, &[], body(&events).as_bytes());
        assert_eq!(answer.status, 200, "{}", answer.text());
        sent += 5;
        thread::sleep(Duration::from_millis(1));
    }
    sent
}

#[test]
fn a_database_that_is_killed_is_waited_for() {
    let (mut cluster, dir) = (Cluster::start(), tempfile::tempdir().unwrap());
    let url = cluster.url("cairn");
    let server = server(dir.path(), &url);
    let (server, stop) = (&server, &AtomicBool::new(false));
    let (address, path) = (server.address, &format!("/ingest/{}", server.key));
    let sent: u64 = thread::scope(|scope| {
        let clients: Vec<_> = (1..=3).map(|user| scope.spawn(move || send_until(address, path, user, stop))).collect();
        for _ in 0..3 {
            thread::sleep(Duration::from_millis(400));
            cluster.kill();
            let health = || request(server.address, "GET", "/healthz", &[], b"");
            wait_for("health", || health().status == 503);
            let told = health().json();
            assert_eq!(told["status"], "store_stopped", "{told}");
            assert!(told["message"].as_str().unwrap().contains("the database cannot be reached now"), "{told}");
            let answer = server.api("POST", "query", &views());
            assert_eq!((answer.status, answer.code()), (503, "store".to_owned()), "{}", answer.text());
            assert!(answer.text().contains("cannot be reached now"), "{}", answer.text());
            assert_eq!(server.api("GET", "ledger", &Value::Null).status, 503);
            let put = server.api("PUT", "definitions/Views", &json!({"predicate": {"type": "pageview"}}));
            assert_eq!((put.status, put.code()), (503, "catalog".to_owned()), "{}", put.text());
            thread::sleep(Duration::from_millis(300));
            cluster.restart();
            wait_for("the database's return", || health().status == 200);
        }
        stop.store(true, SeqCst);
        clients.into_iter().map(|client| client.join().unwrap()).sum()
    });
    wait_for("the rest of the log", || server.engine.wait_caught_up(PATIENCE));
    assert_eq!(total(server, &views()), sent);
    let ledger = server.get("ledger");
    assert_eq!((&ledger["stored"], &ledger["accepted"]), (&json!(sent), &json!(sent)), "{ledger}");
}

#[test]
fn what_the_database_refuses_stops_the_store_and_health_says_why() {
    let (cluster, dir) = (Cluster::fast(), tempfile::tempdir().unwrap());
    let url = cluster.url("cairn");
    let first = server(dir.path(), &url);
    cluster.psql(&url, "alter table cairn.events rename to events_before");
    assert_eq!(first.ingest(body(&[pageview(1, 1)])).status, 200);
    let health = || request(first.address, "GET", "/healthz", &[], b"");
    wait_for("health", || health().status == 503);
    assert!(health().json()["message"].as_str().unwrap().contains("cairn.events"), "{}", health().text());
    assert_eq!(first.ingest(body(&[pageview(2, 2)])).status, 200);
    drop(first);
    cluster.psql(&url, "alter table cairn.events_before rename to events");
    let second = server(dir.path(), &url);
    second.settle();
    assert_eq!(total(&second, &views()), 2);
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to)
        } else {
            assert!(std::fs::copy(entry.path(), to).is_ok())
        }
    }
}

#[test]
fn a_folder_belongs_to_one_database_and_a_log_to_one_server() {
    let (cluster, dir) = (Cluster::fast(), tempfile::tempdir().unwrap());
    cluster.create_database("other");
    let (url, other) = (cluster.url("cairn"), cluster.url("other"));
    let first = server(dir.path(), &url);
    assert_eq!(first.ingest(body(&[pageview(1, 1)])).status, 200);
    first.settle();
    let twin = tempfile::tempdir().unwrap();
    copy(dir.path(), twin.path());
    let error = open(twin.path(), &url).err().unwrap().to_string();
    assert!(error.contains("copy of this data folder"), "{error}");
    drop(first);

    let error = open(dir.path(), &other).err().unwrap();
    assert!(matches!(error, EngineError::OtherDatabase { .. }), "{error}");
    let error = Engine::open(dir.path(), EngineOptions::default()).err().unwrap();
    assert!(matches!(error, EngineError::OnDatabase { .. }), "{error}");
    assert_eq!(total(&server(dir.path(), &url), &views()), 1);
    assert_eq!(cluster.psql(&other, "select count(*) from cairn.logs"), "0");

    let embedded = tempfile::tempdir().unwrap();
    drop(Engine::open(embedded.path(), EngineOptions::default()).unwrap());
    let error = open(embedded.path(), &url).err().unwrap();
    assert!(matches!(error, EngineError::Embedded { .. }), "{error}");
}

#[test]
fn a_database_that_has_gone_back_gets_again_what_the_log_still_has() {
    const GO_BACK: &str = "delete from cairn.events; delete from cairn.users; delete from cairn.ledger; \
        update cairn.positions set next_offset = 0";
    let (cluster, dir) = (Cluster::fast(), tempfile::tempdir().unwrap());
    let url = cluster.url("cairn");
    let first = server(dir.path(), &url);
    assert_eq!(first.ingest(body(&[pageview(1, 1)])).status, 200);
    first.settle();
    cluster.psql(&url, GO_BACK);
    assert_eq!(first.ingest(body(&[pageview(2, 2)])).status, 200);
    let health = || request(first.address, "GET", "/healthz", &[], b"");
    wait_for("health", || health().status == 503);
    assert!(health().text().contains("gone back to an earlier state"), "{}", health().text());
    drop(first);

    let second = server(dir.path(), &url);
    second.settle();
    assert_eq!(total(&second, &views()), 2);
    // The log forgets what is applied.
    second.engine.settle().unwrap();
    drop(second);
    cluster.psql(&url, GO_BACK);
    let error = open(dir.path(), &url).err().unwrap();
    assert!(matches!(error, EngineError::Forgotten { applied: 0, first: 2.. }), "{error}");
}

/// Whether any file below holds the bytes.
fn holds(dir: &Path, what: &[u8]) -> bool {
    std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).any(|path| match path.is_dir() {
        true => holds(&path, what),
        false => std::fs::read(path).unwrap().windows(what.len()).any(|at| at == what),
    })
}

#[test]
fn an_erasure_on_one_server_is_purged_by_all() {
    let (cluster, dirs) = (Cluster::fast(), [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()]);
    let url = cluster.url("cairn");
    let soon = |options: &mut EngineOptions| options.store.purge_after = Duration::from_millis(300);
    let mut servers = dirs.each_ref().map(|dir| server_with(dir.path(), &url, soon));
    let [first, last] = &mut servers;
    share_token(first, last);
    let mut canary = pageview(7, 1);
    canary["properties"]["note"] = json!("canary");
    for server in &servers {
        assert_eq!(server.ingest(body(&[canary.clone()])).status, 200);
        canary["event_id"] = json!("2");
        server.settle();
    }
    assert!(dirs.iter().all(|dir| holds(dir.path(), b"canary")));
    cluster.psql(
        &url,
        "insert into cairn.quarantine values (9, 1, null, 'x', 'canary'), (9, 2, 99, 'x', 'another project')",
    );
    let erased = servers[0].api("POST", "erase", &json!({"users": ["7"]}));
    assert_eq!((erased.status, erased.json()["events"].clone()), (200, json!(2)), "{}", erased.text());
    assert_eq!(total(&servers[1], &views()), 0);
    wait_for("the purge", || !dirs.iter().any(|dir| holds(dir.path(), b"canary")));
    let done = "select count(*) from cairn.purges p join cairn.purged_logs l using (customer_id) \
        where p.vacuumed = p.covered and l.covered = p.covered";
    wait_for("its end", || cluster.psql(&url, done) == "2");
    assert_eq!(cluster.psql(&url, "select log_offset from cairn.quarantine"), "2");

    // What comes late is in nobody's answers, and purged again.
    assert_eq!(servers[1].ingest(body(&[canary])).status, 200);
    servers[1].settle();
    wait_for("another purge", || !dirs.iter().any(|dir| holds(dir.path(), b"canary")));
}

#[test]
fn the_catalog_keeps_settings_versions_reports_and_dashboards() {
    let cluster = Cluster::fast();
    let store = PostgresStore::open(&PostgresOptions::new(cluster.url("cairn"))).unwrap();
    cairn_testkit::catalog::check(&store.catalog());
}

#[test]
fn the_catalog_does_what_a_catalog_does() {
    let cluster = Cluster::fast();
    let store = PostgresStore::open(&PostgresOptions::new(cluster.url("cairn"))).unwrap();
    let catalog = store.catalog();
    let new = |write_key| NewProject { name: "Shop", zone: "Europe/Berlin", write_key, created_at: TimeMs(5) };
    let (one, two) = (catalog.create_project(new("ck_1")).unwrap(), catalog.create_project(new("ck_2")).unwrap());
    assert!(catalog.create_project(new("ck_1")).is_err());
    assert!(catalog.create_first_project(new("ck_3")).unwrap().is_none());
    assert_eq!(catalog.projects().unwrap(), [one.clone(), two.clone()]);

    let version = catalog.version().unwrap();
    let predicate = serde_json::from_str(r#"{"property": "a\u0000b", "is": "\u0000"}"#).unwrap();
    let definition = Definition { name: "Ärger".to_owned(), predicate, created_at: TimeMs(6) };
    catalog.put_definition(one.id, &definition).unwrap();
    catalog.put_definition(one.id, &Definition { name: "Zorn".to_owned(), ..definition.clone() }).unwrap();
    assert_ne!(catalog.version().unwrap(), version);
    let names: Vec<String> = catalog.definitions(one.id).unwrap().into_iter().map(|one| one.name).collect();
    // By bytes, whatever the database's language is.
    assert_eq!(names, ["Zorn", "Ärger"]);
    assert_eq!(catalog.definitions(one.id).unwrap()[1], definition);
    assert!(catalog.delete_definition(one.id, "Zorn").unwrap() && !catalog.delete_definition(one.id, "Zorn").unwrap());
    assert!(catalog.definitions(two.id).unwrap().is_empty());
    assert!(catalog.put_definition(ProjectId::new(99).unwrap(), &definition).is_err());

    let handle = |name: &str| Listed::Handle(name.to_owned());
    let beta = [handle("ann"), handle("b\0n"), Listed::User(UserId::new(4).unwrap())];
    catalog.put_list(one.id, "Beta", &beta, TimeMs(7)).unwrap();
    catalog.put_list(two.id, "Beta", &beta, TimeMs(8)).unwrap();
    assert_eq!(catalog.erase_listed(one.id, &|listed| *listed == handle("ann")).unwrap(), 1);
    assert_eq!(catalog.erase_listed(one.id, &|listed| *listed == handle("ann")).unwrap(), 0);
    assert_eq!(catalog.list(one.id, "Beta").unwrap().unwrap(), beta[1..]);
    assert_eq!(catalog.lists(one.id).unwrap()[0].size, 2);
    assert_eq!(catalog.list(two.id, "Beta").unwrap().unwrap(), beta);
    assert!(catalog.delete_list(one.id, "Beta").unwrap() && catalog.list(one.id, "Beta").unwrap().is_none());

    assert!(catalog.add_setting("token", &[1]).unwrap() && !catalog.add_setting("token", &[2]).unwrap());
    assert_eq!(catalog.setting("token").unwrap(), Some(vec![1]));
    catalog.put_setting("token", &[3]).unwrap();
    assert_eq!(catalog.setting("token").unwrap(), Some(vec![3]));
    assert!(catalog.copy().unwrap_err().to_string().contains("pg_dump"));
}

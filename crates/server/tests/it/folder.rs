//! A data folder over several processes' lives.

use cairn_server::{Engine, EngineError, EngineOptions, ServerOptions};
use serde_json::json;

use crate::setup::{Server, body, engine, pageview};

#[test]
fn one_process_at_a_time_has_the_folder() {
    let dir = tempfile::tempdir().unwrap();
    let first = Engine::open(dir.path(), EngineOptions::default()).unwrap();
    first.announce("http://127.0.0.1:7777").unwrap();
    let error = Engine::open(dir.path(), EngineOptions::default()).err().unwrap();
    assert!(matches!(error, EngineError::InUse { .. }));
    assert!(
        error.to_string().ends_with("(cairn serve at http://127.0.0.1:7777): ask it with --url, or stop it"),
        "{error}"
    );
    drop(first);
    assert!(Engine::open(dir.path(), EngineOptions::default()).is_ok());
}

#[test]
fn everything_is_there_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let open = || {
        let (engine, clock) = engine(dir.path(), EngineOptions::default());
        Server::on(engine, clock, ServerOptions::default())
    };
    let server = open();
    assert_eq!(server.ingest(body(&[pageview(1, 1), pageview(2, 2)])).status, 200);
    assert_eq!(server.api("PUT", "definitions/Views", &json!({"predicate": {"type": "pageview"}})).status, 200);
    server.settle();
    let before = (server.get("events"), server.get("definitions"), server.get("/api/projects"));
    drop(server);

    let server = open();
    server.settle();
    assert_eq!((server.get("events"), server.get("definitions"), server.get("/api/projects")), before);
    assert_eq!(server.ingest(body(&[pageview(1, 1), pageview(3, 3)])).status, 200);
    server.settle();
    let ledger = server.get("ledger");
    assert_eq!((&ledger["stored"], &ledger["duplicate"]), (&json!(3), &json!(1)));
    // The token is made once.
    assert_eq!(server.engine.ensure_token().unwrap(), None);
}

#[test]
fn a_log_that_is_older_than_the_store_is_not_followed() {
    let dir = tempfile::tempdir().unwrap();
    let (engine, clock) = engine(dir.path(), EngineOptions::default());
    let server = Server::on(engine, clock, ServerOptions::default());
    assert_eq!(server.ingest(body(&[pageview(1, 1)])).status, 200);
    server.settle();
    server.engine.flush().unwrap();
    drop(server);
    std::fs::remove_dir_all(dir.path().join("log")).unwrap();
    let error = Engine::open(dir.path(), EngineOptions::default()).err().unwrap();
    assert!(matches!(error, EngineError::OlderLog { applied: 1, end: 0 }), "{error}");
}

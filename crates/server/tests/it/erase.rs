//! Erasing over HTTP: gone from the answers at once, and after a purge from every file of the folder.

use std::{fs, path::Path, time::Duration};

use cairn_server::{EngineOptions, ServerOptions};
use serde_json::{Value, json};

use crate::setup::{NOW, Server, body, engine, pageview};

const CANARY: &str = "kanarienvogel";

/// The files below `dir` that hold the canary.
fn holding(dir: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() {
            found.extend(holding(&entry.path()));
        } else if fs::read(entry.path()).unwrap().windows(CANARY.len()).any(|bytes| bytes == CANARY.as_bytes()) {
            found.push(entry.path().display().to_string());
        }
    }
    found
}

fn open(dir: &Path, purge_after: Duration) -> Server {
    let mut options = EngineOptions::default();
    (options.store.tail_rows, options.store.purge_after) = (30, purge_after);
    options.store.faults.index_everything = true;
    options.log.segment_bytes = 1 << 20;
    let (engine, clock) = engine(dir, options);
    Server::on(engine, clock, ServerOptions::default())
}

fn message(user: u64, rest: Value) -> Value {
    let mut message = json!({"user_id": user.to_string(), "time": NOW});
    message.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    message
}

/// Two devices of one person, with the canary wherever there is room for it.
fn secrets() -> Vec<Value> {
    let text = |at: u64| format!("{CANARY} {at}");
    let handle = format!("{CANARY}@example.com");
    let of_device = |user: u64| {
        let chain = format!("html>body:1/1/1/1>a#{CANARY}:1/1/1/1");
        let click = json!({"type": "click", "event_id": "7", "properties": {"path": text(1), "chain": chain}});
        let own = json!({"type": "custom", "event_id": "8", "name": text(2), "properties": {"note": text(3), "list": [text(4)]}});
        [
            message(user, click),
            message(user, own),
            message(user, json!({"type": "identify", "handle": handle})),
            message(user, json!({"type": "user_properties", "set": {"plan": text(5)}, "set_once": {"from": text(6)}})),
        ]
    };
    [of_device(71), of_device(72)].concat()
}

fn others(from: u64) -> Vec<Value> {
    (from..from + 40).map(|id| pageview(1 + id % 5, id)).collect()
}

fn filled(dir: &Path, purge_after: Duration) -> Server {
    let server = open(dir, purge_after);
    let clicks = json!({"predicate": {"type": "click"}});
    assert_eq!(server.api("PUT", "definitions/Clicks", &clicks).status, 200);
    let listed = json!({"users": [{"handle": format!("{CANARY}@example.com")}, {"id": "71"}, {"handle": "jane"}]});
    assert_eq!(server.api("PUT", "lists/Birds", &listed).status, 200);
    for messages in [others(100), secrets(), others(200)] {
        let answer = server.ingest(body(&messages));
        assert_eq!((answer.status, &answer.json()["refused"]), (200, &json!([])), "{}", answer.text());
    }
    server.settle();
    server
}

#[test]
fn after_an_erasure_with_purge_no_file_of_the_folder_holds_the_canary() {
    let dir = tempfile::tempdir().unwrap();
    let server = filled(dir.path(), Duration::from_secs(3_600));
    // A flush leaves the log as it is; settling would make it forget.
    server.engine.flush().unwrap();
    let held = holding(dir.path());
    for kind in [".symbols", ".users", ".log"] {
        assert!(held.iter().any(|file| file.ends_with(kind)), "{kind} never held it: {held:?}");
    }
    let handle = format!("{CANARY}@example.com");
    let answer = server.api("POST", "erase", &json!({"handle": handle, "purge": true}));
    let nothing = json!({"reports": [], "dashboards": [], "definitions": [], "lists": []});
    let receipt = json!({
        "users": ["71", "72"], "at": NOW, "events": 4, "lists": 1, "mentions": nothing, "purged": true, "purge_at": null,
    });
    assert_eq!((answer.status, answer.json()), (200, receipt));
    assert_eq!(holding(dir.path()), [""; 0]);
    // The log's own memory of it: the same messages arrive again.
    assert_eq!(server.ingest(body(&secrets())).status, 200);
    server.settle();
    let ledger = server.get("ledger");
    assert_eq!((&ledger["stored"], &ledger["erased"], &ledger["duplicate"]), (&json!(80), &json!(4), &json!(4)));
    assert_eq!(server.api("POST", "purge", &json!({})).json(), json!({"purged": true}));
    assert_eq!(holding(dir.path()), [""; 0]);
    drop(server);
    let server = open(dir.path(), Duration::from_secs(3_600));
    server.settle();
    assert_eq!((&server.get("ledger")["stored"], holding(dir.path())), (&json!(80), vec![]));
    let gone = server.api("POST", "erase", &json!({"handle": handle}));
    assert_eq!((gone.status, gone.code()), (404, "not_found".to_owned()));
}

#[test]
fn a_saved_log_replayed_whole_leaves_nothing_after_a_purge() {
    let dir = tempfile::tempdir().unwrap();
    let server = filled(dir.path(), Duration::from_secs(3_600));
    let answer = server.api("POST", "erase", &json!({"users": ["71", "72"]}));
    assert_eq!((&answer.json()["events"], &answer.json()["purged"]), (&json!(4), &json!(false)));
    assert!(answer.json()["purge_at"].as_i64().unwrap() > NOW);
    drop(server);
    // Nothing was dropped yet: without the store, all is replayed, the erasure last.
    fs::remove_dir_all(dir.path().join("store")).unwrap();
    let server = open(dir.path(), Duration::from_secs(3_600));
    server.settle();
    assert_eq!(server.get("ledger")["erased"], json!(4));
    assert!(!holding(dir.path()).is_empty());
    assert_eq!(server.api("POST", "purge", &json!({})).status, 200);
    assert_eq!(holding(dir.path()), [""; 0]);
}

#[test]
fn a_purge_comes_by_itself() {
    let dir = tempfile::tempdir().unwrap();
    let server = filled(dir.path(), Duration::from_millis(200));
    assert!(!holding(dir.path()).is_empty());
    assert_eq!(server.api("POST", "erase", &json!({"users": [71, "72"]})).status, 200);
    for _ in 0..150 {
        if holding(dir.path()).is_empty() {
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("{:?} hold it", holding(dir.path()));
}

#[test]
fn events_expire_up_to_an_instant() {
    let dir = tempfile::tempdir().unwrap();
    let server = filled(dir.path(), Duration::from_secs(3_600));
    let ahead = server.api("POST", "expire", &json!({"before": NOW + 1}));
    assert_eq!((ahead.status, ahead.code()), (400, "time".to_owned()));
    let answer = server.api("POST", "expire", &json!({"before": "2020-01-01", "purge": true}));
    let receipt = json!({"before": 1_577_833_200_000_i64, "expired": 0, "purged": true, "purge_at": null});
    assert_eq!((answer.status, answer.json()), (200, receipt));
}

#[test]
fn who_says_too_little_or_too_much_erases_nobody() {
    let server = Server::start();
    assert_eq!(server.ingest(body(&[pageview(1, 1)])).status, 200);
    server.settle();
    for wrong in [
        json!({}),
        json!({"users": []}),
        json!({"handle": ""}),
        json!({"users": ["1"], "handle": "jane"}),
        json!({"users": ["0"]}),
        json!({"user": "1"}),
        json!({"users": "1"}),
    ] {
        assert_eq!(server.api("POST", "erase", &wrong).status, 400, "{wrong}");
    }
    assert_eq!(server.api("POST", "erase", &json!({"handle": "nobody"})).status, 404);
    assert_eq!(server.get("ledger")["stored"], json!(1));
}

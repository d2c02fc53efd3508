//! Settings of a project: name and zone, write keys, retention, masks.

use std::{
    sync::atomic::Ordering::SeqCst,
    time::{Duration, Instant},
};

use cairn_server::{EngineOptions, ServerOptions};
use serde_json::{Value, json};

use crate::{
    client::request,
    setup::{NOW, Server, body, engine, pageview},
};

const DAY_MS: i64 = 24 * 3_600_000;

fn put(server: &Server, settings: &Value) -> crate::client::Answer {
    server.api("PUT", &format!("/api/projects/{}", server.project), settings)
}

fn settings(retention_days: Option<u32>, masks: &[&str]) -> Value {
    json!({"name": "Shop", "zone": "Europe/Berlin", "retention_days": retention_days, "masks": masks})
}

fn project(server: &Server) -> Value {
    server.get("/api/projects")["projects"][0].clone()
}

#[test]
fn settings_are_changed_kept_over_a_restart_and_wrong_ones_refused() {
    let dir = tempfile::tempdir().unwrap();
    let open = || {
        let (engine, clock) = engine(dir.path(), EngineOptions::default());
        Server::on(engine, clock, ServerOptions::default())
    };
    let server = open();
    assert_eq!(server.ingest(body(&[pageview(1, 1)])).status, 200);
    assert_eq!(
        server.ingest(body(&[json!({"type": "nothing", "user_id": "1", "event_id": "9", "time": NOW})])).status,
        400
    );
    server.settle();
    let by_day =
        json!({"graph": {"event": {"type": "pageview"}, "from": "2025-11-24", "to": "2025-11-25", "interval": "day"}});
    let day = |server: &Server| server.api("POST", "query", &by_day).json()["graph"]["buckets"][0].clone();
    assert_eq!(day(&server), json!("2025-11-24T00:00:00+01:00"));

    let to = json!({"name": " Store ", "zone": "Asia/Tokyo", "retention_days": 400, "masks": [".name"]});
    let changed = put(&server, &to);
    assert_eq!(changed.status, 200, "{}", changed.text());
    let changed = changed.json();
    assert_eq!((&changed["name"], &changed["zone"]), (&json!("Store"), &json!("Asia/Tokyo")));
    assert_eq!((&changed["retention_days"], &changed["masks"]), (&json!(400), &json!([".name"])));
    assert_eq!((project(&server), day(&server)), (changed.clone(), json!("2025-11-24T00:00:00+09:00")));
    // What was counted goes on.
    assert_eq!(server.get("ledger")["refused"], json!({"type": 1}));
    for (wrong, code) in [
        (json!({"name": "", "zone": "UTC", "masks": []}), "name"),
        (json!({"name": "S", "zone": "Moon", "masks": []}), "zone"),
        (json!({"name": "S", "zone": "UTC", "retention_days": 0, "masks": []}), "retention"),
        (json!({"name": "S", "zone": "UTC", "retention_days": 36_501, "masks": []}), "retention"),
        (json!({"name": "S", "zone": "UTC", "masks": ["a:hover"]}), "mask"),
        (json!({"name": "S", "zone": "UTC", "masks": ["a) b"]}), "mask"),
        (json!({"name": "S", "zone": "UTC", "masks": ["x".repeat(501)]}), "mask"),
        (json!({"name": "S", "zone": "UTC", "masks": vec!["a"; 51]}), "limit"),
        (json!({"name": "S", "zone": "UTC"}), "json"),
    ] {
        let answer = put(&server, &wrong);
        assert_eq!((answer.status, answer.code()), (400, code.to_owned()), "{}", answer.text());
    }
    drop(server);
    assert_eq!(project(&open()), changed);
}

#[test]
fn a_new_key_takes_the_place_of_the_old_one_which_works_until_it_is_revoked() {
    let server = Server::start();
    let sent = |key: &str, event: u64| {
        let body = body(&[pageview(1, event)]);
        request(server.address, "POST", &format!("/ingest/{key}"), &[], body.as_bytes()).status
    };
    let keys = format!("/api/projects/{}/keys", server.project);
    let made = server.api("POST", &keys, &Value::Null);
    assert_eq!(made.status, 201, "{}", made.text());
    let made = made.json();
    let key = made["write_key"].as_str().unwrap();
    assert_ne!(key, server.key);
    assert_eq!(made["former_keys"], json!([{"key": server.key, "replaced_at": NOW}]));
    assert_eq!((sent(key, 1), sent(&server.key, 2)), (200, 200));
    let current = server.api("DELETE", &format!("{keys}/{key}"), &Value::Null);
    assert_eq!((current.status, current.code()), (409, "used".to_owned()));
    let revoked = server.api("DELETE", &format!("{keys}/{}", server.key), &Value::Null);
    assert_eq!((revoked.status, revoked.json()["former_keys"].clone()), (200, json!([])));
    assert_eq!((sent(key, 3), sent(&server.key, 4)), (200, 401));
    assert_eq!(server.api("DELETE", &format!("{keys}/{}", server.key), &Value::Null).status, 404);
    for _ in 0..20 {
        assert_eq!(server.api("POST", &keys, &Value::Null).status, 201);
    }
    assert_eq!(server.api("POST", &keys, &Value::Null).code(), "limit");
    // Nor is it another project's to revoke.
    let other = server.api("POST", "/api/projects", &json!({"name": "B", "zone": "UTC"})).json();
    let path = format!("/api/projects/{}/keys/{key}", other["id"].as_str().unwrap());
    assert_eq!(server.api("DELETE", &path, &Value::Null).status, 404);
    assert_eq!(sent(key, 5), 200);
}

#[test]
fn what_is_older_than_a_project_keeps_expires_and_more_each_day() {
    let server = Server::start();
    let at = |days: i64, event: u64| {
        let mut view = pageview(1, event);
        view["time"] = json!(NOW - days * DAY_MS);
        view
    };
    let events: Vec<Value> = [0, 1, 5, 6, 40].iter().zip(1..).map(|(days, event)| at(*days, event)).collect();
    assert_eq!(server.ingest(body(&events)).status, 200);
    server.settle();
    let wait_for = |expired: u64| {
        let until = Instant::now() + Duration::from_secs(20);
        while server.get("ledger")["expired"] != json!(expired) {
            assert!(Instant::now() < until, "{}", server.get("ledger"));
            std::thread::sleep(Duration::from_millis(50));
        }
    };
    assert_eq!(put(&server, &settings(Some(5), &[])).status, 200);
    wait_for(2);
    assert_eq!(server.get("ledger")["stored"], json!(3));
    // The next day has begun.
    server.clock.fetch_add(DAY_MS, SeqCst);
    wait_for(3);
    // And what comes late has expired, too.
    assert_eq!(server.ingest(body(&[at(30, 9)])).status, 200);
    wait_for(4);
    assert_eq!(server.get("ledger")["stored"], json!(2));
}

#[test]
fn the_text_of_masked_elements_is_in_no_event_from_then_on() {
    let server = Server::start();
    let click = |event: u64| {
        json!({"type": "click", "user_id": "1", "event_id": event.to_string(), "time": NOW, "properties": {
            "chain": "html>body:2/2/1/1>div.profile[title=Ann Lee]:1/1/1/1>a.mail[href=/ann]:1/1/1/1",
            "target_text": "ann@example.com", "href": "/ann", "path": "/"}})
    };
    assert_eq!(server.ingest(body(&[click(1)])).status, 200);
    assert_eq!(put(&server, &settings(None, &[".other", ".profile"])).status, 200);
    assert_eq!(server.ingest(body(&[click(2), pageview(1, 3)])).status, 200);
    server.settle();
    let newest = server.get("events");
    let of = |event: &str| {
        let all = newest["events"].as_array().unwrap();
        all.iter().find(|one| one["event_id"] == *event).unwrap()["properties"].clone()
    };
    assert_eq!(of("1")["target_text"], json!("ann@example.com"));
    let masked = of("2");
    assert_eq!(masked["chain"], json!("html>body:2/2/1/1>div.profile:1/1/1/1>a.mail:1/1/1/1"));
    assert_eq!((&masked["target_text"], &masked["href"], &masked["path"]), (&Value::Null, &Value::Null, &json!("/")));
    assert_eq!(of("3")["path"], json!("/"));
}

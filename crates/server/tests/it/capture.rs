//! What is taken, what is refused, and that both are counted.

use std::{
    io::{BufReader, Write},
    time::{Duration, Instant},
};

use cairn_server::ServerOptions;
use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};

use crate::{
    client::{answer, connect, request},
    setup::{NOW, Server, body, pageview},
};

fn with(field: &str, value: Value) -> Value {
    let mut event = pageview(1, 1);
    event[field] = value;
    event
}

fn without(field: &str) -> Value {
    let mut event = pageview(1, 1);
    event.as_object_mut().unwrap().remove(field);
    event
}

#[test]
fn a_good_batch_is_durable_and_then_in_the_answers() {
    let server = Server::start();
    let messages = [
        pageview(1, 1),
        json!({"type": "custom", "name": "Order Placed", "user_id": "1", "event_id": "2", "time": NOW, "properties": {"cart": {"items": 3}}}),
        json!({"type": "identify", "user_id": "1", "handle": "jane@example.com", "time": NOW}),
        json!({"type": "user_properties", "user_id": 1, "time": NOW, "set": {"plan": "pro"}, "set_once": {"from": "a"}}),
    ];
    let answer = server.ingest(body(&messages));
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json(), json!({"accepted": 4, "refused": [], "server_time": NOW}));
    server.settle();

    let events = server.get("events?limit=10")["events"].clone();
    let names: Vec<_> = events.as_array().unwrap().iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(names.len(), 2, "{events}");
    assert!(events.as_array().unwrap().iter().all(|event| event["person"] == "jane@example.com"), "{events}");
    let order = events.as_array().unwrap().iter().find(|event| event["type"] == "custom").unwrap();
    assert_eq!(order["properties"], json!({"cart.items": 3.0, "name": "Order Placed"}));
    assert_eq!((&order["user_id"], &order["event_id"]), (&json!("1"), &json!("2")));

    let again = server.ingest(body(&messages));
    assert_eq!(again.json()["accepted"], 4);
    server.settle();
    let ledger = server.get("ledger");
    assert_eq!(
        (&ledger["accepted"], &ledger["stored"], &ledger["duplicate"]),
        (&json!(4), &json!(2), &json!(2)),
        "{ledger}"
    );
}

#[test]
fn each_bad_message_has_its_index_and_reason_and_is_in_the_ledger() {
    let server = Server::start();
    let deep = (0..17).fold(json!(1), |inner, _| json!({"a": inner}));
    let wide: serde_json::Map<String, Value> = (0..256).map(|n| (format!("p{n}"), json!(n))).collect();
    let ten_years = 10 * 365 * 24 * 3_600_000_i64;
    let table = [
        (json!("text"), "json"),
        (with("type", json!("explosion")), "type"),
        (with("type", json!(7)), "type"),
        (without("type"), "type"),
        (without("user_id"), "user_id"),
        (with("user_id", json!([1])), "user_id"),
        (without("event_id"), "event_id"),
        (with("event_id", json!("-1")), "event_id"),
        (without("time"), "time"),
        (with("time", json!(NOW + ten_years)), "time"),
        (with("time", json!("now")), "time"),
        (with("type", json!("custom")), "name"),
        (with("type", json!("identify")), "handle"),
        (with("properties", json!(wide)), "properties"),
        (with("properties", json!([1])), "properties"),
        (with("properties", deep), "depth"),
        (with("properties", json!({"chain": "><"})), "chain"),
        (with("properties", json!({"a": "nul: \0"})), "text"),
    ];
    let messages: Vec<Value> = table.iter().map(|(message, _)| message.clone()).collect();
    let all_bad = server.ingest(body(&messages));
    assert_eq!(all_bad.status, 400);
    let refused = all_bad.json()["refused"].clone();
    for (at, (message, reason)) in table.iter().enumerate() {
        assert_eq!((&refused[at]["index"], &refused[at]["reason"]), (&json!(at), &json!(reason)), "{message}");
        assert!(refused[at]["message"].as_str().is_some_and(|message| message.len() > 5), "{message}");
    }
    assert_eq!(refused.as_array().unwrap().len(), table.len());

    // Ten years ago is a time like any other; a sender that tells how wrong its clock is is corrected.
    let old = server.ingest(body(&[with("time", json!(NOW - ten_years))]));
    assert_eq!(old.status, 200, "{}", old.text());
    let off = json!({"sent_at": NOW + ten_years, "messages": [with("time", json!(NOW + ten_years))]});
    assert_eq!(server.ingest(off.to_string()).status, 200);

    let surrogate = format!(
        r#"{{"messages": [{}, {{"type": "pageview", "user_id": "1", "event_id": "9", "time": {NOW}, "properties": {{"a": "\ud800"}}}}, {}]}}"#,
        pageview(2, 1),
        pageview(2, 2)
    );
    let mixed = server.ingest(surrogate);
    assert_eq!(mixed.status, 200);
    assert_eq!(mixed.json()["accepted"], 2);
    assert_eq!(
        (&mixed.json()["refused"][0]["index"], &mixed.json()["refused"][0]["reason"]),
        (&json!(1), &json!("text"))
    );

    let ledger = server.get("ledger")["refused"].clone();
    let expected = json!({
        "json": 1, "type": 3, "user_id": 2, "event_id": 2, "time": 3, "name": 1, "handle": 1, "properties": 2, "depth": 1,
        "chain": 1, "text": 2
    });
    assert_eq!(ledger, expected);
}

#[test]
fn bodies_that_are_none_are_refused_whole() {
    let server = Server::start();
    for bad in ["", "{", "[]", "\u{0}", r#"{"messages": {}}"#, "messages=1"] {
        let answer = server.ingest(bad);
        assert_eq!((answer.status, answer.code()), (400, "json".to_owned()), "{bad:?}");
    }
    let not_utf8 = server.ingest(b"{\"messages\": [\"\xff\"]}");
    assert_eq!((not_utf8.status, not_utf8.code()), (400, "json".to_owned()));
    let nothing = server.ingest(r#"{"messages": []}"#);
    assert_eq!((nothing.status, nothing.json()["accepted"].clone()), (200, json!(0)));
    let unknown = request(server.address, "POST", "/ingest/ck_nobody", &[], body(&[pageview(1, 1)]).as_bytes());
    assert_eq!((unknown.status, unknown.code()), (401, "unknown_key".to_owned()));
    assert_eq!(unknown.header("access-control-allow-origin"), Some("*"));
    let get = request(server.address, "GET", &format!("/ingest/{}", server.key), &[], b"");
    assert_eq!((get.status, get.code()), (405, "method".to_owned()));
    assert_eq!(server.get("ledger")["refused"], json!({"json": 7}));
}

#[test]
fn sizes_are_limited_on_the_wire_and_unpacked() {
    let server = Server::start();
    let large = body(&[with("properties", json!({"a": "x".repeat(1 << 20)}))]);
    let answer = server.ingest(&large);
    assert_eq!((answer.status, answer.code()), (413, "size".to_owned()));

    let mut chunked = connect(server.address);
    write!(chunked, "POST /ingest/{} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n", server.key).unwrap();
    for _ in 0..20 {
        let _ = write!(chunked, "10000\r\n{}\r\n", "x".repeat(0x10000));
    }
    assert_eq!(crate::client::head(&mut BufReader::new(chunked)).status, 413);

    let many = format!(r#"{{"messages": [{}]}}"#, vec!["{}"; 10_001].join(","));
    let answer = server.ingest(many);
    assert_eq!((answer.status, answer.code()), (413, "size".to_owned()));
    assert_eq!(server.get("ledger")["refused"], json!({"size": 3}));
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::default());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

#[test]
fn gzip_is_understood_by_header_parameter_or_mark() {
    let server = Server::start();
    let packed = gzip(body(&[pageview(1, 1)]).as_bytes());
    let path = format!("/ingest/{}", server.key);
    for (path, headers) in [
        (path.clone(), vec![("content-encoding", "gzip"), ("content-type", "application/json")]),
        (format!("{path}?gzip=1"), vec![("content-type", "text/plain")]),
        (path, vec![]),
    ] {
        let answer = request(server.address, "POST", &path, &headers, &packed);
        assert_eq!((answer.status, answer.json()["accepted"].clone()), (200, json!(1)), "{path}");
    }
    let cut = server.ingest(&packed[..packed.len() - 9]);
    assert_eq!((cut.status, cut.code()), (400, "json".to_owned()));
}

#[test]
fn a_gzip_bomb_is_refused_in_flat_memory() {
    let server = Server::start();
    let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
    let zeros = vec![0; 1 << 20];
    for _ in 0..1024 {
        bomb.write_all(&zeros).unwrap();
    }
    let bomb = bomb.finish().unwrap();
    assert!(bomb.len() < 1 << 20, "it must get past the limit on the wire");
    let before = peak_kib();
    for _ in 0..5 {
        let answer = server.ingest(&bomb);
        assert_eq!((answer.status, answer.code()), (413, "size".to_owned()));
    }
    let grown = peak_kib().saturating_sub(before);
    assert!(grown < 64 << 10, "memory grew by {grown} KiB");
}

/// The most memory that this process has ever had.
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn who_sends_too_slowly_is_let_go() {
    let server = Server::with(ServerOptions { body_timeout: Duration::from_millis(300), ..ServerOptions::default() });
    let started = Instant::now();
    let mut slow_body = connect(server.address);
    write!(slow_body, "POST /ingest/{} HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{{", server.key).unwrap();
    let late = answer(&mut BufReader::new(slow_body));
    assert_eq!((late.status, late.code()), (408, "timeout".to_owned()));

    let mut slow_head = connect(server.address);
    write!(slow_head, "POST /ingest/{} HTTP/1.1\r\nhost: x\r\nx-a", server.key).unwrap();
    let mut rest = Vec::new();
    let _ = std::io::Read::read_to_end(&mut slow_head, &mut rest);
    assert!(started.elapsed() < Duration::from_secs(10), "it took {:?}", started.elapsed());
    assert_eq!(server.ingest(body(&[pageview(1, 1)])).status, 200);
}

#[test]
fn every_origin_may_write_and_none_may_send_credentials() {
    let server = Server::start();
    let path = format!("/ingest/{}", server.key);
    for origin in ["https://shop.example", "null", "http://localhost:3000"] {
        for asked in ["content-type", "content-type, content-encoding"] {
            let headers = [
                ("origin", origin),
                ("access-control-request-method", "POST"),
                ("access-control-request-headers", asked),
            ];
            let preflight = request(server.address, "OPTIONS", &path, &headers, b"");
            assert_eq!(preflight.status, 204);
            assert_eq!(preflight.header("access-control-allow-origin"), Some("*"));
            assert_eq!(preflight.header("access-control-allow-methods"), Some("POST"));
            assert_eq!(preflight.header("access-control-allow-headers"), Some("content-type, content-encoding"));
            assert!(preflight.header("access-control-max-age").is_some());
            assert_eq!(preflight.header("access-control-allow-credentials"), None);
        }
        for sent in [body(&[pageview(1, 1)]), "{".to_owned()] {
            let answer = request(server.address, "POST", &path, &[("origin", origin)], sent.as_bytes());
            assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
            assert_eq!(answer.header("access-control-allow-credentials"), None);
        }
        let script = request(server.address, "GET", "/cairn.js", &[("origin", origin)], b"");
        assert_eq!((script.status, script.header("access-control-allow-origin")), (200, Some("*")));
        // The API is for its own pages: no other origin may read it, or ask to write.
        let api = request(server.address, "OPTIONS", "/api/projects", &[("origin", origin)], b"");
        assert_eq!(api.header("access-control-allow-origin"), None);
        assert!(!(200..300).contains(&api.status), "{}", api.status);
    }
}

#[test]
fn events_are_enriched_and_the_address_is_nowhere() {
    let server = Server::start();
    let chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";
    let path = format!("/ingest/{}", server.key);
    let event = with("properties", json!({"time_zone": "America/Toronto", "browser": "Mosaic", "path": "/"}));
    let sent = body(std::slice::from_ref(&event));
    assert_eq!(request(server.address, "POST", &path, &[("user-agent", chrome)], sent.as_bytes()).status, 200);
    server.settle();
    let properties = server.get("events?limit=1")["events"][0]["properties"].clone();
    let expected = json!({
        "browser": "Chrome", "browser_version": "142", "os": "Windows", "device": "desktop", "country": "Canada", "path": "/",
        "time_zone": "America/Toronto"
    });
    assert_eq!(properties, expected);

    let mut imported = event;
    imported["event_id"] = json!("2");
    let answer = server.api("POST", "import", &json!({"messages": [imported]}));
    assert_eq!((answer.status, answer.json()["accepted"].clone()), (200, json!(1)));
    server.settle();
    let events = server.get("events?limit=2");
    let second = events["events"].as_array().unwrap().iter().find(|event| event["event_id"] == "2").unwrap();
    assert_eq!(second["properties"], json!({"browser": "Mosaic", "path": "/", "time_zone": "America/Toronto"}));
}

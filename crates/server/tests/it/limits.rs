//! What a question may take on a server, and that one whose client has left is stopped.

use std::{
    io::Write,
    thread,
    time::{Duration, Instant},
};

use cairn_analysis::Limits;
use cairn_server::ServerOptions;
use serde_json::{Value, json};

use crate::{
    client::{connect, request},
    setup::{NOW, Server, body, pageview},
};

/// A server that answers one question at a time, with an event of each of so many users.
fn with(limits: Limits, users: u64) -> Server {
    let options = ServerOptions { query_limits: limits, queries_max: 1, ..ServerOptions::default() };
    let server = Server::with(options);
    let messages: Vec<Value> = (1..=users).map(|at| pageview(at, at)).collect();
    assert_eq!(server.ingest(body(&messages)).status, 200);
    server.settle();
    server
}

fn graph(more: &[(&str, Value)]) -> Value {
    let mut graph = json!({"event": {"type": "pageview"}, "from": NOW - 100_000, "to": NOW, "interval": "whole"});
    more.iter().for_each(|(name, value)| graph[*name] = value.clone());
    json!({"graph": graph})
}

#[test]
fn a_question_beyond_its_time_or_memory_is_refused_with_what_to_do() {
    let server = with(Limits { time: Some(Duration::ZERO), memory_bytes: None }, 10);
    let answer = server.api("POST", "query", &graph(&[]));
    assert_eq!((answer.status, answer.code()), (504, "timeout".to_owned()));
    assert!(answer.text().contains("CAIRN_QUERY_SECONDS") && answer.header("retry-after").is_none());
    let preview = server.api("POST", "preview", &json!({"predicate": {"type": "pageview"}}));
    assert_eq!((preview.status, preview.code()), (504, "timeout".to_owned()));

    let server = with(Limits { time: None, memory_bytes: Some(100) }, 2_000);
    let answer = server.api("POST", "query", &graph(&[("measure", json!({"summary": "amount"}))]));
    assert_eq!((answer.status, answer.code()), (422, "memory".to_owned()));
    assert!(answer.text().contains("fewer groups"), "{}", answer.text());
}

#[test]
fn a_question_whose_client_has_left_is_stopped() {
    let server = with(Limits::default(), 4_000);
    let year_ms = 366 * 24 * 3_600_000;
    let hours =
        json!({"lifecycle": {"event": {"type": "pageview"}, "from": NOW - year_ms, "to": NOW, "interval": "hour"}});
    // For each user an answer of 8,784 intervals: many seconds of work.
    let slow = json!({"people": {"of": hours, "cell": {"at": 8_783, "who": "new"}}}).to_string();
    let mut stream = connect(server.address);
    let head = format!(
        "POST /api/projects/{}/query HTTP/1.1\r\nhost: cairn\r\nauthorization: Bearer {}\r\ncontent-length: {}\r\n\r\n",
        server.project,
        server.token,
        slow.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(slow.as_bytes()).unwrap();
    thread::sleep(Duration::from_millis(300));
    drop(stream);

    let cancelled = "cairn_stopped_queries_total{reason=\"cancelled\"} 1";
    let until = Instant::now() + Duration::from_secs(10);
    // Its place is free again, so the metrics can be had, and it ended for want of a reader.
    while !request(server.address, "GET", "/metrics", &[], b"").text().contains(cancelled) {
        assert!(Instant::now() < until, "it was not stopped");
        thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(server.api("POST", "query", &graph(&[])).json()["graph"]["total"]["total"], 4_000);
}

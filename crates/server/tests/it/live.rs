//! The live feed.

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    client::{chunk, connect, head},
    setup::{NOW, Server, body, pageview},
};

pub(crate) fn listen(server: &Server) -> BufReader<TcpStream> {
    let mut stream = connect(server.address);
    let path = format!("/api/projects/{}/live", server.project);
    write!(stream, "GET {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\r\n", server.token).unwrap();
    let mut reader = BufReader::new(stream);
    let answer = head(&mut reader);
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/event-stream")));
    assert_eq!(chunk(&mut reader).unwrap(), b": \n\n");
    reader
}

/// Reads until `count` events have come; the sums of what was skipped stand among them as numbers.
pub(crate) fn events(reader: &mut impl BufRead, count: usize) -> Vec<Value> {
    let (mut text, mut found) = (String::new(), Vec::new());
    let until = Instant::now() + Duration::from_secs(20);
    while found.len() < count {
        assert!(Instant::now() < until, "{} of {count} came", found.len());
        text += &String::from_utf8(chunk(reader).expect("the feed ended")).unwrap();
        while let Some((one, rest)) = text.split_once("\n\n") {
            let data = one.lines().find_map(|line| line.strip_prefix("data: "));
            found.extend(data.map(|data| serde_json::from_str::<Value>(data).unwrap()));
            text = rest.to_owned();
        }
    }
    found
}

#[test]
fn events_come_with_person_and_definitions_once_and_from_one_project() {
    let server = Server::start();
    assert_eq!(server.api("PUT", "definitions/Views", &json!({"predicate": {"type": "pageview"}})).status, 200);
    let other = server.engine.registry().create_project("Other", "UTC", cairn_model::TimeMs(NOW)).unwrap();
    let mut feed = listen(&server);

    let messages =
        [pageview(1, 1), json!({"type": "identify", "user_id": "1", "handle": "jane", "time": NOW}), pageview(1, 2)];
    let started = Instant::now();
    assert_eq!(server.ingest(body(&messages)).status, 200);
    let seen = events(&mut feed, 2);
    assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
    assert_eq!((&seen[0]["event_id"], &seen[1]["event_id"]), (&json!("1"), &json!("2")));
    assert!(seen.iter().all(|event| event["person"] == "jane" && event["definitions"] == json!(["Views"])), "{seen:?}");

    let path = format!("/ingest/{}", other.write_key);
    assert_eq!(
        crate::client::request(server.address, "POST", &path, &[], body(&[pageview(7, 7)]).as_bytes()).status,
        200
    );
    // One that is known, and one that is new: only the new one comes.
    assert_eq!(server.ingest(body(&[pageview(1, 1), pageview(1, 3)])).status, 200);
    let seen = events(&mut feed, 1);
    assert_eq!((&seen[0]["user_id"], &seen[0]["event_id"]), (&json!("1"), &json!("3")));
}

#[test]
fn what_is_too_much_to_show_is_counted() {
    let server = Server::start();
    let mut feed = listen(&server);
    let many: Vec<Value> = (1..=250).map(|event| pageview(1, event)).collect();
    assert_eq!(server.ingest(body(&many)).status, 200);
    let seen = events(&mut feed, 201);
    assert_eq!(seen[0], json!(50));
    assert_eq!(seen[200]["event_id"], "250");
}

#[test]
fn who_reads_too_slowly_is_told_how_many_were_skipped() {
    let server = Server::start();
    let mut feed = listen(&server);
    let (batches, size) = (450_u64, 40);
    let filler = "x".repeat(5_000);
    for batch in 0..batches {
        let messages: Vec<Value> = (1..=size)
            .map(|n| {
                let mut event = pageview(1, batch * size + n);
                event["properties"]["filler"] = json!(filler);
                event
            })
            .collect();
        let answer = server.ingest(body(&messages));
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    server.settle();
    // What was shown and what was skipped is everything, each once.
    let (mut shown, mut skipped) = (0, 0);
    while shown + skipped < batches * size {
        for one in events(&mut feed, 1) {
            match one.as_u64() {
                Some(number) => skipped += number,
                None => shown += 1,
            }
        }
    }
    assert!(skipped > 0, "the reader kept up: the test shows nothing");
    assert_eq!(shown + skipped, batches * size);
}

#[test]
fn a_feed_does_not_hold_up_the_end() {
    let mut server = Server::start();
    let mut feed = listen(&server);
    let started = Instant::now();
    let stopped = server.stop();
    stopped.recv_timeout(Duration::from_secs(5)).expect("the server still runs");
    assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
    assert_eq!(chunk(&mut feed), None);
}

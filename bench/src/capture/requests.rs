//! Requests, made before the clock runs. Only ids and the time of sending change from one sending to the next: digits in place.

use std::{
    net::SocketAddr,
    time::{SystemTime, UNIX_EPOCH},
};

use crate::data::{Event, Events, IdOrder, START_MS, Spec, TYPES, World};

/// Events of a request.
pub const BATCH: usize = 100;

/// Senders differ.
const AGENTS: [&str; 6] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 Safari/605.1.15",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/137.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36 Edg/138.0.0.0",
];
const ZONES: [&str; 4] = ["Europe/Berlin", "America/New_York", "Asia/Tokyo", "America/Sao_Paulo"];
const DIGITS: usize = 19;

/// A whole HTTP request, ready to be sent.
#[derive(Clone, Debug)]
pub struct Request {
    bytes: Vec<u8>,
    /// Where the event ids' 19 digits begin.
    ids: Vec<usize>,
    /// Where the 13 digits of the time of sending begin.
    sent_at: usize,
    body_bytes: usize,
}

impl Request {
    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The length of its body.
    pub fn body_bytes(&self) -> usize {
        self.body_bytes
    }

    /// Gives its events the ids from `first_id` on, which have 19 digits, and the time of sending.
    pub fn stamp(&mut self, first_id: u64, sent_at_ms: u64) {
        for (at, id) in self.ids.iter().zip(first_id..) {
            digits(&mut self.bytes[*at..*at + DIGITS], id);
        }
        digits(&mut self.bytes[self.sent_at..self.sent_at + 13], sent_at_ms);
    }
}

fn digits(out: &mut [u8], mut number: u64) {
    for digit in out.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

/// The time, in milliseconds.
pub(super) fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}

/// `count` requests to `POST {path}` at `host`; the ids in them are to be stamped.
pub fn requests(world: &World, count: usize, host: SocketAddr, path: &str) -> Vec<Request> {
    let spec =
        Spec { events: (count * BATCH) as u64 * 4, seed: 3, ids: IdOrder::Time, hostile: false, start_ms: START_MS };
    let mut events: Vec<Event> = Events::new(world, spec).collect();
    // As a site's visitors send them: each one's events together.
    events.sort_by_key(|event| event.session_id);
    let batches = events.chunks_exact(BATCH).take(count).enumerate();
    batches.map(|(at, batch)| request(world, batch, host, path, AGENTS[at % AGENTS.len()])).collect()
}

fn request(world: &World, batch: &[Event], host: SocketAddr, path: &str, agent: &str) -> Request {
    let now_ms = now_ms();
    let mut body = format!("{{\"sent_at\":{now_ms},\"messages\":[");
    let mut ids = Vec::new();
    for (at, event) in batch.iter().enumerate() {
        let before = if at > 0 { "," } else { "" };
        let time_ms = now_ms - 60_000 + 100 * at as u64;
        let user_id = event.user_id;
        let kind = TYPES[usize::from(event.kind)];
        body += &format!("{before}{{\"time\":{time_ms},\"type\":\"{kind}\",\"user_id\":\"{user_id}\",\"event_id\":\"");
        ids.push(body.len());
        body += &format!("{}\",", "1".repeat(DIGITS));
        if let Some(name) = event.name {
            body += &format!("\"name\":\"{}\",", world.names[usize::from(name)]);
        }
        body += &format!("\"properties\":{}}}", properties(world, event));
    }
    body += "]}";
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {agent}\r\nAccept: */*\r\nAccept-Encoding: gzip, deflate, br\r\n\
         Content-Type: text/plain;charset=UTF-8\r\nOrigin: https://shop.example\r\nReferer: https://shop.example/\r\n\
         Content-Length: {}\r\n\r\n",
        body.len()
    );
    ids.iter_mut().for_each(|at| *at += head.len());
    let sent_at = head.len() + "{\"sent_at\":".len();
    Request { body_bytes: body.len(), bytes: [head, body].concat().into_bytes(), ids, sent_at }
}

/// What the capture script says of an event, in its order.
fn properties(world: &World, event: &Event) -> serde_json::Value {
    let text = |list: &[String], at: Option<u16>| at.map(|at| list[usize::from(at)].clone());
    let mut out = serde_json::json!({
        "domain": "shop.example", "path": world.paths[usize::from(event.path)], "title": world.titles[usize::from(event.path)],
        "viewport_width": 390 + 50 * (event.user_id % 30), "viewport_height": 700 + 20 * (event.user_id % 17),
        "language": "en-GB", "time_zone": ZONES[event.user_id as usize % 4], "library": "web", "library_version": "0.1.0",
        "session_id": event.session_id.to_string(),
    });
    let mut set = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            out[name] = value.into();
        }
    };
    set("referrer", text(&world.referrers, event.referrer));
    set("utm_source", text(&world.sources, event.source));
    set("plan", text(&world.plans, event.plan));
    if let Some(chain) = event.chain {
        let href = world.href_of(chain);
        set("chain", text(&world.chains, Some(chain)));
        set("target_tag", Some(if href.is_some() { "a" } else { "button" }.to_owned()));
        set("target_text", Some(world.texts[world.text_of(chain)].clone()));
        set("href", href.map(|at| format!("https://shop.example{}", world.hrefs[at])));
    }
    if let Some(amount) = event.amount {
        out["amount"] = amount.into();
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn stamped_requests_hold_new_ids() {
        let world = World::new(3);
        let mut requests = requests(&world, 2, ([127, 0, 0, 1], 80).into(), "/ingest/ck_1");
        requests[1].stamp(3_000_000_000_000_000_000, 1_763_877_600_000);
        let text = std::str::from_utf8(requests[1].bytes()).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.ends_with(&format!("Content-Length: {}", body.len())));
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(body["sent_at"], 1_763_877_600_000_u64);
        assert_eq!(body["messages"].as_array().unwrap().len(), BATCH);
        assert_eq!(body["messages"][99]["event_id"], "3000000000000000099");
    }
}

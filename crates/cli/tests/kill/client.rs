//! A client that sends batches, and sends again exactly what was not acknowledged.

use std::{
    collections::HashMap,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    },
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde_json::{Value, json};

use crate::{
    chance,
    found::{Key, note},
};

/// Small, so that many requests are under way when the kill comes.
const BATCH_MAX: u64 = 10;
const USERS: u64 = 40;
const BETWEEN: Duration = Duration::from_millis(3);
const PAUSE: Duration = Duration::from_millis(10);

/// What all clients share with the one who kills.
#[derive(Default)]
pub(crate) struct Shared {
    /// Where to send to; changes with each start of the server.
    pub(crate) url: Mutex<String>,
    pub(crate) stop: AtomicBool,
    /// The test has failed.
    pub(crate) given_up: AtomicBool,
    /// Events acknowledged so far.
    pub(crate) acknowledged: AtomicU64,
    /// Requests sent again.
    pub(crate) again: AtomicU64,
}

/// Sends until told to stop, then until its last batch is acknowledged. Returns all that was.
pub(crate) fn run(number: u64, shared: &Shared) -> HashMap<Key, i64> {
    let config =
        ureq::Agent::config_builder().timeout_global(Some(Duration::from_secs(20))).http_status_as_error(false);
    let agent: ureq::Agent = config.build().into();
    let mut ledger = HashMap::new();
    let mut next = number * 1_000_000_000;
    while !shared.stop.load(SeqCst) && !shared.given_up.load(SeqCst) {
        let batch = batch(&mut next);
        let body = body(&batch);
        while !acknowledged(&agent, shared, &body, batch.len()) {
            if shared.given_up.load(SeqCst) {
                return ledger;
            }
            shared.again.fetch_add(1, SeqCst);
            thread::sleep(PAUSE);
        }
        shared.acknowledged.fetch_add(batch.len() as u64, SeqCst);
        ledger.extend(batch);
        // As fast as it can, it would make thousands of small parts, and test nothing more.
        thread::sleep(chance::moment(BETWEEN));
    }
    ledger
}

fn batch(next: &mut u64) -> Vec<(Key, i64)> {
    let now_ms = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64;
    let count = 1 + chance::below(BATCH_MAX);
    let event = |at| {
        *next += 1;
        ((1 + *next % USERS, *next), now_ms - at as i64)
    };
    (0..count).map(event).collect()
}

fn body(batch: &[(Key, i64)]) -> String {
    let message = |(key, time): &(Key, i64)| -> Value {
        json!({"type": "click", "user_id": key.0.to_string(), "event_id": key.1.to_string(), "time": time,
            "properties": {"note": note(*key), "path": format!("/page-{}", key.1 % 97)}})
    };
    json!({"messages": batch.iter().map(message).collect::<Vec<_>>()}).to_string()
}

/// False if the server was away, or busy, or nobody knows.
fn acknowledged(agent: &ureq::Agent, shared: &Shared, body: &str, count: usize) -> bool {
    let url = shared.url.lock().unwrap().clone();
    let Ok(mut answer) = agent.post(url).send(body) else { return false };
    let status = answer.status().as_u16();
    let Ok(text) = answer.body_mut().read_to_string() else { return false };
    if status == 503 {
        return false;
    }
    let told: Value = serde_json::from_str(&text).unwrap_or_default();
    assert!(status == 200 && told["accepted"] == count, "{count} events were sent, the answer is {status} {text}");
    true
}

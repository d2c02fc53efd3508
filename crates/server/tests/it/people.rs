//! One person: who it is, taking that back, and all about them in one document; on both stores.

use cairn_postgres::PostgresOptions;
use cairn_server::{Engine, ServerOptions};
use cairn_testkit::postgres::Cluster;
use serde_json::{Value, json};

use crate::{
    postgres::{options, wait_for},
    schema::check,
    setup::{NOW, Server, body, pageview},
};

const JANE: &str = "jane+\u{e9}@example.com";
const AT: &str = "jane%2B%C3%A9%40example.com";

fn identify(user: u64, handle: &str, time: i64) -> Value {
    json!({"type": "identify", "user_id": user.to_string(), "handle": handle, "time": time})
}

fn fill(server: &Server) {
    let own = |user: u64, time: i64, set: Value, once: Value| json!({"type": "user_properties", "user_id": user.to_string(), "time": time, "set": set, "set_once": once});
    let mut bot = pageview(2, 9);
    bot["properties"]["session_id"] = json!("7");
    let messages = [
        pageview(1, 1),
        pageview(1, 2),
        pageview(2, 3),
        pageview(3, 4),
        bot,
        identify(1, JANE, NOW - 500),
        identify(2, JANE, NOW - 400),
        // A clock that is ahead.
        identify(2, "other", NOW + 3_600_000),
        identify(3, "joe", NOW + 3_600_000),
        own(1, NOW - 300, json!({"plan": "free"}), json!({"from": "a"})),
        own(2, NOW - 200, json!({"plan": "pro"}), json!({"from": "b"})),
    ];
    let answer = server.ingest(body(&messages));
    assert_eq!((answer.status, &answer.json()["refused"]), (200, &json!([])), "{}", answer.text());
    server.settle();
    let list = json!({"users": [{"handle": JANE}, {"id": "9"}]});
    assert_eq!(server.api("PUT", "lists/Beta", &list).status, 200);
    assert_eq!(server.api("PUT", "lists/Ids", &json!({"users": [{"id": "2"}]})).status, 200);
    assert_eq!(server.api("PUT", "lists/Others", &json!({"users": [{"id": "3"}]})).status, 200);
}

fn is_described(server: &Server, schema: &str, answer: &Value) {
    let document = server.get("/api/openapi.json");
    check(&document, &document["components"]["schemas"][schema], answer)
        .unwrap_or_else(|why| panic!("{schema}: {why}"));
}

fn users(server: &Server, search: &str) -> Value {
    let answer = server.api("POST", "query", &json!({"users": {"search": search, "properties": []}}));
    answer.json()["users"]["users"].clone()
}

fn a_person_is_shown_revoked_and_given(server: &Server) {
    fill(server);
    let jane = server.get(&format!("person?handle={AT}"));
    let person = json!({"handle": JANE, "user_ids": ["1", "2"], "properties": {"from": "a", "plan": "pro"}});
    assert_eq!(jane["person"], person);
    let said = |user: &str, handle: &str, time: i64, revoked: bool| json!({"user_id": user, "handle": handle, "time": time, "received_at": NOW, "revoked": revoked});
    let all = [
        said("1", JANE, NOW - 500, false),
        said("2", JANE, NOW - 400, false),
        said("2", "other", NOW + 3_600_000, false),
    ];
    assert_eq!((&jane["identifications"], &jane["lists"]), (&json!(all), &json!(["Beta", "Ids"])));
    assert_eq!(server.get("person?user_id=2"), jane);

    // All about her, in one document.
    let given = server.get(&format!("export?kind=person&handle={AT}"));
    assert_eq!(
        (&given["person"], &given["identifications"], &given["lists"]),
        (&person, &jane["identifications"], &jane["lists"])
    );
    assert_eq!(
        (&given["complete"], &given["exported_at"], &given["project"]["name"]),
        (&json!(true), &json!(NOW), &json!("Shop"))
    );
    let of = |name: &str| -> Vec<Value> { given[name].as_array().unwrap().clone() };
    let ids: Vec<Value> = of("events").into_iter().map(|event| event["event_id"].clone()).collect();
    assert_eq!(ids, ["9", "3", "2", "1"]);
    assert_eq!(of("events")[0]["properties"], json!({"path": "/", "session_id": "7"}));
    let values: Vec<Value> =
        of("property_values").into_iter().map(|fact| json!([fact["name"], fact["value"], fact["once"]])).collect();
    let values_of_both = [
        json!(["plan", "free", false]),
        json!(["from", "a", true]),
        json!(["plan", "pro", false]),
        json!(["from", "b", true]),
    ];
    assert_eq!(values, values_of_both);

    is_described(server, "Profile", &jane);
    is_described(server, "Subject", &given);

    // One of her devices is not hers: it is whose it was said to be next.
    let revoke =
        |user: &str, handle: &str| server.api("POST", "unidentify", &json!({"user_id": user, "handle": handle}));
    let revoked = revoke("2", JANE);
    let told = json!({"user_id": "2", "handle": JANE, "until": NOW, "belongs_to": "other"});
    assert_eq!((revoked.status, revoked.json()), (200, told));
    assert_eq!(server.get(&format!("person?handle={AT}"))["person"]["user_ids"], json!(["1"]));
    let other = server.get("person?user_id=2");
    assert_eq!(
        (&other["person"]["handle"], &other["identifications"][0]),
        (&json!("other"), &said("2", JANE, NOW - 400, true))
    );
    is_described(server, "Revocation", &revoked.json());
    // Once more, then nobody's; though the sender's clock was ahead.
    let revoked = revoke("2", "other").json();
    assert_eq!((&revoked["until"], &revoked["belongs_to"]), (&json!(NOW + 3_600_000), &json!(null)));
    let own = server.get("person?user_id=2")["person"].clone();
    assert_eq!(own, json!({"handle": null, "user_ids": ["2"], "properties": {"from": "b", "plan": "pro"}}));
    assert_eq!(users(server, "other"), json!([]));
    // What is not so cannot be revoked.
    for (user, handle) in [("2", JANE), ("1", "joe"), ("4711", "joe")] {
        let refused = revoke(user, handle);
        assert_eq!((refused.status, refused.code()), (404, "not_found".to_owned()), "{user} {handle}");
    }
    // A later identification joins again.
    assert_eq!(server.ingest(body(&[identify(2, JANE, NOW + 3_600_001)])).status, 200);
    server.settle();
    assert_eq!(server.get(&format!("person?handle={AT}"))["person"]["user_ids"], json!(["1", "2"]));

    // What is erased is not given any more.
    assert_eq!(server.api("POST", "erase", &json!({"handle": JANE})).json()["events"], json!(4));
    for path in ["person?user_id=1", "export?kind=person&user_id=1"] {
        let gone = server.api("GET", path, &Value::Null);
        assert_eq!((gone.status, gone.code()), (404, "unknown_user".to_owned()), "{path}: {}", gone.text());
    }
    assert_eq!(server.get("person?user_id=3")["person"]["handle"], json!("joe"));
}

fn whose_must_be_said(server: &Server) {
    for path in ["person", "person?user_id=1&handle=a", "person?user_id=0", "export?kind=person", "export?kind=nobody"]
    {
        let wrong = server.api("GET", path, &Value::Null);
        assert_eq!((wrong.status, wrong.code()), (400, "parameter".to_owned()), "{path}: {}", wrong.text());
    }
    for wrong in [json!({}), json!({"user_id": "1"}), json!({"handle": "a"}), json!({"user_id": "0", "handle": "a"})] {
        assert_eq!(server.api("POST", "unidentify", &wrong).status, 400, "{wrong}");
    }
}

/// The page of a person with more events than are read at once.
fn many_events_are_given_in_pages(server: &Server) {
    let messages: Vec<Value> = (1..=2_500).map(|event| pageview(77, event)).collect();
    assert_eq!(server.ingest(body(&messages)).status, 200);
    server.settle();
    let given = server.get("export?kind=person&user_id=77");
    let events = given["events"].as_array().unwrap();
    assert_eq!(
        (events.len(), &events[0]["event_id"], &events[2_499]["event_id"]),
        (2_500, &json!("2500"), &json!("1"))
    );
}

#[test]
fn in_the_embedded_store() {
    let server = Server::start();
    a_person_is_shown_revoked_and_given(&server);
    whose_must_be_said(&server);
    many_events_are_given_in_pages(&server);
    assert_eq!(server.get("indexes"), json!({"indexes": null}));
    let ledger = server.get("ledger");
    is_described(&server, "Ledger", &ledger);
    assert_eq!((&ledger["log"], &ledger["sizes"]["shared"]), (&ledger["positions"], &json!(false)));
    assert!(ledger["delay"]["slowest_ms"].as_f64().unwrap() >= ledger["delay"]["last_ms"].as_f64().unwrap());
    assert!(ledger["sizes"]["log_bytes"].as_u64().unwrap() > 1_000);
    server.engine.flush().unwrap();
    assert!(server.get("ledger")["sizes"]["store_bytes"].as_u64().unwrap() > 1_000);
}

#[test]
fn in_postgres() {
    let (cluster, dir) = (Cluster::fast(), tempfile::tempdir().unwrap());
    let (options, clock) = options();
    let engine = Engine::open_on_postgres(dir.path(), PostgresOptions::new(cluster.url("cairn")), options).unwrap();
    let server = Server::on(engine, clock, ServerOptions::default());
    a_person_is_shown_revoked_and_given(&server);
    whose_must_be_said(&server);
    many_events_are_given_in_pages(&server);
    assert_eq!(server.api("PUT", "definitions/Views", &json!({"predicate": {"type": "pageview"}})).status, 200);
    assert_eq!(server.api("PUT", "definitions/Seen", &json!({"predicate": {"type": "pageview"}})).status, 200);
    let indexes = server.get("indexes")["indexes"].clone();
    is_described(&server, "DefinitionIndex", &indexes[0]);
    assert_eq!((indexes.as_array().unwrap().len(), &indexes[0]["definitions"]), (1, &json!(["Seen", "Views"])));
    wait_for("an index", || server.get("indexes")["indexes"][0]["state"] == json!("valid"));
    let ledger = server.get("ledger");
    is_described(&server, "Ledger", &ledger);
    assert_eq!((&ledger["log"], &ledger["sizes"]["shared"]), (&ledger["positions"], &json!(true)));
    assert!(ledger["sizes"]["store_bytes"].as_u64().unwrap() > 1_000_000);
}

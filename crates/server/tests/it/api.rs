//! Projects, definitions, questions, and what is told about the server.

use cairn_model::ProjectId;
use serde_json::{Value, json};

use crate::setup::{NOW, Server, body, pageview};

#[test]
fn projects_are_made_and_listed() {
    let server = Server::start();
    let made = server.api("POST", "/api/projects", &json!({"name": " Docs ", "zone": "America/New_York"}));
    assert_eq!(made.status, 201);
    let made = made.json();
    assert_eq!(
        (&made["name"], &made["zone"], &made["created_at"]),
        (&json!("Docs"), &json!("America/New_York"), &json!(NOW))
    );
    assert!(made["write_key"].as_str().unwrap().starts_with("ck_"));
    let all = server.get("/api/projects");
    assert_eq!(all["projects"].as_array().unwrap().len(), 2);
    assert_eq!(all["projects"][1], made);
    for (new, code) in [
        (json!({"name": "", "zone": "UTC"}), "name"),
        (json!({"name": "x".repeat(256), "zone": "UTC"}), "name"),
        (json!({"name": "x", "zone": "Mars/Olympus"}), "zone"),
        (json!({"name": "x", "zone": "'; drop table projects; --"}), "zone"),
        (json!({"name": "x"}), "json"),
        (json!([1]), "json"),
    ] {
        let answer = server.api("POST", "/api/projects", &new);
        assert_eq!((answer.status, answer.code()), (400, code.to_owned()), "{new}");
    }
}

#[test]
fn definitions_are_kept_replaced_and_deleted() {
    let server = Server::start();
    let clicks = json!({"predicate": {"all": [{"type": "click"}, {"selector": "a.btn"}]}});
    let path = "definitions/Add%20to%20cart%2Fbasket%20%C3%A4";
    let made = server.api("PUT", path, &clicks);
    assert_eq!(made.status, 200, "{}", made.text());
    let expected = json!({"name": "Add to cart/basket ä", "predicate": clicks["predicate"], "created_at": NOW});
    assert_eq!(made.json(), expected);
    assert_eq!(server.get("definitions"), json!({"definitions": [expected]}));
    let views = json!({"predicate": {"type": "pageview"}});
    assert_eq!(server.api("PUT", path, &views).status, 200);
    assert_eq!(server.get("definitions")["definitions"][0]["predicate"], views["predicate"]);
    assert_eq!(server.api("DELETE", path, &Value::Null).status, 204);
    assert_eq!(server.api("DELETE", path, &Value::Null).status, 404);

    let long = format!("definitions/{}", "x".repeat(256));
    for (path, predicate, code) in [
        ("definitions/a", json!({"selector": "a + b"}), "selector"),
        ("definitions/a", json!({"selector": "a:hover"}), "selector"),
        ("definitions/a", json!({"type": "explosion"}), "predicate"),
        ("definitions/a", json!({"all": [{"user": "plan", "is": "pro"}]}), "predicate"),
        ("definitions/a", json!(7), "predicate"),
        ("definitions/a%00b", json!({"type": "click"}), "name"),
        (long.as_str(), json!({"type": "click"}), "name"),
    ] {
        let answer = server.api("PUT", path, &json!({"predicate": predicate}));
        assert_eq!((answer.status, answer.code()), (400, code.to_owned()), "{predicate}");
    }
}

fn with_events() -> Server {
    let server = Server::start();
    let mut messages: Vec<Value> = (1..=5).map(|user| pageview(user, 1)).collect();
    messages.push(json!({"type": "click", "user_id": "1", "event_id": "9", "time": NOW, "properties": {
        "chain": "html>body:2/2/1/1>button#buy.btn:1/3/1/1", "target_text": "Buy", "path": "/cart"}}));
    messages.push(json!({"type": "identify", "user_id": "1", "handle": "jane@example.com", "time": NOW}));
    messages.push(json!({"type": "user_properties", "user_id": "1", "time": NOW, "set": {"plan": "pro"}}));
    assert_eq!(server.ingest(body(&messages)).status, 200);
    server.settle();
    server
}

#[test]
fn a_question_has_the_same_answer_without_http() {
    let server = with_events();
    let project = server.engine.registry().projects()[0].id;
    let graph = json!({"event": {"type": "pageview"}, "measure": "users", "from": NOW - 86_400_000, "to": NOW + 86_400_000, "interval": "day"});
    let plain = |json: &str| cairn_server::ask(&server.engine, project, json.as_bytes());
    let question = json!({"graph": graph});
    let answer: Value = serde_json::from_slice(&plain(&question.to_string()).unwrap()).unwrap();
    let served = server.api("POST", "query", &question).json();
    assert_eq!((&answer["graph"], &answer["positions"]), (&served["graph"], &served["positions"]));
    assert!(answer["graph"]["total"]["total"].as_u64() > Some(0), "{answer}");
    let codes = [("{", "json"), ("{\"pie\": {}}", "query"), ("{\"graph\": {\"event\": \"Nothing\"}}", "time")];
    for (json, code) in codes {
        assert_eq!(plain(json).unwrap_err().code, code, "{json}");
    }
    let nobody = cairn_server::ask(&server.engine, ProjectId::parse("4095").unwrap(), b"{}");
    assert_eq!(nobody.unwrap_err().code, "not_found");
}

#[test]
fn a_query_is_answered_by_name_and_by_predicate() {
    let server = with_events();
    server.clock.fetch_add(1000, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(server.api("PUT", "definitions/Buy", &json!({"predicate": {"selector": "#buy"}})).status, 200);
    let graph = |event: Value, measure: &str| json!({"graph": {"event": event, "measure": measure, "from": NOW - 86_400_000, "to": NOW + 86_400_000, "interval": "whole"}});
    let total = |query: &Value| {
        let answer = server.api("POST", "query", query);
        assert_eq!(answer.status, 200, "{}", answer.text());
        let answer = answer.json();
        assert!(answer["explain"]["sentence"].is_string() && answer["positions"].is_array(), "{answer}");
        answer["graph"]["total"]["total"].clone()
    };
    assert_eq!(total(&graph(json!("Buy"), "users")), 1);
    assert_eq!(total(&graph(json!({"type": "pageview"}), "count")), 5);
    let mut of_pro = graph(json!({"type": "pageview"}), "count");
    of_pro["graph"]["where"] = json!({"user": "plan", "is": "pro"});
    assert_eq!(total(&of_pro), 1);

    let graphs = |event: Value, formula: &str| {
        json!({"graphs": {"events": [event, {"event": {"type": "pageview"}}], "formulas": [formula], "from": "2025-11-01", "to": "2025-12-01",
                          "interval": "whole"}})
    };
    let shares = server.api("POST", "query", &graphs(json!({"event": "Buy"}), "A / B")).json();
    assert_eq!(shares["graphs"]["lines"][2]["total"]["total"], 0.2, "{shares}");

    let mut hover = graph(json!("Buy"), "users");
    hover["graph"]["where"] = json!({"selector": "a:hover"});
    for (query, code) in [
        (graph(json!("Nothing"), "count"), "unknown_event"),
        (graph(json!({"selector": "a ~ b"}), "count"), "selector"),
        (hover, "selector"),
        (graphs(json!({"event": "Buy", "where": {"selector": "a:hover"}}), "A / B"), "selector"),
        (graphs(json!({"event": "Buy"}), "A / C"), "formula"),
        (json!({"graph": {"event": "Buy", "from": "yesterday", "to": "2026-01-01"}}), "time"),
        (json!({"graph": {"event": "Buy"}}), "time"),
        (json!({"graph": {"event": "Buy", "colour": "red"}}), "query"),
        (json!({"pie": {}}), "query"),
        (json!(1), "query"),
    ] {
        let answer = server.api("POST", "query", &query);
        assert_eq!((answer.status, answer.code()), (400, code.to_owned()), "{query} {}", answer.text());
    }
}

#[test]
fn a_persons_events_have_the_names_of_definitions() {
    let server = with_events();
    server.clock.fetch_add(1000, std::sync::atomic::Ordering::SeqCst);
    for (name, predicate) in [("Buy", json!({"selector": "#buy"})), ("Any", json!({"all": []}))] {
        let path = format!("definitions/{name}");
        assert_eq!(server.api("PUT", &path, &json!({"predicate": predicate})).status, 200);
    }
    let answer = server.api("POST", "query", &json!({"stream": {"user": {"handle": "jane@example.com"}}}));
    assert_eq!(answer.status, 200, "{}", answer.text());
    let stream = answer.json()["stream"].clone();
    assert_eq!((&stream["user"]["user_ids"], &stream["user"]["properties"]), (&json!(["1"]), &json!({"plan": "pro"})));
    let events =
        stream["sessions"].as_array().unwrap().iter().flat_map(|session| session["events"].as_array().unwrap());
    let named: Vec<_> = events.map(|event| (event["type"].clone(), event["names"].clone())).collect();
    let expected = [(json!("click"), json!(["Any", "Buy"])), (json!("pageview"), json!(["Any"]))];
    assert_eq!(named, expected, "{stream}");
    let nobody = server.api("POST", "query", &json!({"stream": {"user": {"id": "99"}}}));
    assert_eq!((nobody.status, nobody.code()), (404, "unknown_user".to_owned()));
    let wrong = server.api("POST", "query", &json!({"stream": {"user": {"handle": "a", "id": "1"}}}));
    assert_eq!((wrong.status, wrong.code()), (400, "query".to_owned()));
}

#[test]
fn a_preview_counts_and_shows_the_latest() {
    let server = with_events();
    server.clock.fetch_add(1000, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(server.api("PUT", "definitions/Buy", &json!({"predicate": {"selector": "#buy"}})).status, 200);
    let preview = server.api("POST", "preview", &json!({"predicate": {"type": "click"}, "days": 14}));
    assert_eq!(preview.status, 200, "{}", preview.text());
    let preview = preview.json();
    assert_eq!((&preview["count"], &preview["users"]), (&json!(1), &json!(1)), "{preview}");
    let event = &preview["latest"][0];
    assert_eq!((&event["person"], &event["definitions"]), (&json!("jane@example.com"), &json!(["Buy"])));
    assert!(preview["total_ms"].is_number());
    for (asked, code) in [
        (json!({"predicate": {"type": "click"}, "days": 0}), "time"),
        (json!({"predicate": {"user": "plan", "is": "pro"}}), "predicate"),
        (json!({"predicate": {"selector": "::before"}}), "selector"),
    ] {
        assert_eq!(server.api("POST", "preview", &asked).code(), code, "{asked}");
    }
}

#[test]
fn names_values_and_exports() {
    let server = with_events();
    let names = server.get("properties");
    let event: Vec<_> = names["event"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(event.contains(&"path") && event.contains(&"chain"), "{names}");
    assert_eq!(names["user"], json!(["plan"]));
    let mut values = server.get("values?property=path&limit=50")["values"].as_array().unwrap().clone();
    values.sort_by_key(|value| value.to_string());
    assert_eq!(values, [json!("/"), json!("/cart")]);
    for path in
        ["values", "values?property=path&limit=0", "events?limit=1001", "events?limit=x", "export", "export?kind=all"]
    {
        assert_eq!(server.api("GET", path, &Value::Null).code(), "parameter", "{path}");
    }

    let lines = |kind: &str| -> Vec<Value> {
        let text = server.api("GET", &format!("export?kind={kind}"), &Value::Null).text();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let events = lines("events");
    assert_eq!(events.len(), 6);
    assert!(events.iter().all(|event| event["user_id"].is_string() && event["type"].is_string()), "{events:?}");
    let users = lines("users");
    assert_eq!(users.len(), 5);
    let jane = users.iter().find(|user| user["user_id"] == "1").unwrap();
    assert_eq!((&jane["handle"], &jane["properties"]), (&json!("jane@example.com"), &json!({"plan": "pro"})));
}

#[test]
fn health_and_metrics_are_open_and_say_nothing_of_customers() {
    let server = with_events();
    assert_eq!(server.ingest("{").status, 400);
    let health = crate::client::request(server.address, "GET", "/healthz", &[], b"");
    assert_eq!((health.status, health.json()), (200, json!({"status": "ok"})));
    let metrics = crate::client::request(server.address, "GET", "/metrics", &[], b"").text();
    for line in [
        "cairn_up 1",
        "cairn_accepted_messages_total 8",
        "cairn_refused_messages_total{reason=\"json\"} 1",
        "cairn_applied_records_total 1",
        "cairn_lag_records 0",
        "cairn_events{state=\"stored\"} 6",
        "cairn_request_seconds_count{kind=\"ingest\"} 2",
    ] {
        assert!(metrics.lines().any(|other| other == line), "{line} is not in\n{metrics}");
    }
    for secret in ["Shop", "jane", &server.key, "/cart"] {
        assert!(!metrics.contains(secret), "{secret}");
    }
    let ledger = server.get("ledger");
    let sum: u64 = ["stored", "duplicate", "quarantined", "erased", "expired"]
        .iter()
        .map(|part| ledger[part].as_u64().unwrap())
        .sum();
    assert_eq!((ledger["accepted"].as_u64(), &ledger["lag_ms"]), (Some(sum), &json!(0)));
    assert_eq!(ledger["positions"], json!([{"partition": 0, "offset": 1}]));
}

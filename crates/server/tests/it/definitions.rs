//! What definitions meant, where they are used, how often they match, and what one that fell silent may have meant.

use std::sync::atomic::Ordering::SeqCst;

use serde_json::{Value, json};

use crate::setup::{NOW, Server, body};

const DAY_MS: i64 = 24 * 3_600_000;

fn define(server: &Server, name: &str, predicate: &Value) {
    let answer = server.api("PUT", &format!("definitions/{name}"), &json!({"predicate": predicate}));
    assert_eq!(answer.status, 200, "{}", answer.text());
}

fn path_is(path: &str) -> Value {
    json!({"property": "path", "is": path})
}

fn names(server: &Server) -> Vec<String> {
    let all = server.get("definitions")["definitions"].as_array().unwrap().clone();
    all.iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_meaning_is_kept_and_an_older_one_can_be_restored() {
    let server = Server::start();
    for path in ["/a", "/b", "/b"] {
        define(&server, "Buy", &path_is(path));
        server.clock.fetch_add(1_000, SeqCst);
    }
    let versions = |server: &Server| server.get("definitions/Buy/versions")["versions"].clone();
    // Saying the same again is no new version.
    let kept = json!([
        {"version": 2, "predicate": path_is("/b"), "created_at": NOW + 1_000},
        {"version": 1, "predicate": path_is("/a"), "created_at": NOW},
    ]);
    assert_eq!(versions(&server), kept);
    define(&server, "Buy", &kept[1]["predicate"]);
    assert_eq!(versions(&server)[0]["version"], json!(3));
    assert_eq!(server.get("definitions")["definitions"][0]["predicate"], path_is("/a"));
    assert_eq!(server.api("GET", "definitions/Sell/versions", &Value::Null).status, 404);
    assert_eq!(server.api("DELETE", "definitions/Buy", &Value::Null).status, 204);
    assert_eq!(server.api("GET", "definitions/Buy/versions", &Value::Null).status, 404);
}

#[test]
fn a_new_name_is_refused_while_reports_use_the_old_one_or_they_are_carried_along() {
    let server = Server::start();
    define(&server, "Buy", &path_is("/buy"));
    define(&server, "Cart", &path_is("/cart"));
    for (name, event) in [("Sales", "Buy"), ("Carts", "Cart")] {
        let report = json!({"name": name, "kind": "graph", "state": {"event": event, "type": "Buy"}});
        assert_eq!(server.api("POST", "reports", &report).status, 201);
    }
    let rename =
        |to: &str, carry: bool| server.api("POST", "definitions/Buy/rename", &json!({"to": to, "carry": carry}));
    let refused = rename("Order", false);
    assert_eq!((refused.status, refused.code()), (409, "used".to_owned()));
    assert!(refused.text().contains("Sales"), "{}", refused.text());
    assert_eq!((rename("Cart", true).status, rename("Cart", true).code()), (409, "taken".to_owned()));
    assert_eq!(rename("", true).code(), "name");
    assert_eq!(names(&server), ["Buy", "Cart"]);

    assert_eq!(rename("Order", true).status, 204);
    assert_eq!(names(&server), ["Cart", "Order"]);
    let states = server.get("reports")["reports"].as_array().unwrap().clone();
    let states: Vec<_> = states.iter().map(|report| report["state"].clone()).collect();
    assert_eq!(states, [json!({"event": "Cart", "type": "Buy"}), json!({"event": "Order", "type": "Buy"})]);
    assert_eq!(server.get("definitions/Order/versions")["versions"].as_array().unwrap().len(), 1);
    assert_eq!(rename("Again", true).status, 404);
    // Nothing uses it: nothing to carry.
    let free = server.api("POST", "definitions/Order/rename", &json!({"to": "Order"}));
    assert_eq!(free.status, 204);
}

fn click(at: i64, user: u64, event: u64, chain: &str, text: &str) -> Value {
    json!({"type": "click", "user_id": user.to_string(), "event_id": event.to_string(), "time": at,
        "properties": {"chain": chain, "target_text": text, "path": "/shoes"}})
}

/// The button `buy` is clicked twice a day until five days ago; then it is `purchase`.
fn renamed_button() -> Server {
    let server = Server::start();
    let mut messages = Vec::new();
    for day in 0..30_i64 {
        let class = if day >= 5 { "buy" } else { "purchase" };
        let chain = format!("html>body:2/2/1/1>main#shop:1/1/1/1>button.{class}:1/2/1/1");
        for user in 1..=2_u64 {
            messages.push(click(
                NOW - day * DAY_MS - 1_000,
                user,
                1_000 + 2 * day as u64 + user,
                &chain,
                "Add to cart",
            ));
        }
        let menu = "html>body:2/2/1/1>nav:1/2/1/1>button#menu:1/1/1/1";
        messages.push(click(NOW - day * DAY_MS - 2_000, 1, 5_000 + day as u64, menu, "Menu"));
    }
    assert_eq!(server.ingest(body(&messages)).status, 200);
    server.settle();
    define(&server, "Add", &json!({"all": [{"type": "click"}, {"selector": "button.buy"}]}));
    define(&server, "Menu", &json!({"selector": "#menu"}));
    define(&server, "Never", &path_is("/never"));
    server
}

#[test]
fn how_often_each_matches_where_it_is_used_and_which_fell_silent() {
    let server = renamed_button();
    let part = json!({"all": [{"type": "click"}, {"selector": "button.buy"}]});
    define(&server, "Any", &json!({"any": [part, {"selector": "#menu"}]}));
    let report = json!({"name": "Adds", "kind": "graph", "state": {"event": "Add"}});
    let report = server.api("POST", "reports", &report).json()["id"].clone();
    let board = server.api("POST", "dashboards", &json!({"name": "Shop"})).json();
    let path = format!("dashboards/{}", board["id"].as_str().unwrap());
    server.api("PATCH", &path, &json!({"tiles": [{"report": report, "width": 1}]}));

    let answer = server.get("definition-activity");
    assert_eq!(answer["total"], json!(4));
    let of = |name: &str| {
        let all = answer["definitions"].as_array().unwrap();
        all.iter().find(|one| one["name"] == *name).unwrap().clone()
    };
    let daily = json!([2, 2, 2, 2, 2, 2, 2, 2, 2, 0, 0, 0, 0, 0]);
    let used = json!({"reports": ["Adds"], "dashboards": ["Shop"], "definitions": ["Any"]});
    let add = json!({"name": "Add", "daily": daily, "count": 18, "users": 2, "last_seen": NOW - 5 * DAY_MS - 1_000,
        "silent": {"days": 4, "daily_before": 2}, "used": used});
    assert_eq!(of("Add"), add);
    let menu = of("Menu");
    assert_eq!((&menu["count"], &menu["users"], &menu["silent"]), (&json!(14), &json!(1), &Value::Null));
    assert_eq!((&menu["last_seen"], &menu["used"]["definitions"]), (&json!(NOW - 2_000), &json!(["Any"])));
    let never = of("Never");
    assert_eq!((&never["count"], &never["last_seen"], &never["silent"]), (&json!(0), &Value::Null, &Value::Null));
    // Page by page.
    let page = server.get("definition-activity?offset=1&limit=1");
    assert_eq!((page["definitions"].as_array().unwrap().len(), &page["definitions"][0]["name"]), (1, &json!("Any")));
    assert_eq!(server.api("GET", "definition-activity?limit=51", &Value::Null).code(), "parameter");
}

#[test]
fn days_on_which_nothing_at_all_was_captured_make_no_definition_silent() {
    let server = renamed_button();
    server.clock.fetch_add(20 * DAY_MS, SeqCst);
    let answer = server.get("definition-activity");
    let silent: Vec<&Value> = answer["definitions"].as_array().unwrap().iter().map(|one| &one["silent"]).collect();
    // What was silent before is, by the days that tell.
    assert_eq!(silent, [&json!({"days": 5, "daily_before": 2}), &Value::Null, &Value::Null]);
}

#[test]
fn what_is_closest_to_a_silent_definition_is_proposed() {
    let server = renamed_button();
    let found = server.get("definitions/Add/closest");
    let proposal = json!({"predicate": {"all": [{"type": "click"}, {"selector": "#shop button.purchase"}]},
        "selector": "#shop button.purchase", "text": "Add to cart", "alike": ["text", "place", "page"], "seen": 10});
    assert_eq!(found, json!({"proposals": [proposal]}));
    define(&server, "Add", &found["proposals"][0]["predicate"]);
    let answer = server.get("definition-activity?limit=1");
    assert_eq!((&answer["definitions"][0]["count"], &answer["definitions"][0]["silent"]), (&json!(10), &Value::Null));
    assert_eq!(server.get("definitions/Never/closest"), json!({"proposals": []}));
    assert_eq!(server.api("GET", "definitions/None/closest", &Value::Null).status, 404);
}

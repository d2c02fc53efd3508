//! Saved reports and dashboards over HTTP.

use serde_json::{Value, json};

use crate::{client::Answer, setup::Server};

fn save(server: &Server, name: &str, state: &Value) -> Answer {
    server.api("POST", "reports", &json!({"name": name, "kind": "graph", "state": state}))
}

fn saved(server: &Server, name: &str) -> Value {
    let answer = save(server, name, &json!({"event": "Buy"}));
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["id"].clone()
}

fn refused(answer: &Answer, status: u16, code: &str, words: &str) {
    assert_eq!((answer.status, answer.code()), (status, code.to_owned()), "{}", answer.text());
    assert!(answer.text().contains(words), "{}", answer.text());
}

fn names(server: &Server, what: &str) -> Vec<String> {
    let all = server.get(what)[what].as_array().unwrap().clone();
    all.iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_report_is_saved_renamed_changed_and_deleted() {
    let server = Server::start();
    let state = json!({"event": "Buy", "group": ["event:browser"], "where": "{\"property\":\"path\",\"is\":\"/\"}"});
    let made = save(&server, " Sales ", &state);
    assert_eq!(made.status, 201, "{}", made.text());
    let made = made.json();
    assert_eq!((&made["name"], &made["kind"], &made["state"]), (&json!("Sales"), &json!("graph"), &state));
    assert_eq!(made["created_at"], made["changed_at"]);
    assert_eq!(server.get("reports"), json!({"reports": [made]}));

    let path = format!("reports/{}", made["id"].as_str().unwrap());
    server.clock.fetch_add(5, std::sync::atomic::Ordering::SeqCst);
    let renamed = server.api("PATCH", &path, &json!({"name": "Orders"})).json();
    assert_eq!((&renamed["name"], &renamed["state"], &renamed["id"]), (&json!("Orders"), &state, &made["id"]));
    assert_ne!(renamed["changed_at"], made["changed_at"]);
    let changed = server.api("PATCH", &path, &json!({"state": {"days": 7}})).json();
    assert_eq!((&changed["name"], &changed["state"]), (&json!("Orders"), &json!({"days": 7})));
    // Its own name is not taken by another.
    assert_eq!(server.api("PATCH", &path, &json!({"name": "Orders"})).status, 200);
    assert_eq!(server.api("DELETE", &path, &Value::Null).status, 204);
    for method in ["DELETE", "PATCH"] {
        refused(&server.api(method, &path, &json!({"name": "X"})), 404, "not_found", "no such report");
    }
    assert!(names(&server, "reports").is_empty());
}

#[test]
fn what_is_no_report_is_refused_and_changes_nothing() {
    let server = Server::start();
    let id = saved(&server, "Sales");
    let report = |kind: &str, state: Value| json!({"name": "New", "kind": kind, "state": state});
    for (body, code, words) in [
        (json!({"name": "", "kind": "graph", "state": {}}), "name", "1 to 255 bytes"),
        (json!({"name": "a\u{7}", "kind": "graph", "state": {}}), "name", "control character"),
        (json!({"name": "New", "kind": "graph"}), "json", "state"),
        (report("", json!({})), "kind", "1 to 40"),
        (report("Gr aph", json!({})), "kind", "lower-case"),
        (report("graph", json!([1])), "state", "an object"),
        (report("graph", json!({"x": "y".repeat(16_384)})), "state", "16384 bytes"),
    ] {
        refused(&server.api("POST", "reports", &body), 400, code, words);
    }
    refused(&save(&server, "Sales", &json!({})), 409, "taken", "Sales");
    saved(&server, "Other");
    let path = format!("reports/{}", id.as_str().unwrap());
    refused(&server.api("PATCH", &path, &json!({"name": "Other"})), 409, "taken", "Other");
    refused(&server.api("PATCH", &path, &json!({"kind": "funnel"})), 400, "json", "kind");
    refused(&server.api("PATCH", "reports/x", &json!({"name": "Y"})), 404, "not_found", "no such report");
    assert_eq!(names(&server, "reports"), ["Other", "Sales"]);
}

#[test]
fn numbers_are_bounded() {
    let server = Server::start();
    for at in 0..500 {
        assert_eq!(save(&server, &format!("report {at}"), &json!({})).status, 201);
    }
    refused(&save(&server, "one more", &json!({})), 400, "limit", "500");
    for at in 0..100 {
        assert_eq!(server.api("POST", "dashboards", &json!({"name": format!("board {at}")})).status, 201);
    }
    refused(&server.api("POST", "dashboards", &json!({"name": "one more"})), 400, "limit", "100");
}

#[test]
fn a_dashboard_has_tiles_in_order_and_keeps_its_reports_from_being_deleted() {
    let server = Server::start();
    let (one, two) = (saved(&server, "One"), saved(&server, "Two"));
    let board = server.api("POST", "dashboards", &json!({"name": "Shop"})).json();
    assert_eq!(board["tiles"], json!([]));
    let path = format!("dashboards/{}", board["id"].as_str().unwrap());
    let tiles = json!([{"report": two, "width": 3}, {"report": one, "width": 1}, {"report": two, "width": 2}]);
    let filled = server.api("PATCH", &path, &json!({"tiles": tiles})).json();
    assert_eq!((&filled["name"], &filled["tiles"]), (&json!("Shop"), &tiles));
    let renamed = server.api("PATCH", &path, &json!({"name": "Store"})).json();
    assert_eq!((&renamed["name"], &renamed["tiles"]), (&json!("Store"), &tiles));
    assert_eq!(server.get("dashboards"), json!({"dashboards": [renamed]}));

    let report = format!("reports/{}", one.as_str().unwrap());
    refused(&server.api("DELETE", &report, &Value::Null), 409, "used", "Store");
    // A renamed report stays where it is.
    assert_eq!(server.api("PATCH", &report, &json!({"name": "First"})).status, 200);
    assert_eq!(server.get("dashboards")["dashboards"][0]["tiles"], tiles);
    for (tiles, words) in [
        (json!([{"report": one, "width": 4}]), "from 1 to 3"),
        (json!([{"report": one, "width": 0}]), "from 1 to 3"),
        (json!([{"report": "99", "width": 1}]), "no report 99"),
    ] {
        refused(&server.api("PATCH", &path, &json!({"tiles": tiles})), 400, "tiles", words);
    }
    let many: Vec<Value> = (0..41).map(|_| json!({"report": one, "width": 1})).collect();
    refused(&server.api("PATCH", &path, &json!({"tiles": many})), 400, "limit", "40 tiles");
    refused(&server.api("POST", "dashboards", &json!({"name": "Store"})), 409, "taken", "Store");
    assert_eq!(server.get("dashboards")["dashboards"][0]["tiles"], tiles);

    assert_eq!(server.api("DELETE", &path, &Value::Null).status, 204);
    assert_eq!(server.api("DELETE", &path, &Value::Null).status, 404);
    assert_eq!(server.api("DELETE", &report, &Value::Null).status, 204);
    assert_eq!(names(&server, "reports"), ["Two"]);
}

#[test]
fn nothing_saved_is_seen_or_changed_from_another_project() {
    let server = Server::start();
    let report = saved(&server, "Mine");
    let board = server.api("POST", "dashboards", &json!({"name": "Mine"})).json();
    let other = server.api("POST", "/api/projects", &json!({"name": "Other", "zone": "UTC"})).json();
    let path = |rest: &str| format!("/api/projects/{}/{rest}", other["id"].as_str().unwrap());
    assert_eq!(server.get(&path("reports")), json!({"reports": []}));
    assert_eq!(server.get(&path("dashboards")), json!({"dashboards": []}));
    let (report, board) = (report.as_str().unwrap(), board["id"].as_str().unwrap());
    for (method, rest) in [
        ("PATCH", format!("reports/{report}")),
        ("DELETE", format!("reports/{report}")),
        ("PATCH", format!("dashboards/{board}")),
        ("DELETE", format!("dashboards/{board}")),
    ] {
        let answer = server.api(method, &path(&rest), &json!({"name": "Theirs"}));
        refused(&answer, 404, "not_found", "no such");
    }
    // Nor put on a dashboard of another project, where the same name is free.
    let theirs = server.api("POST", &path("dashboards"), &json!({"name": "Mine"})).json();
    let rest = format!("dashboards/{}", theirs["id"].as_str().unwrap());
    let tiles = json!({"tiles": [{"report": report, "width": 1}]});
    refused(&server.api("PATCH", &path(&rest), &tiles), 400, "tiles", "in this project");
    assert_eq!((names(&server, "reports"), names(&server, "dashboards")), (vec!["Mine".into()], vec!["Mine".into()]));
}

//! Named lists of people over HTTP.

use serde_json::{Value, json};

use crate::{
    client::{Answer, request},
    setup::{NOW, Server, body, pageview},
};

fn put(server: &Server, name: &str, content_type: &str, file: &[u8]) -> Answer {
    let token = format!("Bearer {}", server.token);
    let path = format!("/api/projects/{}/lists/{name}", server.project);
    request(server.address, "PUT", &path, &[("authorization", &token), ("content-type", content_type)], file)
}

fn identify(user: u64, handle: &str) -> Value {
    json!({"user_id": user.to_string(), "time": NOW, "type": "identify", "handle": handle})
}

/// Users 1 to 4 each view a page; users 1 and 2 are ann, user 3 is ben.
fn filled() -> Server {
    let server = Server::start();
    let mut messages: Vec<Value> = (1..5).map(|user| pageview(user, user)).collect();
    messages.extend([identify(1, "ann"), identify(2, "ann"), identify(3, "ben")]);
    assert_eq!(server.ingest(body(&messages)).status, 200);
    server.settle();
    server
}

/// The user ids of a segment.
fn users(server: &Server, segment: &Value) -> Vec<Value> {
    let answer = server.api("POST", "query", &json!({"users": {"segment": segment}}));
    assert_eq!(answer.status, 200, "{}", answer.text());
    let answer = answer.json();
    answer["users"]["users"].as_array().unwrap().iter().map(|person| person["user_ids"].clone()).collect()
}

#[test]
fn a_list_is_put_by_each_format_shown_asked_about_replaced_and_removed() {
    let server = filled();
    let beta = json!({"list": "beta testers"});
    let json_file = json!({"users": [{"handle": "ann"}, {"id": "4"}, {"handle": "not yet here"}]});
    let formats: [(&str, Vec<u8>); 3] = [
        ("application/json", json_file.to_string().into_bytes()),
        ("text/csv", b"user_id,handle\n1,ann\n4,\n,not yet here\n".to_vec()),
        ("text/plain; charset=utf-8", json_file.to_string().into_bytes()),
    ];
    for (content_type, file) in formats {
        let answer = put(&server, "beta%20testers", content_type, &file);
        let list = json!({"name": "beta testers", "size": 3, "created_at": NOW});
        assert_eq!((answer.status, answer.json()), (200, list.clone()), "{content_type}");
        assert_eq!(server.get("lists"), json!({"lists": [list]}));
        assert_eq!(users(&server, &beta), [json!(["1", "2"]), json!(["4"])]);
        assert_eq!(users(&server, &json!({"not": beta})), [json!(["3"])]);
    }
    // Who comes later is in it then.
    assert_eq!(server.ingest(body(&[pageview(5, 9), identify(5, "not yet here")])).status, 200);
    server.settle();
    assert_eq!(users(&server, &beta), [json!(["1", "2"]), json!(["5"]), json!(["4"])]);
    let graph = json!({"measure": "users", "group_by": [{"segment": beta, "name": "Beta"}]});
    let answer = server.api("POST", "query", &json!({"graph": graph})).json();
    let totals = [0, 1].map(|at| (&answer["graph"]["series"][at]["group"], &answer["graph"]["series"][at]["total"]));
    assert_eq!(totals, [(&json!([true]), &json!(3)), (&json!([false]), &json!(1))]);

    assert_eq!(put(&server, "beta%20testers", "text/plain", b"ben\n").json()["size"], json!(1));
    assert_eq!(users(&server, &beta), [json!(["3"])]);
    assert_eq!(server.api("DELETE", "lists/beta%20testers", &Value::Null).status, 204);
    assert_eq!(server.api("DELETE", "lists/beta%20testers", &Value::Null).status, 404);
    let gone = server.api("POST", "query", &json!({"users": {"segment": beta}}));
    assert_eq!((gone.status, gone.code()), (400, "unknown_list".to_owned()));
    assert!(gone.text().contains("no list is called"), "{}", gone.text());
}

#[test]
fn what_is_no_list_is_refused_and_changes_nothing() {
    let server = filled();
    assert_eq!(put(&server, "beta", "text/plain", b"ann\n").status, 200);
    for (content_type, file, words) in [
        ("application/json", &b"[]"[..], "cannot be read"),
        ("text/csv", b"ann,pro\n", "a first line with"),
        ("text/plain", b"", "empty"),
        ("text/plain", b"\xff", "UTF-8"),
    ] {
        let answer = put(&server, "beta", content_type, file);
        assert_eq!((answer.status, answer.code()), (400, "list".to_owned()), "{file:?}");
        assert!(answer.text().contains(words), "{}", answer.text());
    }
    let name = "x".repeat(256);
    assert_eq!(put(&server, &name, "text/plain", b"ann\n").code(), "name");
    assert_eq!(put(&server, "big", "text/plain", &vec![b'a'; (64 << 20) + 1]).status, 413);
    let segment = json!({"list": ["beta"]});
    assert_eq!(server.api("POST", "query", &json!({"users": {"segment": segment}})).code(), "segment");
    assert_eq!(server.get("lists")["lists"].as_array().unwrap().len(), 1);
    assert_eq!(users(&server, &json!({"list": "beta"})), [json!(["1", "2"])]);
    for at in 1..100 {
        assert_eq!(put(&server, &format!("list{at}"), "text/plain", b"ann\n").status, 200);
    }
    assert_eq!(put(&server, "one-more", "text/plain", b"ann\n").code(), "limit");
    assert_eq!(put(&server, "beta", "text/plain", b"ben\n").status, 200);
}

#[test]
fn whoever_is_erased_is_taken_out_of_lists_too() {
    let server = filled();
    assert_eq!(put(&server, "a", "text/csv", b"handle,user_id\nann,\nben,\n,1\n,4\n").status, 200);
    assert_eq!(put(&server, "b", "text/plain", b"ben\nstranger\n").status, 200);
    let sizes =
        || server.get("lists")["lists"].as_array().unwrap().iter().map(|list| list["size"].clone()).collect::<Vec<_>>();
    let erase = |body: Value| server.api("POST", "erase", &body).json();
    // One of ann's two devices: her handle stands.
    assert_eq!(erase(json!({"users": ["1"]}))["lists"], json!(1));
    assert_eq!(sizes(), vec![json!(3), json!(2)]);
    // The other one: she has none left.
    assert_eq!(erase(json!({"users": ["2"]}))["lists"], json!(1));
    assert_eq!(sizes(), vec![json!(2), json!(2)]);
    assert_eq!(erase(json!({"handle": "ben"}))["lists"], json!(2));
    assert_eq!(sizes(), vec![json!(1), json!(1)]);
    // Nobody who is known, but somebody in a list.
    let stranger = erase(json!({"handle": "stranger"}));
    assert_eq!((&stranger["users"], &stranger["lists"], &stranger["events"]), (&json!([]), &json!(1), &json!(0)));
    assert_eq!(sizes(), vec![json!(1), json!(0)]);
    assert_eq!(server.api("POST", "erase", &json!({"handle": "stranger"})).status, 404);
}

#[test]
fn an_erasure_says_what_still_names_whoever_is_erased() {
    let server = filled();
    let made = |path: &str, body: &Value| {
        let answer = server.api("POST", path, body);
        assert!(answer.status < 300, "{}", answer.text());
        answer.json()["id"].as_str().unwrap_or_default().to_owned()
    };
    let state = |handle: &str| json!({"where": json!({"user": "handle", "is": handle}).to_string()});
    let of_ann = made("reports", &json!({"name": "Views", "kind": "graph", "state": state("ann")}));
    made("reports", &json!({"name": "Of ben", "kind": "users", "state": {"days": 2}}));
    made("reports", &json!({"name": "Annual", "kind": "graph", "state": {"event": "Annual", "top": 1}}));
    made("dashboards", &json!({"name": "For ann, weekly"}));
    for path in ["/ann", "/bo"] {
        let predicate = json!({"property": "path", "is": path});
        assert_eq!(server.api("PUT", "definitions/Page", &json!({"predicate": predicate})).status, 200);
    }
    assert_eq!(put(&server, "ann-and-ben", "text/plain", b"ann\nben\n").status, 200);
    let erase = |handle: &str| server.api("POST", "erase", &json!({"handle": handle}));
    let names = |reports: &[&str], dashboards: &[&str], definitions: &[&str], lists: &[&str]| json!({"reports": reports, "dashboards": dashboards, "definitions": definitions, "lists": lists});
    // An older version counts, too: it could be restored.
    let mentions = names(&["Views"], &["For ann, weekly"], &["Page"], &["ann-and-ben"]);
    assert_eq!(erase("ann").json()["mentions"], mentions);
    assert_eq!(erase("ben").json()["mentions"], names(&["Of ben"], &[], &[], &["ann-and-ben"]));
    assert_eq!(server.api("PATCH", &format!("reports/{of_ann}"), &json!({"state": state("x")})).status, 200);
    assert_eq!(server.api("DELETE", "definitions/Page", &Value::Null).status, 204);
    assert_eq!(server.api("DELETE", "lists/ann-and-ben", &Value::Null).status, 204);
    let again = erase("ann").json();
    assert_eq!((&again["users"], &again["mentions"]), (&json!([]), &names(&[], &["For ann, weekly"], &[], &[])));
    let none = names(&[], &[], &[], &[]);
    assert_eq!(server.api("POST", "erase", &json!({"users": ["4"]})).json()["mentions"], none);
    assert_eq!(erase("nobody").status, 404);
}

//! Who may do what.

use cairn_server::{Access, routes};
use serde_json::{Value, json};

use crate::{
    client::request,
    setup::{Server, body, pageview},
};

fn filled(path: &str, project: &str) -> String {
    let names = ["{name}", "{write_key}", "{key}", "{report}", "{dashboard}"];
    names.into_iter().fold(path.replace("{project}", project), |path, name| path.replace(name, "x"))
}

#[test]
fn no_route_but_the_open_ones_answers_without_the_token() {
    let server = Server::start();
    let open: Vec<_> = routes().into_iter().filter(|(_, _, access)| *access == Access::Open).collect();
    let open: Vec<_> = open.iter().map(|(method, path, _)| format!("{method} {path}")).collect();
    let expected = [
        "POST /ingest/{write_key}",
        "OPTIONS /ingest/{write_key}",
        "GET /cairn.js",
        "GET /visualizer.js",
        "POST /api/visualizer",
        "GET /healthz",
        "GET /metrics",
        "POST /api/session",
    ];
    assert_eq!(open, expected);

    let mut walked = 0;
    for (method, path, _) in routes().into_iter().filter(|(_, _, access)| *access == Access::Token) {
        let path = filled(path, &server.project);
        for (headers, code) in [
            (vec![], "sign_in"),
            (vec![("authorization", "Bearer")], "bad_token"),
            (vec![("authorization", "Bearer ")], "bad_token"),
            (vec![("authorization", "Bearer ct_0000")], "bad_token"),
            (vec![("authorization", server.token.as_str())], "bad_token"),
            (vec![("cookie", "cairn_session=")], "sign_in"),
            (vec![("cookie", "cairn_session=x"), ("x-cairn", "1")], "sign_in"),
        ] {
            let answer = request(server.address, method.as_str(), &path, &headers, b"{}");
            assert_eq!((answer.status, answer.code()), (401, code.to_owned()), "{method} {path} {headers:?}");
        }
        walked += 1;
    }
    assert!(walked >= 16, "{walked}");
}

/// A session's cookie, as a browser would send it back.
fn signed_in(server: &Server, token: &str) -> String {
    let answer = request(server.address, "POST", "/api/session", &[], json!({"token": token}).to_string().as_bytes());
    assert_eq!(answer.status, 204, "{}", answer.text());
    let cookie = answer.header("set-cookie").unwrap();
    for part in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    cookie.split(';').next().unwrap().to_owned()
}

#[test]
fn a_session_reads_with_its_cookie_and_writes_with_the_header_too() {
    let server = Server::start();
    let link = server.engine.sign_in_token().unwrap();
    for token in [server.token.clone(), link.clone()] {
        let cookie = signed_in(&server, &token);
        let call = |method: &str, path: &str, more: &[(&str, &str)], body: &[u8]| {
            request(server.address, method, path, &[&[("cookie", cookie.as_str())], more].concat(), body)
        };
        assert_eq!(call("GET", "/api/session", &[], b"").json(), json!({"signed_in": true}));
        assert_eq!(call("GET", "/api/projects", &[], b"").status, 200);
        for (method, path, _) in routes().into_iter().filter(|(_, _, access)| *access == Access::Token) {
            if method.as_str() == "GET" {
                continue;
            }
            let answer = call(method.as_str(), &filled(path, &server.project), &[], b"{}");
            assert_eq!((answer.status, answer.code()), (403, "header".to_owned()), "{method} {path}");
        }
        let new = json!({"name": "B", "zone": "UTC"}).to_string();
        assert_eq!(call("POST", "/api/projects", &[("x-cairn", "1")], new.as_bytes()).status, 201);
        assert_eq!(call("DELETE", "/api/session", &[("x-cairn", "1")], b"").status, 204);
        assert_eq!(call("GET", "/api/session", &[], b"").code(), "sign_in");
    }
    // The link's token is for signing in only.
    let bearer = format!("Bearer {link}");
    assert_eq!(request(server.address, "GET", "/api/projects", &[("authorization", &bearer)], b"").status, 401);
    // A new token ends the old one.
    let old = format!("Bearer {}", server.token);
    let new = format!("Bearer {}", server.engine.reset_token().unwrap());
    assert_eq!(request(server.address, "GET", "/api/projects", &[("authorization", &old)], b"").status, 401);
    assert_eq!(request(server.address, "GET", "/api/projects", &[("authorization", &new)], b"").status, 200);
}

#[test]
fn guessing_is_throttled() {
    let server = Server::start();
    let attempt = |token: &str| {
        request(server.address, "POST", "/api/session", &[], json!({"token": token}).to_string().as_bytes())
    };
    for _ in 0..10 {
        let answer = attempt("ct_guess");
        assert_eq!((answer.status, answer.code()), (401, "bad_token".to_owned()));
    }
    let blocked = attempt(&server.token);
    assert_eq!((blocked.status, blocked.code()), (429, "too_many_attempts".to_owned()));
    assert!(blocked.header("retry-after").is_some());
    server.clock.fetch_add(61_000, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(attempt(&server.token).status, 204);
}

#[test]
fn nothing_crosses_projects() {
    let server = Server::start();
    assert_eq!(server.ingest(body(&[pageview(1, 1)])).status, 200);
    server.settle();
    let other = server.api("POST", "/api/projects", &json!({"name": "Other", "zone": "UTC"})).json();
    let other = other["id"].as_str().unwrap().to_owned();
    let predicate = json!({"predicate": {"type": "click"}});
    assert_eq!(server.api("PUT", "definitions/Clicks", &predicate).status, 200);

    let there = |path: &str| server.get(&format!("/api/projects/{other}/{path}"));
    assert_eq!(there("events"), json!({"events": []}));
    assert_eq!(there("definitions"), json!({"definitions": []}));
    assert_eq!(there("properties"), json!({"event": [], "user": []}));
    assert_eq!(there("values?property=path"), json!({"values": []}));
    assert_eq!(there("ledger")["accepted"], 0);
    let export = server.api("GET", &format!("/api/projects/{other}/export?kind=events"), &Value::Null);
    assert_eq!((export.status, export.text()), (200, String::new()));
    let delete = server.api("DELETE", &format!("/api/projects/{other}/definitions/Clicks"), &Value::Null);
    assert_eq!(delete.status, 404);
    for id in ["0", "99", "x", "-1", "1%20"] {
        let answer = server.api("GET", &format!("/api/projects/{id}/events"), &Value::Null);
        assert_eq!((answer.status, answer.code()), (404, "not_found".to_owned()), "{id}");
    }
}

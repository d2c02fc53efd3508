//! The visualizer: what a page of the site may ask, and nobody else.

use std::sync::atomic::Ordering::SeqCst;

use cairn_server::{Access, routes};
use serde_json::{Value, json};

use crate::{
    client::{Answer, request},
    setup::{NOW, Server, body},
};

const SHOP: &str = "https://shop.example";
const APP: &str = "https://cairn.example";
const MINUTE_MS: i64 = 60_000;

fn ticket(server: &Server) -> Value {
    let answer = server.api("POST", "visualizer", &json!({"origin": SHOP, "app": APP}));
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

fn exchange(server: &Server, ticket: &str, origin: &str) -> Answer {
    let body = json!({"ticket": ticket}).to_string();
    request(server.address, "POST", "/api/visualizer", &[("origin", origin)], body.as_bytes())
}

/// A token, as a page of the shop has it.
fn token(server: &Server) -> String {
    let answer = exchange(server, ticket(server)["ticket"].as_str().unwrap(), SHOP);
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["token"].as_str().unwrap().to_owned()
}

fn call(server: &Server, token: &str, origin: Option<&str>, method: &str, path: &str, body: &Value) -> Answer {
    let bearer = format!("Bearer {token}");
    let mut headers = vec![("authorization", bearer.as_str())];
    headers.extend(origin.map(|origin| ("origin", origin)));
    let body = if body.is_null() { String::new() } else { body.to_string() };
    request(server.address, method, path, &headers, body.as_bytes())
}

fn overlay_routes() -> Vec<(String, String)> {
    let all = routes().into_iter().filter(|(_, _, access)| *access == Access::Visualizer);
    all.map(|(method, path, _)| (method.to_string(), path.replace("{name}", "x"))).collect()
}

const CORS: &str = "access-control-allow-origin";

#[test]
fn a_link_opens_the_visualizer_once_and_a_token_lasts_an_hour() {
    let server = Server::start();
    let made = ticket(&server);
    let secret = made["ticket"].as_str().unwrap();
    assert_eq!((secret.len(), &secret[..3]), (67, "vt_"), "256 bits");
    assert_eq!(server.get("visualizer")["visualizers"][0]["open"], false);
    let answer = exchange(&server, secret, SHOP);
    assert_eq!((answer.status, answer.header(CORS)), (200, Some(SHOP)));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let opened = answer.json();
    assert_eq!(opened["project"], json!({"id": server.project, "name": "Shop", "zone": "Europe/Berlin"}));
    assert_eq!((&opened["app"], &opened["expires_at"]), (&json!(APP), &json!(NOW + 60 * MINUTE_MS)));
    let listed = server.get("visualizer")["visualizers"].clone();
    assert_eq!(listed, json!([{"id": made["id"], "origin": SHOP, "open": true, "expires_at": NOW + 60 * MINUTE_MS}]));
    let again = exchange(&server, secret, SHOP);
    assert_eq!((again.status, again.code()), (401, "visualizer".into()));

    let token = opened["token"].as_str().unwrap();
    let look = |server: &Server| call(server, token, Some(SHOP), "GET", "/api/visualizer/definitions", &Value::Null);
    assert_eq!(look(&server).status, 200);
    server.clock.fetch_add(60 * MINUTE_MS - 1, SeqCst);
    assert_eq!(look(&server).status, 200);
    server.clock.fetch_add(1, SeqCst);
    let over = look(&server);
    // Nobody is left on that site: it may not even ask.
    assert_eq!((over.status, over.code(), over.header(CORS)), (403, "origin".into(), None));
    let late = ticket(&server);
    server.clock.fetch_add(5 * MINUTE_MS, SeqCst);
    assert_ne!(exchange(&server, late["ticket"].as_str().unwrap(), SHOP).status, 200);
}

#[test]
fn another_site_gets_nothing_and_no_permission_to_ask() {
    let server = Server::start();
    let token = token(&server);
    for origin in [
        None,
        Some("https://evil.example"),
        Some("http://shop.example"),
        Some("https://shop.example:8443"),
        Some("null"),
    ] {
        for (method, path) in overlay_routes() {
            let answer = call(&server, &token, origin, &method, &path, &json!({"predicate": {"type": "click"}}));
            assert_eq!(
                (answer.status, answer.code(), answer.header(CORS)),
                (403, "origin".into(), None),
                "{origin:?} {method} {path}"
            );
        }
    }
    // Though a visualizer is open there, too.
    let second = server.api("POST", "visualizer", &json!({"origin": "https://blog.example", "app": APP})).json();
    assert_eq!(exchange(&server, second["ticket"].as_str().unwrap(), "https://blog.example").status, 200);
    let answer =
        call(&server, &token, Some("https://blog.example"), "GET", "/api/visualizer/definitions", &Value::Null);
    assert_eq!((answer.status, answer.header(CORS)), (403, None));
    // A ticket that another site brings is used up.
    let stolen = ticket(&server);
    let stolen = stolen["ticket"].as_str().unwrap();
    let refused = exchange(&server, stolen, "https://blog.example");
    assert_eq!(
        (refused.status, refused.code(), refused.header(CORS)),
        (403, "origin".into(), Some("https://blog.example"))
    );
    assert_eq!(exchange(&server, stolen, SHOP).status, 401);
}

#[test]
fn the_token_opens_its_own_routes_and_no_other() {
    let server = Server::start();
    let token = token(&server);
    let mut walked = 0;
    for (method, path, access) in routes() {
        let filled =
            path.replace("{project}", &server.project).replace("{name}", "x").replace("{write_key}", &server.key);
        match access {
            Access::Open => continue,
            Access::Token => {
                let answer = call(&server, &token, Some(SHOP), method.as_str(), &filled, &json!({}));
                assert_eq!(
                    (answer.status, answer.code(), answer.header(CORS)),
                    (401, "bad_token".into(), None),
                    "{method} {path}"
                );
            }
            // And these open to nothing else.
            Access::Visualizer => {
                for wrong in ["", "vs_0", &server.token] {
                    let answer = call(&server, wrong, Some(SHOP), method.as_str(), &filled, &json!({}));
                    assert_eq!((answer.status, answer.code()), (401, "visualizer".into()), "{method} {path} {wrong}");
                }
            }
        }
        walked += 1;
    }
    assert!(walked > 25, "{walked}");
    // No cookie is looked at.
    let cookie = server.api("POST", "/api/session", &json!({"token": server.token}));
    let cookie = cookie.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let headers = [("cookie", cookie.as_str()), ("x-cairn", "1"), ("origin", SHOP)];
    assert_eq!(request(server.address, "GET", "/api/visualizer/definitions", &headers, b"").status, 401);
}

#[test]
fn preflights_are_answered_for_the_site_alone() {
    let server = Server::start();
    let ask = |path: &str, origin: &str| {
        let headers = [
            ("origin", origin),
            ("access-control-request-method", "POST"),
            ("access-control-request-headers", "authorization"),
        ];
        request(server.address, "OPTIONS", path, &headers, b"")
    };
    assert_eq!(ask("/api/visualizer/preview", SHOP).status, 403, "before it is opened");
    token(&server);
    for (_, path) in overlay_routes() {
        let answer = ask(&path, SHOP);
        assert_eq!((answer.status, answer.header(CORS)), (204, Some(SHOP)), "{path}");
        assert!(answer.header("access-control-allow-headers").unwrap().contains("authorization"));
        assert_eq!(answer.header("access-control-allow-credentials"), None);
        assert_eq!(answer.header("vary"), Some("origin"));
        let other = ask(&path, "https://evil.example");
        assert_eq!((other.status, other.header(CORS)), (403, None), "{path}");
    }
    for path in [format!("/api/projects/{}/query", server.project), "/api/projects".into(), "/api/session".into()] {
        assert_eq!(ask(&path, SHOP).header(CORS), None, "{path}");
    }
}

#[test]
fn it_ends_by_itself_for_a_project_and_with_the_session_that_asked_for_it() {
    let server = Server::start();
    let look =
        |token: &str| call(&server, token, Some(SHOP), "GET", "/api/visualizer/definitions", &Value::Null).status;
    let (one, two) = (token(&server), token(&server));
    assert_eq!(call(&server, &one, Some(SHOP), "DELETE", "/api/visualizer", &Value::Null).status, 204);
    assert_eq!((look(&one), look(&two)), (401, 200));
    assert_eq!(server.api("DELETE", "visualizer", &Value::Null).status, 204);
    assert_ne!(look(&two), 200);

    let sign_in = server.api("POST", "/api/session", &json!({"token": server.token}));
    let cookie = sign_in.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let with_cookie = |method: &str, path: &str, body: &Value| {
        let headers = [("cookie", cookie.as_str()), ("x-cairn", "1")];
        request(server.address, method, path, &headers, body.to_string().as_bytes())
    };
    let path = format!("/api/projects/{}/visualizer", server.project);
    let made = with_cookie("POST", &path, &json!({"origin": SHOP, "app": APP})).json();
    let token = exchange(&server, made["ticket"].as_str().unwrap(), SHOP).json()["token"].as_str().unwrap().to_owned();
    assert_eq!(look(&token), 200);
    assert_eq!(with_cookie("DELETE", "/api/session", &Value::Null).status, 204);
    assert_ne!(look(&token), 200);
}

#[test]
fn an_origin_must_be_one() {
    let server = Server::start();
    for origin in
        ["", "*", "null", "shop.example", "https://shop.example/", "https://Shop.example", "javascript:alert(1)"]
    {
        let answer = server.api("POST", "visualizer", &json!({"origin": origin, "app": APP}));
        assert_eq!((answer.status, answer.code()), (400, "origin".into()), "{origin}");
        let answer = server.api("POST", "visualizer", &json!({"origin": SHOP, "app": origin}));
        assert_eq!((answer.status, answer.code()), (400, "origin".into()), "{origin}");
    }
}

/// Five visitors see the home page; of the three who click there, one did not see the page in these two weeks.
fn visits(server: &Server) {
    let event = |user: u64, event: u64, kind: &str, path: &str, days_ago: i64| {
        let time = NOW - 1000 - days_ago * 24 * 60 * MINUTE_MS;
        let properties = json!({"domain": "shop.example", "path": path, "target_text": "Buy", "chain": "html>body:2/2/1/1>button#buy:1/1/1/1", "email": "x@example.com"});
        json!({"type": kind, "user_id": user.to_string(), "event_id": event.to_string(), "time": time, "properties": properties})
    };
    let mut messages: Vec<Value> = (1..=5).map(|user| event(user, 1, "pageview", "/", 1)).collect();
    messages.extend([event(6, 1, "pageview", "/", 20), event(7, 1, "pageview", "/cart", 1)]);
    messages.extend([1, 2, 6].map(|user| event(user, 2, "click", "/", 0)));
    messages.extend([event(1, 3, "click", "/", 3), event(7, 2, "click", "/cart", 0), event(3, 2, "click", "/", 15)]);
    messages.push(json!({"type": "identify", "user_id": "1", "handle": "jane@example.com", "time": NOW}));
    assert_eq!(server.ingest(body(&messages)).status, 200);
    server.settle();
}

#[test]
fn the_card_counts_what_the_app_counts() {
    let server = Server::start();
    visits(&server);
    let token = token(&server);
    let predicate = json!({"all": [{"type": "click"}, {"selector": "#buy"}]});
    let look = |more: Value| {
        let mut asked = json!({"predicate": predicate, "page": {"domain": "shop.example", "path": "/"}});
        asked.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let answer = call(&server, &token, Some(SHOP), "POST", "/api/visualizer/preview", &asked);
        assert_eq!((answer.status, answer.header(CORS)), (200, Some(SHOP)), "{}", answer.text());
        answer.json()
    };
    let card = look(json!({}));
    let preview = server.api("POST", "preview", &json!({"predicate": predicate})).json();
    assert_eq!((&card["count"], &card["users"]), (&preview["count"], &preview["users"]));
    assert_eq!((&card["count"], &card["users"]), (&json!(5), &json!(4)));
    assert_eq!(card["page"], json!({"visitors": 5, "users": 2}));
    let days: Vec<u64> = card["days"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap()).collect();
    assert_eq!((days.len(), days.iter().sum::<u64>(), days[14], days[11]), (15, 5, 4, 1));
    let latest = card["latest"].as_array().unwrap();
    assert_eq!(latest.len(), 5);
    // Scripts of the site could read it: nothing says who it was.
    assert_eq!(latest[0], json!({"time": NOW - 1000, "type": "click", "path": latest[0]["path"], "text": "Buy"}));
    let brief = look(json!({"brief": true}));
    assert_eq!((&brief["count"], &brief["page"]), (&card["count"], &card["page"]));
    assert!(brief.get("latest").is_none() && brief.get("days").is_none());
    // A page's name is a value, whatever stands in it.
    assert_eq!(
        look(json!({"page": {"domain": "\"]}", "path": "' or 1=1"}}))["page"],
        json!({"visitors": 0, "users": 0})
    );
    for (wrong, code) in
        [(json!({"selector": "a:hover"}), "selector"), (json!({"user": "plan", "is": "pro"}), "predicate")]
    {
        let answer = call(&server, &token, Some(SHOP), "POST", "/api/visualizer/preview", &json!({"predicate": wrong}));
        assert_eq!((answer.status, answer.code(), answer.header(CORS)), (400, code.into(), Some(SHOP)));
    }
}

#[test]
fn overlaps_are_counted_and_definitions_are_made_but_never_changed() {
    let server = Server::start();
    visits(&server);
    let token = token(&server);
    let on = |path: &str| json!({"all": [{"type": "click"}, {"property": "path", "is": path}]});
    for (name, predicate) in
        [("On cart", on("/cart")), ("Views", json!({"type": "pageview"})), ("Clicks", json!({"type": "click"}))]
    {
        assert_eq!(
            server
                .api("PUT", &format!("definitions/{}", name.replace(' ', "%20")), &json!({"predicate": predicate}))
                .status,
            200
        );
    }
    let asked = json!({"predicate": {"selector": "#buy"}});
    let answer = call(&server, &token, Some(SHOP), "POST", "/api/visualizer/overlap", &asked).json();
    let expected = json!([{"name": "Views", "count": 6, "both": 6}, {"name": "Clicks", "count": 5, "both": 5}, {"name": "On cart", "count": 1, "both": 1}]);
    assert_eq!((&answer["overlaps"], &answer["compared"], &answer["definitions"]), (&expected, &json!(3), &json!(3)));

    // However many there are.
    for n in 0..230 {
        let predicate = json!({"predicate": on(&format!("/{n}"))});
        assert_eq!(server.api("PUT", &format!("definitions/A{n}"), &predicate).status, 200);
    }
    let answer = call(&server, &token, Some(SHOP), "POST", "/api/visualizer/overlap", &asked).json();
    assert_eq!((&answer["overlaps"], &answer["compared"]), (&expected, &json!(233)));

    let define = |name: &str, predicate: Value| {
        call(
            &server,
            &token,
            Some(SHOP),
            "PUT",
            &format!("/api/visualizer/definitions/{name}"),
            &json!({"predicate": predicate}),
        )
    };
    let made = define("Buy", json!({"selector": "#buy"}));
    assert_eq!((made.status, made.json()["name"].clone()), (200, json!("Buy")));
    let taken = define("Clicks", json!({"selector": "#buy"}));
    assert_eq!((taken.status, taken.code(), taken.header(CORS)), (409, "name_taken".into(), Some(SHOP)));
    let all = call(&server, &token, Some(SHOP), "GET", "/api/visualizer/definitions", &Value::Null).json();
    assert_eq!(all, server.get("definitions"));
    assert_eq!(all["definitions"].as_array().unwrap().len(), 234);
}

#[test]
fn the_overlay_is_served_to_every_site() {
    let server = Server::start();
    let answer = request(server.address, "GET", "/visualizer.js", &[("origin", SHOP)], b"");
    assert_eq!((answer.status, answer.header(CORS)), (200, Some("*")));
    assert_eq!(answer.header("content-type"), Some("text/javascript; charset=utf-8"));
    assert_eq!(answer.header("cross-origin-resource-policy"), Some("cross-origin"));
}

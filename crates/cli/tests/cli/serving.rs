//! The first five minutes: serve, send, ask, stop.

use std::net::TcpListener;

use crate::support::{Site, mode};

const CLICK: &str = r#"{"messages": [{"type": "click", "user_id": "7", "event_id": "1", "time": TIME,
    "properties": {"path": "/", "chain": "html>body:2/2/1/1>button#buy.btn:1/1/1/1"}}]}"#;

fn now_ms() -> String {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    since.as_millis().to_string()
}

#[test]
fn a_click_is_defined_afterwards_and_counted() {
    let site = Site::new();
    let mut server = site.serve();
    let (url, token) = (server.url.clone(), server.token.clone());
    let there = ["--url", &url, "--token", &token];
    let list = site.ok(&[&["project", "list"], &there[..]].concat());
    assert!(list.contains("My site"), "{list}");
    let key = list.split_whitespace().last().unwrap();
    let body = CLICK.replace("TIME", &now_ms());
    let sent = ureq::post(format!("{}/ingest/{key}", server.url)).send(body.as_bytes()).unwrap();
    assert_eq!(sent.status(), 200);

    site.ok(&[&["define", "Buy", r##"{"selector": "button#buy"}"##], &there[..]].concat());
    wait_for(|| site.count("Buy", &there) == 1);

    // Without --url, the folder's lock leads to the server.
    let said = site.run(&["query", "graph", "Buy", "--measure", "users", "--by", "whole", "--format", "csv"]);
    assert!(said.success && said.out.lines().nth(1).unwrap().ends_with(",1"), "{}{}", said.out, said.err);
    assert!(said.err.contains(&server.url), "{}", said.err);
    assert!(site.ok(&["define", "--list"]).contains("Buy"));

    let error = site.fails(&["query", "graph", "Bye", "--url", &server.url, "--token", &server.token]);
    assert!(error.contains("no event is defined as \"Bye\""), "{error}");
    let error = site.fails(&["project", "list", "--url", &server.url, "--token", "wrong"]);
    assert!(!error.contains("is it running"), "{error}");

    assert!(server.stop());
    assert_eq!(site.count("Buy", &[]), 1);
    let error = site.fails(&[&["project", "list"], &there[..]].concat());
    assert!(error.contains("is it running?"), "{error}");
}

fn wait_for(mut done: impl FnMut() -> bool) {
    for _ in 0..50 {
        if done() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    panic!("it did not come about");
}

#[test]
fn the_token_is_kept_for_its_owner_alone_and_printed_again() {
    let site = Site::new();
    let mut first = site.serve();
    assert_eq!(mode(&site.data().join("token")), 0o600);
    let token = first.token.clone();
    assert!(first.printed.contains(&format!("{}/?token={token}", first.url)));
    assert!(first.stop());
    assert_eq!(site.serve().token, token);
}

#[test]
fn a_second_server_says_who_the_first_is() {
    let site = Site::new();
    let server = site.serve();
    let error = site.fails(&["serve", "--listen", "127.0.0.1:0"]);
    assert!(error.contains("is in use by process") && error.contains(&server.url), "{error}");
    assert_eq!(error.trim_end().lines().count(), 1, "{error}");
}

#[test]
fn a_port_in_use_is_said_with_what_to_do() {
    let site = Site::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let error = site.fails(&["serve", "--listen", &taken.local_addr().unwrap().to_string()]);
    assert!(error.contains("is in use") && error.contains("--listen"), "{error}");
    assert_eq!(error.lines().count(), 1);
    assert!(!site.data().exists(), "nothing is made where the port is not free");
}

#[test]
fn which_project_is_asked_for_by_name_or_id() {
    let site = Site::with_project();
    assert!(site.fails(&["project", "add", "x", "--zone", "Mars/Base"]).contains("not an IANA time zone"));
    site.ok(&["project", "add", "Blog", "--zone", "Europe/Berlin"]);
    let error = site.fails(&["define", "--list"]);
    assert!(error.contains("\"Shop\" (id 1)") && error.contains("\"Blog\" (id 2)"), "{error}");
    let error = site.fails(&["define", "--list", "--project", "Block"]);
    assert!(error.contains("no project \"Block\"") && error.contains("\"Blog\""), "{error}");
    site.ok(&["define", "Read", r#"{"type": "pageview"}"#, "--project", "Blog"]);
    assert!(site.ok(&["define", "--list", "--project", "2"]).contains("Read"));
    assert!(!site.ok(&["define", "--list", "--project", "1"]).contains("Read"));
    site.ok(&["define", "--delete", "Read", "--project", "2"]);
    assert!(site.fails(&["define", "--delete", "Read", "--project", "2"]).contains("nothing is defined"));
}

#[test]
fn help_teaches_and_mistakes_are_explained() {
    let site = Site::new();
    for command in ["serve", "demo", "export", "query", "define"] {
        assert!(site.ok(&[command, "--help"]).contains("Examples:"), "{command}");
    }
    assert!(site.ok(&["import", "events", "--help"]).contains("user_id"));
    assert!(site.ok(&["--version"]).starts_with("cairn "));
    let error = site.fails(&["query", "graph", "x"]);
    assert!(error.contains("there is no data at") && error.contains("cairn serve"), "{error}");
    let site = Site::with_project();
    assert!(site.fails(&["query", "{}"]).contains("the query cannot be read"));
    assert!(site.fails(&["define", "x", "{"]).contains("is not JSON"));
    assert!(site.fails(&["define", "x", r#"{"selector": "a:hover"}"#]).contains("hover"));
    assert!(
        site.fails(&["query", "graph", "{\"type\": \"click\"}", "--group-by", "browser"]).contains("event.browser")
    );
}

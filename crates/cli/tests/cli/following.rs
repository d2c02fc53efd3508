//! Comparing folders and servers, reading logs again, and replicas on a topic.

use std::{
    process::Command,
    thread,
    time::{Duration, Instant},
};

use cairn_testkit::kafka::Kafka;

use crate::support::{Said, Server, Site};

const PATIENCE: Duration = Duration::from_secs(120);

/// So many pageviews, from this event on.
fn events(from: u64, count: u64) -> String {
    let line = |id: u64| {
        let user = 1 + id % 13;
        format!(
            r#"{{"user_id": {user}, "event_id": {id}, "time": "2026-08-01T10:00:00Z", "type": "pageview", "path": "/{id}"}}"#
        )
    };
    (from..from + count).map(|id| line(id) + "\n").collect()
}

fn with_events(from: u64) -> Site {
    let site = Site::with_project();
    let file = site.file("events.jsonl", &events(from, 20));
    site.ok(&["import", "events", &file]);
    site
}

fn text(path: std::path::PathBuf) -> String {
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_restored_folder_is_equal_and_another_is_not() {
    let (site, other) = (with_events(1), with_events(2));
    site.ok(&["backup", "--out", "a.backup"]);
    let copy = text(site.path("copy"));
    site.ok(&["restore", "--from", "a.backup", "--data", &copy]);
    let data = text(site.data());
    let said = site.run(&["verify", &data, &copy]);
    assert!(said.code == Some(0) && said.out.contains("All is equal at 0:1"), "{}{}", said.out, said.err);
    let said = site.run(&["verify", &data, &text(other.data())]);
    assert!(said.code == Some(1) && said.out.contains("Project Shop differs"), "{}{}", said.out, said.err);
    // Two logs go their own ways.
    let more = site.file("more.jsonl", &events(100, 1));
    site.ok(&["import", "events", &more]);
    let said = site.run(&["verify", &data, &copy]);
    assert!(said.code == Some(2) && said.err.contains("1 records apart"), "{}{}", said.out, said.err);
    let said = site.run(&["verify", &data, &text(site.path("nothing"))]);
    assert!(said.code == Some(2) && said.err.contains("no data at"), "{}{}", said.out, said.err);
}

#[test]
fn a_log_is_read_again_in_a_folder_and_on_a_server() {
    let site = with_events(1);
    let before = site.state_hash();
    let nothing = "Read 1 records again: nothing was missing.";
    assert!(site.ok(&["replay", "--from", "start"]).contains(nothing));
    let mut server = site.serve();
    assert!(site.ok(&["replay", "--from", "0:0", "--project", "Shop"]).contains(nothing));
    let url = format!("{}/?token={}", server.url, server.token);
    assert!(site.ok(&["replay", "--from", "2020-01-01", "--url", &url]).contains(nothing));
    assert!(site.ok(&["replay", "--from", "2020-01-01", "--partition", "4", "--url", &url]).contains("Read 0 records"));
    assert!(site.fails(&["replay", "--from", "0:7", "--url", &url]).contains("0:7 is beyond"));
    assert!(site.fails(&["replay", "--from", "yesterday", "--url", &url]).contains("neither `start`"));
    assert_eq!(site.count(r#"{"type": "pageview"}"#, &[]), 20);
    assert!(server.stop());
    assert_eq!(site.state_hash(), before);
}

/// A server of a folder within the site.
fn serve(site: &Site, data: &str, more: &[&str]) -> Server {
    let data = text(site.path(data));
    Server::start(site.command(&[&["serve", "--listen", "127.0.0.1:0", "--data", &data], more].concat()))
}

fn command(site: &Site, url: &str, args: &[&str]) -> Said {
    let command: &mut Command = &mut site.command(&[args, &["--url", url]].concat());
    crate::support::said(command.output().unwrap())
}

#[test]
fn replicas_follow_a_server_and_one_takes_its_place() {
    let (kafka, site) = (Kafka::start(1), Site::new());
    let log = kafka.url("replicas");
    let mut primary = serve(&site, "primary", &["--log", &log]);
    let token = primary.token.clone();
    let of = |server: &Server| format!("{}/?token={token}", server.url);
    let first = of(&primary);
    let import = |url: &str, from: u64| {
        let file = site.file("events.jsonl", &events(from, 20));
        command(&site, url, &["import", "events", &file])
    };
    assert!(import(&first, 1).success);
    site.ok(&["backup", "--out", "a.backup", "--url", &first]);
    assert!(site.ok(&["backup", "--show", "a.backup"]).contains("the topic kafka://"));

    // It begins with a backup of its own accord, and goes on with what comes.
    let mut replica = serve(&site, "replica", &["--log", &log, "--replica-of", &first]);
    let second = of(&replica);
    assert!(import(&first, 21).success);
    let compare = |a: &str, b: &str| site.run(&["verify", a, b]);
    let said = compare(&first, &second);
    assert!(said.code == Some(0) && said.out.contains("All is equal"), "{}{}", said.out, said.err);
    let refused = import(&second, 41);
    assert!(!refused.success && refused.err.contains("is a replica of"), "{}", refused.err);
    let define = |url: &str| command(&site, url, &["define", "Views", r#"{"type": "pageview"}"#]);
    assert!(define(&second).err.contains(&primary.url));
    assert!(define(&first).success);
    let until = Instant::now() + PATIENCE;
    while !command(&site, &second, &["define", "--list"]).out.contains("Views") {
        assert!(Instant::now() < until, "the replica does not know the definition");
        thread::sleep(Duration::from_millis(100));
    }
    assert!(site.ok(&["replay", "--from", "start", "--url", &second]).contains("nothing was missing"));
    assert!(replica.stop());

    // A folder is not started as what it is not.
    let start = |data: &str, more: &[&str]| {
        let data = text(site.path(data));
        site.fails(&[&["serve", "--listen", "127.0.0.1:0", "--data", &data, "--log", &log], more].concat())
    };
    let restored = text(site.path("restored"));
    let said = site.ok(&["restore", "--from", "a.backup", "--data", &restored, "--log", &log]);
    assert!(said.contains("--take-over"), "{said}");
    for folder in ["replica", "restored"] {
        let error = start(folder, &[]);
        assert!(error.contains("--replica-of URL") && error.contains("--take-over"), "{error}");
    }
    // A closed folder is compared, too.
    let said = site.run(&["verify", &first, &restored, "--log", &log]);
    assert!(said.code == Some(0) && said.out.contains("All is equal"), "{}{}", said.out, said.err);
    assert!(primary.stop());
    assert!(start("primary", &["--replica-of", &second]).contains("needs a folder of its own"));
    let mut successor = serve(&site, "restored", &["--log", &log, "--take-over"]);
    assert!(import(&of(&successor), 41).success);
    assert!(successor.stop());
    let mut again = serve(&site, "restored", &["--log", &log]);
    assert!(again.stop());
}

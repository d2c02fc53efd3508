//! Backup and restore, of a folder and of a running server.

use std::fs;

use crate::support::Site;

const EVENTS: &str = r#"{"user_id": 1, "event_id": 1, "time": "2026-08-01T10:00:00Z", "type": "pageview", "path": "/"}
{"user_id": 2, "event_id": 2, "time": "2026-08-01T11:00:00Z", "type": "pageview", "path": "/"}
"#;

fn with_events() -> Site {
    let site = Site::with_project();
    let file = site.file("events.jsonl", EVENTS);
    site.ok(&["import", "events", &file]);
    site.ok(&["define", "View", r#"{"type": "pageview"}"#]);
    site
}

/// Restores the archive into a folder of its own, which must then say the same.
fn check(site: &Site, archive: &str) {
    let before = site.state_hash();
    let copy = Site::new();
    let from = site.path(archive);
    let said = copy.ok(&["restore", "--from", from.to_str().unwrap()]);
    assert!(said.contains("up to record"), "{said}");
    assert_eq!(copy.state_hash(), before);
    assert_eq!(copy.count("View", &[]), 2);
    assert_eq!(copy.ok(&["project", "list"]), site.ok(&["project", "list"]));
    let error = copy.fails(&["restore", "--from", from.to_str().unwrap()]);
    assert!(error.contains("is not empty"), "{error}");
}

#[test]
fn of_a_folder_that_nobody_has_open() {
    let site = with_events();
    site.ok(&["backup", "--out", "a.backup"]);
    let shown = site.ok(&["backup", "--show", "a.backup"]);
    assert!(shown.contains("is whole") && shown.contains("of partition 0"), "{shown}");
    check(&site, "a.backup");
}

#[test]
fn of_a_running_server() {
    let site = with_events();
    let mut server = site.serve();
    let said = site.run(&["backup", "--out", "a.backup"]);
    assert!(said.success && said.err.contains(&server.url), "{}{}", said.out, said.err);
    site.ok(&["backup", "--out", "b.backup", "--url", &server.url, "--token", &server.token]);
    assert!(site.fails(&["backup", "--out", "c", "--url", &server.url, "--token", "x"]).contains("not made"));
    assert!(!site.path("c").exists());
    assert!(server.stop());
    check(&site, "a.backup");
    check(&site, "b.backup");
}

#[test]
fn a_bad_archive_is_refused_with_its_place() {
    let site = with_events();
    site.ok(&["backup", "--out", "a.backup"]);
    let mut bytes = fs::read(site.path("a.backup")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(site.path("bad.backup"), &bytes).unwrap();
    fs::write(site.path("short.backup"), &bytes[..middle - 100]).unwrap();
    fs::write(site.path("none.backup"), "hello, this is something else").unwrap();
    for (file, says) in [("bad", "is damaged at byte"), ("short", "it ends there"), ("none", "no backup of Cairn")] {
        let (name, data) = (format!("{file}.backup"), site.path("new"));
        for args in [&["backup", "--show", &name][..], &["restore", "--from", &name, "--data", data.to_str().unwrap()]]
        {
            let error = site.fails(args);
            assert!(error.contains(says) && error.contains(&name), "{error}");
        }
        assert!(!data.exists());
    }
    let left = fs::read_dir(site.data().parent().unwrap()).unwrap();
    let hidden = left.filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with('.'));
    assert_eq!(hidden.count(), 0);
    assert!(site.fails(&["restore", "--from", "nowhere", "--data", "x"]).contains("nowhere"));
}

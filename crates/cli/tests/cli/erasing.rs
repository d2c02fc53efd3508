//! Erasing, expiring and purging, on a folder and through a server.

use std::{fs, path::Path};

use crate::support::Site;

const EVENTS: &str = "user_id,event_id,time,type,path
1,1,2026-01-01T10:00:00Z,pageview,/kanarienvogel
1,2,2026-03-01T10:00:00Z,click,/kanarienvogel
2,3,2026-03-01T11:00:00Z,pageview,/
3,4,2026-03-02T11:00:00Z,pageview,/old
";
const USERS: &str = "user_id,handle,plan\n1,jane@example.com,kanarienvogel\n";

fn held(dir: &Path) -> bool {
    fs::read_dir(dir).unwrap().map(Result::unwrap).any(|entry| match entry.file_type().unwrap().is_dir() {
        true => held(&entry.path()),
        false => fs::read(entry.path()).unwrap().windows(13).any(|bytes| bytes == b"kanarienvogel"),
    })
}

fn filled() -> Site {
    let site = Site::with_project();
    let (events, users) = (site.file("events.csv", EVENTS), site.file("users.csv", USERS));
    site.ok(&["import", "events", &events]);
    site.ok(&["import", "users", &users]);
    assert_eq!((site.count(r#"{"all": []}"#, &[]), held(&site.data())), (4, true));
    site
}

#[test]
fn a_person_is_erased_from_a_folder() {
    let site = filled();
    let said = site.ok(&["erase", "--handle", "jane@example.com"]);
    assert!(said.contains("of user 1: 2 events") && said.contains("`cairn purge` does it now"), "{said}");
    assert_eq!((site.count(r#"{"all": []}"#, &[]), held(&site.data())), (2, true));
    let said = site.ok(&["purge"]);
    assert!(said.contains("No file"), "{said}");
    assert_eq!((site.count(r#"{"all": []}"#, &[]), held(&site.data())), (2, false));
    let error = site.fails(&["erase", "--handle", "jane@example.com"]);
    assert!(error.contains("nobody is identified as \"jane@example.com\""), "{error}");
    for wrong in [&["erase"][..], &["erase", "--user", "0"], &["erase", "--user", "1", "--handle", "jane"]] {
        site.fails(wrong);
    }
}

#[test]
fn a_user_is_erased_and_events_expire_through_a_server() {
    let site = filled();
    let mut server = site.serve();
    let said = site.ok(&["erase", "--user", "1", "--user", "9", "--purge"]);
    assert!(said.contains("of user 1, 9: 2 events") && said.contains("No file holds it any more."), "{said}");
    assert!(!held(&site.data()));
    let said = site.ok(&["expire", "--before", "2026-03-02", "--purge"]);
    assert!(said.contains("before 2026-03-02T00:00:00Z have expired: 1 so far"), "{said}");
    assert!(site.fails(&["expire", "--before", "2100-01-01"]).contains("lies ahead"));
    site.ok(&["purge"]);
    assert!(server.stop());
    assert_eq!(site.count(r#"{"all": []}"#, &[]), 1);
}

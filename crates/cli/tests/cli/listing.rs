//! Named lists of people, on a folder and through a server.

use crate::support::Site;

const EVENTS: &str = "user_id,event_id,time,type
1,1,2026-01-01T10:00:00Z,click
2,2,2026-01-02T10:00:00Z,click
3,3,2026-01-02T11:00:00Z,click
";
const USERS: &str = "user_id,handle\n1,jane@example.com\n2,jim@example.com\n";

fn filled() -> Site {
    let site = Site::with_project();
    let (events, users) = (site.file("events.csv", EVENTS), site.file("users.csv", USERS));
    site.ok(&["import", "events", &events]);
    site.ok(&["import", "users", &users]);
    site
}

/// Clicks by whether the user is in the list, as CSV without its head.
fn by_list(site: &Site) -> Vec<String> {
    let key = r#"segment:Beta={"list": "beta testers"}"#;
    let range = ["--from", "2026-01-01", "--to", "2026-02-01", "--by", "whole", "--format", "csv"];
    let said = site.ok(&[&["query", "graph", r#"{"type": "click"}"#, "--group-by", key][..], &range].concat());
    said.lines().map(str::to_owned).collect()
}

fn adds_asks_and_removes(site: &Site) {
    let csv = site.file("testers.csv", "plan,handle,user_id\npro,jane@example.com,1\n,,3\n");
    assert!(site.ok(&["list", "add", "beta testers", &csv]).contains("The list \"beta testers\" has 2 people."));
    let rows = by_list(site);
    assert!(rows[0].ends_with("Beta,value"), "{rows:?}");
    assert!(rows[1].ends_with(",true,2") && rows[2].ends_with(",false,1"), "{rows:?}");
    let lines = site.file("testers.txt", "jim@example.com\n");
    site.ok(&["list", "add", "beta testers", &lines]);
    assert_eq!(site.ok(&["list"]).trim(), "beta testers  1 person");
    assert!(by_list(site)[1].ends_with(",false,2"), "{:?}", by_list(site));
    let wrong = site.file("wrong.csv", "jane,pro\n");
    assert!(site.fails(&["list", "add", "beta testers", &wrong]).contains("a first line with `handle` or `user_id`"));
    assert!(site.ok(&["list", "remove", "beta testers"]).contains("the people stay"));
    assert!(site.fails(&["list", "remove", "beta testers"]).contains("no list is called \"beta testers\""));
    let error = site.fails(&["query", "users", r#"{"list": "beta testers"}"#]);
    assert!(error.contains("see `cairn list`"), "{error}");
}

#[test]
fn lists_are_kept_in_a_folder() {
    adds_asks_and_removes(&filled());
}

#[test]
fn a_list_of_an_answer_in_csv_has_the_same_people() {
    let site = Site::with_project();
    let events = site.file("events.csv", EVENTS);
    let users = site.file("users.csv", "user_id,handle\n1,+491701234567\n2,'=jim\n");
    site.ok(&["import", "events", &events]);
    site.ok(&["import", "users", &users, "--text-columns", "handle"]);
    let answer = site.ok(&["query", "users", "--format", "csv"]);
    assert!(answer.contains("\n'+491701234567,") && answer.contains("\n''=jim,"), "{answer}");
    site.ok(&["list", "add", "beta testers", &site.file("answer.csv", &answer)]);
    assert!(by_list(&site)[1].ends_with(",true,2"), "{:?}", by_list(&site));
}

#[test]
fn lists_are_kept_by_a_server_and_erasing_says_so() {
    let site = filled();
    let mut server = site.serve();
    adds_asks_and_removes(&site);
    let lines = site.file("testers.txt", "jane@example.com\nnobody@example.com\n");
    site.ok(&["list", "add", "beta testers", &lines]);
    let said = site.ok(&["erase", "--handle", "jane@example.com", "--purge"]);
    assert!(said.contains("of user 1: 1 events") && said.contains("Taken out of 1 list"), "{said}");
    let said = site.ok(&["erase", "--handle", "nobody@example.com", "--purge"]);
    assert!(said.starts_with("Taken out of 1 list"), "{said}");
    assert!(server.stop());
    assert_eq!(site.ok(&["list"]).trim(), "beta testers  0 people");
}

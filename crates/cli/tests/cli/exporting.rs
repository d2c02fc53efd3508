//! What goes out comes back the same.

use crate::support::Site;

const ROWS: &str = r#"{"user_id": 1, "event_id": 11, "time": 1785578400000, "received_at": 1785578400500, "type": "pageview", "path": "/", "n": 0.1, "mixed": 5, "on": true}
{"user_id": 1, "event_id": 12, "time": 1785578400001, "received_at": 1785578400500, "type": "custom", "name": "Ünï\"x", "n": 1e300, "mixed": "5", "list": [1, "a", null, true]}
{"user_id": 9223372036854775807, "event_id": 9223372036854775807, "time": 1785664800000, "received_at": 1785664800001, "type": "click", "chain": "html>body:2/2/1/1", "nothing": null, "properties.time": "noon", "properties.properties.x": "", "n": 0.30000000000000004}
{"user_id": 2, "event_id": 1, "time": 1785751200000, "type": "submit", "received_at": 1785751200000, "properties": {"a.b": -7, "type": "x"}}
"#;

#[test]
fn events_come_back_to_the_same_state() {
    let site = Site::with_project();
    let out = site.ok(&["import", "events", &site.file("in.jsonl", ROWS)]);
    assert!(out.contains("Imported 4 events of 4 rows"), "{out}");
    let expected = site.state_hash();
    for name in ["out.parquet", "out.jsonl"] {
        let file = site.path(name);
        let file = file.to_str().unwrap();
        assert!(site.ok(&["export", "events", "--out", file]).contains("4 events"));
        let copy = Site::with_project();
        let out = copy.ok(&["import", "events", file]);
        assert!(out.contains("Imported 4 events of 4 rows"), "{out}");
        assert_eq!(copy.state_hash(), expected, "{name}");
    }
}

#[test]
fn a_range_is_cut_at_the_days_of_the_project() {
    let site = Site::with_project();
    site.ok(&["import", "events", &site.file("in.jsonl", ROWS)]);
    let file = site.path("out.jsonl");
    let args = ["export", "events", "--out", file.to_str().unwrap(), "--from", "2026-08-02", "--to", "2026-08-03"];
    assert!(site.ok(&args).contains("1 events"));
    let text = std::fs::read_to_string(&file).unwrap();
    assert_eq!(text.lines().count(), 1);
    assert!(text.contains("\"9223372036854775807\""), "{text}");
    assert!(site.fails(&["export", "events", "--out", "a.xlsx"]).contains(".parquet or .jsonl"));
}

#[test]
fn users_come_back_with_handles_and_properties() {
    let site = Site::with_project();
    let file = site.file(
        "users.csv",
        "user_id,handle,plan,seats,zip\n1,maria@example.com,pro,5,0123\n2,,free,,\n3,x@example.com,,,\nx,,,,\n",
    );
    let out = site.ok(&["import", "users", &file]);
    assert!(out.contains("Imported 3 users of 4 rows") && out.contains("`user_id`"), "{out}");
    let by_plan = ["query", "graph", "--group-by", "user.plan", "--format", "csv"];
    let expected = site.ok(&by_plan);
    assert!(expected.contains(",pro,1") && expected.contains(",free,1"), "{expected}");
    for name in ["users.parquet", "users.jsonl"] {
        let file = site.path(name);
        let file = file.to_str().unwrap();
        assert!(site.ok(&["export", "users", "--out", file]).contains("3 users"));
        let copy = Site::with_project();
        copy.ok(&["import", "users", file]);
        let without_time =
            |text: &str| text.lines().map(|line| line.split_once(',').unwrap().1.to_owned()).collect::<Vec<_>>();
        assert_eq!(without_time(&copy.ok(&by_plan)), without_time(&expected), "{name}");
        let again = copy.path("again.jsonl");
        copy.ok(&["export", "users", "--out", again.to_str().unwrap()]);
        let text = std::fs::read_to_string(again).unwrap();
        assert!(
            text.contains("maria@example.com") && text.contains("\"zip\":\"0123\"") && text.contains("\"seats\":5"),
            "{text}"
        );
    }
}

//! Questions in words.

use serde_json::{Value, json};

use crate::support::Site;

/// On 2 August 2026 two users look and one of them orders twice; on the 3rd one looks.
const ROWS: &str = r#"{"user_id": 1, "event_id": 1, "time": 1785664800000, "type": "pageview"}
{"user_id": 2, "event_id": 2, "time": 1785664800000, "type": "pageview"}
{"user_id": 1, "event_id": 3, "time": 1785664801000, "type": "custom", "name": "Order Placed", "amount": 5}
{"user_id": 1, "event_id": 4, "time": 1785664802000, "type": "custom", "name": "Order Placed", "amount": 7.5}
{"user_id": 2, "event_id": 5, "time": 1785751200000, "type": "pageview"}
"#;

const ORDER: &str = r#"{"name": "Order Placed"}"#;
const LOOK: &str = r#"{"type": "pageview"}"#;

/// Sets a terminal's title, clears it, and begins another order.
const HOSTILE: &str = "\u{1b}]0;x\u{7}\u{1b}[2J\u{9b}\u{7f}";

fn site() -> Site {
    let site = Site::with_project();
    site.ok(&["import", "events", &site.file("in.jsonl", ROWS)]);
    site
}

/// What a graph from 2 August on prints.
fn graph(site: &Site, args: &[&str]) -> String {
    let range = ["query", "graph", "--from", "2026-08-02", "--to", "2026-08-04"];
    site.ok(&[&range, args].concat())
}

#[test]
fn a_graph_has_several_events_and_formulas() {
    let site = site();
    let csv = graph(&site, &[ORDER, LOOK, "--formula", "100 * A / B", "--format", "csv"]);
    let expected = "from,line,value\n\
        2026-08-02T00:00:00+00:00,A,2\n2026-08-03T00:00:00+00:00,A,0\n\
        2026-08-02T00:00:00+00:00,B,2\n2026-08-03T00:00:00+00:00,B,1\n\
        2026-08-02T00:00:00+00:00,100 * A / B,100\n2026-08-03T00:00:00+00:00,100 * A / B,0\n";
    assert_eq!(csv, expected);
    let measures = ["--measure", "sum:amount", "--measure", "users", "--formula", "-A / B"];
    let table = graph(&site, &[&[ORDER, ORDER][..], &measures].concat());
    let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split_whitespace().collect()).collect();
    assert!(rows.contains(&vec!["from", "A", "B", "-A", "/", "B"]), "{table}");
    assert!(rows.contains(&vec!["2026-08-02", "+00:00", "12.5", "1", "-12.5"]), "{table}");
    assert!(rows.contains(&vec!["2026-08-03", "+00:00", "0", "0"]), "{table}");
    assert!(rows.contains(&vec!["all", "12.5", "1", "-12.5"]), "{table}");
}

#[test]
fn a_graph_has_the_period_before_and_averages() {
    let site = site();
    let json = site.ok(&[
        "query",
        "graph",
        LOOK,
        "--from",
        "2026-08-03",
        "--to",
        "2026-08-04",
        "--previous",
        "--format",
        "json",
    ]);
    let answer: Value = serde_json::from_str(&json).unwrap();
    let total = |of: &Value| of["lines"][0]["total"]["total"].clone();
    assert_eq!([total(&answer["graphs"]), total(&answer["graphs"]["previous"])], [1, 2]);
    let csv = graph(&site, &[LOOK, "--previous", "--trailing", "2", "--format", "csv"]);
    assert!(csv.contains("\n2026-08-03T00:00:00+00:00,A,1,1.5,2026-08-01T00:00:00+00:00,0\n"), "{csv}");
}

#[test]
fn what_cannot_be_asked_is_said() {
    let site = site();
    let fails = |args: &[&str]| site.fails(&[&["query", "graph"], args].concat());
    assert!(
        fails(&[ORDER, LOOK, "--formula", "A / C"]).contains("there is no such event: those of this query are A to B")
    );
    let measures = ["--measure", "users", "--measure", "count", "--measure", "users"];
    assert!(fails(&[&[ORDER, LOOK][..], &measures].concat()).contains("--measure is given 3 times for 2 events"));
    assert!(fails(&[&[ORDER][..], &measures].concat()).contains("one --measure for each event"));
    assert!(fails(&["--previous"]).contains("--formula, --previous and --trailing are of events"));
    assert!(fails(&[ORDER, "--trailing", "1"]).contains("from 2 to 1000"));
}

#[test]
fn a_persons_events_are_a_timeline() {
    let site = site();
    site.ok(&["define", "Order", ORDER]);
    let table = site.ok(&["query", "user", "1", "--limit", "2"]);
    let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows[0], ["Events", "of", "the", "user", "1,", "newest", "first"]);
    assert!(rows.contains(&vec!["2026-08-02", "10:00:02", "custom", "Order", "Order", "Placed"]), "{table}");
    assert!(rows.contains(&vec!["Earlier", "events:", "--before", "1785664801000.3.1"]), "{table}");
    let csv = site.ok(&["query", "user", "1", "--before", "1785664801000.3.1", "--format", "csv"]);
    assert_eq!(
        csv,
        "time,user_id,session_id,event_id,type,names,properties\n2026-08-02T10:00:00.000+00:00,1,,1,pageview,,{}\n"
    );
    let json = site.ok(&["query", "user", "1", "--format", "json"]);
    let answer: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(answer["stream"]["sessions"][0]["events"][0]["names"], serde_json::json!(["Order"]));
    assert!(site.fails(&["query", "user", "3"]).contains("nobody is the user 3"));
    assert!(site.fails(&["query", "user", "1", "--handle"]).contains("nobody is 1"));
}

#[test]
fn users_are_listed_in_an_order() {
    let site = site();
    let csv = site.ok(&["query", "users", "--sort", "last_seen", "--descending", "--format", "csv"]);
    let ids: Vec<_> = csv.lines().skip(1).filter_map(|line| line.split(',').nth(1)).collect();
    assert_eq!(ids, ["2", "1"]);
    assert!(csv.ends_with("2026-08-02T10:00:00.000+00:00,2026-08-02T10:00:02.000+00:00,3\n"), "{csv}");
    assert!(site.fails(&["query", "users", "--sort", "plan"]).contains("user.PROPERTY"));
}

#[test]
fn captured_text_does_not_steer_a_terminal() {
    let site = Site::with_project();
    let row = |id: u64| json!({"user_id": 1, "event_id": id, "time": 1_785_664_800_000_u64 + id, "type": "pageview", "session_id": "s", "path": HOSTILE});
    site.ok(&["import", "events", &site.file("in.jsonl", &format!("{}\n{}\n", row(1), row(2)))]);
    let pairs = |format| ["query", "pairs", "--from", "2026-08-02", "--to", "2026-08-03", "--format", format];
    let csv = format!("node,next,times\n{HOSTILE},{HOSTILE},1\n");
    assert_eq!(site.ok(&pairs("csv")), csv);
    let marked = |text: &str| text.replace(['\u{1b}', '\u{7}', '\u{9b}', '\u{7f}'], "\u{fffd}").replace('\n', "\r\n");
    assert_eq!(site.shown(&pairs("csv")), marked(&csv));
    // JSON has escapes of its own for some of them.
    let path = HOSTILE.replace('\u{1b}', "\\u001b").replace('\u{7}', "\\u0007");
    assert!(site.ok(&pairs("json")).contains(&path));
    let shown = site.shown(&pairs("json"));
    assert!(shown.contains(&marked(&path)), "{shown}");
    let steers = |line: &&str| line.chars().any(char::is_control);
    assert_eq!(shown.lines().find(steers), None);
    let table = site.shown(&pairs("table"));
    let steering: Vec<_> = table.lines().filter(steers).collect();
    assert!(steering.len() == 1 && steering[0].starts_with("\x1b[2mas of "), "{table}");
}

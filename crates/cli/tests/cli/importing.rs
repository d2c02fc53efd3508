//! Bringing in files, good and bad.

use std::{fs::File, sync::Arc};

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray, TimestampMillisecondArray};
use parquet::{arrow::ArrowWriter, file::properties::WriterProperties};

use crate::support::Site;

const PAGEVIEWS: &str = r#"{"type": "pageview"}"#;

#[test]
fn json_lines_with_bad_rows_are_imported_but_for_these() {
    let site = Site::with_project();
    let file = site.file(
        "a.jsonl",
        r#"{"user_id": 1, "event_id": 1, "time": "2026-08-01T10:00:00Z", "type": "pageview", "path": "/", "cart": {"items": 2}}
{"user_id": "2", "event_id": "2", "time": 1785578400000, "type": "custom", "name": "Order Placed", "amount": 19.5}
{"user_id": 1, "event_id": 3, "time": 1785578400, "type": "click"}
not json
{"user_id": "abc", "event_id": 4, "time": 1785578400000, "type": "click"}
{"user_id": 1, "event_id": 5, "time": 1785578400000, "type": "pageview"}
"#,
    );
    let out = site.ok(&["import", "events", &file]);
    assert!(out.contains("Imported 3 events of 6 rows"), "{out}");
    for part in [
        "Refused 3 rows",
        "`time`",
        "a.jsonl:3: time 1785578400 is before 2000",
        "a.jsonl:4: not a JSON object",
        "a.jsonl:5: user_id \"abc\"",
    ] {
        assert!(out.contains(part), "{part} is not in {out}");
    }
    let again = site.ok(&["import", "events", &file]);
    assert!(again.contains("3 of them were there already"), "{again}");
    assert_eq!(site.count(PAGEVIEWS, &[]), 2);
    assert_eq!(site.count(r#"{"all": [{"name": "Order Placed"}, {"property": "amount", "is": 19.5}]}"#, &[]), 1);
    assert_eq!(site.count(r#"{"property": "cart.items", "is": 2}"#, &[]), 1);
}

#[test]
fn csv_cells_are_typed_and_rows_without_event_ids_count_once() {
    let site = Site::with_project();
    let file = site.file(
        "a.csv",
        "user_id,time,type,path,amount,zip,member\n\
         1,2026-08-01T10:00:00Z,pageview,/,19.5,01234,true\n\
         1,2026-08-01T10:00:00Z,pageview,/,19.5,01234,true\n\
         2,1785578400000,pageview,/cart,20,5,\n\
         3,2026-08-01,pageview,/,1,1,1\n\
         4,1785578400000,pageview,/\n",
    );
    let out = site.ok(&["import", "events", &file, "--text-columns", "zip"]);
    assert!(out.contains("Imported 3 events of 5 rows"), "{out}");
    assert!(
        out.contains("1 of them were there already")
            && out.contains("a.csv:5:")
            && out.contains("a.csv:6: it has 4 cells"),
        "{out}"
    );
    site.ok(&["import", "events", &file, "--text-columns", "zip"]);
    assert_eq!(site.count(PAGEVIEWS, &[]), 2);
    assert_eq!(
        site.count(r#"{"all": [{"property": "zip", "is": "01234"}, {"property": "member", "is": true}]}"#, &[]),
        1
    );
    assert_eq!(site.count(r#"{"all": [{"property": "zip", "is": "5"}, {"property": "amount", "is": 20}]}"#, &[]), 1);
    assert_eq!(site.count(r#"{"property": "member", "is_set": true}"#, &[]), 1);
}

#[test]
fn parquet_of_other_writers_is_read() {
    let site = Site::with_project();
    let n = 20_000;
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("user_id", Arc::new(Int64Array::from_iter_values((0..n).map(|i| i % 500 + 1)))),
        ("event_id", Arc::new(Int64Array::from_iter_values(0..n))),
        ("time", Arc::new(TimestampMillisecondArray::from_iter_values((0..n).map(|i| 1_785_578_400_000 + i)))),
        ("type", Arc::new(StringArray::from_iter_values((0..n).map(|_| "pageview")))),
        ("path", Arc::new(StringArray::from_iter((0..n).map(|i| (i % 2 == 0).then(|| format!("/{}", i % 10)))))),
    ];
    let path = parquet(&site, "a.parquet", columns);

    // Event id 0 is none.
    let out = site.ok(&["import", "events", &path]);
    assert!(out.contains("Imported 19,999 events of 20,000 rows") && out.contains("a.parquet:1: event_id 0"), "{out}");
    assert_eq!(site.count(PAGEVIEWS, &[]), 19_999);
    assert_eq!(site.count(r#"{"property": "path", "is": "/4"}"#, &[]), 2_000);
    assert_eq!(site.count(PAGEVIEWS, &["--measure", "users"]), 500);
}

fn parquet(site: &Site, name: &str, columns: Vec<(&str, ArrayRef)>) -> String {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let path = site.path(name);
    let properties = WriterProperties::builder().set_dictionary_page_size_limit(1 << 30).build();
    let mut writer = ArrowWriter::try_new(File::create(&path).unwrap(), batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn files_of_one_import_may_have_other_columns() {
    let site = Site::with_project();
    // The names of the second file stand at other places than those of the first.
    let file = |name: &str, first: i64, properties: &[&str]| {
        let text = |value: String| Arc::new(StringArray::from_iter_values((0..100).map(|_| value.clone()))) as ArrayRef;
        let mut columns: Vec<(&str, ArrayRef)> = vec![
            ("user_id", Arc::new(Int64Array::from_iter_values(1..101))),
            ("event_id", Arc::new(Int64Array::from_iter_values(first..first + 100))),
            ("time", Arc::new(TimestampMillisecondArray::from_iter_values((0..100).map(|i| 1_785_578_400_000 + i)))),
            ("type", text("click".to_owned())),
        ];
        columns.extend(properties.iter().map(|property| (*property, text(format!("{property} of {name}")))));
        parquet(&site, name, columns)
    };
    let (a, b) = (file("a.parquet", 1, &["b", "d"]), file("b.parquet", 101, &["a", "b", "c", "d"]));
    site.ok(&["import", "events", &a, &b]);
    for (property, value) in
        [("b", "b of a"), ("d", "d of a"), ("a", "a of b"), ("b", "b of b"), ("c", "c of b"), ("d", "d of b")]
    {
        let predicate = format!(r#"{{"property": "{property}", "is": "{value}.parquet"}}"#);
        assert_eq!(site.count(&predicate, &[]), 100, "{predicate}");
    }
}

/// A dictionary of more bytes than a log record may have, all of which the rows of one batch refer to.
#[test]
fn dictionaries_of_long_texts_are_read() {
    let site = Site::with_project();
    let rows = 6_000;
    let text = |row: i64| format!("{row} {}", "x".repeat(8_000));
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("user_id", Arc::new(Int64Array::from_iter_values(1..=rows))),
        ("time", Arc::new(TimestampMillisecondArray::from_iter_values((0..rows).map(|i| 1_785_578_400_000 + i)))),
        ("type", Arc::new(StringArray::from_iter_values((0..rows).map(|_| "click")))),
        ("text", Arc::new(StringArray::from_iter_values((0..rows).map(text)))),
    ];
    let out = site.ok(&["import", "events", &parquet(&site, "long.parquet", columns)]);
    assert!(out.contains("Imported 6,000 events of 6,000 rows"), "{out}");
    assert_eq!(site.count(r#"{"property": "text", "starts_with": "59"}"#, &[]), 111);
}

#[test]
fn a_dry_run_writes_nothing_and_a_useless_file_fails() {
    let site = Site::with_project();
    let good = site.file("good.jsonl", "{\"user_id\": 1, \"time\": 1785578400000, \"type\": \"pageview\"}\n");
    let out = site.ok(&["import", "events", &good, "--dry-run"]);
    assert!(out.contains("Would import 1 events") && out.contains("Nothing was written"), "{out}");
    assert_eq!(site.count(PAGEVIEWS, &[]), 0);
    let bad = site.file("bad.jsonl", "{\"user_id\": 1}\n");
    assert!(!site.run(&["import", "events", &bad]).success);
    let error = site.fails(&["import", "events", "missing.csv"]);
    assert!(error.contains("missing.csv cannot be opened"), "{error}");
    let error = site.fails(&["import", "events", &site.file("a.txt", "x")]);
    assert!(error.contains("--format"), "{error}");
    let error = site.fails(&["import", "events", &site.file("b.csv", "user,time\n1,2\n")]);
    assert!(error.contains("no column user_id"), "{error}");
}

#[test]
fn a_running_server_takes_imports_too() {
    let site = Site::with_project();
    let mut lines = String::new();
    for i in 1..=4_500 {
        lines += &format!(
            "{{\"user_id\": {}, \"event_id\": {i}, \"time\": 1785578400000, \"type\": \"pageview\", \"name\": \"x\"}}\n",
            i % 7 + 1
        );
    }
    lines += "{\"user_id\": 1, \"event_id\": 1, \"type\": \"pageview\"}\n";
    let file = site.file("a.jsonl", &lines);
    let server = site.serve();
    let said = site.run(&["import", "events", &file]);
    assert!(said.success && said.out.contains("Imported 4,500 events of 4,501 rows"), "{}{}", said.out, said.err);
    assert!(said.err.contains("asking it"), "{}", said.err);
    let (url, token) = (server.url.clone(), server.token.clone());
    let there = ["--url", &url, "--token", &token];
    site.ok(&[&["import", "events", &file], &there[..]].concat());
    for _ in 0..50 {
        if site.count(PAGEVIEWS, &there) == 4_500 {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    assert_eq!(site.count(r#"{"property": "name", "is": "x"}"#, &there), 4_500);
    let out = site.path("out.parquet");
    let said = site.ok(&[&["export", "events", "--out", out.to_str().unwrap()], &there[..]].concat());
    assert!(said.contains("4,500 events"), "{said}");
}

//! Kills of `cairn import`.

use std::{
    collections::HashMap,
    fmt::Write,
    fs,
    path::Path,
    process::Stdio,
    thread,
    time::{Duration, Instant},
};

use crate::{
    cairn::{self, Folder},
    chance, done, folder,
    found::{self, Key, note},
    kills, progress,
};

const EVENTS: u64 = 30_000;
const USERS: u64 = 300;
const START_MS: i64 = 1_767_225_600_000;

#[test]
fn an_import_run_until_it_completes_holds_every_row_once() {
    let dir = folder("import");
    let rows = dir.join("rows.jsonl");
    let sent = write_rows(&rows);
    let whole = import_undisturbed(&dir, &rows);
    let (mut killed, of, mut round) = (0, kills(), 0);
    while killed < of {
        round += 1;
        let folder = Folder(dir.join(format!("data-{round}")), Vec::new());
        folder.run(&["project", "add", "Shop"]);
        // About one run in three gets to its end.
        while import_killed_after(&folder, &rows, chance::moment(whole * 3 / 2)) {
            killed += 1;
            progress("import", killed, of);
            if killed == of {
                folder.run(&["import", "events", rows.to_str().unwrap()]);
                break;
            }
        }
        assert_eq!(found::events(&folder, &dir.join("out.jsonl")), sent);
        assert_eq!(folder.count(), EVENTS);
        fs::remove_dir_all(&folder.0).unwrap();
    }
    eprintln!("import: {of} kills of {round} imports of {EVENTS} rows, each whole in the end");
    done(dir);
}

fn write_rows(path: &Path) -> HashMap<Key, i64> {
    let (mut text, mut sent) = (String::new(), HashMap::new());
    for number in 0..EVENTS {
        let key = (1 + number * 7 % USERS, 1 + number);
        let time = START_MS + number as i64 * 1_000;
        let (user_id, event_id) = key;
        let note = note(key);
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            r#"{{"user_id":"{user_id}","event_id":"{event_id}","time":{time},"type":"pageview","note":"{note}","path":"/page-{}"}}"#,
            number % 97
        );
        sent.insert(key, time);
    }
    fs::write(path, text).unwrap();
    sent
}

/// How long it takes.
fn import_undisturbed(dir: &Path, rows: &Path) -> Duration {
    let folder = Folder(dir.join("data-undisturbed"), Vec::new());
    folder.run(&["project", "add", "Shop"]);
    let started = Instant::now();
    folder.run(&["import", "events", rows.to_str().unwrap()]);
    let took = started.elapsed();
    assert_eq!(folder.count(), EVENTS);
    fs::remove_dir_all(&folder.0).unwrap();
    took
}

/// False if it had completed by then.
fn import_killed_after(folder: &Folder, rows: &Path, delay: Duration) -> bool {
    let mut command = folder.command(&["import", "events", rows.to_str().unwrap()]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let until = Instant::now() + delay;
    while Instant::now() < until {
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success(), "the import failed: {status}");
            return false;
        }
        thread::sleep(Duration::from_millis(1));
    }
    cairn::kill(&mut child);
    true
}

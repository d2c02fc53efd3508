//! What an export holds: every event once, whole.

use std::{
    collections::HashMap,
    fs::File,
    io::{BufRead, BufReader},
    path::Path,
};

use serde::Deserialize;

use crate::cairn::Folder;

/// User id and event id.
pub(crate) type Key = (u64, u64);

#[derive(Deserialize)]
struct Line {
    user_id: String,
    event_id: String,
    time: i64,
    properties: Properties,
}

#[derive(Deserialize)]
struct Properties {
    /// The event's own id once more: what belongs together was not torn apart.
    note: String,
}

/// The events of an export with their times. Fails if one is there twice, or not as it was sent.
pub(crate) fn events(folder: &Folder, file: &Path) -> HashMap<Key, i64> {
    folder.run(&["export", "events", "--out", file.to_str().unwrap()]);
    let mut events = HashMap::new();
    for line in BufReader::new(File::open(file).unwrap()).lines() {
        let line: Line = serde_json::from_str(&line.unwrap()).unwrap();
        let key = (line.user_id.parse().unwrap(), line.event_id.parse().unwrap());
        assert_eq!(line.properties.note, note(key), "properties of another event");
        assert_eq!(events.insert(key, line.time), None, "{key:?} is there twice");
    }
    events
}

/// What an event with this key carries as `note`.
pub(crate) fn note(key: Key) -> String {
    format!("event {} of user {}, and some words to give it a believable size", key.1, key.0)
}

//! Batches are read as they were written, and bytes of anybody else are refused without harm.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use cairn_model::{
    Batch, BatchWriter, EventColumns, EventHead, EventId, EventKind, Message, ProjectId, RawMessage, TimeMs, UserId,
    Value, encode_value,
};
use cairn_testkit::generate;
use proptest::{collection::vec, prelude::*};

fn write(messages: &[Message<'_>]) -> Vec<u8> {
    let mut batch = BatchWriter::new(ProjectId::new(3).unwrap());
    messages.iter().for_each(|message| batch.push(message));
    batch.finish()
}

fn read(payload: &[u8]) -> Result<Vec<Message<'static>>, cairn_model::CodecError> {
    let batch = Batch::parse(payload)?;
    let mut messages = Vec::new();
    for message in batch.messages()? {
        match message {
            RawMessage::Event(row) => messages.push(Message::Event(batch.event(&row)?.into_owned())),
            RawMessage::Events(block) => {
                messages.extend(batch.events(&block)?.into_iter().map(|event| Message::Event(event.into_owned())));
            }
            RawMessage::Other(message) => messages.push(message.into_owned()),
        }
    }
    Ok(messages)
}

/// The same messages, those events by column that follow each other.
fn write_by_column(messages: &[Message<'_>]) -> Vec<u8> {
    let mut batch = BatchWriter::new(ProjectId::new(3).unwrap());
    generate::push_by_column(messages, &mut batch);
    batch.finish()
}

proptest! {
    #[test]
    fn batches_round_trip(messages in vec(generate::message(), 0..20)) {
        prop_assert_eq!(&read(&write(&messages)).unwrap(), &messages);
        prop_assert_eq!(read(&write_by_column(&messages)).unwrap(), messages);
    }

    #[test]
    fn no_bytes_do_harm(messages in vec(generate::message(), 1..5), at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>(), by_column in any::<bool>()) {
        let mut payload = if by_column { write_by_column(&messages) } else { write(&messages) };
        let at = at.index(payload.len());
        payload[at] = byte;
        if cut {
            payload.truncate(at);
        }
        drop(read(&payload));
    }
}

#[test]
fn more_than_the_messages_is_refused() {
    let mut payload = write(&[]);
    payload.push(0);
    assert!(read(&payload).is_err());
}

fn head(event_id: u64) -> EventHead {
    let (user_id, event_id) = (UserId::new(1).unwrap(), EventId::new(event_id).unwrap());
    EventHead { user_id, event_id, time: TimeMs(5), received_at: TimeMs(6), kind: EventKind::Click }
}

fn encoded(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode_value(&Value::from(text), &mut bytes);
    bytes
}

/// What the events have under a name.
fn values(payload: &[u8], name: &str) -> Result<Vec<Option<Value<'static>>>, cairn_model::CodecError> {
    let values = read(payload)?.into_iter().map(|message| match message {
        Message::Event(event) => event.properties.get(name).cloned(),
        _ => None,
    });
    Ok(values.collect())
}

/// So many events, and the column `name` with `count` values, of which row `r` has the one that `code` gives.
fn column(rows: usize, count: usize, code: impl Fn(usize) -> u32) -> EventColumns {
    let mut events = EventColumns::default();
    let at = events.column("name");
    for value in 0..count {
        events.at(at).add(&encoded(&format!("value {value}")));
    }
    for row in 0..rows {
        events.push(head(row as u64 + 1));
        if code(row) > 0 {
            events.at(at).set(row, code(row));
        }
    }
    events
}

fn written(events: &EventColumns) -> Vec<u8> {
    let mut batch = BatchWriter::new(ProjectId::new(3).unwrap());
    batch.push_events(events);
    batch.finish()
}

#[test]
fn codes_of_every_width_and_few_codes_are_read_back() {
    for (rows, count, every) in
        [(700, 3, 1), (700, 255, 1), (700, 256, 1), (70_000, 66_000, 1), (9_000, 300, 40), (9_000, 300, 3)]
    {
        let code = |row: usize| if row.is_multiple_of(every) { (row * 31 % count) as u32 + 1 } else { 0 };
        let found = values(&written(&column(rows, count, code)), "name").unwrap();
        let expected = (0..rows).map(|row| code(row).checked_sub(1).map(|value| Value::from(format!("value {value}"))));
        assert!(found.into_iter().eq(expected), "{rows} rows, {count} values, one in {every}");
    }
}

#[test]
fn rows_are_taken_out_of_columns() {
    let mut events = column(5, 9, |row| row as u32 + 1);
    let at = events.column("name");
    for row in [6, 8] {
        events.at(at).set(row, 9);
    }
    // The rows 5 to 9 have no heads yet; those of 6 and 9 go, and the last has no value.
    events.retain(5, &[true, false, true, true, false]);
    (6..9).for_each(|id| events.push(head(id)));
    let names: Vec<_> = values(&written(&events), "name").unwrap();
    let value = |at: usize| Some(Value::from(format!("value {at}")));
    assert_eq!(names, [value(0), value(1), value(2), value(3), value(4), None, None, value(8)]);
    events.clear();
    assert!(read(&written(&events)).unwrap().is_empty());
}

#[test]
fn columns_that_cannot_be_are_refused() {
    let good = written(&column(3, 1, |_| 1));
    assert_eq!(read(&good).unwrap().len(), 3);
    // The last bytes: the number of the name, one value with its length, the form of the codes, and a code per row.
    let end = good.len();
    let value = encoded("value 0").len();
    for (from_end, byte, why) in [
        (1, 2, "a code beyond the values"),
        (4, 3, "an unknown form"),
        (5 + value, 0, "an empty value"),
        (7 + value, 1, "a name that is not there"),
    ] {
        let mut payload = good.clone();
        payload[end - from_end] = byte;
        assert!(read(&payload).is_err(), "{why}");
    }
    let mut payload = good.clone();
    payload.push(0);
    assert!(read(&payload).is_err(), "more than its events");
    // The front: version, project, one name of four letters, and how many messages there are.
    for count in [2, 4] {
        let mut payload = good.clone();
        assert_eq!(payload[8], 3);
        payload[8] = count;
        assert!(read(&payload).is_err(), "{count} messages");
    }
}

/// Version 2 gave values by number: a batch whose events have of `a` the values x, y and whatever `last` says.
fn version_2(last: u8) -> Vec<u8> {
    let mut payload = vec![2, 3, 2, 1, b'a', 1, b'b', 4];
    for properties in [&[2_u8, 0, 4, 4, b'x', 1, 4, 4, b'x'][..], &[1, 0, 4, 4, b'y'], &[1, 0, 1], &[1, 0, last]] {
        payload.push(EventKind::Click as u8);
        payload.extend_from_slice(&1_u64.to_le_bytes());
        payload.extend_from_slice(&2_u64.to_le_bytes());
        payload.extend_from_slice(&[0; 16]);
        payload.extend_from_slice(properties);
    }
    payload
}

#[test]
fn batches_of_version_2_are_read() {
    let found = values(&version_2(0), "a").unwrap();
    assert!(found.into_iter().eq(["x", "y", "x", "x"].map(|text| Some(Value::from(text)))));
    let payload = version_2(5);
    let batch = Batch::parse(&payload).unwrap();
    let numbers = batch.messages().unwrap().into_iter().map(|message| match message {
        RawMessage::Event(event) => event.properties.iter().map(|property| property.number).collect(),
        RawMessage::Events(_) | RawMessage::Other(_) => Vec::new(),
    });
    assert!(numbers.eq([vec![0, 1], vec![2], vec![0], vec![2]]));
    // Another property's, or none's.
    for last in [3, 7, 127] {
        assert!(read(&version_2(last)).is_err(), "{last}");
    }
    // Batches of version 1 have none.
    let mut payload = version_2(5);
    payload[0] = 1;
    assert!(read(&payload).is_err());
}

#[test]
fn batches_of_version_1_are_read() {
    let mut payload = vec![1, 3, 1, 1, b'a', 2];
    for value in [&[2_u8, 4, b'x'][..], &[0]] {
        payload.push(EventKind::Click as u8);
        payload.extend_from_slice(&1_u64.to_le_bytes());
        payload.extend_from_slice(&2_u64.to_le_bytes());
        payload.extend_from_slice(&[0; 16]);
        payload.extend_from_slice(&[1, 0]);
        payload.extend_from_slice(value);
    }
    for message in read(&payload).unwrap() {
        let Message::Event(event) = message else { panic!("no event") };
        assert_eq!(event.properties.get("a"), Some(&Value::from("x")));
    }
}

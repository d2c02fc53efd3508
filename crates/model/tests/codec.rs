//! Batches are read as they were written, and bytes of anybody else are refused without harm.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use cairn_model::{
    Batch, BatchWriter, EventHead, EventId, EventKind, Message, ProjectId, RawMessage, TimeMs, UserId, Value,
    encode_value,
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
    let messages = batch.messages()?.into_iter().map(|message| match message {
        RawMessage::Event(row) => Ok(Message::Event(batch.event(&row)?.into_owned())),
        RawMessage::Other(message) => Ok(message.into_owned()),
    });
    messages.collect()
}

proptest! {
    #[test]
    fn batches_round_trip(messages in vec(generate::message(), 0..20)) {
        prop_assert_eq!(read(&write(&messages)).unwrap(), messages);
    }

    #[test]
    fn no_bytes_do_harm(messages in vec(generate::message(), 1..5), at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>()) {
        let mut payload = write(&messages);
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

/// A batch of two events whose values of `a` are given by number, but for the first ones.
fn numbered() -> BatchWriter {
    let mut batch = BatchWriter::new(ProjectId::new(3).unwrap());
    let (a, b) = (batch.name("a"), batch.name("b"));
    batch.begin_event(&head(1), 2);
    let x = batch.put_value(a, &encoded("x"));
    batch.put_value(b, &encoded("x"));
    batch.begin_event(&head(2), 1);
    batch.put_value(a, &encoded("y"));
    batch.begin_event(&head(3), 1);
    batch.put_known(a, x);
    batch.begin_event(&head(4), 1);
    batch.put_known(a, x);
    batch
}

#[test]
fn values_stand_once_and_are_known_by_number() {
    let payload = numbered().finish();
    let values = read(&payload).unwrap().into_iter().map(|message| match message {
        Message::Event(event) => event.properties.get("a").cloned(),
        _ => None,
    });
    assert!(values.eq(["x", "y", "x", "x"].map(|text| Some(Value::from(text)))));
    let batch = Batch::parse(&payload).unwrap();
    let numbers = batch.messages().unwrap().into_iter().map(|message| match message {
        RawMessage::Event(event) => event.properties.iter().map(|property| property.number).collect(),
        RawMessage::Other(_) => Vec::new(),
    });
    assert!(numbers.eq([vec![0, 1], vec![2], vec![0], vec![0]]));
}

#[test]
fn a_value_of_another_property_is_refused() {
    let mut batch = numbered();
    let b = batch.name("b");
    for number in [0, 2] {
        let mut payload = {
            batch = numbered();
            batch.begin_event(&head(9), 1);
            batch.put_known(b, number);
            std::mem::replace(&mut batch, numbered()).finish()
        };
        assert!(read(&payload).is_err(), "{number}");
        // Nor is one that the batch has not: the number stands last.
        for beyond in [3, 63] {
            *payload.last_mut().unwrap() = beyond << 1 | 1;
            assert!(read(&payload).is_err(), "{beyond}");
        }
        // Batches of version 1 have none.
        payload[0] = 1;
        assert!(read(&payload).is_err());
    }
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

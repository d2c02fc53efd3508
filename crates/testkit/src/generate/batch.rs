//! Messages as the log has them.

use cairn_model::{BatchWriter, Event, EventColumns, EventHead, Message, ProjectId, encode_value};

/// A record of the messages; about every other one has its events by column, the same messages always the same way.
pub fn batch(project: ProjectId, messages: &[Message<'_>]) -> Vec<u8> {
    let mut batch = BatchWriter::new(project);
    let id = |message: &Message<'_>| match message {
        Message::Event(event) => event.event_id.get() ^ event.time.0 as u64,
        _ => 0,
    };
    if messages.iter().fold(0, |sum, message| sum ^ id(message)).is_multiple_of(2) {
        messages.iter().for_each(|message| batch.push(message));
    } else {
        push_by_column(messages, &mut batch);
    }
    batch.finish()
}

/// Adds the messages to a batch, events that follow each other by column.
pub fn push_by_column(messages: &[Message<'_>], batch: &mut BatchWriter) {
    let mut events = EventColumns::default();
    let mut encoded = Vec::new();
    for message in messages {
        let Message::Event(event) = message else {
            batch.push_events(&events);
            events.clear();
            batch.push(message);
            continue;
        };
        let row = events.len();
        for (name, value) in event.properties.iter() {
            encoded.clear();
            encode_value(value, &mut encoded);
            let column = events.column(name);
            let code = events.at(column).add_unless_last(&encoded);
            events.at(column).set(row, code);
        }
        let Event { user_id, event_id, time, received_at, kind, .. } = *event;
        events.push(EventHead { user_id, event_id, time, received_at, kind });
    }
    batch.push_events(&events);
}

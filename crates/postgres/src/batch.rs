//! What records say, by column, as the database's functions take it.

use cairn_analysis::Applied;
use cairn_model::{Batch, CodecError, Event, Message, Properties, RawMessage};

use crate::{json, rank::rank};

/// The messages of one project's records.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    pub(crate) events: Events,
    pub(crate) facts: Facts,
    /// Erasures and expiries, in order.
    pub(crate) taking: Vec<Message<'static>>,
    /// Events that the database cannot hold.
    pub(crate) refused: u64,
    /// Names of properties: of events, of users.
    pub(crate) names: [Vec<String>; 2],
}

/// Events, each with the place that it has in its record.
#[derive(Debug, Default)]
pub(crate) struct Events {
    pub(crate) user_ids: Vec<i64>,
    pub(crate) event_ids: Vec<i64>,
    pub(crate) times: Vec<i64>,
    pub(crate) received: Vec<i64>,
    pub(crate) types: Vec<&'static str>,
    pub(crate) properties: Vec<String>,
    /// The record, and the place in it.
    pub(crate) places: Vec<(usize, u32)>,
}

/// Facts about users: see the table.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    pub(crate) user_ids: Vec<i64>,
    pub(crate) kinds: Vec<&'static str>,
    pub(crate) names: Vec<String>,
    pub(crate) times: Vec<i64>,
    pub(crate) received: Vec<i64>,
    pub(crate) values: Vec<Option<String>>,
    pub(crate) ranks: Vec<Option<Vec<u8>>>,
}

impl Columns {
    /// Adds the messages of a batch, the record of this number. What the database cannot hold is left out, and said.
    pub(crate) fn add(&mut self, record: usize, batch: &Batch<'_>, applied: &mut Applied) -> Result<bool, CodecError> {
        let mut all = Vec::new();
        for message in batch.messages()? {
            match message {
                RawMessage::Event(row) => all.push(Message::Event(batch.event(&row)?)),
                RawMessage::Events(block) => all.extend(batch.events(&block)?.into_iter().map(Message::Event)),
                RawMessage::Other(message) => all.push(message),
            }
        }
        let mut whole = true;
        for (place, message) in (0..).zip(all) {
            let held = match message {
                Message::Event(event) => {
                    let held = self.add_event(&event, (record, place));
                    if !held {
                        self.refused += 1;
                        applied.left_out.push(place);
                    }
                    held
                }
                other => self.add_other(other),
            };
            whole &= held;
        }
        Ok(whole)
    }

    fn add_event(&mut self, event: &Event<'_>, place: (usize, u32)) -> bool {
        if !can_hold(&event.properties) {
            return false;
        }
        let events = &mut self.events;
        events.user_ids.push(event.user_id.get() as i64);
        events.event_ids.push(event.event_id.get() as i64);
        events.times.push(event.time.0);
        events.received.push(event.received_at.0);
        events.types.push(event.kind.name());
        events.properties.push(serde_json::to_string(&event.properties).unwrap_or_else(|_| "{}".to_owned()));
        events.places.push(place);
        note_names(&mut self.names[0], &event.properties);
        true
    }

    fn add_other(&mut self, message: Message<'_>) -> bool {
        match message {
            Message::SetUserProperties { user_id, time, received_at, set, set_once } => {
                if !can_hold(&set) || !can_hold(&set_once) {
                    return false;
                }
                for (kind, properties) in [("s", &set), ("o", &set_once)] {
                    for (name, value) in properties.iter() {
                        let value = Some((json::text(value), rank(value)));
                        self.facts.push((user_id.get() as i64, kind, name), (time.0, received_at.0), value);
                    }
                    note_names(&mut self.names[1], properties);
                }
                true
            }
            Message::Identify { user_id, handle, time, received_at } => {
                self.add_mark((user_id.get() as i64, "i", &handle), (time.0, received_at.0))
            }
            Message::Unidentify { user_id, handle, time, received_at } => {
                self.add_mark((user_id.get() as i64, "r", &handle), (time.0, received_at.0))
            }
            taking @ (Message::Erase { .. } | Message::Expire { .. }) => {
                self.taking.push(taking.into_owned());
                true
            }
            Message::Event(_) => true,
        }
    }

    fn add_mark(&mut self, of: (i64, &'static str, &str), times: (i64, i64)) -> bool {
        let held = !of.2.contains('\0');
        if held {
            self.facts.push(of, times, None);
        }
        held
    }
}

impl Facts {
    fn push(
        &mut self,
        (user, kind, name): (i64, &'static str, &str),
        (time, received): (i64, i64),
        value: Option<(String, Vec<u8>)>,
    ) {
        let (value, rank) = value.unzip();
        self.user_ids.push(user);
        self.kinds.push(kind);
        self.names.push(name.to_owned());
        self.times.push(time);
        self.received.push(received);
        self.values.push(value);
        self.ranks.push(rank);
    }
}

fn can_hold(properties: &Properties<'_>) -> bool {
    properties.iter().all(|(name, value)| !name.contains('\0') && json::can_hold(value))
}

/// Each name once, in order.
fn note_names(names: &mut Vec<String>, properties: &Properties<'_>) {
    for (name, _) in properties.iter() {
        if let Err(at) = names.binary_search_by(|known| known.as_str().cmp(name)) {
            names.insert(at, name.to_owned());
        }
    }
}

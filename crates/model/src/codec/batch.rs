//! Writing batches.

use std::{collections::HashMap, ops::Range};

use super::{EventColumns, put_bytes, put_i64, put_varint};
use foldhash::fast::RandomState;

use crate::{Event, EventId, EventKind, Message, ProjectId, Properties, TimeMs, UserId, Value, encode_value};

/// Batches of version 1 have no values by number, ...
pub(super) const VERSION_1: u8 = 1;
/// ... and those before this no events by column.
pub(super) const VERSION: u8 = 3;
pub(super) const SET_USER_PROPERTIES: u8 = 16;
pub(super) const IDENTIFY: u8 = 17;
pub(super) const UNIDENTIFY: u8 = 18;
pub(super) const ERASE: u8 = 19;
pub(super) const EXPIRE: u8 = 20;
pub(super) const EVENTS: u8 = 32;

/// All of an event but its properties.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventHead {
    /// The original user id.
    pub user_id: UserId,
    /// Unique within the user.
    pub event_id: EventId,
    /// When it happened.
    pub time: TimeMs,
    /// When capture took it.
    pub received_at: TimeMs,
    /// What happened.
    pub kind: EventKind,
}

/// Collects messages of one project into the payload of one log record.
#[derive(Debug)]
pub struct BatchWriter {
    project: ProjectId,
    names: Vec<String>,
    index: HashMap<String, u32, RandomState>,
    /// Where in `body` the value stands that each name had last.
    last: Vec<Option<Range<usize>>>,
    body: Vec<u8>,
    scratch: Vec<u8>,
    count: u64,
}

impl BatchWriter {
    /// An empty batch.
    pub fn new(project: ProjectId) -> Self {
        Self::with_capacity(project, 16 << 10)
    }

    /// An empty batch that will have about so many bytes.
    pub fn with_capacity(project: ProjectId, bytes: usize) -> Self {
        let (names, index, last, scratch) = Default::default();
        Self { project, names, index, last, body: Vec::with_capacity(bytes), scratch, count: 0 }
    }

    /// How many messages are in it.
    pub fn len(&self) -> usize {
        self.count as usize
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// About how many bytes the batch will have.
    pub fn size_bytes(&self) -> usize {
        self.body.len()
    }

    /// Adds a message.
    pub fn push(&mut self, message: &Message<'_>) {
        self.count += 1;
        match message {
            Message::Event(event) => self.push_event(event),
            Message::SetUserProperties { user_id, time, received_at, set, set_once } => {
                self.head(SET_USER_PROPERTIES, *user_id);
                put_i64(&mut self.body, time.0);
                put_i64(&mut self.body, received_at.0);
                self.properties(set);
                self.properties(set_once);
            }
            Message::Identify { user_id, handle, time, received_at } => {
                self.head(IDENTIFY, *user_id);
                put_i64(&mut self.body, time.0);
                put_i64(&mut self.body, received_at.0);
                put_bytes(&mut self.body, handle.as_bytes());
            }
            Message::Unidentify { user_id, handle, time, received_at } => {
                self.head(UNIDENTIFY, *user_id);
                put_i64(&mut self.body, time.0);
                put_i64(&mut self.body, received_at.0);
                put_bytes(&mut self.body, handle.as_bytes());
            }
            Message::Erase { user_ids, at } => {
                self.body.push(ERASE);
                put_varint(&mut self.body, user_ids.len() as u64);
                for user_id in user_ids {
                    self.body.extend_from_slice(&user_id.get().to_le_bytes());
                }
                put_i64(&mut self.body, at.0);
            }
            Message::Expire { before } => {
                self.body.push(EXPIRE);
                put_i64(&mut self.body, before.0);
            }
        }
    }

    fn push_event(&mut self, event: &Event<'_>) {
        let Event { user_id, event_id, time, received_at, kind, ref properties } = *event;
        self.event_head(&EventHead { user_id, event_id, time, received_at, kind });
        self.properties(properties);
    }

    /// Adds events by column.
    pub fn push_events(&mut self, events: &EventColumns) {
        if events.is_empty() {
            return;
        }
        self.count += events.len() as u64;
        let mut body = std::mem::take(&mut self.body);
        body.push(EVENTS);
        events.write(&mut body, |name| self.name(name));
        self.body = body;
    }

    /// The number of a property's name in this batch.
    fn name(&mut self, name: &str) -> u32 {
        match self.index.get(name) {
            Some(index) => *index,
            None => self.add_name(name),
        }
    }

    /// The payload.
    pub fn finish(self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.body.len() + 16 * self.names.len() + 32);
        out.push(VERSION);
        put_varint(&mut out, self.project.get());
        put_varint(&mut out, self.names.len() as u64);
        for name in &self.names {
            put_bytes(&mut out, name.as_bytes());
        }
        put_varint(&mut out, self.count);
        out.extend_from_slice(&self.body);
        out
    }

    fn event_head(&mut self, head: &EventHead) {
        self.head(head.kind as u8, head.user_id);
        self.body.extend_from_slice(&head.event_id.get().to_le_bytes());
        put_i64(&mut self.body, head.time.0);
        put_i64(&mut self.body, head.received_at.0);
    }

    fn head(&mut self, tag: u8, user_id: UserId) {
        self.body.push(tag);
        self.body.extend_from_slice(&user_id.get().to_le_bytes());
    }

    fn properties(&mut self, properties: &Properties<'_>) {
        put_varint(&mut self.body, properties.len() as u64);
        // Events of a batch mostly have the same properties in the same order: try the next name first.
        let mut guess = 0;
        for (name, value) in properties.iter() {
            let index = match self.names.get(guess) {
                Some(known) if known == name => guess as u32,
                _ => self.name(name),
            };
            guess = index as usize + 1;
            put_varint(&mut self.body, u64::from(index));
            self.value(index as usize, value);
        }
    }

    fn value(&mut self, name: usize, value: &Value<'_>) {
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.clear();
        encode_value(value, &mut scratch);
        self.encoded(name, &scratch);
        self.scratch = scratch;
    }

    /// A value; nothing but a 0 if it is the one that the name had last. No value is encoded as nothing.
    fn encoded(&mut self, name: usize, value: &[u8]) {
        if let Some(place) = &self.last[name]
            && self.body[place.clone()] == *value
        {
            self.body.push(0);
            return;
        }
        put_varint(&mut self.body, (value.len() as u64) << 1);
        let start = self.body.len();
        self.body.extend_from_slice(value);
        self.last[name] = Some(start..self.body.len());
    }

    fn add_name(&mut self, name: &str) -> u32 {
        let index = self.names.len() as u32;
        self.names.push(name.to_owned());
        self.last.push(None);
        self.index.insert(name.to_owned(), index);
        index
    }
}

//! Writing batches.

use std::{collections::HashMap, ops::Range};

use super::{put_bytes, put_i64, put_varint};
use foldhash::fast::RandomState;

use crate::{Event, Message, ProjectId, Properties, UserId, Value, encode_value};

pub(super) const VERSION: u8 = 1;
pub(super) const SET_USER_PROPERTIES: u8 = 16;
pub(super) const IDENTIFY: u8 = 17;
pub(super) const UNIDENTIFY: u8 = 18;
pub(super) const ERASE: u8 = 19;
pub(super) const EXPIRE: u8 = 20;

/// Collects messages of one project into the payload of one log record.
#[derive(Debug)]
pub struct BatchWriter {
    project: ProjectId,
    names: Vec<String>,
    index: HashMap<String, u32, RandomState>,
    /// Where in `body` the value stands that each name had last.
    last: Vec<Range<usize>>,
    body: Vec<u8>,
    scratch: Vec<u8>,
    count: u64,
}

impl BatchWriter {
    /// An empty batch.
    pub fn new(project: ProjectId) -> Self {
        let (names, index, last) = Default::default();
        Self { project, names, index, last, body: Vec::with_capacity(16 << 10), scratch: Vec::new(), count: 0 }
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
        self.head(event.kind as u8, event.user_id);
        self.body.extend_from_slice(&event.event_id.get().to_le_bytes());
        put_i64(&mut self.body, event.time.0);
        put_i64(&mut self.body, event.received_at.0);
        self.properties(&event.properties);
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
                _ => self.name_index(name),
            };
            guess = index as usize + 1;
            put_varint(&mut self.body, u64::from(index));
            self.value(index as usize, value);
        }
    }

    /// A value; nothing if it is the one that the name had last. No value is encoded as nothing.
    fn value(&mut self, name: usize, value: &Value<'_>) {
        self.scratch.clear();
        encode_value(value, &mut self.scratch);
        let last = self.last[name].clone();
        if !last.is_empty() && self.body[last] == self.scratch[..] {
            self.body.push(0);
            return;
        }
        put_varint(&mut self.body, self.scratch.len() as u64);
        let start = self.body.len();
        self.body.extend_from_slice(&self.scratch);
        self.last[name] = start..self.body.len();
    }

    fn name_index(&mut self, name: &str) -> u32 {
        if let Some(index) = self.index.get(name) {
            return *index;
        }
        let index = self.names.len() as u32;
        self.names.push(name.to_owned());
        self.last.push(0..0);
        self.index.insert(name.to_owned(), index);
        index
    }
}

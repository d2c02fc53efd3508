//! Reading batches.

use super::{
    CodecError, EventBlock, EventHead, Reader,
    batch::{ERASE, EVENTS, EXPIRE, IDENTIFY, SET_USER_PROPERTIES, UNIDENTIFY, VERSION, VERSION_1},
    decode_value,
};
use crate::{Event, EventId, EventKind, Message, ProjectId, Properties, TimeMs, UserId};

/// A count that lies must not reserve much memory.
const RESERVED_MAX: usize = 16_384;

/// A batch as it stands in the log.
#[derive(Clone)]
pub struct Batch<'a> {
    /// Whose messages these are.
    pub project: ProjectId,
    /// The names that properties refer to.
    pub names: Vec<&'a str>,
    /// How many messages there are.
    pub count: usize,
    /// Whether values may be given by number.
    numbered: bool,
    body: Reader<'a>,
}

/// An event whose properties are still encoded: no text is copied.
#[derive(Clone)]
pub struct EventRow<'a> {
    /// All but the properties.
    pub head: EventHead,
    /// Encoded, in the order of their names.
    pub properties: Vec<EncodedProperty<'a>>,
}

/// A property whose value is still encoded.
#[derive(Clone, Copy, Debug)]
pub struct EncodedProperty<'a> {
    /// Index of its name in [`Batch::names`].
    pub name: u32,
    /// The number of its value in the batch, counted from 0 as they first come: equal numbers, equal names and values.
    pub number: u32,
    /// The value.
    pub value: &'a [u8],
}

/// The values that were read of a batch.
struct Values<'a> {
    /// Whose they are, and their bytes, by number.
    all: Vec<(u32, &'a [u8])>,
    /// The value that each name had last.
    last: Vec<Option<(u32, &'a [u8])>>,
    numbered: bool,
}

/// A message of a batch, or several.
pub enum RawMessage<'a> {
    /// An event, its properties encoded.
    Event(EventRow<'a>),
    /// Events, by column.
    Events(EventBlock<'a>),
    /// Anything else, decoded.
    Other(Message<'a>),
}

impl<'a> Batch<'a> {
    /// Reads the front of a batch.
    pub fn parse(payload: &'a [u8]) -> Result<Self, CodecError> {
        let mut body = Reader::new(payload);
        let numbered = match body.u8()? {
            VERSION_1 => false,
            2..=VERSION => true,
            _ => return Err(CodecError("it was written by another version of Cairn")),
        };
        let project = ProjectId::new(body.varint()?).ok_or(CodecError("the project id is out of range"))?;
        let mut names = Vec::new();
        for _ in 0..body.varint()? {
            names.push(body.text()?);
        }
        let count = body.len()?;
        if count > body.remaining() {
            return Err(CodecError("it has fewer bytes than messages"));
        }
        Ok(Self { project, names, count, numbered, body })
    }

    /// The messages, in order. An error is met before any is given: a batch is read whole or not at all.
    pub fn messages(&self) -> Result<Vec<RawMessage<'a>>, CodecError> {
        let mut reader = self.body.clone();
        let mut values = Values {
            all: Vec::with_capacity(2 * self.names.len()),
            last: vec![None; self.names.len()],
            numbered: self.numbered,
        };
        let mut messages = Vec::with_capacity(self.count.min(RESERVED_MAX));
        let mut count = 0;
        while count < self.count {
            let message = self.next(&mut reader, &mut values)?;
            count += message.count();
            messages.push(message);
        }
        if count > self.count {
            return Err(CodecError("it has more messages than it says"));
        }
        if reader.is_empty() { Ok(messages) } else { Err(CodecError("there is more than its messages")) }
    }

    /// An event with its properties decoded.
    pub fn event(&self, row: &EventRow<'a>) -> Result<Event<'a>, CodecError> {
        self.event_of(row.head, row.properties.iter().map(|property| (property.name, property.value)))
    }

    /// The events of a block, with their properties decoded.
    pub fn events(&self, block: &EventBlock<'a>) -> Result<Vec<Event<'a>>, CodecError> {
        let columns: Vec<_> = block
            .columns
            .iter()
            .map(|column| {
                let mut codes = Vec::new();
                column.codes(block.heads.len(), &mut codes);
                (column, codes)
            })
            .collect();
        let events = block.heads.iter().enumerate().map(|(row, head)| {
            let values = columns.iter().filter_map(|(column, codes)| {
                let value = column.values.get((codes[row] as usize).checked_sub(1)?)?;
                Some((column.name, *value))
            });
            self.event_of(*head, values)
        });
        events.collect()
    }

    fn event_of(
        &self,
        head: EventHead,
        properties: impl Iterator<Item = (u32, &'a [u8])>,
    ) -> Result<Event<'a>, CodecError> {
        let pairs = properties.map(|(name, value)| {
            let name = self.names.get(name as usize).ok_or(CodecError("a property has no name"))?;
            Ok(((*name).into(), decode_value(value)?))
        });
        let properties = Properties::from_pairs(pairs.collect::<Result<_, CodecError>>()?);
        let EventHead { user_id, event_id, time, received_at, kind } = head;
        Ok(Event { user_id, event_id, time, received_at, kind, properties })
    }

    fn next(&self, reader: &mut Reader<'a>, values: &mut Values<'a>) -> Result<RawMessage<'a>, CodecError> {
        let tag = reader.u8()?;
        if let Some(kind) = EventKind::from_code(tag) {
            return Ok(RawMessage::Event(self.event_row(kind, reader, values)?));
        }
        if tag == EVENTS {
            return Ok(RawMessage::Events(EventBlock::read(reader, &self.names)?));
        }
        Ok(RawMessage::Other(match tag {
            SET_USER_PROPERTIES => {
                let (user_id, time, received_at) = (user_id(reader)?, time(reader)?, time(reader)?);
                let count = reader.len()?;
                let set = self.properties(reader, count, values)?;
                let count = reader.len()?;
                let set_once = self.properties(reader, count, values)?;
                Message::SetUserProperties { user_id, time, received_at, set, set_once }
            }
            IDENTIFY | UNIDENTIFY => {
                let (user_id, time, received_at) = (user_id(reader)?, time(reader)?, time(reader)?);
                let handle = reader.text()?.to_owned();
                match tag {
                    IDENTIFY => Message::Identify { user_id, handle, time, received_at },
                    _ => Message::Unidentify { user_id, handle, time, received_at },
                }
            }
            ERASE => {
                let count = reader.varint()?;
                let user_ids = (0..count).map(|_| user_id(reader)).collect::<Result<_, _>>()?;
                Message::Erase { user_ids, at: time(reader)? }
            }
            EXPIRE => Message::Expire { before: time(reader)? },
            _ => return Err(CodecError("a message has an unknown type")),
        }))
    }

    fn event_row(
        &self,
        kind: EventKind,
        reader: &mut Reader<'a>,
        values: &mut Values<'a>,
    ) -> Result<EventRow<'a>, CodecError> {
        let user_id = user_id(reader)?;
        let event_id = EventId::new(reader.i64()? as u64).ok_or(CodecError("an event id is out of range"))?;
        let (time, received_at) = (time(reader)?, time(reader)?);
        let count = reader.len()?;
        let mut properties = Vec::with_capacity(count.min(256));
        for _ in 0..count {
            properties.push(values.property(reader)?);
        }
        Ok(EventRow { head: EventHead { user_id, event_id, time, received_at, kind }, properties })
    }

    fn properties(
        &self,
        reader: &mut Reader<'a>,
        count: usize,
        values: &mut Values<'a>,
    ) -> Result<Properties<'a>, CodecError> {
        let mut pairs = Vec::with_capacity(count.min(256));
        for _ in 0..count {
            let property = values.property(reader)?;
            pairs.push((self.names[property.name as usize].into(), decode_value(property.value)?));
        }
        Ok(Properties::from_pairs(pairs))
    }
}

impl RawMessage<'_> {
    /// How many messages it stands for.
    pub fn count(&self) -> usize {
        match self {
            RawMessage::Events(block) => block.heads.len(),
            RawMessage::Event(_) | RawMessage::Other(_) => 1,
        }
    }
}

impl<'a> Values<'a> {
    #[inline]
    fn property(&mut self, reader: &mut Reader<'a>) -> Result<EncodedProperty<'a>, CodecError> {
        let name = reader.len()?;
        let last = self.last.get_mut(name).ok_or(CodecError("a property has no name"))?;
        let head = reader.len()?;
        let (number, value) = match (self.numbered, head) {
            (_, 0) => last.ok_or(CodecError("a value is empty"))?,
            (true, head) if head % 2 == 1 => match self.all.get(head >> 1) {
                Some((owner, value)) if *owner == name as u32 => ((head >> 1) as u32, *value),
                _ => return Err(CodecError("a value is another property's, or is not there")),
            },
            (numbered, head) => {
                let value = reader.take(if numbered { head >> 1 } else { head })?;
                self.all.push((name as u32, value));
                (self.all.len() as u32 - 1, value)
            }
        };
        *last = Some((number, value));
        Ok(EncodedProperty { name: name as u32, number, value })
    }
}

fn user_id(reader: &mut Reader<'_>) -> Result<UserId, CodecError> {
    UserId::new(reader.i64()? as u64).ok_or(CodecError("a user id is out of range"))
}

fn time(reader: &mut Reader<'_>) -> Result<TimeMs, CodecError> {
    reader.i64().map(TimeMs)
}

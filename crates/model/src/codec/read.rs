//! Reading batches.

use super::{
    CodecError, Reader,
    batch::{ERASE, EXPIRE, IDENTIFY, SET_USER_PROPERTIES, UNIDENTIFY, VERSION},
    decode_value,
};
use crate::{Event, EventId, EventKind, Message, ProjectId, Properties, TimeMs, UserId};

/// A batch as it stands in the log.
#[derive(Clone)]
pub struct Batch<'a> {
    /// Whose messages these are.
    pub project: ProjectId,
    /// The names that properties refer to.
    pub names: Vec<&'a str>,
    /// How many messages there are.
    pub count: usize,
    body: Reader<'a>,
}

/// An event whose properties are still encoded: no text is copied.
#[derive(Clone)]
pub struct EventRow<'a> {
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
    count: usize,
    properties: Reader<'a>,
}

/// A message of a batch.
pub enum RawMessage<'a> {
    /// An event, its properties encoded.
    Event(EventRow<'a>),
    /// Anything else, decoded.
    Other(Message<'a>),
}

impl<'a> Batch<'a> {
    /// Reads the front of a batch.
    pub fn parse(payload: &'a [u8]) -> Result<Self, CodecError> {
        let mut body = Reader::new(payload);
        if body.u8()? != VERSION {
            return Err(CodecError("it was written by another version of Cairn"));
        }
        let project = ProjectId::new(body.varint()?).ok_or(CodecError("the project id is out of range"))?;
        let mut names = Vec::new();
        for _ in 0..body.varint()? {
            names.push(body.text()?);
        }
        let count = body.len()?;
        Ok(Self { project, names, count, body })
    }

    /// Whether the whole batch can be read: then [`Batch::messages`] gives no error.
    pub fn check(&self) -> Result<(), CodecError> {
        let mut reader = self.body.clone();
        for _ in 0..self.count {
            self.next(&mut reader)?;
        }
        if reader.is_empty() { Ok(()) } else { Err(CodecError("there is more than its messages")) }
    }

    /// The messages, in order.
    pub fn messages(&self) -> impl Iterator<Item = Result<RawMessage<'a>, CodecError>> + use<'a, '_> {
        let mut reader = self.body.clone();
        (0..self.count).map(move |_| self.next(&mut reader))
    }

    /// An event with its properties decoded.
    pub fn event(&self, row: &EventRow<'a>) -> Result<Event<'a>, CodecError> {
        let properties = self.properties(&mut row.properties.clone(), row.count)?;
        let EventRow { user_id, event_id, time, received_at, kind, .. } = *row;
        Ok(Event { user_id, event_id, time, received_at, kind, properties })
    }

    fn next(&self, reader: &mut Reader<'a>) -> Result<RawMessage<'a>, CodecError> {
        let tag = reader.u8()?;
        if let Some(kind) = EventKind::from_code(tag) {
            return Ok(RawMessage::Event(self.event_row(kind, reader)?));
        }
        Ok(RawMessage::Other(match tag {
            SET_USER_PROPERTIES => {
                let (user_id, time, received_at) = (user_id(reader)?, time(reader)?, time(reader)?);
                let count = reader.len()?;
                let set = self.properties(reader, count)?;
                let count = reader.len()?;
                let set_once = self.properties(reader, count)?;
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

    fn event_row(&self, kind: EventKind, reader: &mut Reader<'a>) -> Result<EventRow<'a>, CodecError> {
        let user_id = user_id(reader)?;
        let event_id = EventId::new(reader.i64()? as u64).ok_or(CodecError("an event id is out of range"))?;
        let (time, received_at) = (time(reader)?, time(reader)?);
        let count = reader.len()?;
        let properties = reader.clone();
        for _ in 0..count {
            if reader.len()? >= self.names.len() {
                return Err(CodecError("a property has no name"));
            }
            reader.bytes()?;
        }
        Ok(EventRow { user_id, event_id, time, received_at, kind, count, properties })
    }

    fn properties(&self, reader: &mut Reader<'a>, count: usize) -> Result<Properties<'a>, CodecError> {
        let mut pairs = Vec::with_capacity(count.min(256));
        for _ in 0..count {
            let name = self.names.get(reader.len()?).ok_or(CodecError("a property has no name"))?;
            pairs.push(((*name).into(), decode_value(reader.bytes()?)?));
        }
        Ok(Properties::from_pairs(pairs))
    }
}

impl<'a> EventRow<'a> {
    /// The properties: the index of the name in [`Batch::names`], and the encoded value.
    pub fn properties(&self) -> impl Iterator<Item = (usize, &'a [u8])> + use<'a> {
        let mut reader = self.properties.clone();
        // The batch's reader checked lengths and indexes when it made this row.
        (0..self.count).map_while(move |_| Some((reader.len().ok()?, reader.bytes().ok()?)))
    }
}

fn user_id(reader: &mut Reader<'_>) -> Result<UserId, CodecError> {
    UserId::new(reader.i64()? as u64).ok_or(CodecError("a user id is out of range"))
}

fn time(reader: &mut Reader<'_>) -> Result<TimeMs, CodecError> {
    reader.i64().map(TimeMs)
}

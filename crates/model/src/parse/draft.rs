//! A message as it was written, before its fields are checked.

use std::{borrow::Cow, fmt};

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::flatten::{Flatten, Key};
use crate::{
    Event, EventId, EventKind, Message, Properties, PropertyOrder, Reason, Refusal, TimeMs, UserId, Value, chain,
    limits,
};

type Pairs<'a> = Vec<(Cow<'a, str>, Value<'a>)>;

/// A message as it was written. [`Draft::finish`] checks it.
#[derive(Debug, Default)]
pub struct Draft<'a> {
    kind: Option<Field<'a>>,
    user_id: Option<Field<'a>>,
    event_id: Option<Field<'a>>,
    time: Option<Field<'a>>,
    name: Option<Field<'a>>,
    handle: Option<Field<'a>>,
    properties: Pairs<'a>,
    set: Pairs<'a>,
    set_once: Pairs<'a>,
    /// How many of the properties the sender did not write.
    added: usize,
    /// The first thing found wrong while reading properties.
    wrong: Option<Refusal>,
}

/// A field's value, whatever it is.
#[derive(Debug)]
enum Field<'a> {
    Integer(i64),
    Text(Cow<'a, str>),
    Other,
}

impl<'a> Draft<'a> {
    /// Checks the message and makes it final. Its time is shifted by `shift_ms`; `received_at` is now.
    pub fn finish(self, received_at: TimeMs, shift_ms: i64) -> Result<Message<'a>, Refusal> {
        self.finish_as(received_at, shift_ms, &mut PropertyOrder::default())
    }

    /// [`Draft::finish`] for many messages of one sender, which mostly have their properties in the same `order`.
    pub fn finish_as(
        mut self,
        received_at: TimeMs,
        shift_ms: i64,
        order: &mut PropertyOrder,
    ) -> Result<Message<'a>, Refusal> {
        let kind = match self.kind.take() {
            Some(Field::Text(kind)) => kind,
            Some(_) => return Err(Refusal::new(Reason::Type, "type is not a string")),
            None => return Err(Refusal::new(Reason::Type, "type is missing")),
        };
        if let Some(wrong) = self.wrong.take() {
            return Err(wrong);
        }
        let user_id = id(&self.user_id, Reason::UserId).and_then(|id| check_id(UserId::new(id), Reason::UserId))?;
        let time = self.time(received_at, shift_ms)?;
        match &*kind {
            "identify" => {
                let handle = self.handle()?.into_owned();
                Ok(Message::Identify { user_id, handle, time, received_at })
            }
            "user_properties" => {
                let set = check_properties(self.set)?;
                let set_once = check_properties(self.set_once)?;
                Ok(Message::SetUserProperties { user_id, time, received_at, set, set_once })
            }
            kind => {
                let kind = EventKind::from_name(kind).ok_or_else(|| unknown_type(kind))?;
                let event_id =
                    id(&self.event_id, Reason::EventId).and_then(|id| check_id(EventId::new(id), Reason::EventId))?;
                let name = self.name()?;
                if kind == EventKind::Custom && name.is_none() {
                    return Err(Refusal::new(Reason::Name, "a custom event needs a name"));
                }
                if let Some(name) = name {
                    self.properties.push((Cow::Borrowed("name"), Value::String(name)));
                }
                let properties = bounded(order.sort(self.properties), limits::PROPERTIES + self.added)?;
                check_chain(&properties)?;
                Ok(Message::Event(Event { user_id, event_id, time, received_at, kind, properties }))
            }
        }
    }

    /// The text of a property, as it was written last.
    pub fn text_of(&self, name: &str) -> Option<&str> {
        let pair = self.properties.iter().rev().find(|pair| pair.0 == name)?;
        pair.1.as_str()
    }

    /// Adds a property of an event; it replaces what was written under its name.
    pub fn set(&mut self, name: &'static str, value: Value<'a>) {
        self.properties.push((Cow::Borrowed(name), value));
        self.added += 1;
    }

    /// Leaves out what was written of an event under a name.
    pub fn remove(&mut self, name: &str) {
        self.properties.retain(|pair| pair.0 != name);
    }

    fn time(&self, received_at: TimeMs, shift_ms: i64) -> Result<TimeMs, Refusal> {
        let refuse = |message: String| Err(Refusal::new(Reason::Time, message));
        let time = match self.time {
            Some(Field::Integer(ms)) => ms.saturating_add(shift_ms),
            Some(_) => return refuse("time is not a whole number of milliseconds since 1970".into()),
            None => return refuse("time is missing".into()),
        };
        if time < limits::TIME_MIN_MS {
            return refuse(format!("time {time} is before 2000; times are milliseconds since 1970"));
        }
        if time > received_at.0 + limits::AHEAD_MS {
            return refuse(format!("time {time} is more than 24 hours ahead of the server's clock"));
        }
        Ok(TimeMs(time))
    }

    fn name(&mut self) -> Result<Option<Cow<'a, str>>, Refusal> {
        match self.name.take() {
            None => Ok(None),
            Some(Field::Text(name)) if (1..=limits::NAME_BYTES).contains(&name.len()) && !has_nul(&name) => {
                Ok(Some(name))
            }
            Some(_) => {
                Err(Refusal::new(Reason::Name, format!("name is not a string of 1 to {} bytes", limits::NAME_BYTES)))
            }
        }
    }

    fn handle(&mut self) -> Result<Cow<'a, str>, Refusal> {
        let bad = |message: String| Err(Refusal::new(Reason::Handle, message));
        match self.handle.take() {
            None => bad("handle is missing".into()),
            Some(Field::Text(handle)) if has_nul(&handle) => {
                Err(Refusal::new(Reason::Text, format!("handle {handle:?} holds NUL")))
            }
            Some(Field::Text(handle)) if (1..=limits::HANDLE_BYTES).contains(&handle.len()) => Ok(handle),
            Some(_) => bad(format!("handle is not a string of 1 to {} bytes", limits::HANDLE_BYTES)),
        }
    }
}

fn id(field: &Option<Field<'_>>, reason: Reason) -> Result<u64, Refusal> {
    let name = reason.name();
    match field {
        None => Err(Refusal::new(reason, format!("{name} is missing"))),
        Some(Field::Integer(id)) => Ok(u64::try_from(*id).unwrap_or(0)),
        Some(Field::Text(text)) => Ok(UserId::parse(text).map_or(0, UserId::get)),
        Some(Field::Other) => Ok(0),
    }
}

fn check_id<T>(id: Option<T>, reason: Reason) -> Result<T, Refusal> {
    id.ok_or_else(|| Refusal::new(reason, format!("{} is not an integer from 1 to 2^63 - 1", reason.name())))
}

fn unknown_type(kind: &str) -> Refusal {
    let kind: String = kind.chars().take(40).collect();
    let known = EventKind::ALL.map(EventKind::name).join(", ");
    Refusal::new(Reason::Type, format!("unknown type {kind:?}; there are {known}, identify and user_properties"))
}

/// Properties from pairs in any order, unless there are too many.
pub fn check_properties<'a>(pairs: Vec<(Cow<'a, str>, Value<'a>)>) -> Result<Properties<'a>, Refusal> {
    bounded(Properties::from_pairs(pairs), limits::PROPERTIES)
}

fn bounded(properties: Properties<'_>, most: usize) -> Result<Properties<'_>, Refusal> {
    if properties.len() > most {
        return Err(too_many_properties());
    }
    Ok(properties)
}

/// Why an event with more than [`limits::PROPERTIES`] is not taken.
pub fn too_many_properties() -> Refusal {
    Refusal::new(Reason::Properties, format!("more than {} properties; send fewer", limits::PROPERTIES))
}

/// Whether the property `chain`, if there is one, is an element chain.
pub fn check_chain(properties: &Properties<'_>) -> Result<(), Refusal> {
    properties.get("chain").map_or(Ok(()), check_chain_value)
}

/// Whether the value of a property `chain` is an element chain.
pub fn check_chain_value(value: &Value<'_>) -> Result<(), Refusal> {
    match value {
        Value::String(text) => chain::validate(text).map_err(|error| Refusal::new(Reason::Chain, error.to_string())),
        _ => Err(Refusal::new(Reason::Chain, "chain is not a string")),
    }
}

/// NUL can only have come in by an escape, so borrowed text has none: the type tells what bytes need not be searched for.
#[expect(clippy::ptr_arg, reason = "whether it is borrowed matters")]
pub(super) fn has_nul(text: &Cow<'_, str>) -> bool {
    matches!(text, Cow::Owned(text) if text.as_bytes().contains(&0))
}

pub(super) struct DraftVisitor;

impl<'de> Visitor<'de> for DraftVisitor {
    type Value = Draft<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a message, which is an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Draft<'de>, A::Error> {
        let mut draft = Draft::default();
        while let Some(key) = map.next_key::<Key<'de>>()? {
            match &*key.0 {
                "type" => draft.kind = Some(map.next_value()?),
                "user_id" => draft.user_id = Some(map.next_value()?),
                "event_id" => draft.event_id = Some(map.next_value()?),
                "time" => draft.time = Some(map.next_value()?),
                "name" => draft.name = Some(map.next_value()?),
                "handle" => draft.handle = Some(map.next_value()?),
                "properties" => map.next_value_seed(Flatten::new(&mut draft.properties, &mut draft.wrong))?,
                "set" => map.next_value_seed(Flatten::new(&mut draft.set, &mut draft.wrong))?,
                "set_once" => map.next_value_seed(Flatten::new(&mut draft.set_once, &mut draft.wrong))?,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(draft)
    }
}

impl<'de> Deserialize<'de> for Field<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FieldVisitor)
    }
}

struct FieldVisitor;

impl<'de> Visitor<'de> for FieldVisitor {
    type Value = Field<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_i64<E: Error>(self, n: i64) -> Result<Self::Value, E> {
        Ok(Field::Integer(n))
    }

    fn visit_u64<E: Error>(self, n: u64) -> Result<Self::Value, E> {
        Ok(i64::try_from(n).map_or(Field::Other, Field::Integer))
    }

    fn visit_f64<E: Error>(self, n: f64) -> Result<Self::Value, E> {
        Ok(if n.fract() == 0.0 && n.abs() < 9e15 { Field::Integer(n as i64) } else { Field::Other })
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Field::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Field::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Field::Other)
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Field::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Field::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Field::Other)
    }
}

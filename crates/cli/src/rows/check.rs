//! From rows to messages: the limits are those of capture (docs/api.md).

use std::borrow::Cow;

use cairn_model::{
    Event, EventHead, EventId, EventKind, Message, Properties, Reason, Refusal, TimeMs, UserId, Value, encode_value,
    limits,
    parse::{check_chain, check_chain_value, check_properties},
};
use sha2::{Digest, Sha256};

use super::cell::{Cell, Pair, Row};

/// The event that a row holds. `now` is when it is received, where the row does not say.
pub(crate) fn event<'a>(row: Row<'a>, now: TimeMs) -> Result<Event<'a>, Refusal> {
    let fields = fields(&row, now)?;
    let properties = properties(row.properties)?;
    if fields.kind == EventKind::Custom && !matches!(properties.get("name"), Some(Value::String(name)) if is_name(name))
    {
        return Err(Refusal::new(Reason::Name, "a custom event needs a name"));
    }
    check_chain(&properties)?;
    let EventHead { user_id, event_id, time, received_at, kind } = fields.head(&row.event_id, |digest| {
        let mut encoded = Vec::new();
        for (name, value) in properties.iter() {
            encoded.clear();
            encode_value(value, &mut encoded);
            digest.add(name, &encoded);
        }
    })?;
    Ok(Event { user_id, event_id, time, received_at, kind, properties })
}

/// What every event has, but for its id.
pub(super) struct Fields {
    user_id: UserId,
    time: TimeMs,
    received_at: TimeMs,
    pub(super) kind: EventKind,
}

/// The fields of a row.
pub(super) fn fields(row: &Row<'_>, now: TimeMs) -> Result<Fields, Refusal> {
    let kind = kind(&row.event_type)?;
    let user_id = user_id(&row.user_id)?;
    let received_at = received_at(&row.received_at, now)?;
    match time(&row.time, "time")? {
        Some(time) => Ok(Fields { user_id, time: in_range(time, received_at)?, received_at, kind }),
        None => Err(Refusal::new(Reason::Time, "time is missing")),
    }
}

impl Fields {
    /// All of the event but its properties, with the id that the row gives, or the one of its content: the properties are then
    /// added by name.
    pub(super) fn head(self, event_id: &Cell<'_>, properties: impl FnOnce(&mut Content)) -> Result<EventHead, Refusal> {
        let event_id = match event_id {
            Cell::Missing => {
                let mut digest = Content::of(&self);
                properties(&mut digest);
                digest.id()
            }
            cell => {
                let id = id(cell).and_then(EventId::new);
                id.ok_or_else(|| Refusal::new(Reason::EventId, format!("event_id {}", not_an_id(cell))))?
            }
        };
        let Self { user_id, time, received_at, kind } = self;
        Ok(EventHead { user_id, event_id, time, received_at, kind })
    }
}

/// The messages that a row about a user holds: the handle first.
pub(crate) fn user<'a>(row: Row<'a>, now: TimeMs) -> Result<Vec<Message<'a>>, Refusal> {
    let user_id = user_id(&row.user_id)?;
    let received_at = received_at(&row.received_at, now)?;
    let time = in_range(time(&row.time, "time")?.unwrap_or(received_at), received_at)?;
    let mut messages = Vec::with_capacity(2);
    if let Some(handle) = handle(row.handle)? {
        messages.push(Message::Identify { user_id, handle, time, received_at });
    }
    let set = properties(row.properties)?;
    if messages.is_empty() || !set.is_empty() {
        messages.push(Message::SetUserProperties { user_id, time, received_at, set, set_once: Properties::default() });
    }
    Ok(messages)
}

fn kind(cell: &Cell<'_>) -> Result<EventKind, Refusal> {
    let refuse = |message| Err(Refusal::new(Reason::Type, message));
    let known = || EventKind::ALL.map(EventKind::name).join(", ");
    match cell {
        Cell::Text(name) => match EventKind::from_name(name) {
            Some(kind) => Ok(kind),
            None => {
                let name: String = name.chars().take(40).collect();
                refuse(format!("unknown type {name:?}; there are {}", known()))
            }
        },
        Cell::Missing => refuse("type is missing".to_owned()),
        _ => refuse(format!("type is not one of {}", known())),
    }
}

pub(crate) fn user_id(cell: &Cell<'_>) -> Result<UserId, Refusal> {
    match cell {
        Cell::Missing => Err(Refusal::new(Reason::UserId, "user_id is missing")),
        cell => {
            let id = id(cell).and_then(UserId::new);
            id.ok_or_else(|| Refusal::new(Reason::UserId, format!("user_id {}", not_an_id(cell))))
        }
    }
}

fn id(cell: &Cell<'_>) -> Option<u64> {
    match cell {
        Cell::Integer(id) => u64::try_from(*id).ok(),
        Cell::Text(text) => UserId::parse(text).map(UserId::get),
        Cell::Number(number) if number.fract() == 0.0 && (1.0..9e15).contains(number) => Some(*number as u64),
        _ => None,
    }
}

fn not_an_id(cell: &Cell<'_>) -> String {
    let shown = match cell {
        Cell::Text(text) => format!("{:?} ", text.chars().take(40).collect::<String>()),
        Cell::Integer(id) => format!("{id} "),
        Cell::Number(number) => format!("{number} "),
        _ => String::new(),
    };
    format!("{shown}is not an integer from 1 to 2^63 - 1")
}

fn received_at(cell: &Cell<'_>, now: TimeMs) -> Result<TimeMs, Refusal> {
    match time(cell, "received_at")? {
        None => Ok(now),
        Some(at) if at <= now && at.0 >= limits::TIME_MIN_MS => Ok(at),
        Some(at) => Err(Refusal::new(Reason::Time, format!("received_at {at} is before 2000 or in the future"))),
    }
}

fn in_range(time: TimeMs, received_at: TimeMs) -> Result<TimeMs, Refusal> {
    if time.0 < limits::TIME_MIN_MS {
        let message = format!("time {time} is before 2000; times are milliseconds since 1970");
        return Err(Refusal::new(Reason::Time, message));
    }
    if time.0 > received_at.0.saturating_add(limits::AHEAD_MS) {
        return Err(Refusal::new(Reason::Time, format!("time {time} is more than 24 hours after it was received")));
    }
    Ok(time)
}

fn time(cell: &Cell<'_>, name: &str) -> Result<Option<TimeMs>, Refusal> {
    let wrong = |shown: &dyn std::fmt::Display| {
        let form = "whole milliseconds since 1970, or RFC 3339 such as 2026-08-01T12:00:00Z";
        Refusal::new(Reason::Time, format!("{name} {shown} is neither of {form}"))
    };
    match cell {
        Cell::Missing => Ok(None),
        Cell::Integer(ms) => Ok(Some(TimeMs(*ms))),
        Cell::Number(ms) if ms.fract() == 0.0 && ms.abs() < 9e15 => Ok(Some(TimeMs(*ms as i64))),
        Cell::Number(ms) => Err(wrong(ms)),
        Cell::Text(text) => {
            if let Ok(ms) = text.parse::<i64>() {
                return Ok(Some(TimeMs(ms)));
            }
            let instant = text.parse::<jiff::Timestamp>();
            let shown = text.chars().take(40).collect::<String>();
            instant.map(|at| Some(TimeMs(at.as_millisecond()))).map_err(|_| wrong(&format!("{shown:?}")))
        }
        Cell::Other => Err(wrong(&"")),
    }
}

fn handle(cell: Cell<'_>) -> Result<Option<String>, Refusal> {
    let text = match cell {
        Cell::Missing => return Ok(None),
        Cell::Text(text) => text.into_owned(),
        Cell::Integer(number) => number.to_string(),
        _ => return Err(Refusal::new(Reason::Handle, "handle is not text")),
    };
    if text.contains('\0') {
        return Err(Refusal::new(Reason::Text, "handle holds NUL"));
    }
    if !(1..=limits::HANDLE_BYTES).contains(&text.len()) {
        return Err(Refusal::new(Reason::Handle, format!("handle has more than {} bytes", limits::HANDLE_BYTES)));
    }
    Ok(Some(text))
}

/// Whether a custom event can have the name.
pub(super) fn is_name(name: &str) -> bool {
    (1..=limits::NAME_BYTES).contains(&name.len())
}

fn properties(mut pairs: Vec<Pair<'_>>) -> Result<Properties<'_>, Refusal> {
    for (name, value) in &mut pairs {
        fit(name, value)?;
    }
    check_properties(pairs)
}

/// Whether an event can have a property; a text that is too long is cut.
pub(super) fn event_property(name: &str, value: &mut Value<'_>) -> Result<(), Refusal> {
    fit(name, value)?;
    if name == "chain" { check_chain_value(value) } else { Ok(()) }
}

fn fit(name: &str, value: &mut Value<'_>) -> Result<(), Refusal> {
    if name.len() > limits::NAME_BYTES || name.is_empty() {
        let message = format!("a property's name has 1 to {} bytes", limits::NAME_BYTES);
        return Err(Refusal::new(Reason::Properties, message));
    }
    match value {
        Value::String(text) => fit_text(name, text, name == "chain"),
        Value::Array(items) => {
            if items.len() > limits::ARRAY_VALUES {
                let message = format!("{name:?} is an array of more than {} values", limits::ARRAY_VALUES);
                return Err(Refusal::new(Reason::Properties, message));
            }
            items.iter_mut().try_for_each(|item| match item {
                Value::String(text) => fit_text(name, text, false),
                Value::Array(_) => Err(Refusal::new(Reason::Properties, "an array holds scalars only")),
                _ => Ok(()),
            })
        }
        _ => Ok(()),
    }
}

/// Long texts are cut at a character, as capture does; a chain is refused by its own limit instead.
fn fit_text(name: &str, text: &mut Cow<'_, str>, whole: bool) -> Result<(), Refusal> {
    if text.as_bytes().contains(&0) {
        return Err(Refusal::new(Reason::Text, format!("property {name:?} holds NUL")));
    }
    if text.len() > limits::STRING_BYTES && !whole {
        let end = text.floor_char_boundary(limits::STRING_BYTES);
        match text {
            Cow::Borrowed(borrowed) => *borrowed = &borrowed[..end],
            Cow::Owned(owned) => owned.truncate(end),
        }
    }
    Ok(())
}

/// The content of a row without an event id. Its id is the first 63 bits of SHA-256 over user id, time (8 bytes each,
/// little-endian), the type's code (1 byte), and of each property, by name, the lengths (4 bytes each) and bytes of its name and
/// encoded value. The same row has the same id in any file and format, so a second import of it counts nothing twice.
pub(super) struct Content(Sha256);

impl Content {
    fn of(fields: &Fields) -> Self {
        let mut digest = Sha256::new();
        digest.update(fields.user_id.get().to_le_bytes());
        digest.update(fields.time.0.to_le_bytes());
        digest.update([fields.kind as u8]);
        Self(digest)
    }

    pub(super) fn add(&mut self, name: &str, encoded: &[u8]) {
        for part in [name.as_bytes(), encoded] {
            self.0.update((part.len() as u32).to_le_bytes());
            self.0.update(part);
        }
    }

    fn id(self) -> EventId {
        let digest = self.0.finalize();
        let first = digest.iter().take(8).fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte)) >> 1;
        EventId::new(first).or_else(|| EventId::new(1)).unwrap_or_else(|| unreachable!("1 is an id"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: TimeMs = TimeMs(1_763_877_600_000);

    fn row() -> Row<'static> {
        Row {
            user_id: Cell::Integer(7),
            time: Cell::Text("2025-11-23T05:00:00Z".into()),
            event_type: Cell::Text("click".into()),
            properties: vec![("b".into(), Value::from(1.0)), ("a".into(), Value::from("x"))],
            ..Row::default()
        }
    }

    #[test]
    fn a_row_without_an_event_id_has_the_id_of_its_content() {
        let first = event(row(), NOW).unwrap();
        assert_eq!(first.time, TimeMs(1_763_874_000_000));
        let again = event(Row { received_at: Cell::Integer(NOW.0 - 1), ..row() }, NOW).unwrap();
        assert_eq!(first.event_id, again.event_id);
        let other = event(Row { user_id: Cell::Integer(8), ..row() }, NOW).unwrap();
        assert_ne!(first.event_id, other.event_id);
        // The rule is public: it must not change.
        assert_eq!(first.event_id.get(), 1_695_838_392_451_740_854);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let reason = |row| event(row, NOW).unwrap_err().reason;
        assert_eq!(reason(Row { user_id: Cell::Text("abc".into()), ..row() }), Reason::UserId);
        assert_eq!(reason(Row { event_id: Cell::Integer(-1), ..row() }), Reason::EventId);
        assert_eq!(reason(Row { time: Cell::Text("yesterday".into()), ..row() }), Reason::Time);
        assert_eq!(reason(Row { time: Cell::Integer(1_763_877_600), ..row() }), Reason::Time);
        assert_eq!(reason(Row { event_type: Cell::Text("tap".into()), ..row() }), Reason::Type);
        assert_eq!(reason(Row { event_type: Cell::Text("custom".into()), ..row() }), Reason::Name);
        let chain = vec![("chain".into(), Value::from("html>>a"))];
        assert_eq!(reason(Row { properties: chain, ..row() }), Reason::Chain);
        let nul = vec![("a".into(), Value::from("x\0"))];
        assert_eq!(reason(Row { properties: nul, ..row() }), Reason::Text);
    }

    #[test]
    fn a_user_has_a_handle_and_properties() {
        let messages = user(Row { handle: Cell::Text("a@example.com".into()), ..row() }, NOW).unwrap();
        assert!(
            matches!(&messages[..], [Message::Identify { .. }, Message::SetUserProperties { set, .. }] if set.len() == 2)
        );
    }
}

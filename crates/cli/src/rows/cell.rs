//! Rows and cells as they stand in a file.

use std::borrow::Cow;

use cairn_model::Value;

use super::Kind;

/// A cell of one of the columns that mean something to Cairn.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Cell<'a> {
    /// Empty, null or not there.
    #[default]
    Missing,
    /// A whole number.
    Integer(i64),
    /// Any other number.
    Number(f64),
    /// Text.
    Text(Cow<'a, str>),
    /// What no such column can hold.
    Other,
}

/// A property of a row.
pub(crate) type Pair<'a> = (Cow<'a, str>, Value<'a>);

/// One row: the columns that mean something to Cairn, and the properties.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Row<'a> {
    pub(crate) user_id: Cell<'a>,
    pub(crate) event_id: Cell<'a>,
    pub(crate) time: Cell<'a>,
    pub(crate) received_at: Cell<'a>,
    pub(crate) event_type: Cell<'a>,
    pub(crate) handle: Cell<'a>,
    pub(crate) properties: Vec<Pair<'a>>,
}

/// A column that means something to Cairn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    UserId,
    EventId,
    Time,
    ReceivedAt,
    EventType,
    Handle,
}

/// A property whose name would be read as a field stands under its name with this in front.
pub(crate) const ESCAPE: &str = "properties.";

impl Field {
    /// The field of a column's name; every other column is a property.
    pub(crate) fn of(kind: Kind, name: &str) -> Option<Self> {
        match (kind, name) {
            (_, "user_id") => Some(Field::UserId),
            (_, "time") => Some(Field::Time),
            (_, "received_at") => Some(Field::ReceivedAt),
            (Kind::Events, "event_id") => Some(Field::EventId),
            (Kind::Events, "type") => Some(Field::EventType),
            (Kind::Users, "handle") => Some(Field::Handle),
            _ => None,
        }
    }
}

/// The property that a column holds.
pub(crate) fn property_of(column: &str) -> &str {
    column.strip_prefix(ESCAPE).filter(|rest| !rest.is_empty()).unwrap_or(column)
}

/// The column that a property is written to, so that [`property_of`] and [`Field::of`] read it back.
pub(crate) fn column_of(kind: Kind, property: &str) -> Cow<'_, str> {
    if Field::of(kind, property).is_some() || property.starts_with(ESCAPE) {
        return Cow::Owned(format!("{ESCAPE}{property}"));
    }
    Cow::Borrowed(property)
}

impl<'a> Row<'a> {
    /// The cell of a field.
    pub(crate) fn cell_mut(&mut self, field: Field) -> &mut Cell<'a> {
        match field {
            Field::UserId => &mut self.user_id,
            Field::EventId => &mut self.event_id,
            Field::Time => &mut self.time,
            Field::ReceivedAt => &mut self.received_at,
            Field::EventType => &mut self.event_type,
            Field::Handle => &mut self.handle,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_collide_come_back() {
        for property in ["time", "type", "plain", "properties.time", "properties.", "a.b"] {
            let column = column_of(Kind::Events, property);
            assert!(Field::of(Kind::Events, &column).is_none(), "{column}");
            assert_eq!(property_of(&column), property);
        }
    }
}

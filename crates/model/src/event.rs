//! Events and their properties.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{EventId, PropertyOrder, TimeMs, UserId, Value};

/// What kind of thing happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum EventKind {
    /// A visit began.
    Session = 0,
    /// A page was shown, also within a single-page app.
    Pageview = 1,
    /// A click.
    Click = 2,
    /// A form control changed; never with what was typed.
    Change = 3,
    /// A form was submitted.
    Submit = 4,
    /// The site's own event; its property `name` says which.
    Custom = 5,
}

impl EventKind {
    /// All kinds, in the order of their codes.
    pub const ALL: [EventKind; 6] =
        [Self::Session, Self::Pageview, Self::Click, Self::Change, Self::Submit, Self::Custom];

    /// The name used in JSON, files and queries.
    pub fn name(self) -> &'static str {
        ["session", "pageview", "click", "change", "submit", "custom"][self as usize]
    }

    /// The kind of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The kind of a code, as it is stored.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A flat map of properties, sorted by name, each name once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Properties<'a>(Vec<(Cow<'a, str>, Value<'a>)>);

impl<'a> Properties<'a> {
    /// From pairs in any order; of equal names the last stands.
    pub fn from_pairs(pairs: Vec<(Cow<'a, str>, Value<'a>)>) -> Self {
        PropertyOrder::default().sort(pairs)
    }

    /// From pairs that are sorted by name, each name once.
    pub(crate) fn sorted(pairs: Vec<(Cow<'a, str>, Value<'a>)>) -> Self {
        debug_assert!(pairs.is_sorted_by(|a, b| a.0 < b.0));
        Self(pairs)
    }

    /// The value of `name`.
    pub fn get(&self, name: &str) -> Option<&Value<'a>> {
        self.0.binary_search_by(|pair| (*pair.0).cmp(name)).ok().map(|at| &self.0[at].1)
    }

    /// Sets `name`, replacing its value.
    pub fn set(&mut self, name: impl Into<Cow<'a, str>>, value: Value<'a>) {
        let name = name.into();
        match self.0.binary_search_by(|pair| pair.0.cmp(&name)) {
            Ok(at) => self.0[at].1 = value,
            Err(at) => self.0.insert(at, (name, value)),
        }
    }

    /// Removes `name`.
    pub fn remove(&mut self, name: &str) {
        if let Ok(at) = self.0.binary_search_by(|pair| (*pair.0).cmp(name)) {
            self.0.remove(at);
        }
    }

    /// Pairs in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value<'a>)> {
        self.0.iter().map(|(name, value)| (&**name, value))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A copy that borrows nothing.
    pub fn into_owned(self) -> Properties<'static> {
        let owned = self.0.into_iter().map(|(name, value)| (Cow::Owned(name.into_owned()), value.into_owned()));
        Properties(owned.collect())
    }
}

impl Serialize for Properties<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Properties<'_> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let values: BTreeMap<String, Value<'static>> = BTreeMap::deserialize(deserializer)?;
        Ok(Self::from_pairs(values.into_iter().map(|(name, value)| (name.into(), value)).collect()))
    }
}

/// Something that a user did. Strings may borrow from the buffer that it was read from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event<'a> {
    /// The device that did it; kept for ever, whoever it is identified as.
    pub user_id: UserId,
    /// Unique within the user.
    pub event_id: EventId,
    /// When it happened, by the corrected clock of the sender.
    pub time: TimeMs,
    /// When capture took it.
    pub received_at: TimeMs,
    /// What kind of thing happened.
    #[serde(rename = "type")]
    pub kind: EventKind,
    /// Everything else.
    pub properties: Properties<'a>,
}

impl Event<'_> {
    /// An event without properties, received when it happened; for tests and examples. Ids are clamped to valid ones.
    pub fn new(user_id: u64, event_id: u64, time_ms: i64, kind: EventKind) -> Self {
        let (user_id, event_id) = (UserId::clamped(user_id), EventId::clamped(event_id));
        let time = TimeMs(time_ms);
        Self { user_id, event_id, time, received_at: time, kind, properties: Properties::default() }
    }

    /// A copy that borrows nothing.
    pub fn into_owned(self) -> Event<'static> {
        Event { properties: self.properties.into_owned(), ..self }
    }
}

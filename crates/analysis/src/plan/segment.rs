//! Segments: users by what they did and what they are, from JSON to what stores understand.

use std::sync::Arc;

use cairn_model::{Predicate, TimeMs, UserId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Names;
use crate::{EventRef, QueryError, When};

/// A resolved segment.
#[derive(Clone, Debug)]
pub struct SegmentPlan {
    /// Which users.
    pub tree: SegmentTree,
    /// The events that leaves ask about, at most 32.
    pub events: Vec<Predicate>,
    /// What users did.
    pub leaves: Vec<SegmentLeaf>,
    /// Later events are hidden.
    pub as_of: TimeMs,
    /// How many conditions it is made of.
    nodes: usize,
}

/// Which users.
#[derive(Clone, Debug)]
pub enum SegmentTree {
    /// Those of all parts; without parts, everybody.
    All(Vec<SegmentTree>),
    /// Those of any part.
    Any(Vec<SegmentTree>),
    /// Everybody else.
    Not(Box<SegmentTree>),
    /// Those who satisfy a condition on users.
    User(Predicate),
    /// Those of whom a leaf, by its number, is true.
    Did(usize),
    /// These.
    List(Arc<[Listed]>),
}

/// Somebody in a list: `{"handle": "jane@example.com"}` or `{"id": "4711"}`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Listed {
    /// The person of this handle.
    Handle(String),
    /// The person that this user id belongs to.
    #[serde(rename = "id")]
    User(UserId),
}

/// Something that users did.
#[derive(Clone, Debug, PartialEq)]
pub struct SegmentLeaf {
    /// The number of the event.
    pub event: usize,
    /// What about it.
    pub kind: LeafKind,
    /// The first instant that counts.
    pub from: i64,
    /// The first instant after.
    pub to: i64,
}

/// What about an event.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LeafKind {
    /// Done at least and at most so many times.
    Times(u64, u64),
    /// Done for the first time ever.
    First,
    /// Done, and then another event, by its number, at most so many milliseconds later; that one may lie past the range.
    Then(usize, i64),
}

/// At most so many events, so that they have bits.
const EVENTS_MAX: usize = 32;
/// How many conditions it may have, each of which takes a bit for each user.
const NODES_MAX: usize = 128;
/// How deep a tree may be.
const DEPTH_MAX: usize = 16;

impl SegmentPlan {
    pub(super) fn resolve(json: &Value, as_of: TimeMs, bots: bool, names: Names<'_>) -> Result<Self, QueryError> {
        let mut plan =
            Self { tree: SegmentTree::All(Vec::new()), events: Vec::new(), leaves: Vec::new(), as_of, nodes: 0 };
        plan.tree = plan.read(json, bots, names, 0)?;
        Ok(plan)
    }

    /// Whether whoever is in it did something: a person with at least one of the user ids.
    pub fn implies_event(&self) -> bool {
        self.implied_by(&self.tree)
    }

    fn implied_by(&self, tree: &SegmentTree) -> bool {
        match tree {
            SegmentTree::All(parts) => parts.iter().any(|part| self.implied_by(part)),
            SegmentTree::Any(parts) => !parts.is_empty() && parts.iter().all(|part| self.implied_by(part)),
            SegmentTree::Did(leaf) => self.leaves.get(*leaf).is_some_and(|leaf| !leaf.of_nothing()),
            SegmentTree::Not(_) | SegmentTree::User(_) | SegmentTree::List(_) => false,
        }
    }

    /// The times of events that matter, `[first, end)`.
    pub fn range(&self) -> (TimeMs, TimeMs) {
        let first = self.leaves.iter().map(|leaf| if leaf.kind == LeafKind::First { i64::MIN } else { leaf.from });
        let end = self.leaves.iter().map(|leaf| match leaf.kind {
            LeafKind::Then(_, within_ms) => leaf.to.saturating_add(within_ms),
            _ => leaf.to,
        });
        let end = end.max().unwrap_or(0).min(self.as_of.0.saturating_add(1));
        (TimeMs(first.min().unwrap_or(0)), TimeMs(end))
    }

    fn read(&mut self, json: &Value, bots: bool, names: Names<'_>, depth: usize) -> Result<SegmentTree, QueryError> {
        self.nodes += 1;
        if depth >= DEPTH_MAX || self.nodes > NODES_MAX {
            return refuse(format!("a segment has at most {DEPTH_MAX} levels and {NODES_MAX} conditions"));
        }
        let Some(members) = json.as_object() else {
            return refuse(format!("a segment is an object such as {EXAMPLE}, not {json}"));
        };
        let mut list = |parts: &Value| match parts.as_array() {
            Some(parts) => parts.iter().map(|part| self.read(part, bots, names, depth + 1)).collect(),
            None => refuse(format!("`all` and `any` are lists of segments, not {parts}")),
        };
        if let Some(parts) = only(members, "all") {
            return list(parts).map(SegmentTree::All);
        }
        if let Some(parts) = only(members, "any") {
            return list(parts).map(SegmentTree::Any);
        }
        if let Some(part) = only(members, "not") {
            return Ok(SegmentTree::Not(Box::new(self.read(part, bots, names, depth + 1)?)));
        }
        if let Some(users) = only(members, "users") {
            return listed(users).map(|users| SegmentTree::List(users.into()));
        }
        if let Some(name) = only(members, "list") {
            return list_of(name, names).map(SegmentTree::List);
        }
        if members.contains_key("user") {
            let predicate =
                Predicate::from_json(json).map_err(|error| QueryError::new(error.code, error.to_string()))?;
            return Ok(SegmentTree::User(predicate));
        }
        self.leaf(members, bots, names)
    }

    fn leaf(&mut self, members: &Map<String, Value>, bots: bool, names: Names<'_>) -> Result<SegmentTree, QueryError> {
        let (mut members, mut times) = (members.clone(), None);
        let (did, first) = (members.remove("did"), members.remove("did_first"));
        let is_first = first.is_some();
        let Some(event) = did.xor(first) else {
            return refuse(format!(
                "a segment is one of `all`, `any`, `not`, `user`, `users`, `list`, `did`, `did_first`, such as {EXAMPLE}"
            ));
        };
        for (name, bounds) in COUNTS {
            if let Some(n) = members.remove(name) {
                let Some(n) = n.as_u64().filter(|_| times.is_none() && !is_first) else {
                    return refuse(format!("`{name}` is one whole number, beside `did`"));
                };
                times = Some(bounds(n));
            }
        }
        let kind = match members.remove("then") {
            Some(then) => {
                let within = members.remove("within").and_then(|within| within.as_str().map(str::to_owned));
                let Some(within) = within.filter(|_| times.is_none() && !is_first) else {
                    return refuse("`then` needs a `within`, such as \"7d\", and stands beside `did` alone".to_owned());
                };
                LeafKind::Then(self.event(&then, bots, names)?, duration("within", &within)?)
            }
            None if is_first => LeafKind::First,
            None => {
                let (least, most) = times.unwrap_or((1, u64::MAX));
                LeafKind::Times(least, most)
            }
        };
        let (from, to) = self.period(&mut members, names)?;
        if let Some((unknown, _)) = members.iter().next() {
            return refuse(format!("a segment does not know `{unknown}` here"));
        }
        let event = self.event(&event, bots, names)?;
        self.leaves.push(SegmentLeaf { event, kind, from, to });
        Ok(SegmentTree::Did(self.leaves.len() - 1))
    }

    /// `in` a trailing period, or `from` and `to`; else ever.
    fn period(&self, members: &mut Map<String, Value>, names: Names<'_>) -> Result<(i64, i64), QueryError> {
        let mut when = |name: &str| -> Result<Option<i64>, QueryError> {
            let Some(json) = members.remove(name) else { return Ok(None) };
            let when: When = serde_json::from_value(json)
                .map_err(|_| QueryError::new("time", format!("`{name}` is a date, an instant or milliseconds")))?;
            names.calendar.instant(&when).map(|time| Some(time.0))
        };
        let (from, to) = (when("from")?, when("to")?);
        let Some(trailing) = members.remove("in") else {
            let (from, to) = (from.unwrap_or(i64::MIN), to.unwrap_or(i64::MAX));
            return if from < to {
                Ok((from, to))
            } else {
                refuse("a period's `from` lies before its `to`".to_owned())
            };
        };
        let Some(trailing) = trailing.as_str().filter(|_| from.is_none() && to.is_none()) else {
            return refuse("`in` is a time such as \"7d\", in the place of `from` and `to`".to_owned());
        };
        Ok((self.as_of.0.saturating_sub(duration("in", trailing)?), self.as_of.0))
    }

    /// The number of an event.
    fn event(&mut self, json: &Value, bots: bool, names: Names<'_>) -> Result<usize, QueryError> {
        let event = match json {
            Value::String(name) => EventRef::Named(name.clone()),
            other => EventRef::Inline(other.clone()),
        };
        let event = names.event(&event, None, bots)?;
        if let Some(known) = self.events.iter().position(|known| known.to_json() == event.to_json()) {
            return Ok(known);
        }
        if self.events.len() == EVENTS_MAX {
            return refuse(format!("a segment asks about at most {EVENTS_MAX} events"));
        }
        self.events.push(event);
        Ok(self.events.len() - 1)
    }
}

const EXAMPLE: &str = r#"{"did": "Order Placed", "at_least": 2, "in": "7d"}"#;

type Bounds = fn(u64) -> (u64, u64);

/// How often, by name.
const COUNTS: [(&str, Bounds); 5] = [
    ("at_least", |n| (n, u64::MAX)),
    ("at_most", |n| (0, n)),
    ("exactly", |n| (n, n)),
    ("more_than", |n| (n.saturating_add(1), u64::MAX)),
    // Fewer than none is nobody.
    ("fewer_than", |n| n.checked_sub(1).map_or((1, 0), |most| (0, most))),
];

fn duration(name: &str, text: &str) -> Result<i64, QueryError> {
    let wrong = |_| {
        let message =
            format!("`{name}` is a number of minutes, hours, days or weeks up to 366d, such as \"7d\", not {text:?}");
        QueryError::new("segment", message)
    };
    super::funnel::window_ms(text).map_err(wrong)
}

fn refuse<T>(message: String) -> Result<T, QueryError> {
    Err(QueryError::new("segment", message))
}

/// The only member, if it has that name.
fn only<'v>(members: &'v Map<String, Value>, name: &str) -> Option<&'v Value> {
    members.get(name).filter(|_| members.len() == 1)
}

fn list_of(name: &Value, names: Names<'_>) -> Result<Arc<[Listed]>, QueryError> {
    let Some(name) = name.as_str() else {
        return refuse(format!("`list` is the name of a list, not {name}"));
    };
    names.defined.list(name)?.ok_or_else(|| {
        QueryError::new(
            "unknown_list",
            format!("no list is called {name:?}; see `cairn list`, or add it by `cairn list add`"),
        )
    })
}

fn listed(users: &Value) -> Result<Vec<Listed>, QueryError> {
    let wrong =
        || QueryError::new("segment", "`users` is a list of {\"handle\": \"..\"} and {\"id\": \"..\"}".to_owned());
    let one = |user: &Value| {
        let members = user.as_object().ok_or_else(wrong)?;
        let text = |name| only(members, name).and_then(Value::as_str);
        let id = text("id").and_then(UserId::parse).map(Listed::User);
        text("handle").map(|handle| Listed::Handle(handle.to_owned())).or(id).ok_or_else(wrong)
    };
    users.as_array().ok_or_else(wrong)?.iter().map(one).collect()
}

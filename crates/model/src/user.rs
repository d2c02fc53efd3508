//! What messages other than events make of one user id: properties, identity, erasure.
//!
//! The state is a join of sets, so applying a message twice, or in another order, changes nothing. Each entry keeps the
//! `received_at` of its message: an erasure takes back exactly what it covers, and what stood behind it stands again.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    Message, Properties, TimeMs, UserId, Value,
    codec::{CodecError, Reader, put_bytes, put_i64, put_varint},
    decode_value, encode_value,
};

/// (time, value or nothing, received_at)
type Entry = (TimeMs, Value<'static>, TimeMs);
/// (time, received_at)
type Mark = (TimeMs, TimeMs);

/// The state of one user id. Merging is commutative, associative and idempotent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserState {
    set: BTreeMap<String, Vec<Entry>>,
    set_once: BTreeMap<String, Vec<Entry>>,
    identified: BTreeMap<String, BTreeSet<Mark>>,
    revoked: BTreeMap<String, BTreeSet<Mark>>,
    erased_at: Option<TimeMs>,
}

impl UserState {
    /// Applies a message of this user. Events and expiries change nothing here. Returns false if the message is covered by an
    /// erasure.
    pub fn apply(&mut self, message: &Message<'_>) -> bool {
        match message {
            Message::SetUserProperties { time, received_at, set, set_once, .. } => {
                if self.erases(*received_at) {
                    return false;
                }
                for (properties, into, newest) in [(set, &mut self.set, true), (set_once, &mut self.set_once, false)] {
                    for (name, value) in properties.iter() {
                        let entry = (*time, value.clone().into_owned(), *received_at);
                        insert_entry(into.entry(name.to_owned()).or_default(), entry, newest);
                    }
                }
            }
            Message::Identify { handle, time, received_at, .. } => {
                if self.erases(*received_at) {
                    return false;
                }
                self.identified.entry(handle.clone()).or_default().insert((*time, *received_at));
            }
            Message::Unidentify { handle, time, received_at, .. } => {
                if self.erases(*received_at) {
                    return false;
                }
                self.revoked.entry(handle.clone()).or_default().insert((*time, *received_at));
            }
            Message::Erase { at, .. } => self.erase(*at),
            Message::Event(_) | Message::Expire { .. } => {}
        }
        true
    }

    /// Whether an erasure covers what was received then.
    pub fn erases(&self, received_at: TimeMs) -> bool {
        self.erased_at.is_some_and(|at| received_at <= at)
    }

    /// The handle that this user id belongs to: the earliest (time, handle) that is not revoked.
    pub fn handle(&self) -> Option<&str> {
        let standing = self.identified.iter().filter_map(|(handle, marks)| {
            let revoked = self.revoked.get(handle).and_then(BTreeSet::last).map(|mark| mark.0);
            let first = marks.iter().find(|mark| revoked.is_none_or(|until| mark.0 > until))?;
            Some((first.0, handle.as_str()))
        });
        standing.min().map(|(_, handle)| handle)
    }

    /// Whether anything is known that no erasure covers: such a user belongs to the universe, events or not.
    pub fn is_known(&self) -> bool {
        !(self.set.is_empty() && self.set_once.is_empty() && self.identified.is_empty() && self.revoked.is_empty())
    }

    /// Joins what another copy knows.
    pub fn merge(&mut self, other: &UserState) {
        for (from, into, newest) in [(&other.set, &mut self.set, true), (&other.set_once, &mut self.set_once, false)] {
            for (name, entries) in from {
                let mine = into.entry(name.clone()).or_default();
                entries.iter().for_each(|entry| insert_entry(mine, entry.clone(), newest));
            }
        }
        for (from, into) in [(&other.identified, &mut self.identified), (&other.revoked, &mut self.revoked)] {
            for (handle, marks) in from {
                into.entry(handle.clone()).or_default().extend(marks);
            }
        }
        if let Some(at) = self.erased_at.max(other.erased_at) {
            self.erase(at);
        }
    }

    /// Up to when this user's messages are erased, by `received_at`.
    pub fn erased_at(&self) -> Option<TimeMs> {
        self.erased_at
    }

    /// The names of the properties that were ever set.
    pub fn property_names(&self) -> impl Iterator<Item = &str> {
        self.set.keys().chain(self.set_once.keys()).map(String::as_str)
    }

    /// The current value of a property of the person made of these user ids: of `set` the greatest (time, value), else of
    /// `set_once` the least.
    pub fn property<'a>(
        members: impl Iterator<Item = &'a UserState> + Clone,
        name: &str,
    ) -> Option<&'a Value<'static>> {
        let set = members.clone().filter_map(|member| member.set.get(name)).flatten();
        let once = members.filter_map(|member| member.set_once.get(name)).flatten();
        let greatest = set.map(|entry| (entry.0, &entry.1)).max();
        greatest.or_else(|| once.map(|entry| (entry.0, &entry.1)).min()).map(|(_, value)| value)
    }

    /// All current properties of the person made of these user ids.
    pub fn properties<'a>(members: impl Iterator<Item = &'a UserState> + Clone) -> Properties<'static> {
        let names: BTreeSet<&str> = members.clone().flat_map(UserState::property_names).collect();
        let current = names.into_iter().filter_map(|name| {
            let value = Self::property(members.clone(), name)?;
            Some((name.to_owned().into(), value.clone()))
        });
        Properties::from_pairs(current.collect())
    }

    /// Messages that make this state of a user of whom nothing else is known; an erasure comes first.
    pub fn messages(&self, user_id: UserId) -> Vec<Message<'static>> {
        let erased = self.erased_at.map(|at| Message::Erase { user_ids: vec![user_id], at });
        let property = |name: &String, value: &Value<'static>| {
            let mut one = Properties::default();
            one.set(name.clone(), value.clone());
            one
        };
        let none = Properties::default;
        let each = |entries: &'_ BTreeMap<String, Vec<Entry>>, once: bool| {
            let all = entries.iter().flat_map(|(name, entries)| entries.iter().map(move |entry| (name, entry)));
            let all = all.map(|(name, (time, value, received_at))| {
                let (set, set_once) =
                    if once { (none(), property(name, value)) } else { (property(name, value), none()) };
                Message::SetUserProperties { user_id, time: *time, received_at: *received_at, set, set_once }
            });
            all.collect::<Vec<_>>()
        };
        let mut messages: Vec<Message<'static>> = erased.into_iter().collect();
        messages.extend(each(&self.set, false));
        messages.extend(each(&self.set_once, true));
        for (marks, revoked) in [(&self.identified, false), (&self.revoked, true)] {
            for (handle, (time, received_at)) in
                marks.iter().flat_map(|(handle, marks)| marks.iter().map(move |mark| (handle, *mark)))
            {
                let handle = handle.clone();
                messages.push(match revoked {
                    false => Message::Identify { user_id, handle, time, received_at },
                    true => Message::Unidentify { user_id, handle, time, received_at },
                });
            }
        }
        messages
    }

    fn erase(&mut self, at: TimeMs) {
        self.erased_at = self.erased_at.max(Some(at));
        for entries in [&mut self.set, &mut self.set_once] {
            entries.values_mut().for_each(|entries| entries.retain(|entry| entry.2 > at));
            entries.retain(|_, entries| !entries.is_empty());
        }
        for marks in [&mut self.identified, &mut self.revoked] {
            marks.values_mut().for_each(|marks| marks.retain(|mark| mark.1 > at));
            marks.retain(|_, marks| !marks.is_empty());
        }
    }

    /// Appends the canonical encoding: equal states, equal bytes.
    pub fn encode(&self, out: &mut Vec<u8>) {
        for map in [&self.set, &self.set_once] {
            put_varint(out, map.len() as u64);
            for (name, entries) in map {
                put_bytes(out, name.as_bytes());
                put_varint(out, entries.len() as u64);
                for (time, value, received_at) in entries {
                    put_i64(out, time.0);
                    put_i64(out, received_at.0);
                    let mut encoded = Vec::new();
                    encode_value(value, &mut encoded);
                    put_bytes(out, &encoded);
                }
            }
        }
        for map in [&self.identified, &self.revoked] {
            put_varint(out, map.len() as u64);
            for (handle, marks) in map {
                put_bytes(out, handle.as_bytes());
                put_varint(out, marks.len() as u64);
                for (time, received_at) in marks {
                    put_i64(out, time.0);
                    put_i64(out, received_at.0);
                }
            }
        }
        put_i64(out, self.erased_at.map_or(i64::MIN, |at| at.0));
    }

    /// Reads what [`UserState::encode`] wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, CodecError> {
        let mut reader = Reader::new(bytes);
        let mut state = UserState::default();
        for map in [&mut state.set, &mut state.set_once] {
            for _ in 0..reader.varint()? {
                let name = reader.text()?.to_owned();
                let entries = map.entry(name).or_default();
                for _ in 0..reader.varint()? {
                    let (time, received_at) = (TimeMs(reader.i64()?), TimeMs(reader.i64()?));
                    entries.push((time, decode_value(reader.bytes()?)?.into_owned(), received_at));
                }
            }
        }
        for map in [&mut state.identified, &mut state.revoked] {
            for _ in 0..reader.varint()? {
                let handle = reader.text()?.to_owned();
                let marks = map.entry(handle).or_default();
                for _ in 0..reader.varint()? {
                    marks.insert((TimeMs(reader.i64()?), TimeMs(reader.i64()?)));
                }
            }
        }
        let erased_at = reader.i64()?;
        state.erased_at = (erased_at != i64::MIN).then_some(TimeMs(erased_at));
        Ok(state)
    }
}

/// Keeps only entries that some erasure could bring to light: an entry goes if another beats it and was received no earlier.
fn insert_entry(entries: &mut Vec<Entry>, new: Entry, newest: bool) {
    let covers = |a: &Entry, b: &Entry| {
        let (x, y) = ((a.0, &a.1), (b.0, &b.1));
        a.2 >= b.2 && if newest { x >= y } else { x <= y }
    };
    if entries.iter().any(|old| covers(old, &new)) {
        return;
    }
    entries.retain(|old| !covers(&new, old));
    let at = entries.partition_point(|old| *old < new);
    entries.insert(at, new);
}

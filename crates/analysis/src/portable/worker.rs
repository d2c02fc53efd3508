//! Whoever has events and no store: makes partials of them for whoever asked.

use cairn_model::bytes::{Reader, put_bytes};
use foldhash::fast::FixedState;
use hashbrown::{HashMap, hash_map::EntryRef};

use super::{
    KernelSpec, PartialError, Portable, decode_partial, encode_partial,
    gathered::{self, Row},
    run::{Run, Visit},
    spec::{Needs, TIME_MAX},
};
use crate::{GroupId, Groups, Places, Rows};

/// Events wait until there are so many: then a kernel is made for them, which takes as long as a few thousand events.
const WAITING_MAX: usize = 1 << 16;

/// Runs one kernel over persons as they come. Its state is bytes, the question's spec and a partial, of which others can be made.
pub struct Worker {
    json: String,
    needs: Needs,
    keys: usize,
    groups: Groups,
    /// Groups by their bytes.
    known: HashMap<Vec<u8>, GroupId, FixedState>,
    waiting: Waiting,
    run: Run,
}

/// Events of persons who are not pushed yet.
#[derive(Debug, Default)]
struct Waiting {
    times: Vec<i64>,
    matches: Vec<u32>,
    groups: Vec<GroupId>,
    numbers: Vec<f64>,
    sessions: Vec<u64>,
    holds: Vec<u32>,
    /// Where each person's end.
    ends: Vec<usize>,
}

/// A partial in a state of this question.
pub fn partial_of<'s>(state: &'s [u8], spec: &KernelSpec) -> Result<&'s [u8], PartialError> {
    let (json, partial) = parts(state)?;
    if KernelSpec::from_json(json)? != *spec {
        return Err(PartialError::new("it is of another question"));
    }
    Ok(partial)
}

fn parts(state: &[u8]) -> Result<(&str, &[u8]), PartialError> {
    let mut reader = Reader::new(state);
    let json = reader.text()?;
    Ok((json, reader.take(reader.remaining())?))
}

impl Worker {
    /// For the question of a spec.
    pub fn new(json: &str) -> Result<Self, PartialError> {
        let (spec, groups) = (KernelSpec::from_json(json)?, Groups::default());
        // The group of no keys is number 0 in every run.
        if spec.keys() == 0 {
            groups.group(&[]);
        }
        let run = Run::new(&spec, &groups);
        Ok(Self {
            json: json.to_owned(),
            needs: spec.needs(),
            keys: spec.keys(),
            groups,
            known: HashMap::default(),
            waiting: Waiting::default(),
            run,
        })
    }

    /// One that goes on from a state.
    pub fn of_state(state: &[u8]) -> Result<Self, PartialError> {
        let mut worker = Self::new(parts(state)?.0)?;
        worker.merge(state)?;
        Ok(worker)
    }

    /// The question.
    pub fn spec(&self) -> &str {
        &self.json
    }

    /// A person, all of whose events these are, as [`super::Gathered::put`] wrote them.
    pub fn push(&mut self, person: &[u8]) -> Result<(), PartialError> {
        // The person's own, so it is enough that equal values have equal numbers here.
        let mut holds: HashMap<&[u8], u32, FixedState> = HashMap::default();
        let held = Groups::default();
        for row in gathered::rows(person)? {
            self.add(&row, &mut |bytes| {
                if let Some(known) = holds.get(bytes) {
                    return Ok(*known);
                }
                let values = gathered::values(bytes)?;
                let missing = values.is_empty() || values.iter().any(Option::is_none);
                let number = if missing { 0 } else { held.group_of(&values).0 + 1 };
                holds.insert(bytes, number);
                Ok(number)
            })?;
        }
        self.waiting.ends.push(self.waiting.times.len());
        if self.waiting.times.len() >= WAITING_MAX {
            self.run_waiting();
        }
        Ok(())
    }

    fn add<'b>(
        &mut self,
        row: &Row<'b>,
        hold: &mut dyn FnMut(&'b [u8]) -> Result<u32, PartialError>,
    ) -> Result<(), PartialError> {
        let (time, ..) = row.key;
        if !(-TIME_MAX..=TIME_MAX).contains(&time) {
            return Err(PartialError(format!("an event's time, {time}, is none")));
        }
        let matches = row.matches & ((1 << self.needs.events) - 1);
        if matches == 0 {
            return Ok(());
        }
        if self.keys > 0 {
            let group = self.group(row.keys)?;
            self.waiting.groups.push(group);
        }
        let waiting = &mut self.waiting;
        if self.needs.numbers {
            let number = if row.number.is_finite() { row.number } else { f64::NAN };
            waiting.numbers.push(number);
        }
        if self.needs.sessions {
            waiting.sessions.push(row.session);
        }
        if self.needs.holds {
            waiting.holds.push(hold(row.holds)?);
        }
        waiting.times.push(time);
        waiting.matches.push(matches);
        Ok(())
    }

    /// The group of some keys.
    fn group(&mut self, keys: &[u8]) -> Result<GroupId, PartialError> {
        match self.known.entry_ref(keys) {
            EntryRef::Occupied(known) => Ok(*known.get()),
            EntryRef::Vacant(unknown) => {
                let values = gathered::values(keys)?;
                if values.len() != self.keys {
                    return Err(PartialError(format!("an event has {} keys, not {}", values.len(), self.keys)));
                }
                Ok(*unknown.insert(self.groups.group_of(&values)))
            }
        }
    }

    fn run_waiting(&mut self) {
        let mut waiting = std::mem::take(&mut self.waiting);
        self.run.visit(&self.groups, Push(&waiting));
        waiting.clear();
        self.waiting = waiting;
    }

    /// Joins what another worker found, who has had other persons.
    pub fn merge(&mut self, state: &[u8]) -> Result<(), PartialError> {
        let (json, partial) = parts(state)?;
        if json != self.json {
            return Err(PartialError::new("two questions cannot be joined"));
        }
        self.run.visit(&self.groups, Merge(partial, &self.groups))
    }

    /// What was found so far.
    pub fn state(&mut self) -> Vec<u8> {
        self.run_waiting();
        let mut state = Vec::new();
        put_bytes(&mut state, self.json.as_bytes());
        state.append(&mut self.run.visit(&self.groups, Encode(&self.groups)));
        state
    }
}

impl Waiting {
    fn clear(&mut self) {
        self.times.clear();
        self.matches.clear();
        self.groups.clear();
        self.numbers.clear();
        self.sessions.clear();
        self.holds.clear();
        self.ends.clear();
    }

    /// The rows of one person.
    fn rows(&self, first: usize, end: usize) -> Rows<'_> {
        fn part<T>(all: &[T], first: usize, end: usize) -> &[T] {
            all.get(first..end).unwrap_or_default()
        }
        Rows {
            times: part(&self.times, first, end),
            matches: part(&self.matches, first, end),
            groups: part(&self.groups, first, end),
            numbers: part(&self.numbers, first, end),
            sessions: part(&self.sessions, first, end),
            holds: part(&self.holds, first, end),
            places: Places::default(),
        }
    }
}

struct Push<'w>(&'w Waiting);

impl Visit for Push<'_> {
    type Output = ();

    fn visit<K: Portable>(self, kernel: &K, partial: &mut K::Partial) {
        let mut first = 0;
        for end in &self.0.ends {
            if first < *end {
                kernel.push(partial, &self.0.rows(first, *end));
                kernel.close(partial, 0, GroupId(0));
            }
            first = *end;
        }
    }
}

struct Merge<'w>(&'w [u8], &'w Groups);

impl Visit for Merge<'_> {
    type Output = Result<(), PartialError>;

    fn visit<K: Portable>(self, kernel: &K, partial: &mut K::Partial) -> Self::Output {
        let from = decode_partial(kernel, self.1, self.0)?;
        kernel.merge(partial, from);
        Ok(())
    }
}

struct Encode<'w>(&'w Groups);

impl Visit for Encode<'_> {
    type Output = Vec<u8>;

    fn visit<K: Portable>(self, kernel: &K, partial: &mut K::Partial) -> Vec<u8> {
        encode_partial(kernel, self.0, partial)
    }
}

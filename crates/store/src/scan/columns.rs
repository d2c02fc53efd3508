//! What of an event a question asks for beside its time: its keys, a number, its session, what is to be held.

use std::hash::BuildHasher;

use cairn_analysis::{StoreError, ValueId, Wanted};
use foldhash::fast::FixedState;

use super::{
    KEYS,
    block::Block,
    keys::{BoundKey, GroupCache, Keys},
    looked::{BoundLooked, Looked},
};
use crate::{ints::Ints, part::Part, project::Project, tail::Tail};

/// The property that names an event's session.
const SESSION: &str = "session_id";

/// What a question asks for, of one instant.
#[derive(Debug)]
pub(crate) struct Columns<'q> {
    pub(super) keys: Keys<'q>,
    number: Option<Looked<'q, f64>>,
    session: Option<Looked<'q, u64>>,
    hold: Option<Keys<'q>>,
}

/// The same bound to a source.
pub(crate) struct BoundColumns<'a> {
    pub(super) keys: Vec<BoundKey<'a>>,
    number: Option<BoundLooked<'a, f64>>,
    session: Option<BoundLooked<'a, u64>>,
    hold: Vec<BoundKey<'a>>,
}

/// Of events, in vectors of equal length; those that nobody asks for are empty.
#[derive(Debug, Default)]
pub(super) struct Details {
    /// Of the keys on events.
    pub(super) values: Vec<[ValueId; KEYS]>,
    pub(super) numbers: Vec<f64>,
    pub(super) sessions: Vec<u64>,
    pub(super) holds: Vec<u32>,
}

/// Of one event.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Detail {
    pub(super) values: [ValueId; KEYS],
    pub(super) number: f64,
    pub(super) session: u64,
    pub(super) hold: u32,
}

impl<'q> Columns<'q> {
    pub(super) fn new(wanted: &Wanted<'q>, project: &Project) -> Result<Self, StoreError> {
        let keys = |keys, groups| Keys::new(keys, groups, &project.users, &project.symbols);
        Ok(Self {
            keys: keys(wanted.keys, wanted.groups)?,
            number: wanted.number.map(|property| Looked::new(property, &project.numbers, project)),
            session: wanted.sessions.then(|| Looked::new(SESSION, &project.sessions, project)),
            hold: wanted.hold.map(|hold| keys(hold.keys, hold.groups)).transpose()?,
        })
    }

    pub(super) fn of_part<'a>(&self, part: &'a Part) -> Result<BoundColumns<'a>, StoreError> {
        Ok(BoundColumns {
            keys: self.keys.of_part(part)?,
            number: self.number.as_ref().map(|number| number.of_part(part)).transpose()?,
            session: self.session.as_ref().map(|session| session.of_part(part)).transpose()?,
            hold: self.hold.as_ref().map(|hold| hold.of_part(part)).transpose()?.unwrap_or_default(),
        })
    }

    pub(super) fn of_tail<'a>(&self, tail: &'a Tail) -> Result<BoundColumns<'a>, StoreError> {
        Ok(BoundColumns {
            keys: self.keys.of_tail(tail)?,
            number: self.number.as_ref().map(|number| number.of_tail(tail)),
            session: self.session.as_ref().map(|session| session.of_tail(tail)),
            hold: self.hold.as_ref().map(|hold| hold.of_tail(tail)).transpose()?.unwrap_or_default(),
        })
    }

    /// The memory that values and groups take, in bytes.
    pub(super) fn groups_bytes(&self) -> usize {
        self.keys.groups.bytes() + self.hold.as_ref().map_or(0, |hold| hold.groups.bytes())
    }

    /// Whether anything is asked for.
    pub(super) fn any(&self) -> bool {
        !self.keys.is_empty() || self.number.is_some() || self.session.is_some() || self.hold.is_some()
    }

    /// That of a row.
    pub(super) fn detail(&self, bound: &BoundColumns<'_>, row: usize, groups: &mut GroupCache) -> Detail {
        let hold = self.hold.as_ref().map(|hold| groups.hold(hold, hold.event_values(&bound.hold, row)));
        Detail {
            values: self.keys.event_values(&bound.keys, row),
            number: bound.number.as_ref().map_or(f64::NAN, |number| number.of(row)),
            session: bound.session.as_ref().map_or(0, |session| session.of(row)),
            hold: hold.unwrap_or(0),
        }
    }

    /// Adds those of an event of which `bound` says where it is.
    pub(super) fn add(&self, details: &mut Details, bound: &BoundColumns<'_>, row: usize, groups: &mut GroupCache) {
        let detail = self.detail(bound, row, groups);
        if !self.keys.is_empty() {
            details.values.push(detail.values);
        }
        details.numbers.extend(self.number.as_ref().map(|_| detail.number));
        details.sessions.extend(self.session.as_ref().map(|_| detail.session));
        details.holds.extend(self.hold.as_ref().map(|_| detail.hold));
    }

    /// Those of rows of a part, which rise; the codes of one column are known.
    pub(super) fn of_rows(
        &self,
        bound: &BoundColumns<'_>,
        rows: &[u32],
        known: (&Ints<'_, u32>, &[u32]),
        details: &mut Details,
        groups: &mut GroupCache,
    ) {
        if !self.keys.is_empty() {
            details.values.extend(rows.iter().map(|row| self.keys.event_values(&bound.keys, *row as usize)));
        }
        if let Some(hold) = &self.hold {
            let hold = |row: &u32| groups.hold(hold, hold.event_values(&bound.hold, *row as usize));
            details.holds.extend(rows.iter().map(hold));
        }
        bound.number.iter().for_each(|number| number.of_rows(rows, known, &mut details.numbers));
        bound.session.iter().for_each(|session| session.of_rows(rows, known, &mut details.sessions));
    }

    /// Those of a block's entries.
    pub(super) fn of_block(&self, bound: &BoundColumns<'_>, block: &mut Block, groups: &mut GroupCache) {
        let mut details = std::mem::take(&mut block.details);
        details.clear();
        if !self.keys.is_empty() && !self.keys.of_users_only() && !self.keys.single_event() {
            self.keys.of_block(&bound.keys, block, &mut details.values);
        }
        if let Some(hold) = &self.hold {
            let mut values = Vec::new();
            hold.of_block(&bound.hold, block, &mut values);
            details.holds.extend(values.into_iter().map(|values| groups.hold(hold, values)));
        }
        bound.number.iter().for_each(|number| number.of_block(block, &mut details.numbers));
        bound.session.iter().for_each(|session| session.of_block(block, &mut details.sessions));
        block.details = details;
    }
}

impl BoundColumns<'_> {
    /// Shows what is read for them of a part, as it is encoded.
    pub(super) fn encoded(&self, see: &mut dyn FnMut(&[u8])) {
        self.keys.iter().chain(&self.hold).flatten().for_each(|(codes, own)| {
            codes.encoded(see);
            own.iter().for_each(|(values, _)| values.encoded(see));
        });
        self.number.iter().for_each(|number| number.encoded(see));
        self.session.iter().for_each(|session| session.encoded(see));
    }
}

impl Details {
    pub(super) fn clear(&mut self) {
        self.values.clear();
        self.numbers.clear();
        self.sessions.clear();
        self.holds.clear();
    }

    /// The memory that they take, in bytes.
    pub(super) fn bytes(&self) -> usize {
        let values = self.values.len() * size_of::<[ValueId; KEYS]>();
        values + 8 * (self.numbers.len() + self.sessions.len()) + 4 * self.holds.len()
    }

    /// Those of event `at`.
    pub(super) fn get(&self, at: usize) -> Detail {
        Detail {
            values: self.values.get(at).copied().unwrap_or_default(),
            number: self.numbers.get(at).copied().unwrap_or(f64::NAN),
            session: self.sessions.get(at).copied().unwrap_or(0),
            hold: self.holds.get(at).copied().unwrap_or(0),
        }
    }

    /// Those of the events at `order`, in that order.
    pub(super) fn permute(&mut self, order: &[u32]) {
        self.values = permuted(&self.values, order);
        self.numbers = permuted(&self.numbers, order);
        self.sessions = permuted(&self.sessions, order);
        self.holds = permuted(&self.holds, order);
    }
}

/// The values at `order`, in that order; none where there are none.
pub(super) fn permuted<T: Copy>(values: &[T], order: &[u32]) -> Vec<T> {
    if values.is_empty() { Vec::new() } else { order.iter().map(|at| values[*at as usize]).collect() }
}

/// A session of one of a person's user ids, told from those of the others.
pub(super) fn session_of_member(session: u64, member: u32) -> u64 {
    if session == 0 { 0 } else { FixedState::default().hash_one((session, member)).max(1) }
}

//! What a query sees: the parts, the relevant events of the tails, and the users, all of one instant.

use std::sync::Arc;

use cairn_analysis::{GroupKey, Groups, StoreError, ValueId};
use cairn_model::{Condition, Position, Predicate, decode_value};

use super::{Hit, KEYS};
use crate::{
    column::{Codes, ColumnView},
    part::Part,
    predicate::{Node, compile, user_conditions},
    project::Project,
    tail::Tail,
    users::Users,
};

/// Which events a query wants, and what of them.
pub(crate) struct Scan<'q> {
    pub(crate) predicate: &'q Predicate,
    /// `[from, to)`, in milliseconds.
    pub(crate) from: i64,
    pub(crate) to: i64,
    pub(crate) keys: &'q [GroupKey],
    pub(crate) groups: &'q Groups,
}

/// One instant of a project.
pub(crate) struct Snapshot {
    pub(crate) parts: Vec<Arc<Part>>,
    pub(crate) users: Arc<Users>,
    /// The relevant events of the tails, by user and order.
    pub(crate) hits: Vec<Hit>,
    pub(crate) expiry: i64,
    pub(crate) positions: Vec<Position>,
    /// Rows of the tails.
    pub(crate) tail_rows: usize,
    pub(crate) conditions: Vec<(String, Condition)>,
}

impl Snapshot {
    /// The snapshot of `project` for `scan`.
    pub(crate) fn take(project: &Project, positions: Vec<Position>, scan: &Scan<'_>) -> Result<Self, StoreError> {
        let mut snapshot = Self {
            parts: project.parts.clone(),
            users: project.users.clone(),
            hits: Vec::new(),
            expiry: project.expiry(),
            positions,
            tail_rows: 0,
            conditions: user_conditions(scan.predicate),
        };
        for tail in project.tails() {
            snapshot.tail_rows += tail.rows();
            snapshot.gather_tail(tail, scan)?;
        }
        snapshot.hits.sort_unstable_by_key(|hit| (hit.user, hit.order()));
        Ok(snapshot)
    }

    /// Bit `i` says whether condition `i` holds for the person of `user`.
    pub(crate) fn truths(&self, user: u64) -> u64 {
        self.conditions.iter().enumerate().fold(0, |truths, (bit, (name, condition))| {
            truths | u64::from(condition.matches(self.users.property(user, name))) << bit
        })
    }

    /// Whether a predicate of conditions on users holds for the person of `user`.
    pub(crate) fn user_holds(&self, user: u64, predicate: &Predicate) -> bool {
        match predicate {
            Predicate::All(parts) => parts.iter().all(|part| self.user_holds(user, part)),
            Predicate::Any(parts) => parts.iter().any(|part| self.user_holds(user, part)),
            Predicate::Not(part) => !self.user_holds(user, part),
            Predicate::User(name, condition) => condition.matches(self.users.property(user, name)),
            _ => false,
        }
    }

    fn gather_tail(&mut self, tail: &Tail, scan: &Scan<'_>) -> Result<(), StoreError> {
        let node = compile(scan.predicate, &mut |name| Ok::<_, StoreError>(tail.column(name)), &mut 0)?;
        let keys = key_columns(scan, &mut |name| Ok(tail.column(name)))?;
        let from = scan.from.max(self.expiry);
        for row in 0..tail.rows() {
            let (user, time) = (tail.users[row], tail.times[row]);
            if time < from || time >= scan.to {
                continue;
            }
            if self.users.erased_at(user).is_some_and(|at| tail.received[row] <= at) {
                continue;
            }
            let truths = if self.conditions.is_empty() { 0 } else { self.truths(user) };
            if node.holds(row, tail.kinds[row], truths) {
                let values = key_values(&keys, row);
                self.hits.push(Hit { user, time, event_id: tail.event_ids[row], values });
            }
        }
        Ok(())
    }
}

/// A group-by key's column with the id of each code's value; nothing for a key on users.
pub(super) type KeyColumn<'a> = Option<(Codes<'a>, Vec<ValueId>)>;

pub(super) fn key_columns<'a>(
    scan: &Scan<'_>,
    column: &mut dyn FnMut(&str) -> Result<Option<ColumnView<'a>>, StoreError>,
) -> Result<Vec<KeyColumn<'a>>, StoreError> {
    scan.keys
        .iter()
        .map(|key| {
            let GroupKey::Event(name) = key else {
                return Ok(None);
            };
            let Some(column) = column(name)? else {
                return Ok(None);
            };
            let values = column.dictionary.values().map(|bytes| scan.groups.value(decode_value(bytes).ok().as_ref()));
            Ok(Some((column.codes, std::iter::once(ValueId(0)).chain(values).collect())))
        })
        .collect()
}

#[inline]
pub(super) fn key_values(keys: &[KeyColumn<'_>], row: usize) -> [ValueId; KEYS] {
    let mut values = [ValueId(0); KEYS];
    for (value, key) in values.iter_mut().zip(keys) {
        if let Some((codes, ids)) = key {
            *value = ids[codes.get(row) as usize];
        }
    }
    values
}

/// A part, ready to be scanned.
pub(super) struct PartScan<'a> {
    pub(super) users: &'a [u64],
    pub(super) starts: &'a [u32],
    pub(super) times: &'a [i64],
    event_ids: &'a [u64],
    received: &'a [i64],
    kinds: &'a [u8],
    node: Node<'a>,
    keys: Vec<KeyColumn<'a>>,
    from: i64,
    to: i64,
}

impl<'a> PartScan<'a> {
    /// `None` where the part has nothing for the scan.
    pub(super) fn new(part: &'a Part, scan: &Scan<'_>, expiry: i64) -> Result<Option<Self>, StoreError> {
        let (first, last) = part.times_span();
        if first >= scan.to || last < scan.from.max(expiry) {
            return Ok(None);
        }
        let node = compile(scan.predicate, &mut |name| part.column(name), &mut 0)?;
        if matches!(node, Node::Never) {
            return Ok(None);
        }
        Ok(Some(Self {
            users: part.users()?,
            starts: part.starts()?,
            times: part.times()?,
            event_ids: part.event_ids()?,
            received: part.received()?,
            kinds: part.kinds()?,
            node,
            keys: key_columns(scan, &mut |name| part.column(name))?,
            from: scan.from.max(expiry),
            to: scan.to,
        }))
    }

    /// Appends the relevant events among the rows of user number `at`.
    #[inline]
    pub(super) fn hits(&self, at: usize, erased_at: Option<i64>, truths: u64, out: &mut Vec<Hit>) {
        let user = self.users[at];
        for row in self.starts[at] as usize..self.starts[at + 1] as usize {
            let time = self.times[row];
            if time < self.from || time >= self.to || !self.node.holds(row, self.kinds[row], truths) {
                continue;
            }
            if erased_at.is_some_and(|at| self.received[row] <= at) {
                continue;
            }
            out.push(Hit { user, time, event_id: self.event_ids[row], values: key_values(&self.keys, row) });
        }
    }
}

//! The order of lists of people.

use std::{
    cmp::{Ordering, Reverse},
    collections::{BinaryHeap, HashMap, binary_heap::PeekMut},
    slice,
};

use cairn_analysis::{
    Budget, Groups, Held, Question, Seen, SeenKernel, SortKey, SortPlan, StoreError, TimeRange, Touched, Wanted,
};
use cairn_model::{Position, Value, decode_value};

use super::Named;
use crate::{
    project::Project,
    scan::{Scans, Snapshot},
    users::{UserColumn, Users},
};

/// So many values are sorted at once ...
const RUN: usize = 1 << 14;
/// ... and after so many the clock is looked at.
const VALUES_PER_LOOK: usize = 1 << 12;

/// What an order needs of a project, of one instant.
pub(crate) struct TakenOrder<'q> {
    plan: Option<&'q SortPlan>,
    /// Of the events that it is by.
    snapshot: Option<Snapshot<'q>>,
    held: Held<'q>,
}

/// The order of a list.
pub(crate) struct Order<'q> {
    /// Without, by handle.
    plan: Option<&'q SortPlan>,
    /// By the first user number of each person who has events.
    seen: HashMap<u32, Seen>,
    held: Held<'q>,
}

/// Somebody who is listed.
pub(super) struct Entry {
    /// What the list is in the order of; nothing where that is the handle, or it is missing.
    pub(super) key: Option<i64>,
    pub(super) named: Named,
    pub(super) number: u32,
}

impl<'q> TakenOrder<'q> {
    /// The groups are those of no keys.
    pub(crate) fn take(
        project: &Project,
        positions: &[Position],
        plan: Option<&'q SortPlan>,
        (groups, budget): (&'q Groups, &'q Budget),
    ) -> Result<Self, StoreError> {
        let of_events = plan.filter(|plan| plan.by.is_of_events());
        let snapshot = of_events.map(|plan| {
            let range = TimeRange { from: i64::MIN, to: plan.as_of.0.saturating_add(1) };
            let question = Question { predicates: vec![&plan.events], range, wanted: Wanted::keys(&[], groups) };
            Snapshot::take(project, positions.to_vec(), &question, budget)
        });
        Ok(Self { plan, snapshot: snapshot.transpose()?, held: budget.hold() })
    }

    /// Scans the events, if it is by them. Also says what was looked at.
    pub(crate) fn find(self) -> Result<(Order<'q>, Touched), StoreError> {
        let Self { plan, snapshot, mut held } = self;
        let (mut seen, mut touched) = (HashMap::new(), Touched::default());
        if let Some(snapshot) = &snapshot {
            let scans = Scans::new(snapshot, &SeenKernel)?;
            for (at, (user, of_user)) in scans.answer(&SeenKernel)?.into_iter().enumerate() {
                snapshot.budget.check_at(at)?;
                seen.insert(user, of_user);
            }
            touched = scans.touched();
            held.set(seen.capacity() * size_of::<(u32, Seen)>());
        }
        Ok((Order { plan, seen, held }, touched))
    }
}

impl Order<'_> {
    fn by(&self) -> &SortKey {
        self.plan.map_or(&SortKey::Handle, |plan| &plan.by)
    }

    /// When a user's person was there, where the order is by that.
    pub(super) fn seen(&self, users: &Users, number: u32) -> Result<Option<Seen>, StoreError> {
        if !self.by().is_of_events() {
            return Ok(None);
        }
        let first = users.person_of(number)?.first().copied();
        Ok(Some(first.and_then(|first| self.seen.get(&first)).copied().unwrap_or_default()))
    }

    /// What says of users what the list is in the order of.
    pub(super) fn keys<'u>(
        &'u self,
        users: &'u Users,
    ) -> Result<impl Fn(u32) -> Result<Option<i64>, StoreError> + 'u, StoreError> {
        let column = match self.by() {
            SortKey::User(name) => {
                let column = users.column(name)?;
                let ranks = Ranks::of(&column, self.held.budget())?;
                Some((column, ranks))
            }
            _ => None,
        };
        Ok(move |number| {
            if let Some((column, ranks)) = &column {
                return Ok(ranks.get(column.code(number)));
            }
            let seen = self.seen(users, number)?;
            Ok(seen.and_then(|seen| match self.by() {
                SortKey::FirstSeen => seen.first.map(|time| time.0),
                SortKey::LastSeen => seen.last.map(|time| time.0),
                _ => Some(seen.events as i64),
            }))
        })
    }

    /// Who comes first.
    pub(super) fn compare(&self, a: &Entry, b: &Entry) -> Ordering {
        let turned =
            |order: Ordering| if self.plan.is_some_and(|plan| plan.descending) { order.reverse() } else { order };
        let by_key = match self.by() {
            SortKey::Handle => a.named.0.cmp(&b.named.0).then_with(|| turned(a.named.1.cmp(&b.named.1))),
            _ => a.key.is_none().cmp(&b.key.is_none()).then_with(|| turned(a.key.cmp(&b.key))),
        };
        by_key.then_with(|| a.named.cmp(&b.named))
    }
}

/// The values of a column in order.
struct Ranks<'b> {
    /// By code: the value's place among all.
    by_code: Vec<i64>,
    held: Held<'b>,
}

impl<'b> Ranks<'b> {
    fn of(column: &UserColumn, budget: &'b Budget) -> Result<Self, StoreError> {
        let mut ranks = Self { by_code: vec![0; column.len() + 1], held: budget.hold() };
        let mut values = Vec::with_capacity(column.len());
        ranks.holds(values.capacity() * size_of::<(Value<'_>, u32)>());
        for code in 1..=column.len() as u32 {
            ranks.step(code as usize)?;
            values.extend(column.value(code).and_then(|bytes| decode_value(bytes).ok()).map(|value| (value, code)));
        }
        // In runs, so that it can be stopped between them.
        for run in values.chunks_mut(RUN) {
            budget.check()?;
            run.sort_unstable();
        }
        ranks.merge(values.chunks(RUN).map(<[_]>::iter).collect())?;
        ranks.holds(0);
        Ok(ranks)
    }

    /// Takes the values of several runs, each in order.
    fn merge(&mut self, mut runs: Vec<slice::Iter<'_, (Value<'_>, u32)>>) -> Result<(), StoreError> {
        let firsts = runs.iter_mut().enumerate().filter_map(|(run, values)| Some(Reverse((values.next()?, run))));
        let (mut least, mut rank) = (firsts.collect::<BinaryHeap<_>>(), 0);
        while let Some(mut next) = least.peek_mut() {
            self.step(rank as usize)?;
            let Reverse(((_, code), run)) = *next;
            self.by_code[*code as usize] = rank;
            rank += 1;
            match runs[run].next() {
                Some(value) => next.0.0 = value,
                None => drop(PeekMut::pop(next)),
            }
        }
        Ok(())
    }

    fn get(&self, code: u32) -> Option<i64> {
        self.by_code.get(code as usize).copied().filter(|_| code != 0)
    }

    fn holds(&mut self, more_bytes: usize) {
        self.held.set(size_of_val(&self.by_code[..]) + more_bytes);
    }

    /// Fails if the budget is over, which is asked for once in a while.
    fn step(&self, at: usize) -> Result<(), StoreError> {
        if at.is_multiple_of(VALUES_PER_LOOK) { Ok(self.held.budget().check()?) } else { Ok(()) }
    }
}

//! Segments and lists of users by their definitions.

use std::collections::BTreeSet;

use cairn_analysis::{
    LeafKind, Listed, PersonRow, Seen, SegmentLeaf, SegmentPlan, SegmentTree, SortKey, SortPlan, UsersAnswer, UsersPlan,
};
use cairn_model::{Event, EventKind, Message, TimeMs, UserId, Value};

use super::{Oracle, Person};

impl Oracle {
    /// The same of the people of a segment alone.
    pub(super) fn within(&self, segment: Option<&SegmentPlan>) -> Self {
        let Some(plan) = segment else { return self.clone() };
        Self { messages: self.messages.clone(), only: Some(self.people_of(plan)) }
    }

    /// The people of a segment.
    pub(super) fn people_of(&self, plan: &SegmentPlan) -> BTreeSet<Person> {
        let everybody: BTreeSet<Person> = self.user_ids().into_iter().map(|user| self.person(user)).collect();
        let histories = self.histories(plan.as_of);
        let holds = |person: &Person| {
            let events = histories.get(person).map_or(&[][..], Vec::as_slice);
            self.is_in(person, events, plan, &plan.tree)
        };
        let is_seen = |person: &Person| self.only.as_ref().is_none_or(|only| only.contains(person));
        everybody.into_iter().filter(|person| is_seen(person) && holds(person)).collect()
    }

    fn is_in(&self, person: &Person, events: &[&Event<'static>], plan: &SegmentPlan, tree: &SegmentTree) -> bool {
        let part = |part: &SegmentTree| self.is_in(person, events, plan, part);
        match tree {
            SegmentTree::All(parts) => parts.iter().all(part),
            SegmentTree::Any(parts) => parts.iter().any(part),
            SegmentTree::Not(other) => !part(other),
            SegmentTree::User(predicate) => {
                let (nothing, properties) = (Event::new(1, 1, 0, EventKind::Session), self.properties(person));
                predicate.matches(&nothing, &|name| properties.get(name))
            }
            SegmentTree::Did(leaf) => self.did(person, events, plan, &plan.leaves[*leaf]),
            SegmentTree::List(listed) => listed.iter().any(|one| match one {
                Listed::Handle(handle) => *person == Person::Handle(handle.clone()),
                Listed::User(id) => self.person(*id) == *person,
            }),
        }
    }

    fn did(&self, person: &Person, events: &[&Event<'static>], plan: &SegmentPlan, leaf: &SegmentLeaf) -> bool {
        let properties = self.properties(person);
        let is = |event: &Event<'_>, number: usize| plan.events[number].matches(event, &|name| properties.get(name));
        let inside = |event: &Event<'_>| event.time.0 >= leaf.from && event.time.0 < leaf.to;
        let done: Vec<usize> = (0..events.len()).filter(|at| is(events[*at], leaf.event)).collect();
        let counted: Vec<usize> = done.iter().copied().filter(|at| inside(events[*at])).collect();
        match leaf.kind {
            LeafKind::Times(least, most) => (least..=most).contains(&(counted.len() as u64)),
            LeafKind::First => done.first().is_some_and(|at| inside(events[*at])),
            LeafKind::Then(then, within_ms) => counted.iter().any(|at| {
                let in_time = |later: &&Event<'_>| later.time.0 - events[*at].time.0 <= within_ms;
                events[at + 1..].iter().any(|later| in_time(later) && is(later, then))
            }),
        }
    }

    /// Everybody of whom there is a message, erased or not.
    fn user_ids(&self) -> BTreeSet<UserId> {
        let users = self.messages.iter().flat_map(|message| match message {
            Message::Event(event) => vec![event.user_id],
            Message::SetUserProperties { user_id, .. }
            | Message::Identify { user_id, .. }
            | Message::Unidentify { user_id, .. } => vec![*user_id],
            Message::Erase { user_ids, .. } => user_ids.clone(),
            Message::Expire { .. } => Vec::new(),
        });
        users.collect()
    }

    /// Everybody, as people are listed.
    pub(super) fn people(&self) -> Vec<(Person, PersonRow)> {
        let there = self.known_users();
        let rows = self.universe().into_iter().map(|person| {
            let user_ids = there.iter().copied().filter(|user| self.person(*user) == person).collect();
            let properties = self.properties(&person);
            let handle = if let Person::Handle(handle) = &person { Some(handle.clone()) } else { None };
            (person, PersonRow { handle, user_ids, properties, seen: None })
        });
        rows.collect()
    }

    /// The answer to a list of users.
    pub(super) fn users(&self, plan: &UsersPlan) -> UsersAnswer {
        let rows = self.people().into_iter().map(|(person, row)| {
            let seen = plan.sort.by.is_of_events().then(|| self.seen(&person, &plan.sort));
            PersonRow { seen, ..row }
        });
        let wanted = |row: &PersonRow| {
            plan.search.as_ref().is_none_or(|search| {
                row.handle.as_ref().is_some_and(|handle| handle.contains(search))
                    || row.user_ids.iter().any(|user| user.to_string() == *search)
            })
        };
        let mut rows: Vec<PersonRow> = rows.filter(wanted).collect();
        rows.sort_by_key(|row| (row.handle.is_none(), row.handle.clone(), row.user_ids.first().copied()));
        sort(&mut rows, &plan.sort);
        let total = rows.len() as u64;
        let mut users: Vec<PersonRow> = rows.into_iter().skip(plan.offset).take(plan.limit).collect();
        if let Some(names) = &plan.properties {
            users.iter_mut().for_each(|row| row.properties.retain(|name, _| names.contains(name)));
        }
        UsersAnswer { total, users }
    }
}

impl Oracle {
    /// When somebody was there.
    fn seen(&self, person: &Person, sort: &SortPlan) -> Seen {
        let mut events: Vec<&Event<'static>> = self.events();
        events.retain(|event| self.person(event.user_id) == *person && event.time <= sort.as_of);
        events.retain(|event| sort.events.matches(event, &|_| None));
        let times = || events.iter().map(|event| event.time);
        Seen { first: times().min(), last: times().max(), events: events.len() as u64 }
    }
}

/// Puts people, who are in the order of their handles, in another one: those who have a value first.
fn sort(people: &mut [PersonRow], sort: &SortPlan) {
    let time = |time: Option<TimeMs>| time.map(|time| Value::Number(time.0 as f64));
    let value = |row: &PersonRow| {
        let seen = row.seen.unwrap_or_default();
        match &sort.by {
            SortKey::Handle => row.handle.clone().map(Value::from),
            SortKey::User(name) => row.properties.get(name).cloned(),
            SortKey::FirstSeen => time(seen.first),
            SortKey::LastSeen => time(seen.last),
            SortKey::Events => Some(Value::Number(seen.events as f64)),
        }
    };
    people.sort_by(|a, b| match (value(a), value(b)) {
        (Some(a), Some(b)) if sort.descending => b.cmp(&a),
        (Some(a), Some(b)) => a.cmp(&b),
        (a, b) => b.is_some().cmp(&a.is_some()),
    });
}

//! The naive oracle: what messages mean, by plain loops over a list. Too simple to be wrong, and slow.

mod funnel;
mod graphs;
mod numbers;
mod paths;
mod retention;
mod segment;
mod stream;

use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
};

use cairn_analysis::{Body, GraphAnswer, GraphPlan, KeyPlan, Ledger, Measure, Number, Plan, Series, Totals};
use cairn_model::{Event, Message, Predicate, TimeMs, UserId, Value};

pub use funnel::{Happening, funnel};

/// All messages of one project, in log order.
#[derive(Clone, Debug, Default)]
pub struct Oracle {
    /// The messages.
    pub messages: Vec<Message<'static>>,
    /// Only these people's events are seen, and only they are there; nothing where everybody is.
    pub only: Option<BTreeSet<Person>>,
}

/// A person: a handle, or a user id that belongs to none.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Person {
    /// Identified.
    Handle(String),
    /// Not identified.
    User(u64),
}

/// Something that a graph counts.
struct Fact {
    person: Person,
    group: Group,
    bucket: usize,
    /// The original user id, and the session's id.
    session: Option<(UserId, Value<'static>)>,
}

/// What is grouped by, of whom it is known.
enum Key<'p> {
    Event(&'p str),
    User(&'p str),
    /// These people.
    Segment(BTreeSet<Person>),
}

/// One value for each group-by key; nothing where it is missing.
pub type Group = Vec<Option<Value<'static>>>;

impl Oracle {
    /// The events that stand: the first of each (user, event id), unless erased or expired.
    pub fn events(&self) -> Vec<&Event<'static>> {
        self.firsts()
            .into_iter()
            .filter(|event| !self.erased(event.user_id, event.received_at) && !self.expired(event))
            .filter(|event| self.only.as_ref().is_none_or(|only| only.contains(&self.person(event.user_id))))
            .collect()
    }

    /// Where every event went.
    pub fn ledger(&self) -> Ledger {
        let mut ledger = Ledger { accepted: self.all_events().count() as u64, ..Ledger::default() };
        let firsts = self.firsts();
        ledger.duplicate = ledger.accepted - firsts.len() as u64;
        for event in firsts {
            if self.erased(event.user_id, event.received_at) {
                ledger.erased += 1;
            } else if self.expired(event) {
                ledger.expired += 1;
            } else {
                ledger.stored += 1;
            }
        }
        ledger
    }

    fn all_events(&self) -> impl Iterator<Item = &Event<'static>> {
        self.messages.iter().filter_map(|message| match message {
            Message::Event(event) => Some(event),
            _ => None,
        })
    }

    fn firsts(&self) -> Vec<&Event<'static>> {
        let mut seen = BTreeSet::new();
        self.all_events().filter(|event| seen.insert((event.user_id, event.event_id))).collect()
    }

    fn erased(&self, user: UserId, received_at: TimeMs) -> bool {
        self.messages.iter().any(|message| match message {
            Message::Erase { user_ids, at } => user_ids.contains(&user) && received_at <= *at,
            _ => false,
        })
    }

    fn expired(&self, event: &Event<'_>) -> bool {
        self.messages.iter().any(|message| match message {
            Message::Expire { before } => event.time < *before,
            _ => false,
        })
    }

    /// The handle that a user id belongs to.
    pub fn handle(&self, user: UserId) -> Option<String> {
        let mut standing = Vec::new();
        for message in &self.messages {
            if let Message::Identify { user_id, handle, time, received_at } = message
                && *user_id == user
                && !self.erased(user, *received_at)
                && !self.revoked(user, handle, *time)
            {
                standing.push((*time, handle.clone()));
            }
        }
        standing.into_iter().min().map(|(_, handle)| handle)
    }

    fn revoked(&self, user: UserId, identified_as: &str, identified_at: TimeMs) -> bool {
        self.messages.iter().any(|message| match message {
            Message::Unidentify { user_id, handle, time, received_at } => {
                *user_id == user
                    && handle == identified_as
                    && identified_at <= *time
                    && !self.erased(user, *received_at)
            }
            _ => false,
        })
    }

    /// Who a user id is.
    pub fn person(&self, user: UserId) -> Person {
        self.handle(user).map_or(Person::User(user.get()), Person::Handle)
    }

    /// The current value of a person's property.
    pub fn property(&self, person: &Person, name: &str) -> Option<Value<'static>> {
        let (mut set_by, mut once_by) = (Vec::new(), Vec::new());
        for message in &self.messages {
            if let Message::SetUserProperties { user_id, time, received_at, set, set_once } = message
                && self.person(*user_id) == *person
                && !self.erased(*user_id, *received_at)
            {
                set_by.extend(set.get(name).map(|value| (*time, value.clone())));
                once_by.extend(set_once.get(name).map(|value| (*time, value.clone())));
            }
        }
        set_by.into_iter().max().or(once_by.into_iter().min()).map(|(_, value)| value)
    }

    /// Everybody with an event that stands, or another message that is not erased.
    pub fn universe(&self) -> BTreeSet<Person> {
        let people = self.known_users().into_iter().map(|user| self.person(user));
        people.filter(|person| self.only.as_ref().is_none_or(|only| only.contains(person))).collect()
    }

    /// The user ids with an event that stands, or another message that is not erased.
    fn known_users(&self) -> BTreeSet<UserId> {
        let mut users: BTreeSet<UserId> = self.events().iter().map(|event| event.user_id).collect();
        for message in &self.messages {
            if let Message::SetUserProperties { user_id, received_at, set, set_once, .. } = message
                && !self.erased(*user_id, *received_at)
                && !(set.is_empty() && set_once.is_empty())
            {
                users.insert(*user_id);
            }
            if let Message::Identify { user_id, received_at, .. } | Message::Unidentify { user_id, received_at, .. } =
                message
                && !self.erased(*user_id, *received_at)
            {
                users.insert(*user_id);
            }
        }
        users
    }

    /// The answer to any question, without the sentences in it.
    pub fn answer(&self, plan: &Plan) -> Body {
        match plan {
            Plan::Graph(plan) => Body::Graph(self.graph(plan)),
            Plan::Graphs(plan) => Body::Graphs(self.within(plan.segment.as_ref()).graphs(plan)),
            Plan::Funnel(plan) => Body::Funnel(self.funnel(plan)),
            Plan::Retention(plan) => Body::Retention(self.within(plan.segment.as_ref()).retention(plan)),
            Plan::Stickiness(plan) => Body::Stickiness(self.within(plan.segment.as_ref()).stickiness(plan)),
            Plan::Lifecycle(plan) => Body::Lifecycle(self.within(plan.segment.as_ref()).lifecycle(plan)),
            Plan::Paths(plan) => Body::Paths(self.within(plan.segment.as_ref()).paths(plan)),
            Plan::Pairs(plan) => Body::Pairs(self.within(plan.segment.as_ref()).pairs(plan)),
            Plan::Users(plan) => Body::Users(self.within(plan.segment.as_ref()).users(plan)),
            Plan::Stream(plan) => Body::Stream(self.stream(plan)),
            // The people behind a number are as many as it says, which is how they are checked.
            Plan::People(plan) => self.answer(&plan.of),
        }
    }

    /// The answer to a graph.
    pub fn graph(&self, plan: &GraphPlan) -> GraphAnswer {
        self.within(plan.segment.as_ref()).graph_of_all(plan)
    }

    fn graph_of_all(&self, plan: &GraphPlan) -> GraphAnswer {
        if let (Some(event), Some(property)) = (&plan.event, plan.measure.property()) {
            return self.numbers(plan, event, property);
        }
        let facts = match &plan.event {
            Some(predicate) => self.facts(plan, predicate),
            None => self.user_facts(plan),
        };
        let groups: BTreeSet<&Group> = facts.iter().map(|fact| &fact.group).collect();
        let mut ranked: Vec<(Number, Group)> = groups
            .into_iter()
            .map(|group| (totals(plan, facts.iter().filter(|fact| fact.group == *group)).total, group.clone()))
            .collect();
        ranked.sort_by(|a, b| descending(&a.0, &b.0).then(a.1.cmp(&b.1)));
        let kept: Vec<Group> = ranked.iter().take(plan.top).map(|(_, group)| group.clone()).collect();
        let mut series: Vec<Series> = kept
            .iter()
            .map(|group| Series {
                group: Some(group.clone()),
                other: false,
                totals: totals(plan, facts.iter().filter(|fact| fact.group == *group)),
            })
            .collect();
        if ranked.len() > plan.top {
            let rest = totals(plan, facts.iter().filter(|fact| !kept.contains(&fact.group)));
            series.push(Series { group: None, other: true, totals: rest });
        }
        if series.is_empty() && plan.group_by.is_empty() {
            series.push(Series { group: Some(Vec::new()), other: false, totals: totals(plan, facts.iter()) });
        }
        let total = totals(plan, facts.iter());
        GraphAnswer { buckets: plan.buckets.names.clone(), series, total, ..GraphAnswer::default() }
    }

    fn facts(&self, plan: &GraphPlan, predicate: &Predicate) -> Vec<Fact> {
        let (mut facts, keys) = (Vec::new(), self.keys(&plan.group_by));
        for event in self.events() {
            if event.time < plan.buckets.starts[0] || event.time >= plan.buckets.end || event.time > plan.as_of {
                continue;
            }
            let person = self.person(event.user_id);
            let properties = self.properties(&person);
            if predicate.matches(event, &|name| properties.get(name)) {
                let bucket = (0..plan.buckets.len()).rev().find(|i| plan.buckets.starts[*i] <= event.time).unwrap_or(0);
                let session = event.properties.get("session_id").map(|session| (event.user_id, session.clone()));
                if session.is_some() || plan.measure != Measure::Sessions {
                    let group = group(&keys, event, (&person, &properties));
                    facts.push(Fact { person, group, bucket, session });
                }
            }
        }
        facts
    }

    fn user_facts(&self, plan: &GraphPlan) -> Vec<Fact> {
        let nothing = Event::new(1, 1, 0, cairn_model::EventKind::Session);
        let (mut facts, keys) = (Vec::new(), self.keys(&plan.group_by));
        for person in self.universe() {
            let properties = self.properties(&person);
            let holds = |predicate: &Predicate| predicate.matches(&nothing, &|name| properties.get(name));
            if plan.users.as_ref().is_none_or(holds) {
                let group = group(&keys, &nothing, (&person, &properties));
                facts.push(Fact { person, group, bucket: 0, session: None });
            }
        }
        facts
    }

    fn keys<'p>(&self, keys: &'p [KeyPlan]) -> Vec<Key<'p>> {
        let key = |key: &'p KeyPlan| match key {
            KeyPlan::Event(name) => Key::Event(name),
            KeyPlan::User(name) => Key::User(name),
            KeyPlan::Segment(plan) => Key::Segment(self.people_of(plan)),
        };
        keys.iter().map(key).collect()
    }

    fn properties(&self, person: &Person) -> BTreeMap<String, Value<'static>> {
        let mut names = BTreeSet::new();
        for message in &self.messages {
            if let Message::SetUserProperties { set, set_once, .. } = message {
                names.extend(set.iter().chain(set_once.iter()).map(|(name, _)| name.to_owned()));
            }
        }
        names.into_iter().filter_map(|name| Some((name.clone(), self.property(person, &name)?))).collect()
    }
}

/// The greater one first, nothing last.
fn descending(a: &Number, b: &Number) -> Ordering {
    b.value().partial_cmp(&a.value()).unwrap_or(Ordering::Equal)
}

fn group(
    keys: &[Key<'_>],
    event: &Event<'static>,
    (person, properties): (&Person, &BTreeMap<String, Value<'static>>),
) -> Group {
    let value = |key: &Key<'_>| match key {
        Key::Event(name) => event.properties.get(name).cloned(),
        Key::User(name) => properties.get(*name).cloned(),
        Key::Segment(people) => Some(Value::Bool(people.contains(person))),
    };
    keys.iter().map(value).collect()
}

fn totals<'a>(plan: &GraphPlan, facts: impl Iterator<Item = &'a Fact> + Clone) -> Totals {
    let number = |facts: Vec<&Fact>| {
        let users = facts.iter().map(|fact| &fact.person).collect::<BTreeSet<_>>().len() as u64;
        match plan.measure {
            Measure::Users => Number::Count(users),
            Measure::Sessions => {
                Number::Count(facts.iter().map(|fact| &fact.session).collect::<BTreeSet<_>>().len() as u64)
            }
            Measure::CountPerUser if users == 0 => Number::Nothing,
            Measure::CountPerUser => Number::Real(facts.len() as f64 / users as f64),
            _ => Number::Count(facts.len() as u64),
        }
    };
    let values =
        (0..plan.buckets.len()).map(|bucket| number(facts.clone().filter(|fact| fact.bucket == bucket).collect()));
    Totals { values: values.collect(), total: number(facts.clone().collect()), trailing: Vec::new() }
}

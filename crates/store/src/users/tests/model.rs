//! Users against plain loops over all states.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use cairn_model::{Message, UserState, Value, decode_value};
use cairn_testkit::generate;
use proptest::{collection::vec, prelude::*};

use super::*;

#[derive(Clone, Debug)]
enum Step {
    Apply(Message<'static>),
    Freeze,
    /// Publishes what was frozen first.
    Publish,
    /// Merges so many files from that one on.
    Merge(usize, usize),
    /// Publishes everything and opens the files again.
    Reopen,
    /// Asks for one property's column and for the special users.
    Look(&'static str),
    /// Keeps a clone, to be looked at in the end.
    Clone,
    /// Looks at everything.
    Check,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        60 => generate::message().prop_map(Step::Apply),
        4 => Just(Step::Freeze),
        4 => Just(Step::Publish),
        2 => (0..4_usize, 1..4_usize).prop_map(|(from, count)| Step::Merge(from, count)),
        1 => Just(Step::Reopen),
        4 => proptest::sample::select(vec!["p", "q", "plan", "never"]).prop_map(Step::Look),
        1 => Just(Step::Clone),
        2 => Just(Step::Check),
    ]
}

/// What is known, in the simplest form.
#[derive(Clone, Debug, Default)]
pub(super) struct Model {
    /// By number.
    ids: Vec<u64>,
    states: BTreeMap<u64, UserState>,
}

impl Model {
    pub(super) fn apply(&mut self, message: &Message<'_>) {
        let (ids, changes) = match message {
            Message::Event(event) => (vec![event.user_id], false),
            Message::SetUserProperties { user_id, .. }
            | Message::Identify { user_id, .. }
            | Message::Unidentify { user_id, .. } => (vec![*user_id], true),
            Message::Erase { user_ids, .. } => (user_ids.clone(), true),
            Message::Expire { .. } => (Vec::new(), false),
        };
        for id in ids {
            if !self.ids.contains(&id.get()) {
                self.ids.push(id.get());
            }
            if changes {
                self.states.entry(id.get()).or_default().apply(message);
            }
        }
    }

    fn state(&self, number: u32) -> Option<&UserState> {
        self.states.get(&self.ids[number as usize])
    }

    fn handle(&self, number: u32) -> Option<&str> {
        self.state(number)?.handle()
    }

    fn members(&self, number: u32) -> Vec<u32> {
        let same = |other: &u32| {
            *other == number || (self.handle(*other).is_some() && self.handle(*other) == self.handle(number))
        };
        (0..self.ids.len() as u32).filter(same).collect()
    }

    fn property(&self, number: u32, name: &str) -> Option<Value<'static>> {
        let members = self.members(number);
        UserState::property(members.iter().filter_map(|member| self.state(*member)), name).cloned()
    }

    /// Holds all that `users` says against this.
    pub(super) fn check(&self, users: &Users) {
        assert_eq!((users.len() as usize, users.ids().unwrap().len()), (self.ids.len(), self.ids.len()));
        assert_eq!((users.find(77).unwrap(), users.id(users.len()).unwrap()), (None, 0));
        let special = users.special().unwrap();
        let mut shared = BTreeSet::new();
        for number in 0..users.len() {
            let id = self.ids[number as usize];
            assert_eq!((users.id(number).unwrap(), users.find(id).unwrap()), (id, Some(number)));
            assert_eq!(users.state(number).unwrap().as_ref(), self.state(number));
            assert_eq!(users.handle(number).unwrap().as_deref(), self.handle(number));
            let erased_at = self.state(number).and_then(UserState::erased_at).map(|at| at.0);
            assert_eq!(users.erased_at(number), erased_at);
            let members = self.members(number);
            assert_eq!(users.person_of(number).unwrap(), members);
            assert_eq!(special.contains(number), members.len() > 1 || erased_at.is_some());
            let properties = UserState::properties(members.iter().filter_map(|member| self.state(*member)));
            assert_eq!(users.properties(number).unwrap(), properties);
            if members.len() > 1 {
                shared.insert(members);
            }
        }
        assert_eq!(users.shared_persons().unwrap().collect::<Vec<_>>(), shared.into_iter().collect::<Vec<_>>());
        assert_eq!(special.iter().count(), special.len());
        assert_eq!(special.len(), (0..users.len()).filter(|number| special.contains(*number)).count());
        let names: BTreeSet<String> =
            self.states.values().flat_map(UserState::property_names).map(str::to_owned).collect();
        assert_eq!(users.property_names().unwrap(), names);
        let known: Vec<_> = users.known().unwrap().map(Result::unwrap).collect();
        let of_model = (0..users.len()).filter_map(|number| Some((number, self.state(number)?.clone())));
        assert_eq!(known, of_model.collect::<Vec<_>>());
        ["p", "q", "plan", "bot", "never"].iter().for_each(|name| self.check_column(users, name));
    }

    fn check_column(&self, users: &Users, name: &str) {
        let column = users.column(name).unwrap();
        assert!(column.codes.len() <= users.len() as usize);
        let values: BTreeSet<&[u8]> = (1..=column.len() as u32).map(|code| column.value(code).unwrap()).collect();
        assert_eq!((values.len(), column.value(0)), (column.len(), None), "different codes, different values");
        for number in 0..users.len() {
            let value = column.value(column.code(number)).map(|bytes| decode_value(bytes).unwrap().into_owned());
            assert_eq!(value, self.property(number, name), "{name} of {number}");
            assert_eq!(users.property(number, name).unwrap(), value);
        }
    }
}

/// Users with what is being written, as a store has them.
#[derive(Default)]
struct World {
    users: Users,
    frozen: VecDeque<FrozenUsers>,
    files: usize,
}

impl World {
    fn name(&mut self) -> String {
        self.files += 1;
        format!("{}.users", self.files)
    }

    fn freeze(&mut self) {
        self.frozen.extend(self.users.freeze());
    }

    fn publish(&mut self) {
        if let Some(frozen) = self.frozen.pop_front() {
            let name = self.name();
            self.users.publish(open(&name, frozen.write(Vec::new()).unwrap()));
        }
    }

    fn merge(&mut self, from: usize, count: usize) {
        let files = self.users.files();
        let from = from.min(files.len());
        let old = files[from..(from + count).min(files.len())].to_vec();
        if !old.is_empty() {
            let name = self.name();
            let names: Vec<String> = old.iter().map(|file| file.name().to_owned()).collect();
            self.users.replace(&names, open(&name, merge(&old, Vec::new()).unwrap()));
        }
    }

    fn reopen(&mut self) {
        self.freeze();
        while !self.frozen.is_empty() {
            self.publish();
        }
        self.users = Users::open(self.users.files().to_vec()).unwrap();
    }
}

fn run(steps: Vec<Step>) {
    let (mut world, mut model, mut clones) = (World::default(), Model::default(), Vec::new());
    for step in steps {
        match step {
            Step::Apply(message) => {
                apply(&mut world.users, &message);
                model.apply(&message);
            }
            Step::Freeze => world.freeze(),
            Step::Publish => world.publish(),
            Step::Merge(from, count) => world.merge(from, count),
            Step::Reopen => world.reopen(),
            Step::Look(name) => {
                model.check_column(&world.users, name);
                // Of whatever instant, one after the other.
                clones.iter().for_each(|(users, model): &(Users, Model)| model.check_column(users, name));
                let special = world.users.special().unwrap();
                assert_eq!(special.is_empty(), world.users.special().unwrap().iter().next().is_none());
            }
            Step::Clone => clones.push((world.users.clone(), model.clone())),
            Step::Check => model.check(&world.users),
        }
    }
    model.check(&world.users);
    world.reopen();
    model.check(&world.users);
    world.merge(0, usize::MAX / 2);
    model.check(&world.users);
    clones.iter().for_each(|(users, model)| model.check(users));
}

proptest! {
    #[test]
    fn users_are_what_plain_loops_say(steps in vec(step(), 0..150)) {
        run(steps);
    }
}

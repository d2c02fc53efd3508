//! Users and the persons that they belong to.

use std::{collections::BTreeSet, sync::Arc};

use cairn_model::{Properties, UserState, Value};
use foldhash::fast::FixedState;
use hashbrown::HashMap;

/// What is known of a project's users. Cloning is cheap enough to do once while a query looks at it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Users {
    states: HashMap<u64, Arc<UserState>, FixedState>,
    /// Handle to user ids.
    persons: HashMap<Arc<str>, BTreeSet<u64>, FixedState>,
    /// User id to handle.
    handles: HashMap<u64, Arc<str>, FixedState>,
    /// Users with an erasure, and up to when by `received_at`.
    erased: HashMap<u64, i64, FixedState>,
}

impl Users {
    /// Changes the state of a user, and who they belong to accordingly.
    pub(crate) fn change<T>(&mut self, user: u64, change: impl FnOnce(&mut UserState) -> T) -> T {
        let state = Arc::make_mut(self.states.entry(user).or_default());
        let result = change(state);
        if let Some(at) = state.erased_at() {
            self.erased.insert(user, at.0);
        }
        let handle: Option<Arc<str>> = state.handle().map(Arc::from);
        if self.handles.get(&user) != handle.as_ref() {
            if let Some(old) = self.handles.remove(&user)
                && let Some(members) = self.persons.get_mut(&old)
            {
                members.remove(&user);
                if members.is_empty() {
                    self.persons.remove(&old);
                }
            }
            if let Some(handle) = handle {
                self.persons.entry(handle.clone()).or_default().insert(user);
                self.handles.insert(user, handle);
            }
        }
        result
    }

    pub(crate) fn state(&self, user: u64) -> Option<&UserState> {
        self.states.get(&user).map(Arc::as_ref)
    }

    /// All users with a state.
    pub(crate) fn states(&self) -> impl Iterator<Item = (u64, &UserState)> {
        self.states.iter().map(|(user, state)| (*user, state.as_ref()))
    }

    /// The handle of the person that a user id belongs to.
    pub(crate) fn handle(&self, user: u64) -> Option<&str> {
        self.handles.get(&user).map(AsRef::as_ref)
    }

    /// The user ids of each person.
    pub(crate) fn persons(&self) -> impl Iterator<Item = &BTreeSet<u64>> {
        self.persons.values()
    }

    /// The user ids of the person that `user` belongs to.
    pub(crate) fn person_of(&self, user: u64) -> Option<&BTreeSet<u64>> {
        self.handles.get(&user).and_then(|handle| self.persons.get(handle))
    }

    /// Up to when the messages of a user are erased, by `received_at`.
    pub(crate) fn erased_at(&self, user: u64) -> Option<i64> {
        if self.erased.is_empty() { None } else { self.erased.get(&user).copied() }
    }

    fn members(&self, user: u64) -> impl Iterator<Item = &UserState> + Clone {
        let person = self.person_of(user);
        let alone = person.is_none().then_some(user);
        person.into_iter().flatten().copied().chain(alone).filter_map(|member| self.state(member))
    }

    /// The current value of a property of the person that `user` belongs to.
    pub(crate) fn property(&self, user: u64, name: &str) -> Option<&Value<'static>> {
        UserState::property(self.members(user), name)
    }

    /// All current properties of the person that `user` belongs to.
    pub(crate) fn properties(&self, user: u64) -> Properties<'static> {
        UserState::properties(self.members(user))
    }

    /// The names of all properties in use.
    pub(crate) fn property_names(&self) -> BTreeSet<String> {
        self.states.values().flat_map(|state| state.property_names()).map(str::to_owned).collect()
    }
}
